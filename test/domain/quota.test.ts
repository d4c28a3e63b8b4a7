/** A seat is had while account and product both have one left in the last 24 hours. */
import { expect, it } from 'vitest'
import { hours } from '#shared'
import { assessSeat, windowStart } from '../../src/main/domain/quota.ts'
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
  expect(assessSeat(account, product, CAPS)).toBe(expected)
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
