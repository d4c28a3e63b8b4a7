/**
 * GS1 codes and vendors' labels by the shipped data. Golden codes of others: GS1's own barcode engine and Digital Link standard,
 * hostap's and Android's tests of Easy Connect, labels quoted in public apps of Imou and Dahua, what TuyaOpen prints.
 */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isChecked, joinLabelFiles, parseLabelFile, type LabelFormats } from '../../src/main/domain/label-format.ts'
import { readGs1 } from '../../src/main/wire/gs1.ts'
import { parseScan, type Scan } from '../../src/main/wire/label.ts'
import { dice } from '../helpers/adapter.ts'
import { FORMATS } from '../helpers/labels.ts'

const GS = '\u001d'
function elementsOf(code: string, isSurely = false): string {
  const read = readGs1(code, FORMATS.gs1, isSurely)
  return read === null ? 'no GS1 code' : 'bad' in read ? `bad: ${read.bad}` : read.elements.map(e => `${e.ai}=${e.value}`).join(' ')
}
function unitOf(text: string, formats: LabelFormats = FORMATS): Extract<Scan, { kind: 'unit' }> {
  const scan = parseScan(text, formats)
  if (scan.kind !== 'unit') throw new Error(scan.kind)
  return scan
}
const aliasesOf = (text: string, formats?: LabelFormats): string[] => unitOf(text, formats).aliases.map(a => `${a.kind}=${a.value}`)
const own = (...formats: readonly object[]): LabelFormats => joinLabelFiles([parseLabelFile(JSON.stringify({ formats }), 'own'), ownless])
const ownless = { gs1: { symbologies: { ']C1': 'elements' }, separators: [GS], identifiers: [{ ai: ['01'], form: 'C14', fixed: true, key: true, is: 'item' }, { ai: ['21'], form: 'X..20', is: 'serial' }, { ai: ['91'], form: 'X..90' }] } } as const
function codeOf(text: string): string {
  try { return parseScan(text, FORMATS).kind } catch (thrown) { return thrown instanceof Error ? thrown.message : String(thrown) }
}

describe('an element string', () => {
  // gs1/gs1-barcode-engine, src/c-lib/scandata.c: what a scanner sends for each symbol, and what stands in it.
  it.each([
    [`]Q3011231231231233310ABC123${GS}99TESTING`, '01=12312312312333 10=ABC123 99=TESTING'],
    [`]d2011231231231233310ABC123${GS}99TESTING`, '01=12312312312333 10=ABC123 99=TESTING'],
    [`]C1011231231231233310ABC123${GS}99TESTING`, '01=12312312312333 10=ABC123 99=TESTING'],
    [`]e0011231231231233310ABC123${GS}99TESTING${GS}98XYZ`, '01=12312312312333 10=ABC123 99=TESTING 98=XYZ'],
    [`]e0011231231231233310ABC123${GS}1199122598TESTING${GS}97XYZ`, '01=12312312312333 10=ABC123 11=991225 98=TESTING 97=XYZ'],
    [`]e0012401234567890599COMPOSITE${GS}98XYZ`, '01=24012345678905 99=COMPOSITE 98=XYZ'],
    [']d2', 'bad: nothing in it']
  ])('%j is read part by part', (sent, parts) => {
    expect(elementsOf(sent.slice(3), true)).toBe(parts)
  })

  // The same library, src/c-lib/dl.c: the element string of each example of the Digital Link standard.
  it.each([
    [`010952012345678810ABC1${GS}2112345${GS}17180426`, '01=09520123456788 10=ABC1 21=12345 17=180426'],
    ['01095201234567883103000195', '01=09520123456788 3103=000195'],
    [`0109520123456788310300019539220299${GS}17201225`, '01=09520123456788 3103=000195 3922=0299 17=201225'],
    [`0095201234567891234502095201234567883725${GS}10ABC123`, '00=952012345678912345 02=09520123456788 37=25 10=ABC123'],
    ['414952012345678825432a/b', '414=9520123456788 254=32a/b'],
    [`80049520614141234567${GS}0109520123456788`, '8004=9520614141234567 01=09520123456788']
  ])('%j as well', (sent, parts) => {
    expect(elementsOf(sent, true)).toBe(parts)
  })

  it.each([
    ['a wrong check digit', '0112312312312334', /\(01\) has a wrong check digit/],
    ['letters for digits', '0112A12312312333', /\(01\) is not as it must be/],
    ['a date of month 13', '0109520123456788171813', /\(17\) is not as it must be/],
    ['a date that is none', '010952012345678817181326', /\(17\) is no date/],
    ['an identifier nobody has given out', '010952012345678889ABC', /unknown application identifier/],
    ['too long a serial number', `010952012345678821${'1'.repeat(21)}`, /\(21\) is not as it must be/],
    ['an empty serial number', `010952012345678821${GS}10A`, /\(21\) is not as it must be/],
    ['a character no GS1 code has', '010952012345678821A#1', /\(21\) is not as it must be/],
    ['more parts than a label has', '99A'.concat(`${GS}99A`.repeat(30)), /too many parts/]
  ])('with %s is refused, and says why', (_what, sent, why) => {
    expect(elementsOf(sent, true)).toMatch(why)
  })

  it('without AIM identifier is one only when nothing in it speaks against it', () => {
    expect(elementsOf('01095201234567882112345')).toBe('01=09520123456788 21=12345')
    expect(elementsOf(`${GS}01095201234567882112345`)).toBe('01=09520123456788 21=12345')
    expect(elementsOf('010952012345678810AB{GS}2112345')).toBe('01=09520123456788 10=AB 21=12345')
    for (const tag of ['01095201234567892112345', '0109520123456788', '01-CAM-0000000417-A', 'RT-00417']) expect(elementsOf(tag), tag).toBe('no GS1 code')
  })

  it('is read in its form for people, with brackets', () => {
    expect(elementsOf('(01)09521234543213(21)12345')).toBe('01=09521234543213 21=12345')
    expect(elementsOf('(01)09521234543213(3103)000123')).toBe('01=09521234543213 3103=000123')
    expect(elementsOf('(01) 09521234543213 (21)A(1)B')).toBe('01=09521234543213 21=A(1)B')
    expect(elementsOf('(01)09521234543214(21)1')).toMatch(/wrong check digit/)
    expect(elementsOf('(12) camera by the door')).toBe('no GS1 code')
  })
})

describe('a GS1 Digital Link', () => {
  // The examples of the standard, as that library tests them.
  it.each([
    ['https://id.gs1.org/01/09520123456788', '01=09520123456788'],
    ['https://brand.example.com/01/9520123456788', '01=09520123456788'],
    ['https://brand.example.com/some-extra/pathinfo/01/9520123456788', '01=09520123456788'],
    ['https://id.gs1.org/01/09520123456788/22/2A', '01=09520123456788 22=2A'],
    ['https://id.gs1.org/01/09520123456788/21/12345', '01=09520123456788 21=12345'],
    ['https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426', '01=09520123456788 10=ABC1 21=12345 17=180426'],
    ['https://example.com/01/9520123456788?3103=000195&3922=0299&17=201225', '01=09520123456788 3103=000195 3922=0299 17=201225'],
    ['https://id.gs1.org/00/952012345678912345?02=09520123456788&37=25&10=ABC123', '00=952012345678912345 02=09520123456788 37=25 10=ABC123'],
    ['https://id.gs1.org/414/9520123456788/254/32a%2Fb', '414=9520123456788 254=32a/b'],
    ['https://example.com/8004/9520614141234567?01=9520123456788', '8004=9520614141234567 01=09520123456788'],
    ['https://id.gs1.org/01/12312312312333?99=TEST', '01=12312312312333 99=TEST'],
    ['https://example.com/01/9520123456788/89/ABC123?99=XYZ', 'no GS1 code'],
    ['https://example.com/01/9520123456788?99=XYZ&89=ABC123', 'no GS1 code'],
    ['https://id.gs1.org/01/09520123456789', 'bad: (01) has a wrong check digit'],
    ['https://example.com/archive/2024/01/12345678', 'no GS1 code'],
    ['https://id.gs1.org/01/0952012345678%', 'bad: not readable'],
    ['https://smartapp.tuya.com/s/p?p=qhivvyqawogv04e4&uuid=uuid0123456789abcdef&v=2.0', 'no GS1 code']
  ])('%s', (link, parts) => {
    expect(elementsOf(link)).toBe(parts)
  })
})

describe('what a GS1 code names', () => {
  it('is one unit, whichever symbol its item and serial number were printed in', () => {
    const same = [`]d20109520123456788112604012112345`, `]C101095201234567882112345`, `]Q3010952012345678810LOT${GS}2112345`, '(01)09520123456788(21)12345', 'https://id.gs1.org/01/09520123456788/21/12345', ']Q1https://brand.example.com/01/9520123456788/10/X/21/12345?11=260401', '01095201234567882112345']
    for (const text of same) expect(aliasesOf(text), text).toEqual(['tag=(01)09520123456788(21)12345'])
  })

  it('is never told by a mere counter: the same serial number of two items is two units, and one that tells is a serial number too', () => {
    expect(aliasesOf('(01)09521234543213(21)00012345')).toEqual(['tag=(01)09521234543213(21)00012345'])
    expect(aliasesOf('(01)09521234543213(21)5g043d4paj361d8')).toEqual(['tag=(01)09521234543213(21)5G043D4PAJ361D8', 'serial=5G043D4PAJ361D8'])
    expect(aliasesOf(']C1215G043D4PAJ361D8')).toEqual(['tag=5G043D4PAJ361D8', 'serial=5G043D4PAJ361D8'])
    expect(codeOf(']C12112345')).toBe('scan.not-one-unit')
  })

  it('is an asset by itself', () => {
    expect(aliasesOf('(8004)9520614141234567')).toEqual(['tag=(8004)9520614141234567'])
  })

  it.each([']E02112345678900', ']E402345673', '(01)09520123456788', ']d2010952012345678810LOT', '(00)952012345678912345', 'https://id.gs1.org/01/09520123456788', 'PID:cam2qr0000000001', '{"pid":"cam2qr0000000001"}'])('is no single unit where it is the product: %s', text => {
    expect(codeOf(text)).toBe('scan.not-one-unit')
  })

  it.each([']E02112345678901', ']E01234ABC890123', ']d2', ']C1ABC', '(01)09521234543214(21)1'])('is nothing where it was misread: %s', text => {
    expect(codeOf(text)).toBe('scan.unreadable')
  })

  it('gives the product, where a file says which product a GTIN is', () => {
    const formats = joinLabelFiles([parseLabelFile('{"products":{"9521234543213":"cam2qr0000000001"}}', 'own'), ownless])
    expect(unitOf('(01)09521234543213(21)7', formats).product).toBe('cam2qr0000000001')
    expect(unitOf('(01)09520123456788(21)7', formats).product).toBeNull()
  })

  it('may be more, where a vendor uses its own application identifiers', () => {
    const formats = own({ id: 'acme', source: 'x', starts: ['(01)0952'], reads: 'gs1', fields: { mac: ['91'] }, keeps: 'fields' })
    expect(aliasesOf(`]C10109520123456788211${GS}913C8B7F0012AB`, formats)).toEqual(['tag=(01)09520123456788(21)1', 'mac=3c:8b:7f:00:12:ab'])
  })
})

it('an AIM identifier before any other code changes nothing', () => {
  expect(parseScan(']C0OP:1001', FORMATS)).toEqual({ kind: 'operator', badge: '1001' })
  expect(parseScan(']Q1P07', FORMATS)).toEqual({ kind: 'lane', lane: 7 })
  expect(aliasesOf(']A0RT-00417')).toEqual(['tag=RT-00417'])
  expect(codeOf(']Q1{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EUAbCd1234Ef56"}')).toBe('scan.unreadable')
})

describe('a vendor\'s label', () => {
  it.each([
    ['https://smartapp.tuya.com/s/p?p=qhivvyqawogv04e4&uuid=uuid0123456789abcdef&v=2.0', ['uuid=uuid0123456789abcdef'], 'qhivvyqawogv04e4'],
    ['{"uuid":"uuid0123456789abcdef","mac":"3C8B7F0012AB","sn":"N8-000417","pid":"cam2qr0000000001"}', ['uuid=uuid0123456789abcdef', 'mac=3c:8b:7f:00:12:ab', 'serial=N8-000417'], 'cam2qr0000000001'],
    ['{"device":{"devId":"bf0123456789abcdefgh12","Serial No":"X 1"}}', ['deviceId=bf0123456789abcdefgh12', 'serial=X 1'], null],
    ['https://support.example.com/start?serialNumber=A%2F17&mac_addr=3c-8b-7f-00-12-ab', ['serial=A/17', 'mac=3c:8b:7f:00:12:ab'], null],
    ['序列号：5G043D4PAJ361D8；MAC：3C8B7F0012AB', ['serial=5G043D4PAJ361D8', 'mac=3c:8b:7f:00:12:ab'], null],
    ['{SN:5G043D4PAJ361D8,DT:IPC-G22P,SC:L2A262CB,NC:015}', ['serial=5G043D4PAJ361D8'], null],
    ['{SN:2J021B3PAK00120,DT:IPC-HFW1120SP-W-0280B,RC:564897}', ['serial=2J021B3PAK00120'], null],
    ['DPP:C:81/1;M:2c:d0:5a:6e:ca:3c;I:KYZRQ;K:MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgAC/nFQKV1+CErzr6QCUT0jFIno3CaTRr3BW2n0ThU4mAw=;;', ['mac=2c:d0:5a:6e:ca:3c'], null],
    ['DPP:I:SN=4774LH2b4044;M:705DCCF662CA;V:2;K:MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4iUrbRr/3M4uWTrmvTFspsbYqTTiPrqFdcxt6VtSbnzUwNHW+StQXEqmFndP+ulj2oBUZOIsrTIca93scMkQKw==;;', ['serial=4774LH2B4044', 'mac=70:5d:cc:f6:62:ca'], null]
  ])('%s', (text, names, product) => {
    expect(aliasesOf(text).filter(a => !a.startsWith('tag='))).toEqual(names)
    expect(unitOf(text).product).toBe(product)
  })

  it('keeps nothing of what is secret or long', () => {
    expect(unitOf('{SN:5G043D4PAJ361D8,DT:IPC-G22P,SC:L2A262CB,NC:015}')).toMatchObject({ code: '5G043D4PAJ361D8', aliases: [{ kind: 'tag', value: '5G043D4PAJ361D8' }, { kind: 'serial' }] })
    expect(JSON.stringify(unitOf('DPP:I:SN=4774LH2b4044;M:705DCCF662CA;K:MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE;;'))).not.toContain('MFkw')
    expect(unitOf(`https://support.example.com/${'x'.repeat(200)}?sn=A17B`).code).toBe('A17B')
  })

  it.each(['WIFI:T:WPA;S:mynetwork;P:mypass;H:true;;', 'wifi:S:anotherone;T:WPA;P:3#=3j9asicla', 'MT:Y.K9042C00KA0648G00', 'X-HM://0023ISYWYRTTC', 'otpauth://totp/bench?secret=JBSWY3DPEHPK3PXP', '{SN:,SC:L2A262CB}', 'DPP:C:81/1,115/36;K:MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADM2206avxHJaHXgLMkq/24e0rsrfMP9K1Tm8gx+ovP0I=;;'])('that is of no single unit is refused and not quoted: %s', text => {
    expect(codeOf(text)).toBe('scan.not-one-unit')
    try { parseScan(text, FORMATS) } catch (thrown) { expect(inspect(thrown)).not.toMatch(/mypass|3j9a|Y\.K9|0023I|JBSW|L2A262CB|MDkw/) }
  })

  it('of a new vendor is a row in a file', () => {
    const formats = own({ id: 'acme', source: 'its type plate', starts: ['ACME*'], reads: 'pairs', fields: { serial: ['ID'], mac: ['Ethernet'] }, not: ['box'], keeps: 'all' })
    expect(aliasesOf('ACME*ID:77-A,Ethernet=3C8B7F0012AB,box id:9', formats)).toEqual(['tag=ACME*ID:77-A,ETHERNET=3C8B7F0012AB,BOX ID:9', 'serial=77-A', 'mac=3c:8b:7f:00:12:ab'])
    expect(aliasesOf('ID:77-A', formats)).toEqual(['tag=ID:77-A'])
    const shaped = own({ id: 'acme', source: 'x', like: '^A\\d{4};', reads: 'pairs', fields: { serial: ['ID'] }, keeps: 'fields' })
    expect(aliasesOf('a1234;id:77-B', shaped)).toEqual(['tag=77-B', 'serial=77-B'])
    expect(aliasesOf('A12;ID:77-B', shaped)).toEqual(['tag=A12;ID:77-B'])
    expect(aliasesOf('MT:8M;SN:X17-B')).toEqual(['tag=MT:8M;SN:X17-B', 'serial=X17-B']) // no Matter code
  })
})

describe('a hostile label', () => {
  const bidi = String.fromCodePoint(0x202e)
  it.each([`SN:A${bidi}B`, `RT-${String.fromCodePoint(0x200f)}1`, `RT${String.fromCodePoint(0x2028)}1`, `RT${String.fromCodePoint(0x200b)}1`, `\ufeffRT-1${bidi}`, `(01)09521234543213(21)A${bidi}`, 'SN:\u0007X1'])('with marks nobody sees is unreadable: %j', text => {
    expect(codeOf(text)).toBe('scan.unreadable')
  })

  it('cannot smuggle them in behind an escape', () => {
    expect(aliasesOf('{"sn":"A\\u202eB","mac":"3C8B7F0012AB"}').filter(a => !a.startsWith('tag='))).toEqual(['mac=3c:8b:7f:00:12:ab'])
    expect(aliasesOf('https://x.example/?sn=A%E2%80%AEB&uuid=abc123').filter(a => !a.startsWith('tag='))).toEqual(['uuid=abc123'])
    expect(elementsOf('https://id.gs1.org/01/09520123456788/21/A%00B')).toMatch(/^bad/)
  })

  it('of any bytes ends in a scan or in words, in no time, and never says more than eight names', () => {
    const random = dice(31)
    const pieces = ['{', '}', '"', ':', ';', '=', '&', '(', ')', '01', '21', GS, '%', '%zz', '\\u', 'sn', 'mac', 'pid', '__proto__', ']d2', 'https://', '/01/', '?', '09520123456788', 'constructor', '[', '😀', '\u0000', bidi, 'ﷺ'.repeat(9), 'A'.repeat(40)]
    for (let i = 0; i < 20_000; i += 1) {
      const text = Array.from({ length: 1 + Math.floor(random() * 16) }, () => pieces[Math.floor(random() * pieces.length)]).join('')
      const scan = ((): Scan | Error => { try { return parseScan(text, FORMATS) } catch (thrown) { return thrown instanceof Error ? thrown : new Error('strange') } })()
      if (scan instanceof Error) expect(scan.message, JSON.stringify(text)).toMatch(/^scan\./)
      else if (scan.kind === 'unit') {
        expect(scan.aliases.length).toBeLessThanOrEqual(8)
        expect(scan.aliases.filter(a => a.value === '' || a.value.length > 256 || /[\p{C}\p{Zl}\p{Zp}]/u.test(a.value)), JSON.stringify(text)).toEqual([])
      }
    }
  })
})

it('a check digit is that of GS1 General Specifications 7.9.1', () => {
  for (const good of ['09521234543213', '9520123456788', '02345673', '952012345678912345', '2112345678900', '96385074', '012345678905']) expect(isChecked(good), good).toBe(true)
  for (const bad of ['09521234543214', '', '7', '0952123454321x']) expect(isChecked(bad), bad).toBe(false)
})
