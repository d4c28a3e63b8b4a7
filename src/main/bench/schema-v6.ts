/**
 * Migration 6, about half the bytes: each id once in `id` and everywhere else its number, names in one table, records without
 * what their columns say. The facts are the same facts, so their chain stays as it is.
 */
import type { Job } from '../domain/job.ts'
import type { Unit } from '../domain/unit.ts'
import type { Database, SqlValue } from '../ports.ts'
import { Numbers } from './numbers.ts'
import { packBody, packJob, packUnit } from './packing.ts'

const hex = (from: number, length: number): string => `substr(lower(hex(uid)), ${from}, ${length})`

export const V6 = `
CREATE TABLE id (
  n INTEGER PRIMARY KEY, uid ANY NOT NULL,
  text TEXT AS (CASE typeof(uid) WHEN 'blob' THEN ${hex(1, 8)} || '-' || ${hex(9, 4)} || '-' || ${hex(13, 4)} || '-' || ${hex(17, 4)} || '-' || ${hex(21, 12)} ELSE uid END) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX id_uid ON id(uid);
CREATE TABLE fact_6 (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, unit INTEGER, job INTEGER, wave INTEGER, operator TEXT, body TEXT NOT NULL, hash BLOB) STRICT;
CREATE TABLE unit_6 (n INTEGER PRIMARY KEY, is_here INTEGER NOT NULL, product TEXT, last_at INTEGER NOT NULL, job INTEGER, body TEXT NOT NULL) STRICT;
CREATE TABLE job_6 (
  n INTEGER PRIMARY KEY, unit INTEGER NOT NULL, stage TEXT NOT NULL, outcome TEXT, account TEXT NOT NULL, product TEXT NOT NULL, wave INTEGER, token INTEGER, closed_at INTEGER, body TEXT NOT NULL
) STRICT;
CREATE TABLE seat_6 (
  job INTEGER PRIMARY KEY, account TEXT NOT NULL, product TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'spent', 'returned')), at INTEGER NOT NULL
) STRICT;
-- a name and whose it is; search has taken in those up to the setting 'search.name'
CREATE TABLE name_6 (id INTEGER PRIMARY KEY, value TEXT NOT NULL, kind TEXT NOT NULL, unit INTEGER NOT NULL) STRICT;
DROP TABLE alias_search;
`

export const V6_AFTER: readonly string[] = [
  ...['fact', 'unit', 'job', 'seat', 'name'].flatMap(table => [`DROP TABLE ${table}`, `ALTER TABLE ${table}_6 RENAME TO ${table}`]), 'DROP TABLE alias',
  'CREATE INDEX fact_unit ON fact(unit) WHERE unit IS NOT NULL',
  // kinds that somebody looks for among all facts
  "CREATE INDEX fact_kind ON fact(kind) WHERE kind = 'result.unmatched' OR kind = 'recipe.ended' OR kind = 'account.added' OR kind = 'station.started'",
  'CREATE INDEX unit_here ON unit(is_here) WHERE is_here = 1', 'CREATE INDEX unit_page ON unit(last_at)',
  "CREATE INDEX unit_postponed ON unit(json_extract(body, '$.postponedAt')) WHERE json_extract(body, '$.postponedAt') IS NOT NULL",
  "CREATE INDEX unit_bound ON unit(json_extract(body, '$.boundToUs')) WHERE json_extract(body, '$.boundToUs') IS NOT NULL",
  "CREATE INDEX unit_held ON unit(json_extract(body, '$.hold.at')) WHERE json_extract(body, '$.hold.at') IS NOT NULL",
  "CREATE INDEX unit_tote ON unit(json_extract(body, '$.tote')) WHERE json_extract(body, '$.tote') IS NOT NULL",
  'CREATE UNIQUE INDEX job_open ON job(unit) WHERE closed_at IS NULL', 'CREATE INDEX job_unit ON job(unit)',
  'CREATE INDEX job_wave ON job(wave) WHERE wave IS NOT NULL', 'CREATE INDEX job_token ON job(token) WHERE token IS NOT NULL',
  'CREATE INDEX job_closed ON job(closed_at) WHERE closed_at IS NOT NULL', 'CREATE INDEX job_outcome ON job(outcome, closed_at) WHERE outcome IS NOT NULL',
  'CREATE INDEX job_product ON job(product, closed_at) WHERE closed_at IS NOT NULL', 'CREATE INDEX job_account ON job(account, closed_at) WHERE closed_at IS NOT NULL',
  "CREATE INDEX job_operator ON job(json_extract(body, '$.operator'), closed_at) WHERE closed_at IS NOT NULL",
  "CREATE INDEX job_reason ON job(json_extract(body, '$.fault.code'), closed_at) WHERE closed_at IS NOT NULL AND json_extract(body, '$.fault.code') IS NOT NULL",
  'CREATE INDEX seat_account ON seat(account, state, at)', 'CREATE INDEX seat_product ON seat(product, state, at)', 'CREATE INDEX seat_at ON seat(at)',
  'CREATE UNIQUE INDEX name_value ON name(value, kind)',
  "CREATE VIRTUAL TABLE alias_search USING fts5(value, content = 'name', content_rowid = 'id', tokenize = 'trigram', detail = none, columnsize = 0)",
  "INSERT INTO alias_search (alias_search) VALUES ('rebuild')",
  "INSERT INTO setting (key, value) SELECT 'search.name', coalesce(max(id), 0) FROM name", "DELETE FROM setting WHERE key = 'search.upto'"
]

const PAGE = 'LIMIT 1000'

/** Copies every row into its new form, page by page. */
export function copyRows(db: Database): void {
  const numbers = new Numbers(db)
  const number = (id: SqlValue): number | null => id === null ? null : numbers.of(String(id))
  const copy = (select: string, insert: string, values: (row: Row) => SqlValue[] | null, first: SqlValue = 0): void => {
    const page = (after: SqlValue): Row[] => db.all<Row>(select, [after])
    for (let rows = page(first); rows.length > 0; rows = page(rows.at(-1)?.at ?? null)) for (const row of rows) {
      const written = values(row)
      if (written !== null) db.run(insert, written)
    }
  }
  // Numbers by age, as time goes by on a station.
  for (let uids = idsAfter(db, ''); uids.length > 0; uids = idsAfter(db, uids.at(-1) ?? '')) for (const uid of uids) numbers.of(uid)
  copy(`SELECT seq AS at, at AS moment, kind, unit, job, wave, operator, body, hash FROM fact WHERE seq > ? ORDER BY seq ${PAGE}`,
    'INSERT INTO fact_6 (seq, at, kind, unit, job, wave, operator, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ({ at, moment, kind, unit, job, wave, operator, body, hash }) => [at, moment, kind, number(unit), number(job), number(wave), operator, packBody(String(kind), String(body)), hash])
  copy(`SELECT rowid AS at, uid, is_here, product, last_at, body FROM unit WHERE rowid > ? ORDER BY rowid ${PAGE}`,
    'INSERT INTO unit_6 (n, is_here, product, last_at, job, body) VALUES (?, ?, ?, ?, ?, ?)', ({ uid, is_here, product, last_at, body }) => {
      const unit = recordIn<Unit>(body)
      return [number(uid), is_here, product, last_at, number(unit?.job ?? null), unit === null ? body : packUnit(unit)]
    })
  copy(`SELECT rowid AS at, uid, unit, stage, outcome, account, product, wave, token, closed_at, body FROM job WHERE rowid > ? ORDER BY rowid ${PAGE}`,
    'INSERT INTO job_6 (n, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ({ uid, unit, stage, outcome, account, product, wave, token, closed_at, body }) => {
      const job = recordIn<Job>(body)
      return [number(uid), number(unit), stage, outcome, account, product, number(wave), number(token), closed_at, job === null ? body : packJob(job)]
    })
  copy(`SELECT rowid AS at, job, account, product, state, at AS moment FROM seat WHERE rowid > ? ORDER BY rowid ${PAGE}`,
    'INSERT INTO seat_6 (job, account, product, state, at) VALUES (?, ?, ?, ?, ?)', ({ job, account, product, state, moment }) => job === null ? null : [number(job), account, product, state, moment])
  const name = 'INSERT INTO name_6 (value, kind, unit) VALUES (?, ?, ?)'
  copy(`SELECT n.id AS at, a.value, a.kind, a.unit FROM (SELECT id, value FROM name WHERE id > ? ORDER BY id ${PAGE}) n LEFT JOIN alias a ON a.value = n.value ORDER BY n.id, a.kind`,
    name, ({ value, kind, unit }) => value === null ? null : [value, kind, number(unit)])
  for (const { value, kind, unit } of db.all<Row>('SELECT value, kind, unit FROM alias a WHERE NOT EXISTS (SELECT 1 FROM name n WHERE n.value = a.value)')) db.run(name, [value, kind, number(unit)])
}

type Row = Readonly<Record<'at' | 'moment' | 'kind' | 'uid' | 'unit' | 'job' | 'wave' | 'token' | 'operator' | 'body' | 'hash' | 'is_here' | 'product' | 'last_at' | 'stage' | 'outcome' | 'account' | 'closed_at' | 'state' | 'value', SqlValue>>

function idsAfter(db: Database, uid: string): string[] {
  return db.all<{ uid: string }>(`SELECT uid FROM (SELECT uid FROM unit UNION ALL SELECT uid FROM job) WHERE uid > ? ORDER BY uid ${PAGE}`, [uid]).map(row => row.uid)
}

/** null: no record at all; it is kept as it is, for the comparison with the facts to name. */
function recordIn<T>(body: SqlValue): T | null {
  try {
    const record: unknown = JSON.parse(String(body))
    return typeof record === 'object' && record !== null && 'uid' in record ? record as T : null // written by the ledger
  } catch {
    return null
  }
}
