import { describe, expect, it } from 'vitest'
import { hours } from '#shared'
import { VirtualOperator, type OperatorOptions } from '../../src/main/virtual/operator.ts'
import { TRAINING_FAULTS, type World } from '../../src/main/virtual/world.ts'
import { openBench, type BenchOptions } from '../helpers/station.ts'

async function shift(bench: BenchOptions, options: OperatorOptions = {}) {
  const open = await openBench(bench)
  const operator = new VirtualOperator(open.world, { ask: (name, params) => open.station.gate.ask(name, params, { host: 'local' }) }, options)
  return { world: open.world, operator, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() }
}
const story = (operator: VirtualOperator): Record<string, string> => Object.fromEntries(Array.from(operator.verdicts, ([tag, v]) => [tag, v.fault === null ? `${v.outcome}` : `${v.outcome} ${v.fault.code}`]))
const left = (world: World): number => [...world.units, ...world.cameras].filter(u => u.state.phase !== 'off').length
const never = new AbortController().signal

describe('a virtual operator', () => {
  it('brings every unit and camera to a verdict through the door alone, and leaves an empty bench', async () => {
    await using s = await shift({ seed: 7, units: 8, cameras: 30, faults: TRAINING_FAULTS.units, cameraFaults: TRAINING_FAULTS.cameras })
    await s.world.run(s.operator.run(never))
    const verdicts = story(s.operator)
    expect(Object.fromEntries(Object.entries(verdicts).filter(([, v]) => v !== 'proven'))).toEqual({
      'RB-0003': 'refused unit.refused', 'RB-0005': 'unproven unit.silent', 'RB-0007': 'refused cloud.no-permission',
      'RC-0011': 'unproven unit.not-seen-reading', 'RC-0023': 'unproven unit.stuck-activating'
    })
    expect(Object.keys(verdicts)).toHaveLength(38)
    expect(left(s.world)).toBe(0)
  })

  it('works the same shift twice for the same seed', async () => {
    const once = async (): Promise<unknown> => {
      await using s = await shift({ seed: 11, units: 6, faults: { 2: 'late-ack' } })
      await s.world.run(s.operator.run(never))
      return [s.world.clock.monotonic(), [...s.operator.verdicts]]
    }
    expect(await once()).toEqual(await once())
  })

  it('makes the slips it is told to make, and no other unit suffers from them', async () => {
    const slips = { unplugsAt: { 'RB-0002': 'resetting' }, scansTwice: ['RB-0001'], scansGarbage: ['RB-0003'] } as const
    await using s = await shift({ seed: 9, units: 4 }, { slips })
    await s.world.run(s.operator.run(never))
    expect(story(s.operator)).toMatchObject({ 'RB-0001': 'proven', 'RB-0002': expect.stringMatching(/^withdrawn/), 'RB-0003': 'proven', 'RB-0004': 'proven' })
  })

  it('gives up on units of which there is no sign, and goes on with the others', async () => {
    await using s = await shift({ seed: 3, units: 4, faults: { 1: 'dead', 2: 'no-dhcp' } }, { lanes: 2 })
    await s.world.run(s.operator.run(never))
    expect(story(s.operator)).toEqual({ 'RB-0001': 'null', 'RB-0002': 'null', 'RB-0003': 'proven', 'RB-0004': 'proven' })
  })

  it('goes on with new deliveries until the quota of the day is spent', async () => {
    await using s = await shift({ seed: 5, units: 2, settings: { 'quota.accountPerDay': '12' } })
    const stop = new AbortController()
    const working = s.operator.runForever(stop.signal).catch(() => undefined)
    await s.world.run(s.world.clock.sleep(hours(8), never))
    stop.abort()
    await s.world.run(working)
    expect(s.world.cloud.effects.length).toBeGreaterThan(6)
    expect(s.world.cloud.effects.length).toBeLessThanOrEqual(12)
  })
})
