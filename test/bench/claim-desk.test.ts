/** Scan, then plug: the first new unit within the claim time belongs to the scan, and to the lane scanned with it. */
import { expect, it } from 'vitest'
import { seconds } from '#shared'
import { ClaimDesk } from '../../src/main/bench/claim-desk.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { unitId } from '../helpers/ledger.ts'

const [A, B] = [unitId('a'), unitId('b')]
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

it('a claim is taken once, with its lane', () => {
  const { desk } = open()
  desk.scanned(A, true)
  desk.lane(3)
  desk.clear()
  expect(desk.open()).toBeNull()
  desk.scanned(B, true)
  expect(desk.open()).toEqual({ unit: B, lane: null })
})

it('the unit that a following card is about is remembered as long as no other is scanned', async () => {
  const { desk, clock } = open()
  expect(desk.lastScanned).toBeNull()
  desk.scanned(A, true)
  desk.clear()
  await clock.advance(seconds(3600))
  expect(desk.lastScanned).toBe(A)
})
