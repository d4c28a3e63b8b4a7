/** The file of label formats: its mistakes are told with line and column, its schema is what the reader checks by. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { openLabelFormats } from '../../src/main/bench/label-book.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { labelSchema, parseLabelFile } from '../../src/main/domain/label-format.ts'
import { parseScan } from '../../src/main/wire/label.ts'

const RESOURCES = resolve(import.meta.dirname, '../../resources')
const shipped = readFileSync(resolve(RESOURCES, 'labels.json'), 'utf8')

function complaintsOf(text: string): string {
  try {
    parseLabelFile(text, 'labels.json')
    return ''
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'label.bad-formats') throw thrown
    return String(thrown.context['complaints'])
  }
}
const row = (more: string): string => `{\n  "formats": [\n    { "id": "acme", "source": "x", ${more} }\n  ]\n}`

it('labels.schema.json is what the reader checks by', () => {
  expect(JSON.parse(readFileSync(resolve(RESOURCES, 'labels.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(labelSchema())))
})

it.each<[string, string, RegExp]>([
  ['an unknown key', row('"reads": "pairs", "fields": { "serial": ["ID"] }, "keeps": "all", "colour": 1'), /^labels\.json:3:102 colour is not known here/],
  ['a field nobody knows', row('"reads": "pairs", "fields": { "imei": ["ID"] }, "keeps": "all"'), /:3:66 imei is not known here; serial, mac, uuid, deviceId, product/],
  ['a way to read nobody knows', row('"reads": "ocr", "fields": { "serial": ["ID"] }, "keeps": "all"'), /:3:45 formats\[0\]\.reads must be pairs or query/],
  ['nothing to find', row('"reads": "pairs", "keeps": "all"'), /:3:5 says no field/],
  ['a refusal of every label', row('"reads": "nothing", "keeps": "fields"'), /:3:5 reads nothing of any label/],
  ['fields of what is not read', row('"reads": "nothing", "starts": ["X"], "fields": { "serial": ["ID"] }, "keeps": "fields"'), /:3:83 reads nothing, so it has no fields/],
  ['a name twice', '{ "formats": [\n{ "id": "a1", "source": "x", "reads": "json", "fields": { "mac": ["m"] }, "keeps": "all" },\n{ "id": "a1", "source": "x", "reads": "json", "fields": { "mac": ["m"] }, "keeps": "all" } ] }', /^labels\.json:3:9 a1 stands here twice/],
  ['an identifier that is none', '{ "gs1": { "source": "x", "identifiers": [ { "ai": ["1"], "form": "N6", "title": "x" } ] } }', /:1:53 gs1\.identifiers\[0\]\.ai\[0\] must look like/],
  ['a form that is none', '{ "gs1": { "source": "x", "identifiers": [ { "ai": ["96"], "form": "Q6", "title": "x" } ] } }', /form must look like/],
  ['a pattern that has no end', row('"like": "^A.*B", "reads": "pairs", "fields": { "serial": ["ID"] }, "keeps": "all"'), /:3:44 formats\[0\]\.like uses \*, which has no end/],
  ['a GTIN with a wrong check digit', '{ "products": { "9521234543214": "cam2qr0000000001" } }', /:1:17 9521234543214 is no GTIN/],
  ['a comma too many', '{ "formats": [],, }', /^labels\.json:1:17 /],
  ['an empty list', '{ "formats": [] }', /:1:14 formats must be a list of 1 to 64/]
])('%s is a complaint with line and column', (_what, text, complaint) => {
  expect(complaintsOf(text)).toMatch(complaint)
})

it('cut anywhere the shipped file is a complaint, and never a crash', () => {
  for (let i = 0; i < shipped.length - 2; i += 97) expect(complaintsOf(shipped.slice(0, i))).toMatch(/^labels\.json:\d+:\d+ /)
  expect(complaintsOf(shipped)).toBe('')
})

it('a file of the bench goes before the shipped one; with a mistake in it the shipped one stays', () => {
  const disk = (text: string) => ({ read: (path: string) => path === 'labels.json' ? new TextEncoder().encode(text) : null })
  const own = openLabelFormats(disk('{ "formats": [ { "id": "acme", "source": "x", "starts": ["A*"], "reads": "pairs", "fields": { "serial": ["ID"] }, "keeps": "fields" }, { "id": "wifi", "source": "x", "starts": ["WIFI:"], "reads": "pairs", "fields": { "serial": ["S"] }, "keeps": "fields" } ] }'))
  expect(own.fault).toBeNull()
  expect(parseScan('A*ID:77-A;KEY:secret', own.formats)).toMatchObject({ code: '77-A', aliases: [{ kind: 'tag', value: '77-A' }, { kind: 'serial', value: '77-A' }] })
  expect(parseScan('WIFI:S:NET-5;;', own.formats)).toMatchObject({ code: 'NET-5' })
  expect(parseScan('SN:X1', own.formats)).toMatchObject({ aliases: [{ kind: 'tag' }, { kind: 'serial', value: 'X1' }] })
  const torn = openLabelFormats(disk('{ "formats": 7 }'))
  expect(torn.fault).toMatchObject({ code: 'label.bad-formats', context: { complaints: expect.stringMatching(/^labels\.json:1:14 /) } })
  expect(parseScan('SN:X1', torn.formats).kind).toBe('unit')
})
