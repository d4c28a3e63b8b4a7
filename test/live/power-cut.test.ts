/**
 * The power goes at any moment: what the station had said is in the file when it is opened again, and the file is sound.
 * `CUT_IMAGES` sets how many moments; `npm run soak -- power-cut` opens 5,000 of them.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { quickCheck } from '../../src/main/bench/reading.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { LedgerBench, makeFolder } from '../helpers/ledger.ts'
import { missingPrograms } from '../helpers/adapter.ts'
import { images, trace, type Image } from '../helpers/power-cut.ts'

const missing = missingPrograms('strace')

const IMAGES = Number(process.env['CUT_IMAGES'] ?? 150)
const SEED = Number(process.env['CUT_SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000))
const COMMITS = 60
/** So that checkpoints are cut as well: first two by a second connection, as the reader thread makes them, then SQLite's own, every 1,000 pages. */
const COMMITS_TO_CHECKPOINT = 180
/** Every one is opened, checked by SQLite and compared; every tenth is checked as `unbindery verify` does. */
const VERIFIED = 10

interface Found { images: number; damaged: number; lost: number; broken: string[] }

function cutEverywhere(synchronous: 'FULL' | 'NORMAL', commits: number, count: number): Found {
  using folder = makeFolder()
  const path = join(folder.path, 'ledger.db')
  new LedgerBench(path)[Symbol.dispose]()
  const before = new Map([[path, readFileSync(path)]])
  const steps = trace(new URL('./power-cut.fixture.ts', import.meta.url).pathname, [path, String(commits), synchronous], [path, `${path}-wal`], join(folder.path, 'trace'))
  const luck = new SeededEntropy(SEED)
  const found: Found = { images: 0, damaged: 0, lost: 0, broken: [] }
  const place = join(existsSync('/dev/shm') ? '/dev/shm' : folder.path, `ub-cut-${process.pid}-${synchronous}`)
  try {
    for (const image of images(steps, before, count, () => luck.fraction())) {
      rmSync(place, { recursive: true, force: true })
      mkdirSync(place, { recursive: true })
      image.writeTo(place)
      look(image, join(place, 'ledger.db'), found)
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
  return found
}

function look(image: Image, path: string, found: Found): void {
  found.images += 1
  const [, seq = '0', hash = ''] = image.said.trim().split(' ')
  try {
    using db = new LiveSql().open(path)
    const bench = { clock: { now: () => 0 }, entropy: null }
    const ledger = new Ledger(db, bench as never, { fault: () => undefined } as never, true) // only read from
    if (quickCheck(db) !== 'ok') found.damaged += 1
    const kept = db.all<{ hash: Uint8Array }>('SELECT hash FROM fact WHERE seq = ?', [Number(seq)])[0]?.hash
    if (Number(seq) > 0 && (kept === undefined || Buffer.from(kept).toString('hex') !== hash)) found.lost += 1
    if (found.images % VERIFIED === 0) found.broken.push(...verifyLedger(ledger, '', []).broken)
  } catch (thrown) {
    found.damaged += 1
    found.broken.push(String(thrown))
  }
}

describe.skipIf(missing.length > 0)(`a power cut${missing.length > 0 ? ' (missing: strace)' : ''}`, () => {
  it(`at any of ${IMAGES} moments loses nothing that was said and damages nothing (seed ${SEED})`, () => {
    const found = cutEverywhere('FULL', COMMITS_TO_CHECKPOINT, IMAGES)
    process.stdout.write(`power cuts: ${found.images} images, ${found.damaged} damaged, ${found.lost} with something said lost (seed ${SEED})\n`)
    expect(found).toEqual({ images: IMAGES, damaged: 0, lost: 0, broken: [] })
  }, IMAGES * 200 + 60_000)

  it('would lose what was said if commits did not wait for the disk: the proof can fail', () => {
    expect(cutEverywhere('NORMAL', COMMITS, 40)).toMatchObject({ damaged: 0, lost: expect.toSatisfy((n: number) => n > 5) as number })
  }, 60_000)
})
