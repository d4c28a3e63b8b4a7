/** Step 04: what is scanned, leased and heard becomes one unit; two units are never merged silently. */
import { describe, expect, it } from 'vitest'
import type { Alias, UnitId } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { ALIASES_MAX, type Claim, type Sighting, type Unit } from '../../src/main/domain/unit.ts'
import { identify, type Identified } from '../../src/main/line/04-identify.ts'
import { CAMERA, CATALOGUE, GATEWAY, LedgerBench, mac, unitId } from '../helpers/ledger.ts'

const tag = (value: string): Alias => ({ kind: 'tag', value })
const serial = (value: string): Alias => ({ kind: 'serial', value })
const uuid = (value: string): Alias => ({ kind: 'uuid', value })
const scan = (...aliases: Alias[]): Sighting => ({ kind: 'scan', at: 1, aliases, product: null })
const lease = (n: number, ip = `10.77.0.${20 + n}`): Sighting => ({ kind: 'lease', at: 1, mac: mac(n).value, ip, hostName: 'h', fingerprint: 'udhcp|1,3' })
type Announced = Extract<Sighting, { kind: 'announcement' }>
const announced = (n: number | null, said: Partial<Announced> = {}): Announced => ({
  kind: 'announcement', at: 1, mac: n === null ? null : mac(n).value, ip: `10.77.0.${20 + (n ?? 0)}`, uuid: null, gwId: `uuid-${n}`, active: 0, productKey: GATEWAY, readiness: 'ready', ...said
})

class Bench extends LedgerBench {
  see(sighting: Sighting, claim: Claim | null = null): Identified | null {
    return this.ledger.commit(tx => identify({ tx, ledger: this.ledger, catalogue: CATALOGUE }, sighting, claim))
  }
  /** As the line does: an announcement is evidence of its unit too. */
  hear(sighting: Announced): Identified | null {
    const found = this.see(sighting)
    const { at, active, gwId, uuid: said } = sighting
    if (found) this.ledger.append({ unit: found.unit, body: { kind: 'unit.seen', evidence: { kind: 'announced', at, active, gwId, uuid: said } } })
    return found
  }
  of(uid: UnitId | undefined): Unit | null { return uid === undefined ? null : this.ledger.unit(uid) }
  get units(): Unit[] { return this.ledger.findUnits('', null, 100) }
  conflicts(): (string | null)[] { return this.ledger.factsAfter(0, 1000).filter(f => f.body.kind === 'unit.conflict').map(f => f.unit) }
}

describe('one unit', () => {
  it('that is scanned, plugged and heard is one, whatever comes first', () => {
    const sightings = [scan(tag('RB-1'), mac(1)), lease(1), announced(1)]
    for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
      using bench = new Bench()
      const found = order.map(i => sightings[i]).filter(s => s !== undefined).map(s => bench.see(s)?.unit)
      expect(new Set(found).size, order.join()).toBe(1)
      expect(bench.of(found[0])).toMatchObject({ product: GATEWAY, ip: '10.77.0.21', scannedAt: bench.clock.now() })
      expect(bench.of(found[0])?.aliases.map(a => a.kind).toSorted()).toEqual(['mac', 'tag', 'uuid'])
      expect([bench.conflicts(), findDrift(bench.ledger)]).toEqual([[], []])
    }
  })

  it('is new once; the same sighting again adds nothing but the scan itself', () => {
    using bench = new Bench()
    expect(bench.see(scan(tag('RB-1')))?.isNew).toBe(true)
    expect(bench.see(lease(1))?.isNew).toBe(true)
    bench.see(announced(1))
    const before = bench.ledger.lastSeq
    for (const again of [lease(1), announced(1), lease(1), announced(1)]) expect(bench.see(again)?.isNew).toBe(false)
    expect(bench.ledger.lastSeq).toBe(before)
    expect(bench.see(scan(tag('RB-1')))?.isNew).toBe(false)
    expect(bench.kinds(before)).toEqual(['unit.scanned'])
  })

  it('keeps what it is called through activation and reset: a device id names it and never makes two of one', () => {
    using bench = new Bench()
    const first = bench.hear(announced(1))
    bench.hear(announced(1, { gwId: 'device-1', uuid: 'uuid-1', active: 2, readiness: 'activated' }))
    const last = bench.hear(announced(1, { gwId: 'device-2', uuid: 'uuid-1', active: 2, readiness: 'activated' }))
    expect(last?.unit).toBe(first?.unit)
    expect(bench.of(first?.unit)?.aliases.filter(a => a.kind === 'deviceId').map(a => a.value)).toEqual(['device-1', 'device-2'])
    expect(bench.units).toHaveLength(1)
  })

  it('takes the product it announces; an unknown one is kept as it is said', () => {
    using bench = new Bench()
    const known = bench.see(announced(1, { productKey: CAMERA }))
    const unknown = bench.see(announced(2, { productKey: 'never-heard-of-it' }))
    const silent = bench.see(announced(3, { productKey: null }))
    expect([known, unknown, silent].map(f => [bench.of(f?.unit)?.product, bench.of(f?.unit)?.method])).toEqual([[CAMERA, 'qr'], ['never-heard-of-it', 'wired'], [null, 'wired']])
    expect(bench.see({ ...scan(tag('RC-1')), product: CAMERA } as Sighting)?.isNew).toBe(true) // a scan whose label names the product
    expect(bench.units.filter(u => u.product === CAMERA)).toHaveLength(2)
  })

  it('that has no lease from us never becomes a unit', () => {
    using bench = new Bench()
    expect(bench.see(announced(null, { uuid: 'uuid-9' }))).toBeNull()
    expect([bench.units, bench.ledger.lastSeq]).toEqual([[], 0])
  })

  it('cannot be given names without end', () => {
    using bench = new Bench()
    const found = bench.hear(announced(1))
    for (let n = 0; n < 100; n += 1) bench.hear(announced(1, { gwId: `device-${n}`, uuid: 'uuid-1', active: 2 }))
    expect(bench.of(found?.unit)?.aliases).toHaveLength(ALIASES_MAX)
  })
})

describe('scan, then plug', () => {
  const scanned = (bench: Bench): Claim => ({ unit: bench.see(scan(tag('RB-1')))?.unit ?? unitId(''), lane: 3 })

  it('the first new MAC belongs to the unit that was scanned, in its lane', () => {
    using bench = new Bench()
    const claim = scanned(bench)
    expect(bench.see(lease(1), claim)).toMatchObject({ unit: claim.unit, isNew: false })
    expect(bench.of(claim.unit)).toMatchObject({ lane: 3, ip: '10.77.0.21' })
    expect(bench.units).toHaveLength(1)
  })

  it('a unit that is known already is not claimed: its lease is its own', () => {
    using bench = new Bench()
    const known = bench.see(lease(1))
    const claim = scanned(bench)
    expect(bench.see(lease(1, '10.77.0.99'), claim)?.unit).toBe(known?.unit)
    expect(bench.of(claim.unit)?.lane).toBeNull()
  })

  it('a unit takes one MAC by its scan, not a second one', () => {
    using bench = new Bench()
    const claim = scanned(bench)
    bench.see(lease(1), claim)
    expect(bench.see(lease(2), claim)?.unit).not.toBe(claim.unit)
    expect(bench.units).toHaveLength(2)
  })

  it('without a lane the unit is found all the same', () => {
    using bench = new Bench()
    const claim = { ...scanned(bench), lane: null }
    bench.see(lease(1), claim)
    expect(bench.of(claim.unit)).toMatchObject({ lane: null, ip: '10.77.0.21' })
  })
})

describe('two that turn out to be one', () => {
  it('a unit met by its lease is the scanned one, once it says the uuid of the label; one of them is left', () => {
    using bench = new Bench()
    const label = bench.see(scan(tag('RB-1'), uuid('uuid-1')))
    const plugged = bench.see(lease(1))
    expect(plugged?.unit).not.toBe(label?.unit)
    expect(bench.see(announced(1))).toMatchObject({ unit: label?.unit, conflict: null })
    expect(bench.of(label?.unit)).toMatchObject({ ip: '10.77.0.21', product: GATEWAY })
    expect(bench.of(label?.unit)?.aliases).toContainEqual(mac(1))
    expect(bench.of(plugged?.unit)).toMatchObject({ isHere: false, aliases: [] })
    expect(bench.ledger.unitByAlias(mac(1))).toBe(label?.unit)
    expect(findDrift(bench.ledger)).toEqual([])
  })
})

describe('a clash', () => {
  it('of two scanned units that say one uuid merges nothing, and is a fact on both', () => {
    using bench = new Bench()
    const one = bench.see(scan(tag('RB-1'), mac(1)))
    const two = bench.see(scan(tag('RB-2'), mac(60)))
    bench.hear(announced(1, { gwId: 'uuid-x' }))
    const found = bench.hear(announced(60, { gwId: 'uuid-x' }))
    expect(found).toMatchObject({ unit: two?.unit })
    expect(new Set(bench.conflicts())).toEqual(new Set([one?.unit, two?.unit]))
    expect(bench.of(one?.unit)?.aliases).toContainEqual(uuid('uuid-x'))
    expect(bench.ledger.unitByAlias(uuid('uuid-x'))).toBe(one?.unit)
    expect(findDrift(bench.ledger)).toEqual([])
  })

  it('holds the units that are here, once, however often it is heard', () => {
    using bench = new Bench()
    bench.see(lease(1))
    bench.see(lease(60))
    bench.see(scan(tag('RB-1'), mac(1)))
    bench.see(scan(tag('RB-2'), mac(60)))
    bench.hear(announced(1, { gwId: 'uuid-x' }))
    expect(bench.hear(announced(60, { gwId: 'uuid-x' }))?.conflict).toBe('unit.conflict')
    const told = bench.conflicts().length
    bench.hear(announced(60, { gwId: 'uuid-x' }))
    bench.hear(announced(60, { gwId: 'uuid-x' }))
    expect(bench.conflicts()).toHaveLength(told)
    const held = bench.units.filter(u => u.hold?.reason === 'unit.conflict')
    expect(held).toHaveLength(2)
    expect(held.every(u => u.hold?.owner === 'station')).toBe(true)
  })

  it('of a label whose names lead to two units is told, and a fact on both', () => {
    using bench = new Bench()
    const one = bench.see(scan(tag('RB-1'), serial('S1')))
    const two = bench.see(scan(tag('RB-2'), serial('S2')))
    const found = bench.see(scan(tag('RB-1'), serial('S2')))
    expect(found).toMatchObject({ unit: one?.unit, isNew: false, conflict: 'unit.conflict' })
    expect(new Set(bench.conflicts())).toEqual(new Set([one?.unit, two?.unit]))
    expect(bench.of(one?.unit)?.aliases).not.toContainEqual(serial('S2'))
  })
})
