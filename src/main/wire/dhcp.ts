/**
 * DHCP packets (RFC 2131, 2132, 3396): bytes to DhcpPacket and back. No length is believed before it is checked; what
 * does not add up is `packet.malformed` {offset, field}, never another exception (facts/dhcp.md 2.5, 4.18, 4.19).
 */
import { Buffer } from 'node:buffer'
import { formatAddress, NO_ADDRESS, parseAddress } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import { concat, toHex } from './bytes.ts'
import { ETHERNET, FIELD, FIXED_LENGTH, MAGIC_COOKIE, OPTION } from './dhcp-options.ts'

/** Options by number; parts of a split option are joined already. */
type DhcpOptions = ReadonlyMap<number, Uint8Array>

export interface DhcpPacket {
  /** 1: from a client. 2: from a server. */
  readonly op: number
  readonly htype: number
  readonly hlen: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  readonly flags: number
  readonly ciaddr: string
  readonly yiaddr: string
  readonly siaddr: string
  readonly giaddr: string
  /** `hlen` bytes. */
  readonly chaddr: Uint8Array
  /** Without trailing zeros; empty where option 52 said that it carries options. */
  readonly sname: Uint8Array
  readonly file: Uint8Array
  readonly options: DhcpOptions
}

const PACKET_BYTES_MIN = 300 // RFC 1542 2.1
/** More than an Ethernet frame can hold; what is longer is no DHCP of ours. */
export const PACKET_BYTES_MAX = 2048
const SIZE_MAX_LEAST = 576 // RFC 2132 9.10: every client takes this much
const IP_AND_UDP_BYTES = 28
const CHADDR_BYTES = 16
const OPTION_PART_MAX = 255

/** Faults: `packet.malformed` {offset, field}. */
export function decode(bytes: Uint8Array): DhcpPacket {
  if (bytes.length < FIELD.options) throw malformed(bytes.length, 'length')
  if (bytes.length > PACKET_BYTES_MAX) throw malformed(PACKET_BYTES_MAX, 'length')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const op = view.getUint8(FIELD.op)
  if (op !== 1 && op !== 2) throw malformed(FIELD.op, 'op')
  const hlen = view.getUint8(FIELD.hlen)
  if (hlen > CHADDR_BYTES) throw malformed(FIELD.hlen, 'hlen')
  if (view.getUint32(FIELD.cookie) !== MAGIC_COOKIE) throw malformed(FIELD.cookie, 'cookie')
  const { options, overload } = readOptions(view)
  return {
    op, htype: view.getUint8(FIELD.htype), hlen, hops: view.getUint8(FIELD.hops), xid: view.getUint32(FIELD.xid),
    secs: view.getUint16(FIELD.secs), flags: view.getUint16(FIELD.flags),
    ciaddr: formatAddress(view.getUint32(FIELD.ciaddr)), yiaddr: formatAddress(view.getUint32(FIELD.yiaddr)),
    siaddr: formatAddress(view.getUint32(FIELD.siaddr)), giaddr: formatAddress(view.getUint32(FIELD.giaddr)),
    chaddr: bytes.subarray(FIELD.chaddr, FIELD.chaddr + hlen),
    sname: (overload & 2) !== 0 ? new Uint8Array(0) : withoutZeros(bytes.subarray(FIELD.sname, FIELD.file)),
    file: (overload & 1) !== 0 ? new Uint8Array(0) : withoutZeros(bytes.subarray(FIELD.file, FIELD.cookie)),
    options
  }
}

/**
 * Message type first, then the others in the order of the map; longer than 255 bytes are split (RFC 3396). Options that
 * would pass `sizeMax` (option 57 of the one who asked, which counts the IP and UDP headers) are left out, last ones first.
 */
export function encode(packet: DhcpPacket, sizeMax: number = SIZE_MAX_LEAST): Uint8Array<ArrayBuffer> {
  const room = Math.min(PACKET_BYTES_MAX, Math.max(sizeMax, SIZE_MAX_LEAST) - IP_AND_UDP_BYTES)
  const [bytes, view] = [SHEET, SHEET_VIEW]
  bytes.fill(0, 0, PACKET_BYTES_MIN)
  view.setUint8(FIELD.op, packet.op)
  view.setUint8(FIELD.htype, packet.htype)
  view.setUint8(FIELD.hlen, packet.hlen)
  view.setUint8(FIELD.hops, packet.hops)
  view.setUint32(FIELD.xid, packet.xid)
  view.setUint16(FIELD.secs, packet.secs)
  view.setUint16(FIELD.flags, packet.flags)
  view.setUint32(FIELD.ciaddr, addressNumber(packet.ciaddr, FIELD.ciaddr))
  view.setUint32(FIELD.yiaddr, addressNumber(packet.yiaddr, FIELD.yiaddr))
  view.setUint32(FIELD.siaddr, addressNumber(packet.siaddr, FIELD.siaddr))
  view.setUint32(FIELD.giaddr, addressNumber(packet.giaddr, FIELD.giaddr))
  bytes.set(packet.chaddr.subarray(0, CHADDR_BYTES), FIELD.chaddr)
  bytes.set(packet.sname.subarray(0, FIELD.file - FIELD.sname), FIELD.sname)
  bytes.set(packet.file.subarray(0, FIELD.cookie - FIELD.file), FIELD.file)
  view.setUint32(FIELD.cookie, MAGIC_COOKIE)
  const end = writeOptions(bytes, packet.options, room)
  return Buffer.from(bytes.subarray(0, Math.max(end, PACKET_BYTES_MIN))) // copied into Node's pool
}

/** What `encode` writes on before it copies; every answer would cost a new and mostly empty one else. */
const SHEET = new Uint8Array(PACKET_BYTES_MAX)
const SHEET_VIEW = new DataView(SHEET.buffer)

export interface ClientMessage {
  readonly type: number
  readonly mac: string
  readonly xid: number
  readonly secs?: number
  readonly flags?: number
  readonly ciaddr?: string
  readonly options?: DhcpOptions
}

/** A packet as a client sends it. */
export function clientPacket(message: ClientMessage): DhcpPacket {
  return {
    op: 1, htype: ETHERNET, hlen: 6, hops: 0, xid: message.xid, secs: message.secs ?? 0, flags: message.flags ?? 0,
    ciaddr: message.ciaddr ?? NO_ADDRESS, yiaddr: NO_ADDRESS, siaddr: NO_ADDRESS, giaddr: NO_ADDRESS,
    chaddr: Uint8Array.from(message.mac.split(':'), part => Number.parseInt(part, 16)), sname: new Uint8Array(0), file: new Uint8Array(0),
    options: new Map([[OPTION.messageType, Uint8Array.of(message.type)], ...message.options ?? []])
  }
}

export function messageType(packet: DhcpPacket): number | null {
  return packet.options.get(OPTION.messageType)?.[0] ?? null
}

export function requestedAddress(packet: DhcpPacket): string | null {
  return readAddress(packet.options, OPTION.requestedAddress)
}

export function serverId(packet: DhcpPacket): string | null {
  return readAddress(packet.options, OPTION.serverId)
}

export function clientId(packet: DhcpPacket): Uint8Array | null {
  const id = packet.options.get(OPTION.clientId)
  return id === undefined || id.length < 2 ? null : id // RFC 2132 9.14: at least two bytes
}

export function parameterList(packet: DhcpPacket): readonly number[] {
  return [...packet.options.get(OPTION.parameterList)?.subarray(0, OPTION_PART_MAX) ?? []]
}

export function hostName(packet: DhcpPacket): string | null {
  return readText(packet.options, OPTION.hostName)
}

export function vendorClass(packet: DhcpPacket): string | null {
  return readText(packet.options, OPTION.vendorClass)
}

/** The largest datagram the client takes, headers included; 576 where it does not say. */
export function sizeMaxOf(packet: DhcpPacket): number {
  const [high, low] = packet.options.get(OPTION.sizeMax) ?? []
  return Math.max(SIZE_MAX_LEAST, (high ?? 0) * 256 + (low ?? 0))
}

/** Lower case, with colons. */
export function macOf(packet: DhcpPacket): string {
  return toHex(packet.chaddr, ':')
}

export function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, addressNumber(address, 0))
  return bytes
}

/** Options field first, then `file`, then `sname`: the order of joining of RFC 3396 5. */
function readOptions(view: DataView): { readonly options: DhcpOptions; readonly overload: number } {
  const found: FoundOptions = { first: new Map(), all: new Map() }
  readRegion(view, { from: FIELD.options, to: view.byteLength, field: 'options' }, found)
  const overload = found.first.get(OPTION.overload)?.[0] ?? 0
  if (overload > 3) throw malformed(FIELD.options, 'option 52')
  if ((overload & 1) !== 0) readRegion(view, { from: FIELD.file, to: FIELD.cookie, field: 'file' }, found)
  if ((overload & 2) !== 0) readRegion(view, { from: FIELD.sname, to: FIELD.file, field: 'sname' }, found)
  for (const [code, pieces] of found.all) found.first.set(code, joined(code, pieces))
  for (const [code, value] of found.first) if (value.length !== (FIXED_LENGTH.get(code) ?? value.length)) throw malformed(FIELD.options, `option ${code}`)
  return { options: found.first, overload }
}

/** `all`: every piece of the few options that come in more than one. */
interface FoundOptions { readonly first: Map<number, Uint8Array>; readonly all: Map<number, Uint8Array[]> }

function readRegion(view: DataView, region: { readonly from: number; readonly to: number; readonly field: string }, { first, all }: FoundOptions): void {
  let at = region.from
  while (at < region.to) {
    const code = view.getUint8(at)
    if (code === OPTION.end) return
    if (code === OPTION.pad) {
      at += 1
      continue
    }
    if (at + 1 >= region.to) throw malformed(at, region.field)
    const from = at + 2
    const to = from + view.getUint8(at + 1)
    if (to > region.to) throw malformed(at, region.field)
    const piece = new Uint8Array(view.buffer, view.byteOffset + from, to - from)
    const known = first.get(code)
    if (known === undefined) first.set(code, piece)
    else all.set(code, [...all.get(code) ?? [known], piece])
    at = to
  }
}

/** An option of fixed length that is whole in its first part was repeated, not split: that first one counts. */
function joined(code: number, pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  return first !== undefined && first.length === FIXED_LENGTH.get(code) ? first : concat(pieces)
}

/** Returns where the packet ends. */
function writeOptions(bytes: Uint8Array, options: DhcpOptions, room: number): number {
  const type = options.get(OPTION.messageType)
  let at: number = FIELD.options
  if (type !== undefined) at = writeOption(bytes, at, OPTION.messageType, type)
  for (const [code, value] of options) {
    if (code === OPTION.messageType || code === OPTION.pad || code === OPTION.end) continue
    const heads = Math.max(1, Math.ceil(value.length / OPTION_PART_MAX)) * 2
    if (at + heads + value.length + 1 > room) break
    at = writeOption(bytes, at, code, value)
  }
  bytes[at] = OPTION.end
  return at + 1
}

function writeOption(bytes: Uint8Array, start: number, code: number, value: Uint8Array): number {
  let at = start
  let done = 0
  do {
    const part = value.length <= OPTION_PART_MAX ? value : value.subarray(done, done + OPTION_PART_MAX)
    bytes[at] = code
    bytes[at + 1] = part.length
    bytes.set(part, at + 2)
    at += 2 + part.length
    done += part.length
  } while (done < value.length)
  return at
}

function readAddress(options: DhcpOptions, code: number): string | null {
  const value = options.get(code)
  return value?.length === 4 ? formatAddress(new DataView(value.buffer, value.byteOffset, 4).getUint32(0)) : null
}

/** Printable ASCII only: it ends up on screens and in files. */
function readText(options: DhcpOptions, code: number): string | null {
  const value = options.get(code)
  if (value === undefined) return null
  const text = String.fromCharCode(...value.subarray(0, OPTION_PART_MAX).filter(byte => byte >= 0x20 && byte < 0x7f)).trim()
  return text === '' ? null : text
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return bytes.subarray(0, end)
}

function addressNumber(address: string, offset: number): number {
  const n = parseAddress(address)
  if (n === null) throw malformed(offset, 'address')
  return n
}

function malformed(offset: number, field: string): Fault {
  return new Fault('packet.malformed', { offset, field })
}
