/** ZXing as a second decoder, where the benches' own packages are installed (`npm ci` in bench/peers); null where they are not. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const DIST = resolve(import.meta.dirname, '../../bench/peers/node_modules/zxing-wasm/dist')

interface Reader {
  prepareZXingModule(o: { overrides: { wasmBinary: Uint8Array }; fireImmediately: true }): Promise<unknown>
  readBarcodes(image: Uint8Array, options: { tryHarder: boolean; maxNumberOfSymbols: number }): Promise<readonly { readonly isValid: boolean; readonly text: string }[]>
}

export const HAS_ZXING = existsSync(DIST)
let loading: Promise<Reader> | null = null

async function load(): Promise<Reader> {
  const path = resolve(DIST, 'es/reader/index.js')
  const reader = await import(path) as Reader // its own declaration says the same; it is not on our search path
  await reader.prepareZXingModule({ overrides: { wasmBinary: readFileSync(resolve(DIST, 'reader/zxing_reader.wasm')) }, fireImmediately: true })
  return reader
}

/** Every text it finds in a PNG, each once. */
export async function decodeZxing(path: string): Promise<string[]> {
  const reader = await (loading ??= load())
  const found = await reader.readBarcodes(readFileSync(path), { tryHarder: true, maxNumberOfSymbols: 20 })
  return [...new Set(found.filter(f => f.isValid).map(f => f.text))]
}
