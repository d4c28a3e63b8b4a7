/**
 * Finding units and facts again: by any part of any name, by what came of them, by day, by who and why; page by page with a
 * key, never by counting rows.
 */
import type { Instant, Outcome } from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Unit } from '../domain/unit.ts'
import type { Database, SqlValue } from '../ports.ts'
import { baseOf } from './archive.ts'
import type { Ledger } from './ledger.ts'
import { numberOf } from './numbers.ts'
import { factOf, FACTS, UNIT_COLUMNS, unitOf, type FactRow, type UnitRow } from './packing.ts'

export interface UnitFilter {
  readonly text?: string
  readonly outcome?: Outcome
  readonly product?: string
  readonly account?: string
  readonly operator?: string
  /** A fault code. */
  readonly reason?: string
  /** Of the verdict: from this moment, and before that one. */
  readonly from?: Instant
  readonly to?: Instant
  /** The last unit of the page before. */
  readonly after?: string
}
export interface FactFilter { readonly unit?: string; readonly kind?: string; readonly operator?: string; readonly from?: Instant; readonly to?: Instant; readonly beforeSeq?: number }

/** The setting that says how far the names are indexed. */
export const INDEXED = 'search.name'

const TRIGRAM = 3
/** No id has this number. */
const NOBODY = 0
/** Verdicts counted to see which filter fits fewer. */
const COUNTED_MAX = 2000
/** Units looked at for one text; a text that fits more is too short to be of use. */
const MATCHES_MAX = 1000

/** Newest first: by their verdict when the filter asks about verdicts, else by their last fact. */
export function searchUnits(db: Database, filter: UnitFilter, limit: number): Unit[] {
  const named = filter.text === undefined ? null : findByText(db, filter.text)
  const ofVerdict = named === null ? rarestFirst(db, verdictTerms(filter)) : verdictTerms(filter)
  const isOfVerdict = ofVerdict.length > 0 || filter.from !== undefined || filter.to !== undefined
  const at = isOfVerdict ? 'j.closed_at' : 'u.last_at'
  const tie = isOfVerdict ? 'j.n' : 'u.n' // of one moment: in the order of their numbers, as the index has them
  const key = filter.after === undefined ? undefined : db.all<{ at: number | null; tie: SqlValue }>(`SELECT ${at} AS at, ${tie} AS tie FROM ${isOfVerdict ? 'unit u JOIN job j ON j.n = u.job' : 'unit u'} WHERE u.n = ?`, [numberOf(db, filter.after)])[0]
  // One bound above and one below: of two on the same side SQLite walks to either.
  const isDayNearer = filter.to !== undefined && (key?.at == null || filter.to <= key.at)
  const terms: [sql: string, ...values: SqlValue[]][] = [
    ...named === null ? [] : [['u.n IN (SELECT value FROM json_each(?))', JSON.stringify(named)] satisfies [string, string]],
    // The first chooses the index; a plus keeps SQLite, which does not count, from choosing another.
    ...ofVerdict.map(([column, value], i): [string, string] => [`${i === 0 && named === null ? '' : '+'}${column} = ?`, value])
  ]
  if (filter.from !== undefined) terms.push(['j.closed_at >= ?', filter.from])
  if (isDayNearer) terms.push(['j.closed_at < ?', filter.to ?? 0])
  else if (key?.at != null) terms.push([`(${at}, ${tie}) < (?, ?)`, key.at, key.tie])
  // For SQLite to take an index of closed jobs; beside "from" it would be taken as the bound below.
  if (isOfVerdict && filter.from === undefined && !isDayNearer) terms.push(['j.closed_at IS NOT NULL'])
  const from = !isOfVerdict ? 'unit u' : named === null ? 'job j CROSS JOIN unit u ON u.n = j.unit AND u.job = j.n' : 'unit u CROSS JOIN job j ON j.n = u.job' // CROSS: in this order
  const where = terms.length === 0 ? '' : `WHERE ${terms.map(([sql]) => sql).join(' AND ')}`
  return db.all<UnitRow>(`SELECT ${UNIT_COLUMNS} FROM ${from} ${where} ORDER BY ${named === null ? '' : '+'}${at} DESC, ${tie} DESC LIMIT ?`, [...terms.flatMap(([, ...values]) => values), limit]).map(unitOf)
}

/** Whether a search may look at many rows before it has a page: a text, or filters of which only the first chooses the rows. */
export const isLongSearch = (filter: UnitFilter): boolean => filter.text !== undefined || verdictTerms(filter).length > 1

/** By a short count of each: an operator nobody knows is found out at once, and not by a walk over years of one product. */
function rarestFirst(db: Database, terms: readonly VerdictTerm[]): readonly VerdictTerm[] {
  if (terms.length < 2) return terms
  const count = ([column, value]: VerdictTerm): number => db.all<{ n: number }>(`SELECT count(*) AS n FROM (SELECT 1 FROM job j WHERE ${column} = ? AND j.closed_at IS NOT NULL LIMIT ${COUNTED_MAX})`, [value])[0]?.n ?? 0
  return terms.map(term => ({ term, n: count(term) })).toSorted((a, b) => a.n - b.n).map(({ term }) => term)
}

type VerdictTerm = readonly [column: string, value: string]

/** What is asked about verdicts; of equals what is rarer by its nature first: a reason or a bad end is rare, *proven* is most of history. */
function verdictTerms({ reason, outcome, product, operator, account }: UnitFilter): readonly VerdictTerm[] {
  const all: [string, string | undefined][] = [
    ["json_extract(j.body, '$.fault.code')", reason], ['j.outcome', outcome === 'proven' ? undefined : outcome], ['j.product', product],
    ["json_extract(j.body, '$.operator')", operator], ['j.account', account], ['j.outcome', outcome === 'proven' ? outcome : undefined]
  ]
  return all.flatMap(([column, value]): [string, string][] => value === undefined ? [] : [[column, value]])
}

/** Newest first, below `beforeSeq`. */
export function searchFacts(ledger: Ledger, filter: FactFilter, limit: number): Fact[] {
  const { db } = ledger
  const wheres: [sql: string, value: SqlValue | undefined][] = [
    ['f.unit = ?', filter.unit === undefined ? undefined : numberOf(db, filter.unit)], ['f.seq < ?', filter.beforeSeq], ['f.kind = ?', filter.kind], ['f.operator = ?', filter.operator],
    ['f.seq >= ?', filter.from === undefined ? undefined : seqAt(db, filter.from, ledger.lastSeq)], ['f.seq < ?', filter.to === undefined ? undefined : seqAt(db, filter.to, ledger.lastSeq)]
  ]
  const given = wheres.filter(([, value]) => value !== undefined)
  return db.all<FactRow>(`${FACTS} ${given.length === 0 ? '' : `WHERE ${given.map(([sql]) => sql).join(' AND ')}`} ORDER BY f.seq DESC LIMIT ?`, [...given.map(([, value]) => value ?? null), limit]).map(factOf)
}

/** Numbers of units one of whose names holds `text`, in any case of letters. Short texts only match from the beginning of a name. */
export function findByFragment(db: Database, text: string, limit: number): number[] {
  const letters = Array.from(text)
  if (letters.length === 0) throw new Fault('door.invalid', { text: 'nothing to look for' })
  if (letters.length < TRIGRAM) {
    return db.all<{ unit: number }>('SELECT DISTINCT unit FROM name WHERE value >= ? AND value < ? ORDER BY value LIMIT ?', [text, `${text}\u{10ffff}`, limit]).map(r => r.unit)
  }
  // detail=none knows no phrases: every trigram must occur, then the whole fragment is looked for in what is left.
  const grams = [...new Set(letters.slice(0, letters.length - TRIGRAM + 1).map((_, i) => letters.slice(i, i + TRIGRAM).join('')))]
  const match = grams.map(gram => `"${gram.replaceAll('"', '""')}"`).join(' AND ')
  return db.all<{ unit: number }>(
    'SELECT DISTINCT name.unit AS unit FROM (SELECT rowid AS id FROM alias_search WHERE alias_search MATCH ? AND instr(lower(value), lower(?)) > 0 ORDER BY rowid DESC LIMIT ?) s JOIN name ON name.id = s.id',
    [match, text, limit]).map(r => r.unit)
}

/** The index may be a moment behind: names that are not in it yet are looked at one by one. */
function findByText(db: Database, text: string): number[] {
  const fresh = db.all<{ unit: number }>('SELECT DISTINCT unit FROM name WHERE id > ? AND instr(lower(value), lower(?)) > 0 LIMIT ?', [indexedNames(db), text, MATCHES_MAX]).map(r => r.unit)
  return [...new Set([numberOf(db, text) ?? NOBODY, ...fresh, ...findByFragment(db, text, MATCHES_MAX)])]
}

/** The last name that the index over fragments has taken in. */
export function indexedNames(db: Database): number {
  return Number(db.all<{ value: string }>(`SELECT value FROM setting WHERE key = '${INDEXED}'`)[0]?.value ?? 0)
}

/** The first fact at or after a moment. Time does not run backwards in a ledger, but for a moved clock. */
export function seqAt(db: Database, at: Instant, last: number): number {
  let [low, high] = [baseOf(db).seq + 1, last + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((db.all<{ at: number }>('SELECT at FROM fact WHERE seq = ?', [middle])[0]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}
