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
/** Silence that ends a scan without a suffix; longer where keys come late to the page. */
const SILENCE_MS = 250
const SILENCE_MS_MAX = 1500
const LATE_FACTOR = 4
/** Without a suffix, a burst is a scan only when no gap was longer (scanners send a key every 5 to 30 ms) ... */
export const SUFFIXLESS_GAP_MS_MAX = 35
/** ... and it is longer than what fingers can roll off in one go, or begins like a card of ours. */
const SUFFIXLESS_CHARS_MIN = 6
const CARD = /^(?:P\d\d|[A-Z]{2}:.+)$/i
/** After so many scans in a row without a suffix a scanner that had one is taken to have none. */
const WITHOUT_MIN = 3
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
  /** When the last key came of a scan that silence has ended; what follows at the speed of a burst is its rest. */
  #restedMs = Number.NEGATIVE_INFINITY
  /** A scan was ended by its suffix: then silence ends none, however late its keys come. */
  #hasSuffix = false
  #without = 0

  press(key: KeyPress): Heard {
    if (this.#text === '' && key.atMs >= this.#restedMs && key.atMs - this.#restedMs <= GAP_MS_MAX) return this.#swallow(key)
    const isNear = key.atMs - this.#lastMs <= GAP_MS_MAX
    if (/^(?:Shift|Alt|Control)/.test(key.code)) {
      if (!isNear) this.#forget()
      else this.#near(key.atMs) // keys between two characters belong to the burst
      return { kind: this.#text === '' ? 'person' : 'burst' }
    }
    if (isNear && this.#text !== '' && key.command && key.code === 'BracketRight') return this.#add(GROUP_SEPARATOR, key.atMs)
    if (key.command || key.repeat) return this.#person()
    if (!isNear) this.#forget()
    if (isSuffix(key.code)) return this.#end(isNear)
    if (key.alt) return this.#altDigit(key)
    const character = characterOf(key.code, key.shift)
    return character === null ? this.#person() : this.#add(character, key.atMs)
  }

  /** No key for a while: the scan of a scanner without a suffix, when it surely is one. */
  rest(): Heard {
    const text = this.#text
    if (this.#hasSuffix || !this.#isFast()) return { kind: 'person' }
    this.#restedMs = this.#lastMs
    this.#forget()
    return { kind: 'scan', text }
  }

  /** What was heard so far ended before this, without a suffix. */
  isOver(atMs: number): boolean {
    if (this.#text === '' || atMs - this.#lastMs <= GAP_MS_MAX) return false
    if (this.#hasSuffix && this.#isFast()) {
      this.#without += 1
      if (this.#without >= WITHOUT_MIN) this.#hasSuffix = false
    }
    return true
  }

  /** Letting go of Alt ends a number typed on the number pad. */
  release(code: string, atMs: number): void {
    if (!code.startsWith('Alt') || this.#alt === '') return
    const number = Number(this.#alt)
    this.#alt = ''
    if ((number >= 0x20 && number < 0x7f) || number === GROUP_SEPARATOR.charCodeAt(0)) this.#add(String.fromCharCode(number), atMs)
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
    this.#near(key.atMs)
    return { kind: 'burst' }
  }

  /** No person types like this. */
  #isFast(): boolean {
    const text = this.#text
    return this.#slowestMs <= SUFFIXLESS_GAP_MS_MAX && text.length >= SCAN_CHARS_MIN && (text.length >= SUFFIXLESS_CHARS_MIN || CARD.test(text))
  }

  /** The rest of a scan that was ended too early, or its suffix: pressed nowhere, and no second scan. */
  #swallow(key: KeyPress): Heard {
    this.#restedMs = key.atMs
    if (isSuffix(key.code)) {
      this.#hasSuffix = true
      this.#restedMs = Number.NEGATIVE_INFINITY
    }
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
    this.#hasSuffix = true
    this.#without = 0
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

function isSuffix(code: string): boolean {
  return code === 'Enter' || code === 'NumpadEnter' || code === 'Tab'
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
    if (heard.kind !== 'scan') return
    giveBack()
    onScan(heard.text)
  }
  const rest = (dueMs: number, left: number): void => {
    resting = null
    // A page that was busy has keys waiting that were pressed in time: they are heard first.
    if (left > 0 && performance.now() - dueMs > BUSY_MS) restSoon(BUSY_MS, left - 1)
    else endBySilence()
  }
  const restSoon = (silenceMs: number, left = BUSY_TIMES_MAX): void => {
    if (resting !== null) page.clearTimeout(resting)
    const dueMs = performance.now() + silenceMs
    resting = reader.length === 0 ? null : page.setTimeout(() => rest(dueMs, left), silenceMs)
  }
  const silenceOf = (event: KeyboardEvent): number => Math.min(SILENCE_MS_MAX, SILENCE_MS + LATE_FACTOR * Math.max(0, performance.now() - event.timeStamp))
  const down = (event: KeyboardEvent): void => {
    for (const ear of rawEars) ear(event)
    if (reader.isOver(event.timeStamp)) endBySilence() // on a busy page the next scan is here before the silence was noticed
    const before = reader.length
    const heard = reader.press({
      code: event.code, shift: event.shiftKey, alt: event.altKey, command: event.ctrlKey || event.metaKey, repeat: event.repeat, atMs: event.timeStamp
    })
    restSoon(silenceOf(event))
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
    if (event.code.startsWith('Alt')) restSoon(silenceOf(event))
  }

  page.addEventListener('keydown', down, { capture: true })
  page.addEventListener('keyup', up, { capture: true })
  return () => {
    if (resting !== null) page.clearTimeout(resting)
    page.removeEventListener('keydown', down, { capture: true })
    page.removeEventListener('keyup', up, { capture: true })
  }
}

const rawEars = new Set<(event: KeyboardEvent) => void>()

/** Every key before it is judged, for a page that shows what the scanner really sends; what belongs to a scan is stopped after that. */
export function hearRawKeys(ear: (event: KeyboardEvent) => void): () => void {
  rawEars.add(ear)
  return () => { rawEars.delete(ear) }
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
