/** The receiver as its own process behind a self-made certificate: what a station makes of every way in which it can fail. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { minutes } from '#shared'
import { Central } from '../../src/main/bench/central.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { makeSelfSigned } from '../../src/main/wire/self-signed.ts'
import { LedgerBench, makeFolder } from '../helpers/ledger.ts'

const FOREVER = new AbortController().signal
const key = new StationKey(new Uint8Array(32).fill(6))
const folder = makeFolder()
let child: ChildProcess
let url = ''

beforeAll(async () => {
  child = spawn(process.execPath, [new URL('../../src/main/receiver.ts', import.meta.url).pathname, '--port', '0', '--data', folder.path, '--may-fail'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('certificate ')) resolve()
    })
    child.on('exit', () => reject(new Error('the receiver has stopped')))
  })
  url = /https:\S+/.exec(said)?.[0] ?? ''
})
afterAll(() => {
  child.kill('SIGKILL')
  folder[Symbol.dispose]()
})

const pinned = (): LiveWeb => new LiveWeb({ pinned: { origin: url, certificate: readFileSync(join(folder.path, 'receiver.pem'), 'utf8') } })
const central = (web: LiveWeb, station: string): Central => new Central(web, { name: 'central', url: `${url}/v1/events`, station, sign: body => key.sign(body) })
async function order(web: LiveWeb, trouble: object): Promise<void> {
  await web.request({ method: 'POST', url: `${url}/faults`, headers: {}, body: new TextEncoder().encode(JSON.stringify(trouble)), deadlineMs: minutes(1) }, FOREVER)
}
async function upto(web: LiveWeb, station: string): Promise<number | undefined> {
  const answer = await web.request({ method: 'GET', url: `${url}/v1/stations`, headers: {}, deadlineMs: minutes(1) }, FOREVER)
  const { stations } = JSON.parse(new TextDecoder().decode(answer.body)) as { readonly stations: readonly { readonly station: string; readonly upto: number }[] } // the receiver's own words
  return stations.find(s => s.station === station)?.upto
}

function filled(facts: number): LedgerBench {
  const bench = new LedgerBench()
  bench.ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  bench.ledger.commit(tx => { for (let n = 1; n < facts; n += 1) tx.append({ body: { kind: 'operator.signed', operator: `A${n}` } }) })
  return bench
}

describe('a receiver', () => {
  it('with the pinned certificate gets everything, compressed after the first batch, with its head', async () => {
    await using web = pinned()
    using bench = filled(700)
    new Notary(bench.clock, bench.ledger, bench.log, { station: 'whole', publicHex: key.publicHex, sign: b => key.sign(b) }).sign()
    await using scope = new Scope('test')
    const outbox = new Outbox({ clock: new LiveClock(), entropy: new LiveEntropy() }, bench.ledger, bench.log, 'whole', central(web, 'whole'))
    outbox.start(scope)
    await expect.poll(() => outbox.view().acked, { timeout: 10_000 }).toBe(700)
    expect(await upto(web, 'whole')).toBe(700)
    const heads = await web.request({ method: 'GET', url: `${url}/v1/heads/whole`, headers: {}, deadlineMs: minutes(1) }, FOREVER)
    expect(JSON.parse(new TextDecoder().decode(heads.body))).toMatchObject({ station: 'whole', seq: 700, key: key.publicHex })
    await scope.close()
  })

  it('with any other certificate is not spoken to, not even one of the same name', async () => {
    const other = makeSelfSigned({ names: ['127.0.0.1', 'localhost'], from: Date.now() - 1000, to: Date.now() + 1_000_000, serial: new Uint8Array(16) })
    await using stranger = new LiveWeb({ pinned: { origin: url, certificate: other.certificate } })
    await using trusting = new LiveWeb()
    for (const web of [stranger, trusting]) await expect(central(web, 'x').test(0, FOREVER)).rejects.toMatchObject({ code: 'web.not-started' })
  })

  it.each<[string, object, object, number]>([
    ['an error of its own', { status: 500 }, { code: 'sync.unreachable' }, 0],
    ['too many requests', { status: 429 }, { code: 'sync.unreachable' }, 0],
    ['a closed connection before it kept anything', { drop: 'before' }, { code: 'web.unknown' }, 0],
    ['a closed connection after it kept all', { drop: 'after' }, { code: 'web.unknown' }, 5],
    ['a page of a guest network', { answer: 'garbage' }, { code: 'sync.unreachable' }, 5],
    ['nothing at all', { answer: 'empty' }, { code: 'sync.unreachable' }, 5],
    ['half an answer', { answer: 'half' }, { code: 'web.unknown' }, 5]
  ])('that fails with %s acknowledges nothing, and the repeat is kept once', async (what, trouble, fault, kept) => {
    await using web = pinned()
    using bench = filled(5)
    const station = what.replaceAll(' ', '-')
    const batch = { facts: bench.ledger.factsAfter(0, 5), heads: [], acked: 0, isWithheld: () => false }
    await order(web, { ...trouble, times: 1 })
    await expect(central(web, station).carry(batch, FOREVER)).rejects.toMatchObject(fault)
    expect(await upto(web, station) ?? 0).toBe(kept)
    await expect(central(web, station).carry(batch, FOREVER)).resolves.toEqual({ kind: 'upto', upto: 5 })
  })

  it('refuses gaps and single facts when told to, and after a restore asks for its tail', async () => {
    await using web = pinned()
    using bench = filled(30)
    const to = central(web, 'gaps')
    const batch = (from: number, n: number, withheld: readonly number[] = []) => ({ facts: bench.ledger.factsAfter(from - 1, n), heads: [], acked: from - 1, isWithheld: (seq: number) => withheld.includes(seq) })
    await expect(to.carry(batch(7, 3), FOREVER)).resolves.toEqual({ kind: 'again', from: 1 })
    await order(web, { refuse: [3], times: 2 })
    await expect(to.carry(batch(1, 10), FOREVER)).resolves.toEqual({ kind: 'refused', httpStatus: 422 })
    await expect(to.carry(batch(1, 10, [3]), FOREVER)).resolves.toEqual({ kind: 'upto', upto: 10 })
    await expect(to.carry(batch(11, 20), FOREVER)).resolves.toEqual({ kind: 'upto', upto: 30 })
    await order(web, { forget: 20 })
    await expect(to.test(30, FOREVER)).resolves.toBeUndefined()
    await expect(to.carry({ ...batch(30, 1) }, FOREVER)).resolves.toEqual({ kind: 'again', from: 11 })
    await order(web, {})
  })
})
