/**
 * Kill proof (facts/store-and-sync.md 9.1): a shift is killed at random moments, again and again, with the cloud in a process
 * of its own. `KILLS` sets how often; `npm run soak -- kills` runs 200.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { expect, it } from 'vitest'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import type { Job } from '../../src/main/domain/job.ts'
import { makeFolder } from '../helpers/ledger.ts'

const KILLS = Number(process.env['KILLS'] ?? 6)
const SEED = Number(process.env['KILL_SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000))
const PACE = 60
/** A kill comes this long after the station is ready, at most. */
const LIFE_MS = 2500

interface Said { readonly closed: Map<number, string>; text: string }

function start(script: string, options: object, said: Said): ChildProcess {
  const child = spawn(process.execPath, [new URL(script, import.meta.url).pathname, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout?.on('data', (chunk: Buffer) => { said.text += chunk.toString() })
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  return child
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise(resolve => { child.once('exit', code => resolve(code)) })
async function until(test: () => boolean, child: ChildProcess): Promise<void> {
  while (!test() && child.exitCode === null && child.signalCode === null) await new Promise(resolve => { setTimeout(resolve, 5) })
}

/** A line that was cut off by the kill was not heard by anybody. */
function hear(said: Said): void {
  for (const line of said.text.slice(0, said.text.lastIndexOf('\n') + 1).split('\n')) {
    const [word, seq, job = '', outcome = ''] = line.split(' ')
    if (word === 'closed') said.closed.set(Number(seq), `${job} ${outcome}`)
  }
  said.text = ''
}

it(`${KILLS} kills of a running shift (seed ${SEED}): nothing acknowledged is lost, nobody is released twice, every seat is an effect or unknown`, async () => {
  using folder = makeFolder()
  const world = { seed: SEED, units: Math.max(12, Math.ceil(KILLS * 1.2)), pace: PACE, epoch: Date.now() }
  const cloudSaid: Said = { closed: new Map(), text: '' }
  const cloud = start('./kill-cloud.fixture.ts', world, cloudSaid)
  try {
    await until(() => cloudSaid.text.includes('\n'), cloud)
    const url = `http://127.0.0.1:${cloudSaid.text.trim()}`
    const options = { ...world, data: folder.path, cloud: url }
    const said: Said = { closed: new Map(), text: '' }
    for (let n = 0; n < KILLS; n += 1) {
      const child = start('./kill-station.fixture.ts', options, said)
      const gone = ended(child)
      await until(() => said.text.includes('ready\n'), child)
      await Promise.race([gone, new Promise(resolve => { setTimeout(resolve, Math.random() * LIFE_MS) })])
      child.kill('SIGKILL')
      await gone
      hear(said)
    }
    const last = start('./kill-station.fixture.ts', options, said)
    expect(await ended(last)).toBe(0)
    expect(said.text).toContain('finished')
    hear(said)

    const state = await (await fetch(`${url}/virtual/state`)).json() as { releases: readonly { uuid: string }[] } // the cloud's own words
    const clock = new LiveClock()
    using db = new LiveSql().open(`${folder.path}/training/ledger.db`)
    const ledger = new Ledger(db, { clock, entropy: new LiveEntropy() }, new Log(() => undefined, () => clock.now()), true)
    const verdicts = new Map(ledger.factsAfter(0, 1_000_000).filter(f => f.body.kind === 'job.closed').map(f => [f.seq, `${f.job} ${f.body.kind === 'job.closed' ? f.body.outcome : ''}`]))
    const lost = [...said.closed].filter(([seq, verdict]) => verdicts.get(seq) !== verdict)
    const released = state.releases.map(r => r.uuid)
    const jobs = db.all<{ body: string }>('SELECT body FROM job').map(row => JSON.parse(row.body) as Job) // written by the ledger
    const spentBy = new Set(db.all<{ job: string }>("SELECT job FROM seat WHERE state = 'spent'").map(row => row.job))
    const spent = jobs.filter(j => spentBy.has(j.uid))
    const proven = jobs.filter(j => j.outcome === 'proven')
    const uuidOf = (job: Job): string | undefined => ledger.unit(job.unit)?.aliases.find(a => a.kind === 'uuid')?.value
    expect(lost).toEqual([])
    expect(released.filter((uuid, i) => released.indexOf(uuid) !== i)).toEqual([])
    expect(ledger.openJobs()).toEqual([])
    // A seat comes back only where the cloud's own list leaves the unit out: never that of a unit it has released.
    expect(spent.filter(j => j.askedAt === null)).toEqual([])
    expect(proven.filter(j => !spentBy.has(j.uid))).toEqual([])
    expect(released.filter(uuid => !spent.some(j => uuidOf(j) === uuid))).toEqual([])
    const unknown = spent.filter(j => j.outcome !== 'proven').length
    expect(proven.map(uuidOf).filter(uuid => uuid === undefined || !released.includes(uuid))).toEqual([])
    expect(verifyLedger(ledger, ledger.setting('station') ?? '', []).broken).toEqual([])
    process.stdout.write(`kills: ${KILLS}, units ${world.units}, acknowledged ${said.closed.size} of ${verdicts.size} verdicts, lost ${lost.length}, released ${released.length}, twice 0, seats spent ${spent.length} = proven ${proven.length} + unknown ${unknown}, facts ${ledger.lastSeq}\n`)
  } finally {
    cloud.kill('SIGKILL')
  }
}, KILLS * 12_000 + 120_000)
