/** Signing against golden vectors, envelopes, result shapes and codes (facts/tuya.md 7). */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FaultCode } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { faultOfCode, parseAccessGrant, parseEnvelope, parseFactoryRows, parsePairingToken, parseResults, remedyOfCode, signRequest } from '../../src/main/wire/cloud.ts'
import { CODES_OF_THE_SHEET, PAIRING_ANSWER, RESULT_FAMILIES, SIGNING, VECTORS, type SigningVector } from '../golden/cloud.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const envelopeOf = (json: unknown, status = 200) => parseEnvelope(bytes(JSON.stringify(json)), status)
const faultOf = (fn: () => unknown): Fault => {
  try { fn() } catch (thrown) { return Fault.from(thrown) }
  throw new Error('nothing was thrown')
}
const sign = (v: SigningVector, url = v.url): string => signRequest({
  method: v.method, url, clientId: SIGNING.clientId, secret: SIGNING.secret, t: SIGNING.t,
  ...(v.body === undefined ? {} : { body: bytes(v.body) }),
  ...(v.isBusiness ? { accessToken: SIGNING.accessToken } : {}),
  ...(v.hasNonce ? { nonce: SIGNING.nonce } : {}),
  ...(v.hasHeaders ? { signedHeaders: SIGNING.signedHeaders } : {}),
  ...(v.isOldProject === true ? { isOldProject: true } : {})
})

describe('signing', () => {
  it.each(VECTORS)('gives the golden value: $name', vector => {
    expect(sign(vector)).toBe(vector.sign)
  })

  it('hashes the body the sheet hashes', () => {
    const body = VECTORS.find(v => v.body !== undefined)?.body ?? ''
    expect(createHash('sha256').update(body).digest('hex')).toBe('da94df3a413a651aef74d09d80ae0ff50725c67e8783eb97919024a39fcb2cf9')
  })

  it('does not depend on the order or the percent-encoding of the query', () => {
    const users = VECTORS[3]
    const bulk = VECTORS[6]
    if (users === undefined || bulk === undefined) throw new Error('the golden file is too short')
    expect(sign(users, '/v2.0/apps/schema/users?page_size=50&page_no=1')).toBe(users.sign)
    expect(sign(bulk, '/v1.0/iot-03/devices?device_ids=dev1%2Cdev2')).toBe(bulk.sign)
  })

  it('signs an undecodable query as it stands', () => {
    expect(sign({ ...VECTORS[4], url: '/x?a=%' } as SigningVector)).toMatch(/^[0-9A-F]{64}$/) // the spread keeps every field
  })
})

describe('the envelope', () => {
  it('gives result, server time and tid of a success', () => {
    expect(envelopeOf({ result: { a: 1 }, success: true, t: 1591257455025, tid: 'tid1' })).toEqual({ result: { a: 1 }, t: 1591257455025, tid: 'tid1', refusal: null })
  })

  it('gives code, text, server time and tid of a refusal, whatever the HTTP status', () => {
    const refusal = { code: 1106, msg: 'permission deny', success: false, t: 1591257455025, tid: 'tid2' }
    for (const status of [200, 403, 500]) expect(envelopeOf(refusal, status)).toEqual({ result: null, t: 1591257455025, tid: 'tid2', refusal: { code: '1106', text: 'permission deny' } })
  })

  it('takes the documented example, which has no tid', () => {
    const { result, tid, t } = parseEnvelope(bytes(PAIRING_ANSWER), 200)
    expect({ tid, t, token: parsePairingToken(result, tid) }).toEqual({ tid: '', t: 1591257455025, token: { region: 'AY', token: 'H73HabCd', secret: 'pr_0', lifeMs: 300_000 } })
  })

  it.each<[string, Uint8Array, number, FaultCode]>([
    ['empty 200', new Uint8Array(0), 200, 'cloud.garbled'],
    ['a page of a captive portal', bytes('<html>sign in</html>'), 200, 'cloud.garbled'],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe, 0x7b]), 200, 'cloud.garbled'],
    ['a list', bytes('[1,2]'), 200, 'cloud.garbled'],
    ['null', bytes('null'), 200, 'cloud.garbled'],
    ['success as text', bytes('{"success":"true","result":{}}'), 200, 'cloud.garbled'],
    ['a refusal without a code', bytes('{"success":false,"msg":"no"}'), 200, 'cloud.garbled'],
    ['403 of a proxy', bytes('Forbidden'), 403, 'cloud.garbled'],
    ['429 without words', new Uint8Array(0), 429, 'cloud.busy'],
    ['503 of a gateway', bytes('<html>503</html>'), 503, 'cloud.busy']
  ])('names what is no envelope: %s', (_name, body, status, code) => {
    expect(faultOf(() => parseEnvelope(body, status))).toMatchObject({ code, context: { httpStatus: status } })
  })

  it('ignores an absurd server time', () => {
    for (const t of [0, -1, 1591257455, '1591257455025', null, 1e300]) expect(envelopeOf({ success: true, result: 1, t }).t).toBeNull()
  })

  it('never crashes on a cut answer', () => {
    for (let n = 0; n < PAIRING_ANSWER.length; n++) expect(faultOf(() => parseEnvelope(bytes(PAIRING_ANSWER.slice(0, n)), 200)).code).toBe('cloud.garbled')
  })
})

describe('codes', () => {
  const classes: Record<(typeof CODES_OF_THE_SHEET)[number][1], readonly [FaultCode, ...string[]]> = {
    retry: ['cloud.busy', 'wait'], permanent: ['cloud.refused', 'none'], configuration: ['cloud.key-invalid', 'none'], bug: ['program.unexpected', 'none'],
    access: ['cloud.key-invalid', 'refresh', 'renew'], clock: ['cloud.clock-wrong', 'reclock'], permission: ['cloud.no-permission', 'none'],
    throttle: ['cloud.busy', 'wait'], device: ['unit.silent', 'none'], token: ['token.expired', 'none'], subscription: ['cloud.subscription', 'none']
  }
  it.each(CODES_OF_THE_SHEET)('%d is of the class "%s"', (code, sheetClass) => {
    const [fault, ...remedies] = classes[sheetClass]
    expect(faultOfCode(code, 'words', 'tid1')).toMatchObject({ code: fault, context: { number: code, text: 'words', tid: 'tid1' } })
    expect(remedies).toContain(remedyOfCode(String(code)))
  })

  it('keeps number, text and tid of a code nobody told us of', () => {
    expect(faultOfCode('31337', 'new wording', 'tid9').toView()).toEqual({ code: 'cloud.unknown-code', context: { number: 31337, text: 'new wording', tid: 'tid9' } })
    expect(faultOfCode('SOME_TEXT', 'x', 'y').toView()).toEqual({ code: 'cloud.unknown-code', context: { number: 'SOME_TEXT', text: 'x', tid: 'y' } })
  })

  it('gives no long text of the cloud to a screen', () => {
    expect(String(faultOfCode(1106, 'x'.repeat(10_000), 't').context['text'])).toHaveLength(200)
  })
})

describe('result lists', () => {
  it.each(Object.entries(RESULT_FAMILIES))('are read in the shape of the %s family', (_name, lists) => {
    const { rows, malformed } = parseResults(lists, 'tid1')
    expect(malformed).toBe(0)
    expect(rows.map(r => [r.ok, r.deviceId, r.productKey, r.code, r.text])).toEqual([[true, 'dev1', 'cam2qr0000000001', null, null], [false, 'dev2', null, '1106', 'permission deny']])
  })

  it('count rows that name nothing and drop fields of a wrong type', () => {
    const { rows, malformed } = parseResults({ success_devices: [null, 7, 'x', [], {}, { id: {} }, { id: 12, uuid: ['u'] }], error_devices: [{ id: 'dev3' }] }, 'tid1')
    expect(malformed).toBe(6)
    expect(rows).toEqual([
      { ok: true, deviceId: '12', uuid: null, mac: null, productKey: null, code: null, text: null },
      { ok: false, deviceId: 'dev3', uuid: null, mac: null, productKey: null, code: null, text: null }
    ])
  })

  it('are empty while nothing has happened, and a fault when they are no lists', () => {
    for (const empty of [null, undefined, {}, { success_devices: [], error_devices: null }]) expect(parseResults(empty, 't').rows).toEqual([])
    for (const odd of ['x', [], { success_devices: 'x' }]) expect(faultOf(() => parseResults(odd, 'tid3'))).toMatchObject({ code: 'cloud.garbled', context: { tid: 'tid3' } })
  })
})

describe('other answers', () => {
  it('refuse a token whose parts have another length', () => {
    const good = { region: 'EU', token: 'AbCd1234', secret: 'Ef56', expire_time: 300 }
    expect(parsePairingToken({ ...good, expire_time: 'soon' }, 't').lifeMs).toBeNull()
    for (const bad of [{ region: 'EUR' }, { token: 'AbCd123' }, { secret: '' }, { token: 12345678 }, { token: 'AbCd 234' }]) {
      expect(faultOf(() => parsePairingToken({ ...good, ...bad }, 'tid4'))).toMatchObject({ code: 'cloud.garbled', context: { tid: 'tid4' } })
    }
  })

  it('tell the remaining life of an access token in seconds', () => {
    expect(parseAccessGrant({ access_token: 'a', refresh_token: 'r', expire_time: 3060, uid: 'u' }, 't')).toEqual({ accessToken: 'a', refreshToken: 'r', lifeMs: 3_060_000 })
    expect(faultOf(() => parseAccessGrant({ access_token: 'a' }, 't')).code).toBe('cloud.garbled')
  })

  it('map a device id to uuid, serial and MAC', () => {
    expect(parseFactoryRows([{ id: 'd1', uuid: 'u1', sn: 's1', mac: 'm1' }, { uuid: 'u2' }, 5], 't')).toEqual([{ deviceId: 'd1', uuid: 'u1', serial: 's1', mac: 'm1' }])
    expect(faultOf(() => parseFactoryRows({}, 't')).code).toBe('cloud.garbled')
  })
})
