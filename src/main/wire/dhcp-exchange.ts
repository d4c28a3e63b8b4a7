/**
 * Between packets and the lease engine: a packet becomes a question, an answer becomes a packet. Field by field after
 * RFC 2131 tables 3 to 5; the client identifier is echoed (RFC 6842).
 */
import type { Millis } from '#shared'
import { broadcastOf, isInSubnet, maskOf, NO_ADDRESS } from '../domain/address.ts'
import type { LeaseAnswer, LeaseQuestion } from '../domain/lease.ts'
import { toHex } from './bytes.ts'
import { ETHERNET, MESSAGE, OPTION } from './dhcp-options.ts'
import { addressBytes, clientId, hostName, macOf, messageType, parameterList, requestedAddress, serverId, vendorClass, type DhcpPacket } from './dhcp.ts'

/** Why a packet is no question at all; also the names of the counters. */
export type NoQuestion = 'reply' | 'not-ethernet' | 'no-type' | 'server-message' | 'bad-mac'

const KIND_OF: ReadonlyMap<number, LeaseQuestion['kind']> = new Map([
  [MESSAGE.discover, 'discover'], [MESSAGE.request, 'request'], [MESSAGE.decline, 'decline'], [MESSAGE.release, 'release'], [MESSAGE.inform, 'inform']
])
const MAC_BYTES = 6
const GROUP_BIT = 1 // IEEE 802: set in multicast and broadcast addresses
const CLIENT_ID_BYTES_MAX = 255

export function readQuestion(packet: DhcpPacket): LeaseQuestion | NoQuestion {
  if (packet.op !== 1) return 'reply'
  if (packet.htype !== ETHERNET || packet.hlen !== MAC_BYTES) return 'not-ethernet'
  const type = messageType(packet)
  if (type === null) return 'no-type'
  const kind = KIND_OF.get(type)
  if (kind === undefined) return 'server-message'
  if (((packet.chaddr[0] ?? GROUP_BIT) & GROUP_BIT) !== 0 || packet.chaddr.every(byte => byte === 0)) return 'bad-mac'
  const mac = macOf(packet)
  const id = clientId(packet)
  const idHex = id === null || id.length > CLIENT_ID_BYTES_MAX ? null : toHex(id)
  return {
    kind, mac, key: idHex === null ? `1-${mac}` : `id-${idHex}`, clientId: idHex, xid: packet.xid, ciaddr: packet.ciaddr,
    wish: requestedAddress(packet), serverId: serverId(packet), isRelayed: packet.giaddr !== NO_ADDRESS,
    hostName: hostName(packet), vendorClass: vendorClass(packet), requestList: parameterList(packet)
  }
}

/** What our server tells every client. */
export interface ServerTerms {
  readonly address: string
  readonly prefix: number
  readonly leaseMs: Millis
  readonly router: string | null
  readonly dns: readonly string[]
}

const RENEW_AFTER = 0.5 // RFC 2131 4.4.5
const REBIND_AFTER = 0.875
const LEASE_SECONDS_MAX = 0xffff_fffe // all ones is for ever (RFC 2131 3.3)

export type Spoken = Exclude<LeaseAnswer, { kind: 'silent' | 'reserve' }>

/** The options that are the same in every answer, made once. */
export class ReplyForm {
  readonly #serverId: Uint8Array
  readonly #lease: readonly (readonly [number, Uint8Array])[]
  readonly #net: readonly (readonly [number, Uint8Array])[]

  constructor(terms: ServerTerms) {
    const seconds = Math.min(LEASE_SECONDS_MAX, Math.max(4, Math.floor(terms.leaseMs / 1000)))
    this.#serverId = addressBytes(terms.address)
    this.#lease = [
      [OPTION.leaseTime, uint32(seconds)], [OPTION.renewalTime, uint32(Math.floor(seconds * RENEW_AFTER))], [OPTION.rebindingTime, uint32(Math.floor(seconds * REBIND_AFTER))]
    ]
    const router = terms.router !== null && isInSubnet(terms.router, terms) ? addressBytes(terms.router) : null
    this.#net = [
      [OPTION.subnetMask, addressBytes(maskOf(terms.prefix))],
      ...router === null ? [] : [[OPTION.router, router] as const],
      ...terms.dns.length === 0 ? [] : [[OPTION.dns, Uint8Array.from(terms.dns.flatMap(ip => [...addressBytes(ip)]))] as const],
      [OPTION.broadcastAddress, addressBytes(broadcastOf(terms))]
    ]
  }

  build(asked: DhcpPacket, answer: Spoken): DhcpPacket {
    const options = new Map<number, Uint8Array>([[OPTION.messageType, TYPE_BYTE[typeOf(answer)]], [OPTION.serverId, this.#serverId]])
    if (answer.kind === 'offer' || answer.kind === 'ack') for (const [code, value] of this.#lease) options.set(code, value)
    if (answer.kind === 'nak') options.set(OPTION.message, new TextEncoder().encode(answer.why))
    else for (const [code, value] of this.#net) options.set(code, value)
    const id = asked.options.get(OPTION.clientId)
    if (id !== undefined) options.set(OPTION.clientId, id)
    return {
      op: 2, htype: asked.htype, hlen: asked.hlen, hops: 0, xid: asked.xid, secs: 0, flags: asked.flags,
      ciaddr: answer.kind === 'ack' || answer.kind === 'inform' ? asked.ciaddr : NO_ADDRESS,
      yiaddr: answer.kind === 'offer' || answer.kind === 'ack' ? answer.ip : NO_ADDRESS,
      siaddr: NO_ADDRESS, giaddr: asked.giaddr, chaddr: asked.chaddr, sname: EMPTY, file: EMPTY, options
    }
  }
}

const EMPTY = new Uint8Array(0)
const TYPE_BYTE = { [MESSAGE.offer]: Uint8Array.of(MESSAGE.offer), [MESSAGE.ack]: Uint8Array.of(MESSAGE.ack), [MESSAGE.nak]: Uint8Array.of(MESSAGE.nak) }

function typeOf(answer: Spoken): 2 | 5 | 6 {
  switch (answer.kind) {
    case 'offer': return MESSAGE.offer
    case 'nak': return MESSAGE.nak
    case 'ack': case 'inform': return MESSAGE.ack
    default: return answer satisfies never
  }
}

function uint32(n: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}
