/** Files of every older program are kept: each opens, is migrated and chained, and says the same as before. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { bodyText, FACTS, type FactRow } from '../../src/main/bench/packing.ts'
import { assertReadable, isOutdated, migrate } from '../../src/main/bench/schema.ts'
import { searchUnits } from '../../src/main/bench/search.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { copyLedger, LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database } from '../../src/main/ports.ts'
import { wellFormedJson } from '../../src/main/wire/canonical.ts'
import { faultOf, jobId, LedgerBench, makeFolder, tokenId, unitId, waveId } from '../helpers/ledger.ts'

const GOLDEN = new URL('../golden/', import.meta.url)
const files = readdirSync(GOLDEN).filter(name => /^ledger-v\d+\.sql$/.test(name)).toSorted()

describe.each(files)('%s', name => {
  const version = Number(/\d+/.exec(name)?.[0])
  const write = (path: string): void => {
    using db = new LiveSql().open(path)
    db.run(readFileSync(new URL(name, GOLDEN), 'utf8'))
    expect(db.all('PRAGMA user_version')).toEqual([{ user_version: version }])
  }

  it('opens with the same facts and records, chained, and takes more', () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    write(path)
    const facts = (file: string) => {
      using db = new LiveSql().open(file)
      const columns = isOutdated(db) ? 'seq, at, kind, unit, job, wave, operator, body FROM fact' : `* FROM (${FACTS})`
      return db.all<FactRow>(`SELECT ${columns} ORDER BY seq`).map(({ seq, at, kind, unit, job, wave, operator, body }) => ({ seq, at, kind, unit, job, wave, operator, body: isOutdated(db) ? wellFormedJson(body) : bodyText({ kind, body }) }))
    }
    const before = facts(path)
    const bench = new LedgerBench(path)
    const { ledger } = bench
    expect(isOutdated(bench.db)).toBe(false)
    expect([findDrift(ledger), verifyLedger(ledger, '0199-old-station', []).broken]).toEqual([[], []])
    expect(ledger.openJobs().map(j => j.uid)).toEqual(['j3'])
    expect(searchUnits(bench.db, { text: 'N-00' }, 9).map(u => u.uid).toSorted()).toEqual(['u1', 'u2', 'u3'])
    expect(ledger.unit(unitId('u3'))?.hostName).toBe('cam\ufffd')
    expect(ledger.jobsOfUnit(unitId('u1')).map(j => [j.uid, j.outcome, j.token])).toEqual([['j1', 'proven', 't1']])
    if (version === 5) lookAtUuids(bench)
    expect(bench.db.all('SELECT name, acked, head FROM destination')).toEqual([{ name: 'central', acked: 12, head: 0 }])
    bench.meet('new')
    expect(verifyLedger(ledger, '0199-old-station', []).broken).toEqual([])
    bench[Symbol.dispose]()
    expect(facts(path).slice(0, before.length)).toEqual(before)
  })

  it('is not read by a reader before a station has migrated it, and can be copied as it is', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    write(path)
    await copyLedger(path, join(folder.path, 'copy.db'))
    for (const file of [path, join(folder.path, 'copy.db')]) {
      using db = new LiveSql().open(file, { readonly: true })
      expect(isOutdated(db)).toBe(true)
      expect(faultOf(() => assertReadable(db))?.code).toBe('ledger.cannot-open')
    }
  })
})

describe('what a migration leaves empty', () => {
  const pages = (db: Database): number => Number(Object.values(db.all('PRAGMA page_count')[0] ?? {})[0])
  /** A file of version 5 with rows that version 6 writes in much fewer bytes. */
  const write = (path: string): Database => {
    const db = new LiveSql().open(path)
    db.run(readFileSync(new URL('ledger-v5.sql', GOLDEN), 'utf8'))
    const unit = db.all<{ body: string }>("SELECT body FROM unit WHERE uid LIKE '019b%'")[0]?.body ?? ''
    db.transaction(() => {
      for (let n = 0; n < 2000; n += 1) {
        const uid = `0199a8f0-0000-7123-8a9b-${String(n).padStart(12, '0')}`
        db.run('INSERT INTO unit (uid, is_here, product, last_at, body) VALUES (?, 0, NULL, 1, ?)', [uid, JSON.stringify({ ...JSON.parse(unit) as object, uid, aliases: [] })])
      }
    })
    return db
  }

  it('is given back to the disk', () => {
    using folder = makeFolder()
    using db = write(join(folder.path, 'ledger.db'))
    const before = pages(db)
    migrate(db)
    expect(pages(db)).toBeLessThan(before / 2)
    expect(statSync(join(folder.path, 'ledger.db')).size).toBe(pages(db) * 4096)
    expect(db.all('PRAGMA quick_check')).toEqual([{ quick_check: 'ok' }])
  })

  it('stays where the disk has no room to give it back, and harms nothing', () => {
    using folder = makeFolder()
    using real = write(join(folder.path, 'ledger.db'))
    const full: Database = {
      run: (sql, values) => {
        if (sql === 'VACUUM') throw new Fault('ledger.disk-full')
        return real.run(sql, values)
      },
      all: (sql, values) => real.all(sql, values), transaction: (fn, options) => real.transaction(fn, options), [Symbol.dispose]: () => undefined
    }
    migrate(full)
    expect(isOutdated(real)).toBe(false)
    expect(real.all('SELECT count(*) AS n FROM unit')).toEqual([{ n: 2004 }])
  })
})

/** A wave as programs of version 5 wrote it: ids that are UUIDs, one name of two kinds, a device id that has moved on, names no search has taken in. */
function lookAtUuids({ ledger, db }: LedgerBench): void {
  const [camera] = searchUnits(db, { text: 'CAM-0004' }, 9)
  expect([camera?.aliases.map(a => a.kind), camera?.isHere, camera?.metAt]).toEqual([['serial', 'tag', 'deviceId'], false, 1767684600000])
  expect(ledger.unitByAlias({ kind: 'deviceId', value: 'bf0000000000000004' })).toBe('u3')
  const job = ledger.job(camera?.job ?? null)
  expect(job).toMatchObject({ unit: camera?.uid, outcome: 'proven', grade: 'B', stage: 'closed', closedAt: 1767684660000, stageAt: 1767684660000, resetDoneAt: null, fault: null })
  expect(ledger.jobsOfToken(ledger.token(job?.token ?? tokenId(''))?.uid ?? tokenId(''))).toEqual([job])
  expect(ledger.jobsOfWave(job?.wave ?? waveId(''))).toEqual([job])
  expect(ledger.seatOf(job?.uid ?? jobId(''))).toBe('spent')
  expect(db.all("SELECT typeof(uid) AS type, count(*) AS n FROM id GROUP BY 1 ORDER BY 1")).toEqual([{ type: 'blob', n: 4 }, { type: 'text', n: 7 }])
}

it('there is one for every migration but the newest', () => {
  using bench = new LedgerBench()
  const newest = bench.db.all<{ user_version: number }>('PRAGMA user_version')[0]?.user_version ?? 0
  expect(bench.ledger).toBeInstanceOf(Ledger)
  expect(files).toEqual(Array.from({ length: newest - 1 }, (_, i) => `ledger-v${i + 1}.sql`))
})
