/**
 * The till keeps the tokens in use, by account, product and method, each shared until its seats are given or it is about to
 * end. Whoever finds the ones that are being asked for all promised asks for another at once. A token is sealed in the ledger before anybody hears of it, so that results can be asked for after a crash.
 */
import type { Method, TokenId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Secrets } from '../ports.ts'
import type { IssuedToken, TokenResult } from './cloud.ts'
import type { Ledger } from './ledger.ts'
import { Secret } from './log.ts'
import type { TokenDesk } from './token-desk.ts'

export interface HeldToken { readonly uid: TokenId; readonly account: string; readonly product: string; readonly issued: IssuedToken }
export interface TokenWish { readonly account: string; readonly product: string; readonly method: Method; readonly seats: number }

/** Tokens of one kind that are asked for at the same time; whoever comes on top waits for one of them. */
const ASKED_AT_ONCE_MAX = 4

/** `promised`: seats somebody waits for. */
interface Asking { readonly fresh: Promise<HeldToken>; readonly signal: AbortSignal; promised: number }

export class TokenTill {
  readonly #ledger: Ledger
  readonly #desk: TokenDesk
  readonly #secrets: Secrets
  readonly #seatsMax: number
  readonly #drawers = new Map<string, readonly HeldToken[]>()
  readonly #asking = new Map<string, readonly Asking[]>()

  constructor(ledger: Ledger, desk: TokenDesk, ports: { readonly secrets: Secrets }, settings: { readonly seatsMax: number }) {
    this.#ledger = ledger
    this.#desk = desk
    this.#secrets = ports.secrets
    this.#seatsMax = settings.seatsMax
  }

  /** One seat of the token in use, or of a fresh one. Faults: those of the desk; `token.expired` for one that came too old to use. */
  async seat(wish: Omit<TokenWish, 'seats'>, signal: AbortSignal): Promise<HeldToken> {
    const key = `${wish.account}|${wish.product}|${wish.method}`
    for (;;) {
      const held = this.#fromDrawer(key)
      if (held) return held
      const all = this.#asking.get(key) ?? []
      const asking = all.find(a => a.promised < this.#seatsMax) ?? (all.length < ASKED_AT_ONCE_MAX ? undefined : all[0])
      if (!asking) return await this.#ask(key, { ...wish, seats: this.#seatsMax }, signal)
      asking.promised += 1
      try {
        const { issued } = await asking.fresh
        signal.throwIfAborted()
        if (this.#desk.giveSeat(issued)) return await asking.fresh
      } catch (thrown) {
        signal.throwIfAborted()
        if (!asking.signal.aborted) throw thrown // else whoever asked was taken away; that ends nobody else's wait
      }
      signal.throwIfAborted()
    }
  }

  /** A token of its own, for a wave. */
  whole(wish: TokenWish, signal: AbortSignal): Promise<HeldToken> {
    return this.#fresh(wish, signal)
  }

  /** Results so far, also of tokens from before a restart. */
  async results(uid: TokenId, signal: AbortSignal): Promise<readonly TokenResult[]> {
    return await this.list(uid, signal) ?? []
  }

  /** The same as a list that leaves nobody out; null: there is none. */
  async list(uid: TokenId, signal: AbortSignal): Promise<readonly TokenResult[] | null> {
    const stored = this.#ledger.token(uid)
    if (!stored) return null
    const text = new TextDecoder().decode(this.#secrets.open(stored.sealed))
    const token8 = new Secret(text.slice(2, 10)) // facts/tuya.md 2: region(2) + token(8) + secret(4)
    return this.#desk.results({ account: stored.account, text: new Secret(text), token8, region: stored.region, issuedAt: stored.issuedAt, expiresAt: stored.expiresAt, seatsMax: stored.seats }, signal)
  }

  #fromDrawer(key: string): HeldToken | undefined {
    const usable = (this.#drawers.get(key) ?? []).filter(held => this.#desk.isUsable(held.issued))
    this.#drawers.set(key, usable)
    return usable.find(held => this.#desk.giveSeat(held.issued))
  }

  /** A fresh one with its first seat given to whoever asks; the drawer holds it before anybody goes on. */
  #ask(key: string, wish: TokenWish, signal: AbortSignal): Promise<HeldToken> {
    const fresh = this.#fresh(wish, signal).then(held => {
      if (!this.#desk.giveSeat(held.issued)) throw new Fault('token.expired', { account: wish.account, product: wish.product })
      this.#drawers.set(key, [...this.#drawers.get(key) ?? [], held])
      return held
    }).finally(() => { this.#asking.set(key, (this.#asking.get(key) ?? []).filter(a => a !== asking)) })
    const asking: Asking = { fresh, signal, promised: 1 }
    this.#asking.set(key, [...this.#asking.get(key) ?? [], asking])
    return fresh
  }

  async #fresh(wish: TokenWish, signal: AbortSignal): Promise<HeldToken> {
    const issued = await this.#desk.take(wish, signal)
    const uid = this.#ledger.newId() as TokenId // made here and nowhere else
    const seats = Math.min(issued.seatsMax, this.#seatsMax)
    this.#ledger.commit(tx => {
      const sealed = this.#secrets.seal(new TextEncoder().encode(issued.text.reveal()))
      tx.keepToken({ uid, account: wish.account, region: issued.region, sealed, issuedAt: issued.issuedAt, expiresAt: issued.expiresAt, seats })
      tx.append({ body: { kind: 'token.taken', token: uid, account: wish.account, product: wish.product, method: wish.method, seats, expiresAt: issued.expiresAt } })
    })
    return { uid, account: wish.account, product: wish.product, issued }
  }
}
