/** A product never proven on this station runs one unit at a time until one is. */
import { expect, it } from 'vitest'
import { hours, type JobId } from '#shared'
import { SeatDesk } from '../../src/main/bench/seat-desk.ts'
import { VendorClock } from '../../src/main/bench/vendor-clock.ts'
import { accountFor, openJob, type DispatchSettings } from '../../src/main/line/05-dispatch.ts'
import { CAMERA, GATEWAY, LedgerBench } from '../helpers/ledger.ts'

class Bench extends LedgerBench {
  readonly seats = new SeatDesk(this.ledger, new VendorClock(this.clock, this.ledger), { quota: { accountPerDay: 100, productPerDay: 100 }, settleMs: hours(1) })
  readonly settings: DispatchSettings
  constructor(isFirstAlone: boolean) {
    super()
    this.settings = { take: 'all', accounts: () => [{ id: 'house', region: 'EU', products: [] }], isDenied: () => false, isFirstAlone }
  }
  open(name: string, product = GATEWAY): JobId | string {
    const unit = this.ledger.unit(this.meet(name, { product }))
    if (!unit) throw new Error('it was just met')
    const opened = this.ledger.commit(tx => openJob({ tx, ledger: this.ledger, seats: this.seats, now: this.clock.now(), settings: this.settings }, unit, product, null))
    return typeof opened === 'string' ? opened : opened.code
  }
  close(job: JobId, outcome: 'proven' | 'unproven'): void {
    const { unit } = this.ledger.job(job) ?? {}
    if (unit) this.tell(unit, job, { kind: 'job.closed', outcome, grade: outcome === 'proven' ? 'B' : null, fault: null, provenAt: null })
  }
}
const isOpen = (opened: JobId | string): opened is JobId => !opened.includes('.')

it('the second waits for the verdict of the first, and for as long as none is proven', () => {
  using bench = new Bench(true)
  const first = bench.open('u1')
  expect(isOpen(first)).toBe(true)
  expect(bench.open('u2')).toBe('product.first-alone')
  expect(isOpen(bench.open('c1', CAMERA))).toBe(true) // another product has its own first
  if (isOpen(first)) bench.close(first, 'unproven')
  const second = bench.open('u3')
  expect(isOpen(second)).toBe(true)
  expect(bench.open('u4')).toBe('product.first-alone')
  if (isOpen(second)) bench.close(second, 'proven')
  expect([bench.open('u5'), bench.open('u6')].map(isOpen)).toEqual([true, true])
})

it('the first wave of a product has one camera', () => {
  using bench = new Bench(true)
  const desk = { ledger: bench.ledger, seats: bench.seats, settings: bench.settings }
  expect(accountFor(desk, CAMERA)).toEqual({ account: 'house', region: 'EU', seats: 1 })
  const first = bench.open('c1', CAMERA)
  expect(accountFor(desk, CAMERA)).toEqual({ code: 'product.first-alone', context: { product: CAMERA } })
  if (isOpen(first)) bench.close(first, 'proven')
  expect(accountFor(desk, CAMERA)).toEqual({ account: 'house', region: 'EU', seats: 99 })
})

it('can be switched off', () => {
  using bench = new Bench(false)
  expect([bench.open('u1'), bench.open('u2')].map(isOpen)).toEqual([true, true])
})
