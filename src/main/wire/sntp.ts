/** One question for the time and its answer (RFC 4330, the simple form of RFC 5905). */
import type { Instant } from '#shared'
import { Fault } from '../domain/fault.ts'

const PACKET_BYTES = 48
const ASK = 0x23 // leap 0, version 4, mode 3: client
const MODE_SERVER = 4
const UNSYNCHRONISED = 3
const STRATUM_MAX = 15
const ORIGIN_AT = 24
const TRANSMIT_AT = 40
/** 1970 in seconds since 1900. */
const EPOCH_SECONDS = 2_208_988_800
/** Seconds below this belong to the era that begins in 2036 (RFC 4330 3). */
const ERA_HALF = 2 ** 31

/** `nonce`, 8 bytes, stands for the time of asking: the answer repeats it, and it tells nobody what our clock says. */
export function encodeSntpQuestion(nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES)
  bytes[0] = ASK
  bytes.set(nonce.subarray(0, 8), TRANSMIT_AT)
  return bytes
}

/** Null: not the answer to this question, or of a server that does not know the time itself. Faults: `packet.malformed`. */
export function decodeSntpAnswer(bytes: Uint8Array, nonce: Uint8Array): { readonly stratum: number; readonly at: Instant } | null {
  if (bytes.byteLength < PACKET_BYTES) throw new Fault('packet.malformed', { protocol: 'sntp', reason: 'shorter than 48 bytes' })
  const [first = 0, stratum = 0] = bytes
  const isOurs = nonce.subarray(0, 8).every((byte, i) => bytes[ORIGIN_AT + i] === byte)
  if (!isOurs || (first & 7) !== MODE_SERVER || first >> 6 === UNSYNCHRONISED || stratum === 0 || stratum > STRATUM_MAX) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const seconds = view.getUint32(TRANSMIT_AT)
  const fraction = view.getUint32(TRANSMIT_AT + 4) / 2 ** 32
  if (seconds === 0) return null
  return { stratum, at: Math.round((seconds + (seconds < ERA_HALF ? 2 ** 32 : 0) - EPOCH_SECONDS + fraction) * 1000) }
}
