/**
 * Long reads of a ledger, the same whether they run beside the writer in a thread of their own or, where there is no file
 * (training, tests), in the writer itself: is the file sound, where does a fragment of a name occur, has history been changed.
 */
import type { UnitId } from '#shared'
import type { Database, Reader } from '../ports.ts'
import type { Head } from '../wire/chain.ts'
import type { Ledger } from './ledger.ts'
import { findByFragment } from './search.ts'
import { verifyLedger, type Verified } from './verify.ts'

export type Question =
  | { readonly kind: 'check' }
  | { readonly kind: 'find'; readonly text: string; readonly limit: number }
  | { readonly kind: 'verify'; readonly station: string; readonly heads: readonly Head[]; readonly keys: readonly string[] }

/** What a check says when the file is sound. */
export const SOUND = 'ok'

export function answerReading(ledger: Ledger, question: Question): unknown {
  switch (question.kind) {
    case 'check': return quickCheck(ledger.db)
    case 'find': return findByFragment(ledger.db, question.text, question.limit)
    case 'verify': return verifyLedger(ledger, question.station, question.heads, question.keys)
  }
}

/** One place to ask from: the reader thread when there is one. */
export class Reading {
  readonly #ledger: Ledger
  readonly #reader: Reader | null
  readonly #path: string

  constructor(ledger: Ledger, reader: Reader | null, path: string) {
    this.#ledger = ledger
    this.#reader = reader
    this.#path = path
  }

  async check(signal: AbortSignal): Promise<string> { return await this.#ask({ kind: 'check' }, signal) as string } // the kinds pair with their answers in answerReading
  async find(text: string, limit: number, signal: AbortSignal): Promise<UnitId[]> { return await this.#ask({ kind: 'find', text, limit }, signal) as UnitId[] } // as above
  async verify(station: string, heads: readonly Head[], keys: readonly string[], signal: AbortSignal): Promise<Verified> { return await this.#ask({ kind: 'verify', station, heads, keys }, signal) as Verified } // as above

  async #ask(question: Question, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    return this.#reader === null ? answerReading(this.#ledger, question) : await this.#reader.ask(this.#path, question, signal)
  }
}

/** 'ok', or what SQLite found first. */
export function quickCheck(db: Database): string {
  return db.all<{ quick_check: string }>('PRAGMA quick_check(1)')[0]?.quick_check ?? 'no answer'
}
