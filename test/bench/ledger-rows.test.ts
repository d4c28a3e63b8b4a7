/** One commit for many: the disk is waited for once, nothing is told before, and whoever throws takes only itself back. */
import { describe, expect, it } from 'vitest'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Database } from '../../src/main/ports.ts'
import { GATEWAY, jobId, LedgerBench, mac, unitId } from '../helpers/ledger.ts'

const hold = (reason: string) => ({ kind: 'unit.held', hold: { owner: 'test', reason, at: 1 } }) as const

describe('commits together', () => {
  it('are one transaction, read their own writes, and are published once, after it', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    const told: number[] = []
    ledger.on(facts => told.push(facts.length))
    ledger.together(() => {
      bench.meet('a', { aliases: [mac(1)] })
      expect(ledger.unitsHere().map(u => u.uid)).toEqual(['a']) // a statement of its own finds what is not yet committed
      ledger.append({ unit: unitId('a'), body: hold('first') })
      expect([ledger.unit(unitId('a'))?.hold?.reason, told]).toEqual(['first', []])
    })
    expect(told).toEqual([4])
    expect(findDrift(ledger)).toEqual([])
  })

  it('one that throws takes back its own facts and no others', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    bench.meet('a')
    ledger.together(() => {
      ledger.append({ unit: unitId('a'), body: hold('kept') })
      expect(() => ledger.commit(tx => {
        tx.append({ unit: unitId('a'), body: hold('taken back') })
        expect(ledger.unit(unitId('a'))?.hold?.reason).toBe('taken back')
        throw new Fault('unit.held')
      })).toThrow(Fault)
      expect(ledger.unit(unitId('a'))?.hold?.reason).toBe('kept')
      ledger.append({ unit: unitId('a'), body: { kind: 'unit.placed', lane: 4 } })
    })
    expect(ledger.unit(unitId('a'))).toMatchObject({ hold: { reason: 'kept' }, lane: 4 })
    expect([ledger.history(null, Infinity, 10).length, ledger.lastSeq, findDrift(ledger)]).toEqual([4, 4, []])
  })

  it('a second open job of one unit fails where it is opened, and takes nobody with it', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    for (const name of ['a', 'b']) bench.meet(name)
    const open = (unit: string, job: string): void => {
      ledger.append({ unit: unitId(unit), job: jobId(job), body: { kind: 'job.opened', attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null } })
    }
    ledger.together(() => {
      open('a', 'first')
      expect(() => open('a', 'second')).toThrow(Fault)
      open('b', 'other')
    })
    expect(() => open('b', 'later')).toThrow(Fault)
    expect(ledger.openJobs().map(j => j.uid)).toEqual(['first', 'other'])
    expect(findDrift(ledger)).toEqual([])
  })

  it('when the whole fails nothing stands, and the next fact has the next number', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    bench.meet('a')
    const before = ledger.lastSeq
    expect(() => ledger.together(() => {
      ledger.append({ unit: unitId('a'), body: hold('lost') })
      throw new Fault('unit.held')
    })).toThrow(Fault)
    expect([ledger.lastSeq, ledger.unit(unitId('a'))?.hold]).toEqual([before, null])
    expect(ledger.append({ unit: unitId('a'), body: hold('again') }).seq).toBe(before + 1)
    expect(findDrift(ledger)).toEqual([])
  })

  it('a disk that fills up in the middle fails the whole with its own name', () => {
    using bench = new LedgerBench()
    let isFull = false
    const db: Database = {
      run: (sql, values) => {
        if (isFull && sql.startsWith('INSERT INTO fact')) {
          bench.db.run('ROLLBACK') // as SQLite does by itself
          throw new Fault('ledger.disk-full')
        }
        return bench.db.run(sql, values)
      },
      all: (sql, values) => bench.db.all(sql, values), transaction: (fn, options) => bench.db.transaction(fn, options), [Symbol.dispose]: () => undefined
    }
    const ledger = new Ledger(db, bench, bench.log)
    ledger.commit(tx => tx.append({ unit: unitId('a'), body: { kind: 'unit.met', method: 'wired', by: 'lease' } }))
    isFull = true
    const failed = (): void => ledger.together(() => { try { ledger.append({ unit: unitId('a'), body: hold('lost') }) } catch { /* one of many */ } })
    expect(failed).toThrow(expect.objectContaining({ code: 'ledger.disk-full' }) as Error)
    isFull = false
    expect([ledger.lastSeq, ledger.unit(unitId('a'))?.hold]).toEqual([1, null])
  })
})

describe('a commit that may wait a moment', () => {
  it('is shared by all who ask in the same turn; each is told after it, or why its own part failed', async () => {
    using bench = new LedgerBench()
    const { ledger, clock } = bench
    for (const uid of ['a', 'b', 'c']) bench.meet(uid)
    const told: number[] = []
    ledger.on(facts => told.push(facts.length))
    const asks = ['a', 'b', 'c'].map(uid => ledger.soon(tx => {
      tx.append({ unit: unitId(uid), body: hold(uid) })
      if (uid === 'b') throw new Fault('unit.held')
      return uid
    }))
    const settled = Promise.allSettled(asks)
    expect([told, ledger.unit(unitId('a'))?.hold]).toEqual([[], null])
    expect((await clock.run(settled)).map(s => s.status === 'fulfilled' ? s.value : (s.reason as Fault).code)).toEqual(['a', 'unit.held', 'c']) // what was thrown above
    expect([told, ledger.unit(unitId('b'))?.hold]).toEqual([[2], null])
  })

  it('many come in several commits, none is forgotten', async () => {
    using bench = new LedgerBench()
    const { ledger, clock } = bench
    bench.meet('a')
    const told: number[] = []
    ledger.on(facts => told.push(facts.length))
    await clock.run(Promise.all(Array.from({ length: 50 }, (_, lane) => ledger.soon(tx => tx.append({ unit: unitId('a'), body: { kind: 'unit.placed', lane } })))))
    expect([told.reduce((a, b) => a + b, 0), told.length > 1, ledger.unit(unitId('a'))?.lane]).toEqual([50, true, 49])
  })
})
