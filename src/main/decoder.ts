/** The WebAssembly that reads codes in pictures, from its package; null: the package is not there. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export function readDecoder(): Uint8Array | null {
  try {
    return readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  } catch {
    return null
  }
}
