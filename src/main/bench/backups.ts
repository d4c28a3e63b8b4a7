/**
 * Copies of the ledger: one a night at an idle hour, seven kept. Each is made by SQLite's own backup in the reader thread,
 * opened, and checked twice: is the file sound, and does its chain end as its signed heads say.
 */
import { hours, minutes, type BackupView, type Instant } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Disk, Reader } from '../ports.ts'
import { every } from './clockwork.ts'
import type { Log } from './log.ts'
import { SOUND } from './reading.ts'
import type { Scope } from './scope.ts'

const COPY_EVERY = hours(24)
export const COPIES_MAX = 7
const LOOK_EVERY = minutes(10)
/** A bench that is never idle is copied all the same: the copy is made beside it. */
const IDLE_WAIT_MAX = hours(4)

export interface BackupSettings {
  readonly path: string
  /** The folder of copies: as the system knows it, and inside the data folder. */
  readonly copiesPath: string
  readonly copiesDir: string
  /** By this computer's clock; null: a day after the last one, at whatever hour. */
  readonly hour: number | null
  readonly station: string
}
export interface BackupBench { readonly clock: Clock; readonly disk: Disk; readonly reader: Reader; readonly isIdle: () => boolean }

export class Backups {
  readonly #bench: BackupBench
  readonly #log: Log
  readonly #settings: BackupSettings
  #copiedAt: Instant | null = null

  constructor(bench: BackupBench, log: Log, settings: BackupSettings) {
    this.#bench = bench
    this.#log = log
    this.#settings = settings
  }

  get copiedAt(): Instant | null { return this.#copiedAt }

  /** `onDamage`: the copy was not sound, so the ledger is not. */
  start(scope: Scope, onDamage: (found: string) => void): void {
    const onFault = (fault: Fault): void => {
      this.#log.fault('the ledger could not be copied', fault)
      if (fault.code === 'ledger.damaged') onDamage(String(fault.context['found'] ?? ''))
    }
    scope.spawn(signal => every(this.#bench.clock, LOOK_EVERY, () => this.#copyWhenDue(signal), onFault, signal), onFault)
  }

  /** Newest first. */
  list(): readonly BackupView[] {
    return this.#names().toReversed().map(name => ({ name, at: instantOf(name) ?? 0 }))
  }

  /** Faults: `ledger.damaged` {found} when the copy is not sound; it is not kept. */
  async now(signal: AbortSignal): Promise<BackupView> {
    const { clock, disk, reader } = this.#bench
    const { path, copiesPath, copiesDir, station } = this.#settings
    const at = clock.now()
    const name = `ledger-${stampOf(at)}.db`
    await reader.copy(path, `${copiesPath}/${name}`, signal)
    const said = await reader.ask(`${copiesPath}/${name}`, { kind: 'head', station }, signal)
    if (typeof said === 'string' && said !== SOUND) {
      disk.remove(`${copiesDir}/${name}`)
      throw new Fault('ledger.damaged', { found: said.slice(0, 200) })
    }
    this.#copiedAt = at
    for (const old of this.#names().slice(0, -COPIES_MAX)) disk.remove(`${copiesDir}/${old}`)
    this.#log.info('the ledger was copied and the copy checked', { copies: this.#names().length })
    return { name, at }
  }

  async #copyWhenDue(signal: AbortSignal): Promise<void> {
    this.#copiedAt ??= instantOf(this.#names().at(-1))
    if (this.#isDue()) await this.now(signal)
  }

  #isDue(): boolean {
    const now = this.#bench.clock.now()
    const last = this.#copiedAt
    if (last === null || last > now) return true // never, or somebody has moved the clock
    const { hour } = this.#settings
    if (hour === null) return now - last >= COPY_EVERY
    const due = nextAt(last, hour)
    return now >= due && (this.#bench.isIdle() || now >= due + IDLE_WAIT_MAX)
  }

  #names(): readonly string[] { return this.#bench.disk.list(this.#settings.copiesDir).filter(name => instantOf(name) !== null) }
}

/** The first moment after `last` at which the clock on the wall shows this hour. */
function nextAt(last: Instant, hour: number): Instant {
  const day = new Date(last)
  day.setHours(hour, 0, 0, 0)
  if (day.getTime() <= last) day.setDate(day.getDate() + 1)
  return day.getTime()
}

/** So that names sort as they were made. */
export const stampOf = (at: Instant): string => new Date(at).toISOString().replaceAll(/[:.]/g, '-')

export function instantOf(name: string | undefined): Instant | null {
  const stamp = /^ledger-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3}Z)\.db$/.exec(name ?? '')
  const at = stamp ? Date.parse(`${stamp[1]}T${stamp[2]}:${stamp[3]}:${stamp[4]}.${stamp[5]}`) : Number.NaN
  return Number.isNaN(at) ? null : at
}
