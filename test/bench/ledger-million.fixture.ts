// The large ledger of `npm run bench -- ledger`: `build` makes it once for each form of the tables and keeps it, `ask` measures it.
// Arguments: folder to keep it in, build or ask, units, and for build the seconds after which to stop and go on another time.
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { millis, type Alias, type JobId, type TokenId, type UnitId } from '#shared'
import { packStretch } from '../../src/main/bench/archive.ts'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Reading } from '../../src/main/bench/reading.ts'
import { Numbers } from '../../src/main/bench/numbers.ts'
import { packBody, packJob, packUnit } from '../../src/main/bench/packing.ts'
import { searchUnits, type UnitFilter } from '../../src/main/bench/search.ts'
import { loadConfig } from '../../src/main/config.ts'
import { countsOf, foldJob, foldUnit, type Fact, type FactBody } from '../../src/main/domain/fact.ts'
import type { Job } from '../../src/main/domain/job.ts'
import type { Unit } from '../../src/main/domain/unit.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import { copyLedger, LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database } from '../../src/main/ports.ts'
import { createStation } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { World } from '../../src/main/virtual/world.ts'
import { chainFact } from '../../src/main/wire/chain.ts'
import { expectFigure, percentiles, rounded, share, tell, timed, times } from '../helpers/figures.ts'

const [, , folder = '', part = '', unitsText = '1000000', secondsText = '480'] = process.argv
const UNITS = Number(unitsText)
const clock = new LiveClock()
const entropy = new LiveEntropy()
const log = new Log(() => undefined, () => clock.now())
const forever = new AbortController().signal
const MINUTE = 60_000
const SLICE = 10_000
const CHECKED = 500
/** Two products, so that a page of one is not a page of all. */
const PRODUCTS = ['gw3wired00000001', 'cam2qr0000000001']
const open = (path: string): Ledger => new Ledger(new LiveSql().open(path), { clock, entropy }, log)

/** The tables a unit's life is written to; the others are empty, and made when they are new. */
const FILLED = new Set(['id', 'fact', 'unit', 'job', 'seat', 'name', 'alias_search', 'counter'])
const schema = (() => {
  using db = open(':memory:').db
  return db.all<{ name: string; tbl_name: string; sql: string }>('SELECT name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name')
})()
const shape = createHash('sha256').update(JSON.stringify(schema.filter(row => FILLED.has(row.tbl_name)))).digest('hex').slice(0, 12)
const home = join(folder, `ledger-${UNITS}-${shape}`)
const path = join(home, 'training', 'ledger.db')
const draft = `${path}.draft`

const serialOf = (n: number): string => `DS-${(n * 7919).toString(36).padStart(9, '0').toUpperCase()}`
const tagOf = (n: number): string => `RB-${String(n).padStart(7, '0')}`
const namesOf = (n: number): readonly Alias[] => [
  { kind: 'mac', value: `02:1e:${[n >> 24, n >> 16, n >> 8, n].map(b => (b & 255).toString(16).padStart(2, '0')).join(':')}` }, { kind: 'serial', value: serialOf(n) }, { kind: 'tag', value: tagOf(n) }
]

/** What a unit's day says of it, in the order in which it is said; one in twenty is never proven. */
function lifeOf(n: number): readonly FactBody[] {
  const seat = { account: 'house', product: PRODUCTS[n % 2] ?? '' }
  return [
    { kind: 'unit.met', method: 'wired', by: 'scan' }, ...namesOf(n).map((alias): FactBody => ({ kind: 'unit.named', alias })),
    { kind: 'unit.known', product: seat.product, method: 'wired' }, { kind: 'job.opened', attempt: 1, method: 'wired', wave: null, ...seat }, { kind: 'seat.spent', ...seat },
    { kind: 'unbind.asked', token: `token-${Math.floor(n / 30)}` as TokenId }, // ids are texts
    n % 20 === 0 ? { kind: 'job.closed', outcome: 'unproven', grade: null, fault: { code: 'unit.silent', context: {} }, provenAt: null } : { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: n },
    { kind: 'unit.left' }
  ]
}

/** Writes whole lives as the ledger does, by the same folds and the same chain, but each record once. */
class Filler {
  readonly #db: Database
  readonly #numbers: Numbers
  readonly #counts = new Map<string, number>()
  #link: Uint8Array
  #seq: number

  constructor(ledger: Ledger) {
    this.#db = ledger.db
    this.#numbers = new Numbers(ledger.db)
    this.#link = ledger.chain.hash
    this.#seq = ledger.lastSeq
  }

  slice(first: number, end: number, from: number): void {
    this.#counts.clear()
    this.#db.transaction(() => {
      for (let n = first; n < end; n += 1) this.#unit(n, from + n * MINUTE)
      for (const [name, by] of this.#counts) this.#db.run('INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value', [name, by])
      this.#db.run("INSERT OR REPLACE INTO setting (key, value) VALUES ('filled', ?)", [String(end)])
    })
  }

  #unit(n: number, moment: number): void {
    const [uid, job] = [idOf(moment, n) as UnitId, idOf(moment + 1, n) as JobId] // as Ledger.newId makes them
    const [unitN, jobN] = [this.#numbers.of(uid), this.#numbers.of(job)]
    let unit: Unit | null = null
    let done: Job | null = null
    for (const [i, body] of lifeOf(n).entries()) {
      const fact: Fact = { seq: this.#seq += 1, at: moment + i * 1000, unit: uid, job: /^(job|seat|unbind)\./.test(body.kind) ? job : null, wave: null, operator: '1001', body }
      this.#link = chainFact(this.#link, fact)
      this.#db.run('INSERT INTO fact (seq, at, kind, unit, job, wave, operator, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', [fact.seq, fact.at, body.kind, unitN, fact.job === null ? null : jobN, null, '1001', packBody(body.kind, JSON.stringify(body)), this.#link])
      unit = foldUnit(unit, fact)
      if (fact.job !== null) {
        const after = foldJob(done, fact)
        for (const [name, by] of countsOf(done, after)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
        done = after
      }
      if (body.kind === 'unit.named') this.#db.run('INSERT INTO name (value, kind, unit) VALUES (?, ?, ?)', [body.alias.value, body.alias.kind, unitN])
      if (body.kind === 'seat.spent') this.#db.run("INSERT INTO seat (job, account, product, state, at) VALUES (?, ?, ?, 'spent', ?)", [jobN, body.account, body.product, fact.at])
    }
    this.#counts.set('units', (this.#counts.get('units') ?? 0) + 1)
    if (unit === null || done === null) return
    this.#db.run('INSERT INTO unit (n, is_here, product, last_at, job, body) VALUES (?, ?, ?, ?, ?, ?)', [unitN, unit.isHere ? 1 : 0, unit.product, moment + (lifeOf(n).length - 1) * 1000, jobN, packUnit(unit)])
    const { stage, outcome, account, product, wave, token, closedAt } = done
    this.#db.run('INSERT INTO job (n, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [jobN, unitN, stage, outcome, account, product, wave, token === null ? null : this.#numbers.of(token), closedAt, packJob(done)])
  }
}

/** UUIDv7 of a moment (RFC 9562 5.7), the same each time. */
function idOf(moment: number, n: number): string {
  const [time, rest] = [moment.toString(16).padStart(12, '0'), createHash('sha256').update(`${moment} ${n}`).digest('hex')]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`
}

/** Nobody may say that the filler writes other rows than the ledger would: a few lives, and every record against the facts. */
function checkFiller(): void {
  const ledger = open(':memory:')
  new Filler(ledger).slice(0, CHECKED, clock.now() - CHECKED * MINUTE)
  const drift = findDrift(open2(ledger.db))
  if (drift.length > 0) throw new Error(`the filler does not write what the ledger writes: ${drift[0]}`)
}
const open2 = (db: Database): Ledger => new Ledger(db, { clock, entropy }, log)

function build(): void {
  checkFiller()
  mkdirSync(join(home, 'training'), { recursive: true })
  if (statSync(path, { throwIfNoEntry: false })) return complete()
  const until = performance.now() + Number(secondsText) * 1000
  const ledger = open(draft)
  const { db } = ledger
  db.run('PRAGMA synchronous = OFF') // only while it is filled
  db.run('PRAGMA cache_size = -400000')
  let at = Number(ledger.setting('filled') ?? 0)
  if (at === 0) ledger.keepSetting('from', String(clock.now() - UNITS * MINUTE))
  const filler = new Filler(open2(db))
  const from = Number(ledger.setting('from'))
  for (; at < UNITS && performance.now() < until; at += SLICE) filler.slice(at, Math.min(UNITS, at + SLICE), from)
  if (at < UNITS || performance.now() > until - 120_000) {
    tell({ part: `${Math.min(at, UNITS)} of ${UNITS} units filled; run build again to go on` })
    db[Symbol.dispose]()
    process.exitCode = 3
    return
  }
  db.run("INSERT INTO alias_search (alias_search) VALUES ('rebuild')")
  db.run("INSERT OR REPLACE INTO setting (key, value) SELECT 'search.name', max(id) FROM name")
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db[Symbol.dispose]()
  renameSync(draft, path)
  rmSync(`${draft}.lock`, { force: true })
  tell({ part: `${UNITS} units filled`, facts: UNITS * lifeOf(0).length, path })
}

/** Tables that came since it was made. */
function complete(): void {
  using db = open(path).db
  const known = new Set(db.all<{ name: string }>('SELECT name FROM sqlite_schema').map(row => row.name))
  for (const { name, sql } of schema) if (!known.has(name)) db.run(sql)
  tell({ part: 'the large ledger is there', path })
}

const PACKED = 10_000
/** Indexes a filter of history needs, which the model of the sheet did not have. */
const FILTERS = new Set(['job_outcome', 'job_product', 'job_account', 'job_operator', 'job_reason'])
const INDEXES = new Set(schema.filter(row => /^CREATE (UNIQUE )?INDEX/.test(row.sql)).map(row => row.name))

/** Where the bytes of a unit are. */
function sizes(db: Database): void {
  const of = Object.fromEntries(db.all<{ name: string; bytes: number }>('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name').map(({ name, bytes }) => [name, bytes / UNITS]))
  const sum = (test: (name: string) => boolean): number => Math.round(Object.entries(of).filter(([name]) => test(name)).reduce((all, [, bytes]) => all + bytes, 0))
  const [facts, all] = [sum(name => name.startsWith('fact')), sum(() => true)]
  const [unit, job, names, ids] = [sum(name => name.startsWith('unit')), sum(name => /^(job|seat)/.test(name)), sum(name => /^(alias|name)/.test(name)), sum(name => /^id(_|$)/.test(name))]
  const packed = packStretch(db, 'bench', 1, PACKED).bytes.byteLength / PACKED * lifeOf(0).length
  tell({ part: 'bytes a unit', all, factsOfOne: lifeOf(0).length, facts, ids, unit, job, names: `${names} for ${namesOf(0).length}`, indexes: sum(name => INDEXES.has(name)), onceArchived: { file: all - facts, archive: Math.round(packed) } })
  // The sheet (3.3) counted a unit with one name, its job and two facts, without indexes for the filters of history.
  tell({ part: 'bytes a unit, counted as the sheet does', found: Math.round(ids + unit + job + names / namesOf(0).length + facts * 2 / lifeOf(0).length - sum(name => FILTERS.has(name))), wanted: 1100 })
}

async function ask(): Promise<void> {
  let ledger = open(path)
  ledger.db[Symbol.dispose]()
  const opening = await times(5, () => {
    ledger = open(path)
    ledger.db[Symbol.dispose]()
  })
  await start()
  ledger = open(path)
  const { db } = ledger
  const some = (): number => Math.floor(Math.random() * UNITS)
  const uids = Array.from({ length: 200 }, () => ledger.unitByAlias({ kind: 'tag', value: tagOf(some()) }) ?? '')
  const pageFromDisk = await times(200, i => searchUnits(db, { after: uids[i] ?? '' }, 50)) // anywhere in years of history: the disk must be read
  const page = await times(200, i => searchUnits(db, { after: uids[i] ?? '' }, 50))
  const first = await times(50, () => searchUnits(db, {}, 50))
  const verdicts: Record<string, Record<string, number>> = {}
  const from = db.all<{ at: number }>('SELECT closed_at AS at FROM job WHERE n > ? ORDER BY n LIMIT 1', [UNITS])[0]?.at ?? 0
  const filters: Record<string, UnitFilter> = {
    outcome: { outcome: 'unproven' }, product: { product: PRODUCTS[0] ?? '' }, account: { account: 'house' }, operator: { operator: '1001' }, reason: { reason: 'unit.silent' }, day: { from, to: from + 86_400_000 },
    outcomeOfADay: { outcome: 'unproven', from, to: from + 30 * 86_400_000 }, productAndOutcome: { product: PRODUCTS[0] ?? '', outcome: 'unproven' }
  }
  for (const [name, filter] of Object.entries(filters)) {
    const look = (i: number): unknown => searchUnits(db, { ...filter, after: uids[i] ?? '' }, 50)
    const fromDisk = await times(50, look)
    const again = await times(50, look)
    verdicts[name] = { ...percentiles(again), fromDiskP50: rounded(share(fromDisk, 0.5)) }
    expectFigure(`page of verdicts by ${name} p50, ms`, share(again, 0.5), share(again, 0.5) <= 1, '<= 1')
  }
  const exact = await times(500, () => ledger.unitByAlias({ kind: 'serial', value: serialOf(some()) }))
  const counts = await times(500, () => [ledger.counter('units'), ledger.counter('outcome.proven'), ledger.quotaUse('account', 'house', clock.now() - 86_400_000), ledger.provenProducts()])
  const history = await times(200, i => ledger.history(uids[i] ?? null, Number.MAX_SAFE_INTEGER, 50))
  const samples = Array.from({ length: 300 }, () => serialOf(some()).slice(4, 10))
  await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
  const reading = new Reading(ledger, thread, path)
  await reading.units({ text: '0000' }, 1, forever)
  const fragment = await times(300, i => reading.units({ text: samples[i] ?? '' }, 50, forever))
  // In the reader too, as the product does it: filters of which only one chooses the rows, here with nothing that fits both.
  const nothing = await times(20, () => reading.units({ product: PRODUCTS[0] ?? '', operator: 'nobody-of-ours' }, 50, forever))
  const neither = await times(20, () => reading.units({ account: 'house', outcome: 'refused', product: PRODUCTS[1] ?? '' }, 50, forever))
  const oddCouple = await times(20, () => reading.units({ product: PRODUCTS[1] ?? '', outcome: 'unproven' }, 50, forever))
  const textAndOutcome = await times(100, i => reading.units({ text: (samples[i] ?? '').slice(0, 3), outcome: 'unproven' }, 50, forever))
  const saves = await times(300, () => {
    const [unit, job] = [ledger.newId() as UnitId, ledger.newId() as JobId] // as above
    ledger.commit(tx => { for (const body of lifeOf(UNITS * 8 + some()).slice(0, 6)) tx.append({ unit, ...(body.kind === 'job.opened' ? { job } : {}), body }) })
    ledger.append({ unit, job, body: { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: null, provenAt: null } })
  })
  tell({ part: `${UNITS} units`, pageMs: percentiles(page), pageFromDiskMs: percentiles(pageFromDisk), firstPageMs: percentiles(first), pageOfVerdictsMs: verdicts, timelineMs: percentiles(history), exactMs: percentiles(exact), countsMs: percentiles(counts), fragmentMs: percentiles(fragment), besideTheCoreMs: { twoFiltersWithNothing: percentiles(nothing), threeWithNothing: percentiles(neither), twoThatNeverMeet: percentiles(oddCouple), textAndOutcome: percentiles(textAndOutcome) }, saveTwoCommitsMs: percentiles(saves), openMs: percentiles(opening) })
  for (const [name, taken] of Object.entries({ page, exact, counts })) expectFigure(`${name} p50, ms`, share(taken, 0.5), share(taken, 0.5) <= 1, '<= 1')
  expectFigure('fragment p99, ms', share(fragment, 0.99), share(fragment, 0.99) <= 20, '<= 20')
}

/** The whole station on this ledger, to its first answer to a screen. */
async function start(): Promise<void> {
  const world = new World({ seed: 1, sql: new LiveSql(), pace: 1, startAt: clock.now() })
  const config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': 'bench0' } })
  await using reader = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url)) // as in a live station: the check of the file is its work
  const began = performance.now()
  const station = await createStation({ ...world.ports, reader }, config, { dataDir: home, log, version: '0.0.0-bench', access: virtualAccess() })
  const made = performance.now() - began
  const answer = await station.gate.ask('status', {}, { host: 'local' })
  const took = performance.now() - began
  tell({ part: 'start of the station on it, to its first answer', seconds: rounded(took / 1000), createdSeconds: rounded(made / 1000), isOk: answer.ok })
  expectFigure('start, seconds', took / 1000, took <= 1000, '<= 1')
  await station.close()
  await clock.sleep(millis(10), forever)
}

/** Beside the figures of the sheet, section 3.3. */
async function long(): Promise<void> {
  const ledger = open(path)
  sizes(ledger.db)
  await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
  const check = await timed(() => new Reading(ledger, thread, path).check(forever))
  const copy = await timed(() => copyLedger(path, join(home, 'copy.db')))
  rmSync(join(home, 'copy.db'), { force: true })
  const facts = ledger.factsAfter(0, 200_000)
  let link: Uint8Array = new Uint8Array(32)
  const verify = await timed(() => { for (const fact of facts) link = chainFact(link, fact) })
  tell({ part: `${UNITS} units, long reads beside the writer`, quickCheckSeconds: rounded(check / 1000), checkedCopySeconds: rounded(copy / 1000), chainFactsPerSecond: Math.round(facts.length / verify * 1000), link: link.length })
}

if (part === 'build') build()
else if (part === 'long') await long()
else await ask()
process.exit()
