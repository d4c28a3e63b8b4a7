/**
 * Proves on the wire that the bench lends addresses: a client that does not exist asks on the bench card, the server hears it
 * there and answers it there, out of an engine of its own. So nothing is reserved, written or told, and no unit is invented.
 */
import { millis, seconds, type Millis } from '#shared'
import { EVERYBODY } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import { LeaseEngine } from '../domain/lease.ts'
import type { LeaseTerms } from '../domain/lease-pool.ts'
import type { Clock, Entropy, UdpSocket } from '../ports.ts'
import { readQuestion, type ReplyForm } from '../wire/dhcp-exchange.ts'
import { BROADCAST_FLAG, CLIENT_PORT, MESSAGE, OPTION, SERVER_PORT } from '../wire/dhcp-options.ts'
import { addressBytes, clientPacket, encode, macOf, messageType, sizeMaxOf, type DhcpPacket } from '../wire/dhcp.ts'
import { randomMac, type DhcpGuard } from './dhcp-guard.ts'
import type { DhcpSettings, DhcpView } from './dhcp-server.ts'

/** What of the server the checklist needs. */
export interface Provable { readonly view: DhcpView; readonly guard: DhcpGuard; readonly self: SelfLease; readonly socket: UdpSocket | null }

/** Whether another server is on the bench, asked anew. Faults: those that keep the server from serving. */
export async function proveGuard({ view, guard }: Provable, now: () => DhcpView, signal: AbortSignal): Promise<void> {
  refuseUnserved(view)
  await guard.askAgain(signal)
  refuseUnserved(now())
}

/** One lease over the bench card. Faults: those that keep the server from serving; `dhcp.self-test`. */
export async function proveLease({ view, self, socket }: Provable, signal: AbortSignal): Promise<SelfLeased> {
  refuseUnserved(view)
  if (socket === null) throw new Fault('dhcp.self-test', { step: 'socket' })
  return await self.take(socket, signal)
}

function refuseUnserved({ state, fault }: DhcpView): void {
  if (state !== 'serving') throw fault === null ? new Fault('dhcp.self-test', { step: state }) : new Fault(fault.code, fault.context)
}

export function termsOf(settings: DhcpSettings): LeaseTerms {
  return { ...settings, taken: [...settings.router === null ? [] : [settings.router], ...settings.dns] }
}

/** Each of the two questions. */
const ANSWER_MAX = seconds(2)
const LOOK_MS = millis(20)

interface SelfClient { readonly mac: string; readonly engine: LeaseEngine; answer: DhcpPacket | null }
export interface SelfLeased { readonly ip: string; readonly ms: number }

export class SelfLease {
  readonly #ports: { readonly clock: Clock; readonly entropy: Entropy }
  readonly #terms: LeaseTerms
  readonly #form: ReplyForm
  #client: SelfClient | null = null

  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy }, terms: LeaseTerms, form: ReplyForm) {
    this.#ports = ports
    this.#terms = terms
    this.#form = form
  }

  /** True for what our own client has asked; it is answered here. */
  hears(packet: DhcpPacket, socket: UdpSocket): boolean {
    const client = this.#client
    if (client === null || packet.op !== 1 || macOf(packet) !== client.mac) return false
    const question = readQuestion(packet)
    if (typeof question === 'string') return true
    const now = this.#ports.clock.monotonic()
    let answer = client.engine.answer(question, now)
    if (answer.kind === 'reserve') {
      client.engine.pool.written(client.engine.pool.takeRecords())
      client.engine.pool.open(answer.blocks, now)
      answer = client.engine.answer(question, now)
    }
    if (answer.kind === 'silent' || answer.kind === 'reserve') return true
    client.answer = this.#form.build(packet, answer)
    socket.send(encode(client.answer, sizeMaxOf(packet)), { address: EVERYBODY, port: CLIENT_PORT })
    return true
  }

  /** Discover, offer, request, acknowledgement. Faults: `dhcp.self-test` {step} when one of them does not come. */
  async take(socket: UdpSocket, signal: AbortSignal): Promise<SelfLeased> {
    const { clock, entropy } = this.#ports
    const startedAt = clock.monotonic()
    const client: SelfClient = { mac: randomMac(entropy), engine: new LeaseEngine(this.#terms), answer: null }
    this.#client = client
    try {
      const asked = new Map([[OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router, OPTION.dns)]])
      const offer = await this.#ask(socket, client, MESSAGE.discover, asked, signal)
      if (messageType(offer) !== MESSAGE.offer) throw new Fault('dhcp.self-test', { step: 'offer' })
      const wish = new Map([...asked, [OPTION.requestedAddress, addressBytes(offer.yiaddr)], [OPTION.serverId, addressBytes(this.#terms.address)]])
      const ack = await this.#ask(socket, client, MESSAGE.request, wish, signal)
      if (messageType(ack) !== MESSAGE.ack) throw new Fault('dhcp.self-test', { step: 'acknowledgement' })
      return { ip: ack.yiaddr, ms: clock.monotonic() - startedAt }
    } finally {
      this.#client = null
    }
  }

  async #ask(socket: UdpSocket, client: SelfClient, type: number, options: ReadonlyMap<number, Uint8Array>, signal: AbortSignal): Promise<DhcpPacket> {
    const { clock, entropy } = this.#ports
    client.answer = null
    const xid = new DataView(entropy.bytes(4).buffer).getUint32(0)
    socket.send(encode(clientPacket({ type, mac: client.mac, xid, flags: BROADCAST_FLAG, options })), { address: EVERYBODY, port: SERVER_PORT })
    for (let waited: Millis = millis(0); waited < ANSWER_MAX; waited = millis(waited + LOOK_MS)) {
      await clock.sleep(LOOK_MS, signal)
      const answer = client.answer as DhcpPacket | null // put there by `hears` meanwhile
      if (answer !== null) return answer
    }
    throw new Fault('dhcp.self-test', { step: type === MESSAGE.discover ? 'offer' : 'acknowledgement' })
  }
}
