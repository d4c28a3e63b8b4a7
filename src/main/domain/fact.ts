/**
 * The closed union of everything history can contain, and the fold that turns facts into records. State never changes but
 * by a fact: the ledger commits both in one transaction, so every table can be rebuilt from fact 1.
 */
import type { Alias, FaultView, Grade, HoldView, Instant, JobId, Method, Mode, Outcome, Readiness, Stage, TokenId, UnitId, WaveId } from '#shared'
import { EVIDENCE_MAX, type Evidence } from './outcome.ts'
import { moveJob, type Job } from './job.ts'
import type { StopReason, Wave } from './wave.ts'
import type { Unit } from './unit.ts'

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
  | { readonly kind: 'unit.merged'; readonly into: UnitId }
  | { readonly kind: 'unit.conflict'; readonly other: UnitId; readonly alias: Alias }
  | { readonly kind: 'job.opened'; readonly attempt: number; readonly method: Method; readonly account: string; readonly product: string; readonly wave: WaveId | null }
  | { readonly kind: 'job.moved'; readonly to: Stage }
  | { readonly kind: 'reset.done'; readonly how: 'seen' | 'found-reset' }
  | { readonly kind: 'unbind.asked'; readonly token: TokenId }
  | { readonly kind: 'job.closed'; readonly outcome: Outcome; readonly grade: Grade | null; readonly fault: FaultView | null; readonly provenAt: Instant | null }
  | { readonly kind: 'job.raised'; readonly grade: Grade; readonly provenAt: Instant }
  | { readonly kind: 'seat.reserved' | 'seat.spent' | 'seat.returned'; readonly account: string; readonly product: string }
  | { readonly kind: 'token.taken'; readonly token: TokenId; readonly account: string; readonly product: string; readonly method: Method; readonly seats: number; readonly expiresAt: Instant }
  | { readonly kind: 'wave.planned'; readonly rack: string; readonly product: string; readonly account: string; readonly ssid: string; readonly units: readonly UnitId[] }
  | { readonly kind: 'wave.shown'; readonly token: TokenId; readonly expiresAt: Instant }
  | { readonly kind: 'wave.stopped'; readonly reason: StopReason }
  | { readonly kind: 'wave.closed' }
  | { readonly kind: 'result.unmatched'; readonly token: TokenId; readonly ok: boolean; readonly deviceId: string | null; readonly uuid: string | null; readonly code: string | null }
  | { readonly kind: 'fault.raised'; readonly fault: FaultView }

export type FactKind = FactBody['kind']

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
    case 'job.opened': return { ...before, job: fact.job, attemptsThisStay: before.attemptsThisStay + 1 }
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
    case 'unbind.asked': return { ...moveJob(before, 'asked', at), askedAt: at, token: body.token }
    case 'job.closed': return { ...moveJob(before, 'closed', at), closedAt: at, outcome: body.outcome, grade: body.grade, fault: body.fault, provenAt: body.provenAt }
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
    case 'wave.stopped': return { ...before, state: 'settling', stopReason: body.reason }
    case 'wave.closed': return { ...before, state: 'closed' }
    default: return before
  }
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
