/**
 * A running shift that is killed again and again, the cloud in a process of its own; and the account of it afterwards, which
 * leaves nothing open: every seat that is still spent is one release at the cloud, and every release is one such seat.
 */
import { spawn, type ChildProcess } from 'node:child_process'
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

export async function killAgainAndAgain(options: KillOptions): Promise<KillAccount> {
  const { kills, lifeMs, pace, seed } = options
  using folder = makeFolder()
  const world: KillWorld = { seed, units: Math.max(12, Math.ceil(kills * options.unitsPerKill)), pace, epoch: Date.now() }
  const cloudSaid: Said = { upto: new Map(), text: '' }
  const cloud = start('kill-cloud.fixture.ts', world, cloudSaid, `${folder.path}/cache`)
  try {
    await until(() => cloudSaid.text.includes('\n'), cloud)
    const url = `http://127.0.0.1:${cloudSaid.text.trim()}`
    const said: Said = { upto: new Map(), text: '' }
    const station = (): ChildProcess => start('kill-station.fixture.ts', { ...world, data: folder.path, cloud: url }, said, `${folder.path}/cache`)
    let done = 0
    for (; done < kills; done += 1) {
      const child = station()
      const gone = ended(child)
      await until(() => said.text.includes('ready\n'), child)
      await Promise.race([gone, pause(Math.random() * lifeMs)])
      const isWorking = !said.text.includes('worked\n')
      child.kill('SIGKILL')
      if (await gone !== 'SIGKILL' || !isWorking) break // the shift was over: that was no kill of a running one
      hear(said)
    }
    let end: NodeJS.Signals | number | null = null
    for (let n = 0; n < STARTS_MAX && end !== 0; n += 1) end = await ended(station())
    const isFinished = said.text.includes('finished\n')
    hear(said)
    const { releases } = await (await fetch(`${url}/virtual/state`)).json() as { releases: readonly { uuid: string }[] } // the cloud's own words
    const account = settle(`${folder.path}/training/ledger.db`, said.upto, releases.map(r => r.uuid))
    return { ...account, kills: done, units: world.units, wrong: [...(isFinished ? [] : [`the last shift ended with ${end}`]), ...account.wrong] }
  } finally {
    cloud.kill('SIGKILL')
  }
}

/**
 * The equation, with `asks` the jobs that have a fact `unbind.asked`:
 * each ask has one `seat.spent` of its own, said once, in the same commit or before; each of these seats is either still spent or
 * was returned by rule (job closed unproven, its token dead, its unit in no list of the cloud); those still spent and the
 * releases at the cloud are the same units, one to one. So asks = spent + returned, and spent = effects.
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
  expectNone('a seat nobody asked with that is not back', db.all<{ job: JobId }>("SELECT job FROM seat WHERE state <> 'returned'").map(row => row.job).filter(job => !asked.includes(job)))

  const paid = spent.map(job => uuidOf(ledger.job(job)?.unit ?? null))
  expectNone('paid twice for one unit', twice(paid))
  expectNone('paid for, but never released', paid.filter(uuid => !released.includes(uuid)))
  expectNone('released, but not paid for', released.filter(uuid => !paid.includes(uuid)))
  const proven = ledger.db.all<{ uid: JobId }>("SELECT uid FROM job WHERE outcome = 'proven'").map(row => row.uid)
  expectNone('proven without a paid seat', proven.filter(job => !spent.includes(job)))
  return { facts: facts.length, said: upto.size, released: released.length, asked: asked.length, spent: spent.length, returned: returned.length, proven: proven.length, wrong }
}

const twice = <T>(all: readonly T[]): T[] => all.filter((one, i) => all.indexOf(one) !== i)
