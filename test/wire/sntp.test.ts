import { describe, expect, it } from 'vitest'
import { decodeSntpAnswer, encodeSntpQuestion } from '../../src/main/wire/sntp.ts'

const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
/** Laid out by hand after RFC 4330 4: mode and stratum, origin at 24, transmit at 40. */
function answer(o: { readonly seconds: number; readonly fraction?: number; readonly first?: number; readonly stratum?: number; readonly origin?: Uint8Array }): Uint8Array {
  const bytes = new Uint8Array(48)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, o.first ?? 0x24)
  view.setUint8(1, o.stratum ?? 2)
  bytes.set(o.origin ?? NONCE, 24)
  view.setUint32(40, o.seconds)
  view.setUint32(44, o.fraction ?? 0)
  return bytes
}

describe('one question for the time', () => {
  it('is 48 bytes, a client of version 4, and its time of asking is our nonce', () => {
    expect(Buffer.from(encodeSntpQuestion(NONCE)).toString('hex')).toBe(`23${'00'.repeat(39)}0102030405060708`)
  })

  // The dates of RFC 5905, figure 4.
  it.each([
    ['1 Jan 1972', 2_272_060_800, '1972-01-01T00:00:00.000Z'],
    ['31 Dec 1999', 3_155_587_200, '1999-12-31T00:00:00.000Z'],
    ['8 Feb 2036, in the next era', 63_104, '2036-02-08T00:00:00.000Z']
  ])('tells %s', (_, seconds, date) => {
    expect(decodeSntpAnswer(answer({ seconds }), NONCE)).toEqual({ stratum: 2, at: Date.parse(date) })
  })

  it('counts fractions of a second', () => {
    expect(decodeSntpAnswer(answer({ seconds: 3_155_587_200, fraction: 0x80000000 }), NONCE)?.at).toBe(Date.parse('1999-12-31T00:00:00.500Z'))
  })

  it('is not answered by somebody else, by a client, by a server without the time, or by a kiss of death', () => {
    const seconds = 3_155_587_200
    const bad = [answer({ seconds, origin: new Uint8Array(8) }), answer({ seconds, first: 0x23 }), answer({ seconds, first: 0xe4 }), answer({ seconds, stratum: 16 }), answer({ seconds, stratum: 0 }), answer({ seconds: 0 })]
    expect(bad.map(bytes => decodeSntpAnswer(bytes, NONCE))).toEqual(bad.map(() => null))
    expect(() => decodeSntpAnswer(answer({ seconds }).subarray(0, 47), NONCE)).toThrow('packet.malformed')
  })
})
