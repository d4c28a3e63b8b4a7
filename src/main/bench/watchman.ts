/**
 * Looks after what everything else rests on: is the ledger's file sound, is it copied every night, is there room on the disk,
 * has somebody moved the clock. While something is wrong no new seat is given; what is running is finished.
 */
import { hours, seconds, type FaultView, type Instant } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Disk, Reader } from '../ports.ts'
import type { Backups } from './backups.ts'
import { every } from './clockwork.ts'
import type { Log } from './log.ts'
import { SOUND, type Reading } from './reading.ts'
import type { Scope } from './scope.ts'

const MB = 1024 * 1024
/** facts/store-and-sync.md 2.2.9: below this no new unit is begun; at true zero even deleting fails, hence the ballast. */
const SPACE_MIN = 500 * MB
const BALLAST_BYTES = 64 * MB
/** Then the ballast goes. */
const SPACE_LAST = 96 * MB
const BALLAST = 'ballast'
/** One piece a look, so that writing them never holds the core up. */
const PIECES = 16
/** facts/store-and-sync.md 2.3. */
const JUMP_MAX = seconds(60)
const LOOK_EVERY = seconds(5)
const CHECK_EVERY = hours(24)

export interface WatchBench {
  readonly clock: Clock
  readonly disk: Disk
  /** null: the ledger is no file; nothing is copied and no room is kept. */
  readonly reader: Reader | null
  readonly reading: Reading
  /** null: nothing is copied. */
  readonly backups: Backups | null
  /** Monotonic time at which the vendor last told his; null: never in this run. */
  readonly vendorHeardAt: () => number | null
  /** Time of the newest fact. */
  readonly newestAt: () => Instant | null
}

export class Watchman {
  readonly #bench: WatchBench
  readonly #log: Log
  #damage: FaultView | null = null
  #space: FaultView | null = null
  #jump: FaultView | null = null
  #jumpedAt = 0
  #wall: Instant
  #mono: number

  constructor(bench: WatchBench, log: Log) {
    this.#bench = bench
    this.#log = log
    this.#wall = bench.clock.now()
    this.#mono = bench.clock.monotonic()
  }

  /** Why no new seat is given; null: nothing is wrong. */
  get fault(): FaultView | null {
    return this.#damage ?? this.#space ?? this.#jump
  }
  get clockFault(): FaultView | null { return this.#jump }
  get ledgerFault(): FaultView | null { return this.#damage ?? this.#space }
  get copiedAt(): Instant | null { return this.#bench.backups?.copiedAt ?? null }

  start(scope: Scope): void {
    const { clock, newestAt, backups } = this.#bench
    const newest = newestAt()
    if (newest !== null && newest - clock.now() > JUMP_MAX) this.#jumped(clock.now() - newest)
    const round = (what: string, ms: Parameters<typeof every>[1], work: (signal: AbortSignal) => void | Promise<void>): void => {
      const onFault = (fault: Fault): void => this.#log.fault(what, fault)
      scope.spawn(signal => every(clock, ms, () => work(signal), onFault, signal), onFault)
    }
    round('the watch could not be kept', LOOK_EVERY, () => this.#look())
    round('the ledger could not be checked', CHECK_EVERY, signal => this.#check(signal))
    backups?.start(scope, found => this.#damaged(found))
  }

  #look(): void {
    const { clock, disk, reader, vendorHeardAt } = this.#bench
    const [wall, mono] = [clock.now(), clock.monotonic()]
    const jump = wall - this.#wall - (mono - this.#mono)
    this.#wall = wall
    this.#mono = mono
    if (Math.abs(jump) > JUMP_MAX) this.#jumped(jump)
    if (this.#jump !== null && (vendorHeardAt() ?? 0) > this.#jumpedAt) this.#jump = null
    if (reader !== null) this.#lookAtSpace(disk)
  }

  #lookAtSpace(disk: Disk): void {
    const free = disk.free()
    const pieces = disk.list(BALLAST)
    if (free < SPACE_LAST && pieces.length > 0) {
      for (const piece of pieces) disk.remove(`${BALLAST}/${piece}`)
      this.#log.error('the disk is full; the ballast was dropped', { free })
    } else if (free > SPACE_MIN + BALLAST_BYTES && pieces.length < PIECES) {
      const missing = Array.from({ length: PIECES }, (_, i) => String(i + 1)).find(name => !pieces.includes(name)) ?? '1'
      disk.writeAtomic(`${BALLAST}/${missing}`, new Uint8Array(BALLAST_BYTES / PIECES))
    }
    this.#space = free < SPACE_MIN ? { code: 'ledger.space-low', context: { freeMb: Math.floor(free / MB) } } : null
  }

  async #check(signal: AbortSignal): Promise<void> {
    const said = await this.#bench.reading.check(signal)
    if (said !== SOUND) this.#damaged(said) // it stays so until somebody has done something and started again
  }

  #jumped(ms: number): void {
    this.#jump = { code: 'clock.jumped', context: { seconds: Math.round(ms / 1000) } }
    this.#jumpedAt = this.#bench.clock.monotonic()
    this.#log.error('the clock jumped', { ms })
  }

  #damaged(found: string): void {
    this.#damage = { code: 'ledger.damaged', context: { found: found.slice(0, 200) } }
    this.#log.error('the ledger is damaged', { found })
  }
}
