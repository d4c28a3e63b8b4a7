/** Step 11: history reaches its destination in order, once, and whole, whatever the destination answers. */
import { describe, expect, it } from 'vitest'
import { hours, minutes, seconds, type SyncView } from '#shared'
import { Scope } from '../../src/main/bench/scope.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Central } from '../../src/main/bench/central.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import type { Web, WebAnswer } from '../../src/main/ports.ts'
import { VirtualCloud, VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { LedgerBench } from '../helpers/ledger.ts'

interface Sent { readonly station: string; readonly from: number; readonly to: number; readonly facts: readonly ({ readonly seq: number } & Readonly<Record<string, unknown>>)[] }
const answer = (status: number, json: unknown = {}): WebAnswer => ({ status, headers: {}, body: new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json)) })

class Bench extends LedgerBench implements AsyncDisposable {
  readonly cloud = new VirtualCloud({ clock: this.clock, entropy: this.entropy.child('cloud'), accounts: [VIRTUAL_ACCOUNT] })
  readonly scope = new Scope('test')
  readonly sent: Sent[] = []
  readonly signatures: string[] = []
  readonly outbox: Outbox
  /** What a test wants answered in place of the cloud's answer; null: ask the cloud. */
  odd: (sent: Sent) => WebAnswer | null = () => null

  constructor() {
    super()
    const inner = new VirtualWeb(this.clock, this.cloud)
    const web: Web = { world: 'virtual', request: async (request, signal) => {
      const sent = JSON.parse(new TextDecoder().decode(request.body)) as Sent // written by the outbox
      this.sent.push(sent)
      this.signatures.push(request.headers['x-station-signature'] ?? '')
      return this.odd(sent) ?? await inner.request(request, signal)
    } }
    this.outbox = new Outbox(this, this.ledger, this.log, 's1', new Central(web, { name: 'central', url: 'https://central.virtual/v1/events', station: 's1', sign: body => `signed ${body.length}` }))
  }
  /** Facts about a unit; each has a number. */
  write(n: number, words = ''): void {
    this.ledger.commit(tx => { for (let i = 0; i < n; i += 1) tx.append({ body: { kind: 'operator.signed', operator: `${words}${i}` } }) })
  }
  start(): void { this.outbox.start(this.scope) }
  get kept(): number[] { return this.cloud.history('s1').map(f => f.seq) }
  get view(): SyncView { return this.outbox.view() }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this[Symbol.dispose]()
  }
}
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('a destination that listens', () => {
  it('gets every fact once, in order, in batches of at most 200, each signed', async () => {
    await using bench = new Bench()
    bench.write(450)
    bench.start()
    await bench.clock.advance(seconds(2))
    expect(bench.kept).toEqual(upTo(450))
    expect(bench.sent.map(s => [s.from, s.to])).toEqual([[1, 200], [201, 400], [401, 450]])
    expect(bench.signatures.every(s => /^signed \d+$/.test(s))).toBe(true)
    expect(bench.view).toEqual({ destination: 'central', acked: 450, last: 450, oldestUnsentAt: null, fault: null, aside: 0 })
    expect(bench.cloud.history('s1')[7]).toEqual(JSON.parse(JSON.stringify(bench.ledger.factsAfter(7, 1)[0])))
  })

  it('gets what is written later, and nothing when there is nothing', async () => {
    await using bench = new Bench()
    bench.start()
    await bench.clock.advance(seconds(10))
    expect(bench.sent).toEqual([])
    bench.write(3)
    expect(bench.view).toMatchObject({ acked: 0, last: 3, oldestUnsentAt: bench.clock.now() })
    await bench.clock.advance(seconds(2))
    expect(bench.kept).toEqual([1, 2, 3])
  })

  it('gets batches it can take, also of long facts in Chinese', async () => {
    await using bench = new Bench()
    bench.write(20, '解绑'.repeat(5000))
    bench.start()
    await bench.clock.advance(seconds(3))
    expect(bench.kept).toEqual(upTo(20))
    expect(bench.view.aside).toBe(0)
    expect(Math.max(...bench.signatures.map(s => Number(s.slice('signed '.length))))).toBeLessThanOrEqual(256 * 1024)
  })
})

describe('a destination that is away', () => {
  it('is asked again with growing pauses, and gets everything when it is back; nothing expires', async () => {
    await using bench = new Bench()
    bench.cloud.setFaults({ outage: ['events'] })
    bench.write(5)
    bench.start()
    await bench.clock.advance(minutes(10))
    const tries = bench.sent.length
    expect(tries).toBeGreaterThan(4)
    expect(bench.view).toMatchObject({ acked: 0, last: 5, aside: 0, fault: { code: 'sync.unreachable' } })
    await bench.clock.advance(hours(48))
    expect(bench.sent.length - tries).toBeLessThan(48 * 60)
    bench.cloud.setFaults({ outage: [] })
    bench.write(5)
    await bench.clock.advance(minutes(6))
    expect(bench.kept).toEqual(upTo(10))
    expect(bench.view).toMatchObject({ acked: 10, fault: null })
  })

  it('whose answers are lost gets the same numbers again, and keeps each once', async () => {
    await using bench = new Bench()
    bench.cloud.setFaults({ lost: ['events'] })
    bench.write(5)
    bench.start()
    await bench.clock.advance(seconds(30))
    expect([bench.kept, bench.view.acked]).toEqual([upTo(5), 0])
    bench.cloud.setFaults({ lost: [] })
    bench.write(2)
    await bench.clock.advance(minutes(5))
    expect([bench.kept, bench.view.acked]).toEqual([upTo(7), 7])
  })

  it.each<[string, WebAnswer]>([
    ['500', answer(500)], ['503 with a page', answer(503, '<html>')], ['429', answer(429)], ['401: our right to speak is missing, not the fact wrong', answer(401)], ['403', answer(403)],
    ['404: the address is wrong, not the fact', answer(404)], ['a redirection', answer(302)], ['409 without a number', answer(409, {})],
    ['200 of a page that is not the receiver', answer(200, '<html>sign in to the guest network</html>')], ['200 without a number', answer(200, {})], ['200 with a number that is none', answer(200, { upto: 'all' })]
  ])('%s acknowledges nothing and sets nothing aside', async (_what, odd) => {
    await using bench = new Bench()
    bench.odd = () => odd
    bench.write(5)
    bench.start()
    await bench.clock.advance(minutes(1))
    expect(bench.view).toMatchObject({ acked: 0, aside: 0, fault: { code: 'sync.unreachable' } })
    expect(bench.sent.length).toBeLessThan(40)
    bench.odd = () => null
    await bench.clock.advance(minutes(6))
    expect([bench.kept, bench.view.fault]).toEqual([upTo(5), null])
  })
})

describe('a destination that lost its tail', () => {
  it('names the number it wants next, and gets everything from there', async () => {
    await using bench = new Bench()
    bench.write(10)
    bench.start()
    await bench.clock.advance(seconds(2))
    let restored = 0
    bench.odd = ({ from, facts }) => {
      if (from > restored + 4) return answer(409, { expected: 4 })
      restored = Math.max(restored, facts.at(-1)?.seq ?? 0)
      return answer(200, { upto: restored })
    }
    bench.write(5)
    await bench.clock.advance(seconds(5))
    expect(bench.sent.slice(1).map(s => [s.from, s.to])).toEqual([[11, 15], [4, 15]])
    expect(bench.view).toMatchObject({ acked: 15, fault: null })
  })

  it.each<[string, unknown]>([['a number we have not reached', { expected: 99 }], ['the number we offer', { expected: 1 }], ['number zero', { expected: 0 }]])('and wants %s is refused with words; nothing is skipped', async (_what, body) => {
    await using bench = new Bench()
    bench.odd = () => answer(409, body)
    bench.write(5)
    bench.start()
    await bench.clock.advance(minutes(1))
    expect(bench.view).toMatchObject({ acked: 0, fault: { code: 'sync.refused' } })
    expect(bench.sent.length).toBeLessThan(40)
  })
})

describe('a destination that says odd numbers', () => {
  it('and acknowledges half a batch gets the other half', async () => {
    await using bench = new Bench()
    bench.odd = ({ from, to }) => answer(200, { upto: Math.min(to, from + 1) })
    bench.write(7)
    bench.start()
    await bench.clock.advance(seconds(5))
    expect(bench.sent.map(s => s.from)).toEqual([1, 3, 5, 7])
    expect(bench.view.acked).toBe(7)
  })

  it('and acknowledges more than it was sent is not believed', async () => {
    await using bench = new Bench()
    bench.odd = () => answer(200, { upto: 1_000_000 })
    bench.write(250)
    bench.start()
    await bench.clock.advance(seconds(2))
    expect(bench.sent.map(s => [s.from, s.to])).toEqual([[1, 200], [201, 250]])
  })

  it('and acknowledges nothing at all is asked again with pauses, not in a tight circle', async () => {
    await using bench = new Bench()
    bench.odd = () => answer(200, { upto: 0 })
    bench.write(5)
    bench.start()
    await bench.clock.advance(minutes(1))
    expect(bench.sent.length).toBeLessThan(40)
    expect(bench.view).toMatchObject({ acked: 0, fault: { code: 'sync.refused' } })
  })

  it('and goes back each time it is told more does not keep us running in a circle', async () => {
    await using bench = new Bench()
    bench.odd = ({ from }) => from > 1 ? answer(409, { expected: 1 }) : answer(200, { upto: 2 })
    bench.write(5)
    bench.start()
    await bench.clock.advance(minutes(1))
    expect(bench.sent.length).toBeLessThan(130)
  })
})

describe('a fact the destination refuses', () => {
  it.each([400, 413, 422])('with %i is set aside, named in its place without its words, and blocks nobody', async status => {
    await using bench = new Bench()
    bench.odd = ({ facts }) => facts.some(f => (f.seq === 3 || f.seq === 6) && f['body'] !== undefined) ? answer(status) : null
    bench.write(8)
    bench.start()
    await bench.clock.advance(seconds(3))
    expect(bench.kept).toEqual(upTo(8))
    expect(bench.cloud.history('s1').filter(f => f['withheld'] === true)).toEqual([3, 6].map(seq => ({ seq, at: bench.ledger.factsAfter(seq - 1, 1)[0]?.at, withheld: true, leaf: expect.stringMatching(/^[0-9a-f]{64}$/) as string })))
    expect(bench.view).toMatchObject({ acked: 8, aside: 2, fault: null })
    expect(bench.db.all<{ seq: number; fault: string }>('SELECT seq, fault FROM aside ORDER BY seq').map(r => [r.seq, JSON.parse(r.fault)])).toEqual([3, 6].map(seq => [seq, { code: 'sync.refused', context: { httpStatus: status, seq } }]))
    expect(bench.lines.filter(l => l.level === 'error').map(l => l.fields['seq'])).toEqual([3, 6])
    expect(bench.ledger.factsAfter(0, 99)).toHaveLength(8)
  })

  it('is sent again by replay, words and all, and is set aside no more', async () => {
    await using bench = new Bench()
    let isRefusing = true
    bench.odd = ({ facts }) => isRefusing && facts.some(f => (f.seq === 3 || f.seq === 6) && f['body'] !== undefined) ? answer(400) : null
    bench.write(8)
    bench.start()
    await bench.clock.advance(seconds(3))
    expect(bench.view).toMatchObject({ acked: 8, aside: 2 })
    isRefusing = false
    expect(bench.outbox.replay(4)).toMatchObject({ acked: 3, aside: 1 })
    await bench.clock.advance(seconds(3))
    expect(bench.view).toMatchObject({ acked: 8, aside: 1, fault: null })
    expect(bench.cloud.history('s1').filter(f => f['withheld'] === true).map(f => f.seq)).toEqual([3])
    bench.outbox.replay(1)
    await bench.clock.advance(seconds(3))
    expect([bench.cloud.history('s1'), bench.view.aside]).toEqual([JSON.parse(JSON.stringify(bench.ledger.factsAfter(0, 99))), 0])
  })

  it('again after a replay is set aside again; a number that was never sent is no place to replay from', async () => {
    await using bench = new Bench()
    bench.odd = ({ facts }) => facts.some(f => f.seq === 3 && f['body'] !== undefined) ? answer(400) : null
    bench.write(5)
    bench.start()
    await bench.clock.advance(seconds(3))
    bench.outbox.replay(3)
    await bench.clock.advance(seconds(3))
    expect(bench.view).toMatchObject({ acked: 5, aside: 1, fault: null })
    expect(() => bench.outbox.replay(6)).toThrow('door.invalid')
  })

  it('and that blocks even without its words goes out whole when it is replayed', async () => {
    await using bench = new Bench()
    bench.odd = ({ facts }) => facts.some(f => f.seq === 3) ? answer(400) : null
    bench.write(4)
    bench.start()
    await bench.clock.advance(minutes(1))
    bench.odd = () => null
    expect(bench.outbox.replay(3)).toMatchObject({ acked: 2, aside: 0 })
    await bench.clock.advance(minutes(6))
    expect([bench.cloud.history('s1'), bench.view.aside]).toEqual([JSON.parse(JSON.stringify(bench.ledger.factsAfter(0, 99))), 0])
  })

  it('even without its words is shown, and waited for; nothing after it overtakes', async () => {
    await using bench = new Bench()
    bench.odd = ({ facts }) => facts.some(f => f.seq === 3) ? answer(400) : null
    bench.write(8)
    bench.start()
    await bench.clock.advance(minutes(2))
    expect([bench.kept, bench.view]).toMatchObject([[1, 2], { acked: 2, aside: 1, fault: { code: 'sync.refused' } }])
    bench.odd = () => null
    await bench.clock.advance(minutes(6))
    expect([bench.kept, bench.view]).toMatchObject([upTo(8), { acked: 8, aside: 1, fault: null }])
  })
})

it('where it stands is on disk: a station started again goes on, and closing waits for nobody', async () => {
  await using bench = new Bench()
  bench.write(5)
  bench.start()
  await bench.clock.advance(seconds(2))
  await bench.clock.run(bench.scope.close(new Fault('station.stopped')))
  bench.write(3)
  await bench.clock.advance(minutes(1))
  expect(bench.view).toMatchObject({ acked: 5, last: 8 })
  await using again = new Scope('again')
  bench.outbox.start(again)
  await bench.clock.advance(seconds(2))
  expect([bench.kept, bench.sent.at(-1)?.from]).toEqual([upTo(8), 6])
  await bench.clock.run(again.close())
})
