/**
 * The text inside the QR code that a camera reads (facts/tuya.md 3.1): compact JSON with exactly `p`, `s` and `t`. It holds
 * the bench Wi-Fi and a token, so it is a secret wherever it goes.
 */
import { Fault } from '../domain/fault.ts'

export interface Pairing { readonly ssid: string; readonly password: string; readonly token: string }

const TOKEN_LENGTH = 14 // region 2 + token 8 + secret 4 (facts/tuya.md 2)
const TEXT_LENGTH_MAX = 512

/** The order p, s, t matters to at least one firmware that reads by position. An open network has an empty password. */
export function encodePairing(o: Pairing): string {
  return JSON.stringify({ p: o.password, s: o.ssid, t: o.token })
}

/** Faults: `scan.unreadable`; the text itself never goes into the fault. */
export function decodePairing(text: string): Pairing {
  const unreadable = (reason: string): Fault => new Fault('scan.unreadable', { reason, length: text.length })
  if (text.length > TEXT_LENGTH_MAX) throw unreadable('too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable('not JSON') // the cause would quote the text
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('not an object')
  const { p: password, s: ssid, t: token } = value as Record<string, unknown> // an object, by the line above
  if (typeof password !== 'string' || typeof ssid !== 'string' || typeof token !== 'string') throw unreadable('keys missing')
  if (ssid === '' || token.length !== TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token)) throw unreadable('no token of this kind')
  return { ssid, password, token }
}
