/** Storms: loss, duplicates and changing addresses on the LAN, unit faults of every kind; checkers only. */
import { describe, expect, it } from 'vitest'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import type { UnitFault } from '../../src/main/virtual/unit-profile.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench } from '../helpers/station.ts'

const SEEDS = Number(process.env['STORM_SEEDS'] ?? 20)
const UNITS = 5
const FAULTS: readonly UnitFault[] = ['refuses', 'never-reacts', 'keeps-trying', 'dies-after-ask', 'wrong-key-ignored', 'wrong-key-closed', 'truncated-frame', 'crc-error', 'late-ack', 'duplicate-id', 'forgets-reset', 'no-token-flag', 'new-address', 'new-address', 'new-address']

describe('a storm on the bench', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('seed %i: every invariant holds, and nothing unreleased is proven', async seed => {
    const luck = new SeededEntropy(`storm ${seed}`)
    const faults: Record<number, UnitFault> = {}
    for (let n = 2; n <= UNITS; n += 1) {
      const fault = FAULTS[Math.floor(luck.fraction() * FAULTS.length)]
      if (luck.fraction() < 0.4 && fault !== undefined) faults[n] = fault
    }
    await using bench = await openBench({ seed, units: UNITS, faults, settings: { 'bench.lanes': '8' } })
    const { lan, clock, units, cloud } = bench.world
    lan.lossFraction = luck.between(0, 0.2)
    lan.duplicateFraction = luck.between(0, 0.2)
    const over = new AbortController()
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
    const working = operator.run(over.signal).catch(() => undefined)
    // Cables are touched and power strips trip; who comes back asks for an address again.
    for (let i = 0; i < 8; i += 1) {
      await bench.sleep(luck.between(20_000, 90_000))
      const unit = units[Math.floor(luck.fraction() * units.length)]
      if (!unit?.state.isPlugged) continue
      const isPower = luck.fraction() < 0.5
      if (isPower) unit.powerOff()
      else unit.unplug()
      clock.after(luck.between(500, 70_000) as Parameters<typeof clock.after>[0], () => { // seconds as milliseconds, no more
        if (isPower) unit.powerOn()
        else unit.plug()
      })
    }
    lan.lossFraction = 0
    lan.duplicateFraction = 0
    await bench.sleep(1_500_000)
    over.abort()
    await bench.run(working)
    expect(findViolations(bench)).toEqual([])
    expect(bench.ledger.openJobs()).toEqual([])
    const released = new Set(cloud.effects.map(e => e.uuid))
    const proven = (await bench.ask('units.find', { outcome: 'proven', limit: 100 })).map(u => u.aliases.filter(a => a.kind === 'uuid').map(a => a.value))
    expect(proven.filter(uuids => !uuids.some(uuid => released.has(uuid)))).toEqual([])
  })
})
