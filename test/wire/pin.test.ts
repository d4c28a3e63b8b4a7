import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { hashPin, isPin, isSamePin, SALT_BYTES } from '../../src/main/wire/pin.ts'

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
/** RFC 7914 section 12, third vector, first 32 bytes (one block of PBKDF2 does not depend on the length asked for). */
const VECTOR = `scrypt$16384$8$1$${Buffer.from('SodiumChloride').toString('base64')}$${base64('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2')}`

describe('a PIN that is kept', () => {
  it('is scrypt as the RFC has it, at whatever cost it was kept with', async () => {
    expect(await isSamePin('pleaseletmein', VECTOR)).toBe(true)
    expect(await isSamePin('pleaseletmeIn', VECTOR)).toBe(false)
  })

  it('is known again, and tells nothing of itself; two people with one PIN keep two texts', async () => {
    const [a, b] = [await hashPin('2580', new Uint8Array(SALT_BYTES).fill(1)), await hashPin('2580', new Uint8Array(SALT_BYTES).fill(2))]
    expect([await isSamePin('2580', a), await isSamePin('2580', b), await isSamePin('2581', a)]).toEqual([true, true, false])
    expect(a).not.toBe(b)
    expect(a).toMatch(/^scrypt\$32768\$8\$1\$[\w+/]{22}==\$[\w+/]{43}=$/)
  })

  it.each([['nothing', ''], ['another scheme', VECTOR.replace('scrypt', 'plain')], ['no hash', 'scrypt$16384$8$1$$'], ['a short hash', `scrypt$16384$8$1$AAAA$${base64('00')}`], ['a cost that is no power of two', VECTOR.replace('16384', '16383')],
    ['a cost that would take all memory', VECTOR.replace('16384', '1073741824')], ['a cost that is no number', VECTOR.replace('16384', 'x')]])('a text that is %s is nobody`s PIN', async (_what, text) => {
    expect(await isSamePin('pleaseletmein', text)).toBe(false)
  })

  it('has 4 to 12 digits and nothing else', () => {
    expect(['1234', '123456789012'].map(isPin)).toEqual([true, true])
    expect(['', '123', '1234567890123', '12a4', '１２３４', ' 1234', '1234\n'].map(isPin)).toEqual(Array(7).fill(false))
  })
})
