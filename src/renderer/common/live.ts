/**
 * The bench as the station tells it: one snapshot, then numbered changes. A missing number means that something was lost,
 * so the snapshot is asked again. The page holds no truth of its own.
 */
import { useSyncExternalStore } from 'react'
import type { BenchChange, BenchView, ClockView, DisplayView, FaultView, Instant, UnitId, UnitView } from '#shared'
import { asFault, type StationDoor } from './bridge.ts'

/** Changes that may wait for a snapshot; beyond this the snapshot is asked once more instead. */
const WAITING_MAX = 1000
const ASK_AGAIN_MS = 2_000
/** A page is told at most 30 times a second, however fast the bench changes; of a scan it is told at once. */
const TELL_MS = 33

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

/** Changes in their order, folded at once. null: one is missing. Old ones leave the view as it is. */
export function fold(view: BenchView, ...changes: readonly BenchChange[]): BenchView | null {
  let { version } = view
  const last: Partial<BenchView> = {}
  let byUid: Map<UnitId, UnitView> | null = null
  for (const { gone, units, ...rest } of changes) {
    if (rest.version <= version) continue
    if (rest.version !== version + 1) return null
    version = rest.version
    Object.assign(last, rest)
    if (units === undefined && gone === undefined) continue
    byUid ??= new Map(view.units.map(u => [u.uid, u]))
    for (const unit of units ?? []) byUid.set(unit.uid, unit)
    for (const uid of gone ?? []) byUid.delete(uid)
  }
  if (version === view.version) return view
  return { ...view, ...sameAsBefore(view, last), ...byUid === null ? {} : { units: [...byUid.values()] } }
}

/** What says the same stays the same thing, so that nobody draws it again. */
function sameAsBefore<T extends Partial<BenchView>>(view: BenchView, change: T): T {
  const before: Readonly<Record<string, unknown>> = { ...view }
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, typeof value === 'object' && JSON.stringify(value) === JSON.stringify(before[name]) ? before[name] : value])) as T // the same keys, with equal values
}

abstract class Live<T> {
  #told: T
  readonly #fns = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | null = null
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

  /** What comes alone is shown at once, and so is what is urgent. */
  protected tell(isUrgent = false): void {
    const waitMs = isUrgent ? 0 : TELL_MS - (performance.now() - this.#toldAt)
    if (waitMs <= 0) this.#tellNow()
    else this.#timer ??= setTimeout(() => this.#tellNow(), waitMs)
  }

  /** Whatever is better done once for many changes. */
  protected settle(): void { /* nothing was put off */ }

  #tellNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.settle()
    this.#toldAt = performance.now()
    this.#told = this.current
    for (const fn of this.#fns) fn()
  }
}

/** `heardAt`: the page's monotonic time of the last word from the station. */
export interface BenchNow { readonly bench: BenchView | null; readonly fault: FaultView | null; readonly heardAt: number }

export class BenchLive extends Live<BenchNow> {
  readonly #door: StationDoor
  readonly #time: StationTime
  #waiting: BenchChange[] = []
  /** In order, and not folded yet: the page is told of all of them at once. */
  #news: BenchChange[] = []
  /** Of the view with its news. */
  #version = 0
  #heardAt = Number.NEGATIVE_INFINITY
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
    if (change.version <= this.#version) return
    if (change.version !== this.#version + 1) {
      this.#waiting.push(change)
      this.#ask()
      return
    }
    this.#version = change.version
    this.#news.push(change)
    this.#heardAt = performance.now()
    this.#time.observe(change.clock)
    if (this.#news.length >= WAITING_MAX) this.settle() // of a page that nobody looks at the browser slows the timers down
    this.tell((change.scan?.at ?? 0) > (this.snapshot().bench?.scan?.at ?? 0))
  }

  protected override settle(): void {
    const { bench } = this.current
    if (bench === null || this.#news.length === 0) return
    this.current = { bench: fold(bench, ...this.#news) ?? bench, fault: null, heardAt: this.#heardAt } // none is missing: their numbers were looked at when they came
    this.#news = []
  }

  #ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#door.ask('bench.view', {}).then(
      view => {
        this.#isAsking = false
        const waiting = this.#waiting
        this.#waiting = []
        this.#news = [] // older than the view, or of a station that has started again
        this.#version = view.version
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
