/**
 * Scan, then plug: the first new MAC within the claim time belongs to the unit just scanned. Newest scan wins. A lane label
 * belongs to the unit scanned before it, also when that is plugged in by then; only one that follows nobody, or a unit that
 * has its lane, waits for the next scan.
 */
import { seconds, type Alias, type Millis, type UnitId } from '#shared'
import type { Claim } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'

/** So long a claim that was taken can be taken back (design/operator.md 5); later it is a void record. */
export const UNDO_WITHIN = seconds(10)

/** `aliases`: what the unit was known by before. */
export interface Taken { readonly unit: UnitId; readonly aliases: readonly Alias[]; readonly at: Millis; readonly hasLane: boolean }

export class ClaimDesk {
  readonly #clock: Clock
  readonly #claimMs: Millis
  #unit: { readonly uid: UnitId; readonly at: Millis } | null = null
  #lane: { readonly lane: number; readonly at: Millis } | null = null
  #taken: Taken | null = null
  /** The unit a following card (hold, reason, tote) is about; does not run out. */
  lastScanned: UnitId | null = null

  constructor(clock: Clock, claimMs: Millis) {
    this.#clock = clock
    this.#claimMs = claimMs
  }

  scanned(unit: UnitId, isWaitingForPlug: boolean): void {
    this.lastScanned = unit
    if (this.#unit) this.#lane = null // it was of the one before
    this.#unit = isWaitingForPlug ? { uid: unit, at: this.#clock.monotonic() } : null
    this.#taken = null
  }

  /** The unit that stands on this lane now; null: whoever is claimed or scanned next will. */
  lane(lane: number): UnitId | null {
    const at = this.#clock.monotonic()
    const taken = this.#taken
    if (!this.#unit && taken && !taken.hasLane && this.#isFresh(taken.at)) {
      this.#taken = { ...taken, hasLane: true }
      return taken.unit
    }
    this.#lane = { lane, at }
    if (this.#unit && this.#isFresh(this.#unit.at)) this.#unit = { uid: this.#unit.uid, at }
    return null
  }

  open(): Claim | null {
    if (!this.#unit || !this.#isFresh(this.#unit.at)) return null
    return { unit: this.#unit.uid, lane: this.#lane && this.#isFresh(this.#lane.at) ? this.#lane.lane : null }
  }

  /** The claim was kept: somebody new has come. `aliases`: what its unit was known by before. */
  take(claim: Claim, aliases: readonly Alias[]): void {
    this.#unit = null
    this.#lane = null
    this.#taken = { unit: claim.unit, aliases, at: this.#clock.monotonic(), hasLane: claim.lane !== null }
  }

  /** Takes back an open claim. What was taken before is told once, with whether it is too late to part it again. */
  undo(): (Taken & { readonly isLate: boolean }) | null {
    const taken = this.#unit ? null : this.#taken
    this.#unit = null
    this.#lane = null
    this.#taken = null
    return taken && { ...taken, isLate: this.#clock.monotonic() - taken.at > UNDO_WITHIN }
  }

  #isFresh(at: Millis): boolean {
    return this.#clock.monotonic() - at <= this.#claimMs
  }
}
