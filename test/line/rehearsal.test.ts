/** The rehearsal of a live station's start: all of the way is gone, and nothing of it is left. */
import { expect, it } from 'vitest'
import { Catalogue } from '../../src/main/domain/product.ts'
import { identify } from '../../src/main/line/04-identify.ts'
import { rehearse, type RehearsalSteps } from '../../src/main/line/rehearsal.ts'
import { GATEWAY, jobId, LedgerBench } from '../helpers/ledger.ts'

const TABLES = ['fact', 'unit', 'id', 'name', 'job', 'seat', 'counter', 'mark', 'token']
const dump = (bench: LedgerBench): string => JSON.stringify(TABLES.map(name => bench.ledger.db.all<object>(`SELECT * FROM ${name}`)))

function play(bench: LedgerBench, change: Partial<RehearsalSteps> = {}): { readonly opened: number } {
  const { ledger, clock, log } = bench
  let opened = 0
  rehearse({ ledger, log, now: () => clock.now(), account: 'house', product: GATEWAY }, {
    identify: (tx, sighting) => identify({ tx, ledger, catalogue: new Catalogue([]) }, sighting, null)?.unit ?? null,
    openJob: (tx, unit) => {
      const job = jobId(`rehearsed ${opened += 1}`)
      tx.append({ unit: unit.uid, job, body: { kind: 'job.opened', attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null } })
      return job
    }, ...change
  })
  return { opened }
}

it('goes from the announcement to the ask for a whole rack, tells nobody, and leaves no fact, no row and no gap', () => {
  using bench = new LedgerBench()
  bench.meet('a')
  const [before, { seq, hash }] = [dump(bench), bench.ledger.chain]
  let told = 0
  bench.ledger.on(facts => { told += facts.length })
  expect(play(bench)).toEqual({ opened: 48 })
  expect([told, dump(bench), bench.ledger.chain.seq]).toEqual([0, before, seq])
  expect(Buffer.from(bench.ledger.chain.hash)).toEqual(Buffer.from(hash))
  expect(bench.ledger.unitsHere().map(u => u.uid)).toEqual(['a'])
  bench.meet('b')
  expect(bench.ledger.factsAfter(seq, 1)[0]?.seq).toBe(seq + 1)
})

it('that fails is told in the log, and the bench opens all the same', () => {
  using bench = new LedgerBench()
  play(bench, { openJob: () => { throw new Error('stage fright') } })
  expect([JSON.stringify(bench.lines).includes('the rehearsal failed'), bench.ledger.lastSeq]).toEqual([true, 0])
})
