/**
 * A small DHCP client, as a returned unit has one (RFC 2131 4.4): asks, takes the first offer, renews at half time,
 * rebinds at 7/8, starts over on a NAK, and may give the address back. It keeps the unit's card up to date.
 */
import { millis, type Millis } from '#shared'
import { EVERYBODY, NO_ADDRESS } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import type { CardAddress, Clock, Entropy, Net, UdpSocket } from '../ports.ts'
import { addressBytes, clientPacket, decode, encode, messageType, serverId, type DhcpPacket } from '../wire/dhcp.ts'
import { BROADCAST_FLAG, CLIENT_PORT, MESSAGE, OPTION, SERVER_PORT } from '../wire/dhcp-options.ts'
import { Mail } from './waits.ts'

const FIRST_WAIT_MS = 4000 // RFC 2131 4.1: 4 s, doubled each time, up to 64 s, plus or minus 1 s
const LAST_WAIT_MS = 64_000
/** Answers waiting to be read; a flood is dropped, as in a unit with little memory. */
const INBOX_MAX = 32

/** Where a unit's address comes from; `told` hears each change, null when it is gone. Returns when the signal aborts. */
export interface AddressSource {
  hold(told: (address: string | null) => void, signal: AbortSignal): Promise<void>
}

export interface DhcpClientOptions {
  readonly card: string
  readonly mac: string
  readonly hostName: string
  readonly vendorClass: string
  /** Calls itself something else after each restart, so that it gets another address (facts/devices-and-consoles.md 4). */
  readonly isForgetful?: boolean
  /** Puts the address on the card, or takes it off. */
  readonly assign: (address: CardAddress | null) => void
}

export interface Lease { readonly address: string; readonly prefix: number; readonly server: string; readonly leaseMs: Millis }
interface Question { readonly type: number; readonly xid: number; readonly options: Map<number, Uint8Array> }
interface Answer { readonly type: number; readonly packet: DhcpPacket }

export class DhcpClient implements AddressSource {
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #net: Net
  readonly #options: DhcpClientOptions
  #lease: Lease | null = null
  /** Wished for again after a reboot, as most clients do. */
  #lastAddress: string | null = null
  #holds = 0

  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy; readonly net: Net }, options: DhcpClientOptions) {
    this.#clock = ports.clock
    this.#entropy = ports.entropy
    this.#net = ports.net
    this.#options = options
  }

  get lease(): Lease | null {
    return this.#lease
  }

  async hold(told: (address: string | null) => void, signal: AbortSignal): Promise<void> {
    this.#holds += 1
    if (this.#options.isForgetful === true) this.#lastAddress = null
    using socket = await this.#net.udp({ card: this.#options.card, port: CLIENT_PORT, broadcast: true })
    const inbox = new Mail<Answer>(INBOX_MAX)
    using _listening = socket.on(bytes => {
      const answer = this.#read(bytes)
      if (answer !== null) inbox.offer(answer)
    })
    try {
      while (!signal.aborted) {
        const lease = await this.#obtain(socket, inbox, signal)
        this.#take(lease, told)
        await this.#keep(socket, inbox, signal)
        this.#take(null, told)
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    } finally {
      this.#take(null, told)
    }
  }

  /** Gives the address back politely; a unit that is switched off does not. */
  async release(): Promise<void> {
    const lease = this.#lease
    if (lease === null) return
    using socket = await this.#net.udp({ card: this.#options.card, port: 0, broadcast: true })
    const goodbye = this.#start(MESSAGE.release)
    goodbye.options.set(OPTION.serverId, addressBytes(lease.server))
    this.#send(socket, goodbye, { ciaddr: lease.address, to: lease.server })
    this.#lease = null
    this.#options.assign(null)
  }

  async #obtain(socket: UdpSocket, inbox: Mail<Answer>, signal: AbortSignal): Promise<Lease> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LAST_WAIT_MS)) {
      const discover = this.#start(MESSAGE.discover)
      if (this.#lastAddress !== null) discover.options.set(OPTION.requestedAddress, addressBytes(this.#lastAddress))
      this.#send(socket, discover, { ciaddr: NO_ADDRESS, to: EVERYBODY })
      const offer = await this.#wait(inbox, { xid: discover.xid, types: [MESSAGE.offer], waitMs: this.#jitter(wait) }, signal)
      const server = offer === null ? null : serverId(offer.packet)
      if (offer === null || server === null) continue
      const request = this.#start(MESSAGE.request, discover.xid)
      request.options.set(OPTION.requestedAddress, addressBytes(offer.packet.yiaddr))
      request.options.set(OPTION.serverId, addressBytes(server))
      this.#send(socket, request, { ciaddr: NO_ADDRESS, to: EVERYBODY })
      const answer = await this.#wait(inbox, { xid: request.xid, types: [MESSAGE.ack, MESSAGE.nak], waitMs: this.#jitter(wait) }, signal)
      const lease = answer?.type === MESSAGE.ack ? readLease(answer.packet) : null
      if (lease !== null) return lease
      if (answer?.type === MESSAGE.nak) this.#lastAddress = null
    }
  }

  /** Returns when the lease is lost: a NAK, or nobody renewed it in time. */
  async #keep(socket: UdpSocket, inbox: Mail<Answer>, signal: AbortSignal): Promise<void> {
    while (this.#lease !== null) {
      const lease: Lease = this.#lease
      const since = this.#clock.monotonic()
      const steps = [{ at: 0.5, to: lease.server }, { at: 0.875, to: EVERYBODY }] // T1 and T2, RFC 2131 4.4.5
      let next: Lease | null = null
      for (const step of steps) {
        await this.#clock.sleep(millis(Math.max(0, since + lease.leaseMs * step.at - this.#clock.monotonic())), signal)
        const request = this.#start(MESSAGE.request)
        this.#send(socket, request, { ciaddr: lease.address, to: step.to })
        const waitMs = millis(Math.min(LAST_WAIT_MS, lease.leaseMs / 16))
        const answer = await this.#wait(inbox, { xid: request.xid, types: [MESSAGE.ack, MESSAGE.nak], waitMs }, signal)
        if (answer?.type === MESSAGE.nak) return
        next = answer === null ? null : readLease(answer.packet)
        if (next !== null) break
      }
      if (next === null) {
        await this.#clock.sleep(millis(Math.max(0, since + lease.leaseMs - this.#clock.monotonic())), signal)
        return
      }
      this.#lease = next
    }
  }

  #take(lease: Lease | null, told: (address: string | null) => void): void {
    if (lease === null && this.#lease === null) return
    this.#lease = lease
    if (lease !== null) this.#lastAddress = lease.address
    this.#options.assign(lease === null ? null : { address: lease.address, prefix: lease.prefix })
    told(lease === null ? null : lease.address)
  }

  async #wait(inbox: Mail<Answer>, want: { readonly xid: number; readonly types: readonly number[]; readonly waitMs: Millis }, signal: AbortSignal): Promise<Answer | null> {
    const until = this.#clock.monotonic() + want.waitMs
    for (;;) {
      const left = until - this.#clock.monotonic()
      const answer = left <= 0 ? null : await inbox.take(this.#clock, millis(left), signal)
      if (answer === null) return null
      if (answer.packet.xid === want.xid && want.types.includes(answer.type)) return answer
    }
  }

  #start(type: number, xid = new DataView(this.#entropy.bytes(4).buffer).getUint32(0)): Question {
    const { mac, hostName, vendorClass } = this.#options
    return {
      type, xid,
      options: new Map([
        [OPTION.clientId, Uint8Array.of(...this.#options.isForgetful === true ? [0, this.#holds & 255] : [1], ...mac.split(':').map(part => Number.parseInt(part, 16)))],
        [OPTION.hostName, new TextEncoder().encode(hostName)],
        [OPTION.vendorClass, new TextEncoder().encode(vendorClass)],
        [OPTION.parameterList, Uint8Array.of(1, 3, 6, 12, 15, 28, 42)]
      ])
    }
  }

  /** Without an address of its own it can hear a broadcast only, and says so by the flag. */
  #send(socket: UdpSocket, question: Question, o: { readonly ciaddr: string; readonly to: string }): void {
    const flags = o.ciaddr === NO_ADDRESS ? BROADCAST_FLAG : 0
    socket.send(encode(clientPacket({ ...question, mac: this.#options.mac, flags, ciaddr: o.ciaddr })), { address: o.to, port: SERVER_PORT })
  }

  #read(bytes: Uint8Array): Answer | null {
    try {
      const packet = decode(bytes)
      const type = messageType(packet)
      return type === null || packet.op !== 2 ? null : { type, packet }
    } catch (thrown) {
      if (thrown instanceof Fault) return null
      throw thrown
    }
  }

  #jitter(ms: number): Millis {
    return millis(ms - 1000 + 2000 * ((this.#entropy.bytes(1)[0] ?? 0) / 256))
  }
}

function readLease(packet: DhcpPacket): Lease | null {
  const seconds = packet.options.get(OPTION.leaseTime)
  const mask = packet.options.get(OPTION.subnetMask)
  const server = serverId(packet)
  if (seconds?.length !== 4 || mask?.length !== 4 || server === null) return null
  const leaseMs = millis(number(seconds) * 1000)
  return { address: packet.yiaddr, prefix: Math.round(32 - Math.log2(2 ** 32 - number(mask))), server, leaseMs }
}

function number(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
}
