/** A ledger of a million units is asked by the same statements as one of ten: none of them may walk over all of history. */
import { expect, it } from 'vitest'
import type { Database, Ports } from '../../src/main/ports.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench } from '../helpers/station.ts'

const HISTORY = /^(SCAN) (?:TABLE )?(id|fact|unit|job|seat|name|u|j|s|f)\b(.*)$/
/** Indexes that hold only what is on the bench or waits; walking over them is walking over little. */
const SMALL = /USING (?:COVERING )?INDEX (job_open|unit_here|unit_postponed|unit_bound|unit_held|unit_tote)\b/
const FINE: readonly RegExp[] = [
  /^SCAN (fact|f|u USING INDEX unit_page|seat USING INDEX seat_at): SELECT [^?]* ORDER BY [^?]* LIMIT (1|\?)$/, // in the order of the index, to the limit
  /^SCAN s: SELECT .* alias_search MATCH/ // what the fragment index has found
]

/** The same ports, but every statement is written down. */
function listening(ports: Ports, heard: Set<string>): Ports {
  const follow = (db: Database): Database => ({
    run: (sql, values) => {
      heard.add(sql)
      return db.run(sql, values)
    },
    all: (sql, values) => {
      heard.add(sql)
      return db.all(sql, values)
    },
    transaction: (fn, options) => db.transaction(fn, options),
    [Symbol.dispose]: () => db[Symbol.dispose]()
  })
  return { ...ports, sql: { open: (path, options) => follow(ports.sql.open(path, options)) } }
}

it('no statement of a station walks over all facts, units, jobs or seats', async () => {
  const heard = new Set<string>()
  await using bench = await openBench({ seed: 3, units: 6, cameras: 4, ports: ports => listening(ports, heard) })
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(new AbortController().signal))
  await bench.sleep(1_500_000)
  const tag = bench.world.units[0]?.profile.tag ?? ''
  await bench.ask('status', {})
  await bench.ask('units.find', { limit: 10 })
  await bench.ask('units.find', { text: tag, limit: 10 })
  const day = { from: 1, to: 9e12 }
  for (const filter of [{ outcome: 'proven' as const }, { product: 'p' }, { account: 'house' }, { operator: '1001' }, { reason: 'unit.silent' }, day, { outcome: 'proven' as const, operator: '1001', ...day }]) {
    const [first] = await bench.ask('units.find', { ...filter, limit: 10 })
    await bench.ask('units.find', { ...filter, limit: 10, ...(first === undefined ? {} : { after: first.uid }) })
  }
  for (const name of ['supervisor.figures', 'hold.list', 'batch.list', 'handover.view', 'quota.plan', 'unmatched.list', 'sync.aside', 'network.leases', 'views.list', 'person.list'] as const) await bench.ask(name, {})
  await bench.ask('quota.ledger', {})
  await bench.ask('history.list', { limit: 10 })
  await bench.ask('history.list', { unit: bench.ledger.findUnits('', null, 1)[0]?.uid ?? '', limit: 10 })
  await bench.ask('unit.timeline', { unit: tag })
  const walks = [...heard].filter(sql => /^\s*(SELECT|UPDATE|DELETE|WITH)/i.test(sql)).flatMap(sql => {
    const plan = bench.ledger.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, Array.from({ length: sql.split('?').length - 1 }, () => null))
    return plan.filter(({ detail }) => HISTORY.test(detail) && !SMALL.test(detail)).map(({ detail }) => `${detail}: ${sql}`)
  })
  expect(heard.size).toBeGreaterThan(40)
  expect(walks.filter(walk => !FINE.some(fine => fine.test(walk)))).toEqual([])
})
