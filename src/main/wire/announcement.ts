/**
 * What a unit says about itself by UDP (facts/tuya.md 4.5), and the question that makes the silent ones speak (4.6). The
 * reader is tolerant of what is missing or unknown and strict about wrong types: those are `packet.malformed`, never a crash.
 */
import type { Readiness } from '#shared'
import { Fault } from '../domain/fault.ts'
import { concat } from './bytes.ts'
import { AP_KEY, COMMAND, Decoder, UDP_KEY, decryptEcb, encode55aa, encode6699, encryptEcb, type Frame } from './lan-frame.ts'

export interface Announcement {
  /** As the unit writes it; empty when it does not. The source address of the datagram is the one to trust. */
  readonly ip: string
  /** Before activation the uuid, afterwards the device id: a name with a history, not an identity. */
  readonly gwId: string | null
  readonly uuid: string | null
  readonly active: number
  readonly token: boolean | null
  readonly encrypt: boolean | null
  readonly ability: number | null
  readonly productKey: string | null
  /** LAN protocol; when it is not announced, the oldest one that speaks in this envelope. */
  readonly version: string
  /** Everything it said, unknown keys included. */
  readonly raw: Readonly<Record<string, unknown>>
}
export type Datagram = { readonly kind: 'announcement'; readonly announcement: Announcement } | { readonly kind: 'question'; readonly ip: string; readonly from: string }

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const PLAIN_PORT = 6666 // facts/tuya.md 4.2
const GCM_KEYS = [UDP_KEY, AP_KEY]
/** Offset of the frame type, by first envelope byte pair (facts/tuya.md 4.3). */
const COMMAND_AT = { 0x55aa: 8, 0x6699: 10 } as const

/** Throws `packet.malformed`; `port` is the local one it came to. */
export function decodeDatagram(bytes: Uint8Array, port: number): Datagram {
  const frame = readFrame(bytes, port)
  const { json, isPlain } = readJson(frame, port)
  if (frame.command === COMMAND.REQ_DEVINFO || typeof json['from'] === 'string') {
    const ip = field(json, 'ip', isIpv4)
    const from = field(json, 'from', isName)
    if (ip === null || from === null) throw malformed({ field: ip === null ? 'ip' : 'from', reason: 'missing' })
    return { kind: 'question', ip, from }
  }
  return { kind: 'announcement', announcement: readAnnouncement(json, versionOf(frame, isPlain)) }
}

function readAnnouncement(json: Readonly<Record<string, unknown>>, assumedVersion: string): Announcement {
  const active = field(json, 'active', isSmall)
  if (active === null) throw malformed({ field: 'active', reason: 'missing' })
  return {
    ip: field(json, 'ip', isIpv4) ?? '',
    gwId: field(json, 'gwId', isName),
    uuid: field(json, 'uuid', isName),
    active,
    token: field(json, 'token', isBoolean),
    encrypt: field(json, 'encrypt', isBoolean),
    // The typing error is in the vendor's firmware; both are in the field.
    ability: field(json, 'ability', isSmall) ?? field(json, 'ablilty', isSmall),
    productKey: field(json, 'productKey', isName),
    version: field(json, 'version', isVersion) ?? assumedVersion,
    raw: json
  }
}

/** The readiness table of facts/tuya.md 4.5. An `active` that nobody has described is shown and skipped like 3 and 4. */
export function assessReadiness(a: Announcement): Readiness {
  switch (a.active) {
    case 0: return a.token === null ? 'unconfirmed' : a.token ? 'ready' : 'no-lan-token'
    case 1: return 'activating'
    case 2: return 'activated'
    default: return 'engineering'
  }
}

/** `ip` is where the answer shall go: the station's own address on the bench card. */
export function encodeQuestion(o: { readonly ip: string; readonly sequence: number; readonly nonce: Uint8Array }): Uint8Array {
  const payload = text({ from: 'app', ip: o.ip })
  return encode6699({ sequence: o.sequence, command: COMMAND.REQ_DEVINFO, returnCode: null, payload, key: UDP_KEY, nonce: o.nonce })
}

/** For virtual units: plain below 3.3, ECB in 3.3 and 3.4, GCM from 3.5 on. `nuls`: bytes that some senders append to the JSON. */
export function encodeAnnouncement(o: { readonly json: Readonly<Record<string, unknown>>; readonly version: string; readonly sequence: number; readonly nonce: Uint8Array; readonly nuls?: number }): Uint8Array {
  const plain = concat([text(o.json), new Uint8Array(o.nuls ?? 0)])
  const frame = { sequence: o.sequence, returnCode: 0 }
  switch (o.version) {
    case '3.3': return encode55aa({ ...frame, command: COMMAND.ENCRYPTION, payload: encryptEcb(UDP_KEY, plain) })
    case '3.4': return encode55aa({ ...frame, command: COMMAND.BOARDCAST_LPV34, payload: encryptEcb(UDP_KEY, plain) })
    case '3.5': return encode6699({ ...frame, command: COMMAND.ENCRYPTION, payload: plain, key: UDP_KEY, nonce: o.nonce })
    default: return encode55aa({ ...frame, command: COMMAND.UDP, payload: plain })
  }
}

/** An IPv4 address as a number, or null when the text is none. */
export function readIpv4(address: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number) ?? []
  if (parts.length !== 4 || parts.some(part => part > 255)) return null
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

/** A datagram is exactly one frame. Whether it has a return code follows from who speaks: only questions come from an app. */
function readFrame(bytes: Uint8Array, port: number): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mark = bytes.length < 18 ? 0 : view.getUint32(0)
  if (mark !== 0x55aa && mark !== 0x6699) throw malformed({ port, reason: 'no frame', bytes: bytes.length })
  const hasReturnCode = view.getUint32(COMMAND_AT[mark]) !== COMMAND.REQ_DEVINFO
  const decoder = new Decoder({ hasReturnCode, gcmKeys: GCM_KEYS })
  const [frame, ...others] = [...decoder.push(bytes), ...decoder.finish()]
  if (frame === undefined) throw malformed({ port, reason: 'broken frame', bytes: bytes.length })
  if (others.length > 0 || decoder.malformed > 0) throw malformed({ port, reason: 'more than a frame', bytes: bytes.length })
  return frame
}

/** 55AA bodies are plain or ECB; the port says which to expect, and the other is tried because not every firmware keeps to it. */
function readJson(frame: Frame, port: number): { readonly json: Readonly<Record<string, unknown>>; readonly isPlain: boolean } {
  const plain = (): { json: Record<string, unknown>; isPlain: boolean } => ({ json: parseObject(frame.payload), isPlain: true })
  if (frame.envelope === '6699') return plain()
  const sealed = (key: Uint8Array) => () => ({ json: parseObject(decryptEcb(key, frame.payload)), isPlain: false })
  const ways = port === PLAIN_PORT ? [plain, sealed(UDP_KEY)] : [sealed(UDP_KEY), plain, sealed(AP_KEY)]
  let first: unknown = null
  for (const way of ways) {
    try { return way() } catch (thrown) { first ??= thrown }
  }
  throw first
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1 // some senders append NUL bytes (facts/tuya.md 4.3)
  let value: unknown
  try {
    value = JSON.parse(UTF8.decode(bytes.subarray(0, end)))
  } catch (thrown) {
    throw new Fault('packet.malformed', { reason: 'not JSON', bytes: bytes.length }, thrown)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed({ reason: 'not an object' })
  return value as Record<string, unknown> // checked on the line above; every value in it is still unknown
}

function versionOf(frame: Frame, isPlain: boolean): string {
  if (frame.envelope === '6699') return '3.5'
  if (isPlain) return '3.1'
  return frame.command === COMMAND.BOARDCAST_LPV34 ? '3.4' : '3.3'
}

/** A missing key is null; a key with a value of the wrong kind is a fault. */
function field<T>(json: Readonly<Record<string, unknown>>, name: string, isRight: (value: unknown) => value is T): T | null {
  if (!Object.hasOwn(json, name)) return null
  const value = json[name]
  if (!isRight(value)) throw malformed({ field: name, reason: 'wrong type or range' })
  return value
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isSmall = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff
const isIpv4 = (value: unknown): value is string => typeof value === 'string' && readIpv4(value) !== null
/** Identifiers: visible ASCII, longer than any seen (20) by a wide margin. */
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,64}$/.test(value)
const isVersion = (value: unknown): value is string => typeof value === 'string' && /^\d{1,2}\.\d{1,2}(\.\d{1,3})?$/.test(value)

const malformed = (context: Readonly<Record<string, string | number>>): Fault => new Fault('packet.malformed', context)
const text = (json: Readonly<Record<string, unknown>>): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
