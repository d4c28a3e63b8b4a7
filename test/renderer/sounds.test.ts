/** The four sounds, heard by an ear that writes down every tone: they differ in shape, not only in pitch. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SOUNDS, Sounds, VOLUME_MAX, type SoundName } from '../../src/renderer/common/sounds.ts'

interface Tone { readonly hz: number; from: number; to: number; peak: number }
let tones: Tone[] = []

class Ear {
  currentTime = 0
  state = 'running'
  readonly destination = {}
  resume(): Promise<void> { return Promise.resolve() }
}
class Oscillator {
  readonly #tone: Tone
  constructor(_context: unknown, { frequency }: { frequency: number }) {
    this.#tone = { hz: frequency, from: 0, to: 0, peak: 0 }
    tones.push(this.#tone)
  }
  connect(gain: Gain): Gain {
    gain.tone = this.#tone
    for (const value of gain.values) this.#tone.peak = Math.max(this.#tone.peak, value)
    return gain
  }
  start(at: number): void { this.#tone.from = at }
  stop(at: number): void { this.#tone.to = at }
}
class Gain {
  tone: Tone | null = null
  readonly values: number[] = []
  readonly gain = { setValueAtTime: (value: number) => { this.values.push(value) }, linearRampToValueAtTime: (value: number) => { this.values.push(value) } }
  connect(to: unknown): unknown { return to }
}

/** As much of a window as sounds need; `touch` is the first finger on it. */
function page(o: { hasAudio?: boolean; stored?: string } = {}): { readonly sounds: Sounds; readonly touch: () => Promise<unknown> } {
  const fns: (() => void)[] = []
  const stored = { volume: o.stored ?? null }
  const window = {
    ...o.hasAudio === false ? {} : { AudioContext: Ear }, addEventListener: (_event: string, fn: () => void) => { fns.push(fn) },
    localStorage: { getItem: () => stored.volume, setItem: (_key: string, value: string) => { stored.volume = value } }
  } as unknown as ConstructorParameters<typeof Sounds>[0] // only what is used
  return { sounds: new Sounds(window), touch: () => { for (const fn of fns) fn(); return vi.advanceTimersByTimeAsync(300) } }
}
/** Its tones as a person would tell them apart: how many, rising or falling, together or one after the other, short or long. */
function shapeOf(heard: readonly Tone[]): string {
  const [first, last] = [heard[0], heard.at(-1)]
  if (!first || !last) return 'nothing'
  const way = last.hz > first.hz ? 'rises' : last.hz < first.hz ? 'falls' : 'stays'
  const isTogether = heard.slice(1).every((t, i) => t.from < (heard[i]?.to ?? 0))
  return `${heard.length} ${way} ${isTogether && heard.length > 1 && last.from < first.to - 0.05 ? 'together' : 'in turn'} ${last.to - first.from > 0.3 ? 'long' : 'short'}`
}

beforeEach(() => {
  tones = []
  vi.stubGlobal('OscillatorNode', Oscillator)
  vi.stubGlobal('GainNode', Gain)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the four sounds', () => {
  test('differ in shape: a short rise, two low ones, three alike that come again, a chord', async () => {
    const { sounds, touch } = page()
    await touch()
    const shapes = Object.fromEntries(SOUNDS.map((name): [SoundName, string] => {
      tones = []
      sounds.play(name)
      sounds.hush()
      return [name, shapeOf(tones)]
    }))
    expect(shapes).toEqual({ accept: '2 rises in turn short', reject: '2 falls in turn long', attention: '3 stays in turn long', complete: '3 rises together long' })
    expect(new Set(Object.values(shapes)).size).toBe(SOUNDS.length)
  })

  test('attention comes again every four seconds until the next scan, and gives up after a minute', async () => {
    const { sounds, touch } = page()
    await touch()
    sounds.play('attention')
    vi.advanceTimersByTime(8100)
    expect(tones).toHaveLength(9)
    sounds.hush()
    vi.advanceTimersByTime(60_000)
    expect(tones).toHaveLength(9)
    sounds.play('attention')
    vi.advanceTimersByTime(600_000)
    expect(tones).toHaveLength(9 + 15 * 3)
  })

  test('are as loud as was chosen, also tomorrow; none at all is an answer too', async () => {
    const { sounds, touch } = page()
    await touch()
    const peakAt = (volume: number): number => {
      tones = []
      sounds.setVolume(volume)
      sounds.play('accept')
      return Math.max(0, ...tones.map(t => t.peak))
    }
    const [full, half] = [peakAt(VOLUME_MAX), peakAt(VOLUME_MAX / 2)]
    expect(half).toBeCloseTo(full / 2)
    expect([peakAt(0), sounds.state]).toEqual([0, 'off'])
    expect([page({ stored: '3' }).sounds.volume, page({ stored: 'loud' }).sounds.volume]).toEqual([3, 6])
  })

  test('wait for the first touch of the page, and say that they do; a browser without sound says so', async () => {
    const { sounds, touch } = page()
    sounds.play('accept')
    expect([sounds.state, tones.length, sounds.last]).toEqual(['locked', 0, 'accept'])
    const touched = touch()
    sounds.play('reject')
    expect(tones.length).toBe(0)
    await touched // what was asked for while sound began is heard then, the newest alone
    expect([sounds.state, tones.map(t => t.hz)]).toEqual(['on', [220, 175]])
    sounds.play('accept')
    expect(tones.length).toBe(4)
    expect(page({ hasAudio: false }).sounds.state).toBe('none')
  })
})
