/**
 * What a display says of itself (VESA E-EDID 1.3, section 3): how large it is, what it is called. Televisions tell nonsense
 * often enough that a size counts only when it can be one: 16 x 9 is a shape, not centimetres.
 */

const BLOCK = 128
const MAGIC = [0, 255, 255, 255, 255, 255, 255, 0] as const
const [WIDTH_CM, HEIGHT_CM, DESCRIPTORS, DESCRIPTOR_BYTES] = [21, 22, 54, 18]
const NAME_TAG = 0xfc
/** 16 x 9 "cm" would be 7.2 inches. */
const INCHES_LEAST = 10
const INCHES_MOST = 200
const MM_PER_INCH = 25.4

/** `inches`: diagonal, to a tenth; null: it does not say. */
export interface DisplayIdentity { readonly name: string; readonly inches: number | null }

/** null: not the description of a display. */
export function parseEdid(bytes: Uint8Array): DisplayIdentity | null {
  const block = bytes.subarray(0, BLOCK)
  const isOne = block.byteLength === BLOCK && MAGIC.every((byte, i) => block[i] === byte) && block.reduce((sum, byte) => sum + byte, 0) % 256 === 0
  return isOne ? { name: nameIn(block), inches: inchesIn(block) } : null
}

/** The first timing tells millimetres; they refine the centimetres and never replace them: some televisions tell wrong ones. */
function inchesIn(block: Uint8Array): number | null {
  const at = (i: number): number => block[i] ?? 0
  const cm = [at(WIDTH_CM), at(HEIGHT_CM)] as const
  if (cm[0] === 0 || cm[1] === 0) return null // 1.4: a projector, or only a shape
  const upper = at(DESCRIPTORS + 14)
  const mm = [at(DESCRIPTORS + 12) + (upper >> 4) * 256, at(DESCRIPTORS + 13) + (upper & 15) * 256] as const
  const isTiming = at(DESCRIPTORS) !== 0 || at(DESCRIPTORS + 1) !== 0
  const fits = isTiming && mm.every((value, i) => Math.abs(value / 10 - (cm[i] ?? 0)) <= 1)
  const inches = Math.hypot(...(fits ? mm : [cm[0] * 10, cm[1] * 10])) / MM_PER_INCH
  return inches >= INCHES_LEAST && inches <= INCHES_MOST ? Math.round(inches * 10) / 10 : null
}

function nameIn(block: Uint8Array): string {
  for (let at = DESCRIPTORS; at + DESCRIPTOR_BYTES <= BLOCK - 2; at += DESCRIPTOR_BYTES) {
    const [a, b, c, tag] = block.subarray(at, at + 4)
    if (a === 0 && b === 0 && c === 0 && tag === NAME_TAG) return String.fromCharCode(...block.subarray(at + 5, at + DESCRIPTOR_BYTES)).split('\n')[0]?.replaceAll(/[^\x20-\x7e]/g, '?').trim() ?? ''
  }
  return ''
}
