/**
 * The ways a token can be worded for a wired unit (facts/tuya.md 4.7), as data: `resources/transports.json` says which LAN
 * version takes which envelope and which keys to try, so a key that is learnt one day needs no code.
 */
import shipped from '../../../resources/transports.json' with { type: 'json' }
import { Fault } from '../domain/fault.ts'
import type { Announcement } from '../wire/announcement.ts'
import { COMMAND, decryptEcb, encodeFrame, encryptEcb, type Frame } from '../wire/lan-frame.ts'

export interface WiredTokenTransport {
  readonly id: string
  /** 0: not for this unit; else how sure we are, up to 1. */
  supports(a: Announcement): number
  /** In the order to try. */
  readonly candidates: readonly Candidate[]
}
/** One transport with one key: what one TCP connection tries. */
export interface Candidate {
  readonly transport: string
  /** The key's name; 'none' for plain. */
  readonly key: string
  encode(token: string, sequence: number, nonce: Uint8Array): Uint8Array
  /** The plain data of an answer; what cannot be opened comes back as it is. */
  open(frame: Frame): Uint8Array
}
export interface TransportTable { readonly transports: readonly WiredTokenTransport[]; /** Every key the table names. */ readonly keys: readonly Uint8Array[] }

interface Fit { readonly from: number; readonly below: number; readonly confidence: number }
interface Row { readonly id: string; readonly fits: readonly Fit[]; readonly envelope: '55aa' | '6699'; readonly payload: 'plain' | 'ecb'; readonly keys: readonly string[] }
type Json = Readonly<Record<string, unknown>>

const TRANSPORTS_MAX = 32
const KEYS_MAX = 32
const NO_KEY = 'none'

/** Throws `config.invalid` with every complaint at once. */
export function parseTransports(value: unknown): TransportTable {
  const complaints: string[] = []
  const table = objectOf(value)
  const keys = new Map<string, Uint8Array>()
  for (const [name, hex] of Object.entries(objectOf(table['keys'])).slice(0, KEYS_MAX)) {
    if (typeof hex === 'string' && /^[0-9a-f]{32}$/i.test(hex)) keys.set(name, new Uint8Array(Buffer.from(hex, 'hex')))
    else complaints.push(`keys.${name}: 32 hexadecimal digits`)
  }
  const rows: Row[] = []
  const list: readonly unknown[] = Array.isArray(table['transports']) ? table['transports'] : []
  if (list.length === 0 || list.length > TRANSPORTS_MAX) complaints.push(`transports: 1 to ${TRANSPORTS_MAX} rows`)
  for (const [n, item] of list.slice(0, TRANSPORTS_MAX).entries()) {
    const row = readRow(objectOf(item), keys, complaint => { complaints.push(`transports[${n}].${complaint}`) })
    if (row !== null) rows.push(row)
  }
  if (complaints.length > 0) throw new Fault('config.invalid', { complaints: complaints.join('; ') })
  return { transports: rows.map(row => transportOf(row, keys)), keys: [...keys.values()] }
}

function readRow(item: Json, keys: ReadonlyMap<string, Uint8Array>, complain: (text: string) => void): Row | null {
  const { id, envelope, payload } = item
  const names: readonly unknown[] = Array.isArray(item['keys']) ? item['keys'] : []
  const known = names.filter((name): name is string => typeof name === 'string' && keys.has(name))
  const fits = (Array.isArray(item['fits']) ? item['fits'] : []).map(fit => readFit(objectOf(fit))).filter(fit => fit !== null)
  const isFitted = fits.length > 0
  if (typeof id !== 'string' || id === '') complain('id: a name')
  if (!isFitted) complain('fits: from, below and confidence above 0 and at most 1')
  if (envelope !== '55aa' && envelope !== '6699') complain('envelope: 55aa or 6699')
  if (payload !== 'plain' && payload !== 'ecb') complain('payload: plain or ecb')
  const needsKey = envelope === '6699' || payload === 'ecb'
  if (known.length !== names.length || (needsKey && known.length === 0)) complain('keys: names from the key table')
  if (typeof id !== 'string' || (envelope !== '55aa' && envelope !== '6699') || (payload !== 'plain' && payload !== 'ecb')) return null
  return { id, fits, envelope, payload, keys: known }
}

function readFit(fit: Json): Fit | null {
  const from = numberOfVersion(fit['from'])
  const below = numberOfVersion(fit['below'])
  const confidence = fit['confidence']
  if (from === null || below === null || typeof confidence !== 'number' || confidence <= 0 || confidence > 1) return null
  return { from, below, confidence }
}

function transportOf(row: Row, keys: ReadonlyMap<string, Uint8Array>): WiredTokenTransport {
  const named = row.keys.length === 0 ? [[NO_KEY, new Uint8Array(0)] as const] : row.keys.map(name => [name, keys.get(name) ?? new Uint8Array(0)] as const)
  return {
    id: row.id,
    supports: a => {
      const version = numberOfVersion(a.version) ?? 0
      return Math.max(0, ...row.fits.filter(fit => version >= fit.from && version < fit.below).map(fit => fit.confidence))
    },
    candidates: named.map(([name, key]) => candidateOf(row, name, key))
  }
}

function candidateOf(row: Row, name: string, key: Uint8Array): Candidate {
  const isSealed = row.payload === 'ecb'
  return {
    transport: row.id,
    key: name,
    encode: (token, sequence, nonce) => {
      const json = new TextEncoder().encode(JSON.stringify({ token })) // no other key is sent (facts/tuya.md 4.7)
      const payload = isSealed ? encryptEcb(key, json) : json
      return encodeFrame({ sequence, command: COMMAND.TOKEN_BIND, returnCode: null, payload }, row.envelope === '6699' ? { kind: 'gcm', key } : { kind: 'crc' }, nonce)
    },
    open: frame => {
      if (!isSealed || frame.envelope !== '55aa') return frame.payload
      try { return decryptEcb(key, frame.payload) } catch { return frame.payload } // older firmware gives its reasons in plain
    }
  }
}

/** '3.4' as 3004, so that 3.10 is above 3.9. */
function numberOfVersion(text: unknown): number | null {
  const parts = typeof text === 'string' ? /^(\d{1,3})\.(\d{1,3})/.exec(text) : null
  return parts === null ? null : Number(parts[1]) * 1000 + Number(parts[2])
}

const objectOf = (value: unknown): Json => typeof value === 'object' && value !== null ? value as Json : {} // any object can be read as unknown values

/** What ships with the station. */
export const TRANSPORTS = parseTransports(shipped)

/** The first of these files that is there; none: what ships. Faults: `config.invalid`, with the name of the file. */
export function readTransports(files: readonly { readonly name: string; readonly text: string | null }[]): TransportTable {
  const found = files.find(f => f.text !== null)
  if (!found) return TRANSPORTS
  try {
    return parseTransports(JSON.parse(found.text ?? ''))
  } catch (thrown) {
    const why = thrown instanceof Fault ? String(thrown.context['complaints']) : 'is not JSON'
    throw new Fault('config.invalid', { complaints: `${found.name}: ${why}` }, thrown)
  }
}
