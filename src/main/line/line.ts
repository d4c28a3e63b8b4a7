/**
 * The street: the only file that knows the order of the steps. A unit travels one way:
 *
 *   01 scan ----.
 *   02 lease ----+--> 04 identify --> 05 dispatch --> 06 run [ 07 reset > 08 pair or wave > 09 verify ] --> 10 close --> 11 sync
 *   03 announce-'
 *
 * Instruments tell what they hear (hearing.ts); each becomes a sighting, then a unit, then, once only, an unbind job; what
 * follows a fact by itself is in following.ts. Both know the steps only as functions given to them here.
 */
import { millis, seconds, type FaultView, type JobId, type Millis, type UnitId, type WaveId } from '#shared'
import { ClaimDesk } from '../bench/claim-desk.ts'
import type { ConsoleDesk } from '../bench/console-desk.ts'
import type { Handover } from '../bench/handover.ts'
import type { Lanes } from '../bench/lanes.ts'
import type { Heard, LanListener } from '../bench/listener.ts'
import type { PermissionDesk } from '../bench/permission-desk.ts'
import type { RelayDesk } from '../bench/relay-desk.ts'
import type { Scope } from '../bench/scope.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { TokenTill } from '../bench/token-till.ts'
import type { WayOut } from '../bench/way-out.ts'
import { Fault } from '../domain/fault.ts'
import { proofMs, type Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import { verdictOf } from '../domain/outcome.ts'
import { isQuotaFault } from '../domain/quota.ts'
import type { Conflict, Sighting, Unit } from '../domain/unit.ts'
import { sightLease } from './02-lease.ts'
import { sightAnnouncement } from './03-announce.ts'
import { identify, type Identified } from './04-identify.ts'
import { accountFor, assessUnit, centreOfBatch, openJob, type DispatchSettings } from './05-dispatch.ts'
import { runJob } from './06-run.ts'
import { foundReset, runReset } from './07-reset.ts'
import { runPair } from './08-pair.ts'
import { untilAsked } from './08-wave.ts'
import { judgeResult, lookBack, runVerify } from './09-verify.ts'
import { closeJob, raiseIfProven } from './10-close.ts'
import { Following, type FollowingBench } from './following.ts'
import { Hearing, type HearingBench } from './hearing.ts'
import { assessPermit, atAddress, benchTrouble, untilPermitted } from './permit.ts'
import { placeUnits } from './placing.ts'
import { rehearse } from './rehearsal.ts'
import { undoClaim } from './undoing.ts'

/** Of a product nobody has described. */
const PAIRING_SECONDS = 600

export interface LineBench extends HearingBench, FollowingBench {
  readonly catalogue: Catalogue
  readonly listener: Pick<LanListener, 'on' | 'ask' | 'onEarly'>
  readonly lanes: Pick<Lanes, 'on' | 'laneOf' | 'view'>
  readonly handover: Handover
  readonly seats: SeatDesk
  readonly permissions: Pick<PermissionDesk, 'askAgain'>
  readonly till: TokenTill
  readonly relay: RelayDesk
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
  /** rehearsal.ts; training has no rack that waits. */
  readonly isRehearsed?: boolean
}

export class Line {
  readonly claims: ClaimDesk
  readonly #bench: LineBench
  readonly #settings: LineSettings
  readonly #hearing: Hearing
  readonly #following: Following
  readonly #waiting = new Map<UnitId, FaultView>()
  readonly #waveFaults = new Map<WaveId, Fault>()
  readonly #jobScopes = new Map<JobId, Scope>()
  /** Called ahead of their token, by address. */
  readonly #called = new Map<string, UnitId>()
  #scope: Scope | null = null

  constructor(bench: LineBench, settings: LineSettings) {
    this.#bench = bench
    this.#settings = settings
    this.claims = new ClaimDesk(bench.clock, seconds(settings.claimSeconds))
    const street = { consider: (uid: UnitId) => this.consider(uid), leave: (unit: Unit) => this.#leave(unit) }
    this.#following = new Following(bench, {
      ...street, isWaiting: uid => this.#waiting.has(uid), judgeResult: (token, result) => judgeResult(bench.ledger, token, result, bench.clock.now()), raiseIfProven: job => raiseIfProven(bench.ledger, job, later => this.#takeBack(later))
    })
    this.#hearing = new Hearing(bench, {
      ...street, sightLease, sightAnnouncement: heard => sightAnnouncement(heard, ip => bench.dhcp.macOf(ip)), sight: sighting => this.sight(sighting), place: () => this.#place(),
      endJob: (job, fault) => this.endJob(job, fault), keep: (job, timer) => this.#following.keep(job, timer)
    })
  }

  /** Resumes what was open, then listens. */
  start(scope: Scope): void {
    if (this.#settings.isRehearsed === true) this.#rehearse()
    this.#scope = scope
    this.#following.start(scope)
    for (const job of this.#bench.ledger.openJobs()) this.#run(job.uid)
    scope.own(this.#bench.listener.onEarly(heard => this.#callAhead(heard)))
    this.#hearing.start(scope)
    scope.own(this.#bench.listener.on(heard => this.#hangUpUnasked(heard)))
    scope.own(this.#bench.lanes.on(() => this.#place()))
    scope.own(this.#bench.wayOut.on(() => { for (const uid of Array.from(this.#waiting.keys())) this.consider(uid) }))
  }

  /** Before anybody is heard. */
  #rehearse(): void {
    const { ledger, catalogue, clock, log, seats } = this.#bench
    const product = catalogue.all().find(p => p.method === 'wired')?.productKey
    const account = this.dispatch.accounts()[0]?.id
    if (product === undefined || account === undefined) return
    const settings = { ...this.dispatch, isDenied: () => false, isFirstAlone: false }
    rehearse({ ledger, log, now: () => clock.now(), account, product }, {
      identify: (tx, sighting) => identify({ tx, ledger, catalogue }, sighting, null)?.unit ?? null,
      openJob: (tx, unit) => {
        const opened = openJob({ tx, ledger, seats, now: clock.now(), settings }, unit, product, null)
        return typeof opened === 'string' ? opened : null
      }
    })
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
    const known = claim ? ledger.unit(claim.unit)?.aliases ?? [] : []
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
        tx.append({ unit, body: { kind: 'unit.seen', evidence: { kind: 'announced', at, active, gwId, uuid, ...this.#bench.dhcp.isLent(sighting.ip) ? {} : { isFixed: true } } } })
      }
      return identified
    })
    if (found && claim && sighting.kind !== 'scan' && found.unit === claim.unit) this.claims.take(claim, known)
    if (found?.conflict) for (const uid of [found.unit, ...found.others]) this.#stopUnasked(uid, found.conflict)
    return found
  }

  /** Why no seat may be taken now, whoever the unit is: units could not reach the cloud. */
  mayAsk(): FaultView | null { return this.#bench.wayOut.mayAsk() }

  /** Faults: `net.foreign-dhcp`, while the guard of our own DHCP server is tripped. */
  assertAlone(): void {
    const trouble = benchTrouble(this.#bench.dhcp)
    if (trouble) throw new Fault(trouble.code, trouble.context)
  }

  /** Whoever will get a job by the rules is called at once: the second before the first sending passes while all that is written down. */
  #callAhead(heard: readonly Heard[]): void {
    if (!this.#scope || benchTrouble(this.#bench.dhcp) || this.mayAsk()) return
    const served = new Map<string, boolean>()
    for (const one of heard) {
      const uid = this.#aboutToAsk(one, served)
      if (uid === null) continue
      this.#called.set(one.ip, uid)
      this.#bench.handover.callAhead(one.ip, this.#scope.signal)
    }
  }

  /** By what is known before this word of it is taken in. `served`: kinds of units an account has a seat for, as found in this burst. */
  #aboutToAsk(heard: Heard, served: Map<string, boolean>): UnitId | null {
    const { ledger, dhcp, seats, clock, catalogue } = this.#bench
    const { mac, readiness, productKey: product } = sightAnnouncement(heard, ip => dhcp.macOf(ip))
    const uid = mac === null ? null : ledger.unitByAlias({ kind: 'mac', value: mac })
    const unit = uid === null ? null : ledger.unit(uid)
    if (!unit || product === null || (readiness !== 'ready' && readiness !== 'unconfirmed') || (catalogue.find(product)?.method ?? unit.method) === 'qr') return null
    const desk = { ledger, seats, now: clock.now(), settings: this.dispatch }
    if (assessUnit(desk, { ...unit, product }) !== null) return null
    const notIn = unit.notIn ?? []
    const kind = [product, unit.tote, ...notIn].join('|')
    const isServed = served.get(kind) ?? 'account' in accountFor(desk, product, { centre: centreOfBatch(ledger, unit), notIn })
    served.set(kind, isServed)
    return isServed ? unit.uid : null
  }

  #hangUpUnasked(heard: readonly Heard[]): void {
    for (const { ip } of heard) {
      const uid = this.#called.get(ip)
      if (uid === undefined) continue
      this.#called.delete(ip)
      if (!this.#isPaused(this.#bench.ledger.unit(uid))) this.#bench.handover.hangUp(ip)
    }
  }

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

  /** A lane label: whoever was scanned before it stands there now, or will when it is plugged in. */
  laneScanned(lane: number): void {
    const unit = this.claims.lane(lane)
    if (unit === null) return
    this.#bench.ledger.append({ unit, body: { kind: 'unit.placed', lane } })
    this.consider(unit)
  }

  /** The card CM:UNDO: the claim of the last scan is taken back. */
  undoClaim(): void {
    const { ledger, clock, presence } = this.#bench
    const taken = this.claims.undo()
    if (!taken || undoClaim(ledger, taken, job => this.#withdraw(job), clock.now()) === 'void') return
    this.#hearing.forget(taken.unit)
    presence.forget(taken.unit)
    this.#waiting.delete(taken.unit)
    this.claims.scanned(taken.unit, true) // it waits for its own box
  }

  #withdraw(uid: JobId): void {
    const fault = new Fault('unit.removed')
    const job = this.#bench.ledger.job(uid)
    if (job) closeJob(this.#bench.ledger, uid, verdictOf(job, fault), false)
    this.endJob(uid, fault)
  }

  /** Opened in vain, as its unit is released already; it stays on the bench. */
  #takeBack(uid: JobId): void {
    closeJob(this.#bench.ledger, uid, { outcome: 'withdrawn', grade: null, fault: null, provenAt: null }, false)
    this.endJob(uid, new Fault('unit.removed'))
  }

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
      reset: (job, signal) => this.#reset(job, signal),
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

  /** A wave waits for this stage and for no later one. */
  async #reset(uid: JobId, signal: AbortSignal): Promise<void> {
    if (this.#bench.ledger.job(uid)?.method === 'qr') await lookBack(this.#bench, uid, signal)
    await runReset(this.#bench, uid, signal)
  }

  /** A wave's code goes over the air, not over this LAN. */
  async #permit(uid: JobId, signal: AbortSignal): Promise<void> {
    const job = this.#bench.ledger.job(uid)
    if (job?.wave !== null) return
    await lookBack(this.#bench, uid, signal)
    await untilPermitted(this.#bench, job, () => this.#hearing.last(job.unit)?.ip ?? null, this.#waiting, signal)
  }

  async #pair(uid: JobId, signal: AbortSignal): Promise<boolean> {
    const { ledger } = this.#bench
    const job = ledger.job(uid)
    if (job?.wave) {
      await untilAsked(ledger, uid, job.wave, wave => this.#waveFaults.get(wave) ?? null, signal)
      return true
    }
    const heard = job ? this.#hearing.last(job.unit) : undefined
    if (!job || !heard) throw new Fault('unit.removed')
    const { announcement, ip } = heard
    const mayAsk = (): boolean => assessPermit(this.#bench, job, ip).kind === 'go'
    if (mayAsk()) this.#bench.handover.callAhead(ip, signal)
    using _line = { [Symbol.dispose]: () => this.#bench.handover.hangUp(ip) }
    return await atAddress(ledger, job.unit, ip, own => runPair(this.#bench, uid, { announcement, ip, mayAsk, pairingMs: this.#pairingMs(job), onWait: fault => this.#waitForCloud(job, fault) }, own), signal)
  }

  #pairingMs(job: Job): Millis { return seconds(this.#bench.catalogue.find(job.product)?.pairingSeconds ?? PAIRING_SECONDS) }

  /** Said on the unit as long as it lasts, and once in its history. */
  #waitForCloud({ unit, uid }: Job, fault: FaultView | null): void {
    const before = this.#waiting.get(unit)
    if (fault === null) this.#waiting.delete(unit)
    else this.#setWaiting(unit, fault)
    if (fault !== null && before?.code !== fault.code) this.#bench.ledger.append({ unit, job: uid, body: { kind: 'fault.raised', fault } })
  }

  #verifySettings(uid: JobId): Parameters<typeof runVerify>[2] {
    const job = this.#bench.ledger.job(uid)
    const reboot = this.#rebootSeconds(job)
    const proof = this.#settings.proofSeconds > 0 ? seconds(this.#settings.proofSeconds) : proofMs(reboot)
    return { proofMs: job?.wave ? seconds(this.#settings.settleSeconds) : proof, improveMs: millis(15_000 + 1500 * reboot) }
  }

  #rebootSeconds(job: Job | null): number {
    return this.#bench.timing.rebootSeconds(job?.product ?? null)
  }

  #leave(unit: Unit): void {
    this.#bench.ledger.append({ unit: unit.uid, body: { kind: 'unit.left' } })
    this.#hearing.forget(unit.uid)
    this.#bench.timing.forget(unit.uid)
    this.#waiting.delete(unit.uid)
    this.#bench.presence.forget(unit.uid)
  }
}

/** A wired unit we could hand a token to, now or after its reset. */
function isReachable(unit: Unit): boolean {
  return unit.ip !== null && (unit.readiness === 'ready' || unit.readiness === 'unconfirmed' || unit.readiness === 'activated' || unit.readiness === 'activating')
}
