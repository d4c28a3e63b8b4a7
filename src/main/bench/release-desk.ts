/**
 * *Bound to us*: a unit that answered an ordinary pairing token belongs to our own account until the release call has gone
 * through. The state lies in the ledger, so it survives a crash; it is worked off again and again until nothing is left.
 */
import { minutes, seconds, type Instant, type TokenId, type UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import type { AccountBook } from './account-book.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

const SWEEP = seconds(5)
const REST = minutes(1)

/** Ours for now: written down once, let go by the desk. */
export function keepBound(ledger: Ledger, uid: UnitId, token: TokenId, deviceId: string | null): void {
  const unit = ledger.unit(uid)
  const account = ledger.token(token)?.account
  const isKnown = unit?.boundToUs !== undefined || unit?.evidence.some(e => e.kind === 'cloud-released' && e.deviceId === deviceId) === true
  if (unit && account !== undefined && deviceId !== null && !isKnown) ledger.append({ unit: uid, body: { kind: 'unit.bound', account, deviceId } })
}

export class ReleaseDesk {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #book: AccountBook
  readonly #restUntil = new Map<string, number>()

  constructor(clock: Clock, ledger: Ledger, log: Log, book: AccountBook) {
    this.#clock = clock
    this.#ledger = ledger
    this.#log = log
    this.#book = book
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('a release failed', fault)
    scope.spawn(signal => every(this.#clock, SWEEP, () => this.sweep(signal), onFault, signal), onFault)
  }

  /** Tries each unit that is bound to us once; one that failed rests for a minute. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const unit of this.#ledger.unitsBoundToUs()) {
      if (signal.aborted) return
      if ((this.#restUntil.get(unit.uid) ?? 0) > this.#clock.monotonic()) continue
      try {
        await this.#release(unit, signal)
        this.#restUntil.delete(unit.uid)
      } catch (thrown) {
        if (signal.aborted) return
        this.#restUntil.set(unit.uid, this.#clock.monotonic() + REST)
        this.#log.fault('a unit is still bound to us', Fault.from(thrown), { unit: unit.uid })
      }
    }
  }

  async #release(unit: Unit, signal: AbortSignal): Promise<void> {
    const bound = unit.boundToUs
    if (!bound) return
    const client = this.#book.client(bound.account)
    const how = this.#book.find(bound.account)?.release ?? 'none'
    if (!client || how === 'none') throw new Fault('account.unknown', { account: bound.account })
    const tid = await client.release(bound.deviceId, how, signal)
    const at: Instant = this.#clock.now()
    this.#ledger.commit(tx => {
      const about = { unit: unit.uid, ...(unit.job === null ? {} : { job: unit.job }) }
      tx.append({ ...about, body: { kind: 'unit.unbound', account: bound.account, deviceId: bound.deviceId, tid } })
      tx.append({ ...about, body: { kind: 'unit.seen', evidence: { kind: 'cloud-released', at, tid, deviceId: bound.deviceId } } })
    })
  }
}
