/**
 * The ledger's tables, as numbered, forward-only migrations. `fact` is the truth; every other table up to `counter` is a fold
 * of it. A file written by a newer program is refused in words.
 */
import { Fault } from '../domain/fault.ts'
import type { Database } from '../ports.ts'
import { LEASE_SCHEMA } from './lease-book.ts'

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

const MIGRATIONS: readonly string[] = [V1]

/** Brings an open file to the newest version; each step is one transaction. Faults: `ledger.newer` {file, ours}. */
export function migrate(db: Database): void {
  const found = versionOf(db)
  if (found > MIGRATIONS.length) throw new Fault('ledger.newer', { file: found, ours: MIGRATIONS.length })
  MIGRATIONS.slice(found).forEach((sql, i) => {
    db.transaction(() => {
      for (const statement of statements(sql)) db.run(statement)
      db.run(`PRAGMA user_version = ${found + i + 1}`)
    })
  })
}

/** Faults: `ledger.cannot-open` when the file is not as old or new as this program reads. */
export function assertReadable(db: Database): void {
  const found = versionOf(db)
  if (found > MIGRATIONS.length) throw new Fault('ledger.newer', { file: found, ours: MIGRATIONS.length })
  if (found < MIGRATIONS.length) throw new Fault('ledger.cannot-open', { file: found, ours: MIGRATIONS.length })
}

function versionOf(db: Database): number {
  return Number(db.all<{ user_version: number }>('PRAGMA user_version')[0]?.user_version ?? 0)
}

function statements(sql: string): string[] {
  return sql.replaceAll(/^--.*$/gm, '').split(';').map(s => s.trim()).filter(s => s !== '')
}
