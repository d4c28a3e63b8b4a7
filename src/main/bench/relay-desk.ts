/**
 * Codes relayed from the vendor's own app (facts/tuya.md 8): off until a lead has confirmed that the vendor's terms allow it,
 * which is a fact with name and time. The operator states the account, and so the data centre; a code of another one is named.
 */
import type { RelayView } from '#shared'
import { Fault } from '../domain/fault.ts'
import { RENEW_AT } from '../domain/wave.ts'
import type { Clock } from '../ports.ts'
import type { Account, AccountBook } from './account-book.ts'
import type { Ledger } from './ledger.ts'
import { Secret } from './log.ts'
import { LEAST_LEFT, type RelaySource } from './sources.ts'

/** A code that waits for its wave is told to be old this long before it can no longer be begun. */
const WARN_MS = 20_000

export class RelayDesk {
  readonly book: AccountBook
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #source: RelaySource

  constructor(clock: Clock, ledger: Ledger, book: AccountBook, source: RelaySource) {
    this.#clock = clock
    this.#ledger = ledger
    this.book = book
    this.#source = source
  }

  get isAllowed(): boolean { return this.#ledger.mark('relay-consent', 'station') !== null }

  /** `by`: the lead who has read the vendor's terms. */
  allow(isAllowed: boolean, by: string): void {
    if (isAllowed !== this.isAllowed) this.#ledger.append({ body: { kind: 'relay.allowed', isAllowed, by } })
  }

  /** Whose codes are scanned from now on; null: the code's data centre tells. Faults: `account.unknown`. */
  state(account: string | null): void {
    if (account !== null && !this.#accounts().some(a => a.id === account)) throw new Fault('account.unknown', { account })
    if (account !== this.#stated()) this.#ledger.append({ body: { kind: 'relay.stated', account } })
  }

  /**
   * The code becomes the next token of its account. `shown`: texts on our own racks, which are no codes of a phone. Faults:
   * `scan.unreadable` for our own code, `relay.other-centre`, `relay.which-account`, `account.unknown` when nobody relays codes of this centre.
   */
  offer(token: string, shown: readonly string[]): string {
    if (shown.some(text => text.includes(token))) throw new Fault('scan.unreadable', { reason: 'our own code' })
    const account = this.#accountOf(token.slice(0, 2))
    this.#source.offer(account.id, new Secret(token))
    return account.id
  }

  /** A fresh code of this account is at hand. */
  hasCode(account: string): boolean { return this.#source.leftMs(account) >= LEAST_LEFT }

  view(): RelayView {
    const now = this.#clock.now()
    const accounts = this.#accounts()
    const waiting = accounts.map(a => ({ account: a.id, leftMs: this.#source.leftMs(a.id) })).filter(w => w.leftMs > 0).toSorted((a, b) => b.leftMs - a.leftMs)[0] ?? null
    const isWaiting = waiting !== null && waiting.leftMs >= LEAST_LEFT + WARN_MS
    const isShownOld = this.#ledger.openWaves().some(w => w.state !== 'settling' && accounts.some(a => a.id === w.account)
      && (w.shownAt === null || w.expiresAt === null || now >= w.shownAt + RENEW_AT * (w.expiresAt - w.shownAt)))
    return {
      consent: this.#ledger.mark('relay-consent', 'station'), accounts: accounts.map(({ id, region }) => ({ id, region })), stated: this.#stated(), waiting,
      isNextNeeded: this.isAllowed && !isWaiting && (waiting !== null || isShownOld)
    }
  }

  #accounts(): readonly Account[] { return this.book.usable().filter(a => a.source === 'relay') }

  #stated(): string | null { return this.#ledger.mark('relay-account', 'station')?.account ?? null }

  #accountOf(region: string): Account {
    const accounts = this.#accounts()
    const stated = accounts.find(a => a.id === this.#stated())
    if (stated && stated.region !== region) throw new Fault('relay.other-centre', { account: stated.id, region, expected: stated.region })
    if (stated) return stated
    const [account, ...others] = accounts.filter(a => a.region === region)
    if (!account) throw new Fault('account.unknown', { region })
    if (others.length > 0) throw new Fault('relay.which-account', { region, accounts: [account, ...others].map(a => a.id).join(', ') })
    return account
  }
}
