/**
 * The hash chain over facts. A leaf is RFC 6962's (2.1): SHA-256(0x00 || canonical bytes); a link is its inner node:
 * SHA-256(0x01 || link before || leaf), so that trees over the same leaves can be built later. A head is the chain at one
 * fact, signed by the station.
 */
import { createPublicKey, hash as hashOf, verify } from 'node:crypto'
import { Buffer } from 'node:buffer'
import type { Instant } from '#shared'
import { canonicalBytes, canonicalText } from './canonical.ts'

const LEAF = Uint8Array.of(0)
const LEAF_TEXT = '\0' // the same byte in UTF-8
const NODE = Uint8Array.of(1)
/** SPKI frame of a bare ed25519 key (RFC 8410 4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/** What stands before fact 1. */
export const CHAIN_START: Uint8Array = new Uint8Array(32)

export function leafHash(bytes: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([LEAF, bytes]))
}

export function linkHash(before: Uint8Array, leaf: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([NODE, before, leaf]))
}

/** The chain with one more fact, of exactly these members. */
export function chainFact(before: Uint8Array, fact: ChainedFact): Uint8Array {
  return linkHash(before, leafOf(fact))
}

export function leafOf({ seq, at, unit, job, wave, operator, body }: ChainedFact): Uint8Array {
  return sha256(LEAF_TEXT + canonicalText({ seq, at, unit, job, wave, operator, body }))
}

export interface ChainedFact { readonly seq: number; readonly at: Instant; readonly unit: string | null; readonly job: string | null; readonly wave: string | null; readonly operator: string | null; readonly body: unknown }

/** `key`: the station's public key, 32 bytes in hex. `hash`: the chain at `seq`, hex. `signature`: base64. */
export interface Head { readonly station: string; readonly seq: number; readonly at: Instant; readonly hash: string; readonly key: string; readonly signature: string }

/** The bytes a station signs. */
export function headBytes({ station, seq, at, hash, key }: Omit<Head, 'signature'>): Uint8Array {
  return canonicalBytes({ kind: 'unbindery.head', v: 1, station, seq, at, hash, key })
}

export function isHeadSigned(head: Head): boolean {
  return isSigned(headBytes(head), head.signature, head.key)
}

/** ed25519; false for whatever is no key and no signature. */
export function isSigned(bytes: Uint8Array, signature: string, keyHex: string): boolean {
  const signed = Buffer.from(signature, 'base64')
  if (!/^[0-9a-f]{64}$/.test(keyHex) || signed.byteLength !== 64 || signed.toString('base64') !== signature) return false
  try {
    return verify(null, bytes, createPublicKey({ key: Buffer.concat([SPKI_HEAD, Buffer.from(keyHex, 'hex')]), format: 'der', type: 'spki' }), signed)
  } catch {
    return false // not a point on the curve
  }
}

/** A head as it came from outside; null: not one. */
export function parseHead(value: unknown): Head | null {
  if (typeof value !== 'object' || value === null) return null
  const { station, seq, at, hash, key, signature } = value as Readonly<Record<keyof Head, unknown>> // each is looked at on the next line
  const isOne = typeof station === 'string' && station.length <= 64 && isCount(seq) && isCount(at) && isHex(hash) && isHex(key) && typeof signature === 'string' && signature.length <= 100
  return isOne ? { station, seq, at, hash, key, signature } : null
}

/** In one go: every fact waits for two of these. */
const sha256 = (bytes: Uint8Array | string): Uint8Array => hashOf('sha256', bytes, 'buffer')
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isHex = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
