/**
 * Hears what units say about themselves on UDP 6666, 6667 and 7000 of the bench card, and asks the ones that speak only when
 * asked (facts/tuya.md 4.2, 4.6). Socket callbacks copy into a mailbox; one loop reads it and decides. A port that another
 * program holds, or a card that was pulled, is a fault in the view and tried again each second; the rest keeps working.
 */
import { millis, seconds, type FaultView, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Card, Endpoint, Ports, UdpSocket } from '../ports.ts'
import { decodeDatagram, encodeQuestion, readIpv4, type Announcement } from '../wire/announcement.ts'
import { FRAME_BYTES_MAX } from '../wire/lan-frame.ts'
import { every, Listeners, Mailbox } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export interface ListenerSettings {
  readonly card: string
  readonly address: string
  readonly prefix: number
  readonly askEveryMs: Millis
  /** False: no question goes out, another DHCP server is on the bench. */
  readonly mayAsk?: () => boolean
  /** Senders it gives no MAC for have no lease from us: counted; whoever is told makes no unit of them. */
  readonly macOf?: (ip: string) => string | null
}
/** What one source has sent to this card, for whoever asks why it is not listed. */
export interface SourceView { readonly ip: string; readonly heard: Readonly<Record<Via, number>>; readonly malformed: number; readonly lastAt: Instant }
export interface Heard { readonly announcement: Announcement; /** Source address. */ readonly ip: string; readonly via: 6666 | 6667 | 7000; readonly at: Instant }

const PORTS = [6666, 6667, 7000] as const // facts/tuya.md 4.2
type Via = (typeof PORTS)[number]
const ASK_PORT = 7000
const EVERYBODY = '255.255.255.255'
const TEND_EVERY = seconds(1)
const MAILBOX_MAX = 1024
/** One unit announces every 5 s and answers each question once; more than this a second is babble. */
const PER_SOURCE_EACH_SECOND_MAX = 20
const SOURCES_MAX = 1024
const NEXT_TURN = millis(0)
/** Told at once: more would hold up everybody else for too long. */
const BURST_MAX = 16
/** A crowd that does not stop talking is told all the same. */
const GATHER_TURNS_MAX = 8
const NONCE_BYTES = 12

interface Letter { readonly bytes: Uint8Array; readonly from: string; readonly via: Via; readonly at: Instant }
interface Source { readonly ip: string; readonly heard: Record<Via, number>; malformed: number; lastAt: Instant }
interface Open { readonly socket: UdpSocket; readonly cardIndex: number }

export class LanListener {
  readonly #ports: Pick<Ports, 'clock' | 'entropy' | 'net'>
  readonly #log: Log
  readonly #settings: ListenerSettings
  readonly #subnet: { readonly first: number; readonly last: number }
  readonly #open = new Map<Via, Open>()
  readonly #portFaults = new Map<Via, Fault>()
  #cardFault: Fault | null = null
  readonly #box = new Mailbox<Letter>(MAILBOX_MAX)
  readonly #listeners = new Listeners<readonly Heard[]>()
  readonly #early = new Listeners<readonly Heard[]>()
  readonly #counters = { heard6666: 0, heard6667: 0, heard7000: 0, malformed: 0, outside: 0, own: 0, stranger: 0, excess: 0, asked: 0, muted: 0, unleased: 0 }
  /** Sends that failed on sockets that are closed by now. */
  #unsentBefore = 0
  readonly #sources = new Map<string, Source>()
  #babble = { second: -1, bySource: new Map<string, number>() }

  constructor(ports: Pick<Ports, 'clock' | 'entropy' | 'net'>, log: Log, settings: ListenerSettings) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
    const size = 2 ** (32 - settings.prefix)
    const address = readIpv4(settings.address) ?? 0
    const first = address - address % size
    this.#subnet = { first, last: first + size - 1 }
  }

  /** Resolves after the first try to open the ports; it does not need to succeed. */
  async start(scope: Scope): Promise<void> {
    const { clock } = this.#ports
    const failed = (fault: Fault): void => this.#log.fault('the listener stumbled', fault)
    scope.own(() => this.#closeAll())
    await this.#tend(scope.signal)
    scope.spawn(signal => this.#read(signal), failed)
    scope.spawn(signal => this.#askAgainAndAgain(signal), failed)
    scope.spawn(async signal => {
      await clock.sleep(TEND_EVERY, signal)
      await every(clock, TEND_EVERY, () => this.#tend(signal), failed, signal)
    }, failed)
  }

  /** What came together is told together, so that whoever writes it down waits for the disk once. */
  on(fn: (heard: readonly Heard[]) => void): Disposable {
    return this.#listeners.on(fn)
  }

  /** The same, at once and before any of it is told: for what must not wait for whoever writes it down. */
  onEarly(fn: (heard: readonly Heard[]) => void): Disposable {
    return this.#early.on(fn)
  }

  /** One question now, to everybody and to the subnet: some switches and units drop one of the two. */
  ask(): void {
    this.#askAt(EVERYBODY)
    this.#askAt(textOfIpv4(this.#subnet.last))
  }

  view(): { readonly listening: number[]; readonly counters: Record<string, number>; readonly fault: FaultView | null } {
    const fault = this.#cardFault ?? PORTS.map(port => this.#portFaults.get(port)).find(found => found !== undefined) ?? null
    const unsent = [...this.#open.values()].reduce((sum, { socket }) => sum + socket.counters.failed, this.#unsentBefore)
    return { listening: [...this.#open.keys()].toSorted((a, b) => a - b), counters: { ...this.#counters, dropped: this.#box.dropped, unsent }, fault: fault?.toView() ?? null }
  }

  /** How many addresses have announced themselves since the start. */
  get senders(): number { return this.#sources.size }

  /** What came from one address, since the start. */
  heardFrom(ip: string): SourceView | null {
    return this.#sources.get(ip) ?? null
  }

  #askAt(address: string): void {
    const socket = this.#open.get(ASK_PORT)?.socket
    if (socket === undefined) return // the answers would come to a port that is not ours
    if (this.#settings.mayAsk?.() === false) {
      this.#counters.muted += 1
      return
    }
    // Sequence 0, as seen from other clients; devices do not look at it.
    const question = encodeQuestion({ ip: this.#settings.address, sequence: 0, nonce: this.#ports.entropy.bytes(NONCE_BYTES) })
    socket.send(question, { address, port: ASK_PORT })
    this.#counters.asked += 1
  }

  /** To everybody and, half the interval later, to the subnet broadcast address (facts/tuya.md 4.6). */
  async #askAgainAndAgain(signal: AbortSignal): Promise<void> {
    const half = millis(this.#settings.askEveryMs / 2)
    for (let turn = 0; !signal.aborted; turn += 1) {
      this.#askAt(turn % 2 === 0 ? EVERYBODY : textOfIpv4(this.#subnet.last))
      await this.#ports.clock.sleep(half, signal)
    }
  }

  /** Closes what hangs on a card that is gone, opens what is missing. Never throws. */
  async #tend(signal: AbortSignal): Promise<void> {
    const { card: name, address, prefix } = this.#settings
    const card = this.#card()
    const fault = card?.up !== true ? new Fault('net.card-gone', { card: name, state: card === null ? 'absent' : 'down' })
      : card.addresses.some(a => a.address === address) ? null
      : new Fault('net.card-no-address', { card: name, address: `${address}/${prefix}` })
    if (fault?.code !== this.#cardFault?.code) {
      if (fault !== null) this.#log.fault('the listener lost its card', fault)
      else this.#log.info('the listener has its card back', { card: name })
    }
    this.#cardFault = fault
    // A card that was pulled and plugged in again has a new index, and sockets bound to the old one stay deaf.
    for (const [port, open] of this.#open) if (fault !== null || open.cardIndex !== card?.index) this.#close(port)
    if (card === null || fault !== null) return
    const hadAskPort = this.#open.has(ASK_PORT)
    for (const port of PORTS) if (!this.#open.has(port)) await this.#openPort(port, card, signal)
    if (!hadAskPort && this.#open.has(ASK_PORT) && this.#counters.asked > 0) this.ask()
  }

  #card(): Card | null {
    try {
      return this.#ports.net.interfaces().find(card => card.name === this.#settings.card) ?? null
    } catch (thrown) {
      this.#log.fault('the network cards cannot be listed', Fault.from(thrown))
      return null
    }
  }

  async #openPort(port: Via, card: Card, signal: AbortSignal): Promise<void> {
    const { address, prefix } = this.#settings
    try {
      const socket = await this.#ports.net.udp({
        card: card.name, port, address, broadcast: true, allow: [{ address: textOfIpv4(this.#subnet.first), prefix }]
      })
      if (signal.aborted) {
        socket[Symbol.dispose]()
        return
      }
      socket.on((bytes, from) => this.#post(bytes, from, port))
      this.#open.set(port, { socket, cardIndex: card.index })
      this.#portFaults.delete(port)
      this.#log.info('listening', { port, card: card.name, binding: socket.binding })
    } catch (thrown) {
      const cause = Fault.from(thrown)
      const fault = new Fault(cause.code, { port, ...cause.context }, cause)
      if (this.#portFaults.get(port)?.code !== fault.code) this.#log.fault('a port cannot be opened', fault)
      this.#portFaults.set(port, fault)
    }
  }

  #close(port: Via): void {
    const open = this.#open.get(port)
    if (open === undefined) return
    this.#open.delete(port)
    this.#unsentBefore += open.socket.counters.failed
    open.socket[Symbol.dispose]()
  }

  #closeAll(): void {
    for (const port of PORTS) this.#close(port)
  }

  /** Runs inside the socket's callback: copies and returns. One byte over the limit is enough to know it was too long. */
  #post(bytes: Uint8Array, from: Endpoint, via: Via): void {
    this.#box.offer({ bytes: bytes.slice(0, FRAME_BYTES_MAX + 1), from: from.address, via, at: this.#ports.clock.now() })
  }

  async #read(signal: AbortSignal): Promise<void> {
    const failed = (fault: Fault): void => this.#log.fault('a listener of announcements failed', fault)
    for (;;) {
      const heard = this.#judgeAll([await this.#box.take(signal)])
      for (let turn = 0; ; turn += 1) {
        await this.#ports.clock.sleep(NEXT_TURN, signal) // a rack that powers up: more lie in the sockets
        const more = this.#judgeAll([])
        heard.push(...more)
        if (more.length === 0 || turn >= GATHER_TURNS_MAX) break
      }
      for (let at = 0; at < heard.length; at += BURST_MAX) {
        if (at > 0) await this.#ports.clock.sleep(NEXT_TURN, signal)
        this.#listeners.tell(heard.slice(at, at + BURST_MAX), failed)
      }
    }
  }

  /** These letters and all that wait. */
  #judgeAll(letters: Letter[]): Heard[] {
    for (let next = this.#box.poll(); next !== undefined; next = this.#box.poll()) letters.push(next)
    const heard: Heard[] = []
    for (const letter of letters) {
      this.#counters[`heard${letter.via}`] += 1
      const found = this.#judge(letter)
      if (found !== null) heard.push(found)
    }
    if (heard.length > 0) this.#early.tell(heard, fault => this.#log.fault('an early listener of announcements failed', fault))
    return heard
  }

  #judge(letter: Letter): Heard | null {
    const counters = this.#counters
    const address = readIpv4(letter.from)
    if (address === null || address < this.#subnet.first || address > this.#subnet.last) {
      counters.outside += 1
      return null
    }
    if (this.#isBabble(letter)) {
      counters.excess += 1
      return null
    }
    const source = this.#sourceOf(letter)
    source.heard[letter.via] += 1
    try {
      const datagram = decodeDatagram(letter.bytes, letter.via)
      if (datagram.kind === 'announcement') {
        if (this.#settings.macOf?.(letter.from) === null) counters.unleased += 1
        return { announcement: datagram.announcement, ip: letter.from, via: letter.via, at: letter.at }
      }
      if (datagram.ip === this.#settings.address || letter.from === this.#settings.address) counters.own += 1
      else counters.stranger += 1 // another program on the bench asks as we do
    } catch (thrown) {
      const fault = Fault.from(thrown)
      counters.malformed += 1
      source.malformed += 1
      if (fault.code === 'packet.malformed') this.#log.debug('a datagram made no sense', { from: letter.from, via: letter.via, ...fault.context })
      else this.#log.fault('a datagram could not be read', fault, { from: letter.from, via: letter.via })
    }
    return null
  }

  #sourceOf(letter: Letter): Source {
    const source = this.#sources.get(letter.from) ?? { ip: letter.from, heard: { 6666: 0, 6667: 0, 7000: 0 }, malformed: 0, lastAt: letter.at }
    this.#sources.delete(letter.from) // the one heard longest ago stands first
    const oldest = this.#sources.size >= SOURCES_MAX ? this.#sources.keys().next().value : undefined
    if (oldest !== undefined) this.#sources.delete(oldest)
    source.lastAt = letter.at
    this.#sources.set(letter.from, source)
    return source
  }

  /** Counts each source within the current second; sources beyond the table share the last place. */
  #isBabble(letter: Letter): boolean {
    const second = Math.floor(this.#ports.clock.monotonic() / 1000)
    if (second !== this.#babble.second) this.#babble = { second, bySource: new Map() }
    const { bySource } = this.#babble
    const source = bySource.size < SOURCES_MAX || bySource.has(letter.from) ? letter.from : 'others'
    const count = (bySource.get(source) ?? 0) + 1
    bySource.set(source, count)
    return count > PER_SOURCE_EACH_SECOND_MAX
  }
}

function textOfIpv4(address: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')
}
