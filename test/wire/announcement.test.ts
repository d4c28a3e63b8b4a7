import { describe, expect, test } from 'vitest'
import { assessReadiness, decodeDatagram, encodeAnnouncement, encodeQuestion, readIpv4, type Announcement, type Datagram } from '../../src/main/wire/announcement.ts'
import { AP_KEY, COMMAND, K3_KEY, UDP_KEY, encode55aa, encode6699, encryptEcb } from '../../src/main/wire/lan-frame.ts'
import { NONCE, SEEN_QUESTION, V1, V2, V3, V4, V5, asciiOf, bytesOf, hexOf } from '../golden/lan.ts'

const nonce = bytesOf(NONCE)
const plain = (json: string): Uint8Array => encode55aa({ sequence: 0, command: COMMAND.UDP, returnCode: 0, payload: asciiOf(json) })
const announced = (datagram: Datagram): Announcement => {
  if (datagram.kind !== 'announcement') throw new Error(datagram.kind)
  return datagram.announcement
}
const read = (json: string): Announcement => announced(decodeDatagram(plain(json), 6666))
const malformed = expect.objectContaining({ code: 'packet.malformed' })

describe('golden announcements', () => {
  const blank = { uuid: null, token: null, ability: null, encrypt: true, active: 0 }
  test.each([
    ['V1, plain on 6666', V1, 6666, { ...blank, ip: '10.77.0.21', gwId: '01200885ecfabc87b0f0', token: true, ability: 0, productKey: 'key8u54q9dtru5jw', version: '3.1' }],
    ['V2, ECB on 6667, ability misspelt', V2, 6667, { ...blank, ip: '10.77.0.22', gwId: 'tuya0123456789abcdef', token: true, ability: 1, productKey: 'abcd1234efgh5678', version: '3.3' }],
    ['V4, GCM on 7000, without token', V4, 7000, { ...blank, ip: '10.77.0.23', gwId: 'uuid0123456789abcdef', uuid: 'uuid0123456789abcdef', ability: 0, productKey: 'abcd1234efgh5678', version: '3.5' }]
  ])('%s', (_, vector, port, expected) => {
    expect(decodeDatagram(bytesOf(vector.frame), port)).toEqual({ kind: 'announcement', announcement: { ...expected, raw: JSON.parse(vector.json) as unknown } })
  })

  test.each([['V1', V1, '3.1'], ['V2', V2, '3.3'], ['V4', V4, '3.5']])('our virtual units write %s byte for byte', (_, vector, version) => {
    expect(hexOf(encodeAnnouncement({ json: JSON.parse(vector.json) as Record<string, unknown>, version, sequence: 0, nonce }))).toBe(vector.frame)
  })

  test('every announcement is refused at every shorter length, and with a byte behind it', () => {
    for (const { frame } of [V1, V2, V4]) {
      const bytes = bytesOf(frame)
      for (let length = 0; length < bytes.length; length += 1) expect(() => decodeDatagram(bytes.subarray(0, length), 6667), `length ${length}`).toThrow(malformed)
      expect(() => decodeDatagram(Uint8Array.of(...bytes, 0), 6667)).toThrow(malformed)
      expect(() => decodeDatagram(Uint8Array.of(0, ...bytes), 6667)).toThrow(malformed)
    }
  })
})

describe('questions', () => {
  test('V3: ours is written byte for byte', () => {
    expect(hexOf(encodeQuestion({ ip: '10.77.0.1', sequence: 0, nonce }))).toBe(V3.frame)
  })

  test('ours and those of other clients are recognised', () => {
    const question = { kind: 'question', ip: '10.77.0.1', from: 'app' }
    expect(decodeDatagram(bytesOf(V3.frame), 7000)).toEqual(question)
    expect(decodeDatagram(bytesOf(SEEN_QUESTION.frame), 7000)).toEqual(question)
  })

  test('a body with `from` is a question whatever its frame type says', () => {
    const bytes = encode6699({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload: asciiOf(V3.json), key: UDP_KEY, nonce })
    expect(decodeDatagram(bytes, 7000).kind).toBe('question')
  })

  test.each(['{"from":"app"}', '{"ip":"10.77.0.1"}', '{"from":1,"ip":"10.77.0.1"}', '{"from":"app","ip":"bench"}', '[]', ''])('without ip or from nobody can answer: %s', json => {
    const bytes = encode6699({ sequence: 0, command: COMMAND.REQ_DEVINFO, returnCode: null, payload: asciiOf(json), key: UDP_KEY, nonce })
    expect(() => decodeDatagram(bytes, 7000)).toThrow(malformed)
  })
})

describe('the tolerant reader', () => {
  test('keeps what it does not know', () => {
    const json = { ip: '10.77.0.9', active: 0, gwId: 'x', version: '3.3', lanHeartbeat: 5, extend: { deep: [1] }, wf_cfg: true, sl: 1 }
    expect(read(JSON.stringify(json)).raw).toEqual(json)
  })

  test('takes both spellings of ability, and the right one when both are there', () => {
    expect(read('{"active":0,"ability":3}').ability).toBe(3)
    expect(read('{"active":0,"ablilty":4}').ability).toBe(4)
    expect(read('{"active":0,"ablilty":4,"ability":3}').ability).toBe(3)
  })

  test('lets everything but `active` be missing', () => {
    expect(read('{"active":2}')).toEqual({ ip: '', gwId: null, uuid: null, active: 2, token: null, encrypt: null, ability: null, productKey: null, version: '3.1', raw: { active: 2 } })
    expect(() => read('{"ip":"10.77.0.9","gwId":"x"}')).toThrow(malformed)
  })

  test('takes the version from the envelope when it is not announced', () => {
    const payload = encryptEcb(UDP_KEY, asciiOf('{"active":0}'))
    const sealed = (command: number): string => announced(decodeDatagram(encode55aa({ sequence: 0, command, returnCode: 0, payload }), 6667)).version
    expect(sealed(COMMAND.ENCRYPTION)).toBe('3.3')
    expect(sealed(COMMAND.BOARDCAST_LPV34)).toBe('3.4')
    expect(announced(decodeDatagram(encode6699({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload: asciiOf('{"active":0}'), key: UDP_KEY, nonce }), 6667)).version).toBe('3.5')
  })

  test('strips NUL bytes behind the JSON, plain or sealed', () => {
    expect(read('{"active":1}\0\0\0').active).toBe(1)
    const payload = encryptEcb(UDP_KEY, asciiOf('{"active":1}\0'))
    expect(announced(decodeDatagram(encode55aa({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload }), 6667)).active).toBe(1)
  })

  test('reads plain on the sealed port, sealed on the plain port, and access-point frames', () => {
    expect(announced(decodeDatagram(bytesOf(V1.frame), 6667)).version).toBe('3.1')
    expect(announced(decodeDatagram(bytesOf(V2.frame), 6666)).version).toBe('3.3')
    const payload = encryptEcb(AP_KEY, asciiOf('{"active":0,"apConfigType":1}'))
    expect(announced(decodeDatagram(encode55aa({ sequence: 0, command: COMMAND.SCENE_EXEC, returnCode: 0, payload }), 6667)).raw).toHaveProperty('apConfigType', 1)
  })

  test.each([
    '{"active":"0"}', '{"active":0.5}', '{"active":-1}', '{"active":null}', '{"active":true}', '{"active":1e9}',
    '{"active":0,"ip":5}', '{"active":0,"ip":"10.77.0.256"}', '{"active":0,"ip":""}', '{"active":0,"gwId":7}', '{"active":0,"gwId":""}', '{"active":0,"gwId":"a b"}',
    '{"active":0,"uuid":[]}', '{"active":0,"token":"true"}', '{"active":0,"token":1}', '{"active":0,"encrypt":"yes"}', '{"active":0,"ability":"0"}', '{"active":0,"ablilty":{}}',
    '{"active":0,"productKey":{}}', '{"active":0,"version":3.3}', '{"active":0,"version":"three"}', `{"active":0,"gwId":"${'x'.repeat(65)}"}`,
    '[]', 'null', '7', '"text"', '', '{', '{"active":0', '['.repeat(3000)
  ])('calls a wrong type malformed: %.60s', json => {
    expect(() => read(json)).toThrow(malformed)
  })

  test('refuses what is no UTF-8, a wrong key, a token frame, and noise', () => {
    expect(() => decodeDatagram(encode55aa({ sequence: 0, command: 0, returnCode: 0, payload: bytesOf('7b22ff227d') }), 6666)).toThrow(malformed)
    expect(() => decodeDatagram(encode55aa({ sequence: 0, command: COMMAND.ENCRYPTION, returnCode: 0, payload: encryptEcb(K3_KEY, asciiOf('{"active":0}')) }), 6667)).toThrow(malformed)
    expect(() => decodeDatagram(bytesOf(V5.ecb), 6667)).toThrow(malformed)
    for (let n = 0; n < 300; n += 1) expect(() => decodeDatagram(Uint8Array.from({ length: n }, (_, i) => (i * 31 + n) & 0xff), 6667)).toThrow(malformed)
  })

  test('a key named like a piece of JavaScript does no harm', () => {
    expect(read('{"__proto__":{"token":true},"active":0,"constructor":1}').token).toBeNull()
  })
})

test('readiness follows the table', () => {
  const rows: readonly [string, string][] = [
    ['{"active":0,"token":true}', 'ready'], ['{"active":0}', 'unconfirmed'], ['{"active":0,"token":false}', 'no-lan-token'],
    ['{"active":1,"token":true}', 'activating'], ['{"active":2,"token":true}', 'activated'], ['{"active":3}', 'engineering'], ['{"active":4,"token":true}', 'engineering'], ['{"active":9}', 'engineering']
  ]
  expect(rows.map(([json]) => [json, assessReadiness(read(json))])).toEqual(rows)
})

test('addresses are read as numbers, and only addresses', () => {
  expect(['0.0.0.0', '10.77.0.1', '255.255.255.255'].map(readIpv4)).toEqual([0, 0x0a4d0001, 0xffffffff])
  expect(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'a.b.c.d', '1.2.3.-4', ' 1.2.3.4'].map(readIpv4)).toEqual(Array.from({ length: 7 }, () => null))
})
