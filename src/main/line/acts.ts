/**
 * What an operator does, by scan, key or touch, each as one committed act: sign in, name a unit, place it, hold it, ask again,
 * start and stop a wave. Uses the line; the line does not know it.
 */
import { type FaultView, type JobId, type Light, type Method, type ScanAnswer, type StopReason, type UnitId, type WaveId } from '#shared'
import type { BadgeDesk } from '../bench/badge-desk.ts'
import type { LabelDesk } from '../bench/label-desk.ts'
import type { Secret } from '../bench/log.ts'
import type { Networks } from '../bench/networks.ts'
import type { Scope } from '../bench/scope.ts'
import { Fault } from '../domain/fault.ts'
import type { LabelFormats } from '../domain/label-format.ts'
import { isQuotaFault } from '../domain/quota.ts'
import type { Unit } from '../domain/unit.ts'
import { WAVE_UNITS_MAX, type Wave } from '../domain/wave.ts'
import type { Proc } from '../ports.ts'
import type { CommandCard } from '../wire/label.ts'
import { isPhoneCode, readScan, sightScan } from './01-scan.ts'
import { accountFor, assessUnit, centreOfBatch, openJob } from './05-dispatch.ts'
import { runWave, settleWave, type WaveBench } from './08-wave.ts'
import { stateLight } from './lights.ts'
import type { Line } from './line.ts'
import { stateRefusal } from './relayed.ts'

export interface ActSettings {
  readonly rack: string
  readonly seatsPerToken: number
  readonly networks: Networks
  readonly proc: Proc
  readonly badges: BadgeDesk
  readonly labels: Pick<LabelDesk, 'print' | 'scanBack'>
  /** Of labels that vendors print on units. */
  readonly formats: LabelFormats
  /** A card of training was scanned. */
  readonly exercise: (name: string) => void
  /** Begins the daily check of the bench; nobody waits for its end. */
  readonly daily: () => void
}
/** `leftoversOf`: only the cameras of that wave that have no proof; `half`: one half of them, to find out which. */
export interface WaveWish { readonly product?: string; readonly account?: string; /** Region of the data centre. */ readonly centre?: string; readonly ssid?: string; readonly rack?: string; readonly leftoversOf?: string; readonly half?: 1 | 2 }

/** Faults of the result poll that mean: nobody answers. A refusal is an answer. */
const AWAY: ReadonlySet<string> = new Set(['cloud.unreachable', 'cloud.garbled', 'web.not-started', 'web.unknown'])

export interface Scanned { readonly heard: ScanAnswer['heard']; readonly unit: UnitId | null; readonly note: ScanAnswer['note']; /** What is kept of a unit's label; the rest may be a secret. */ readonly code?: string }
const DONE: Scanned = { heard: 'command', unit: null, note: 'done' }
export interface ShownCode { readonly wave: WaveId; readonly rack: string; readonly code: Secret<string> }

export class Acts {
  readonly #line: Line
  readonly #settings: ActSettings
  readonly #stops = new Map<WaveId, AbortController>()
  readonly #onCode: () => void
  #scope: Scope | null = null
  /** The one code of each rack; memory only, never written down. */
  readonly #shown = new Map<string, ShownCode>()

  constructor(line: Line, settings: ActSettings, onCode: () => void) {
    this.#line = line
    this.#settings = settings
    this.#onCode = onCode
  }

  /** A wave found open after a crash keeps its code dark and settles. */
  start(scope: Scope): void {
    this.#scope = scope
    for (const wave of this.#ledger.openWaves()) this.#background(wave.uid, signal => settleWave(this.#waveBench(), wave, signal))
  }

  /** What stands on the display of this rack now. */
  shownOn(rack: string): ShownCode | null { return this.#shown.get(rack) ?? null }

  get #ledger() { return this.#line.bench.ledger }

  /** Faults: `scan.unreadable`, `scan.unknown-command`, `scan.not-one-unit`, those of the card scanned. */
  scan(text: string): Scanned {
    const { relay } = this.#line.bench
    const scan = readScan(text, this.#settings.formats, relay.isAllowed)
    switch (scan.kind) {
      case 'operator':
        this.#settings.badges.scan(scan.badge)
        return { heard: 'operator', unit: null, note: 'done' }
      case 'lane':
        this.#line.laneScanned(scan.lane)
        return { heard: 'lane', unit: this.#line.claims.lastScanned, note: 'done' }
      case 'tote': return this.#about('tote', unit => { this.#ledger.append({ unit, body: { kind: 'unit.stored', tote: scan.tote } }) })
      case 'relay':
        relay.offer(scan.token(), [...this.#shown.values()].map(s => s.code.reveal()))
        return { heard: 'relay', unit: null, note: 'done' }
      case 'account':
        relay.state(scan.account)
        return { heard: 'account', unit: null, note: 'done' }
      case 'reason': return this.#about('reason', unit => { if (!stateRefusal(this.#line.bench, relay, unit, scan.reason)) this.hold(unit, scan.reason) })
      case 'command': return this.#command(scan.command)
      case 'exercise':
        this.#settings.exercise(scan.name)
        return DONE
      case 'label': return { heard: 'label', unit: this.#settings.labels.scanBack(scan.label), note: 'done' }
      case 'certificate': {
        const known = this.#ledger.mark('certificate', scan.id)
        if (!known?.hash?.startsWith(scan.hash)) throw new Fault('certificate.unknown')
        return { heard: 'certificate', unit: known.unit, note: 'done' }
      }
      case 'unit': return this.#unit(scan)
      default: return scan satisfies never
    }
  }

  /** Faults: `relay.off` until a lead has allowed it. */
  assertRelaying(): void {
    if (!this.#line.bench.relay.isAllowed) throw new Fault('relay.off')
  }

  /** The text of a code in a picture, which may be the phone's and no other. Faults: `relay.off`, `picture.other-code`, those of the code. */
  relayed(text: string): Scanned {
    this.assertRelaying()
    if (!isPhoneCode(text, this.#settings.formats)) throw new Fault('picture.other-code')
    return this.scan(text)
  }

  /** Nobody is at the bench any more: its codes go with the operator. */
  signOut(): void {
    for (const stop of this.#stops.values()) stop.abort('lock' satisfies StopReason)
    this.#settings.badges.leave()
  }

  /** Calls the lead to the bench, or says that the lead is here. Said twice, it is recorded once. */
  callLead(isWanted: boolean): void {
    if (isWanted !== (this.#ledger.mark('call', 'bench') === null)) return
    this.#ledger.append({ body: { kind: isWanted ? 'lead.called' : 'lead.came' } })
  }

  hold(uid: UnitId, reason: string): void {
    const unit = this.#unitOf(uid)
    const { ledger, clock } = this.#line.bench
    ledger.append({ unit: uid, body: { kind: 'unit.held', hold: { owner: ledger.operator ?? 'nobody', reason, at: clock.now() } } })
    const job = ledger.job(unit.job)
    if (job && job.stage !== 'closed' && job.askedAt === null) this.#line.endJob(job.uid, new Fault('unit.held'))
  }

  release(uid: UnitId, reason: string, { by, lead }: { readonly by: string; readonly lead: string }): void {
    this.#unitOf(uid)
    this.#ledger.append({ unit: uid, body: { kind: 'unit.freed', by, reason, lead } })
  }

  /** One more attempt, wished by a person; the rules of step 05 still apply. */
  again(uid: UnitId): void {
    this.#unitOf(uid)
    this.#ledger.append({ unit: uid, body: { kind: 'unit.scanned' } })
    this.#line.consider(uid)
  }

  setMethod(uid: UnitId, method: Method): void {
    const unit = this.#unitOf(uid)
    this.#ledger.append({ unit: uid, body: { kind: 'unit.known', product: unit.product, method } })
    this.#line.consider(uid)
  }

  /** Faults: `wave.running`, `wave.empty`, `net.foreign-dhcp`, `quota.*`, `cloud.no-permission`, `wifi.wrong` when no network is set up. */
  startWave(order: WaveWish): WaveId {
    const { ledger, clock } = this.#line.bench
    const rack = order.rack ?? this.#settings.rack
    if (ledger.openWaves().some(w => w.rack === rack && w.state !== 'settling')) throw new Fault('wave.running')
    this.#line.assertAlone()
    const closed = this.#line.mayAsk()
    if (closed) throw new Fault(closed.code, closed.context)
    const wifi = this.#settings.networks.pick(order.ssid, clock.now())
    const waiting = order.leftoversOf === undefined ? this.waitingCameras() : this.#leftovers(order.leftoversOf as WaveId, order.half ?? null) // an unknown one has none
    const product = order.product ?? mostFrequent(waiting)
    const scanned = waiting.filter(u => u.product === product)
    if (product === null || scanned.length === 0) throw new Fault('wave.empty')
    const desk = { ledger, seats: this.#line.bench.seats, now: clock.now(), settings: this.#line.dispatch }
    const notIn = (scanned[0]?.notIn ?? []).filter(region => scanned.every(u => u.notIn?.includes(region)))
    const centres = new Set(scanned.map(u => centreOfBatch(ledger, u)))
    const found = accountFor(desk, product, { account: order.account, centre: order.centre ?? (centres.size === 1 ? [...centres][0] : null), notIn })
    if ('code' in found) this.#refuseWave(scanned, found)
    const cameras = scanned.filter(u => u.notIn?.includes(found.region) !== true && (centreOfBatch(ledger, u) ?? found.region) === found.region) // the others wait for a wave of another centre
    const some = cameras.slice(0, Math.min(found.seats, this.#settings.seatsPerToken, WAVE_UNITS_MAX))
    const uid = ledger.newId() as WaveId // made here and nowhere else
    const jobs = ledger.commit(tx => {
      tx.append({ wave: uid, body: { kind: 'wave.planned', rack, product, account: found.account, centre: found.region, ssid: wifi.ssid, units: some.map(u => u.uid) } })
      return some.map(unit => openJob({ ...desk, tx }, unit, product, { uid, account: found.account }))
    })
    this.#line.runAll(jobs.filter((j): j is JobId => typeof j === 'string'))
    const stop = new AbortController()
    this.#stops.set(uid, stop)
    this.#background(uid, signal => runWave(this.#waveBench(), { uid, ssid: wifi.ssid, password: wifi.password }, stop.signal, signal))
    return uid
  }

  /** Cameras without a seat today wait for another day; a denied permission is asked about once more. */
  #refuseWave(cameras: readonly Unit[], fault: FaultView): never {
    const product = cameras[0]?.product ?? null
    if (fault.code === 'cloud.no-permission' && product !== null) this.#line.bench.permissions.askAgain(product, () => undefined)
    if (isQuotaFault(fault.code)) this.#ledger.commit(tx => { for (const { uid, postponedAt } of cameras) if (postponedAt === undefined) tx.append({ unit: uid, body: { kind: 'unit.postponed', fault } }) })
    throw new Fault(fault.code, fault.context)
  }

  /** Faults: `wave.none`. */
  stopWave(uid: WaveId): void {
    if (!this.#ledger.wave(uid)) throw new Fault('wave.none')
    this.#stops.get(uid)?.abort('operator' satisfies StopReason)
  }

  /** What an operator sees on a camera. */
  stateLight(uid: UnitId, light: Light): void {
    stateLight(this.#ledger, this.#unitOf(uid), light, this.#line.bench.clock.now())
  }

  /** Cameras of a past wave without proof, wished once more by whoever asks; `half`: every second of them. */
  #leftovers(wave: WaveId, half: 1 | 2 | null): Unit[] {
    const { ledger, clock } = this.#line.bench
    const left = ledger.jobsOfWave(wave).filter(j => j.stage === 'closed' && j.outcome !== 'proven').map(j => this.#unitOf(j.unit)).filter(u => ledger.job(u.job)?.wave === wave)
    const some = half === null ? left : left.filter((_, i) => i % 2 === half - 1)
    ledger.commit(tx => { for (const { uid } of some) tx.append({ unit: uid, body: { kind: 'unit.scanned' } }) })
    const desk = { ledger, now: clock.now(), settings: this.#line.dispatch }
    return some.map(u => this.#unitOf(u.uid)).filter(u => assessUnit(desk, u) === null)
  }

  /** Cameras scanned and not yet in a wave, in the order of their scans. */
  waitingCameras(): Unit[] {
    const { ledger, clock } = this.#line.bench
    const desk = { ledger, now: clock.now(), settings: this.#line.dispatch }
    const isWished = (u: Unit): boolean => u.scannedAt !== null && u.scannedAt > (ledger.job(u.job)?.closedAt ?? 0) // one that reads twice wishes nothing
    return ledger.unitsHere().filter(u => u.method === 'qr' && (isWished(u) || u.postponedAt !== undefined) && assessUnit(desk, u) === null).toSorted((a, b) => (a.scannedAt ?? 0) - (b.scannedAt ?? 0))
  }

  #unit(scan: Extract<ReturnType<typeof readScan>, { kind: 'unit' }>): Scanned {
    const { ledger, clock } = this.#line.bench
    const found = this.#line.sight(sightScan(scan, clock.now()))
    if (!found) throw new Fault('scan.unreadable')
    if (found.conflict) throw new Fault(found.conflict, { code: scan.code })
    const unit = this.#unitOf(found.unit)
    this.#line.claims.scanned(unit.uid, unit.method !== 'qr' && !unit.aliases.some(a => a.kind === 'mac')) // a camera is never plugged in: whoever joins next is somebody
    this.#line.consider(unit.uid)
    const job = ledger.job(unit.job)
    const heard = { heard: 'unit', unit: unit.uid, code: scan.code } as const
    if (found.isNew) return { ...heard, note: 'new' }
    if (job?.outcome === 'proven') return { ...heard, note: 'done' }
    return { ...heard, note: unit.stay > 1 ? 'returned' : 'again' }
  }

  #command(command: CommandCard): Scanned {
    switch (command) {
      case 'DARK': return this.#about('command', unit => { this.stateLight(unit, 'off') })
      case 'RED': return this.#about('command', unit => { this.stateLight(unit, 'red-steady') })
      case 'RED-BLINKS': return this.#about('command', unit => { this.stateLight(unit, 'red-blinking') })
      case 'GREEN-BLINKS': return this.#about('command', unit => { this.stateLight(unit, 'green-blinking') })
      case 'GREEN': return this.#about('command', unit => { this.stateLight(unit, 'green-steady') })
      case 'PROOF':
        this.#line.bench.poll.hurry()
        return DONE
      case 'LEAD':
        this.callLead(this.#ledger.mark('call', 'bench') === null)
        return DONE
      case 'HELP': case 'TYPE': case 'FIND': case 'DISPLAY': case 'QUOTA': case 'HANDOVER': case 'FULL': case 'BACK': case 'SIGN': return DONE // a screen obeys
      case 'WHY': return { heard: 'command', unit: this.#line.claims.lastScanned, note: 'done' } // a screen obeys, about this unit
      case 'DAILY':
        this.#settings.daily()
        return DONE
      case 'LEAVE':
        this.signOut()
        return DONE
      case 'PRINT': return this.#about('command', unit => { this.#settings.labels.print(unit, this.#unitOf(unit).label ? 'card' : null) })
      case 'HOLD': return this.#about('command', unit => { this.hold(unit, 'card') })
      case 'AGAIN': return this.#about('command', unit => { this.again(unit) })
      case 'UNDO':
        this.#line.undoClaim()
        return { heard: 'command', unit: this.#line.claims.lastScanned, note: 'done' }
      case 'WAVE':
        this.startWave({})
        return { heard: 'command', unit: null, note: 'done' }
      case 'STOP': {
        const wave = this.#ledger.openWaves().find(w => w.state === 'showing' || w.state === 'planned')
        if (!wave) throw new Fault('wave.none')
        this.stopWave(wave.uid)
        return { heard: 'command', unit: null, note: 'done' }
      }
      default: return command satisfies never
    }
  }

  #about(heard: 'tote' | 'reason' | 'command', act: (unit: UnitId) => void): Scanned {
    const unit = this.#line.claims.lastScanned
    if (unit === null) throw new Fault('scan.unreadable')
    act(unit)
    return { heard, unit, note: 'done' }
  }

  #unitOf(uid: UnitId): Unit {
    const unit = this.#ledger.unit(uid)
    if (!unit) throw new Fault('door.invalid', { unit: uid })
    return unit
  }

  #waveBench(): WaveBench {
    const { clock, ledger, log, seats, till } = this.#line.bench
    return {
      clock, ledger, log, seats, till, settleMs: this.#line.settleMs,
      show: (wave, code) => this.#show(wave, code),
      onFault: (wave, fault) => this.#line.waveFailed(wave, fault),
      assertAlone: () => this.#line.assertAlone(),
      isCloudAway: () => AWAY.has(this.#line.bench.poll.fault?.code ?? ''),
      run: jobs => this.#line.runAll(jobs),
      prepare: (ssid, signal) => this.#settings.networks.switchTo(this.#settings.networks.pick(ssid, clock.now()), this.#settings.proc, signal)
    }
  }

  #show(wave: Wave['uid'], code: Secret<string> | null): void {
    const rack = this.#ledger.wave(wave)?.rack ?? this.#settings.rack
    if (code === null && this.#shown.get(rack)?.wave !== wave) return
    if (code === null) this.#shown.delete(rack)
    else this.#shown.set(rack, { wave, rack, code })
    this.#onCode()
  }

  #background(uid: WaveId, work: (signal: AbortSignal) => Promise<void>): void {
    this.#scope?.spawn(async signal => {
      try { await work(signal) } finally { this.#stops.delete(uid) }
    }, fault => this.#line.bench.log.fault('a wave could not be closed', fault, { wave: uid }))
  }
}

function mostFrequent(units: readonly Unit[]): string | null {
  const counts = new Map<string, number>()
  for (const { product } of units) if (product !== null) counts.set(product, (counts.get(product) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null
}
