/** Clock and Entropy from the machine: the only place where the real timers and the real dice are touched. */
import { randomFillSync } from 'node:crypto'
import { millis, type Instant, type Millis } from '#shared'
import type { Clock, Entropy } from '../ports.ts'

/** setTimeout fires at once beyond 2^31-1 ms; longer waits go in steps of a day. */
const STEP_MS_MAX = 86_400_000

export class LiveClock implements Clock {
  readonly world = 'live'
  readonly rate = 1

  now(): Instant {
    return Date.now()
  }

  monotonic(): Millis {
    return millis(performance.now())
  }

  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = (): void => {
      timer[Symbol.dispose]()
      reject(signal.reason)
    }
    const timer = this.after(ms, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener('abort', stop, { once: true })
    return promise
  }

  after(ms: Millis, fn: () => void): Disposable {
    const end = performance.now() + ms
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      timer = left > STEP_MS_MAX
        ? setTimeout(() => wait(end - performance.now()), STEP_MS_MAX)
        : setTimeout(fn, Math.max(0, left))
    }
    wait(ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  }
}

export class LiveEntropy implements Entropy {
  readonly world = 'live'

  bytes(n: number): Uint8Array<ArrayBuffer> {
    return randomFillSync(new Uint8Array(n))
  }
}
