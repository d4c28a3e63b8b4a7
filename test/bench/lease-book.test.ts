// Engine, book and a real SQLite file in memory, through any order of crashes, power cuts and clean restarts.
import { expect, it } from 'vitest'
import { millis, minutes, seconds, type Millis } from '#shared'
import { LeaseBook, LEASE_REST_SCHEMA, LEASE_SCHEMA } from '../../src/main/bench/lease-book.ts'
import { Log } from '../../src/main/bench/log.ts'
import { LeaseEngine, type LeaseAnswer, type LeaseQuestion } from '../../src/main/domain/lease.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database, SqlRow, SqlValue } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { mulberry } from '../helpers/dhcp-mutate.ts'

const OURS = '10.77.0.1'
const LEASE_MS = minutes(10)
const TABLES = ['lease', 'lease_block', 'lease_rest']
type Stored = readonly { readonly table: string; readonly rows: readonly SqlRow[] }[]

/** One run of the station on the file; the next one begins where it left off, or where a crash cut it. */
class Book {
  readonly clock = new VirtualClock()
  readonly #terms: { readonly poolStart: string; readonly poolEnd: string }
  readonly #db = new LiveSql().open(':memory:')
  /** What a power cut leaves. */
  #durable: Stored = []
  #run: { isDead: boolean } = { isDead: false }
  engine: LeaseEngine
  book: LeaseBook
  reservations = 0

  constructor(poolEnd: string) {
    this.#terms = { poolStart: '10.77.0.20', poolEnd }
    for (const schema of [LEASE_SCHEMA, LEASE_REST_SCHEMA]) this.#db.run(schema)
    ;({ engine: this.engine, book: this.book } = this.#begin())
  }

  /** 'kill': kill -9; 'power': what was not waited for is lost as well; 'clean': an ordinary stop. */
  restart(how: 'kill' | 'power' | 'clean'): void {
    if (how === 'clean') this.book.close()
    this.#run.isDead = true
    if (how === 'power') {
      for (const { table, rows } of this.#durable) {
        this.#db.run(`DELETE FROM ${table}`)
        for (const row of rows) this.#db.run(`INSERT INTO ${table} VALUES (${Object.keys(row).map(() => '?').join(', ')})`, Object.values(row))
      }
    }
    ;({ engine: this.engine, book: this.book } = this.#begin())
  }

  ask(asked: LeaseQuestion): LeaseAnswer {
    for (let i = 0; i < 3; i += 1) {
      const answer = this.engine.answer(asked, this.clock.monotonic())
      this.book.note()
      if (answer.kind !== 'reserve') return answer
      this.reservations += 1
      expect(this.book.reserve(answer.blocks)).toBe(true)
    }
    throw new Error('reserved, and still not given')
  }

  /** The address; null: none is left. */
  lease(client: number): string | null {
    const offer = this.ask(question(client, 'discover'))
    if (offer.kind !== 'offer') return null
    expect(this.ask(question(client, 'request', { wish: offer.ip, serverId: OURS }))).toMatchObject({ kind: 'ack', ip: offer.ip })
    return offer.ip
  }

  resting(): number {
    this.engine.pool.expire(this.clock.monotonic())
    return this.engine.pool.slots().filter(slot => slot.state === 'resting').length
  }

  #begin(): { readonly engine: LeaseEngine; readonly book: LeaseBook } {
    const run = { isDead: false }
    this.#run = run
    const engine = new LeaseEngine({ ...this.#terms, address: OURS, prefix: 24, leaseMs: LEASE_MS, taken: [] })
    const db: Database = { // of a run that is over nothing comes any more
      run: (sql, values?: readonly SqlValue[]) => run.isDead ? { changes: 0 } : this.#db.run(sql, values),
      all: <Row = SqlRow>(sql: string, values?: readonly SqlValue[]) => run.isDead ? [] : this.#db.all<Row>(sql, values),
      transaction: (fn, options) => {
        if (run.isDead) return fn()
        const done = this.#db.transaction(fn)
        if (options?.isLazy !== true) this.#durable = TABLES.map(table => ({ table, rows: this.#db.all(`SELECT * FROM ${table}`) }))
        return done
      },
      [Symbol.dispose]: () => undefined
    }
    const book = new LeaseBook(this.clock, db, new Log(() => undefined, () => this.clock.now()), engine.pool, LEASE_MS)
    book.load()
    return { engine, book }
  }
}

function question(client: number, kind: LeaseQuestion['kind'], more: Partial<LeaseQuestion> = {}): LeaseQuestion {
  const mac = `02:00:00:00:${Math.floor(client / 256).toString(16).padStart(2, '0')}:${(client % 256).toString(16).padStart(2, '0')}`
  return {
    kind, key: `1-${mac}`, mac, clientId: null, hostName: null, vendorClass: null, requestList: [], xid: client * 1000, ciaddr: '0.0.0.0',
    wish: null, serverId: null, isRelayed: false, ...more
  }
}

it('13: in any order of crashes, power cuts and restarts no address is given to a second unit that a first may still hold', async () => {
  for (let seed = 1; seed <= 80; seed += 1) await live(seed)
})

it('13: twenty clean restarts within one lease time cost no address', async () => {
  const bench = new Book('10.77.0.59')
  const given = new Set<string | null>()
  for (let i = 0; i < 20; i += 1) {
    given.add(bench.lease(i))
    await bench.clock.advance(millis(70))
    bench.restart('clean')
    expect(bench.resting()).toBe(0)
  }
  for (let i = 20; i < 40; i += 1) given.add(bench.lease(i))
  expect([given.size, given.has(null), bench.lease(40)]).toEqual([40, false, null])
})

it('13: crashes while nobody asks cost nothing, and do not prolong the rest of an earlier one', async () => {
  const bench = new Book('10.77.0.219')
  bench.lease(1)
  bench.restart('kill')
  const rest = bench.resting()
  expect(rest).toBeGreaterThan(0)
  for (const how of ['kill', 'power', 'clean', 'kill', 'clean', 'power'] as const) {
    await bench.clock.advance(seconds(90))
    bench.restart(how)
    expect(bench.resting()).toBe(rest)
  }
  await bench.clock.advance(seconds(61))
  expect(bench.resting()).toBe(0)
})

it('13: five crashes with a newcomer each rest less than half of a pool of 200', () => {
  const bench = new Book('10.77.0.219')
  for (let i = 0; i < 5; i += 1) {
    expect(bench.lease(i)).not.toBeNull()
    bench.restart(i % 2 === 0 ? 'kill' : 'power')
  }
  expect(bench.resting()).toBeLessThan(100)
})

it('13: a rack of 48 waits for the disk twice at most, and for known clients not at all', async () => {
  const bench = new Book('10.77.0.219')
  for (let i = 0; i < 48; i += 1) bench.lease(i)
  expect(bench.reservations).toBeLessThanOrEqual(2)
  bench.reservations = 0
  await bench.clock.advance(seconds(120))
  for (let i = 0; i < 48; i += 1) bench.lease(i)
  expect(bench.reservations).toBe(0)
})

/** Clients keep what was acknowledged; the server forgets what was not written, or not waited for. */
async function live(seed: number): Promise<void> {
  const random = mulberry(seed)
  const bench = new Book(random() < 0.5 ? '10.77.0.59' : '10.77.0.99')
  const held = new Map<number, { ip: string; until: Millis }>()
  for (let step = 0; step < 300; step += 1) {
    const client = Math.floor(random() * 40)
    const own = held.get(client)
    const now = bench.clock.monotonic()
    const isHolding = own !== undefined && own.until > now
    const dice = random()
    if (dice < 0.05) bench.restart((['kill', 'power', 'clean'] as const)[Math.floor(random() * 3)] ?? 'kill')
    else if (dice < 0.2) await bench.clock.advance(millis(60))
    else if (dice < 0.3) await bench.clock.advance(millis(random() * 400_000))
    else if (isHolding && dice < 0.4) {
      bench.ask(question(client, 'release', { ciaddr: own.ip }))
      held.delete(client)
    } else {
      const isRenewal = isHolding && dice < 0.6
      const offer = isHolding ? null : bench.ask(question(client, 'discover', { wish: own?.ip ?? null, xid: step }))
      if (offer !== null && offer.kind !== 'offer') continue
      const asked = offer === null ? own?.ip ?? '' : offer.ip
      const answer = bench.ask(question(client, 'request', isRenewal ? { ciaddr: asked, xid: step } : { wish: asked, serverId: offer === null ? null : OURS, xid: step }))
      if (answer.kind === 'nak') held.delete(client)
      if (answer.kind !== 'ack') continue
      held.set(client, { ip: answer.ip, until: millis(now + LEASE_MS) })
      const holders = [...held].filter(([, h]) => h.ip === answer.ip && h.until > now)
      expect(holders.length, `seed ${seed}, step ${step}: ${answer.ip} is held by ${holders.map(([c]) => c).join(' and ')}`).toBe(1)
    }
  }
}

it.each([[0, 30], [34, 34], [10_000, 45]])('a write waits for the gap behind the packets, but at a bench that never rests it comes within 50 ms all the same: busy for %i ms, written after %i', async (busyMs, writtenMs) => {
  const clock = new VirtualClock()
  using db = new LiveSql().open(':memory:')
  for (const schema of [LEASE_SCHEMA, LEASE_REST_SCHEMA]) db.run(schema)
  const engine = new LeaseEngine({ poolStart: '10.77.0.20', poolEnd: '10.77.0.40', address: OURS, prefix: 24, leaseMs: LEASE_MS, taken: [] })
  const start = clock.monotonic()
  const book = new LeaseBook(clock, db, new Log(() => undefined, () => clock.now()), engine.pool, LEASE_MS, () => clock.monotonic() - start < busyMs)
  book.load()
  const first = engine.answer(question(1, 'discover'), start)
  if (first.kind === 'reserve') book.reserve(first.blocks)
  const offer = engine.answer(question(1, 'discover'), start)
  engine.answer(question(1, 'request', { wish: offer.kind === 'offer' ? offer.ip : null, serverId: OURS }), start)
  book.note()
  let waitedMs = 0
  for (; waitedMs < 100 && db.all('SELECT * FROM lease').length === 0; waitedMs += 1) await clock.advance(millis(1))
  expect(waitedMs).toBe(writtenMs)
  book.close()
})
