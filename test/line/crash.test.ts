/** The station is cut off after every committed fact, started again on the same file, and finishes. */
import { describe, expect, it } from 'vitest'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type BenchOptions } from '../helpers/station.ts'

interface Ending { readonly facts: number; readonly verdicts: Record<string, number>; readonly violations: string[]; readonly asked: number; readonly spent: number; readonly released: number; readonly proven: number; readonly open: number }

async function shift(options: BenchOptions, crashAt: number | null): Promise<Ending> {
  await using bench = await openBench(options)
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  const working = operator.run(new AbortController().signal)
  if (crashAt !== null) await bench.crashAfter(crashAt, working)
  await bench.run(working)
  await bench.sleep(900_000)
  const facts = bench.ledger.factsAfter(0, 100_000)
  const verdicts: Record<string, number> = {}
  for (const { unit, body } of facts) if (body.kind === 'job.closed' && unit) verdicts[unit] = (verdicts[unit] ?? 0) + 1
  return {
    facts: facts.length, verdicts, violations: findViolations(bench), asked: facts.filter(f => f.body.kind === 'unbind.asked').length,
    spent: bench.ledger.quotaUse('account', 'house', 0).spent, released: bench.world.cloud.effects.length,
    proven: bench.ledger.counter('outcome.proven'), open: bench.ledger.openJobs().length
  }
}

function expectWhole(ending: Ending, crashAt: number): void {
  const at = `cut off after fact ${crashAt}`
  expect(ending.violations, at).toEqual([])
  expect(ending.open, at).toBe(0)
  expect(ending.spent, at).toBe(ending.asked)
  expect(ending.proven, at).toBeLessThanOrEqual(ending.released)
  expect(Math.max(...Object.values(ending.verdicts)), at).toBeLessThanOrEqual(2) // a job cut off before its ask may be followed by a second one
}

describe('cut off after fact n', () => {
  it('one wired unit: for every n, one verdict a job, no seat spent twice, nothing proven that was not released', async () => {
    const options: BenchOptions = { seed: 7, units: 1 }
    const whole = await shift(options, null)
    expect(whole).toMatchObject({ proven: 1, released: 1, asked: 1, spent: 1 })
    for (let n = 1; n <= whole.facts; n += 1) expectWhole(await shift(options, n), n)
  }, 120_000)

  it('two wired units and a wave of four cameras: at every seventh fact', async () => {
    const options: BenchOptions = { seed: 9, units: 2, cameras: 4 }
    const whole = await shift(options, null)
    for (let n = 3; n <= whole.facts; n += 7) expectWhole(await shift(options, n), n)
  }, 120_000)
})
