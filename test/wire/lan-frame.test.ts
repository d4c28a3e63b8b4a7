import { describe, expect, test } from 'vitest'
import { AP_KEY, COMMAND, Decoder, FRAME_BYTES_MAX, K3_KEY, UDP_KEY, crc32, decryptBlocks, decryptEcb, encode55aa, encode6699, encodeFrame, encryptEcb, sessionKey34, sessionKey35, type DecoderOptions, type Frame } from '../../src/main/wire/lan-frame.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { createHmac } from 'node:crypto'
import { KEYS, NONCE, SEEN_QUESTION, V1, V2, V3, V4, V5, V6, asciiOf, bytesOf, hexOf } from '../golden/lan.ts'

const DEVICE: DecoderOptions = { hasReturnCode: true, gcmKeys: [UDP_KEY] }
const APP: DecoderOptions = { hasReturnCode: false, gcmKeys: [UDP_KEY] }
const nonce = bytesOf(NONCE)

const all = (options: DecoderOptions, ...chunks: Uint8Array[]): { frames: Frame[]; malformed: number } => {
  const decoder = new Decoder(options)
  const frames = chunks.flatMap(chunk => decoder.push(chunk))
  return { frames, malformed: decoder.malformed }
}
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Every golden frame: who said it, and what it must turn into. */
const GOLDEN: readonly { name: string; hex: string; options: DecoderOptions; frame: Omit<Frame, 'payload'>; open: (payload: Uint8Array) => string; text: string }[] = [
  { name: 'V1 plain announcement', hex: V1.frame, options: DEVICE, frame: { envelope: '55aa', sequence: 0, command: COMMAND.UDP, returnCode: 0 }, open: textOf, text: V1.json },
  { name: 'V2 ECB announcement', hex: V2.frame, options: DEVICE, frame: { envelope: '55aa', sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0 }, open: p => textOf(decryptEcb(UDP_KEY, p)), text: V2.json },
  { name: 'V3 question', hex: V3.frame, options: APP, frame: { envelope: '6699', sequence: 0, command: COMMAND.REQ_DEVINFO, returnCode: null }, open: textOf, text: V3.json },
  { name: 'V4 answer', hex: V4.frame, options: DEVICE, frame: { envelope: '6699', sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0 }, open: textOf, text: V4.json },
  { name: 'V5a plain token', hex: V5.plain, options: APP, frame: { envelope: '55aa', sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null }, open: textOf, text: V5.json },
  { name: 'V5b ECB token', hex: V5.ecb, options: APP, frame: { envelope: '55aa', sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null }, open: p => textOf(decryptEcb(UDP_KEY, p)), text: V5.json },
  { name: 'V5c accept', hex: V5.accept, options: DEVICE, frame: { envelope: '55aa', sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 0 }, open: textOf, text: '' },
  { name: 'V5d reject', hex: V5.reject, options: DEVICE, frame: { envelope: '55aa', sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 1 }, open: textOf, text: V5.rejectText },
  { name: 'V5e GCM token', hex: V5.gcm, options: APP, frame: { envelope: '6699', sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null }, open: textOf, text: V5.json },
  { name: 'V6 session start', hex: V6.start35, options: { hasReturnCode: false, gcmKeys: [asciiOf(V6.localKey)] }, frame: { envelope: '6699', sequence: 1, command: COMMAND.SECURITY_TYPE3, returnCode: null }, open: hexOf, text: V6.a },
  { name: 'a question seen on a wire', hex: SEEN_QUESTION.frame, options: APP, frame: { envelope: '6699', sequence: 0, command: COMMAND.REQ_DEVINFO, returnCode: null }, open: textOf, text: SEEN_QUESTION.json }
]

describe.each(GOLDEN)('$name', golden => {
  const bytes = bytesOf(golden.hex)

  test('decodes to what the sheet says', () => {
    const { frames, malformed } = all(golden.options, bytes)
    expect(malformed).toBe(0)
    expect(frames.map(({ payload, ...rest }) => ({ ...rest, text: golden.open(payload) }))).toEqual([{ ...golden.frame, text: golden.text }])
  })

  test('comes out the same whichever place it is cut at', () => {
    const whole = all(golden.options, bytes).frames
    for (let at = 0; at <= bytes.length; at += 1) expect(all(golden.options, bytes.subarray(0, at), bytes.subarray(at)), `cut at ${at}`).toEqual({ frames: whole, malformed: 0 })
    expect(all(golden.options, ...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual({ frames: whole, malformed: 0 })
  })

  test('is no frame at any shorter length, and is counted once when the stream ends there', () => {
    for (let length = 1; length < bytes.length; length += 1) {
      const decoder = new Decoder(golden.options)
      expect(decoder.push(bytes.subarray(0, length)), `length ${length}`).toEqual([])
      expect(decoder.malformed).toBe(0)
      expect(decoder.finish()).toEqual([])
      expect(decoder.malformed, `length ${length}`).toBe(1)
    }
  })

  test('is refused with any one bit turned, wherever it is', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const broken = bytes.slice()
      broken[at] = (broken[at] ?? 0) ^ 0x10
      const decoder = new Decoder(golden.options)
      const frames = [...decoder.push(broken), ...decoder.finish()]
      expect(frames, `byte ${at}`).toEqual([])
      expect(decoder.malformed, `byte ${at}`).toBeGreaterThan(0)
    }
  })
})

test('the three built-in keys are the ones of the sheet', () => {
  expect({ K_udp: hexOf(UDP_KEY), K_ap: hexOf(AP_KEY), K_3: hexOf(K3_KEY) }).toEqual(KEYS)
})

test('the checksum is the usual CRC32', () => {
  expect(crc32(asciiOf('123456789'))).toBe(0xcbf43926) // the check value every CRC catalogue gives for CRC-32/ISO-HDLC
})

describe('the encoder writes the golden bytes', () => {
  const json = asciiOf(V5.json)
  test.each([
    ['V1', V1.frame, () => encode55aa({ sequence: 0, command: COMMAND.UDP, returnCode: 0, payload: asciiOf(V1.json) })],
    ['V2', V2.frame, () => encode55aa({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload: encryptEcb(UDP_KEY, asciiOf(V2.json)) })],
    ['V3', V3.frame, () => encode6699({ sequence: 0, command: COMMAND.REQ_DEVINFO, returnCode: null, payload: asciiOf(V3.json), key: UDP_KEY, nonce })],
    ['V4', V4.frame, () => encode6699({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload: asciiOf(V4.json), key: UDP_KEY, nonce })],
    ['V5a', V5.plain, () => encodeFrame({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null, payload: json }, { kind: 'crc' }, nonce)],
    ['V5b', V5.ecb, () => encodeFrame({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null, payload: encryptEcb(UDP_KEY, json) }, { kind: 'crc' }, nonce)],
    ['V5c', V5.accept, () => encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 0, payload: new Uint8Array(0) })],
    ['V5d', V5.reject, () => encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 1, payload: asciiOf(V5.rejectText) })],
    ['V5e', V5.gcm, () => encodeFrame({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null, payload: json }, { kind: 'gcm', key: UDP_KEY }, nonce)],
    ['V6 start', V6.start35, () => encode6699({ sequence: 1, command: COMMAND.SECURITY_TYPE3, returnCode: null, payload: bytesOf(V6.a), key: asciiOf(V6.localKey), nonce })]
  ])('%s', (_, hex, encode) => {
    expect(hexOf(encode())).toBe(hex)
  })

  test('an empty 6699 frame costs 50 bytes', () => {
    expect(encode6699({ sequence: 1, command: COMMAND.HEART_BEAT, returnCode: null, payload: new Uint8Array(0), key: UDP_KEY, nonce })).toHaveLength(50) // facts/tuya.md 4.3
  })
})

describe('session keys', () => {
  const localKey = asciiOf(V6.localKey)
  test('V6: both derivations give the keys of the sheet', () => {
    expect(hexOf(sessionKey34(localKey, bytesOf(V6.a), bytesOf(V6.b)))).toBe(V6.key34)
    expect(hexOf(sessionKey35(localKey, bytesOf(V6.a), bytesOf(V6.b)))).toBe(V6.key35)
  })

  test('V6: the answers to both nonces are HMAC-SHA256 under the local key', () => {
    expect(createHmac('sha256', localKey).update(bytesOf(V6.a)).digest('hex')).toBe(V6.hmacA)
    expect(createHmac('sha256', localKey).update(bytesOf(V6.b)).digest('hex')).toBe(V6.hmacB)
  })

  test('a 3.4 session frame ends in 32 bytes of HMAC, and a decoder without or with another key refuses it', () => {
    const key = bytesOf(V6.key34)
    const frame = { sequence: 2, command: COMMAND.DP_QUERY, returnCode: null, payload: encryptEcb(key, asciiOf('{}')) }
    const bytes = encodeFrame(frame, { kind: 'hmac', key }, nonce)
    const unsigned = bytes.subarray(0, -36)
    expect(hexOf(bytes.subarray(-36))).toBe(`${createHmac('sha256', key).update(unsigned).digest('hex')}0000aa55`)
    expect(new DataView(bytes.buffer).getUint32(12)).toBe(16 + 32 + 4)
    expect(all({ hasReturnCode: false, hmacKey: key }, bytes)).toEqual({ frames: [{ envelope: '55aa', ...frame }], malformed: 0 })
    expect(all({ hasReturnCode: false }, bytes)).toEqual({ frames: [], malformed: 1 })
    expect(all({ hasReturnCode: false, hmacKey: localKey }, bytes)).toEqual({ frames: [], malformed: 1 })
  })
})

describe('the decoder', () => {
  const accept = bytesOf(V5.accept)
  const answer = bytesOf(V4.frame)
  const [acceptFrame] = all(DEVICE, accept).frames
  const [answerFrame] = all(DEVICE, answer).frames

  test('takes several frames of both envelopes from one segment', () => {
    expect(all(DEVICE, join(accept, answer, accept))).toEqual({ frames: [acceptFrame, answerFrame, acceptFrame], malformed: 0 })
  })

  test('finds the frame behind garbage, and counts the garbage once', () => {
    for (const garbage of ['ff', '00', '0000', '000055', '00000055ab0000669a', 'deadbeef'.repeat(50)]) {
      expect(all(DEVICE, join(bytesOf(garbage), accept)), garbage).toEqual({ frames: [acceptFrame], malformed: 1 })
    }
    expect(all(DEVICE, join(accept, bytesOf('ffff'), answer, bytesOf('00ff'), accept))).toEqual({ frames: [acceptFrame, answerFrame, acceptFrame], malformed: 2 })
  })

  test('finds the frame behind garbage wherever the stream is cut', () => {
    const bytes = join(bytesOf('0000ff000055ab'), accept)
    for (let at = 0; at <= bytes.length; at += 1) expect(all(DEVICE, bytes.subarray(0, at), bytes.subarray(at)), `cut at ${at}`).toEqual({ frames: [acceptFrame], malformed: 1 })
  })

  test('is not fooled by a sequence number that looks like a suffix', () => {
    const bytes = encode55aa({ sequence: 0x0000aa55, command: COMMAND.TOKEN_BIND, returnCode: 0, payload: new Uint8Array(0) })
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(all(DEVICE, bytes.subarray(0, at), bytes.subarray(at)).frames.map(f => f.sequence)).toEqual([0xaa55])
    }
  })

  test('is not fooled by a nonce or a payload that holds prefixes and suffixes', () => {
    const payload = bytesOf('0000aa55000055aa0000000100000009000000080000996600006699')
    const gcm = encode6699({ sequence: 7, command: COMMAND.STATUS, returnCode: 0, payload, key: UDP_KEY, nonce: bytesOf('000099660000669900009966') })
    const plain = encode55aa({ sequence: 8, command: COMMAND.STATUS, returnCode: 0, payload })
    const { frames, malformed } = all(DEVICE, join(gcm, plain))
    expect(malformed).toBe(0)
    expect(frames.map(f => [f.sequence, hexOf(f.payload)])).toEqual([[7, hexOf(payload)], [8, hexOf(payload)]])
  })

  test('a frame with a wrong checksum is dropped as a whole, also when its payload holds a good one', () => {
    const outer = encode55aa({ sequence: 1, command: COMMAND.STATUS, returnCode: 0, payload: accept })
    outer[5] = 9
    expect(all(DEVICE, join(outer, accept))).toEqual({ frames: [acceptFrame], malformed: 1 })
  })

  test('a suffix that is not where the length says makes the header worthless, and the next frame is found', () => {
    const cut = bytesOf(V5.reject).subarray(0, 30)
    expect(all(DEVICE, join(cut, accept)).frames).toEqual([acceptFrame])
  })

  test('a frame that was cut short does not hide the whole frame behind it when the stream ends', () => {
    const decoder = new Decoder(DEVICE)
    expect(decoder.push(join(answer.subarray(0, 40), accept))).toEqual([])
    expect(decoder.finish()).toEqual([acceptFrame])
    expect(decoder.malformed).toBe(1)
  })

  test('never keeps more than one frame of the largest size: an impossible length is stepped over at once', () => {
    const huge = encode55aa({ sequence: 1, command: COMMAND.STATUS, returnCode: 0, payload: new Uint8Array(9000) })
    expect(all(DEVICE, join(huge, accept))).toEqual({ frames: [acceptFrame], malformed: 1 })
    const liar = bytesOf('0000669900000000000000000013ffffffff')
    expect(all(DEVICE, join(liar, accept))).toEqual({ frames: [acceptFrame], malformed: 1 })
    const short = bytesOf('000055aa000000010000000c00000007')
    expect(all(DEVICE, join(short, accept))).toEqual({ frames: [acceptFrame], malformed: 1 })
  })

  test('takes a frame of exactly the largest size and none above it', () => {
    const fit = encode55aa({ sequence: 1, command: COMMAND.STATUS, returnCode: null, payload: new Uint8Array(FRAME_BYTES_MAX - 24) })
    const above = encode55aa({ sequence: 1, command: COMMAND.STATUS, returnCode: null, payload: new Uint8Array(FRAME_BYTES_MAX - 23) })
    expect(fit).toHaveLength(FRAME_BYTES_MAX)
    expect(all(APP, fit)).toMatchObject({ frames: [{ sequence: 1 }], malformed: 0 })
    expect(all(APP, above)).toEqual({ frames: [], malformed: 1 })
    expect(all({ ...APP, bytesMax: 64 }, fit)).toEqual({ frames: [], malformed: 1 })
  })

  test('survives a mebibyte of noise with a frame at its end', () => {
    const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 7 % 251)
    expect(all(DEVICE, noise, accept)).toEqual({ frames: [acceptFrame], malformed: 1 })
  })

  test('tries its GCM keys in order and refuses what none of them opens', () => {
    expect(all({ hasReturnCode: true, gcmKeys: [AP_KEY, K3_KEY, UDP_KEY] }, answer).frames).toEqual([answerFrame])
    expect(all({ hasReturnCode: true, gcmKeys: [AP_KEY, K3_KEY] }, answer)).toEqual({ frames: [], malformed: 1 })
    expect(all({ hasReturnCode: true }, answer)).toEqual({ frames: [], malformed: 1 })
  })

  test('an empty device frame has no return code; one to three bytes are too few for one', () => {
    const bare = (length: number): Uint8Array => encode55aa({ sequence: 3, command: COMMAND.HEART_BEAT, returnCode: null, payload: new Uint8Array(length) })
    expect(all(DEVICE, bare(0))).toEqual({ frames: [{ envelope: '55aa', sequence: 3, command: COMMAND.HEART_BEAT, returnCode: null, payload: new Uint8Array(0) }], malformed: 0 })
    for (const length of [1, 2, 3]) expect(all(DEVICE, bare(length)), `${length}`).toEqual({ frames: [], malformed: 1 })
    expect(all(DEVICE, bare(4)).frames[0]?.returnCode).toBe(0)
  })
})

describe('AES-ECB', () => {
  test('bad padding and odd lengths are malformed packets', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(15), new Uint8Array(16), encryptEcb(UDP_KEY, asciiOf('x')).map(b => b ^ 1)]) {
      expect(() => decryptEcb(UDP_KEY, bytes)).toThrow(expect.objectContaining({ code: 'packet.malformed' }))
    }
    expect(() => decryptEcb(AP_KEY, encryptEcb(UDP_KEY, asciiOf(V5.json)))).toThrow(Fault)
  })

  test('whole blocks can be opened without padding, leaving an odd end alone', () => {
    const sealed = encryptEcb(UDP_KEY, asciiOf(V5.json))
    expect(textOf(decryptBlocks(UDP_KEY, join(sealed.subarray(0, 16), bytesOf('ffff'))))).toBe(V5.json.slice(0, 16))
  })
})
