/**
 * What was said on a console, both ways, with times: kept with the unit, bounded, and never with a password in it. One line
 * an entry, so that people can read it and a test can play it again:
 *
 *   +1200 < "U-Boot 2023.01\r\n"      heard          +35 ~ " "              the same key, again and again until answered
 *   +40 > "printenv owner\r"          sent           +10 * "password"       a secret of this name, not its text
 *   +0 # "autoboot stopped"           a note         +10 | "250"            a break of so many milliseconds
 */
import type { Clock } from '../ports.ts'
import type { Millis } from '#shared'

export const TRANSCRIPT_BYTES_MAX = 256 * 1024
/** A piece longer than this becomes several lines. */
const PIECE_CHARS_MAX = 4096
const KINDS = ['<', '>', '~', '*', '#', '|'] as const
export type TranscriptKind = (typeof KINDS)[number]
/** A place kept free for what is only known to be no secret later. */
export interface TranscriptSlot { fill(kind: TranscriptKind, text: string): void }
export interface TranscriptLine { readonly afterMs: number; readonly kind: TranscriptKind; readonly text: string }

export class Transcript {
  readonly #clock: Clock
  readonly #lines: { atMs: Millis; kind: TranscriptKind; text: string }[] = []
  readonly #bytesMax: number
  readonly #startedAt: Millis
  #bytes = 0
  /** Characters let go of because there were too many; the oldest go first. */
  dropped = 0

  constructor(clock: Clock, bytesMax = TRANSCRIPT_BYTES_MAX) {
    this.#clock = clock
    this.#bytesMax = bytesMax
    this.#startedAt = clock.monotonic()
  }

  add(kind: TranscriptKind, text: string): void {
    const atMs = this.#clock.monotonic()
    const last = this.#lines.at(-1)
    if (last?.kind === kind && kind !== '#' && kind !== '*' && kind !== '|') {
      if (kind === '~' && last.text === text) return
      if (kind !== '~' && last.text.length + text.length <= PIECE_CHARS_MAX && (kind === '>' || atMs - last.atMs < 20)) {
        last.text += text
        this.#grow(text.length)
        return
      }
    }
    this.#lines.push({ atMs, kind, text })
    this.#grow(text.length)
  }

  slot(kind: TranscriptKind, text: string): TranscriptSlot {
    const line = { atMs: this.#clock.monotonic(), kind, text }
    this.#lines.push(line)
    this.#grow(text.length)
    return {
      fill: (now, said) => {
        this.#grow(said.length - line.text.length)
        line.kind = now
        line.text = said
      }
    }
  }

  get lines(): readonly TranscriptLine[] {
    let before = this.#startedAt
    return this.#lines.map(({ atMs, kind, text }) => {
      const afterMs = Math.max(0, Math.round(atMs - before))
      before = atMs
      return { afterMs, kind, text }
    })
  }

  toString(): string {
    const head = this.dropped > 0 ? `# ${this.dropped} older characters were let go of\n` : ''
    return head + this.lines.map(({ afterMs, kind, text }) => `+${afterMs} ${kind} ${JSON.stringify(text)}\n`).join('')
  }

  #grow(by: number): void {
    this.#bytes += by
    let gone = 0
    for (; this.#bytes > this.#bytesMax && gone < this.#lines.length - 1; gone += 1) {
      const length = this.#lines[gone]?.text.length ?? 0
      this.#bytes -= length
      this.dropped += length
    }
    if (gone > 0) this.#lines.splice(0, gone)
  }
}

/** Lines of a transcript; what is not one (comments, empty lines) is left out. */
export function parseTranscript(text: string): TranscriptLine[] {
  return text.split('\n').flatMap(line => {
    const [, afterMs, sign, quoted] = /^\+(\d{1,9}) ([<>~*#|]) (".*")$/.exec(line) ?? []
    const kind = KINDS.find(k => k === sign)
    if (afterMs === undefined || kind === undefined || quoted === undefined) return []
    try {
      const said: unknown = JSON.parse(quoted)
      return typeof said === 'string' ? [{ afterMs: Number(afterMs), kind, text: said }] : []
    } catch { return [] }
  })
}
