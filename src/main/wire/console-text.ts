/**
 * What comes out of a serial console, made readable: terminal noise removed, line ends made one, cut anywhere and still the
 * same (facts/devices-and-consoles.md 5). Also how a typed line is told from its echo, and marks that no echo can imitate.
 */

/** An escape sequence that grows beyond this is garbage, not an escape sequence. */
const ESCAPE_CHARS_MAX = 64

const ESC = 0x1b
const BEL = 0x07
const CR = 0x0d
const LF = 0x0a
const TAB = 0x09

/** Takes bytes, gives text: one character a byte (Latin-1), `\n` for CR LF, CR CR LF and a lone CR, no escape sequences. */
export class ConsoleText {
  #state: 'text' | 'escape' | 'sequence' | 'string' | 'string-end' = 'text'
  #escapeChars = 0
  #hasReturn = false
  /** Bytes that no console in good order sends; with `bytes` the sign of a wrong speed. */
  strange = 0
  bytes = 0

  push(chunk: Uint8Array): string {
    let text = ''
    for (const byte of chunk) text += this.#take(byte)
    this.bytes += chunk.length
    return text
  }

  #take(byte: number): string {
    if (this.#state !== 'text') return this.#skip(byte)
    if (byte === CR) {
      this.#hasReturn = true
      return ''
    }
    const before = this.#hasReturn && byte !== LF ? '\n' : ''
    this.#hasReturn = false
    if (byte === ESC) {
      this.#state = 'escape'
      this.#escapeChars = 0
      return before
    }
    if (byte === LF) return '\n'
    if (byte >= 0x20 && byte !== 0x7f) {
      if (byte >= 0x80) this.strange += 1
      return before + String.fromCharCode(byte)
    }
    if (byte === TAB) return `${before}\t`
    if (byte !== BEL && byte !== 0x08) this.strange += 1 // bell and backspace are good manners of a console
    return before
  }

  /** ECMA-48 5.4: ESC [ .. final 0x40 to 0x7e; ESC ] .. ended by BEL or ESC \; else ESC and one character. */
  #skip(byte: number): string {
    this.#escapeChars += 1
    if (this.#escapeChars > ESCAPE_CHARS_MAX) {
      this.#state = 'text'
      this.strange += 1
      return ''
    }
    switch (this.#state) {
      case 'escape':
        this.#state = byte === 0x5b ? 'sequence' : byte === 0x5d ? 'string' : byte >= 0x20 && byte <= 0x2f ? 'escape' : 'text'
        return ''
      case 'sequence':
        if (byte >= 0x40 && byte <= 0x7e) this.#state = 'text'
        else if (byte < 0x20 || byte > 0x3f) {
          this.#state = 'text' // torn in the middle: what follows is text again
          return byte === CR || byte === LF ? '\n' : ''
        }
        return ''
      case 'string':
        if (byte === BEL) this.#state = 'text'
        else if (byte === ESC) this.#state = 'string-end'
        return ''
      default:
        this.#state = 'text'
        return ''
    }
  }
}

export type Echo = 'whole' | 'growing' | 'wrong'

/**
 * Is `heard` the echo of `typed`? A long line comes back broken at the right edge, as a line end or as a space and a line
 * end; nothing else is forgiven.
 */
export function compareEcho(typed: string, heard: string): Echo {
  return compareFrom(typed, 0, heard, 0)
}

function compareFrom(typed: string, i: number, heard: string, j: number): Echo {
  let [at, from] = [i, j]
  while (from < heard.length) {
    const c = heard[from]
    if (c === '\n') {
      from += 1
      continue
    }
    if (c === ' ' && heard[from + 1] === '\n' && typed[at] !== ' ') {
      from += 2
      continue
    }
    if (at >= typed.length || c !== typed[at]) return 'wrong'
    at += 1
    from += 1
  }
  return at === typed.length ? 'whole' : 'growing'
}

/** A mark typed as `ub""k3x9` and printed as `ubk3x9` by every shell and by U-Boot: its echo never looks like its output. */
export interface Mark { readonly typed: string; readonly printed: string }
const MARK_LETTERS = 'abcdefghjkmnpqrstvwxyz23456789'
const MARK_CHARS = 6

export function markOf(chance: Uint8Array): Mark {
  const name = Array.from(chance.subarray(0, MARK_CHARS), b => MARK_LETTERS[b % MARK_LETTERS.length]).join('')
  return { typed: `ub""${name}`, printed: `ub${name}` }
}

/** For people and files: control characters shown as escapes. */
export function visible(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, c => c === '\n' ? String.raw`\n` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

const encoder = new TextEncoder()
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}
