// The gate in the street: without a proven way out no seat is reserved and no token taken, whoever the unit is.
import { describe, expect, it } from 'vitest'
import type { UnitView } from '#shared'
import { openBench, type TestBench } from '../helpers/station.ts'

/** A live bench in every respect but that its cards are virtual; nobody there answers DNS. */
const live = (more: Record<string, string> = {}): Promise<TestBench> => openBench({ seed: 5, units: 2, cameras: 2, settings: { 'mode': 'live', 'lan.take': 'all', ...more } })

async function powerUp(bench: TestBench): Promise<readonly UnitView[]> {
  for (const unit of bench.world.units) {
    unit.plug()
    unit.powerOn()
  }
  await bench.sleep(120_000)
  return (await bench.ask('bench.view', {})).units
}

describe('without a way out', () => {
  it('a unit waits with net.no-way-out and the line to type; nothing is reserved, no token is asked for', async () => {
    await using bench = await live({ 'dhcp.router': '10.77.0.254', 'dhcp.dns': '["10.77.0.254"]' })
    const units = await powerUp(bench)
    expect(units).toHaveLength(2)
    for (const unit of units) {
      expect(unit).toMatchObject({ job: null, outcome: null, prompt: 'wait', fault: { code: 'net.no-way-out', context: { failed: 'DNS', type: expect.stringContaining('--dhcp.router 10.77.0.254') } } })
    }
    const { quota, lamps } = await bench.ask('bench.view', {})
    expect(quota).toMatchObject([{ spent: 0, reserved: 0 }])
    expect(lamps.find(l => l.name === 'internet')).toMatchObject({ state: 'bad', fault: { code: 'net.no-way-out' } })
    expect((await bench.ask('network.view', {})).wayOut).toMatchObject({ state: 'closed', way: 'router' })
  })

  it('no wave is started', async () => {
    await using bench = await live()
    await bench.sleep(5000)
    await bench.ask('scan', { text: 'OP:ANNA' })
    await bench.ask('scan', { text: bench.world.cameras[0]?.profile.tag ?? '' })
    await expect(bench.ask('wave.start', {})).rejects.toMatchObject({ code: 'net.no-way-out', context: { 'first way': expect.stringContaining('sudo unbindery bench-net up'), 'second way': expect.stringContaining('dhcp.router') } })
  })

  it('switched off in the settings, and always in training, nobody waits for it', async () => {
    for (const settings of [{ 'wayOut.check': 'off' }, { mode: 'training' }]) {
      await using bench = await live(settings)
      expect((await powerUp(bench)).every(u => u.job !== null)).toBe(true)
      expect((await bench.ask('network.view', {})).wayOut).toBeUndefined()
    }
  })
})
