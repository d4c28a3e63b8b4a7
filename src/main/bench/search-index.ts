/**
 * Keeps the fragment index up with the facts, a little behind them and in small slices, so that a scan never pays for it.
 * What is not indexed yet is found by its beginning.
 */
import { seconds } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

const SLICE_FACTS = 200
const UPTO = 'search.upto'

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
    const upto = Number(this.#ledger.setting(UPTO) ?? 0)
    if (upto >= this.#ledger.lastSeq) return false
    const last = Math.min(upto + SLICE_FACTS, this.#ledger.lastSeq)
    db.transaction(() => {
      const names = db.all<{ value: string }>("SELECT DISTINCT json_extract(body, '$.alias.value') AS value FROM fact WHERE seq > ? AND seq <= ? AND kind = 'unit.named'", [upto, last])
      for (const { value } of names) {
        if (db.run('INSERT OR IGNORE INTO name (value) VALUES (?)', [value]).changes === 1) db.run('INSERT INTO alias_search (rowid, value) SELECT id, value FROM name WHERE value = ?', [value])
      }
      db.run("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", [UPTO, String(last)])
    })
    return true
  }
}
