/**
 * Step 11: facts still owed to a destination. In order, at least once, `(station, seq)` as the key; an acknowledgement is one
 * row. A refused fact is set aside with its fault and does not block the next; nothing expires by the clock, and nothing is
 * taken out of the ledger: "from seq x" can be asked for again at any time.
 */
import { minutes, seconds, type AsideView, type FaultView, type SyncView } from '#shared'
import { Breaker, type Verdict } from '../bench/breaker.ts'
import { backOff, every } from '../bench/clockwork.ts'
import { baseOf } from '../bench/archive.ts'
import type { Carried, Destination } from '../bench/destination.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Log } from '../bench/log.ts'
import { headsOf } from '../bench/notary.ts'
import type { Scope } from '../bench/scope.ts'
import { Fault } from '../domain/fault.ts'
import type { Fact } from '../domain/fact.ts'
import type { Clock, Entropy } from '../ports.ts'

const BATCH_FACTS_MAX = 200 // facts/store-and-sync.md 0.8
const BATCH_BYTES_MAX = 250 * 1024 // of the 256 KiB a receiver takes; the rest is for what stands around the facts
const HEADS_MAX = 4
const ASIDES_SHOWN_MAX = 100

type Archived = (after: number, limit: number, signal: AbortSignal) => Promise<Fact[]>

export class Outbox {
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #station: string
  readonly #destination: Destination
  readonly #breaker: Breaker
  readonly #archived: Archived
  #fault: FaultView | null = null
  #failures = 0

  /** `archived`: facts that are no longer in the ledger itself, for a destination that is new or has gone far back. */
  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy }, ledger: Ledger, log: Log, station: string, destination: Destination, archived: Archived = async () => await Promise.resolve([])) {
    this.#archived = archived
    this.#clock = ports.clock
    this.#entropy = ports.entropy
    this.#ledger = ledger
    this.#log = log
    this.#station = station
    this.#destination = destination
    this.#breaker = new Breaker(ports.clock, ports.entropy, 'sync.unreachable')
  }

  get name(): string { return this.#destination.name }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('a round of sync failed', fault)
    scope.spawn(signal => every(this.#clock, this.#destination.everyMs, () => this.#round(signal), onFault, signal), onFault)
  }

  view(): SyncView {
    const acked = this.#acked()
    const aside = this.#ledger.db.all<{ n: number }>('SELECT count(*) AS n FROM aside WHERE destination = ?', [this.name])[0]?.n ?? 0
    return { destination: this.name, acked, last: this.#ledger.lastSeq, oldestUnsentAt: this.#ledger.factsAfter(acked, 1)[0]?.at ?? null, fault: this.#fault, aside }
  }

  /** One exchange that leaves nothing behind. Faults: what the destination said. */
  async test(signal: AbortSignal): Promise<SyncView> {
    await this.#destination.test(this.#acked(), signal)
    return this.view()
  }

  /** Everything from this number goes out again, also what was set aside. Faults: `door.invalid` for a number that has not been sent. */
  replay(from: number): SyncView {
    const acked = this.#acked()
    if (from > acked && !this.#isAside(from)) throw new Fault('door.invalid', { text: `fact ${from} has not been sent yet` })
    this.#ledger.db.transaction(() => {
      this.#ledger.db.run('DELETE FROM aside WHERE destination = ? AND seq >= ?', [this.name, from])
      this.#keep(Math.min(from - 1, acked))
    })
    return this.view()
  }

  /** Sends batches until the outbox is empty, or the receiver has gone back; waits with full jitter after a failure. */
  async #round(signal: AbortSignal): Promise<void> {
    try {
      for (let batch = await this.#batch(signal); batch.length > 0 && !signal.aborted; batch = await this.#batch(signal)) {
        const before = this.#acked()
        await this.#deliver(batch, signal)
        if (this.#acked() <= before) break // the next round comes in a second
      }
      if (this.#heads(this.#acked()).length > 0) await this.#carry([], signal)
      this.#failures = 0
      this.#fault = null
    } catch (thrown) {
      if (signal.aborted) return
      const fault = Fault.from(thrown)
      this.#fault = fault.code === 'sync.refused' || fault.code === 'sync.unreachable' ? fault.toView() : { code: 'sync.unreachable', context: {} }
      this.#failures += 1
      this.#log.warn('history could not be delivered', { destination: this.name, failures: this.#failures, code: fault.code })
      await this.#clock.sleep(backOff(this.#entropy, this.#failures, seconds(1), minutes(5)), signal).catch(() => undefined)
    }
  }

  async #batch(signal: AbortSignal): Promise<Fact[]> {
    const acked = this.#acked()
    const facts = acked < baseOf(this.#ledger.db).seq ? await this.#archived(acked, BATCH_FACTS_MAX, signal) : this.#ledger.factsAfter(acked, BATCH_FACTS_MAX)
    if (facts.length === 0 && acked < baseOf(this.#ledger.db).seq) throw new Fault('sync.refused', { archived: acked + 1 }) // its file is not here
    let bytes = 0
    const end = facts.findIndex((fact, i) => (bytes += Buffer.byteLength(JSON.stringify(fact)) + 1) >= BATCH_BYTES_MAX && i > 0)
    return end === -1 ? facts : facts.slice(0, end)
  }

  async #deliver(batch: readonly Fact[], signal: AbortSignal): Promise<void> {
    const carried = await this.#carry(batch, signal)
    if (carried.kind === 'upto') return this.#acknowledge(carried.upto, batch)
    if (carried.kind === 'again') return this.#rewind(carried.from - 1)
    if (batch.length > 1) {
      for (const fact of batch) {
        await this.#deliver([fact], signal)
        if (this.#acked() < fact.seq) return
      }
      return
    }
    const [fact] = batch
    if (!fact) return
    this.#setAside(fact, carried.httpStatus)
    await this.#deliver(batch, signal) // its place in the stream, without its words
  }

  /** Heads of the chain travel with the facts they are about, or behind them. */
  async #carry(facts: readonly Fact[], signal: AbortSignal): Promise<Carried> {
    const acked = this.#acked()
    const heads = this.#heads(facts.at(-1)?.seq ?? acked)
    const batch = { facts, heads, acked, isWithheld: (seq: number) => this.#isAside(seq) }
    const carried = await this.#breaker.run(() => this.#destination.carry(batch, signal), thrown => verdictOf(thrown, signal), { destination: this.name })
    const last = heads.at(-1)
    if (carried.kind === 'upto' && last && carried.upto >= last.seq) this.#ledger.db.run('UPDATE destination SET head = ? WHERE name = ?', [last.seq, this.name])
    return carried
  }

  #heads(to: number) {
    const sent = this.#ledger.db.all<{ head: number }>('SELECT head FROM destination WHERE name = ?', [this.name])[0]?.head ?? 0
    return headsOf(this.#ledger, this.#station, sent + 1, to, HEADS_MAX)
  }

  #isAside(seq: number): boolean {
    return this.#ledger.db.all('SELECT 1 FROM aside WHERE destination = ? AND seq = ?', [this.name, seq]).length > 0
  }

  #acked(): number {
    return this.#ledger.db.all<{ acked: number }>('SELECT acked FROM destination WHERE name = ?', [this.name])[0]?.acked ?? 0
  }

  /** What was not sent is never taken as received. */
  #acknowledge(upto: number, batch: readonly Fact[]): void {
    const [first, last] = [batch[0]?.seq ?? 0, batch.at(-1)?.seq ?? 0]
    if (upto < first) throw new Fault('sync.refused', { upto })
    this.#keep(Math.min(upto, last))
  }

  /** The receiver has lost its tail (a restore): it names the number it wants next, and gets everything from there. */
  #rewind(to: number): void {
    if (to < 0 || to >= this.#acked()) throw new Fault('sync.refused', { expected: to + 1 })
    this.#keep(to)
  }

  /** Heads beyond what it has are sent again as well. */
  #keep(acked: number): void {
    this.#ledger.db.run('INSERT INTO destination (name, acked, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET acked = excluded.acked, at = excluded.at, head = min(head, excluded.acked)',
      [this.name, acked, this.#clock.now()])
  }

  #setAside(fact: Fact, httpStatus: number): void {
    if (this.#isAside(fact.seq)) throw new Fault('sync.refused', { httpStatus, seq: fact.seq })
    const fault: FaultView = { code: 'sync.refused', context: { httpStatus, seq: fact.seq } }
    this.#ledger.db.run('INSERT OR REPLACE INTO aside (destination, seq, fault, at) VALUES (?, ?, ?, ?)', [this.name, fact.seq, JSON.stringify(fault), this.#clock.now()])
    this.#log.error('a fact was refused and set aside', { destination: this.name, seq: fact.seq, httpStatus })
  }
}

/** All destinations of a station, each with its own cursor and its own pauses. */
export class Outboxes {
  readonly #all: readonly Outbox[]

  constructor(all: readonly Outbox[]) {
    this.#all = all
  }

  start(scope: Scope): void { for (const outbox of this.#all) outbox.start(scope) }
  views(): readonly SyncView[] { return this.#all.map(outbox => outbox.view()) }

  /** Faults: `door.invalid`: there is no such destination. */
  named(name: string): Outbox {
    const found = this.#all.find(outbox => outbox.name === name)
    if (!found) throw new Fault('door.invalid', { text: `no destination ${name}; there is: ${this.#all.map(o => o.name).join(', ') || 'none'}` })
    return found
  }
}

/** What destinations refused, newest first. */
export function asidesOf(ledger: Ledger): AsideView[] {
  return ledger.db.all<{ destination: string; seq: number; at: number; fault: string; kind: string | null }>(
    'SELECT a.destination, a.seq, a.at, a.fault, f.kind FROM aside a LEFT JOIN fact f ON f.seq = a.seq ORDER BY a.at DESC, a.seq DESC LIMIT ?', [ASIDES_SHOWN_MAX])
    .map(row => ({ ...row, kind: row.kind ?? '', fault: JSON.parse(row.fault) as FaultView })) // written by #setAside
}

function verdictOf(thrown: unknown, signal: AbortSignal): Verdict {
  if (signal.aborted) return 'neither'
  return Fault.from(thrown).code === 'sync.refused' ? 'answered' : 'failed'
}
