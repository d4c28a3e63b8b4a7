/** The day's seats: never more than the vendor grants, by the vendor's clock, whatever crashes, restarts and clocks do. */
import { describe, expect, it } from 'vitest'
import { hours, millis, minutes, type FaultView, type JobId, type TokenId, type UnitId, type WaveId } from '#shared'
import type { TokenResult } from '../../src/main/bench/cloud.ts'
import { AccountBook } from '../../src/main/bench/account-book.ts'
import { findDrift } from '../../src/main/bench/drift.ts'
import { PermissionDesk } from '../../src/main/bench/permission-desk.ts'
import { SeatDesk, type AskList } from '../../src/main/bench/seat-desk.ts'
import { VendorClock } from '../../src/main/bench/vendor-clock.ts'
import { hearVerdicts } from '../../src/main/bench/verdict-ear.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { QuotaSettings } from '../../src/main/domain/quota.ts'
import { doubtDay, learnDay, usableDay } from '../../src/main/domain/vendor-day.ts'
import type { Clock } from '../../src/main/ports.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualSecrets } from '../../src/main/virtual/secrets.ts'
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
  /** What the cloud said of an asked unit, and what the desk makes of it. */
  verdict({ unit, job }: { readonly unit: UnitId; readonly job: JobId }, isServed: boolean): void {
    const fault: FaultView = { code: 'quota.account-spent', context: { account: 'house' } }
    this.tell(unit, job, { kind: 'job.closed', outcome: isServed ? 'proven' : 'refused', grade: null, fault: isServed ? null : fault, provenAt: null })
    const closed = this.ledger.job(job)
    if (!closed) return
    if (isServed) this.seats.accepted(closed)
    else this.seats.refused('quota.account-spent', closed)
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

/** The vendor as nobody outside knows it: a day that begins at `offset`, a cap, and others who share the account. */
class HiddenDay {
  readonly #counts = new Map<number, number>()
  readonly #offset: number
  readonly #cap: number
  constructor(offset: number, cap: number) {
    this.#offset = offset
    this.#cap = cap
  }
  of(now: number): number { return Math.floor((now - this.#offset) / DAY) }
  /** False: over quota. */
  take(now: number): boolean {
    const used = this.#counts.get(this.of(now)) ?? 0
    if (used >= this.#cap) return false
    this.#counts.set(this.of(now), used + 1)
    return true
  }
}

it('a day is never exceeded wherever it begins: the boundary is learnt from refusals and what was served after them, through crashes, restarts and wrong clocks', async () => {
  const cap = 8
  let learnt = 0
  for (let seed = 1; seed <= 24; seed += 1) {
    const dice = new SeededEntropy(seed)
    const roll = (max: number): number => (dice.bytes(2).reduce((n, b) => n * 256 + b, 0)) % max
    using bench = new Desk({ accountPerDay: cap })
    const token = bench.keepToken('t')
    const hidden = new HiddenDay(roll(24) * 3_600_000 + roll(3600) * 1000, cap)
    const spent = new Map<number, number>()
    let open: { readonly unit: UnitId; readonly job: JobId }[] = []
    for (let step = 0; step < 400; step += 1) {
      const act = roll(12)
      if (act <= 3) open.push(...[bench.reserve()].filter(x => x !== null))
      if (act === 4) for (let i = roll(4); i > 0; i -= 1) hidden.take(bench.clock.now()) // somebody else
      const next = act >= 5 && act <= 8 ? open.shift() : undefined
      if (next) {
        bench.ask(next, token)
        const day = hidden.of(bench.clock.now())
        spent.set(day, (spent.get(day) ?? 0) + 1)
        const isServed = hidden.take(bench.clock.now())
        await bench.clock.advance(millis(roll(60) * 1000)) // the answer takes a while
        bench.vendor.heard(bench.clock.now())
        if (roll(10) > 0) bench.verdict(next, isServed) // else the answer is lost
        else bench.close(next, 'unproven')
      }
      if (act === 9) {
        bench.restart([0, DAY, -DAY, 365 * 8 * DAY, -365 * 8 * DAY][roll(5)])
        open = bench.ledger.openJobs().map(j => ({ unit: j.unit, job: j.uid }))
      }
      if (act >= 10) await bench.clock.advance(millis(roll(200) * 60_000))
      if (roll(3) === 0) bench.vendor.heard(bench.clock.now())
    }
    expect(Math.max(...spent.values()), `seed ${seed}`).toBeLessThanOrEqual(cap)
    if (bench.ledger.factsAfter(0, 10_000).some(f => f.body.kind === 'quota.learnt' && usableDay(f.body.day) !== null)) learnt += 1
    expect(findDrift(bench.ledger)).toEqual([])
  }
  expect(learnt, 'the day was learnt in half of them').toBeGreaterThan(11)
})

describe('the boundary of the day', () => {
  /** Refused at 16:00 and served again at 08:00, three days in a row; midnight is in between. */
  const learn = async (bench: Desk, days: number, name = 't'): Promise<void> => {
    const token = bench.keepToken(name)
    for (let day = 0; day < days; day += 1) {
      const served = bench.reserve()
      if (!served) throw new Error('no seat in the morning')
      bench.ask(served, token)
      bench.verdict(served, true)
      await bench.clock.advance(hours(8))
      const refused = bench.reserve()
      if (!refused) throw new Error('no seat in the afternoon')
      bench.ask(refused, token)
      bench.verdict(refused, false)
      await bench.clock.advance(hours(16))
    }
  }
  const told = (bench: Desk) => bench.ledger.factsAfter(0, 1000).flatMap(f => f.body.kind === 'quota.learnt' ? [f.body] : [])

  it('is believed when it was seen twice, kept with how it was learnt, and then the whole day is there in the morning', async () => {
    using bench = new Desk({ accountPerDay: 10 })
    await learn(bench, 2, 'before')
    expect(usableDay(bench.seats.learnt('account', 'house'))).toBeNull() // seen once
    await learn(bench, 2, 'after')
    const day = bench.seats.learnt('account', 'house')
    expect(day).toMatchObject({ seen: 3, doubts: 0, widthMs: hours(16) })
    expect((day?.acceptedAt ?? 0) - (day?.refusedAt ?? 0)).toBe(hours(16))
    bench.restart(DAY)
    bench.vendor.heard(bench.clock.now())
    expect(bench.seats.learnt('account', 'house')).toEqual(day)
    await bench.clock.advance(hours(2))
    const token = bench.keepToken('now')
    for (let i = 0; i < 5; i += 1) {
      const seat = bench.reserve()
      if (!seat) break
      bench.ask(seat, token)
      bench.verdict(seat, true)
    }
    expect(bench.seats.bucket('account', 'house')).toMatchObject({ spent: 6, cap: 10 }) // the refusal of 16:00 holds nothing back any more; its seat still counts
    await bench.clock.advance(hours(23.5)) // half past nine: the boundary and its guard have passed, 24 hours have not
    expect(bench.seats.bucket('account', 'house')).toMatchObject({ spent: 0, cap: 10, left: 10 })
    expect(bench.ledger.quotaUse('account', 'house', bench.seats.windowStart).spent).toBe(5)
  })

  it('is not learnt from a unit that had been asked before the refusal, nor without the time of the vendor', async () => {
    using bench = new Desk()
    const token = bench.keepToken('t')
    const [slow, refused, late] = [bench.reserve(), bench.reserve(), bench.reserve()]
    if (!slow || !refused || !late) throw new Error('no seat')
    for (const seat of [slow, refused]) bench.ask(seat, token)
    bench.verdict(refused, false)
    await bench.clock.advance(minutes(2))
    bench.verdict(slow, true)
    expect(told(bench)).toEqual([])
    bench.ask(late, token)
    bench.restart()
    bench.verdict(late, true)
    expect(told(bench)).toEqual([])
  })

  it('that contradicts what was learnt counts for nothing until it is seen again; one that misleads twice is forgotten', async () => {
    using bench = new Desk({ accountPerDay: 10 })
    await learn(bench, 3)
    expect(usableDay(bench.seats.learnt('account', 'house'))).not.toBeNull()
    const day = bench.seats.learnt('account', 'house')
    expect(learnDay(day, bench.clock.now() + hours(2), bench.clock.now() + hours(4))).toMatchObject({ seen: 1, doubts: 0 })
    if (day === null) throw new Error('nothing learnt')
    expect(doubtDay(day)).toEqual({ ...day, doubts: 1 })
    expect(doubtDay({ ...day, doubts: 1 })).toBeNull()
  })

  it('is learnt from what history hears: the verdict of a refused unit, and the release the cloud tells of a later one', async () => {
    using bench = new Desk({ accountPerDay: 10 })
    const permissions = new PermissionDesk(bench.clock, bench.ledger, bench.log, new AccountBook([], { disk: new VirtualDisk(), secrets: new VirtualSecrets() }, { path: 'a.json', newClient: () => { throw new Error('nobody') }, log: bench.log }), { selfTest: 'off', products: () => [] })
    using _ear = hearVerdicts(bench.ledger, bench.seats, permissions)
    const token = bench.keepToken('t')
    const [refused, later] = [bench.reserve(), bench.reserve()]
    if (!refused || !later) throw new Error('no seat')
    bench.ask(refused, token)
    bench.tell(refused.unit, refused.job, { kind: 'job.closed', outcome: 'refused', grade: null, fault: { code: 'quota.account-spent', context: {} }, provenAt: null })
    await bench.clock.advance(hours(3))
    bench.ask(later, token)
    bench.tell(later.unit, later.job, { kind: 'unit.seen', evidence: { kind: 'cloud-released', at: bench.clock.now(), tid: 't', deviceId: 'd' } })
    expect(told(bench)).toMatchObject([{ scope: 'account', key: 'house', day: { seen: 1, widthMs: hours(3) } }])
    expect(findDrift(bench.ledger)).toEqual([])
  })

  it('may be a setting, which only overrides what was learnt', async () => {
    using bench = new Desk({ accountPerDay: 10, dayStartMinutes: 0 })
    await learn(bench, 3)
    expect(bench.seats.toldMinutes).toBe(0)
    expect(bench.seats.learnt('account', 'house')).toMatchObject({ seen: 2 })
  })

  it('lies where all its sightings agree, also across midnight; where they agree twice, the narrower one is kept', () => {
    const at = (h: number): number => Date.UTC(2026, 0, 5) + hours(h)
    const first = learnDay(null, at(22), at(26))
    expect(first).toMatchObject({ fromMs: hours(22), widthMs: hours(4), seen: 1 })
    expect(learnDay(first, at(24), at(25))).toMatchObject({ fromMs: 0, widthMs: hours(1), seen: 2 })
    expect(learnDay(first, at(1), at(23))).toMatchObject({ fromMs: hours(22), widthMs: hours(4), seen: 2 })
    expect(learnDay(first, at(4), at(20))).toMatchObject({ fromMs: hours(4), seen: 1 })
    expect(learnDay(first, at(0), at(24))).toBeNull()
  })
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
    const job = { uid: jobId('j3'), account: 'house', product: GATEWAY }
    bench.seats.refused('quota.product-spent', job)
    bench.seats.refused('quota.product-spent', job) // a wave of 30 is refused as a whole
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

  it('comes back when the cloud was away for an hour after the token had ended, and asks it less and less often', async () => {
    using bench = new Desk()
    const token = bench.keepToken('t')
    spend(bench, token)
    await bench.clock.advance(minutes(21))
    let asks = 0
    const away: AskList = async () => { asks += 1; throw new Fault('cloud.unreachable') }
    for (let minute = 0; minute < 60; minute += 1) {
      await settle(bench, away)
      await bench.clock.advance(minutes(1))
    }
    expect([asks, bench.used.spent]).toEqual([15, 1])
    await bench.clock.advance(minutes(10))
    await settle(bench, async () => [])
    expect(bench.used.spent).toBe(0)
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
