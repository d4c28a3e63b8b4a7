/**
 * What the instruments hear, told to the street: leases, announcements, and pips that go and come back. Repeats are folded
 * here; whatever is news becomes a sighting, and its unit is looked at again.
 */
import { seconds, type JobId, type UnitId } from '#shared'
import type { DhcpServer, LeaseEvent } from '../bench/dhcp-server.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Heard, LanListener } from '../bench/listener.ts'
import type { Log } from '../bench/log.ts'
import type { Presence, PresenceChange } from '../bench/presence.ts'
import type { Scope } from '../bench/scope.ts'
import type { Timing } from '../bench/timing.ts'
import { every } from '../bench/clockwork.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Evidence } from '../domain/outcome.ts'
import type { Conflict, Sighting, Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import { benchTrouble } from './permit.ts'

export interface HearingBench {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly log: Log
  readonly timing: Timing
  readonly dhcp: Pick<DhcpServer, 'on' | 'macOf' | 'avoid' | 'view'> & { /** False: the address is one of the list, or no lease is ours to give now. */ readonly isLent: (ip: string) => boolean; readonly isServing: () => boolean }
  readonly listener: Pick<LanListener, 'on' | 'ask'>
  readonly presence: Presence
}

/** What the line does with what is heard; only the line knows which step that is. */
export interface HearingStreet {
  /** Step 02. */
  readonly sightLease: (event: LeaseEvent) => Extract<Sighting, { kind: 'lease' }> | null
  /** Step 03. */
  readonly sightAnnouncement: (heard: Heard) => Extract<Sighting, { kind: 'announcement' }>
  /** Step 04. */
  readonly sight: (sighting: Sighting) => { readonly unit: UnitId; readonly conflict: Conflict | null } | null
  /** Step 05. */
  readonly consider: (unit: UnitId) => void
  readonly place: () => void
  readonly endJob: (job: JobId, fault: Fault) => void
  /** A timer that dies with its job. */
  readonly keep: (job: JobId, timer: Disposable) => void
  readonly leave: (unit: Unit) => void
}

/** No unit restarts, takes an address elsewhere and is activated within this. */
const WATCH_EVERY = seconds(1)

export class Hearing {
  readonly #bench: HearingBench
  readonly #street: HearingStreet
  readonly #lastHeard = new Map<UnitId, Heard>()
  /** What was announced last, so that repeats are folded. */
  readonly #lastSaid = new Map<UnitId, string>()
  #wasServing = true

  constructor(bench: HearingBench, street: HearingStreet) {
    this.#bench = bench
    this.#street = street
  }

  start(scope: Scope): void {
    const { clock, log, dhcp, listener, presence } = this.#bench
    scope.own(dhcp.on(event => this.#leased(event)))
    scope.own(listener.on(burst => this.#heardTogether(burst)))
    scope.own(presence.on(change => this.#presence(change)))
    const onFault = (fault: Fault): void => log.fault('the watch over leases stumbled', fault)
    scope.spawn(signal => every(clock, WATCH_EVERY, () => this.#watch(), onFault, signal), onFault)
  }

  /** The last announcement that was this unit's own without doubt. */
  last(unit: UnitId): Heard | undefined { return this.#lastHeard.get(unit) }
  /** The unit has left; its next word is news again. */
  forget(unit: UnitId): void { this.#lastSaid.delete(unit) }

  #leased(event: LeaseEvent): void {
    const { ledger, presence, listener } = this.#bench
    const known = ledger.unitByAlias({ kind: 'mac', value: event.mac })
    const sighting = this.#street.sightLease(event)
    if (!sighting) {
      if (known) presence.leaseEnded(known)
      return
    }
    const unit = known ? ledger.unit(known) : null
    const isRepeat = unit?.isHere === true && unit.ip === event.ip && unit.fingerprint === sighting.fingerprint
    const uid = isRepeat ? unit.uid : this.#street.sight(sighting)?.unit
    if (!uid) return
    presence.leased(uid)
    if (!isRepeat) this.#street.place()
    if (event.kind === 'bound') this.#joined(uid, event)
    if (isRepeat) return
    listener.ask()
    this.#street.consider(uid) // it may have announced itself before its lease was written
  }

  /** It has started, or its cable was put back: its next word is news, and what was asked of it is seen in this light. */
  #joined(uid: UnitId, { at, ip }: LeaseEvent): void {
    const { ledger } = this.#bench
    this.#lastSaid.delete(uid)
    const unit = ledger.unit(uid)
    const isAsked = (ledger.job(unit?.job ?? null)?.askedAt ?? null) !== null
    if (unit?.method === 'qr' || isAsked) see(ledger, uid, { kind: 'joined', at, ip })
  }

  /**
   * Without leases of ours, also while the station was stopped, nothing tells when a unit starts anew: for those that were
   * asked the watch is over. When leases are given again each one's next word is news, and it is watched from there.
   */
  #watch(): void {
    const { clock, ledger, dhcp } = this.#bench
    const isServing = dhcp.isServing()
    if (isServing === this.#wasServing) return
    this.#wasServing = isServing
    if (isServing) return this.#lastSaid.clear()
    const asked = ledger.unitsHere().filter(unit => unit.method === 'wired' && (ledger.job(unit.job)?.askedAt ?? null) !== null)
    ledger.together(() => { for (const { uid } of asked) see(ledger, uid, { kind: 'unwatched', at: clock.now() }) })
  }

  /** One commit for all of a burst; should it fail, all of it is news again. */
  #heardTogether(burst: readonly Heard[]): void {
    const { ledger, log } = this.#bench
    const told = new Set<UnitId>()
    try {
      ledger.together(() => {
        for (const heard of burst) {
          try {
            this.#heard(heard, told)
          } catch (thrown) {
            log.fault('an announcement could not be taken in', Fault.from(thrown), { ip: heard.ip })
          }
        }
      })
    } catch (thrown) {
      for (const unit of told) this.#lastSaid.delete(unit)
      throw thrown
    }
  }

  #heard(heard: Heard, told: Set<UnitId>): void {
    const { dhcp, ledger, presence } = this.#bench
    const sighting = this.#street.sightAnnouncement(heard)
    if (sighting.mac === null) return dhcp.avoid(heard.ip)
    const known = ledger.unitByAlias({ kind: 'mac', value: sighting.mac })
    const said = [sighting.ip, sighting.gwId, sighting.uuid, sighting.active, sighting.productKey, sighting.readiness].join('|')
    const isRepeat = known !== null && this.#lastSaid.get(known) === said && ledger.unit(known)?.isHere === true
    const found = isRepeat ? null : this.#street.sight(sighting)
    const uid = isRepeat ? known : found?.unit
    if (uid == null) return
    this.#lastSaid.set(uid, said)
    told.add(uid)
    if (found?.conflict == null) {
      this.#lastHeard.set(uid, heard)
      this.#bench.timing.heard(uid, sighting.active, sighting.at)
    }
    presence.announced(uid)
    if (isRepeat) return
    this.#street.place()
    this.#street.consider(uid)
  }

  #presence(change: PresenceChange): void {
    const { ledger, presence } = this.#bench
    const unit = ledger.unit(change.unit)
    if (!unit?.isHere) return
    if (change.kind === 'gone') this.#lastSaid.delete(unit.uid)
    see(ledger, unit.uid, { kind: change.kind, at: change.at, of: change.of })
    const job = ledger.job(unit.job)
    const isOpen = job !== null && job.stage !== 'closed'
    if (isOpen && job.askedAt === null && job.method === 'wired' && change.kind === 'gone') this.#expectBack(job, presence.isGone(unit.uid))
    if (!isOpen && change.kind === 'gone' && unit.method === 'wired') this.#street.leave(unit)
  }

  /** A unit silent before its ask is taken away, or restarting: without a lease it is away, else it has twice its reboot. */
  #expectBack(job: Job, isGone: boolean): void {
    const { clock, ledger, presence, dhcp, timing } = this.#bench
    const end = (): void => this.#street.endJob(job.uid, new Fault('unit.removed'))
    if (isGone && !benchTrouble(dhcp)) return end()
    const timer = clock.after(seconds(2 * timing.rebootSeconds(job.product)), () => {
      if (presence.pip(job.unit, 'announcement') === 'on' || ledger.job(job.uid)?.askedAt !== null) return
      if (benchTrouble(dhcp)) this.#expectBack(job, false) // it may be silent for want of an address of ours
      else end()
    })
    this.#street.keep(job.uid, timer)
  }
}

/** Evidence on a unit, and on its job when it has one; `of`: on this one, which may be over. */
export function see(ledger: Ledger, unit: UnitId, evidence: Evidence, of: JobId | null = null): void {
  const uid = of ?? ledger.unit(unit)?.job
  ledger.append({ unit, ...(uid ? { job: uid } : {}), body: { kind: 'unit.seen', evidence } })
}
