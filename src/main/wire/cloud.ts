/**
 * The dialect of the vendor's OpenAPI: request signing (facts/tuya.md 7.1), the envelope of every answer (7.2), and the
 * shapes of the answers we ask for (7.3). Pure; what makes no sense becomes a Fault with number, text and tid.
 */
import { createHash, createHmac } from 'node:crypto'
import { millis, seconds, type Millis } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import { CLOUD_CODES, type Remedy } from './cloud-codes.ts'

/** Longest text of the cloud we keep in a fault. */
const TEXT_CHARS_MAX = 200
const TID_CHARS_MAX = 64
/** A token has 30 seats; a list far beyond that is not an answer to our question. */
const RESULT_ROWS_MAX = 1000

export interface SignedRequest {
  readonly method: string
  /** Path and query; parameters in any order, percent-encoded or not. */
  readonly url: string
  readonly body?: Uint8Array
  readonly clientId: string
  readonly secret: string
  /** Absent for the token calls. */
  readonly accessToken?: string
  /** 13-digit milliseconds. */
  readonly t: number
  readonly nonce?: string
  /** What `Signature-Headers` names, in that order. */
  readonly signedHeaders?: readonly (readonly [name: string, value: string])[]
  /** Projects made before 2021-06-30 sign no string of the request. */
  readonly isOldProject?: boolean
}

/** The value of the `sign` header. */
export function signRequest(r: SignedRequest): string {
  const hmac = createHmac('sha256', r.secret)
  hmac.update(r.clientId + (r.accessToken ?? '') + r.t)
  if (r.isOldProject !== true) {
    const bodyHash = createHash('sha256').update(r.body ?? new Uint8Array(0)).digest('hex')
    const headers = (r.signedHeaders ?? []).map(([name, value]) => `${name}:${value}\n`).join('')
    hmac.update(`${r.nonce ?? ''}${r.method}\n${bodyHash}\n${headers}\n${canonicalUrl(r.url)}`)
  }
  return hmac.digest('hex').toUpperCase()
}

/** Path and query as they are signed: parameters sorted by key and not percent-encoded; a `+` stays a `+`. */
function canonicalUrl(url: string): string {
  const mark = url.indexOf('?')
  if (mark < 0 || mark === url.length - 1) return mark < 0 ? url : url.slice(0, mark)
  const pairs = url.slice(mark + 1).split('&').map(pair => decodePercent(pair)).toSorted((a, b) => {
    const [keyA, keyB] = [a.split('=', 1)[0] ?? '', b.split('=', 1)[0] ?? '']
    return keyA < keyB ? -1 : keyA > keyB ? 1 : 0
  })
  return `${url.slice(0, mark)}?${pairs.join('&')}`
}

function decodePercent(text: string): string {
  try { return decodeURIComponent(text) } catch { return text } // a lone % is signed as it stands
}

export interface Envelope {
  readonly result: unknown
  /** Server time in milliseconds; null when absent or absurd. */
  readonly t: number | null
  readonly tid: string
  /** null: success. */
  readonly refusal: { readonly code: string; readonly text: string } | null
}

/** Reads an answer of any HTTP status. Throws `cloud.garbled` when there is no envelope in it, `cloud.busy` for 429 and 5xx without one. */
export function parseEnvelope(body: Uint8Array, httpStatus: number): Envelope {
  const json = parseJson(body)
  if (!isRecord(json) || typeof json['success'] !== 'boolean') {
    if (httpStatus === 429 || httpStatus >= 500) throw new Fault('cloud.busy', { httpStatus, text: 'no envelope', tid: '' })
    throw new Fault('cloud.garbled', { httpStatus, text: 'no envelope', tid: '' })
  }
  const tid = textOf(json['tid'])?.slice(0, TID_CHARS_MAX) ?? ''
  const t = typeof json['t'] === 'number' && /^\d{13}$/.test(String(json['t'])) ? json['t'] : null
  if (json['success']) return { result: json['result'], t, tid, refusal: null }
  const code = textOf(json['code'])
  if (code === null) throw new Fault('cloud.garbled', { httpStatus, text: 'refused without a code', tid })
  return { result: null, t, tid, refusal: { code, text: textOf(json['msg'])?.slice(0, TEXT_CHARS_MAX) ?? '' } }
}

/** The fault a code stands for; a code nobody told us of keeps its number, text and tid. */
export function faultOfCode(code: string | number, text: string, tid: string, context: FaultContext = {}): Fault {
  const number = typeof code === 'string' && /^\d{1,15}$/.test(code) ? Number(code) : typeof code === 'string' ? code.slice(0, TID_CHARS_MAX) : code
  return new Fault(CLOUD_CODES.get(String(code))?.fault ?? 'cloud.unknown-code', { ...context, number, text: text.slice(0, TEXT_CHARS_MAX), tid })
}

export function remedyOfCode(code: string): Remedy {
  return CLOUD_CODES.get(code)?.remedy ?? 'none'
}

export interface AccessGrant { readonly accessToken: string; readonly refreshToken: string; readonly lifeMs: Millis }

/** `expire_time` is what is left of the life, in seconds (7.2). */
export function parseAccessGrant(result: unknown, tid: string): AccessGrant {
  const row = recordOf(result, tid)
  const accessToken = textOf(row['access_token'])
  const refreshToken = textOf(row['refresh_token'])
  const life = row['expire_time']
  if (accessToken === null || refreshToken === null || typeof life !== 'number' || !(life >= 0)) throw garbled('access token', tid)
  return { accessToken, refreshToken, lifeMs: seconds(Math.min(life, 86_400)) }
}

export interface PairingToken { readonly region: string; readonly token: string; readonly secret: string; /** null: the cloud did not say. */ readonly lifeMs: Millis | null }

/** Region 2, token 8, secret 4 characters (section 2); any other length is no token. */
export function parsePairingToken(result: unknown, tid: string): PairingToken {
  const row = recordOf(result, tid)
  const [region, token, secret] = [row['region'], row['token'], row['secret']]
  if (!isWord(region, 2) || !isWord(token, 8) || !isWord(secret, 4)) throw garbled('pairing token', tid)
  const life = row['expire_time']
  return { region, token, secret, lifeMs: typeof life === 'number' && life > 0 ? millis(Math.min(life, 3600) * 1000) : null }
}

/** One unit's row in the result list of a token, whichever API family wrote it. */
export interface ResultRow {
  readonly ok: boolean
  readonly deviceId: string | null
  readonly uuid: string | null
  readonly mac: string | null
  readonly productKey: string | null
  readonly code: string | null
  readonly text: string | null
}

/** Takes the shapes of all three families (7.3). Rows that name nothing are counted, not kept; fields of a wrong type are absent. */
export function parseResults(result: unknown, tid: string): { readonly rows: readonly ResultRow[]; readonly malformed: number } {
  if (result === null || result === undefined) return { rows: [], malformed: 0 }
  const lists = recordOf(result, tid)
  const rows: ResultRow[] = []
  let malformed = 0
  for (const [ok, names] of [[true, ['success_devices', 'success', 'successDevices']], [false, ['error_devices', 'failed', 'errorDevices']]] as const) {
    for (const name of names) {
      const list = lists[name] ?? []
      if (!Array.isArray(list)) throw garbled(name, tid)
      for (const item of list.slice(0, RESULT_ROWS_MAX)) {
        const row = parseResultRow(item, ok)
        if (row === null) malformed += 1
        else rows.push(row)
      }
    }
  }
  return { rows, malformed }
}

function parseResultRow(item: unknown, ok: boolean): ResultRow | null {
  if (!isRecord(item)) return null
  const deviceId = firstText(item, ['id', 'device_id', 'deviceId'])
  const uuid = firstText(item, ['uuid'])
  const mac = firstText(item, ['mac'])
  if (deviceId === null && uuid === null && mac === null) return null
  return {
    ok, deviceId, uuid, mac,
    productKey: firstText(item, ['product_id', 'productId', 'product_key']),
    code: ok ? null : firstText(item, ['error_code', 'errorCode', 'code']),
    text: ok ? null : firstText(item, ['error_msg', 'errorMsg', 'msg'])
  }
}

export interface FactoryRow { readonly deviceId: string; readonly uuid: string | null; readonly serial: string | null; readonly mac: string | null }

/** `GET /v1.0/devices/factory-infos`: what a device id is called on the label. */
export function parseFactoryRows(result: unknown, tid: string): readonly FactoryRow[] {
  if (!Array.isArray(result)) throw garbled('factory rows', tid)
  return result.slice(0, RESULT_ROWS_MAX).flatMap((item: unknown) => {
    const deviceId = isRecord(item) ? firstText(item, ['id', 'device_id']) : null
    return deviceId === null || !isRecord(item) ? [] : [{ deviceId, uuid: firstText(item, ['uuid']), serial: firstText(item, ['sn']), mac: firstText(item, ['mac']) }]
  })
}

function recordOf(value: unknown, tid: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw garbled('result', tid)
  return value
}

function garbled(what: string, tid: string): Fault {
  return new Fault('cloud.garbled', { text: `no usable ${what}`, tid })
}

function firstText(row: Readonly<Record<string, unknown>>, names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(row[name])
    if (text !== null && text !== '') return text.slice(0, TEXT_CHARS_MAX)
  }
  return null
}

/** Codes and ids arrive as text or as numbers (16.4). */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null
}

function isWord(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^\w+$/.test(value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(bytes: Uint8Array): unknown {
  try { return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) } catch { return null }
}
