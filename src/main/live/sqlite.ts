/**
 * Sql by better-sqlite3. A commit that returned, and was not called lazy, is on the disk: WAL with synchronous=FULL, set and read back at every
 * open. One writer a file: an exclusive transaction held on `<path>.lock`, which the system frees even at kill -9.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteFile from 'better-sqlite3'
import { Fault } from '../domain/fault.ts'
import type { Database, Sql, SqlRow, SqlValue, TransactionOptions } from '../ports.ts'

const STATEMENTS_MAX = 256
const FULL = 2 // PRAGMA synchronous
const PAGES_AT_ONCE = 0x7fff_ffff
/** A reader may meet the writer's recovery for a moment; it never holds the writer up. */
const READER_WAIT_MS = 1000

export class LiveSql implements Sql {
  open(path: string, options: { readonly readonly?: boolean } = {}): Database {
    const isReadonly = options.readonly === true
    const lock = isReadonly || path === ':memory:' ? null : takeLock(path)
    let file: SqliteFile.Database | null = null
    try {
      file = new SqliteFile(path, { readonly: isReadonly, fileMustExist: isReadonly, timeout: isReadonly ? READER_WAIT_MS : 0 })
      if (isReadonly) file.pragma('query_only = ON')
      else makeDurable(file, path)
      file.pragma('foreign_keys = ON')
      return new LiveDatabase(file, lock)
    } catch (thrown) {
      file?.close()
      lock?.close()
      throw asOpenFault(thrown, path)
    }
  }
}

class LiveDatabase implements Database {
  readonly #file: SqliteFile.Database
  readonly #lock: SqliteFile.Database | null
  readonly #statements = new Map<string, SqliteFile.Statement<SqlValue[]>>()
  #isInTransaction = false

  constructor(file: SqliteFile.Database, lock: SqliteFile.Database | null) {
    this.#file = file
    this.#lock = lock
  }

  run(sql: string, values: readonly SqlValue[] = []): { readonly changes: number } {
    return this.#guard(() => {
      const statement = this.#prepare(sql, values.length === 0)
      if (statement === null) {
        this.#file.exec(sql)
        return { changes: 0 }
      }
      if (!statement.reader) return { changes: statement.run(...values).changes }
      statement.all(...values)
      return { changes: Number(this.#file.prepare('SELECT changes()').pluck().get()) }
    })
  }

  all<Row = SqlRow>(sql: string, values: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => {
      const statement = this.#prepare(sql, false)
      if (statement === null || !statement.reader) throw new Fault('program.unexpected', { text: 'this statement gives no rows' })
      return statement.all(...values) as Row[] // the caller knows its own columns
    })
  }

  transaction<T>(fn: () => T, options: TransactionOptions = {}): T {
    if (this.#isInTransaction) throw new Fault('program.unexpected', { text: 'a transaction inside a transaction' })
    if (options.isLazy !== true) return this.#transact(fn)
    this.run('PRAGMA synchronous = NORMAL') // in WAL mode: no fsync at the commit
    try {
      return this.#transact(fn)
    } finally {
      if (this.#file.open) this.run('PRAGMA synchronous = FULL')
    }
  }

  #transact<T>(fn: () => T): T {
    this.run('BEGIN IMMEDIATE')
    this.#isInTransaction = true
    try {
      const value = fn()
      if (isPromise(value)) throw new Fault('program.unexpected', { text: 'a transaction must not wait' })
      this.run('COMMIT')
      return value
    } catch (thrown) {
      this.#rollBack()
      throw thrown
    } finally {
      this.#isInTransaction = false
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#file.close()
    this.#lock?.close()
  }

  /** SQLite may have rolled back by itself; what failed first is what the caller must hear. */
  #rollBack(): void {
    try {
      if (this.#file.open && this.#file.inTransaction) this.#file.exec('ROLLBACK')
    } catch {
      this.#file.close()
    }
  }

  /** null: several statements in one text, which only `exec` takes. */
  #prepare(sql: string, mayBeSeveral: boolean): SqliteFile.Statement<SqlValue[]> | null {
    const known = this.#statements.get(sql)
    if (known) return known
    let statement: SqliteFile.Statement<SqlValue[]>
    try {
      statement = this.#file.prepare<SqlValue[]>(sql)
    } catch (thrown) {
      if (mayBeSeveral && thrown instanceof RangeError) return null
      throw thrown
    }
    const [oldest] = this.#statements.keys()
    if (this.#statements.size >= STATEMENTS_MAX && oldest !== undefined) this.#statements.delete(oldest)
    this.#statements.set(sql, statement)
    return statement
  }

  #guard<T>(work: () => T): T {
    if (!this.#file.open) throw new Fault('ledger.shut')
    try {
      return work()
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'SQLITE_FULL') throw new Fault('ledger.disk-full', {}, thrown)
      if (!code.startsWith('SQLITE_IOERR')) throw thrown
      // After a failed fsync the page cache lies: never go on with this handle (facts/store-and-sync.md 2.2.2).
      this.#file.close()
      throw new Fault('ledger.shut', { reason: code }, thrown)
    }
  }
}

/** A second connection to a ledger somebody else writes, only for moving its log into its file; PASSIVE: nobody waits for it. */
export class LogMover implements Disposable {
  readonly #file: SqliteFile.Database

  constructor(path: string) {
    try {
      this.#file = new SqliteFile(path, { fileMustExist: true, timeout: 0 })
      this.#file.pragma('synchronous = FULL')
    } catch (thrown) {
      throw asOpenFault(thrown, path)
    }
  }

  move(): void {
    this.#file.pragma('wal_checkpoint(PASSIVE)')
  }

  [Symbol.dispose](): void {
    this.#file.close()
  }
}

/** Holds `<path>.lock` until disposed. SQLite's own exclusive lock: no stale file to clean up, between processes and inside one. */
export function holdLock(path: string): Disposable {
  const lock = takeLock(path)
  return { [Symbol.dispose]: () => { lock.close() } }
}

/**
 * A copy of a ledger that may be written meanwhile, by SQLite's own backup; opened and checked before it gets its name.
 * Never copy the file with the system: without its WAL it opens clean and empty. Faults: `ledger.damaged` {found}.
 */
export async function copyLedger(path: string, to: string): Promise<void> {
  const draft = `${to}.draft`
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(draft + end, { force: true })
  const file = new SqliteFile(path, { readonly: true, fileMustExist: true, timeout: READER_WAIT_MS })
  try {
    await file.backup(draft, { progress: () => PAGES_AT_ONCE }) // in one step: a writer would make a slower one begin again
  } catch (thrown) {
    rmSync(draft, { force: true }) // on a full disk half a copy would keep what is left
    throw asOpenFault(thrown, to)
  } finally {
    file.close()
  }
  const found = checkCopy(draft)
  if (found !== 'ok') {
    rmSync(draft, { force: true })
    throw new Fault('ledger.damaged', { path: to, found })
  }
  renameSync(draft, to)
}

/** The copy is made a plain file, without a WAL beside it. */
function checkCopy(path: string): string {
  const copy = new SqliteFile(path)
  try {
    copy.pragma('journal_mode = DELETE')
    return String(copy.pragma('quick_check(1)', { simple: true }))
  } catch (thrown) {
    return codeOf(thrown) || String(thrown)
  } finally {
    copy.close()
  }
}

function takeLock(path: string): SqliteFile.Database {
  let lock: SqliteFile.Database | null = null
  try {
    lock = new SqliteFile(`${path}.lock`, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (thrown) {
    lock?.close()
    if (codeOf(thrown).startsWith('SQLITE_BUSY')) throw new Fault('ledger.second-instance', { path }, thrown)
    throw asOpenFault(thrown, path)
  }
}

function makeDurable(file: SqliteFile.Database, path: string): void {
  file.pragma('journal_mode = WAL')
  file.pragma('synchronous = FULL')
  file.pragma('busy_timeout = 0')
  const synchronous = file.pragma('synchronous', { simple: true })
  if (synchronous !== FULL) throw new Fault('ledger.cannot-open', { path, reason: `synchronous is ${String(synchronous)}` })
}

function asOpenFault(thrown: unknown, path: string): Fault {
  if (thrown instanceof Fault) return thrown
  const code = codeOf(thrown)
  if (code === 'SQLITE_FULL') return new Fault('ledger.disk-full', { path }, thrown)
  return new Fault('ledger.cannot-open', { path, reason: code || String(thrown) }, thrown)
}

const codeOf = (thrown: unknown): string => thrown instanceof SqliteFile.SqliteError ? thrown.code : ''

const isPromise = (value: unknown): boolean => typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
