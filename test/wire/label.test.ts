import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { normaliseMac, parseScan } from '../../src/main/wire/label.ts'
import { FORMATS } from '../helpers/labels.ts'

const aliasesOf = (text: string): string[] => {
  const scan = parseScan(text, FORMATS)
  if (scan.kind !== 'unit') throw new Error(scan.kind)
  return scan.aliases.map(alias => `${alias.kind}=${alias.value}`)
}
const productOf = (text: string): string | null => {
  const scan = parseScan(text, FORMATS)
  return scan.kind === 'unit' ? scan.product : null
}

describe('the cards', () => {
  test.each([
    ['OP:anna', { kind: 'operator', badge: 'anna' }],
    ['op:Anna B.', { kind: 'operator', badge: 'Anna B.' }],
    ['OP: 17\r\n', { kind: 'operator', badge: '17' }],
    ['P01', { kind: 'lane', lane: 1 }],
    ['p48\t', { kind: 'lane', lane: 48 }],
    ['TT:T-004', { kind: 'tote', tote: 'T-004' }],
    ['RS:no power', { kind: 'reason', reason: 'no power' }],
    ['CM:HOLD', { kind: 'command', command: 'HOLD' }],
    ['CM:UNDO', { kind: 'command', command: 'UNDO' }],
    ['CM:WAVE', { kind: 'command', command: 'WAVE' }],
    ['cm:stop', { kind: 'command', command: 'STOP' }],
    ['CM:AGAIN', { kind: 'command', command: 'AGAIN' }],
    ['LB:0123456789', { kind: 'label', label: '0123456789' }],
    ['lb:jgt4hmar5b\r', { kind: 'label', label: 'JGT4HMAR5B' }],
    ['RC:0190A1B2-C3D4-7ABC-8DEF-0123456789AB:00112233445566778899AABBCCDDEEFF', { kind: 'certificate', id: '0190a1b2-c3d4-7abc-8def-0123456789ab', hash: '00112233445566778899aabbccddeeff' }],
    ['RC:anything else', { kind: 'certificate', id: '', hash: '' }],
    ['ＯＰ：王', { kind: 'operator', badge: '王' }]
  ])('%j', (text, scan) => {
    expect(parseScan(text, FORMATS)).toEqual(scan)
  })

  test.each(['CM:FORMAT', 'CM:HOLDX'])('a command card that nobody printed: %s', text => {
    expect(() => parseScan(text, FORMATS)).toThrow(expect.objectContaining({ code: 'scan.unknown-command' }))
  })

  test.each(['', ' ', 'x', 'OP:', 'OP:  ', 'CM:', `TT:${'t'.repeat(65)}`, 'x'.repeat(129), 'x'.repeat(9999), 'abc\u0000def', 'abc\u001bdef', 'a\nb', '{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EUAbCd1234Ef56"}', '{"p":"bench-2026!","s":"RETU'])('no scan at all: %.70j', text => {
    expect(() => parseScan(text, FORMATS)).toThrow(expect.objectContaining({ code: 'scan.unreadable' }))
  })

  test('a refused scan is not quoted: the rack code is a secret', () => {
    try {
      parseScan('{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EUAbCd1234Ef56"}', FORMATS)
      expect.unreachable()
    } catch (thrown) {
      expect(inspect(thrown)).not.toMatch(/bench-2026|EUAb/)
    }
  })

  test('P00, P49 and longer ones are unit codes', () => {
    expect(['P00', 'P49', 'P1', 'P011', 'XP01'].map(text => parseScan(text, FORMATS).kind)).toEqual(Array.from({ length: 5 }, () => 'unit'))
  })
})

describe('unit codes', () => {
  test('a code is a tag, upper-cased and trimmed', () => {
    expect(parseScan('  rt-00417 \r', FORMATS)).toEqual({ kind: 'unit', code: 'rt-00417', aliases: [{ kind: 'tag', value: 'RT-00417' }], product: null })
    expect(aliasesOf('摄像机-7')).toEqual(['tag=摄像机-7'])
  })

  test.each([
    ['3C:8B:7F:00:12:ab', ['mac=3c:8b:7f:00:12:ab']],
    ['3c8b7f0012AB', ['mac=3c:8b:7f:00:12:ab']],
    ['3C-8B-7F-00-12-AB', ['mac=3c:8b:7f:00:12:ab']],
    ['MAC:3C:8B:7F:00:12:AB;SN:n8-000417', ['mac=3c:8b:7f:00:12:ab', 'serial=N8-000417']],
    ['MAC:3C:8B:7F:00:12:AB;SN:X1;UUID:uuid0123456789abcdef', ['mac=3c:8b:7f:00:12:ab', 'serial=X1', 'uuid=uuid0123456789abcdef']],
    ['sn=X1&mac=3c8b7f0012ab&uuid=tuya0123456789abcdef', ['serial=X1', 'mac=3c:8b:7f:00:12:ab', 'uuid=tuya0123456789abcdef']],
    ['S/N: X1  MAC: 3C8B7F0012AB', ['serial=X1', 'mac=3c:8b:7f:00:12:ab']],
    ['Serial No: 42-A, MAC Address=3c8b.7f00.12ab', ['serial=42-A', 'mac=3c:8b:7f:00:12:ab']],
    ['{"mac":"3C:8B:7F:00:12:AB","sn":"X1"}', ['mac=3c:8b:7f:00:12:ab', 'serial=X1']],
    ['https://smartapp.tuya.com/s/p?p=qhivvyqawogv04e4&uuid=uuid0123456789abcdef&v=2.0', ['uuid=uuid0123456789abcdef']],
    ['LAN MAC:3C8B7F0012AB;WIFI MAC:3C8B7F0012AC', ['mac=3c:8b:7f:00:12:ab', 'mac=3c:8b:7f:00:12:ac']],
    ['SN:X1\u001dMAC:3C8B7F0012AB', ['serial=X1', 'mac=3c:8b:7f:00:12:ab']]
  ])('%s', (text, aliases) => {
    expect(aliasesOf(text).filter(alias => !alias.startsWith('tag='))).toEqual(aliases)
  })

  test.each([
    ['an article number of twelve digits', '012345678905'],
    ['a group address', '01:00:5e:00:00:fb'],
    ['the address of a Bluetooth radio', 'BT MAC:3C8B7F0012AB'],
    ['a word that ends in sn', 'ASN:77'],
    ['half a MAC', 'MAC:3C8B7F'],
    ['mixed separators', '3C:8B-7F:00:12:AB']
  ])('%s gives no alias but the tag', (_, text) => {
    expect(aliasesOf(text)).toEqual([`tag=${text.toUpperCase()}`])
  })

  test('the product is read where the label says it', () => {
    expect(productOf('https://smartapp.tuya.com/s/p?p=qhivvyqawogv04e4&uuid=uuid0123456789abcdef&v=2.0')).toBe('qhivvyqawogv04e4')
    expect(productOf('PID:cam2qr0000000001;SN:X1')).toBe('cam2qr0000000001')
    expect(productOf('sn=X1&productKey=cam2qr0000000001')).toBe('cam2qr0000000001')
    expect(productOf('RT-00417')).toBeNull()
    expect(productOf('RAPID:cam2qr0000000001')).toBeNull()
  })

  test('a label cannot name more than eight things', () => {
    expect(aliasesOf(Array.from({ length: 12 }, (_, n) => `SN:X${n}`).join(';'))).toHaveLength(8)
  })
})

test('a MAC reads the same in every usual spelling, and nothing else reads as one', () => {
  for (const text of ['3C:8B:7F:00:12:AB', '3c-8b-7f-00-12-ab', '3c8b.7f00.12ab', '3C8B7F0012AB', ' 3c:8b:7f:00:12:ab ', '3C 8B 7F 00 12 AB', '3c8b-7f00-12ab']) expect(normaliseMac(text), text).toBe('3c:8b:7f:00:12:ab')
  for (const text of ['', '3c:8b:7f:00:12', '3c:8b:7f:00:12:ab:cd', '3c8b7f0012a', '3c8b7f0012ag', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '3c8b:7f0012ab']) expect(normaliseMac(text), text).toBeNull()
})
