/** Waiting, in the few forms the station needs. Every wait has a signal, a deadline and a speaking time-out. */
import { millis, type FaultCode, type Millis } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import type { Clock, Entropy } from '../ports.ts'

/** Runs `work` under a deadline of its own; on expiry the work's signal aborts with the fault named by `code`. */
export async function withDeadline<T>(
  clock: Clock, ms: Millis, code: FaultCode, context: FaultContext, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal
): Promise<T> {
  signal.throwIfAborted()
  const own = new AbortController()
  const pass = (): void => own.abort(signal.reason)
  signal.addEventListener('abort', pass, { once: true })
  using _timer = clock.after(ms, () => own.abort(new Fault(code, { ...context, afterMs: ms })))
  try {
    return await work(own.signal)
  } catch (thrown) {
    throw own.signal.aborted ? own.signal.reason : thrown
  } finally {
    signal.removeEventListener('abort', pass)
  }
}

/** Calls `work` now and again `ms` after each end, until the signal aborts. A round that fails is told; the next one comes. */
export async function every(clock: Clock, ms: Millis, work: () => void | Promise<void>, onFault: (fault: Fault) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
    } catch (thrown) {
      if (!signal.aborted) onFault(Fault.from(thrown))
    }
    await clock.sleep(ms, signal).catch(() => undefined)
  }
}

/** Full jitter (facts/store-and-sync.md 2.2.4): a random wait below min(cap, base x 2^n). */
export function backOff(entropy: Entropy, n: number, baseMs: Millis, capMs: Millis): Millis {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(n, 30))
  return millis(Math.floor(randomFraction(entropy) * ceiling))
}

/** 0 <= x < 1, from the entropy port. */
export function randomFraction(entropy: Entropy): number {
  const b = entropy.bytes(4)
  return new DataView(b.buffer, b.byteOffset, 4).getUint32(0) / 2 ** 32
}

/** A queue with a maximum: a socket callback offers, a loop takes at its own pace. What does not fit is counted, not kept. */
export class Mailbox<T> {
  readonly #items: T[] = []
  readonly #max: number
  readonly #onAbort = (): void => { this.#wake?.() }
  #wake: (() => void) | null = null
  #followed: AbortSignal | null = null
  dropped = 0

  constructor(max: number) {
    this.#max = max
  }

  offer(item: T): void {
    if (this.#items.length >= this.#max) this.dropped += 1
    else this.#items.push(item)
    this.#wake?.()
  }

  /** The next item if there is one. */
  poll(): T | undefined {
    return this.#items.shift()
  }

  /** The next item; rejects with the signal's reason when it aborts first. */
  async take(signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted()
      const item = this.poll()
      if (item !== undefined) return item
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      this.#follow(signal)
      await promise
      this.#wake = null
    }
  }

  /** One ear on the signal for all waits: a mailbox waits thousands of times a second. */
  #follow(signal: AbortSignal): void {
    if (this.#followed === signal) return
    this.#followed?.removeEventListener('abort', this.#onAbort)
    this.#followed = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }
}

/** Listeners of an instrument; one that throws does not take the others down. */
export class Listeners<T> {
  readonly #fns = new Set<(value: T) => void>()

  on(fn: (value: T) => void): Disposable {
    this.#fns.add(fn)
    return { [Symbol.dispose]: () => { this.#fns.delete(fn) } }
  }

  tell(value: T, onFault: (fault: Fault) => void): void {
    for (const fn of this.#fns) {
      try { fn(value) } catch (thrown) { onFault(Fault.from(thrown)) }
    }
  }
}
