import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { decodePairing, encodePairing } from '../../src/main/wire/pairing.ts'

const token = 'EUAbCd1234Ef56'

describe('the text in the code', () => {
  // Texts and byte counts of facts/tuya.md 3.2.
  test.each([
    ['plain', { ssid: 'RETURNS-BENCH', password: 'bench-2024!', token }, '{"p":"bench-2024!","s":"RETURNS-BENCH","t":"EUAbCd1234Ef56"}', 60],
    ['non-ASCII raw, quotes and backslash escaped', { ssid: 'a"b\\c', password: 'é漢', token: 'AYAbCd1234Ef56' }, '{"p":"é漢","s":"a\\"b\\\\c","t":"AYAbCd1234Ef56"}', 48]
  ])('%s', (_, pairing, text, bytes) => {
    expect(encodePairing(pairing)).toBe(text)
    expect(new TextEncoder().encode(text)).toHaveLength(bytes)
    expect(decodePairing(text)).toEqual(pairing)
  })

  test.each([[63, 131], [64, 132]])('the longest Wi-Fi name and a password of %i bytes make %i bytes', (password, bytes) => {
    expect(encodePairing({ ssid: 's'.repeat(32), password: 'p'.repeat(password), token })).toHaveLength(bytes)
  })

  test('password comes first, an open network has an empty one, a slash stays a slash', () => {
    expect(encodePairing({ ssid: 'a/b', password: '', token })).toBe('{"p":"","s":"a/b","t":"EUAbCd1234Ef56"}')
  })
})

describe('reading it back', () => {
  test('takes the keys in any order', () => {
    expect(decodePairing('{"t":"EUAbCd1234Ef56","s":"x","p":""}')).toEqual({ ssid: 'x', password: '', token })
  })

  test.each(['', '{', '[]', 'null', '{}', '{"p":"","s":"x"}', '{"p":1,"s":"x","t":"EUAbCd1234Ef56"}', '{"p":"","s":"","t":"EUAbCd1234Ef56"}', '{"p":"","s":"x","t":"EUAbCd1234"}', '{"p":"","s":"x","t":"EUAbCd1234Ef5 "}', 'x'.repeat(600)])('refuses %.40s', text => {
    expect(() => decodePairing(text)).toThrow(expect.objectContaining({ code: 'scan.unreadable' }))
  })

  test('a refusal does not quote the text', () => {
    try {
      decodePairing('{"p":"secret-password","s":"x","t":"EUAbCd1234Ef56"')
      expect.unreachable()
    } catch (thrown) {
      expect(inspect(thrown)).toContain('scan.unreadable')
      expect(inspect(thrown)).not.toMatch(/secret|EUAb/)
    }
  })
})
