/**
 * Scan, then plug: the first new MAC within the claim time belongs to the unit just scanned, and to the lane whose label was
 * scanned with it. Newest scan wins.
 */
import type { Millis, UnitId } from '#shared'
import type { Claim } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'

export class ClaimDesk {
  readonly #clock: Clock
  readonly #claimMs: Millis
  #unit: { readonly uid: UnitId; readonly at: Millis } | null = null
  #lane: { readonly lane: number; readonly at: Millis } | null = null
  /** The unit a following card (hold, reason, tote) is about; does not run out. */
  lastScanned: UnitId | null = null

  constructor(clock: Clock, claimMs: Millis) {
    this.#clock = clock
    this.#claimMs = claimMs
  }

  scanned(unit: UnitId, isWaitingForPlug: boolean): void {
    this.lastScanned = unit
    this.#unit = isWaitingForPlug ? { uid: unit, at: this.#clock.monotonic() } : null
  }

  /** A lane label, before or after its unit. */
  lane(lane: number): void {
    this.#lane = { lane, at: this.#clock.monotonic() }
    if (this.#unit && this.#isFresh(this.#unit.at)) this.#unit = { uid: this.#unit.uid, at: this.#clock.monotonic() }
  }

  open(): Claim | null {
    if (!this.#unit || !this.#isFresh(this.#unit.at)) return null
    return { unit: this.#unit.uid, lane: this.#lane && this.#isFresh(this.#lane.at) ? this.#lane.lane : null }
  }

  /** Taken, or undone by the operator. */
  clear(): void {
    this.#unit = null
    this.#lane = null
  }

  #isFresh(at: Millis): boolean {
    return this.#clock.monotonic() - at <= this.#claimMs
  }
}
