/**
 * Long reads of a ledger, the same whether they run beside the writer in a thread of their own or, where there is no file
 * (training, tests), in the writer itself: is the file sound, which units fit, what lies behind the ledger, has history been changed.
 */
import type { UnitId } from '#shared'
import type { Database, Reader } from '../ports.ts'
import type { Head } from '../wire/chain.ts'
import type { Fact } from '../domain/fact.ts'
import { archivedFacts, NO_VAULT, packStretch, type Packed, type Vault } from './archive.ts'
import type { Ledger } from './ledger.ts'
import { factsBehind, verdictBehind, type Past, type PastVerdict } from './lookback.ts'
import { searchUnits, type UnitFilter } from './search.ts'
import { endOf, verifyLedger, type Verified } from './verify.ts'

export type Question =
  | { readonly kind: 'check' }
  | { readonly kind: 'head'; readonly station: string }
  | { readonly kind: 'pack'; readonly station: string; readonly from: number; readonly to: number }
  | { readonly kind: 'archived'; readonly station: string; readonly after: number; readonly limit: number; readonly unit: string | null }
  | { readonly kind: 'behind'; readonly unit: string; readonly limit: number }
  | { readonly kind: 'verdict'; readonly unit: string; readonly job: string }
  | { readonly kind: 'units'; readonly filter: UnitFilter; readonly limit: number }
  | { readonly kind: 'verify'; readonly station: string; readonly heads: readonly Head[]; readonly keys: readonly string[] }

/** What a check says when the file is sound. */
export const SOUND = 'ok'

export function answerReading(ledger: Ledger, question: Question, vault: Vault = NO_VAULT): unknown {
  switch (question.kind) {
    case 'check': return quickCheck(ledger.db)
    case 'head': return endOf(ledger, question.station) ?? SOUND
    case 'pack': return packStretch(ledger.db, question.station, question.from, question.to)
    case 'archived': return archivedFacts(ledger.db, question.station, vault, question.after, question.limit, question.unit)
    case 'behind': return factsBehind(ledger, vault, question.unit, question.limit)
    case 'verdict': return verdictBehind(ledger, vault, question.unit, question.job)
    case 'units': return searchUnits(ledger.db, question.filter, question.limit).map(u => u.uid)
    case 'verify': return verifyLedger(ledger, question.station, question.heads, question.keys, vault)
  }
}

/** One place to ask from: the reader thread when there is one. */
export class Reading {
  readonly #ledger: Ledger
  readonly #reader: Reader | null
  readonly #finder: Pick<Reader, 'ask'> | null
  readonly #path: string
  readonly #vault: Vault

  /** `vault`: for a ledger without a reader; a reader finds its own beside the file. `finder`: answers searches, which must not wait for a long check. */
  constructor(ledger: Ledger, reader: Reader | null, path: string, vault: Vault = NO_VAULT, finder: Pick<Reader, 'ask'> | null = reader) {
    this.#vault = vault
    this.#ledger = ledger
    this.#reader = reader
    this.#finder = finder
    this.#path = path
  }

  async check(signal: AbortSignal): Promise<string> { return await this.#ask({ kind: 'check' }, signal) as string } // the kinds pair with their answers in answerReading
  async verify(station: string, heads: readonly Head[], keys: readonly string[], signal: AbortSignal): Promise<Verified> { return await this.#ask({ kind: 'verify', station, heads, keys }, signal) as Verified } // as above

  /** Facts as one file of the archive. */
  async pack(station: string, from: number, to: number, signal: AbortSignal): Promise<Packed> { return await this.#ask({ kind: 'pack', station, from, to }, signal) as Packed } // as above
  /** Archived facts above `after`, in order, of one unit or of all. */
  async archived(o: { readonly station: string; readonly after: number; readonly limit: number; readonly unit: string | null }, signal: AbortSignal): Promise<Fact[]> { return await this.#ask({ kind: 'archived', ...o }, signal) as Fact[] } // as above

  /** What is said of a unit before the first fact the ledger itself still has. */
  async behind(unit: string, limit: number, signal: AbortSignal): Promise<Past> { return await this.#ask({ kind: 'behind', unit, limit }, signal) as Past } // as above
  async verdict(unit: string, job: string, signal: AbortSignal): Promise<PastVerdict> { return await this.#ask({ kind: 'verdict', unit, job }, signal) as PastVerdict } // as above
  /** Units that fit, newest first. */
  async units(filter: UnitFilter, limit: number, signal: AbortSignal): Promise<UnitId[]> { return await this.#ask({ kind: 'units', filter, limit }, signal) as UnitId[] } // as above

  async #ask(question: Question, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    const reader = question.kind === 'units' ? this.#finder : this.#reader
    return reader === null ? answerReading(this.#ledger, question, this.#vault) : await reader.ask(this.#path, question, signal)
  }
}

/** 'ok', or what SQLite found first. */
export function quickCheck(db: Database): string {
  return db.all<{ quick_check: string }>('PRAGMA quick_check(1)')[0]?.quick_check ?? 'no answer'
}
