/**
 * The bench as the station tells it: one snapshot, then numbered changes. A missing number means that something was lost,
 * so the snapshot is asked again. The page holds no truth of its own.
 */
import { useSyncExternalStore } from 'react'
import type { BenchChange, BenchView, ClockView, DisplayView, FaultView, Instant } from '#shared'
import { asFault, type StationDoor } from './bridge.ts'

/** Changes that may wait for a snapshot; beyond this the snapshot is asked once more instead. */
const WAITING_MAX = 1000
const ASK_AGAIN_MS = 2_000
/** Screens are told at most 60 times a second, however fast the bench changes. */
const TELL_MS = 16

/** The station's time, carried on between two messages by the page's own monotonic clock. */
export class StationTime {
  #clock: ClockView | null = null
  #at = 0

  observe(clock: ClockView): void {
    this.#clock = clock
    this.#at = performance.now()
  }

  /** null until the station has told its time. */
  now(): Instant | null {
    return this.#clock === null ? null : this.#clock.now + (performance.now() - this.#at) * this.#clock.rate
  }
}

/** null: a change is missing between the two. Old changes leave the view as it is. */
export function fold(view: BenchView, change: BenchChange): BenchView | null {
  if (change.version <= view.version) return view
  if (change.version !== view.version + 1) return null
  const { gone, units, ...rest } = change
  const next: BenchView = { ...view, ...sameAsBefore(view, rest) }
  if (units === undefined && gone === undefined) return next
  const byUid = new Map(view.units.map(u => [u.uid, u]))
  for (const unit of units ?? []) byUid.set(unit.uid, unit)
  for (const uid of gone ?? []) byUid.delete(uid)
  return { ...next, units: [...byUid.values()] }
}

/** What says the same stays the same thing, so that nobody draws it again. */
function sameAsBefore<T extends Partial<BenchView>>(view: BenchView, change: T): T {
  const before: Readonly<Record<string, unknown>> = { ...view }
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, typeof value === 'object' && JSON.stringify(value) === JSON.stringify(before[name]) ? before[name] : value])) as T // the same keys, with equal values
}

abstract class Live<T> {
  #told: T
  readonly #fns = new Set<() => void>()
  #isTelling = false
  #toldAt = Number.NEGATIVE_INFINITY
  protected current: T

  constructor(first: T) {
    this.current = first
    this.#told = first
  }

  readonly subscribe = (fn: () => void): (() => void) => {
    this.#fns.add(fn)
    return () => { this.#fns.delete(fn) }
  }

  readonly snapshot = (): T => this.#told

  protected tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    setTimeout(() => {
      this.#isTelling = false
      this.#toldAt = performance.now()
      this.#told = this.current
      for (const fn of this.#fns) fn()
    }, Math.max(0, TELL_MS - (performance.now() - this.#toldAt))) // what comes alone is shown at once
  }
}

/** `heardAt`: the page's monotonic time of the last word from the station. */
export interface BenchNow { readonly bench: BenchView | null; readonly fault: FaultView | null; readonly heardAt: number }

export class BenchLive extends Live<BenchNow> {
  readonly #door: StationDoor
  readonly #time: StationTime
  #waiting: BenchChange[] = []
  #isAsking = false

  constructor(door: StationDoor, time: StationTime) {
    super({ bench: null, fault: null, heardAt: Number.NEGATIVE_INFINITY })
    this.#door = door
    this.#time = time
    door.on('bench.changed', change => this.#take(change))
    door.onLine(line => { if (line === 'open') this.#ask() })
    if (door.line !== 'no-key') this.#ask()
  }

  #take(change: BenchChange): void {
    if (this.#isAsking || this.current.bench === null) {
      if (this.#waiting.length < WAITING_MAX) this.#waiting.push(change)
      return
    }
    const next = fold(this.current.bench, change)
    if (next === null) {
      this.#waiting.push(change)
      this.#ask()
      return
    }
    this.#put(next)
  }

  #ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#door.ask('bench.view', {}).then(
      view => {
        this.#isAsking = false
        const waiting = this.#waiting
        this.#waiting = []
        this.#put(view)
        for (const change of waiting) this.#take(change)
      },
      (thrown: unknown) => {
        this.#isAsking = false
        this.current = { ...this.current, fault: asFault(thrown) }
        this.tell()
        setTimeout(() => { if (this.#door.line === 'open') this.#ask() }, ASK_AGAIN_MS)
      }
    )
  }

  #put(bench: BenchView): void {
    this.#time.observe(bench.clock)
    this.current = { bench, fault: null, heardAt: performance.now() }
    this.tell()
  }
}

/** `heardAt`: the page's monotonic time of the last word from the station. */
export interface DisplayNow { readonly display: DisplayView | null; readonly heardAt: number }

/** The rack display is asked for again and again, so that silence is noticed even when nothing changes. */
export class DisplayLive extends Live<DisplayNow> {
  readonly #door: StationDoor
  readonly #time: StationTime
  readonly #rack: string | null
  #isAsking = false

  constructor(door: StationDoor, time: StationTime, rack: string | null) {
    super({ display: null, heardAt: Number.NEGATIVE_INFINITY })
    this.#door = door
    this.#time = time
    this.#rack = rack
    door.on('display.changed', view => { if (view.rack === (this.#rack ?? this.current.display?.rack ?? view.rack)) this.#put(view) })
    door.onLine(line => { if (line === 'open') this.#ask() })
    this.#ask()
    setInterval(() => this.#ask(), ASK_AGAIN_MS)
  }

  #ask(): void {
    if (this.#isAsking || this.#door.line === 'no-key') return
    this.#isAsking = true
    this.#door.ask('display.view', this.#rack === null ? {} : { rack: this.#rack })
      .then(view => this.#put(view), () => undefined) // silence shows by itself: `heardAt` grows old
      .finally(() => { this.#isAsking = false })
  }

  #put(display: DisplayView): void {
    this.#time.observe(display.clock)
    this.current = { display, heardAt: performance.now() }
    this.tell()
  }
}

export function useLive<T>(live: { readonly subscribe: (fn: () => void) => () => void; readonly snapshot: () => T }): T {
  return useSyncExternalStore(live.subscribe, live.snapshot)
}
