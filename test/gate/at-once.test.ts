/** A scan is in the banner within a frame or two: the gate does not make it wait for company. */
import { expect, test } from 'vitest'
import { openBench } from '../helpers/station.ts'

test('what comes alone is told at once; what follows within fifty milliseconds travels together', async () => {
  await using bench = await openBench({ units: 1 })
  const told: number[] = []
  using _screen = bench.station.gate.follow(() => { told.push(bench.world.clock.monotonic()) }, ['bench.changed'])
  await bench.sleep(1000)
  told.length = 0
  const at = bench.world.clock.monotonic()
  await bench.ask('scan', { text: 'RB-0001' })
  await bench.sleep(10)
  expect(told).toEqual([at])
  for (const badge of ['OP:1001', 'OP:1002', 'OP:1003']) await bench.ask('scan', { text: badge })
  await bench.sleep(100)
  expect(told.slice(0, 2)).toEqual([at, at + 50])
  expect(told.slice(1).map((moment, i) => moment - (told[i] ?? 0)).every(gap => gap >= 50)).toBe(true)
})
