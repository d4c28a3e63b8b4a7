/**
 * Where the vendor's day begins: nobody says (facts/store-and-sync.md 2.3), so it is learnt. A bucket that was over quota at
 * one moment and was served again less than a day later had the boundary in between. Two such stretches that overlap are
 * believed, as long as nothing contradicts them; until then any 24 hours are counted as one day. Pure, and by vendor time only.
 */
import { hours, minutes, type Instant, type Millis } from '#shared'

const DAY: Millis = hours(24)
/** Two clocks and a boundary told by hand: nothing is trusted within this time of it (facts/store-and-sync.md 2.3). */
const TOLD_GUARD = minutes(10)
/** What was learnt may also move by an hour with summer time. */
const LEARNT_GUARD = minutes(70)
/** So often must it have been seen. */
const SEEN_MIN = 2
/** So often may it mislead: over quota where the day we believed in had seats left, and a window of 24 hours had none. */
const DOUBTS_MAX = 2

/** The boundary lies after `fromMs` and not after `fromMs + widthMs`, counted from 00:00 UTC. */
interface DayArc { readonly fromMs: number; readonly widthMs: number }
/** What is known of one bucket, and how: the last refusal and the acceptance after it. */
export interface LearntDay extends DayArc { readonly seen: number; readonly doubts: number; readonly refusedAt: Instant; readonly acceptedAt: Instant }
export interface DayWindow extends DayArc { readonly guardMs: Millis }

/** A boundary a person found out and set. */
export function toldDay(minutesUtc: number): DayWindow { return { fromMs: minutes(minutesUtc), widthMs: 0, guardMs: TOLD_GUARD } }

/** What may be counted by; null: too little is known. */
export function usableDay(learnt: LearntDay | null): DayWindow | null {
  return learnt !== null && learnt.seen >= SEEN_MIN ? { fromMs: learnt.fromMs, widthMs: learnt.widthMs, guardMs: LEARNT_GUARD } : null
}

/** Seats spent before this moment no longer count. `now` is vendor time; null: any 24 hours. */
export function windowStart(now: Instant, day: DayWindow | null = null): Instant {
  const sliding = now - DAY
  if (day === null) return sliding
  const { fromMs, widthMs, guardMs } = day
  const latest = fromMs + widthMs + guardMs // by then the day has begun for certain
  const begun = Math.floor((now - latest) / DAY) * DAY + fromMs
  return Math.max(sliding, begun - guardMs)
}

/**
 * Over quota for an ask of `refusedAt`, served at `acceptedAt`: what is known now; null when it teaches nothing, as the two
 * are a day apart. What contradicts is believed over what was learnt, but must be seen again before it counts.
 */
export function learnDay(before: LearntDay | null, refusedAt: Instant, acceptedAt: Instant): LearntDay | null {
  const widthMs = acceptedAt - refusedAt
  if (widthMs <= 0 || widthMs >= DAY) return null
  const seen: DayArc = { fromMs: modDay(refusedAt), widthMs }
  const both = before === null ? null : intersection(before, seen)
  return both === null || before === null
    ? { ...seen, seen: 1, doubts: 0, refusedAt, acceptedAt }
    : { ...both, seen: before.seen + 1, doubts: before.doubts, refusedAt, acceptedAt }
}

/** It misled once more; null: forget it, and learn anew. */
export function doubtDay(before: LearntDay): LearntDay | null {
  return before.doubts + 1 >= DOUBTS_MAX ? null : { ...before, doubts: before.doubts + 1 }
}

/** Where both arcs of the day's circle overlap; where they do so twice the narrower one holds both places. null: nowhere. */
function intersection(a: DayArc, b: DayArc): DayArc | null {
  const start = modDay(b.fromMs - a.fromMs)
  const pieces = [start, start - DAY].map(from => ({ from: Math.max(0, from), to: Math.min(a.widthMs, from + b.widthMs) })).filter(piece => piece.to >= piece.from)
  const [piece, other] = pieces
  if (piece === undefined) return null
  if (other !== undefined) return a.widthMs <= b.widthMs ? { fromMs: a.fromMs, widthMs: a.widthMs } : { fromMs: b.fromMs, widthMs: b.widthMs }
  return { fromMs: modDay(a.fromMs + piece.from), widthMs: piece.to - piece.from }
}

function modDay(ms: number): number { return ((ms % DAY) + DAY) % DAY }
