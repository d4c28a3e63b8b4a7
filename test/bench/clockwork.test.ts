/** Waiting: deadlines that speak, rounds that go on, waits that spread, boxes that do not overflow. */
import { describe, expect, it } from 'vitest'
import { minutes, seconds } from '#shared'
import { backOff, every, Listeners, Mailbox, randomFraction, withDeadline } from '../../src/main/bench/clockwork.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'

const FOREVER = new AbortController().signal
const codeOf = (thrown: unknown): string => Fault.from(thrown).code

describe('a deadline', () => {
  it('gives back what was done in time, and leaves no timer and no listener', async () => {
    const clock = new VirtualClock()
    const outer = new AbortController()
    expect(await clock.run(withDeadline(clock, seconds(5), 'unit.silent', {}, async own => { await clock.sleep(seconds(4), own); return 7 }, outer.signal))).toBe(7)
    expect(clock.pending).toBe(0)
  })

  it('that passes says which wait it was, and how long', async () => {
    const clock = new VirtualClock()
    const late = withDeadline(clock, seconds(5), 'unit.silent', { address: '10.77.0.20' }, own => clock.sleep(seconds(60), own), FOREVER)
    await expect(clock.run(late)).rejects.toMatchObject({ code: 'unit.silent', context: { address: '10.77.0.20', afterMs: 5000 } })
    expect([clock.monotonic(), clock.pending]).toEqual([5000, 0])
  })

  it('passes the reason of the outer signal on, before or during the work', async () => {
    const clock = new VirtualClock()
    const outer = new AbortController()
    const work = withDeadline(clock, seconds(5), 'unit.silent', {}, own => clock.sleep(seconds(60), own), outer.signal).catch(codeOf)
    outer.abort(new Fault('unit.removed'))
    expect(await clock.run(work)).toBe('unit.removed')
    let isStarted = false
    const second = withDeadline(clock, seconds(5), 'unit.silent', {}, async () => { isStarted = true }, outer.signal).catch(codeOf)
    expect([await clock.run(second), isStarted]).toEqual(['unit.removed', false])
  })

  it('is not blamed for a failure of the work', async () => {
    const clock = new VirtualClock()
    await expect(clock.run(withDeadline(clock, seconds(5), 'unit.silent', {}, () => Promise.reject(new Fault('net.unreachable')), FOREVER))).rejects.toMatchObject({ code: 'net.unreachable' })
  })
})

describe('rounds', () => {
  it('come again after each end, outlive a failing one, and end with the signal', async () => {
    const clock = new VirtualClock()
    const stop = new AbortController()
    const rounds: number[] = []
    const told: string[] = []
    const running = every(clock, seconds(10), async () => {
      rounds.push(clock.monotonic())
      await clock.sleep(seconds(1), FOREVER)
      if (rounds.length === 2) throw new Error('bad round')
      if (rounds.length === 4) stop.abort()
    }, fault => told.push(fault.code), stop.signal)
    await clock.run(running)
    expect(rounds).toEqual([0, 11_000, 22_000, 33_000])
    expect(told).toEqual(['program.unexpected'])
  })

  it('do not begin under an aborted signal', async () => {
    let rounds = 0
    await every(new VirtualClock(), seconds(1), () => { rounds += 1 }, () => undefined, AbortSignal.abort())
    expect(rounds).toBe(0)
  })
})

describe('a wait after a failure', () => {
  it('stays below base times two to the n, below the cap, and spreads over the whole of it', () => {
    const entropy = new SeededEntropy(1)
    for (const [n, ceiling] of [[0, 1000], [1, 2000], [5, 32_000], [9, 300_000], [1000, 300_000]] as const) {
      const waits = Array.from({ length: 500 }, () => backOff(entropy, n, seconds(1), minutes(5)))
      expect(Math.max(...waits)).toBeLessThan(ceiling)
      expect(Math.max(...waits)).toBeGreaterThan(ceiling * 0.9)
      expect(Math.min(...waits)).toBeLessThan(ceiling * 0.1)
    }
  })

  it('comes from dice between 0 and 1, and a buffer in the middle of another is read where it is', () => {
    const bytes = (from: readonly number[]) => ({ world: 'virtual' as const, bytes: () => Uint8Array.from(from).subarray(4) })
    expect(randomFraction(bytes([9, 9, 9, 9, 0, 0, 0, 0]))).toBe(0)
    expect(randomFraction(bytes([9, 9, 9, 9, 128, 0, 0, 0]))).toBe(0.5)
    expect(randomFraction(bytes([0, 0, 0, 0, 255, 255, 255, 255]))).toBeLessThan(1)
  })
})

describe('a mailbox', () => {
  it('gives what was offered, in order, whether it came before or after it was asked for', async () => {
    const box = new Mailbox<number>(10)
    box.offer(1)
    box.offer(2)
    expect([await box.take(FOREVER), await box.take(FOREVER)]).toEqual([1, 2])
    const waiting = box.take(FOREVER)
    box.offer(3)
    expect(await waiting).toBe(3)
  })

  it('keeps no more than its maximum; the rest is counted, and the oldest are kept', async () => {
    const box = new Mailbox<number>(2)
    for (const n of [1, 2, 3, 4]) box.offer(n)
    expect([box.dropped, await box.take(FOREVER), await box.take(FOREVER)]).toEqual([2, 1, 2])
    box.offer(5)
    expect(await box.take(FOREVER)).toBe(5)
  })

  it('ends a wait with the reason of the signal, and can be asked again', async () => {
    const box = new Mailbox<number>(2)
    const stop = new AbortController()
    const waiting = box.take(stop.signal).catch(codeOf)
    stop.abort(new Fault('station.stopped'))
    expect(await waiting).toBe('station.stopped')
    await expect(box.take(stop.signal)).rejects.toMatchObject({ code: 'station.stopped' })
    box.offer(1)
    expect(await box.take(FOREVER)).toBe(1)
  })
})

it('a listener that throws takes no other down, and one that was taken off hears nothing', () => {
  const listeners = new Listeners<number>()
  const heard: number[] = []
  const told: string[] = []
  listeners.on(() => { throw new Fault('unit.silent') })
  using _kept = listeners.on(n => heard.push(n))
  const off = listeners.on(n => heard.push(-n))
  listeners.tell(1, fault => told.push(fault.code))
  off[Symbol.dispose]()
  listeners.tell(2, fault => told.push(fault.code))
  expect([heard, told]).toEqual([[1, -1, 2], ['unit.silent', 'unit.silent']])
})
