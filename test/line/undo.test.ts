/** Scan, then plug, taken back: the wrong box was plugged in after a scan (design/operator.md 5). */
import { describe, expect, it } from 'vitest'
import { findDrift } from '../../src/main/bench/drift.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'

/** Scans the tag of unit 1 and plugs unit 2, in factory state, in its place. */
async function plugWrong(floor: LanFloor): Promise<{ readonly scanned: string }> {
  const [right, wrong] = [floor.unit(1), floor.unit(2)]
  for (const unit of [right, wrong]) unit.powerOn()
  await floor.bench.sleep(15_000)
  for (const unit of [right, wrong]) unit.pressReset()
  await floor.bench.sleep(45_000)
  const { unit } = await floor.bench.ask('scan', { text: 'RB-7001' })
  wrong.plug()
  while ((await floor.viewOf(wrong)) === null) await floor.bench.sleep(250)
  expect((await floor.viewOf(wrong))?.uid).toBe(unit?.uid)
  return { scanned: unit?.uid ?? '' }
}

describe('CM:UNDO', () => {
  it('within ten seconds the box is a unit of its own again, nothing is asked, and the scanned unit waits for its box', async () => {
    await using floor = await openFloor({ units: 2 })
    floor.bench.world.cloud.setFaults({ outage: ['openapi'] }) // the job stands open and has not asked
    const { scanned } = await plugWrong(floor)
    await floor.bench.sleep(5000)
    await floor.bench.ask('scan', { text: 'CM:UNDO' })
    floor.bench.world.cloud.setFaults({ outage: [] })
    const box = await floor.viewOf(floor.unit(2))
    expect(box?.uid).not.toBe(scanned)
    expect(box).toMatchObject({ stage: null, isIdentified: false })
    floor.unit(1).plug()
    await floor.bench.sleep(120_000)
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ uid: scanned, outcome: 'proven', isIdentified: true })
    expect(await floor.viewOf(floor.unit(2))).toMatchObject({ stage: null, fault: { code: 'unit.not-scanned' } })
    expect([await floor.asked(floor.unit(1)), await floor.asked(floor.unit(2))]).toEqual([1, 0])
    expect([findViolations(floor.bench), findDrift(floor.bench.ledger)]).toEqual([[], []])
  })

  it('after the ask the record stays and is void: held, without a label, and asked about to its verdict', async () => {
    await using floor = await openFloor({ units: 2 })
    const { scanned } = await plugWrong(floor)
    while (floor.unit(2).state.active === 0) await floor.bench.sleep(250) // it has the token
    await floor.bench.ask('scan', { text: 'CM:UNDO' })
    await floor.bench.sleep(120_000)
    expect(await floor.viewOf(floor.unit(2))).toMatchObject({ uid: scanned, outcome: 'proven', hold: { reason: 'void' } })
    expect(await floor.facts(scanned, 'unit.parted')).toEqual([])
  })

  it('later than ten seconds after the plug it is a void record as well', async () => {
    await using floor = await openFloor({ units: 2 })
    floor.bench.world.cloud.setFaults({ outage: ['openapi'] })
    const { scanned } = await plugWrong(floor)
    await floor.bench.sleep(11_000)
    await floor.bench.ask('scan', { text: 'CM:UNDO' })
    expect(await floor.viewOf(floor.unit(2))).toMatchObject({ uid: scanned, hold: { reason: 'void' } })
  })

  it('a claim nobody has answered is simply over: whoever comes next is met as somebody new', async () => {
    await using floor = await openFloor({ units: 1 })
    const { unit } = await floor.bench.ask('scan', { text: 'RB-7001' })
    await floor.bench.ask('scan', { text: 'CM:UNDO' })
    await floor.ready(floor.unit(1))
    expect((await floor.viewOf(floor.unit(1)))?.uid).not.toBe(unit?.uid)
  })
})
