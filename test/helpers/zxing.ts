/** ZXing as a second decoder of what the pages draw: the product's own package, without the checks the product puts before it. */
import { readFileSync } from 'node:fs'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { readDecoder } from '../../src/main/decoder.ts'

/** Every text it finds in a PNG, each once. */
export async function decodeZxing(path: string): Promise<string[]> {
  const wasm = readDecoder()
  if (wasm === null) throw new Error('zxing-wasm is not installed: npm ci')
  prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer } })
  const found = await readBarcodes(readFileSync(path), { tryHarder: true, maxNumberOfSymbols: 20 })
  return [...new Set(found.filter(f => f.isValid).map(f => f.text))]
}
