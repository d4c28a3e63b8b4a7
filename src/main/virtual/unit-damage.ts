/**
 * What a faulty unit does to its own words on the LAN (facts/tuya.md 11): to the JSON it announces, and to the answer it
 * gives to a token. Which damage is data of the profile; a fault that is not named here leaves the words sound.
 */
import { millis, seconds } from '#shared'
import type { BytePipe, Clock } from '../ports.ts'
import { concat } from '../wire/bytes.ts'
import { COMMAND } from '../wire/lan-frame.ts'
import type { UnitFault } from './unit-profile.ts'

/** Longer than any patience of the station with one connection. */
const LATE_MS = seconds(12)
/** More than twice what a unit itself takes (facts/tuya.md 4.2). */
const GIANT_BYTES = 9 * 1024
/** Between the pieces of a frame, so that each is a segment of its own. */
const PIECE_GAP_MS = millis(5)
const NULS = 3
/** One field is wrong at a time: a reader that checks all but one of them takes one announcement in eight. */
const WRONG_TYPES = [{ ip: 7 }, { gwId: 7 }, { active: '0' }, { token: 'true' }, { encrypt: 1 }, { ability: '1' }, { productKey: [] }, { version: 3.3 }] as const
/** Announcements that fall due at once when its clock jumps ten minutes ahead. */
const JUMPED_ANNOUNCEMENTS = 120

/** What it announces; `n` counts its announcements. */
export function damagedJson(json: Readonly<Record<string, unknown>>, fault: UnitFault | null, n: number): Readonly<Record<string, unknown>> {
  switch (fault) {
    case 'no-token-flag': return { ...json, token: false }
    case 'wrong-types': return { ...json, ...WRONG_TYPES[n % WRONG_TYPES.length] }
    case 'giant-frame': return n % 2 === 0 ? { ...json, extend: 'x'.repeat(GIANT_BYTES) } : json
    default: return json
  }
}

/** NUL bytes behind the JSON of an announcement (facts/tuya.md 4.3). */
export function nulsOf(fault: UnitFault | null): number {
  return fault === 'nul-after-json' ? NULS : 0
}

/** Announcements it owes once it has taken a token. */
export function owedOf(fault: UnitFault | null): number {
  return fault === 'clock-jump' ? JUMPED_ANNOUNCEMENTS : 0
}

interface Answer {
  readonly fault: UnitFault | null
  /** The sound frame; may be spoilt in place. */
  readonly bytes: Uint8Array
  /** Any other frame of this unit. */
  readonly frame: (command: number, text: string) => Uint8Array
}

/** Writes the answer to a token. False: the unit hangs up. */
export async function answerToken({ fault, bytes, frame }: Answer, pipe: BytePipe, clock: Clock, signal: AbortSignal): Promise<boolean> {
  switch (fault) {
    case 'late-ack':
      await clock.sleep(LATE_MS, signal)
      break
    case 'truncated-frame':
    case 'reset-in-reply':
      await pipe.write(bytes.subarray(0, bytes.length >> 1), signal)
      if (fault === 'reset-in-reply') {
        await clock.sleep(PIECE_GAP_MS, signal) // the half frame is there before the reset is
        pipe.reset?.()
      }
      return false
    case 'crc-error':
      flip(bytes, bytes.length - 6) // inside the check sum, or the tag
      break
    case 'two-frames-joined':
    case 'giant-frame':
      await pipe.write(concat([frame(COMMAND.STATUS, fault === 'giant-frame' ? 'x'.repeat(GIANT_BYTES) : '{}'), bytes]), signal)
      return true
    case 'frame-in-pieces':
      for (let at = 0; at < bytes.length; at += 1) {
        await pipe.write(bytes.subarray(at, at + 1), signal)
        await clock.sleep(PIECE_GAP_MS, signal)
      }
      return true
    default: // a sound answer
  }
  await pipe.write(bytes, signal)
  return true
}

function flip(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
}
