/** What stands on the pick list and on the hand-over sheet, read by poppler; and that a long list is counted to its end. */
import { describe, expect, it } from 'vitest'
import type { DoorName, PaperView, UnitId } from '#shared'
import { MISSING, Pdf } from '../helpers/poppler.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

async function written(bench: TestBench, name: DoorName): Promise<{ readonly text: string; readonly pages: number; readonly bytes: number }> {
  const { base64 } = await bench.ask(name, {}) as PaperView // a paper's row
  const bytes = Buffer.from(base64, 'base64')
  using pdf = new Pdf(bytes)
  return { text: pdf.written, pages: pdf.pages, bytes: bytes.length }
}

/** Units in totes, put off to another day; the last one of them came first. */
function putOff(bench: TestBench, count: number): void {
  const { ledger } = bench
  for (let n = 1; n <= count; n += 1) {
    const unit = `u${String(n).padStart(5, '0')}` as UnitId // a short one
    ledger.commit(tx => {
      tx.append({ unit, body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
      tx.append({ unit, body: { kind: 'unit.named', alias: { kind: 'tag', value: `RB-${String(count - n + 1).padStart(4, '0')}` } } })
      tx.append({ unit, body: { kind: 'unit.known', product: 'gw3wired00000001', method: 'wired' } })
      if (n % 2 === 0) tx.append({ unit, body: { kind: 'unit.stored', tote: `T-${n}` } })
      tx.append({ unit, body: { kind: 'unit.postponed', fault: { code: 'quota.account-spent', context: {} } } })
    })
  }
}

describe.skipIf(MISSING.length > 0 && process.env['CI'] === undefined)(`lists${MISSING.length > 0 ? ` (skipped: ${MISSING.join(', ')} missing)` : ''}`, () => {
  it('the pick list names what waits for tomorrow, oldest first, with tote and product; a held unit is not on it', async () => {
    await using bench = await openBench({})
    putOff(bench, 3)
    bench.ledger.append({ unit: 'u00002' as UnitId, body: { kind: 'unit.held', hold: { owner: 'lead', reason: 'x', at: 1 } } }) // made above
    const { text, pages } = await written(bench, 'picklist.paper')
    expect([text, pages]).toEqual([expect.stringMatching(/Picklistfortomorrow明日拣货单.*2units,oldestfirst.*1\d{4}-\d\d-\d\d\?RB-0003.*2\d{4}-\d\d-\d\d\?RB-0001/), 1])
    expect(text).toContain('TRAINING培训')
    expect(text).not.toContain('RB-0002')
  })

  it('of a thousand units counts them all, lists the first, and stays small enough for the door', async () => {
    await using bench = await openBench({})
    putOff(bench, 1000)
    const { text, pages, bytes } = await written(bench, 'picklist.paper')
    expect([text, pages < 20, bytes < 512 * 1024]).toEqual([expect.stringMatching(/1000units,.*and600more/), true, true])
  })

  it('the hand-over sheet has states, holds, quota, history owed, what is not well, and the chain head to read out', async () => {
    await using bench = await openBench({ settings: { 'printer.address': '10.77.0.250' } })
    await bench.ask('scan', { text: 'OP:1001' })
    const { unit } = await bench.ask('scan', { text: 'RB-0417' })
    await bench.ask('scan', { text: 'TT:T-004' })
    await bench.ask('unit.hold', { unit: unit?.uid ?? '', reason: 'customer <b>claims</b> \u202Eit' })
    await bench.sleep(20_000)
    const chain = Buffer.from(bench.ledger.chain.hash).toString('hex')
    const { seq } = bench.ledger.chain
    const { text } = await written(bench, 'handover.paper')
    for (const said of ['Shifthand-over交接班', 'operator操作员1001', 'unbindasked已请求解绑', 'RB-0417', 'T-004', 'customer<b>claims', 'account账号house', 'central', 'labelprinter标签打印机Thelabelprinterdoesnotanswer', `fact${seq}`, chain, 'Takenoverby接班人']) expect(text).toContain(said)
  })
})
