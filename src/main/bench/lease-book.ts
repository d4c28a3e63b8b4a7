/**
 * Leases on disk. Clients are answered first; what changed is written at most 50 ms later, in one transaction that does not wait
 * for the disk: whoever asks in that moment would wait too. What a power cut takes of it is covered as after a crash. Only the
 * reservation of a block of addresses is waited for, before an answer that needs it. The mark of a run in the file means that it did
 * not end properly; the blocks that were open then rest for one lease time, and for no longer, however often the station starts.
 */
import { millis, seconds, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Holder, LeasePool, LeaseRecord } from '../domain/lease-pool.ts'
import type { Clock, Database, SqlRow } from '../ports.ts'
import type { Log } from './log.ts'

/** Times are wall clock. Outcomes of one address; offers are never written. */
export const LEASE_SCHEMA = `
CREATE TABLE IF NOT EXISTS lease (
  ip TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('bound', 'released', 'declined')), client TEXT, mac TEXT, client_id TEXT,
  host_name TEXT, vendor_class TEXT, request_list TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease_block (first TEXT PRIMARY KEY, opened_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`
/** Since version 4 of the ledger: blocks that rest after a crash, and until when (wall clock). */
export const LEASE_REST_SCHEMA = `
CREATE TABLE IF NOT EXISTS lease_rest (first TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

const BATCH_MS = millis(30)
/** Issue text: at most 50 ms off the reply path, of which some are left for a late timer. */
const BATCH_MS_MAX = 45
const LOOK_MS = millis(1)
const RETRY_MS = seconds(1)
const ROWS_MAX = 8192

const PUT = `INSERT INTO lease (ip, state, client, mac, client_id, host_name, vendor_class, request_list, since, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (ip) DO UPDATE SET state = excluded.state, client = excluded.client, mac = excluded.mac, client_id = excluded.client_id,
  host_name = excluded.host_name, vendor_class = excluded.vendor_class, request_list = excluded.request_list, since = excluded.since, until = excluded.until`
const DROP = 'DELETE FROM lease WHERE ip = ?'
const OPEN = 'INSERT INTO lease_block (first, opened_at) VALUES (?, ?) ON CONFLICT (first) DO NOTHING'
const CLOSE = 'DELETE FROM lease_block WHERE first = ?'
const REST = 'INSERT INTO lease_rest (first, until) VALUES (?, ?)'
/** Stands among the open blocks for as long as a run lasts. */
const RUNNING = 'running'

export class LeaseBook {
  readonly #clock: Clock
  readonly #db: Database
  readonly #log: Log
  readonly #pool: LeasePool
  readonly #leaseMs: Millis
  readonly #isAnswering: () => boolean
  /** Latest record of each address that is not on disk yet; no more than the pool has addresses. */
  readonly #unwritten = new Map<string, LeaseRecord>()
  /** Written without waiting for the disk. Their addresses go to others only after a write that was waited for. */
  readonly #lazy = new Map<string, LeaseRecord>()
  readonly #toClose = new Set<string>()
  /** What rests, until the beginning of this run is on disk. */
  #beginning: ReadonlyMap<string, Millis> | null = null
  #timer: Disposable | null = null
  #fault: Fault | null = null
  #isShut = false

  /** `isAnswering`: somebody asked just now and is likely to ask on; a write waits for a better moment, if there is one in time. */
  constructor(clock: Clock, db: Database, log: Log, pool: LeasePool, leaseMs: Millis, isAnswering: () => boolean = () => false) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#isAnswering = isAnswering
    this.#db = db
    this.#log = log
    this.#pool = pool
  }

  /** What keeps it from writing, if anything; it tries again each second. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** Reads the book into the pool. Says how many blocks a run that did not end properly has left open; null: it ended well. */
  load(): number | null {
    const now = this.#clock.monotonic()
    const rows = this.#db.all(`SELECT * FROM lease ORDER BY until LIMIT ${ROWS_MAX}`)
    const open = this.#db.all(`SELECT first FROM lease_block LIMIT ${ROWS_MAX}`).map(row => String(row['first']))
    const restEnd = millis(now + this.#leaseMs)
    const before = this.#db.all(`SELECT first, until FROM lease_rest LIMIT ${ROWS_MAX}`).map(row => [String(row['first']), millis(Math.min(this.#monotonicOf(row['until']), restEnd))] as const)
    const blocks = open.filter(first => first !== RUNNING)
    const resting = new Map([...before.filter(([, until]) => until > now), ...blocks.map(first => [first, restEnd] as const)])
    this.#pool.restore(rows.map(row => this.#recordOf(row)), { resting, wasCrash: open.length > 0 }, now)
    this.#beginning = resting
    this.#collect()
    if (this.#try(() => { this.#db.transaction(() => { this.#writeRecords() }) })) this.#settle()
    return open.length === 0 ? null : blocks.length
  }

  /** From here on this run is the one that has not ended, and what the last one left open rests. */
  #begin(resting: ReadonlyMap<string, Millis>): void {
    for (const table of ['lease_rest', 'lease_block']) this.#db.run(`DELETE FROM ${table}`)
    for (const [first, until] of resting) this.#db.run(REST, [first, this.wallOf(until)])
    this.#db.run(OPEN, [RUNNING, this.#clock.now()])
  }

  /** Writes the reservation down, now; false when the disk did not take it, and then nothing may be given from these blocks. */
  reserve(blocks: readonly string[]): boolean {
    this.#collect()
    const isDone = this.#try(() => {
      const at = this.#clock.now()
      this.#db.transaction(() => {
        this.#writeRecords()
        for (const first of blocks) this.#db.run(OPEN, [first, at])
      })
    })
    if (!isDone) return false
    this.#settle()
    for (const first of blocks) this.#toClose.delete(first)
    this.#pool.open(blocks, this.#clock.monotonic())
    return true
  }

  /** Something changed: it will be on disk within the batch time. */
  note(): void {
    if (this.#timer !== null || this.#isShut) return
    const lastMoment = this.#clock.monotonic() + BATCH_MS_MAX
    this.#timer = this.#clock.after(this.#fault === null ? BATCH_MS : RETRY_MS, () => { this.#writeBy(lastMoment) })
  }

  /** Writes everything and marks a clean end; what still rests from an earlier crash goes on resting. */
  close(): void {
    if (this.#isShut) return
    this.#isShut = true
    this.#timer?.[Symbol.dispose]()
    this.#collect()
    this.#try(() => {
      this.#db.transaction(() => {
        this.#writeRecords()
        this.#db.run('DELETE FROM lease_block')
      })
    })
  }

  #writeBy(lastMoment: number): void {
    if (this.#isAnswering() && this.#clock.monotonic() + LOOK_MS <= lastMoment) this.#timer = this.#clock.after(LOOK_MS, () => { this.#writeBy(lastMoment) })
    else this.#write()
  }

  #write(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = null
    if (this.#isShut) return
    this.#collect()
    for (const first of this.#pool.closeIdle(this.#clock.monotonic())) this.#toClose.add(first)
    if (this.#unwritten.size + this.#toClose.size === 0 && this.#beginning === null) return
    const isDone = this.#try(() => {
      this.#db.transaction(() => {
        this.#writeRecords()
        for (const first of this.#toClose) this.#db.run(CLOSE, [first])
      }, { isLazy: true })
    })
    if (isDone) {
      this.#settleLazily()
      this.#toClose.clear()
    } else this.note()
  }

  #collect(): void {
    for (const record of this.#pool.takeRecords()) this.#unwritten.set(record.ip, record)
  }

  #settle(): void {
    this.#settleLazily()
    this.#pool.written(this.#lazy.values())
    this.#lazy.clear()
  }

  #settleLazily(): void {
    this.#beginning = null
    for (const record of this.#unwritten.values()) this.#lazy.set(record.ip, record)
    this.#unwritten.clear()
  }

  #writeRecords(): void {
    if (this.#beginning !== null) this.#begin(this.#beginning)
    for (const record of this.#unwritten.values()) {
      if (record.state === 'none') this.#db.run(DROP, [record.ip])
      else this.#db.run(PUT, this.#rowOf(record.ip, record.state, record))
    }
  }

  #rowOf(ip: string, state: string, { holder, since, until }: LeaseRecord): (string | number | null)[] {
    return [
      ip, state, holder?.key ?? null, holder?.mac ?? null, holder?.clientId ?? null, holder?.hostName ?? null, holder?.vendorClass ?? null,
      holder?.requestList.join(',') ?? '', this.wallOf(since), this.wallOf(until)
    ]
  }

  #recordOf(row: SqlRow): LeaseRecord {
    const state = row['state'] === 'bound' ? 'bound' : row['state'] === 'declined' ? 'declined' : 'released'
    return { ip: String(row['ip']), state, holder: holderOf(row), since: this.#monotonicOf(row['since']), until: this.#monotonicOf(row['until']) }
  }

  /** Live expiry follows the monotonic clock; only what is stored and shown is wall clock. */
  wallOf(at: Millis): Instant {
    return Math.round(this.#clock.now() + at - this.#clock.monotonic())
  }

  #monotonicOf(at: SqlRow[string] | undefined): Millis {
    return millis(this.#clock.monotonic() + Number(at) - this.#clock.now())
  }

  #try(work: () => void): boolean {
    try {
      work()
      if (this.#fault !== null) this.#log.info('leases are written again')
      this.#fault = null
      return true
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (this.#fault?.code !== fault.code) this.#log.fault('leases cannot be written', fault)
      this.#fault = fault
      return false
    }
  }
}

function holderOf(row: SqlRow): Holder | null {
  const text = (name: string): string | null => typeof row[name] === 'string' ? row[name] : null
  const [key, mac] = [text('client'), text('mac')]
  if (key === null || mac === null) return null
  const requestList = (text('request_list') ?? '').split(',').filter(part => part !== '').map(Number)
  return { key, mac, clientId: text('client_id'), hostName: text('host_name'), vendorClass: text('vendor_class'), requestList }
}
