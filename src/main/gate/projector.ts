/**
 * Folds what is committed and what is heard into the views of the screens. A view can be rebuilt from the ledger at any time;
 * changes are numbered, so that a screen that missed one asks again.
 */
import {
  OUTCOMES, STAGES, hours, type BenchChange, type BenchView, type ClockView, type DisplayView, type FaultView, type FactView, type Instant, type Lamp, type LeaseView, type Mode, type NetworkView,
  type Outcome, type QuotaView, type ShiftView, type Stage, type StatusView, type SyncView, type UnitId, type UnitView, type WaveId, type WaveView
} from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { Presence } from '../bench/presence.ts'
import type { Fact } from '../domain/fact.ts'
import type { Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import { windowStart, type QuotaSettings } from '../domain/quota.ts'
import type { Unit } from '../domain/unit.ts'
import type { Wave } from '../domain/wave.ts'
import type { Clock } from '../ports.ts'
import { viewUnit } from './unit-view.ts'

export interface ScanNote { readonly text: string; readonly at: Instant; readonly fault: FaultView | null }

/** What the projector reads; the station provides it, a read-only command line provides less. */
export interface Sources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly presence: Presence | null
  readonly catalogue: Catalogue
  readonly mode: Mode
  readonly station: string
  readonly version: string
  readonly isRunning: boolean
  readonly lanes: number
  readonly rack: string
  readonly quota: QuotaSettings
  readonly accounts: readonly string[]
  readonly waitingFor: (unit: UnitId) => FaultView | null
  readonly lamps: () => readonly Lamp[]
  readonly sync: () => readonly SyncView[]
  readonly shownCode: () => { readonly wave: WaveId; readonly text: string } | null
  readonly network: () => Omit<NetworkView, 'clock'>
}

const SHIFT = hours(8)

export class Projector {
  readonly #s: Sources
  readonly #dirty = new Set<UnitId>()
  #shownUnits = new Set<UnitId>()
  #version = 0
  #scan: ScanNote | null = null
  #verdict: UnitId | null = null

  constructor(sources: Sources) {
    this.#s = sources
    const last = sources.ledger.db.all<{ unit: UnitId }>('SELECT unit FROM job WHERE closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1')[0]
    this.#verdict = last?.unit ?? null
  }

  noteScan(note: ScanNote): void { this.#scan = note }

  /** Marks what these facts touched. */
  follow(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.unit) this.#dirty.add(fact.unit)
      if (fact.unit && fact.body.kind === 'job.closed') this.#verdict = fact.unit
    }
  }

  bench(): BenchView {
    const units = this.#unitsShown()
    for (const unit of units) this.#shownUnits.add(unit.uid) // added, not replaced: another screen must still be told who has gone
    return { ...this.#rest(), version: this.#version, clock: this.#clock(), units: units.map(u => this.unit(u)) }
  }

  /** The next numbered change; `all` also refreshes ages of units nothing was committed about. */
  change(all: boolean): BenchChange {
    this.#version += 1
    const units = this.#unitsShown()
    const now = new Set(units.map(u => u.uid))
    const gone = [...this.#shownUnits].filter(uid => !now.has(uid))
    const changed = units.filter(u => all || this.#dirty.has(u.uid) || !this.#shownUnits.has(u.uid))
    this.#shownUnits = now
    this.#dirty.clear()
    return { ...this.#rest(), version: this.#version, clock: this.#clock(), units: changed.map(u => this.unit(u)), gone }
  }

  display(): DisplayView {
    const { ledger, mode, rack } = this.#s
    const shown = this.#s.shownCode()
    const wave = (shown ? ledger.wave(shown.wave) : null) ?? ledger.openWaves().find(w => w.rack === rack) ?? null
    return { version: this.#version, clock: this.#clock(), mode, rack, wave: wave ? this.wave(wave) : null, code: shown?.text ?? null }
  }

  network(): NetworkView { return { clock: this.#clock(), ...this.#s.network() } }
  leases(): readonly LeaseView[] { return this.#s.network().leases }

  unit(unit: Unit): UnitView {
    const { ledger, presence, catalogue, waitingFor } = this.#s
    const heard = { at: presence?.heardAt(unit.uid) ?? null, lease: presence?.pip(unit.uid, 'lease') ?? 'off', announcement: presence?.pip(unit.uid, 'announcement') ?? 'off' } as const
    return viewUnit(unit, ledger.job(unit.job), heard, waitingFor(unit.uid), catalogue, 'en')
  }

  wave(wave: Wave): WaveView {
    const { ledger, catalogue } = this.#s
    const jobs = ledger.jobsOfWave(wave.uid)
    const count = (test: (job: Job) => boolean): number => jobs.filter(test).length
    const { uid, rack, product, account, ssid, state, units, openedAt, shownAt, expiresAt, stopReason } = wave
    return {
      uid, rack, product, productName: catalogue.find(product)?.name.en ?? product, account, ssid, state, units, openedAt, shownAt, expiresAt, stopReason,
      planned: units.length, joined: count(j => this.#hasJoined(j)), proven: count(j => j.outcome === 'proven'),
      failed: count(j => j.stage === 'closed' && j.outcome !== 'proven'), open: count(j => j.stage !== 'closed')
    }
  }

  status(): StatusView {
    const { ledger, station, version, mode, isRunning, catalogue } = this.#s
    const outcomes = Object.fromEntries(OUTCOMES.map(o => [o, ledger.counter(`outcome.${o}`)])) as Record<Outcome, number> // one for each of OUTCOMES
    const proven = new Set(ledger.db.all<{ product: string }>("SELECT DISTINCT product FROM job WHERE outcome = 'proven'").map(r => r.product))
    return {
      station, version, mode, isRunning, clock: this.#clock(), operator: ledger.operator, units: { known: ledger.counter('units'), open: ledger.openJobs().length }, outcomes,
      quota: this.#quota(), sync: this.#s.sync(), lamps: this.#s.lamps(),
      neverProvenProducts: catalogue.all().map(p => p.productKey).filter(key => mode === 'training' || !proven.has(key))
    }
  }

  units(text: string, outcome: Outcome | null, limit: number): readonly UnitView[] {
    return this.#s.ledger.findUnits(text, outcome, limit).map(u => this.unit(u))
  }

  history(unit: string | null, before: number, limit: number): readonly FactView[] {
    return this.#s.ledger.history(unit, before, limit).map(f => ({ seq: f.seq, at: f.at, kind: f.body.kind, unit: f.unit, job: f.job, body: { ...f.body, ...(f.operator === null ? {} : { operator: f.operator }) } }))
  }

  #unitsShown(): Unit[] {
    const { ledger } = this.#s
    const shown = new Map(ledger.unitsHere().map(u => [u.uid, u]))
    for (const wave of this.#waves()) {
      for (const uid of wave.units) {
        const unit = shown.has(uid) ? null : ledger.unit(uid)
        if (unit) shown.set(uid, unit)
      }
    }
    return [...shown.values()]
  }

  #waves(): Wave[] {
    const open = this.#s.ledger.openWaves()
    return open.length > 0 ? open : this.#s.ledger.lastWaves(1)
  }

  #rest(): Omit<BenchView, 'version' | 'clock' | 'units'> {
    const { ledger, mode, station, lanes, lamps } = this.#s
    const verdict = this.#verdict === null ? null : ledger.unit(this.#verdict)
    const queue = Object.fromEntries(STAGES.map(s => [s, 0])) as Record<Stage, number> // one for each of STAGES
    for (const job of ledger.openJobs()) queue[job.stage] += 1
    return {
      mode, station, lanes, operator: ledger.operator, verdict: verdict ? this.unit(verdict) : null, waves: this.#waves().map(w => this.wave(w)), queue,
      quota: this.#quota(), lamps: lamps(), shift: this.#shift(), scan: this.#scan
    }
  }

  #quota(): QuotaView[] {
    const { ledger, clock, quota, accounts } = this.#s
    const since = windowStart(clock.now())
    const products = ledger.db.all<{ product: string }>('SELECT DISTINCT product FROM seat WHERE at > ? ORDER BY product', [since]).map(r => r.product)
    return [
      ...accounts.map(key => ({ scope: 'account' as const, key, cap: quota.accountPerDay, ...ledger.quotaUse('account', key, since) })),
      ...products.map(key => ({ scope: 'product' as const, key, cap: quota.productPerDay, ...ledger.quotaUse('product', key, since) }))
    ]
  }

  #shift(): ShiftView {
    const { ledger, clock } = this.#s
    const row = ledger.db.all<{ closed: number; released: number; first: number; since: number | null }>(
      `SELECT count(*) AS closed, coalesce(sum(outcome = 'proven'), 0) AS released, coalesce(sum(outcome = 'proven' AND json_extract(body, '$.attempt') = 1), 0) AS first, min(closed_at) AS since
       FROM job WHERE closed_at > ?`, [clock.now() - SHIFT])[0]
    const closed = row?.closed ?? 0
    const hoursWorked = row?.since == null ? 0 : (clock.now() - row.since) / hours(1)
    return { released: row?.released ?? 0, closed, perHour: hoursWorked < 1 / 60 ? 0 : Math.round((row?.released ?? 0) / hoursWorked), firstPass: closed === 0 ? 0 : (row?.first ?? 0) / closed }
  }

  #hasJoined(job: Job): boolean {
    const unit = this.#s.ledger.unit(job.unit)
    return unit?.evidence.some(e => e.kind === 'joined' && e.at >= (job.askedAt ?? Infinity)) === true || job.outcome === 'proven'
  }

  #clock(): ClockView {
    return { now: this.#s.clock.now(), rate: this.#s.clock.rate }
  }
}
