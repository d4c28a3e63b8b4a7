/** Golden bytes: facts/devices-and-consoles.md 6, rows LCUS and Numato. */
import { describe, expect, it } from 'vitest'
import { readRelay, relayBytes, relayQuestion } from '../../src/main/wire/relay.ts'

const text = (bytes: Uint8Array | null): string => bytes === null ? '' : new TextDecoder().decode(bytes)

describe('relay boards', () => {
  it('LCUS: on A0 01 01 A2, off A0 01 00 A1, and the sum of the others', () => {
    expect([...relayBytes('lcus', 1, true)]).toEqual([0xa0, 0x01, 0x01, 0xa2])
    expect([...relayBytes('lcus', 1, false)]).toEqual([0xa0, 0x01, 0x00, 0xa1])
    expect([...relayBytes('lcus', 8, true)]).toEqual([0xa0, 0x08, 0x01, 0xa9])
    expect(relayQuestion('lcus', 1)).toBeNull()
  })

  it('Numato: text with CR, channels from 0, letters from 10', () => {
    expect(text(relayBytes('numato', 1, true))).toBe('relay on 0\r')
    expect(text(relayBytes('numato', 8, false))).toBe('relay off 7\r')
    expect(text(relayBytes('numato', 11, true))).toBe('relay on A\r')
    expect(text(relayQuestion('numato', 1))).toBe('relay read 0\r')
  })

  it('Numato answers with echo, word and a prompt without line end', () => {
    expect(readRelay('relay read 0\n\ron\n\r>')).toBe(true)
    expect(readRelay('relay read 0\n\roff\n\r>')).toBe(false)
    expect(readRelay('relay on 0\n\r>')).toBeNull()
    expect(readRelay('')).toBeNull()
  })

  it('a channel the board does not have is refused', () => {
    for (const channel of [0, 9, 1.5, -1]) expect(() => relayBytes('lcus', channel, true)).toThrow(expect.objectContaining({ code: 'program.unexpected' }))
  })
})
