/** What a virtual unit is and how it misbehaves, as data (facts/tuya.md 11). */
import { millis, seconds, type Method, type Millis } from '#shared'
import type { SeededEntropy } from './entropy.ts'

export const LAN_VERSIONS = ['3.1', '3.3', '3.4', '3.5'] as const
type LanVersion = (typeof LAN_VERSIONS)[number]

export const UNIT_FAULTS = {
  'dead': 'has no power at all',
  'no-dhcp': 'never asks for an address',
  'deaf-to-reset': 'does not mind its reset button; stays bound',
  'never-reacts': 'takes the connection, ignores the token, goes on announcing that it is ready',
  'refuses': 'answers the token with code 1 and a text',
  'keeps-trying': 'takes the token and activates for ever',
  'wrong-key-ignored': 'knows another key: says nothing',
  'wrong-key-closed': 'knows another key: closes the connection',
  'duplicate-id': 'announces the uuid of the unit before it',
  'truncated-frame': 'takes the token; its answer is cut in half',
  'crc-error': 'takes the token; its answer has a wrong check sum',
  'reset-in-reply': 'takes the token; resets the connection half way through its answer',
  'two-frames-joined': 'its answer comes in one segment with a status frame',
  'frame-in-pieces': 'its answer comes byte by byte',
  'giant-frame': 'says 9 KB before its answer, and in every second announcement',
  'nul-after-json': 'ends its announcements in NUL bytes',
  'wrong-types': 'one field of each announcement has the wrong type',
  'clock-jump': 'takes the token; its clock jumps, and announces ten minutes at once',
  'late-ack': 'takes the token; answers long after everybody has given up',
  'dies-after-ask': 'takes the token, then loses power for good',
  'forgets-reset': 'loses its reset with its power: comes back bound as before',
  'new-address': 'calls itself something else after each restart and gets another address',
  'no-token-flag': 'announces token: false',
  'no-permission': 'of a product the account may not unbind',
  'never-sees-code': 'a camera with a dirty lens'
} as const
export type UnitFault = keyof typeof UNIT_FAULTS

export interface UnitProfile {
  /** The sticker of the returns dock. */
  readonly tag: string
  /** What the scanner reads on the unit. */
  readonly label: string
  readonly productKey: string
  readonly kind: string
  readonly method: Method
  readonly version: LanVersion
  /** Every 5 s by itself, or only when asked. */
  readonly announces: 'by-itself' | 'when-asked'
  /** Older firmware leaves `token` out (facts/tuya.md 0.2). */
  readonly saysToken: boolean
  /** Both spellings are about (facts/tuya.md 4.5). */
  readonly abilityKey: 'ability' | 'ablilty'
  readonly uuid: string
  readonly mac: string
  readonly serial: string
  /** Its id in the account it comes back bound to; null for a unit that is bound to nobody. */
  readonly deviceId: string | null
  /** Which built-in key its firmware has for the token (facts/tuya.md 4.4); 'own': none we know. */
  readonly tokenKey: 'udp' | 'k3' | 'ap' | 'own'
  readonly bootMs: Millis
  /** Silent after a reset of either kind: 10 to 30 s. */
  readonly rebootMs: Millis
  /** From the token to the first call to the cloud. */
  readonly activateMs: Millis
  /** Stays activated this long before it resets itself; at least 6 s, so that it can be seen. */
  readonly releasedMs: Millis
  /** How long a reset camera looks for a code. */
  readonly pairingMs: Millis
  readonly fault: UnitFault | null
}

/** The little of resources/models.json that makes a unit of a product. */
export interface Model { readonly productKey: string; readonly kind: string; readonly method: Method; readonly pairingSeconds: number; readonly rebootSeconds: number }

/** Unit number `n` of a product, with everything else by seed. */
export function makeProfile(model: Model, n: number, entropy: SeededEntropy, own: Partial<UnitProfile> = {}): UnitProfile {
  const version = own.version ?? LAN_VERSIONS[n % LAN_VERSIONS.length] ?? '3.3'
  const fault = own.fault ?? null
  const isCamera = model.method === 'qr'
  const mac = macOf(n, isCamera)
  const serial = `${isCamera ? 'C' : 'W'}${String(n).padStart(7, '0')}`
  const hex = Array.from(entropy.bytes(8), b => b.toString(16).padStart(2, '0')).join('')
  const tag = `${isCamera ? 'RC' : 'RB'}-${String(n).padStart(4, '0')}`
  return {
    tag,
    label: isCamera ? `MAC:${mac.toUpperCase()};SN:${serial};PID:${model.productKey}` : tag,
    productKey: model.productKey, kind: model.kind, method: model.method, version,
    // Newest firmware speaks only when asked (facts/tuya.md 0.3); here every second unit of 3.5.
    announces: version === '3.5' && n % 8 > 3 ? 'when-asked' : 'by-itself',
    saysToken: !(version === '3.5' && n % 8 > 3),
    abilityKey: n % 3 === 0 ? 'ablilty' : 'ability',
    uuid: `uuid${hex}`, mac, serial, deviceId: `bf${hex}${String(n).padStart(4, '0')}`,
    tokenKey: fault === 'wrong-key-ignored' || fault === 'wrong-key-closed' ? 'own' : 'udp',
    bootMs: between(entropy, 3, 8),
    rebootMs: between(entropy, 10, Math.min(30, model.rebootSeconds)),
    activateMs: between(entropy, 2, 5),
    releasedMs: between(entropy, 8, 12),
    pairingMs: seconds(model.pairingSeconds),
    fault,
    ...own
  }
}

/** Locally administered, so that it can never be a real unit's. */
function macOf(n: number, isCamera: boolean): string {
  return `02:${isCamera ? 'ca' : '1e'}:00:${[n >> 16, n >> 8, n].map(b => (b & 255).toString(16).padStart(2, '0')).join(':')}`
}

function between(entropy: SeededEntropy, from: number, to: number): Millis {
  return millis(Math.round(1000 * entropy.between(from, Math.max(from, to))))
}
