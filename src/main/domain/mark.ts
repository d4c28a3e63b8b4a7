/**
 * Marks: what stays true of an account, a product or a loose result until a later fact says otherwise. One table, one fold:
 * a bucket that refused, a permission that was learnt, a result that matched no unit.
 */
import type { FaultView, Instant, TokenId } from '#shared'
import type { Fact } from './fact.ts'
import type { BucketMark, QuotaScope } from './quota.ts'

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
export interface Marks { readonly quota: BucketMark; readonly permission: PermissionMark; readonly unmatched: UnmatchedMark }
export type MarkKind = keyof Marks

/** `body` null: the mark goes. */
export interface MarkChange { readonly kind: MarkKind; readonly key: string; readonly body: string | null }

export const bucketKey = (scope: QuotaScope, key: string): string => `${scope}:${key}`
export const permissionKey = (account: string, product: string): string => `${account}|${product}`

/** What a fact changes among the marks. */
export function markOf(fact: Fact): MarkChange | null {
  const { body, at, seq } = fact
  switch (body.kind) {
    case 'quota.refused': return { kind: 'quota', key: bucketKey(body.scope, body.key), body: JSON.stringify({ at: body.vendorAt, used: body.used }) }
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
    default: return null
  }
}
