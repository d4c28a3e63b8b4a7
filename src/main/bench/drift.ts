/**
 * Does the ledger still say what its facts say? Folds every fact from number 1 and compares the result with the stored
 * records; a difference is a defect of ours or a hand in the file. Reads only.
 */
import { countsOf, foldJob, foldUnit, foldWave, type Fact, type FactBody } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import { markOf } from '../domain/mark.ts'
import { identifies, type Unit } from '../domain/unit.ts'
import type { Wave } from '../domain/wave.ts'
import type { SqlRow } from '../ports.ts'
import { archiveRows, baseOf, NO_VAULT, openStretch, type Vault } from './archive.ts'
import type { Ledger } from './ledger.ts'
import { idIn } from './numbers.ts'
import { jobOf, JOBS, unitOf, UNITS, type JobRow, type UnitRow } from './packing.ts'

/** Differences told; the first ones say what went wrong. */
const TOLD_MAX = 20
const PAGE_FACTS = 1000

/** Rows as the tables hold them, by their key. */
type Rows = Map<string, SqlRow>
interface Folded { readonly units: Map<string, Unit>; readonly jobs: Map<string, Job>; readonly waves: Map<string, Wave>; readonly lastAt: Map<string, number>; readonly alias: Rows; readonly seat: Rows; readonly counter: Rows; readonly mark: Rows }

/** The first differences, in words; empty: none. */
export function findDrift(ledger: Ledger, vault: Vault = NO_VAULT): string[] {
  const folded: Folded = { units: new Map(), jobs: new Map(), waves: new Map(), lastAt: new Map(), alias: new Map(), seat: new Map(), counter: new Map(), mark: new Map() }
  const found: string[] = []
  foldAll(folded, ledger, vault, found)
  const { db } = ledger
  const stored = (table: string, key: string, columns = '*'): Rows => new Map(db.all(`SELECT ${columns}, ${key} AS row_key FROM ${table}`).map(row => [String(row['row_key']), row]))
  const units = db.all<UnitRow & { readonly last_at: number }>(UNITS).map((row): [string, SqlRow] => [row.uid, { last_at: row.last_at, body: recordText(row, unitOf) }])
  const jobs = db.all<JobRow>(JOBS).map((row): [string, SqlRow] => [row.uid, { body: recordText(row, jobOf) }])
  found.push(
    ...compare('unit', unitRows(folded), new Map(units)), ...compare('job', recordRows(folded.jobs), new Map(jobs)), ...compare('wave', waveRows(folded), stored('wave', 'uid')),
    ...compare('alias', folded.alias, stored('name', "kind || ':' || value", `kind, value, ${idIn('name.unit')} AS unit`)),
    ...compare('seat', folded.seat, stored('seat', idIn('seat.job'), `${idIn('seat.job')} AS job, account, product, state, at`)), ...compare('counter', folded.counter, stored('counter', 'name')),
    ...compare('mark', folded.mark, stored('mark', "kind || ':' || key"))
  )
  return found.slice(0, TOLD_MAX)
}

/** The ledger before this one first, then what is archived, then the rest. */
function foldAll(folded: Folded, ledger: Ledger, vault: Vault, found: string[]): void {
  let last = 0
  const take = (facts: readonly Fact[]): void => {
    for (const fact of facts) {
      if (fact.seq !== last + 1) found.push(`fact ${last + 1} is missing; the next is ${fact.seq}`)
      last = fact.seq
      try {
        if (fact.seq === 1 && fact.body.kind === 'station.succeeded') foldPast(folded, fact.body.file, vault, found)
        foldIn(folded, fact)
      } catch (thrown) {
        const { code, context } = Fault.from(thrown)
        found.push(`fact ${fact.seq} cannot be folded: ${context['text'] ?? code}`)
      }
    }
  }
  const base = baseOf(ledger.db).seq
  for (const row of archiveRows(ledger.db, ledger.setting('station') ?? '')) {
    const facts = openStretch(row, vault)
    if (facts !== null && typeof facts !== 'string') take(facts.filter(f => f.seq <= base))
  }
  for (let page = ledger.factsAfter(last, PAGE_FACTS); page.length > 0; page = ledger.factsAfter(last, PAGE_FACTS)) take(page)
}

/** Its records were taken over, but for loose results: those are called by the number of their fact. */
function foldPast(folded: Folded, file: string, vault: Vault, found: string[]): void {
  const past = vault.open(file)
  if (past === null) return
  foldAll(folded, past, vault, found)
  for (const key of folded.mark.keys()) if (key.startsWith('unmatched:')) folded.mark.delete(key)
}

/** The same order as `Ledger.append` projects in. */
function foldIn(folded: Folded, fact: Fact): void {
  const { body, unit, job, wave } = fact
  if (body.kind === 'unit.named' && unit) {
    const key = `${body.alias.kind}:${body.alias.value}`
    if (!identifies(body.alias) || !folded.alias.has(key)) folded.alias.set(key, { ...body.alias, unit })
  }
  if (body.kind === 'unit.parted') for (const { kind, value } of body.aliases) movePart(folded.alias, `${kind}:${value}`, String(unit), body.to)
  if (body.kind === 'unit.merged') for (const [key, row] of folded.alias) if (row['unit'] === unit) folded.alias.set(key, { ...row, unit: body.into })
  if (body.kind === 'unit.met') count(folded, 'units', 1)
  if (unit) {
    put(folded.units, unit, foldUnit(folded.units.get(unit) ?? null, fact))
    if (folded.units.has(unit)) folded.lastAt.set(unit, fact.at)
  }
  if (job) foldJobIn(folded, job, fact)
  if (wave) put(folded.waves, wave, foldWave(folded.waves.get(wave) ?? null, fact))
  const mark = markOf(fact)
  if (mark?.body === null) folded.mark.delete(`${mark.kind}:${mark.key}`)
  else if (mark) folded.mark.set(`${mark.kind}:${mark.key}`, { kind: mark.kind, key: mark.key, at: fact.at, body: mark.body })
}

function foldJobIn(folded: Folded, job: string, fact: Fact): void {
  const { body } = fact
  const before = folded.jobs.get(job) ?? null
  const after = foldJob(before, fact)
  put(folded.jobs, job, after)
  if (isOfSeat(body)) folded.seat.set(job, { job, account: body.account, product: body.product, state: body.kind.slice('seat.'.length), at: body.vendorAt ?? fact.at })
  for (const [name, by] of countsOf(before, after)) count(folded, name, by)
}

function isOfSeat(body: FactBody): body is Extract<FactBody, { kind: 'seat.reserved' | 'seat.spent' | 'seat.returned' }> {
  return body.kind === 'seat.reserved' || body.kind === 'seat.spent' || body.kind === 'seat.returned'
}

function put<T>(records: Map<string, T>, key: string, record: T | null): void {
  if (record !== null) records.set(key, record)
}

function count(folded: Folded, name: string, by: number): void {
  folded.counter.set(name, { name, value: Number(folded.counter.get(name)?.['value'] ?? 0) + by })
}

function unitRows({ units, lastAt }: Folded): Rows {
  return new Map([...units].map(([uid, unit]) => [uid, { last_at: lastAt.get(uid) ?? 0, body: JSON.stringify(unit) }]))
}

function recordRows(records: ReadonlyMap<string, object>): Rows {
  return new Map([...records].map(([uid, record]) => [uid, { body: JSON.stringify(record) }]))
}

/** What a row holds, or itself where that is no record. */
function recordText<Row extends { readonly body: string }>(row: Row, recordOf: (row: Row) => object): string {
  try {
    return JSON.stringify(recordOf(row))
  } catch {
    return row.body
  }
}

function waveRows({ waves }: Folded): Rows {
  return new Map([...waves].map(([uid, wave]) => [uid, { uid, state: wave.state, opened_at: wave.openedAt, body: JSON.stringify(wave) }]))
}

function compare(table: string, folded: Rows, stored: Rows): string[] {
  const extra = [...stored.keys()].filter(key => !folded.has(key)).map(key => `${table} ${key}: stored, but no fact tells of it`)
  const others = [...folded].flatMap(([key, row]) => {
    const kept = stored.get(key)
    if (kept === undefined) return [`${table} ${key}: told by facts, but not stored`]
    const [ours, theirs] = [opened(row), opened(kept)]
    return Object.keys(ours).filter(name => sorted(ours[name]) !== sorted(theirs[name])).map(name => `${table} ${key}: ${name} is ${show(theirs[name])}, the facts say ${show(ours[name])}`)
  })
  return [...others, ...extra]
}

/** A row with the fields of its record beside its columns; a record is the same whatever the order of its fields. */
function opened(row: SqlRow): Readonly<Record<string, unknown>> {
  const { body, ...columns } = row
  if (body === undefined) return columns
  try {
    const record: unknown = JSON.parse(String(body))
    return { ...columns, ...Object.fromEntries(Object.entries(Object(record)).map(([name, value]) => [`body.${name}`, value])) }
  } catch {
    return { ...columns, 'body': body }
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => typeof v === 'object' && v !== null && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => a < b ? -1 : 1)) : v)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300)
}

function movePart(alias: Rows, key: string, from: string, to: string): void {
  const row = alias.get(key)
  if (row?.['unit'] === from) alias.set(key, { ...row, unit: to })
}
