/**
 * The ledger's tables, as numbered, forward-only migrations. `fact` is the truth; every other table up to `counter` is a fold
 * of it. A file written by a newer program is refused in words.
 */
import { Fault } from '../domain/fault.ts'
import type { Database } from '../ports.ts'
import { wellFormedJson } from '../wire/canonical.ts'
import { CHAIN_START, chainFact, type ChainedFact } from '../wire/chain.ts'
import { LEASE_REST_SCHEMA, LEASE_SCHEMA } from './lease-book.ts'
import { copyRows, V6, V6_AFTER } from './schema-v6.ts'

const V1 = `
CREATE TABLE fact (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, unit TEXT, job TEXT, wave TEXT, operator TEXT, body TEXT NOT NULL
) STRICT;
CREATE INDEX fact_unit ON fact(unit, seq) WHERE unit IS NOT NULL;

CREATE TABLE unit (uid TEXT PRIMARY KEY, is_here INTEGER NOT NULL, product TEXT, last_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX unit_here ON unit(uid) WHERE is_here = 1;
CREATE INDEX unit_last ON unit(last_at);
CREATE TABLE alias (kind TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;
CREATE INDEX alias_value ON alias(value);
CREATE TABLE job (
  uid TEXT PRIMARY KEY, unit TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT, account TEXT NOT NULL, product TEXT NOT NULL, wave TEXT,
  token TEXT, closed_at INTEGER, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_open ON job(unit) WHERE stage <> 'closed';
CREATE INDEX job_unit ON job(unit);
CREATE INDEX job_wave ON job(wave) WHERE wave IS NOT NULL;
CREATE INDEX job_token ON job(token) WHERE token IS NOT NULL;
CREATE INDEX job_closed ON job(closed_at) WHERE closed_at IS NOT NULL;
CREATE TABLE seat (
  job TEXT PRIMARY KEY, account TEXT NOT NULL, product TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'spent', 'returned')), at INTEGER NOT NULL
) STRICT;
CREATE INDEX seat_account ON seat(account, state, at);
CREATE INDEX seat_product ON seat(product, state, at);
CREATE TABLE wave (uid TEXT PRIMARY KEY, state TEXT NOT NULL, opened_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- not folds: a secret that must survive a crash, and what destinations have said
CREATE TABLE token (uid TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, sealed BLOB NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, seats INTEGER NOT NULL) STRICT;
CREATE TABLE destination (name TEXT PRIMARY KEY, acked INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE aside (destination TEXT NOT NULL, seq INTEGER NOT NULL, fault TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (destination, seq)) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
${LEASE_SCHEMA}`

/** Marks are a fold of facts as well (domain/mark.ts). */
const V2 = `
CREATE TABLE mark (kind TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE INDEX unit_postponed ON unit(uid) WHERE json_extract(body, '$.postponedAt') IS NOT NULL;
CREATE INDEX unit_bound ON unit(uid) WHERE json_extract(body, '$.boundToUs') IS NOT NULL;
CREATE INDEX seat_spent ON seat(at) WHERE state = 'spent';
CREATE INDEX job_proven ON job(product) WHERE outcome = 'proven';
`

/** The chain over facts, its signed heads, how far a destination has them, and search by any part of a name. */
const V3 = `
ALTER TABLE fact ADD COLUMN hash BLOB;
CREATE TABLE head (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash TEXT NOT NULL, key TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
ALTER TABLE destination ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS job_proven ON job(product) WHERE outcome = 'proven';
CREATE INDEX job_outcome ON job(outcome, closed_at) WHERE outcome IS NOT NULL;
CREATE INDEX job_product ON job(product, closed_at);
DROP INDEX unit_last;
CREATE INDEX unit_page ON unit(last_at, uid);
CREATE TABLE name (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE alias_search USING fts5(value, content = 'name', content_rowid = 'id', tokenize = 'trigram', detail = none);
INSERT INTO name (value) SELECT DISTINCT value FROM alias;
INSERT INTO alias_search (rowid, value) SELECT id, value FROM name;
INSERT OR REPLACE INTO setting (key, value) SELECT 'search.upto', coalesce(max(seq), 0) FROM fact;
`

/** Open jobs stand in fewer indexes, closed ones in one for each filter; which products were proven is counted as they are. */
const V4 = `
DROP INDEX job_product;
CREATE INDEX job_product ON job(product, closed_at) WHERE closed_at IS NOT NULL;
DROP INDEX job_proven;
CREATE INDEX job_account ON job(account, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX job_operator ON job(json_extract(body, '$.operator'), closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX job_reason ON job(json_extract(body, '$.fault.code'), closed_at) WHERE closed_at IS NOT NULL AND json_extract(body, '$.fault.code') IS NOT NULL;
INSERT INTO counter (name, value) SELECT 'proven.' || product, count(*) FROM job WHERE outcome = 'proven' GROUP BY product;
CREATE INDEX unit_held ON unit(json_extract(body, '$.hold.at')) WHERE json_extract(body, '$.hold.at') IS NOT NULL;
CREATE INDEX unit_tote ON unit(json_extract(body, '$.tote')) WHERE json_extract(body, '$.tote') IS NOT NULL;
CREATE INDEX seat_at ON seat(at);
-- not a fold: PINs as their scrypt hashes, and how often each was typed wrong
CREATE TABLE pin (badge TEXT PRIMARY KEY, hash TEXT NOT NULL, wrong INTEGER NOT NULL, locks INTEGER NOT NULL, locked_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- stretches of facts that lie in files; not a fold: what the fact 'history.archived' says of them is what counts
CREATE TABLE archive (seq_to INTEGER PRIMARY KEY, seq_from INTEGER NOT NULL, file TEXT NOT NULL, hash TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;

-- Certificates are found by their id (domain/mark.ts).
INSERT OR REPLACE INTO mark (kind, key, at, body)
SELECT 'certificate', json_extract(body, '$.id'), at, json_object('unit', unit, 'hash', json_extract(body, '$.hash')) FROM fact WHERE kind = 'certificate.made' AND unit IS NOT NULL;
${LEASE_REST_SCHEMA}`

/** Smaller: a name is found by its value whatever its kind, facts of a unit by the end of its id (the random part), pages by the moment alone. */
const V5 = `
CREATE TABLE alias_by_value (value TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (value, kind)) STRICT, WITHOUT ROWID;
INSERT INTO alias_by_value (value, kind, unit) SELECT value, kind, unit FROM alias ORDER BY value, kind;
DROP TABLE alias;
ALTER TABLE alias_by_value RENAME TO alias;
DROP INDEX fact_unit;
CREATE INDEX fact_unit ON fact(substr(unit, -12), seq) WHERE unit IS NOT NULL;
DROP INDEX unit_page;
CREATE INDEX unit_page ON unit(last_at);
-- a job that moves along changes its row and no index
DROP INDEX job_open;
CREATE UNIQUE INDEX job_open ON job(unit) WHERE closed_at IS NULL;
-- jobs that came as far as a word of the cloud or none, by product (domain/fact.ts, countsOf)
INSERT INTO counter (name, value) SELECT 'tested.' || product, count(*) FROM job WHERE outcome IN ('proven', 'refused', 'unproven') GROUP BY product;
`

/** `fill`: what SQL alone cannot do with the rows of an older file; `after`: what then follows. */
interface Migration { readonly sql: string; readonly fill?: (db: Database) => void; readonly after?: readonly string[] }
const MIGRATIONS: readonly Migration[] = [{ sql: V1 }, { sql: V2 }, { sql: V3, fill: chainFacts }, { sql: V4 }, { sql: V5 }, { sql: V6, fill: copyRows, after: V6_AFTER }]

/** Brings an open file to the newest version; each step is one transaction. Faults: `ledger.newer` {file, ours}. */
export function migrate(db: Database): void {
  const found = versionOf(db)
  if (found > MIGRATIONS.length) throw new Fault('ledger.newer', { file: found, ours: MIGRATIONS.length })
  MIGRATIONS.slice(found).forEach(({ sql, fill, after = [] }, i) => {
    db.transaction(() => {
      for (const statement of statements(sql)) db.run(statement)
      if (found > 0) fill?.(db)
      for (const statement of after) db.run(statement)
      db.run(`PRAGMA user_version = ${found + i + 1}`)
    })
  })
  if (found > 0 && found < MIGRATIONS.length) giveBack(db)
}

/** Of a file's pages; fewer are soon used again. */
const EMPTY_SHARE = 0.3

/** What the migration has left empty goes back to the disk; without the room for that it stays, and is used again. */
function giveBack(db: Database): void {
  const pragma = (name: string): number => Number(Object.values(db.all(`PRAGMA ${name}`)[0] ?? {})[0])
  try {
    if (pragma('freelist_count') > pragma('page_count') * EMPTY_SHARE) db.run('VACUUM')
    db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (thrown) {
    if (Fault.from(thrown).code !== 'ledger.disk-full') throw thrown
  }
}

/** It holds something, and will be migrated when it is opened for writing. */
export function isOutdated(db: Database): boolean {
  const found = versionOf(db)
  return found > 0 && found < MIGRATIONS.length
}

/** Faults: `ledger.cannot-open` when the file is not as old or new as this program reads. */
export function assertReadable(db: Database): void {
  const found = versionOf(db)
  if (found > MIGRATIONS.length) throw new Fault('ledger.newer', { file: found, ours: MIGRATIONS.length })
  if (found < MIGRATIONS.length) throw new Fault('ledger.cannot-open', { file: found, ours: MIGRATIONS.length })
}

const PAGE_FACTS = 1000

/** Facts of a file older than the chain are chained as they stand, but for half characters, which have no bytes. */
function chainFacts(db: Database): void {
  for (const table of ['unit', 'job', 'wave']) {
    const rows = db.all<{ uid: string; body: string }>(`SELECT uid, body FROM ${table} WHERE body LIKE '%\\ud%'`)
    for (const { uid, body } of rows) db.run(`UPDATE ${table} SET body = ? WHERE uid = ?`, [wellFormedJson(body), uid])
  }
  let link = CHAIN_START
  let last = 0
  const page = (): (Omit<ChainedFact, 'body'> & { readonly body: string })[] => db.all('SELECT seq, at, unit, job, wave, operator, body FROM fact WHERE seq > ? ORDER BY seq LIMIT ?', [last, PAGE_FACTS])
  for (let rows = page(); rows.length > 0; rows = page()) {
    for (const row of rows) {
      const body = wellFormedJson(row.body)
      link = chainFact(link, { ...row, body: JSON.parse(body) as unknown })
      db.run('UPDATE fact SET hash = ?, body = ? WHERE seq = ?', [link, body, row.seq])
      last = row.seq
    }
  }
}

function versionOf(db: Database): number {
  return db.all<{ user_version: number }>('PRAGMA user_version')[0]?.user_version ?? 0
}

function statements(sql: string): string[] {
  return sql.replaceAll(/^--.*$/gm, '').split(';').map(s => s.trim()).filter(s => s !== '')
}
