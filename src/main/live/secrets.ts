/**
 * Secrets sealed with AES-256-GCM. The key comes from the environment (UNBINDERY_KEY, 64 hex digits), from systemd
 * (LoadCredential=unbindery-key:FILE), or is 32 random bytes in `secret.key` of the data folder, mode 600; a key that
 * others can read is refused. That keeps secrets out of a copied ledger, not from someone who
 * may read the folder: hence kind 'file', and nothing more is claimed.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../domain/fault.ts'
import type { Disk, Secrets } from '../ports.ts'

const KEY_FILENAME = 'secret.key'
const CREDENTIAL_NAME = 'unbindery-key'
const KEY_BYTES = 32
const FORM = 1 // first byte of what is sealed
const NONCE_BYTES = 12 // NIST SP 800-38D 8.2
const TAG_BYTES = 16

export class LiveSecrets implements Secrets {
  readonly kind = 'file'
  readonly #key: Uint8Array

  constructor(disk: Disk, env: Readonly<Record<string, string | undefined>>) {
    this.#key = keyFrom(env['UNBINDERY_KEY'], 'UNBINDERY_KEY') ?? credentialKey(env['CREDENTIALS_DIRECTORY']) ?? keyOf(disk)
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

/** systemd.exec(5): a folder of credentials that only this service can read. */
function credentialKey(folder: string | undefined): Uint8Array | null {
  if (folder === undefined || folder === '') return null
  const path = join(folder, CREDENTIAL_NAME)
  let text: string
  try {
    refuseOpen(path, process.platform === 'win32' ? null : statSync(path).mode & 0o707) // systemd lends it by an access list, which shows as the group's bits
    text = readFileSync(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw new Fault('config.invalid', { complaints: `${path}: cannot be read` }, thrown)
  }
  return keyFrom(text.trim(), path)
}

function refuseOpen(path: string, mode: number | null): void {
  if (mode !== null && (mode & 0o077) !== 0) throw new Fault('config.invalid', { complaints: `${path}: can be read by others; type: chmod 600 ${path}` })
}

function keyFrom(text: string | undefined, from: string): Uint8Array | null {
  if (text === undefined || text === '') return null
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Fault('config.invalid', { complaints: `${from}: must be 64 hex digits` })
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function keyOf(disk: Disk): Uint8Array {
  refuseOpen(KEY_FILENAME, disk.modeOf?.(KEY_FILENAME) ?? null)
  const known = disk.read(KEY_FILENAME)
  if (known?.byteLength === KEY_BYTES) return known
  if (known) throw new Fault('config.invalid', { complaints: `${KEY_FILENAME}: must hold ${KEY_BYTES} bytes; restore it, or remove it and enter the secrets again` })
  const key = new Uint8Array(randomBytes(KEY_BYTES))
  disk.writeAtomic(KEY_FILENAME, key, 0o600)
  return key
}
