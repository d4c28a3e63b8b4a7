/**
 * Finds the door to the station: the preload's when the page runs in Electron, else a web socket to the host that served
 * the page. Same interface for both; the screens never know which one they hold. Requests wait while the line is being
 * made, are timed out, and the page is told of every new line so that it can ask its views again.
 */
import { FAULTS, type DoorAnswer, type DoorClient, type DoorEventName, type DoorEvents, type DoorName, type DoorParams, type DoorResult, type FaultView } from '#shared'

declare global {
  interface Window { readonly station?: DoorClient }
}

/** no-key: the page was opened without the one-time key; no line can be made. */
export type Line = 'connecting' | 'open' | 'lost' | 'no-key'
export interface StationDoor extends DoorClient {
  readonly line: Line
  onLine(fn: (line: Line) => void): () => void
}

export const ASK_MS = 10_000
/** What a page may have waiting at once; more than this is refused, not kept. */
export const WAITING_MAX = 200
const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 5_000
const KEY_NAME = 'unbindery.key'

/** Whatever was thrown, as a fault with words. */
export function asFault(thrown: unknown): FaultView {
  const code = field(thrown, 'code')
  if (typeof code === 'string' && Object.hasOwn(FAULTS, code)) return thrown as FaultView // its code is in the catalogue
  return { code: 'program.unexpected', context: { text: (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200) } }
}

/** The door of this page. The key of the address is moved to the session store: a reload works, the address tells nothing. */
export function openDoor(page: Window): StationDoor {
  if (page.station) return new PreloadDoor(page.station)
  const key = takeKey(page)
  const { protocol, host } = page.location
  return new SocketDoor({ url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/door`, key })
}

/** For a link to another page of the same station; null inside Electron, which opens its own windows. */
export function keyOfPage(page: Window): string | null {
  return page.station ? null : takeKey(page)
}

function takeKey(page: Window): string | null {
  const found = /[#&]key=([\w-]{1,200})/.exec(page.location.hash)?.[1]
  if (found !== undefined) {
    page.sessionStorage.setItem(KEY_NAME, found)
    page.history.replaceState(null, '', page.location.pathname + page.location.search)
  }
  return found ?? page.sessionStorage.getItem(KEY_NAME)
}

/** Electron's door: always there while the window is. */
class PreloadDoor implements StationDoor {
  readonly line = 'open' as const
  readonly #door: DoorClient

  constructor(door: DoorClient) {
    this.#door = door
  }

  ask<N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> {
    return this.#door.ask(name, params)
  }

  on<E extends DoorEventName>(event: E, fn: (payload: DoorEvents[E]) => void): () => void {
    return this.#door.on(event, fn)
  }

  onLine(): () => void {
    return () => undefined
  }
}

interface Waiting {
  readonly id: number
  readonly text: string
  readonly timer: ReturnType<typeof setTimeout>
  isSent: boolean
  settle(answer: DoorAnswer): void
}

export class SocketDoor implements StationDoor {
  #line: Line = 'connecting'
  #socket: WebSocket | null = null
  #failures = 0
  #nextId = 1
  #isClosed = false
  #retry: ReturnType<typeof setTimeout> | null = null
  readonly #url: string
  readonly #askMs: number
  readonly #waiting = new Map<number, Waiting>()
  readonly #followers = new Map<DoorEventName, Set<(payload: never) => void>>()
  readonly #lineFns = new Set<(line: Line) => void>()

  constructor(o: { url: string; key: string | null; askMs?: number }) {
    this.#url = o.url
    this.#askMs = o.askMs ?? ASK_MS
    if (o.key === null) this.#line = 'no-key'
    else this.#connect(o.key)
  }

  get line(): Line {
    return this.#line
  }

  onLine(fn: (line: Line) => void): () => void {
    this.#lineFns.add(fn)
    return () => { this.#lineFns.delete(fn) }
  }

  ask<N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> {
    const refused: FaultView = { code: 'door.no-station', context: { name } }
    if (this.#line === 'no-key' || this.#isClosed || this.#waiting.size >= WAITING_MAX) return Promise.reject(refused)
    const { promise, resolve, reject } = Promise.withResolvers<DoorResult<N>>()
    const id = this.#nextId++
    const settle = (answer: DoorAnswer): void => {
      clearTimeout(waiting.timer)
      this.#waiting.delete(id)
      if (answer.ok) resolve(answer.value as DoorResult<N>) // the door table pairs name and result; the host is our own
      else reject(answer.fault)
    }
    const timer = setTimeout(() => settle({ ok: false, fault: refused }), this.#askMs)
    const waiting: Waiting = { id, text: JSON.stringify({ id, name, params }), timer, isSent: false, settle }
    this.#waiting.set(id, waiting)
    if (this.#line === 'open') this.#send(waiting)
    return promise
  }

  on<E extends DoorEventName>(event: E, fn: (payload: DoorEvents[E]) => void): () => void {
    const fns = this.#followers.get(event) ?? new Set()
    fns.add(fn)
    this.#followers.set(event, fns)
    if (this.#line === 'open') this.#follow()
    return () => { fns.delete(fn) }
  }

  close(): void {
    this.#isClosed = true
    if (this.#retry) clearTimeout(this.#retry)
    this.#socket?.close()
    for (const waiting of this.#waiting.values()) waiting.settle({ ok: false, fault: { code: 'door.no-station', context: {} } })
  }

  #connect(key: string): void {
    const socket = new WebSocket(this.#url, ['unbindery', key])
    this.#socket = socket
    socket.addEventListener('open', () => {
      this.#failures = 0
      this.#say('open')
      this.#follow()
      for (const waiting of this.#waiting.values()) this.#send(waiting)
    })
    socket.addEventListener('message', event => {
      if (typeof event.data === 'string') this.#take(event.data)
    })
    socket.addEventListener('close', () => {
      if (this.#isClosed) return
      this.#say('lost')
      this.#dropSent()
      const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#failures)
      this.#failures = Math.min(this.#failures + 1, 10)
      this.#retry = setTimeout(() => this.#connect(key), waitMs)
    })
  }

  /** What was sent on a line that broke may have been done or not: it is never sent twice. */
  #dropSent(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.isSent) waiting.settle({ ok: false, fault: { code: 'door.no-station', context: {} } })
    }
  }

  #say(line: Line): void {
    if (this.#line === line) return
    this.#line = line
    for (const fn of this.#lineFns) fn(line)
  }

  #send(waiting: Waiting): void {
    waiting.isSent = true
    this.#socket?.send(waiting.text)
  }

  #follow(): void {
    this.#socket?.send(JSON.stringify({ follow: [...this.#followers.keys()] }))
  }

  /** A frame that makes no sense is dropped; the request it may have answered runs into its time-out. */
  #take(text: string): void {
    let frame: unknown
    try { frame = JSON.parse(text) } catch { return }
    const id = field(frame, 'id')
    const answer = field(frame, 'answer')
    if (typeof id === 'number' && typeof field(answer, 'ok') === 'boolean') {
      this.#waiting.get(id)?.settle(answer as DoorAnswer) // shape checked as far as it is told apart here
      return
    }
    const fns = this.#followers.get(field(frame, 'event') as DoorEventName) // an unknown name finds nobody
    for (const fn of fns ?? []) fn(field(frame, 'payload') as never) // followers are kept by event name
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined // an object, as just seen
}
