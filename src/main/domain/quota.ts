/**
 * The day's quota: 100 unbinds an account, 100 a product (facts/unbinding.md, "Limits"). Where the day begins is unknown,
 * so a sliding window of 24 hours is counted: no calendar day can hold more than some 24-hour window does
 * (facts/store-and-sync.md 2.3). A seat is reserved with the job, spent with the ask, returned only when nothing was asked.
 */
import { hours, type FaultCode, type Instant } from '#shared'

export interface QuotaSettings { readonly accountPerDay: number; readonly productPerDay: number }
export type SeatState = 'reserved' | 'spent' | 'returned'
export interface QuotaUse { readonly spent: number; readonly reserved: number }

const WINDOW = hours(24)

/** Seats spent before this moment no longer count. */
export function windowStart(now: Instant): Instant {
  return now - WINDOW
}

/** Why no seat can be had, or null when one can. */
export function assessSeat(account: QuotaUse, product: QuotaUse, settings: QuotaSettings): FaultCode | null {
  if (account.spent + account.reserved >= settings.accountPerDay) return 'quota.account-spent'
  if (product.spent + product.reserved >= settings.productPerDay) return 'quota.product-spent'
  return null
}
