/**
 * Spares a far end that does not answer (facts/store-and-sync.md 2.2.5): after five transport failures in a row calls
 * fault at once; after 30 s, give or take half, one of them may try whether it is back.
 */
import { millis, seconds, type FaultCode, type Millis } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import type { Clock, Entropy } from '../ports.ts'
import { randomFraction } from './clockwork.ts'

const FAILURES_MAX = 5
const REST_MS = seconds(30)
const REST_SPREAD = 0.5

/** answered: the far end is there, whatever it said. failed: it is not. neither: we gave up ourselves. */
export type Verdict = 'answered' | 'failed' | 'neither'

export class Breaker {
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #code: FaultCode
  #failures = 0
  /** Monotonic; null: closed, calls pass. */
  #restUntil: number | null = null
  #isProbing = false

  constructor(clock: Clock, entropy: Entropy, code: FaultCode) {
    this.#clock = clock
    this.#entropy = entropy
    this.#code = code
  }

  get isOpen(): boolean {
    return this.#restUntil !== null
  }

  /** Runs `work`, or throws the fault at once while open. `judge` looks at what `work` threw. */
  async run<T>(work: () => Promise<T>, judge: (thrown: unknown) => Verdict, context: FaultContext): Promise<T> {
    const isProbe = this.#enter(context)
    try {
      const value = await work()
      this.#close()
      return value
    } catch (thrown) {
      const verdict = judge(thrown)
      if (verdict === 'answered') this.#close()
      else if (verdict === 'failed') this.#count(isProbe)
      throw thrown
    } finally {
      if (isProbe) this.#isProbing = false
    }
  }

  #enter(context: FaultContext): boolean {
    if (this.#restUntil === null) return false
    const left = Math.max(0, this.#restUntil - this.#clock.monotonic())
    if (left > 0 || this.#isProbing) throw new Fault(this.#code, { ...context, probeInMs: Math.ceil(left) })
    this.#isProbing = true
    return true
  }

  #count(isProbe: boolean): void {
    if (this.#restUntil !== null && !isProbe) return // a straggler from before the opening says nothing new
    this.#failures += 1
    if (this.#failures >= FAILURES_MAX) this.#restUntil = this.#clock.monotonic() + this.#restMs()
  }

  #close(): void {
    this.#failures = 0
    this.#restUntil = null
  }

  #restMs(): Millis {
    return millis(REST_MS * (1 - REST_SPREAD + 2 * REST_SPREAD * randomFraction(this.#entropy)))
  }
}
