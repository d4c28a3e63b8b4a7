/**
 * Virtual time. Free: timers fire in order, with no waiting in between, until a promise settles; same seed, same run.
 * Paced: one real timer at a time, `rate` virtual seconds in a real one (training). `monotonic` starts at 0.
 */
import { hours, millis, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'

/** A Monday morning; history written in tests always begins here. */
export const VIRTUAL_START: Instant = Date.UTC(2026, 0, 5, 7, 30)
/** setTimeout takes no more (2^31 - 1 ms); a longer wait is armed again. */
const REAL_WAIT_MAX_MS = 2_147_483_647
/** Turns of the event loop given to a promise when no timer is left, before it is called a deadlock. */
const LAST_TURNS = 50
/** Timers waiting at once; a leak stops a run with a name instead of with a slow machine. */
const TIMERS_MAX = 200_000
/** Timers fired at one and the same instant, in a row; more is a loop that waits zero milliseconds. */
const SAME_INSTANT_MAX = 1_000_000

export interface VirtualClockOptions { readonly startAt?: Instant; readonly pace?: 'free' | number }
interface Timer { readonly at: number; readonly order: number; fn: (() => void) | null }

export class VirtualClock implements Clock {
  readonly world = 'virtual'
  readonly #startAt: Instant
  readonly #timers = new TimerHeap()
  #pace: 'free' | number
  #elapsed = 0
  #order = 0
  #running = false
  #real: NodeJS.Timeout | null = null
  /** Paced: what `#elapsed` was at the real time `#realBase`. */
  #realBase = performance.now()

  constructor(options: VirtualClockOptions = {}) {
    this.#startAt = options.startAt ?? VIRTUAL_START
    this.#pace = options.pace ?? 'free'
  }

  get rate(): number {
    return this.#pace === 'free' ? 1 : this.#pace
  }

  /** Timers that still wait; zero after a world was disposed. */
  get pending(): number {
    return this.#timers.live
  }

  now(): Instant {
    return Math.floor(this.#startAt + this.monotonic())
  }

  monotonic(): Millis {
    if (this.#pace === 'free') return millis(this.#elapsed)
    return millis(this.#elapsed + (performance.now() - this.#realBase) * this.#pace)
  }

  after(ms: Millis, fn: () => void): Disposable {
    if (this.#timers.live >= TIMERS_MAX) throw new Fault('program.unexpected', { text: `more than ${TIMERS_MAX} timers wait` })
    this.#order += 1
    const timer: Timer = { at: this.monotonic() + Math.max(0, ms), order: this.#order, fn }
    this.#timers.push(timer)
    this.#arm()
    return { [Symbol.dispose]: () => { this.#timers.cancel(timer) } }
  }

  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = (): void => { timer[Symbol.dispose](); reject(signal.reason) }
    const timer = this.after(ms, () => { signal.removeEventListener('abort', stop); resolve() })
    signal.addEventListener('abort', stop, { once: true })
    return promise
  }

  /** Free: jumps from timer to timer until `promise` settles. Paced: time runs by itself, so this only waits. */
  async run<T>(promise: Promise<T>, options: { readonly limitMs?: Millis } = {}): Promise<T> {
    if (this.#pace !== 'free') return promise
    if (this.#running) throw new Fault('program.unexpected', { text: 'the virtual clock runs already; await one promise at a time' })
    this.#running = true
    let isSettled = false
    const settle = (): void => { isSettled = true }
    promise.then(settle, settle)
    try {
      await this.#runUntil(() => isSettled, this.#elapsed + (options.limitMs ?? hours(24)))
    } finally {
      this.#running = false
    }
    return promise
  }

  /** Lets `ms` of virtual time pass (free mode). */
  async advance(ms: Millis): Promise<void> {
    await this.run(this.sleep(ms, new AbortController().signal), { limitMs: millis(ms + 1) })
  }

  /** Changes the speed of a paced clock; time goes on from where it is. */
  setRate(rate: number): void {
    if (this.#pace === 'free') throw new Fault('program.unexpected', { text: 'a free clock has no pace' })
    this.#elapsed = this.monotonic()
    this.#realBase = performance.now()
    this.#pace = rate
    this.#arm()
  }

  /** Forgets every timer: nothing of this clock keeps the process alive afterwards. */
  stop(): void {
    this.#timers.clear()
    this.#arm()
  }

  async #runUntil(isSettled: () => boolean, limit: number): Promise<void> {
    let sameInstant = 0
    for (let turns = 0; ;) {
      // One turn of the real loop drains every promise chain, as no real input or output is involved (house sheet, 14).
      await turn()
      if (isSettled()) return
      const timer = this.#timers.peek()
      if (timer === null) {
        turns += 1
        if (turns > LAST_TURNS) throw new Fault('program.unexpected', { text: `virtual deadlock at +${this.#elapsed} ms: no timer is left and the promise is still pending` })
        continue
      }
      if (timer.at > limit) throw new Fault('program.unexpected', { text: `virtual runaway: ${limit} ms of virtual time have passed and the promise is still pending` })
      turns = 0
      sameInstant = timer.at > this.#elapsed ? 0 : sameInstant + 1
      if (sameInstant > SAME_INSTANT_MAX) throw new Fault('program.unexpected', { text: `virtual time stands still at +${this.#elapsed} ms` })
      this.#elapsed = Math.max(this.#elapsed, timer.at)
      this.#timers.pop()?.()
    }
  }

  /** Keeps exactly one real timer for the earliest virtual one. */
  #arm(): void {
    if (this.#pace === 'free') return
    if (this.#real !== null) clearTimeout(this.#real)
    this.#real = null
    const next = this.#timers.peek()
    if (next === null) return
    const wait = Math.ceil(Math.max(0, next.at - this.monotonic()) / this.#pace)
    this.#real = setTimeout(() => this.#fireDue(), Math.min(wait, REAL_WAIT_MAX_MS))
  }

  #fireDue(): void {
    const now = this.monotonic()
    try {
      for (let next = this.#timers.peek(); next !== null && next.at <= now; next = this.#timers.peek()) {
        this.#timers.pop()?.()
      }
    } finally {
      this.#arm()
    }
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => { setImmediate(resolve) })
}

/** Binary heap by instant, then by order of asking. Cancelled timers stay until they surface or outnumber the rest. */
class TimerHeap {
  #heap: Timer[] = []
  #cancelled = 0

  get live(): number {
    return this.#heap.length - this.#cancelled
  }

  push(timer: Timer): void {
    const heap = this.#heap
    let i = heap.push(timer) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      const parent = heap[up]
      if (parent === undefined || isBefore(parent, timer)) break
      heap[i] = parent
      i = up
    }
    heap[i] = timer
  }

  peek(): Timer | null {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.fn !== null) return first
      this.#cancelled -= 1
      this.#removeFirst()
    }
    return null
  }

  /** Takes the earliest timer out; cancelling it afterwards counts for nothing. */
  pop(): (() => void) | null {
    const first = this.peek()
    if (first === null) return null
    this.#removeFirst()
    const { fn } = first
    first.fn = null
    return fn
  }

  cancel(timer: Timer): void {
    if (timer.fn === null) return
    timer.fn = null
    this.#cancelled += 1
    if (this.#cancelled < 1024 || this.#cancelled * 2 < this.#heap.length) return
    this.#heap = this.#heap.filter(t => t.fn !== null).toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
    this.#cancelled = 0
  }

  clear(): void {
    for (const timer of this.#heap) timer.fn = null
    this.#heap = []
    this.#cancelled = 0
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    const size = heap.length
    if (last === undefined || size === 0) return
    let i = 0
    for (;;) {
      let down = 2 * i + 1
      const left = heap[down]
      if (left === undefined) break
      const right = heap[down + 1]
      let child = left
      if (right !== undefined && isBefore(right, left)) { down += 1; child = right }
      if (isBefore(last, child)) break
      heap[i] = child
      i = down
    }
    heap[i] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
