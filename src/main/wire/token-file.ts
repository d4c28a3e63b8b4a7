/**
 * The file contract of a partner's own token source: what we write, what we read, and the mark that names a token without
 * telling it. Version 1; unknown keys are ignored, anything else that is wrong is no token.
 */
import { createHash } from 'node:crypto'
import type { Method } from '#shared'
import type { ResultRow } from './cloud.ts'

const ROWS_MAX = 1000
const TEXT_MAX = 200
const TOKEN = /^[A-Z]{2}\w{12}$/ // facts/tuya.md 2: region 2, token 8, secret 4

export interface TokenWanted { readonly account: string; readonly product: string; readonly method: Method; readonly seats: number; readonly at: number }
export interface TokenIssued { readonly token: string; readonly lifeSeconds: number; readonly seats: number }

export function encodeWanted(wanted: TokenWanted): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ v: 1, ...wanted }))
}

/** null: it is no token of this contract. */
export function parseIssued(bytes: Uint8Array): TokenIssued | null {
  const json = recordOf(bytes)
  const { token, lifeSeconds, seats = 30 } = json ?? {}
  if (typeof token !== 'string' || !TOKEN.test(token)) return null
  if (typeof lifeSeconds !== 'number' || !(lifeSeconds >= 30 && lifeSeconds <= 3600)) return null
  return typeof seats === 'number' && Number.isInteger(seats) && seats >= 1 && seats <= 30 ? { token, lifeSeconds, seats } : null
}

/** null: it is no list of this contract. */
export function parseListFile(bytes: Uint8Array): readonly ResultRow[] | null {
  const rows: unknown = recordOf(bytes)?.['rows']
  if (!Array.isArray(rows) || rows.length > ROWS_MAX) return null
  const parsed = rows.map(parseRow)
  return parsed.every(row => row !== null) ? parsed : null
}

/** The first 16 hex digits of SHA-256 over the 14 characters. */
export function markOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}

function parseRow(item: unknown): ResultRow | null {
  if (typeof item !== 'object' || item === null) return null
  const fields = new Map<string, unknown>(Object.entries(item))
  const text = (key: string): string | null => {
    const value = fields.get(key)
    return typeof value === 'string' && value !== '' ? value.slice(0, TEXT_MAX) : null
  }
  const ok = fields.get('ok')
  if (typeof ok !== 'boolean' || (text('uuid') ?? text('mac') ?? text('deviceId')) === null) return null
  return { ok, deviceId: text('deviceId'), uuid: text('uuid'), mac: text('mac'), productKey: text('productKey'), code: ok ? null : text('code') ?? '', text: ok ? null : text('text') }
}

function recordOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return null
    const record: Record<string, unknown> = { ...json }
    return record['v'] === 1 ? record : null
  } catch {
    return null
  }
}
