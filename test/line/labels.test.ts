/** Labels and papers in a whole station: by itself at the last word, back by a scan, and nothing of it in anybody's way. */
import { describe, expect, it } from 'vitest'
import type { DoorName, DoorParams, UnitView } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type BenchOptions, type TestBench } from '../helpers/station.ts'
import { PRINTER, plugPrinter } from '../helpers/label-printer.ts'

const FOREVER = new AbortController().signal
const withPrinter = (options: BenchOptions = {}): Promise<TestBench> => openBench({ seed: 7, units: 1, settings: { 'printer.address': PRINTER }, ...options })

const work = (bench: TestBench): Promise<void> => bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(FOREVER))
const fault = <N extends DoorName>(bench: TestBench, name: N, params: DoorParams<N>): Promise<string> => bench.ask(name, params).then(() => 'ok', (thrown: unknown) => Fault.from(thrown).code)
const find = async (bench: TestBench): Promise<UnitView> => {
  const [unit] = await bench.ask('units.find', { text: 'RB-0001' })
  if (!unit) throw new Error('no unit')
  return unit
}
const kinds = (bench: TestBench): string[] => bench.ledger.factsAfter(0, 10_000).map(f => f.body.kind)

describe('a label', () => {
  it('prints by itself at the last word, and scanned back it clears the lane and asks for nothing more', async () => {
    await using bench = await withPrinter()
    const printed = await plugPrinter(bench)
    await work(bench)
    await bench.sleep(3000)
    const { label, uid } = await find(bench)
    expect(label).toMatchObject({ kind: 'release', isOn: false, fault: null })
    expect(printed).toEqual([expect.stringContaining(`^FDMA,LB:${label?.code ?? ''}^FS`)])
    expect(printed[0]).toContain('^FDTRAINING^FS')
    expect(kinds(bench).indexOf('label.printed')).toBeGreaterThan(kinds(bench).indexOf('job.closed'))
    expect(await bench.ask('scan', { text: `lb:${label?.code.toLowerCase() ?? ''}` })).toMatchObject({ heard: 'label', note: 'done', unit: { uid, label: { isOn: true } } })
    expect((await bench.ask('bench.view', {})).units).toEqual([])
    await bench.sleep(120_000)
    expect([kinds(bench).filter(k => k === 'job.opened').length, kinds(bench).filter(k => k === 'unit.labelled').length]).toEqual([1, 1])
    expect(findViolations(bench)).toEqual([])
  })

  it('is printed again for a reason only; the old one is void and says so when it is scanned', async () => {
    await using bench = await withPrinter()
    const printed = await plugPrinter(bench)
    await work(bench)
    await bench.sleep(3000)
    const before = (await find(bench)).label?.code ?? ''
    expect(await fault(bench, 'label.print', { unit: 'RB-0001' })).toBe('label.needs-reason')
    expect((await bench.ask('label.print', { unit: 'RB-0001', reason: 'torn' })).label?.code).not.toBe(before)
    await bench.ask('scan', { text: 'RB-0001' })
    expect(await bench.ask('scan', { text: 'CM:PRINT' })).toMatchObject({ heard: 'command' })
    await bench.sleep(10_000)
    expect(printed).toHaveLength(3)
    expect([await fault(bench, 'scan', { text: `LB:${before}` }), await fault(bench, 'scan', { text: 'LB:0000000000' })]).toEqual(['label.void', 'label.unknown'])
    const last = (await bench.ask('label.void', { unit: 'RB-0001', reason: 'wrong box' })).label
    expect([last, bench.ledger.factsAfter(0, 10_000).flatMap(f => f.body.kind === 'label.void' ? [f.body.reason] : [])]).toEqual([null, ['torn', 'card', 'wrong box']])
  })

  it('waits for a printer that is not there; the line does not, and the lamp says why', async () => {
    await using bench = await withPrinter()
    await work(bench)
    expect((await find(bench)).outcome).toBe('proven')
    await bench.sleep(10_000)
    expect((await bench.ask('status', {})).lamps.find(l => l.name === 'printer')).toMatchObject({ state: 'bad', fault: { code: 'printer.unreachable' }, value: 1 })
    const printed = await plugPrinter(bench)
    await bench.sleep(15_000)
    expect(printed).toHaveLength(1)
    expect((await bench.ask('status', {})).lamps.find(l => l.name === 'printer')).toMatchObject({ state: 'ok', value: 0 })
  })

  it('of each camera of a wave comes by itself, and scanned back it is told done', async () => {
    await using bench = await withPrinter({ seed: 3, units: 0, cameras: 3 })
    const printed = await plugPrinter(bench)
    await work(bench)
    await bench.sleep(10_000)
    const proven = (await bench.ask('units.find', {})).filter(u => u.outcome === 'proven' && u.isIdentified)
    expect(printed).toHaveLength(proven.length)
    expect(proven.length).toBeGreaterThan(0)
    for (const { label } of proven) expect(await bench.ask('scan', { text: `LB:${label?.code ?? ''}` })).toMatchObject({ heard: 'label', unit: { label: { isOn: true } } })
    expect(findViolations(bench)).toEqual([])
  })

  it('of a unit without proof is none while an attempt is open', async () => {
    await using bench = await withPrinter({ seed: 3, faults: { 1: 'never-reacts' } })
    const printed = await plugPrinter(bench)
    await work(bench)
    expect((await find(bench)).outcome).toBe('unproven')
    expect([printed, kinds(bench).filter(k => k.startsWith('label.'))]).toEqual([[], []])
    expect(await fault(bench, 'label.paper', { unit: 'RB-0001' })).toBe('label.refused')
    expect(await fault(bench, 'certificate.paper', { unit: 'RB-0001' })).toBe('certificate.refused')
  })
})

describe('papers by the door', () => {
  const isPdf = ({ base64, type, name }: { base64: string; type: string; name: string }): boolean => type === 'application/pdf' && name.endsWith('.pdf') && Buffer.from(base64, 'base64').subarray(0, 5).toString() === '%PDF-'

  it('come as one answer each; without a printer labels come as paper', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await work(bench)
    for (const what of ['commands', 'lights', 'reasons', 'ports'] as const) expect(isPdf(await bench.ask('cards.paper', { what }))).toBe(true)
    expect(isPdf(await bench.ask('cards.paper', { what: 'badges', names: ['1001'] }))).toBe(true)
    expect(await fault(bench, 'cards.paper', { what: 'totes' })).toBe('door.invalid')
    for (const name of ['picklist.paper', 'handover.paper', 'printer.sample'] as const) expect(isPdf(await bench.ask(name, {}))).toBe(true)
    expect([await fault(bench, 'printer.test', {}), await fault(bench, 'label.print', { unit: 'RB-0001' })]).toEqual(['printer.none', 'printer.none'])
    expect(await bench.ask('printer.view', {})).toMatchObject({ address: '', fault: null, waiting: 0 })
    expect(isPdf(await bench.ask('label.paper', { unit: 'RB-0001' }))).toBe(true)
    expect(await fault(bench, 'label.paper', { unit: 'RB-0001' })).toBe('label.needs-reason')
    expect((await bench.ask('status', {})).lamps.find(l => l.name === 'printer')).toMatchObject({ state: 'off', fault: null })
  })

  it('a certificate\'s code, scanned, shows its unit; one from elsewhere and one with another hash are refused', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await work(bench)
    const { name } = await bench.ask('certificate.paper', { unit: 'RB-0001' })
    const id = name.slice('certificate-'.length, -'.pdf'.length)
    const hash = bench.ledger.mark('certificate', id)?.hash?.slice(0, 32) ?? ''
    expect(await bench.ask('scan', { text: `RC:${id}:${hash}`.toUpperCase() })).toMatchObject({ heard: 'certificate', unit: { aliases: expect.arrayContaining([{ kind: 'tag', value: 'RB-0001' }]) as unknown } })
    expect(await fault(bench, 'scan', { text: `RC:${id}:${'0'.repeat(32)}` })).toBe('certificate.unknown')
    expect(await fault(bench, 'scan', { text: 'RC:nonsense' })).toBe('certificate.unknown')
    expect(await fault(bench, 'scan', { text: 'LB:' })).toBe('scan.unreadable')
  })
})
