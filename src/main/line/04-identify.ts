/**
 * Step 04: sightings to a unit, inside one transaction. Joins on MAC, serial, uuid and tag; a device id only names, because
 * it changes across activation and reset. Two units are never merged silently: a clash is a fact on both.
 */
import type { Alias, UnitId } from '#shared'
import type { Ledger, Tx } from '../bench/ledger.ts'
import type { Catalogue } from '../domain/product.ts'
import { ALIASES_MAX, identifies, type Claim, type Sighting, type Unit } from '../domain/unit.ts'

export interface Identified { readonly unit: UnitId; readonly isNew: boolean; readonly isConflict: boolean }

interface Desk { readonly tx: Tx; readonly ledger: Ledger; readonly catalogue: Catalogue }

/** null: a sender that has no lease from us. */
export function identify(desk: Desk, sighting: Sighting, claim: Claim | null): Identified | null {
  switch (sighting.kind) {
    case 'scan': return identifyScan(desk, sighting)
    case 'lease': return identifyLease(desk, sighting, claim)
    case 'announcement': return identifyAnnouncement(desk, sighting)
    default: return sighting satisfies never
  }
}

function identifyScan(desk: Desk, s: Extract<Sighting, { kind: 'scan' }>): Identified {
  const owners = new Set(s.aliases.map(a => desk.ledger.unitByAlias(a)).filter(u => u !== null))
  const [first] = owners
  const isNew = first === undefined
  const unit = first ?? meet(desk, 'scan')
  for (const alias of s.aliases) name(desk, unit, alias)
  const product = desk.catalogue.find(s.product)
  if (product && desk.ledger.unit(unit)?.product !== product.productKey) {
    desk.tx.append({ unit, body: { kind: 'unit.known', product: product.productKey, method: product.method } })
  }
  desk.tx.append({ unit, body: { kind: 'unit.scanned' } })
  const clash = s.aliases.find(a => identifies(a) && (desk.ledger.unitByAlias(a) ?? unit) !== unit)
  const other = clash ? desk.ledger.unitByAlias(clash) : null
  if (clash && other !== null) tellBoth(desk, unit, other, clash)
  return { unit, isNew, isConflict: owners.size > 1 }
}

function identifyLease(desk: Desk, s: Extract<Sighting, { kind: 'lease' }>, claim: Claim | null): Identified {
  const alias: Alias = { kind: 'mac', value: s.mac }
  const known = desk.ledger.unitByAlias(alias)
  const claimed = known === null && claim !== null && !hasMac(desk.ledger.unit(claim.unit)) ? claim : null
  const unit = known ?? claimed?.unit ?? meet(desk, 'lease')
  name(desk, unit, alias)
  if (claimed?.lane != null) desk.tx.append({ unit, body: { kind: 'unit.placed', lane: claimed.lane } })
  const before = desk.ledger.unit(unit)
  if (before?.ip !== s.ip || before.fingerprint !== s.fingerprint || before.hostName !== s.hostName) {
    desk.tx.append({ unit, body: { kind: 'unit.leased', ip: s.ip, hostName: s.hostName, fingerprint: s.fingerprint } })
  }
  return { unit, isNew: known === null && claimed === null, isConflict: false }
}

function identifyAnnouncement(desk: Desk, s: Extract<Sighting, { kind: 'announcement' }>): Identified | null {
  if (s.mac === null) return null
  let unit = desk.ledger.unitByAlias({ kind: 'mac', value: s.mac }) ?? meet(desk, 'announcement')
  name(desk, unit, { kind: 'mac', value: s.mac })
  let isConflict = false
  const uuid = s.uuid ?? (s.active === 0 || s.active === 1 ? s.gwId : null) // before activation gwId is the uuid (facts/tuya.md 4.5)
  if (uuid !== null) {
    const owner = desk.ledger.unitByAlias({ kind: 'uuid', value: uuid })
    if (owner !== null && owner !== unit) {
      const merged = mergeInto(desk, unit, owner)
      if (merged) unit = owner
      else isConflict = conflict(desk, unit, owner, { kind: 'uuid', value: uuid })
    } else name(desk, unit, { kind: 'uuid', value: uuid })
  }
  if (s.gwId !== null && s.gwId !== uuid) name(desk, unit, { kind: 'deviceId', value: s.gwId })
  const product = desk.catalogue.find(s.productKey)
  const before = desk.ledger.unit(unit)
  if (s.productKey !== null && before?.product !== s.productKey) {
    desk.tx.append({ unit, body: { kind: 'unit.known', product: s.productKey, method: product?.method ?? before?.method ?? 'wired' } })
  }
  return { unit, isNew: false, isConflict }
}

/** A unit first met by its lease is the scanned one after all, when that one has no MAC yet and nothing was asked of either. */
function mergeInto(desk: Desk, from: UnitId, into: UnitId): boolean {
  const [a, b] = [desk.ledger.unit(from), desk.ledger.unit(into)]
  if (!a || !b || a.scannedAt !== null || a.job !== null || hasMac(b)) return false
  desk.tx.append({ unit: from, body: { kind: 'unit.merged', into } })
  for (const alias of a.aliases) name(desk, into, alias)
  if (a.ip !== null) desk.tx.append({ unit: into, body: { kind: 'unit.leased', ip: a.ip, hostName: a.hostName, fingerprint: a.fingerprint } })
  return true
}

function conflict(desk: Desk, unit: UnitId, other: UnitId, alias: Alias): true {
  const before = desk.ledger.unit(unit)
  if (before?.hold?.reason !== 'unit.conflict') {
    tellBoth(desk, unit, other, alias)
    desk.tx.append({ unit, body: { kind: 'unit.held', hold: { owner: 'station', reason: 'unit.conflict', at: desk.tx.append({ unit, body: { kind: 'fault.raised', fault: { code: 'unit.conflict', context: { [alias.kind]: alias.value } } } }).at } } })
  }
  return true
}

function tellBoth(desk: Desk, unit: UnitId, other: UnitId, alias: Alias): void {
  desk.tx.append({ unit, body: { kind: 'unit.conflict', other, alias } })
  desk.tx.append({ unit: other, body: { kind: 'unit.conflict', other: unit, alias } })
}

function meet(desk: Desk, by: 'scan' | 'lease' | 'announcement'): UnitId {
  const unit = desk.ledger.newId() as UnitId // made here and nowhere else
  desk.tx.append({ unit, body: { kind: 'unit.met', method: 'wired', by } })
  return unit
}

function name(desk: Desk, unit: UnitId, alias: Alias): void {
  const aliases = desk.ledger.unit(unit)?.aliases ?? []
  if (aliases.length >= ALIASES_MAX || aliases.some(a => a.kind === alias.kind && a.value === alias.value)) return
  if (identifies(alias)) {
    const owner = desk.ledger.unitByAlias(alias)
    if (owner !== null && owner !== unit) return
  }
  desk.tx.append({ unit, body: { kind: 'unit.named', alias } })
}

function hasMac(unit: Unit | null): boolean {
  return unit?.aliases.some(a => a.kind === 'mac') ?? false
}
