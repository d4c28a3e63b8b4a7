/** A seal that protects nothing, and says so; it still refuses what it has not sealed. */
import { Fault } from '../domain/fault.ts'
import type { Secrets } from '../ports.ts'

const MARK = new TextEncoder().encode('virtual-seal:')
const VEIL = 0x5a // so that a careless search of the disk does not find the plain text

export class VirtualSecrets implements Secrets {
  readonly kind = 'unprotected'

  seal(plain: Uint8Array): Uint8Array {
    return Uint8Array.of(...MARK, ...plain.map(byte => byte ^ VEIL))
  }

  open(sealed: Uint8Array): Uint8Array {
    if (!MARK.every((byte, i) => sealed[i] === byte)) throw new Fault('program.unexpected', { text: 'not sealed here' })
    return sealed.slice(MARK.length).map(byte => byte ^ VEIL)
  }
}
