/**
 * The day's quota: 100 unbinds an account, 100 a product, until the vendor raises them (facts/unbinding.md, "Limits"). Where
 * the day begins is unknown, so a sliding window of 24 hours is counted until it is learnt (domain/vendor-day.ts): no calendar
 * day can hold more than some 24-hour window does (facts/store-and-sync.md 2.3). A seat is reserved with the job and spent with
 * the ask; it goes back only when nothing was asked, or when the cloud's own list leaves the unit out. The vendor's "over
 * quota" always wins.
 */
import type { FaultCode, Instant } from '#shared'

export type QuotaScope = 'account' | 'product'
/** What the vendor granted on a ticket: for one account, or for one product. */
export interface QuotaRaise { readonly account?: string | undefined; readonly product?: string | undefined; readonly perDay: number }
export interface QuotaSettings {
  readonly accountPerDay: number
  readonly productPerDay: number
  readonly raises?: readonly QuotaRaise[]
  /** Where the vendor's day begins, in minutes after 00:00 UTC, once somebody has found out: it overrides what was learnt. null: nobody knows. */
  readonly dayStartMinutes?: number | null
}
export type SeatState = 'reserved' | 'spent' | 'returned'
export interface QuotaUse { readonly spent: number; readonly reserved: number }
/** The vendor said "over quota" when we had counted `used` seats of this bucket; the ask it refused was of `askedAt`. */
export interface BucketMark { readonly at: Instant; readonly used: number; readonly askedAt?: Instant }
/** One bucket as it stands: nothing above `cap` is handed out. */
export interface Bucket extends QuotaUse { readonly cap: number; readonly left: number; readonly refusedAt: Instant | null }

export function capOf(settings: QuotaSettings, scope: QuotaScope, key: string): number {
  const raise = settings.raises?.findLast(r => r[scope] === key)
  return raise?.perDay ?? (scope === 'account' ? settings.accountPerDay : settings.productPerDay)
}

/** While a refusal lies inside the window, the bucket holds no more than had been used by then: others may share it. */
export function assessBucket(use: QuotaUse, cap: number, mark: BucketMark | null, since: Instant): Bucket {
  const isMarked = mark !== null && mark.at > since
  const most = isMarked ? Math.min(cap, mark.used) : cap
  return { ...use, cap: most, left: Math.max(0, most - use.spent - use.reserved), refusedAt: isMarked ? mark.at : null }
}

/** Why no seat can be had, or null when one can. */
export function assessSeat(account: Bucket, product: Bucket): FaultCode | null {
  if (account.left < 1) return 'quota.account-spent'
  return product.left < 1 ? 'quota.product-spent' : null
}

export const isQuotaFault = (code: FaultCode | undefined): boolean => code === 'quota.account-spent' || code === 'quota.product-spent' || code === 'quota.gap'
