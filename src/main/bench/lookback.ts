/**
 * What lies behind the ledger: facts that went into files of the archive, and the ledgers this one goes on from. Read in the
 * reader thread and only when somebody asks about a unit; what is not here is told by name, so that it can be fetched.
 */
import type { FactBody, Fact } from '../domain/fact.ts'
import { chainFact } from '../wire/chain.ts'
import { archiveRows, baseOf, openStretch, type Vault } from './archive.ts'
import type { Ledger } from './ledger.ts'
import { numberOf } from './numbers.ts'
import { factOf, FACTS, type FactRow } from './packing.ts'

/** Moves and restores one after the other. */
const ERAS_MAX = 20

/** `station`: in whose history it has its number. */
export interface PastFact { readonly station: string; readonly fact: Fact }
/** Oldest first. `away`: names of files that are not here. */
export interface Past { readonly facts: readonly PastFact[]; readonly away: readonly string[] }
/** Where a verdict stands: number and chain (hex) in a station's history. */
export interface Verdict { readonly station: string; readonly seq: number; readonly chain: string }
export interface PastVerdict { readonly verdict: Verdict | null; readonly away: readonly string[] }

type Succession = Extract<FactBody, { kind: 'station.succeeded' }>
interface Era { readonly ledger: Ledger; readonly station: string }

/** What is said of a unit before the first fact the ledger itself still has; the newest `limit` of it. */
export function factsBehind(ledger: Ledger, vault: Vault, unit: string, limit: number): Past {
  const away = new Set<string>()
  const facts: PastFact[] = []
  for (const era of erasOf(ledger, vault, away).toReversed()) {
    const { station } = era
    const archived = stretchesOf(era, vault, away, unit).flatMap(({ own }) => own)
    const kept = era.ledger === ledger ? [] : era.ledger.history(unit, Number.MAX_SAFE_INTEGER, limit).toReversed()
    facts.push(...[...archived.filter(f => f.unit === unit), ...kept].map(fact => ({ station, fact })))
  }
  return { facts: facts.slice(-limit), away: [...away] }
}

/** The proof of a job that the ledger itself no longer has. */
export function verdictBehind(ledger: Ledger, vault: Vault, unit: string, job: string): PastVerdict {
  const away = new Set<string>()
  for (const era of erasOf(ledger, vault, away)) {
    const kept = verdictIn(era.ledger, unit, job)
    if (kept !== null) return { verdict: { station: era.station, ...kept }, away: [] }
    for (const { own, before } of stretchesOf(era, vault, away, job).toReversed()) {
      let link: Uint8Array = Buffer.from(before, 'hex')
      let verdict: Verdict | null = null
      for (const fact of own) {
        link = chainFact(link, fact)
        if (fact.unit === unit && fact.job === job && isProof(fact.body)) verdict = { station: era.station, seq: fact.seq, chain: Buffer.from(link).toString('hex') }
      }
      if (verdict !== null) return { verdict, away: [] }
    }
  }
  return { verdict: null, away: [...away] }
}

/** The newest proof of a job among the facts a ledger itself has. */
export function verdictIn(ledger: Ledger, unit: string, job: string): Omit<Verdict, 'station'> | null {
  const { db } = ledger
  const rows = db.all<FactRow & { hash: Uint8Array }>(`${FACTS} WHERE f.unit = ? AND f.job = ? AND f.kind IN ('job.closed', 'job.raised') ORDER BY f.seq DESC`, [numberOf(db, unit), numberOf(db, job)])
  const found = rows.find(row => isProof(factOf(row).body))
  return found ? { seq: found.seq, chain: Buffer.from(found.hash).toString('hex') } : null
}

/** What the first fact says of the ledger before this one, wherever that fact lies; null: nothing; text: the file that is not here. */
export function successionOf(ledger: Ledger, vault: Vault): Succession | string | null {
  const row = archiveRows(ledger.db, ledger.setting('station') ?? '')[0]
  const opened = baseOf(ledger.db).seq === 0 || row === undefined ? ledger.factsAfter(0, 1) : openStretch(row, vault)
  if (opened === null || typeof opened === 'string') return row?.file ?? ''
  const body = opened[0]?.body
  return body?.kind === 'station.succeeded' ? body : null
}

/** This ledger and those before it, newest first. */
function erasOf(ledger: Ledger, vault: Vault, away: Set<string>): Era[] {
  const eras: Era[] = []
  for (let next: Ledger | null = ledger; next !== null && eras.length < ERAS_MAX;) {
    eras.push({ ledger: next, station: next.setting('station') ?? '' })
    const before: Succession | string | null = successionOf(next, vault)
    const file: string | null = typeof before === 'string' ? before : before?.file ?? null
    next = typeof before === 'string' || file === null ? null : vault.open(file)
    if (next === null && file !== null) away.add(file)
  }
  return eras
}

/** Of one era, oldest first: stretches that name `id` at all; the others are not even parsed. */
function stretchesOf({ ledger, station }: Era, vault: Vault, away: Set<string>, id: string): { readonly before: string; readonly own: readonly Fact[] }[] {
  const base = baseOf(ledger.db).seq
  return archiveRows(ledger.db, station).filter(row => row.from <= base).flatMap(row => {
    const facts = openStretch(row, vault, id)
    if (facts === null || typeof facts === 'string') {
      away.add(row.file)
      return []
    }
    return [{ before: row.before, own: facts.filter(f => f.seq <= base) }]
  })
}

const isProof = (body: FactBody): boolean => body.kind === 'job.raised' || (body.kind === 'job.closed' && body.outcome === 'proven')
