/** Papers as programs nobody here wrote see them: poppler reads text, pages and attachments, zbar the codes. */
import { describe, expect, it } from 'vitest'
import type { Deck } from '#shared'
import { cardsOf, type Card } from '../../src/main/bench/paper/card-words.ts'
import { Press, type PaperDraft } from '../../src/main/bench/paper/press.ts'
import { printPaper } from '../../src/main/bench/paper/print.ts'
import { readFont } from '../../src/main/font.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import { leafHash } from '../../src/main/wire/chain.ts'
import { parseScan } from '../../src/main/wire/label.ts'
import { signed } from '../helpers/certificates.ts'
import { FORMATS } from '../helpers/labels.ts'
import { faultOf } from '../helpers/ledger.ts'
import { MISSING, Pdf, type Area } from '../helpers/poppler.ts'

const AT = Date.UTC(2026, 10, 24, 9, 41, 7)
const printed = async (draft: PaperDraft): Promise<Pdf> => new Pdf(await printPaper(draft, readFont()))
const QR_AREA: Area = { x: 150, y: 12, width: 48, height: 44 }
/** Everything somebody might call himself. */
const HOSTILE = ['<img src=x onerror=alert(1)>', '=cmd|calc!A0', '\u202Eabc\u2066def', 'x'.repeat(10_000), '😀'.repeat(500), 'مرحبا بالعالم', '\u0000\u0007\u001b[31m', '解'.repeat(3000), '(\\) %PDF-1.4 endstream endobj', '\ud83d half', 'กขฃ\u0e33', ' '.repeat(400), '']

// A missing peer is a failure in CI and a named skip elsewhere.
it.runIf(process.env['CI'])('the peers of these tests are installed', () => expect(MISSING).toEqual([]))

describe.skipIf(MISSING.length > 0 && process.env['CI'] === undefined)(`papers${MISSING.length > 0 ? ` (skipped: ${MISSING.join(', ')} missing)` : ''}`, () => {
  it('a certificate is one page in English and Chinese, with the signed JSON attached byte for byte and its code on it', async () => {
    const text = signed()
    using pdf = await printed({ kind: 'certificate', text })
    expect([pdf.pages, pdf.attached('certificate.json')]).toEqual([1, text])
    const page = pdf.text
    for (const said of ['Release certificate', '解绑证书', 'Released, grade A', '已解绑，等级 A', 'recorded by the vendor cloud and seen on the network', 'RB-0001', 'Chen Li 陈丽', 'that data was erased', '解绑不等于清除数据', 'fact 4711', 'unbindery verify FILE', 'ed25519']) expect(page).toContain(said)
    expect(page).not.toContain('TRAINING')
    const [code] = pdf.codes(1, [QR_AREA])
    const hash = Buffer.from(leafHash(new TextEncoder().encode(text))).toString('hex').slice(0, 32)
    expect(code).toBe(`RC:0190A1B2-C3D4-7ABC-8DEF-0123456789AB:${hash.toUpperCase()}`)
    expect(parseScan(code ?? '', FORMATS)).toEqual({ kind: 'certificate', id: '0190a1b2-c3d4-7abc-8def-0123456789ab', hash })
    expect(pdf.fonts).toMatch(/NotoSansCJKsc-Regular\s+CID Type 0C\s+Identity-H\s+yes yes yes/) // embedded, and its text can be read out
  })

  it('of a training bench says so across the page and above it', async () => {
    using pdf = await printed({ kind: 'certificate', text: signed({ mode: 'training', notice: 'TRAINING: this unit does not exist' }) })
    expect([pdf.written, pdf.pages]).toEqual([expect.stringMatching(/TRAINING:thisunitdoesnotexist.*TRAINING培训/), 1])
  })

  it('stays one readable page whatever a unit or an operator calls itself', async () => {
    for (const name of HOSTILE) {
      const value = name.toWellFormed()
      const text = signed({ operator: value, unit: { uid: 'u1', names: Array.from({ length: 32 }, () => ({ kind: 'tag', value })), product: value, productName: value }, evidence: Array.from({ length: 64 }, () => ({ kind: 'cloud-released', at: '2026-11-24T09:41:07.000Z', tid: value })) })
      using pdf = await printed({ kind: 'certificate', text })
      expect([pdf.pages, pdf.attached('certificate.json') === text], name.slice(0, 20)).toEqual([1, true])
      const page = pdf.text
      expect(page).toContain('unbindery verify FILE') // nothing was pushed off the page
      expect(page.replaceAll(/[\n\f]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      if (name.length > 1000) expect(page).toContain('…')
      expect(pdf.codes(1, [QR_AREA])[0]).toMatch(/^RC:/)
    }
  }, 60_000)

  const GRID = Array.from({ length: 10 }, (_, i): Area => ({ x: 13 + (i % 2) * 92, y: 13.5 + Math.floor(i / 2) * 54, width: 44, height: 50 }))
  it.each<[Deck, readonly string[]]>([['commands', []], ['lights', []], ['reasons', []], ['ports', []], ['exercises', []], ['badges', ['1001', '王 芳', 'a'.repeat(60)]], ['totes', ['T-004']]])('every card of the deck %s reads as exactly its text, and the station understands it', async (deck, names) => {
    const cards = cardsOf(deck, names)
    using pdf = await printed({ kind: 'cards', cards, mode: 'live', at: AT })
    expect(pdf.pages).toBe(Math.ceil(cards.length / 10))
    const read = Array.from({ length: pdf.pages }, (_, i) => pdf.codes(i + 1, GRID)).flat()
    expect(read.slice(0, cards.length)).toEqual(cards.map(c => c.code))
    expect(read.slice(cards.length).every(code => code === null)).toBe(true)
    const kinds = { commands: 'command', lights: 'command', reasons: 'reason', ports: 'lane', exercises: 'exercise', badges: 'operator', totes: 'tote' } as const
    expect(new Set(cards.map(c => parseScan(c.code, FORMATS).kind))).toEqual(new Set([kinds[deck]]))
    const page = pdf.written
    for (const { words } of deck === 'badges' ? [] : cards) for (const said of [words.en, words.zh]) expect(page).toContain(said.replaceAll(/\s+/g, ''))
  }, 30_000)

  it('the decks hold the cards of every key, every refusal a phone shows, and every lane', () => {
    const codes = (deck: Deck): string[] => cardsOf(deck, []).map((c: Card) => c.code)
    expect(new Set(cardsOf('commands', []).flatMap(c => c.key ?? []))).toEqual(new Set(Array.from({ length: 12 }, (_, i) => `F${i + 1}`)))
    expect(codes('reasons')).toEqual(expect.arrayContaining(['RS:NO-PERMISSION', 'RS:EXPIRED', 'RS:OVER-QUOTA-ACCOUNT', 'RS:OVER-QUOTA-PRODUCT']))
    expect([codes('lights').length, codes('ports').length, codes('ports')[47]]).toEqual([5, 48, 'P48'])
  })

  it('a label has its true size, its code and its words', async () => {
    const content = { kind: 'release', verdict: 'RELEASED A', lines: ['RB-0001', 'Gateway G3'], code: 'LB:0123456789', band: 'TRAINING' } as const
    using pdf = await printed({ kind: 'label', content, size: { widthMm: 50, heightMm: 30, dpi: 203 }, at: AT })
    expect(pdf.size.map(points => Math.round(points / 72 * 25.4 * 10) / 10)).toEqual([50, 30])
    expect([pdf.pages, pdf.codes(1, [{ x: 0, y: 0, width: 50, height: 30 }], 300)]).toEqual([1, ['LB:0123456789']])
    expect(pdf.text.replaceAll(/\s+/g, ' ')).toMatch(/TRAINING.*RELEASED A.*RB-0001.*Gateway G3/)
  })

  it('a long list runs on over pages, says what it leaves out, and stops somewhere', async () => {
    const list = (rows: number, more: number): PaperDraft => ({
      kind: 'list', title: { en: 'Pick list', zh: '拣货单' }, at: AT, mode: 'training', about: ['x'.repeat(10_000)], foot: ['read this out'],
      sections: [{ heading: { en: 'Units', zh: '设备' }, columns: [{ words: { en: 'Unit', zh: '设备' }, share: 1 }, { words: { en: 'Why', zh: '原因' }, share: 2 }], rows: Array.from({ length: rows }, (_, i) => [`U${i}`, 'y'.repeat(300)]), more }]
    })
    using short = await printed(list(3, 7))
    expect([short.pages, short.text]).toEqual([1, expect.stringMatching(/U2[\s\S]*and 7 more[\s\S]*read this out/)])
    using long = await printed(list(100, 0))
    expect([long.pages, long.written.match(/TRAINING培训/g)?.length]).toEqual([5, 5])
    using endless = await printed(list(5000, 0))
    expect(endless.pages).toBe(60)
  })

  it('papers come out of the thread byte for byte as they come out here', async () => {
    await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
    const draft = { kind: 'certificate', text: signed() } as const
    const here = await new Press(null, readFont).print(draft, new AbortController().signal)
    expect(Buffer.from(await new Press(thread, () => null).print(draft, new AbortController().signal)).equals(Buffer.from(here))).toBe(true)
  })
})

it('without the font no paper is made', async () => {
  expect(await printPaper({ kind: 'certificate', text: signed() }, null).catch((thrown: unknown) => faultOf(() => { throw thrown }))).toMatchObject({ code: 'program.unexpected' })
})
