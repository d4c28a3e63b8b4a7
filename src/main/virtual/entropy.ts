/** Chance from a seed. Each consumer takes a `child` of its own, so that a new one does not disturb the others' luck. */
import type { Entropy } from '../ports.ts'

export class SeededEntropy implements Entropy {
  readonly world = 'virtual'
  readonly #seed: string
  #state: number

  constructor(seed: number | string) {
    this.#seed = String(seed)
    this.#state = hash(this.#seed)
  }

  /** An independent stream; the same name under the same seed always gives the same one. */
  child(name: string): SeededEntropy {
    return new SeededEntropy(`${this.#seed}/${name}`)
  }

  bytes(n: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(n)
    for (let i = 0; i < n; i += 1) out[i] = this.#next() >>> 24
    return out
  }

  /** 0 <= x < 1 */
  fraction(): number {
    return this.#next() / 2 ** 32
  }

  /** min <= x < max */
  between(min: number, max: number): number {
    return min + this.fraction() * (max - min)
  }

  /** 32 bits of splitmix32: small, quick and good enough for luck; never for secrets. */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
