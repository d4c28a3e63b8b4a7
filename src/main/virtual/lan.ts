/**
 * A broadcast domain and the cards plugged into it, behind the `Net` port. Datagrams take `delayMs`; a broadcast reaches
 * every plugged card, the sender's own sockets included; a unicast only the card that owns the address. Pipes break when
 * a cable is pulled. Loss and duplicates are seeded.
 */
import { millis, type Millis } from '#shared'
import { broadcastOf, EVERYBODY, isInSubnet, NO_ADDRESS } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Card, CardAddress, Clock, Endpoint, Listener, ListenOptions, Net, TcpOptions, UdpOptions, UdpSocket } from '../ports.ts'
import type { SeededEntropy } from './entropy.ts'
import { joinPipes, type VirtualPipe } from './pipe.ts'

const DATAGRAM_BYTES_MAX = 65_507 // RFC 768: 65535 less the IP and UDP headers
const SOCKETS_MAX = 64
const FIRST_FREE_PORT = 49_152 // RFC 6335 6, dynamic ports
/** How long a card asks in vain who owns an address before it gives up. */
const NOBODY_THERE_MS = 3000

export interface LanOptions { readonly clock: Clock; readonly entropy: SeededEntropy; readonly delayMs?: Millis; readonly lossFraction?: number; readonly duplicateFraction?: number }
export interface CardOptions { readonly hasDefaultRoute?: boolean; readonly isPlugged?: boolean }

export class VirtualLan {
  readonly clock: Clock
  readonly delayMs: Millis
  /** Changeable while it runs. */
  lossFraction: number
  duplicateFraction: number
  readonly #entropy: SeededEntropy
  readonly #cards = new Set<VirtualCard>()

  constructor(options: LanOptions) {
    this.clock = options.clock
    this.#entropy = options.entropy
    this.delayMs = options.delayMs ?? millis(0.3)
    this.lossFraction = options.lossFraction ?? 0
    this.duplicateFraction = options.duplicateFraction ?? 0
  }

  /** One host's way into this LAN. A host with several cards hands in the net of its first one. */
  card(name: string, mac: string, addresses: readonly CardAddress[], options: CardOptions & { readonly net?: VirtualNet } = {}): VirtualNet {
    const net = options.net ?? new VirtualNet()
    const card = new VirtualCard(this, name, mac, addresses, options)
    net.add(card)
    this.#cards.add(card)
    return net
  }

  /** Takes a card out of the LAN for good. */
  forget(card: VirtualCard): void {
    card.unplug()
    this.#cards.delete(card)
  }

  /** Whom a switch hears. */
  pluggedMacs(): ReadonlySet<string> {
    return new Set([...this.#cards].filter(c => c.isOn).map(c => c.mac))
  }

  plug(net: VirtualNet): void {
    net.card().plug()
  }

  unplug(net: VirtualNet): void {
    net.card().unplug()
  }

  /** The plugged card that answers for an address; the first one when two claim it. */
  owner(address: string): VirtualCard | null {
    for (const card of this.#cards) if (card.isOn && card.owns(address)) return card
    return null
  }

  deliver(from: VirtualCard, source: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const copies = this.#chance(this.lossFraction) ? 0 : this.#chance(this.duplicateFraction) ? 2 : 1
    const arrive = (): void => {
      if (!from.isOn) return
      if (from.isBroadcast(to.address)) for (const card of this.#cards) card.receive(bytes, source, to.port)
      else this.#pass(from, bytes, source, to)
    }
    for (let i = 0; i < copies; i += 1) this.clock.after(millis(this.delayMs * (i + 1)), arrive)
  }

  /** Who sends to one address has asked first whose it is, and remembers. */
  #pass(from: VirtualCard, bytes: Uint8Array, source: Endpoint, to: Endpoint): void {
    const owner = this.owner(to.address)
    if (owner === null) from.neighbours.delete(to.address)
    else from.neighbours.set(to.address, owner.mac)
    owner?.receive(bytes, source, to.port)
  }

  /** A seeded draw; none is made for a fault that is off, so that turning one on changes nothing else. */
  #chance(fraction: number): boolean {
    return fraction > 0 && this.#entropy.fraction() < fraction
  }
}

/** One host: its cards, on one LAN or on several. */
export class VirtualNet implements Net {
  readonly world = 'virtual'
  readonly #cards: VirtualCard[] = []

  add(card: VirtualCard): void {
    card.index = this.#cards.length + 2 // 1 is the loopback, as everywhere
    this.#cards.push(card)
  }

  /** The card of that name, or the first one; also one that is out of its socket, so that it can be put back. */
  card(name?: string): VirtualCard {
    const card = name === undefined ? this.#cards[0] : this.#cards.find(c => c.name === name)
    if (card === undefined) throw new Fault('net.card-not-found', { card: name ?? '' })
    return card
  }

  interfaces(): readonly Card[] {
    return this.#cards.filter(c => c.isPresent).map(c => c.view())
  }

  neighbours(card: string): ReadonlyMap<string, string> {
    return new Map(this.#cards.find(c => c.name === card && c.isPresent)?.neighbours)
  }

  async udp(options: UdpOptions): Promise<UdpSocket> {
    return this.#present(options.card).openUdp(options)
  }

  async tcp(options: TcpOptions, signal: AbortSignal): Promise<BytePipe> {
    return this.#present(options.card).connect(options, signal)
  }

  async listen(options: ListenOptions, accept: (pipe: BytePipe, from: Endpoint) => void): Promise<Listener> {
    return this.#present(options.card).listen(options, accept)
  }

  #present(name: string): VirtualCard {
    const card = this.#cards.find(c => c.name === name && c.isPresent)
    if (card === undefined) throw new Fault('net.card-gone', { card: name })
    return card
  }
}

interface OpenListener { readonly options: ListenOptions; readonly accept: (pipe: BytePipe, from: Endpoint) => void; readonly pipes: Set<VirtualPipe> }

export class VirtualCard {
  readonly name: string
  readonly mac: string
  readonly hasDefaultRoute: boolean
  readonly lan: VirtualLan
  index = 0
  isPresent = true
  isPlugged: boolean
  addresses: readonly CardAddress[]
  readonly neighbours = new Map<string, string>()
  readonly #sockets = new Map<number, VirtualSocket>()
  readonly #listeners = new Map<number, OpenListener>()
  readonly #pipes = new Set<VirtualPipe>()
  #nextPort = FIRST_FREE_PORT

  constructor(lan: VirtualLan, name: string, mac: string, addresses: readonly CardAddress[], options: CardOptions) {
    this.lan = lan
    this.name = name
    this.mac = mac
    this.addresses = addresses
    this.hasDefaultRoute = options.hasDefaultRoute ?? false
    this.isPlugged = options.isPlugged ?? true
  }

  /** Hears and is heard. */
  get isOn(): boolean {
    return this.isPresent && this.isPlugged
  }

  plug(): void {
    this.isPlugged = true
  }

  unplug(): void {
    this.isPlugged = false
    this.#breakPipes()
  }

  /** The whole card is pulled out (a USB adapter): its sockets are deaf for ever, its ports are free again. */
  remove(): void {
    this.isPresent = false
    this.#breakPipes()
    for (const socket of this.#sockets.values()) socket.isDead = true
    this.#sockets.clear()
    this.#listeners.clear()
  }

  putBack(): void {
    this.isPresent = true
    this.index += 100 // a new device to the system
  }

  setAddresses(addresses: readonly CardAddress[]): void {
    this.addresses = addresses
  }

  owns(address: string): boolean {
    return this.addresses.some(a => a.address === address)
  }

  isBroadcast(address: string): boolean {
    return address === EVERYBODY || this.addresses.some(a => broadcastOf(a) === address)
  }

  view(): Card {
    const { name, index, mac, isPresent, isPlugged, hasDefaultRoute, addresses } = this
    return { name, index, mac, up: isPresent, hasLink: isPlugged, hasDefaultRoute, addresses }
  }

  openUdp(options: UdpOptions): UdpSocket {
    const port = this.#takePort(options.port, this.#sockets)
    const socket = new VirtualSocket(this, port, options, () => { if (this.#sockets.get(port) === socket) this.#sockets.delete(port) })
    this.#sockets.set(port, socket)
    return socket
  }

  receive(bytes: Uint8Array, source: Endpoint, port: number): void {
    if (this.isOn) this.#sockets.get(port)?.hear(bytes, source)
  }

  async connect(options: TcpOptions, signal: AbortSignal): Promise<BytePipe> {
    const { lan } = this
    const target = (): OpenListener | null => (this.isOn ? lan.owner(options.to.address)?.listener(options.to) ?? null : null)
    const isAnyoneThere = this.isOn && lan.owner(options.to.address) !== null
    await lan.clock.sleep(isAnyoneThere ? millis(2 * lan.delayMs) : millis(Math.min(options.connectMs, NOBODY_THERE_MS)), signal)
    const listener = target()
    const owner = lan.owner(options.to.address)
    if (listener === null || owner === null || listener.pipes.size >= listener.options.connectionsMax) {
      throw new Fault('net.unreachable', { address: options.to.address, port: options.to.port })
    }
    const from: Endpoint = { address: options.from ?? this.addresses[0]?.address ?? NO_ADDRESS, port: this.#takePort(0, this.#sockets) }
    const [mine, theirs] = joinPipes(lan.clock, lan.delayMs)
    this.#keep(mine, this.#pipes)
    owner.#keep(theirs, owner.#pipes)
    this.#keep(theirs, listener.pipes)
    listener.accept(theirs, from)
    return mine
  }

  listen(options: ListenOptions, accept: (pipe: BytePipe, from: Endpoint) => void): Listener {
    const port = this.#takePort(options.port, this.#listeners)
    const open: OpenListener = { options, accept, pipes: new Set() }
    this.#listeners.set(port, open)
    return {
      port,
      [Symbol.asyncDispose]: async () => {
        if (this.#listeners.get(port) === open) this.#listeners.delete(port)
        for (const pipe of open.pipes) pipe.break()
      }
    }
  }

  listener(at: Endpoint): OpenListener | null {
    const open = this.#listeners.get(at.port)
    return open !== undefined && (open.options.address === undefined || open.options.address === at.address) ? open : null
  }

  #keep(pipe: VirtualPipe, set: Set<VirtualPipe>): void {
    set.add(pipe)
    pipe.onEnd(() => { set.delete(pipe) })
  }

  #breakPipes(): void {
    for (const pipe of this.#pipes) pipe.break()
  }

  #takePort(wanted: number, taken: ReadonlyMap<number, unknown>): number {
    if (taken.size >= SOCKETS_MAX) throw new Fault('program.unexpected', { text: `more than ${SOCKETS_MAX} sockets on ${this.name}` })
    if (wanted !== 0 && taken.has(wanted)) throw new Fault('net.port-taken', { port: wanted })
    if (wanted !== 0) return wanted
    this.#nextPort = this.#nextPort >= 65_535 ? FIRST_FREE_PORT : this.#nextPort + 1
    return taken.has(this.#nextPort) ? this.#takePort(0, taken) : this.#nextPort
  }
}

class VirtualSocket implements UdpSocket {
  readonly port: number
  readonly binding = 'device'
  readonly counters = { sent: 0, heard: 0, failed: 0 }
  isDead = false
  readonly #card: VirtualCard
  readonly #options: UdpOptions
  readonly #onClose: () => void
  readonly #fns = new Set<(bytes: Uint8Array, from: Endpoint) => void>()

  constructor(card: VirtualCard, port: number, options: UdpOptions, onClose: () => void) {
    this.port = port
    this.#card = card
    this.#options = options
    this.#onClose = onClose
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (this.isDead || bytes.length > DATAGRAM_BYTES_MAX || !this.#mayReach(to.address)) {
      this.counters.failed += 1
      return
    }
    this.counters.sent += 1
    if (!this.#card.isOn) return // no carrier: the system takes it and drops it
    const address = this.#options.address ?? this.#card.addresses[0]?.address ?? NO_ADDRESS
    this.#card.lan.deliver(this.#card, { address, port: this.port }, to, Uint8Array.from(bytes))
  }

  on(fn: (bytes: Uint8Array, from: Endpoint) => void): Disposable {
    this.#fns.add(fn)
    return { [Symbol.dispose]: () => { this.#fns.delete(fn) } }
  }

  hear(bytes: Uint8Array, from: Endpoint): void {
    this.counters.heard += 1
    for (const fn of this.#fns) fn(Uint8Array.from(bytes), from)
  }

  [Symbol.dispose](): void {
    this.isDead = true
    this.#fns.clear()
    this.#onClose()
  }

  #mayReach(address: string): boolean {
    const { allow, broadcast } = this.#options
    if (this.#card.isBroadcast(address) && broadcast !== true) return false
    return allow === undefined || address === EVERYBODY || allow.some(subnet => isInSubnet(address, subnet))
  }
}
