/** A unit that stands ready while the cloud is away: it is told what to do, it ages, and it goes on wherever it is plugged in next. */
import { describe, expect, it } from 'vitest'
import { minutes } from '#shared'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'

const away = (floor: LanFloor): void => { floor.bench.world.cloud.setFaults({ outage: ['openapi'] }) }
const back = (floor: LanFloor): void => { floor.bench.world.cloud.setFaults({ outage: [] }) }
const settings = { 'lan.take': 'all' }

describe('with the cloud away', () => {
  it('a ready unit says leave powered and why, and goes on with the same job when the cloud is back', async () => {
    await using floor = await openFloor({ units: 1, settings })
    const unit = floor.unit(1)
    away(floor)
    await floor.ready(unit)
    const waiting = await floor.viewOf(unit)
    expect(waiting).toMatchObject({ stage: 'ready', askedAt: null, prompt: 'leave-powered', fault: { code: 'cloud.unreachable' } })
    expect((await floor.facts(waiting?.uid ?? null, 'fault.raised')).filter(f => JSON.stringify(f).includes('cloud.unreachable'))).toHaveLength(1)
    back(floor)
    await floor.bench.sleep(minutes(3))
    expect(await floor.viewOf(unit)).toMatchObject({ job: waiting?.job, outcome: 'proven', attempt: 1 })
  })

  it('a unit that will not stay ready much longer is told to be taken off', async () => {
    await using floor = await openFloor({ units: 1, settings })
    away(floor)
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(minutes(6))
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ stage: 'ready', prompt: 'leave-powered' })
    await floor.bench.sleep(minutes(2))
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ stage: 'ready', prompt: 'take-off', tote: null })
  })

  it('and every lane taken, the unit that has stood ready the longest gives up its lane for the one just scanned; scanned into a tote, it is told which', async () => {
    await using floor = await openFloor({ units: 3, settings: { ...settings, 'bench.lanes': '2' } })
    const [first, second, next] = [floor.unit(1), floor.unit(2), floor.unit(3)]
    away(floor)
    const scan = async (...texts: readonly string[]): Promise<void> => { for (const text of texts) await floor.bench.ask('scan', { text }) }
    for (const [unit, lane] of [[first, 'P01'], [second, 'P02']] as const) {
      await scan(unit.profile.label, lane)
      await floor.ready(unit)
    }
    const prompts = async (): Promise<unknown[]> => await Promise.all([first, second].map(async unit => (await floor.viewOf(unit))?.prompt))
    expect(await prompts()).toEqual(['leave-powered', 'leave-powered'])
    await scan(next.profile.label)
    expect(await prompts()).toEqual(['take-off', 'leave-powered'])
    await scan(first.profile.label, 'TT:SHELF-7', next.profile.label)
    expect(await floor.viewOf(first)).toMatchObject({ prompt: 'take-off', tote: 'SHELF-7' })
    first.unplug()
    await floor.bench.sleep(minutes(3))
    expect((await prompts())[1]).toBe('leave-powered')
  })

  it('for longer than the unit stays in pairing its job ends with reset again: nothing was asked, the seat is back, no attempt is burnt, and what still says it is ready goes on', async () => {
    await using floor = await openFloor({ units: 1, settings })
    const unit = floor.unit(1)
    away(floor)
    await floor.ready(unit)
    const first = await floor.viewOf(unit)
    await floor.bench.sleep(minutes(12))
    const closed = floor.bench.ledger.factsAfter(0, 10_000).find(f => f.job === first?.job && f.body.kind === 'job.closed')
    expect(closed?.body).toMatchObject({ fault: { code: 'unit.reset-again' } })
    expect(first?.job == null ? null : floor.bench.ledger.seatOf(first.job)).toBe('returned')
    back(floor)
    await floor.bench.sleep(minutes(4))
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'proven', attempt: 1 })
    expect(await floor.asked(unit)).toBe(1)
  })

  it('a unit taken off its lane goes on at the lane it is plugged into next', async () => {
    await using floor = await openFloor({ units: 1, settings })
    const unit = floor.unit(1)
    away(floor)
    floor.bench.world.switch.cable(unit.profile.mac, 3)
    await floor.ready(unit)
    unit.unplug()
    unit.powerOff()
    await floor.bench.sleep(minutes(3))
    back(floor)
    floor.bench.world.switch.cable(unit.profile.mac, 5)
    await floor.ready(unit)
    await floor.bench.sleep(minutes(3))
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'proven' })
    expect(await floor.asked(unit)).toBe(1)
  })
})

it('a unit that was tried twice in a stay is held by the station, with reason and time, until a lead frees it', async () => {
  await using floor = await openFloor({ units: 1, faults: { 1: 'refuses' }, settings })
  const unit = floor.unit(1)
  await floor.ready(unit)
  await floor.bench.sleep(minutes(8))
  const { uid = '', hold } = await floor.viewOf(unit) ?? {}
  expect(hold).toBeNull()
  await floor.bench.ask('unit.again', { unit: uid })
  unit.pressReset()
  await floor.bench.sleep(minutes(8))
  expect(await floor.viewOf(unit)).toMatchObject({ prompt: 'set-aside', attempt: 2, fault: expect.anything() as object, hold: { owner: 'station', reason: 'unit.tried-enough', at: expect.any(Number) as number } })
  await floor.bench.ask('unit.again', { unit: uid })
  await floor.bench.sleep(minutes(8))
  expect(await floor.asked(unit)).toBeLessThanOrEqual(2)
})

it('a unit that fails, is taken away and brought back by the same shift has no further tries than two; a lead gives it two more', async () => {
  await using floor = await openFloor({ units: 1, faults: { 1: 'refuses' }, settings })
  const unit = floor.unit(1)
  const again = async (): Promise<void> => {
    unit.unplug()
    await floor.bench.sleep(minutes(2))
    await floor.ready(unit)
    await floor.bench.ask('unit.again', { unit: uid })
    await floor.bench.sleep(minutes(8))
  }
  await floor.ready(unit)
  await floor.bench.sleep(minutes(8))
  const { uid = '', hold } = await floor.viewOf(unit) ?? {}
  expect(hold).toBeNull()
  await again()
  expect(await floor.viewOf(unit)).toMatchObject({ stay: 2, attempt: 1, hold: { owner: 'station', reason: 'unit.tried-enough' } })
  expect(await floor.asked(unit)).toBe(2)
  await floor.bench.ask('unit.release', { unit: uid, reason: 'new cable' })
  await again()
  expect(await floor.asked(unit)).toBe(3)
})
