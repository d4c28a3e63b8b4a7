/**
 * Units and jobs as rows of the ledger: what was read or folded lately is at hand, and a row that several facts of one commit
 * change is written once, at its end. Whoever looks at the tables with a statement of its own calls `flush` before.
 */
import type { Instant, JobId, UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Unit } from '../domain/unit.ts'
import type { Database } from '../ports.ts'
import { idIn, type Numbers } from './numbers.ts'
import { jobOf, JOBS, packJob, packUnit, unitOf, UNITS, type JobRow, type UnitRow } from './packing.ts'

/** Four times what a large bench holds at once; the rest of the day need not be at hand. */
const KEPT_MAX = 1024

interface Folded { readonly row: Unit; readonly at: Instant }

export class LedgerRows {
  readonly #db: Database
  readonly #numbers: Numbers
  /** False: somebody else writes this file. */
  readonly #isKeeping: boolean
  readonly #kept = { unit: new Map<string, Unit>(), job: new Map<string, Job>() }
  #unwritten = { unit: new Map<string, Folded>(), job: new Map<string, Job>() }

  constructor(db: Database, numbers: Numbers, isReader: boolean) {
    this.#db = db
    this.#numbers = numbers
    this.#isKeeping = !isReader
  }

  unit(uid: UnitId): Unit | null { return this.#unwritten.unit.get(uid)?.row ?? this.#read(this.#kept.unit, uid, n => this.#db.all<UnitRow>(`${UNITS} WHERE u.n = ?`, [n]).map(unitOf)[0]) }
  job(uid: JobId): Job | null { return this.#unwritten.job.get(uid) ?? this.#read(this.#kept.job, uid, n => this.#db.all<JobRow>(`${JOBS} WHERE j.n = ?`, [n]).map(jobOf)[0]) }
  putUnit(unit: Unit | null, at: Instant): void { if (unit) this.#unwritten.unit.set(unit.uid, { row: unit, at }) }

  /** Throws for a second open job of one unit here and now: at the flush it would take the whole commit with it, and whoever shares that. */
  putJob(job: Job | null): void {
    if (!job) return
    if (job.stage === 'queued' && this.#openJobs(job.unit).some(uid => uid !== job.uid)) throw new Fault('program.unexpected', { text: 'a second open job of one unit' })
    this.#unwritten.job.set(job.uid, job)
  }

  #openJobs(unit: UnitId): string[] {
    const { job } = this.#unwritten
    const written = this.#db.all<{ uid: string }>(`SELECT ${idIn('j.n')} AS uid FROM job j WHERE j.unit = ? AND j.closed_at IS NULL`, [this.#numbers.find(unit)]).map(row => row.uid).filter(uid => !job.has(uid))
    return [...written, ...Array.from(job.values()).filter(j => j.unit === unit && j.closedAt === null).map(j => j.uid)]
  }

  /** Writes what was put, in the order of its first change. */
  flush(): void {
    const { unit, job } = this.#unwritten
    if (unit.size === 0 && job.size === 0) return
    this.#unwritten = { unit: new Map(), job: new Map() }
    for (const { row, at } of unit.values()) this.#writeUnit(row, at)
    for (const row of job.values()) this.#writeJob(row)
  }

  /** For what may be taken back: the answer forgets everything put since. */
  mark(): () => void {
    const before = { unit: new Map(this.#unwritten.unit), job: new Map(this.#unwritten.job) }
    return () => {
      this.#unwritten = before
      this.#kept.unit.clear()
      this.#kept.job.clear()
    }
  }

  #read<T>(kept: Map<string, T>, uid: string, rowAt: (n: number) => T | undefined): T | null {
    const known = kept.get(uid)
    if (known !== undefined) return known
    const n = this.#numbers.find(uid)
    const row = n === null ? undefined : rowAt(n)
    if (row === undefined) return null
    this.#keep(kept, uid, row)
    return row
  }

  #keep<T>(kept: Map<string, T>, uid: string, row: T): void {
    if (!this.#isKeeping) return
    kept.delete(uid) // the one used longest ago stands first
    const oldest = kept.size >= KEPT_MAX ? kept.keys().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
    kept.set(uid, row)
  }

  #writeUnit(unit: Unit, at: Instant): void {
    this.#db.run('INSERT INTO unit (n, is_here, product, last_at, job, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET is_here = excluded.is_here, product = excluded.product, last_at = excluded.last_at, job = excluded.job, body = excluded.body',
      [this.#numbers.of(unit.uid), unit.isHere ? 1 : 0, unit.product, at, this.#numberIn(unit.job), packUnit(unit)])
    this.#keep(this.#kept.unit, unit.uid, unit)
  }

  #writeJob(job: Job): void {
    this.#db.run('INSERT INTO job (n, unit, stage, outcome, account, product, wave, token, closed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET stage = excluded.stage, outcome = excluded.outcome, token = excluded.token, closed_at = excluded.closed_at, body = excluded.body',
      [this.#numbers.of(job.uid), this.#numbers.of(job.unit), job.stage, job.outcome, job.account, job.product, this.#numberIn(job.wave), this.#numberIn(job.token), job.closedAt, packJob(job)])
    this.#keep(this.#kept.job, job.uid, job)
  }

  #numberIn(id: string | null): number | null { return id === null ? null : this.#numbers.of(id) }
}
