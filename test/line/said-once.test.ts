/** What the cloud says of a unit is written down when it is news, however often its list is read again. */
import { expect, it } from 'vitest'
import { minutes, seconds } from '#shared'
import { openFloor } from '../helpers/lan-floor.ts'
import { openBench } from '../helpers/station.ts'

it('a proven unit left on the bench while others go on with its token has one release in its history', async () => {
  await using floor = await openFloor({ units: 4, settings: { 'lan.take': 'all' } })
  const [left, ...others] = [1, 2, 3, 4].map(n => floor.unit(n))
  if (left === undefined) throw new Error('no unit')
  await floor.ready(left)
  await floor.bench.sleep(minutes(2))
  for (const unit of others) {
    await floor.ready(unit)
    await floor.bench.sleep(minutes(2))
    unit.unplug()
  }
  await floor.bench.sleep(minutes(10))
  const { uid = '', outcome } = await floor.viewOf(left) ?? {}
  const said = floor.bench.ledger.factsAfter(0, 10_000).filter(f => f.unit === uid && f.body.kind === 'unit.seen' && f.body.evidence.kind === 'cloud-released')
  expect([outcome, said.length]).toEqual(['proven', 1])
})

it('cameras of a wave whose list is read again for an hour, and after a restart, have one release each in their history', async () => {
  await using bench = await openBench({ seed: 21, cameras: 3, cameraFaults: { 3: 'keeps-trying' } })
  const { cameras } = bench.world
  for (const camera of cameras) camera.powerOn()
  await bench.sleep(seconds(10))
  for (const camera of cameras) camera.pressReset()
  await bench.sleep(seconds(40))
  for (const camera of cameras) await bench.ask('scan', { text: camera.profile.label })
  await bench.ask('wave.start', {})
  await bench.sleep(seconds(3))
  const { code } = await bench.ask('display.view', {})
  for (const camera of cameras) camera.readCode(code ?? '')
  const said = (): number[] => {
    const facts = bench.ledger.factsAfter(0, 10_000).filter(f => f.body.kind === 'unit.seen' && f.body.evidence.kind === 'cloud-released')
    return Array.from(Map.groupBy(facts, f => f.unit).values(), of => of.length)
  }
  await bench.sleep(minutes(60))
  expect(said()).toEqual([1, 1])
  await bench.run(bench.station.close())
  await bench.open()
  await bench.sleep(minutes(30))
  expect(said()).toEqual([1, 1])
})
