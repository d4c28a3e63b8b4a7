import { describe, expect, it } from 'vitest'
import { decodeDnsAnswer, encodeDnsQuestion } from '../../src/main/wire/dns.ts'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))

// Questions and answers of dnsmasq 2.90, taken off the wire.
const QUESTION = '1234010000010000000000000261310676656e646f72076578616d706c650000010001'
const ALIAS = '1234858000010002000000000261310676656e646f72076578616d706c650000010001c00c000500010000000000130261320676656e646f72076578616d706c6500c02f00010001000000000004cb007107'
const TWO = '4321858000010002000000000374776f0676656e646f72076578616d706c650000010001c00c00010001000000000004cb007108c00c00010001000000000004cb007109'
const NO_SUCH_NAME = '0007818300010000000000000178046e6f6e65076578616d706c650000010001'

describe('one DNS question and its answer', () => {
  it('asks as others ask', () => {
    expect(Buffer.from(encodeDnsQuestion({ id: 0x1234, name: 'a1.vendor.example' })).toString('hex')).toBe(QUESTION)
  })

  it('reads addresses behind an alias, several of them, and a name that is not known', () => {
    expect(decodeDnsAnswer(bytesOf(ALIAS), 0x1234)).toEqual({ code: 0, addresses: ['203.0.113.7'] })
    expect(decodeDnsAnswer(bytesOf(TWO), 0x4321)).toEqual({ code: 0, addresses: ['203.0.113.8', '203.0.113.9'] })
    expect(decodeDnsAnswer(bytesOf(NO_SUCH_NAME), 7)).toEqual({ code: 3, addresses: [] })
  })

  it('takes neither the answer to another question nor a question for its own', () => {
    expect(decodeDnsAnswer(bytesOf(ALIAS), 0x1235)).toBeNull()
    expect(decodeDnsAnswer(bytesOf(QUESTION), 0x1234)).toBeNull()
  })

  it('cut off at any byte, or changed at any byte, it is a fault or an answer, never a crash', () => {
    const whole = bytesOf(ALIAS)
    for (let length = 0; length < whole.length; length += 1) expect(() => decodeDnsAnswer(whole.subarray(0, length), 0x1234)).toThrow('packet.malformed')
    for (let at = 2; at < whole.length; at += 1) {
      for (const value of [0, 1, 63, 64, 0xc0, 0xff]) {
        const changed = whole.slice()
        changed[at] = value
        try { decodeDnsAnswer(changed, 0x1234) } catch (thrown) { expect(thrown).toMatchObject({ code: 'packet.malformed' }) }
      }
    }
  })

  it('asks for no name that is none', () => {
    for (const name of ['', 'a..b', 'a b', `${'x'.repeat(64)}.example`, `${'x.'.repeat(130)}example`, 'ä.example']) expect(() => encodeDnsQuestion({ id: 1, name })).toThrow('packet.malformed')
  })
})
