/** What the file keeps of facts, units and jobs is little, and comes back exactly as it was. */
import { describe, expect, it } from 'vitest'
import { minutes, type Alias } from '#shared'
import { keyOf, numberOf, Numbers } from '../../src/main/bench/numbers.ts'
import { bodyText, FACTS, jobOf, packBody, packJob, packUnit, unitOf, type FactRow } from '../../src/main/bench/packing.ts'
import { foldJob, foldUnit, type Fact, type FactBody } from '../../src/main/domain/fact.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Job } from '../../src/main/domain/job.ts'
import type { Unit } from '../../src/main/domain/unit.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { jobId, LedgerBench, tokenId, unitId, waveId } from '../helpers/ledger.ts'

const UUID = '0199a8f0-0000-7123-8a9b-0123456789ab'
const unit = unitId(UUID)
const seat = { account: 'house', product: 'p1' }
const alias = (kind: Alias['kind'], n: number): Alias => ({ kind, value: `${kind}-${n}` })
const fault = { code: 'unit.silent', context: { waited: 4 } } as const

/** Facts of a life, any of which may come at any time. */
const SAID: readonly ((n: number) => FactBody)[] = [
  n => ({ kind: 'unit.met', method: n % 2 === 0 ? 'wired' : 'qr', by: n % 3 === 0 ? 'scan' : 'lease' }), n => ({ kind: 'unit.named', alias: alias(n % 2 === 0 ? 'serial' : 'mac', n % 5) }),
  n => ({ kind: 'unit.known', product: n % 4 === 0 ? null : 'p1', method: 'wired' }), () => ({ kind: 'unit.scanned' }), n => ({ kind: 'unit.placed', lane: n % 3 === 0 ? null : n }), () => ({ kind: 'unit.stored', tote: 'TT:A' }),
  n => ({ kind: 'unit.leased', ip: `10.0.0.${n}`, hostName: n % 2 === 0 ? null : 'cam "x"', fingerprint: null }), n => ({ kind: 'unit.arrived', stay: 1 + n % 3 }), () => ({ kind: 'unit.left' }),
  n => ({ kind: 'unit.held', hold: { owner: 'test', reason: 'r', at: n } }), () => ({ kind: 'unit.freed', by: 'a', reason: 'b' }), () => ({ kind: 'unit.postponed', fault }), n => ({ kind: 'unit.bound', account: 'house', deviceId: `d${n}` }),
  () => ({ kind: 'label.printed', label: 'L1', as: 'release', by: 'paper' }), () => ({ kind: 'unit.labelled', label: 'L1' }),
  n => ({ kind: 'unit.parted', aliases: [alias('mac', n % 5)], to: unitId('other') }), () => ({ kind: 'unit.merged', into: unitId('other') }),
  n => ({ kind: 'job.opened', attempt: 1 + n % 2, method: 'wired', wave: n % 2 === 0 ? null : waveId('w1'), ...seat }), () => ({ kind: 'job.moved', to: 'ready' }), () => ({ kind: 'reset.done', how: 'seen' }),
  () => ({ kind: 'recipe.started', recipe: 'r', version: 1, product: 'p1', lane: 1 }), () => ({ kind: 'recipe.asked', hands: 'press' }), () => ({ kind: 'recipe.ended', recipe: 'r', version: 1, product: 'p1', verdict: 'closed', hasErased: false, step: 's', fault: null, transcript: null }),
  n => ({ kind: 'unbind.asked', token: tokenId(`t${n}`) }),
  n => n % 2 === 0 ? { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: n } : { kind: 'job.closed', outcome: 'unproven', grade: null, fault, provenAt: null },
  n => ({ kind: 'job.raised', grade: 'B', provenAt: n }), () => ({ kind: 'job.explained', fault, light: 'red-blinking' })
]

describe('records', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('of any life are read again as they were (seed %i)', seed => {
    const luck = new SeededEntropy(`packing ${seed}`)
    let [folded, job]: [Unit | null, Job | null] = [null, null]
    for (let seq = 1; seq <= 60; seq += 1) {
      const body = (seq === 1 ? SAID[0] : seq === 2 ? SAID.find(say => say(1).kind === 'job.opened') : SAID[Math.floor(luck.fraction() * SAID.length)])?.(seq) ?? { kind: 'unit.left' }
      const fact: Fact = { seq, at: seq * minutes(1), unit, job: jobId('j1'), wave: null, operator: seq % 2 === 0 ? null : '1001', body }
      try {
        [folded, job] = [foldUnit(folded, fact), foldJob(job, fact)]
      } catch (thrown) {
        expect(Fault.from(thrown).code).toBe('program.unexpected') // a stage to the left
      }
      if (folded === null || job === null) continue
      expect(unitOf({ uid: folded.uid, product: folded.product, is_here: folded.isHere ? 1 : 0, job: folded.job, body: packUnit(folded) })).toEqual(folded)
      const { uid, unit: of, stage, outcome, account, product, wave, token, closedAt } = job
      const read = jobOf({ uid, unit: of, stage, outcome, account, product, wave, token, closed_at: closedAt, body: packJob(job) })
      expect(read).toEqual(job)
      expect(Object.keys(read).toSorted()).toEqual(Object.keys(job).toSorted())
    }
  })
})

describe('the body of a fact', () => {
  it.each([
    '{"kind":"a.b"}', '{"kind":"a.b","x":1}', '{"kind":"a.b","x":{"kind":"c"},"y":"\\u0000 \ud83d\ude00"}', '{"kind":"a.b","":[]}'
  ])('%s is cut and put together again, byte for byte', text => {
    const body = packBody('a.b', text)
    expect(body.length).toBeLessThan(text.length)
    expect(bodyText({ kind: 'a.b', body })).toBe(text)
    expect(() => { JSON.parse(body) }).not.toThrow()
  })

  it('that begins otherwise, or belongs to another kind, still says what it said', () => {
    for (const text of ['{"x":1,"kind":"a.b"}', '{"kind":"a.bc","x":1}', '{"kind":"c","x":1}']) expect(JSON.parse(bodyText({ kind: 'a.b', body: packBody('a.b', text) }))).toEqual(JSON.parse(text))
  })
})

describe('an id', () => {
  it.each<[string, string, string | null]>([
    ['as 16 bytes, when it is a UUID as we write them', UUID, 'blob'], ['as it is, when its letters are large', UUID.toUpperCase(), 'text'], ['as it is, when a line is missing', UUID.replace('-', '0'), 'text'],
    ['as it is, when it is a word', 'token-12', 'text'], ['as it is, when it is in another script', '单元', 'text'], ['as it is, when it is nothing', '', 'text']
  ])('is kept %s', (_how, id, type) => {
    using bench = new LedgerBench()
    const numbers = new Numbers(bench.db)
    const n = numbers.of(id)
    expect([numbers.of(id), numbers.find(id), numberOf(bench.db, id)]).toEqual([n, n, n])
    expect(bench.db.all('SELECT typeof(uid) AS type, text FROM id WHERE n = ?', [n])).toEqual([{ type, text: id }])
    expect(bench.db.all('SELECT n FROM id WHERE uid = ?', [keyOf(id)])).toEqual([{ n }])
  })

  it('of a commit that failed has no number afterwards', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    bench.meet('first')
    expect(() => ledger.commit(tx => {
      tx.append({ unit: unitId('lost'), body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
      throw new Fault('unit.held')
    })).toThrow(Fault)
    bench.meet('second')
    expect(numberOf(bench.db, 'lost')).toBeNull()
    expect(ledger.history('second', Infinity, 9).map(fact => fact.unit)).toEqual(['second', 'second'])
    expect(ledger.unit(unitId('lost'))).toBeNull()
  })
})

it('a fact says in its row what it said when it was written', () => {
  using bench = new LedgerBench()
  const fact = bench.ledger.append({ unit, job: jobId('j1'), wave: waveId('w1'), body: { kind: 'unit.left' } })
  expect(bench.ledger.factsAfter(0, 9)).toEqual([fact])
  expect(bench.db.all<FactRow>(FACTS).map(row => [row.unit, row.job, row.wave, row.body])).toEqual([[UUID, 'j1', 'w1', '{}']])
})
