/**
 * Keeps the writer's log short from beside it: the reader thread moves what was committed into the ledger's file. Left to
 * itself SQLite does that inside a commit, every thousand pages, and the bench stands still for as long as the disk takes.
 */
import { seconds } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { Clock, Database, Reader } from '../ports.ts'
import { every } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

/** Rows; of a scanned unit some fifteen are written. Less is not worth waiting for the disk in the thread either. */
const CHANGES_LEAST = 200
const LOOK_EVERY = seconds(1)
/** 32 MB: when the reader has not come to it, such as during a long check, the writer helps itself after all. */
const LOG_PAGES_MAX = 8000

export interface CheckpointBench { readonly clock: Clock; readonly reader: Reader; readonly db: Database }

export class Checkpoints {
  readonly #bench: CheckpointBench
  readonly #log: Log
  readonly #path: string
  #changesThen = 0

  constructor(bench: CheckpointBench, log: Log, path: string) {
    this.#bench = bench
    this.#log = log
    this.#path = path
  }

  start(scope: Scope): void {
    this.#bench.db.run(`PRAGMA wal_autocheckpoint = ${LOG_PAGES_MAX}`)
    const onFault = (fault: Fault): void => this.#log.fault('the log of the ledger could not be moved into its file', fault)
    scope.spawn(signal => every(this.#bench.clock, LOOK_EVERY, () => this.look(signal), onFault, signal), onFault)
  }

  /** Asks the reader when enough was written since it was asked last. */
  async look(signal: AbortSignal): Promise<void> {
    const { db, reader } = this.#bench
    const changes = db.all<{ n: number }>('SELECT total_changes() AS n')[0]?.n ?? 0
    if (changes - this.#changesThen < CHANGES_LEAST) return
    this.#changesThen = changes
    await reader.ask(this.#path, { kind: 'checkpoint' } satisfies CheckpointQuestion, signal)
  }
}

export interface CheckpointQuestion { readonly kind: 'checkpoint' }
