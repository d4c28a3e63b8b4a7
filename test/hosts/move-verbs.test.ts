/** `unbindery move`, `backup`, `restore` from a terminal: one ledger goes on from another, and nothing is spent or said twice. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FAULTS, hours } from '#shared'
import { Certifier } from '../../src/main/bench/certifier.ts'
import { verdictBehind } from '../../src/main/bench/lookback.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { SeatDesk } from '../../src/main/bench/seat-desk.ts'
import { searchUnits } from '../../src/main/bench/search.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { VendorClock } from '../../src/main/bench/vendor-clock.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSecrets } from '../../src/main/live/secrets.ts'
import { holdLock } from '../../src/main/live/sqlite.ts'
import { answerMoveWords } from '../../src/main/move-verbs.ts'
import { answerRecordWords } from '../../src/main/record-verbs.ts'
import { ledgerPath, stationKey } from '../../src/main/records.ts'
import { signCertificate } from '../../src/main/wire/certificate.ts'
import { FileVault } from '../../src/main/vault.ts'
import { faultOf, GATEWAY, LedgerBench, mac, makeFolder, tokenId, unitId } from '../helpers/ledger.ts'
import { openBench } from '../helpers/station.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

const run = (...words: readonly string[]): Promise<Printed> => printedBy(() => (words[0] === 'verify' || words[0] === 'timeline' ? answerRecordWords : answerMoveWords)(words, 'USAGE'))

/** A ledger with units, a spent seat, a held unit and a lease; its key lies beside it. */
function write(data: string, units = 3): void {
  mkdirSync(join(data, 'live'), { recursive: true })
  using bench = new LedgerBench(ledgerPath(data, 'live'))
  const disk = new LiveDisk(data)
  const key = stationKey(disk, new LiveSecrets(disk, {}), bench.entropy, 'live')
  if (bench.ledger.setting('station') === null) bench.ledger.keepSetting('station', 'old')
  const station = bench.ledger.setting('station') ?? ''
  bench.ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  const from = bench.ledger.lastSeq
  for (let n = 0; n < units; n += 1) {
    const unit = bench.meet(`u${from}-${n}`, { aliases: [mac(from + n)] })
    if (n === 0) bench.tell(unit, bench.openJob(`j${from}`, unit), { kind: 'seat.spent', account: 'house', product: GATEWAY, vendorAt: new LiveClock().now() }, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: { code: 'unit.silent', context: {} }, provenAt: null })
  }
  bench.ledger.keepSetting('search.name', '0')
  bench.db.run("INSERT INTO destination (name, acked, at, head) VALUES ('central', 5, 1, 0) ON CONFLICT (name) DO UPDATE SET acked = 5")
  new Notary(bench.clock, bench.ledger, bench.log, { station, publicHex: key.publicHex, sign: bytes => key.sign(bytes) }).sign()
}

/** Signed by the key of this data: what the station once handed out. */
function certificate(data: string): string {
  const disk = new LiveDisk(data)
  const key = stationKey(disk, new LiveSecrets(disk, {}), new LiveEntropy(), 'live')
  const at = '2026-01-01T00:00:00.000Z'
  return signCertificate({
    kind: 'unbindery.certificate', v: 1, id: 'c1', mode: 'live', unit: { uid: 'u1', names: [mac(1)], product: GATEWAY, productName: GATEWAY }, result: { outcome: 'proven', grade: 'B', provenAt: at, means: '' },
    method: 'wired', evidence: [], times: { met: at, opened: at, asked: at, closed: at, issued: at }, attempts: 1, stays: 1, operator: '1001', account: '00', station: { id: 'old', software: 'unbindery 1', key: key.publicHex },
    log: { seq: 1, chain: '00' }, doesNotProve: []
  }, bytes => key.sign(bytes))
}

function look<T>(data: string, work: (bench: LedgerBench) => T): T {
  using bench = new LedgerBench(ledgerPath(data, 'live'))
  return work(bench)
}
const broken = (data: string): readonly string[] => look(data, ({ ledger }) => {
  using vault = new FileVault(ledgerPath(data, 'live'))
  return verifyLedger(ledger, ledger.setting('station') ?? '', [], [], vault).broken
})
const seats = (data: string) => look(data, ({ ledger, clock }) => {
  const desk = new SeatDesk(ledger, new VendorClock(new LiveClock(), ledger), { quota: { accountPerDay: 100, productPerDay: 100 }, settleMs: hours(1) })
  expect(clock.now()).toBeGreaterThan(0)
  return { spent: desk.bucket('account', 'house').spent, left: desk.left('house', GATEWAY), fault: desk.fault('house', GATEWAY)?.code ?? null }
})

describe('a move to another computer', () => {
  it('retires the old data with a last signed fact, and the new station goes on from it under an id of its own', async () => {
    using from = makeFolder()
    using stick = makeFolder()
    using to = makeFolder()
    write(from.path)
    mkdirSync(join(from.path, 'recipes'))
    for (const own of ['labels.json', join('recipes', 'mine.json')]) writeFileSync(join(from.path, own), own)
    const box = join(stick.path, 'box')
    expect(await run('move', 'out', box, '--data', from.path)).toMatchObject({ code: 0, out: expect.stringContaining('station old is retired with fact') as string })
    expect(readdirSync(box)).not.toContain('station.key')
    expect(await run('move', 'in', box, '--data', to.path)).toMatchObject({ code: 0, out: expect.stringMatching(/goes on from old, whole to its last fact \d+\nSecrets do not move[^]*unbindery account add house/) as string })
    for (const own of ['labels.json', join('recipes', 'mine.json')]) expect(readFileSync(join(to.path, own), 'utf8')).toBe(own)
    const keys = [from, to].map(d => readFileSync(join(d.path, 'live', 'station.key'), 'hex'))
    expect(keys[0]).not.toBe(keys[1])
    const old = look(from.path, ({ ledger }) => ({ ...ledger.chain, last: ledger.history(null, 1_000_000, 1)[0]?.body, head: ledger.db.all<{ seq: number | null }>('SELECT max(seq) AS seq FROM head')[0]?.seq }))
    expect([old.last, old.head]).toEqual([{ kind: 'station.retired' }, old.seq])
    look(to.path, ({ ledger, db }) => {
      expect(ledger.setting('station')).not.toBe('old')
      expect(ledger.factsAfter(0, 10).map(f => f.body)).toEqual([{ kind: 'station.succeeded', how: 'move', station: 'old', seq: old.seq, hash: Buffer.from(old.hash).toString('hex'), file: `old-${old.seq}.db` }])
      expect(searchUnits(db, { text: mac(2).value }, 9)).toHaveLength(1)
      expect(db.all('SELECT name FROM destination')).toEqual([])
    })
    expect(broken(to.path)).toEqual([])
    expect(seats(to.path)).toMatchObject({ spent: 1, left: 99, fault: null }) // what was spent today counts on
    expect(await run('verify', '--data', to.path)).toMatchObject({ code: 0, out: expect.stringContaining('whole') as string })
    const paper = join(stick.path, 'certificate.json')
    writeFileSync(paper, certificate(from.path))
    expect((await run('verify', paper, '--data', to.path)).out).toContain(': valid') // signed by the old key
  })

  it('is told when the ledger before it was changed, or lies elsewhere', async () => {
    using from = makeFolder()
    using to = makeFolder()
    write(from.path)
    const box = join(from.path, 'box')
    await run('move', 'out', box, '--data', from.path)
    await run('move', 'in', box, '--data', to.path)
    const archive = join(to.path, 'live', 'archive')
    const file = readdirSync(archive).find(name => name.endsWith('.db')) ?? ''
    {
      using past = new LedgerBench(join(archive, file))
      past.db.run("UPDATE fact SET body = json_set(body, '$.product', 'other') WHERE kind = 'unit.known'")
    }
    expect(broken(to.path)[0]).toMatch(/^in the ledger before this one: fact \d+ was altered/)
    rmSync(join(archive, file))
    expect(broken(to.path)).toEqual([])
    expect((await run('verify', '--data', to.path)).out).toMatch(/Not here: the files of \d+ facts/)
  })

  it('leaves the way and the proof of every unit to be found in the ledger before it, wherever that was moved on to', async () => {
    using from = makeFolder()
    using to = makeFolder()
    using last = makeFolder()
    write(from.path)
    const seq = look(from.path, bench => {
      const unit = bench.meet('proven', { aliases: [mac(9), { kind: 'tag', value: 'RB-0009' }] })
      bench.tell(unit, bench.openJob('job9', unit), { kind: 'unbind.asked', token: tokenId('t1') }, { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: 5 })
      return bench.ledger.lastSeq
    })
    for (const [a, b] of [[from, to], [to, last]] as const) {
      await run('move', 'out', join(a.path, 'box'), '--data', a.path)
      await run('move', 'in', join(a.path, 'box'), '--data', b.path)
    }
    const { archive, log } = look(last.path, bench => {
      using vault = new FileVault(ledgerPath(last.path, 'live'))
      const { verdict } = verdictBehind(bench.ledger, vault, 'proven', 'job9')
      expect(verdict).toMatchObject({ station: 'old', seq, chain: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
      const certifier = new Certifier(bench.clock, bench.ledger, { station: bench.ledger.setting('station') ?? '', mode: 'live', version: '1', publicHex: '00', sign: () => 'signed', nameOf: () => GATEWAY })
      expect(certifier.lacksVerdictOf(unitId('proven'))).toBe('job9')
      expect(faultOf(() => certifier.make(unitId('proven')))?.code).toBe('certificate.refused')
      return { archive: join(last.path, 'live', 'archive'), log: (JSON.parse(certifier.make(unitId('proven'), verdict).text) as { readonly log: object }).log } // our own
    })
    expect(log).toMatchObject({ station: 'old', seq })
    const told = (await run('timeline', 'RB-0009', '--data', last.path)).out
    expect(told).toMatch(new RegExp(`before ${seq}  .*job\\.closed`))
    for (const file of readdirSync(archive)) if (file.startsWith('old-')) rmSync(join(archive, file))
    expect((await run('timeline', 'RB-0009', '--data', last.path)).out).toContain('not here: 1 file of history')
    look(last.path, ({ ledger }) => {
      using vault = new FileVault(ledgerPath(last.path, 'live'))
      expect(verdictBehind(ledger, vault, 'proven', 'job9')).toEqual({ verdict: null, away: [expect.stringMatching(/^old-\d+\.db$/) as string] })
    })
  })

  it('needs a retired ledger, an empty place and no running station', async () => {
    using from = makeFolder()
    using to = makeFolder()
    write(from.path)
    mkdirSync(join(from.path, 'box'))
    await run('backup', 'now', '--data', from.path)
    const [copy = ''] = readdirSync(join(from.path, 'live', 'backup'))
    writeFileSync(join(from.path, 'box', 'ledger.db'), readFileSync(join(from.path, 'live', 'backup', copy)))
    expect((await run('move', 'in', join(from.path, 'box'), '--data', to.path)).err).toContain(FAULTS['ledger.not-retired'].title.en)
    expect((await run('move', 'in', join(from.path, 'box'), '--data', from.path)).err).toContain(FAULTS['ledger.not-empty'].title.en)
    expect((await run('move', 'in', join(from.path, 'none'), '--data', to.path)).code).toBe(1)
    {
      using _station = holdLock(join(from.path, 'station'))
      for (const words of [['move', 'out', join(from.path, 'b2')], ['restore', join(from.path, 'live', 'backup', copy)]]) expect((await run(...words, '--data', from.path)).err).toContain(FAULTS['ledger.running'].title.en)
    }
    for (const odd of [['move'], ['move', 'sideways', 'x'], ['backup'], ['restore'], ['backup', '--what']]) expect((await run(...odd, '--data', from.path)).code, odd.join(' ')).toBe(2)
  })

  it('ends the service of the old station, in words', async () => {
    const bench = await openBench({ seed: 3 })
    await bench.run(bench.station.close())
    using db = bench.sql.open('/data/training/ledger.db')
    expect(db.all<{ seq: number }>('SELECT max(seq) AS seq FROM fact')[0]?.seq).toBeGreaterThan(0)
    bench.ledger.append({ body: { kind: 'station.retired' } })
    await expect(bench.open()).rejects.toMatchObject({ code: 'ledger.retired' })
    await bench.world[Symbol.asyncDispose]()
  })
})

describe('a restore', () => {
  it('goes on from the copy under a new id, keeps the ledger that was here, and counts the seats of the day as spent', async () => {
    using data = makeFolder()
    write(data.path)
    expect((await run('backup', 'list', '--data', data.path)).out).toBe('no backup yet\n')
    expect((await run('backup', 'now', '--data', data.path)).out).toMatch(/copied and checked: .*ledger-.*\.db/)
    const copy = JSON.parse((await run('backup', 'list', '--json', '--data', data.path)).out) as { path: string }[] // what the verb writes
    write(data.path) // the gap
    const before = look(data.path, ({ ledger }) => ledger.lastSeq)
    expect(seats(data.path)).toMatchObject({ spent: 2, fault: null })
    const said = await run('restore', copy[0]?.path ?? '', '--data', data.path)
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('until that day is over its seats count as spent') as string })
    const aside = readdirSync(join(data.path, 'live', 'aside')).find(name => name.endsWith('.db')) ?? ''
    {
      using kept = new LedgerBench(join(data.path, 'live', 'aside', aside))
      expect(kept.ledger.lastSeq).toBe(before)
    }
    expect(seats(data.path)).toMatchObject({ left: 0, fault: 'quota.gap' })
    expect(broken(data.path)).toEqual([])
    look(data.path, ({ ledger }) => {
      expect([ledger.lastSeq, ledger.setting('station') === 'old']).toEqual([1, false])
      const vendor = new VendorClock(new LiveClock(), ledger)
      const desk = new SeatDesk(ledger, vendor, { quota: { accountPerDay: 100, productPerDay: 100 }, settleMs: hours(1) })
      vendor.heard(new LiveClock().now() + hours(25))
      expect(desk.fault('house', GATEWAY)).toBeNull()
    })
  })

  it('refuses a copy that is damaged, and leaves the present ledger as it is', async () => {
    using data = makeFolder()
    write(data.path)
    await run('backup', 'now', '--data', data.path)
    const folder = join(data.path, 'live', 'backup')
    const [name = ''] = readdirSync(folder)
    {
      using copy = new LedgerBench(join(folder, name))
      copy.db.run("UPDATE fact SET at = at + 1 WHERE kind = 'unit.known'")
    }
    const before = look(data.path, ({ ledger }) => ledger.chain)
    expect(await run('restore', join(folder, name), '--data', data.path)).toMatchObject({ code: 1, err: expect.stringContaining('The ledger is damaged') as string })
    expect(look(data.path, ({ ledger }) => ledger.chain)).toEqual(before)
    expect(existsSync(join(data.path, 'live', 'aside'))).toBe(false)
    writeFileSync(join(folder, 'torn.db'), readFileSync(join(folder, name)).subarray(0, 30_000))
    expect((await run('restore', join(folder, 'torn.db'), '--data', data.path)).code).toBe(1)
    expect(readdirSync(join(data.path, 'live')).filter(n => n.includes('coming'))).toEqual([])
  })
})
