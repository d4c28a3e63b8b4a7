/** A DHCP server on a virtual LAN in virtual time, with clients and foreign servers that are moved by hand. */
import { millis, minutes, seconds, type Millis } from '#shared'
import { DhcpServer, type DhcpSettings, type LeaseEvent } from '../../src/main/bench/dhcp-server.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { LEASE_REST_SCHEMA, LEASE_SCHEMA } from '../../src/main/bench/lease-book.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import type { Card, Database, FrameEar, Net, UdpOptions, UdpSocket } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualLan, type VirtualNet } from '../../src/main/virtual/lan.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { addressBytes, clientPacket, decode, encode, macOf, messageType, type DhcpPacket } from '../../src/main/wire/dhcp.ts'

export const SETTINGS: DhcpSettings = {
  card: 'bench0', address: '10.77.0.1', prefix: 24, poolStart: '10.77.0.20', poolEnd: '10.77.0.219', leaseMs: minutes(10), router: null, dns: [], probeMs: seconds(5)
}

function openLeases(): Database {
  const db = new LiveSql().open(':memory:')
  for (const schema of [LEASE_SCHEMA, LEASE_REST_SCHEMA]) db.run(schema)
  return db
}

/** The station's net, with what the virtual one cannot do by itself: refused ports, other bindings, changed cards. */
export class StationNet implements Net {
  readonly world = 'virtual'
  readonly inner: VirtualNet
  readonly refused = new Map<number, () => Error>()
  readonly sent: { readonly type: number | null; readonly to: string; readonly port: number; readonly packet: DhcpPacket }[] = []
  binding: 'device' | 'address' = 'device'
  change: (card: Card) => Card = card => card
  others: readonly Card[] = []
  /** What the cards have sent; null: not counted. */
  sentBy: Map<string, number> | null = null
  /** The card that really sends. */
  leavesBy = 'bench0'
  /** Frames of other servers; null: no right to look. */
  frames: Uint8Array[] | null = null
  opened = 0

  #uncounted = 0

  constructor(inner: VirtualNet) {
    this.inner = inner
  }

  interfaces(): readonly Card[] { return [...this.inner.interfaces().map(card => this.change(card)), ...this.others] }
  neighbours(card: string): ReadonlyMap<string, string> { return this.inner.neighbours(card) }
  sentPackets(): ReadonlyMap<string, number> { return new Map(this.sentBy ?? [['bench0', this.#uncounted += 1000]]) }
  answers(): FrameEar | null { return this.frames === null ? null : { take: () => this.frames?.splice(0) ?? [], [Symbol.dispose]: () => undefined } }
  tcp: Net['tcp'] = async (options, signal) => this.inner.tcp(options, signal)
  listen: Net['listen'] = async (options, accept) => this.inner.listen(options, accept)

  async udp(options: UdpOptions): Promise<UdpSocket> {
    const refusal = this.refused.get(options.port)
    if (refusal !== undefined) throw refusal()
    const socket = await this.inner.udp(options)
    this.opened += 1
    const { binding, sent } = this
    return {
      port: socket.port, binding, counters: socket.counters,
      on: fn => socket.on(fn),
      send: (bytes, to) => {
        if (this.sentBy?.has(this.leavesBy) === true) this.sentBy.set(this.leavesBy, (this.sentBy.get(this.leavesBy) ?? 0) + 1)
        const packet = to.port === 9 ? null : decode(bytes) // discard: no DHCP, only a question for a neighbour
        if (packet !== null) sent.push({ type: messageType(packet), to: to.address, port: to.port, packet })
        socket.send(bytes, to)
      },
      [Symbol.dispose]: () => { socket[Symbol.dispose]() }
    }
  }
}

export class DhcpBench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly lan: VirtualLan
  readonly proc = new VirtualProc()
  readonly lanes = new Map<string, number>()
  readonly net: StationNet
  readonly db: Database
  readonly lines: LogLine[] = []
  readonly events: LeaseEvent[] = []
  readonly #entropy: SeededEntropy
  readonly #settings: DhcpSettings
  server: DhcpServer
  scope: Scope

  constructor(settings: Partial<DhcpSettings> = {}) {
    this.#entropy = new SeededEntropy(7)
    this.#settings = { ...SETTINGS, ...settings }
    this.lan = new VirtualLan({ clock: this.clock, entropy: this.#entropy })
    this.net = new StationNet(this.lan.card('bench0', '02:00:00:00:77:01', [{ address: '10.77.0.1', prefix: 24 }]))
    this.db = openLeases()
    ;({ server: this.server, scope: this.scope } = this.#make(this.db))
  }

  /** Starts and waits until the probe is over. */
  async serve(): Promise<this> {
    await this.server.start(this.scope)
    await this.clock.advance(seconds(6))
    return this
  }

  /** A new server on the same file: after a clean stop, or after a crash that left the file as it was. */
  async restart(how: 'clean' | 'crash'): Promise<void> {
    const { db } = this
    let crashed: (() => void) | null = null
    if (how === 'crash') {
      const rows = ['lease', 'lease_block', 'lease_rest'].map(table => ({ table, rows: db.all(`SELECT * FROM ${table}`) }))
      crashed = () => {
        for (const { table, rows: kept } of rows) {
          db.run(`DELETE FROM ${table}`)
          for (const row of kept) db.run(`INSERT INTO ${table} VALUES (${Object.keys(row).map(() => '?').join(', ')})`, Object.values(row))
        }
      }
    }
    await this.clock.run(this.scope.close())
    crashed?.()
    ;({ server: this.server, scope: this.scope } = this.#make(db))
    await this.serve()
  }

  #make(db: Database): { server: DhcpServer; scope: Scope } {
    const log = new Log(line => this.lines.push(line), () => this.clock.now())
    const server = new DhcpServer({ clock: this.clock, entropy: this.#entropy, net: this.net, proc: this.proc }, db, log, this.#settings, mac => this.lanes.get(mac) ?? null)
    server.on(event => this.events.push(event))
    return { server, scope: new Scope('test') }
  }

  get told(): readonly string[] {
    return this.events.map(e => `${e.kind} ${e.mac} ${e.ip}`)
  }

  async host(n: number, address: string | null = null): Promise<Host> {
    const mac = macOfHost(n)
    const net = this.lan.card('eth0', mac, address === null ? [] : [{ address, prefix: 24 }])
    return new Host(this.clock, net, mac, {
      client: await net.udp({ card: 'eth0', port: 68, broadcast: true }), server: await net.udp({ card: 'eth0', port: 67, broadcast: true })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this.db[Symbol.dispose]()
  }
}

export const macOfHost = (n: number): string => `02:00:00:01:00:${n.toString(16).padStart(2, '0')}`

/** One machine on the bench: speaks as a client on port 68 and, where it is told to, as a server on 67. */
export class Host {
  readonly mac: string
  readonly net: VirtualNet
  readonly heard: DhcpPacket[] = []
  readonly #clock: VirtualClock
  readonly #sockets: { readonly client: UdpSocket; readonly server: UdpSocket }
  #xid = 0

  constructor(clock: VirtualClock, net: VirtualNet, mac: string, sockets: { readonly client: UdpSocket; readonly server: UdpSocket }) {
    this.#clock = clock
    this.net = net
    this.mac = mac
    this.#sockets = sockets
    sockets.client.on(bytes => {
      const packet = decode(bytes)
      if (macOf(packet) === mac) this.heard.push(packet)
    })
  }

  /** Sends, waits 20 ms, and gives what came back. */
  async ask(type: number, options: readonly (readonly [number, Uint8Array])[] = [], more: { readonly ciaddr?: string; readonly xid?: number } = {}): Promise<DhcpPacket | null> {
    this.#xid += 1
    const before = this.heard.length
    this.raw(encode(clientPacket({ type, mac: this.mac, xid: this.#xid, ...more, options: new Map(options) })))
    await this.#clock.advance(millis(20))
    return this.heard.slice(before).at(-1) ?? null
  }

  raw(bytes: Uint8Array): void {
    this.#sockets.client.send(bytes, { address: '255.255.255.255', port: 67 })
  }

  /** DISCOVER, OFFER, REQUEST, ACK; the address, or null. */
  async lease(options: readonly (readonly [number, Uint8Array])[] = []): Promise<string | null> {
    const offer = await this.ask(MESSAGE.discover, options)
    const server = offer?.options.get(OPTION.serverId)
    if (offer === null || server === undefined) return null
    const ack = await this.ask(MESSAGE.request, [...options, [OPTION.requestedAddress, addressBytes(offer.yiaddr)], [OPTION.serverId, server]], { xid: offer.xid })
    return ack !== null && messageType(ack) === MESSAGE.ack ? ack.yiaddr : null
  }

  /** Answers every DISCOVER after `delayMs`, as a router that pings first does. Ends when disposed. */
  offerAs(server: string, delayMs: Millis = millis(1)): Disposable {
    return this.#sockets.server.on(bytes => {
      const asked = decode(bytes)
      if (messageType(asked) === MESSAGE.discover) this.#clock.after(delayMs, () => { this.say(MESSAGE.offer, asked, server) })
    })
  }

  say(type: number, asked: DhcpPacket, server: string): void {
    const options = new Map([[OPTION.messageType, Uint8Array.of(type)], [OPTION.serverId, addressBytes(server)]])
    this.#sockets.server.send(encode({ ...asked, op: 2, yiaddr: '192.168.1.50', options }), { address: '255.255.255.255', port: 68 })
  }
}
