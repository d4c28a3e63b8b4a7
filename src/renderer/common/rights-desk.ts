/**
 * An act that is refused because a lead or an admin has to do it is kept for a moment: the page asks for the badge and the
 * PIN, and then asks the act once more. Buttons need not know: they hold a door like any other. One act waits at a time;
 * a newer one takes its place, and what was waiting is told its refusal.
 */
import type { DoorName, DoorParams, DoorResult, FaultView } from '#shared'
import { asFault, type StationDoor } from './bridge.ts'

export interface WantedBadge { readonly needs: 'lead' | 'admin'; readonly fault: FaultView }

interface Kept { readonly fault: FaultView; readonly again: () => void; readonly refuse: () => void }

export class RightsDesk {
  readonly door: StationDoor
  #kept: Kept | null = null
  #wanted: WantedBadge | null = null
  readonly #fns = new Set<() => void>()

  constructor(door: StationDoor) {
    this.door = {
      get line() { return door.line },
      on: (event, fn) => door.on(event, fn),
      onLine: fn => door.onLine(fn),
      ask: async <N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> => {
        try {
          return await door.ask(name, params)
        } catch (thrown) {
          const fault = asFault(thrown)
          if (fault.code !== 'person.needs-lead' && fault.code !== 'person.needs-admin' || name === 'operator.enter') throw thrown
          const { promise, resolve, reject } = Promise.withResolvers<DoorResult<N>>()
          this.#keep({ fault, again: () => { door.ask(name, params).then(resolve, reject) }, refuse: () => reject(fault) })
          return promise
        }
      }
    }
  }

  readonly subscribe = (fn: () => void): (() => void) => {
    this.#fns.add(fn)
    return () => { this.#fns.delete(fn) }
  }

  readonly snapshot = (): WantedBadge | null => this.#wanted

  /** The PIN was right: the act is asked once more. */
  again(): void {
    const kept = this.#kept
    this.#put(null)
    kept?.again()
  }

  /** Nobody with that right is here: the act ends with its refusal. */
  cancel(): void {
    const kept = this.#kept
    this.#put(null)
    kept?.refuse()
  }

  #keep(kept: Kept): void {
    this.#kept?.refuse()
    this.#put(kept)
  }

  #put(kept: Kept | null): void {
    this.#kept = kept
    this.#wanted = kept === null ? null : { needs: kept.fault.code === 'person.needs-admin' ? 'admin' : 'lead', fault: kept.fault }
    for (const fn of this.#fns) fn()
  }
}
