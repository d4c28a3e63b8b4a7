/** Whole shifts with everything going wrong that can, one seed after the other; `npm run soak -- shifts N` runs more of them. */
import { expect, it } from 'vitest'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import type { FaultPlan } from '../../src/main/virtual/world.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench } from '../helpers/station.ts'

const SEEDS = Number(process.env['SHIFT_SEEDS'] ?? 3)
const WIRED = ['refuses', 'never-reacts', 'no-permission', 'keeps-trying', 'deaf-to-reset', 'dies-after-ask', 'truncated-frame', 'crc-error', 'late-ack', 'wrong-key-closed'] as const
const CAMERA = ['never-sees-code', 'keeps-trying'] as const

function plan(luck: SeededEntropy, count: number, faults: readonly (typeof WIRED | typeof CAMERA)[number][]): FaultPlan {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, faults[luck.bytes(1)[0] ?? 0]]).filter(([, fault]) => fault !== undefined))
}

it.for(Array.from({ length: SEEDS }, (_, i) => 1000 + i))('shift with seed %i: every job has one verdict and every invariant holds', async seed => {
  const luck = new SeededEntropy(seed)
  await using bench = await openBench({ seed, units: 24, cameras: 20, faults: plan(luck, 24, WIRED), cameraFaults: plan(luck, 20, CAMERA) })
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(new AbortController().signal))
  await bench.sleep(900_000)
  expect(bench.ledger.openJobs()).toEqual([])
  expect(bench.ledger.counter('outcome.proven')).toBeLessThanOrEqual(bench.world.cloud.effects.length)
  expect(findViolations(bench)).toEqual([])
})
