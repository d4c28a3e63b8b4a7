/** The ledger: facts and records are committed together or not at all, numbered without a gap, and told only afterwards. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hours, type Outcome, type UnitId } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { untilFact } from '../../src/main/bench/ledger.ts'
import { assertReadable, migrate } from '../../src/main/bench/schema.ts'
import { searchUnits } from '../../src/main/bench/search.ts'
import type { Fact, FactBody } from '../../src/main/domain/fact.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { CAMERA, faultOf, GATEWAY, jobId, LedgerBench, mac, makeFolder, tokenId, unitId, waveId } from '../helpers/ledger.ts'

const FOREVER = new AbortController().signal
const SCANNED: FactBody = { kind: 'unit.scanned' }
/** The number of an id. */
const numberOf = (uid: string): string => `(SELECT n FROM id WHERE uid = '${uid}')`
const numbers = (bench: LedgerBench): number[] => bench.ledger.factsAfter(0, 10_000).map(f => f.seq)

/** One unit proven, one unproven and raised later, one taken away, a merge, a wave, a device id that moved: every fold and every table. */
function fill(bench: LedgerBench): void {
  const { ledger } = bench
  const one = bench.meet('u1', { aliases: [mac(1), { kind: 'deviceId', value: 'd1' }] })
  const two = bench.meet('u2', { aliases: [mac(2), { kind: 'deviceId', value: 'd1' }] })
  const three = bench.meet('u3', { by: 'scan', aliases: [{ kind: 'tag', value: 'RB-3' }], product: CAMERA, method: 'qr' })
  const seat = { account: 'house', product: GATEWAY }
  const first = bench.openJob('j1', one)
  bench.tell(one, first, { kind: 'job.moved', to: 'ready' }, { kind: 'seat.spent', ...seat }, { kind: 'unbind.asked', token: tokenId('t1') }, { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: 7 })
  const second = bench.openJob('j2', two)
  bench.tell(two, second, { kind: 'seat.spent', ...seat }, { kind: 'unbind.asked', token: tokenId('t1') }, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: { code: 'unit.silent', context: {} }, provenAt: null },
    { kind: 'job.raised', grade: 'B', provenAt: 9 })
  ledger.append({ wave: waveId('w1'), body: { kind: 'wave.planned', rack: 'R1', product: CAMERA, account: 'house', ssid: 'BENCH', units: [three] } })
  const third = bench.openJob('j3', three, waveId('w1'))
  ledger.append({ wave: waveId('w1'), body: { kind: 'wave.shown', token: tokenId('t2'), expiresAt: 99 } })
  bench.tell(three, third, { kind: 'seat.returned', account: 'house', product: CAMERA }, { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: { code: 'unit.removed', context: {} }, provenAt: null })
  const four = bench.meet('u4', { aliases: [mac(4)] })
  ledger.append({ unit: four, body: { kind: 'unit.merged', into: three } })
  ledger.append({ body: { kind: 'operator.signed', operator: '1001' } })
}

describe('a commit', () => {
  it('that fails leaves no fact, no record, no gap, and nothing is told of it', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    bench.meet('u1')
    const told: (readonly Fact[])[] = []
    ledger.on(facts => told.push(facts))
    const state = () => [numbers(bench), ...['unit', 'name', 'counter'].map(table => ledger.db.all(`SELECT * FROM ${table}`))]
    const before = state()
    const fault = faultOf(() => ledger.commit(tx => {
      tx.append({ unit: unitId('u2'), body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
      tx.append({ unit: unitId('u2'), body: { kind: 'unit.named', alias: mac(2) } })
      tx.append({ body: { kind: 'operator.signed', operator: '1001' } })
      throw new Fault('unit.held')
    }))
    expect(fault?.code).toBe('unit.held')
    expect(state()).toEqual(before)
    expect([ledger.unitByAlias(mac(2)), ledger.operator, told]).toEqual([null, null, []])
    expect(ledger.append({ unit: unitId('u1'), body: SCANNED })).toMatchObject({ seq: 3, operator: null })
    expect(findDrift(ledger)).toEqual([])
  })

  it('that breaks a rule of the street is rolled back as a whole: no stage to the left, one open job a unit', () => {
    using bench = new LedgerBench()
    const unit = bench.meet('u1')
    const job = bench.openJob('j1', unit)
    bench.tell(unit, job, { kind: 'unbind.asked', token: tokenId('t1') })
    const before = numbers(bench)
    expect(faultOf(() => bench.tell(unit, job, { kind: 'unbind.asked', token: tokenId('t2') }))?.code).toBe('program.unexpected')
    expect(faultOf(() => bench.openJob('j2', unit))?.code).toBe('program.unexpected')
    expect(numbers(bench)).toEqual(before)
    expect(bench.ledger.openJobs().map(j => [j.uid, j.token])).toEqual([[job, 't1']])
    expect(findDrift(bench.ledger)).toEqual([])
  })

  it('inside a commit is refused, and the outer one goes on', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    bench.meet('u1')
    ledger.commit(tx => {
      tx.append({ unit: unitId('u1'), body: SCANNED })
      expect(faultOf(() => ledger.append({ unit: unitId('u1'), body: SCANNED }))?.code).toBe('program.unexpected')
      tx.append({ unit: unitId('u1'), body: { kind: 'unit.left' } })
    })
    expect(bench.kinds()).toEqual(['unit.met', 'unit.known', 'unit.scanned', 'unit.left'])
    expect(numbers(bench)).toEqual([1, 2, 3, 4])
  })

  it('reads what it has written itself', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    ledger.commit(tx => {
      expect(ledger.unit(unitId('u1'))).toBeNull()
      tx.append({ unit: unitId('u1'), body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
      tx.append({ unit: unitId('u1'), body: { kind: 'unit.named', alias: mac(1) } })
      expect(ledger.unitByAlias(mac(1))).toBe('u1')
    })
  })

  it('is told after it, whole and in order, also when a listener writes more', () => {
    using bench = new LedgerBench()
    const { ledger } = bench
    const told: string[][] = []
    ledger.on(facts => {
      expect(() => ledger.db.transaction(() => undefined)).not.toThrow() // no transaction is open while facts are told
      expect(ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]?.seq).toBe(ledger.lastSeq)
      if (facts.some(f => f.body.kind === 'unit.met')) ledger.append({ unit: unitId('u1'), body: SCANNED })
    })
    ledger.on(facts => told.push(facts.map(f => f.body.kind)))
    bench.meet('u1')
    expect(told).toEqual([['unit.met', 'unit.known'], ['unit.scanned']])
  })

  it('is not undone by a listener that throws; the others are still told', () => {
    using bench = new LedgerBench()
    const told: number[] = []
    bench.ledger.on(() => { throw new Error('screen fell over') })
    const second = bench.ledger.on(facts => told.push(facts.length))
    bench.meet('u1')
    second[Symbol.dispose]()
    bench.meet('u2')
    expect(told).toEqual([2])
    expect(bench.lines.map(l => [l.text, l.fields['code']])).toEqual([['a listener of the ledger failed', 'program.unexpected'], ['a listener of the ledger failed', 'program.unexpected']])
  })

  it('carries the operator of record; before a badge was scanned it is nobody', () => {
    using bench = new LedgerBench()
    const unit = bench.meet('u1')
    bench.ledger.append({ body: { kind: 'operator.signed', operator: '1001' } })
    bench.ledger.append({ unit, body: SCANNED })
    bench.ledger.append({ body: { kind: 'operator.signed', operator: null } })
    bench.ledger.append({ unit, body: SCANNED })
    expect(bench.ledger.factsAfter(0, 9).map(f => f.operator)).toEqual([null, null, '1001', '1001', null, null])
  })
})

describe('names and lists', () => {
  it('a name that identifies belongs to its first owner, a device id to whoever says it now', () => {
    using bench = new LedgerBench()
    const deviceId = { kind: 'deviceId', value: 'd1' } as const
    bench.meet('u1', { aliases: [mac(1), deviceId] })
    bench.meet('u2', { aliases: [mac(1), deviceId] })
    expect([bench.ledger.unitByAlias(mac(1)), bench.ledger.unitByAlias(deviceId)]).toEqual(['u1', 'u2'])
  })

  it('units are found by any part of any name, newest first, and by outcome; signs of the search language are plain letters', () => {
    using bench = new LedgerBench()
    fill(bench)
    const find = (text: string, outcome: Outcome | null, limit: number): UnitId[] => searchUnits(bench.db, { ...(text === '' ? {} : { text }), ...(outcome === null ? {} : { outcome }) }, limit).map(u => u.uid)
    expect(find('', null, 10)).toHaveLength(4)
    expect(find('RB-', null, 10)).toEqual(['u3'])
    expect(find('u2', null, 10)).toEqual(['u2'])
    expect(find('', 'withdrawn', 10)).toEqual(['u3'])
    expect(find('', 'proven', 1)).toHaveLength(1)
    for (const text of ['%', '_', '\\', "' OR 1=1 --"]) expect(find(text, null, 10), text).toEqual([])
  })

  it('history goes back from any number, of one unit or of all', () => {
    using bench = new LedgerBench()
    fill(bench)
    const { ledger } = bench
    expect(ledger.history(null, Number.MAX_SAFE_INTEGER, 3).map(f => f.seq)).toEqual([ledger.lastSeq, ledger.lastSeq - 1, ledger.lastSeq - 2])
    expect(ledger.history('u3', 12, 100).every(f => f.unit === 'u3' && f.seq < 12)).toBe(true)
    expect(ledger.history('nobody', 100, 100)).toEqual([])
  })

  it('ids sort by age and never repeat', async () => {
    using bench = new LedgerBench()
    const ids: string[] = []
    for (let n = 0; n < 200; n += 1) {
      ids.push(bench.ledger.newId())
      await bench.clock.advance(hours(1))
    }
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(200)
    expect(ids.every(id => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true) // RFC 9562 5.7
  })
})

describe('the file', () => {
  it('of a newer program is refused, and left as it was; a stranger to read it is refused too', () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    new LedgerBench(path)[Symbol.dispose]()
    using db = new LiveSql().open(path)
    db.run('PRAGMA user_version = 99')
    expect(faultOf(() => migrate(db))).toMatchObject({ code: 'ledger.newer', context: { file: 99 } })
    expect(faultOf(() => assertReadable(db))?.code).toBe('ledger.newer')
    expect(db.all('PRAGMA user_version')).toEqual([{ user_version: 99 }])
  })

  it('that no station has written yet is not read', () => {
    using db = new LiveSql().open(':memory:')
    expect(faultOf(() => assertReadable(db))?.code).toBe('ledger.cannot-open')
  })

  it('opened again goes on with the next number, the same records and nobody signed in', () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    const before = new LedgerBench(path)
    fill(before)
    const kept = before.ledger.factsAfter(0, 1000)
    before[Symbol.dispose]()
    using after = new LedgerBench(path)
    expect(after.ledger.factsAfter(0, 1000)).toEqual(kept)
    expect(after.ledger.operator).toBeNull()
    expect(after.ledger.append({ unit: unitId('u1'), body: SCANNED })).toMatchObject({ seq: kept.length + 1, operator: null })
    expect(findDrift(after.ledger)).toEqual([])
  })

  it('of a station that was killed holds everything it had said, without a gap, and goes on', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    for (let round = 1; round <= 3; round += 1) {
      const said = await runAndKill(path, 20 * round)
      using bench = new LedgerBench(path)
      const { lastSeq } = bench.ledger
      expect(lastSeq).toBeGreaterThanOrEqual(said)
      expect(numbers(bench)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1))
      expect(findDrift(bench.ledger)).toEqual([])
      bench.meet(`between ${round}`)
    }
  })
})

/** Lets the fixture write until it has said `lines` numbers, kills it in the middle of its work, and answers with the last number it said. */
async function runAndKill(path: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, [new URL('./ledger-writer.fixture.ts', import.meta.url).pathname, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const { promise, resolve } = Promise.withResolvers<void>()
  child.on('exit', () => resolve())
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > lines) child.kill('SIGKILL')
  })
  await promise
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
}

describe('drift', () => {
  it('there is none after every kind of fact', () => {
    using bench = new LedgerBench()
    fill(bench)
    expect(findDrift(bench.ledger)).toEqual([])
    expect(bench.db.all('SELECT name, value FROM counter ORDER BY name')).toEqual([
      { name: 'outcome.proven', value: 2 }, { name: 'outcome.unproven', value: 0 }, { name: 'outcome.withdrawn', value: 1 },
      { name: `proven.${GATEWAY}`, value: 2 }, { name: `tested.${GATEWAY}`, value: 2 }, { name: 'units', value: 4 }
    ])
  })

  it.each<[string, string, string]>([
    ['a record altered by hand', `UPDATE unit SET body = json_set(body, '$.lane', 7) WHERE n = ${numberOf('u1')}`, 'unit u1: body.lane is 7, the facts say null'],
    ['a column that no longer fits its record', `UPDATE unit SET is_here = 0 WHERE n = ${numberOf('u1')}`, 'unit u1: body.isHere is false, the facts say true'],
    ['a verdict made better', `UPDATE job SET outcome = 'proven' WHERE n = ${numberOf('j3')}`, 'job j3: body.outcome is "proven", the facts say "withdrawn"'],
    ['a job that was lost', `DELETE FROM job WHERE n = ${numberOf('j2')}`, 'job j2: told by facts, but not stored'],
    ['a wave in the wrong state', `UPDATE wave SET state = 'closed'`, 'wave w1: state is "closed", the facts say "showing"'],
    ['a record that is no record', `UPDATE wave SET body = '{'`, 'wave w1: body.uid is nothing, the facts say "w1"'],
    ['a seat given back twice', `UPDATE seat SET state = 'returned' WHERE job = ${numberOf('j1')}`, 'seat j1: state is "returned", the facts say "spent"'],
    ['a counter that counts too much', `UPDATE counter SET value = 9 WHERE name = 'outcome.proven'`, 'counter outcome.proven: value is 9, the facts say 2'],
    ['a name that changed hands', `UPDATE name SET unit = ${numberOf('u2')} WHERE value = '${mac(1).value}'`, `alias mac:${mac(1).value}: unit is "u2", the facts say "u1"`],
    ['a unit nobody met', `INSERT INTO unit VALUES (${numberOf('t1')}, 0, NULL, 1, NULL, '{}')`, 'unit t1: stored, but no fact tells of it'],
    ['a fact taken out', `DELETE FROM fact WHERE seq = 3`, 'fact 3 is missing; the next is 4'],
    ['a fact that moves a job to the left', `UPDATE fact SET body = '{"kind":"job.moved","to":"queued"}' WHERE kind = 'job.moved'`, 'job may not move from queued to queued']
  ])('%s is named', (_what, sql, named) => {
    using bench = new LedgerBench()
    fill(bench)
    bench.db.run(sql)
    expect(findDrift(bench.ledger).join('\n')).toContain(named)
  })

  it('tells the first differences, not a flood', () => {
    using bench = new LedgerBench()
    for (let n = 0; n < 50; n += 1) bench.meet(`u${n}`)
    bench.db.run('DELETE FROM unit')
    expect(findDrift(bench.ledger)).toHaveLength(20)
  })
})

describe('waiting for a fact', () => {
  it('ends with the fact that was waited for, and listens no longer', async () => {
    using bench = new LedgerBench()
    const unit = bench.meet('u1')
    let asked = 0
    const waiting = untilFact(bench.ledger, fact => { asked += 1; return fact.body.kind === 'unit.scanned' }, FOREVER)
    bench.ledger.append({ unit, body: { kind: 'unit.left' } })
    bench.ledger.append({ unit, body: SCANNED })
    await waiting
    bench.ledger.append({ unit, body: SCANNED })
    expect(asked).toBe(2)
  })

  it('ends with the reason of the signal, before or while it waits', async () => {
    using bench = new LedgerBench()
    const stop = new AbortController()
    const waiting = untilFact(bench.ledger, () => false, stop.signal).catch((thrown: unknown) => Fault.from(thrown).code)
    stop.abort(new Fault('unit.removed'))
    expect(await waiting).toBe('unit.removed')
    await expect(untilFact(bench.ledger, () => true, stop.signal)).rejects.toMatchObject({ code: 'unit.removed' })
    bench.openJob('j1', bench.meet('u1'))
    expect(bench.ledger.job(jobId('j1'))?.stage).toBe('queued')
  })
})
