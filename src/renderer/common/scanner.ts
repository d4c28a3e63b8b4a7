/**
 * Hears a keyboard-wedge scanner by physical key, before any field and before an input method can swallow the scan.
 * A scan is a burst: at most 50 ms from key to key (design/operator.md 5.1), ended by Enter or Tab. What a person types is
 * left alone. Digits may come from the upper row, from the number pad, or as Alt and a decimal number on the number pad.
 */

export const GAP_MS_MAX = 50
/** The shortest thing we print is `P01`; shorter bursts are people. */
const SCAN_CHARS_MIN = 3
/** As in the door table; of a longer scan one character more is kept, so that its length can be told. */
export const SCAN_CHARS_MAX = 512
/** So many in one burst, and no person is typing: the field gives back what leaked into it. */
const BURST_CHARS = 4

export interface KeyPress {
  readonly code: string
  readonly shift: boolean
  readonly alt: boolean
  /** Control or the system key: never part of a scan. */
  readonly command: boolean
  readonly repeat: boolean
  /** When the key went down, by the event's own stamp, so that a busy page does not stretch a burst. */
  readonly atMs: number
}
/** person: leave it alone. first: perhaps a scan, not yet known. burst: surely a scan. */
export type Heard = { readonly kind: 'person' | 'first' | 'burst' } | { readonly kind: 'scan'; readonly text: string }

const SHIFTED_DIGITS = ')!@#$%^&*('
/** US layout, by physical key: plain and with shift. */
const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  Space: [' ', ' '], Minus: ['-', '_'], Equal: ['=', '+'], BracketLeft: ['[', '{'], BracketRight: [']', '}'], Backslash: ['\\', '|'],
  Semicolon: [';', ':'], Quote: ["'", '"'], Backquote: ['`', '~'], Comma: [',', '<'], Period: ['.', '>'], Slash: ['/', '?'],
  NumpadDecimal: ['.', '.'], NumpadAdd: ['+', '+'], NumpadSubtract: ['-', '-'], NumpadMultiply: ['*', '*'], NumpadDivide: ['/', '/']
}

/** The character of a physical key on a US layout; null for keys that write nothing. Caps Lock plays no part. */
export function characterOf(code: string, shift: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shift ? letter : letter.toLowerCase()
  const digit = /^Digit(\d)$/.exec(code)?.[1]
  if (digit !== undefined) return shift ? SHIFTED_DIGITS.charAt(Number(digit)) : digit
  const pad = /^Numpad(\d)$/.exec(code)?.[1]
  if (pad !== undefined) return pad
  return MARKS[code]?.[shift ? 1 : 0] ?? null
}

export class ScanReader {
  #text = ''
  #lastMs = Number.NEGATIVE_INFINITY
  /** Decimal digits typed while Alt is down. */
  #alt = ''

  press(key: KeyPress): Heard {
    const isNear = key.atMs - this.#lastMs <= GAP_MS_MAX
    if (key.command || key.repeat) return this.#person()
    if (!isNear) this.#forget()
    if (key.code.startsWith('Shift') || key.code.startsWith('Alt')) {
      if (isNear) this.#lastMs = key.atMs // keys between two characters belong to the burst
      return { kind: this.#text === '' ? 'person' : 'burst' }
    }
    if (key.code === 'Enter' || key.code === 'NumpadEnter' || key.code === 'Tab') return this.#end(isNear)
    if (key.alt) return this.#altDigit(key)
    const character = characterOf(key.code, key.shift)
    return character === null ? this.#person() : this.#add(character, key.atMs)
  }

  /** Letting go of Alt ends a number typed on the number pad. */
  release(code: string, atMs: number): void {
    if (!code.startsWith('Alt') || this.#alt === '') return
    const number = Number(this.#alt)
    this.#alt = ''
    if (number >= 0x20 && number < 0x7f) this.#add(String.fromCharCode(number), atMs)
    else this.#forget()
  }

  /** How many characters of a possible scan are kept. */
  get length(): number {
    return this.#text.length
  }

  #altDigit(key: KeyPress): Heard {
    const digit = /^Numpad(\d)$/.exec(key.code)?.[1]
    if (digit === undefined || this.#alt.length >= 4) return this.#person()
    this.#alt += digit
    this.#lastMs = key.atMs
    return { kind: 'burst' }
  }

  #add(character: string, atMs: number): Heard {
    this.#lastMs = atMs
    if (this.#text.length > SCAN_CHARS_MAX) return { kind: 'burst' }
    this.#text += character
    return { kind: this.#text.length === 1 ? 'first' : 'burst' }
  }

  #end(isNear: boolean): Heard {
    const text = this.#text
    this.#forget()
    if (!isNear || text.length < SCAN_CHARS_MIN) return { kind: 'person' }
    return { kind: 'scan', text }
  }

  #person(): Heard {
    this.#forget()
    return { kind: 'person' }
  }

  #forget(): void {
    this.#text = ''
    this.#alt = ''
    this.#lastMs = Number.NEGATIVE_INFINITY
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement

/** Listens on the window before everything else. Returns the way to stop. */
export function hearScans(page: Window, onScan: (text: string) => void): () => void {
  const reader = new ScanReader()
  let leaked: { readonly field: Field; readonly value: string } | null = null

  /** Takes back what the burst wrote into a field, and takes the field away from the input method. */
  const giveBack = (): void => {
    if (leaked === null) return
    const { field, value } = leaked
    leaked = null
    field.blur()
    page.setTimeout(() => putValue(field, value), 0) // after the input method has let go of the field
  }
  const down = (event: KeyboardEvent): void => {
    const before = reader.length
    const heard = reader.press({
      code: event.code, shift: event.shiftKey, alt: event.altKey, command: event.ctrlKey || event.metaKey, repeat: event.repeat, atMs: event.timeStamp
    })
    const field = fieldOf(event.target)
    if (heard.kind === 'first') leaked = field && { field, value: field.value }
    if (heard.kind === 'person') leaked = null
    if (heard.kind === 'scan') {
      stop(event)
      giveBack()
      onScan(heard.text)
    } else if (heard.kind === 'burst' && (field === null || before + 1 >= BURST_CHARS)) {
      stop(event)
      giveBack()
    }
  }
  const up = (event: KeyboardEvent): void => reader.release(event.code, event.timeStamp)

  page.addEventListener('keydown', down, { capture: true })
  page.addEventListener('keyup', up, { capture: true })
  return () => {
    page.removeEventListener('keydown', down, { capture: true })
    page.removeEventListener('keyup', up, { capture: true })
  }
}

function stop(event: KeyboardEvent): void {
  event.preventDefault()
  event.stopImmediatePropagation()
}

function fieldOf(target: EventTarget | null): Field | null {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null
}

/** Through the prototype's own setter, so that React hears of it. */
function putValue(field: Field, value: string): void {
  const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}
