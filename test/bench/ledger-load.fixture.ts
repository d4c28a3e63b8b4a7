// Figures of `npm run bench -- ledger`, but for the large ledger: prints one JSON object a line. Arguments: folder, name of the part, size.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import SqliteFile from 'better-sqlite3'
import { millis, minutes } from '#shared'
import { Central } from '../../src/main/bench/central.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { keyOf } from '../../src/main/bench/numbers.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import type { Database } from '../../src/main/ports.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { expectFigure, median, percentiles, rounded, share, tell, timed } from '../helpers/figures.ts'

const [, , folder = '', part = '', sizeText = '0'] = process.argv
const size = Number(sizeText)
const clock = new LiveClock()
const entropy = new LiveEntropy()
const log = new Log(() => undefined, () => clock.now())
const forever = new AbortController().signal
const key = new StationKey(new Uint8Array(32).fill(1))
const seat = { account: 'house', product: 'gw3wired00000001' }
const FACTS_OF_A_SAVE = 5
const ROUNDS = 5
/** Units on one code, and lanes of a usual bench. */
const WAVE = 30
const LANES = 8

const open = (path: string): Ledger => new Ledger(new LiveSql().open(path), { clock, entropy }, log)

/** One scanned unit: met, named, known, its job and its seat; one transaction. */
function save(ledger: Ledger, n: number): void {
  const [unit, job] = [ledger.newId() as never, ledger.newId() as never] // ids of units and jobs are texts of this kind
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
  const perSecond = size / took * 1000
  tell({ part: 'full model, one scanned unit (5 facts, job, seat) a commit at FULL', perSecond: Math.round(perSecond) })
  expectFigure('full-model saves a second at fsync <= 1 ms', perSecond, perSecond >= 500, '>= 500')
}

/** The receiver as it is, in a process of its own, 50 ms away. */
async function receiver(): Promise<{ readonly web: LiveWeb; readonly url: string } & Disposable> {
  const data = join(folder, 'receiver')
  const child = spawn(process.execPath, [new URL('../../src/main/receiver.ts', import.meta.url).pathname, '--port', '0', '--data', data, '--may-fail'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  while (!said.includes('certificate ')) said += String((await new Promise<unknown>(resolve => { child.stdout.once('data', resolve) })))
  const url = /https:\S+/.exec(said)?.[0] ?? ''
  const web = new LiveWeb({ pinned: { origin: url, certificate: readFileSync(join(data, 'receiver.pem'), 'utf8') } })
  await web.request({ method: 'POST', url: `${url}/faults`, headers: {}, body: new TextEncoder().encode('{"delayMs":50}'), deadlineMs: minutes(1) }, forever)
  return { web, url, [Symbol.dispose]: () => { child.kill('SIGKILL') } }
}

/** Saves of scanned units in the same thread that delivers a backlog. */
async function sync(): Promise<void> {
  const ledger = open(join(folder, 'sync.db'))
  ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  for (let n = 0; ledger.lastSeq < size; n += 1) save(ledger, n)
  using far = await receiver()
  const outbox = new Outbox({ clock, entropy }, ledger, log, 's1', new Central(far.web, { name: 'central', url: `${far.url}/v1/events`, station: 's1', sign: body => key.sign(body) }))
  const owed = ledger.lastSeq
  const saves: number[] = []
  for (let n = 0; n < 50; n += 1) { // compiled and connected, as in a shift
    save(ledger, size + n)
    await outbox.test(forever)
  }
  const scope = new Scope('bench')
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const began = performance.now()
  outbox.start(scope)
  delay.enable()
  for (let n = 0; outbox.view().acked < owed; n += 1) {
    saves.push(await timed(() => save(ledger, 2 * size + n)))
    await clock.sleep(millis(10), forever)
  }
  delay.disable()
  const took = performance.now() - began
  await scope.close()
  const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6]
  tell({ part: `${owed} facts to a receiver 50 ms away`, seconds: rounded(took / 1000), saves: saves.length, saveMs: percentiles(saves), loopDelayMs: { p50: rounded(delay.percentile(50) / 1e6), p99: rounded(p99), max: rounded(max) } })
  expectFigure('save p99, ms', share(saves, 0.99), share(saves, 0.99) <= 25, '<= 25')
  expectFigure('loop delay p99, ms', p99, p99 <= 5, '<= 5')
  expectFigure('loop delay max, ms', max, max <= 20, '<= 20')
  expectFigure('backlog, seconds', took / 1000, took <= 10_000, '<= 10')
}

/** Answers with milliseconds; making the file is not part of them. */
type QueueLoad = (path: string) => Promise<number> | number
const BODY = JSON.stringify({ about: 'x'.repeat(238) }) // 250 bytes

const uidOf = (n: number): string => `0199a8f0-${String(n).padStart(4, '0')}-7123-8a9b-000000000000`
const PUT = "INSERT INTO job (n, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, 'queued', NULL, 'house', 'p', ?, NULL, NULL, ?)"
/** A new job has a new id; its unit is known already. */
function put(db: Database, n: number, wave: number | null): void {
  db.run('INSERT INTO id (n, uid) VALUES (?, ?)', [n, keyOf(uidOf(n))])
  db.run(PUT, [n, n, wave, BODY])
}

/** The statements of the job table and nothing else: each job put in, taken and closed by a commit of its own, as on a bench of one lane. */
function ownOneByOne(path: string): number {
  const { db } = open(path)
  const start = performance.now()
  for (let n = 0; n < size; n += 1) db.transaction(() => put(db, n, null))
  for (;;) {
    const job = db.all<{ n: number; body: string }>("UPDATE job SET stage = 'asked' WHERE n IN (SELECT n FROM job WHERE stage = 'queued' AND closed_at IS NULL ORDER BY unit LIMIT 1) RETURNING n, body")[0]
    if (!job) break
    db.run("UPDATE job SET stage = 'closed', outcome = 'proven', closed_at = ? WHERE n = ?", [clock.now(), job.n])
  }
  const took = performance.now() - start
  db[Symbol.dispose]()
  return took
}

/**
 * As the product does it: what comes together is opened by one commit (a wave's start, or announcements heard in one turn), asked for
 * by another (its code, or the lanes that share `Ledger.soon`), and each verdict is a commit of its own.
 */
const ownTogether = (many: number): QueueLoad => path => {
  const { db } = open(path)
  const start = performance.now()
  for (let first = 0; first < size; first += many) db.transaction(() => { for (let n = first; n < Math.min(size, first + many); n += 1) put(db, n, first) })
  for (let first = 0; first < size; first += many) {
    const jobs = db.all<{ n: number; body: string }>('SELECT n, body FROM job WHERE wave = ?', [first])
    db.transaction(() => { for (const { n } of jobs) db.run("UPDATE job SET stage = 'asked', token = ? WHERE n = ?", [first, n]) })
    for (const { n } of jobs) db.run("UPDATE job SET stage = 'closed', outcome = 'proven', closed_at = ? WHERE n = ?", [clock.now(), n])
  }
  const took = performance.now() - start
  db[Symbol.dispose]()
  return took
}

interface Plainjob {
  defineQueue(o: object): { add(type: string, data: object): unknown; addMany(type: string, data: object[]): unknown; getAndMarkJobAsProcessing(type: string): { id: number } | undefined; getJobById(id: number): { data: string } | undefined; markJobAsDone(id: number): void; close(): void }
  better(db: unknown): unknown
}
type BetterQueue = new (work: (input: unknown, done: () => void) => void) => { push(o: object): { on(event: 'finish', fn: () => void): void }; destroy(done: () => void): void }

/** `atOnce`: put in by one commit, which it can; it takes and closes one by one, and can no other. */
function plainjobQueue(plainjob: Plainjob, atOnce: number): QueueLoad {
  return path => {
    const file = new SqliteFile(path)
    const queue = plainjob.defineQueue({ connection: plainjob.better(file), logger: { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined } })
    file.pragma('synchronous = FULL') // it sets NORMAL itself; measured at the same durability
    const data = { data: 'x'.repeat(238) }
    const start = performance.now()
    for (let n = 0; n < size; n += atOnce) {
      if (atOnce === 1) queue.add('job', data)
      else queue.addMany('job', Array.from({ length: Math.min(atOnce, size - n) }, () => data))
    }
    for (let job = queue.getAndMarkJobAsProcessing('job'); job; job = queue.getAndMarkJobAsProcessing('job')) {
      queue.getJobById(job.id)
      queue.markJobAsDone(job.id)
    }
    const took = performance.now() - start
    queue.close()
    return took
  }
}

/** With its own store, in memory: what was accepted is gone with the process. */
function betterQueue(Queue: BetterQueue): QueueLoad {
  return async () => {
    const queue = new Queue((_input, done) => { done() })
    const start = performance.now()
    for (let n = 0; n < size; n += 1) await new Promise<void>(resolve => { queue.push({ id: String(n), data: BODY }).on('finish', resolve) })
    const took = performance.now() - start
    await new Promise<void>(resolve => { queue.destroy(resolve) })
    return took
  }
}

/** Interleaved, so that a busy moment is everybody's. */
async function beside(): Promise<void> {
  const require = createRequire(new URL('../../bench/peers/package.json', import.meta.url))
  const find = (name: string): string | null => { try { return require.resolve(name) } catch { return null } }
  const [plainjob, better] = [find('plainjob'), find('better-queue')]
  const loads: Record<string, QueueLoad> = { wave: ownTogether(WAVE), lanes: ownTogether(LANES) }
  if (plainjob !== null) {
    const peer = await import(plainjob) as Plainjob // its own words
    loads['plainjobMany'] = plainjobQueue(peer, WAVE)
    loads['plainjobEights'] = plainjobQueue(peer, LANES)
    loads['oneByOne'] = ownOneByOne
    loads['plainjob'] = plainjobQueue(peer, 1)
  }
  if (better !== null) loads['betterQueue'] = betterQueue(require(better) as BetterQueue) // as above
  loads['model'] = path => {
    const ledger = open(path)
    return timed(() => { for (let n = 0; n < size; n += 1) life(ledger, n) })
  }
  const found: Record<string, number[]> = {}
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, load] of Object.entries(loads)) (found[name] ??= []).push(size / await load(join(folder, `${name}-${round}.db`)) * 1000)
  }
  const rate = (name: string): number => Math.round(median(found[name] ?? [0]))
  tell({
    part: `queue only: ${size} jobs of 250 B at FULL; jobs a second, median of ${ROUNDS} rounds in turn`, asAWave: rate('wave'), plainjobPutInByThirties: rate('plainjobMany'), onEightLanes: rate('lanes'), plainjobPutInByEights: rate('plainjobEights'), oneByOne: rate('oneByOne'), plainjob: rate('plainjob'),
    betterQueueInMemory: rate('betterQueue'), [`fullModel: ${FACTS_OF_A_SAVE + 3} chained facts, three commits`]: rate('model')
  })
  if (plainjob === null) return tell({ missing: 'plainjob: npm ci in bench/peers' })
  /** Of the same round: a busy moment is both of theirs. */
  const ratio = (own: string, peer: string): number => median((found[own] ?? []).map((n, i) => n / (found[peer]?.[i] ?? 1)))
  const [wave, lanes] = [ratio('wave', 'plainjobMany'), ratio('lanes', 'plainjobEights')]
  tell({ part: 'beside plainjob, median of the rounds', waveAndThirties: rounded(wave), lanesAndEights: rounded(lanes), lanesAndOneByOne: rounded(ratio('lanes', 'plainjob')), oneByOne: rounded(ratio('oneByOne', 'plainjob')), fullModel: rounded(ratio('model', 'plainjob')) })
  expectFigure('queue path of a wave beside plainjob that puts in by thirties', wave, wave >= 1.3, '>= 1.3')
  expectFigure('queue path of eight lanes beside plainjob that puts in by eights', lanes, lanes >= 1.3, '>= 1.3')
}

/** The same three commits with everything the product keeps. */
function life(ledger: Ledger, n: number): void {
  save(ledger, n)
  const job = ledger.openJobs()[0]
  if (!job) return
  const about = { unit: job.unit, job: job.uid }
  ledger.commit(tx => {
    tx.append({ ...about, body: { kind: 'seat.spent', ...seat } })
    tx.append({ ...about, body: { kind: 'unbind.asked', token: 't' as never } }) // ids are texts
  })
  ledger.append({ ...about, body: { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: clock.now() } })
}

await ({ full, sync, queue: beside } as Record<string, () => Promise<void>>)[part]?.()
process.exit()
