/** The station's ed25519 key (RFC 8032): one for live work, another for training, so that nothing of one passes for the other. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'

/** PKCS #8 frame of a bare ed25519 seed (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
export const SEED_BYTES = 32

export class StationKey {
  readonly #key: KeyObject
  /** 32 bytes, hex. */
  readonly publicHex: string

  constructor(seed: Uint8Array) {
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
    this.publicHex = createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  }

  /** Signature over the bytes, base64. */
  sign(bytes: Uint8Array): string {
    return sign(null, bytes, this.#key).toString('base64')
  }
}
