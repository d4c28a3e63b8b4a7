/**
 * Old facts as files beside the ledger, and everything that can still be read of them: the archive never breaks the chain,
 * and whoever walks history walks through it. Records stay in the ledger, so a unit of years ago is still found at once.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { JobId, UnitId, WaveId } from '#shared'
import type { Fact, FactBody } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Database } from '../ports.ts'
import { readStretch, sha256Hex, stretchText, type StretchHead } from '../wire/archive.ts'
import { CHAIN_START, chainFact, type ChainedFact } from '../wire/chain.ts'
import type { Ledger } from './ledger.ts'
import { bodyText, FACTS, type FactRow } from './packing.ts'

/** Of one file, unpacked. */
const STRETCH_BYTES_MAX = 256 * 1024 * 1024
const BASE = 'archive.base'

/** The folder of archived files, beside the ledger. */
export interface Vault {
  /** null: it is not here. */
  read(file: string): Uint8Array | null
  /** The ledger before this one, for reading; null: it is not here. */
  open(file: string): Ledger | null
}
export const NO_VAULT: Vault = { read: () => null, open: () => null }

export interface Packed extends StretchHead { readonly bytes: Uint8Array; readonly sha256: string }
export interface ArchiveRow extends StretchHead { readonly file: string; readonly sha256: string }

/** The last fact that is no longer in the ledger itself, and the chain after it. */
export function baseOf(db: Database): { readonly seq: number; readonly hash: Uint8Array } {
  const found = db.all<{ value: string }>('SELECT value FROM setting WHERE key = ?', [BASE])[0]?.value
  if (found === undefined) return { seq: 0, hash: CHAIN_START }
  const [seq = '0', hash = ''] = found.split(' ')
  return { seq: Number(seq), hash: Buffer.from(hash, 'hex') }
}

/** Facts `from` to `to` as one compressed file. Faults: `ledger.damaged` when they do not fit their own chain. */
export function packStretch(db: Database, station: string, from: number, to: number): Packed {
  const rows = db.all<FactRow & { hash: Uint8Array | null }>(`${FACTS} WHERE f.seq BETWEEN ? AND ? ORDER BY f.seq`, [from, to])
  const facts = rows.map(({ hash: _hash, kind, body, ...row }) => ({ ...row, body: JSON.parse(bodyText({ kind, body })) as unknown }))
  const start = from === baseOf(db).seq + 1 ? baseOf(db).hash : db.all<{ hash: Uint8Array }>('SELECT hash FROM fact WHERE seq = ?', [from - 1])[0]?.hash
  let link = start ?? CHAIN_START
  for (const fact of facts) link = chainFact(link, fact)
  const [before, hash] = [hex(start ?? CHAIN_START), hex(link)]
  const isWhole = start !== undefined && facts.length === to - from + 1 && rows.every((row, i) => row.seq === from + i) && hex(rows.at(-1)?.hash ?? CHAIN_START) === hash
  if (!isWhole) throw new Fault('ledger.damaged', { found: `facts ${from} to ${to} do not fit the chain` })
  const head = { station, from, to, before, hash }
  const bytes = gzipSync(stretchText(head, facts))
  return { ...head, bytes, sha256: sha256Hex(bytes) }
}

/** Oldest first. */
export function archiveRows(db: Database, station: string): ArchiveRow[] {
  const rows = db.all<{ seq_from: number; seq_to: number; file: string; hash: string; sha256: string }>('SELECT * FROM archive ORDER BY seq_to')
  return rows.map((row, i) => ({ station, from: row.seq_from, to: row.seq_to, before: rows[i - 1]?.hash ?? hex(CHAIN_START), hash: row.hash, file: row.file, sha256: row.sha256 }))
}

/** Its facts, or none when it does not even name `id`; null: the file is not here; text: what is wrong with it. */
export function openStretch(row: ArchiveRow, vault: Vault, id: string | null = null): readonly Fact[] | string | null {
  const bytes = vault.read(row.file)
  if (bytes === null) return null
  let text: string
  try {
    text = gunzipSync(bytes, { maxOutputLength: STRETCH_BYTES_MAX }).toString('utf8')
  } catch {
    return `the archive of facts ${row.from} to ${row.to} cannot be read`
  }
  if (id !== null && !text.includes(JSON.stringify(id))) return []
  const facts = readStretch(text, row)
  return typeof facts === 'string' ? facts : facts.map(factIn)
}

/** Drops the first facts of an archived stretch from the ledger, in one short transaction; false: none of it was left. */
export function dropSlice(ledger: Ledger, to: number, most: number): boolean {
  const { db } = ledger
  return db.transaction(() => {
    const { seq } = baseOf(db)
    const last = db.all<{ seq: number; hash: Uint8Array }>('SELECT seq, hash FROM fact WHERE seq = ?', [Math.min(to, seq + most)])[0]
    if (!last || last.seq <= seq) return false
    db.run('DELETE FROM fact WHERE seq > ? AND seq <= ?', [seq, last.seq])
    db.run('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [BASE, `${last.seq} ${hex(last.hash)}`])
    return last.seq < to
  })
}

/** Archived facts above `after`, of one unit or of all; in order; from the files that are here. */
export function archivedFacts(db: Database, station: string, vault: Vault, after: number, limit: number, unit: string | null = null): Fact[] {
  const base = baseOf(db).seq
  const found: Fact[] = []
  for (const row of archiveRows(db, station)) {
    if (row.to <= after) continue
    const facts = openStretch(row, vault, unit)
    if (facts === null || typeof facts === 'string') continue
    found.push(...facts.filter(f => f.seq > after && f.seq <= base && (unit === null || f.unit === unit)))
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

function factIn(row: ChainedFact): Fact {
  return { seq: row.seq, at: row.at, operator: row.operator, unit: row.unit as UnitId | null, job: row.job as JobId | null, wave: row.wave as WaveId | null, body: row.body as FactBody } // what the ledger once wrote, and the chain has just said
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
