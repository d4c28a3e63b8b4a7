/** Saved views of history, backups on demand, the vendor's own log beside ours. */
import { describe, expect, it } from 'vitest'
import type { DoorName, DoorParams, UnitId } from '#shared'
import { askVendorLog } from '../../src/main/bench/vendor-log.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const faultOf = async <N extends DoorName>(bench: TestBench, name: N, params: DoorParams<N>): Promise<string | null> => {
  const answer = await bench.run(bench.station.gate.ask(name, params, { host: 'local' }))
  return answer.ok ? null : answer.fault.code
}

describe('views of history', () => {
  it('belong to the person who saved them or to everybody, are replaced by name, and survive a restart', async () => {
    await using bench = await openBench({ seed: 5 })
    const names = async (): Promise<string[]> => (await bench.ask('views.list', {})).map(view => view.name)
    await bench.ask('scan', { text: 'OP:1001' })
    await bench.ask('views.save', { name: 'my refusals', filter: { outcome: 'refused', days: 7 } })
    await bench.ask('views.save', { name: 'Shelf', isShared: true, filter: { reason: 'quota.account-spent' } })
    await bench.ask('views.save', { name: 'my refusals', filter: { outcome: 'refused', days: 30 } })
    expect(await bench.ask('views.list', {})).toMatchObject([{ name: 'my refusals', owner: '1001', filter: { outcome: 'refused', days: 30 } }, { name: 'Shelf', owner: null }])
    await bench.ask('scan', { text: 'OP:1002' })
    expect(await names()).toEqual(['Shelf'])
    await bench.run(bench.station.close())
    await bench.open()
    await bench.ask('scan', { text: 'OP:1001' })
    const [mine, shared] = await bench.ask('views.list', {})
    expect(mine?.name).toBe('my refusals')
    await bench.ask('scan', { text: 'OP:1002' })
    expect(await faultOf(bench, 'views.remove', { id: mine?.id ?? '' })).toBe('door.invalid') // somebody else's
    expect((await bench.ask('views.remove', { id: shared?.id ?? '' }))).toEqual([])
  })

  it('are a hundred at most, and hold nothing but a filter', async () => {
    await using bench = await openBench({ seed: 5 })
    for (let n = 0; n < 100; n += 1) await bench.ask('views.save', { name: `v${n}`, isShared: true, filter: {} })
    expect(await faultOf(bench, 'views.save', { name: 'one more', isShared: true, filter: {} })).toBe('door.invalid')
    expect(await faultOf(bench, 'views.save', { name: 'v1', isShared: true, filter: { days: 2 } })).toBeNull()
    const odd = await bench.station.gate.ask('views.save', { name: 'x', filter: { script: 1 } }, { host: 'local' })
    expect(odd).toMatchObject({ ok: false, fault: { code: 'door.invalid' } })
  })
})

describe("the vendor's own log", () => {
  it('stands in the timeline beside our facts once it was asked for, each row once, and is no proof', async () => {
    await using bench = await openBench({ seed: 7, units: 2, cameras: 0 })
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
    await bench.run(operator.run(new AbortController().signal))
    const [unit] = await bench.ask('units.find', { outcome: 'proven' })
    const uid = unit?.uid ?? '' as UnitId // an empty id fits no unit
    expect((await bench.run(bench.ask('unit.timeline', { unit: uid }))).vendor).toEqual([])
    const rows = await bench.run(bench.ask('unit.vendor-log', { unit: uid }))
    expect(rows.map(row => row.event)).toEqual([3, 4]) // activation, reset
    const before = bench.ledger.lastSeq
    expect(await bench.run(bench.ask('unit.vendor-log', { unit: uid }))).toEqual(rows)
    const timeline = await bench.run(bench.ask('unit.timeline', { unit: uid }))
    expect(timeline.vendor).toEqual(rows)
    expect(timeline.facts.filter(f => f.kind === 'vendor.logged')).toHaveLength(1)
    expect(bench.ledger.factsAfter(before, 10).filter(f => f.body.kind === 'vendor.logged')).toEqual([])
    expect(timeline.unit.outcome).toBe('proven')
  })

  it('names why it cannot be had: no device id, the cloud away', async () => {
    await using bench = await openBench({ seed: 7, units: 1, cameras: 0 })
    await bench.ask('scan', { text: 'TAG-1' })
    const [unit] = await bench.ask('units.find', { text: 'TAG-1' })
    expect(await faultOf(bench, 'unit.vendor-log', { unit: unit?.uid ?? '' })).toBe('log.no-device')
    expect(await faultOf(bench, 'unit.vendor-log', { unit: 'nobody' })).toBe('door.invalid')
    bench.ledger.append({ ...(unit ? { unit: unit.uid } : {}), body: { kind: 'unit.named', alias: { kind: 'deviceId', value: 'bf00000000000000000001' } } })
    expect(await faultOf(bench, 'unit.vendor-log', { unit: unit?.uid ?? '' })).toBe('cloud.refused')
    const known = unit === undefined ? null : bench.ledger.unit(unit.uid)
    if (known === null) return expect.fail('no unit')
    const nobody = { clock: bench.world.clock, ledger: bench.ledger, clientOf: () => null, accounts: () => [] }
    await expect(askVendorLog(nobody, known, new AbortController().signal)).rejects.toMatchObject({ code: 'log.no-account' })
    bench.world.cloud.setFaults({ outage: ['openapi'] })
    expect(await faultOf(bench, 'unit.vendor-log', { unit: unit?.uid ?? '' })).toMatch(/^cloud\.unreachable|^web\.not-started/)
  })
})

describe('the Wi-Fi test', () => {
  it('begins from the wave page and shows itself there until it is over; the lamps of each product are told', async () => {
    await using bench = await openBench({ seed: 5, cameras: 0 })
    const [first] = await bench.ask('wifi.test', {})
    expect(first?.test).toHaveProperty('until')
    expect(await faultOf(bench, 'wifi.test', {})).toBe('wifi.testing')
    await bench.sleep(62_000)
    expect((await bench.ask('bench.view', {})).wifi.find(w => w.ssid === first?.ssid)?.test).toMatchObject({ mac: null })
    expect((await bench.ask('product.list', {})).find(p => p.method === 'qr')).toMatchObject({ resetHoldSeconds: 6, lamps: { ready: 'red-blinking', stuck: 'green-blinking' } })
  })
})

describe('a backup by hand', () => {
  it('is refused where the ledger is no file, and the list is empty there', async () => {
    await using bench = await openBench({ seed: 5 })
    expect(await bench.ask('backup.list', {})).toEqual([])
    expect(await faultOf(bench, 'backup.now', {})).toBe('training.not-kept')
  })
})
