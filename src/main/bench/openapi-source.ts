/**
 * Tokens and results by the vendor's OpenAPI, one client an account. No row of a result list names a MAC, and error rows
 * only a device id (facts/tuya.md 16.3): they are completed by the factory data call where the account may see it.
 */
import { Fault } from '../domain/fault.ts'
import type { FactoryRow } from '../wire/cloud.ts'
import { normaliseMac } from '../wire/label.ts'
import type { CloudClient, IssuedToken, TokenResult } from './cloud.ts'
import type { Log } from './log.ts'
import type { TokenOrder, TokenSource } from './token-desk.ts'

/** Results are polled; an id the cloud will not explain is not asked for for ever. */
const LOOKUPS_MAX = 3
/** Far more than a shift releases; the oldest is forgotten first. */
const KNOWN_IDS_MAX = 5000

/** The accounts and their clients, as they are now. */
export interface AccountClients { client(account: string): CloudClient | null; find(account: string): { readonly release?: string } | null }

export class OpenApiSource implements TokenSource {
  readonly id: 'openapi' | 'virtual'
  readonly #clients: AccountClients
  readonly #log: Log
  readonly #known = new Map<string, { readonly row: FactoryRow | null; readonly lookups: number }>()

  constructor(clients: readonly CloudClient[] | AccountClients, log: Log, id: 'openapi' | 'virtual' = 'openapi') {
    this.id = id
    this.#log = log
    this.#clients = 'client' in clients ? clients : { client: account => clients.find(c => c.accountId === account) ?? null, find: () => null }
  }

  issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    return this.#clientOf(order.account).issueToken({ seats: order.seats, product: order.product }, signal)
  }

  async results(token: IssuedToken, signal: AbortSignal): Promise<readonly TokenResult[]> {
    const client = this.#clientOf(token.account)
    const rows = await client.results(token.token8.reveal(), signal)
    await this.#lookUp(client, rows.flatMap(r => (r.uuid === null || r.mac === null) && r.deviceId !== null ? [r.deviceId] : []), signal)
    const isBound = (this.#clients.find(token.account)?.release ?? 'none') !== 'none' // an ordinary pairing token binds to us
    return rows.map(row => ({ ...this.#complete(row), ...(isBound && row.ok ? { isBound } : {}) }))
  }

  #complete(row: TokenResult): TokenResult {
    const found = row.deviceId === null ? null : this.#known.get(row.deviceId)?.row ?? null
    const mac = row.mac ?? found?.mac ?? null
    return { ...row, uuid: row.uuid ?? found?.uuid ?? null, mac: mac === null ? null : normaliseMac(mac) }
  }

  /** A failure costs only the names: the rows themselves are worth more than the explanation. */
  async #lookUp(client: CloudClient, ids: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = [...new Set(ids)].filter(id => {
      const known = this.#known.get(id)
      return known === undefined || (known.row === null && known.lookups < LOOKUPS_MAX)
    })
    if (wanted.length === 0) return
    let rows: readonly FactoryRow[] = []
    try {
      rows = await client.factoryInfos(wanted, signal)
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      const fault = Fault.from(thrown)
      this.#log.fault('device ids stay unexplained', fault, { ids: wanted.length })
      if (fault.context['number'] === undefined) return // the cloud said nothing, so nothing is learnt of the ids
    }
    for (const id of wanted) this.#known.set(id, { row: rows.find(r => r.deviceId === id) ?? null, lookups: (this.#known.get(id)?.lookups ?? 0) + 1 })
    for (const id of this.#known.keys()) {
      if (this.#known.size <= KNOWN_IDS_MAX) break
      this.#known.delete(id)
    }
  }

  #clientOf(account: string): CloudClient {
    const client = this.#clients.client(account)
    if (client === null) throw new Fault('account.unknown', { account })
    return client
  }
}
