/**
 * How often a unit was asked in vain by this shift, whatever it was unplugged for in between: a new stay alone is no new
 * pair of tries. A lead's word that frees it is.
 */
import { hours, type Instant, type JobId, type UnitId } from '#shared'
import type { Ledger } from './ledger.ts'
import { numberOf } from './numbers.ts'

const SHIFT = hours(8)

/** Jobs of the last eight hours that were asked and ended without proof; a day without seats is no try. `except`: the one that is just being closed. */
export function triesInShift(ledger: Ledger, unit: UnitId, now: Instant, except: JobId | null = null): number {
  const { db } = ledger
  const n = numberOf(db, unit)
  const freed = db.all<{ at: number }>("SELECT at FROM fact WHERE unit = ? AND kind = 'unit.freed' ORDER BY seq DESC LIMIT 1", [n])[0]?.at ?? 0
  const [row] = db.all<{ n: number }>(`SELECT count(*) AS n FROM job WHERE unit = ? AND closed_at > ? AND n IS NOT ? AND outcome IN ('unproven', 'refused', 'broken')
    AND json_extract(body, '$.askedAt') IS NOT NULL AND coalesce(json_extract(body, '$.fault.code'), '') NOT LIKE 'quota.%'`, [n, Math.max(now - SHIFT, freed), except === null ? null : numberOf(db, except)])
  return row?.n ?? 0
}
