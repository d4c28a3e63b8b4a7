/** The pip of the link: what the managed switch says, else what is heard over it, else honestly not known. */
import { expect, it } from 'vitest'
import { openFloor } from '../helpers/lan-floor.ts'

const SETTINGS = { 'switch.ports': '[{"port":3,"lane":1}]' }

it('with a switch the pip is the port: seen when the cable is in, gone when it is pulled, long before anything is missed', async () => {
  await using floor = await openFloor({ units: 1, settings: SETTINGS })
  const unit = floor.unit(1)
  floor.bench.world.switch.cable(unit.profile.mac, 3)
  await floor.ready(unit)
  expect(await floor.viewOf(unit)).toMatchObject({ lane: 1, pips: { link: 'on', lease: 'on', announcement: 'on' } })
  unit.unplug()
  await floor.bench.sleep(5000)
  expect(await floor.viewOf(unit)).toMatchObject({ pips: { link: 'gone', lease: 'on', announcement: 'on' } })
})

it('without one it is seen as long as something is heard, and not known after that: silence tells nothing of a cable', async () => {
  await using floor = await openFloor({ units: 1 })
  const unit = floor.unit(1)
  floor.on(unit)
  await floor.bench.sleep(30_000)
  expect(await floor.viewOf(unit)).toMatchObject({ pips: { link: 'on' } })
  unit.unplug()
  await floor.bench.sleep(60_000)
  expect(await floor.viewOf(unit)).toMatchObject({ pips: { link: 'unknown' } })
})

it('a switch that falls silent tells nothing any more', async () => {
  await using floor = await openFloor({ units: 1, settings: SETTINGS })
  const unit = floor.unit(1)
  floor.bench.world.switch.cable(unit.profile.mac, 3)
  await floor.ready(unit)
  floor.bench.world.switch.isOn = false
  unit.unplug()
  await floor.bench.sleep(8000)
  expect(await floor.viewOf(unit)).toMatchObject({ pips: { link: 'on', announcement: 'on' } })
})
