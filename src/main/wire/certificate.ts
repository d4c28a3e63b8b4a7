/**
 * The release certificate as a document: canonical JSON (RFC 8785) with an ed25519 signature inside. Checking needs the
 * document and a list of keys, nothing of ours. resources/verify.html does the same in a browser, in code of its own.
 */
import type { Alias, AssessedView, Grade, Instant, Method, Mode } from '#shared'
import { canonicalBytes, canonicalText } from './canonical.ts'
import { isSigned } from './chain.ts'

export interface CertificateDraft {
  readonly kind: 'unbindery.certificate'
  readonly v: 1
  readonly id: string
  readonly mode: Mode
  /** Only of a training bench; a person must see it. */
  readonly notice?: 'TRAINING: this unit does not exist'
  readonly unit: { readonly uid: string; readonly names: readonly Alias[]; readonly product: string; readonly productName: string }
  readonly result: { readonly outcome: 'proven'; readonly grade: Grade; readonly provenAt: string; readonly means: string }
  readonly method: Method
  readonly evidence: readonly { readonly kind: string; readonly at: string; readonly tid?: string; readonly active?: number }[]
  readonly times: { readonly met: string; readonly opened: string; readonly asked: string; readonly closed: string; readonly issued: string }
  readonly attempts: number
  readonly stays: number
  readonly operator: string
  /** Tells equal accounts from different ones without naming them. */
  readonly account: string
  readonly station: { readonly id: string; readonly software: string; readonly key: string }
  /** Number of the verdict in the station's history, and the chain at it, hex; `station`: in that of the station it goes on from. */
  readonly log: { readonly seq: number; readonly chain: string; readonly station?: string }
  readonly doesNotProve: readonly string[]
}

/** One key people trust. `until`, `revokedAt`: certificates issued later are not of this key. */
export interface TrustedKey { readonly key: string; readonly station?: string; readonly from?: Instant; readonly until?: Instant; readonly revokedAt?: Instant }
export type CertificateState = 'valid' | 'altered' | 'unknown key' | 'unsigned'

export const GRADES: Readonly<Record<Grade, string>> = {
  A: 'recorded by the vendor cloud and seen on the network',
  B: 'recorded by the vendor cloud, or seen on the network as a transition that can only mean release',
  C: 'stated by a person'
}
export const DOES_NOT_PROVE = [
  'that data was erased: releasing a unit from its account removes no recording and no picture from it',
  'that the unit works, or that it is free of faults',
  'that nobody binds it again after the time of the proof'
] as const

export function signCertificate(draft: CertificateDraft, sign: (bytes: Uint8Array) => string): string {
  return signDocument(draft, sign)
}

/** What the station signs by itself: certificates of units, and records of a checked bench. */
export type DocumentKind = 'unbindery.certificate' | 'unbindery.ready'
interface SignedDraft { readonly kind: DocumentKind; readonly times: { readonly issued: string }; readonly station: { readonly id: string; readonly key: string } }
const DOCUMENT_KINDS: ReadonlySet<unknown> = new Set(['unbindery.certificate', 'unbindery.ready'] satisfies DocumentKind[])

export function signDocument<Draft extends SignedDraft>(draft: Draft, sign: (bytes: Uint8Array) => string): string {
  return canonicalText({ ...draft, signature: sign(canonicalBytes(draft)) })
}

/** What a text is, given the keys somebody trusts. It never throws: a certificate comes from anybody. */
export function assessCertificate(text: string, keys: readonly TrustedKey[]): CertificateState {
  const parsed = parseObject(text)
  if (parsed === null || !DOCUMENT_KINDS.has(parsed['kind'])) return 'unsigned'
  const { signature, ...draft } = parsed
  if (typeof signature !== 'string' || signature === '') return 'unsigned'
  const key = keyOf(draft)
  if (key === null || !isCanonical(text, parsed) || !isSigned(canonicalBytes(draft), signature, key)) return 'altered'
  const issued = Date.parse(timesOf(draft))
  const isTrusted = keys.some(k => k.key === key && (k.station === undefined || k.station === stationOf(draft)) && issued >= (k.from ?? 0) && issued <= Math.min(k.until ?? Infinity, k.revokedAt ?? Infinity))
  return isTrusted ? 'valid' : 'unknown key'
}

/** Two texts with the same members would be two documents; only the canonical one is ours. A line end after it is forgiven. */
function isCanonical(text: string, parsed: object): boolean {
  try { return canonicalText(parsed) === text.trimEnd() } catch { return false }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : null
  } catch {
    return null
  }
}

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)
const memberOf = (x: unknown, name: string): string => isObject(x) && typeof x[name] === 'string' ? x[name] : ''
const keyOf = (draft: Readonly<Record<string, unknown>>): string | null => memberOf(draft['station'], 'key') || null
const stationOf = (draft: Readonly<Record<string, unknown>>): string => memberOf(draft['station'], 'id')
const timesOf = (draft: Readonly<Record<string, unknown>>): string => memberOf(draft['times'], 'issued')

/** What a text is, and what it claims of itself; claims of anything but `valid` are only claims. */
export function viewCertificate(text: string, keys: readonly TrustedKey[]): AssessedView {
  const parsed = parseObject(text)
  const claim = (value: string): string | null => value === '' ? null : value.slice(0, CLAIM_CHARS_MAX)
  return {
    state: assessCertificate(text, keys), ...(parsed?.['kind'] === 'unbindery.ready' ? { isBench: true } : {}), id: claim(memberOf(parsed, 'id')), unit: claim(memberOf(parsed?.['unit'], 'uid')), grade: claim(memberOf(parsed?.['result'], 'grade')),
    provenAt: claim(memberOf(parsed?.['result'], 'provenAt')), station: claim(memberOf(parsed?.['station'], 'id'))
  }
}
const CLAIM_CHARS_MAX = 64
