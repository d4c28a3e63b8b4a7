/** History is found again: by name, verdict, day, person and reason, page by page. */
import { describe, expect, it } from 'vitest'
import { hours } from '#shared'
import { searchFacts, searchUnits, type UnitFilter } from '../../src/main/bench/search.ts'
import type { Database } from '../../src/main/ports.ts'
import { GATEWAY, LedgerBench, mac } from '../helpers/ledger.ts'

/** Ten units, an hour apart; every third is refused; the operator changes in the middle. */
async function shift(bench: LedgerBench): Promise<void> {
  bench.ledger.append({ body: { kind: 'operator.signed', operator: 'ANNA' } })
  for (let n = 0; n < 10; n += 1) {
    if (n === 5) bench.ledger.append({ body: { kind: 'operator.signed', operator: 'BO' } })
    const unit = bench.meet(`u${n}`, { aliases: [mac(n), { kind: 'serial', value: `SN-${n}` }] })
    const job = bench.openJob(`j${n}`, unit)
    bench.tell(unit, job, n % 3 === 0 ? { kind: 'job.closed', outcome: 'refused', grade: null, fault: { code: 'unit.refused', context: {} }, provenAt: null } : { kind: 'job.closed', outcome: 'proven', grade: 'B', fault: null, provenAt: 1 })
    await bench.clock.advance(hours(1))
  }
}

describe('units', () => {
  it.each<[string, UnitFilter, string[]]>([
    ['all, the newest first', {}, ['u9', 'u8', 'u7', 'u6', 'u5', 'u4', 'u3', 'u2', 'u1', 'u0']],
    ['by verdict', { outcome: 'refused' }, ['u9', 'u6', 'u3', 'u0']],
    ['by reason', { reason: 'unit.refused' }, ['u9', 'u6', 'u3', 'u0']],
    ['by operator', { operator: 'ANNA' }, ['u4', 'u3', 'u2', 'u1', 'u0']],
    ['by operator and verdict', { operator: 'BO', outcome: 'proven' }, ['u8', 'u7', 'u5']],
    ['by account and product', { account: 'house', product: GATEWAY }, ['u9', 'u8', 'u7', 'u6', 'u5', 'u4', 'u3', 'u2', 'u1', 'u0']],
    ['of another product', { product: 'other' }, []],
    ['by part of a name', { text: 'N-7' }, ['u7']],
    ['by part of a name and verdict', { text: 'SN-', outcome: 'refused' }, ['u9', 'u6', 'u3', 'u0']],
    ['by their id', { text: 'u3' }, ['u3']]
  ])('%s', async (_what, filter, found) => {
    using bench = new LedgerBench()
    await shift(bench)
    expect(searchUnits(bench.db, filter, 50).map(u => u.uid)).toEqual(found)
  })

  it('by day', async () => {
    using bench = new LedgerBench()
    const from = bench.clock.now()
    await shift(bench)
    expect(searchUnits(bench.db, { from: from + hours(2), to: from + hours(4) }, 50).map(u => u.uid)).toEqual(['u3', 'u2'])
  })

  it.each<[string, UnitFilter]>([['all', {}], ['by verdict', { outcome: 'proven' }]])('page by page, %s: nobody twice, nobody left out', async (_what, filter) => {
    using bench = new LedgerBench()
    await shift(bench)
    const pages: string[][] = []
    for (let after: string | undefined; ;) {
      const page = searchUnits(bench.db, { ...filter, ...(after === undefined ? {} : { after }) }, 3).map(u => u.uid)
      if (page.length === 0) break
      pages.push(page)
      after = page.at(-1)
    }
    expect(pages.flat()).toEqual(searchUnits(bench.db, filter, 50).map(u => u.uid))
  })

  it.each<[string, UnitFilter, string]>([
    ['nothing', {}, 'unit_page'], ['verdict', { outcome: 'refused' }, 'job_outcome'], ['a good verdict', { outcome: 'proven' }, 'job_outcome'], ['product', { product: GATEWAY }, 'job_product'], ['account', { account: 'house' }, 'job_account'],
    ['operator', { operator: 'BO' }, 'job_operator'], ['reason', { reason: 'unit.refused' }, 'job_reason'], ['day', { from: 1 }, 'job_closed'], ['the day before', { to: 9e15 }, 'job_closed'], ['an earlier day', { to: 1 }, 'job_closed'],
    ['everything at once: what fits the fewest', { account: 'house', operator: 'BO', product: GATEWAY, outcome: 'refused', reason: 'unit.refused', from: 1, to: 9e15 }, 'job_reason'],
    ['verdict and product', { outcome: 'refused', product: GATEWAY }, 'job_outcome'], ['product and a verdict that fewer have', { outcome: 'proven', product: GATEWAY }, 'job_outcome'], ['product and an operator nobody knows', { product: GATEWAY, operator: 'NOBODY' }, 'job_operator']
  ])('asked for by %s, a page is a walk along one index from where the last ended, however many there are', async (_what, filter, index) => {
    using bench = new LedgerBench()
    await shift(bench)
    for (const after of [undefined, 'u6']) {
      const plans: string[] = []
      const watched: Database = { ...bench.db, [Symbol.dispose]: () => undefined, run: (sql, values) => bench.db.run(sql, values), transaction: fn => bench.db.transaction(fn), all: (sql, values) => {
        if (sql.includes('ORDER BY')) plans.push(...bench.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values).map(row => row.detail))
        return bench.db.all(sql, values)
      } }
      searchUnits(watched, { ...filter, ...(after === undefined ? {} : { after }) }, 3)
      expect(plans[0]).toMatch(new RegExp(`INDEX ${index}\\b`))
      expect(plans.join('; ')).not.toMatch(/B-TREE FOR ORDER BY|SCAN j\b(?! USING)/)
    }
  })

  it('by day and page by page, also when a page ends before the day does', async () => {
    using bench = new LedgerBench()
    const from = bench.clock.now()
    await shift(bench)
    const day = { from: from + hours(2), to: from + hours(7) }
    expect(searchUnits(bench.db, day, 3).map(u => u.uid)).toEqual(['u6', 'u5', 'u4'])
    expect(searchUnits(bench.db, { ...day, after: 'u4' }, 3).map(u => u.uid)).toEqual(['u3', 'u2'])
    expect(searchUnits(bench.db, { ...day, after: 'u9' }, 3).map(u => u.uid)).toEqual(['u6', 'u5', 'u4'])
  })

  it('that came back belong to their last verdict only', async () => {
    using bench = new LedgerBench()
    await shift(bench)
    const unit = bench.ledger.unitByAlias(mac(3))
    if (unit === null) throw new Error('no unit')
    bench.tell(unit, bench.openJob('j3b', unit), { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: 1 })
    expect(searchUnits(bench.db, { outcome: 'refused' }, 50).map(u => u.uid)).toEqual(['u9', 'u6', 'u0'])
  })
})

describe('facts', () => {
  it.each(['result.unmatched', 'recipe.ended', 'account.added', 'station.started'])('of the kind %s are found without a walk over the others', kind => {
    using bench = new LedgerBench()
    for (const where of [`kind = '${kind}'`, `seq > 5 AND kind = '${kind}'`]) {
      expect(bench.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN SELECT body FROM fact WHERE ${where}`).map(row => row.detail)).toEqual([expect.stringContaining('INDEX fact_kind')])
    }
  })

  it('by kind, unit, operator and day, newest first, below a number', async () => {
    using bench = new LedgerBench()
    const from = bench.clock.now()
    await shift(bench)
    const kinds = (filter: Parameters<typeof searchFacts>[1]): number => searchFacts(bench.ledger, filter, 1000).length
    expect(kinds({ kind: 'job.closed' })).toBe(10)
    expect(kinds({ unit: 'u3' })).toBe(7)
    expect(kinds({ kind: 'job.closed', operator: 'BO' })).toBe(5)
    expect(kinds({ kind: 'job.closed', from: from + hours(3), to: from + hours(5) })).toBe(2)
    expect(kinds({ from: from + hours(100) })).toBe(0)
    const all = searchFacts(bench.ledger, {}, 1000).map(f => f.seq)
    expect(all).toEqual(all.toSorted((a, b) => b - a))
    expect(searchFacts(bench.ledger, { beforeSeq: 5 }, 2).map(f => f.seq)).toEqual([4, 3])
  })
})
