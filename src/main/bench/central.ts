/**
 * The central ingest (facts/store-and-sync.md 7): `POST /v1/events`, facts without a gap under `(station, seq)`, signed heads
 * beside them. Compressed once the receiver has said that it takes gzip (RFC 7694); the signature is over the plain bytes.
 */
import { gzipSync } from 'node:zlib'
import { seconds } from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Web, WebAnswer } from '../ports.ts'
import { leafOf } from '../wire/chain.ts'
import { numberIn, refusedOr, type Batch, type Carried, type Destination } from './destination.ts'

export interface CentralSettings {
  readonly name: string
  readonly url: string
  readonly station: string
  /** ed25519 over the body, base64; so that a training station can never pass for a live one. */
  readonly sign: (body: Uint8Array) => string
}

export class Central implements Destination {
  readonly everyMs = seconds(1)
  readonly #web: Web
  readonly #settings: CentralSettings
  #takesGzip = false

  constructor(web: Web, settings: CentralSettings) {
    this.#web = web
    this.#settings = settings
  }

  get name(): string { return this.#settings.name }

  async carry(batch: Batch, signal: AbortSignal): Promise<Carried> {
    const answer = await this.#post(batch, signal)
    if (answer.status === 200) {
      const upto = numberIn(answer, 'upto') // only the receiver's own number counts: any page can say 200
      if (upto === null) throw new Fault('sync.unreachable', { httpStatus: answer.status })
      return { kind: 'upto', upto }
    }
    const expected = answer.status === 409 ? numberIn(answer, 'expected') : null
    return expected === null ? refusedOr(answer) : { kind: 'again', from: expected }
  }

  /** No facts: the receiver says how far it has come, and keeps nothing. */
  async test(acked: number, signal: AbortSignal): Promise<void> {
    const carried = await this.carry({ facts: [], heads: [], acked, isWithheld: () => false }, signal)
    if (carried.kind === 'refused') throw new Fault('sync.refused', { httpStatus: carried.httpStatus })
  }

  async #post({ facts, heads, acked, isWithheld }: Batch, signal: AbortSignal): Promise<WebAnswer> {
    const { station, url, sign } = this.#settings
    const from = facts[0]?.seq ?? acked + 1
    const told = facts.map(fact => isWithheld(fact.seq) ? withheld(fact) : fact)
    const plain = new TextEncoder().encode(JSON.stringify({ station, from, to: from + facts.length - 1, facts: told, ...(heads.length === 0 ? {} : { heads }) }))
    const body = this.#takesGzip ? gzipSync(plain, { level: 1 }) : plain // the core waits for it: 40 % less time for 3 % more bytes
    const answer = await this.#web.request({
      method: 'POST', url, body, deadlineMs: seconds(15),
      headers: { 'content-type': 'application/json', 'x-station-signature': sign(plain), ...(this.#takesGzip ? { 'content-encoding': 'gzip' } : {}) }
    }, signal)
    this.#takesGzip = answer.status !== 415 && /\bgzip\b/.test(answer.headers['accept-encoding'] ?? '')
    return answer
  }
}

/** Named in its place but not told, so that the stream has no gap; its leaf lets the chain go on. */
function withheld(fact: Fact): object {
  return { seq: fact.seq, at: fact.at, withheld: true, leaf: Buffer.from(leafOf(fact)).toString('hex') }
}
