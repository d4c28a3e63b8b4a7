/**
 * The instructor of the training bench: clears it, lets a colleague prepare an exercise, watches what the trainee does about
 * the fault, and tells the score. One exercise at a time; each ends by itself. What the trainee tells the station is seen in its
 * facts, what hands do comes as hands; only the trainee's own seconds count, never those of the station.
 */
import {
  EXERCISES, millis, minutes, seconds, type BenchView, type ActVerdict, type DidView, type DoorAnswer, type DoorName, type ExerciseName, type ExercisePhase, type Hand, type Millis,
  type ScoreView, type TraineeAct, type TrainingView, type UnitId, type UnitView
} from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import { judge } from '../domain/score.ts'
import { Boxes } from './boxes.ts'
import { BOX_HANDS, SCRIPTS, type Crew, type Expected, type Look, type Script, type Sign } from './exercises.ts'
import type { VirtualPrinter } from './printer.ts'
import { Span } from './waits.ts'
import type { World } from './world.ts'

const LOOK_MS = millis(500)
/** Of the bench before, a wave with all its time included. */
const CLEAR_MS = minutes(40)
/** The station at its own work, all its deadlines included. */
const WHOLE_MS = minutes(40)
/** Station seconds in a real one: while somebody acts, and while nobody has to. */
const [PACE, HURRY] = [1, 20]
const CODE_LIFE_MS = seconds(40)
const DID_MAX = 100

export interface InstructorDoor { ask(name: DoorName, params: unknown): Promise<DoorAnswer> }
export interface InstructorOptions {
  readonly world: World
  readonly printer: VirtualPrinter
  readonly door: InstructorDoor
  /** Facts as they are committed. */
  readonly onFacts: (fn: (facts: readonly Fact[]) => void) => Disposable
  /** The virtual operator's hands off the bench, and on it again. */
  readonly crew: { rest(): void; work(): void; readonly isIdle: boolean }
  /** Absent where time runs free. */
  readonly pace?: (rate: number) => void
  readonly onScore: (score: ScoreView) => void
  readonly onFault: (fault: Fault) => void
}

interface Running {
  readonly name: ExerciseName
  readonly badge: string
  readonly script: Script
  readonly boxes: Boxes
  readonly span: Span
  readonly due: Expected[]
  readonly did: DidView[]
  readonly printedBefore: number
  phase: ExercisePhase
  ownMs: number
  look: Look | null
}

export class Instructor {
  readonly #o: InstructorOptions
  #running: Running | null = null
  #last: ScoreView | null = null

  constructor(options: InstructorOptions) {
    this.#o = options
  }

  get isBusy(): boolean {
    return this.#running !== null
  }

  view(): Pick<TrainingView, 'exercises' | 'running' | 'last'> {
    const r = this.#running
    return {
      exercises: EXERCISES.map(name => ({ name, fault: SCRIPTS[name].fault, expects: SCRIPTS[name].expects.map(e => e.act) })),
      running: r && { name: r.name, badge: r.badge, phase: r.phase, boxes: r.boxes.views(), hands: r.script.hands, did: r.did, second: Math.floor(r.ownMs / 1000), secondsMax: r.script.secondsMax },
      last: this.#last
    }
  }

  /** Faults: `training.running`. The exercise goes on by itself until it is over. */
  begin(name: ExerciseName, badge: string, signal: AbortSignal): Promise<void> {
    if (this.#running !== null) throw new Fault('training.running')
    const script = SCRIPTS[name]
    const running: Running = {
      name, badge, script, span: new Span(signal), boxes: new Boxes(this.#o.world, script.boxes), due: [...script.expects], did: [], printedBefore: this.#o.printer.printed, phase: 'clearing', ownMs: 0, look: null
    }
    this.#running = running
    this.#last = null
    return this.#exercise(running)
  }

  async #exercise(r: Running): Promise<void> {
    try {
      await this.#run(r)
    } catch (thrown) {
      if (!r.span.signal.aborted) this.#o.onFault(Fault.from(thrown))
    } finally {
      await this.#cleanUp(r)
    }
  }

  /** It is given up, and not scored. */
  stop(): void {
    this.#running?.span.end()
  }

  /** Faults: `training.not-now`; `door.invalid` for a box or a hand that is not there; those of a scan. */
  async hand(hand: Hand, n: number | null): Promise<void> {
    const r = this.#running
    if (r === null || (r.phase !== 'acting' && r.phase !== 'waiting')) throw new Fault('training.not-now')
    if (n === null) {
      if (!r.script.hands.includes(hand)) throw new Fault('door.invalid', { text: 'no such hand here' })
      this.#note(r, hand, null)
      if (hand === 'line') this.#o.world.cloud.setFaults({ outage: [] })
      if (hand === 'printer') this.#o.printer.isOpen = false
      return
    }
    if (!r.boxes.has(n) || !BOX_HANDS.some(h => h === hand)) throw new Fault('door.invalid', { text: 'no such box here' })
    if (hand === 'scan') {
      const answer = await this.#o.door.ask('scan', { text: r.boxes.label(n) }) // its fact is the act
      if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
      return
    }
    this.#note(r, hand, n)
    r.boxes.handle(n, hand)
  }

  async #run(r: Running): Promise<void> {
    const { signal } = r.span
    const { crew } = this.#o
    crew.rest()
    this.#o.pace?.(HURRY)
    await this.#until(r, () => crew.isIdle && freeLanes(r.look).length >= r.script.boxes.length, CLEAR_MS, null)
    if (r.look?.bench.operator !== r.badge) await this.#o.door.ask('scan', { text: `OP:${r.badge}` }) // the virtual operator signed in meanwhile
    r.phase = 'preparing'
    await r.boxes.deliver()
    await r.script.setUp(this.#crew(r))
    using _seen = this.#o.onFacts(facts => { for (const fact of facts) this.#follow(r, fact) })
    const isOver = await this.#watch(r, signal)
    this.#score(r, isOver)
  }

  /** Until all was done and it is over, or the time is. */
  async #watch(r: Running, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#o.world
    const endAt = clock.monotonic() + WHOLE_MS
    this.#turn(r, 'acting')
    for (let at = clock.monotonic(); at < endAt; at = clock.monotonic()) {
      await clock.sleep(LOOK_MS, signal)
      if (r.phase === 'acting') r.ownMs += (clock.monotonic() - at) / clock.rate
      const look = await this.#look(r)
      if (r.due.length === 0 && r.script.over(look)) return true
      if (r.ownMs >= r.script.secondsMax * 1000) return false
      this.#turn(r, r.due.some(e => e.when(look)) ? 'acting' : 'waiting')
    }
    return false
  }

  #turn(r: Running, phase: 'acting' | 'waiting'): void {
    if (r.phase === phase) return
    r.phase = phase
    this.#o.pace?.(phase === 'acting' ? PACE : HURRY)
  }

  #score(r: Running, isOver: boolean): void {
    const missed = r.due.map(e => e.act)
    const own = Math.round(r.ownMs / 1000)
    const attempt = { did: r.did, missed, seconds: own, parSeconds: r.script.parSeconds, isOver }
    this.#last = { name: r.name, badge: r.badge, at: this.#o.world.clock.now(), ...attempt, ...judge(attempt) }
    this.#o.onScore(this.#last)
  }

  async #cleanUp(r: Running): Promise<void> {
    r.span.end()
    this.#o.world.cloud.setFaults({ outage: [], refuseIssue: {}, tokenLifeMs: 0 })
    this.#o.printer.isOpen = false
    await r.boxes[Symbol.asyncDispose]()
    this.#o.pace?.(PACE)
    this.#o.crew.work()
    this.#running = null
  }

  /** What the trainee told the station. */
  #follow(r: Running, { body, unit, operator }: Fact): void {
    if (operator !== r.badge) return
    const n = unit === null ? null : r.boxes.numberOf(unit)
    if (body.kind === 'wave.planned') this.#note(r, 'wave', null)
    if (n === null) return
    if (body.kind === 'unit.scanned') this.#note(r, 'scan', n)
    if (body.kind === 'unit.held' && body.hold.owner === r.badge) this.#note(r, 'hold', n)
    if (body.kind === 'unit.stored') this.#note(r, 'shelve', n)
    if (body.kind === 'label.printed' && body.reason !== undefined) this.#note(r, 'print', n)
  }

  #note(r: Running, act: TraineeAct, box: number | null): void {
    if (r.did.length >= DID_MAX) return
    r.did.push({ act, box, verdict: this.#verdict(r, act, box), second: Math.floor(r.ownMs / 1000) })
  }

  #verdict(r: Running, act: TraineeAct, box: number | null): ActVerdict {
    const { look, due, script } = r
    const at = look === null ? -1 : due.findIndex(e => e.act === act && (e.box === null || e.box === box) && e.when(look))
    if (at >= 0) {
      due.splice(at, 1)
      return 'right'
    }
    const isAgain = script.retries.includes(act) && (!script.allows.includes(act) || r.did.some(d => d.act === act && d.box === box))
    if (isAgain) return 'retry'
    return script.allows.includes(act) ? 'free' : 'wrong'
  }

  #crew(r: Running): Crew {
    const { world, printer } = this.#o
    const { signal } = r.span
    const wait = async (s: number): Promise<void> => {
      for (const endAt = world.clock.monotonic() + seconds(s); world.clock.monotonic() < endAt;) {
        await world.clock.sleep(LOOK_MS, signal)
        await this.#look(r)
      }
    }
    const say = async (text: string): Promise<void> => {
      await wait(1)
      await this.#o.door.ask('scan', { text }) // refused or not: the screens show it
    }
    const until = (sign: Sign, secondsMax: number): Promise<void> => this.#until(r, () => r.look !== null && sign(r.look), seconds(secondsMax), r.name)
    return {
      wait, until, card: say, scan: n => say(r.boxes.label(n)),
      bring: async n => {
        const [lane = 1] = freeLanes(r.look)
        await say(r.boxes.label(n))
        await say(`P${String(lane).padStart(2, '0')}`)
        await wait(2)
        r.boxes.bring(n, lane)
      },
      power: async n => {
        await wait(1)
        r.boxes.handle(n, 'power')
        if (r.boxes.isWired(n)) await until(look => look.isLeased(n), 60) // the first new address belongs to the scan
      },
      press: async n => {
        await wait(2)
        r.boxes.handle(n, 'reset')
      },
      cloudAway: () => { world.cloud.setFaults({ outage: ['openapi', 'device'] }) },
      codesAreShort: () => { world.cloud.setFaults({ tokenLifeMs: CODE_LIFE_MS }) },
      quotaIsSpent: product => { world.cloud.setFaults({ refuseIssue: { [product]: 'VIRTUAL_PRODUCT_QUOTA' } }) },
      openPrinter: () => { printer.isOpen = true },
      letRead: (n, what) => {
        if (what === 'codes') world.cloud.setFaults({ tokenLifeMs: 0 })
        r.boxes.read(n, what)
      },
      plugForeign: () => r.boxes.plugForeign()
    }
  }

  async #until(r: Running, isSo: () => boolean, withinMs: Millis, what: ExerciseName | null): Promise<void> {
    const { clock } = this.#o.world
    const endAt = clock.monotonic() + withinMs
    while (!isSo()) {
      if (clock.monotonic() > endAt) throw new Fault('program.unexpected', { text: `the exercise ${what ?? ''} could not be prepared` })
      await clock.sleep(LOOK_MS, r.span.signal)
      await this.#look(r)
    }
  }

  async #look(r: Running): Promise<Look> {
    const answer = await this.#o.door.ask('bench.view', {})
    if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
    const bench = answer.value as BenchView // the door table's type for this name
    await r.boxes.follow(bench, async () => await this.#code())
    const find = (uid: UnitId | null): UnitView | null => bench.units.find(u => u.uid === uid) ?? (bench.verdict?.uid === uid ? bench.verdict : null)
    const isMac = (unit: UnitView, mac: string | null): boolean => unit.aliases.some(a => a.kind === 'mac' && a.value === mac)
    r.look = { bench, box: n => find(r.boxes.unitOf(n)), isLeased: n => bench.units.some(u => u.pips.lease === 'on' && isMac(u, r.boxes.macOf(n))), printed: this.#o.printer.printed - r.printedBefore }
    return r.look
  }

  async #code(): Promise<string | null> {
    const answer = await this.#o.door.ask('display.view', {})
    return answer.ok && typeof answer.value === 'object' && answer.value !== null && 'code' in answer.value && typeof answer.value.code === 'string' ? answer.value.code : null
  }
}

/** Lanes nobody stands on, in their order. */
function freeLanes(look: Look | null): number[] {
  if (look === null) return []
  const taken = new Set(look.bench.units.map(u => u.lane))
  return Array.from({ length: look.bench.lanes }, (_, i) => i + 1).filter(lane => !taken.has(lane))
}
