/** Verdicts for other programs: webhooks in their words, files no spreadsheet runs, and a test that leaves nothing behind. */
import { describe, expect, it } from 'vitest'
import { minutes, seconds } from '#shared'
import { DropFolder } from '../../src/main/bench/drop-folder.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Webhook } from '../../src/main/bench/webhook.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Outbox, Outboxes, asidesOf } from '../../src/main/line/11-sync.ts'
import type { WebRequest } from '../../src/main/ports.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { isSigned } from '../../src/main/wire/chain.ts'
import { csvLine } from '../../src/main/wire/csv.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { LedgerBench, mac } from '../helpers/ledger.ts'

const FOREVER = new AbortController().signal
const key = new StationKey(new Uint8Array(32).fill(5))
const origin = { station: 's1', mode: 'live' } as const

class Bench extends LedgerBench implements AsyncDisposable {
  readonly scope = new Scope('test')
  readonly sent: WebRequest[] = []
  readonly disk = new VirtualDisk()
  status = 204
  isDiskThere = true
  readonly hook = new Webhook({ world: 'virtual', request: async request => {
    this.sent.push(request)
    return await Promise.resolve({ status: this.status, headers: {}, body: new Uint8Array() })
  } }, this.ledger, { ...origin, name: 'wms', url: 'https://wms.virtual/in', token: new Secret('t0ken'), fields: { SerialNo: 'serial', Result: 'outcome', Seq: 'seq' }, key: key.publicHex, sign: body => key.sign(body) })
  readonly drop = new DropFolder(() => {
    if (!this.isDiskThere) throw new Fault('ledger.cannot-open', { reason: 'ENOENT' })
    return this.disk
  }, this.ledger, { ...origin, name: 'folder' })
  readonly outboxes = new Outboxes([this.hook, this.drop].map(d => new Outbox(this, this.ledger, this.log, 's1', d)))

  verdict(n: number, aliases: Parameters<LedgerBench['meet']>[1] = { aliases: [mac(n), { kind: 'serial', value: `SN${n}` }] }): void {
    const unit = this.meet(`u${n}`, aliases)
    this.tell(unit, this.openJob(`j${n}`, unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: { code: 'unit.removed', context: {} }, provenAt: null })
  }
  events(i: number): unknown {
    return JSON.parse(new TextDecoder().decode(this.sent[i]?.body))
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this[Symbol.dispose]()
  }
}

describe('a webhook', () => {
  it('gets verdicts only, in its own words, signed, with a key that makes a repeat harmless', async () => {
    await using bench = new Bench()
    bench.verdict(1)
    bench.verdict(2)
    bench.outboxes.start(bench.scope)
    await bench.clock.advance(seconds(3))
    const seqs = bench.ledger.factsAfter(0, 99).filter(f => f.body.kind === 'job.closed').map(f => f.seq)
    expect(bench.sent).toHaveLength(1)
    expect(bench.events(0)).toEqual({ station: 's1', mode: 'live', events: seqs.map((Seq, i) => ({ SerialNo: `SN${i + 1}`, Result: 'withdrawn', Seq })) })
    const { headers, body }: Pick<WebRequest, 'headers'> & { readonly body?: Uint8Array } = bench.sent[0] ?? { headers: {} }
    expect(headers).toMatchObject({ 'authorization': 'Bearer t0ken', 'idempotency-key': `s1:${seqs[0]}-${seqs[1]}`, 'x-station-key': key.publicHex })
    expect(isSigned(body ?? new Uint8Array(), headers['x-station-signature'] ?? '', key.publicHex)).toBe(true)
    expect(bench.outboxes.named('wms').view()).toMatchObject({ acked: bench.ledger.lastSeq, fault: null })
  })

  it('that refuses one verdict gets the others; the refused one is set aside where people see it', async () => {
    await using bench = new Bench()
    bench.verdict(1)
    bench.verdict(2)
    bench.status = 422
    bench.outboxes.start(bench.scope)
    await bench.clock.advance(seconds(3))
    expect(bench.outboxes.named('wms').view()).toMatchObject({ acked: bench.ledger.lastSeq, aside: 2, fault: null })
    expect(asidesOf(bench.ledger).map(a => [a.destination, a.kind, a.fault.code])).toEqual([['wms', 'job.closed', 'sync.refused'], ['wms', 'job.closed', 'sync.refused']])
  })

  it('that is away is left alone with growing pauses and a breaker, and loses nothing', async () => {
    await using bench = new Bench()
    bench.verdict(1)
    bench.status = 503
    bench.outboxes.start(bench.scope)
    await bench.clock.advance(minutes(60))
    expect(bench.sent.length).toBeLessThan(60)
    expect(bench.outboxes.named('wms').view()).toMatchObject({ acked: 0, fault: { code: 'sync.unreachable' } })
    bench.status = 200
    await bench.clock.advance(minutes(6))
    expect(bench.outboxes.named('wms').view()).toMatchObject({ acked: bench.ledger.lastSeq, fault: null, aside: 0 })
  })

  it('is tested by one exchange that says so, and the answer is told', async () => {
    await using bench = new Bench()
    const wms = bench.outboxes.named('wms')
    await expect(wms.test(FOREVER)).resolves.toMatchObject({ destination: 'wms', acked: 0 })
    expect(bench.events(0)).toMatchObject({ test: true, events: [] })
    bench.status = 401
    await expect(wms.test(FOREVER)).rejects.toMatchObject({ code: 'sync.refused', context: { httpStatus: 401 } })
  })

  it('nobody has heard of is refused by name', () => {
    using bench = new Bench()
    expect(() => bench.outboxes.named('sap')).toThrow('door.invalid')
  })
})

describe('a drop folder', () => {
  it('gets whole files named after their facts, and the newest head of the chain', async () => {
    await using bench = new Bench()
    bench.verdict(1)
    new Notary(bench.clock, bench.ledger, bench.log, { station: 's1', publicHex: key.publicHex, sign: b => key.sign(b) }).sign()
    bench.outboxes.start(bench.scope)
    await bench.clock.advance(seconds(5))
    expect(bench.disk.list('')).toEqual(['unbindery-s1-000000007-000000007.csv', 'unbindery-s1-head-000000007.json'])
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bench.disk.read('unbindery-s1-000000007-000000007.csv') ?? new Uint8Array())
    const [heads, row, end] = text.split('\r\n')
    expect(heads).toMatch(/^\ufeffstation,mode,seq,at,unit,/)
    expect(row).toMatch(/^s1,live,7,\d{4}-.*,u1,.*SN1.*,withdrawn,.*,unit\.removed,$/)
    expect(end).toBe('')
    bench.verdict(2)
    await bench.clock.advance(minutes(2))
    expect(bench.disk.list('').filter(name => name.endsWith('.csv'))).toHaveLength(2)
  })

  it('that is not there today gets everything when it is back', async () => {
    await using bench = new Bench()
    bench.verdict(1)
    bench.isDiskThere = false
    bench.outboxes.start(bench.scope)
    await bench.clock.advance(minutes(10))
    expect(bench.outboxes.named('folder').view()).toMatchObject({ acked: 0, fault: { code: 'sync.unreachable' } })
    bench.isDiskThere = true
    await bench.clock.advance(minutes(10))
    expect(bench.outboxes.named('folder').view()).toMatchObject({ acked: bench.ledger.lastSeq, fault: null })
  })

  it('is tested with a file that is gone again', async () => {
    await using bench = new Bench()
    await bench.outboxes.named('folder').test(FOREVER)
    expect(bench.disk.list('')).toEqual([])
    bench.isDiskThere = false
    await expect(bench.outboxes.named('folder').test(FOREVER)).rejects.toMatchObject({ code: 'sync.unreachable' })
  })
})

describe('a cell', () => {
  it.each<[string | number | null, string]>([
    ['=1+1', `'=1+1`], ['+43 1', `'+43 1`], ['-2', `'-2`], ['@SUM(A1)', `'@SUM(A1)`], ['\t=1', `'\t=1`], [' =1', `' =1`], ['\r=1', `"'\r=1"`], ['＝1', `'＝1`], ['\u200b=1', `'\u200b=1`], ['|calc', `'|calc`],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`], ['a,b', '"a,b"'], ['say "no"', '"say ""no"""'], ['two\nlines', '"two\nlines"'], [7, '7'], [-7, '-7'], [null, ''], ['RB-0001', 'RB-0001'], ['解绑', '解绑']
  ])('%j is written as %j', (value, text) => expect(csvLine([value])).toBe(`${text}\r\n`))
})
