/**
 * A running shift that is killed again and again, the cloud in a process of its own; and the account of it afterwards, which
 * leaves nothing open: every seat that is still spent is one release at the cloud, and every release is one such seat.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { JobId, UnitId } from '#shared'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import type { Fact } from '../../src/main/domain/fact.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { makeFolder } from './ledger.ts'

export interface KillWorld { readonly seed: number; readonly units: number; readonly pace: number; readonly epoch: number }
export interface KillOptions { readonly kills: number; readonly seed: number; readonly pace: number; /** A kill comes so long after the station is ready, at most. */ readonly lifeMs: number; readonly unitsPerKill: number }

/** After a token's end, until its list counts as whole. */
export const RETURN_SECONDS = 60
const STARTS_MAX = 3

/** Every list is empty when all is well. */
export interface KillAccount {
  readonly kills: number
  readonly units: number
  readonly facts: number
  readonly said: number
  readonly released: number
  readonly asked: number
  readonly spent: number
  readonly returned: number
  readonly proven: number
  readonly wrong: readonly string[]
}

interface Said { readonly upto: Map<number, string>; text: string }

function start(script: string, options: object, said: Said, cache: string): ChildProcess {
  const child = spawn(process.execPath, [new URL(`../line/${script}`, import.meta.url).pathname, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: cache } })
  child.stdout?.on('data', (chunk: Buffer) => { said.text += chunk.toString() })
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  return child
}

const ended = (child: ChildProcess): Promise<NodeJS.Signals | number | null> => new Promise(resolve => { child.once('close', (code, signal) => resolve(signal ?? code)) })
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
async function until(test: () => boolean, child: ChildProcess): Promise<void> {
  while (!test() && child.exitCode === null && child.signalCode === null) await pause(5)
}

/** A line that was cut off by the kill was not heard by anybody. */
function hear(said: Said): void {
  for (const line of said.text.slice(0, said.text.lastIndexOf('\n') + 1).split('\n')) {
    const [word, seq, hash = ''] = line.split(' ')
    if (word === 'upto') said.upto.set(Number(seq), hash)
  }
  said.text = ''
}

interface Shift { readonly station: () => ChildProcess; readonly said: Said; readonly line: CloudLine }

/** One shift with its cloud; `harm` is done to it and counted, then it is worked to its end. */
async function shift({ seed, pace, kills, unitsPerKill }: Omit<KillOptions, 'lifeMs'>, harm: (shift: Shift) => Promise<number>): Promise<KillAccount> {
  using folder = makeFolder()
  const world: KillWorld = { seed, units: Math.max(12, Math.ceil(kills * unitsPerKill)), pace, epoch: Date.now() }
  const cloudSaid: Said = { upto: new Map(), text: '' }
  const cloud = start('kill-cloud.fixture.ts', world, cloudSaid, `${folder.path}/cache`)
  await until(() => cloudSaid.text.includes('\n'), cloud)
  await using line = await CloudLine.open(Number(cloudSaid.text))
  try {
    const said: Said = { upto: new Map(), text: '' }
    const station = (): ChildProcess => start('kill-station.fixture.ts', { ...world, data: folder.path, cloud: line.url }, said, `${folder.path}/cache`)
    const done = await harm({ station, said, line })
    let isFinished = said.text.includes('finished\n')
    for (let n = 0; n < STARTS_MAX && !isFinished; n += 1) {
      await ended(station())
      isFinished = said.text.includes('finished\n')
    }
    hear(said)
    const { releases } = await (await fetch(`${line.url}/virtual/state`)).json() as { releases: readonly { uuid: string }[] } // the cloud's own words
    const account = settle(`${folder.path}/training/ledger.db`, said.upto, releases.map(r => r.uuid))
    return { ...account, kills: done, units: world.units, wrong: [...(isFinished ? [] : ['the last shift did not come to its end']), ...account.wrong] }
  } finally {
    cloud.kill('SIGKILL')
  }
}

/** kill -9 at random moments of the running shift; only those count. */
export function killAgainAndAgain(options: KillOptions): Promise<KillAccount> {
  return shift(options, async ({ station, said }) => {
    for (let done = 0; done < options.kills; done += 1) {
      const child = station()
      const gone = ended(child)
      await until(() => said.text.includes('ready\n'), child)
      await Promise.race([gone, pause(Math.random() * options.lifeMs)])
      const isWorking = !said.text.includes('worked\n')
      child.kill('SIGKILL')
      if (await gone !== 'SIGKILL' || !isWorking) return done
      hear(said)
    }
    return options.kills
  })
}

/** `harm` is done to a working station again and again; it goes on by itself. */
export function disturbAgainAndAgain(options: KillOptions, harm: (child: ChildProcess, line: CloudLine) => Promise<void>): Promise<KillAccount> {
  return shift(options, async ({ station, said, line }) => {
    const child = station()
    const gone = ended(child)
    await until(() => said.text.includes('ready\n'), child)
    let done = 0
    for (; done < options.kills && !said.text.includes('worked\n'); done += 1) {
      await pause(Math.random() * options.lifeMs)
      await harm(child, line)
    }
    await gone
    return done
  })
}

/** The line between a station and its cloud: it can go dead in the middle of a word, and be cut. */
export class CloudLine implements AsyncDisposable {
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  #state: 'up' | 'dead' | 'cut' = 'up'

  private constructor(port: number) {
    this.#server = createServer(near => {
      if (this.#state === 'cut') return void near.destroy()
      const far = connect(port, '127.0.0.1')
      for (const [from, to] of [[near, far], [far, near]] as const) {
        this.#ends.add(from)
        from.on('data', bytes => { if (this.#state === 'up') to.write(bytes) })
        from.on('error', () => undefined)
        from.on('close', () => {
          this.#ends.delete(from)
          to.destroy()
        })
      }
    })
  }

  static async open(port: number): Promise<CloudLine> {
    const line = new CloudLine(port)
    await new Promise<void>(resolve => { line.#server.listen(0, '127.0.0.1', resolve) })
    return line
  }

  get url(): string {
    const bound = this.#server.address()
    return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`
  }

  /** No byte passes, and nobody is told. */
  async dead(ms: number): Promise<void> { await this.#during('dead', ms) }
  /** Every connection is reset, and a new one as well. */
  async cut(ms: number): Promise<void> {
    for (const end of this.#ends) end.resetAndDestroy()
    await this.#during('cut', ms)
  }

  async #during(state: 'dead' | 'cut', ms: number): Promise<void> {
    this.#state = state
    await pause(ms)
    this.#state = 'up'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) end.destroy()
    await new Promise<void>(resolve => { this.#server.close(() => resolve()) })
  }
}

/**
 * The equation, with `asks` the jobs that have a fact `unbind.asked`:
 * each ask has one `seat.spent` of its own, said once, in the same commit or before; each of these seats is either still spent or
 * was returned by rule (job closed unproven, its token dead, its unit in no list of the cloud); those still spent, without the
 * ones the cloud itself refused (it names the unit: such a seat may count), and the releases at the cloud are the same units,
 * one to one. So asks = spent + returned, and spent = effects + refusals.
 */
function settle(path: string, upto: ReadonlyMap<number, string>, released: readonly string[]): Omit<KillAccount, 'kills' | 'units'> {
  const clock = new LiveClock()
  using db = new LiveSql().open(path)
  const ledger = new Ledger(db, { clock, entropy: new LiveEntropy() }, new Log(() => undefined, () => clock.now()), true)
  const facts = ledger.factsAfter(0, 10_000_000)
  const hashes = new Map(db.all<{ seq: number; hash: Uint8Array }>('SELECT seq, hash FROM fact').map(row => [row.seq, Buffer.from(row.hash).toString('hex')]))
  const wrong: string[] = []
  const expectNone = (what: string, found: readonly (string | number)[]): void => { if (found.length > 0) wrong.push(`${what}: ${found.slice(0, 5).join(', ')}`) }
  const of = (kind: Fact['body']['kind']): Fact[] => facts.filter(f => f.body.kind === kind)
  const jobsOf = (kind: Fact['body']['kind']): JobId[] => of(kind).flatMap(f => f.job ?? [])
  const uuidOf = (unit: UnitId | null): string => (unit === null ? null : ledger.unit(unit)?.aliases.find(a => a.kind === 'uuid')?.value) ?? 'no uuid'

  expectNone('said and lost, or not the same', [...upto].filter(([seq, hash]) => hashes.get(seq) !== hash).map(([seq]) => seq))
  expectNone('jobs still open', ledger.openJobs().map(j => j.uid))
  expectNone('history', verifyLedger(ledger, ledger.setting('station') ?? '', []).broken)
  expectNone('released twice', twice(released))

  const [asked, spentFacts, returnedFacts] = [jobsOf('unbind.asked'), jobsOf('seat.spent'), jobsOf('seat.returned')]
  expectNone('asked twice', twice(asked))
  expectNone('a seat spent twice', twice(spentFacts))
  expectNone('a seat returned twice', twice(returnedFacts))
  expectNone('asked without a seat', asked.filter(job => !spentFacts.includes(job)))
  expectNone('a seat spent without an ask', spentFacts.filter(job => !asked.includes(job)))
  const spent = asked.filter(job => ledger.seatOf(job) === 'spent')
  const returned = asked.filter(job => ledger.seatOf(job) === 'returned')
  expectNone('a seat of an ask that is neither spent nor returned', asked.filter(job => !spent.includes(job) && !returned.includes(job)))
  expectNone('returned, but its job is not unproven', returned.filter(job => ledger.job(job)?.outcome !== 'unproven'))
  expectNone('returned, but the last fact of its seat is not that', returned.filter(job => !returnedFacts.includes(job)))
  expectNone('a seat nobody asked with that is not back', db.all<{ job: JobId }>("SELECT text AS job FROM seat JOIN id ON id.n = seat.job WHERE state <> 'returned'").map(row => row.job).filter(job => !asked.includes(job)))

  const refused = spent.filter(job => ledger.job(job)?.outcome === 'refused')
  expectNone('refused, but not by the cloud', refused.filter(job => !facts.some(f => f.job === job && f.body.kind === 'unit.seen' && f.body.evidence.kind === 'cloud-refused')))
  const paid = spent.filter(job => !refused.includes(job)).map(job => uuidOf(ledger.job(job)?.unit ?? null))
  expectNone('paid twice for one unit', twice(paid))
  expectNone('paid for, but never released', paid.filter(uuid => !released.includes(uuid)))
  expectNone('released, but not paid for', released.filter(uuid => !paid.includes(uuid)))
  const proven = ledger.db.all<{ uid: JobId }>("SELECT text AS uid FROM job JOIN id USING (n) WHERE outcome = 'proven'").map(row => row.uid)
  expectNone('proven without a paid seat', proven.filter(job => !spent.includes(job)))
  return { facts: facts.length, said: upto.size, released: released.length, asked: asked.length, spent: spent.length, returned: returned.length, proven: proven.length, wrong }
}

const twice = <T>(all: readonly T[]): T[] => all.filter((one, i) => all.indexOf(one) !== i)
