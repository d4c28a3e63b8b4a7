/**
 * The desk for tokens: takes one from whatever source stands behind it, judges whether it may still be used, and asks
 * what became of it. The day's quota is not here (domain/quota.ts); only the seats of one token are.
 */
import type { Instant, Method, Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import type { IssuedToken, TokenResult } from './cloud.ts'
import type { Log } from './log.ts'

export interface TokenOrder { readonly account: string; readonly product: string; readonly method: Method; readonly seats: number }

/** Where tokens come from (facts/tuya.md 8): replaceable, because no public call is documented for unbind tokens. */
export interface TokenSource {
  readonly id: 'virtual' | 'openapi' | 'relay' | 'file'
  issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken>
  /** What became of the units so far; null: this source has no list, so silence says nothing. */
  results(token: IssuedToken, signal: AbortSignal): Promise<readonly TokenResult[] | null>
}

export interface TokenDeskSettings {
  readonly seatsMax: number
  /** A unit needs time to read, join and report: 20 s (facts/store-and-sync.md 2.2.7). */
  readonly stopBeforeEndMs: Millis
}

export class TokenDesk {
  readonly #clock: Clock
  readonly #log: Log
  readonly #source: TokenSource
  readonly #settings: TokenDeskSettings
  /** Tokens taken in this run: their end by the monotonic clock, which no correction of the wall clock moves, and seats given. */
  readonly #taken = new WeakMap<IssuedToken, { readonly endsAt: number; given: number }>()

  constructor(clock: Clock, log: Log, source: TokenSource, settings: TokenDeskSettings) {
    this.#clock = clock
    this.#log = log
    this.#source = source
    this.#settings = settings
  }

  get sourceId(): TokenSource['id'] {
    return this.#source.id
  }

  /** Faults: `wave.full` before anyone is asked when more seats are wanted than one token has; whatever the source says. */
  async take(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    const { seats } = order
    if (!Number.isInteger(seats) || seats < 1 || seats > this.#settings.seatsMax) throw new Fault('wave.full', { seats, seatsMax: this.#settings.seatsMax })
    const token = await this.#source.issue(order, signal)
    const lifeMs = token.expiresAt - this.#clock.now()
    this.#taken.set(token, { endsAt: this.#clock.monotonic() + lifeMs, given: 0 })
    this.#log.info('token taken', { ...order, source: this.#source.id, lifeMs })
    return token
  }

  /** False in the last 20 s of its life, past it, or when all seats are given. */
  isUsable(token: IssuedToken): boolean {
    const taken = this.#taken.get(token)
    const leftMs = taken === undefined ? wallLeft(token, this.#clock.now()) : taken.endsAt - this.#clock.monotonic()
    return leftMs > this.#settings.stopBeforeEndMs && (taken?.given ?? 0) < Math.min(token.seatsMax, this.#settings.seatsMax)
  }

  /** Gives one seat of the token away; false when it is not usable any more. */
  giveSeat(token: IssuedToken): boolean {
    const taken = this.#taken.get(token)
    if (taken === undefined || !this.isUsable(token)) return false // what an earlier run took is only asked for results
    taken.given += 1
    return true
  }

  results(token: IssuedToken, signal: AbortSignal): Promise<readonly TokenResult[] | null> {
    return this.#source.results(token, signal)
  }
}

function wallLeft(token: IssuedToken, now: Instant): number {
  return now < token.issuedAt ? 0 : token.expiresAt - now // a clock that runs before the issue tells nothing
}
