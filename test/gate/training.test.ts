/** The rows of training at the gate: with nobody to see to exercises, as on a live bench, and what is on the paper. */
import { describe, expect, it } from 'vitest'
import type { DoorAnswer } from '#shared'
import { openBench } from '../helpers/station.ts'
import { MISSING, Pdf } from '../helpers/poppler.ts'

const LOCAL = { host: 'local' } as const
const codeOf = async (asked: Promise<DoorAnswer>): Promise<string> => (answer => answer.ok ? 'ok' : answer.fault.code)(await asked)

describe('a bench without exercises', () => {
  it('refuses to begin one, by word and by card, and to demonstrate; its view is empty', async () => {
    await using bench = await openBench({})
    const { gate } = bench.station
    await bench.ask('scan', { text: 'OP:7' })
    for (const [name, params] of [['training.exercise', { exercise: 'no-power' }], ['training.hand', { hand: 'line' }], ['training.stop', {}], ['training.demo', { isOn: true }], ['scan', { text: 'EX:NO-POWER' }]] as const) {
      expect([name, await codeOf(gate.ask(name, params, LOCAL))]).toEqual([name, 'training.only'])
    }
    expect(await bench.ask('training.view', {})).toEqual({ exercises: [], running: null, last: null, isDemo: false, competence: [] })
  })

  it.skipIf(MISSING.length > 0)('still prints what a badge has shown, under the mark of training', async () => {
    await using bench = await openBench({ settings: { mode: 'live' } })
    bench.ledger.append({ body: { kind: 'person.trained', badge: '7', course: 'no-power', score: 95, shownAt: Date.UTC(2026, 0, 5), key: 'ab'.repeat(32) } })
    const { base64 } = await bench.run(bench.ask('competence.paper', { badge: '7' }))
    using pdf = new Pdf(Buffer.from(base64, 'base64'))
    for (const word of ['TRAINING', 'Certificateofcompetence', '1of7', 'nopowersupply', '95', '2026-01-05']) expect(pdf.written).toContain(word)
  })
})
