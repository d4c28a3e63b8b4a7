/** Scan, then plug: the first new unit within the claim time belongs to the scan, and to the lane scanned with it. */
import { expect, it } from 'vitest'
import { seconds, type Alias } from '#shared'
import { ClaimDesk } from '../../src/main/bench/claim-desk.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { unitId } from '../helpers/ledger.ts'

const [A, B] = [unitId('a'), unitId('b')]
const TAG: readonly Alias[] = [{ kind: 'tag', value: 'RB-0001' }]
const take = (desk: ClaimDesk): void => {
  const claim = desk.open()
  if (claim) desk.take(claim, TAG)
}
const open = (): { desk: ClaimDesk; clock: VirtualClock } => {
  const clock = new VirtualClock()
  return { clock, desk: new ClaimDesk(clock, seconds(20)) }
}

it('nothing scanned claims nothing; a lane alone claims nothing', () => {
  const { desk } = open()
  expect(desk.open()).toBeNull()
  desk.lane(3)
  expect(desk.open()).toBeNull()
})

it('a scan holds for its time, and not a moment longer', async () => {
  const { desk, clock } = open()
  desk.scanned(A, true)
  await clock.advance(seconds(20))
  expect(desk.open()).toEqual({ unit: A, lane: null })
  await clock.advance(seconds(1))
  expect(desk.open()).toBeNull()
})

it('a lane counts whether it is scanned before or after the unit, and gives the hands new time', async () => {
  const { desk, clock } = open()
  desk.lane(3)
  await clock.advance(seconds(5))
  desk.scanned(A, true)
  expect(desk.open()).toEqual({ unit: A, lane: 3 })
  await clock.advance(seconds(15))
  desk.lane(4)
  await clock.advance(seconds(15))
  expect(desk.open()).toEqual({ unit: A, lane: 4 })
})

it('a lane from long ago does not stick to the next unit', async () => {
  const { desk, clock } = open()
  desk.lane(3)
  await clock.advance(seconds(21))
  desk.scanned(A, true)
  expect(desk.open()).toEqual({ unit: A, lane: null })
})

it('a lane does not bring back a scan that has run out', async () => {
  const { desk, clock } = open()
  desk.scanned(A, true)
  await clock.advance(seconds(21))
  desk.lane(3)
  expect(desk.open()).toBeNull()
})

it('the newest scan wins, also one of a unit that is plugged in already', () => {
  const { desk } = open()
  desk.scanned(A, true)
  desk.scanned(B, true)
  expect(desk.open()?.unit).toBe(B)
  desk.scanned(A, false)
  expect(desk.open()).toBeNull()
})

it('a lane label belongs to the unit scanned before it, and not to the next one', () => {
  const { desk } = open()
  desk.scanned(A, true)
  desk.lane(1)
  desk.scanned(B, true)
  expect(desk.open()).toEqual({ unit: B, lane: null })
})

it('a label scanned when its unit is plugged in already places that unit; the one after it waits for the next scan', async () => {
  const { desk, clock } = open()
  desk.scanned(A, true)
  take(desk)
  await clock.advance(seconds(5))
  expect(desk.lane(3)).toBe(A)
  expect(desk.lane(4)).toBeNull()
  desk.scanned(B, true)
  expect(desk.open()).toEqual({ unit: B, lane: 4 })
})

it('a label long after the plug places nobody', async () => {
  const { desk, clock } = open()
  desk.scanned(A, true)
  take(desk)
  await clock.advance(seconds(21))
  expect(desk.lane(3)).toBeNull()
})

it('a claim is taken once, with its lane', () => {
  const { desk } = open()
  desk.scanned(A, true)
  desk.lane(3)
  take(desk)
  expect(desk.open()).toBeNull()
  expect(desk.lane(4)).toBeNull()
  desk.undo()
  desk.scanned(B, true)
  expect(desk.open()).toEqual({ unit: B, lane: null })
})

it('an open claim is undone without a trace; a taken one is told once, in time for ten seconds and late after that', async () => {
  const { desk, clock } = open()
  desk.scanned(A, true)
  expect(desk.undo()).toBeNull()
  expect(desk.open()).toBeNull()
  for (const [after, isLate] of [[10, false], [11, true]] as const) {
    desk.scanned(A, true)
    take(desk)
    await clock.advance(seconds(after))
    expect(desk.undo()).toMatchObject({ unit: A, aliases: TAG, isLate })
    expect(desk.undo()).toBeNull()
  }
})

it('the unit that a following card is about is remembered as long as no other is scanned', async () => {
  const { desk, clock } = open()
  expect(desk.lastScanned).toBeNull()
  desk.scanned(A, true)
  desk.undo()
  await clock.advance(seconds(3600))
  expect(desk.lastScanned).toBe(A)
})
