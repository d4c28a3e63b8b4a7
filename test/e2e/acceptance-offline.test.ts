/** The eighth acceptance check of the sheet (design/operator.md 5.8): three days without the cloud. */
import { expect, test } from 'vitest'
import { hours, seconds } from '#shared'
import { PRINTER, plugPrinter } from '../helpers/label-printer.ts'
import { openBench } from '../helpers/station.ts'

test('8. 72 hours offline: intake, reset, history and labels that wait all work; nothing is called proven, no certificate is made, and afterwards every unit gets both', async () => {
  await using bench = await openBench({ seed: 7, units: 2, settings: { 'lan.askSeconds': '60', 'cloud.pollSeconds': '60', 'printer.address': PRINTER } })
  const printed = await plugPrinter(bench)
  bench.world.cloud.setFaults({ outage: ['openapi', 'events'] })
  await bench.ask('scan', { text: 'OP:1001' })
  for (const unit of bench.world.units) {
    await bench.ask('scan', { text: unit.profile.label })
    unit.plug()
    unit.powerOn()
    await bench.sleep(seconds(60))
    unit.pressReset()
    await bench.sleep(seconds(120))
    unit.unplug()
    unit.powerOff()
  }
  for (let hour = 0; hour < 72; hour += 1) await bench.sleep(hours(1))
  const units = await bench.ask('units.find', {})
  expect(units.map(u => [u.resetDoneAt !== null, u.askedAt, u.outcome === 'proven'])).toEqual([[true, null, false], [true, null, false]])
  for (const { uid } of units) await expect(bench.ask('certificate.make', { unit: uid })).rejects.toMatchObject({ code: 'certificate.refused' })
  expect(bench.ledger.factsAfter(0, 100_000).filter(f => f.body.kind === 'certificate.made')).toEqual([])
  expect((await bench.ask('bench.view', {})).lamps.find(l => l.name === 'cloud')?.state).not.toBe('ok')
  expect((await bench.ask('history.list', { limit: 1000 })).length).toBeGreaterThan(10)
  expect(await bench.ask('ledger.verify', {})).toMatchObject({ broken: [] })
  expect(printed).toEqual([]) // no unit has had its last word
  bench.world.cloud.setFaults({ outage: [] })
  await bench.sleep(seconds(120))
  for (const unit of bench.world.units) {
    await bench.ask('scan', { text: unit.profile.label })
    unit.plug()
    unit.powerOn()
    await bench.sleep(seconds(30))
    unit.pressReset() // what it was told three days ago has gone with its power
    await bench.sleep(seconds(300))
  }
  const after = await bench.ask('units.find', {})
  expect(after.map(u => [u.outcome, u.label?.kind, u.label?.fault])).toEqual([['proven', 'release', null], ['proven', 'release', null]])
  expect(printed).toHaveLength(2)
  for (const { uid } of after) expect(await bench.ask('certificate.make', { unit: uid })).toMatchObject({ id: expect.any(String) as string })
}, 120_000)
