/** Seeded damage for the LAN protocol: to whole frames, and to the JSON inside them before it is sealed again. */
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { COMMAND, encode55aa, encode6699, encryptEcb, UDP_KEY } from '../../src/main/wire/lan-frame.ts'
import { SEEN_QUESTION, V1, V2, V3, V4, V5, V6, bytesOf } from '../golden/lan.ts'

const FRAMES = [V1.frame, V2.frame, V3.frame, V4.frame, V5.plain, V5.ecb, V5.accept, V5.reject, V5.gcm, V6.start35, SEEN_QUESTION.frame].map(bytesOf)
const JSONS = [V1.json, V2.json, V3.json, V4.json, V5.json]
const MARKS = ['000055aa', '0000aa55', '00006699', '00009966', '0000', 'ffffffff'].map(bytesOf)
const VALUES = ['null', 'true', '-1', '1e400', '2.5', '99999999999999999999', '[]', '{}', '""', '"\\u0000"', '"é漢"', '[[[[[[]]]]]]', '{"__proto__":{"active":0}}', `"${'x'.repeat(300)}"`]
const KEYS = ['ip', 'gwId', 'uuid', 'active', 'token', 'ability', 'ablilty', 'productKey', 'version', 'encrypt', 'from', '__proto__', 'constructor']

export interface FuzzInput { readonly bytes: Uint8Array; readonly port: 6666 | 6667 | 7000; /** Whether the damage was done inside a frame that is whole. */ readonly isSealed: boolean }

export class LanFuzzer {
  readonly luck: SeededEntropy

  constructor(seed: number | string) {
    this.luck = new SeededEntropy(seed)
  }

  next(): FuzzInput {
    const port = this.pick([6666, 6667, 7000] as const)
    const kind = this.luck.fraction()
    if (kind < 0.1) return { bytes: this.luck.bytes(this.below(700)), port, isSealed: false }
    if (kind < 0.55) return { bytes: this.#damaged(), port, isSealed: false }
    return { bytes: this.#seal(this.#json(), port), port, isSealed: true }
  }

  below(n: number): number { return Math.floor(this.luck.fraction() * n) }
  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)]
    if (found === undefined) throw new RangeError('an empty list')
    return found
  }

  /** One to four damages on a real frame, or on two of them in one piece. */
  #damaged(): Uint8Array {
    let bytes = Uint8Array.from(this.pick(FRAMES))
    if (this.luck.fraction() < 0.2) bytes = join(bytes, this.pick(FRAMES))
    for (let i = 0; i <= this.below(4); i += 1) bytes = this.#damage(bytes)
    return bytes
  }

  #damage(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const at = this.below(bytes.length)
    switch (this.below(6)) {
      case 0: return bytes.map((byte, i) => i === at ? byte ^ (1 << this.below(8)) : byte).slice()
      case 1: return bytes.slice(0, at)
      case 2: return join(bytes.subarray(0, at), this.luck.bytes(this.below(40)), bytes.subarray(at))
      case 3: return join(bytes.subarray(0, at), this.pick(MARKS), bytes.subarray(at))
      case 4: return join(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + this.below(20))))
      default: { // the length fields
        const out = Uint8Array.from(bytes)
        if (out.length >= 18) new DataView(out.buffer).setUint32(this.pick([12, 14]), this.pick([0, 1, 8, 27, 28, 255, 4075, 4076, 65_535, 0x7fffffff, 0xffffffff]))
        return out
      }
    }
  }

  #json(): string {
    let text = this.pick(JSONS)
    if (this.luck.fraction() < 0.6) {
      const object = JSON.parse(text) as Record<string, unknown> // an object: it is one of the vectors
      const key = this.pick(KEYS)
      const rest = Object.entries(object).filter(([name]) => name !== key).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      if (this.luck.fraction() < 0.8) rest.push(`${JSON.stringify(key)}:${this.pick(VALUES)}`)
      text = `{${rest.join(',')}}`
    }
    for (let i = this.below(3); i > 0; i -= 1) {
      const at = this.below(text.length)
      text = text.slice(0, at) + this.pick(['', '"', '{', '}', ',', '\0', '\\', '9', 'x']) + text.slice(at + this.below(2))
    }
    return this.luck.fraction() < 0.1 ? `${text}\0\0\0` : text
  }

  #seal(json: string, port: number): Uint8Array {
    const payload = new TextEncoder().encode(json)
    const frame = { sequence: this.pick([0, 1, 0xaa55, 0xffffffff]), returnCode: this.pick([0, 0, 0, 1, null]) }
    if (port === 7000) return encode6699({ ...frame, command: this.pick([COMMAND.ENCRYPTION, COMMAND.REQ_DEVINFO]), payload, key: UDP_KEY, nonce: this.luck.bytes(12) })
    return encode55aa({ ...frame, command: this.pick([COMMAND.UDP, COMMAND.ENCRYPTION, COMMAND.BOARDCAST_LPV34]), payload: port === 6666 ? payload : encryptEcb(UDP_KEY, payload) })
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts))
}
