/**
 * No more calls a second than a cloud project is allowed (facts/tuya.md 7.5): a call that comes too early waits its turn. The
 * turn is taken before the wait, so that callers who come together stand in line.
 */
import { millis, seconds } from '#shared'
import type { Clock } from '../ports.ts'

/** delete: delete, reset and unbind calls. read: everything that only asks. */
export type PaceKind = 'read' | 'delete'
export type PaceSettings = Readonly<Record<PaceKind, number>>
export const DEFAULT_PACE: PaceSettings = { read: 4, delete: 2 }

export class Pace {
  readonly #clock: Clock
  readonly #perSecond: PaceSettings
  readonly #turns: Record<PaceKind, number[]> = { read: [], delete: [] }

  constructor(clock: Clock, perSecond: PaceSettings = DEFAULT_PACE) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  async turn(kind: PaceKind, signal: AbortSignal): Promise<void> {
    const turns = this.#turns[kind]
    const now = this.#clock.monotonic()
    const before = turns.length < this.#perSecond[kind] ? undefined : turns.shift()
    const at = Math.max(now, before === undefined ? now : before + seconds(1))
    turns.push(at)
    if (at > now) await this.#clock.sleep(millis(Math.ceil(at - now)), signal)
  }
}
