/**
 * The closed union of everything history can contain, and the fold that turns facts into records. State never changes but
 * by a fact: the ledger commits both in one transaction, so every table can be rebuilt from fact 1.
 */
import type { Alias, LabelKind, SavedView, VendorLogRow, FaultView, Grade, HoldView, Instant, JobId, Language, Light, Method, Mode, Outcome, Readiness, Role, Stage, StopReason, TokenId, UnitId, WaveId, ReadyHow, ReadyStep, SettingValue } from '#shared'
import { EVIDENCE_MAX, type Evidence } from './outcome.ts'
import { moveJob, type ConsoleWish, type Job } from './job.ts'
import { isQuotaFault, type QuotaScope } from './quota.ts'
import type { LearntDay } from './vendor-day.ts'
import type { Wave } from './wave.ts'
import type { Conflict, Unit } from './unit.ts'

export type FactBody =
  | { readonly kind: 'station.started'; readonly version: string; readonly mode: Mode; readonly publicKey: string }
  | { readonly kind: 'station.stopped' }
  | { readonly kind: 'operator.signed'; readonly operator: string | null }
  /** Whole, as it stands from now on. The PIN is in no fact. */
  | { readonly kind: 'person.added' | 'person.changed'; readonly badge: string; readonly name: string; readonly role: Role; readonly language: Language | null }
  | { readonly kind: 'person.removed'; readonly badge: string }
  | { readonly kind: 'person.trained'; readonly badge: string; readonly course: string; readonly score: number; /** When, where it was seen earlier than it is told here. */ readonly shownAt?: Instant; /** Of the training station that saw it, hex. */ readonly key?: string }
  /** The PIN was right: what the badge may do, it may do for a few minutes. */
  | { readonly kind: 'person.raised'; readonly badge: string; readonly role: Role }
  | { readonly kind: 'person.locked'; readonly badge: string; readonly until: Instant }
  /** An act that not everybody may, and by whose badge; the operator of record stands beside it as with every fact. */
  | { readonly kind: 'act.led'; readonly act: string; readonly lead: string; readonly role: Role }
  | { readonly kind: 'lead.called' | 'lead.came' }
  /** Somebody of the next shift has seen this hold. */
  | { readonly kind: 'hold.acknowledged' }
  /** `upto`, `hash`: the chain as it was read out. */
  | { readonly kind: 'shift.handed'; readonly holds: number; readonly upto: number; readonly hash: string }
  | { readonly kind: 'unit.met'; readonly method: Method; readonly by: 'scan' | 'lease' | 'announcement' }
  | { readonly kind: 'unit.named'; readonly alias: Alias }
  | { readonly kind: 'unit.scanned' }
  | { readonly kind: 'unit.known'; readonly product: string | null; readonly method: Method }
  | { readonly kind: 'unit.placed'; readonly lane: number | null }
  | { readonly kind: 'unit.stored'; readonly tote: string }
  | { readonly kind: 'unit.leased'; readonly ip: string; readonly hostName: string | null; readonly fingerprint: string | null }
  | { readonly kind: 'unit.judged'; readonly readiness: Readiness }
  | { readonly kind: 'unit.seen'; readonly evidence: Evidence }
  | { readonly kind: 'unit.arrived'; readonly stay: number }
  | { readonly kind: 'unit.left' }
  | { readonly kind: 'unit.held'; readonly hold: HoldView }
  /** `lead`: the second badge, or `cli` for the command line. */
  | { readonly kind: 'unit.freed'; readonly by: string; readonly reason: string; readonly lead?: string }
  /** No seat is left today: it is released by the new day, not by hand. */
  | { readonly kind: 'unit.postponed'; readonly fault: FaultView }
  /** It answered an ordinary pairing token: it is ours until the release call has gone through. */
  | { readonly kind: 'unit.bound'; readonly account: string; readonly deviceId: string }
  | { readonly kind: 'unit.unbound'; readonly account: string; readonly deviceId: string; readonly tid: string }
  | { readonly kind: 'unit.merged'; readonly into: UnitId }
  /** A claim was taken back: what was heard under these names was another box, `to` from now on; this unit is scanned and no more. */
  | { readonly kind: 'unit.parted'; readonly aliases: readonly Alias[]; readonly to: UnitId }
  /** `other` null: nobody else is known by that name yet. */
  | { readonly kind: 'unit.conflict'; readonly as: Conflict; readonly other: UnitId | null; readonly alias: Alias }
  | { readonly kind: 'job.opened'; readonly attempt: number; readonly method: Method; readonly account: string; readonly product: string; readonly wave: WaveId | null }
  | { readonly kind: 'job.moved'; readonly to: Stage }
  | { readonly kind: 'reset.done'; readonly how: 'seen' | 'found-reset' | 'console' }
  | { readonly kind: 'recipe.allowed' }
  | { readonly kind: 'recipe.asked'; readonly hands: ConsoleWish }
  | { readonly kind: 'recipe.started'; readonly recipe: string; readonly version: number; readonly product: string; readonly lane: number }
  | { readonly kind: 'recipe.ended'; readonly recipe: string; readonly version: number; readonly product: string; readonly verdict: 'verified' | 'closed' | 'unproven'; readonly hasErased: boolean; readonly step: string; readonly fault: FaultView | null; readonly transcript: string | null }
  /** A person at the console of a lane; what was said is kept beside the ledger. */
  | { readonly kind: 'terminal.opened'; readonly lane: number; readonly path: string; readonly baud: number; readonly lead: string }
  | { readonly kind: 'terminal.closed'; readonly lane: number; readonly why: 'lead' | 'idle' | 'unit' | 'nobody' | 'adapter' | 'station'; readonly transcript: string | null }
  | { readonly kind: 'unbind.asked'; readonly token: TokenId }
  | { readonly kind: 'job.closed'; readonly outcome: Outcome; readonly grade: Grade | null; readonly fault: FaultView | null; readonly provenAt: Instant | null }
  | { readonly kind: 'job.raised'; readonly grade: Grade; readonly provenAt: Instant }
  /** Why there was no proof, learnt afterwards: by the lamp an operator saw, or from the wave as a whole. Never success. */
  | { readonly kind: 'job.explained'; readonly fault: FaultView; readonly light: Light | null }
  /** `vendorAt`: by the vendor's clock, which alone decides what counts as today. */
  | { readonly kind: 'seat.reserved' | 'seat.spent' | 'seat.returned'; readonly account: string; readonly product: string; readonly vendorAt?: Instant }
  | { readonly kind: 'quota.refused'; readonly scope: QuotaScope; readonly key: string; /** Seats of the bucket we had counted by then. */ readonly used: number; readonly vendorAt: Instant; /** When the ask it refused was made, or earlier. */ readonly askedAt?: Instant }
  /** Where the vendor's day begins, as far as this bucket has shown; null: forgotten, it has misled us. */
  | { readonly kind: 'quota.learnt'; readonly scope: QuotaScope; readonly key: string; readonly day: LearntDay | null; readonly vendorAt: Instant }
  | { readonly kind: 'permission.learnt'; readonly account: string; readonly product: string; readonly isAllowed: boolean; readonly by: 'self-test' | 'refusal'; readonly fault: FaultView | null }
  | { readonly kind: 'account.added'; readonly account: string; readonly region: string }
  | { readonly kind: 'account.removed'; readonly account: string }
  /** Where the units of a delivery are bound; null: nobody knows any more. */
  | { readonly kind: 'batch.centred'; readonly tote: string; readonly centre: string | null }
  /** A lead has read the vendor's terms: codes of its app may be shown on, or may no longer. */
  | { readonly kind: 'relay.allowed'; readonly isAllowed: boolean; readonly by: string }
  | { readonly kind: 'relay.stated'; readonly account: string | null }
  | { readonly kind: 'token.taken'; readonly token: TokenId; readonly account: string; readonly product: string; readonly method: Method; readonly seats: number; readonly expiresAt: Instant }
  | { readonly kind: 'wave.planned'; readonly rack: string; readonly product: string; readonly account: string; readonly centre?: string; readonly ssid: string; readonly units: readonly UnitId[] }
  | { readonly kind: 'wave.shown'; readonly token: TokenId; readonly expiresAt: Instant }
  /** `unit` has read the wave's code and could be any camera of it whose scan does not tie. */
  | { readonly kind: 'wave.nameless'; readonly unit: UnitId }
  | { readonly kind: 'wave.stopped'; readonly reason: StopReason }
  | { readonly kind: 'wave.closed' }
  | { readonly kind: 'result.unmatched'; readonly token: TokenId; readonly ok: boolean; readonly deviceId: string | null; readonly uuid: string | null; readonly code: string | null; readonly tid?: string }
  /** `result`: the number of its `result.unmatched` fact. */
  | { readonly kind: 'result.linked'; readonly result: number }
  | { readonly kind: 'result.dismissed'; readonly result: number; readonly reason: string }
  /** `hash`: leaf of the certificate's own text (RFC 6962). */
  | { readonly kind: 'certificate.made'; readonly id: string; readonly hash: string }
  /** Facts `from` to `to` lie in `file` of the archive; `hash`: the chain after them; `sha256`: of the file. */
  | { readonly kind: 'history.archived'; readonly from: number; readonly to: number; readonly hash: string; readonly file: string; readonly sha256: string }
  /** The last fact of a station that has moved: nobody serves from this ledger again. */
  | { readonly kind: 'station.retired' }
  /** The first fact of a ledger that goes on from another: its station, its last fact and the chain there; `file`: that ledger, in the archive. */
  | { readonly kind: 'station.succeeded'; readonly how: 'move' | 'restore'; readonly station: string; readonly seq: number; readonly hash: string; readonly file: string }
  /** Somebody tried whether a camera or phone joins this network; `mac`: who did; null: nobody, in its time. */
  | { readonly kind: 'wifi.tested'; readonly ssid: string; readonly mac: string | null }
  /** A setting was changed at the station; `to` null: back to what the file or the default says. It counts from the next start on, where it is not read at once. */
  | { readonly kind: 'setting.changed'; readonly key: string; readonly from: SettingValue; readonly to: SettingValue | null; readonly by: string }
  /** One step of the checklist that proves the bench. */
  | { readonly kind: 'ready.tried'; readonly step: ReadyStep; readonly state: 'done' | 'failed' | 'skipped'; readonly by: string; readonly fault: FaultView | null; readonly found: Readonly<Record<string, string | number>> }
  /** The signed record of a checked bench, whole, as it can be checked elsewhere. */
  | { readonly kind: 'bench.checked'; readonly id: string; readonly how: ReadyHow; readonly by: string; readonly isReady: boolean; readonly failed: readonly ReadyStep[]; readonly skipped: readonly ReadyStep[]; readonly text: string }
  | { readonly kind: 'view.saved'; readonly view: SavedView }
  | { readonly kind: 'view.removed'; readonly id: string }
  /** What the vendor's own log says of a unit, asked for by somebody; `deviceId` is whose log it is. */
  | { readonly kind: 'vendor.logged'; readonly account: string; readonly deviceId: string; readonly rows: readonly VendorLogRow[] }
  /** Written before its first byte leaves. `reason`: why there is a second one. */
  | { readonly kind: 'label.printed'; readonly label: string; readonly as: LabelKind; readonly by: 'printer' | 'paper'; readonly reason?: string }
  /** Nobody knows whether it came out, or it certainly did not. */
  | { readonly kind: 'label.failed'; readonly label: string; readonly fault: FaultView }
  /** That label is no label any more, wherever it sticks. */
  | { readonly kind: 'label.void'; readonly label: string; readonly reason: string }
  /** Its label was scanned back: it sticks on the box, and the unit is done. */
  | { readonly kind: 'unit.labelled'; readonly label: string }
  | { readonly kind: 'fault.raised'; readonly fault: FaultView }

/** What a fact is about; the ledger adds number and time. */
export interface FactDraft {
  readonly unit?: UnitId
  readonly job?: JobId
  readonly wave?: WaveId
  readonly body: FactBody
}
export interface Fact {
  readonly seq: number
  readonly at: Instant
  readonly unit: UnitId | null
  readonly job: JobId | null
  readonly wave: WaveId | null
  /** Operator of record; null is written as *nobody*. */
  readonly operator: string | null
  readonly body: FactBody
}

export function foldUnit(before: Unit | null, fact: Fact): Unit | null {
  const { body, at } = fact
  if (body.kind === 'unit.met' && fact.unit) return newUnit(fact.unit, body, at)
  if (!before) return null
  switch (body.kind) {
    case 'unit.named': return { ...before, aliases: [...before.aliases.filter(a => a.kind !== body.alias.kind || a.value !== body.alias.value), body.alias] }
    case 'unit.scanned': return { ...before, scannedAt: at, isHere: before.isHere || before.method === 'qr' }
    case 'unit.known': return { ...before, product: body.product, method: body.method }
    case 'unit.placed': return { ...before, lane: body.lane }
    case 'unit.stored': return { ...before, tote: body.tote }
    case 'unit.leased': return { ...before, ip: body.ip, hostName: body.hostName, fingerprint: body.fingerprint }
    case 'unit.judged': return { ...before, readiness: body.readiness }
    case 'unit.seen': return { ...before, evidence: [...before.evidence, body.evidence].slice(-EVIDENCE_MAX) }
    case 'unit.arrived': return { ...before, stay: body.stay, stayAt: at, isHere: true, attemptsThisStay: body.stay === before.stay ? before.attemptsThisStay : 0, readiness: null }
    case 'unit.merged': return { ...before, isHere: false, aliases: [] }
    case 'unit.parted': return { ...before, aliases: before.aliases.filter(a => !body.aliases.some(b => a.kind === b.kind && a.value === b.value)), ip: null, hostName: null, fingerprint: null, lane: null, readiness: null, evidence: [], job: null, attemptsThisStay: 0 }
    case 'unit.left': return { ...before, isHere: false, lane: null, readiness: null, ip: null }
    case 'unit.held': return { ...before, hold: body.hold }
    case 'unit.freed': return { ...before, hold: null }
    case 'unit.postponed': return { ...before, postponedAt: before.postponedAt ?? at }
    case 'unit.bound': return { ...before, boundToUs: { account: body.account, deviceId: body.deviceId, at } }
    case 'unit.unbound': return without(before, 'boundToUs')
    case 'label.printed': return { ...before, label: { code: body.label, kind: body.as, job: fact.job, at, isOn: false, fault: null } }
    case 'label.failed': return before.label?.code === body.label ? { ...before, label: { ...before.label, fault: body.fault } } : before
    case 'label.void': return before.label?.code === body.label ? without(before, 'label') : before
    case 'unit.labelled': return before.label?.code === body.label ? { ...before, label: { ...before.label, isOn: true, fault: null } } : before
    case 'job.opened': return { ...without(before, 'postponedAt'), job: fact.job, attemptsThisStay: before.attemptsThisStay + 1 }
    case 'job.closed': return closedUnit(before, body.fault)
    case 'job.raised': return { ...before, job: fact.job } // late proof of an earlier job: that is what became of the unit
    default: return before
  }
}

export function foldJob(before: Job | null, fact: Fact): Job | null {
  const { body, at } = fact
  if (body.kind === 'job.opened' && fact.job && fact.unit) return newJob(fact.job, fact.unit, body, fact)
  if (!before) return null
  switch (body.kind) {
    case 'job.moved': return moveJob(before, body.to, at)
    case 'reset.done': return { ...before, resetDoneAt: at }
    case 'recipe.started': return { ...before, console: 'busy' }
    case 'recipe.asked': return { ...before, console: body.hands }
    case 'recipe.ended': return { ...before, console: body.verdict === 'verified' ? 'busy' : null }
    case 'unbind.asked': return { ...moveJob(before, 'asked', at), askedAt: at, token: body.token }
    case 'job.closed': return { ...moveJob(before, 'closed', at), closedAt: at, outcome: body.outcome, grade: body.grade, fault: body.fault, provenAt: body.provenAt }
    case 'job.explained': return before.outcome === 'unproven' ? { ...before, fault: body.fault, grade: body.light === null ? before.grade : 'C' } : before
    case 'job.raised': return { ...before, outcome: 'proven', grade: body.grade, provenAt: body.provenAt, fault: null }
    default: return before
  }
}

/** What a fact about a job changes in the counters: verdicts, and releases of its product. */
export function countsOf(before: Job | null, after: Job | null): readonly (readonly [name: string, by: number])[] {
  if (!after?.outcome || before?.outcome === after.outcome) return []
  const left = before?.outcome ? [[`outcome.${before.outcome}`, -1] as const] : []
  const isFirst = !before?.outcome && (after.outcome === 'proven' || after.outcome === 'refused' || after.outcome === 'unproven')
  return [...left, [`outcome.${after.outcome}`, 1], ...(isFirst ? [[`tested.${after.product}`, 1] as const] : []), ...(after.outcome === 'proven' ? [[`proven.${after.product}`, 1] as const] : [])]
}

export function foldWave(before: Wave | null, fact: Fact): Wave | null {
  const { body, at } = fact
  if (body.kind === 'wave.planned' && fact.wave) {
    const { rack, product, account, centre, ssid, units } = body
    return { uid: fact.wave, rack, product, account, ...(centre === undefined ? {} : { centre }), ssid, units, state: 'planned', openedAt: at, shownAt: null, expiresAt: null, tokens: [], stopReason: null }
  }
  if (!before) return null
  switch (body.kind) {
    case 'wave.shown': return { ...before, state: 'showing', shownAt: before.shownAt ?? at, expiresAt: body.expiresAt, tokens: [...before.tokens, body.token] }
    case 'wave.nameless': return { ...before, nameless: [...(before.nameless ?? []).filter(u => u !== body.unit), body.unit] }
    case 'wave.stopped': return { ...before, state: 'settling', stopReason: body.reason }
    case 'wave.closed': return { ...before, state: 'closed' }
    default: return before
  }
}

/** A data centre that does not know the unit is not asked again; a day without seats costs no attempt. */
function closedUnit(before: Unit, fault: FaultView | null): Unit {
  const region = fault?.code === 'cloud.other-centre' ? fault.context['region'] : undefined
  if (region !== undefined) return { ...before, notIn: [...new Set([...before.notIn ?? [], String(region)])] }
  const isOurs = isQuotaFault(fault?.code) || fault?.code === 'unit.reset-again' || (fault?.code === 'cloud.no-permission' && fault.context['by'] === 'bench') // nothing was tried
  return isOurs ? { ...before, attemptsThisStay: Math.max(0, before.attemptsThisStay - 1) } : before
}

function without(unit: Unit, key: 'postponedAt' | 'boundToUs' | 'label'): Unit {
  if (!(key in unit)) return unit
  const { [key]: _gone, ...rest } = unit
  return rest
}

function newUnit(uid: UnitId, { method, by }: Extract<FactBody, { kind: 'unit.met' }>, at: Instant): Unit {
  return {
    uid, aliases: [], product: null, method, lane: null, ip: null, hostName: null, fingerprint: null, metAt: at, stay: 1, stayAt: at,
    isHere: by !== 'scan', scannedAt: null, readiness: null, evidence: [], hold: null, job: null, attemptsThisStay: 0, tote: null
  }
}

function newJob(uid: JobId, unit: UnitId, body: Extract<FactBody, { kind: 'job.opened' }>, fact: Fact): Job {
  const { attempt, method, account, product, wave } = body
  return {
    uid, unit, attempt, method, account, product, wave, operator: fact.operator, stage: 'queued', stageAt: fact.at, openedAt: fact.at, resetDoneAt: null,
    askedAt: null, token: null, closedAt: null, outcome: null, grade: null, provenAt: null, fault: null
  }
}
