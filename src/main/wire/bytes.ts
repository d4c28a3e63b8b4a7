/** What every dialect does with bytes: joining pieces, and writing them as text. */

/** A new array, which shares nothing with the pieces. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower case; `between` stands between two bytes. */
export function toHex(bytes: Uint8Array, between = ''): string {
  let text = ''
  for (const byte of bytes) text += text === '' ? HEX[byte] : between + HEX[byte]
  return text
}
