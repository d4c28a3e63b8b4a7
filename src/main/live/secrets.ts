/**
 * Secrets sealed with AES-256-GCM. The key is 32 random bytes in `secret.key` of the data folder, mode 600, or comes
 * from the environment (UNBINDERY_KEY, 64 hex digits). That keeps secrets out of a copied ledger, not from someone who
 * may read the folder: hence kind 'file', and nothing more is claimed.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Fault } from '../domain/fault.ts'
import type { Disk, Secrets } from '../ports.ts'

const KEY_FILENAME = 'secret.key'
const KEY_BYTES = 32
const FORM = 1 // first byte of what is sealed
const NONCE_BYTES = 12 // NIST SP 800-38D 8.2
const TAG_BYTES = 16

export class LiveSecrets implements Secrets {
  readonly kind = 'file'
  readonly #key: Uint8Array

  constructor(disk: Disk, env: Readonly<Record<string, string | undefined>>) {
    this.#key = keyFrom(env['UNBINDERY_KEY']) ?? keyOf(disk)
  }

  seal(plain: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    return new Uint8Array(Buffer.concat([Buffer.from([FORM]), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
  }

  open(sealed: Uint8Array): Uint8Array {
    const end = sealed.byteLength - TAG_BYTES
    const start = 1 + NONCE_BYTES
    if (sealed[0] !== FORM || end < start) throw new Fault('program.unexpected', { text: 'a sealed secret is damaged' })
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, start))
      decipher.setAuthTag(sealed.subarray(end))
      return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(start, end)), decipher.final()]))
    } catch (thrown) {
      throw new Fault('program.unexpected', { text: 'a sealed secret does not open with this key' }, thrown)
    }
  }
}

function keyFrom(text: string | undefined): Uint8Array | null {
  if (text === undefined || text === '') return null
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Fault('config.invalid', { complaints: 'UNBINDERY_KEY: must be 64 hex digits' })
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function keyOf(disk: Disk): Uint8Array {
  const known = disk.read(KEY_FILENAME)
  if (known?.byteLength === KEY_BYTES) return known
  if (known) throw new Fault('config.invalid', { complaints: `${KEY_FILENAME}: must hold ${KEY_BYTES} bytes; restore it, or remove it and enter the secrets again` })
  const key = new Uint8Array(randomBytes(KEY_BYTES))
  disk.writeAtomic(KEY_FILENAME, key, 0o600)
  return key
}
