/**
 * What counts as proof. A unit that never heard us looks exactly like one that was released, so no state proves anything:
 * only the cloud's own record, or an activation seen after the ask that fell back, does (facts/unbinding.md, "The trap").
 *
 *   cloud record + any LAN transition after the ask     proven, grade A
 *   cloud record alone                                  proven, grade B
 *   activated (active 2, or gwId = device id) after the ask, then active 0 under its uuid   proven, grade B
 *   the same, but a restart may lie between its last word as a unit in factory state and    unproven: its reset did not last, and
 *   the activation (an address taken afresh, a silence, an address it never asks for, a     somebody pressed once more
 *   time in which no lease was ours to give), or
 *   under the device id it was bound by before the ask
 *   an operator's statement of the light                unproven, grade C noted
 *   gone and back, by itself                            unproven: a brown-out looks the same
 *   activating (active 1), then active 0                unproven: a power cut or a pairing time-out looks the same, and the latter also
 *                                                       with the token accepted and no restart: nobody has seen how closed firmware gives up
 */
import type { FaultView, Grade, Instant, Method, Outcome, TokenId } from '#shared'
import type { Fault } from './fault.ts'
import type { Job } from './job.ts'

export type Evidence =
  /** `isFixed`: from a listed static address, or while no lease was ours to give, so that nothing tells when it starts anew. */
  | { readonly kind: 'announced'; readonly at: Instant; readonly active: number; readonly gwId: string | null; readonly uuid: string | null; readonly isFixed?: true }
  | { readonly kind: 'gone' | 'back'; readonly at: Instant; readonly of: 'announcement' | 'lease' | 'link' }
  /** An address was taken afresh, as after a start or with a cable put back; a renewal is none. */
  | { readonly kind: 'joined'; readonly at: Instant; readonly ip: string }
  /** From here on no lease was ours to give (another DHCP server, a lost card, a stopped station): it may have started anew unheard. */
  | { readonly kind: 'unwatched'; readonly at: Instant }
  | { readonly kind: 'token-sent' | 'token-accepted'; readonly at: Instant; readonly transport: string }
  | { readonly kind: 'token-rejected'; readonly at: Instant; readonly transport: string; readonly text: string }
  /** Redacted hex, from which the next key can be learnt (facts/tuya.md 4.7). */
  | { readonly kind: 'unknown-answer'; readonly at: Instant; readonly transport: string; readonly transcript: string }
  /** `token`: whose list says so; it tells of the jobs that were asked with it and of no others. */
  | { readonly kind: 'cloud-released'; readonly at: Instant; readonly tid: string; readonly deviceId: string | null; readonly token?: TokenId }
  | { readonly kind: 'cloud-refused'; readonly at: Instant; readonly fault: FaultView; readonly token?: TokenId }
  | { readonly kind: 'light'; readonly at: Instant; readonly light: string; readonly operator: string | null }

/** Evidence lines kept with a unit; older ones stay in its history. */
export const EVIDENCE_MAX = 64

/** How a job ends. */
export interface Verdict { readonly outcome: Outcome; readonly grade: Grade | null; readonly fault: FaultView | null; readonly provenAt: Instant | null }

export interface Judgement {
  readonly outcome: Outcome | null
  readonly grade: Grade | null
  /** More evidence could still raise the grade; worth a short wait. */
  readonly canImprove: boolean
  readonly fault: FaultView | null
  readonly provenAt: Instant | null
}

const PENDING: Judgement = { outcome: null, grade: null, canImprove: true, fault: null, provenAt: null }

/** What counts for a job asked with these tokens; what the cloud says of another token is another job's. */
export function evidenceFor(evidence: readonly Evidence[], tokens: readonly TokenId[]): readonly Evidence[] {
  return evidence.filter(e => (e.kind !== 'cloud-released' && e.kind !== 'cloud-refused') || e.token === undefined || tokens.includes(e.token))
}

/** Judges what was seen since the ask. `outcome` null: nothing decided yet. Pure; the order of `evidence` is its time. */
export function assessProof(evidence: readonly Evidence[], askedAt: Instant, isBoundToUs = false): Judgement {
  if (isBoundToUs) return PENDING // whatever it looks like: it is ours until the release call has gone through
  const since = evidence.filter(e => e.at >= askedAt)
  const released = since.find(e => e.kind === 'cloud-released')
  const fellBackAt = activationFellBack(evidence, askedAt)
  if (released) {
    const grade = fellBackAt !== null || wentAndCameBack(since) ? 'A' : 'B'
    return { outcome: 'proven', grade, canImprove: grade !== 'A', fault: null, provenAt: released.at }
  }
  if (fellBackAt !== null) return { outcome: 'proven', grade: 'B', canImprove: true, fault: null, provenAt: fellBackAt }
  const refused = since.findLast(e => e.kind === 'cloud-refused')
  if (refused) return { outcome: 'refused', grade: null, canImprove: false, fault: refused.fault, provenAt: null }
  const rejected = since.findLast(e => e.kind === 'token-rejected')
  if (rejected && !since.some(e => e.kind === 'token-accepted')) {
    return { outcome: 'refused', grade: null, canImprove: false, fault: { code: 'unit.refused', context: { text: rejected.text } }, provenAt: null }
  }
  return PENDING
}

/** The verdict when the deadline has passed without proof: never good, with the likeliest reason. */
export function assessSilence(evidence: readonly Evidence[], askedAt: Instant, method: Method, isBoundToUs = false): Judgement {
  const since = evidence.filter(e => e.at >= askedAt)
  const stated = since.findLast(e => e.kind === 'light')
  const lastSeen = since.findLast(e => e.kind === 'announced')
  const hasJoined = since.some(e => e.kind === 'joined')
  const silent = method === 'qr' && !hasJoined ? 'unit.not-seen-reading' : 'unit.silent'
  const code = isBoundToUs ? 'unit.bound-to-us' : lastSeen?.active === 1 || (method === 'qr' && hasJoined) ? 'unit.stuck-activating' : silent
  return { outcome: 'unproven', grade: stated ? 'C' : null, canImprove: false, fault: { code, context: {} }, provenAt: null }
}

/** The verdict of a job that a fault ended; after the ask nothing but proof is good. */
export function verdictOf(job: Job, fault: Fault): Verdict {
  const base = { grade: null, fault: fault.toView(), provenAt: null }
  if (job.askedAt !== null) return { ...base, outcome: fault.code === 'unit.refused' ? 'refused' : 'unproven' }
  if (REFUSALS.has(fault.code)) return { ...base, outcome: 'refused' }
  return { ...base, outcome: fault.row.blame === 'unit' || fault.row.blame === 'operator' ? 'withdrawn' : 'broken' }
}

const REFUSALS: ReadonlySet<string> = new Set(['cloud.no-permission', 'cloud.refused', 'cloud.unknown-code', 'quota.account-spent', 'quota.product-spent', 'cloud.subscription'])

/**
 * active 2 (or a gwId that is not the uuid) and later active 0 under the uuid; null when not seen. The activation itself must
 * have been watched: from factory state, without a restart. A unit that lost its reset with its power comes back activated,
 * bound as ever, and looks released as soon as somebody presses once more. For the same reason an activation under an id
 * from before the ask is none; nor is one that comes and goes: two boxes speak in turn from one address.
 */
function activationFellBack(evidence: readonly Evidence[], askedAt: Instant): Instant | null {
  const distrusted = new Set(idsBefore(evidence, askedAt))
  let inFactoryAt: Instant | null = null
  let activatedAs: string | null | undefined
  let fellBackAt: Instant | null = null
  for (const e of evidence) {
    if (e.kind !== 'announced') continue
    if (!isActivated(e)) {
      inFactoryAt = e.isFixed === true ? null : e.at
      if (activatedAs !== undefined && e.active === 0) fellBackAt ??= e.at
    } else if (e.at >= askedAt) {
      if (fellBackAt !== null && e.gwId === activatedAs) distrusted.add(e.gwId)
      fellBackAt = null
      const isWatched = e.gwId === activatedAs || (inFactoryAt !== null && e.isFixed !== true && !mayHaveRestarted(evidence, inFactoryAt, e.at))
      activatedAs = isWatched && !distrusted.has(e.gwId) ? e.gwId : undefined
      inFactoryAt = null
    } else inFactoryAt = null
  }
  return fellBackAt
}

/** By the times, not by the order: a lease is told later than what the unit says with it. */
function mayHaveRestarted(evidence: readonly Evidence[], from: Instant, to: Instant): boolean {
  return evidence.some(e => (e.kind === 'joined' || e.kind === 'gone' || e.kind === 'unwatched') && e.at > from && e.at <= to)
}

/** Ids under which it announced itself activated before the ask; null among them when it gave none. */
function idsBefore(evidence: readonly Evidence[], askedAt: Instant): ReadonlySet<string | null> {
  return new Set(evidence.flatMap(e => e.kind === 'announced' && e.at < askedAt && isActivated(e) ? [e.gwId] : []))
}

function isActivated(e: Extract<Evidence, { kind: 'announced' }>): boolean {
  return e.active === 2 || hasDeviceId(e)
}

function hasDeviceId(e: { readonly gwId: string | null; readonly uuid: string | null }): boolean {
  return e.gwId !== null && e.uuid !== null && e.gwId !== e.uuid
}

/** Ready, then gone or activating, then there again: enough beside the cloud's record, never by itself. */
function wentAndCameBack(since: readonly Evidence[]): boolean {
  let wasAway = false
  for (const e of since) {
    if (e.kind === 'gone' || (e.kind === 'announced' && e.active === 1)) wasAway = true
    else if (wasAway && (e.kind === 'back' || (e.kind === 'announced' && e.active === 0))) return true
  }
  return false
}
