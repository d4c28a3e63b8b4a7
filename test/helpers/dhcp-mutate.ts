/** Seeded chance and mutated packets, for the fuzzers. */

export function mulberry(start: number): () => number {
  let seed = start
  return () => {
    seed = seed + 0x6d2b79f5 | 0
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32
  }
}

const TELLING = [0, 1, 2, 3, 4, 50, 51, 52, 53, 54, 55, 57, 61, 127, 128, 255]

/** Flips, cuts, inserts, doubles and overwrites with telling values, up to six times. */
export function mutate(original: Uint8Array, random: () => number): Uint8Array {
  let bytes = Uint8Array.from(original)
  for (let n = Math.floor(random() * 6); n >= 0; n -= 1) {
    // Mostly behind the cookie, where the options are.
    const at = random() < 0.7 && bytes.length > 240 ? 240 + Math.floor(random() * (bytes.length - 240)) : Math.floor(random() * bytes.length)
    switch (Math.floor(random() * 5)) {
      case 0: bytes[at] = Math.floor(random() * 256); break
      case 1: bytes[at] = TELLING[Math.floor(random() * TELLING.length)] ?? 0; break
      case 2: bytes = bytes.slice(0, at); break
      case 3: bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at, at + 20), ...bytes.subarray(at)]); break
      default: bytes = Uint8Array.from([...bytes.subarray(0, at), Math.floor(random() * 256), ...bytes.subarray(at)])
    }
  }
  return bytes
}
