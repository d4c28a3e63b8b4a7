/** Old facts go into files; the chain goes on through them, and whoever needs them still gets them. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hours } from '#shared'
import { archivedFacts, archiveRows, baseOf, type Vault } from '../../src/main/bench/archive.ts'
import { Archivist, type ArchivistSettings } from '../../src/main/bench/archivist.ts'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { Reading } from '../../src/main/bench/reading.ts'
import { SearchIndex } from '../../src/main/bench/search-index.ts'
import { searchFacts, searchUnits } from '../../src/main/bench/search.ts'
import { endOf, verifyLedger } from '../../src/main/bench/verify.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { LedgerBench, mac } from '../helpers/ledger.ts'

const STATION = 's1'
const key = new StationKey(new Uint8Array(32).fill(4))
const days = (n: number) => hours(24 * n)
const signal = new AbortController().signal

class Bench extends LedgerBench {
  readonly disk = new VirtualDisk()
  readonly vault: Vault = { read: file => this.disk.read(`archive/${file}`), open: () => null }
  readonly reading: Reading
  #met = 0

  constructor() {
    super()
    this.ledger.keepSetting('station', STATION)
    this.reading = new Reading(this.ledger, null, '', this.vault)
  }

  /** So many units, three facts each, all signed for and indexed. */
  work(units: number): void {
    for (let n = 0; n < units; n += 1) {
      this.#met += 1
      this.meet(`u${this.#met}`, { aliases: [mac(this.#met)] })
    }
    new Notary(this.clock, this.ledger, this.log, { station: STATION, publicHex: key.publicHex, sign: bytes => key.sign(bytes) }).sign()
    const index = new SearchIndex(this.clock, this.ledger, this.log)
    while (index.catchUp()) { /* slice by slice */ }
  }

  archivist(o: Partial<ArchivistSettings> = {}): Archivist {
    return new Archivist({ clock: this.clock, disk: this.disk, reading: this.reading }, this.ledger, this.log, { station: STATION, keepMs: days(180), folder: 'archive', destinations: [], central: null, stretchFacts: 100, stretchLeast: 50, ...o })
  }

  tidy(o: Partial<ArchivistSettings> = {}): Promise<void> { return this.clock.run(this.archivist(o).tidy(signal)) }
  get broken(): readonly string[] { return verifyLedger(this.ledger, STATION, [], [], this.vault).broken }
  numbers(): number[] { return this.db.all<{ seq: number }>('SELECT seq FROM fact ORDER BY seq').map(r => r.seq) }
}

/** Two hundred old units and ten of today. */
async function grown(): Promise<Bench> {
  const bench = new Bench()
  bench.work(200)
  await bench.clock.advance(days(200))
  bench.work(10)
  return bench
}

describe('the archive', () => {
  it('takes what is older than the setting, keeps the rest, and history is whole with it and without it', async () => {
    using bench = await grown()
    const before = verifyLedger(bench.ledger, STATION, [])
    expect(before.broken).toEqual([])
    await bench.tidy()
    expect([baseOf(bench.db).seq, bench.numbers()[0], bench.numbers().at(-1)]).toEqual([600, 601, 636])
    expect(bench.disk.list('archive')).toHaveLength(6)
    const through = verifyLedger(bench.ledger, STATION, [], [], bench.vault)
    expect(through).toMatchObject({ facts: 636, archived: 600, absent: 0, broken: [] })
    expect(verifyLedger(bench.ledger, STATION, [])).toMatchObject({ archived: 0, absent: 600, broken: [] }) // its files lie elsewhere
    expect([findDrift(bench.ledger, bench.vault), endOf(bench.ledger, STATION)]).toEqual([[], null])
  })

  it('leaves every unit to be found, its facts to be read, and the ledger to go on', async () => {
    using bench = await grown()
    await bench.tidy()
    expect(searchUnits(bench.db, { text: mac(7).value }, 5).map(u => u.uid)).toEqual(['u7'])
    expect(archivedFacts(bench.db, STATION, bench.vault, 0, 10, 'u7').map(f => f.body.kind)).toEqual(['unit.met', 'unit.named', 'unit.known'])
    expect(archivedFacts(bench.db, STATION, bench.vault, 98, 4).map(f => f.seq)).toEqual([99, 100, 101, 102])
    expect(searchFacts(bench.ledger, { from: 0 }, 1000)).toHaveLength(36)
    bench.work(1)
    expect(bench.broken).toEqual([])
  })

  it('drops facts slice by slice with pauses, and goes on where a stop has cut it off', async () => {
    using bench = await grown()
    const stop = new AbortController()
    const run = bench.db.run.bind(bench.db)
    bench.db.run = (sql, values) => {
      if (sql.startsWith('DELETE FROM fact')) stop.abort()
      return run(sql, values)
    }
    const o = { stretchFacts: 600, stretchLeast: 600 }
    await bench.clock.run(bench.archivist(o).tidy(stop.signal).catch(() => undefined))
    bench.db.run = run
    expect([bench.numbers()[0], bench.broken]).toEqual([251, []])
    await bench.tidy(o)
    expect([bench.numbers()[0], bench.broken, bench.disk.list('archive').length]).toEqual([601, [], 1])
  })

  it('keeps what a destination has not had for thirty days, and what no signed head covers', async () => {
    using bench = await grown()
    const acked = (seq: number): void => { bench.db.run('INSERT INTO destination (name, acked, at, head) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET acked = excluded.acked, head = excluded.head', ['central', seq, 0, seq]) }
    const o = { destinations: ['central'], central: 'central' }
    await bench.tidy(o)
    expect(baseOf(bench.db).seq).toBe(0) // it has had nothing
    acked(636)
    await bench.clock.advance(days(2))
    await bench.tidy(o)
    expect(baseOf(bench.db).seq).toBe(0) // it has had it for no time
    await bench.clock.advance(days(31))
    await bench.tidy(o)
    expect(baseOf(bench.db).seq).toBe(600)
  })

  it('does nothing when it is switched off', async () => {
    using bench = await grown()
    await bench.tidy({ keepMs: null })
    expect([baseOf(bench.db).seq, bench.disk.list('archive')]).toEqual([0, []])
  })

  it.each([
    ['a word changed in a file', /was altered|cannot be read/, (b: Bench) => { edit(b, text => text.replace('"wired"', '"qr"')) }],
    ['a line taken out of a file', /was altered/, (b: Bench) => { edit(b, text => text.split('\n').toSpliced(5, 1).join('\n')) }],
    ['a file that is no archive', /cannot be read/, (b: Bench) => { b.disk.writeAtomic(`archive/${fileOf(b)}`, new Uint8Array(9)) }],
    ['another stretch in its place', /is another file/, (b: Bench) => { b.disk.writeAtomic(`archive/${fileOf(b)}`, b.disk.read(`archive/${fileOf(b, 1)}`) ?? new Uint8Array(0)) }],
    ['a stretch that is no longer listed', /neither here nor in the archive/, (b: Bench) => { b.db.run('DELETE FROM archive WHERE seq_to = 300') }],
    ['a list written anew to fit', /not what the facts say|does not end|was altered|is another file/, (b: Bench) => { b.db.run("UPDATE archive SET sha256 = 'ab' WHERE seq_to = 300") }],
    ['more facts dropped than were archived', /neither here nor|does not end/, (b: Bench) => { b.db.run("UPDATE setting SET value = '610 ' || substr(value, 5) WHERE key = 'archive.base'") }]
  ])('tells %s', async (_what, told, tamper) => {
    using bench = await grown()
    await bench.tidy()
    tamper(bench)
    expect(bench.broken[0]).toMatch(told)
  })
})

const fileOf = (b: Bench, n = 0): string => archiveRows(b.db, STATION)[n]?.file ?? ''
function edit(b: Bench, change: (text: string) => string): void {
  const path = `archive/${fileOf(b)}`
  b.disk.writeAtomic(path, gzipSync(change(gunzipSync(b.disk.read(path) ?? new Uint8Array(0)).toString('utf8'))))
}
