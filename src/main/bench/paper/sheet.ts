/**
 * One PDF in the making, in millimetres from the upper left corner. Text comes from anywhere: control and direction marks
 * become visible, what is too long is cut with an ellipsis, a letter the font lacks is a crossed box. Never more pages than asked.
 */
import PdfKit from 'pdfkit'
import QRCode from 'qrcode'
import type { Instant } from '#shared'

const POINTS_PER_MM = 72 / 25.4
export const A4 = { widthMm: 210, heightMm: 297 } as const
/** Of one text, before it is measured. */
const TEXT_MAX = 1000
const ELLIPSIS = '…'
const LINE_HEIGHT = 1.4
/** What is not broken: a run of letters; one Chinese character with the stops behind it. */
const WORDS = /[\u2e80-\u9fff\uff00-\uffef][\u3001\u3002\uff0c\uff01\uff1a\uff1b\uff1f\uff09]*|\s+|[^\s\u2e80-\u9fff\uff00-\uffef]+/g

export interface TextStyle {
  /** Points. */
  readonly size: number
  readonly width: number
  /** How many lines it may take; 1 when nothing is said. */
  readonly lines?: number
  readonly colour?: string
  readonly align?: 'left' | 'center' | 'right'
  readonly isBold?: boolean
}

/** What may stand on paper: well formed, short enough to measure, and every invisible character made visible. */
export function shown(text: string): string {
  return text.slice(0, TEXT_MAX).toWellFormed().replaceAll(/[\t\u00a0]/g, ' ').replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

export class Sheet {
  readonly #doc: PDFKit.PDFDocument
  readonly #chunks: Uint8Array[] = []
  readonly #whole = Promise.withResolvers<Uint8Array>()

  constructor(font: Uint8Array, o: { readonly widthMm: number; readonly heightMm: number; readonly title: string; readonly at: Instant }) {
    const made = new Date(o.at)
    this.#doc = new PdfKit({
      size: [o.widthMm * POINTS_PER_MM, o.heightMm * POINTS_PER_MM], margin: 0, autoFirstPage: false, lang: 'en',
      // The package's own fonts are never loaded; the types do not know that null says so.
      font: null as unknown as string,
      info: { Title: o.title, Producer: 'Unbindery', Creator: 'Unbindery', CreationDate: made, ModDate: made }
    })
    this.#doc.on('data', (chunk: Uint8Array) => { this.#chunks.push(chunk) })
    this.#doc.on('end', () => this.#whole.resolve(new Uint8Array(Buffer.concat(this.#chunks))))
    this.#doc.on('error', (thrown: unknown) => this.#whole.reject(thrown))
    this.#doc.registerFont('own', Buffer.from(font.buffer, font.byteOffset, font.byteLength))
    this.page()
  }

  page(): void {
    this.#doc.addPage()
    this.#doc.font('own')
  }

  /** Draws the text with its upper edge at `y`; gives the `y` below it. */
  text(text: string, x: number, y: number, style: TextStyle): number {
    const { size, width, lines = 1, colour = '#111111', align = 'left', isBold = false } = style
    const doc = this.#doc
    doc.fontSize(size)
    const step = size * LINE_HEIGHT
    const wrapped = this.#wrapped(shown(text), width * POINTS_PER_MM, lines)
    wrapped.forEach((line, i) => {
      const spare = width * POINTS_PER_MM - doc.widthOfString(line)
      const left = x * POINTS_PER_MM + (align === 'center' ? spare / 2 : align === 'right' ? spare : 0)
      doc.fillColor(colour).strokeColor(colour).lineWidth(size / 30)
      doc.text(line, left, y * POINTS_PER_MM + i * step + size * 1.05, { lineBreak: false, baseline: 'alphabetic', fill: true, stroke: isBold })
    })
    return y + wrapped.length * step / POINTS_PER_MM
  }

  /** Several texts one below the other; gives the `y` below the last. */
  texts(texts: readonly string[], x: number, y: number, style: TextStyle): number {
    return texts.reduce((at, text) => this.text(text, x, at, style), y)
  }

  /** `size` without the quiet zone, which the caller leaves white: four modules. */
  qr(text: string, x: number, y: number, size: number): void {
    const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
    const step = size * POINTS_PER_MM / modules.size
    for (let row = 0; row < modules.size; row += 1) {
      for (let col = 0; col < modules.size; col += 1) {
        if (modules.get(row, col)) this.#doc.rect(x * POINTS_PER_MM + col * step, y * POINTS_PER_MM + row * step, step, step)
      }
    }
    this.#doc.fill('#000000')
  }

  box(x: number, y: number, width: number, height: number, o: { readonly fill?: string; readonly stroke?: string; readonly line?: number; readonly round?: number }): void {
    const doc = this.#doc
    doc.roundedRect(x * POINTS_PER_MM, y * POINTS_PER_MM, width * POINTS_PER_MM, height * POINTS_PER_MM, (o.round ?? 0) * POINTS_PER_MM).lineWidth((o.line ?? 0.2) * POINTS_PER_MM)
    if (o.fill !== undefined && o.stroke !== undefined) doc.fillAndStroke(o.fill, o.stroke)
    else if (o.fill !== undefined) doc.fill(o.fill)
    else doc.stroke(o.stroke ?? '#111111')
  }

  ring(x: number, y: number, size: number, o: { readonly fill?: string; readonly stroke?: string; readonly line?: number }): void {
    const doc = this.#doc
    const line = (o.line ?? 0.3) * POINTS_PER_MM
    doc.circle((x + size / 2) * POINTS_PER_MM, (y + size / 2) * POINTS_PER_MM, size / 2 * POINTS_PER_MM - line / 2).lineWidth(line)
    if (o.fill !== undefined) doc.fillAndStroke(o.fill, o.stroke ?? o.fill)
    else doc.stroke(o.stroke ?? '#111111')
  }

  /** A path of SVG in a square of 24 units. */
  path(path: string, x: number, y: number, size: number, o: { readonly fill?: string; readonly stroke?: string; readonly line?: number }): void {
    const doc = this.#doc
    doc.save().translate(x * POINTS_PER_MM, y * POINTS_PER_MM).scale(size * POINTS_PER_MM / 24).path(path).lineWidth(o.line ?? 2).lineCap('round').lineJoin('round')
    if (o.fill === undefined) doc.stroke(o.stroke ?? '#111111')
    else doc.fill(o.fill)
    doc.restore()
  }

  line(x1: number, y1: number, x2: number, y2: number, o: { readonly line?: number; readonly colour?: string } = {}): void {
    this.#doc.moveTo(x1 * POINTS_PER_MM, y1 * POINTS_PER_MM).lineTo(x2 * POINTS_PER_MM, y2 * POINTS_PER_MM).lineWidth((o.line ?? 0.2) * POINTS_PER_MM).stroke(o.colour ?? '#111111')
  }

  /** Training: nobody may take this paper for a real one, whatever part of it is copied. */
  stamp(text: string, widthMm: number, heightMm: number): void {
    const doc = this.#doc
    doc.save().opacity(0.16).rotate(-35, { origin: [widthMm / 2 * POINTS_PER_MM, heightMm / 2 * POINTS_PER_MM] })
    this.text(text, 0, heightMm / 2 - widthMm * 0.09, { size: widthMm * 0.33, width: widthMm, colour: '#b00020', align: 'center' })
    doc.restore()
  }

  attach(name: string, bytes: Uint8Array, description: string, at: Instant): void {
    const made = new Date(at)
    this.#doc.file(Buffer.from(bytes), { name, type: 'application/json', description, creationDate: made, modifiedDate: made })
  }

  async end(): Promise<Uint8Array> {
    this.#doc.end()
    return await this.#whole.promise
  }

  /** Lines that fit; broken at spaces and between Chinese characters; the last one is cut where there would be more. */
  #wrapped(text: string, points: number, linesMax: number): string[] {
    const lines: string[] = ['']
    for (const word of text.match(WORDS) ?? []) {
      const line = lines.at(-1) ?? ''
      if (this.#doc.widthOfString(line + word.trimEnd()) <= points) {
        lines[lines.length - 1] = line + word
        continue
      }
      if (lines.length === linesMax) return [...lines.slice(0, -1), this.#cut(line + word, points)]
      let rest = word.trimStart()
      if (line === '') lines.pop()
      while (this.#doc.widthOfString(rest) > points) {
        const taken = this.#taken(rest, points)
        if (lines.length === linesMax - 1) return [...lines, this.#cut(rest, points)]
        lines.push(taken)
        rest = rest.slice(taken.length)
      }
      lines.push(rest)
    }
    return lines.map(line => line.trimEnd())
  }

  #cut(text: string, points: number): string {
    return this.#taken(text, points - this.#doc.widthOfString(ELLIPSIS)).trimEnd() + ELLIPSIS
  }

  /** As many whole characters from the left as fit, at least one. */
  #taken(text: string, points: number): string {
    const letters = Array.from(text)
    let [fits, over] = [1, letters.length + 1]
    while (over - fits > 1) {
      const half = (fits + over) >> 1
      if (this.#doc.widthOfString(letters.slice(0, half).join('')) <= points) fits = half
      else over = half
    }
    return letters.slice(0, fits).join('')
  }
}
