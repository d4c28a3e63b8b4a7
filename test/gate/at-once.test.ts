/** A scan is in the banner within a frame or two: the gate does not make it wait for company. */
import { expect, test } from 'vitest'
import { openSchool } from '../helpers/school.ts'
import { openBench } from '../helpers/station.ts'

test('each scan is told before its answer, also one right after another, and one that is refused', async () => {
  await using bench = await openBench({ units: 1 })
  const heard: string[] = []
  using _screen = bench.station.gate.follow((_event, payload) => { if ('scan' in payload) heard.push(`told ${payload.scan?.text ?? 'nothing'}`) }, ['bench.changed'])
  await bench.sleep(1000)
  heard.length = 0
  const at = bench.world.clock.monotonic()
  for (const text of ['RB-0001', 'OP:1001', 'P03', 'CM:DANCE']) await bench.ask('scan', { text }).catch(() => undefined).finally(() => heard.push(`answered ${text}`))
  expect(heard).toEqual(['RB-0001', 'OP:1001', 'P03', 'CM:DANCE'].flatMap(text => [`told ${text}`, `answered ${text}`]))
  expect(bench.world.clock.monotonic()).toBe(at)
})

test('what the bench says by itself is told at once when it comes alone; what follows within fifty milliseconds travels together', async () => {
  await using bench = await openBench({ units: 1 })
  const told: number[] = []
  using _screen = bench.station.gate.follow(() => { told.push(bench.world.clock.monotonic()) }, ['bench.changed'])
  await bench.sleep(1000)
  told.length = 0
  const at = bench.world.clock.monotonic()
  const say = (): void => { bench.ledger.append({ body: { kind: 'lead.called' } }) }
  say()
  await bench.sleep(10)
  expect(told).toEqual([at])
  for (let i = 0; i < 3; i += 1) say()
  await bench.sleep(80)
  expect(told).toEqual([at, at + 50])
})

test('what no fact tells is told at once too, such as the pace of training', async () => {
  await using school = await openSchool({ units: 1 })
  const { bench } = school
  const told: number[] = []
  using _screen = bench.station.gate.follow(() => { told.push(bench.world.clock.monotonic()) }, ['bench.changed'])
  await bench.sleep(1000)
  told.length = 0
  const [at, last] = [bench.world.clock.monotonic(), bench.ledger.lastSeq]
  await bench.ask('training.demo', { isOn: false }) // leaves no fact; a free clock has no pace to set
  await bench.ask('bench.view', {})
  expect(bench.ledger.lastSeq).toBe(last)
  await bench.sleep(10)
  expect(told).toEqual([at]) // one for the command, none for the question
})
