/** A DHCP answer as it stands on the wire: Ethernet II (IEEE 802.3), IPv4 (RFC 791), UDP (RFC 768); who really sent it. */
import { formatAddress } from '../domain/address.ts'
import { toHex } from './bytes.ts'
import { CLIENT_PORT, SERVER_PORT } from './dhcp-options.ts'
import { decode, serverId } from './dhcp.ts'

export interface HeardAnswer {
  /** Of the card that put it on the bench. */
  readonly mac: string
  /** By the sender's address, and by the server's name in the packet; often the same. */
  readonly servers: readonly string[]
}

const ETHERNET_BYTES = 14
const IPV4 = 0x0800
const UDP = 17
const IP_BYTES_MIN = 20
const UDP_BYTES = 8

/** Null for everything that is no DHCP answer in one piece. */
export function readAnswerFrame(frame: Uint8Array): HeardAnswer | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (frame.length < ETHERNET_BYTES + IP_BYTES_MIN + UDP_BYTES || view.getUint16(12) !== IPV4) return null
  const headerBytes = (view.getUint8(ETHERNET_BYTES) & 0x0f) * 4
  const udp = ETHERNET_BYTES + headerBytes
  if (view.getUint8(ETHERNET_BYTES) >> 4 !== 4 || headerBytes < IP_BYTES_MIN || frame.length < udp + UDP_BYTES) return null
  if (view.getUint8(ETHERNET_BYTES + 9) !== UDP || (view.getUint16(ETHERNET_BYTES + 6) & 0x3fff) !== 0) return null // a fragment
  if (view.getUint16(udp) !== SERVER_PORT || view.getUint16(udp + 2) !== CLIENT_PORT) return null
  const end = Math.min(frame.length, udp + view.getUint16(udp + 4)) // short frames are padded
  try {
    const packet = decode(frame.subarray(udp + UDP_BYTES, end))
    if (packet.op !== 2) return null
    const servers = new Set([formatAddress(view.getUint32(ETHERNET_BYTES + 12)), ...[serverId(packet)].filter(id => id !== null)])
    return { mac: toHex(frame.subarray(6, 12), ':'), servers: [...servers] }
  } catch {
    return null // garbage names nobody
  }
}
