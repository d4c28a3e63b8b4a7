/**
 * Codes in pictures of the phone. A picture is a secret as much as the code in it: it is read once, in a thread of its own
 * where there is one, and nothing of it is kept, written down or put into a fault.
 */
import { Fault } from '../domain/fault.ts'
import type { Reader } from '../ports.ts'

/** The question as it goes to the thread (src/main/reader.ts). `picture`: the file in base64. */
export interface PictureQuestion { readonly kind: 'picture'; readonly picture: string }

export class Pictures {
  readonly #thread: Pick<Reader, 'ask'> | null
  readonly #decoder: () => Uint8Array | null

  /** `decoder`: the WebAssembly of the reader of codes; null: it is missing, and no picture can be read. */
  constructor(thread: Pick<Reader, 'ask'> | null, decoder: () => Uint8Array | null) {
    this.#thread = thread
    this.#decoder = decoder
  }

  /** The text of the one code in the picture. Faults: `picture.unreadable`, `picture.too-large`, `picture.no-code`, `picture.many-codes`. */
  async read(picture: string, signal: AbortSignal): Promise<string> {
    const [text, ...others] = new Set(await this.#ask(picture, signal))
    if (text === undefined) throw new Fault('picture.no-code')
    if (others.length > 0) throw new Fault('picture.many-codes', { codes: others.length + 1 })
    return text
  }

  async #ask(picture: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted()
    if (this.#thread !== null) return await this.#thread.ask('', { kind: 'picture', picture } satisfies PictureQuestion, signal) as readonly string[] // the thread answers with what readCodes gives
    const { readCodes } = await import('./picture-codes.ts')
    return await readCodes(picture, this.#decoder())
  }
}
