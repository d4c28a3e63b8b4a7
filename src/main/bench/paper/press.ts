/**
 * Where papers are laid out. A page takes a core for tens of milliseconds, which the bench has not to give: where there is a
 * thread for it, it is done there; in training and in tests it is done here.
 */
import type { Instant } from '#shared'
import type { Reader } from '../../ports.ts'
import type { LabelContent, LabelSize } from '../../wire/label-face.ts'
import type { CardsDraft } from './cards-sheet.ts'
import type { ListDraft } from './list-sheet.ts'

export type PaperDraft =
  | { readonly kind: 'certificate'; readonly text: string }
  | { readonly kind: 'label'; readonly content: LabelContent; readonly size: LabelSize; readonly at: Instant }
  | ({ readonly kind: 'cards' } & CardsDraft)
  | ({ readonly kind: 'list' } & ListDraft)

/** The question as it goes to the thread (src/main/reader.ts). */
export interface PaperQuestion { readonly kind: 'paper'; readonly draft: PaperDraft }

/** In resources/; its source and licence lie beside it. */
export const FONT_PATH = 'fonts/NotoSansSC-gb2312.otf'

export class Press {
  readonly #thread: Pick<Reader, 'ask'> | null
  readonly #font: () => Uint8Array | null

  constructor(thread: Pick<Reader, 'ask'> | null, font: () => Uint8Array | null) {
    this.#thread = thread
    this.#font = font
  }

  async print(draft: PaperDraft, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    if (this.#thread !== null) return await this.#thread.ask('', { kind: 'paper', draft } satisfies PaperQuestion, signal) as Uint8Array // the thread answers with what printPaper gives
    const { printPaper } = await import('./print.ts')
    return await printPaper(draft, this.#font())
  }
}
