/** One question for the IPv4 addresses of a name, and its answer (RFC 1035): what the way-out probe needs, and no more. */
import { Fault } from '../domain/fault.ts'

const HEADER_BYTES = 12 // 4.1.1
const NAME_BYTES_MAX = 255 // 2.3.4
const LABEL_BYTES_MAX = 63
const QUESTIONS_MAX = 4
const RECORDS_MAX = 64
const RECURSION_DESIRED = 0x0100
const IS_ANSWER = 0x8000
const TYPE_A = 1
const CLASS_IN = 1
const POINTER = 0xc0 // 4.1.4
/** 0: no error; 3: no such name (4.1.1). */
export interface DnsAnswer { readonly code: number; readonly addresses: readonly string[] }

/** Faults: `packet.malformed` for a name no server could be asked for. */
export function encodeDnsQuestion(o: { readonly id: number; readonly name: string }): Uint8Array {
  const labels = o.name.split('.')
  const isName = o.name.length < NAME_BYTES_MAX - 1 && labels.every(label => label.length <= LABEL_BYTES_MAX && /^[\w-]+$/.test(label))
  if (!isName) throw malformed('not a host name')
  const bytes = new Uint8Array(HEADER_BYTES + o.name.length + 2 + 4)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, o.id)
  view.setUint16(2, RECURSION_DESIRED)
  view.setUint16(4, 1)
  let at = HEADER_BYTES
  for (const label of labels) {
    bytes[at] = label.length
    bytes.set(new TextEncoder().encode(label), at + 1)
    at += label.length + 1
  }
  view.setUint16(at + 1, TYPE_A)
  view.setUint16(at + 3, CLASS_IN)
  return bytes
}

/** Null: not the answer to this question. Faults: `packet.malformed`. */
export function decodeDnsAnswer(bytes: Uint8Array, id: number): DnsAnswer | null {
  if (bytes.byteLength < HEADER_BYTES) throw malformed('shorter than a header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint16(2)
  if (view.getUint16(0) !== id || (flags & IS_ANSWER) === 0) return null
  const [questions, records] = [view.getUint16(4), view.getUint16(6)]
  if (questions > QUESTIONS_MAX || records > RECORDS_MAX) throw malformed('too many records')
  let at = HEADER_BYTES
  for (let i = 0; i < questions; i += 1) at = skipName(bytes, at) + 4
  const addresses: string[] = []
  for (let i = 0; i < records; i += 1) {
    at = skipName(bytes, at)
    if (at + 10 > bytes.byteLength) throw malformed('a record is cut off')
    const [type, group, size] = [view.getUint16(at), view.getUint16(at + 2), view.getUint16(at + 8)]
    at += 10
    if (at + size > bytes.byteLength) throw malformed('a record is cut off')
    if (type === TYPE_A && group === CLASS_IN && size === 4) addresses.push(bytes.subarray(at, at + 4).join('.'))
    at += size
  }
  return { code: flags & 15, addresses }
}

/** Where the name ends; a pointer is its end, and is not followed. */
function skipName(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.byteLength && at - from <= NAME_BYTES_MAX;) {
    const length = bytes[at] ?? 0
    if (length === 0) return at + 1
    if ((length & POINTER) === POINTER) return at + 2
    if (length > LABEL_BYTES_MAX) break
    at += length + 1
  }
  throw malformed('a name has no end')
}

const malformed = (reason: string): Fault => new Fault('packet.malformed', { protocol: 'dns', reason })
