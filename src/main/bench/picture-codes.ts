/**
 * The reader of QR codes in PNG and JPEG files (ZXing as WebAssembly). What a file claims is checked before it is unpacked:
 * a small file must not become gigabytes. The reader is let go after each picture, and with it all it has seen.
 */
import { inflateSync } from 'node:zlib'
import { prepareZXingModule, purgeZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { PICTURE_BYTES_MAX } from '#shared'
import { Fault } from '../domain/fault.ts'
import { PIXELS_MAX, pictureHead } from '../wire/picture.ts'

/** More than one is too many; so many are counted. */
const CODES_MAX = 4

/** One picture after the other: the reader is one, and is let go after each. */
let turn: Promise<unknown> = Promise.resolve()

/** What the reader would say to the terminal. */
const silent = (): void => undefined

/** Texts of all codes found. Faults: `picture.unreadable`, `picture.too-large`. */
export function readCodes(picture: string, decoder: Uint8Array | null): Promise<readonly string[]> {
  const mine = turn.then(() => decode(new Uint8Array(Buffer.from(picture, 'base64')), decoder))
  turn = mine.catch(() => undefined)
  return mine
}

async function decode(bytes: Uint8Array<ArrayBuffer>, decoder: Uint8Array | null): Promise<readonly string[]> {
  check(bytes)
  if (decoder === null) throw new Fault('picture.unreadable', { reason: 'the reader of codes is missing in this installation' })
  try {
    prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(decoder).buffer, print: silent, printErr: silent } }) // left to itself it would fetch it from the internet
    const found = await readBarcodes(bytes, { formats: ['QRCode'], tryHarder: true, textMode: 'Plain', maxNumberOfSymbols: CODES_MAX, returnErrors: false })
    if (found.some(f => f.error.startsWith('Failed to load'))) throw new Fault('picture.unreadable', { reason: 'damaged' })
    return found.filter(f => f.isValid && f.text !== '').map(f => f.text)
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : new Fault('picture.unreadable', { reason: 'damaged' }) // its own words could hold what it read
  } finally {
    purgeZXingModule()
    bytes.fill(0)
  }
}

function check(bytes: Uint8Array): void {
  if (bytes.byteLength > PICTURE_BYTES_MAX) throw new Fault('picture.too-large', { bytes: bytes.byteLength })
  const head = pictureHead(bytes)
  if (head === null) throw new Fault('picture.unreadable', { reason: 'neither PNG nor JPEG' })
  const { width, height } = head
  if (width * height > PIXELS_MAX) throw new Fault('picture.too-large', { width, height })
  if (head.kind === 'png' && !canUnpack(head.packed, head.bytesMax)) throw new Fault('picture.unreadable', { reason: 'damaged' })
}

/** A decoder unpacks to the end whatever the size in the header; here it ends at that size. */
function canUnpack(packed: readonly Uint8Array[], bytesMax: number): boolean {
  try {
    inflateSync(Buffer.concat(packed), { maxOutputLength: bytesMax })
    return true
  } catch {
    return false
  }
}
