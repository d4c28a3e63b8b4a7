/**
 * Four sounds that differ in shape, not only in pitch (design/operator.md 5.1): accept, a short rise; reject, two low ones;
 * attention, repeated until the next scan; complete, a chord. Each has its twin on the screen. A browser stays mute until it
 * was touched once; until then `state` says so.
 */

export const SOUNDS = ['accept', 'reject', 'attention', 'complete'] as const
export type SoundName = (typeof SOUNDS)[number]
/** locked: the browser wants a touch first. off: the volume is 0. none: this browser has no sound. */
export type SoundState = 'on' | 'locked' | 'off' | 'none'

/** Hertz, start and length in seconds. */
interface Tone { readonly hz: number; readonly at: number; readonly s: number }
const SHAPES = {
  accept: [{ hz: 660, at: 0, s: 0.07 }, { hz: 990, at: 0.07, s: 0.1 }],
  reject: [{ hz: 220, at: 0, s: 0.18 }, { hz: 175, at: 0.24, s: 0.28 }],
  attention: [{ hz: 880, at: 0, s: 0.09 }, { hz: 880, at: 0.15, s: 0.09 }, { hz: 880, at: 0.3, s: 0.09 }],
  complete: [{ hz: 523, at: 0, s: 0.6 }, { hz: 659, at: 0.08, s: 0.52 }, { hz: 784, at: 0.16, s: 0.44 }]
} as const satisfies Record<SoundName, readonly Tone[]>

const AGAIN_MS = 4_000
/** Nobody came: whoever is not here does not hear it. */
const AGAIN_MAX = 15
const RAMP_S = 0.012
const BEGIN_MS = 250
const NAME = 'unbindery.volume'
export const VOLUME_MAX = 10
const VOLUME = 6

export class Sounds {
  readonly #page: Window & { readonly AudioContext?: typeof AudioContext }
  readonly #fns = new Set<() => void>()
  #context: AudioContext | null = null
  #isBeginning = false
  /** Asked for while sound was beginning: it is heard then. */
  #late: SoundName | null = null
  #volume: number
  #again: ReturnType<typeof setInterval> | null = null
  /** The newest one played, for its twin on the screen and for tests. */
  #last: SoundName | null = null

  constructor(page: Window & { readonly AudioContext?: typeof AudioContext }) {
    this.#page = page
    const kept = Number(remembered(page) ?? VOLUME)
    this.#volume = Number.isInteger(kept) && kept >= 0 && kept <= VOLUME_MAX ? kept : VOLUME
    for (const event of ['pointerdown', 'keydown']) page.addEventListener(event, this.#unlock, { capture: true, once: true })
  }

  get volume(): number { return this.#volume }
  get last(): SoundName | null { return this.#last }

  get state(): SoundState {
    if (this.#page.AudioContext === undefined) return 'none'
    if (this.#volume === 0) return 'off'
    return this.#context?.state === 'running' ? 'on' : 'locked'
  }

  readonly subscribe = (fn: () => void): (() => void) => {
    this.#fns.add(fn)
    return () => { this.#fns.delete(fn) }
  }

  readonly snapshot = (): string => `${this.state} ${this.#volume}`

  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(VOLUME_MAX, Math.round(volume)))
    try { this.#page.localStorage.setItem(NAME, String(this.#volume)) } catch { /* a page without storage forgets, that is all */ }
    this.#tell()
  }

  /** `attention` repeats by itself until `hush`. */
  play(name: SoundName): void {
    this.hush()
    this.#sound(name)
    if (name !== 'attention') return
    let times = 1
    this.#again = setInterval(() => {
      times += 1
      if (times > AGAIN_MAX) this.hush()
      else this.#sound(name)
    }, AGAIN_MS)
  }

  hush(): void {
    if (this.#again !== null) clearInterval(this.#again)
    this.#again = null
  }

  /** A browser takes a tenth of a second to begin, and what the operator just asked for comes first. */
  readonly #unlock = (): void => {
    if (this.#page.AudioContext === undefined || this.#isBeginning || this.#context !== null) return
    this.#isBeginning = true
    setTimeout(() => this.#begin(), BEGIN_MS)
  }

  #begin(): void {
    const { AudioContext } = this.#page
    if (AudioContext === undefined) return
    this.#context = new AudioContext()
    this.#context.resume().then(() => {
      this.#isBeginning = false
      if (this.#late !== null) this.#sound(this.#late)
      this.#late = null
      this.#tell()
    }, () => undefined) // it stays locked, and says so
  }

  #sound(name: SoundName): void {
    this.#last = name
    const context = this.#context
    if (this.#isBeginning) this.#late = name
    if (context === null || context.state !== 'running' || this.#volume === 0 || this.#isBeginning) return
    for (const { hz, at, s } of SHAPES[name]) {
      const from = context.currentTime + at
      const oscillator = new OscillatorNode(context, { type: 'triangle', frequency: hz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, from)
      gain.gain.linearRampToValueAtTime(0.5 * this.#volume / VOLUME_MAX, from + RAMP_S)
      gain.gain.setValueAtTime(0.5 * this.#volume / VOLUME_MAX, from + s - RAMP_S)
      gain.gain.linearRampToValueAtTime(0, from + s)
      oscillator.connect(gain).connect(context.destination)
      oscillator.start(from)
      oscillator.stop(from + s)
    }
  }

  #tell(): void {
    for (const fn of this.#fns) fn()
  }
}

function remembered(page: Window): string | null {
  try { return page.localStorage.getItem(NAME) } catch { return null }
}
