import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'

const sql = new LiveSql()
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ub-sql-'))
  path = join(folder, 'ledger.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function codeOf(work: () => unknown): string {
  try { work() } catch (thrown) { return thrown instanceof Fault ? thrown.code : `not a Fault: ${String(thrown)}` }
  return 'nothing thrown'
}

test('every open is durable: write-ahead log and synchronous=FULL, also the second time', () => {
  for (let i = 0; i < 2; i += 1) {
    using db = sql.open(path)
    expect(db.all('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(db.all('PRAGMA synchronous')).toEqual([{ synchronous: 2 }])
    expect(db.all('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
    expect(db.all('PRAGMA busy_timeout')).toEqual([{ timeout: 0 }])
  }
})

test('a second open for writing is refused, a reader is welcome, and closing frees the file', () => {
  const first = sql.open(path)
  first.run('CREATE TABLE t (a INTEGER) STRICT')
  first.run('INSERT INTO t VALUES (?)', [7])
  expect(codeOf(() => sql.open(path))).toBe('ledger.second-instance')
  {
    using reader = sql.open(path, { readonly: true })
    expect(reader.all('SELECT a FROM t')).toEqual([{ a: 7 }])
    expect(() => reader.run('INSERT INTO t VALUES (8)')).toThrow(/readonly/)
  }
  first[Symbol.dispose]()
  using again = sql.open(path)
  expect(again.all('SELECT a FROM t')).toEqual([{ a: 7 }])
})

test('the lock of a killed station is free at once', async () => {
  const script = `import { LiveSql } from ${JSON.stringify(new URL('../../src/main/live/sqlite.ts', import.meta.url).href)}
    new LiveSql().open(${JSON.stringify(path)}); console.log('open'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(codeOf(() => sql.open(path))).toBe('ledger.second-instance')
  child.kill('SIGKILL')
  await once(child, 'exit')
  using db = sql.open(path)
  expect(db.all('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a folder that is not there, or a file that is no ledger, is a fault with words', () => {
  expect(codeOf(() => sql.open(join(folder, 'missing', 'ledger.db')))).toBe('ledger.cannot-open')
  expect(codeOf(() => sql.open(join(folder, 'none.db'), { readonly: true }))).toBe('ledger.cannot-open')
  writeFileSync(path, 'this is a shopping list, and a long one at that'.repeat(100))
  expect(codeOf(() => sql.open(path))).toBe('ledger.cannot-open')
})

test('a transaction that throws leaves nothing behind and rethrows', () => {
  using db = sql.open(path)
  db.run('CREATE TABLE t (a INTEGER UNIQUE) STRICT')
  expect(() => db.transaction(() => {
    db.run('INSERT INTO t VALUES (1)')
    db.run('INSERT INTO t VALUES (1)')
  })).toThrow(/UNIQUE/)
  expect(db.all('SELECT * FROM t')).toEqual([])
  expect(db.transaction(() => db.run('INSERT INTO t VALUES (2)').changes)).toBe(1)
})

test('a lazy transaction does not wait for the disk, and the next one does again, also after one that threw', () => {
  using db = sql.open(path)
  const level = (): unknown => db.all('PRAGMA synchronous')[0]
  db.run('CREATE TABLE t (n INTEGER) STRICT')
  expect([db.transaction(() => { db.run('INSERT INTO t VALUES (1)'); return level() }, { isLazy: true }), level()]).toEqual([{ synchronous: 1 }, { synchronous: 2 }])
  expect(() => db.transaction(() => { throw new Error('no') }, { isLazy: true })).toThrow('no')
  expect([level(), db.all('SELECT n FROM t')]).toEqual([{ synchronous: 2 }, [{ n: 1 }]])
})

test('a transaction refuses to wait and to be nested', () => {
  using db = sql.open(':memory:')
  db.run('CREATE TABLE t (a INTEGER) STRICT')
  expect(codeOf(() => db.transaction(() => {
    db.run('INSERT INTO t VALUES (1)')
    return Promise.resolve()
  }))).toBe('program.unexpected')
  expect(codeOf(() => db.transaction(() => db.transaction(() => 1)))).toBe('program.unexpected')
  expect(db.all('SELECT * FROM t')).toEqual([])
})

test('several statements in one text run when no values are given; blobs and RETURNING work', () => {
  using db = sql.open(':memory:')
  db.run('CREATE TABLE a (x BLOB) STRICT; CREATE TABLE b (y INTEGER) STRICT;')
  expect(db.run('INSERT INTO a VALUES (?) RETURNING rowid', [new Uint8Array([1, 2, 3])]).changes).toBe(1)
  const [row] = db.all<{ x: Uint8Array }>('SELECT x FROM a')
  expect([...row?.x ?? []]).toEqual([1, 2, 3])
})

test('a full disk has its own fault, and a closed ledger says so', () => {
  const db = sql.open(path)
  db.run('CREATE TABLE t (a TEXT) STRICT')
  db.all('PRAGMA max_page_count = 4') // what SQLite reports is the same SQLITE_FULL as on a full disk
  expect(codeOf(() => db.run('INSERT INTO t VALUES (?)', ['x'.repeat(100_000)]))).toBe('ledger.disk-full')
  db[Symbol.dispose]()
  expect(codeOf(() => db.run('SELECT 1'))).toBe('ledger.shut')
})
