/** Certificates as PDF, checked by the program and by the page, two codes written apart: valid, altered, unknown key, unsigned. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { attachmentsOf, certificatesIn, PDF_BYTES_MAX } from '../../src/main/bench/paper/attachment.ts'
import { printPaper } from '../../src/main/bench/paper/print.ts'
import { readFont } from '../../src/main/font.ts'
import { answerRecordWords } from '../../src/main/record-verbs.ts'
import { KEY, signed } from '../helpers/certificates.ts'
import { makeFolder } from '../helpers/ledger.ts'

const pdfOf = (text: string): Promise<Uint8Array> => printPaper({ kind: 'certificate', text }, readFont())

/** What the page says of a file. */
const context = createContext({ crypto, TextEncoder, TextDecoder, atob, btoa, Uint8Array, Blob, DecompressionStream })
runInContext(/<script>([\s\S]*)<\/script>/.exec(readFileSync(new URL('../../resources/verify.html', import.meta.url), 'utf8'))?.[1] ?? '', context)
const { textOf, assess } = context as unknown as { textOf: (b: Uint8Array) => Promise<string | null>; assess: (t: string, k: { key: string; until: number }[]) => Promise<{ state: string }> } // what the page defines
async function byPage(bytes: Uint8Array, keys: readonly string[]): Promise<string> {
  const text = await textOf(bytes)
  return text === null ? 'altered' : (await assess(text, keys.map(key => ({ key, until: Infinity })))).state
}

/** What the command says of it. */
async function byProgram(bytes: Uint8Array, keys: readonly string[]): Promise<{ readonly state: string; readonly out: string; readonly code: number }> {
  using folder = makeFolder()
  const path = join(folder.path, 'certificate.pdf')
  writeFileSync(path, bytes)
  let out = ''
  using said = vi.spyOn(process.stdout, 'write').mockImplementation(text => (out += String(text)) !== '')
  const code = await answerRecordWords(['verify', path, '--data', folder.path, ...keys.flatMap(key => ['--key', key])], 'USAGE')
  expect(said).toBeDefined()
  return { state: /: (valid|altered|unknown key|unsigned)\n/.exec(out)?.[1] ?? out, out, code }
}
async function states(bytes: Uint8Array, keys: readonly string[] = [KEY.publicHex]): Promise<[string, string]> {
  return [(await byProgram(bytes, keys)).state, await byPage(bytes, keys)]
}

/** The attached stream of our own PDF taken out and another put in. */
function swapped(pdf: Uint8Array, change: (text: string) => string): Uint8Array {
  const latin = Buffer.from(pdf).toString('latin1')
  const at = latin.indexOf('/EmbeddedFile')
  const start = latin.indexOf('stream\n', at) + 'stream\n'.length
  const end = latin.indexOf('\nendstream', start)
  const text = inflateSync(Buffer.from(latin.slice(start, end), 'latin1')).toString('utf8')
  const put = deflateSync(Buffer.from(change(text)))
  const head = latin.slice(latin.lastIndexOf(' obj', at), start).replace(/\/Length \d+/, `/Length ${put.length}`)
  return Buffer.concat([Buffer.from(latin.slice(0, latin.lastIndexOf(' obj', at)), 'latin1'), Buffer.from(head, 'latin1'), put, Buffer.from(latin.slice(end), 'latin1')])
}

describe('a certificate as PDF', () => {
  it('is valid, altered, of an unknown key, or unsigned, for the program and for the page alike', async () => {
    const pdf = await pdfOf(signed())
    expect(await states(pdf)).toEqual(['valid', 'valid'])
    expect(await states(pdf, [])).toEqual(['unknown key', 'unknown key'])
    expect(await states(swapped(pdf, text => text.replace('RB-0001', 'RB-0002')))).toEqual(['altered', 'altered'])
    expect(await states(swapped(pdf, () => '{"kind":"other"}'))).toEqual(['unsigned', 'unsigned'])
    const { signature: _gone, ...bare } = JSON.parse(signed()) as { signature: string } // our own
    expect(await states(swapped(pdf, () => JSON.stringify(bare)))).toEqual(['unsigned', 'unsigned'])
    for (const odd of ['%PDF-1.4\n', '%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile >>\nstream\n', `%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\nnot deflated\nendstream\nendobj`]) expect(await states(new TextEncoder().encode(odd)), odd).toEqual(['unsigned', 'unsigned'])
  })

  it('with a second certificate put beside the first is not valid: nobody knows which is meant', async () => {
    const [one, two] = [await pdfOf(signed()), Buffer.from(swapped(await pdfOf(signed({ id: '0190a1b2-c3d4-7abc-8def-0123456789ac' })), text => text))]
    const from = two.indexOf('/EmbeddedFile')
    const object = two.subarray(two.lastIndexOf(' obj', from) - 4, two.indexOf('endobj', from) + 6)
    expect(await states(Buffer.concat([one, Buffer.from('\n'), object, Buffer.from('\n')]))).toEqual(['altered', 'altered'])
  })

  it('whose page was painted over stays what was signed, and that is told, not the page', async () => {
    const pdf = await pdfOf(signed({ operator: '\u001b[31mred' }))
    const { out, code } = await byProgram(Buffer.concat([pdf, Buffer.from('\n% painted over\n')]), [KEY.publicHex])
    expect([code, out]).toEqual([0, expect.stringMatching(/valid\nThe page was not looked at; this is what was signed:\n {2}certificate 0190a1b2[\s\S]*tag RB-0001[\s\S]*grade A/)])
    expect(out).not.toContain('\u001b')
  })

  it('is found without a filter too, and as other tools end their lines', () => {
    const text = signed()
    for (const [head, tail] of [['stream\n', '\nendstream'], ['stream\r\n', '\r\nendstream'], ['stream\n', 'endstream']] as const) {
      const pdf = new TextEncoder().encode(`%PDF-1.7\n9 0 obj\n<<\n/Length ${text.length}\n/Type /EmbeddedFile\n>>\n${head}${text}${tail}\nendobj\n`)
      expect(certificatesIn(pdf)).toEqual([text])
    }
  })

  it('that is a bomb, or huge, or holds a thousand files, costs little', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024))
    const object = (body: Uint8Array): Buffer => Buffer.concat([Buffer.from('9 0 obj << /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\n'), body, Buffer.from('\nendstream endobj\n')])
    expect(attachmentsOf(Buffer.concat([Buffer.from('%PDF-1.7\n'), object(bomb)]))).toEqual([])
    expect(attachmentsOf(new Uint8Array(PDF_BYTES_MAX + 1))).toEqual([])
    expect(attachmentsOf(Buffer.concat(Array.from({ length: 1000 }, () => object(deflateSync(Buffer.from('{}'))))))).toHaveLength(16)
  })

  it('of which any one bit of the attachment was changed is never valid: 200 of them', async () => {
    const pdf = Buffer.from(await pdfOf(signed()))
    const start = pdf.indexOf('stream\n', pdf.indexOf('/EmbeddedFile')) + 7
    const length = pdf.indexOf('\nendstream', start) - start
    const accepted: number[] = []
    for (let n = 0; n < 200; n += 1) {
      const bit = (n * 7919) % (length * 8)
      const changed = Buffer.from(pdf)
      changed[start + (bit >> 3)] = (changed[start + (bit >> 3)] ?? 0) ^ (1 << (bit & 7))
      const text = certificatesIn(changed)[0]
      if (text === signed() || await byPage(changed, [KEY.publicHex]) === 'valid') accepted.push(bit)
    }
    // The last bits of a deflate stream may be padding and its check sum may be looked at last: what came out is then what was signed.
    expect(accepted.filter(bit => bit < (length - 8) * 8)).toEqual([])
  })
})
