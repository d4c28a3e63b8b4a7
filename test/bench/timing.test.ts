/** How long a product is silent while it resets itself: from the catalogue at first, then from what was measured. */
import { describe, expect, it } from 'vitest'
import { Timing } from '../../src/main/bench/timing.ts'
import { openFloor } from '../helpers/lan-floor.ts'
import { CATALOGUE, GATEWAY, LedgerBench, unitId } from '../helpers/ledger.ts'

const unit = unitId('u1')

function measure(timing: Timing, seconds: number): void {
  timing.heard(unit, 2, 0)
  timing.heard(unit, 2, 100_000) // a repeat: the silence begins here
  timing.heard(unit, 0, 100_000 + seconds * 1000)
  timing.proven(unit, GATEWAY)
}

describe('reboot seconds of a product', () => {
  it('are the catalogue’s until three units were measured, then the slowest of them and a quarter more', () => {
    using bench = new LedgerBench()
    const timing = new Timing(bench.ledger, CATALOGUE)
    measure(timing, 8)
    measure(timing, 12)
    expect(timing.rebootSeconds(GATEWAY)).toBe(20)
    measure(timing, 10)
    expect(timing.rebootSeconds(GATEWAY)).toBe(15)
    expect(new Timing(bench.ledger, CATALOGUE).view()).toContainEqual({ product: GATEWAY, seconds: 15, start: 20, measured: 3 }) // kept
  })

  it('never leave 0 to 90 s, whatever was measured or written into the ledger', () => {
    using bench = new LedgerBench()
    const timing = new Timing(bench.ledger, CATALOGUE)
    for (const seconds of [85, 85, 85, 4000]) measure(timing, seconds)
    expect(timing.rebootSeconds(GATEWAY)).toBe(90)
    for (const kept of ['nonsense', '{}', '[1e9,"x",-5]']) {
      bench.ledger.keepSetting(`reboot.${GATEWAY}`, kept)
      expect(timing.rebootSeconds(GATEWAY)).toBe(20)
    }
    expect(timing.rebootSeconds('a product nobody knows')).toBe(90)
    expect(timing.rebootSeconds(null)).toBe(90)
  })

  it('are not learnt from a silence that proved nothing', () => {
    using bench = new LedgerBench()
    const timing = new Timing(bench.ledger, CATALOGUE)
    for (let i = 0; i < 3; i += 1) {
      timing.heard(unit, 0, 0)
      timing.heard(unit, 0, 60_000)
      timing.proven(unit, GATEWAY)
    }
    expect(timing.view()).toContainEqual({ product: GATEWAY, seconds: 20, start: 20, measured: 0 })
  })

  it('are shown by status, measured on a real release', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(200_000)
    const { timing } = await floor.bench.ask('status', {})
    expect(timing.find(t => t.product === floor.unit(1).profile.productKey)).toMatchObject({ measured: 1 })
  })
})
