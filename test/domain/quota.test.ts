/** A seat is had while account and product both have one left in the last 24 hours. */
import { expect, it } from 'vitest'
import { hours, minutes } from '#shared'
import { assessBucket, assessSeat, capOf } from '../../src/main/domain/quota.ts'
import { toldDay, windowStart } from '../../src/main/domain/vendor-day.ts'
import { GATEWAY, LedgerBench } from '../helpers/ledger.ts'

const CAPS = { accountPerDay: 3, productPerDay: 2 }
const use = (spent: number, reserved: number) => ({ spent, reserved })

it.each([
  ['nothing used', use(0, 0), use(0, 0), null],
  ['one left of each', use(1, 1), use(0, 1), null],
  ['the product is used up, reserved seats count', use(1, 1), use(1, 1), 'quota.product-spent'],
  ['the account is used up by spent seats', use(3, 0), use(0, 0), 'quota.account-spent'],
  ['the account is used up by reserved seats', use(0, 3), use(0, 0), 'quota.account-spent'],
  ['both are used up: the account is named, another product would not help', use(3, 0), use(2, 0), 'quota.account-spent'],
  ['more than the cap, as after lowering it', use(9, 9), use(0, 0), 'quota.account-spent']
])('%s', (_sentence, account, product, expected) => {
  expect(assessSeat(assessBucket(account, capOf(CAPS, 'account', 'house'), null, 0), assessBucket(product, capOf(CAPS, 'product', GATEWAY), null, 0))).toBe(expected)
})

it('what the vendor granted on a ticket counts for that account or product only, the last grant for good', () => {
  const settings = { ...CAPS, raises: [{ account: 'house', perDay: 500 }, { product: GATEWAY, perDay: 7 }, { account: 'house', perDay: 50 }] }
  expect([capOf(settings, 'account', 'house'), capOf(settings, 'account', 'b'), capOf(settings, 'product', GATEWAY), capOf(settings, 'product', 'house')]).toEqual([50, 3, 7, 2])
})

it("the vendor's word wins: after an 'over quota' the bucket holds no more than had been used by then, until the window has passed it", () => {
  const mark = { at: 1000, used: 2 }
  expect(assessBucket(use(2, 0), 3, mark, 999)).toMatchObject({ cap: 2, left: 0, refusedAt: 1000 })
  expect(assessBucket(use(1, 0), 3, mark, 999)).toMatchObject({ cap: 2, left: 1 })
  expect(assessBucket(use(2, 0), 3, mark, 1000)).toMatchObject({ cap: 3, left: 1, refusedAt: null })
  expect(assessBucket(use(9, 9), 3, null, 0).left).toBe(0)
})

it('where the day begins is told by hand, the window begins with the day, and nothing is trusted within 10 minutes of it', () => {
  const midnight = Date.UTC(2026, 0, 5)
  const at = (h: number, m: number): number => midnight + hours(h) + minutes(m)
  expect(windowStart(at(9, 0), toldDay(0))).toBe(midnight - minutes(10))
  expect(windowStart(at(0, 5), toldDay(0))).toBe(at(0, 5) - hours(24))
  expect(windowStart(at(16, 30), toldDay(16 * 60))).toBe(at(15, 50))
  expect(windowStart(at(15, 30), toldDay(16 * 60))).toBe(at(15, 50) - hours(24))
})

it('the window slides: a seat spent 24 hours ago is free again, one spent a moment later is not', () => {
  const now = 1_800_000_000_000
  expect(windowStart(now)).toBe(now - hours(24))
})

it('seats come back one by one, 24 hours after each was spent; a reserved one does not age', async () => {
  using bench = new LedgerBench()
  const { ledger, clock } = bench
  const spend = (n: number, isSpent: boolean): void => {
    const unit = bench.meet(`u${n}`)
    const job = bench.openJob(`j${n}`, unit)
    if (isSpent) bench.tell(unit, job, { kind: 'seat.spent', account: 'house', product: GATEWAY })
  }
  const used = () => ledger.quotaUse('account', 'house', windowStart(clock.now()))
  spend(1, true)
  await clock.advance(hours(1))
  spend(2, true)
  spend(3, false)
  expect(used()).toEqual(use(2, 1))
  await clock.advance(hours(23))
  expect(used()).toEqual(use(1, 1))
  await clock.advance(hours(1))
  expect(used()).toEqual(use(0, 1))
  expect(ledger.quotaUse('account', 'another', 0)).toEqual(use(0, 0))
  expect(ledger.quotaUse('product', GATEWAY, 0)).toEqual(use(2, 1))
})

it('a returned seat is free at once', () => {
  using bench = new LedgerBench()
  const unit = bench.meet('u')
  const job = bench.openJob('j', unit)
  bench.tell(unit, job, { kind: 'seat.returned', account: 'house', product: GATEWAY })
  expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual(use(0, 0))
  expect(bench.ledger.seatOf(job)).toBe('returned')
})
