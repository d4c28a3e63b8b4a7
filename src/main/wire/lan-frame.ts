/**
 * The two frame envelopes of the LAN protocol (facts/tuya.md 4.3), their keys (4.4) and an incremental decoder. The decoder
 * takes any cut of the stream, trusts only length fields, then verifies suffix and checksum or tag; whatever does not
 * verify is counted and stepped over. Nothing here decides what a frame means.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, type Cipheriv, type Decipheriv, type KeyObject } from 'node:crypto'
import { Fault } from '../domain/fault.ts'
import { concat } from './bytes.ts'

/** Frame types, named as in facts/tuya.md 4.8. */
export const COMMAND = {
  /** What plain announcements of LAN 3.1 carry (vector V1). */
  UDP: 0x00,
  AP_CONFIG: 0x01,
  /** Discarded by the vendor. */
  ACTIVE: 0x02,
  /** 3, 4 and 5 negotiate a session key (4.9). */
  SECURITY_TYPE3: 0x03,
  SECURITY_TYPE4: 0x04,
  SECURITY_TYPE5: 0x05,
  /** Discarded by the vendor, handler empty: there is no LAN unbind command. */
  UNBIND_DEV: 0x06,
  CONTROL: 0x07,
  STATUS: 0x08,
  HEART_BEAT: 0x09,
  DP_QUERY: 0x0a,
  SSID_QUERY: 0x0b,
  /** The token hand-over (4.7). */
  TOKEN_BIND: 0x0c,
  NEW_CMD: 0x0d,
  ADD_SUB_DEV_CMD: 0x0e,
  CFG_WIFI_INFO: 0x0f,
  QUERY_STAT_NEW: 0x10,
  SCENE_EXEC: 0x11,
  LAN_QUERY_DP: 0x12,
  /** Encrypted announcement, and the answer to REQ_DEVINFO. */
  ENCRYPTION: 0x13,
  AP_CFG_WF_V40: 0x14,
  AP_CFG_WF_V40_ANSWER: 0x15,
  AP_DEVICE_INFO: 0x16,
  AP_SET_SCHEMA: 0x17,
  AP_SET_TIME: 0x18,
  AP_SET_ACTIVE_INFO: 0x19,
  LAN_OTA_A: 0x1a,
  LAN_OTA_B: 0x1b,
  LAN_OTA_C: 0x1c,
  /** Names disagree between sources and the payload is undocumented: never sent by us. */
  LAN_RESET: 0x1d,
  AP_EXTENSION: 0x1e,
  IPC_LAN_CONFIG_A: 0x20,
  IPC_LAN_CONFIG_B: 0x21,
  IPC_LAN_CONFIG_C: 0x22,
  /** Announcement of LAN 3.4; the spelling is the vendor's. */
  BOARDCAST_LPV34: 0x23,
  REG_CENTER: 0x24,
  /** The discovery question (4.6). */
  REQ_DEVINFO: 0x25,
  LAN_LOG: 0x30,
  LAN_EXT_STREAM: 0x40,
  LAN_EXT_BEFORE_ACTIVATE: 0x42
} as const

export interface Frame {
  readonly envelope: '55aa' | '6699'
  readonly sequence: number
  readonly command: number
  /** null in app-to-device frames, and in a device frame that has no body at all. */
  readonly returnCode: number | null
  readonly payload: Uint8Array
}

/** How a frame is closed: crc and hmac belong to the 55AA envelope, gcm to 6699. */
export type FrameKey = { readonly kind: 'crc' } | { readonly kind: 'hmac'; readonly key: Uint8Array } | { readonly kind: 'gcm'; readonly key: Uint8Array }

type FrameParts = Omit<Frame, 'envelope'>

/** K_udp: announcements and the discovery question. */
export const UDP_KEY = md5('yGAdlopoPVldABfn')
/** K_3: made next to K_udp in the vendor's LAN module, unused in its open code; a candidate for the token hand-over. */
export const K3_KEY = md5('WzYwFxIUbiFhMmNJ')
/** K_ap: frames of access-point mode. */
export const AP_KEY = md5('OXLvslCvUxcTPLGO')

/** A device takes frames below this size only (facts/tuya.md 4.2); we take no larger ones either. */
export const FRAME_BYTES_MAX = 4096

const PREFIX_55AA = Uint8Array.of(0x00, 0x00, 0x55, 0xaa)
const SUFFIX_55AA = Uint8Array.of(0x00, 0x00, 0xaa, 0x55)
const PREFIX_6699 = Uint8Array.of(0x00, 0x00, 0x66, 0x99)
const SUFFIX_6699 = Uint8Array.of(0x00, 0x00, 0x99, 0x66)
const MARK_BYTES = 4
const CODE_BYTES = 4
const HEADER_55AA = 16
const HEADER_6699 = 18
const CRC_BYTES = 4
const HMAC_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BLOCK = 16
const NOTHING = new Uint8Array(0)
const KEY_OBJECTS = new WeakMap<Uint8Array, KeyObject>()
const BLOCKS = new WeakMap<Uint8Array, Blocks>()

/** One frame in whichever envelope `seal` asks for; the nonce is used by 6699 alone. */
export function encodeFrame(frame: FrameParts, seal: FrameKey, nonce: Uint8Array): Uint8Array {
  switch (seal.kind) {
    case 'crc': return encode55aa(frame)
    case 'hmac': return encode55aa({ ...frame, hmacKey: seal.key })
    case 'gcm': return encode6699({ ...frame, key: seal.key, nonce })
  }
}

export function encode55aa(frame: FrameParts & { readonly hmacKey?: Uint8Array }): Uint8Array {
  const body = bodyOf(frame)
  const checkBytes = frame.hmacKey === undefined ? CRC_BYTES : HMAC_BYTES
  const out = new Uint8Array(HEADER_55AA + body.length + checkBytes + MARK_BYTES)
  const view = new DataView(out.buffer)
  out.set(PREFIX_55AA)
  view.setUint32(4, frame.sequence)
  view.setUint32(8, frame.command)
  view.setUint32(12, body.length + checkBytes + MARK_BYTES)
  out.set(body, HEADER_55AA)
  const end = HEADER_55AA + body.length
  out.set(checkOf(out.subarray(0, end), frame.hmacKey), end)
  out.set(SUFFIX_55AA, end + checkBytes)
  return out
}

export function encode6699(frame: FrameParts & { readonly key: Uint8Array; readonly nonce: Uint8Array }): Uint8Array {
  const body = bodyOf(frame)
  const out = new Uint8Array(HEADER_6699 + NONCE_BYTES + body.length + TAG_BYTES + MARK_BYTES)
  const view = new DataView(out.buffer)
  out.set(PREFIX_6699)
  view.setUint32(6, frame.sequence)
  view.setUint32(10, frame.command)
  view.setUint32(14, NONCE_BYTES + body.length + TAG_BYTES)
  out.set(frame.nonce.subarray(0, NONCE_BYTES), HEADER_6699)
  const cipher = createCipheriv('aes-128-gcm', keyOf(frame.key), frame.nonce.subarray(0, NONCE_BYTES))
  cipher.setAAD(out.subarray(MARK_BYTES, HEADER_6699))
  out.set(cipher.update(body), HEADER_6699 + NONCE_BYTES)
  cipher.final()
  const end = HEADER_6699 + NONCE_BYTES + body.length
  out.set(cipher.getAuthTag(), end)
  out.set(SUFFIX_6699, end + TAG_BYTES)
  return out
}

/** AES-128-ECB with PKCS#7. */
export function encryptEcb(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const pad = BLOCK - plain.length % BLOCK
  const padded = new Uint8Array(plain.length + pad).fill(pad)
  padded.set(plain)
  return new Uint8Array(blocksOf(key).encrypt.update(padded))
}

/** Faults: `packet.malformed` when the length is no multiple of the block or the padding is wrong. */
export function decryptEcb(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.length > 0 && bytes.length % BLOCK === 0
  const plain: Uint8Array = isWhole ? blocksOf(key).decrypt.update(bytes) : NOTHING
  const pad = plain.at(-1) ?? 0
  if (!isWhole || pad < 1 || pad > BLOCK || !endsIn(plain, pad)) throw new Fault('packet.malformed', { reason: 'padding', bytes: bytes.length })
  return plain.subarray(0, -pad)
}

/** Whole blocks without padding; what is left over at the end is not looked at. */
export function decryptBlocks(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(blocksOf(key).decrypt.update(bytes.subarray(0, bytes.length - bytes.length % BLOCK)))
}

/** A key made ready; from bytes it would be made anew for each message, at ten times the cost of the message. */
function keyOf(key: Uint8Array): KeyObject {
  let made = KEY_OBJECTS.get(key)
  if (made === undefined) KEY_OBJECTS.set(key, made = createSecretKey(key))
  return made
}

interface Blocks { readonly encrypt: Cipheriv; readonly decrypt: Decipheriv }

/** In ECB no block knows of another, so one cipher a key serves every message; to make one costs more than a message. */
function blocksOf(key: Uint8Array): Blocks {
  let made = BLOCKS.get(key)
  if (made === undefined) {
    made = { encrypt: createCipheriv('aes-128-ecb', key, null).setAutoPadding(false), decrypt: createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false) }
    BLOCKS.set(key, made)
  }
  return made
}

/** Session key of LAN 3.4 from both nonces (facts/tuya.md 4.9). */
export function sessionKey34(localKey: Uint8Array, a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Uint8Array(createCipheriv('aes-128-ecb', localKey, null).setAutoPadding(false).update(xor(a, b)))
}

/** Session key of LAN 3.5: the ciphertext alone, without its tag. */
export function sessionKey35(localKey: Uint8Array, a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Uint8Array(createCipheriv('aes-128-gcm', localKey, a.subarray(0, NONCE_BYTES)).update(xor(a, b)))
}

export interface DecoderOptions {
  /** By direction, never by guessing: true for what a device says (UDP included), false for what an app says. */
  readonly hasReturnCode: boolean
  /** Tried in order on 6699 frames; without a fitting one such a frame is malformed. */
  readonly gcmKeys?: readonly Uint8Array[]
  /** 55AA frames end in HMAC-SHA256 under this key instead of CRC32. */
  readonly hmacKey?: Uint8Array
  /** Largest whole frame, and so the most that ever waits in the buffer. */
  readonly bytesMax?: number
}

/** What stands at the head of the buffer: a frame, something to step over, or not enough to tell. */
type Cut = { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: number } | { readonly kind: 'bad' | 'noise'; readonly bytes: number } | { readonly kind: 'more' }
interface Layout { readonly total: number; readonly suffix: Uint8Array; readonly open: (whole: Uint8Array) => Frame | null }

export class Decoder {
  readonly #options: DecoderOptions
  readonly #bytesMax: number
  #buffer: Uint8Array = NOTHING
  #malformed = 0
  #inNoise = false

  constructor(options: DecoderOptions) {
    this.#options = options
    this.#bytesMax = options.bytesMax ?? FRAME_BYTES_MAX
  }

  /** Broken frames, and runs of bytes that belong to no frame; each counts once. */
  get malformed(): number {
    return this.#malformed
  }

  push(chunk: Uint8Array): Frame[] {
    return this.#drain(chunk, false)
  }

  /** The stream or datagram is over: a started frame is counted as malformed, and whole frames behind it still come out. */
  finish(): Frame[] {
    return this.#drain(NOTHING, true)
  }

  #drain(chunk: Uint8Array, isEnd: boolean): Frame[] {
    // A plain array over the same bytes: the `slice` of a Buffer would not copy, and what is kept must be ours.
    const bytes = this.#buffer.length === 0 ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : concat([this.#buffer, chunk])
    const frames: Frame[] = []
    let at = 0
    while (at < bytes.length) {
      const cut = this.#cut(bytes.subarray(at), isEnd)
      if (cut.kind === 'more') break
      at += cut.bytes
      if (cut.kind !== 'noise') this.#inNoise = false
      else if (!this.#inNoise) {
        this.#inNoise = true
        this.#malformed += 1
      }
      if (cut.kind === 'bad') this.#malformed += 1
      if (cut.kind === 'frame') frames.push(cut.frame)
    }
    this.#buffer = at < bytes.length ? bytes.slice(at) : NOTHING
    return frames
  }

  #cut(head: Uint8Array, isEnd: boolean): Cut {
    const more: Cut = isEnd ? { kind: 'noise', bytes: Math.min(head.length, MARK_BYTES) } : { kind: 'more' }
    const envelope = startsWith(head, PREFIX_55AA) ? '55aa' : startsWith(head, PREFIX_6699) ? '6699' : null
    if (envelope === null) return { kind: 'noise', bytes: 1 }
    if (head.length < (envelope === '55aa' ? HEADER_55AA : HEADER_6699)) return more
    const layout = envelope === '55aa' ? this.#layout55aa(head) : this.#layout6699(head)
    // An impossible length, or a missing suffix where the length points, says that this was no header: look on behind it.
    if (layout === null) return { kind: 'noise', bytes: MARK_BYTES }
    if (head.length < layout.total) return more
    const whole = head.subarray(0, layout.total)
    if (!startsWith(whole.subarray(layout.total - MARK_BYTES), layout.suffix)) return { kind: 'noise', bytes: MARK_BYTES }
    const frame = layout.open(whole)
    return frame === null ? { kind: 'bad', bytes: layout.total } : { kind: 'frame', frame, bytes: layout.total }
  }

  #layout55aa(head: Uint8Array): Layout | null {
    const view = viewOf(head)
    const checkBytes = this.#options.hmacKey === undefined ? CRC_BYTES : HMAC_BYTES
    const total = HEADER_55AA + view.getUint32(12)
    if (total < HEADER_55AA + checkBytes + MARK_BYTES || total > this.#bytesMax) return null
    return {
      total, suffix: SUFFIX_55AA,
      open: whole => {
        const end = total - MARK_BYTES - checkBytes
        if (!isSealed(whole, end, this.#options.hmacKey)) return null
        return this.#frame('55aa', view.getUint32(4), view.getUint32(8), whole.subarray(HEADER_55AA, end))
      }
    }
  }

  #layout6699(head: Uint8Array): Layout | null {
    const view = viewOf(head)
    const total = HEADER_6699 + view.getUint32(14) + MARK_BYTES
    if (total < HEADER_6699 + NONCE_BYTES + TAG_BYTES + MARK_BYTES || total > this.#bytesMax) return null
    return {
      total, suffix: SUFFIX_6699,
      open: whole => {
        for (const key of this.#options.gcmKeys ?? []) {
          const body = openGcm(key, whole)
          if (body !== null) return this.#frame('6699', view.getUint32(6), view.getUint32(10), body)
        }
        return null
      }
    }
  }

  #frame(envelope: Frame['envelope'], sequence: number, command: number, body: Uint8Array): Frame | null {
    if (!this.#options.hasReturnCode || body.length === 0) return { envelope, sequence, command, returnCode: null, payload: body.slice() }
    if (body.length < CODE_BYTES) return null
    return { envelope, sequence, command, returnCode: viewOf(body).getUint32(0), payload: body.slice(CODE_BYTES) }
  }
}

function openGcm(key: Uint8Array, whole: Uint8Array): Uint8Array | null {
  const start = HEADER_6699 + NONCE_BYTES
  const end = whole.length - MARK_BYTES - TAG_BYTES
  const decipher = createDecipheriv('aes-128-gcm', keyOf(key), whole.subarray(HEADER_6699, start), { authTagLength: TAG_BYTES })
  decipher.setAAD(whole.subarray(MARK_BYTES, HEADER_6699))
  decipher.setAuthTag(whole.subarray(end, end + TAG_BYTES))
  const plain = decipher.update(whole.subarray(start, end))
  try {
    decipher.final()
    return plain
  } catch {
    return null // the tag does not fit this key
  }
}

/** The last `n` bytes are all `n`. */
function endsIn(bytes: Uint8Array, n: number): boolean {
  for (let i = bytes.length - n; i < bytes.length; i += 1) if (bytes[i] !== n) return false
  return true
}

function isSealed(whole: Uint8Array, end: number, hmacKey: Uint8Array | undefined): boolean {
  const covered = whole.subarray(0, end)
  return hmacKey === undefined ? viewOf(whole).getUint32(end) === crc32(covered) : isEqual(whole.subarray(end, end + HMAC_BYTES), checkOf(covered, hmacKey))
}

function bodyOf(frame: Pick<Frame, 'returnCode' | 'payload'>): Uint8Array {
  if (frame.returnCode === null) return frame.payload
  const body = new Uint8Array(CODE_BYTES + frame.payload.length)
  viewOf(body).setUint32(0, frame.returnCode)
  body.set(frame.payload, CODE_BYTES)
  return body
}

function checkOf(bytes: Uint8Array, hmacKey: Uint8Array | undefined): Uint8Array {
  if (hmacKey !== undefined) return new Uint8Array(createHmac('sha256', hmacKey).update(bytes).digest())
  const out = new Uint8Array(CRC_BYTES)
  viewOf(out).setUint32(0, crc32(bytes))
  return out
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit += 1) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1 // IEEE 802.3, reflected
  return c
})

/** CRC32 (IEEE); `node:zlib` has one, but this room takes bytes and ciphers only. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

function md5(ascii: string): Uint8Array {
  return new Uint8Array(createHash('md5').update(ascii, 'ascii').digest())
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** True as well when `bytes` ends before the mark does: more could still make it whole. */
function startsWith(bytes: Uint8Array, mark: Uint8Array): boolean {
  for (let i = 0; i < Math.min(bytes.length, mark.length); i += 1) if (bytes[i] !== mark[i]) return false
  return true
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
