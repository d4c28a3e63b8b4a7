/** Cards to be cut out and laminated: ten on a page, each with its code, a picture and the words in English and Chinese. */
import type { Instant, Mode } from '#shared'
import type { Card } from './card-words.ts'
import { A4, Sheet } from './sheet.ts'

export interface CardsDraft { readonly cards: readonly Card[]; readonly mode: Mode; readonly at: Instant }

const COLUMNS = 2
const ROWS = 5
const CARD = { width: 92, height: 54 } as const
const [LEFT, TOP] = [(A4.widthMm - COLUMNS * CARD.width) / 2, (A4.heightMm - ROWS * CARD.height) / 2]
/** Four modules of white round a code of at least 21. */
const [QR_MM, QUIET_MM] = [30, 6]

export async function cardsSheet({ cards, mode, at }: CardsDraft, font: Uint8Array): Promise<Uint8Array> {
  const sheet = new Sheet(font, { ...A4, title: 'Cards', at })
  cards.forEach((card, i) => {
    const place = i % (COLUMNS * ROWS)
    if (place === 0 && i > 0) sheet.page()
    draw(sheet, card, LEFT + (place % COLUMNS) * CARD.width, TOP + Math.floor(place / COLUMNS) * CARD.height, mode)
  })
  return await sheet.end()
}

function draw(sheet: Sheet, { code, words, picture, key }: Card, x: number, y: number, mode: Mode): void {
  sheet.box(x, y, CARD.width, CARD.height, { stroke: '#999999', line: 0.15 })
  sheet.qr(code, x + QUIET_MM, y + 10, QR_MM)
  const right = x + QR_MM + 2 * QUIET_MM
  const width = CARD.width - QR_MM - 2 * QUIET_MM - 3
  if (picture.fill !== undefined) sheet.path(picture.path, right, y + 5, 15, { fill: picture.fill })
  sheet.path(picture.path, right, y + 5, 15, { stroke: '#111111', line: 1.6 })
  if (key !== null) {
    sheet.box(right + width - 12, y + 8, 12, 8, { stroke: '#111111', line: 0.3, round: 1.2 })
    sheet.text(key, right + width - 12, y + 9.2, { size: 12, width: 12, align: 'center' })
  }
  const below = sheet.text(words.en, right, y + 22, { size: 12, width, lines: 2, isBold: true })
  sheet.text(words.zh, right, below + 1, { size: 12, width, lines: 2 })
  sheet.text(code, x + QUIET_MM, y + 44, { size: 8, width: CARD.width - 2 * QUIET_MM, colour: '#555555' })
  if (mode === 'training') sheet.text('TRAINING 培训', x + QUIET_MM, y + 2.5, { size: 8, width: QR_MM, colour: '#b00020', isBold: true })
}
