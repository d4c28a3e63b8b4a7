/** Tamper evidence: the six tamperings of facts/store-and-sync.md 6, each with what sees it and what is blind to it. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { minutes } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { FACTS_PER_HEAD, headsOf, Notary } from '../../src/main/bench/notary.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { CHAIN_START, chainFact, headBytes, type Head } from '../../src/main/wire/chain.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { LedgerBench, makeFolder, mac } from '../helpers/ledger.ts'

const STATION = 'station-1'
const key = new StationKey(new Uint8Array(32).fill(7))

function notaryOf(bench: LedgerBench): Notary {
  return new Notary(bench.clock, bench.ledger, bench.log, { station: STATION, publicHex: key.publicHex, sign: bytes => key.sign(bytes) })
}

/** Sixty units, some with verdicts, signed twice; and what a receiver has kept of it. */
function history(bench: LedgerBench): Head[] {
  for (let n = 0; n < 60; n += 1) {
    const unit = bench.meet(`u${n}`, { aliases: [mac(n)] })
    if (n % 2 === 0) bench.tell(unit, bench.openJob(`j${n}`, unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: null, provenAt: null })
    if (n === 30) notaryOf(bench).sign()
  }
  notaryOf(bench).sign()
  return headsOf(bench.ledger, STATION, 1, 1_000_000, 100)
}

/** What somebody does who has the file and our program, but not the key: every hash after the change is made anew, heads are thrown away. */
function rechain(bench: LedgerBench): void {
  let link = CHAIN_START
  for (const fact of bench.ledger.factsAfter(0, 10_000)) {
    link = chainFact(link, fact)
    bench.db.run('UPDATE fact SET hash = ? WHERE seq = ?', [link, fact.seq])
  }
  bench.db.run('DELETE FROM head')
}

/** The number of an id. */
const numberOf = (uid: string): string => `(SELECT n FROM id WHERE uid = '${uid}')`
const ALTER = `UPDATE fact SET body = json_set(body, '$.outcome', 'proven') WHERE kind = 'job.closed' AND unit = ${numberOf('u20')}`

describe('history', () => {
  it('that nobody touched is whole, with and without a head kept elsewhere', () => {
    using bench = new LedgerBench()
    const kept = history(bench)
    expect(kept).toHaveLength(2)
    expect(verifyLedger(bench.ledger, STATION, kept, [key.publicHex])).toMatchObject({ facts: bench.ledger.lastSeq, heads: 4, headsElsewhere: 2, broken: [] })
  })

  it.each<[string, (bench: LedgerBench) => void, { alone: RegExp | null; elsewhere: RegExp; isDrift: boolean }]>([
    ['1: one body changed', b => b.db.run(ALTER), { alone: /^fact 96 was altered/, elsewhere: /^fact 96 was altered/, isDrift: true }],
    ['2: one row removed', b => b.db.run('DELETE FROM fact WHERE seq = 77'), { alone: /^fact 77 is missing; the next is 78/, elsewhere: /^fact 77 is missing/, isDrift: true }],
    ['3: the last rows cut off, with the records they led to and their heads', b => {
      const last = b.ledger.lastSeq
      for (const sql of [`DELETE FROM fact WHERE seq > ${last - 3}`, 'DELETE FROM head WHERE seq > 150', `DELETE FROM unit WHERE n = ${numberOf('u59')}`, `DELETE FROM name WHERE unit = ${numberOf('u59')}`, "UPDATE counter SET value = value - 1 WHERE name = 'units'"]) b.db.run(sql)
    }, { alone: null, elsewhere: /are missing at the end: the head kept elsewhere tells of them/, isDrift: false }],
    ['4: one body changed with its record, the whole chain written again', b => {
      for (const sql of [ALTER, `UPDATE job SET outcome = 'proven' WHERE n = ${numberOf('j20')}`, "UPDATE counter SET value = value - 1 WHERE name = 'outcome.withdrawn'", "INSERT INTO counter VALUES ('outcome.proven', 1)", `INSERT INTO counter SELECT 'proven.' || product, 1 FROM job WHERE n = ${numberOf('j20')}`, `INSERT INTO counter SELECT 'tested.' || product, 1 FROM job WHERE n = ${numberOf('j20')}`]) b.db.run(sql)
      rechain(b)
    }, { alone: null, elsewhere: /it was written again/, isDrift: false }],
    ['5: only a record changed', b => b.db.run(`UPDATE job SET outcome = 'proven' WHERE n = ${numberOf('j20')}`), { alone: /^job j20: body.outcome is "proven", the facts say "withdrawn"/, elsewhere: /^job j20/, isDrift: true }]
  ])('tampering %s', (_what, tamper, { alone, elsewhere, isDrift }) => {
    using bench = new LedgerBench()
    const kept = history(bench)
    tamper(bench)
    const first = verifyLedger(bench.ledger, STATION, []).broken[0]
    if (alone === null) expect(first).toBeUndefined()
    else expect(first).toMatch(alone)
    expect(verifyLedger(bench.ledger, STATION, kept).broken[0]).toMatch(elsewhere)
    expect(findDrift(bench.ledger).length > 0).toBe(isDrift)
  })

  it('tampering 6: an older copy of the file put back', () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    const early = new LedgerBench(path)
    early.meet('before')
    early.db.run('PRAGMA wal_checkpoint(TRUNCATE)')
    copyFileSync(path, `${path}.old`)
    const kept = history(early)
    early[Symbol.dispose]()
    using old = new LedgerBench(`${path}.old`)
    expect(verifyLedger(old.ledger, STATION, []).broken).toEqual([])
    expect(verifyLedger(old.ledger, STATION, kept).broken[0]).toMatch(/are missing at the end/)
  })

  it('a head that somebody else signed, or that was altered, is told', () => {
    using bench = new LedgerBench()
    const [first] = history(bench)
    if (!first) throw new Error('no head')
    const stranger = new StationKey(new Uint8Array(32).fill(9))
    const draft = { ...first, key: stranger.publicHex }
    const forged = { ...draft, signature: stranger.sign(headBytes(draft)) }
    const told = (head: Head): string => verifyLedger(bench.ledger, STATION, [head], [key.publicHex]).broken.join('\n')
    expect(told(forged)).toContain('unknown key')
    expect(told({ ...first, at: first.at + 1 })).toContain('wrong signature')
    expect(told({ ...first, station: 'station-2' })).toContain('another station')
  })

  it('a row that cannot be read is named, and nothing falls over', () => {
    using bench = new LedgerBench()
    history(bench)
    bench.db.run(`UPDATE fact SET body = '{' WHERE seq = 9`)
    expect(verifyLedger(bench.ledger, STATION, []).broken[0]).toBe('fact 9 was altered: it cannot be read')
  })

  it('of a commit that failed leaves the chain as it was', () => {
    using bench = new LedgerBench()
    bench.meet('u1')
    expect(() => bench.ledger.commit(tx => {
      tx.append({ body: { kind: 'station.stopped' } })
      throw new Error('no')
    })).toThrow('no')
    bench.meet('u2')
    expect(verifyLedger(bench.ledger, STATION, []).broken).toEqual([])
  })

  it('with half of an emoji in a host name is written, chained and read again', () => {
    using bench = new LedgerBench()
    const unit = bench.meet('u1')
    bench.ledger.append({ unit, body: { kind: 'unit.leased', ip: '10.77.0.20', hostName: 'cam\ud83d', fingerprint: null } })
    expect(bench.ledger.unit(unit)?.hostName).toBe('cam\ufffd')
    expect(verifyLedger(bench.ledger, STATION, []).broken).toEqual([])
  })
})

describe('the notary', () => {
  it('signs every hundred facts, after ten minutes with news, and when the station stops', async () => {
    using bench = new LedgerBench()
    const scope = new Scope('test')
    notaryOf(bench).start(scope)
    const signed = (): number[] => headsOf(bench.ledger, STATION, 1, 1_000_000, 100).map(h => h.seq)
    for (let n = 0; n < FACTS_PER_HEAD - 1; n += 1) bench.ledger.append({ body: { kind: 'station.stopped' } })
    expect(signed()).toEqual([])
    bench.ledger.append({ body: { kind: 'station.stopped' } })
    expect(signed()).toEqual([100])
    await bench.clock.advance(minutes(10))
    expect(signed()).toEqual([100])
    bench.ledger.append({ body: { kind: 'station.stopped' } })
    await bench.clock.advance(minutes(10))
    expect(signed()).toEqual([100, 101])
    bench.ledger.append({ body: { kind: 'station.stopped' } })
    await scope.close()
    expect(signed()).toEqual([100, 101, 102])
  })
})
