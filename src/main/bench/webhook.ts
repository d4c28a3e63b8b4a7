/**
 * Verdicts to a warehouse system: signed JSON by POST, its own words for our fields. Any 2xx means that it has them; the
 * idempotency key is the same whenever the same facts come again.
 */
import { seconds } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Web } from '../ports.ts'
import type { Ledger } from './ledger.ts'
import type { Secret } from './log.ts'
import { refusedOr, type Batch, type Carried, type Destination } from './destination.ts'
import { verdictOf, type Origin, type VerdictField, type VerdictRow } from './verdict-row.ts'

export interface WebhookSettings extends Origin {
  readonly name: string
  readonly url: string
  /** For `authorization: Bearer`; null: none is sent. */
  readonly token: Secret<string> | null
  /** Their word to our field; empty: ours. */
  readonly fields: Readonly<Record<string, VerdictField>>
  readonly key: string
  readonly sign: (body: Uint8Array) => string
}

export class Webhook implements Destination {
  readonly everyMs = seconds(2)
  readonly #web: Web
  readonly #ledger: Ledger
  readonly #settings: WebhookSettings

  constructor(web: Web, ledger: Ledger, settings: WebhookSettings) {
    this.#web = web
    this.#ledger = ledger
    this.#settings = settings
  }

  get name(): string { return this.#settings.name }

  async carry({ facts, heads, acked, isWithheld }: Batch, signal: AbortSignal): Promise<Carried> {
    const { station, mode } = this.#settings
    const upto = facts.at(-1)?.seq ?? acked
    const rows = facts.filter(fact => !isWithheld(fact.seq)).map(fact => verdictOf(this.#ledger, this.#settings, fact)).filter(row => row !== null)
    if (rows.length === 0 && heads.length === 0) return { kind: 'upto', upto }
    const key = rows.length === 0 ? `${station}:head:${heads.at(-1)?.seq ?? 0}` : `${station}:${rows[0]?.seq}-${rows.at(-1)?.seq}`
    const answer = await this.#post({ station, mode, events: rows.map(row => this.#named(row)), ...(heads.length === 0 ? {} : { heads }) }, key, signal)
    return answer.status >= 200 && answer.status < 300 ? { kind: 'upto', upto } : refusedOr(answer)
  }

  async test(_acked: number, signal: AbortSignal): Promise<void> {
    const { station, mode } = this.#settings
    const { status } = await this.#post({ station, mode, test: true, events: [] }, `${station}:test`, signal)
    if (status < 200 || status >= 300) throw new Fault('sync.refused', { httpStatus: status })
  }

  #named(row: VerdictRow): object {
    const map = Object.entries(this.#settings.fields)
    return map.length === 0 ? row : Object.fromEntries(map.map(([theirs, ours]) => [theirs, row[ours]]))
  }

  #post(json: object, key: string, signal: AbortSignal) {
    const { url, token, sign, key: publicKey } = this.#settings
    const body = new TextEncoder().encode(JSON.stringify(json))
    const headers = {
      'content-type': 'application/json', 'idempotency-key': key, 'x-station-signature': sign(body), 'x-station-key': publicKey,
      ...(token === null ? {} : { authorization: `Bearer ${token.reveal()}` })
    }
    return this.#web.request({ method: 'POST', url, headers, body, deadlineMs: seconds(15), bytesMax: 64 * 1024 }, signal)
  }
}
