/**
 * A self-made certificate for one server (X.509 v3, RFC 5280 4.1; ECDSA P-256 with SHA-256, RFC 5758 3.2): no authority
 * vouches for it, so whoever connects pins exactly this one.
 */
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { Buffer } from 'node:buffer'

export interface SelfSigned { readonly certificate: string; readonly key: string }
export interface SelfSignedOptions { /** DNS names and IPv4 addresses. */ readonly names: readonly string[]; readonly from: number; readonly to: number; /** 16 random bytes. */ readonly serial: Uint8Array }

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8_STRING = 0x0c
const GENERALIZED_TIME = 0x18
const BOOLEAN_TRUE = Buffer.from('0101ff', 'hex')
const ECDSA_SHA256 = der(SEQUENCE, objectId('2a8648ce3d040302'))
const COMMON_NAME = '550403'
const ALT_NAME = '551d11'
const BASIC_CONSTRAINTS = '551d13'

/** Both in PEM. */
export function makeSelfSigned({ names, from, to, serial }: SelfSignedOptions): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, objectId(COMMON_NAME), der(UTF8_STRING, Buffer.from(names[0] ?? 'receiver')))))
  const extensions = der(0xa3, der(SEQUENCE,
    der(SEQUENCE, objectId(BASIC_CONSTRAINTS), BOOLEAN_TRUE, der(OCTET_STRING, der(SEQUENCE, BOOLEAN_TRUE))),
    der(SEQUENCE, objectId(ALT_NAME), der(OCTET_STRING, der(SEQUENCE, ...names.map(altName))))
  ))
  const body = der(SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.of(2))), // version 3
    der(INTEGER, Buffer.concat([Buffer.of(1), serial])), // positive
    ECDSA_SHA256, name, der(SEQUENCE, time(from), time(to)), name, publicKey.export({ format: 'der', type: 'spki' }), extensions)
  const signature = sign('sha256', body, privateKey)
  const whole = der(SEQUENCE, body, ECDSA_SHA256, der(BIT_STRING, Buffer.of(0), signature))
  return { certificate: pem('CERTIFICATE', whole), key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

/** What people compare: SHA-256 over the certificate, as browsers and openssl show it; null: not a certificate. */
export function fingerprintOf(pemText: string): string | null {
  try {
    return new X509Certificate(pemText).fingerprint256
  } catch {
    return null
  }
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), content])
}

function objectId(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'))
}

function time(at: number): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`))
}

function altName(name: string): Buffer {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name)
  return isAddress ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name))
}

function pem(label: string, bytes: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64').replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END ${label}-----\n`
}
