/**
 * The operator of a virtual bench: one pair of hands and eyes. Scans, plugs, presses, shows cameras the code and takes
 * units out, always as the screens say; knows of the station only what the door answers. Slips are data.
 */
import { STAGES, millis, minutes, seconds, type BenchView, type DisplayView, type DoorAnswer, type DoorName, type FaultView, type Instant, type Method, type Millis, type Outcome, type Prompt, type ScanAnswer, type Stage, type UnitView } from '#shared'
import { holdFailed, releaseHolds } from './demonstration.ts'
import { SeededEntropy } from './entropy.ts'
import type { VirtualUnit } from './unit.ts'
import type { UnitFault } from './unit-profile.ts'
import { Span } from './waits.ts'
import type { World } from './world.ts'

/** The badge of the virtual operator. */
export const OPERATOR_BADGE = '1001'
const WAVE_CARD = 'CM:WAVE'
const WAVE_MAX = 30 // facts/unbinding.md, "Limits"
/** Scan, then plug: nothing else is scanned before the station has seen the unit, or this time is over. */
const CLAIM_MS = seconds(20)
/** A reset that shows no effect for so long is tried again, twice. */
const PRESS_AGAIN_MS = seconds(90)
const PRESSES_MAX = 3
/** A unit of which there is no sign at all goes back on the shelf. */
const NO_SIGN_MS = minutes(3)
/** After this a unit is taken out whatever the screen says. */
const PATIENCE_MS = minutes(45)
/** From the power strip until the last camera has booted. */
const CAMERA_BOOT_MS = seconds(10)
const CAMERA_RESET_MS = seconds(40)
const WAVE_TRIES_MAX = 10
const DELIVERY = 8
/** What goes wrong in later deliveries of a training day; about one unit in four. */
const LATER_FAULTS = { wired: ['refuses', 'never-reacts', 'no-permission', 'keeps-trying', 'dies-after-ask'], qr: ['never-sees-code', 'keeps-trying'] } as const satisfies Record<Method, readonly UnitFault[]>
/** Left for exercises when the operator stops for the day. */
const SPARED_SEATS = 20
const SPARED_SHARE = 0.25
/** A demonstration: a wave after so many deliveries of wired units, and how long the end of its day is shown. */
const DEMO_WIRED_IN_A_ROW = 3
const DEMO_WAVE = 12
const DEMO_REST_MS = minutes(4)
const OUT: ReadonlySet<Prompt> = new Set(['take-out', 'set-aside', 'shelve'])

export interface OperatorDoor { ask(name: DoorName, params: unknown): Promise<DoorAnswer> }
interface OperatorSlips {
  /** Tag to the stage in which the unit is pulled out. */
  readonly unplugsAt?: Readonly<Record<string, Exclude<Stage, 'closed'>>>
  /** Tags that are scanned twice. */
  readonly scansTwice?: readonly string[]
  /** Tags before which the scanner reads something else. */
  readonly scansGarbage?: readonly string[]
}
export interface OperatorOptions {
  readonly lanes?: number
  readonly slips?: OperatorSlips
  /** Lets the night pass in a demonstration; without it the operator waits for the morning as everybody does. */
  readonly night?: (isOver: () => Promise<boolean>, signal: AbortSignal) => Promise<void>
}
/** `outcome` null: the station never closed it; `fault` may say why. */
export interface OperatorVerdict { readonly outcome: Outcome | null; readonly fault: FaultView | null; readonly at: Instant }

interface Place { readonly unit: VirtualUnit; readonly since: Instant; isOut: boolean; presses: number; pressedAt: Instant }
interface CameraWave { readonly cameras: readonly VirtualUnit[]; readonly since: Instant; state: 'booting' | 'resetting' | 'blinking' | 'showing'; stateAt: Instant; done: number }

export class VirtualOperator {
  readonly #world: World
  readonly #door: OperatorDoor
  readonly #options: OperatorOptions
  readonly #luck: SeededEntropy
  readonly #verdicts = new Map<string, OperatorVerdict>()
  readonly #places = new Map<VirtualUnit, Place & { readonly lane: number }>()
  readonly #refusals: string[] = []
  #wave: CameraWave | null = null
  #isResting = false
  /** Waits with empty hands. */
  #isAway = false
  /** Deliveries come without end, the night is short, and what failed is held until the morning. */
  isDemo = false
  #deliveries = 0

  constructor(world: World, door: OperatorDoor, options: OperatorOptions = {}) {
    this.#world = world
    this.#door = door
    this.#options = options
    this.#luck = world.entropy.child('operator')
  }

  /** By tag, in the order they came. */
  get verdicts(): ReadonlyMap<string, OperatorVerdict> {
    return this.#verdicts
  }

  /** Codes of the faults the door answered to scans. */
  get refusals(): readonly string[] {
    return this.#refusals
  }

  /** Hands off: what is on the bench is finished, nothing new is brought, until `work`. */
  rest(): void {
    this.#isResting = true
  }

  work(): void {
    this.#isResting = false
  }

  /** Nothing of the operator's is on the bench, and nothing comes before `work`. */
  get isIdle(): boolean {
    return this.#isResting && this.#isAway
  }

  /** One shift: every unit and camera in the house, until each has its verdict. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#scan(`OP:${OPERATOR_BADGE}`, signal)
    using eyes = new Span(signal)
    const watching = this.#watchDisplay(eyes.signal)
    for (let view = await this.#look(signal); !this.#isDone(); view = await this.#look(signal)) {
      const hasActed = await this.#tendLanes(view, signal) || await this.#placeNext(view, signal) || await this.#tendWave(view, signal)
      if (!hasActed) await this.#pause(0.8, 1.6, signal)
      await this.#returnFromRest(signal)
    }
    eyes.end()
    await watching
  }

  /** A training day: deliveries of eight until the day's quota is nearly spent, then a look every half hour. A demonstration goes on for ever. */
  async runForever(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.run(signal)
      await this.#pause(20, 60, signal)
      if (this.isDemo) await holdFailed(this.#door, [...this.#verdicts].filter(([, v]) => v.outcome !== 'proven').map(([tag]) => tag))
      for (const unit of [...this.#world.units, ...this.#world.cameras]) await this.#world.sendOn(unit)
      this.#verdicts.clear()
      this.#refusals.length = 0
      await this.#untilMorning(signal)
      await this.#returnFromRest(signal)
      this.#deliveries += 1
      if (this.isDemo && this.#deliveries % (DEMO_WIRED_IN_A_ROW + 1) === 0) this.#world.deliver('qr', DEMO_WAVE, () => this.#laterFault('qr'))
      else this.#world.deliver('wired', DELIVERY, () => this.#laterFault('wired'))
    }
  }

  #laterFault(method: Method): UnitFault | null {
    return this.#luck.fraction() < 0.75 ? null : pick(this.#luck, LATER_FAULTS[method])
  }

  async #untilMorning(signal: AbortSignal): Promise<void> {
    const isMorning = async (): Promise<boolean> => !isSpent(await this.#look(signal), this.isDemo)
    while (!await isMorning()) {
      this.#isAway = true
      const { night } = this.#options
      if (!this.isDemo || night === undefined) {
        await this.#world.clock.sleep(this.isDemo ? minutes(5) : minutes(30), signal)
        continue
      }
      await this.#world.clock.sleep(DEMO_REST_MS, signal) // the end of the day, to be seen
      await releaseHolds(this.#door)
      await night(isMorning, signal)
    }
    this.#isAway = false
  }

  /** As long as somebody else works here; then whoever works is the operator again. */
  async #returnFromRest(signal: AbortSignal): Promise<void> {
    if (!this.#isResting || this.#places.size > 0 || this.#wave !== null) return
    this.#isAway = true
    while (this.#isResting) await this.#world.clock.sleep(seconds(1), signal)
    this.#isAway = false
    await this.#scan(`OP:${OPERATOR_BADGE}`, signal)
  }

  #isDone(): boolean {
    return this.#wave === null && [...this.#world.units, ...this.#world.cameras].every(u => this.#verdicts.has(u.profile.tag))
  }

  /** One act at most, so that the next look is at a fresh screen. */
  async #tendLanes(view: BenchView, signal: AbortSignal): Promise<boolean> {
    for (const [unit, place] of this.#places) {
      const seen = await this.#find(unit, view, place.since)
      const now = this.#world.clock.now()
      const isClosed = seen?.outcome != null && (seen.closedAt ?? 0) >= place.since
      const isMissing = seen?.prompt === 'plug-in-again' && seen.job === null && now - place.since > NO_SIGN_MS
      if (isClosed || isMissing || (seen !== null && OUT.has(seen.prompt)) || now - place.since > PATIENCE_MS) {
        await this.#takeOut(place, signal)
        this.#places.delete(unit)
        this.#conclude(unit, isClosed ? seen : null, seen?.fault ?? null)
        return true
      }
      if (seen === null || place.isOut) continue
      if (this.#slipsNow(unit, seen)) {
        await this.#takeOut(place, signal)
        return true
      }
      const mayPress = place.presses < PRESSES_MAX && now - place.pressedAt > PRESS_AGAIN_MS
      if (seen.prompt === 'press-reset' && mayPress) {
        await this.#pause(2, 6, signal)
        unit.pressReset()
        place.presses += 1
        place.pressedAt = this.#world.clock.now()
        return true
      }
    }
    return false
  }

  async #placeNext(view: BenchView, signal: AbortSignal): Promise<boolean> {
    const lanes = Math.min(this.#options.lanes ?? view.lanes, view.lanes)
    const taken = new Set([...this.#places.values()].filter(p => !p.isOut).map(p => p.lane))
    const lane = Array.from({ length: lanes }, (_, i) => i + 1).find(n => !taken.has(n))
    const unit = this.#world.units.find(u => !this.#verdicts.has(u.profile.tag) && !this.#places.has(u))
    if (lane === undefined || unit === undefined || this.#isResting) return false
    const { tag, label } = unit.profile
    const { slips } = this.#options
    if (slips?.scansGarbage?.includes(tag)) await this.#scan(String.fromCharCode(...this.#luck.bytes(9)), signal)
    const refusal = await this.#scan(label, signal)
    if (slips?.scansTwice?.includes(tag)) await this.#scan(label, signal)
    if (refusal !== null) {
      this.#conclude(unit, null, refusal) // on hold, or not wanted: it is not plugged in at all
      return true
    }
    await this.#scan(`P${String(lane).padStart(2, '0')}`, signal)
    await this.#pause(2, 4, signal)
    const since = this.#world.clock.now()
    this.#world.switch.cable(unit.profile.mac, lane)
    unit.plug()
    unit.powerOn()
    this.#places.set(unit, { unit, lane, since, isOut: false, presses: 0, pressedAt: 0 })
    await this.#untilClaimed(unit, since, signal)
    return true
  }

  /** The first new address after a scan belongs to it, so the next scan waits for this one's. */
  async #untilClaimed(unit: VirtualUnit, since: Instant, signal: AbortSignal): Promise<void> {
    while (this.#world.clock.now() - since < CLAIM_MS) {
      await this.#pause(1, 1.5, signal)
      const seen = inView(unit, await this.#look(signal))
      if (seen?.ip != null && (seen.heardAt ?? 0) >= since) return
    }
  }

  async #takeOut(place: Place, signal: AbortSignal): Promise<void> {
    if (place.isOut) return
    await this.#pause(2, 5, signal)
    place.unit.unplug()
    place.unit.powerOff()
    place.isOut = true
  }

  #slipsNow(unit: VirtualUnit, seen: UnitView): boolean {
    const stage = this.#options.slips?.unplugsAt?.[unit.profile.tag]
    return stage !== undefined && seen.stage !== null && seen.stage !== 'closed' && STAGES.indexOf(seen.stage) >= STAGES.indexOf(stage)
  }

  /** Cameras come after the wired units have been put on their lanes. One step of the running wave, if it is time for one. */
  async #tendWave(view: BenchView, signal: AbortSignal): Promise<boolean> {
    const wave = this.#wave ?? this.#nextWave()
    if (wave === null) return false
    const { clock } = this.#world
    const age = clock.now() - wave.stateAt
    switch (wave.state) {
      case 'booting':
        return age < CAMERA_BOOT_MS ? false : this.#move(wave, 'resetting')
      case 'resetting': {
        const camera = wave.cameras[wave.done]
        if (camera === undefined) return this.#move(wave, 'blinking')
        camera.pressReset()
        await this.#pause(0.5, 1.5, signal)
        const refusal = await this.#scan(camera.profile.label, signal)
        if (refusal !== null) this.#conclude(camera, null, refusal)
        wave.done += 1
        return true
      }
      case 'blinking': {
        const isWaiting = wave.cameras.some(c => c.light !== 'red-blinking' && c.light !== 'off') && age < CAMERA_RESET_MS
        if (isWaiting) return false
        if (!await this.#startWave(signal)) for (const camera of wave.cameras) this.#conclude(camera, null, { code: 'wave.none', context: {} })
        return this.#move(wave, 'showing')
      }
      case 'showing': {
        for (const camera of wave.cameras) {
          const seen = this.#verdicts.has(camera.profile.tag) ? null : await this.#find(camera, view, wave.since)
          const isClosed = seen?.outcome != null && (seen.closedAt ?? 0) >= wave.since
          if (isClosed || age > PATIENCE_MS) this.#conclude(camera, seen, seen?.fault ?? null)
        }
        if (!wave.cameras.every(c => this.#verdicts.has(c.profile.tag))) return false
        await this.#pause(5, 10, signal)
        for (const camera of wave.cameras) camera.powerOff()
        this.#wave = null
        return true
      }
      default: return wave.state satisfies never
    }
  }

  /** Up to thirty of one product, all on one power strip. */
  #nextWave(): CameraWave | null {
    const waiting = this.#isResting ? [] : this.#world.cameras.filter(c => !this.#verdicts.has(c.profile.tag))
    const cameras = waiting.filter(c => c.profile.productKey === waiting[0]?.profile.productKey).slice(0, WAVE_MAX)
    if (cameras.length === 0) return null
    for (const camera of cameras) camera.powerOn()
    const now = this.#world.clock.now()
    this.#wave = { cameras, since: now, state: 'booting', stateAt: now, done: 0 }
    return this.#wave
  }

  #move(wave: CameraWave, state: CameraWave['state']): boolean {
    wave.state = state
    wave.stateAt = this.#world.clock.now()
    return true
  }

  async #startWave(signal: AbortSignal): Promise<boolean> {
    for (let i = 0; i < WAVE_TRIES_MAX; i += 1) {
      if (await this.#scan(WAVE_CARD, signal) === null) return true
      await this.#pause(10, 20, signal)
    }
    return false
  }

  /** Whatever code the rack shows, each camera in front of it has read it within a few seconds, once. */
  async #watchDisplay(signal: AbortSignal): Promise<void> {
    let shown = ''
    const turned = new Set<VirtualUnit>()
    while (!signal.aborted) {
      const code = await this.#code()
      if (code !== null && code !== shown) turned.clear()
      shown = code ?? shown
      for (const camera of this.#wave?.cameras ?? []) {
        if (code === null || turned.has(camera)) continue
        turned.add(camera)
        const after = seconds(this.#luck.between(1, 6))
        // One that is past it, released or already trying, does not look again: it was turned to the wall at its beep.
        this.#world.clock.after(after, () => { if (camera.state.releases === 0) camera.readCode(code) })
      }
      await this.#world.clock.sleep(seconds(1), signal).catch(() => undefined)
    }
  }

  async #code(): Promise<string | null> {
    const answer = await this.#door.ask('display.view', {})
    return answer.ok ? (answer.value as DisplayView).code : null // the door table's type for this name
  }

  async #look(signal: AbortSignal): Promise<BenchView> {
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#door.ask('bench.view', {})
      if (answer.ok) return answer.value as BenchView // the door table's type for this name
      await this.#world.clock.sleep(seconds(5), signal)
    }
  }

  /** In the view, or, once it has left it, in the book. */
  async #find(unit: VirtualUnit, view: BenchView, since: Instant): Promise<UnitView | null> {
    const seen = inView(unit, view)
    if (seen !== null || this.#world.clock.now() - since < minutes(1)) return seen
    const answer = await this.#door.ask('units.find', { text: unit.profile.method === 'qr' ? unit.profile.mac : unit.profile.tag, limit: 5 })
    return answer.ok ? (answer.value as readonly UnitView[]).find(u => isIt(unit, u)) ?? null : null // the door table's type for this name
  }

  /** Null: taken; else what the door said. */
  async #scan(text: string, signal: AbortSignal): Promise<FaultView | null> {
    await this.#pause(0.8, 2.5, signal)
    const answer = await this.#door.ask('scan', { text })
    if (answer.ok) return (answer.value as ScanAnswer).unit?.hold != null ? { code: 'unit.held', context: {} } : null // the door table's type for this name
    this.#refusals.push(answer.fault.code)
    return answer.fault
  }

  #conclude(unit: VirtualUnit, seen: UnitView | null, fault: FaultView | null): void {
    this.#verdicts.set(unit.profile.tag, { outcome: seen?.outcome ?? null, fault, at: this.#world.clock.now() })
  }

  #pause(from: number, to: number, signal: AbortSignal): Promise<void> {
    return this.#world.clock.sleep(human(this.#luck, from, to), signal)
  }
}

function inView(unit: VirtualUnit, view: BenchView): UnitView | null {
  return view.units.find(u => isIt(unit, u)) ?? null
}

/** By what is printed on it; a camera's label is its tag too. */
function isIt(unit: VirtualUnit, seen: UnitView): boolean {
  const { label, mac } = unit.profile
  return seen.aliases.some(a => (a.kind === 'tag' && a.value === label.toUpperCase()) || (a.kind === 'mac' && a.value === mac))
}

/** `isToTheLast`: nothing is spared. */
function isSpent(view: BenchView, isToTheLast: boolean): boolean {
  return view.quota.some(q => q.scope === 'account' && q.spent + q.reserved >= q.cap - (isToTheLast ? 0 : Math.min(SPARED_SEATS, Math.floor(q.cap * SPARED_SHARE))))
}

function human(luck: SeededEntropy, from: number, to: number): Millis {
  return millis(Math.round(1000 * luck.between(from, to)))
}

function pick<T>(luck: SeededEntropy, list: readonly T[]): T | null {
  return list[Math.floor(luck.fraction() * list.length)] ?? null
}
