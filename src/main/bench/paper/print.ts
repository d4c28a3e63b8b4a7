/** A paper from plain values to the bytes of its PDF. Only who really lays out pages loads this file, and the PDF library with it. */
import { Fault } from '../../domain/fault.ts'
import { cardsSheet } from './cards-sheet.ts'
import { certificateSheet } from './certificate-sheet.ts'
import { labelSheet } from './label-sheet.ts'
import { listSheet } from './list-sheet.ts'
import { FONT_PATH, type PaperDraft } from './press.ts'

export async function printPaper(draft: PaperDraft, font: Uint8Array | null): Promise<Uint8Array> {
  if (font === null) throw new Fault('program.unexpected', { text: `resources/${FONT_PATH} is missing` })
  switch (draft.kind) {
    case 'certificate': return await certificateSheet(draft.text, font)
    case 'label': return await labelSheet(draft.content, draft.size, font, draft.at)
    case 'cards': return await cardsSheet(draft, font)
    case 'list': return await listSheet(draft, font)
    default: return draft satisfies never
  }
}
