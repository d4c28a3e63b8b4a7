/**
 * The listening side of one hand-over connection: finds the unit's answer and keeps a bounded copy of everything else, from
 * which a new key can be learnt. The copy tells the token to nobody: not in plain, not sealed under a key everybody knows.
 */
import type { BytePipe } from '../ports.ts'
import { COMMAND, Decoder, decryptBlocks, type Frame } from '../wire/lan-frame.ts'

const TRANSCRIPT_BYTES_MAX = 2048
/** A unit that says more than this without answering only babbles. */
const HEARD_BYTES_MAX = 65_536
const REASON_LENGTH_MAX = 200
/** Sends whose bytes are looked for in what comes back; one each five seconds. */
const OWN_FRAMES_MAX = 32
/** Our own frames are recognised by this many bytes in a row, behind the header that is no secret. */
const ECHO_BYTES = 8
const HEADER_BYTES = 16 // facts/tuya.md 4.3, the shorter of both envelopes
const BLOCK = 16 // AES

/** Reads one connection. */
export class Ear {
  readonly #keys: readonly Uint8Array[]
  readonly #decoder: Decoder
  readonly #own: Uint8Array[] = []
  /** The same frames as they would be misread if they came back. */
  readonly #echoes: Frame[] = []
  #heard: Uint8Array = new Uint8Array(0)
  #heardBytes = 0
  readonly #opened: Uint8Array[] = []

  /** All keys, whatever was sent with: a unit that answers under another key has answered all the same. */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys
    this.#decoder = new Decoder({ hasReturnCode: true, gcmKeys: keys })
  }

  /** A frame we are about to send; should it come back, it is not shown. */
  hide(frame: Uint8Array): void {
    if (this.#own.length >= OWN_FRAMES_MAX) return
    this.#own.push(frame)
    this.#echoes.push(...new Decoder({ hasReturnCode: true, gcmKeys: this.#keys }).push(frame))
  }

  /** The first token-bind frame that is not our own come back, or null when the connection ends without one. Never rejects. */
  async listen(pipe: BytePipe, signal: AbortSignal): Promise<Frame | null> {
    while (this.#heardBytes <= HEARD_BYTES_MAX) {
      const chunk = await pipe.read(signal).catch(() => null) // a reset is a close
      if (chunk === null) break
      this.#heardBytes += chunk.length
      this.#heard = Uint8Array.from(Buffer.concat([this.#heard, chunk.subarray(0, TRANSCRIPT_BYTES_MAX - this.#heard.length)]))
      const answer = this.#answerIn(this.#decoder.push(chunk))
      if (answer !== null) return answer
    }
    return this.#answerIn(this.#decoder.finish())
  }

  #answerIn(frames: readonly Frame[]): Frame | null {
    for (const frame of frames) if (frame.envelope === '6699') this.#opened.push(frame.payload) // bounded by HEARD_BYTES_MAX
    return frames.find(frame => frame.command === COMMAND.TOKEN_BIND && !this.#echoes.some(echo => isSame(echo, frame))) ?? null
  }

  /** Hex of what was heard; '' when it was nothing. */
  transcript(token: string): string {
    if (this.#heardBytes === 0) return ''
    const marks = marksOf(token)
    // A whole GCM frame that tells the token under a key we know is rare enough to hide everything.
    if (this.#opened.some(payload => marks.some(mark => Buffer.from(payload).includes(mark)))) return `[${this.#heardBytes} bytes hidden]`
    const left = this.#heardBytes - this.#heard.length
    return toHex(this.#heard, this.#hidden(marks)) + (left > 0 ? `[${left} bytes more]` : '')
  }

  /** 1 for each byte that belongs to the token in plain, to an ECB block that holds it, or to an echo of our own frames. */
  #hidden(marks: readonly Buffer[]): Uint8Array {
    const heard = this.#heard
    const isHidden = new Uint8Array(heard.length)
    const hide = (plain: Buffer, offset: number, unit: number): void => {
      for (const mark of marks) {
        for (let at = plain.indexOf(mark); at >= 0; at = plain.indexOf(mark, at + 1)) {
          isHidden.fill(1, offset + at - at % unit, offset + Math.ceil((at + mark.length) / unit) * unit)
        }
      }
    }
    hide(Buffer.from(heard), 0, 1)
    for (const key of this.#keys) {
      for (let shift = 0; shift < BLOCK; shift += 1) hide(Buffer.from(decryptBlocks(key, heard.subarray(shift))), shift, BLOCK)
    }
    const own = new Set(this.#own.flatMap(frame => pieces(frame.subarray(HEADER_BYTES))))
    for (const [at, piece] of pieces(heard).entries()) if (own.has(piece)) isHidden.fill(1, at, at + ECHO_BYTES)
    return isHidden
  }
}

/** The unit's own words, if they are words, without the token it may have quoted. */
export function reasonOf(bytes: Uint8Array, token: string): string {
  const text = Buffer.from(bytes).toString('latin1').replace(/\0+$/, '')
  if (!/^[\x20-\x7e\r\n\t]*$/.test(text)) return ''
  return marksOf(token).reduce((clean, mark) => clean.replaceAll(mark.toString(), '••••'), text).slice(0, REASON_LENGTH_MAX)
}

function isSame(a: Frame, b: Frame): boolean {
  return a.envelope === b.envelope && a.sequence === b.sequence && a.returnCode === b.returnCode && Buffer.from(a.payload).equals(b.payload)
}

/** What must not be readable: the whole token, and its middle that alone names it in the cloud (facts/tuya.md 2). */
function marksOf(token: string): readonly Buffer[] {
  return [Buffer.from(token), Buffer.from(token.slice(2, 10))].filter(mark => mark.length > 0)
}

/** Every run of ECHO_BYTES bytes, by its place. */
function pieces(bytes: Uint8Array): readonly string[] {
  const hex = Buffer.from(bytes).toString('hex')
  return Array.from({ length: Math.max(0, bytes.length - ECHO_BYTES + 1) }, (_, at) => hex.slice(2 * at, 2 * (at + ECHO_BYTES)))
}

function toHex(bytes: Uint8Array, isHidden: Uint8Array): string {
  return Array.from(bytes, (byte, at) => isHidden[at] !== 1 ? byte.toString(16).padStart(2, '0') : isHidden[at - 1] === 1 ? '' : '[hidden]').join('')
}
