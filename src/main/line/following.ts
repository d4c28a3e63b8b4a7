/**
 * What follows a committed fact, later and by itself: results are watched for, late proof raises a verdict, what has left is
 * forgotten, and whoever waits is looked at again.
 */
import { hours, minutes, type JobId, type TokenId, type UnitId, type WaveId } from '#shared'
import { every } from '../bench/clockwork.ts'
import type { TokenResult } from '../bench/cloud.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Log } from '../bench/log.ts'
import type { Presence } from '../bench/presence.ts'
import { keepBound } from '../bench/release-desk.ts'
import type { PolledResult, ResultPoll } from '../bench/result-poll.ts'
import type { Scope } from '../bench/scope.ts'
import type { Timing } from '../bench/timing.ts'
import type { Fact } from '../domain/fact.ts'
import type { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Evidence } from '../domain/outcome.ts'
import type { Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import { see } from './hearing.ts'
import { explainByLight } from './lights.ts'

export interface FollowingBench {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly log: Log
  readonly timing: Timing
  readonly presence: Presence
  readonly poll: ResultPoll
}

/** What the line does with it; only the line knows which step that is. */
export interface FollowingStreet {
  readonly consider: (unit: UnitId) => void
  readonly isWaiting: (unit: UnitId) => boolean
  readonly leave: (unit: Unit) => void
  /** Step 09. */
  readonly judgeResult: (token: TokenId, result: TokenResult) => { readonly unit: UnitId; readonly job: JobId | null; readonly evidence: Evidence } | null
  /** Step 10. */
  readonly raiseIfProven: (job: Job) => void
}

/** How long results are still asked for after an unproven verdict. */
const LATE_RESULTS = minutes(10)
/** More than a bench writes while a list is read again. */
const FACTS_LOOKED_AT = 20_000
/** A unit that nobody took away and nothing is heard of leaves the bench view after this. */
const FORGET_AFTER = hours(12)

export class Following {
  readonly #bench: FollowingBench
  readonly #street: FollowingStreet
  readonly #watches = new Map<JobId | WaveId, Disposable[]>()

  constructor(bench: FollowingBench, street: FollowingStreet) {
    this.#bench = bench
    this.#street = street
  }

  /** Goes on watching for the results of jobs that were open. */
  start(scope: Scope): void {
    const { ledger, clock, log, poll } = this.#bench
    scope.own(ledger.on(facts => { for (const fact of facts) this.#follow(fact) }))
    scope.own(() => { for (const watch of this.#watches.values()) for (const w of watch) w[Symbol.dispose]() })
    for (const job of ledger.openJobs()) this.#watchAgain(job.uid)
    for (const { uid } of ledger.jobsClosed(clock.now() - LATE_RESULTS).filter(j => j.outcome === 'unproven')) {
      this.#watchAgain(uid)
      this.keep(uid, clock.after(LATE_RESULTS, () => this.#unwatch(uid)))
    }
    poll.start(scope, polled => this.#result(polled))
    const onFault = (fault: Fault): void => log.fault('the line could not be swept', fault)
    scope.spawn(signal => every(clock, minutes(1), () => this.#sweep(), onFault, signal), onFault)
  }

  /** `watch` dies with its job or wave. */
  keep(key: JobId | WaveId, watch: Disposable): void {
    this.#watches.set(key, [...this.#watches.get(key) ?? [], watch])
  }

  #follow(fact: Fact): void {
    const { ledger } = this.#bench
    const { body } = fact
    if (body.kind === 'unbind.asked' && fact.job) this.#watch(fact.job, body.token)
    if (body.kind === 'wave.shown' && fact.wave) this.#watch(fact.wave, body.token)
    if (body.kind === 'wave.closed' && fact.wave) this.#unwatch(fact.wave)
    if (fact.unit && (body.kind === 'unit.seen' || body.kind === 'job.closed')) for (const job of ledger.unprovenJobs(fact.unit)) this.#street.raiseIfProven(job)
    if (body.kind === 'job.closed' && fact.job) this.#closed(fact.job, fact.unit ?? null, body.outcome)
    if (body.kind === 'unit.freed' && fact.unit) this.#street.consider(fact.unit)
  }

  #closed(job: JobId, uid: UnitId | null, outcome: Job['outcome']): void {
    const { ledger, clock, timing } = this.#bench
    explainByLight(ledger, ledger.job(job))
    if (outcome !== 'unproven') this.#unwatch(job)
    else this.keep(job, clock.after(LATE_RESULTS, () => this.#unwatch(job)))
    const unit = uid ? ledger.unit(uid) : null
    if (unit && outcome === 'proven') timing.proven(unit.uid, unit.product ?? '')
    if (unit?.method === 'qr' && outcome === 'proven') this.#street.leave(unit)
  }

  #watch(key: JobId | WaveId, token: TokenId): void {
    this.keep(key, this.#bench.poll.watch(token))
  }

  #watchAgain(job: JobId): void {
    for (const token of this.#bench.ledger.tokensOf(job)) this.#watch(job, token)
  }

  #unwatch(key: JobId | WaveId): void {
    for (const watch of this.#watches.get(key) ?? []) watch[Symbol.dispose]()
    this.#watches.delete(key)
  }

  #result({ token, result, isFirst }: PolledResult): boolean {
    const { ledger } = this.#bench
    const judged = this.#street.judgeResult(token, result)
    if (judged && result.isBound === true) keepBound(ledger, judged.unit, token, result.deviceId)
    else if (judged && !isSaid(ledger.unit(judged.unit), judged.evidence)) see(ledger, judged.unit, judged.evidence, judged.job)
    else if (judged === null && isFirst && !this.#isOnRecord(token, result)) {
      const { ok, deviceId, uuid, code, tid } = result
      ledger.append({ body: { kind: 'result.unmatched', token, ok, deviceId, uuid, code, tid } })
    }
    return judged !== null
  }

  /** A list that is read again after a restart brings rows that somebody may have linked or dismissed since. */
  #isOnRecord(token: TokenId, { ok, deviceId, uuid, code }: TokenResult): boolean {
    const { ledger } = this.#bench
    return ledger.db.all<{ body: string }>("SELECT body FROM fact WHERE seq > ? AND kind = 'result.unmatched'", [ledger.lastSeq - FACTS_LOOKED_AT]).some(row => {
      const said = JSON.parse(row.body) as Extract<Fact['body'], { kind: 'result.unmatched' }> // written by the ledger
      return said.token === token && said.ok === ok && said.deviceId === deviceId && said.uuid === uuid && said.code === code
    })
  }

  /** Seats come back with the day; forgotten units leave. */
  #sweep(): void {
    const { ledger, clock, presence } = this.#bench
    for (const unit of ledger.unitsHere()) {
      const job = ledger.job(unit.job)
      const closedAt = job?.closedAt ?? (job === null ? unit.metAt : null)
      const heardAt = presence.heardAt(unit.uid) ?? unit.scannedAt ?? unit.metAt
      if (closedAt !== null && clock.now() - Math.max(closedAt, heardAt) > FORGET_AFTER) this.#street.leave(unit)
      else if (this.#street.isWaiting(unit.uid) || unit.postponedAt !== undefined) this.#street.consider(unit.uid)
    }
  }
}

/** The same row of the same list, read again after a restart. */
function isSaid(unit: Unit | null, news: Evidence): boolean {
  return news.kind === 'cloud-released' && unit?.evidence.some(e => e.kind === 'cloud-released' && e.token === news.token && e.deviceId === news.deviceId) === true
}
