/**
 * A PIN as it may be kept: scrypt (RFC 7914) of it, with its salt and cost beside it, so that a cost can be raised later.
 * `scrypt$N$r$p$salt$hash`, the last two in base64. Only ever compared in constant time.
 */
import { scrypt, timingSafeEqual } from 'node:crypto'
import { Buffer } from 'node:buffer'

/** 32 MiB and about 0.1 s of one core for each try. */
const COST = { N: 32_768, r: 8, p: 1 } as const
const HASH_BYTES = 32
export const SALT_BYTES = 16
/** A kept text that asks for more was not written by us. */
const MEMORY_MAX = 128 * 1024 * 1024

export function isPin(text: string): boolean {
  return /^\d{4,12}$/.test(text)
}

export async function hashPin(pin: string, salt: Uint8Array): Promise<string> {
  const { N, r, p } = COST
  const hash = await derive(pin, salt, COST)
  return ['scrypt', N, r, p, Buffer.from(salt).toString('base64'), hash.toString('base64')].join('$')
}

/** false also for a text that is none of ours. */
export async function isSamePin(pin: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', hash = ''] = kept.split('$')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const known = Buffer.from(hash, 'base64')
  if (scheme !== 'scrypt' || known.length !== HASH_BYTES || !Object.values(cost).every(Number.isSafeInteger)) return false
  try {
    return timingSafeEqual(await derive(pin, Buffer.from(salt, 'base64'), cost), known)
  } catch {
    return false // a cost that scrypt refuses
  }
}

function derive(pin: string, salt: Uint8Array, { N, r, p }: { readonly N: number; readonly r: number; readonly p: number }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(pin, salt, HASH_BYTES, { N, r, p, maxmem: MEMORY_MAX }, (error, key) => {
    if (error === null) resolve(key)
    else reject(error)
  })
  return promise
}
