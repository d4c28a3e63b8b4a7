// The figures of `npm run bench -- ledger`: prints one JSON object a line. Arguments: folder, name of the part, size.
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import SqliteFile from 'better-sqlite3'
import { millis, type JobId, type UnitId } from '#shared'
import { Central } from '../../src/main/bench/central.ts'
import { EventBook } from '../../src/main/bench/event-book.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Reading } from '../../src/main/bench/reading.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { searchUnits } from '../../src/main/bench/search.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import { copyLedger, LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database } from '../../src/main/ports.ts'
import { CHAIN_START, chainFact } from '../../src/main/wire/chain.ts'
import { StationKey } from '../../src/main/wire/signing.ts'

const [, , folder = '', part = '', sizeText = '0'] = process.argv
const size = Number(sizeText)
const clock = new LiveClock()
const entropy = new LiveEntropy()
const log = new Log(() => undefined, () => clock.now())
const forever = new AbortController().signal
const key = new StationKey(new Uint8Array(32).fill(1))
const MINUTE = 60_000
const SLICE = 5000
/** In bench/peers, with a lockfile of its own. */
const PEER = 'plainjob'
const seat = { account: 'house', product: 'gw3wired00000001' }
const tell = (figures: Record<string, unknown>): void => { process.stdout.write(`${JSON.stringify(figures)}\n`) }
const at = (taken: readonly number[], share: number): number => taken.toSorted((a, b) => a - b)[Math.min(taken.length - 1, Math.floor(taken.length * share))] ?? 0
const rounded = (n: number): number => Number(n.toPrecision(3))
const percentiles = (taken: readonly number[]): Record<string, number> => ({ p50: rounded(at(taken, 0.5)), p99: rounded(at(taken, 0.99)), max: rounded(at(taken, 1)) })
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
async function times(n: number, work: (i: number) => unknown): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < n; i += 1) found.push(await timed(() => work(i)))
  return found
}

const open = (path: string): Ledger => new Ledger(new LiveSql().open(path), { clock, entropy }, log)
const unitOf = (n: number): UnitId => `u${n}` as UnitId // ids of a load are short words
const jobOf = (n: number): JobId => `j${n}` as JobId // as above

/** One scanned unit: met, named, known, its job and its seat; one transaction. */
function save(ledger: Ledger, n: number): void {
  const [unit, job] = [unitOf(n), jobOf(n)]
  ledger.commit(tx => {
    tx.append({ unit, body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
    tx.append({ unit, body: { kind: 'unit.named', alias: { kind: 'tag', value: `RB-${String(n).padStart(7, '0')}` } } })
    tx.append({ unit, body: { kind: 'unit.known', product: seat.product, method: 'wired' } })
    tx.append({ unit, job, body: { kind: 'job.opened', attempt: 1, method: 'wired', wave: null, ...seat } })
    tx.append({ unit, job, body: { kind: 'seat.reserved', ...seat } })
  })
}

async function full(): Promise<void> {
  const ledger = open(join(folder, 'full.db'))
  const took = await timed(() => { for (let n = 0; n < size; n += 1) save(ledger, n) })
  tell({ part: 'full model, one scanned unit a commit at FULL', perSecond: Math.round(size / took * 1000) })
}

/** Saves of scanned units while a backlog is delivered in the same process. */
async function sync(): Promise<void> {
  const ledger = open(join(folder, 'sync.db'))
  ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  while (ledger.lastSeq < size) ledger.commit(tx => { for (let i = 0; i < 500; i += 1) tx.append({ body: { kind: 'operator.signed', operator: `A${i}` } }) })
  const files = new Map<string, string[]>()
  const book = new EventBook({ names: () => [], read: () => '', append: (n, text) => { files.set(n, [...files.get(n) ?? [], text]) }, replace: () => undefined })
  const web = { world: 'live' as const, request: async ({ body = new Uint8Array(), headers }: { body?: Uint8Array; headers: Readonly<Record<string, string>> }) => {
    await clock.sleep(millis(50), forever) // round trip
    const { status, body: json } = book.ingest(body, headers['x-station-signature'] ?? '')
    return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(json)) }
  } }
  const outbox = new Outbox({ clock, entropy }, ledger, log, 's1', new Central(web, { name: 'central', url: 'https://central/v1/events', station: 's1', sign: body => key.sign(body) }))
  const scope = new Scope('bench')
  const owed = ledger.lastSeq
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const saves: number[] = []
  const began = performance.now()
  outbox.start(scope)
  delay.enable()
  for (let n = 0; outbox.view().acked < owed; n += 1) {
    saves.push(await timed(() => save(ledger, n)))
    await clock.sleep(millis(20), forever)
  }
  delay.disable()
  const took = performance.now() - began
  await scope.close()
  tell({ part: `drain of ${owed} facts at 50 ms round trip`, seconds: rounded(took / 1000), saveMs: percentiles(saves), loopDelayMs: { p99: rounded(delay.percentile(99) / 1e6), max: rounded(delay.max / 1e6) } })
}

/** The statements of the job table and nothing else: put in, claim, close; three commits a job, as a queue has them. */
function ownQueue(path: string): number {
  const db: Database = open(path).db
  const body = 'x'.repeat(250)
  const start = performance.now()
  for (let n = 0; n < size; n += 1) db.run("INSERT INTO job (uid, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, 'queued', NULL, 'house', 'p', NULL, NULL, NULL, ?)", [`j${n}`, `u${n}`, body])
  for (;;) {
    const uid = db.transaction(() => {
      const next = db.all<{ uid: string }>("SELECT uid FROM job WHERE stage = 'queued' AND stage <> 'closed' ORDER BY rowid LIMIT 1")[0]
      if (next) db.run("UPDATE job SET stage = 'asked' WHERE uid = ?", [next.uid])
      return next?.uid
    })
    if (uid === undefined) break
    db.run("UPDATE job SET stage = 'closed', outcome = 'proven', closed_at = ? WHERE uid = ?", [clock.now(), uid])
  }
  return size / (performance.now() - start) * 1000
}

interface Plainjob { defineQueue(o: object): { add(type: string, data: object): unknown; getAndMarkJobAsProcessing(type: string): { id: number } | undefined; markJobAsDone(id: number): void; close(): void }; better(db: unknown): unknown }
async function peers(): Promise<void> {
  const require = createRequire(new URL('../../bench/peers/package.json', import.meta.url))
  const path = (() => { try { return require.resolve(PEER) } catch { return null } })()
  const plainjob = path === null ? null : await import(path) as Plainjob // its own words
  const rounds: { own: number; plainjob: number | null }[] = []
  for (let round = 0; round < 3; round += 1) {
    const own = ownQueue(join(folder, `own${round}.db`))
    let other: number | null = null
    if (plainjob !== null) {
      const file = new SqliteFile(join(folder, `plainjob${round}.db`))
      const queue = plainjob.defineQueue({ connection: plainjob.better(file), logger: { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined } })
      file.pragma('journal_mode = WAL')
      file.pragma('synchronous = FULL') // it sets NORMAL itself; measured at the same durability
      const start = performance.now()
      for (let n = 0; n < size; n += 1) queue.add('job', { data: 'x'.repeat(220) })
      for (let job = queue.getAndMarkJobAsProcessing('job'); job; job = queue.getAndMarkJobAsProcessing('job')) queue.markJobAsDone(job.id)
      other = size / (performance.now() - start) * 1000
      queue.close()
    }
    rounds.push({ own, plainjob: other })
  }
  const own = at(rounds.map(r => r.own), 0.5)
  const other = plainjob === null ? null : at(rounds.map(r => r.plainjob ?? 0), 0.5)
  tell({ part: `queue only, ${size} jobs of 250 B at FULL, median of 3, interleaved`, ownPerSecond: Math.round(own), plainjobPerSecond: other === null ? 'not installed: npm ci in bench/peers' : Math.round(other), ratio: other === null ? null : rounded(own / other) })
}

/** A shop's life: units with three names, a job, a seat and five facts each, chained; rows as the ledger writes them. */
function fill(db: Database): void {
  let link = CHAIN_START
  let seq = db.all<{ seq: number | null }>('SELECT max(seq) AS seq FROM fact')[0]?.seq ?? 0
  const from = clock.now() - size * MINUTE // a busy shop
  const fact = (moment: number, unit: string, job: string | null, body: { kind: string }): void => {
    seq += 1
    link = chainFact(link, { seq, at: moment, unit, job, wave: null, operator: '1001', body })
    db.run('INSERT INTO fact (seq, at, kind, unit, job, wave, operator, body, hash) VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)', [seq, moment, body.kind, unit, job, '1001', JSON.stringify(body), link])
  }
  for (let first = 0; first < size; first += SLICE) {
    db.transaction(() => {
      for (let n = first; n < Math.min(size, first + SLICE); n += 1) {
        const [unit, job, moment] = [`u${n}`, `j${n}`, from + n * MINUTE]
        const mac = `02:1e:${[n >> 24, n >> 16, n >> 8, n].map(b => (b & 255).toString(16).padStart(2, '0')).join(':')}`
        const names = [{ kind: 'mac', value: mac }, { kind: 'serial', value: `DS-${(n * 7_919).toString(36).padStart(9, '0').toUpperCase()}` }, { kind: 'tag', value: `RB-${String(n).padStart(7, '0')}` }]
        const outcome = n % 20 === 0 ? 'unproven' : 'proven'
        fact(moment, unit, null, { kind: 'unit.met' })
        for (const alias of names) {
          fact(moment, unit, null, Object.assign({ kind: 'unit.named' }, { alias }))
          db.run('INSERT INTO alias (kind, value, unit) VALUES (?, ?, ?)', [alias.kind, alias.value, unit])
          db.run('INSERT INTO name (value) VALUES (?)', [alias.value])
        }
        fact(moment, unit, job, Object.assign({ kind: 'job.closed' }, { outcome }))
        db.run('INSERT INTO unit (uid, is_here, product, last_at, body) VALUES (?, 0, ?, ?, ?)', [unit, seat.product, moment, JSON.stringify({ uid: unit, aliases: names, product: seat.product, job, stay: 1 })])
        db.run("INSERT INTO job (uid, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, 'closed', ?, 'house', ?, NULL, 't', ?, ?)", [job, unit, outcome, seat.product, moment, JSON.stringify({ uid: job, unit, outcome, operator: '1001', fault: null })])
        db.run("INSERT INTO seat (job, account, product, state, at) VALUES (?, 'house', ?, 'spent', ?)", [job, seat.product, moment])
      }
    })
  }
  db.run("INSERT INTO counter VALUES ('units', ?), ('outcome.proven', ?), ('outcome.unproven', ?)", [size, size - Math.ceil(size / 20), Math.ceil(size / 20)])
}

async function million(): Promise<void> {
  const path = join(folder, 'million.db')
  const built = open(path)
  built.db.run('PRAGMA synchronous = NORMAL') // only while it is filled
  const filling = await timed(() => fill(built.db))
  const indexing = await timed(() => built.db.run("INSERT INTO alias_search (alias_search) VALUES ('rebuild')"))
  built.db.run("INSERT OR REPLACE INTO setting (key, value) SELECT 'search.upto', max(seq) FROM fact")
  built.db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  built.db[Symbol.dispose]()
  tell({ part: `${size} units filled`, seconds: rounded(filling / 1000), indexSeconds: rounded(indexing / 1000), bytesPerUnit: Math.round(statSync(path).size / size) })

  let ledger = open(path)
  ledger.db[Symbol.dispose]()
  const opening = await times(5, () => { ledger = open(path); ledger.db[Symbol.dispose]() })
  ledger = open(path)
  const { db } = ledger
  const some = (): number => Math.floor(Math.random() * size)
  const serial = (): string => db.all<{ value: string }>("SELECT value FROM alias WHERE kind = 'serial' AND unit = ?", [`u${some()}`])[0]?.value ?? ''
  const page = await times(200, () => searchUnits(db, { after: `u${some()}` }, 50))
  const verdicts = await times(100, () => searchUnits(db, { outcome: 'unproven', after: `u${some()}` }, 50))
  const exact = await times(500, () => ledger.unitByAlias({ kind: 'tag', value: `RB-${String(some()).padStart(7, '0')}` }))
  const counts = await times(500, () => [ledger.counter('units'), ledger.counter('outcome.proven'), ledger.quotaUse('account', 'house', clock.now() - 86_400_000)])
  const samples = Array.from({ length: 300 }, () => `DS-${(some() * 7_919).toString(36).padStart(9, '0').toUpperCase()}`.slice(4, 10))
  const inCore = await times(300, i => searchUnits(db, { text: samples[i] ?? serial() }, 50))
  await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
  const reading = new Reading(ledger, thread, path)
  await reading.find('0000', 1, forever)
  const fragment = await times(300, i => reading.find(samples[i] ?? '', 50, forever))
  const saves = await times(300, i => save(ledger, size + i))
  tell({ part: `${size} units`, pageMs: percentiles(page), pageByVerdictMs: percentiles(verdicts), exactMs: percentiles(exact), countsMs: percentiles(counts), fragmentReaderMs: percentiles(fragment), fragmentCoreMs: percentiles(inCore), saveMs: percentiles(saves), openMs: percentiles(opening) })
  const check = await timed(() => reading.check(forever))
  const copy = await timed(() => copyLedger(path, join(folder, 'copy.db')))
  let verified = 0
  const verify = await timed(() => { verified = verifyChainOnly(ledger) })
  tell({ part: `${size} units, long reads`, quickCheckSeconds: rounded(check / 1000), checkedCopySeconds: rounded(copy / 1000), chainFactsPerSecond: Math.round(verified / verify * 1000), isCopyThere: existsSync(join(folder, 'copy.db')) })
}

/** The chain over the first facts; the projection check wants more memory than a bench should take. */
function verifyChainOnly(ledger: Ledger): number {
  let link = CHAIN_START
  const facts = ledger.factsAfter(0, 200_000)
  for (const fact of facts) link = chainFact(link, fact)
  return link.length === 32 ? facts.length : verifyLedger(ledger, '', []).facts
}

await ({ full, sync, peers, million } as Record<string, () => Promise<void>>)[part]?.()
