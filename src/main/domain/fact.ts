/**
 * The closed union of everything history can contain, and the fold that turns facts into records. State never changes but
 * by a fact: the ledger commits both in one transaction, so every table can be rebuilt from fact 1.
 */
import type { Alias, FaultView, Grade, HoldView, Instant, JobId, Light, Method, Mode, Outcome, Readiness, Stage, StopReason, TokenId, UnitId, WaveId } from '#shared'
import { EVIDENCE_MAX, type Evidence } from './outcome.ts'
import { moveJob, type ConsoleWish, type Job } from './job.ts'
import { isQuotaFault, type QuotaScope } from './quota.ts'
import type { Wave } from './wave.ts'
import type { Conflict, Unit } from './unit.ts'

export type FactBody =
  | { readonly kind: 'station.started'; readonly version: string; readonly mode: Mode; readonly publicKey: string }
  | { readonly kind: 'station.stopped' }
  | { readonly kind: 'operator.signed'; readonly operator: string | null }
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
  | { readonly kind: 'unit.freed'; readonly by: string; readonly reason: string }
  /** No seat is left today: it is released by the new day, not by hand. */
  | { readonly kind: 'unit.postponed'; readonly fault: FaultView }
  /** It answered an ordinary pairing token: it is ours until the release call has gone through. */
  | { readonly kind: 'unit.bound'; readonly account: string; readonly deviceId: string }
  | { readonly kind: 'unit.unbound'; readonly account: string; readonly deviceId: string; readonly tid: string }
  | { readonly kind: 'unit.merged'; readonly into: UnitId }
  /** `other` null: nobody else is known by that name yet. */
  | { readonly kind: 'unit.conflict'; readonly as: Conflict; readonly other: UnitId | null; readonly alias: Alias }
  | { readonly kind: 'job.opened'; readonly attempt: number; readonly method: Method; readonly account: string; readonly product: string; readonly wave: WaveId | null }
  | { readonly kind: 'job.moved'; readonly to: Stage }
  | { readonly kind: 'reset.done'; readonly how: 'seen' | 'found-reset' | 'console' }
  | { readonly kind: 'recipe.allowed' }
  | { readonly kind: 'recipe.asked'; readonly hands: ConsoleWish }
  | { readonly kind: 'recipe.started'; readonly recipe: string; readonly version: number; readonly product: string; readonly lane: number }
  | { readonly kind: 'recipe.ended'; readonly recipe: string; readonly version: number; readonly product: string; readonly verdict: 'verified' | 'closed' | 'unproven'; readonly hasErased: boolean; readonly step: string; readonly fault: FaultView | null; readonly transcript: string | null }
  | { readonly kind: 'unbind.asked'; readonly token: TokenId }
  | { readonly kind: 'job.closed'; readonly outcome: Outcome; readonly grade: Grade | null; readonly fault: FaultView | null; readonly provenAt: Instant | null }
  | { readonly kind: 'job.raised'; readonly grade: Grade; readonly provenAt: Instant }
  /** Why there was no proof, learnt afterwards: by the lamp an operator saw, or from the wave as a whole. Never success. */
  | { readonly kind: 'job.explained'; readonly fault: FaultView; readonly light: Light | null }
  /** `vendorAt`: by the vendor's clock, which alone decides what counts as today. */
  | { readonly kind: 'seat.reserved' | 'seat.spent' | 'seat.returned'; readonly account: string; readonly product: string; readonly vendorAt?: Instant }
  | { readonly kind: 'quota.refused'; readonly scope: QuotaScope; readonly key: string; /** Seats of the bucket we had counted by then. */ readonly used: number; readonly vendorAt: Instant }
  | { readonly kind: 'permission.learnt'; readonly account: string; readonly product: string; readonly isAllowed: boolean; readonly by: 'self-test' | 'refusal'; readonly fault: FaultView | null }
  | { readonly kind: 'account.added'; readonly account: string; readonly region: string }
  | { readonly kind: 'account.removed'; readonly account: string }
  | { readonly kind: 'token.taken'; readonly token: TokenId; readonly account: string; readonly product: string; readonly method: Method; readonly seats: number; readonly expiresAt: Instant }
  | { readonly kind: 'wave.planned'; readonly rack: string; readonly product: string; readonly account: string; readonly ssid: string; readonly units: readonly UnitId[] }
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
    case 'unit.left': return { ...before, isHere: false, lane: null, readiness: null, ip: null }
    case 'unit.held': return { ...before, hold: body.hold }
    case 'unit.freed': return { ...before, hold: null }
    case 'unit.postponed': return { ...before, postponedAt: before.postponedAt ?? at }
    case 'unit.bound': return { ...before, boundToUs: { account: body.account, deviceId: body.deviceId, at } }
    case 'unit.unbound': return without(before, 'boundToUs')
    case 'job.opened': return { ...without(before, 'postponedAt'), job: fact.job, attemptsThisStay: before.attemptsThisStay + 1 }
    case 'job.closed': return closedUnit(before, body.fault)
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

export function foldWave(before: Wave | null, fact: Fact): Wave | null {
  const { body, at } = fact
  if (body.kind === 'wave.planned' && fact.wave) {
    const { rack, product, account, ssid, units } = body
    return { uid: fact.wave, rack, product, account, ssid, units, state: 'planned', openedAt: at, shownAt: null, expiresAt: null, tokens: [], stopReason: null }
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
  const isOurs = isQuotaFault(fault?.code) || (fault?.code === 'cloud.no-permission' && fault.context['by'] === 'bench') // nothing was tried
  return isOurs ? { ...before, attemptsThisStay: Math.max(0, before.attemptsThisStay - 1) } : before
}

function without(unit: Unit, key: 'postponedAt' | 'boundToUs'): Unit {
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
