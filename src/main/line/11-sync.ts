/**
 * Step 11: facts still owed to a destination. In order, at least once, `(station, seq)` as the key; an acknowledgement is one
 * row. A refused fact is set aside with its fault and does not block the next; nothing expires by the clock.
 */
import { minutes, seconds, type FaultView, type SyncView } from '#shared'
import { backOff, every } from '../bench/clockwork.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Log } from '../bench/log.ts'
import type { Scope } from '../bench/scope.ts'
import { Fault } from '../domain/fault.ts'
import type { Fact } from '../domain/fact.ts'
import type { Clock, Entropy, Web, WebAnswer } from '../ports.ts'

const BATCH_FACTS_MAX = 200 // facts/store-and-sync.md 0.8
const BATCH_BYTES_MAX = 255 * 1024 // of the 256 KiB a receiver takes; the rest is for what stands around the facts
/** Refusals of us, of the address or of the moment; they say nothing about a fact, so none is set aside for them. */
const NOT_ABOUT_FACTS: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 409, 410, 429])

export interface SyncSettings {
  readonly destination: string
  readonly url: string
  readonly station: string
  /** ed25519 over the body, base64; so that a training station can never pass for a live one. */
  readonly sign: (body: Uint8Array) => string
}

export class Outbox {
  readonly #ports: { readonly clock: Clock; readonly entropy: Entropy; readonly web: Web }
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #settings: SyncSettings
  #fault: FaultView | null = null
  #failures = 0

  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy; readonly web: Web }, ledger: Ledger, log: Log, settings: SyncSettings) {
    this.#ports = ports
    this.#ledger = ledger
    this.#log = log
    this.#settings = settings
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('a round of sync failed', fault)
    scope.spawn(signal => every(this.#ports.clock, seconds(1), () => this.#round(signal), onFault, signal), onFault)
  }

  view(): SyncView {
    const { destination } = this.#settings
    const acked = this.#acked()
    const aside = this.#ledger.db.all<{ n: number }>('SELECT count(*) AS n FROM aside WHERE destination = ?', [destination])[0]?.n ?? 0
    return { destination, acked, last: this.#ledger.lastSeq, oldestUnsentAt: this.#ledger.factsAfter(acked, 1)[0]?.at ?? null, fault: this.#fault, aside }
  }

  /** Sends batches until the outbox is empty, or the receiver has gone back; waits with full jitter after a failure. */
  async #round(signal: AbortSignal): Promise<void> {
    try {
      for (let batch = this.#batch(BATCH_FACTS_MAX); batch.length > 0 && !signal.aborted; batch = this.#batch(BATCH_FACTS_MAX)) {
        const before = this.#acked()
        await this.#deliver(batch, signal)
        if (this.#acked() <= before) break // the next round comes in a second
      }
      this.#failures = 0
      this.#fault = null
    } catch (thrown) {
      if (signal.aborted) return
      const fault = Fault.from(thrown)
      this.#fault = fault.code === 'sync.refused' || fault.code === 'sync.unreachable' ? fault.toView() : { code: 'sync.unreachable', context: {} }
      this.#failures += 1
      this.#log.warn('history could not be delivered', { failures: this.#failures, code: fault.code })
      await this.#ports.clock.sleep(backOff(this.#ports.entropy, this.#failures, seconds(1), minutes(5)), signal).catch(() => undefined)
    }
  }

  #batch(max: number): Fact[] {
    const facts = this.#ledger.factsAfter(this.#acked(), max)
    let bytes = 0
    return facts.filter((fact, i) => (bytes += new TextEncoder().encode(JSON.stringify(fact)).length + 1) < BATCH_BYTES_MAX || i === 0)
  }

  async #deliver(batch: readonly Fact[], signal: AbortSignal): Promise<void> {
    const answer = await this.#post(batch, signal)
    if (answer.status === 200) return this.#acknowledge(answer, batch)
    const expected = answer.status === 409 ? numberIn(answer, 'expected') : null
    if (expected !== null) return this.#rewind(expected - 1)
    if (answer.status < 400 || answer.status >= 500 || NOT_ABOUT_FACTS.has(answer.status)) throw new Fault('sync.unreachable', { httpStatus: answer.status })
    if (batch.length > 1) {
      for (const fact of batch) {
        await this.#deliver([fact], signal)
        if (this.#acked() < fact.seq) return
      }
      return
    }
    const [fact] = batch
    if (!fact) return
    this.#setAside(fact, answer.status)
    await this.#deliver(batch, signal) // its place in the stream, without its words
  }

  /** What was set aside is named but not told, so that the stream has no gap. */
  #told(fact: Fact): object {
    return this.#isAside(fact.seq) ? { seq: fact.seq, at: fact.at, withheld: true } : fact
  }

  #isAside(seq: number): boolean {
    return this.#ledger.db.all('SELECT 1 FROM aside WHERE destination = ? AND seq = ?', [this.#settings.destination, seq]).length > 0
  }

  #post(batch: readonly Fact[], signal: AbortSignal): Promise<WebAnswer> {
    const { station, url, sign } = this.#settings
    const body = new TextEncoder().encode(JSON.stringify({ station, from: batch[0]?.seq, to: batch.at(-1)?.seq, facts: batch.map(fact => this.#told(fact)) }))
    return this.#ports.web.request({ method: 'POST', url, headers: { 'content-type': 'application/json', 'x-station-signature': sign(body) }, body, deadlineMs: seconds(15) }, signal)
  }

  #acked(): number {
    return this.#ledger.db.all<{ acked: number }>('SELECT acked FROM destination WHERE name = ?', [this.#settings.destination])[0]?.acked ?? 0
  }

  /** Only the receiver's own number counts: any page can say 200. What was not sent is never taken as received. */
  #acknowledge(answer: WebAnswer, batch: readonly Fact[]): void {
    const upto = numberIn(answer, 'upto')
    const [first, last] = [batch[0]?.seq ?? 0, batch.at(-1)?.seq ?? 0]
    if (upto === null) throw new Fault('sync.unreachable', { httpStatus: answer.status })
    if (upto < first) throw new Fault('sync.refused', { upto })
    this.#keep(Math.min(upto, last))
  }

  /** The receiver has lost its tail (a restore): it names the number it wants next, and gets everything from there. */
  #rewind(to: number): void {
    if (to < 0 || to >= this.#acked()) throw new Fault('sync.refused', { expected: to + 1 })
    this.#keep(to)
  }

  #keep(acked: number): void {
    this.#ledger.db.run('INSERT INTO destination (name, acked, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET acked = excluded.acked, at = excluded.at',
      [this.#settings.destination, acked, this.#ports.clock.now()])
  }

  #setAside(fact: Fact, httpStatus: number): void {
    if (this.#isAside(fact.seq)) throw new Fault('sync.refused', { httpStatus, seq: fact.seq })
    const fault: FaultView = { code: 'sync.refused', context: { httpStatus, seq: fact.seq } }
    this.#ledger.db.run('INSERT OR REPLACE INTO aside (destination, seq, fault, at) VALUES (?, ?, ?, ?)', [this.#settings.destination, fact.seq, JSON.stringify(fault), this.#ports.clock.now()])
    this.#log.error('a fact was refused and set aside', { seq: fact.seq, httpStatus })
  }
}

function numberIn(answer: WebAnswer, key: string): number | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(answer.body))
    const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : null
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
  } catch {
    return null
  }
}
