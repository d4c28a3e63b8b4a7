/**
 * Step 04: sightings to a unit, inside one transaction. Joins on MAC, serial, uuid and tag; a device id only names, because
 * it changes across activation and reset. Two units are never merged silently: a clash has a name, stands as a fact on both
 * and holds both before anything is asked of them.
 */
import type { Alias, UnitId } from '#shared'
import type { Ledger, Tx } from '../bench/ledger.ts'
import type { Catalogue } from '../domain/product.ts'
import { ALIASES_MAX, identifies, isNeighbour, type Claim, type Conflict, type Sighting, type Unit } from '../domain/unit.ts'

/** `conflict`: what clashes; `others` were held with it. */
export interface Identified { readonly unit: UnitId; readonly isNew: boolean; readonly conflict: Conflict | null; readonly others: readonly UnitId[] }

interface Desk { readonly tx: Tx; readonly ledger: Ledger; readonly catalogue: Catalogue }
type Clash = Pick<Identified, 'conflict' | 'others'>

/** Facts of a unit looked back on for a conflict that was told already. */
const TOLD_WITHIN = 20
const AT_PEACE: Clash = { conflict: null, others: [] }

/** null: a sender that has no lease from us. */
export function identify(desk: Desk, sighting: Sighting, claim: Claim | null): Identified | null {
  switch (sighting.kind) {
    case 'scan': return identifyScan(desk, sighting)
    case 'lease': return identifyLease(desk, sighting, claim)
    case 'announcement': return identifyAnnouncement(desk, sighting, claim)
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
  if (clash && other !== null) tellBoth(desk, unit, other, clash, 'unit.conflict')
  return { unit, isNew, conflict: owners.size > 1 ? 'unit.conflict' : null, others: [] }
}

function identifyLease(desk: Desk, s: Extract<Sighting, { kind: 'lease' }>, claim: Claim | null): Identified {
  const { unit, isNew } = unitOfMac(desk, s.mac, claim, 'lease')
  const before = desk.ledger.unit(unit)
  if (before?.isHere === true && before.ip !== null && before.ip !== s.ip) {
    desk.tx.append({ unit, body: { kind: 'fault.raised', fault: { code: 'unit.address-changed', context: { from: before.ip, to: s.ip } } } })
  }
  if (before?.ip !== s.ip || before.fingerprint !== s.fingerprint || before.hostName !== s.hostName) {
    desk.tx.append({ unit, body: { kind: 'unit.leased', ip: s.ip, hostName: s.hostName, fingerprint: s.fingerprint } })
  }
  return { unit, isNew, ...AT_PEACE }
}

/** Whoever has this MAC; a new one belongs to the scan that waits for it, whichever of its signs comes first. */
function unitOfMac(desk: Desk, mac: string, claim: Claim | null, by: 'lease' | 'announcement'): { readonly unit: UnitId; readonly isNew: boolean } {
  const alias: Alias = { kind: 'mac', value: mac }
  const known = desk.ledger.unitByAlias(alias)
  if (known !== null) return { unit: known, isNew: false }
  const claimed = claim !== null && !hasMac(desk.ledger.unit(claim.unit)) ? claim : null
  const unit = claimed?.unit ?? meet(desk, by)
  name(desk, unit, alias)
  if (claimed?.lane != null) desk.tx.append({ unit, body: { kind: 'unit.placed', lane: claimed.lane } })
  return { unit, isNew: claimed === null }
}

function identifyAnnouncement(desk: Desk, s: Extract<Sighting, { kind: 'announcement' }>, claim: Claim | null): Identified | null {
  if (s.mac === null) return null
  let { unit } = unitOfMac(desk, s.mac, claim, 'announcement')
  const uuid = s.uuid ?? (s.active === 0 ? s.gwId : null) // before activation gwId is the uuid (facts/tuya.md 4.5)
  if (uuid !== null) {
    const alias: Alias = { kind: 'uuid', value: uuid }
    const owner = desk.ledger.unitByAlias(alias)
    // A uuid is burnt in: whoever has one and says another is two boxes on one address.
    if (owner !== unit && desk.ledger.unit(unit)?.aliases.some(a => a.kind === 'uuid') === true) {
      return { unit, isNew: false, ...conflict(desk, unit, owner, alias, 'unit.address-shared') }
    }
    if (owner === null || owner === unit) name(desk, unit, alias)
    else if (mergeInto(desk, unit, owner)) unit = owner
    else return { unit, isNew: false, ...conflict(desk, unit, owner, alias, areNeighbours(desk, unit, owner) ? 'unit.two-cards' : 'unit.conflict') }
  }
  if (s.gwId !== null && s.gwId !== uuid) {
    const alias: Alias = { kind: 'deviceId', value: s.gwId }
    const owner = desk.ledger.unitByAlias(alias)
    if (owner !== null && owner !== unit && saysNow(desk.ledger.unit(owner), s.gwId)) return { unit, isNew: false, ...conflict(desk, unit, owner, alias, 'unit.id-copied') }
    name(desk, unit, alias)
  }
  const product = desk.catalogue.find(s.productKey)
  const before = desk.ledger.unit(unit)
  // A listed static address has no lease event, and that of a lease may be still on its way to us.
  if (before?.ip === null) desk.tx.append({ unit, body: { kind: 'unit.leased', ip: s.ip, hostName: before.hostName, fingerprint: before.fingerprint } })
  if (s.productKey !== null && before?.product !== s.productKey) {
    desk.tx.append({ unit, body: { kind: 'unit.known', product: s.productKey, method: product?.method ?? before?.method ?? 'wired' } })
  }
  return { unit, isNew: false, ...AT_PEACE }
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

/** Told once for as long as it stands. Whoever has been asked already goes on to its verdict; everybody else here is held. */
function conflict(desk: Desk, unit: UnitId, other: UnitId | null, alias: Alias, as: Conflict): Clash {
  const others = other !== null && desk.ledger.unit(other)?.isHere === true ? [other] : []
  const isTold = desk.ledger.history(unit, Number.MAX_SAFE_INTEGER, TOLD_WITHIN).some(f => f.body.kind === 'unit.conflict' && f.body.as === as && f.body.alias.value === alias.value)
  if (isTold) { /* two boxes on one address speak in turn, every five seconds */ }
  else if (other === null) desk.tx.append({ unit, body: { kind: 'unit.conflict', as, other, alias } })
  else tellBoth(desk, unit, other, alias, as)
  // A name whose first owner has gone is no danger: it is not taken over, and results are matched by token and MAC.
  if (other !== null && others.length === 0 && as !== 'unit.address-shared') return { conflict: null, others }
  for (const uid of [unit, ...others]) hold(desk, uid, alias, as)
  return { conflict: as, others }
}

function hold(desk: Desk, unit: UnitId, alias: Alias, as: Conflict): void {
  const known = desk.ledger.unit(unit)
  const job = desk.ledger.job(known?.job ?? null)
  const isAsked = job !== null && job.stage !== 'closed' && job.askedAt !== null
  if (!known || known.hold !== null || isAsked) return
  const { at } = desk.tx.append({ unit, body: { kind: 'fault.raised', fault: { code: as, context: { [alias.kind]: alias.value } } } })
  desk.tx.append({ unit, body: { kind: 'unit.held', hold: { owner: 'station', reason: as, at } } })
}

function tellBoth(desk: Desk, unit: UnitId, other: UnitId, alias: Alias, as: Conflict): void {
  desk.tx.append({ unit, body: { kind: 'unit.conflict', as, other, alias } })
  desk.tx.append({ unit: other, body: { kind: 'unit.conflict', as, other: unit, alias } })
}

/** Present, and this is the id it announced last. */
function saysNow(unit: Unit | null, gwId: string): boolean {
  const last = unit?.evidence.findLast(e => e.kind === 'announced')
  return unit?.isHere === true && last?.gwId === gwId
}

function areNeighbours(desk: Desk, unit: UnitId, other: UnitId): boolean {
  const [mine, theirs] = [unit, other].map(uid => desk.ledger.unit(uid)?.aliases.filter(a => a.kind === 'mac').map(a => a.value) ?? [])
  return mine?.some(a => theirs?.some(b => isNeighbour(a, b))) ?? false
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
