/**
 * The DHCP server of the bench: one card, one pool, nobody else's network. It answers first and writes afterwards, drops
 * and counts what makes no sense, falls silent as soon as another server speaks, and finds back by itself whatever
 * happens to the card. Trouble of the bench is a fault in `view()`, never a rejection.
 */
import { millis, seconds, type FaultView, type LeaseView, type Millis } from '#shared'
import { isInSubnet, EVERYBODY, NO_ADDRESS } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import { LeaseEngine, type LeaseAnswer, type LeaseQuestion } from '../domain/lease.ts'
import type { Slot } from '../domain/lease-pool.ts'
import type { Database, Endpoint, Net, Ports, UdpOptions, UdpSocket } from '../ports.ts'
import { CLIENT_PORT, SERVER_PORT } from '../wire/dhcp-options.ts'
import { readQuestion, ReplyForm, type Spoken } from '../wire/dhcp-exchange.ts'
import { decode, encode, macOf, PACKET_BYTES_MAX, sizeMaxOf, type DhcpPacket } from '../wire/dhcp.ts'
import { assessBenchCard } from './bench-card.ts'
import { CardKeeper } from './card-keeper.ts'
import { Mailbox } from './clockwork.ts'
import { DhcpGuard, type Verdict } from './dhcp-guard.ts'
import { rehearse } from './dhcp-rehearsal.ts'
import { testTheWay } from './dhcp-self-test.ts'
import { LeaseBook } from './lease-book.ts'
import { LeaseNews, type LeaseEvent } from './lease-news.ts'
import { LeaseScout } from './lease-scout.ts'
import { Log } from './log.ts'
import { OtherServers } from './other-servers.ts'
import type { Scope } from './scope.ts'
import { SelfLease, termsOf, type Provable } from './self-lease.ts'

export type { LeaseEvent } from './lease-news.ts'

export interface DhcpSettings {
  readonly card: string
  readonly address: string
  readonly prefix: number
  readonly poolStart: string
  readonly poolEnd: string
  readonly leaseMs: Millis
  readonly router: string | null
  readonly dns: readonly string[]
  /** How long another server is listened for; home routers take 3 s to offer. */
  readonly probeMs: Millis
}

export interface DhcpView {
  readonly state: 'off' | 'probing' | 'serving' | 'foreign' | 'fault'
  readonly fault: FaultView | null
  readonly poolSize: number
  readonly poolUsed: number
  readonly counters: Readonly<Record<string, number>>
  readonly binding: 'device' | 'address' | null
}

const WATCH_MS = millis(500) // issue text: the card's life is noticed within a second
/** Each so many looks at the bench card the others are looked at too, which takes the time of a few answers. */
const LOOKS_AT_ALL = 8
const IDLE_MS = seconds(1)
/** More packets than this without a gap: a rack powers up. */
const BURST_PACKETS = 8
const BURST_GAP_MS = millis(20)
/** A client with an offer asks on within this; other work of ours waits for the gap behind it, and no longer than so many looks. */
const ANSWERING_MS = 1
const LOOK_MS = millis(1)
const LOOKS_MAX = 20
const NOT_KNOWN = 'not known'
const DISCARD_PORT = 9 // RFC 863
const RECEIVE_BYTES = 4 * 1024 * 1024 // facts/dhcp.md 2.4: a lost DISCOVER costs its client 4 s
const INBOX_MAX = 8192
const NEWCOMERS_MAX = 8 // facts/dhcp.md 3: on a socket that may hear the office
const RESERVATIONS_MAX = 2 // asked again once after a block was opened
const LOG_EVERY_MS = seconds(10)
const LOGGED_MACS_MAX = 1024
/** A full pool is said for so long after the last client that got nothing. */
const POOL_FULL_SHOWN_MS = seconds(60)

interface Datagram { readonly bytes: Uint8Array; readonly from: Endpoint; readonly port: typeof SERVER_PORT | typeof CLIENT_PORT }

type DhcpPorts = Pick<Ports, 'clock' | 'entropy' | 'net' | 'proc'>

export class DhcpServer {
  readonly #ports: DhcpPorts
  readonly #log: Log
  readonly #settings: DhcpSettings
  readonly #engine: LeaseEngine
  readonly #book: LeaseBook
  readonly #guard: DhcpGuard
  readonly #form: ReplyForm
  readonly #self: SelfLease
  readonly #news: LeaseNews
  readonly #keeper: CardKeeper
  readonly #scout: LeaseScout
  readonly #others: OtherServers
  readonly #laneOf: (mac: string) => number | null
  readonly #counters: Record<string, number> = {}
  readonly #loggedAt = new Map<string, Millis>()
  /** The open server socket; null while there is none. */
  #socket: UdpSocket | null = null
  #fault: Fault | null = null
  #isStarted = false
  #wasCardSeen = false
  #poolFullAt: Millis | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  /** Packets since the last gap. */
  #arrivals = 0

  /** `laneOf`: where a unit stands, for the one that turns out to be another server. */
  constructor(ports: DhcpPorts, db: Database, log: Log, settings: DhcpSettings, laneOf: (mac: string) => number | null = () => null) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
    this.#engine = new LeaseEngine(termsOf(settings))
    this.#book = new LeaseBook(ports.clock, db, log, this.#engine.pool, settings.leaseMs, () => this.#isAnswering())
    this.#form = new ReplyForm(settings)
    this.#self = new SelfLease(ports, termsOf(settings), this.#form)
    this.#news = new LeaseNews(ports.clock, log, () => this.#isBurst())
    this.#keeper = new CardKeeper(ports, log, settings)
    this.#scout = new LeaseScout(ports, settings.card, this.#engine.pool, (ip, mac) => { this.avoid(ip, mac) })
    this.#others = new OtherServers(ports.net, settings.card, ip => this.macOf(ip))
    this.#laneOf = laneOf
    this.#guard = new DhcpGuard(ports, log, settings, verdict => { this.#onVerdict(verdict) })
  }

  /** Returns as soon as the lease book is read; the card, the probe and all trouble with them show in `view()`. */
  async start(scope: Scope): Promise<void> {
    const open = this.#book.load()
    if (open !== null) this.#log.warn('the last run did not end properly; unrecorded addresses rest', { blocks: open })
    this.#isStarted = true
    scope.own(() => {
      this.#book.close()
      this.#isStarted = false
    })
    const again = (net: Net, db: Database, own: Scope): Promise<void> => new DhcpServer({ ...this.#ports, net }, db, new Log(() => undefined, () => this.#ports.clock.now()), { ...this.#settings, probeMs: millis(0) }).start(own)
    // In a virtual world time stands still while code is slow.
    if (this.#ports.net.world === 'live') scope.spawn(signal => rehearse({ clock: this.#ports.clock, settings: this.#settings, open: again, isOpen: () => this.isServing }, scope, signal), fault => { this.#log.fault('the rehearsal failed', fault) })
    scope.spawn(signal => this.#news.run(signal), fault => { this.#log.fault('leases are not told any more', fault) })
    scope.spawn(signal => this.#supervise(scope, signal), fault => { this.#setFault(fault) })
  }

  on(fn: (event: LeaseEvent) => void): Disposable {
    return this.#news.on(fn)
  }

  macOf(ip: string): string | null {
    return this.#engine.pool.macOf(ip)
  }

  ipOf(mac: string): string | null {
    return this.#engine.pool.ipOf(mac)
  }

  /** Something without a lease was seen on this address; it is not given to anybody for a while. */
  avoid(ip: string, mac: string | null = null): void {
    if (!this.#engine.pool.avoid(ip, mac, this.#ports.clock.monotonic())) return
    this.#count('avoided')
    this.#log.warn('somebody uses an address of the pool without a lease', { ip, mac })
    this.#book.note()
  }

  view(): DhcpView {
    const { pool } = this.#engine
    return {
      state: this.#state(), fault: this.#visibleFault()?.toView() ?? null, poolSize: pool.size, poolUsed: pool.used,
      counters: { ...this.#counters }, binding: this.#socket?.binding ?? null
    }
  }

  leases(): readonly LeaseView[] {
    return this.#engine.pool.slots().map(slot => this.#leaseView(slot)).filter(lease => lease !== null)
  }

  /** For the checklist that proves the bench. */
  get provable(): Provable { return { view: this.view(), guard: this.#guard, self: this.#self, socket: this.#socket } }

  /** Leases are ours to give: whoever starts anew is heard. */
  get isServing(): boolean { return this.#state() === 'serving' }

  #state(): DhcpView['state'] {
    if (!this.#isStarted) return 'off'
    if (this.#fault !== null) return 'fault'
    if (this.#socket === null) return 'probing'
    return this.#guard.verdict.kind === 'clear' ? 'serving' : this.#guard.verdict.kind
  }

  #visibleFault(): Fault | null {
    const { verdict } = this.#guard
    if (this.#fault !== null) return this.#fault
    if (verdict.kind === 'foreign') return this.#foreignFault(verdict.server)
    if (this.#poolFullAt !== null) return new Fault('net.pool-full', { addresses: this.#engine.pool.size })
    return this.#book.fault
  }

  #foreignFault(server: string): Fault {
    const mac = this.#others.macOf(server)
    const lane = mac === null ? null : this.#laneOf(mac)
    return new Fault('net.foreign-dhcp', { server, mac: mac ?? NOT_KNOWN, lane: lane ?? NOT_KNOWN })
  }

  /** One session after another for as long as the station runs. */
  async #supervise(scope: Scope, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#session(scope)
      } catch (thrown) {
        if (signal.aborted) return
        const fault = Fault.from(thrown)
        this.#setFault(fault)
        if (await this.#keeper.mend(fault, signal)) continue
      }
      await this.#ports.clock.sleep(WATCH_MS, signal).catch(() => undefined)
    }
  }

  /** From the opening of the sockets until the card changes or is lost; throws why. */
  async #session(parent: Scope): Promise<void> {
    const card = this.#readCard()
    await using scope = parent.child('dhcp')
    const { card: name, address, prefix } = this.#settings
    const options = { card: name, address, broadcast: true, receiveBytes: RECEIVE_BYTES, allow: [{ address, prefix }] }
    const server = scope.own(await this.#ports.net.udp({ ...options, port: SERVER_PORT, isBusy: true }))
    const client = await this.#openClientPort(scope, options)
    this.#others.listen(scope)
    const inbox = new Mailbox<Datagram>(INBOX_MAX)
    server.on((bytes, from) => { inbox.offer({ bytes: copyOf(bytes), from, port: SERVER_PORT }) })
    client?.on((bytes, from) => { inbox.offer({ bytes: copyOf(bytes), from, port: CLIENT_PORT }) })
    this.#engine.newcomersMax = server.binding === 'device' ? Number.POSITIVE_INFINITY : NEWCOMERS_MAX
    await testTheWay(this.#ports, this.#log, name, server, scope.signal)
    this.#socket = server
    scope.own(() => { this.#socket = null })
    this.#setFault(null)
    this.#log.info('dhcp socket open', { card: name, index: card.index, binding: server.binding, hearsReplies: client !== null })
    let broken: Fault | null = null
    scope.spawn(signal => this.#read(inbox, server, signal), fault => { broken = fault })
    scope.spawn(signal => this.#guard.run({ server, client }, signal), fault => { broken = fault })
    scope.spawn(signal => this.#scout.run(server, () => this.#ports.clock.monotonic() - this.#heardAt > IDLE_MS, signal), fault => { broken = fault })
    for (let looks = 1; ; looks += 1) {
      await this.#ports.clock.sleep(WATCH_MS, scope.signal)
      for (let i = 0; i < LOOKS_MAX && this.#isAnswering(); i += 1) await this.#ports.clock.sleep(LOOK_MS, scope.signal)
      if (broken !== null) throw broken
      if (this.#readCard(looks % LOOKS_AT_ALL !== 0).index !== card.index) throw new Fault('net.card-gone', { card: name })
      this.#tick(inbox.dropped)
    }
  }

  /** `isBrief`: the bench card alone, not what the others are. */
  #readCard(isBrief = false): { readonly index: number } {
    const card = assessBenchCard(this.#ports.net.interfaces(isBrief ? this.#settings.card : undefined), this.#settings, this.#wasCardSeen)
    if (card instanceof Fault) throw card
    this.#wasCardSeen = true
    return card
  }

  /** Without it the guard is half deaf, but units are served. */
  async #openClientPort(scope: Scope, options: Omit<UdpOptions, 'port'>): Promise<UdpSocket | null> {
    try {
      return scope.own(await this.#ports.net.udp({ ...options, port: CLIENT_PORT, isDeafToSelf: true }))
    } catch (thrown) {
      this.#count('guard.no-client-port')
      this.#log.fault('replies of other dhcp servers cannot be heard', Fault.from(thrown))
      return null
    }
  }

  #tick(dropped: number): void {
    const now = this.#ports.clock.monotonic()
    this.#engine.pool.expire(now)
    this.#others.hear()
    this.#publish()
    if (dropped > 0) this.#counters['inbox.dropped'] = dropped
    if (this.#news.dropped > 0) this.#counters['news.dropped'] = this.#news.dropped
    if (this.#poolFullAt !== null && (this.#engine.pool.used < this.#engine.pool.size || now - this.#poolFullAt > POOL_FULL_SHOWN_MS)) this.#poolFullAt = null
    this.#book.note()
  }

  async #read(inbox: Mailbox<Datagram>, socket: UdpSocket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // What came together is answered together; the socket sends it in one go.
      for (let datagram: Datagram | undefined = await inbox.take(signal); datagram !== undefined; datagram = inbox.poll()) this.#hearSafely(datagram, socket)
      this.#publish()
    }
  }

  #hearSafely(datagram: Datagram, socket: UdpSocket): void {
    try {
      this.#hear(datagram, socket)
    } catch (thrown) {
      const fault = Fault.from(thrown)
      this.#count(fault.code === 'packet.malformed' ? 'ignored.malformed' : 'ignored.unexpected')
      if (fault.code !== 'packet.malformed' && this.#mayLog('unexpected')) this.#log.fault('a dhcp packet broke something', fault)
    }
  }

  #hear({ bytes, from, port }: Datagram, socket: UdpSocket): void {
    if (port === CLIENT_PORT) {
      // Our own answers come back here; while a probe runs even those "of ours" are looked at.
      if (from.address === this.#settings.address && this.#guard.verdict.kind === 'clear') return
      this.#guard.hearReply(decode(bytes), from.address)
      return
    }
    const packet = decode(bytes)
    if (packet.op === 1 && (this.#guard.isOwnProbe(macOf(packet)) || this.#self.hears(packet, socket))) return
    this.#count('heard')
    this.#noteArrival()
    // A socket that is not tied to the card hears the office too: only askers without an address, or with one of the bench.
    if (socket.binding === 'address' && from.address !== NO_ADDRESS && !isInSubnet(from.address, this.#settings)) return this.#count('ignored.outside')
    const question = readQuestion(packet)
    if (typeof question === 'string') return this.#count(`ignored.${question}`)
    const foreign = this.#engine.foreignIn(question)
    if (foreign !== null) this.#guard.hearNamed(foreign)
    if (foreign === null && this.#guard.verdict.kind !== 'clear') return this.#count('ignored.not-serving')
    const answer = this.#ask(question)
    if (answer.kind === 'silent') this.#beSilent(answer.reason, question)
    else if (answer.kind !== 'reserve') this.#reply(packet, answer, socket)
  }

  #noteArrival(): void {
    const now = this.#ports.clock.monotonic()
    if (now - this.#heardAt > BURST_GAP_MS) this.#arrivals = 0
    this.#arrivals += 1
    this.#heardAt = now
  }

  #isAnswering(): boolean { return this.#ports.clock.monotonic() - this.#heardAt < ANSWERING_MS }

  #isBurst(): boolean { return this.#arrivals > BURST_PACKETS && this.#ports.clock.monotonic() - this.#heardAt <= BURST_GAP_MS }

  /** Reserves blocks where the answer needs them; the engine decides nothing until they are. */
  #ask(question: LeaseQuestion): LeaseAnswer {
    let answer = this.#engine.answer(question, this.#ports.clock.monotonic())
    for (let i = 0; i < RESERVATIONS_MAX && answer.kind === 'reserve'; i += 1) {
      if (!this.#book.reserve(answer.blocks)) break
      answer = this.#engine.answer(question, this.#ports.clock.monotonic())
    }
    if (answer.kind === 'reserve') this.#count('ignored.not-reserved')
    return answer
  }

  #reply(asked: DhcpPacket, answer: Spoken, socket: UdpSocket): void {
    const to = answer.kind === 'nak' ? null : answer.to
    socket.send(encode(this.#form.build(asked, answer), sizeMaxOf(asked)), { address: to ?? EVERYBODY, port: CLIENT_PORT })
    this.#count(`sent.${answer.kind}`)
    if (answer.kind === 'nak' && this.#mayLog(macOf(asked))) this.#log.info('address refused', { mac: macOf(asked), why: answer.why })
  }

  #beSilent(reason: string, question: LeaseQuestion): void {
    this.#count(reason === 'done' ? question.kind : `ignored.${reason}`)
    if (reason !== 'pool-full') return
    this.#poolFullAt = this.#ports.clock.monotonic()
    if (this.#mayLog('pool-full')) this.#log.warn('no address left', { mac: question.mac, addresses: this.#engine.pool.size })
  }

  /** Has what the engine has changed written, and then told. */
  #publish(): void {
    const changes = this.#engine.takeChanges()
    for (const { kind, ip, holder: { mac, hostName, vendorClass } } of changes) {
      if (this.#mayLog(mac)) this.#log.info('lease', { kind, mac, ip, hostName, vendorClass })
    }
    if (changes.length > 0) this.#news.add(changes)
    this.#book.note()
  }

  #onVerdict(verdict: Verdict): void {
    if (verdict.kind === 'foreign') {
      this.#count('guard.foreign')
      this.#socket?.send(new Uint8Array(1), { address: verdict.server, port: DISCARD_PORT }) // so that the system asks for its MAC
    }
    this.#log.info('dhcp guard', { verdict: verdict.kind })
  }

  #setFault(fault: Fault | null): void {
    if (fault !== null && fault.code !== this.#fault?.code) this.#log.fault('dhcp does not serve', fault)
    this.#fault = fault
  }

  #count(name: string): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + 1
  }

  /** One line per client and 10 s: a unit that asks without end must not fill the log. */
  #mayLog(key: string): boolean {
    const now = this.#ports.clock.monotonic()
    const last = this.#loggedAt.get(key)
    if (last !== undefined && now - last < LOG_EVERY_MS) return false
    if (this.#loggedAt.size >= LOGGED_MACS_MAX) this.#loggedAt.clear()
    this.#loggedAt.set(key, now)
    return true
  }

  #leaseView(slot: Slot): LeaseView | null {
    const { holder, state } = slot
    if (state === 'free' && !slot.isKnown) return null
    return {
      ip: slot.ip, mac: holder?.mac ?? '', hostName: holder?.hostName ?? null, vendorClass: holder?.vendorClass ?? null,
      since: this.#book.wallOf(slot.since), until: this.#book.wallOf(slot.until), state: state === 'free' ? 'released' : state
    }
  }
}

/** One byte more than a packet may have, so that a longer one is still seen to be too long. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes.subarray(0, PACKET_BYTES_MAX + 1)) // from a pool: thousands a second of its own memory each would keep the garbage collector busy
}
