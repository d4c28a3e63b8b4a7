/** The chain speaks RFC 6962's hashes: vectors of certificate transparency's own test tree, not of our encoder. */
import { describe, expect, it } from 'vitest'
import { CHAIN_START, chainFact, headBytes, isHeadSigned, isSigned, leafHash, leafOf, linkHash, parseHead, type Head } from '../../src/main/wire/chain.ts'
import { StationKey } from '../../src/main/wire/signing.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fact = { seq: 1, at: 5, unit: null, job: null, wave: null, operator: 'A', body: { kind: 'station.stopped' } }

describe('hashes', () => {
  it('of a leaf and of two leaves are those of the certificate transparency test tree', () => {
    const empty = leafHash(new Uint8Array())
    expect(hex(empty)).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    const second = leafHash(Uint8Array.of(0))
    expect(hex(second)).toBe('96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7')
    expect(hex(linkHash(empty, second))).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125')
  })

  it('of a fact cover each of its members and nothing else', () => {
    expect(leafOf({ ...fact, extra: 1 } as typeof fact)).toEqual(leafOf(fact))
    for (const changed of [{ seq: 2 }, { at: 6 }, { unit: 'u' }, { job: 'j' }, { wave: 'w' }, { operator: null }, { body: { kind: 'station.started' } }]) {
      expect(hex(chainFact(CHAIN_START, { ...fact, ...changed }))).not.toBe(hex(chainFact(CHAIN_START, fact)))
    }
  })
})

describe('signatures', () => {
  // RFC 8032 7.1, test 2
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex')
  const key = new StationKey(seed)

  it('are those of RFC 8032', () => {
    const signature = Buffer.from('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00', 'hex').toString('base64')
    expect(key.publicHex).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    expect(key.sign(Uint8Array.of(0x72))).toBe(signature)
    expect(isSigned(Uint8Array.of(0x72), signature, key.publicHex)).toBe(true)
  })

  it('of a head cover all of it; what is no signature and no key is no reason to fall over', () => {
    const draft = { station: 's', seq: 7, at: 1, hash: 'ab'.repeat(32), key: key.publicHex }
    const head: Head = { ...draft, signature: key.sign(headBytes(draft)) }
    expect(isHeadSigned(head)).toBe(true)
    for (const changed of [{ station: 't' }, { seq: 8 }, { at: 2 }, { hash: 'ac'.repeat(32) }, { signature: '' }, { signature: `${head.signature}=` }, { key: 'ff'.repeat(32) }, { key: 'x' }]) {
      expect(isHeadSigned({ ...head, ...changed }), JSON.stringify(changed)).toBe(false)
    }
    expect(parseHead({ ...head })).toEqual(head)
    for (const wrong of [null, 1, {}, { ...head, seq: -1 }, { ...head, hash: 'AB' }, { ...head, station: 1 }]) expect(parseHead(wrong)).toBeNull()
  })
})
