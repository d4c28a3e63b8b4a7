/** Labels as ZPL bytes. Source of the commands and of the `~HS` answer: ZPL II Programming Guide of Zebra. */
import { describe, expect, it } from 'vitest'
import { layLabel, printable, type LabelContent } from '../../src/main/wire/label-face.ts'
import { encodeZpl, escapeField, parseHostStatus, type ZplOptions } from '../../src/main/wire/zpl.ts'

const RELEASE: LabelContent = { kind: 'release', verdict: 'RELEASED A', lines: ['RB-0001', 'Gateway G3', '2026-11-24 R1 1001'], code: 'LB:0123456789', band: null }
const ASIDE: LabelContent = { kind: 'aside', verdict: 'NOT RELEASED', lines: ['RB-0001', 'No permission for this product', 'Lead: ask the product owner for authorisation of this account.', 'Gateway G3'], code: 'LB:0123456789', band: null }
const SIZE: ZplOptions = { widthMm: 50, heightMm: 30, dpi: 203, turn: '0', copies: 1 }
const zpl = (content: LabelContent, change: Partial<ZplOptions> = {}): string => {
  const options = { ...SIZE, ...change }
  return new TextDecoder().decode(encodeZpl(layLabel(content, options), options))
}
const texts = (content: LabelContent, change: Partial<ZplOptions> = {}): string[] => [...zpl(content, change).matchAll(/\^A0[NR].*?\^FD(.*?)\^FS/g)].map(m => m[1] ?? '')

describe('golden bytes', () => {
  it('of a release label, 50 x 30 mm at 203 dpi', () => {
    expect(zpl(RELEASE)).toBe(`^XA
^CI28
^LH0,0
^PW400
^LL240
^PON
^FO16,16^GC48,5,B^FS
^FO27,40^GD10,10,6,B,L^FS
^FO35,30^GD19,19,6,B,R^FS
^FO76,24^A0N,32,32^FH^FDRELEASED A^FS
^FO300,140^BQN,2,4^FH^FDMA,LB:0123456789^FS
^FO16,205^A0N,17,17^FH^FDLB:0123456789^FS
^FO16,72^A0N,18,18^FH^FDRB-0001^FS
^FO16,93^A0N,18,18^FH^FDGateway G3^FS
^FO16,114^A0N,18,18^FH^FD2026-11-24 R1 1001^FS
^PQ1
^XZ
`)
  })

  it('of the same label a quarter turned, at 300 dpi, twice', () => {
    expect(zpl(RELEASE, { dpi: 300, turn: '90', copies: 2 }).split('\n')).toEqual([
      '^XA', '^CI28', '^LH0,0', '^PW354', '^LL591', '^PON', '^FO260,24^GC71,7,B^FS', '^FO281,39^GD14,14,9,B,R^FS', '^FO281,52^GD28,28,9,B,L^FS', '^FO272,112^A0R,47,47^FH^FDRELEASED A^FS',
      '^FO24,441^BQN,2,6^FH^FDMA,LB:0123456789^FS', '^FO27,24^A0R,25,25^FH^FDLB:0123456789^FS', '^FO221,24^A0R,27,27^FH^FDRB-0001^FS', '^FO190,24^A0R,27,27^FH^FDGateway G3^FS', '^FO158,24^A0R,27,27^FH^FD2026-11-24 R1 1001^FS', '^PQ2', '^XZ', ''
    ])
  })

  it.each([['0', '^PON', '^PW400'], ['180', '^POI', '^PW400'], ['90', '^PON', '^PW240'], ['270', '^POI', '^PW240']] as const)('turned by %s: %s and %s', (turn, way, width) => {
    expect(zpl(RELEASE, { turn }).split('\n')).toEqual(expect.arrayContaining([way, width]))
  })
})

describe('a label', () => {
  it('that is set aside has its reason and its next action whole on the usual size', () => {
    expect(zpl(ASIDE)).toContain('^GB48,48,5,B,0')
    expect(texts(ASIDE).join(' ')).toContain('No permission for this product Lead: ask the product owner for authorisation of this account.')
  })

  it('never lets a text beside the code run into it, and never leaves the label, whatever its size', () => {
    for (const [widthMm, heightMm] of [[40, 25], [50, 30], [110, 150], [40, 60]] as const) {
      for (const dpi of [203, 300]) {
        const marks = layLabel({ ...ASIDE, lines: ['x'.repeat(900), ...ASIDE.lines], band: 'TRAINING' }, { widthMm, heightMm, dpi })
        const qr = marks.find(m => m.kind === 'qr')
        for (const mark of marks) {
          const [width, height] = mark.kind === 'qr' || mark.kind === 'ring' ? [mark.size, mark.size] : [mark.width, mark.height]
          expect([mark.x >= 0, mark.y >= 0, mark.x + width <= widthMm + 0.01, mark.y + height <= heightMm + 0.01], JSON.stringify(mark)).toEqual([true, true, true, true])
          const isBeside = mark.kind === 'text' && qr !== undefined && mark.y + mark.height > qr.y
          if (isBeside) expect(mark.x + mark.width).toBeLessThan(qr.x)
        }
      }
    }
  })

  it.each([
    ['a unit that calls itself a command', '^XZ^XA~JR~HS', '_5EXZ_5EXA_7EJR_7EHS'],
    ['an underscore, which begins an escape', 'a_5Eb', 'a_5F5Eb'],
    ['a backslash, quotes and a percent sign', '\\"%', '_5C_22_25'],
    ['Latin letters, as UTF-8', 'Müller', 'M_C3_BCller']
  ])('keeps %s a text', (_what, text, field) => {
    expect(escapeField(text)).toBe(field)
    const said = zpl({ ...RELEASE, lines: [text] })
    expect(said.match(/\^XA/g)).toHaveLength(1)
    expect(said).not.toContain('~')
  })

  it('shows what the printer has no letter for: Chinese, emoji, direction marks, half a character', () => {
    expect(printable('解绑 A\u202eB😀\ud83d\n')).toBe('?? A?B???')
    expect(zpl({ ...RELEASE, lines: ['x'.repeat(10_000), '\u0000'] }).length).toBeLessThan(2000)
  })
})

describe('the answer to ~HS', () => {
  const ANSWER = '\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n'
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const FINE = { isPaperOut: false, isPaused: false, isHeadOpen: false, isRibbonOut: false, isFull: false, isHot: false, waiting: 0 }

  it('is read once it is whole, cut at any byte', () => {
    expect(parseHostStatus(bytes(ANSWER))).toEqual(FINE)
    const whole = ANSWER.indexOf('\x03', ANSWER.indexOf('\x03') + 1)
    for (let cut = 0; cut <= whole; cut += 1) expect(parseHostStatus(bytes(ANSWER.slice(0, cut))), String(cut)).toBeNull()
  })

  it.each([
    ['paper out', ['030,0,0', '030,1,0'], { isPaperOut: true }], ['paused', ['030,0,0', '030,0,1'], { isPaused: true }], ['buffer full', ['000,0,0,0,000', '000,1,0,0,000'], { isFull: true }], ['head open', ['000,0,0,0,0,2', '000,0,1,0,0,2'], { isHeadOpen: true }],
    ['ribbon out', ['000,0,0,0,0,2', '000,0,0,1,0,2'], { isRibbonOut: true }], ['too hot', ['000,0,0,0\x03', '000,0,0,1\x03'], { isHot: true }], ['labels left', ['00000000', '00000003'], { waiting: 3 }]
  ] as const)('tells %s', (_what, [from, to], seen) => {
    expect(parseHostStatus(bytes(ANSWER.replace(from, to)))).toEqual({ ...FINE, ...seen })
  })

  it('of something that is no printer is no status', () => {
    for (const odd of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n', '\x02\x03\x02\x03', `\x02${'1,'.repeat(2000)}`, '\x02a,b\x03\x02c\x03']) expect(parseHostStatus(bytes(odd))).toBeNull()
  })
})
