/**
 * Long reads of a ledger, the same whether they run beside the writer in a thread of their own or, where there is no file
 * (training, tests), in the writer itself: is the file sound, where does a fragment of a name occur, has history been changed.
 */
import type { UnitId } from '#shared'
import type { Database, Reader } from '../ports.ts'
import type { Head } from '../wire/chain.ts'
import type { Fact } from '../domain/fact.ts'
import { archivedFacts, NO_VAULT, packStretch, type Packed, type Vault } from './archive.ts'
import type { Ledger } from './ledger.ts'
import { findByFragment } from './search.ts'
import { endOf, verifyLedger, type Verified } from './verify.ts'

export type Question =
  | { readonly kind: 'check' }
  | { readonly kind: 'find'; readonly text: string; readonly limit: number }
  | { readonly kind: 'head'; readonly station: string }
  | { readonly kind: 'pack'; readonly station: string; readonly from: number; readonly to: number }
  | { readonly kind: 'archived'; readonly station: string; readonly after: number; readonly limit: number; readonly unit: string | null }
  | { readonly kind: 'verify'; readonly station: string; readonly heads: readonly Head[]; readonly keys: readonly string[] }

/** What a check says when the file is sound. */
export const SOUND = 'ok'

export function answerReading(ledger: Ledger, question: Question, vault: Vault = NO_VAULT): unknown {
  switch (question.kind) {
    case 'check': return quickCheck(ledger.db)
    case 'find': return findByFragment(ledger.db, question.text, question.limit)
    case 'head': return endOf(ledger, question.station) ?? SOUND
    case 'pack': return packStretch(ledger.db, question.station, question.from, question.to)
    case 'archived': return archivedFacts(ledger.db, question.station, vault, question.after, question.limit, question.unit)
    case 'verify': return verifyLedger(ledger, question.station, question.heads, question.keys, vault)
  }
}

/** One place to ask from: the reader thread when there is one. */
export class Reading {
  readonly #ledger: Ledger
  readonly #reader: Reader | null
  readonly #path: string
  readonly #vault: Vault

  /** `vault`: for a ledger without a reader; a reader finds its own beside the file. */
  constructor(ledger: Ledger, reader: Reader | null, path: string, vault: Vault = NO_VAULT) {
    this.#vault = vault
    this.#ledger = ledger
    this.#reader = reader
    this.#path = path
  }

  async check(signal: AbortSignal): Promise<string> { return await this.#ask({ kind: 'check' }, signal) as string } // the kinds pair with their answers in answerReading
  async find(text: string, limit: number, signal: AbortSignal): Promise<UnitId[]> { return await this.#ask({ kind: 'find', text, limit }, signal) as UnitId[] } // as above
  async verify(station: string, heads: readonly Head[], keys: readonly string[], signal: AbortSignal): Promise<Verified> { return await this.#ask({ kind: 'verify', station, heads, keys }, signal) as Verified } // as above

  /** Facts as one file of the archive. */
  async pack(station: string, from: number, to: number, signal: AbortSignal): Promise<Packed> { return await this.#ask({ kind: 'pack', station, from, to }, signal) as Packed } // as above
  /** Archived facts above `after`, in order, of one unit or of all. */
  async archived(o: { readonly station: string; readonly after: number; readonly limit: number; readonly unit: string | null }, signal: AbortSignal): Promise<Fact[]> { return await this.#ask({ kind: 'archived', ...o }, signal) as Fact[] } // as above

  async #ask(question: Question, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    return this.#reader === null ? answerReading(this.#ledger, question, this.#vault) : await this.#reader.ask(this.#path, question, signal)
  }
}

/** 'ok', or what SQLite found first. */
export function quickCheck(db: Database): string {
  return db.all<{ quick_check: string }>('PRAGMA quick_check(1)')[0]?.quick_check ?? 'no answer'
}
