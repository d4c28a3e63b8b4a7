/**
 * Asks the cloud what became of each watched token, again and again, and tells each row until somebody claims it: the unit it
 * names may become known later. A trouble of the cloud is weather: it is shown, and asked again at the next round.
 */
import type { FaultView, Millis, TokenId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { every } from './clockwork.ts'
import type { TokenResult } from './cloud.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'
import type { TokenTill } from './token-till.ts'

/** Different rows remembered for one token; it has 30 seats. */
const ROWS_MAX = 1000

export interface PolledResult { readonly token: TokenId; readonly result: TokenResult; readonly isFirst: boolean }
/** True when the row was matched to a unit. */
export type ClaimResult = (polled: PolledResult) => boolean
type Told = Map<string, 'claimed' | 'unclaimed'>

export class ResultPoll {
  readonly #clock: Clock
  readonly #till: TokenTill
  readonly #log: Log
  readonly #pollMs: Millis
  readonly #watched = new Map<TokenId, { watchers: number; readonly told: Told }>()
  fault: FaultView | null = null
  #hurry: () => void = () => undefined
  #signal: AbortSignal | null = null
  readonly #looks = new Map<TokenId, Promise<void>>()
  #claim: ClaimResult | null = null
  #isAsking = false

  constructor(clock: Clock, till: TokenTill, log: Log, settings: { readonly pollMs: Millis }) {
    this.#clock = clock
    this.#till = till
    this.#log = log
    this.#pollMs = settings.pollMs
  }

  start(scope: Scope, claim: ClaimResult): void {
    this.#claim = claim
    this.#signal = scope.signal
    const onFault = (fault: Fault): void => this.#log.fault('a round of polling failed', fault)
    scope.spawn(signal => every(this.#clock, this.#pollMs, () => this.#round(claim, signal), onFault, signal), onFault)
    this.#hurry = () => scope.spawn(signal => this.#round(claim, signal), onFault)
  }

  /** Somebody is waiting at the bench: one round now, unless one is under way. */
  hurry(): void { this.#hurry() }

  /**
   * The place of the vendor's message service (facts/tuya.md 9), which is not built: it would tell rows here as they happen.
   * The poll goes on beside it, as messages come late, twice or never. False: nobody watches this token.
   */
  push(token: TokenId, result: TokenResult): boolean {
    const watched = this.#watched.get(token)
    if (watched && this.#claim) this.#tell(token, result, watched.told, this.#claim)
    return watched !== undefined
  }

  /** Asks about this token until every watcher has let go. */
  watch(token: TokenId): Disposable {
    const entry = this.#watched.get(token) ?? { watchers: 0, told: new Map<string, 'claimed' | 'unclaimed'>() }
    entry.watchers += 1
    this.#watched.set(token, entry)
    return { [Symbol.dispose]: () => {
      entry.watchers -= 1
      if (entry.watchers === 0) this.#watched.delete(token)
    } }
  }

  /** Asked about now, whatever the round does; whoever wants that of a token at the same time shares the call. A trouble of the cloud is weather, as there. */
  async look(token: TokenId, signal: AbortSignal): Promise<void> {
    const looking = this.#looks.get(token) ?? this.#look(token).finally(() => this.#looks.delete(token))
    this.#looks.set(token, looking)
    await looking
    signal.throwIfAborted()
  }

  async #round(claim: ClaimResult, signal: AbortSignal): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try { await this.#ask(claim, signal) } finally { this.#isAsking = false }
  }

  async #ask(claim: ClaimResult, signal: AbortSignal): Promise<void> {
    for (const [token, { told }] of Array.from(this.#watched)) { // watchers may let go while we wait
      if (signal.aborted) return
      await this.#one(token, told, claim, signal)
    }
  }

  async #look(token: TokenId): Promise<void> {
    const watched = this.#watched.get(token)
    if (watched && this.#claim && this.#signal) await this.#one(token, watched.told, this.#claim, this.#signal)
  }

  async #one(token: TokenId, told: Told, claim: ClaimResult, signal: AbortSignal): Promise<void> {
    try {
      for (const result of await this.#till.results(token, signal)) this.#tell(token, result, told, claim)
      this.fault = null
    } catch (thrown) {
      if (signal.aborted) return
      this.fault = Fault.from(thrown).toView()
      this.#log.fault('results could not be asked for', Fault.from(thrown), { token })
    }
  }

  #tell(token: TokenId, result: TokenResult, told: Told, claim: ClaimResult): void {
    const key = `${result.ok}|${result.deviceId}|${result.uuid}|${result.code}`
    const before = told.get(key)
    if (before === 'claimed' || (before === undefined && told.size >= ROWS_MAX)) return
    told.set(key, claim({ token, result, isFirst: before === undefined }) ? 'claimed' : 'unclaimed')
  }
}
