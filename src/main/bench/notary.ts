/**
 * Signs the head of the chain every hundred facts or ten minutes, whichever comes first, and when the station stops
 * (facts/store-and-sync.md 6). A head that lies elsewhere shows what the chain alone cannot: a cut tail, an old copy.
 */
import { minutes } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { headBytes, type Head } from '../wire/chain.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export const FACTS_PER_HEAD = 100
const HEAD_EVERY = minutes(10)

interface HeadRow { readonly seq: number; readonly at: number; readonly hash: string; readonly key: string; readonly signature: string }
export interface NotarySettings { readonly station: string; readonly publicHex: string; readonly sign: (bytes: Uint8Array) => string }

export class Notary {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #settings: NotarySettings

  constructor(clock: Clock, ledger: Ledger, log: Log, settings: NotarySettings) {
    this.#clock = clock
    this.#ledger = ledger
    this.#log = log
    this.#settings = settings
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('the head of the ledger could not be signed', fault)
    scope.own(() => {
      try { this.sign() } catch (thrown) { onFault(Fault.from(thrown)) } // the ledger may be what stopped us
    })
    scope.own(this.#ledger.on(() => { if (this.#ledger.lastSeq - this.#lastSigned() >= FACTS_PER_HEAD) this.sign() }))
    scope.spawn(signal => every(this.#clock, HEAD_EVERY, () => this.sign(), onFault, signal), onFault)
  }

  /** Signs the chain as it stands, unless that has been done. */
  sign(): void {
    const { seq, hash } = this.#ledger.chain
    if (seq === 0 || this.#lastSigned() >= seq) return
    const { station, publicHex, sign } = this.#settings
    const head = { station, seq, at: this.#clock.now(), hash: Buffer.from(hash).toString('hex'), key: publicHex }
    this.#ledger.db.run('INSERT INTO head (seq, at, hash, key, signature) VALUES (?, ?, ?, ?, ?)', [seq, head.at, head.hash, head.key, sign(headBytes(head))])
  }

  #lastSigned(): number {
    return this.#ledger.db.all<{ seq: number | null }>('SELECT max(seq) AS seq FROM head')[0]?.seq ?? 0
  }
}

/** Heads kept in the ledger, in order, of facts `from` to `to`; the newest ones when there are too many. */
export function headsOf(ledger: Ledger, station: string, from: number, to: number, limit: number): Head[] {
  return ledger.db.all<HeadRow>('SELECT seq, at, hash, key, signature FROM head WHERE seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?', [from, to, limit])
    .map(row => ({ station, ...row })).toReversed()
}
