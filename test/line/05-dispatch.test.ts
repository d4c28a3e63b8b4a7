/** Step 05: which unit gets a job, and that account, seat and job are reserved together or not at all. */
import { describe, expect, it } from 'vitest'
import { hours, type JobId, type UnitId } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { SeatDesk } from '../../src/main/bench/seat-desk.ts'
import { VendorClock } from '../../src/main/bench/vendor-clock.ts'
import type { FactBody } from '../../src/main/domain/fact.ts'
import type { QuotaSettings } from '../../src/main/domain/quota.ts'
import { accountFor, assessUnit, openJob, type DispatchAccount, type DispatchSettings } from '../../src/main/line/05-dispatch.ts'
import { CAMERA, GATEWAY, LedgerBench, tokenId, unitId, waveId } from '../helpers/ledger.ts'

const HOUSE: DispatchAccount = { id: 'house', region: 'EU', products: [] }
const TODAY = { account: 'house', product: GATEWAY }

class Bench extends LedgerBench {
  readonly settings: DispatchSettings
  readonly seats: SeatDesk
  constructor(settings: Partial<DispatchSettings> = {}, quota: Partial<QuotaSettings> = {}) {
    super()
    this.settings = { take: 'all', accounts: () => [HOUSE], isDenied: () => false, isFirstAlone: false, ...settings }
    this.seats = new SeatDesk(this.ledger, new VendorClock(this.clock, this.ledger), { quota: { accountPerDay: 100, productPerDay: 100, ...quota }, settleMs: hours(1) })
  }
  get desk() { return { ledger: this.ledger, seats: this.seats, now: this.clock.now(), settings: this.settings } }
  why(unit: UnitId): string {
    const known = this.ledger.unit(unit)
    return known ? assessUnit(this.desk, known) ?? 'a job' : 'no such unit'
  }
  open(unit: UnitId, product = GATEWAY, wave: Parameters<typeof openJob>[3] = null): JobId | string {
    const known = this.ledger.unit(unit)
    if (!known) return 'no such unit'
    const opened = this.ledger.commit(tx => openJob({ ...this.desk, tx }, known, product, wave))
    return typeof opened === 'string' ? opened : opened.code
  }
  /** A job from its opening to its verdict. */
  async closed(unit: UnitId, uid: string, closed: Partial<Extract<FactBody, { kind: 'job.closed' }>>, isAsked = true): Promise<void> {
    const job = this.openJob(uid, unit)
    if (isAsked) this.tell(unit, job, { kind: 'seat.spent', ...TODAY }, { kind: 'unbind.asked', token: tokenId('t') })
    await this.clock.advance(hours(1 / 60))
    this.tell(unit, job, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: null, provenAt: null, ...closed })
    await this.clock.advance(hours(1 / 60))
  }
  scan(unit: UnitId): void { this.ledger.append({ unit, body: { kind: 'unit.scanned' } }) }
  async newStay(unit: UnitId, stay: number): Promise<void> {
    this.ledger.append({ unit, body: { kind: 'unit.left' } })
    await this.clock.advance(hours(1))
    this.ledger.append({ unit, body: { kind: 'unit.arrived', stay } })
  }
}

describe('a unit', () => {
  it('that is here, known and free gets a job', () => {
    using bench = new Bench()
    expect(bench.why(bench.meet('u1'))).toBe('a job')
  })

  it('that is held, away, busy or of no known product gets none, and says which', () => {
    using bench = new Bench()
    const [held, away, busy, unknown] = [bench.meet('held'), bench.meet('away', { by: 'scan' }), bench.meet('busy'), bench.meet('unknown', { product: null })]
    bench.ledger.append({ unit: held, body: { kind: 'unit.held', hold: { owner: '1001', reason: 'card', at: 1 } } })
    bench.openJob('j1', busy)
    expect([held, away, busy, unknown].map(u => bench.why(u))).toEqual(['held', 'not-here', 'busy', 'unknown-product'])
  })

  it('waits for its scan, or for its lane, where the bench is set so', () => {
    for (const [take, plain, placed, scanned] of [['all', 'a job', 'a job', 'a job'], ['lanes', 'not-scanned', 'a job', 'a job'], ['scanned', 'not-scanned', 'not-scanned', 'a job']] as const) {
      using bench = new Bench({ take })
      const [one, two, three] = [bench.meet('u1'), bench.meet('u2'), bench.meet('u3')]
      bench.ledger.append({ unit: two, body: { kind: 'unit.placed', lane: 1 } })
      bench.scan(three)
      expect([one, two, three].map(u => bench.why(u)), take).toEqual([plain, placed, scanned])
    }
  })
})

describe('a second attempt', () => {
  it('is never the station`s own idea once the unit was asked, also not in a later stay; it is an operator`s act', async () => {
    using bench = new Bench()
    const unit = bench.meet('u1')
    await bench.closed(unit, 'j1', { outcome: 'unproven' })
    expect(bench.why(unit)).toBe('done')
    await bench.newStay(unit, 2)
    expect(bench.why(unit)).toBe('done')
    bench.scan(unit)
    expect(bench.why(unit)).toBe('a job')
  })

  it('comes by itself in a new stay for a unit that was taken away before it was asked, not in the same', async () => {
    using bench = new Bench()
    const unit = bench.meet('u1')
    await bench.closed(unit, 'j1', { outcome: 'withdrawn' }, false)
    expect(bench.why(unit)).toBe('done')
    await bench.newStay(unit, 2)
    expect(bench.why(unit)).toBe('a job')
  })

  it('is followed by none in the same stay nor in a new one of the same shift, however often the unit is scanned', async () => {
    using bench = new Bench()
    const unit = bench.meet('u1')
    await bench.closed(unit, 'j1', { outcome: 'unproven' })
    bench.scan(unit)
    await bench.closed(unit, 'j2', { outcome: 'refused' })
    bench.scan(unit)
    expect(bench.why(unit)).toBe('attempts')
    await bench.newStay(unit, 2)
    bench.scan(unit)
    expect(bench.why(unit), 'the same shift').toBe('attempts')
    await bench.clock.advance(hours(8))
    expect(bench.why(unit), 'the next one').toBe('a job')
  })

  it('of this shift is one more for each word of a lead, also in a new stay; a day without seats counts for nothing', async () => {
    using bench = new Bench()
    const unit = bench.meet('u1')
    await bench.closed(unit, 'j1', { outcome: 'refused', fault: { code: 'quota.account-spent', context: {} } })
    await bench.closed(unit, 'j2', { outcome: 'unproven' }, false)
    await bench.newStay(unit, 2)
    await bench.closed(unit, 'j3', { outcome: 'unproven' })
    await bench.newStay(unit, 3)
    bench.scan(unit)
    expect(bench.why(unit)).toBe('a job')
    await bench.closed(unit, 'j4', { outcome: 'unproven' })
    await bench.newStay(unit, 4)
    bench.scan(unit)
    expect(bench.why(unit)).toBe('attempts')
    bench.ledger.append({ unit, body: { kind: 'unit.freed', by: 'L1', reason: 'new cable' } })
    expect(bench.why(unit)).toBe('a job')
  })

  it('is not needed for a proven unit: scanned again the same day it is done, as it is when it announces itself again', async () => {
    using bench = new Bench()
    const unit = bench.meet('u1')
    await bench.closed(unit, 'j1', { outcome: 'proven', grade: 'A', provenAt: 5 })
    bench.scan(unit)
    expect(bench.why(unit)).toBe('done')
    await bench.newStay(unit, 2)
    bench.ledger.append({ unit, body: { kind: 'unit.judged', readiness: 'ready' } })
    expect(bench.why(unit)).toBe('done')
  })

  it('is a repeat return when a proven unit comes back activated, or is brought and scanned on another day', async () => {
    using bench = new Bench()
    const [activated, brought] = [bench.meet('u1'), bench.meet('u2')]
    await bench.closed(activated, 'j1', { outcome: 'proven', grade: 'A', provenAt: 5 })
    await bench.closed(brought, 'j2', { outcome: 'proven', grade: 'A', provenAt: 5 })
    await bench.newStay(activated, 2)
    bench.ledger.append({ unit: activated, body: { kind: 'unit.judged', readiness: 'activated' } })
    expect([bench.why(activated), bench.why(brought)]).toEqual(['a job', 'done'])
    await bench.clock.advance(hours(13))
    expect(bench.why(brought)).toBe('done')
    bench.scan(brought)
    expect(bench.why(brought)).toBe('a job')
  })
})

describe('a job', () => {
  it('is opened with its seat, as the next attempt of this stay, for the operator of record', () => {
    using bench = new Bench()
    bench.ledger.append({ body: { kind: 'operator.signed', operator: '1001' } })
    const unit = bench.meet('u1')
    const before = bench.ledger.lastSeq
    const job = bench.open(unit) as JobId // a job, as the next line says
    expect(bench.kinds(before)).toEqual(['job.opened', 'seat.reserved'])
    expect(bench.ledger.job(job)).toMatchObject({ unit, attempt: 1, account: 'house', product: GATEWAY, wave: null, operator: '1001', stage: 'queued' })
    expect([bench.ledger.seatOf(job), bench.why(unit), findDrift(bench.ledger)]).toEqual(['reserved', 'busy', []])
  })

  it('that gets no seat is not opened at all', () => {
    using bench = new Bench({}, { accountPerDay: 2 })
    const units = [1, 2, 3].map(n => bench.meet(`u${n}`))
    expect(units.map(u => bench.open(u).length > 20)).toEqual([true, true, false])
    const before = bench.ledger.lastSeq
    expect(bench.open(units[2] ?? unitId(''))).toBe('quota.account-spent')
    expect([bench.ledger.lastSeq, bench.ledger.openJobs().length]).toEqual([before, 2])
  })

  it('counts seats of the product over all accounts, and seats of the account over all products', () => {
    using bench = new Bench({ accounts: () => [HOUSE, { ...HOUSE, id: 'b' }] }, { accountPerDay: 2, productPerDay: 3 })
    const open = (n: number, product: string): string => String(bench.open(bench.meet(`u${n}`, { product }), product))
    const accounts = [1, 2, 3].map(n => open(n, GATEWAY)).map(job => bench.ledger.job(job as JobId)?.account) // three jobs
    expect(accounts).toEqual(['house', 'house', 'b'])
    expect(open(4, GATEWAY)).toBe('quota.product-spent')
    expect(bench.ledger.job(open(5, CAMERA) as JobId)?.account).toBe('b') // a job
    expect(open(6, CAMERA)).toBe('quota.account-spent')
  })

  it('goes to an account that may unbind the product; with none, it is no permission', () => {
    using bench = new Bench({ accounts: () => [{ ...HOUSE, id: 'cameras', products: [CAMERA] }, { ...HOUSE, id: 'rest', products: [GATEWAY] }] })
    expect(bench.ledger.job(bench.open(bench.meet('u1')) as JobId)?.account).toBe('rest') // a job
    expect(bench.open(bench.meet('u2', { product: 'other' }), 'other')).toBe('cloud.no-permission')
    using nobody = new Bench({ accounts: () => [] })
    expect(nobody.open(nobody.meet('u1'))).toBe('cloud.no-permission')
  })

  it('of a product that is known to be refused has its verdict at once, without a seat', () => {
    using bench = new Bench({ isDenied: (_account, product) => product === GATEWAY })
    const unit = bench.meet('u1')
    expect(bench.open(unit)).toBe('cloud.no-permission')
    expect(bench.ledger.job(bench.ledger.unit(unit)?.job ?? null)).toMatchObject({ stage: 'closed', outcome: 'refused', askedAt: null })
    expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual({ spent: 0, reserved: 0 })
  })

  it('of a wave is of the wave`s account, or not opened', () => {
    using bench = new Bench({ accounts: () => [HOUSE, { ...HOUSE, id: 'b' }] }, { accountPerDay: 1 })
    const wave = { uid: waveId('w1'), account: 'b' }
    const first = bench.open(bench.meet('u1', { product: CAMERA, method: 'qr' }), CAMERA, wave) as JobId // a job
    expect(bench.ledger.job(first)).toMatchObject({ account: 'b', wave: 'w1', method: 'qr' })
    expect(bench.open(bench.meet('u2', { product: CAMERA, method: 'qr' }), CAMERA, wave)).toBe('quota.account-spent')
  })

  it('of a product that was never proven runs alone, where the bench is set so', async () => {
    using bench = new Bench({ isFirstAlone: true })
    const [one, two] = [bench.meet('u1'), bench.meet('u2')]
    const first = bench.open(one) as JobId // a job
    expect(bench.open(two)).toBe('product.first-alone')
    bench.tell(one, first, { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: 5 })
    expect([bench.open(two), bench.open(bench.meet('u3'))].every(job => job.length > 20)).toBe(true)
  })
})

it('an account is offered with the seats it has left, the one somebody chose only if it has some', () => {
  using bench = new Bench({ accounts: () => [HOUSE, { ...HOUSE, id: 'b' }] }, { accountPerDay: 2, productPerDay: 9 })
  bench.open(bench.meet('u1'))
  expect(accountFor(bench.desk, CAMERA)).toEqual({ account: 'house', region: 'EU', seats: 1 })
  expect(accountFor(bench.desk, CAMERA, { account: 'b' })).toEqual({ account: 'b', region: 'EU', seats: 2 })
  expect(accountFor(bench.desk, CAMERA, { account: 'nobody' })).toMatchObject({ code: 'cloud.no-permission' })
  bench.open(bench.meet('u2'))
  expect(accountFor(bench.desk, CAMERA)).toEqual({ account: 'b', region: 'EU', seats: 2 })
  expect(accountFor(bench.desk, CAMERA, { account: 'house' })).toMatchObject({ code: 'quota.account-spent' })
})
