/**
 * What stands where on a label, in millimetres, the same for the printer and for the PDF. Label printers carry Latin letters
 * and nothing else for sure, so a label is English, digits, one QR code and a shape: circle and tick, or square and bars.
 * What the printer could not print is a visible `?`.
 */
import type { LabelKind } from '#shared'

export interface LabelContent {
  readonly kind: LabelKind
  /** Line by line, most important first; the first is the verdict. */
  readonly verdict: string
  readonly lines: readonly string[]
  /** What the scanner reads: `LB:…`; null on a sample. */
  readonly code: string | null
  /** Across the top, white on black: TRAINING, SAMPLE. */
  readonly band: string | null
}
export interface LabelSize { readonly widthMm: number; readonly heightMm: number; readonly dpi: number }

/** `x`, `y`: upper left corner. `height` of a text: of its capitals and what hangs below. */
export type Mark =
  | { readonly kind: 'text'; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly text: string; readonly isWhite?: boolean }
  | { readonly kind: 'qr'; readonly x: number; readonly y: number; readonly size: number; /** Printer dots a module. */ readonly dots: number; readonly text: string }
  | { readonly kind: 'ring'; readonly x: number; readonly y: number; readonly size: number; readonly line: number }
  | { readonly kind: 'box'; readonly x: number; readonly y: number; readonly width: number; readonly height: number; /** As thick as half its side: filled. */ readonly line: number }
  | { readonly kind: 'slash'; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly line: number; readonly leans: 'right' | 'left' }

const MARGIN_MM = 2
/** Modules of a version 1 symbol, which holds `LB:` and ten letters at level M. */
const QR_MODULES = 21
const MODULE_MM = 0.5
/** Widest usual letter of the printers' own font, in parts of its height. */
const LETTER_WIDTH = 0.58
const LINES_MAX = 8
/** Of reason and action: seven points. */
const LINE_MM = 2.3

export const dotsPerMm = (dpi: number): number => dpi / 25.4

export function layLabel(content: LabelContent, { widthMm, heightMm, dpi }: LabelSize): readonly Mark[] {
  const marks: Mark[] = []
  const dots = Math.max(2, Math.round(MODULE_MM * dotsPerMm(dpi)))
  const qr = QR_MODULES * dots / dotsPerMm(dpi)
  const inner = widthMm - 2 * MARGIN_MM
  let y = MARGIN_MM
  if (content.band !== null) {
    marks.push({ kind: 'box', x: MARGIN_MM, y, width: inner, height: 4, line: 2 }, { kind: 'text', x: MARGIN_MM + 1, y: y + 0.5, width: inner - 2, height: 3, text: fitted(content.band, inner - 2, 3), isWhite: true })
    y += 5
  }
  marks.push(...shapeOf(content.kind, MARGIN_MM, y, 6), ...linesOf([content.verdict], { x: MARGIN_MM + 7.5, y: y + 1, width: inner - 7.5, height: 4, bottom: y + 5.5 }))
  y += 7
  const bottom = heightMm - MARGIN_MM
  if (content.code === null) return [...marks, ...linesOf(content.lines, { x: MARGIN_MM, y, width: inner, height: LINE_MM, bottom })]
  const beside = { from: bottom - qr - 0.5, width: inner - qr - 1.5 }
  marks.push({ kind: 'qr', x: widthMm - MARGIN_MM - qr, y: bottom - qr, size: qr, dots, text: content.code }, ...linesOf([content.code], { x: MARGIN_MM, y: bottom - 2.4, width: beside.width, height: 2.1, bottom }))
  return [...marks, ...linesOf(content.lines, { x: MARGIN_MM, y, width: inner, height: LINE_MM, bottom: bottom - 2.5, beside })]
}

interface LinePlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly bottom: number
  /** Lines that reach below `from` are only so wide: the code stands beside them. */
  readonly beside?: { readonly from: number; readonly width: number }
}

/** As many whole lines as there is room for; a long one is broken between words, the last one cut with dots. */
function linesOf(texts: readonly string[], { x, y, width, height, bottom, beside }: LinePlace): Mark[] {
  const step = height * 1.15
  const room = Math.min(LINES_MAX, Math.max(0, Math.floor((bottom - y + 0.2) / step)))
  const widthOf = (line: number): number => beside && y + (line + 1) * step > beside.from ? beside.width : width
  const lettersOf = (line: number): number => Math.max(4, Math.floor(widthOf(line) / (LETTER_WIDTH * height)))
  const lines: string[] = []
  for (const text of texts) lines.push(...wrapped(printable(text), i => lettersOf(lines.length + i)))
  return lines.slice(0, room).map((text, i) => ({ kind: 'text', x, y: y + i * step, width: widthOf(i), height, text: i === room - 1 && lines.length > room ? cut(`${text}...`, lettersOf(i)) : text }))
}

const fitted = (text: string, width: number, height: number): string => cut(printable(text), Math.floor(width / (LETTER_WIDTH * height)))
const cut = (text: string, letters: number): string => text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 3))}...`

/** `lettersOf`: how many letters the n-th of these lines holds. */
function wrapped(text: string, lettersOf: (line: number) => number): string[] {
  const lines: string[] = []
  for (const word of cut(text, lettersOf(0) * LINES_MAX).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= lettersOf(lines.length - 1)) lines[lines.length - 1] = `${last} ${word}`
    else for (let rest = word; rest !== '';) {
      const line = rest.slice(0, lettersOf(lines.length))
      lines.push(line)
      rest = rest.slice(line.length)
    }
  }
  return lines
}

/** Latin letters as printers carry them; anything else, and half of anything, is a visible question mark. */
export function printable(text: string): string {
  return Array.from(text.slice(0, 1000).normalize('NFC'), c => /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f]$/.test(c) ? c : '?').join('').trim()
}

function shapeOf(kind: LabelKind, x: number, y: number, size: number): Mark[] {
  const line = size / 10
  if (kind === 'release') {
    return [
      { kind: 'ring', x, y, size, line }, { kind: 'slash', x: x + size * 0.22, y: y + size * 0.5, width: size * 0.2, height: size * 0.2, line: line * 1.3, leans: 'left' },
      { kind: 'slash', x: x + size * 0.4, y: y + size * 0.3, width: size * 0.4, height: size * 0.4, line: line * 1.3, leans: 'right' }
    ]
  }
  const bar = (at: number): Mark => ({ kind: 'box', x: x + size * at, y: y + size * 0.25, width: size * 0.16, height: size * 0.5, line: size * 0.08 })
  return [{ kind: 'box', x, y, width: size, height: size, line }, bar(0.26), bar(0.58)]
}
