/** `unbindery scan` as typed: words out, exit codes, JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { answerWords } from '../../src/main/verbs.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

const SHIPPED = resolve(import.meta.dirname, '../../resources/labels.json')
const NOWHERE = ['--data', '/nowhere/unbindery']

const told = (...words: readonly string[]): Promise<Printed> => printedBy(() => answerWords(words))

it('scan read says what a code means, as text and as JSON, and what is wrong with one that means nothing', async () => {
  expect(await told('scan', 'read', '(01)09520123456788(21)12345', ...NOWHERE)).toEqual({ code: 0, out: 'kind      unit\nnames     tag=(01)09520123456788(21)12345\nproduct   -\n', err: '' })
  expect(JSON.parse((await told('scan', 'read', ']C1010952012345678810LOT{GS}21A', '--json', ...NOWHERE)).out)).toEqual({ kind: 'unit', names: ['tag=(01)09520123456788(21)A'], product: null })
  expect((await told('scan', 'read', 'P07', ...NOWHERE)).out).toBe('kind      lane\nlane      7\n')
  const phone = await told('scan', 'read', '{"p":"bench-2026!","s":"BENCH","t":"EUAbCd1234Ef56"}', ...NOWHERE)
  expect(phone).toEqual({ code: 0, out: 'kind      relay\n', err: '' })
  const wifi = await told('scan', 'read', 'WIFI:S:mynetwork;P:mypass;;', ...NOWHERE)
  expect([wifi.code, wifi.out, wifi.err.includes('mypass')]).toEqual([1, '', false])
  expect(wifi.err).toContain('serial number or the MAC')
})

it('a new vendor`s label is tried before anybody scans it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ub-scan-'))
  const file = join(data, 'labels.json')
  try {
    writeFileSync(file, '{ "formats": [\n{ "id": "acme", "source": "type plate", "starts": ["A*"], "reads": "pairs", "fields": { "serial": ["ID"] }, "keeps": "fields" } ] }')
    expect(await told('scan', 'check', file, SHIPPED)).toMatchObject({ code: 0, err: '' })
    expect((await told('scan', 'read', 'A*ID:77-A;PIN:4711', '--data', data)).out).toContain('tag=77-A  serial=77-A')
    writeFileSync(file, '{ "formats": [\n{ "id": "acme", "source": "type plate", "reads": "ocr" } ] }')
    const { code, out, err } = await told('scan', 'check', file)
    expect([code, out]).toEqual([1, ''])
    expect(err.split('\n')[0]).toMatch(/labels\.json:2:1 formats\[0\]\.keeps is missing$/)
    const read = await told('scan', 'read', 'SN:X1', '--data', data)
    expect([read.code, read.out.includes('serial=X1'), /labels\.json:2:/.test(read.err)]).toEqual([1, true, true]) // the shipped formats stay
  } finally {
    rmSync(data, { recursive: true })
  }
})

it('words it does not know end with 2, a file that is not there with 1', async () => {
  expect((await told('scan')).code).toBe(2)
  expect((await told('scan', 'write', 'x')).code).toBe(2)
  expect((await told('scan', 'read', 'x', '--nonsense')).code).toBe(2)
  expect((await told('scan', 'check', '/nowhere/labels.json')).err).toContain('cannot be read')
  expect((await told('scan', '--help')).code).toBe(0)
})
