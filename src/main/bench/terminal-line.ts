/**
 * What a person types at a console, sent key by key and written down line by line. A line is written down only when the unit
 * has shown it: what is not echoed, or is typed at the word *password*, is a secret, and the record says that one was typed
 * and when, but neither its letters nor how many. Enter is CR alone, and waits for the echo of its line.
 */
import { millis } from '#shared'
import type { Clock } from '../ports.ts'
import { bytesOf, compareEcho, type Echo } from '../wire/console-text.ts'
import type { Console } from './console.ts'
import type { TranscriptSlot } from './transcript.ts'

/** An echo takes milliseconds; a person does not feel this. */
const ECHO_MS = millis(300)
const LOOK_MS = millis(20)
const SECRET_PROMPT = /(?:pass(?:word|wd|phrase|code)?|secret|pin)\b[^\n]{0,40}[:>?]\s*$/i
const ESC = '\u001b'
/** What follows ESC in cursor and function keys (ECMA-48 5.4). */
const KEY_END = /^(?:\[[0-9;?]*[@-~]|O[A-Z])/
/** What stops a boot loader is not echoed and holds no secret (facts/devices-and-consoles.md 6). */
const BREAK_KEYS = /^[ *]+$/

export class TerminalLine {
  readonly #clock: Clock
  readonly #console: Console
  #queue: Promise<unknown> = Promise.resolve()
  #line = ''
  #slot: TranscriptSlot | null = null
  #isSecret = false

  constructor(clock: Clock, console: Console) {
    this.#clock = clock
    this.#console = console
  }

  /** In order, one after the other. Faults: `serial.no-port`. */
  type(text: string, signal: AbortSignal): Promise<void> {
    const work = this.#queue.then(async () => {
      for (const token of tokensOf(text.replaceAll(/\r\n?|\n/g, '\r'))) await this.#press(token, signal)
    })
    this.#queue = work.catch(() => undefined)
    return work
  }

  async #press(token: string, signal: AbortSignal): Promise<void> {
    if (token >= ' ' && token !== '\x7f') {
      if (this.#slot === null) this.#begin()
      if (this.#isSecret) this.#console.mask()
      this.#line += token
      return this.#console.key(token, signal)
    }
    await this.#end(signal)
    this.#console.transcript.add('>', token)
    await this.#console.key(token, signal)
  }

  #begin(): void {
    this.#isSecret = SECRET_PROMPT.test(this.#console.tail)
    this.#slot = this.#console.transcript.slot('*', 'typed')
    this.#console.skip()
  }

  /** The line is over: was it shown? */
  async #end(signal: AbortSignal): Promise<void> {
    const slot = this.#slot
    if (slot === null) return
    for (let left: number = ECHO_MS; left > 0 && !this.#isSecret && this.#echo() === 'growing'; left -= LOOK_MS) await this.#clock.sleep(LOOK_MS, signal)
    const isShown = this.#echo() === 'whole' || BREAK_KEYS.test(this.#line)
    if (isShown && !this.#isSecret) slot.fill('>', this.#line)
    this.#slot = null
    this.#line = ''
    this.#isSecret = false
  }

  /** What is heard is one character a byte, whatever was typed. */
  #echo(): Echo {
    return compareEcho(String.fromCharCode(...bytesOf(this.#line)), this.#console.pending)
  }
}

/** One character each; a cursor or function key is one. */
function* tokensOf(text: string): Generator<string> {
  for (let i = 0; i < text.length;) {
    const first = String.fromCodePoint(text.codePointAt(i) ?? 0)
    const token = first === ESC ? ESC + (KEY_END.exec(text.slice(i + 1))?.[0] ?? '') : first
    yield token
    i += token.length
  }
}
