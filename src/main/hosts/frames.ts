/**
 * One conversation through the door, whatever carries it. All three hosts hand their texts to `DoorSession.hear` and
 * carry away what it sends; it never throws and never rejects. What cannot even be read as a frame ends the conversation.
 */
import { DOOR_EVENTS, PICTURE_CHARS_MAX, type DoorAnswer, type DoorEventName, type DoorEvents, type DoorFrame, type FaultCode } from '#shared'

/** What a host needs of the gate. */
export interface DoorGate {
  ask(name: string, params: unknown, who: { readonly host: DoorHost }): Promise<DoorAnswer>
  follow(fn: <E extends DoorEventName>(event: E, payload: DoorEvents[E]) => void, events: readonly DoorEventName[]): Disposable
}
export type DoorHost = 'ipc' | 'http' | 'local'

/** Of one frame inwards, in UTF-16 units and in bytes alike. */
export const FRAME_MAX = 64 * 1024
/** Of the one question that may be longer, `relay.picture`; carriers let so much through, and `parseFrame` knows which it is. */
export const PICTURE_FRAME_MAX = PICTURE_CHARS_MAX + 1024
/** Of what a screen has not taken yet; beyond it the screen is cut off, connects again and asks again. */
export const BACKLOG_BYTES_MAX = 1024 * 1024
/** Questions of one screen that may be open at a time. */
export const QUESTIONS_MAX = 64

export interface DoorLine {
  send(text: string): void
  /** Bytes handed to `send` that have not left yet. */
  backlog(): number
  /** Ends the conversation; called at most once. */
  drop(why: 'unreadable' | 'slow'): void
}

type Heard = { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly params: unknown } | { readonly kind: 'follow'; readonly events: readonly DoorEventName[] }

export class DoorSession implements Disposable {
  readonly #gate: DoorGate
  readonly #host: DoorHost
  readonly #line: DoorLine
  #following: Disposable | null = null
  #open = 0
  #isOver = false

  constructor(gate: DoorGate, host: DoorHost, line: DoorLine) {
    this.#gate = gate
    this.#host = host
    this.#line = line
  }

  /** Takes one text in; its answer, if it was a question, goes out by the line. */
  async hear(text: string): Promise<void> {
    const frame = await this.answer(text)
    if (frame) this.#send(frame)
  }

  /** As `hear`, for carriers that bring the answer back themselves. */
  async answer(text: string): Promise<DoorFrame | null> {
    if (this.#isOver) return null
    const heard = parseFrame(text)
    if (heard?.kind === 'ask') return { id: heard.id, answer: await this.#ask(heard.name, heard.params) }
    if (heard) this.#follow(heard.events)
    else this.#end('unreadable')
    return null
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#following?.[Symbol.dispose]()
    this.#following = null
  }

  async #ask(name: string, params: unknown): Promise<DoorAnswer> {
    if (this.#open >= QUESTIONS_MAX) return refusal('door.invalid', 'too many questions at once')
    this.#open += 1
    try {
      return await this.#gate.ask(name, params, { host: this.#host })
    } catch (thrown) {
      return refusal('program.unexpected', String(thrown).slice(0, 200))
    } finally {
      this.#open -= 1
    }
  }

  #follow(events: readonly DoorEventName[]): void {
    this.#following?.[Symbol.dispose]()
    this.#following = this.#gate.follow((event, payload) => this.#send({ event, payload }), events)
  }

  #send(frame: DoorFrame): void {
    if (this.#isOver) return
    if (this.#line.backlog() > BACKLOG_BYTES_MAX) this.#end('slow')
    else this.#line.send(JSON.stringify(frame))
  }

  #end(why: 'unreadable' | 'slow'): void {
    this[Symbol.dispose]()
    this.#line.drop(why)
  }
}

export const refusal = (code: FaultCode, text: string): DoorAnswer => ({ ok: false, fault: { code, context: { text } } })

/** As our own pages and our command line begin it. */
const PICTURE_START = /^\{"id":\d{1,16},"name":"relay\.picture","params":\{/

/** How long a frame that begins so may be. */
export function frameMax(start: string): number {
  return PICTURE_START.test(start) ? PICTURE_FRAME_MAX : FRAME_MAX
}

/** null: not one of our frames. Names and parameters are the gate's to judge. */
export function parseFrame(text: string): Heard | null {
  if (text.length > frameMax(text)) return null // seen before anything long is parsed
  let frame: unknown
  try { frame = JSON.parse(text) } catch { return null }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return null
  if ('follow' in frame) return parseFollow(frame.follow, Object.keys(frame).length)
  if (!('id' in frame) || !('name' in frame) || !Object.keys(frame).every(key => ['id', 'name', 'params'].includes(key))) return null
  const { id, name } = frame
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0 || typeof name !== 'string') return null
  return { kind: 'ask', id, name, params: 'params' in frame ? frame.params : {} }
}

function parseFollow(events: unknown, keys: number): Heard | null {
  if (keys !== 1 || !Array.isArray(events) || events.length > DOOR_EVENTS.length) return null
  const known = DOOR_EVENTS.filter(event => events.includes(event))
  return known.length === events.length ? { kind: 'follow', events: known } : null
}
