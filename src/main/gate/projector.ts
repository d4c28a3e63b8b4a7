/**
 * Folds what is committed and what is heard into the views of the screens. A view can be rebuilt from the ledger at any time;
 * changes are numbered, so that a screen that missed one asks again.
 */
import {
  OUTCOMES, STAGES, hours, isTied, minutes, seconds, type HereView, type BenchChange, type BenchView, type ClockView, type DisplayView, type FaultView, type FactView, type Instant, type Lamp, type LeaseView, type Mode, type NetworkView, type Optics, type QrPolicy,
  type Outcome, type QuotaView, type ScanView, type Stage, type StatusView, type SyncView, type TimingView, type UnitId, type UnitView, type WaveId, type WaveView, type WifiView
} from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import { idIn } from '../bench/numbers.ts'
import { isLongSearch, searchFacts, searchUnits, type FactFilter, type UnitFilter } from '../bench/search.ts'
import { viewFact } from './record-answers.ts'
import type { Presence } from '../bench/presence.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { Fact } from '../domain/fact.ts'
import type { Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import type { Unit } from '../domain/unit.ts'
import { hasJoined, sourcesOf, type Wave } from '../domain/wave.ts'
import type { Clock } from '../ports.ts'
import { ShiftCount } from './shift-count.ts'
import { viewUnit } from './unit-view.ts'

export type ScanNote = Omit<ScanView, 'unit'> & { readonly unit?: UnitId | null }

/** What the projector reads; the station provides it, a read-only command line provides less. */
export interface Sources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly presence: Presence | null
  /** Null: nobody here can tell. */
  readonly linkOf: (lane: number | null) => boolean | null
  readonly catalogue: Catalogue
  readonly mode: Mode
  readonly station: string
  readonly version: string
  readonly isRunning: boolean
  readonly here: () => HereView
  readonly lanes: number
  readonly rack: string
  readonly layout: readonly (readonly number[])[]
  readonly waiting: () => number
  readonly wifi: () => readonly WifiView[]
  readonly optics: Optics
  readonly policy: QrPolicy
  readonly seats: Pick<SeatDesk, 'bucket' | 'windowStart'>
  readonly accounts: () => readonly string[]
  readonly waitingFor: (unit: UnitId) => FaultView | null
  readonly lamps: () => readonly Lamp[]
  readonly sync: () => readonly SyncView[]
  readonly shownCode: (rack: string) => { readonly wave: WaveId; readonly text: string } | null
  readonly network: () => Omit<NetworkView, 'clock'>
  readonly timing: () => readonly TimingView[]
  /** Searches that may take long, beside the core; absent: it does them itself. */
  readonly find?: (filter: UnitFilter, limit: number) => Promise<readonly UnitId[]>
}

/** Of the last hours; fewer seats than this, or a shorter time, is no pace. */
const PACE_HOURS = hours(8)
const PACE_SEATS = 3
const PACE_MS_MIN = minutes(5)
/** Too short for most outages to end in it. */
const LEFT_OF_PAIRING = minutes(2)

export class Projector {
  readonly #s: Sources
  readonly #dirty = new Set<UnitId>()
  #shownUnits = new Set<UnitId>()
  #version = 0
  #scan: ScanNote | null = null
  #verdict: UnitId | null = null
  /** Counted anew when a fact has changed it, and with the ages; null: has to be. */
  #quota: QuotaView[] | null = null
  readonly #shift: ShiftCount

  constructor(sources: Sources) {
    this.#s = sources
    this.#shift = new ShiftCount(sources.ledger)
    const last = sources.ledger.db.all<{ unit: UnitId }>(`SELECT ${idIn('job.unit')} AS unit FROM job WHERE closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1`)[0]
    this.#verdict = last?.unit ?? null
  }

  noteScan(note: ScanNote): void { this.#scan = note }

  /** Marks what these facts touched. */
  follow(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.unit) this.#dirty.add(fact.unit)
      if (fact.unit && fact.body.kind === 'job.closed') this.#verdict = fact.unit
      if (/^(seat|quota|account)\./.test(fact.body.kind)) this.#quota = null
      this.#shift.follow(fact)
    }
  }

  bench(): BenchView {
    this.#quota = null
    const units = this.#unitsShown()
    for (const unit of units) this.#shownUnits.add(unit.uid) // added, not replaced: another screen must still be told who has gone
    return { ...this.#rest(), version: this.#version, clock: this.#clock(), units: units.map(u => this.unit(u)) }
  }

  /** The next numbered change; `all` also refreshes ages of units nothing was committed about. */
  change(all: boolean): BenchChange {
    this.#version += 1
    if (all) this.#quota = null // the vendor's day may have begun
    const units = this.#unitsShown()
    const now = new Set(units.map(u => u.uid))
    const gone = [...this.#shownUnits].filter(uid => !now.has(uid))
    const changed = units.filter(u => all || this.#dirty.has(u.uid) || !this.#shownUnits.has(u.uid))
    this.#shownUnits = now
    this.#dirty.clear()
    return { ...this.#rest(), version: this.#version, clock: this.#clock(), units: changed.map(u => this.unit(u)), gone }
  }

  display(of?: string): DisplayView {
    const { ledger, mode, policy } = this.#s
    const rack = of ?? this.#s.rack
    const shown = this.#s.shownCode(rack)
    const wave = (shown ? ledger.wave(shown.wave) : null) ?? ledger.openWaves().find(w => w.rack === rack) ?? null
    return { version: this.#version, clock: this.#clock(), mode, rack, policy, wave: wave ? this.wave(wave) : null, code: shown?.text ?? null }
  }

  network(): NetworkView { return { clock: this.#clock(), ...this.#s.network() } }
  leases(): readonly LeaseView[] { return this.#s.network().leases }

  unit(unit: Unit): UnitView {
    const { ledger, presence, catalogue, waitingFor } = this.#s
    const heard = { at: presence?.heardAt(unit.uid) ?? null, link: this.#s.linkOf(unit.lane), lease: presence?.pip(unit.uid, 'lease') ?? 'off', announcement: presence?.pip(unit.uid, 'announcement') ?? 'off' } as const
    return viewUnit(unit, ledger.job(unit.job), heard, waitingFor(unit.uid), catalogue, job => this.#isBetterOff(job))
  }

  /**
   * The cloud is away, and a ready unit's lane is better used: it will be *reset again* soon, or all lanes are taken, the unit
   * scanned last has none, and this one has stood ready the longest.
   */
  #isBetterOff(job: Job): boolean {
    const { ledger, lanes, clock, catalogue } = this.#s
    if (clock.now() - (job.resetDoneAt ?? job.stageAt) > seconds(catalogue.find(job.product)?.pairingSeconds ?? Infinity) - LEFT_OF_PAIRING) return true
    const next = this.#scan?.unit == null ? null : ledger.unit(this.#scan.unit)
    if (next === null || next.method === 'qr' || next.isHere || ledger.unitsHere().filter(u => u.lane !== null).length < lanes) return false
    return ledger.openJobs().filter(j => j.stage === 'ready' && j.method === 'wired').toSorted((a, b) => a.stageAt - b.stageAt)[0]?.uid === job.uid
  }

  wave(wave: Wave): WaveView {
    const { ledger, catalogue } = this.#s
    const jobs = ledger.jobsOfWave(wave.uid)
    const own = jobs.filter(j => wave.units.includes(j.unit))
    const count = (test: (job: Job) => boolean): number => own.filter(test).length
    const told = own.map(j => sourcesOf(ledger.unit(j.unit), j.askedAt))
    const { uid, rack, product, account, centre = null, ssid, state, units, openedAt, shownAt, expiresAt, stopReason } = wave
    return {
      uid, rack, product, productName: catalogue.nameOf(product), account, centre, ssid, state, units, openedAt, shownAt, expiresAt, stopReason,
      planned: units.length, joined: count(j => this.#hasJoined(j)), told: { network: told.filter(s => s.network).length, cloud: told.filter(s => s.cloud).length, hands: told.filter(s => s.hands).length }, proven: count(j => j.outcome === 'proven'),
      failed: count(j => j.stage === 'closed' && j.outcome !== 'proven'), open: count(j => j.stage !== 'closed'),
      named: units.filter(u => isTied(ledger.unit(u) ?? { aliases: [] })).length, nameless: wave.nameless?.length ?? 0, uninvited: jobs.map(j => j.unit).filter(u => !units.includes(u))
    }
  }

  status(): StatusView {
    const { ledger, station, version, mode, isRunning, catalogue } = this.#s
    const outcomes = Object.fromEntries(OUTCOMES.map(o => [o, ledger.counter(`outcome.${o}`)])) as Record<Outcome, number> // one for each of OUTCOMES
    const proven = new Set(ledger.provenProducts())
    return {
      station, version, mode, isRunning, clock: this.#clock(), operator: ledger.operator, units: { known: ledger.counter('units'), open: ledger.openJobs().length }, outcomes,
      quota: this.quota(), sync: this.#s.sync(), lamps: this.#s.lamps(),
      neverProvenProducts: catalogue.all().map(p => p.productKey).filter(key => mode === 'training' || !proven.has(key)),
      timing: this.#s.timing()
    }
  }

  /** `days`: of verdicts, back from now. What may look at many rows is looked for beside the core. */
  async units({ days, ...given }: UnitFilter & { readonly days?: number }, limit: number): Promise<readonly UnitView[]> {
    const { ledger, clock, find } = this.#s
    const filter = days === undefined ? given : { ...given, from: clock.now() - hours(24 * days) }
    const found = find !== undefined && isLongSearch(filter) ? (await find(filter, limit)).flatMap(uid => ledger.unit(uid) ?? []) : searchUnits(ledger.db, filter, limit)
    return found.map(u => this.unit(u))
  }

  history(filter: FactFilter, limit: number): readonly FactView[] {
    return searchFacts(this.#s.ledger, filter, limit).map(viewFact)
  }

  #unitsShown(): Unit[] {
    const { ledger } = this.#s
    const isDone = (u: Unit): boolean => u.label?.isOn === true && u.label.job === u.job // its label was scanned back: the lane is free for the next
    const shown = new Map(ledger.unitsHere().filter(u => !isDone(u)).map(u => [u.uid, u]))
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
    const { clock, ledger, mode, station, rack, lanes, lamps, waiting, wifi, optics } = this.#s
    const verdict = this.#verdict === null ? null : ledger.unit(this.#verdict)
    const queue = Object.fromEntries(STAGES.map(s => [s, 0])) as Record<Stage, number> // one for each of STAGES
    for (const job of ledger.openJobs()) queue[job.stage] += 1
    return {
      mode, station, rack, lanes, waiting: waiting(), operator: ledger.operator, here: this.#s.here(), verdict: verdict ? this.unit(verdict) : null, waves: this.#waves().map(w => this.wave(w)), queue,
      quota: this.#quota ??= this.quota(), lamps: lamps(), shift: this.#shift.view(clock.now()), wifi: wifi(), optics, scan: this.#scanView(), layout: this.#s.layout, call: ledger.mark('call', 'bench')
    }
  }

  #scanView(): ScanView | null {
    if (this.#scan === null) return null
    const { unit: uid, ...scan } = this.#scan
    const unit = uid == null ? null : this.#s.ledger.unit(uid)
    return { ...scan, unit: unit ? this.unit(unit) : null }
  }

  quota(): QuotaView[] {
    const { ledger, seats, accounts, catalogue } = this.#s
    const products = ledger.db.all<{ product: string }>('SELECT DISTINCT product FROM seat INDEXED BY seat_at WHERE at > ? ORDER BY product', [seats.windowStart]).map(r => r.product)
    const view = (scope: QuotaView['scope'], key: string, name: QuotaView['name']): QuotaView => {
      const { cap, spent, reserved, left } = seats.bucket(scope, key)
      return { scope, key, name, cap, spent, reserved, goneAt: this.#goneAt(scope, key, left) }
    }
    return [...accounts().map(key => view('account', key, { en: key, zh: key })), ...products.map(key => view('product', key, catalogue.nameOf(key)))]
  }

  /** When the last seat goes at the pace of those that went; null: nothing is left, too little was spent to tell, or not within a day. A screen hides it once it has passed. */
  #goneAt(scope: QuotaView['scope'], key: string, left: number): Instant | null {
    const { ledger, clock, seats } = this.#s
    const since = Math.max(seats.windowStart, clock.now() - PACE_HOURS)
    const { n, first, last } = ledger.db.all<{ n: number; first: number; last: number }>(`SELECT count(*) AS n, min(at) AS first, max(at) AS last FROM seat WHERE ${scope} = ? AND state = 'spent' AND at > ?`, [key, since])[0] ?? { n: 0, first: 0, last: 0 }
    if (left === 0 || n < PACE_SEATS) return null
    const leftMs = left * Math.max(PACE_MS_MIN, last - first) / (n - 1)
    return leftMs > hours(24) ? null : Math.round(last + leftMs)
  }

  #hasJoined(job: Job): boolean {
    return job.outcome === 'proven' || hasJoined(this.#s.ledger.unit(job.unit), job.askedAt ?? Infinity)
  }

  #clock(): ClockView {
    return { now: this.#s.clock.now(), rate: this.#s.clock.rate }
  }
}
