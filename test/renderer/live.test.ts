import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BenchChange, BenchView } from '#shared'
import type { Line, StationDoor } from '../../src/renderer/common/bridge.ts'
import { BenchLive, DisplayLive, fold, StationTime } from '../../src/renderer/common/live.ts'
import { BENCH, displayOf, NOW, unitOf } from '../helpers/fixtures.ts'

const at = (version: number, change: Partial<BenchChange> = {}): BenchChange => ({ version, clock: { now: NOW + version * 1000, rate: 1 }, ...change })
const view = (version: number): BenchView => ({ ...BENCH.busy, version })

/** A door whose answers the test gives, one question at a time. */
class Hand {
  line: Line = 'open'
  readonly asked: { readonly name: string; readonly answer: (value: unknown) => void; readonly refuse: (fault: unknown) => void }[] = []
  readonly #fns = new Map<string, (payload: unknown) => void>()
  #lineFn: (line: Line) => void = () => undefined
  readonly door = {
    ask: (name: string) => new Promise<unknown>((answer, refuse) => { this.asked.push({ name, answer, refuse }) }),
    on: (event: string, fn: (payload: unknown) => void) => { this.#fns.set(event, fn) },
    onLine: (fn: (line: Line) => void) => { this.#lineFn = fn },
    line: 'open'
  } as unknown as StationDoor // only what the views use

  tell(event: string, payload: unknown): void { this.#fns.get(event)?.(payload) }
  reopen(): void { this.#lineFn('open') }
  async answer(value: unknown): Promise<void> {
    this.asked.shift()?.answer(value)
    await vi.advanceTimersByTimeAsync(40)
  }
}

beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'] }) })
afterEach(() => { vi.useRealTimers() })

describe('a snapshot and its changes', () => {
  test('what says the same stays the same thing, so that it is not drawn again', () => {
    const before = view(4)
    const told = JSON.parse(JSON.stringify({ lamps: before.lamps, quota: before.quota, shift: { ...before.shift, closed: 42 } })) as Partial<BenchChange> // as it comes over the line
    const next = fold(before, at(5, told))
    expect([next?.lamps === before.lamps, next?.quota === before.quota, next?.shift]).toEqual([true, true, { ...before.shift, closed: 42 }])
  })

  test('a change replaces units by uid, removes the gone, and leaves the rest', () => {
    const [first, second] = BENCH.busy.units
    const changed = unitOf(1, { name: 'renamed' })
    const next = fold(view(4), at(5, { units: [changed, unitOf(77)], gone: second ? [second.uid] : [], operator: null }))
    expect(next?.version).toBe(5)
    expect(next?.operator).toBeNull()
    expect(next?.units.find(u => u.uid === first?.uid)).toBe(changed)
    expect(next?.units.map(u => u.uid)).toEqual([...BENCH.busy.units.map(u => u.uid).filter(uid => uid !== second?.uid), unitOf(77).uid])
    expect(next?.shift).toBe(BENCH.busy.shift)
  })

  test('changes folded together say what they say one by one', () => {
    const [first, second] = BENCH.busy.units
    const changes = [at(5, { units: [unitOf(1, { name: 'once' }), unitOf(77)], gone: second ? [second.uid] : [] }), at(6, { operator: null }), at(7, { units: [unitOf(1, { name: 'twice' })], gone: [unitOf(77).uid] })]
    const together = fold(view(4), ...changes)
    expect(together).toEqual(changes.reduce<BenchView | null>((before, change) => before && fold(before, change), view(4)))
    expect(together?.units.find(u => u.uid === first?.uid)?.name).toBe('twice')
  })

  test('an old change does nothing; a missing number asks for the snapshot', () => {
    expect(fold(view(4), at(4, { operator: null }))?.operator).toBe('Chen Li')
    expect(fold(view(4), at(6))).toBeNull()
  })
})

describe('the bench as a page sees it', () => {
  test('changes that overtake the snapshot are kept until it is there', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    hand.tell('bench.changed', at(7, { operator: 'old' }))
    hand.tell('bench.changed', at(9, { operator: 'Wang Fang' }))
    await hand.answer(view(8))
    expect(live.snapshot().bench).toMatchObject({ version: 9, operator: 'Wang Fang' })
    expect(hand.asked).toEqual([])
  })

  test('after a gap it asks once and goes on from there', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    await hand.answer(view(1))
    hand.tell('bench.changed', at(3, { operator: 'lost' }))
    hand.tell('bench.changed', at(4, { operator: 'Wang Fang' }))
    expect(hand.asked.length).toBe(1)
    await hand.answer(view(3))
    expect(live.snapshot().bench).toMatchObject({ version: 4, operator: 'Wang Fang' })
  })

  test('a new line means a new snapshot, even one that starts again from one', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    await hand.answer(view(500))
    hand.reopen()
    await hand.answer(view(1))
    hand.tell('bench.changed', at(2, { operator: null }))
    await vi.advanceTimersByTimeAsync(40)
    expect(live.snapshot().bench).toMatchObject({ version: 2, operator: null })
  })

  test('a refusal is shown and the question is put again', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    hand.asked.shift()?.refuse({ code: 'ledger.shut', context: {} })
    await vi.advanceTimersByTimeAsync(40)
    expect(live.snapshot()).toEqual({ bench: null, fault: { code: 'ledger.shut', context: {} }, heardAt: Number.NEGATIVE_INFINITY })
    await vi.advanceTimersByTimeAsync(2000)
    await hand.answer(view(1))
    expect(live.snapshot().fault).toBeNull()
  })

  test('what comes alone is told at once; of many changes the page is told thirty times a second, and draws nothing twice', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    await hand.answer(view(0))
    await vi.advanceTimersByTimeAsync(100)
    const told: (number | undefined)[] = []
    live.subscribe(() => { told.push(live.snapshot().bench?.version) })
    for (let version = 1; version <= 500; version++) hand.tell('bench.changed', at(version))
    expect(told).toEqual([1])
    await vi.advanceTimersByTimeAsync(33)
    expect(told).toEqual([1, 500])
    for (let version = 501; version <= 1500; version += 20) {
      for (let n = 0; n < 20; n++) hand.tell('bench.changed', at(version + n))
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(told.length).toBeLessThanOrEqual(2 + 31)
    expect(live.snapshot().bench?.version).toBeGreaterThan(1450)
  })

  test('a scan is told at once, however much else goes on', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    await hand.answer({ ...view(0), scan: null })
    await vi.advanceTimersByTimeAsync(100)
    const told: (number | undefined)[] = []
    live.subscribe(() => { told.push(live.snapshot().bench?.version) })
    hand.tell('bench.changed', at(1))
    hand.tell('bench.changed', at(2))
    const scan = { text: 'RB-0001', at: NOW, fault: null, unit: null }
    hand.tell('bench.changed', at(3, { scan }))
    hand.tell('bench.changed', at(4, { scan }))
    expect(told).toEqual([1, 3])
    await vi.advanceTimersByTimeAsync(33)
    expect(told).toEqual([1, 3, 4])
  })

  test('a page that nobody looks at keeps no more than a thousand changes, and loses none', async () => {
    const hand = new Hand()
    const live = new BenchLive(hand.door, new StationTime())
    await hand.answer(view(0))
    for (let version = 1; version <= 2500; version++) hand.tell('bench.changed', at(version, { units: [unitOf(version % 7, { name: `unit ${version}` })] }))
    await vi.advanceTimersByTimeAsync(40)
    expect(live.snapshot().bench?.version).toBe(2500)
    expect(live.snapshot().bench?.units.find(u => u.uid === unitOf(1).uid)?.name).toBe('unit 2500')
    expect(hand.asked).toEqual([])
  })

  test('ages go by the station\'s clock and its pace, not by the browser\'s', async () => {
    const time = new StationTime()
    expect(time.now()).toBeNull()
    time.observe({ now: NOW, rate: 20 })
    await vi.advanceTimersByTimeAsync(1000)
    expect(time.now()).toBe(NOW + 20_000)
  })
})

describe('the rack display as a page sees it', () => {
  test('it goes on asking, so that silence has an age', async () => {
    const hand = new Hand()
    const live = new DisplayLive(hand.door, new StationTime(), 'rack-1')
    await hand.answer(displayOf())
    const { heardAt } = live.snapshot()
    await vi.advanceTimersByTimeAsync(2000)
    expect(hand.asked.map(a => a.name)).toEqual(['display.view'])
    await vi.advanceTimersByTimeAsync(6000)
    expect(live.snapshot().heardAt).toBe(heardAt)
    expect(hand.asked.length).toBe(1)
  })

  test('a word about another rack is not for this page', async () => {
    const hand = new Hand()
    const live = new DisplayLive(hand.door, new StationTime(), 'rack-1')
    await hand.answer(displayOf())
    hand.tell('display.changed', displayOf({ rack: 'rack-2', code: 'other' }))
    await vi.advanceTimersByTimeAsync(40)
    expect(live.snapshot().display?.code).toBe(displayOf().code)
  })
})
