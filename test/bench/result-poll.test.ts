/** Results are asked for while somebody watches; each row is told until a unit claims it; the cloud's bad weather is shown and passes. */
import { expect, it } from 'vitest'
import { seconds, type TokenId } from '#shared'
import type { TokenResult } from '../../src/main/bench/cloud.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { ResultPoll, type PolledResult } from '../../src/main/bench/result-poll.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import type { TokenTill } from '../../src/main/bench/token-till.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { tokenId } from '../helpers/ledger.ts'

const [T1, T2] = [tokenId('t1'), tokenId('t2')]
const row = (uuid: string | null, more: Partial<TokenResult> = {}): TokenResult => ({ ok: true, deviceId: null, uuid, mac: null, productKey: null, code: null, text: null, tid: 'x', ...more })

class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly scope = new Scope('test')
  readonly lines: LogLine[] = []
  readonly asked: string[] = []
  readonly told: string[] = []
  readonly rows = new Map<TokenId, TokenResult[] | Fault>()
  readonly claimed = new Set<string>()
  readonly poll: ResultPoll
  claim: (polled: PolledResult) => boolean = ({ result }) => this.claimed.has(result.uuid ?? '')

  constructor() {
    const till: Pick<TokenTill, 'results'> = { results: async token => {
      this.asked.push(token)
      const rows = this.rows.get(token) ?? []
      if (rows instanceof Fault) throw rows
      return rows
    } }
    this.poll = new ResultPoll(this.clock, till as TokenTill, new Log(line => this.lines.push(line), () => this.clock.now()), { pollMs: seconds(3) }) // it asks for results and nothing else
    this.poll.start(this.scope, polled => {
      this.told.push(`${polled.token} ${polled.result.uuid ?? '-'} ${polled.result.ok ? 'ok' : String(polled.result.code)}${polled.isFirst ? ' first' : ''}`)
      return this.claim(polled)
    })
  }
  async [Symbol.asyncDispose](): Promise<void> { await this.clock.run(this.scope.close()) }
}

it('asks about a token from the first watcher to the last, once a round however many watch', async () => {
  await using bench = new Bench()
  await bench.clock.advance(seconds(10))
  expect(bench.asked).toEqual([])
  const first = bench.poll.watch(T1)
  const second = bench.poll.watch(T1)
  await bench.clock.advance(seconds(6))
  expect(bench.asked).toEqual([T1, T1])
  first[Symbol.dispose]()
  await bench.clock.advance(seconds(3))
  expect(bench.asked).toHaveLength(3)
  second[Symbol.dispose]()
  await bench.clock.advance(seconds(30))
  expect(bench.asked).toHaveLength(3)
})

it('a row that nobody claims is told in every round, as first only once; a claimed one never again', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  bench.rows.set(T1, [row('a')])
  await bench.clock.advance(seconds(7))
  bench.claimed.add('a')
  await bench.clock.advance(seconds(9))
  expect(bench.told).toEqual(['t1 a ok first', 't1 a ok', 't1 a ok'])
})

it('the same row twice in one list is one; a refusal and a later release of one unit are two', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  bench.claim = () => true
  bench.rows.set(T1, [row('a', { ok: false, code: '1106' }), row('a', { ok: false, code: '1106' })])
  await bench.clock.advance(seconds(3))
  bench.rows.set(T1, [row('a', { ok: false, code: '1106' }), row('a')])
  await bench.clock.advance(seconds(6))
  expect(bench.told).toEqual(['t1 a 1106 first', 't1 a ok first'])
})

it('a cloud that is away is shown and asked again; other tokens do not wait for it', async () => {
  await using bench = new Bench()
  using _one = bench.poll.watch(T1)
  using _two = bench.poll.watch(T2)
  bench.rows.set(T1, new Fault('cloud.unreachable', { host: 'x' }))
  bench.rows.set(T2, [row('b')])
  bench.claimed.add('b')
  await bench.clock.advance(seconds(4))
  expect(bench.told).toEqual(['t2 b ok first'])
  expect(bench.lines[0]).toMatchObject({ level: 'warn', fields: { code: 'cloud.unreachable', token: T1 } })
  bench.rows.set(T1, [row('a')])
  bench.rows.set(T2, new Fault('cloud.busy'))
  await bench.clock.advance(seconds(3))
  expect(bench.poll.fault?.code).toBe('cloud.busy')
  bench.rows.set(T2, [])
  await bench.clock.advance(seconds(3))
  expect(bench.poll.fault).toBeNull()
  expect(bench.told).toContain('t1 a ok first')
})

it('a listener that fails spoils one round, not the next ones', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  bench.rows.set(T1, [row('a')])
  let rounds = 0
  bench.claim = () => {
    rounds += 1
    if (rounds === 1) throw new Error('no such unit')
    return true
  }
  await bench.clock.advance(seconds(9))
  expect(rounds).toBe(2)
  expect(bench.poll.fault).toBeNull()
})

it('a list without end is told up to its maximum', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  bench.rows.set(T1, Array.from({ length: 5000 }, (_, n) => row(`u${n}`)))
  await bench.clock.advance(seconds(4))
  expect(bench.told).toHaveLength(1000)
})

it('stops with its scope, also in the middle of a round', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  await bench.clock.run(bench.scope.close())
  await bench.clock.advance(seconds(30))
  expect(bench.asked).toHaveLength(0)
  expect(bench.lines).toEqual([])
})

it('has a place for the message service: a row told in between is claimed once, and the poll does not tell it again', async () => {
  await using bench = new Bench()
  using _watch = bench.poll.watch(T1)
  bench.claimed.add('u1')
  expect([bench.poll.push(T1, row('u1')), bench.poll.push(T2, row('u2'))]).toEqual([true, false])
  bench.rows.set(T1, [row('u1')])
  await bench.clock.advance(seconds(6))
  expect(bench.told).toEqual(['t1 u1 ok first'])
})
