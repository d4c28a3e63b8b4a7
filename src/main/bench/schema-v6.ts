/**
 * Migration 6, less than half the bytes: each id once in `id` and everywhere else its number, names in one table, records without
 * what their columns say. The facts are the same facts, so their chain stays as it is.
 */
import type { Unit } from '../domain/unit.ts'
import type { Job } from '../domain/job.ts'
import type { Database } from '../ports.ts'
import { numberOf } from './numbers.ts'
import { packJob, packUnit } from './packing.ts'

/** As numbers.ts `keyOf`. */
const key = (text: string): string => `CASE WHEN ${text} GLOB '????????-????-????-????-????????????' AND length(replace(${text}, '-', '')) = 32 AND replace(${text}, '-', '') NOT GLOB '*[^0-9a-f]*'
  THEN unhex(replace(${text}, '-', '')) ELSE ${text} END`
const number = (text: string): string => `(SELECT n FROM id WHERE id.uid = ${key(text)})`
const hex = (from: number, length: number): string => `substr(lower(hex(uid)), ${from}, ${length})`

/** As packing.ts `packBody`. */
const BODY = `CASE WHEN body = '{"kind":"' || kind || '"}' THEN '{}' WHEN substr(body, 1, length(kind) + 11) = '{"kind":"' || kind || '",' THEN '{' || substr(body, length(kind) + 12) ELSE body END`

export const V6 = `
CREATE TABLE id (
  n INTEGER PRIMARY KEY, uid ANY NOT NULL,
  text TEXT AS (CASE typeof(uid) WHEN 'blob' THEN ${hex(1, 8)} || '-' || ${hex(9, 4)} || '-' || ${hex(13, 4)} || '-' || ${hex(17, 4)} || '-' || ${hex(21, 12)} ELSE uid END) VIRTUAL
) STRICT;
INSERT INTO id (uid) SELECT ${key('uid')} FROM (
  SELECT uid FROM unit UNION SELECT uid FROM job UNION SELECT uid FROM wave UNION SELECT wave FROM job UNION SELECT token FROM job
  UNION SELECT unit FROM fact WHERE unit NOT IN (SELECT uid FROM unit) UNION SELECT job FROM fact WHERE job NOT IN (SELECT uid FROM job) UNION SELECT wave FROM fact WHERE wave NOT IN (SELECT uid FROM wave)
  UNION SELECT unit FROM alias WHERE unit NOT IN (SELECT uid FROM unit) UNION SELECT job FROM seat WHERE job NOT IN (SELECT uid FROM job)
) WHERE uid IS NOT NULL ORDER BY uid;
CREATE UNIQUE INDEX id_uid ON id(uid);

CREATE TABLE fact_6 (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, unit INTEGER, job INTEGER, wave INTEGER, operator TEXT, body TEXT NOT NULL, hash BLOB) STRICT;
INSERT INTO fact_6 (seq, at, kind, unit, job, wave, operator, body, hash) SELECT seq, at, kind, ${number('unit')}, ${number('job')}, ${number('wave')}, operator, ${BODY}, hash FROM fact ORDER BY seq;
DROP TABLE fact;
ALTER TABLE fact_6 RENAME TO fact;
CREATE INDEX fact_unit ON fact(unit) WHERE unit IS NOT NULL;
-- kinds that somebody looks for among all facts
CREATE INDEX fact_kind ON fact(kind) WHERE kind = 'result.unmatched' OR kind = 'recipe.ended' OR kind = 'account.added' OR kind = 'station.started';

-- a name and whose it is; search has taken in those up to the setting 'search.name'
CREATE TABLE name_6 (id INTEGER PRIMARY KEY, value TEXT NOT NULL, kind TEXT NOT NULL, unit INTEGER NOT NULL) STRICT;
INSERT INTO name_6 (value, kind, unit) SELECT a.value, a.kind, ${number('a.unit')} FROM alias a LEFT JOIN name n ON n.value = a.value ORDER BY n.id IS NULL, n.id, a.value, a.kind;
DROP TABLE alias_search;
DROP TABLE name;
DROP TABLE alias;
ALTER TABLE name_6 RENAME TO name;
CREATE UNIQUE INDEX name_value ON name(value, kind);
CREATE VIRTUAL TABLE alias_search USING fts5(value, content = 'name', content_rowid = 'id', tokenize = 'trigram', detail = none, columnsize = 0);
INSERT INTO alias_search (alias_search) VALUES ('rebuild');
INSERT INTO setting (key, value) SELECT 'search.name', coalesce(max(id), 0) FROM name;
DELETE FROM setting WHERE key = 'search.upto';

CREATE TABLE seat_6 (
  job INTEGER PRIMARY KEY, account TEXT NOT NULL, product TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'spent', 'returned')), at INTEGER NOT NULL
) STRICT;
INSERT INTO seat_6 (job, account, product, state, at) SELECT ${number('job')} AS n, account, product, state, at FROM seat WHERE job IS NOT NULL ORDER BY n;
DROP TABLE seat;
ALTER TABLE seat_6 RENAME TO seat;
CREATE INDEX seat_account ON seat(account, state, at);
CREATE INDEX seat_product ON seat(product, state, at);
CREATE INDEX seat_at ON seat(at);

CREATE TABLE unit_6 (n INTEGER PRIMARY KEY, is_here INTEGER NOT NULL, product TEXT, last_at INTEGER NOT NULL, job INTEGER, body TEXT NOT NULL) STRICT;
CREATE TABLE job_6 (
  n INTEGER PRIMARY KEY, unit INTEGER NOT NULL, stage TEXT NOT NULL, outcome TEXT, account TEXT NOT NULL, product TEXT NOT NULL, wave INTEGER, token INTEGER, closed_at INTEGER, body TEXT NOT NULL
) STRICT;
`

const V6_RECORDS = [
  'DROP TABLE unit', 'ALTER TABLE unit_6 RENAME TO unit',
  'CREATE INDEX unit_here ON unit(is_here) WHERE is_here = 1', 'CREATE INDEX unit_page ON unit(last_at)',
  ...['postponedAt', 'boundToUs', 'hold.at', 'tote'].map(field => `CREATE INDEX unit_${field.split('.')[0]} ON unit(json_extract(body, '$.${field}')) WHERE json_extract(body, '$.${field}') IS NOT NULL`),
  'DROP TABLE job', 'ALTER TABLE job_6 RENAME TO job',
  'CREATE UNIQUE INDEX job_open ON job(unit) WHERE closed_at IS NULL', 'CREATE INDEX job_unit ON job(unit)',
  'CREATE INDEX job_wave ON job(wave) WHERE wave IS NOT NULL', 'CREATE INDEX job_token ON job(token) WHERE token IS NOT NULL',
  'CREATE INDEX job_closed ON job(closed_at) WHERE closed_at IS NOT NULL', 'CREATE INDEX job_outcome ON job(outcome, closed_at) WHERE outcome IS NOT NULL',
  'CREATE INDEX job_product ON job(product, closed_at) WHERE closed_at IS NOT NULL', 'CREATE INDEX job_account ON job(account, closed_at) WHERE closed_at IS NOT NULL',
  "CREATE INDEX job_operator ON job(json_extract(body, '$.operator'), closed_at) WHERE closed_at IS NOT NULL",
  "CREATE INDEX job_reason ON job(json_extract(body, '$.fault.code'), closed_at) WHERE closed_at IS NOT NULL AND json_extract(body, '$.fault.code') IS NOT NULL"
]
const PAGE_ROWS = 1000

/** Units and jobs in their new form. */
export function packRecords(db: Database): void {
  pages(db, `SELECT rowid AS at, ${number('unit.uid')} AS n, is_here, product, last_at, body FROM unit`, ({ n, is_here, product, last_at, body }) => {
    const unit = recordIn<Unit>(body)
    db.run('INSERT INTO unit_6 (n, is_here, product, last_at, job, body) VALUES (?, ?, ?, ?, ?, ?)',
      [n ?? 0, is_here ?? 0, product ?? null, last_at ?? 0, unit?.job == null ? null : numberOf(db, unit.job), unit === null ? String(body) : packUnit(unit)])
  })
  pages(db, `SELECT rowid AS at, ${number('job.uid')} AS n, ${number('job.unit')} AS unit, stage, outcome, account, product, ${number('wave')} AS wave, ${number('token')} AS token, closed_at, body FROM job`, ({ at: _at, body, ...columns }) => {
    const job = recordIn<Job>(body)
    db.run(`INSERT INTO job_6 (${Object.keys(columns).join(', ')}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [...Object.values(columns), job === null ? String(body) : packJob(job)])
  })
  for (const sql of V6_RECORDS) db.run(sql)
}

type Row = Readonly<Record<string, string | number | null>>

function pages(db: Database, select: string, write: (row: Row) => void): void {
  let last = 0
  const page = (): Row[] => db.all<Row>(`${select} WHERE rowid > ? ORDER BY rowid LIMIT ${PAGE_ROWS}`, [last])
  for (let rows = page(); rows.length > 0; rows = page()) {
    for (const row of rows) write(row)
    last = Number(rows.at(-1)?.['at'])
  }
}

/** null: no record at all; it is kept as it is, for the comparison with the facts to name. */
function recordIn<T>(body: unknown): T | null {
  try {
    const record: unknown = JSON.parse(String(body))
    return typeof record === 'object' && record !== null && 'uid' in record ? record as T : null // written by the ledger
  } catch {
    return null
  }
}
