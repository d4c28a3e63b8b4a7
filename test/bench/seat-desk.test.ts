/** The day's seats: never more than the vendor grants, by the vendor's clock, whatever crashes, restarts and clocks do. */
import { describe, expect, it } from 'vitest'
import { hours, millis, minutes, type FaultView, type JobId, type TokenId, type UnitId, type WaveId } from '#shared'
import type { TokenResult } from '../../src/main/bench/cloud.ts'
import { findDrift } from '../../src/main/bench/drift.ts'
import { SeatDesk, type AskList } from '../../src/main/bench/seat-desk.ts'
import { VendorClock } from '../../src/main/bench/vendor-clock.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { QuotaSettings } from '../../src/main/domain/quota.ts'
import type { Clock } from '../../src/main/ports.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { CAMERA, GATEWAY, LedgerBench, jobId, tokenId } from '../helpers/ledger.ts'

const NEVER = new AbortController().signal
const SETTLE = minutes(15)
const DAY: number = hours(24)

/** A ledger with a desk that can be cut off and started again, at whatever time this computer then shows. */
class Desk extends LedgerBench {
  wallMs = 0
  seats: SeatDesk
  vendor: VendorClock
  readonly #quota: QuotaSettings
  #n = 0
  constructor(quota: Partial<QuotaSettings> = {}) {
    super()
    this.#quota = { accountPerDay: 100, productPerDay: 100, ...quota }
    this.vendor = new VendorClock(this.wrong, this.ledger)
    this.seats = this.#fresh()
  }
  get wrong(): Clock {
    const { clock } = this
    return { world: 'virtual', rate: 1, now: () => clock.now() + this.wallMs, monotonic: () => clock.monotonic(), sleep: (ms, signal) => clock.sleep(ms, signal), after: (ms, fn) => clock.after(ms, fn) }
  }
  restart(wallMs = 0): void {
    this.wallMs = wallMs
    this.vendor = new VendorClock(this.wrong, this.ledger)
    this.seats = this.#fresh()
  }
  #fresh(): SeatDesk { return new SeatDesk(this.ledger, this.vendor, { quota: this.#quota, settleMs: SETTLE }) }
  /** null: no seat. */
  reserve(product = GATEWAY): { readonly unit: UnitId; readonly job: JobId } | null {
    if (this.seats.fault('house', product) !== null) return null
    this.#n += 1
    const unit = this.meet(`u${this.#n}`, { product, aliases: [{ kind: 'uuid', value: `uuid${this.#n}` }] })
    const job = jobId(`j${this.#n}`)
    this.tell(unit, job, { kind: 'job.opened', attempt: 1, method: 'wired', account: 'house', product, wave: null }, { kind: 'seat.reserved', account: 'house', product, vendorAt: this.seats.vendorNow })
    return { unit, job }
  }
  ask({ unit, job }: { readonly unit: UnitId; readonly job: JobId }, token: TokenId): void {
    const { product = GATEWAY } = this.ledger.job(job) ?? {}
    this.vendor.heard(this.clock.now()) // no token without the vendor's answer
    this.tell(unit, job, { kind: 'seat.spent', account: 'house', product, vendorAt: this.seats.vendorNow }, { kind: 'unbind.asked', token })
  }
  close({ unit, job }: { readonly unit: UnitId; readonly job: JobId }, outcome: 'unproven' | 'proven' | 'broken', fault: FaultView | null = null): void {
    const { product = GATEWAY } = this.ledger.job(job) ?? {}
    if (outcome === 'broken') this.tell(unit, job, { kind: 'seat.returned', account: 'house', product })
    this.tell(unit, job, { kind: 'job.closed', outcome, grade: null, fault, provenAt: null })
  }
  keepToken(name: string, lifeMs = 300_000): TokenId {
    const uid = tokenId(name)
    const issuedAt = this.clock.now()
    this.ledger.commit(tx => tx.keepToken({ uid, account: 'house', region: 'EU', sealed: new Uint8Array(1), issuedAt, expiresAt: issuedAt + lifeMs, seats: 30 }))
    return uid
  }
  get used() { return this.ledger.quotaUse('account', 'house', 0) }
}
const row = (uuid: string | null, ok = true): TokenResult => ({ ok, deviceId: `d-${uuid}`, uuid, mac: null, productKey: null, code: ok ? null : '1106', text: null, tid: 't' })

it('100 a day are never exceeded in any 24 hours by any order of asks, returns, crashes, restarts and jumps of the clock', async () => {
  const caps = { accountPerDay: 10, productPerDay: 7 }
  for (let seed = 1; seed <= 30; seed += 1) {
    const dice = new SeededEntropy(seed)
    const roll = (max: number): number => (dice.bytes(1)[0] ?? 0) % max
    using bench = new Desk(caps)
    const token = bench.keepToken('t')
    const spent: { readonly at: number; readonly product: string }[] = []
    let open: { readonly unit: UnitId; readonly job: JobId }[] = []
    for (let step = 0; step < 150; step += 1) {
      const act = roll(8)
      if (act <= 2) open.push(...[bench.reserve(roll(3) === 0 ? CAMERA : GATEWAY)].filter(x => x !== null))
      const next = act >= 3 && act <= 5 ? open.shift() : undefined
      if (next && act <= 4) {
        spent.push({ at: bench.clock.now(), product: bench.ledger.job(next.job)?.product ?? '' })
        bench.ask(next, token)
        bench.close(next, roll(2) === 0 ? 'proven' : 'unproven')
      } else if (next) bench.close(next, 'broken')
      if (act === 6) {
        bench.restart([0, DAY, -DAY, 365 * 8 * DAY, -365 * 8 * DAY][roll(5)])
        open = bench.ledger.openJobs().map(j => ({ unit: j.unit, job: j.uid }))
      }
      if (act === 7) await bench.clock.advance(millis(roll(7) * 3_600_000))
    }
    for (const { at } of spent) {
      const within = spent.filter(s => s.at > at - DAY && s.at <= at)
      expect(within.length, `seed ${seed}`).toBeLessThanOrEqual(caps.accountPerDay)
      for (const product of [GATEWAY, CAMERA]) expect(within.filter(s => s.product === product).length, `seed ${seed}`).toBeLessThanOrEqual(caps.productPerDay)
    }
    expect(spent.length, `seed ${seed} did something`).toBeGreaterThan(5)
    expect(findDrift(bench.ledger)).toEqual([])
  }
})

describe("the vendor's clock", () => {
  it.each([['a day ahead', DAY], ['a day behind', -DAY], ['eight years ahead', 365 * 8 * DAY], ['eight years behind', -365 * 8 * DAY]])('a computer that shows %s after a restart opens no fresh day', (_words, wallMs) => {
    using bench = new Desk({ accountPerDay: 2 })
    const token = bench.keepToken('t')
    for (const seat of [bench.reserve(), bench.reserve()]) if (seat) bench.ask(seat, token)
    expect(bench.reserve()).toBeNull()
    bench.restart(wallMs)
    expect(bench.reserve()).toBeNull()
    bench.vendor.heard(bench.clock.now())
    expect(bench.reserve()).toBeNull()
  })

  it('says when the day has passed, however long the station was off', async () => {
    using bench = new Desk({ accountPerDay: 1 })
    const token = bench.keepToken('t')
    const seat = bench.reserve()
    if (seat) bench.ask(seat, token)
    await bench.clock.advance(hours(25))
    bench.restart()
    expect(bench.reserve()).toBeNull() // time stands at the last seat until the cloud has spoken
    bench.vendor.heard(bench.clock.now())
    expect(bench.reserve()).not.toBeNull()
  })

  it('is our own where no account could tell the time, but never runs behind the last seat', () => {
    using bench = new Desk()
    bench.vendor.isExpected = false
    expect(bench.vendor.now()).toBe(bench.clock.now())
    const seat = bench.reserve()
    if (seat) bench.tell(seat.unit, seat.job, { kind: 'seat.spent', account: 'house', product: GATEWAY, vendorAt: bench.clock.now() + 5000 })
    expect(bench.vendor.now()).toBe(bench.clock.now() + 5000)
    expect(bench.vendor.isKnown).toBe(false)
  })
})

describe("the vendor's 'over quota'", () => {
  it('fills the bucket although we had counted fewer, and seats come back one by one as ours grow old', async () => {
    using bench = new Desk()
    const token = bench.keepToken('t')
    for (let i = 0; i < 3; i += 1) {
      const seat = bench.reserve()
      if (seat) bench.ask(seat, token)
      await bench.clock.advance(hours(1))
    }
    bench.seats.refused('quota.product-spent', { account: 'house', product: GATEWAY })
    bench.seats.refused('quota.product-spent', { account: 'house', product: GATEWAY }) // a wave of 30 is refused as a whole
    expect(bench.ledger.factsAfter(0, 1000).filter(f => f.body.kind === 'quota.refused')).toHaveLength(1)
    expect(bench.seats.fault('house', GATEWAY)).toEqual({ code: 'quota.product-spent', context: { account: 'house', product: GATEWAY } })
    expect(bench.seats.fault('house', CAMERA)).toBeNull()
    await bench.clock.advance(hours(21.5))
    expect(bench.seats.left('house', GATEWAY)).toBe(1)
    await bench.clock.advance(hours(3))
    expect(bench.seats.left('house', GATEWAY)).toBe(100)
  })
})

describe('a spent seat', () => {
  const spend = (bench: Desk, token: TokenId): { readonly unit: UnitId; readonly job: JobId } => {
    const seat = bench.reserve()
    if (!seat) throw new Error('no seat')
    bench.ask(seat, token)
    bench.close(seat, 'unproven')
    return seat
  }
  const settle = (bench: Desk, ask: AskList): Promise<void> => bench.seats.settle(bench.clock.now(), ask, NEVER)

  it('comes back when the token has long ended and the list of the cloud leaves its unit out, and only then', async () => {
    using bench = new Desk()
    const token = bench.keepToken('t')
    const asked: TokenId[] = []
    const empty: AskList = async uid => { asked.push(uid); return [] }
    spend(bench, token)
    await bench.clock.advance(minutes(19))
    await settle(bench, empty)
    expect([asked, bench.used]).toEqual([[], { spent: 1, reserved: 0 }])
    await bench.clock.advance(minutes(2))
    await settle(bench, empty)
    expect([asked, bench.used]).toEqual([['t'], { spent: 0, reserved: 0 }])
    await settle(bench, empty)
    expect(asked).toEqual(['t'])
    expect(findDrift(bench.ledger)).toEqual([])
  })

  it('stays when the list names the unit, refused or not', async () => {
    using bench = new Desk()
    const token = bench.keepToken('t')
    spend(bench, token)
    spend(bench, token)
    await bench.clock.advance(minutes(21))
    await settle(bench, async () => [row('uuid1', false)])
    expect(bench.used).toEqual({ spent: 1, reserved: 0 })
    expect(bench.ledger.seatOf(jobId('j1'))).toBe('spent')
  })

  it('stays when there is no list, when a row names nobody we know, and while the list cannot be had', async () => {
    using bench = new Desk()
    spend(bench, bench.keepToken('none'))
    spend(bench, bench.keepToken('stranger'))
    spend(bench, bench.keepToken('away'))
    await bench.clock.advance(minutes(21))
    const ask: AskList = async uid => {
      if (uid === 'away') throw new Fault('cloud.unreachable')
      return uid === 'none' ? null : [row('nobody')]
    }
    for (let i = 0; i < 20; i += 1) await settle(bench, ask)
    expect(bench.used).toEqual({ spent: 3, reserved: 0 })
  })

  it('of a camera counts every code of its wave: it may have read any of them', async () => {
    using bench = new Desk()
    const [first, second] = [bench.keepToken('first'), bench.keepToken('second', 600_000)]
    const wave = 'w' as WaveId // a wave of this test
    bench.ledger.append({ wave, body: { kind: 'wave.planned', rack: 'R1', product: CAMERA, account: 'house', ssid: 's', units: [] } })
    const unit = bench.meet('cam', { product: CAMERA, method: 'qr', aliases: [{ kind: 'uuid', value: 'cam-uuid' }] })
    const about = { account: 'house', product: CAMERA }
    bench.tell(unit, jobId('jc'), { kind: 'job.opened', attempt: 1, method: 'qr', wave, ...about }, { kind: 'seat.reserved', ...about }, { kind: 'seat.spent', ...about }, { kind: 'unbind.asked', token: first })
    for (const token of [first, second]) bench.ledger.append({ wave, body: { kind: 'wave.shown', token, expiresAt: 0 } })
    bench.close({ unit, job: jobId('jc') }, 'unproven')
    await bench.clock.advance(minutes(21))
    await settle(bench, async () => [])
    expect(bench.ledger.seatOf(jobId('jc'))).toBe('spent') // the second code has not settled yet
    await bench.clock.advance(minutes(5))
    await settle(bench, async uid => uid === 'second' ? [row('cam-uuid')] : [])
    expect(bench.ledger.seatOf(jobId('jc'))).toBe('spent')
  })
})
