/**
 * The street: the only file that knows the order of the steps. A unit travels one way:
 *
 *   01 scan ----.
 *   02 lease ----+--> 04 identify --> 05 dispatch --> 06 run [ 07 reset > 08 pair or wave > 09 verify ] --> 10 close --> 11 sync
 *   03 announce-'
 *
 * Instruments tell what they hear; each becomes a sighting, then a unit, then, once only, an unbind job.
 */
import { hours, millis, minutes, seconds, type FaultView, type JobId, type Millis, type TokenId, type UnitId, type WaveId } from '#shared'
import { ClaimDesk } from '../bench/claim-desk.ts'
import type { ConsoleDesk } from '../bench/console-desk.ts'
import { every } from '../bench/clockwork.ts'
import type { DhcpServer, LeaseEvent } from '../bench/dhcp-server.ts'
import type { Handover } from '../bench/handover.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Lanes } from '../bench/lanes.ts'
import type { Heard, LanListener } from '../bench/listener.ts'
import type { Log } from '../bench/log.ts'
import type { PermissionDesk } from '../bench/permission-desk.ts'
import type { Presence, PresenceChange } from '../bench/presence.ts'
import { keepBound } from '../bench/release-desk.ts'
import type { PolledResult, ResultPoll } from '../bench/result-poll.ts'
import type { Scope } from '../bench/scope.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { Timing } from '../bench/timing.ts'
import type { TokenTill } from '../bench/token-till.ts'
import type { WayOut } from '../bench/way-out.ts'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import { proofMs, type Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import { isQuotaFault } from '../domain/quota.ts'
import type { Conflict, Sighting, Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import { sightLease } from './02-lease.ts'
import { sightAnnouncement } from './03-announce.ts'
import { identify, type Identified } from './04-identify.ts'
import { assessUnit, openJob, type DispatchSettings } from './05-dispatch.ts'
import { runJob } from './06-run.ts'
import { explainByLight } from './lights.ts'
import { foundReset, runReset } from './07-reset.ts'
import { runPair } from './08-pair.ts'
import { untilAsked } from './08-wave.ts'
import { judgeResult, runVerify } from './09-verify.ts'
import { closeJob, raiseIfProven } from './10-close.ts'
import type { RelayBench } from './relayed.ts'
import { assessPermit, atAddress, benchTrouble, untilPermitted } from './permit.ts'
import { placeUnits } from './placing.ts'

export interface LineBench {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly log: Log
  readonly catalogue: Catalogue
  readonly timing: Timing
  readonly dhcp: Pick<DhcpServer, 'on' | 'macOf' | 'avoid' | 'view'>
  readonly listener: Pick<LanListener, 'on' | 'ask'>
  readonly presence: Presence
  readonly lanes: Pick<Lanes, 'on' | 'laneOf' | 'view'>
  readonly handover: Handover
  readonly seats: SeatDesk
  readonly permissions: Pick<PermissionDesk, 'askAgain'>
  readonly till: TokenTill
  readonly relay: RelayBench
  readonly poll: ResultPoll
  readonly wayOut: Pick<WayOut, 'mayAsk' | 'on'>
  readonly consoles: ConsoleDesk
}
export interface LineSettings {
  readonly dispatch: DispatchSettings
  readonly resetSeconds: number
  /** 0: by the product. */
  readonly proofSeconds: number
  readonly settleSeconds: number
  readonly claimSeconds: number
}

/** How long results are still asked for after an unproven verdict. */
const LATE_RESULTS = minutes(10)
/** A unit that nobody took away and nothing is heard of leaves the bench view after this. */
const FORGET_AFTER = hours(12)

export class Line {
  readonly claims: ClaimDesk
  readonly #bench: LineBench
  readonly #settings: LineSettings
  readonly #lastHeard = new Map<UnitId, Heard>()
  /** What was announced last, so that repeats are folded. */
  readonly #lastSaid = new Map<UnitId, string>()
  readonly #waiting = new Map<UnitId, FaultView>()
  readonly #watches = new Map<JobId | WaveId, Disposable[]>()
  readonly #waveFaults = new Map<WaveId, Fault>()
  readonly #jobScopes = new Map<JobId, Scope>()
  #scope: Scope | null = null

  constructor(bench: LineBench, settings: LineSettings) {
    this.#bench = bench
    this.#settings = settings
    this.claims = new ClaimDesk(bench.clock, seconds(settings.claimSeconds))
  }

  /** Resumes what was open, then listens. */
  start(scope: Scope): void {
    const { ledger, dhcp, listener, presence, poll, clock, log } = this.#bench
    this.#scope = scope
    scope.own(ledger.on(facts => { for (const fact of facts) this.#follow(fact) }))
    scope.own(() => { for (const watch of this.#watches.values()) for (const w of watch) w[Symbol.dispose]() })
    for (const job of ledger.openJobs()) {
      if (job.token !== null) this.#watch(job.uid, job.token)
      this.#run(job.uid)
    }
    scope.own(dhcp.on(event => this.#leased(event)))
    scope.own(listener.on(heard => this.#heard(heard)))
    scope.own(presence.on(change => this.#presence(change)))
    scope.own(this.#bench.lanes.on(() => this.#place()))
    scope.own(this.#bench.wayOut.on(() => { for (const uid of Array.from(this.#waiting.keys())) this.consider(uid) }))
    poll.start(scope, polled => this.#result(polled))
    const onFault = (fault: Fault): void => log.fault('the line could not be swept', fault)
    scope.spawn(signal => every(clock, minutes(1), () => this.#sweep(), onFault, signal), onFault)
  }

  /** Why a unit waits without a job; null: it does not. */
  waitingFor(unit: UnitId): FaultView | null { return this.#waiting.get(unit) ?? null }
  get dispatch(): DispatchSettings { return this.#settings.dispatch }
  get bench(): LineBench { return this.#bench }
  get settleMs(): Millis { return seconds(this.#settings.settleSeconds) }

  /** A sighting becomes a unit; whatever was open for it is looked at again. */
  sight(sighting: Sighting): Identified | null {
    const { ledger, catalogue } = this.#bench
    const open = this.claims.open()
    const claim = open && this.#mayClaim(open.lane, sighting) ? open : null
    const found = ledger.commit(tx => {
      const identified = identify({ tx, ledger, catalogue }, sighting, claim)
      if (!identified) return null
      const { unit } = identified
      const before = ledger.unit(unit)
      if (before && !before.isHere && sighting.kind !== 'scan') tx.append({ unit, body: { kind: 'unit.arrived', stay: before.job === null ? before.stay : before.stay + 1 } })
      // What is said from a shared address may be another's word: it proves nothing of this unit.
      if (sighting.kind === 'announcement' && identified.conflict === null) {
        if (before?.readiness !== sighting.readiness) tx.append({ unit, body: { kind: 'unit.judged', readiness: sighting.readiness } })
        const { at, active, gwId, uuid } = sighting
        tx.append({ unit, body: { kind: 'unit.seen', evidence: { kind: 'announced', at, active, gwId, uuid } } })
      }
      return identified
    })
    if (found && claim && sighting.kind !== 'scan' && found.unit === claim.unit) this.claims.clear()
    if (found?.conflict) for (const uid of [found.unit, ...found.others]) this.#stopUnasked(uid, found.conflict)
    return found
  }

  /** Why no seat may be taken now, whoever the unit is: units could not reach the cloud. */
  mayAsk(): FaultView | null { return this.#bench.wayOut.mayAsk() }

  /** Opens a job for the unit if the rules say so. */
  consider(uid: UnitId): void {
    const { ledger, clock } = this.#bench
    const unit = ledger.unit(uid)
    if (this.#isPaused(unit)) return
    this.#waiting.delete(uid)
    if (!unit || unit.method === 'qr' || !isReachable(unit)) return
    const desk = { ledger, seats: this.#bench.seats, now: clock.now(), settings: this.#settings.dispatch }
    const reluctance = assessUnit(desk, unit)
    if (reluctance === 'not-scanned') this.#waiting.set(uid, { code: 'unit.not-scanned', context: {} })
    if (reluctance !== null || unit.product === null) return
    const { product } = unit
    const closed = this.mayAsk()
    if (closed) return this.#setWaiting(uid, closed)
    if (this.#bench.permissions.askAgain(product, () => this.consider(uid))) return
    const opened = ledger.commit(tx => openJob({ ...desk, tx }, unit, product, null))
    if (typeof opened === 'string') return this.#run(opened)
    this.#setWaiting(uid, opened)
    if (isQuotaFault(opened.code) && unit.postponedAt === undefined) ledger.append({ unit: uid, body: { kind: 'unit.postponed', fault: opened } })
  }

  /** Its job stands open: what it waits for is that job's to say. */
  #isPaused(unit: Unit | null): boolean { return unit?.job != null && this.#jobScopes.has(unit.job) }

  #setWaiting(uid: UnitId, fault: FaultView): void { this.#waiting.set(uid, fault) }

  /** Runs the jobs of a wave; their ask is the wave's. */
  runAll(jobs: readonly JobId[]): void {
    for (const job of jobs) this.#run(job)
  }

  waveFailed(wave: WaveId, fault: Fault): void { this.#waveFaults.set(wave, fault) }
  /** Ends a job from outside: the unit was held or taken away. */
  endJob(job: JobId, fault: Fault): void { void this.#jobScopes.get(job)?.close(fault) }

  /** Where the switch knows the lane of a card, only that lane's scan may claim it. */
  #mayClaim(lane: number | null, sighting: Sighting): boolean {
    const seen = sighting.kind === 'scan' || sighting.mac === null ? null : this.#bench.lanes.laneOf(sighting.mac)
    return lane === null || seen === null || seen === lane
  }

  #place(): void {
    for (const unit of placeUnits(this.#bench.ledger, this.#bench.lanes)) this.consider(unit)
  }

  #stopUnasked(uid: UnitId, why: Conflict): void {
    const job = this.#bench.ledger.job(this.#bench.ledger.unit(uid)?.job ?? null)
    if (job && job.stage !== 'closed' && job.askedAt === null) this.endJob(job.uid, new Fault(why))
  }

  #run(uid: JobId): void {
    if (!this.#scope || this.#jobScopes.has(uid)) return
    const { ledger, clock, log } = this.#bench
    const scope = this.#scope.child(uid)
    this.#jobScopes.set(uid, scope)
    const bench = { ledger, clock, log: log.child({ job: uid }), resetMs: seconds(this.#settings.resetSeconds) }
    const running = runJob(bench, uid, {
      foundReset: job => foundReset(ledger, job),
      reset: (job, signal) => runReset(this.#bench, job, signal),
      permit: (job, signal) => this.#permit(job, signal),
      isBlocked: () => benchTrouble(this.#bench.dhcp) !== null,
      pair: (job, signal) => this.#pair(job, signal),
      verify: (job, signal) => runVerify(this.#bench, job, this.#verifySettings(job), signal),
      close: (job, verdict, isSeatReturned) => closeJob(ledger, job, verdict, isSeatReturned)
    }, scope.signal)
    const done = (): void => {
      this.#jobScopes.delete(uid)
      void scope.close()
    }
    running.then(done, (thrown: unknown) => {
      log.fault('a job could not be closed', Fault.from(thrown), { job: uid })
      done()
    })
  }

  /** A wave's code goes over the air, not over this LAN. */
  async #permit(uid: JobId, signal: AbortSignal): Promise<void> {
    const job = this.#bench.ledger.job(uid)
    if (job?.wave === null) await untilPermitted(this.#bench, job, () => this.#lastHeard.get(job.unit)?.ip ?? null, this.#waiting, signal)
  }

  async #pair(uid: JobId, signal: AbortSignal): Promise<boolean> {
    const { ledger } = this.#bench
    const job = ledger.job(uid)
    if (job?.wave) {
      await untilAsked(ledger, uid, job.wave, wave => this.#waveFaults.get(wave) ?? null, signal)
      return true
    }
    const heard = job ? this.#lastHeard.get(job.unit) : undefined
    if (!job || !heard) throw new Fault('unit.removed')
    const { announcement, ip } = heard
    const mayAsk = (): boolean => assessPermit(this.#bench, job, ip).kind === 'go'
    return atAddress(ledger, job.unit, ip, own => runPair(this.#bench, uid, { announcement, ip, mayAsk }, own), signal)
  }

  #verifySettings(uid: JobId): Parameters<typeof runVerify>[2] {
    const job = this.#bench.ledger.job(uid)
    const reboot = this.#rebootSeconds(job)
    const proof = this.#settings.proofSeconds > 0 ? seconds(this.#settings.proofSeconds) : proofMs(reboot)
    return { proofMs: job?.wave ? seconds(this.#settings.settleSeconds) : proof, improveMs: millis(15_000 + 1500 * reboot) }
  }

  #leased(event: LeaseEvent): void {
    const { ledger, presence, listener } = this.#bench
    const known = ledger.unitByAlias({ kind: 'mac', value: event.mac })
    const sighting = sightLease(event)
    if (!sighting) {
      if (known) presence.leaseEnded(known)
      return
    }
    const unit = known ? ledger.unit(known) : null
    const isRepeat = unit?.isHere === true && unit.ip === event.ip && unit.fingerprint === sighting.fingerprint
    const uid = isRepeat ? unit.uid : this.sight(sighting)?.unit
    if (!uid) return
    presence.leased(uid)
    if (!isRepeat) this.#place()
    if (event.kind === 'bound' && ledger.unit(uid)?.method === 'qr') this.#see(uid, { kind: 'joined', at: event.at, ip: event.ip })
    if (isRepeat) return
    listener.ask()
    this.consider(uid) // it may have announced itself before its lease was written
  }

  #heard(heard: Heard): void {
    const { dhcp, ledger, presence } = this.#bench
    const sighting = sightAnnouncement(heard, ip => dhcp.macOf(ip))
    if (sighting.mac === null) return dhcp.avoid(heard.ip)
    const known = ledger.unitByAlias({ kind: 'mac', value: sighting.mac })
    const said = [sighting.ip, sighting.gwId, sighting.uuid, sighting.active, sighting.productKey, sighting.readiness].join('|')
    const isRepeat = known !== null && this.#lastSaid.get(known) === said && ledger.unit(known)?.isHere === true
    const found = isRepeat ? null : this.sight(sighting)
    const uid = isRepeat ? known : found?.unit
    if (uid == null) return
    this.#lastSaid.set(uid, said)
    if (found?.conflict == null) {
      this.#lastHeard.set(uid, heard)
      this.#bench.timing.heard(uid, sighting.active, sighting.at)
    }
    presence.announced(uid)
    if (isRepeat) return
    this.#place()
    this.consider(uid)
  }

  #presence(change: PresenceChange): void {
    const { ledger, presence } = this.#bench
    const unit = ledger.unit(change.unit)
    if (!unit?.isHere) return
    this.#see(unit.uid, { kind: change.kind, at: change.at, of: change.of })
    const job = ledger.job(unit.job)
    const isOpen = job !== null && job.stage !== 'closed'
    if (isOpen && job.askedAt === null && job.method === 'wired' && change.kind === 'gone') this.#expectBack(job, presence.isGone(unit.uid))
    if (!isOpen && change.kind === 'gone' && unit.method === 'wired') this.#leave(unit)
  }

  /** A unit silent before its ask is taken away, or restarting: without a lease it is away, else it has twice its reboot. */
  #expectBack(job: Job, isGone: boolean): void {
    const { clock, ledger, presence, dhcp } = this.#bench
    const end = (): void => this.endJob(job.uid, new Fault('unit.removed'))
    if (isGone && !benchTrouble(dhcp)) return end()
    const timer = clock.after(seconds(2 * this.#rebootSeconds(job)), () => {
      if (presence.pip(job.unit, 'announcement') === 'on' || ledger.job(job.uid)?.askedAt !== null) return
      if (benchTrouble(dhcp)) this.#expectBack(job, false) // it may be silent for want of an address of ours
      else end()
    })
    this.#watches.set(job.uid, [...this.#watches.get(job.uid) ?? [], timer])
  }

  #rebootSeconds(job: Job | null): number {
    return this.#bench.timing.rebootSeconds(job?.product ?? null)
  }

  #result({ token, result, isFirst }: PolledResult): boolean {
    const { ledger, clock } = this.#bench
    const judged = judgeResult(ledger, token, result, clock.now())
    if (judged && result.isBound === true) keepBound(ledger, judged.unit, token, result.deviceId)
    else if (judged) this.#see(judged.unit, judged.evidence)
    else if (isFirst) {
      const { ok, deviceId, uuid, code, tid } = result
      ledger.append({ body: { kind: 'result.unmatched', token, ok, deviceId, uuid, code, tid } })
    }
    return judged !== null
  }

  #see(unit: UnitId, evidence: Extract<Fact['body'], { kind: 'unit.seen' }>['evidence']): void {
    const uid = this.#bench.ledger.unit(unit)?.job
    this.#bench.ledger.append({ unit, ...(uid ? { job: uid } : {}), body: { kind: 'unit.seen', evidence } })
  }

  /** What a committed fact sets in motion: results to watch for, late proof, a unit to look at again. */
  #follow(fact: Fact): void {
    const { ledger, clock } = this.#bench
    const { body } = fact
    if (body.kind === 'unbind.asked' && fact.job) this.#watch(fact.job, body.token)
    if (body.kind === 'wave.shown' && fact.wave) this.#watch(fact.wave, body.token)
    if (body.kind === 'wave.closed' && fact.wave) this.#unwatch(fact.wave)
    if (body.kind === 'unit.seen' && fact.unit) {
      const job = ledger.job(ledger.unit(fact.unit)?.job ?? null)
      if (job) raiseIfProven(ledger, job)
    }
    if (body.kind === 'job.closed' && fact.job) {
      const { job } = fact
      explainByLight(ledger, ledger.job(job))
      if (body.outcome !== 'unproven') this.#unwatch(job)
      else this.#watches.set(job, [...this.#watches.get(job) ?? [], clock.after(LATE_RESULTS, () => this.#unwatch(job))])
      const unit = fact.unit ? ledger.unit(fact.unit) : null
      if (unit && body.outcome === 'proven') this.#bench.timing.proven(unit.uid, unit.product ?? '')
      if (unit?.method === 'qr' && body.outcome === 'proven') this.#leave(unit)
    }
    if (body.kind === 'unit.freed' && fact.unit) this.consider(fact.unit)
  }

  #watch(key: JobId | WaveId, token: TokenId): void {
    this.#watches.set(key, [...this.#watches.get(key) ?? [], this.#bench.poll.watch(token)])
  }

  #unwatch(key: JobId | WaveId): void {
    for (const watch of this.#watches.get(key) ?? []) watch[Symbol.dispose]()
    this.#watches.delete(key)
  }

  #leave(unit: Unit): void {
    this.#bench.ledger.append({ unit: unit.uid, body: { kind: 'unit.left' } })
    this.#lastSaid.delete(unit.uid)
    this.#bench.timing.forget(unit.uid)
    this.#waiting.delete(unit.uid)
    this.#bench.presence.forget(unit.uid)
  }

  /** Seats come back with the day; forgotten units leave. */
  #sweep(): void {
    const { ledger, clock } = this.#bench
    for (const unit of ledger.unitsHere()) {
      const job = ledger.job(unit.job)
      const closedAt = job?.closedAt ?? (job === null ? unit.metAt : null)
      const heardAt = this.#bench.presence.heardAt(unit.uid) ?? unit.scannedAt ?? unit.metAt
      if (closedAt !== null && clock.now() - Math.max(closedAt, heardAt) > FORGET_AFTER) this.#leave(unit)
      else if (this.#waiting.has(unit.uid) || unit.postponedAt !== undefined) this.consider(unit.uid)
    }
  }
}

/** A wired unit we could hand a token to, now or after its reset. */
function isReachable(unit: Unit): boolean {
  return unit.ip !== null && (unit.readiness === 'ready' || unit.readiness === 'unconfirmed' || unit.readiness === 'activated' || unit.readiness === 'activating')
}
