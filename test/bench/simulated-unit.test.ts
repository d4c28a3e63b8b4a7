/** The last step of the checklist: a unit that does not exist goes the whole way, and its certificate is checked by the real verifier. */
import { describe, expect, it } from 'vitest'
import { simulateUnit } from '../../src/main/simulated-unit.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'

describe('a simulated unit', () => {
  it('goes from intake to a verified certificate, in a ledger of its own, in a few seconds', async () => {
    const startedAt = performance.now()
    const opened: string[] = []
    const memory = { open: (path: string) => { opened.push(path); return new LiveSql().open(':memory:') } }
    const found = await simulateUnit({ memory, seed: 11, now: Date.UTC(2026, 10, 22, 7, 30), version: '0.0.0-test', signal: new AbortController().signal })
    expect(found).toMatchObject({ outcome: 'proven', certificate: 'valid' })
    expect(found.facts).toBeGreaterThan(15)
    expect(opened).toHaveLength(1)
    expect(performance.now() - startedAt).toBeLessThan(15_000) // of the 30 s the daily check has
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('with seed %i as well', async seed => {
    const memory = { open: () => new LiveSql().open(':memory:') }
    expect(await simulateUnit({ memory, seed, now: Date.UTC(2027, 1, 28, 23, 59), version: '0', signal: new AbortController().signal })).toMatchObject({ outcome: 'proven', certificate: 'valid' })
  })
})
