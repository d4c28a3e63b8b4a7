/**
 * Keeps the fragment index up with the names, a little behind them and in small slices, so that a scan never pays for it.
 * What is not indexed yet is looked at one by one.
 */
import { seconds } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'
import { INDEXED, indexedNames } from './search.ts'

const SLICE_NAMES = 100

export class SearchIndex {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #log: Log

  constructor(clock: Clock, ledger: Ledger, log: Log) {
    this.#clock = clock
    this.#ledger = ledger
    this.#log = log
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('names could not be indexed', fault)
    scope.spawn(signal => every(this.#clock, seconds(1), () => { this.catchUp() }, onFault, signal), onFault)
  }

  /** One slice; false: nothing was left to do. */
  catchUp(): boolean {
    const { db } = this.#ledger
    const upto = indexedNames(db)
    const last = db.all<{ id: number | null }>('SELECT max(id) AS id FROM (SELECT id FROM name WHERE id > ? ORDER BY id LIMIT ?)', [upto, SLICE_NAMES])[0]?.id ?? upto
    if (last === upto) return false
    db.transaction(() => {
      db.run('INSERT INTO alias_search (rowid, value) SELECT id, value FROM name WHERE id > ? AND id <= ?', [upto, last])
      this.#ledger.keepSetting(INDEXED, String(last))
    })
    return true
  }
}
