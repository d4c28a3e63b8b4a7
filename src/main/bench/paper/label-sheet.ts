/** A label as a page of its own true size: for a printer that speaks no ZPL, and to look at before printing. */
import { layLabel, type LabelContent, type LabelSize } from '../../wire/label-face.ts'
import { Sheet } from './sheet.ts'

export async function labelSheet(content: LabelContent, size: LabelSize, font: Uint8Array, at: number): Promise<Uint8Array> {
  const { widthMm, heightMm } = size
  const sheet = new Sheet(font, { widthMm, heightMm, title: content.code ?? 'Sample label', at })
  for (const mark of layLabel(content, size)) {
    const { x, y } = mark
    switch (mark.kind) {
      // 0.72 mm of capital and descender to the millimetre of type; points from there.
      case 'text': sheet.text(mark.text, x, y, { size: mark.height * 2.2, width: mark.width, colour: mark.isWhite === true ? '#ffffff' : '#000000' }); break
      case 'qr': sheet.qr(mark.text, x, y, mark.size); break
      case 'ring': sheet.ring(x, y, mark.size, { stroke: '#000000', line: mark.line }); break
      case 'slash': {
        const [from, to] = mark.leans === 'right' ? [y + mark.height, y] : [y, y + mark.height]
        sheet.line(x, from, x + mark.width, to, { line: mark.line, colour: '#000000' })
        break
      }
      case 'box': {
        const isFilled = 2 * mark.line >= Math.min(mark.width, mark.height)
        if (isFilled) sheet.box(x, y, mark.width, mark.height, { fill: '#000000' })
        else sheet.box(x + mark.line / 2, y + mark.line / 2, mark.width - mark.line, mark.height - mark.line, { stroke: '#000000', line: mark.line })
        break
      }
      default: mark satisfies never
    }
  }
  return await sheet.end()
}
