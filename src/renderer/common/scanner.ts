/**
 * Hears a keyboard-wedge scanner by physical key, before any field and before an input method can swallow the scan.
 * A scan is a burst: at most 50 ms from key to key (design/operator.md 5.1), ended by Enter or Tab, or by silence where the
 * scanner has no suffix. What a person types is left alone. Digits may come from the upper row, from the number pad, or as Alt
 * and a decimal number on the number pad; the separator of GS1 comes as Ctrl and ].
 */

export const GAP_MS_MAX = 50
/** The shortest thing we print is `P01`; shorter bursts are people. */
const SCAN_CHARS_MIN = 3
/** As in the door table; of a longer scan one character more is kept, so that its length can be told. */
export const SCAN_CHARS_MAX = 512
/** Silence that ends a scan without a suffix. */
export const SILENCE_MS = 100
/** Without a suffix, a burst is a scan only when no gap was longer (scanners send a key every 5 to 30 ms) ... */
export const SUFFIXLESS_GAP_MS_MAX = 35
/** ... and it is longer than what fingers can roll off in one go, or begins like a card of ours. */
const SUFFIXLESS_CHARS_MIN = 6
const CARD = /^(?:P\d\d|[A-Z]{2}:.+)$/i
/** A suffix that comes late belongs to the scan that silence has ended, and presses no button. */
const LATE_SUFFIX_MS = 400
/** A timer that comes this late says that the page was busy. */
const BUSY_MS = 40
const BUSY_TIMES_MAX = 5
/** The separator of GS1; scanners type it as the control character it is. */
const GROUP_SEPARATOR = '\u001d'
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
  /** The longest gap of this burst. */
  #slowestMs = 0
  /** When silence has ended a scan. */
  #restedMs = Number.NEGATIVE_INFINITY

  press(key: KeyPress): Heard {
    const isNear = key.atMs - this.#lastMs <= GAP_MS_MAX
    if (/^(?:Shift|Alt|Control)/.test(key.code)) {
      if (!isNear) this.#forget()
      else this.#near(key.atMs) // keys between two characters belong to the burst
      return { kind: this.#text === '' ? 'person' : 'burst' }
    }
    if (isNear && this.#text !== '' && key.command && key.code === 'BracketRight') return this.#add(GROUP_SEPARATOR, key.atMs)
    if (key.command || key.repeat) return this.#person()
    if (!isNear) this.#forget()
    if (key.code === 'Enter' || key.code === 'NumpadEnter' || key.code === 'Tab') {
      const isLate = key.atMs - this.#restedMs <= LATE_SUFFIX_MS
      this.#restedMs = Number.NEGATIVE_INFINITY
      return isLate && this.#text === '' ? { kind: 'burst' } : this.#end(isNear)
    }
    if (key.alt) return this.#altDigit(key)
    const character = characterOf(key.code, key.shift)
    return character === null ? this.#person() : this.#add(character, key.atMs)
  }

  /** No key for a while: the scan of a scanner without a suffix, when it surely is one. */
  rest(): Heard {
    const text = this.#text
    const isScan = this.#slowestMs <= SUFFIXLESS_GAP_MS_MAX && text.length >= SCAN_CHARS_MIN && (text.length >= SUFFIXLESS_CHARS_MIN || CARD.test(text))
    if (isScan) this.#restedMs = this.#lastMs
    this.#forget()
    return isScan ? { kind: 'scan', text } : { kind: 'person' }
  }

  /** Letting go of Alt ends a number typed on the number pad. */
  release(code: string, atMs: number): void {
    if (!code.startsWith('Alt') || this.#alt === '') return
    const number = Number(this.#alt)
    this.#alt = ''
    if ((number >= 0x20 && number < 0x7f) || number === GROUP_SEPARATOR.charCodeAt(0)) this.#add(String.fromCharCode(number), atMs)
    else this.#forget()
  }

  /** What was heard so far ended before this. */
  isOver(atMs: number): boolean {
    return this.#text !== '' && atMs - this.#lastMs > GAP_MS_MAX
  }

  /** How many characters of a possible scan are kept. */
  get length(): number {
    return this.#text.length
  }

  #altDigit(key: KeyPress): Heard {
    const digit = /^Numpad(\d)$/.exec(key.code)?.[1]
    if (digit === undefined || this.#alt.length >= 4) return this.#person()
    this.#alt += digit
    this.#near(key.atMs)
    return { kind: 'burst' }
  }

  #near(atMs: number): void {
    if (Number.isFinite(this.#lastMs)) this.#slowestMs = Math.max(this.#slowestMs, atMs - this.#lastMs)
    this.#lastMs = atMs
  }

  #add(character: string, atMs: number): Heard {
    this.#near(atMs)
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
    this.#slowestMs = 0
    this.#lastMs = Number.NEGATIVE_INFINITY
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement

/** Listens on the window before everything else. Returns the way to stop. */
export function hearScans(page: Window, onScan: (text: string) => void): () => void {
  const reader = new ScanReader()
  let leaked: { readonly field: Field; readonly value: string } | null = null
  let resting: number | null = null

  /** Takes back what the burst wrote into a field, and takes the field away from the input method. */
  const giveBack = (): void => {
    if (leaked === null) return
    const { field, value } = leaked
    leaked = null
    field.blur()
    page.setTimeout(() => putValue(field, value), 0) // after the input method has let go of the field
  }
  const endBySilence = (): void => {
    const heard = reader.rest()
    if (heard.kind !== 'scan') leaked = null
    else {
      giveBack()
      onScan(heard.text)
    }
  }
  const rest = (dueMs: number, left: number): void => {
    // A page that was busy has keys waiting that were pressed in time: they are heard first.
    if (left > 0 && performance.now() - dueMs > BUSY_MS) return restSoon(left - 1)
    resting = null
    endBySilence()
  }
  const restSoon = (left = BUSY_TIMES_MAX): void => {
    if (resting !== null) page.clearTimeout(resting)
    const dueMs = performance.now() + SILENCE_MS
    resting = reader.length === 0 ? null : page.setTimeout(() => rest(dueMs, left), SILENCE_MS)
  }
  const down = (event: KeyboardEvent): void => {
    if (reader.isOver(event.timeStamp)) endBySilence() // on a busy page the next scan is here before the silence was noticed
    const before = reader.length
    const heard = reader.press({
      code: event.code, shift: event.shiftKey, alt: event.altKey, command: event.ctrlKey || event.metaKey, repeat: event.repeat, atMs: event.timeStamp
    })
    restSoon()
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
  const up = (event: KeyboardEvent): void => {
    reader.release(event.code, event.timeStamp)
    if (event.code.startsWith('Alt')) restSoon()
  }

  page.addEventListener('keydown', down, { capture: true })
  page.addEventListener('keyup', up, { capture: true })
  return () => {
    if (resting !== null) page.clearTimeout(resting)
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
