/**
 * One TCP connection to a unit, with an ear on it from its first moment. Whoever is called ahead of the token is called here:
 * the second before the first sending (facts/tuya.md 4.7) then passes while the token is fetched and the ask written down.
 */
import type { Millis } from '#shared'
import type { BytePipe, Clock } from '../ports.ts'
import type { Frame } from '../wire/lan-frame.ts'
import { Ear } from './handover-ear.ts'

export class Call implements AsyncDisposable {
  readonly pipe: BytePipe
  readonly ear: Ear
  /** Monotonic. */
  readonly openedAt: Millis
  /** The unit's answer, or null when the connection ends without one. Never rejects. */
  readonly answer: Promise<Frame | null>
  readonly #hungUp = new AbortController()
  #isOver = false

  constructor(pipe: BytePipe, keys: readonly Uint8Array[], openedAt: Millis) {
    this.pipe = pipe
    this.ear = new Ear(keys)
    this.openedAt = openedAt
    this.answer = this.#listen()
  }

  /** The unit has closed it and said nothing. */
  get isOver(): boolean { return this.#isOver }

  async #listen(): Promise<Frame | null> {
    const frame = await this.ear.listen(this.pipe, this.#hungUp.signal)
    this.#isOver = frame === null
    return frame
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hungUp.abort()
    await this.pipe[Symbol.asyncDispose]()
  }
}

/** A call somebody may still take; whoever does not in time finds it hung up. */
export class EarlyCall {
  readonly #end = new AbortController()
  readonly #call: Promise<Call | null>
  readonly #timer: Disposable
  readonly #onEnd: () => void
  readonly #signal: AbortSignal
  #isLeft = false

  /** `dial` resolves with null, or rejects, when the unit takes no connection. `onEnd`: it is taken, or hung up. */
  constructor(clock: Clock, keepMs: Millis, dial: (signal: AbortSignal) => Promise<Call | null>, onEnd: () => void, signal: AbortSignal) {
    this.#onEnd = onEnd
    this.#signal = signal
    this.#call = dial(this.#end.signal).catch(() => null)
    this.#timer = clock.after(keepMs, this.hangUp)
    signal.addEventListener('abort', this.hangUp, { once: true })
  }

  readonly hangUp = (): void => {
    if (!this.#leave()) return
    this.#end.abort()
    void this.#call.then(async call => { await call?.[Symbol.asyncDispose]() }).catch(() => undefined) // it is gone either way
  }

  /** The caller owns it from here on. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<Call | null> {
    this.#leave()
    const stop = (): void => this.#end.abort()
    signal.addEventListener('abort', stop, { once: true })
    const call = await this.#call
    signal.removeEventListener('abort', stop)
    if (!signal.aborted) return call
    await call?.[Symbol.asyncDispose]()
    throw signal.reason
  }

  #leave(): boolean {
    if (this.#isLeft) return false
    this.#isLeft = true
    this.#timer[Symbol.dispose]()
    this.#signal.removeEventListener('abort', this.hangUp)
    this.#onEnd()
    return true
  }
}
