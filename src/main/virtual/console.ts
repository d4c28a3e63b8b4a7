/**
 * A unit that says what another one has said: it plays a transcript on its console, and goes on only when it was sent what
 * stands there. Marks and secrets may differ from run to run; anything else that differs is told, and answered by silence.
 */
import { millis } from '#shared'
import type { BytePipe, Clock } from '../ports.ts'

/** As in bench/transcript.ts. */
export interface SpokenLine { readonly afterMs: number; readonly kind: string; readonly text: string }

/** A long boot need not be waited for. */
const PAUSE_MS_MAX = 500
const MARK = /ub""([a-z0-9]{6})/

export class ReplayedConsole {
  readonly #clock: Clock
  readonly #lines: readonly SpokenLine[]
  readonly #marks = new Map<string, string>()
  #heard = ''
  #key = ''
  /** What was sent that the transcript does not have; null: nothing. */
  differs: string | null = null
  /** Lines of the transcript that were played. */
  played = 0

  constructor(clock: Clock, lines: readonly SpokenLine[]) {
    this.#clock = clock
    this.#lines = lines.filter(line => line.kind !== '#' && line.kind !== '|')
  }

  get isOver(): boolean { return this.played === this.#lines.length && this.differs === null }

  /** Plays until the end, a difference, or the other side closes. */
  async play(pipe: BytePipe, signal: AbortSignal): Promise<void> {
    for (const line of this.#lines) {
      if (line.kind === '<') {
        await this.#clock.sleep(millis(Math.min(line.afterMs, PAUSE_MS_MAX)), signal)
        await pipe.write(Uint8Array.from(this.#marked(line.text), c => c.charCodeAt(0)), signal)
      } else {
        while (!this.#takes(line)) {
          const bytes = this.differs === null ? await pipe.read(signal) : null
          if (bytes === null) return
          this.#heard += String.fromCharCode(...bytes)
        }
      }
      this.played += 1
    }
  }

  /** True: the line was sent, whole. */
  #takes(line: SpokenLine): boolean {
    if (line.kind === '~') {
      this.#key = line.text
      return this.#heard.startsWith(line.text)
    }
    if (this.#key !== '' && !line.text.startsWith(this.#key)) {
      while (this.#heard.startsWith(this.#key)) this.#heard = this.#heard.slice(this.#key.length)
    }
    if (line.kind === '*') {
      const end = this.#heard.indexOf('\r')
      if (end < 0) return false
      this.#heard = this.#heard.slice(end)
      return true
    }
    const mark = MARK.exec(line.text)
    if (mark !== null && this.#heard.length < mark.index + mark[0].length && line.text.slice(0, mark.index + 4).startsWith(this.#heard.slice(0, mark.index + 4))) return false // the mark is not there yet
    const wanted = this.#withMark(line.text)
    if (this.#heard.length < wanted.length && wanted.startsWith(this.#heard)) return false
    if (!this.#heard.startsWith(wanted)) {
      this.differs = `sent ${JSON.stringify(this.#heard.slice(0, 80))} in place of ${JSON.stringify(wanted)}`
      return false
    }
    this.#heard = this.#heard.slice(wanted.length)
    this.#key = ''
    return true
  }

  #withMark(text: string): string {
    const before = MARK.exec(text)?.[1]
    const now = MARK.exec(this.#heard)?.[1]
    if (before === undefined || now === undefined) return text
    this.#marks.set(before, now)
    return text.replaceAll(before, now)
  }

  #marked(text: string): string {
    let said = text
    for (const [before, now] of this.#marks) said = said.replaceAll(before, now)
    return said
  }
}
