/**
 * Who is here. Announcements and leases are noted as they come; silence is also a fact: a unit not heard for `goneMs` is
 * said to be gone, once, and said to be back at its next sign.
 */
import { seconds, type Instant, type Millis, type Pip, type UnitId } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { every, Listeners } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export type SignOf = 'announcement' | 'lease'
export interface PresenceChange { readonly unit: UnitId; readonly kind: 'gone' | 'back'; readonly of: SignOf; readonly at: Instant }

interface Signs { heardAt: Instant; announcedMono: number | null; announcement: Pip; lease: Pip }

export class Presence {
  readonly #clock: Clock
  readonly #log: Log
  readonly #goneMs: Millis
  readonly #signs = new Map<UnitId, Signs>()
  readonly #listeners = new Listeners<PresenceChange>()

  constructor(clock: Clock, log: Log, settings: { readonly goneMs: Millis }) {
    this.#clock = clock
    this.#log = log
    this.#goneMs = settings.goneMs
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('presence could not be swept', fault)
    scope.spawn(signal => every(this.#clock, seconds(1), () => this.#sweep(), onFault, signal), onFault)
  }

  on(fn: (change: PresenceChange) => void): Disposable {
    return this.#listeners.on(fn)
  }

  announced(unit: UnitId): void {
    const signs = this.#of(unit)
    signs.announcedMono = this.#clock.monotonic()
    this.#set(unit, signs, 'announcement', 'on')
  }

  leased(unit: UnitId): void {
    this.#set(unit, this.#of(unit), 'lease', 'on')
  }

  /** The lease was released, declined or has run out. */
  leaseEnded(unit: UnitId): void {
    const signs = this.#signs.get(unit)
    if (signs?.lease === 'on') this.#set(unit, signs, 'lease', 'gone')
  }

  forget(unit: UnitId): void {
    this.#signs.delete(unit)
  }

  heardAt(unit: UnitId): Instant | null { return this.#signs.get(unit)?.heardAt ?? null }
  pip(unit: UnitId, of: SignOf): Pip { return this.#signs.get(unit)?.[of] ?? 'off' }
  /** Neither lease nor announcement is left. */
  isGone(unit: UnitId): boolean {
    const signs = this.#signs.get(unit)
    return signs !== undefined && signs.announcement !== 'on' && signs.lease !== 'on'
  }

  #of(unit: UnitId): Signs {
    let signs = this.#signs.get(unit)
    if (!signs) this.#signs.set(unit, signs = { heardAt: this.#clock.now(), announcedMono: null, announcement: 'off', lease: 'off' })
    return signs
  }

  #set(unit: UnitId, signs: Signs, of: SignOf, pip: 'on' | 'gone'): void {
    const before = signs[of]
    signs[of] = pip
    if (pip === 'on') signs.heardAt = this.#clock.now()
    if (before === pip || (before === 'off' && pip === 'on')) return
    this.#listeners.tell({ unit, kind: pip === 'on' ? 'back' : 'gone', of, at: this.#clock.now() }, fault => this.#log.fault('a listener of presence failed', fault))
  }

  #sweep(): void {
    const now = this.#clock.monotonic()
    for (const [unit, signs] of this.#signs) {
      if (signs.announcement === 'on' && signs.announcedMono !== null && now - signs.announcedMono > this.#goneMs) this.#set(unit, signs, 'announcement', 'gone')
    }
  }
}
