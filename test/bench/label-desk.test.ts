/** Labels and their facts on a ledger by itself; the printer's other end is a list. */
import { describe, expect, it, vi } from 'vitest'
import type { JobId, Mode, UnitId } from '#shared'
import { LabelDesk } from '../../src/main/bench/label-desk.ts'
import { Printer, QUEUE_MAX } from '../../src/main/bench/printer.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import type { FactBody } from '../../src/main/domain/fact.ts'
import { VirtualLan } from '../../src/main/virtual/lan.ts'
import { faultOf, LedgerBench, mac, tokenId } from '../helpers/ledger.ts'

interface Desk { readonly labels: LabelDesk; readonly printer: Printer; readonly scope: Scope }
/** Labels wait in the printer's queue: it is not started here. */
function openDesk(bench: LedgerBench, o: { readonly isSet?: boolean; readonly mode?: Mode } = {}): Desk {
  const net = new VirtualLan({ clock: bench.clock, entropy: bench.entropy }).card('bench0', '02:57:00:00:00:01', [])
  const printer = new Printer({ clock: bench.clock, net }, bench.log, { to: o.isSet === false ? null : { address: '10.77.0.250', port: 9100 }, card: 'bench0', widthMm: 50, heightMm: 30, dpi: 203 })
  const labels = new LabelDesk(bench.ledger, printer, bench.log, { widthMm: 50, heightMm: 30, dpi: 203, mode: o.mode ?? 'live', rack: 'R1', turn: '0', copies: 1, nameOf: () => 'Gateway 3' })
  const scope = new Scope('desk')
  labels.start(scope)
  return { labels, printer, scope }
}
const PROVEN = (at: number): FactBody => ({ kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: at })
const UNPROVEN: FactBody = { kind: 'job.closed', outcome: 'unproven', grade: null, fault: { code: 'unit.silent', context: {} }, provenAt: null }

function asked(bench: LedgerBench, n = 1): { readonly unit: UnitId; readonly job: JobId } {
  const unit = bench.meet(`u${n}`, { aliases: [mac(n), { kind: 'tag', value: `RB-000${n}` }] })
  const job = bench.openJob(`j${n}`, unit)
  bench.tell(unit, job, { kind: 'job.moved', to: 'ready' }, { kind: 'unbind.asked', token: tokenId('t1') })
  return { unit, job }
}
const told = (bench: LedgerBench): FactBody[] => bench.ledger.factsAfter(0, 1000).map(f => f.body).filter(b => b.kind.startsWith('label.') || b.kind === 'unit.labelled')

describe('a label', () => {
  it('is a fact before it is on its way, comes by itself with the last word, and only once', () => {
    using bench = new LedgerBench()
    const { printer } = openDesk(bench)
    const { unit, job } = asked(bench)
    expect(told(bench)).toEqual([])
    const offered = vi.spyOn(printer, 'offer').mockImplementation(({ label }) => { known.push(label !== null && bench.ledger.mark('label', label) !== null) })
    const known: boolean[] = []
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    expect([known, offered.mock.calls.length]).toEqual([[true], 1])
    expect(told(bench)).toEqual([{ kind: 'label.printed', label: bench.ledger.unit(unit)?.label?.code, as: 'release', by: 'printer' }])
    bench.tell(unit, job, { kind: 'unit.seen', evidence: { kind: 'gone', at: 1, of: 'lease' } })
    expect(told(bench)).toHaveLength(1)
  })

  it('of a unit that was closed while nobody could write it comes with the next start', () => {
    using bench = new LedgerBench()
    const { unit, job } = asked(bench)
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    expect(told(bench)).toEqual([])
    const { printer } = openDesk(bench)
    expect([told(bench).map(b => b.kind), printer.view().waiting]).toEqual([['label.printed'], 1])
    openDesk(bench)
    expect(told(bench)).toHaveLength(1)
  })

  it('that was still waiting when the station stopped is void, and a new one comes with the next start', async () => {
    using bench = new LedgerBench()
    const { printer, scope } = openDesk(bench)
    printer.start(scope)
    const { unit, job } = asked(bench)
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    await bench.clock.run(scope.close())
    expect(told(bench).at(-1)).toMatchObject({ kind: 'label.failed', fault: { code: 'station.stopped' } })
    openDesk(bench)
    expect(told(bench).map(b => b.kind)).toEqual(['label.printed', 'label.failed', 'label.void', 'label.printed'])
  })

  it('is none without a printer; as paper it needs no printer, and is a fact all the same', () => {
    using bench = new LedgerBench()
    const { labels } = openDesk(bench, { isSet: false })
    const { unit, job } = asked(bench)
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    expect(told(bench)).toEqual([])
    expect(faultOf(() => labels.print(unit, null))).toMatchObject({ code: 'printer.none' })
    expect(labels.paper(unit, null)).toMatchObject({ kind: 'release', verdict: 'RELEASED A', band: null })
    expect(told(bench)).toMatchObject([{ kind: 'label.printed', by: 'paper' }])
    expect(faultOf(() => labels.paper(unit, null))).toMatchObject({ code: 'label.needs-reason' })
  })

  it('is never made of a unit without a last word, nor of one bound to us; that one gets it when it is let go', () => {
    using bench = new LedgerBench()
    const { labels, printer } = openDesk(bench)
    const { unit, job } = asked(bench)
    expect(faultOf(() => labels.print(unit, null))).toMatchObject({ code: 'label.refused', context: { why: 'no verdict yet' } })
    bench.ledger.append({ unit, body: { kind: 'unit.bound', account: 'house', deviceId: 'd' } })
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    expect([printer.view().waiting, faultOf(() => labels.print(unit, null))]).toMatchObject([0, { code: 'label.refused', context: { why: 'bound to our own account' } }])
    bench.ledger.append({ unit, body: { kind: 'unit.unbound', account: 'house', deviceId: 'd', tid: 't' } })
    expect(told(bench)).toMatchObject([{ kind: 'label.printed', as: 'release' }])
  })

  it('of a unit set aside says why and what next, and is void once the unit is proven after all', () => {
    using bench = new LedgerBench()
    const { labels } = openDesk(bench, { mode: 'training' })
    const { unit, job } = asked(bench)
    bench.tell(unit, job, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: { code: 'cloud.no-permission', context: {} }, provenAt: null })
    const first = bench.ledger.unit(unit)?.label
    expect(first).toMatchObject({ kind: 'aside', isOn: false })
    expect(labels.paper(unit, 'torn')).toMatchObject({ verdict: 'NOT RELEASED', band: 'TRAINING', lines: ['RB-0001', expect.any(String), expect.stringContaining('Lead:'), 'Gateway 3', expect.any(String)] })
    bench.tell(unit, job, { kind: 'job.raised', grade: 'B', provenAt: bench.clock.now() })
    expect(told(bench).map(b => b.kind)).toEqual(['label.printed', 'label.void', 'label.printed', 'label.void', 'label.printed'])
    expect(bench.ledger.unit(unit)?.label).toMatchObject({ kind: 'release' })
    expect(faultOf(() => labels.scanBack(first?.code ?? ''))).toMatchObject({ code: 'label.void' })
  })

  it('is not made while too many wait; the verdict stands all the same', () => {
    using bench = new LedgerBench()
    const { labels, printer } = openDesk(bench)
    for (let i = 0; i < QUEUE_MAX; i += 1) labels.test()
    const { unit, job } = asked(bench)
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    expect([bench.ledger.job(job)?.outcome, printer.view().waiting]).toEqual(['proven', QUEUE_MAX])
    expect([bench.ledger.unit(unit)?.label, faultOf(() => labels.print(unit, null))?.code]).toEqual([undefined, 'printer.queue-full'])
  })
})

describe('a label that is scanned back', () => {
  it('closes the unit, once; a void one and a strange one are refused by name', () => {
    using bench = new LedgerBench()
    const { labels } = openDesk(bench)
    const { unit, job } = asked(bench)
    bench.tell(unit, job, PROVEN(bench.clock.now()))
    const code = bench.ledger.unit(unit)?.label?.code ?? ''
    expect(labels.scanBack(code)).toBe(unit)
    expect(labels.scanBack(code)).toBe(unit)
    expect(told(bench).map(b => b.kind)).toEqual(['label.printed', 'unit.labelled'])
    expect(faultOf(() => labels.scanBack('0000000000'))).toMatchObject({ code: 'label.unknown' })
    labels.cancel(unit, 'wrong box')
    expect(faultOf(() => labels.scanBack(code))).toMatchObject({ code: 'label.void' })
    expect(faultOf(() => labels.cancel(unit, 'again'))).toMatchObject({ code: 'label.unknown' })
    expect(told(bench).at(-1)).toEqual({ kind: 'label.void', label: code, reason: 'wrong box' })
  })

  it('is refused once the unit has begun a new attempt, and once it was bound to us again', () => {
    using bench = new LedgerBench()
    const { labels } = openDesk(bench)
    const one = asked(bench, 1)
    bench.tell(one.unit, one.job, UNPROVEN, { kind: 'unit.held', hold: { owner: 'lead', reason: 'x', at: 1 } })
    labels.print(one.unit, null)
    const old = bench.ledger.unit(one.unit)?.label?.code ?? ''
    bench.openJob('j9', one.unit)
    expect(faultOf(() => labels.scanBack(old))).toMatchObject({ code: 'label.void' })
    const two = asked(bench, 2)
    bench.tell(two.unit, two.job, PROVEN(bench.clock.now()))
    bench.ledger.append({ unit: two.unit, body: { kind: 'unit.bound', account: 'house', deviceId: 'd' } })
    expect(faultOf(() => labels.scanBack(bench.ledger.unit(two.unit)?.label?.code ?? ''))).toMatchObject({ code: 'label.void' })
  })
})
