/** What a disk can do to a ledger (facts/store-and-sync.md 8): whatever was said to be saved is there, and nothing is there by halves. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDrift } from '../../src/main/bench/drift.ts'
import { headsOf, Notary } from '../../src/main/bench/notary.ts'
import { quickCheck } from '../../src/main/bench/reading.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database } from '../../src/main/ports.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { missingPrograms } from '../helpers/adapter.ts'
import { faultOf, LedgerBench, makeFolder } from '../helpers/ledger.ts'

const missing = missingPrograms('strace')
const UNITS = 120
const STATION = 's1'

interface Told { readonly said: ReadonlyMap<number, string>; readonly refused: readonly { readonly unit: string; readonly code: string }[]; readonly loopP99: number }

/** `how`: what strace makes of which call. */
function saveOn(path: string, how: string, pause = 0): Told {
  const { stdout } = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'trace=pwrite64,fsync,fdatasync', '-e', `inject=${how}`, process.execPath, new URL('./disk-faults.fixture.ts', import.meta.url).pathname, path, String(UNITS), String(pause)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const words = stdout.split('\n').map(line => line.split(' '))
  return {
    said: new Map(words.filter(w => w[0] === 'said').map(([, seq, hash = '']) => [Number(seq), hash])),
    refused: words.filter(w => w[0] === 'refused').map(([, unit = '', code = '']) => ({ unit, code })),
    loopP99: Number(words.find(w => w[0] === 'loop')?.[1] ?? Infinity)
  }
}

/** Opens it as the next start does: everything said is there, what else is there is whole, and it takes more. */
function expectWhole(path: string, { said }: Told): void {
  using bench = new LedgerBench(path)
  const { ledger, db } = bench
  const hashes = new Map(db.all<{ seq: number; hash: Uint8Array }>('SELECT seq, hash FROM fact').map(row => [row.seq, Buffer.from(row.hash).toString('hex')]))
  expect([...said].filter(([seq, hash]) => hashes.get(seq) !== hash)).toEqual([])
  expect([quickCheck(db), verifyLedger(ledger, STATION, []).broken, ledger.lastSeq % 2]).toEqual(['ok', [], 0])
  bench.meet('next')
  expect(findDrift(ledger)).toEqual([])
}

describe.skipIf(missing.length > 0)(`a disk${missing.length > 0 ? ' (missing: strace)' : ''}`, () => {
  it.each<[string, string, string, (refused: number) => boolean]>([
    ['that is full for a moment, in the middle of a write: those saves are refused in words, and it goes on', 'pwrite64:error=ENOSPC:when=200..202', 'ledger.disk-full', n => n > 0 && n <= 3],
    ['that becomes read-only while the station runs: every save is refused', 'pwrite64:error=EROFS:when=200+', 'ledger.shut', n => n > UNITS / 2],
    ['whose fsync fails once: nothing more is written through that handle', 'fsync,fdatasync:error=EIO:when=40', 'ledger.shut', n => n > UNITS / 4],
    ['whose fsync fails for good', 'fsync,fdatasync:error=EIO:when=40+', 'ledger.shut', n => n > UNITS / 4]
  ])('%s; what was said is there', (_words, how, code, isSo) => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    new LedgerBench(path)[Symbol.dispose]()
    const told = saveOn(path, how)
    expect([...new Set(told.refused.map(r => r.code))]).toEqual([code])
    expect([told.said.size + told.refused.length, isSo(told.refused.length)]).toEqual([UNITS, true])
    expectWhole(path, told)
  }, 30_000)

  it('of 8 ms a sync holds the loop up for less than 50 ms', () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    new LedgerBench(path)[Symbol.dispose]()
    let told = saveOn(path, 'fsync,fdatasync:delay_exit=8000', 10)
    for (let n = 1; n < 3 && told.loopP99 >= 50; n += 1) { // a busy machine holds it up as well
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
      new LedgerBench(path)[Symbol.dispose]()
      told = saveOn(path, 'fsync,fdatasync:delay_exit=8000', 10)
    }
    expect([told.refused, told.said.size]).toEqual([[], UNITS])
    expect(told.loopP99).toBeLessThan(50)
    expectWhole(path, told)
  }, 30_000)
})

/** A day with signed heads; answers with those a receiver would have. */
function day(path: string): { readonly bench: LedgerBench; readonly heads: ReturnType<typeof headsOf> } {
  const bench = new LedgerBench(path)
  const key = new StationKey(new Uint8Array(32).fill(3))
  const notary = new Notary(bench.clock, bench.ledger, bench.log, { station: STATION, publicHex: key.publicHex, sign: bytes => key.sign(bytes) })
  for (let n = 0; n < 60; n += 1) {
    const unit = bench.meet(`u${n}`, { aliases: [{ kind: 'serial', value: `SN-${n}` }] })
    bench.tell(unit, bench.openJob(`j${n}`, unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: null, provenAt: null })
  }
  notary.sign()
  return { bench, heads: headsOf(bench.ledger, STATION, 1, Number.MAX_SAFE_INTEGER, 100) }
}

describe('a file', () => {
  it('of which 16 bytes were flipped, 60 times: it is found, or nothing the ledger holds has changed', () => {
    using folder = makeFolder()
    const [path, other] = [join(folder.path, 'ledger.db'), join(folder.path, 'flipped.db')]
    const { bench, heads } = day(path)
    bench.db.run('PRAGMA wal_checkpoint(TRUNCATE)')
    const whole = readFileSync(path)
    const before = contents(bench.db)
    bench[Symbol.dispose]()
    const luck = new SeededEntropy(11)
    const missed: number[] = []
    let found = 0
    for (let n = 0; n < 60; n += 1) {
      const bytes = Buffer.from(whole)
      const at = Math.floor(luck.fraction() * (bytes.length - 16))
      for (let i = 0; i < 16; i += 1) bytes[at + i] = (bytes[at + i] ?? 0) ^ (1 + Math.floor(luck.fraction() * 255))
      for (const end of ['', '-wal', '-shm', '.lock', '.lock-journal']) rmSync(other + end, { force: true })
      writeFileSync(other, bytes)
      const answer = look(other, heads)
      if (answer === 'found') found += 1
      else if (answer !== before) missed.push(at)
    }
    expect(missed).toEqual([])
    expect(found).toBeGreaterThan(10)
  }, 30_000)

  it('without its write-ahead log opens clean and empty: only a head kept elsewhere tells', () => {
    using folder = makeFolder()
    const [path, copy] = [join(folder.path, 'ledger.db'), join(folder.path, 'copy.db')]
    const { bench, heads } = day(path)
    copyFileSync(path, copy) // what a careless copy takes
    bench[Symbol.dispose]()
    using old = new LedgerBench(copy)
    expect([quickCheck(old.db), verifyLedger(old.ledger, STATION, []).broken]).toEqual(['ok', []])
    expect(verifyLedger(old.ledger, STATION, heads).broken[0]).toContain('are missing at the end: the head kept elsewhere tells of them')
  })

  it('in a folder that may only be read is refused in words', () => {
    using folder = makeFolder()
    expect(faultOf(() => new LiveSql().open('/proc/ledger.db'))?.code).toBe('ledger.cannot-open')
    expect(faultOf(() => new LiveSql().open(join(folder.path, 'no', 'ledger.db')))?.code).toBe('ledger.cannot-open')
  })
})

const KEPT = ['fact', 'unit', 'id', 'name', 'job', 'seat', 'wave', 'counter', 'mark', 'head', 'token', 'destination', 'aside']
const contents = (db: Database): string => KEPT.map(table => JSON.stringify(db.all(`SELECT * FROM ${table}`), (_key, value: unknown) => value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)).join('\n')

/** As a start and its checks see it: found, or all it holds. */
function look(path: string, heads: ReturnType<typeof headsOf>): string {
  try {
    using bench = new LedgerBench(path)
    if (quickCheck(bench.db) !== 'ok' || verifyLedger(bench.ledger, STATION, heads).broken.length > 0) return 'found'
    return contents(bench.db)
  } catch {
    return 'found'
  }
}
