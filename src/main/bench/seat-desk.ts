/**
 * The desk for the day's seats: how many are left for an account and a product, by vendor time; what the vendor's own "over
 * quota" made of a bucket; and which seats may come back, because the cloud's list of a dead token leaves their unit out.
 */
import { minutes, type FaultView, type Instant, type JobId, type Millis, type TokenId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import { bucketKey } from '../domain/mark.ts'
import { assessBucket, assessSeat, capOf, type Bucket, type BucketMark, type QuotaScope, type QuotaSettings } from '../domain/quota.ts'
import { doubtDay, learnDay, toldDay, usableDay, windowStart, type DayWindow, type LearntDay } from '../domain/vendor-day.ts'
import type { Clock } from '../ports.ts'
import { every } from './clockwork.ts'
import type { TokenResult } from './cloud.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import { matchResult } from './match-result.ts'
import { idIn, numberOf } from './numbers.ts'
import type { Scope } from './scope.ts'
import type { VendorClock } from './vendor-clock.ts'

export interface SeatSettings {
  readonly quota: QuotaSettings
  /** After the token's end, until the cloud's list counts as whole. */
  readonly settleMs: Millis
}
/** null: this token's source has no list, so that nothing can be concluded from it. */
export type AskList = (token: TokenId, signal: AbortSignal) => Promise<readonly TokenResult[] | null>

const SWEEP = minutes(1)
/** A list that could not be had is asked for each minute at first; later so often, for as long as its seats count. */
const LIST_TRIES_QUICK = 10
const LIST_AGAIN = minutes(10)

export class SeatDesk {
  readonly #ledger: Ledger
  readonly #vendor: VendorClock
  readonly #settings: SeatSettings
  #stop: () => FaultView | null = () => null
  /** Tokens whose lists were asked for in this run: how often in vain, and not again before. */
  readonly #asked = new Map<TokenId, { readonly tries: number; readonly notBefore: Instant }>()

  constructor(ledger: Ledger, vendor: VendorClock, settings: SeatSettings) {
    this.#ledger = ledger
    this.#vendor = vendor
    this.#settings = settings
  }

  /** Nobody gets a seat while `why` says something. */
  stopWhile(why: () => FaultView | null): void { this.#stop = why }

  get vendorNow(): Instant { return this.#vendor.now() }
  /** No seat spent before this counts anywhere. */
  get windowStart(): Instant { return windowStart(this.#vendor.now()) }

  bucket(scope: QuotaScope, key: string): Bucket {
    const since = windowStart(this.#vendor.now(), this.#dayOf(scope, key))
    return assessBucket(this.#ledger.quotaUse(scope, key, since), capOf(this.#settings.quota, scope, key), this.#markOf(scope, key), since)
  }

  /** What was learnt of the vendor's day, with how; null: nothing yet. */
  learnt(scope: QuotaScope, key: string): LearntDay | null { return this.#ledger.mark('day', bucketKey(scope, key)) }
  /** Whether a person has set where the day begins, in minutes after 00:00 UTC. */
  get toldMinutes(): number | null { return this.#settings.quota.dayStartMinutes ?? null }

  /** What the vendor grants a day. */
  cap(scope: QuotaScope, key: string): number { return capOf(this.#settings.quota, scope, key) }

  /** Why no seat can be had; null: one can. */
  fault(account: string, product: string): FaultView | null {
    const stop = this.#stop()
    if (stop) return stop
    if (this.#gapIn('account', account) !== null || this.#gapIn('product', product) !== null) return { code: 'quota.gap', context: { account, product } }
    const code = assessSeat(this.bucket('account', account), this.bucket('product', product))
    return code === null ? null : { code, context: { account, product } }
  }

  left(account: string, product: string): number {
    return Math.min(this.bucket('account', account).left, this.bucket('product', product).left)
  }

  /** The vendor is right: the bucket holds no more than we have counted in it until the window moves. */
  refused(code: 'quota.account-spent' | 'quota.product-spent', job: Pick<Job, 'uid' | 'account' | 'product'>): void {
    const scope = code === 'quota.account-spent' ? 'account' : 'product'
    const key = job[scope]
    const now = this.#vendor.now()
    const before = this.#ledger.mark('quota', bucketKey(scope, key))
    if (before && now - before.at < SWEEP) return // a wave is refused as a whole
    const day = this.#dayOf(scope, key)
    const used = this.#ledger.quotaUse(scope, key, windowStart(now, day)).spent
    const askedAt = this.#spentAt(job.uid) ?? now - SWEEP // a token that is refused was asked for just now
    this.#ledger.append({ body: { kind: 'quota.refused', scope, key, used, vendorAt: now, askedAt } })
    const learnt = this.learnt(scope, key)
    if (learnt === null || usableDay(learnt) === null || this.toldMinutes !== null) return
    const { spent, reserved } = this.#ledger.quotaUse(scope, key, windowStart(now))
    if (spent + reserved <= this.cap(scope, key)) return // it would have been asked without the learnt day as well: others share the bucket
    this.#ledger.append({ body: { kind: 'quota.learnt', scope, key, day: doubtDay(learnt), vendorAt: now } })
  }

  /** The vendor has served the job: where its bucket had been over quota before the ask, the day began in between. */
  accepted(job: Pick<Job, 'uid' | 'account' | 'product'>): void {
    if (!this.#vendor.isKnown) return // learnt by vendor time only
    const spentAt = this.#spentAt(job.uid)
    const now = this.#vendor.now()
    for (const scope of ['account', 'product'] as const) {
      const key = job[scope]
      const mark = this.#ledger.mark('quota', bucketKey(scope, key))
      const before = this.learnt(scope, key)
      if (mark?.askedAt === undefined || spentAt === null || spentAt <= mark.at || mark.at <= (before?.acceptedAt ?? 0)) continue
      const day = learnDay(before, mark.askedAt, now)
      if (day !== null) this.#ledger.append({ body: { kind: 'quota.learnt', scope, key, day, vendorAt: now } })
    }
  }

  /** A person's word, then what was learnt; null: any 24 hours. */
  #dayOf(scope: QuotaScope, key: string): DayWindow | null {
    const told = this.toldMinutes
    return told === null ? usableDay(this.learnt(scope, key)) : toldDay(told)
  }

  /** When a backup was restored inside this bucket's day: what was spent after it is not known, so all of it counts as spent. */
  #gapIn(scope: QuotaScope, key: string): Instant | null {
    const gap = this.#ledger.mark('gap', 'bench')
    return gap !== null && gap.at > windowStart(this.#vendor.now(), this.#dayOf(scope, key)) ? gap.at : null
  }

  /** A refusal of the day before the one we are sure of holds nothing back any more. */
  #markOf(scope: QuotaScope, key: string): BucketMark | null {
    const gap = this.#gapIn(scope, key)
    if (gap !== null) return { at: gap, used: 0 }
    const mark = this.#ledger.mark('quota', bucketKey(scope, key))
    const learnt = this.toldMinutes === null ? this.learnt(scope, key) : null
    return mark !== null && learnt !== null && usableDay(learnt) !== null && learnt.acceptedAt > mark.at ? null : mark
  }

  /** By the vendor's clock; null: not spent. */
  #spentAt(job: JobId): Instant | null {
    return this.#ledger.db.all<{ at: number }>("SELECT at FROM seat WHERE job = ? AND state = 'spent'", [numberOf(this.#ledger.db, job)])[0]?.at ?? null
  }

  /** Looks again and again for seats that may come back. */
  start(scope: Scope, clock: Clock, log: Log, ask: AskList): void {
    const onFault = (fault: Fault): void => log.fault('seats could not be settled', fault)
    scope.spawn(signal => every(clock, SWEEP, () => this.settle(clock.now(), ask, signal), onFault, signal), onFault)
  }

  /**
   * Returns the seats of closed, unproven jobs whose token is long dead and whose unit the cloud's list leaves out, or names
   * for a later ask. A row that names nobody we know may be any of them: then every seat stays.
   */
  async settle(now: Instant, ask: AskList, signal: AbortSignal): Promise<void> {
    const since = this.windowStart
    const rows = this.#ledger.db.all<{ job: JobId; token: TokenId; expires_at: number }>(
      `SELECT ${idIn('s.job')} AS job, t.uid AS token, t.expires_at FROM seat s INDEXED BY seat_at CROSS JOIN job j ON j.n = s.job JOIN id ON id.n = j.token JOIN token t ON t.uid = id.text
       WHERE s.state = 'spent' AND s.at > ? AND j.outcome = 'unproven'`, [since])
    const due = Map.groupBy(rows.filter(r => now > this.#endOf(r.job, r.expires_at) + this.#settings.settleMs), r => r.token)
    for (const [token, jobs] of due) {
      const { tries, notBefore } = this.#asked.get(token) ?? { tries: 0, notBefore: 0 }
      if (now < notBefore) continue
      const lists = await this.#lists(token, jobs.map(j => j.job), ask, signal).catch((thrown: unknown) => {
        if (signal.aborted) throw thrown
        this.#asked.set(token, { tries: tries + 1, notBefore: now + (tries + 1 < LIST_TRIES_QUICK ? 0 : LIST_AGAIN) })
        return null
      })
      if (lists === null) continue
      this.#asked.set(token, { tries, notBefore: Infinity })
      if (lists === 'none') continue
      const named = lists.map(row => matchResult(this.#ledger, row))
      if (named.includes(null)) continue
      for (const { job } of jobs) this.#giveBack(job, new Set(named))
    }
  }

  /** All their lists count, and the last one to end. */
  #endOf(job: JobId, expiresAt: Instant): Instant {
    return Math.max(expiresAt, ...this.#ledger.tokensOf(job).map(token => this.#ledger.token(token)?.expiresAt ?? 0))
  }

  async #lists(token: TokenId, jobs: readonly JobId[], ask: AskList, signal: AbortSignal): Promise<readonly TokenResult[] | 'none'> {
    const all: TokenResult[] = []
    for (const each of new Set([token, ...jobs.flatMap(job => this.#ledger.tokensOf(job))])) {
      const list = await ask(each, signal)
      if (list === null) return 'none'
      all.push(...list)
    }
    return all
  }

  /** Asked again with the same token, one row of its list is one seat: that of the last ask. */
  #isAnothers(job: Job): boolean {
    return job.token !== null && job.wave === null && this.#ledger.jobsOfToken(job.token).some(other => other.unit === job.unit && (other.askedAt ?? 0) > (job.askedAt ?? 0) && this.#ledger.seatOf(other.uid) === 'spent')
  }

  #giveBack(uid: JobId, named: ReadonlySet<unknown>): void {
    this.#ledger.commit(tx => {
      const job = this.#ledger.job(uid)
      if (!job || job.outcome !== 'unproven' || this.#ledger.seatOf(uid) !== 'spent' || (named.has(job.unit) && !this.#isAnothers(job))) return
      tx.append({ unit: job.unit, job: uid, body: { kind: 'seat.returned', account: job.account, product: job.product } })
    })
  }
}
