/** The demonstration for visitors: deliveries without end, holds that come and go, a short night, and never on the live bench. */
import { describe, expect, it } from 'vitest'
import { hours, minutes, seconds } from '#shared'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench } from '../helpers/station.ts'
import { openSchool } from '../helpers/school.ts'

describe('the demonstration', () => {
  it('brings a wave after three deliveries, with faults that cameras can have', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
    operator.isDemo = true
    const stop = new AbortController()
    let fault: unknown = null
    const working = operator.runForever(stop.signal).catch((thrown: unknown) => { if (!stop.signal.aborted) fault = thrown })
    for (let i = 0; i < 40 && bench.world.cameras.length === 0; i += 1) await bench.sleep(minutes(5))
    expect([bench.world.cameras.length, fault]).toEqual([12, null])
    stop.abort()
    await bench.run(working)
  }, 60_000)

  it('brings wired units and waves without end, over the end of the day`s quota, and shows holds that are gone in the morning', async () => {
    await using bench = await openBench({ seed: 5, units: 4, cameras: 6, settings: { 'quota.accountPerDay': '30' } })
    const nights: number[] = []
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }, {
      night: async (isOver, signal) => {
        nights.push((await bench.ask('hold.list', {})).length)
        while (!await isOver()) await bench.world.clock.sleep(minutes(30), signal)
      }
    })
    operator.isDemo = true
    const stop = new AbortController()
    const working = operator.runForever(stop.signal).catch(() => undefined)
    const seen = { holds: 0, waves: 0, spent: false }
    for (let i = 0; i < 200 && nights.length < 2; i += 1) {
      await bench.sleep(minutes(15))
      const view = await bench.ask('bench.view', {})
      seen.holds = Math.max(seen.holds, (await bench.ask('hold.list', {})).length)
      seen.waves = Math.max(seen.waves, view.waves.length)
      seen.spent ||= view.quota.some(q => q.scope === 'account' && q.spent + q.reserved >= q.cap)
    }
    stop.abort()
    await bench.run(working)
    expect(nights).toEqual([0, 0]) // let go before it
    expect(seen.holds).toBeGreaterThan(0)
    expect(seen).toMatchObject({ waves: 1, spent: true })
    expect(bench.world.cloud.effects.length).toBeGreaterThan(30)
  }, 60_000)

  it('shows a day of thirty seats in minutes, and its night is over within a minute of whoever stands before the board', async () => {
    const paces: { readonly rate: number; readonly from: number }[] = []
    const world: { now?: () => number } = {}
    await using s = await openSchool({ seed: 5, units: 4, cameras: 6, settings: { 'quota.accountPerDay': '30', 'lan.askSeconds': '60', 'cloud.pollSeconds': '30' }, onPace: rate => { paces.push({ rate, from: world.now?.() ?? 0 }) } })
    world.now = () => s.bench.world.clock.now()
    await s.bench.ask('training.demo', { isOn: true })
    const nights = (): number => paces.filter((p, i) => p.rate > 20 && (paces[i + 1]?.from ?? 0) - p.from > hours(1)).length // the first may end at once: seats came back
    for (let i = 0; i < 200 && nights() < 1; i += 1) await s.bench.sleep(minutes(15))
    await s.bench.ask('training.demo', { isOn: false })
    const shown = (isNight: boolean): number[] => paces.flatMap(({ rate, from }, i) => (next => next === undefined || rate > 20 !== isNight ? [] : [(next.from - from) / 1000 / rate])(paces[i + 1])) // seconds of whoever looks
    const [night, day] = [Math.max(...shown(true)), shown(false).reduce((sum, n) => sum + n, 0)]
    process.stdout.write(`demonstration: a day of 30 seats in ${Math.round(day)} s, the longest night in ${Math.round(night)} s\n`)
    expect(night).toBeGreaterThan(20) // a real one, of half a day and more
    expect(night).toBeLessThan(60)
    expect(day).toBeLessThan(600)
  }, 120_000)

  it('is begun and ended by a word, and ends by itself when somebody practises', async () => {
    await using s = await openSchool({ units: 2 })
    expect((await s.view()).isDemo).toBe(false)
    expect(await s.bench.ask('training.demo', { isOn: true })).toMatchObject({ isDemo: true })
    await s.bench.sleep(minutes(25))
    expect((await s.bench.ask('bench.view', {})).shift.closed).toBeGreaterThan(4)
    expect(await s.bench.ask('training.demo', { isOn: false })).toMatchObject({ isDemo: false })
    await s.bench.ask('training.demo', { isOn: true })
    await s.until('no-power')
    expect((await s.view()).isDemo).toBe(false)
    await s.act([s.hand('power', 1)])
    await s.bench.sleep(seconds(30))
  }, 60_000)
})
