/** Lists on paper: headings, a few lines about them, tables that run on over pages. For the pick list and the hand-over sheet. */
import type { Instant, Mode, Words } from '#shared'
import { A4, Sheet } from './sheet.ts'

export interface ListColumn { readonly words: Words; /** Share of the width. */ readonly share: number }
export interface ListSection {
  readonly heading: Words
  readonly columns: readonly ListColumn[]
  readonly rows: readonly (readonly string[])[]
  /** Rows there are beyond those given. */
  readonly more: number
}
export interface ListDraft {
  readonly title: Words
  readonly at: Instant
  readonly mode: Mode
  readonly about: readonly string[]
  readonly sections: readonly ListSection[]
  /** Read out or signed at the end; framed. */
  readonly foot: readonly string[]
}

/** Twice what the longest list of the gate takes. */
const PAGES_MAX = 60
const [LEFT, WIDTH, TOP, BOTTOM] = [15, A4.widthMm - 30, 16, A4.heightMm - 16]
/** The most a row can take: two lines. */
const ROW_MM = 10

export async function listSheet(draft: ListDraft, font: Uint8Array): Promise<Uint8Array> {
  const sheet = new Sheet(font, { ...A4, title: draft.title.en, at: draft.at })
  const page = { number: 1, isFull: false }
  const begin = (): number => {
    if (draft.mode === 'training') sheet.stamp('TRAINING 培训', A4.widthMm, A4.heightMm)
    sheet.text(`${draft.title.en}  ${draft.title.zh}`, LEFT, BOTTOM + 3, { size: 7.5, width: WIDTH - 20, colour: '#777777' })
    sheet.text(String(page.number), LEFT + WIDTH - 20, BOTTOM + 3, { size: 7.5, width: 20, colour: '#777777', align: 'right' })
    return TOP
  }
  /** A place for so many millimetres, on this page or the next. */
  const place = (y: number, height: number): number => {
    if (y + height <= BOTTOM) return y
    if (page.number >= PAGES_MAX) page.isFull = true
    if (page.isFull) return y
    page.number += 1
    sheet.page()
    return begin()
  }
  let y = sheet.text(`${draft.title.en}  ${draft.title.zh}`, LEFT, begin(), { size: 19, width: WIDTH, isBold: true })
  y = sheet.texts(draft.about, LEFT, y + 1, { size: 9.5, width: WIDTH, colour: '#333333' })
  for (const section of draft.sections) {
    y = sheet.text(`${section.heading.en}  ${section.heading.zh}`, LEFT, place(y + 4, 24), { size: 12, width: WIDTH, isBold: true })
    y = row(sheet, section.columns.map(c => `${c.words.en} ${c.words.zh}`), section.columns, y + 0.8, '#666666')
    for (const cells of section.rows) {
      y = place(y, ROW_MM)
      if (page.isFull) break
      y = row(sheet, cells, section.columns, y, '#111111')
    }
    if (section.rows.length === 0) y = sheet.text('none  无', LEFT, y + 0.5, { size: 9, width: WIDTH, colour: '#666666' })
    if (section.more > 0) y = sheet.text(`and ${section.more} more  另有 ${section.more} 项`, LEFT, place(y, ROW_MM) + 0.5, { size: 9, width: WIDTH })
  }
  if (draft.foot.length > 0) {
    const height = draft.foot.length * 6 + 5
    y = place(y + 5, height)
    sheet.box(LEFT, y, WIDTH, height, { stroke: '#111111', line: 0.3, round: 1 })
    sheet.texts(draft.foot, LEFT + 3, y + 2.2, { size: 10, width: WIDTH - 6 })
  }
  return await sheet.end()
}

/** Gives the `y` below the row. */
function row(sheet: Sheet, cells: readonly string[], columns: readonly ListColumn[], y: number, colour: string): number {
  const whole = columns.reduce((n, c) => n + c.share, 0)
  let [x, below] = [LEFT, y]
  columns.forEach(({ share }, i) => {
    const width = WIDTH * share / whole
    below = Math.max(below, sheet.text(cells[i] ?? '', x, y + 0.8, { size: 8.5, width: width - 1.5, lines: 2, colour }) + 0.8)
    x += width
  })
  sheet.line(LEFT, below, LEFT + WIDTH, below, { colour: '#cccccc', line: 0.15 })
  return below
}
