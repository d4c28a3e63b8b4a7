/**
 * Step 05: a unit to an unbind job. Account, quota seat and job are reserved together or not at all, inside one transaction.
 * A unit that was asked in this stay is never asked again by itself; trying again is an operator's act and a new job.
 */
import { hours, type FaultView, type JobId, type UnitId, type WaveId } from '#shared'
import type { Ledger, Tx } from '../bench/ledger.ts'
import { ATTEMPTS_MAX } from '../domain/job.ts'
import { assessSeat, windowStart, type QuotaSettings } from '../domain/quota.ts'
import type { Unit } from '../domain/unit.ts'
import type { Instant } from '#shared'

export interface DispatchSettings {
  readonly take: 'all' | 'scanned'
  readonly quota: QuotaSettings
  /** Accounts in the order they are used; `products` empty means the cloud decides. */
  readonly accounts: readonly { readonly id: string; readonly products: readonly string[] }[]
}
export interface DispatchDesk { readonly tx: Tx; readonly ledger: Ledger; readonly now: Instant; readonly settings: DispatchSettings }

/** A proven unit scanned later than this is a repeat return, not the same stay. */
const REPEAT_AFTER = hours(12)

export type Reluctance = 'not-here' | 'held' | 'busy' | 'unknown-product' | 'not-scanned' | 'done' | 'attempts'

/**
 * Why the station opens no job for this unit; null: it does. A scan after the last verdict is a person's wish. What was
 * asked once is never asked again without that wish, also not in a later stay: it is only asked about.
 */
export function assessUnit(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>, unit: Unit): Reluctance | null {
  if (unit.hold) return 'held'
  if (!unit.isHere) return 'not-here'
  if (unit.product === null) return 'unknown-product'
  const last = desk.ledger.job(unit.job)
  if (last && last.stage !== 'closed') return 'busy'
  const isWished = unit.scannedAt !== null && unit.scannedAt > (last?.closedAt ?? 0)
  if (last?.outcome === 'proven' && !isRepeat(desk, last.closedAt ?? 0, unit, isWished)) return 'done'
  if (unit.attemptsThisStay >= ATTEMPTS_MAX) return 'attempts'
  if (last && !isWished && last.outcome !== 'proven' && (last.askedAt !== null || unit.attemptsThisStay > 0)) return 'done'
  if (desk.settings.take === 'scanned' && !isWished) return 'not-scanned'
  return null
}

/** Opens a job with its seat; the fault says why no seat could be had. */
export function openJob(desk: DispatchDesk, unit: Unit, product: string, wave: { readonly uid: WaveId; readonly account: string } | null): JobId | FaultView {
  const account = wave ? wave.account : null
  let why: FaultView = { code: 'cloud.no-permission', context: { product } }
  for (const candidate of desk.settings.accounts) {
    if (account !== null && candidate.id !== account) continue
    if (candidate.products.length > 0 && !candidate.products.includes(product)) continue
    const refusal = seatFault(desk, candidate.id, product)
    if (refusal === null) return open(desk, unit, candidate.id, product, wave?.uid ?? null)
    why = refusal
  }
  return why
}

/** The first account with a free seat for the product; `only`: the one somebody chose. */
export function accountFor(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>, product: string, only: string | null = null): { readonly account: string; readonly seats: number } | FaultView {
  let why: FaultView = { code: 'cloud.no-permission', context: { product } }
  for (const { id, products } of desk.settings.accounts) {
    if (only !== null && id !== only) continue
    if (products.length > 0 && !products.includes(product)) continue
    const refusal = seatFault(desk, id, product)
    if (refusal === null) return { account: id, seats: seatsLeft(desk, id, product) }
    why = refusal
  }
  return why
}

function open(desk: DispatchDesk, unit: Unit, account: string, product: string, wave: WaveId | null): JobId {
  const job = desk.ledger.newId() as JobId // made here and nowhere else
  const about: { unit: UnitId; job: JobId } = { unit: unit.uid, job }
  desk.tx.append({ ...about, body: { kind: 'job.opened', attempt: unit.attemptsThisStay + 1, method: unit.method, account, product, wave } })
  desk.tx.append({ ...about, body: { kind: 'seat.reserved', account, product } })
  return job
}

function seatFault(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>, account: string, product: string): FaultView | null {
  const since = windowStart(desk.now)
  const code = assessSeat(desk.ledger.quotaUse('account', account, since), desk.ledger.quotaUse('product', product, since), desk.settings.quota)
  return code === null ? null : { code, context: { account, product } }
}

function seatsLeft(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>, account: string, product: string): number {
  const since = windowStart(desk.now)
  const left = (scope: 'account' | 'product', key: string, cap: number): number => {
    const use = desk.ledger.quotaUse(scope, key, since)
    return cap - use.spent - use.reserved
  }
  return Math.min(left('account', account, desk.settings.quota.accountPerDay), left('product', product, desk.settings.quota.productPerDay))
}

/** Bound again since its release: seen activated in a later stay, or brought and scanned on another day. */
function isRepeat(desk: Pick<DispatchDesk, 'now'>, closedAt: Instant, unit: Unit, isWished: boolean): boolean {
  if (unit.stayAt <= closedAt) return isWished && desk.now - closedAt > REPEAT_AFTER
  return unit.readiness === 'activated' || (isWished && desk.now - closedAt > REPEAT_AFTER)
}
