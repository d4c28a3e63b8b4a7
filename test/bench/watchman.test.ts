/** What new seats wait for: a sound file, room on the disk, a clock nobody has moved. */
import { describe, expect, it } from 'vitest'
import { hours, minutes, seconds } from '#shared'
import { Backups } from '../../src/main/bench/backups.ts'
import { answerReading, Reading } from '../../src/main/bench/reading.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { findByFragment } from '../../src/main/bench/search.ts'
import { SearchIndex } from '../../src/main/bench/search-index.ts'
import { Watchman } from '../../src/main/bench/watchman.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Clock, Reader } from '../../src/main/ports.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { faultOf, LedgerBench, mac } from '../helpers/ledger.ts'

const MB = 1024 * 1024

class Bench extends LedgerBench implements AsyncDisposable {
  readonly scope = new Scope('test')
  readonly disk = Object.assign(new VirtualDisk(), { room: 1000 * MB })
  free = 10_000 * MB
  /** How far the wall clock has been moved. */
  moved = 0
  vendorAt: number | null = null
  found = 'ok'
  damagedCopy = false
  /** What is said of the end of a copy's chain. */
  end = 'ok'
  hour: number | null = null
  isIdle = true
  backups: Backups | null = null
  readonly #clock: Clock = { world: 'virtual', rate: 1, now: () => this.clock.now() + this.moved, monotonic: () => this.clock.monotonic(), sleep: (ms, signal) => this.clock.sleep(ms, signal), after: (ms, fn) => this.clock.after(ms, fn) }
  readonly #reader: Reader = {
    ask: async (_path, question) => await Promise.resolve('kind' in question && question.kind === 'check' ? this.found : 'kind' in question && question.kind === 'head' ? this.end : null),
    copy: async (_path, to) => {
      if (this.damagedCopy) throw new Fault('ledger.damaged', { found: 'page 7' })
      this.disk.writeAtomic(to.replace('/data/', ''), new Uint8Array(1))
      await Promise.resolve()
    }
  }
  readonly #disk = { read: (p: string) => this.disk.read(p), append: (p: string, b: Uint8Array) => this.disk.append(p, b), writeAtomic: (p: string, b: Uint8Array) => this.disk.writeAtomic(p, b), list: (p: string) => this.disk.list(p), remove: (p: string) => this.disk.remove(p), free: () => this.free }

  watch(newestAt: number | null = null): Watchman {
    const reading = new Reading(this.ledger, this.#reader, '/data/live/ledger.db')
    this.backups = new Backups({ clock: this.#clock, disk: this.#disk, reader: this.#reader, isIdle: () => this.isIdle }, this.log, { path: '/data/live/ledger.db', copiesPath: '/data/live/backup', copiesDir: 'live/backup', hour: this.hour, station: 's1' })
    const watchman = new Watchman({ clock: this.#clock, disk: this.#disk, reader: this.#reader, reading, backups: this.backups, vendorHeardAt: () => this.vendorAt, newestAt: () => newestAt }, this.log)
    watchman.start(this.scope)
    return watchman
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this[Symbol.dispose]()
  }
}

describe('the clock', () => {
  it.each([['forward by a day', hours(24)], ['back by two minutes', minutes(-2)]])('moved %s stops new seats until the vendor has told the time after it', async (_what, by) => {
    await using bench = new Bench()
    const watchman = bench.watch()
    await bench.clock.advance(seconds(20))
    expect(watchman.fault).toBeNull()
    bench.moved = by
    await bench.clock.advance(seconds(10))
    expect(watchman.fault).toEqual({ code: 'clock.jumped', context: { seconds: by / 1000 } })
    await bench.clock.advance(hours(1))
    expect(watchman.clockFault?.code).toBe('clock.jumped')
    bench.vendorAt = bench.clock.monotonic()
    await bench.clock.advance(seconds(10))
    expect(watchman.fault).toBeNull()
  })

  it('set by a few seconds, as time servers do, stops nothing', async () => {
    await using bench = new Bench()
    const watchman = bench.watch()
    bench.moved = seconds(50)
    await bench.clock.advance(seconds(20))
    expect(watchman.fault).toBeNull()
  })

  it('that is behind the newest fact at the start has jumped while the station was off', async () => {
    await using bench = new Bench()
    expect(bench.watch(bench.clock.now() + hours(3)).fault?.code).toBe('clock.jumped')
  })
})

describe('the disk', () => {
  it('with less than 500 MB takes no new unit, and says how much is left', async () => {
    await using bench = new Bench()
    const watchman = bench.watch()
    bench.free = 499 * MB
    await bench.clock.advance(seconds(10))
    expect(watchman.fault).toEqual({ code: 'ledger.space-low', context: { freeMb: 499 } })
    bench.free = 501 * MB
    await bench.clock.advance(seconds(10))
    expect(watchman.fault).toBeNull()
  })

  it('keeps a ballast that goes when it is nearly full, and comes back with the room', async () => {
    await using bench = new Bench()
    const ballast = (): number => bench.disk.list('ballast').reduce((sum, name) => sum + (bench.disk.read(`ballast/${name}`)?.length ?? 0), 0)
    bench.watch()
    await bench.clock.advance(minutes(2))
    expect(ballast()).toBe(64 * MB)
    bench.free = 90 * MB
    await bench.clock.advance(seconds(10))
    expect(ballast()).toBe(0)
    bench.free = 550 * MB
    await bench.clock.advance(minutes(2))
    expect(ballast()).toBe(0)
    bench.free = 900 * MB
    await bench.clock.advance(minutes(2))
    expect(ballast()).toBe(64 * MB)
  })
})

describe('the ledger', () => {
  it('that fails its check stops new seats, and says what was found', async () => {
    await using bench = new Bench()
    bench.found = 'row 3 missing from index unit_last'
    const watchman = bench.watch()
    await bench.clock.advance(seconds(10))
    expect(watchman.ledgerFault).toEqual({ code: 'ledger.damaged', context: { found: 'row 3 missing from index unit_last' } })
  })

  it('is copied once a day; seven copies are kept', async () => {
    await using bench = new Bench()
    const watchman = bench.watch()
    await bench.clock.advance(minutes(5))
    expect(bench.disk.list('live/backup')).toHaveLength(1)
    await bench.clock.advance(hours(23))
    expect(bench.disk.list('live/backup')).toHaveLength(1)
    await bench.clock.advance(hours(24 * 9))
    const kept = bench.disk.list('live/backup')
    expect(kept).toHaveLength(7)
    expect(watchman.copiedAt).toBeGreaterThan(bench.clock.now() - hours(25))
  })

  it('whose copy is not sound stops new seats', async () => {
    await using bench = new Bench()
    bench.damagedCopy = true
    const watchman = bench.watch()
    await bench.clock.advance(minutes(1))
    expect(watchman.fault?.code).toBe('ledger.damaged')
  })
})

describe('a backup', () => {
  /** The hour on the wall of this computer. */
  const hourOf = (at: number): number => new Date(at).getHours()

  it('is made at the hour of the settings, waits while units are under way, and no longer than four hours', async () => {
    await using bench = new Bench()
    bench.hour = 3
    bench.watch()
    await bench.clock.advance(minutes(1))
    const copies = (): number[] => (bench.backups?.list() ?? []).map(copy => copy.at).toReversed()
    expect(copies()).toHaveLength(1) // none yet: at once
    await bench.clock.advance(hours(24))
    expect(copies().slice(1).map(hourOf)).toEqual([3])
    bench.isIdle = false
    await bench.clock.advance(hours(24))
    expect(copies().slice(2).map(hourOf)).toEqual([7])
    bench.isIdle = true
    await bench.clock.advance(hours(24))
    expect(copies().slice(3).map(hourOf)).toEqual([3])
  })

  it('made by hand is told with its name; one whose chain does not end as its head says is not kept', async () => {
    await using bench = new Bench()
    bench.watch()
    await bench.clock.advance(minutes(5))
    const signal = new AbortController().signal
    const made = await bench.backups?.now(signal)
    expect(bench.backups?.list()[0]).toEqual(made)
    bench.end = 'facts up to 100 are not what its own head says'
    await bench.clock.advance(seconds(1))
    await expect(bench.backups?.now(signal)).rejects.toMatchObject({ code: 'ledger.damaged', context: { found: bench.end } })
    expect(bench.backups?.list()).toHaveLength(2)
  })
})

describe('search by a fragment', () => {
  it('finds a unit by any part of any name, whatever the case, as soon as the index has caught up', () => {
    using bench = new LedgerBench()
    const index = new SearchIndex(bench.clock, bench.ledger, bench.log)
    bench.meet('u1', { aliases: [{ kind: 'serial', value: 'DS-7608NI-K2' }, mac(1)] })
    bench.meet('u2', { aliases: [{ kind: 'serial', value: 'DS-7608NI-K3' }, { kind: 'tag', value: 'say "hi"' }] })
    const find = (text: string): string[] => findByFragment(bench.db, text, 10).flatMap(n => bench.db.all<{ text: string }>('SELECT text FROM id WHERE n = ?', [n]).map(row => row.text)).toSorted()
    expect(find('7608')).toEqual([])
    while (index.catchUp()) { /* slice by slice */ }
    expect([find('7608ni'), find('NI-K3'), find('y "h'), find('7608XX'), find('k2 ds')]).toEqual([['u1', 'u2'], ['u2'], ['u2'], [], []])
    expect(find('DS')).toEqual(['u1', 'u2'])
    expect(faultOf(() => find(''))?.code).toBe('door.invalid')
    for (const odd of ['%%%', '***', 'AND', 'a"b', '\\\\\\', '" OR "']) expect(find(odd), odd).toEqual([])
    bench.meet('u3', { aliases: [{ kind: 'serial', value: 'DS-7608NI-K2' }] }) // a name that identifies stays with its first owner
    while (index.catchUp()) { /* as above */ }
    expect(find('K2')).toEqual([])
    expect(find('-K2')).toEqual(['u1'])
    expect(answerReading(bench.ledger, { kind: 'check' })).toBe('ok')
  })
})
