/** Who is who: every clash has a name, stands on both units, and merges nobody; and which box it is, or that nobody knows. */
import { describe, expect, it } from 'vitest'
import type { Instant, UnitId } from '#shared'
import { encodeAnnouncement } from '../../src/main/wire/announcement.ts'
import type { Ledger } from '../../src/main/bench/ledger.ts'
import { unitOf, UNITS, type UnitRow } from '../../src/main/bench/packing.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Catalogue } from '../../src/main/domain/product.ts'
import type { Claim, Sighting } from '../../src/main/domain/unit.ts'
import { identify, type Identified } from '../../src/main/line/04-identify.ts'
import { atAddress } from '../../src/main/line/permit.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { LedgerBench } from '../helpers/ledger.ts'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'
import { bytesOf, NONCE } from '../golden/lan.ts'

const ALL = { 'lan.take': 'all' }
const FAR = '02:77:00:00:00:99'

async function conflicts(floor: LanFloor, mac: string): Promise<readonly unknown[]> {
  const seen = await floor.view(mac)
  return (await floor.facts(seen?.uid ?? '', 'unit.conflict')).map(f => f.body['as'])
}

describe('two that claim to be one', () => {
  it.each([
    ['unit.conflict', 'far from each other: two boxes with one uuid', FAR],
    ['unit.two-cards', 'neighbours: one box with two cables', '02:1e:00:00:00:03']
  ] as const)('%s: MACs %s', async (code, _, mac) => {
    await using floor = await openFloor({ units: 2, faults: { 2: 'duplicate-id' }, shape: p => p.fault === 'duplicate-id' ? { ...p, mac } : p, settings: ALL })
    const first = floor.unit(1).profile.mac
    for (const unit of [floor.unit(1), floor.unit(2)]) unit.plug()
    floor.bench.world.cloud.setFaults({ outage: ['openapi'] }) // neither is asked before the other speaks
    await floor.ready(floor.unit(1), floor.unit(2))
    expect(await floor.bench.ask('units.find', {})).toHaveLength(2)
    expect([await conflicts(floor, first), await conflicts(floor, mac)]).toEqual([[code], [code]])
    for (const name of [first, mac]) expect(await floor.view(name)).toMatchObject({ hold: { owner: 'station', reason: code }, askedAt: null, prompt: 'set-aside' })
    floor.bench.world.cloud.setFaults({ outage: [] })
    await floor.bench.sleep(300_000)
    expect(floor.dialled).toEqual([])
  })

  it('unit.id-copied: two present units announce one device id', async () => {
    await using floor = await openFloor({ units: 2, shape: p => ({ ...p, deviceId: 'bfsamesamesamesame01', version: '3.3', announces: 'by-itself' }), settings: ALL })
    for (const n of [1, 2]) floor.on(floor.unit(n))
    await floor.bench.sleep(60_000)
    const macs = [1, 2].map(n => floor.unit(n).profile.mac)
    for (const mac of macs) {
      expect(await conflicts(floor, mac)).toEqual(['unit.id-copied'])
      expect(await floor.view(mac)).toMatchObject({ hold: { reason: 'unit.id-copied' }, fault: { code: 'unit.id-copied' } })
    }
    expect(await floor.bench.ask('units.find', {})).toHaveLength(2)
  })
})

describe('one that turns out to be two', () => {
  it('unit.address-shared: another uuid speaks from the address of a unit; it is held, and the words of the other prove nothing', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'never-reacts' }, shape: p => ({ ...p, version: '3.4', announces: 'by-itself' }), settings: ALL })
    const unit = floor.unit(1)
    await floor.ready(unit)
    while (await floor.asked(unit) === 0) await floor.bench.sleep(1000)
    const say = await floor.squatter(FAR, unit.state.address ?? '')
    const announce = (active: number, gwId: string): void => {
      say(encodeAnnouncement({ json: { ip: '10.77.0.1', gwId, uuid: 'uuidsomebodyelse0001', active, encrypt: true, productKey: 'gw3wired00000001', version: '3.4', token: true }, version: '3.4', sequence: 0, nonce: bytesOf(NONCE) }), 6667)
    }
    for (let i = 0; i < 20; i += 1) {
      announce(i % 2 === 0 ? 2 : 0, i % 2 === 0 ? 'bfsomebodyelse000001' : 'uuidsomebodyelse0001')
      await floor.bench.sleep(5000)
    }
    await floor.bench.sleep(300_000)
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'unproven' })
    expect(new Set(await conflicts(floor, unit.profile.mac))).toEqual(new Set(['unit.address-shared']))
    expect(await floor.bench.ask('units.find', {})).toHaveLength(1)
  })

  it('a box without a uuid that speaks from the same address in turn is no proof either', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'never-reacts' }, shape: p => ({ ...p, version: '3.3', announces: 'by-itself' }), settings: ALL })
    const unit = floor.unit(1)
    await floor.ready(unit)
    while (await floor.asked(unit) === 0) await floor.bench.sleep(1000)
    const say = await floor.squatter(FAR, unit.state.address ?? '')
    for (let i = 0; i < 40; i += 1) {
      say(encodeAnnouncement({ json: { gwId: 'bfsomebodyelse000001', active: 2, encrypt: true, productKey: 'gw3wired00000001', version: '3.3', token: true }, version: '3.3', sequence: 0, nonce: bytesOf(NONCE) }), 6667)
      await floor.bench.sleep(5000)
    }
    await floor.bench.sleep(300_000)
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'unproven' })
  })
})

describe('a new address', () => {
  it('unit.address-changed: is told on the unit, and ends a hand-over to the old address', async () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    const at = 0 as Instant // of no interest here
    const lease = (ip: string): Sighting => ({ kind: 'lease', at, mac: FAR, ip, hostName: null, fingerprint: '' })
    const unit = sight(ledger, lease('10.77.0.20'))?.unit ?? '' as UnitId // met in this line
    const working = atAddress(ledger, unit, '10.77.0.20', signal => new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))), new AbortController().signal)
    sight(ledger, lease('10.77.0.21'))
    await expect(working).rejects.toEqual(expect.objectContaining({ code: 'unit.address-changed', context: { from: '10.77.0.20', to: '10.77.0.21' } }))
    await expect(working).rejects.toBeInstanceOf(Fault)
    expect(ledger.history(unit, Number.MAX_SAFE_INTEGER, 10).map(f => f.body)).toContainEqual({ kind: 'fault.raised', fault: { code: 'unit.address-changed', context: { from: '10.77.0.20', to: '10.77.0.21' } } })
  })
})

describe('two units behind one port of the switch', () => {
  it('lane.shared: stand on no lane, and are told so', async () => {
    await using floor = await openFloor({ units: 2, settings: { 'switch.ports': '[{"port":3,"lane":1}]' } })
    for (const n of [1, 2]) {
      floor.bench.world.switch.cable(floor.unit(n).profile.mac, 3)
      floor.on(floor.unit(n))
      await floor.bench.sleep(25_000)
    }
    for (const n of [1, 2]) expect(await floor.viewOf(floor.unit(n))).toMatchObject({ lane: null, isIdentified: false })
    const told = (await floor.facts(null, 'fault.raised')).filter(f => JSON.stringify(f.body).includes('lane.shared'))
    expect(told.length).toBeGreaterThan(0)
  })
})

function sight(ledger: Ledger, sighting: Sighting, claim: Claim | null = null): Identified | null {
  return ledger.commit(tx => identify({ tx, ledger, catalogue: new Catalogue([]) }, sighting, claim))
}

/** Groups of names that belong together, in an order of their own; read as the ledger wrote them. */
function groups(ledger: Ledger): readonly string[] {
  return ledger.db.all<UnitRow>(UNITS).map(unitOf).map(u => u.aliases.map(a => `${a.kind}=${a.value}`).toSorted().join(' ')).filter(names => names !== '').toSorted()
}

describe('any order, any duplication', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('of the same sightings gives the same units (seed %i)', seed => {
    const luck = new SeededEntropy(`order ${seed}`)
    const hex = (n: number): string => n.toString(16).padStart(2, '0')
    const all: Sighting[] = Array.from({ length: 12 }, (_, n) => {
      const mac = `02:1e:00:${hex(n)}:00:01`
      const ip = `10.77.0.${20 + n}`
      const said = { kind: 'announcement', at: 0, mac, ip, productKey: null } as const
      return [
        { kind: 'lease', at: 0, mac, ip, hostName: null, fingerprint: '' },
        { ...said, uuid: null, gwId: `device${n}`, active: 2, readiness: 'activated' }, { ...said, uuid: null, gwId: `uuid${n}`, active: 0, readiness: 'ready' },
        { ...said, uuid: `uuid${n}`, gwId: `device${n}b`, active: 2, readiness: 'activated' },
        { kind: 'scan', at: 0, aliases: [{ kind: 'tag', value: `RB-${n}` }, { kind: 'mac', value: mac }], product: null }
      ] satisfies Sighting[]
    }).flat()
    using first = new LedgerBench()
    const inOrder = first.ledger
    for (const sighting of all) sight(inOrder, sighting)
    using second = new LedgerBench()
    const shuffled = second.ledger
    const some = [...all, ...all.filter(() => luck.fraction() < 0.5)].map(s => ({ s, at: luck.fraction() })).toSorted((a, b) => a.at - b.at)
    for (const { s } of some) sight(shuffled, s)
    expect(groups(shuffled)).toEqual(groups(inOrder))
    expect(groups(inOrder)).toHaveLength(12)
  })
})

describe('a unit that gets another address at each restart', () => {
  it('stays one unit, is released, and each change stands in its history', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'new-address' }, settings: ALL })
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(200_000)
    const seen = await floor.viewOf(floor.unit(1))
    expect(await floor.bench.ask('units.find', {})).toHaveLength(1)
    expect(seen).toMatchObject({ outcome: 'proven', attempt: 1 })
    const changes = (await floor.facts(seen?.uid ?? '', 'fault.raised')).filter(f => JSON.stringify(f.body).includes('unit.address-changed'))
    expect(changes.length).toBeGreaterThan(0)
  })
})
