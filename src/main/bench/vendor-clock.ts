/**
 * What time it is for the vendor, whose day the quota is (facts/store-and-sync.md 2.3). Every answer of the cloud carries it;
 * from there the monotonic clock counts on, so that no setting of this computer's clock opens a fresh day. Until the cloud
 * has spoken in this run, time stands where the last seat was spent.
 */
import type { Instant } from '#shared'
import type { Clock } from '../ports.ts'
import type { Ledger } from './ledger.ts'

export class VendorClock {
  readonly #clock: Clock
  readonly #ledger: Pick<Ledger, 'lastSpentAt'>
  #heard: { readonly t: Instant; readonly at: number } | null = null
  /** False where no account could tell the time (relayed codes, files): then our own clock has to do. */
  isExpected = true

  constructor(clock: Clock, ledger: Pick<Ledger, 'lastSpentAt'>) {
    this.#clock = clock
    this.#ledger = ledger
  }

  /** `t`: the server's time at this moment. */
  heard(t: Instant): void {
    this.#heard = { t, at: this.#clock.monotonic() }
  }

  /** Monotonic time at which it was told last. */
  get heardAt(): number | null { return this.#heard?.at ?? null }

  get isKnown(): boolean {
    return this.#heard !== null
  }

  now(): Instant {
    if (this.#heard !== null) return Math.round(this.#heard.t + this.#clock.monotonic() - this.#heard.at)
    const last = this.#ledger.lastSpentAt()
    if (last === null) return this.#clock.now()
    return this.isExpected ? last : Math.max(last, this.#clock.now())
  }
}
