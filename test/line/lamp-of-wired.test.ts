/** An operator states the lamp of a wired unit that stayed without proof: a reason and an action in the words of the wire, grade C, never success. */
import { describe, expect, it } from 'vitest'
import type { Light } from '#shared'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench } from '../helpers/station.ts'

describe('the lamp of a wired unit without proof', () => {
  it.each<[Light, string]>([['red-blinking', 'unit.silent'], ['green-blinking', 'unit.stuck-activating'], ['green-steady', 'unit.not-reset'], ['off', 'unit.silent']])('%s means %s', async (light, fault) => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'never-reacts' } })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(new AbortController().signal))
    const [unit] = await bench.ask('units.find', { outcome: 'unproven' })
    expect(unit?.method).toBe('wired')
    expect(await bench.ask('unit.light', { unit: unit?.uid ?? '', light })).toMatchObject({ outcome: 'unproven', grade: 'C', light, fault: { code: fault }, provenAt: null })
    expect(findViolations(bench)).toEqual([])
  })

  it('is stated by its card as well, for the unit scanned last', async () => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'never-reacts' } })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(new AbortController().signal))
    await bench.ask('scan', { text: 'CM:GREEN-BLINKS' })
    expect((await bench.ask('units.find', { outcome: 'unproven' }))[0]).toMatchObject({ grade: 'C', fault: { code: 'unit.stuck-activating' } })
  })
})
