/**
 * What a picture says of itself before anything is unpacked: its kind and size, and whether it can be what it says. PNG
 * (W3C PNG 3rd edition, 5 and 11.2) and JPEG (ITU T.81, annex B); a decoder behind this meets no surprise of size.
 */

/** A phone's 12 megapixel photo fits; reading one of so many points that holds nothing takes a second or two. */
export const PIXELS_MAX = 4096 * 4096
/** An ordinary progressive JPEG has about ten; each makes a decoder walk over the whole picture. */
const SCANS_MAX = 64
const PNG_SIGN = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const
/** Samples a point, by the colour type of IHDR. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const ADAM7_PASSES = 7

export type PictureHead =
  /** `packed`: the compressed parts in order; unpacked they hold at most `bytesMax`. */
  | { readonly kind: 'png'; readonly width: number; readonly height: number; readonly packed: readonly Uint8Array[]; readonly bytesMax: number }
  | { readonly kind: 'jpeg'; readonly width: number; readonly height: number }

/** null: neither a whole PNG nor a JPEG. */
export function pictureHead(bytes: Uint8Array): PictureHead | null {
  if (PNG_SIGN.every((byte, i) => bytes[i] === byte)) return pngHead(bytes)
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegHead(bytes) : null
}

function pngHead(bytes: Uint8Array): PictureHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packed: Uint8Array[] = []
  let [width, height, bits, isInterlaced] = [0, 0, 0, false]
  for (let at: number = PNG_SIGN.length; at + 12 <= bytes.byteLength;) {
    const length = view.getUint32(at)
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (data.byteLength < length || (at === PNG_SIGN.length) !== (kind === 'IHDR')) return null
    if (kind === 'IHDR') {
      if (length !== 13) return null
      bits = (SAMPLES[data[9] ?? -1] ?? 0) * (data[8] ?? 0);
      [width, height, isInterlaced] = [view.getUint32(at + 8), view.getUint32(at + 12), data[12] !== 0]
    } else if (kind === 'IDAT') packed.push(data)
    else if (kind === 'IEND') {
      // A filter byte leads each row; interlaced there are seven small pictures with rows of their own.
      const bytesMax = (height + (isInterlaced ? ADAM7_PASSES : 0)) * (2 + Math.ceil(width * bits / 8)) * (isInterlaced ? 2 : 1)
      return width === 0 || height === 0 || bits === 0 || packed.length === 0 ? null : { kind: 'png', width, height, packed, bytesMax }
    }
    at += 12 + length
  }
  return null
}

function jpegHead(bytes: Uint8Array): PictureHead | null {
  let scans = 0
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans += 1
  if (scans > SCANS_MAX) return null
  for (let at = 2; at + 9 < bytes.byteLength;) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return null
    if (marker === 0xff) { // fill
      at += 1
      continue
    }
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0)
    if (length < 2 || marker === 0xda || marker === 0xd9) return null
    if (marker >= 0xc0 && marker <= 0xc2) { // baseline, extended, progressive; others no decoder here reads
      const height = (bytes[at + 5] ?? 0) * 256 + (bytes[at + 6] ?? 0)
      const width = (bytes[at + 7] ?? 0) * 256 + (bytes[at + 8] ?? 0)
      return width === 0 || height === 0 ? null : { kind: 'jpeg', width, height }
    }
    at += 2 + length
  }
  return null
}
