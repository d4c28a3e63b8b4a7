/** *Bound to us*: an ordinary pairing token binds the unit to our own account; it counts as released only when it has been let go. */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/main/bench/account-book.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const OWN = { ...VIRTUAL_ACCOUNT, id: 'own', clientId: 'clientown', secret: 'secret-of-our-own-app', isPairing: true }
const CAMERA = 'cam2qr0000000001'

function accessOf(release: NonNullable<Account['release']>) {
  const { accounts: [house], ...rest } = virtualAccess()
  if (!house) throw new Error('every bench has an account')
  return { ...rest, accounts: [{ ...house, id: 'own', clientId: OWN.clientId, secret: new Secret(OWN.secret), release }] }
}
/** A camera of our own app, free at the cloud, reads the wave's code; gives the unit's device id after that. */
async function readCode(bench: TestBench): Promise<string> {
  bench.world.cloud.register({ uuid: 'own-uuid-1', mac: '02:1e:00:00:77:01', productKey: CAMERA, isFree: true })
  await bench.ask('scan', { text: `OWN-1;PID:${CAMERA};UUID:own-uuid-1` })
  await bench.ask('wave.start', {})
  await bench.sleep(5000)
  const { code } = await bench.ask('display.view', {})
  const token = String((JSON.parse(code ?? '{}') as { t?: string }).t) // what a camera reads
  const body = new TextEncoder().encode(JSON.stringify({ uuid: 'own-uuid-1', mac: '02:1e:00:00:77:01', productKey: CAMERA, token }))
  await bench.run(bench.world.cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body }))
  return bench.world.cloud.bindingOf('own-uuid-1')?.deviceId ?? ''
}
const unitOf = async (bench: TestBench) => (await bench.ask('units.find', { text: 'OWN-1' }))[0]
const kinds = (bench: TestBench) => bench.ledger.factsAfter(0, 10_000).map(f => f.body.kind)

describe.each(['delete', 'reset', 'partner'] as const)('a unit of our own app, let go by %s', release => {
  it('is bound to us first, let go by the station, and only then proven', async () => {
    await using bench = await openBench({ seed: 7, access: accessOf(release), accounts: [OWN] })
    await bench.sleep(3000)
    await readCode(bench)
    expect(bench.world.cloud.bindingOf('own-uuid-1')?.owner).toBe('own')
    await bench.sleep(30_000)
    expect(bench.world.cloud.bindingOf('own-uuid-1')?.owner).toBeNull()
    await bench.sleep(400_000)
    expect(await unitOf(bench)).toMatchObject({ outcome: 'proven' })
    expect(kinds(bench).filter(k => k === 'unit.bound' || k === 'unit.unbound')).toEqual(['unit.bound', 'unit.unbound'])
    expect(findViolations(bench)).toEqual([])
  })
})

it('survives a crash: while the release call cannot be made it is unproven and named, and is resumed until it has gone through', async () => {
  await using bench = await openBench({ seed: 7, access: accessOf('delete'), accounts: [OWN] })
  await bench.sleep(3000)
  await readCode(bench)
  bench.world.web.block = /DELETE .*devices/
  await bench.sleep(900_000)
  expect(await unitOf(bench)).toMatchObject({ outcome: 'unproven', fault: { code: 'unit.bound-to-us' } })
  expect(bench.ledger.unitsBoundToUs()).toHaveLength(1)
  await bench.run(bench.station.close())
  await bench.open()
  expect(bench.ledger.unitsBoundToUs()).toHaveLength(1)
  bench.world.web.block = null
  await bench.sleep(90_000)
  expect(bench.ledger.unitsBoundToUs()).toEqual([])
  expect(await unitOf(bench)).toMatchObject({ outcome: 'proven' })
  expect(findViolations(bench)).toEqual([])
})

it("a stranger's unit is refused by the cloud, and never bound to us", async () => {
  await using bench = await openBench({ seed: 7, access: accessOf('delete'), accounts: [OWN] })
  await bench.sleep(3000)
  bench.world.cloud.register({ uuid: 'own-uuid-1', mac: '02:1e:00:00:77:01', productKey: CAMERA })
  await bench.ask('scan', { text: `OWN-1;PID:${CAMERA};UUID:own-uuid-1` })
  await bench.ask('wave.start', {})
  await bench.sleep(5000)
  const { code } = await bench.ask('display.view', {})
  const token = String((JSON.parse(code ?? '{}') as { t?: string }).t) // as above
  await bench.run(bench.world.cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body: new TextEncoder().encode(JSON.stringify({ uuid: 'own-uuid-1', mac: '02:1e:00:00:77:01', productKey: CAMERA, token })) }))
  await bench.sleep(400_000)
  expect(bench.world.cloud.bindingOf('own-uuid-1')?.owner).toBe('stranger')
  expect(kinds(bench)).not.toContain('unit.bound')
})
