/** The font of all papers, read when one is printed; null: it is missing. Two folders above both `src/main` and `out/main`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FONT_PATH } from './bench/paper/press.ts'

let kept: Uint8Array | null = null

export function readFont(): Uint8Array | null {
  try {
    kept ??= readFileSync(join(import.meta.dirname, '..', '..', 'resources', FONT_PATH))
  } catch {
    return null
  }
  return kept
}
