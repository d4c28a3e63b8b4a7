/** A receiver's book: one copy of each fact, no gap, the station's own signature, and heads nobody can quietly replace. */
import { describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { Central } from '../../src/main/bench/central.ts'
import { EventBook, type TextStore } from '../../src/main/bench/event-book.ts'
import { headsOf, Notary } from '../../src/main/bench/notary.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import type { Web } from '../../src/main/ports.ts'
import { chainFact, CHAIN_START, leafOf } from '../../src/main/wire/chain.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { LedgerBench } from '../helpers/ledger.ts'

const STATION = 's1'
const raise = (): never => { throw new Error('missing') }
const key = new StationKey(new Uint8Array(32).fill(3))
const bytesOf = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))

class Texts implements TextStore {
  readonly files = new Map<string, string>()
  names(): string[] { return [...this.files.keys()] }
  read(name: string): string { return this.files.get(name) ?? '' }
  append(name: string, text: string): void { this.files.set(name, this.read(name) + text) }
  replace(name: string, text: string): void { this.files.set(name, text) }
}

/** A station with a key, and its outbox to a book. */
class Pair extends LedgerBench implements AsyncDisposable {
  readonly texts = new Texts()
  book = new EventBook(this.texts)
  readonly scope = new Scope('test')
  readonly notary = new Notary(this.clock, this.ledger, this.log, { station: STATION, publicHex: key.publicHex, sign: bytes => key.sign(bytes) })
  readonly outbox: Outbox

  constructor() {
    super()
    const web: Web = { world: 'virtual', request: async ({ body = new Uint8Array(), headers }) => {
      const { status, body: json } = this.book.ingest(body, headers['x-station-signature'] ?? '')
      return await Promise.resolve({ status, headers: {}, body: bytesOf(json) })
    } }
    this.outbox = new Outbox(this, this.ledger, this.log, STATION, new Central(web, { name: 'central', url: 'https://central.virtual/v1/events', station: STATION, sign: body => key.sign(body) }))
    this.ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  }
  write(n: number): void { for (let i = 0; i < n; i += 1) this.ledger.append({ body: { kind: 'operator.signed', operator: `A${i}` } }) }
  async sync(): Promise<void> { await this.clock.advance(seconds(3)) }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this[Symbol.dispose]()
  }
}

describe('a book', () => {
  it('takes the words of a fact that was withheld, with the leaf it was announced with and no other', async () => {
    await using pair = new Pair()
    pair.write(4)
    const facts = pair.ledger.factsAfter(0, 99)
    const say = (from: number, told: readonly object[]) => {
      const bytes = bytesOf({ station: STATION, from, to: from + told.length - 1, facts: told })
      return pair.book.ingest(bytes, key.sign(bytes)).status
    }
    const leaf = Buffer.from(leafOf(facts[2] ?? raise())).toString('hex')
    expect(say(1, facts.map(f => f.seq === 3 ? { seq: 3, at: f.at, withheld: true, leaf } : f))).toBe(200)
    expect(say(3, [{ ...facts[2], at: 1 }])).toBe(422)
    expect(pair.book.facts(STATION)[2]).toMatchObject({ withheld: true })
    expect(say(3, facts.slice(2))).toBe(200)
    pair.book = new EventBook(pair.texts)
    expect(pair.book.facts(STATION)).toEqual(JSON.parse(JSON.stringify(facts)))
    expect(say(3, facts.slice(2))).toBe(200)
  })

  it('keeps facts and heads, has the same chain as the station, and after a restart knows them still', async () => {
    await using pair = new Pair()
    pair.outbox.start(pair.scope)
    pair.write(150)
    pair.notary.sign()
    await pair.sync()
    pair.write(5)
    await pair.sync()
    pair.notary.sign() // a head with no new fact behind it travels alone
    await pair.sync()
    expect(pair.book.stations()).toEqual([{ station: STATION, upto: 156, heads: 2, key: key.publicHex }])
    expect(pair.book.heads(STATION)).toEqual(headsOf(pair.ledger, STATION, 1, 1000, 10))
    const again = new EventBook(pair.texts)
    expect(again.stations()).toEqual(pair.book.stations())
    expect(again.facts(STATION)).toEqual(JSON.parse(JSON.stringify(pair.ledger.factsAfter(0, 1000))))
    expect(pair.book.alarms).toEqual([])
  })

  it('that lost its tail asks for it and gets it, with the heads that were about it', async () => {
    await using pair = new Pair()
    pair.outbox.start(pair.scope)
    pair.write(40)
    await pair.sync()
    pair.book.forget(STATION, 25)
    expect(pair.book.upto(STATION)).toBe(16)
    pair.write(1)
    await pair.sync()
    expect([pair.book.upto(STATION), pair.outbox.view().fault, pair.book.alarms]).toEqual([42, null, []])
  })

  it('takes a repeat once, and goes on from any number that is asked for again', async () => {
    await using pair = new Pair()
    pair.outbox.start(pair.scope)
    pair.write(10)
    await pair.sync()
    expect(() => pair.outbox.replay(99)).toThrow('door.invalid')
    expect(pair.outbox.replay(3)).toMatchObject({ acked: 2 })
    await pair.sync()
    expect([pair.book.upto(STATION), pair.book.facts(STATION).length, pair.outbox.view().acked]).toEqual([11, 11, 11])
  })

  it('raises an alarm when history was written again, and keeps what it had', async () => {
    await using pair = new Pair()
    pair.outbox.start(pair.scope)
    pair.write(20)
    await pair.sync()
    pair.db.run(`UPDATE fact SET body = json_set(body, '$.operator', 'EVE') WHERE seq = 7`)
    let link = CHAIN_START
    for (const fact of pair.ledger.factsAfter(0, 100)) pair.db.run('UPDATE fact SET hash = ? WHERE seq = ?', [link = chainFact(link, fact), fact.seq])
    pair.outbox.replay(5)
    await pair.sync()
    expect(pair.book.alarms[0]).toEqual({ station: STATION, text: 'another body for fact 7' })
    expect(pair.book.facts(STATION)[6]).toMatchObject({ body: { operator: 'A5' } })
  })

  it('raises an alarm at a head that does not fit what it got', () => {
    const book = new EventBook(new Texts())
    using bench = new LedgerBench()
    bench.ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
    const notary = new Notary(bench.clock, bench.ledger, bench.log, { station: STATION, publicHex: key.publicHex, sign: () => key.sign(new Uint8Array(1)) })
    notary.sign()
    const body = bytesOf({ station: STATION, from: 1, to: 1, facts: bench.ledger.factsAfter(0, 1), heads: headsOf(bench.ledger, STATION, 1, 1, 1) })
    expect(book.ingest(body, key.sign(body)).status).toBe(200)
    expect(book.alarms).toEqual([{ station: STATION, text: 'a head that is not signed with the key of this station' }])
  })

  it('refuses gaps, strangers, nonsense and floods, and a training key is not the live one', () => {
    const book = new EventBook(new Texts())
    const first = { seq: 1, at: 1, unit: null, job: null, wave: null, operator: null, body: { kind: 'station.started', publicKey: key.publicHex } }
    const status = (json: unknown, by = key): number => book.ingest(bytesOf(json), by.sign(bytesOf(json))).status
    const other = new StationKey(new Uint8Array(32).fill(4))
    expect(status({ station: STATION, from: 1, to: 1, facts: [first] }, other)).toBe(401)
    expect(status({ station: STATION, from: 1, to: 1, facts: [first] })).toBe(200)
    expect(status({ station: STATION, from: 2, to: 2, facts: [{ ...first, seq: 2 }] }, other)).toBe(401)
    expect(book.ingest(bytesOf({ station: STATION, from: 4, to: 4, facts: [{ ...first, seq: 4 }] }), key.sign(bytesOf({ station: STATION, from: 4, to: 4, facts: [{ ...first, seq: 4 }] })))).toEqual({ status: 409, body: { expected: 2 } })
    for (const odd of [null, 1, {}, { station: '../x', from: 1, to: 1, facts: [first] }, { station: STATION, from: 1, to: 3, facts: [first] }, { station: STATION, from: 2, to: 2, facts: [{ seq: 3 }] }, { station: STATION, from: 2, to: 2, facts: [null] }]) expect(status(odd)).toBe(400)
    expect(book.ingest(Uint8Array.of(0xff), '').status).toBe(400)
    expect(book.ingest(new Uint8Array(257 * 1024), '').status).toBe(413)
    expect(status({ station: STATION, from: 2, to: 202, facts: Array.from({ length: 201 }, (_, i) => ({ ...first, seq: i + 2 })) })).toBe(413)
    expect(status({ station: STATION, from: 2, to: 2, facts: [{ seq: 2, withheld: true, leaf: 'x' }] })).toBe(422)
    expect(book.upto(STATION)).toBe(1)
  })

  it('whose last line was cut off by a power cut has not that line, and asks for it again', async () => {
    await using pair = new Pair()
    pair.outbox.start(pair.scope)
    pair.write(5)
    await pair.sync()
    const name = `${STATION}.facts.jsonl`
    pair.texts.replace(name, pair.texts.read(name).slice(0, -20))
    pair.book = new EventBook(pair.texts)
    expect(pair.book.upto(STATION)).toBe(5)
  })
})
