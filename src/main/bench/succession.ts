/**
 * One ledger goes on from another: after a move to a new computer, and after a backup was restored. The records stay, so that
 * every unit is still known; the stream of facts begins anew under a new station id, and its first fact says where the old one
 * ended. Nobody's `(station, seq)` is ever used twice. What is sealed with the old computer's key is left behind.
 */
import type { Database } from '../ports.ts'
import type { Ledger } from './ledger.ts'

/** Everything that belongs to the old stream. Loose results are called by the number of their fact, so they go as well. */
const BEGIN_ANEW = [
  'DELETE FROM fact', 'DELETE FROM head', 'DELETE FROM archive', 'DELETE FROM destination', 'DELETE FROM aside', 'DELETE FROM token', "DELETE FROM mark WHERE kind = 'unmatched'",
  "DELETE FROM setting WHERE key IN ('station', 'archive.base', 'archive.floors')"
] as const
/** Addresses were lent on another bench. */
const LEASES = ['DELETE FROM lease', 'DELETE FROM lease_block'] as const

export interface Predecessor { readonly station: string; readonly seq: number; readonly hash: string; readonly file: string }

export function predecessorOf(ledger: Ledger, file: (station: string, seq: number) => string): Predecessor {
  const { seq, hash } = ledger.chain
  const station = ledger.setting('station') ?? ''
  return { station, seq, hash: Buffer.from(hash).toString('hex'), file: file(station, seq) }
}

/** `db`: a copy of the old ledger. What must then be opened as a ledger of its own. */
export function beginAnew(db: Database, how: 'move' | 'restore'): void {
  db.transaction(() => {
    for (const sql of [...BEGIN_ANEW, ...how === 'move' ? LEASES : []]) db.run(sql)
  })
}

/** The first fact, under a new id. */
export function succeed(ledger: Ledger, how: 'move' | 'restore', { station, seq, hash, file }: Predecessor): string {
  const made = ledger.newId()
  ledger.keepSetting('station', made)
  ledger.append({ body: { kind: 'station.succeeded', how, station, seq, hash, file } })
  return made
}
