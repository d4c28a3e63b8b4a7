/** The few waits the virtual world needs. It may not look into `bench`, whose waits belong to the station under test. */
import type { Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'

/** A bounded inbox: a socket callback offers, a loop takes with a time limit. */
export class Mail<T> {
  readonly #items: T[] = []
  readonly #max: number
  #wake: (() => void) | null = null

  constructor(max: number) {
    this.#max = max
  }

  offer(item: T): void {
    if (this.#items.length < this.#max) this.#items.push(item)
    this.#wake?.()
  }

  /** The next item, or null after `ms`; rejects with the signal's reason when it aborts first. */
  async take(clock: Clock, ms: Millis, signal: AbortSignal): Promise<T | null> {
    signal.throwIfAborted()
    const ready = this.#items.shift()
    if (ready !== undefined) return ready
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#wake = wake
    signal.addEventListener('abort', wake, { once: true })
    using _timer = clock.after(ms, wake)
    await promise
    this.#wake = null
    signal.removeEventListener('abort', wake)
    signal.throwIfAborted()
    return this.#items.shift() ?? null
  }
}

/** A lifetime inside another: ends with it, or earlier; unlinks itself when it ends. */
export class Span implements Disposable {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  readonly #pass = (): void => { this.end() }

  constructor(outer: AbortSignal) {
    this.#outer = outer
    if (outer.aborted) this.end()
    else outer.addEventListener('abort', this.#pass, { once: true })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  end(): void {
    this.#outer.removeEventListener('abort', this.#pass)
    this.#abort.abort(new Fault('station.stopped'))
  }

  [Symbol.dispose](): void {
    this.end()
  }
}

/** Resolves, never rejects, when the signal aborts. */
export function ended(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  else signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}
