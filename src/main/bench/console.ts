/**
 * A serial console as a conversation: what comes is matched on a rolling buffer, because prompts have no line end; what goes
 * is paced, has a deadline of its own, and is checked by its echo before Enter. Enter is CR alone: U-Boot takes LF as a
 * second Enter and would run the command again (facts/devices-and-consoles.md 5).
 */
import { millis, seconds, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import { MATCH_CHARS_MAX } from '../domain/pattern.ts'
import type { Clock, SerialLine } from '../ports.ts'
import { bytesOf, compareEcho, ConsoleText, type Echo } from '../wire/console-text.ts'
import { Listeners, withDeadline } from './clockwork.ts'
import type { Secret } from './log.ts'
import type { Scope } from './scope.ts'
import type { Transcript } from './transcript.ts'

export interface ConsoleSettings {
  /** For words in faults. */
  readonly path: string
  readonly baud: number
  /** Between two characters; slow units lose what comes faster. */
  readonly charMs: Millis
  /** Silence after which a growing echo counts as lost. */
  readonly echoMs: Millis
}
export interface Match { readonly index: number; readonly text: string; /** What came before it, since the last match. */ readonly before: string }

export const CHAR_MS = millis(4)
export const ECHO_MS = millis(1500)
/** Text kept for matching; a console that never stops pushes the oldest out. */
const BUFFER_CHARS_MAX = 64 * 1024
/** One character at 300 baud takes 33 ms; a write that takes this long will never end. */
const WRITE_MS = seconds(5)
/** From here on, so many strange bytes mean a wrong speed, not an accident. */
const GARBAGE_BYTES_MIN = 64
const GARBAGE_SHARE = 0.3
const TAIL_CHARS = 200

export class Console {
  readonly transcript: Transcript
  readonly #clock: Clock
  readonly #pipe: SerialLine
  readonly #settings: ConsoleSettings
  readonly #cleaner = new ConsoleText()
  readonly #waiting = new Set<() => void>()
  readonly #lookers = new Listeners<Uint8Array>()
  readonly #mourners = new Listeners<Fault>()
  #text = ''
  /** Position of `#text[0]` in all that was ever heard. */
  #base = 0
  /** Where the next match may begin. */
  #cursor = 0
  #heardAt: Millis
  /** What had been heard when this wait began. */
  #heardBefore = { bytes: 0, strange: 0 }
  #fault: Fault | null = null
  /** From a secret until the line end after it: what echoes now may be the secret itself. */
  #isMasking = false

  constructor(clock: Clock, pipe: SerialLine, transcript: Transcript, settings: ConsoleSettings) {
    this.#clock = clock
    this.#pipe = pipe
    this.transcript = transcript
    this.#settings = settings
    this.#heardAt = clock.monotonic()
  }

  /** Reads until the scope closes or the adapter goes. */
  start(scope: Scope): void {
    scope.spawn(signal => this.#listen(signal), fault => this.#end(fault))
  }

  get path(): string { return this.#settings.path }
  /** Bytes ever heard. */
  get heard(): number { return this.#cleaner.bytes }
  /** What was heard and not matched yet. */
  get pending(): string { return this.#text.slice(Math.max(0, this.#cursor - this.#base)) }
  /** Ends at the first wait, when the adapter is gone. */
  get fault(): Fault | null { return this.#fault }

  /** The newest of what was heard, matched or not. */
  get tail(): string { return this.#text.slice(-TAIL_CHARS) }

  /** For whoever looks on: bytes as they came, secrets masked. */
  on(fn: (bytes: Uint8Array) => void): Disposable { return this.#lookers.on(fn) }
  /** Told once, when the adapter has gone. */
  onEnd(fn: (fault: Fault) => void): Disposable { return this.#mourners.on(fn) }

  /** One key of a person. It is not written down here: whoever calls does that, once he knows that he may (terminal-line.ts). */
  key(text: string, signal: AbortSignal): Promise<void> {
    return this.#type(text, signal)
  }

  /** From now to the next line end, what comes is masked: it may be an echo of what nobody should read. */
  mask(): void {
    this.#isMasking = true
  }

  /** Sends as it stands; a Secret is sent and never written down. Faults: `serial.no-port`. */
  async send(text: string | { readonly secret: Secret<string>; readonly name: string }, signal: AbortSignal): Promise<void> {
    const plain = typeof text === 'string' ? text : text.secret.reveal()
    if (typeof text === 'string') this.transcript.add('>', text)
    else {
      this.transcript.add('*', text.name)
      this.#isMasking = true
    }
    await this.#type(plain, signal)
  }

  /** CR alone, never LF. */
  enter(signal: AbortSignal): Promise<void> {
    return this.send('\r', signal)
  }

  /** Types a line and waits for its echo; Enter is the caller's. 'wrong' also when a part of the echo never came. */
  async typeLine(line: string, signal: AbortSignal): Promise<Echo> {
    this.skip()
    const from = this.#cursor
    await this.send(line, signal)
    for (;;) {
      const echo = compareEcho(line, this.#text.slice(Math.max(0, from - this.#base)))
      if (echo !== 'growing') {
        if (echo === 'whole') this.skip()
        return echo
      }
      const idle = millis(this.#heardAt + this.#settings.echoMs - this.#clock.monotonic())
      if (!await this.#change(idle, signal)) return 'wrong'
    }
  }

  /** The first of these patterns in what was not matched yet. Faults: `console.silent`, `serial.garbage`, `console.no-prompt`, `serial.no-port`. */
  async expect(patterns: readonly RegExp[], within: Millis, signal: AbortSignal): Promise<Match> {
    this.begin()
    const found = await this.#search(patterns, within, signal)
    if (found === null) throw this.missing(within)
    return found
  }

  /** As `expect`; null when the time is over. */
  async look(patterns: readonly RegExp[], within: Millis, signal: AbortSignal): Promise<Match | null> {
    return this.#search(patterns, within, signal)
  }

  /** Sends the key again and again until one of the patterns shows; null when the time is over. */
  async keepSending(key: string, everyMs: Millis, until: readonly RegExp[], within: Millis, signal: AbortSignal): Promise<Match | null> {
    const end = this.#clock.monotonic() + within
    this.begin()
    for (;;) {
      this.transcript.add('~', key)
      await this.#type(key, signal)
      const found = await this.#search(until, millis(Math.min(everyMs, end - this.#clock.monotonic())), signal)
      if (found !== null || this.#clock.monotonic() >= end) return found
    }
  }

  /** Waits for `quietMs` of silence; false: it never came within the time. */
  async settle(quietMs: Millis, within: Millis, signal: AbortSignal): Promise<boolean> {
    const end = this.#clock.monotonic() + within
    for (let from: Millis = this.#clock.monotonic(); ;) {
      const wait = Math.max(this.#heardAt, from) + quietMs - this.#clock.monotonic()
      if (wait <= 0) return true
      if (this.#clock.monotonic() >= end) return false
      if (await this.#change(millis(Math.min(wait, end - this.#clock.monotonic())), signal)) from = this.#heardAt
    }
  }

  /** Forgets what was heard so far. */
  skip(): void {
    this.#cursor = this.#base + this.#text.length
  }

  /** Silence, and then nothing left over of what came before. */
  async drain(quietMs: Millis, within: Millis, signal: AbortSignal): Promise<boolean> {
    const isQuiet = await this.settle(quietMs, within, signal)
    this.skip()
    return isQuiet
  }

  /** A break on the line, where the adapter can do one; false: it cannot. */
  async break(ms: Millis, signal: AbortSignal): Promise<boolean> {
    if (!this.#pipe.breakFor) return false
    this.transcript.add('|', String(ms))
    await this.#pipe.breakFor(ms, signal)
    return true
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for (;;) {
      const chunk = await this.#pipe.read(signal)
      if (chunk === null) return this.#end(new Fault('serial.no-port', { path: this.#settings.path, reason: 'closed' }))
      this.#hear(chunk)
    }
  }

  #hear(chunk: Uint8Array): void {
    const bytes = this.#isMasking ? this.#mask(chunk) : chunk
    this.#text += this.#cleaner.push(bytes)
    this.#heardAt = this.#clock.monotonic()
    this.transcript.add('<', latin1(bytes))
    if (this.#text.length > 2 * BUFFER_CHARS_MAX) { // seldom, because it copies
      const over = this.#text.length - BUFFER_CHARS_MAX
      this.#text = this.#text.slice(over)
      this.#base += over
      this.#cursor = Math.max(this.#cursor, this.#base)
    }
    this.#lookers.tell(bytes, fault => this.#end(fault))
    this.#wake()
  }

  #mask(chunk: Uint8Array): Uint8Array {
    const end = chunk.findIndex(byte => byte === 0x0a || byte === 0x0d)
    if (end >= 0) this.#isMasking = false
    return chunk.map((byte, i) => end >= 0 && i >= end ? byte : 0x2a)
  }

  async #search(patterns: readonly RegExp[], within: Millis, signal: AbortSignal): Promise<Match | null> {
    const end = this.#clock.monotonic() + within
    for (let looked = this.#cursor; ;) {
      const found = this.#find(patterns, Math.max(this.#cursor, looked - MATCH_CHARS_MAX))
      if (found !== null) return found
      looked = this.#base + this.#text.length
      const left = millis(end - this.#clock.monotonic())
      if (left <= 0 || !await this.#change(left, signal)) return null
    }
  }

  /** The match that begins first; of two that begin together the one named first. */
  #find(patterns: readonly RegExp[], from: number): Match | null {
    let best: { index: number; at: number; text: string } | null = null
    patterns.forEach((pattern, index) => {
      pattern.lastIndex = Math.max(0, from - this.#base)
      const hit = pattern.exec(this.#text)
      if (hit && hit[0] !== '' && (best === null || hit.index < best.at)) best = { index, at: hit.index, text: hit[0] }
    })
    return best === null ? null : this.#took(best)
  }

  #took({ index, at, text }: { readonly index: number; readonly at: number; readonly text: string }): Match {
    const before = this.#text.slice(Math.max(0, this.#cursor - this.#base), at)
    this.#cursor = this.#base + at + text.length
    return { index, text, before }
  }

  /** A wait begins here; `expect` and `keepSending` begin their own. */
  begin(): void {
    this.#heardBefore = { bytes: this.#cleaner.bytes, strange: this.#cleaner.strange }
  }

  /** Why the wait was in vain: nothing was heard since it began, gibberish, or other words. */
  missing(within: Millis): Fault {
    const { path, baud } = this.#settings
    const bytes = this.#cleaner.bytes - this.#heardBefore.bytes
    const strange = this.#cleaner.strange - this.#heardBefore.strange
    if (bytes === 0) return new Fault('console.silent', { path, afterMs: Math.round(within) })
    const share = strange / bytes
    if (bytes >= GARBAGE_BYTES_MIN && share >= GARBAGE_SHARE) return new Fault('serial.garbage', { path, baud, percent: Math.round(share * 100) })
    return new Fault('console.no-prompt', { path, heard: this.#text.slice(-80), afterMs: Math.round(within) })
  }

  async #type(text: string, signal: AbortSignal): Promise<void> {
    if (this.#fault) throw this.#fault
    const { charMs, path } = this.#settings
    const pieces = charMs > 0 ? Array.from(text) : [text]
    for (const [i, piece] of pieces.entries()) {
      await withDeadline(this.#clock, WRITE_MS, 'serial.no-port', { path, reason: 'write timed out' }, own => this.#pipe.write(bytesOf(piece), own), signal)
      if (i < pieces.length - 1) await this.#clock.sleep(charMs, signal)
    }
  }

  /** True: something was heard. False: the time is over. */
  async #change(ms: Millis, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    if (this.#fault) throw this.#fault
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const wake = (): void => resolve(true)
    const stop = (): void => resolve(false)
    this.#waiting.add(wake)
    signal.addEventListener('abort', stop, { once: true })
    using _timer = this.#clock.after(ms, stop)
    const isHeard = await promise
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    return isHeard
  }

  #end(fault: Fault): void {
    if (this.#fault === null) {
      this.#fault = fault
      this.#mourners.tell(fault, () => undefined)
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
