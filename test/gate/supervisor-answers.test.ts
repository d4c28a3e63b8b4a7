/** The supervisor through the door of a running station: figures, holds, deliveries, the quota's lines, certificates, the hand-over. */
import { describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const FOREVER = new AbortController().signal
const work = async (bench: TestBench): Promise<void> => {
  await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(FOREVER))
  await bench.sleep(seconds(5))
}

describe('the supervisor', () => {
  it('sees the shift in figures that add up: by the hour, by reason, by product, by account', async () => {
    await using bench = await openBench({ seed: 7, units: 3, faults: { 2: 'refuses' } })
    await work(bench)
    const { shift, quota } = await bench.ask('bench.view', {})
    const { hours, reasons, products, burn } = await bench.ask('supervisor.figures', {})
    const sum = (some: readonly { readonly closed?: number; readonly n?: number; readonly proven?: number }[], of: 'closed' | 'n' | 'proven'): number => some.reduce((n, one) => n + (one[of] ?? 0), 0)
    expect([sum(hours, 'closed'), sum(reasons, 'n'), sum(products, 'closed')]).toEqual([shift.closed, shift.closed, shift.closed])
    expect([sum(hours, 'proven'), sum(products, 'proven')]).toEqual([shift.released, shift.released])
    expect(hours).toHaveLength(12)
    expect(reasons[0]?.n).toBe(Math.max(...reasons.map(r => r.n)))
    expect(burn).toEqual([{ account: 'house', cap: 100, spent: [expect.objectContaining({ n: quota.find(q => q.scope === 'account')?.spent })] }])
  })

  it('sees each seat with its unit and who asked', async () => {
    await using bench = await openBench({ seed: 7, units: 2 })
    await work(bench)
    const lines = await bench.ask('quota.ledger', { account: 'house' })
    expect(lines.map(l => [l.name, l.state, l.operator]).toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([['RB-0001', 'spent', '1001'], ['RB-0002', 'spent', '1001']])
    expect(await bench.ask('quota.ledger', { account: 'nobody' })).toEqual([])
  })

  it('sees what came in which tote, and the waves', async () => {
    await using bench = await openBench({ cameras: 2 })
    await bench.ask('scan', { text: 'OP:1001' })
    for (const camera of bench.world.cameras) {
      await bench.ask('scan', { text: camera.profile.label })
      await bench.ask('scan', { text: 'TT:T-17' })
    }
    await bench.ask('scan', { text: 'RS:SCRATCHED' })
    expect((await bench.ask('batch.list', {})).totes).toMatchObject([{ tote: 'T-17', units: 2, proven: 0, held: 1 }])
  })

  it('hands the shift over only when each hold was acknowledged; a newer hold must be seen again', async () => {
    await using bench = await openBench({ cameras: 3 })
    await bench.ask('scan', { text: 'OP:1001' })
    const units: string[] = []
    for (const camera of bench.world.cameras) units.push((await bench.ask('scan', { text: camera.profile.label })).unit?.uid ?? '')
    const [first = '', second = '', third = ''] = units
    await bench.ask('unit.hold', { unit: first, reason: 'swapped label' })
    await bench.sleep(seconds(2))
    await bench.ask('unit.hold', { unit: second, reason: 'scratched' })
    expect((await bench.ask('hold.list', {})).map(u => u.uid)).toEqual([first, second])

    await bench.ask('scan', { text: 'OP:2002' })
    await expect(bench.ask('handover.sign', {})).rejects.toMatchObject({ code: 'handover.holds-open', context: { left: 2 } })
    await expect(bench.ask('handover.acknowledge', { unit: third })).rejects.toMatchObject({ code: 'handover.not-held' })
    await bench.sleep(seconds(1))
    await bench.ask('handover.acknowledge', { unit: first })
    const { holds, chain } = await bench.ask('handover.acknowledge', { unit: second })
    expect(holds.map(h => h.acknowledgedBy)).toEqual(['2002', '2002'])
    expect(chain).toEqual({ seq: bench.ledger.lastSeq, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })

    expect((await bench.ask('handover.sign', {})).last).toMatchObject({ by: '2002' })
    expect(bench.ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]?.body).toMatchObject({ kind: 'shift.handed', holds: 2, upto: chain.seq, hash: chain.hash })
    await bench.sleep(seconds(1))
    expect((await bench.ask('handover.view', {})).holds.map(h => h.acknowledgedAt)).toEqual([null, null]) // the next shift begins unseen
  })

  it('tells the four kinds of certificate apart', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await work(bench)
    const { text } = await bench.ask('certificate.make', { unit: 'RB-0001' })
    const stateOf = async (given: string): Promise<string> => (await bench.ask('certificate.verify', { text: given })).state
    expect(await bench.ask('certificate.verify', { text })).toMatchObject({ state: 'valid', grade: 'A', unit: expect.any(String) })
    expect(await stateOf(text.replace('"grade":"A"', '"grade":"B"'))).toBe('altered')
    expect(await stateOf('{"kind":"unbindery.certificate"}')).toBe('unsigned')
    expect(await stateOf('<img src=x>')).toBe('unsigned')
    await using other = await openBench({ seed: 8 })
    expect((await other.ask('certificate.verify', { text })).state).toBe('unknown key')
  })
})

describe('the lead', () => {
  it('is called by a card, stands on every screen until the card is scanned again, and both are in history', async () => {
    await using bench = await openBench({})
    await bench.ask('scan', { text: 'OP:1001' })
    await bench.ask('scan', { text: 'CM:LEAD' })
    expect((await bench.ask('bench.view', {})).call).toMatchObject({ by: '1001' })
    await bench.ask('scan', { text: 'CM:LEAD' })
    expect((await bench.ask('bench.view', {})).call).toBeNull()
    expect(bench.ledger.factsAfter(0, 100).map(f => f.body.kind).filter(k => k.startsWith('lead.'))).toEqual(['lead.called', 'lead.came'])
  })
})

describe('cards of the screen', () => {
  it('are told to every screen and change nothing', async () => {
    await using bench = await openBench({})
    const before = bench.ledger.lastSeq
    for (const card of ['HELP', 'FIND', 'QUOTA', 'HANDOVER', 'BACK', 'PROOF']) {
      expect(await bench.ask('scan', { text: `CM:${card}` })).toMatchObject({ heard: 'command', note: 'done' })
      expect((await bench.ask('bench.view', {})).scan).toMatchObject({ text: `CM:${card}`, fault: null, heard: 'command' })
    }
    expect(bench.ledger.lastSeq).toBe(before)
  })
})

describe('the quota', () => {
  it('says when it is gone at the pace of the shift, and nothing before there is a pace', async () => {
    await using bench = await openBench({ seed: 7, units: 4, settings: { 'quota.accountPerDay': '6' } })
    const goneAt = async (): Promise<number | null | undefined> => (await bench.ask('bench.view', {})).quota.find(q => q.scope === 'account')?.goneAt
    expect(await goneAt()).toBeNull()
    await work(bench)
    const { clock } = await bench.ask('bench.view', {})
    expect((await goneAt() ?? 0) - clock.now).toBeGreaterThan(60_000)
    expect((await goneAt() ?? 0) - clock.now).toBeLessThan(15 * 60_000) // two seats left, four in the last minutes
  })
})
