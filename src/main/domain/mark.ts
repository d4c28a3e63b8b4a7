/**
 * Marks: what stays true of an account, a product or a loose result until a later fact says otherwise. One table, one fold:
 * a bucket that refused, what a day was learnt to be, a permission, a result that matched no unit.
 */
import type { FaultView, Instant, ReadyRecordView, SavedView, SettingValue, TokenId, UnitId } from '#shared'
import type { Fact } from './fact.ts'
import { competenceKey, type CompetenceMark, type Person } from './person.ts'
import type { BucketMark, QuotaScope } from './quota.ts'
import type { LearntDay } from './vendor-day.ts'

export interface PermissionMark { readonly at: Instant; readonly isAllowed: boolean; readonly by: 'self-test' | 'refusal'; readonly fault: FaultView | null }
export interface UnmatchedMark {
  readonly seq: number
  readonly at: Instant
  readonly token: TokenId
  readonly ok: boolean
  readonly deviceId: string | null
  readonly uuid: string | null
  readonly code: string | null
  readonly tid: string
}
/** Whose label or certificate a code names. */
export interface PaperMark { readonly unit: UnitId; readonly hash?: string }
/** The lead is wanted at the bench; a hold was seen by the next shift; the shift was handed over. */
export interface CallMark { readonly at: Instant; readonly by: string | null }
/** A backup was restored: nobody knows what was spent between it and this moment. */
export interface GapMark { readonly at: Instant }
/** When somebody last tried whether anything joins a network of the bench, and who did. */
export interface WifiMark { readonly at: Instant; readonly mac: string | null }
/** Set at the station. */
export interface SettingMark { readonly value: SettingValue; readonly at: Instant; readonly by: string }
/** How a step of the checklist ended last. */
export interface ReadyMark { readonly at: Instant; readonly by: string; readonly state: 'done' | 'failed' | 'skipped'; readonly fault: FaultView | null; readonly found: Readonly<Record<string, string | number>> }
/** The last record of its kind; its text stands in the fact. */
export interface CheckedMark extends ReadyRecordView { readonly seq: number }
export interface Marks { readonly setting: SettingMark; readonly ready: ReadyMark; readonly checked: CheckedMark; readonly wifi: WifiMark; readonly gap: GapMark; readonly view: SavedView; readonly quota: BucketMark; readonly day: LearntDay; readonly 'relay-consent': { readonly by: string; readonly at: Instant }; readonly 'relay-account': { readonly account: string }; readonly batch: { readonly centre: string }; readonly permission: PermissionMark; readonly person: Person; readonly competence: CompetenceMark; readonly unmatched: UnmatchedMark; readonly call: CallMark; readonly acknowledged: CallMark; readonly handover: CallMark; readonly label: PaperMark; readonly certificate: PaperMark }
export type MarkKind = keyof Marks

/** `body` null: the mark goes. */
export interface MarkChange { readonly kind: MarkKind; readonly key: string; readonly body: string | null }

export const bucketKey = (scope: QuotaScope, key: string): string => `${scope}:${key}`
export const permissionKey = (account: string, product: string): string => `${account}|${product}`

/** What a fact changes among the marks. */
export function markOf(fact: Fact): MarkChange | null {
  const { body, at, seq } = fact
  switch (body.kind) {
    case 'quota.refused': return { kind: 'quota', key: bucketKey(body.scope, body.key), body: JSON.stringify({ at: body.vendorAt, used: body.used, ...(body.askedAt === undefined ? {} : { askedAt: body.askedAt }) }) }
    case 'relay.allowed': return { kind: 'relay-consent', key: 'station', body: body.isAllowed ? JSON.stringify({ by: body.by, at }) : null }
    case 'batch.centred': return { kind: 'batch', key: body.tote, body: body.centre === null ? null : JSON.stringify({ centre: body.centre }) }
    case 'relay.stated': return { kind: 'relay-account', key: 'station', body: body.account === null ? null : JSON.stringify({ account: body.account }) }
    case 'quota.learnt': return { kind: 'day', key: bucketKey(body.scope, body.key), body: body.day === null ? null : JSON.stringify(body.day) }
    case 'permission.learnt': {
      const mark: PermissionMark = { at, isAllowed: body.isAllowed, by: body.by, fault: body.fault }
      return { kind: 'permission', key: permissionKey(body.account, body.product), body: JSON.stringify(mark) }
    }
    case 'result.unmatched': {
      const mark: UnmatchedMark = { seq, at, token: body.token, ok: body.ok, deviceId: body.deviceId, uuid: body.uuid, code: body.code, tid: body.tid ?? '' }
      return { kind: 'unmatched', key: String(seq), body: JSON.stringify(mark) }
    }
    case 'result.linked':
    case 'result.dismissed': return { kind: 'unmatched', key: String(body.result), body: null }
    case 'label.printed': return fact.unit === null ? null : { kind: 'label', key: body.label, body: JSON.stringify({ unit: fact.unit } satisfies PaperMark) }
    case 'certificate.made': return fact.unit === null ? null : { kind: 'certificate', key: body.id, body: JSON.stringify({ unit: fact.unit, hash: body.hash } satisfies PaperMark) }
    case 'lead.called': return { kind: 'call', key: 'bench', body: JSON.stringify({ at, by: fact.operator } satisfies CallMark) }
    case 'hold.acknowledged': return fact.unit === null ? null : { kind: 'acknowledged', key: fact.unit, body: JSON.stringify({ at, by: fact.operator } satisfies CallMark) }
    case 'shift.handed': return { kind: 'handover', key: 'last', body: JSON.stringify({ at, by: fact.operator } satisfies CallMark) }
    case 'lead.came': return { kind: 'call', key: 'bench', body: null }
    case 'station.succeeded': return body.how === 'restore' ? { kind: 'gap', key: 'bench', body: JSON.stringify({ at } satisfies GapMark) } : null
    case 'wifi.tested': return { kind: 'wifi', key: body.ssid, body: JSON.stringify({ at, mac: body.mac } satisfies WifiMark) }
    case 'setting.changed': return { kind: 'setting', key: body.key, body: body.to === null ? null : JSON.stringify({ value: body.to, at, by: body.by } satisfies SettingMark) }
    case 'ready.tried': return { kind: 'ready', key: body.step, body: JSON.stringify({ at, by: body.by, state: body.state, fault: body.fault, found: body.found } satisfies ReadyMark) }
    case 'bench.checked': {
      const { id, by, how, isReady, failed, skipped } = body
      return { kind: 'checked', key: how, body: JSON.stringify({ id, at, by, how, isReady, failed, skipped, seq } satisfies CheckedMark) }
    }
    case 'view.saved': return { kind: 'view', key: body.view.id, body: JSON.stringify(body.view) }
    case 'view.removed': return { kind: 'view', key: body.id, body: null }
    case 'person.added':
    case 'person.changed': {
      const mark: Person = { badge: body.badge, name: body.name, role: body.role, language: body.language }
      return { kind: 'person', key: body.badge, body: JSON.stringify(mark) }
    }
    case 'person.removed': return { kind: 'person', key: body.badge, body: null }
    case 'person.trained': {
      const mark: CompetenceMark = { badge: body.badge, course: body.course, score: body.score, at: body.shownAt ?? at }
      return { kind: 'competence', key: competenceKey(body.badge, body.course), body: JSON.stringify(mark) }
    }
    default: return null
  }
}
