/**
 * Keeps the ledger small: facts older than the setting go into files of the archive, in stretches, packed by the reader
 * thread and dropped in slices with a pause between them, so that the bench never waits. A fact stays while a destination
 * may still ask for it, and until a signed head covers it (facts/store-and-sync.md 2.4); records and verdicts stay for good.
 */
import { hours, millis, type Instant, type Millis } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { Clock, Disk } from '../ports.ts'
import { archiveRows, baseOf, dropSlice } from './archive.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Reading } from './reading.ts'
import type { Scope } from './scope.ts'
import { seqAt } from './search.ts'

/** One file: about 2 MB unpacked, some 200 KB as it lies. */
const STRETCH_FACTS = 10_000
/** Less is not worth a file of its own. */
const STRETCH_LEAST = 1000
const SLICE_FACTS = { first: 250, least: 25, most: 500 } as const
/** A slice holds the bench up for about this long; the next one is made to measure, on a slow disk too. */
const SLICE_AIM = millis(5)
const SLICE_PAUSE = millis(50)
const LOOK_EVERY = hours(1)
const days = (n: number): Millis => hours(24 * n)
/** After a destination's answer, so that it can ask "from fact x" after its own restore (facts/store-and-sync.md 2.1). */
const KEPT_AFTER_ANSWER = days(30)
const FLOORS_MAX = 48
const FLOORS = 'archive.floors'
/** A token nobody can ask about any more. */
const TOKENS_KEPT = days(30)

export interface ArchivistSettings {
  readonly station: string
  /** Facts younger than this stay; null: all stay. */
  readonly keepMs: Millis | null
  /** The archive inside the data folder. */
  readonly folder: string
  /** Destinations that are configured, and whether one of them keeps heads. */
  readonly destinations: readonly string[]
  readonly central: string | null
  readonly stretchFacts?: number
  readonly stretchLeast?: number
}
export interface ArchivistBench { readonly clock: Clock; readonly disk: Disk; readonly reading: Reading }
interface Floor { readonly at: Instant; readonly seq: number }

export class Archivist {
  readonly #bench: ArchivistBench
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #settings: ArchivistSettings

  constructor(bench: ArchivistBench, ledger: Ledger, log: Log, settings: ArchivistSettings) {
    this.#bench = bench
    this.#ledger = ledger
    this.#log = log
    this.#settings = settings
  }

  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('old facts could not be archived', fault)
    scope.spawn(signal => every(this.#bench.clock, LOOK_EVERY, () => this.tidy(signal), onFault, signal), onFault)
  }

  /** Everything that is due now, stretch by stretch. */
  async tidy(signal: AbortSignal): Promise<void> {
    if (this.#settings.keepMs === null) return
    this.#noteFloor()
    this.#ledger.db.run('DELETE FROM token WHERE expires_at < ?', [this.#bench.clock.now() - TOKENS_KEPT])
    await this.#dropArchived(signal) // what a stop in the middle has left
    for (let range = this.#due(); range !== null && !signal.aborted; range = this.#due()) {
      await this.#archive(range.from, range.to, signal)
      await this.#dropArchived(signal)
    }
  }

  /** The file first, then the fact that tells of it together with its row, then the facts go. */
  async #archive(from: number, to: number, signal: AbortSignal): Promise<void> {
    const { station, folder } = this.#settings
    const { bytes, hash, sha256 } = await this.#bench.reading.pack(station, from, to, signal)
    const file = `${station}-${String(from).padStart(9, '0')}-${String(to).padStart(9, '0')}.jsonl.gz`
    this.#bench.disk.writeAtomic(`${folder}/${file}`, bytes)
    this.#ledger.commit(tx => {
      tx.append({ body: { kind: 'history.archived', from, to, hash, file, sha256 } })
      this.#ledger.db.run('INSERT INTO archive (seq_to, seq_from, file, hash, sha256) VALUES (?, ?, ?, ?, ?)', [to, from, file, hash, sha256])
    })
    this.#log.info('old facts were archived', { from, to, bytes: bytes.byteLength })
  }

  async #dropArchived(signal: AbortSignal): Promise<void> {
    const to = archiveRows(this.#ledger.db, this.#settings.station).at(-1)?.to ?? 0
    const { clock } = this.#bench
    let most: number = SLICE_FACTS.first
    for (let at = clock.monotonic(); dropSlice(this.#ledger, to, most); at = clock.monotonic()) {
      const isSlow = clock.monotonic() - at > SLICE_AIM
      most = isSlow ? Math.max(SLICE_FACTS.least, Math.floor(most / 2)) : Math.min(SLICE_FACTS.most, most + SLICE_FACTS.least)
      await clock.sleep(SLICE_PAUSE, signal)
    }
  }

  /** The next stretch that nobody needs any more; null: none. */
  #due(): { readonly from: number; readonly to: number } | null {
    const { db, lastSeq } = this.#ledger
    const { keepMs, destinations, central, stretchFacts = STRETCH_FACTS, stretchLeast = STRETCH_LEAST } = this.#settings
    const now = this.#bench.clock.now()
    const from = baseOf(db).seq + 1
    const old = seqAt(db, now - (keepMs ?? 0), lastSeq) - 1
    const answered = destinations.length === 0 ? lastSeq : this.#floors().findLast(floor => floor.at <= now - KEPT_AFTER_ANSWER)?.seq ?? 0
    const sealed = db.all<{ seq: number | null }>(central === null ? 'SELECT max(seq) AS seq FROM head' : 'SELECT max(head) AS seq FROM destination WHERE name = ?', central === null ? [] : [central])[0]?.seq ?? 0
    const to = Math.min(old, answered, this.#ackedByAll(), sealed, from + stretchFacts - 1)
    return to - from + 1 >= Math.min(stretchLeast, stretchFacts) ? { from, to } : null
  }

  /** How far every destination has come, noted as time goes by: an acknowledgement has no time of its own. */
  #noteFloor(): void {
    const now = this.#bench.clock.now()
    const floors = this.#floors()
    if (now - (floors.at(-1)?.at ?? 0) < days(1)) return
    this.#ledger.keepSetting(FLOORS, JSON.stringify([...floors, { at: now, seq: this.#ackedByAll() }].slice(-FLOORS_MAX)))
  }

  #ackedByAll(): number {
    const acked = (name: string): number => this.#ledger.db.all<{ acked: number }>('SELECT acked FROM destination WHERE name = ?', [name])[0]?.acked ?? 0
    return Math.min(this.#ledger.lastSeq, ...this.#settings.destinations.map(acked))
  }

  #floors(): readonly Floor[] { return JSON.parse(this.#ledger.setting(FLOORS) ?? '[]') as Floor[] } // written by #noteFloor
}

/** Days as a setting gives them; 0: nothing is archived. */
export const keepMsOf = (keepDays: number): Millis | null => keepDays === 0 ? null : days(keepDays)
