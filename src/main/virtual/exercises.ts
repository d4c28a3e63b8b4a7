// table
/**
 * The exercises of training as data: which boxes come, how a colleague prepares the bench until something is wrong, what the
 * fault's own action asks of hands, and when the trouble is over. Everything else a trainee does is wrong, unless it is allowed.
 */
import type { BenchView, ExerciseName, FaultCode, Hand, LampName, Method, TraineeAct, UnitView } from '#shared'
import type { UnitFault } from './unit-profile.ts'

/** What the screens show now, and what came out of the printer since the exercise began. */
export interface Look { readonly bench: BenchView; readonly box: (n: number) => UnitView | null; /** Whatever unit the station takes it for. */ readonly isLeased: (n: number) => boolean; readonly printed: number }
export type Sign = (look: Look) => boolean

/** What the colleague can do; boxes by number, from 1. Each resolves when it is done. */
export interface Crew {
  /** Scans label and a free lane, plugs the box in; it has no power yet. */
  bring(box: number): Promise<void>
  scan(box: number): Promise<void>
  power(box: number): Promise<void>
  press(box: number): Promise<void>
  card(text: string): Promise<void>
  wait(seconds: number): Promise<void>
  until(sign: Sign, secondsMax: number): Promise<void>
  cloudAway(): void
  codesAreShort(): void
  quotaIsSpent(product: string): void
  openPrinter(): void
  /** The camera reads whatever the display shows, from now on; or once, a photo of the first code of this exercise. */
  letRead(box: number, what: 'codes' | 'old-code'): void
  plugForeign(): Promise<void>
}

export interface BoxPlan { readonly method: Method | 'foreign'; readonly product: string; readonly fault?: UnitFault }
export interface Expected { readonly act: TraineeAct; readonly box: number | null; /** Too early before this is so. */ readonly when: Sign }
export interface Script {
  /** Its action is what is right. */
  readonly fault: FaultCode
  readonly boxes: readonly BoxPlan[]
  readonly hands: readonly Hand[]
  readonly setUp: (crew: Crew) => Promise<void>
  readonly expects: readonly Expected[]
  readonly allows: readonly TraineeAct[]
  /** Trying again, which does not help here. */
  readonly retries: readonly TraineeAct[]
  readonly over: Sign
  /** Of the trainee's own: what a practised hand takes, and the most there are. */
  readonly parSeconds: number
  readonly secondsMax: number
}

export const BOX_HANDS = ['scan', 'power', 'plug', 'unplug', 'reset'] as const satisfies readonly Hand[]
const [GATEWAY, RECORDER, BASE, CAMERA] = ['gw3wired00000001', 'nvr8wired0000001', 'bs1wired00000001', 'cam2qr0000000001']

const always: Sign = () => true
const lamp = (name: LampName, state: 'ok' | 'bad'): Sign => ({ bench }) => bench.lamps.some(l => l.name === name && l.state === state)
const prompts = (box: number, prompt: UnitView['prompt']): Sign => look => look.box(box)?.prompt === prompt
const closed = (box: number, attempt = 1): Sign => look => look.box(box)?.stage === 'closed' && (look.box(box)?.attempt ?? 0) >= attempt
const held = (box: number): Sign => look => look.box(box)?.hold !== null && look.box(box) !== null
const leased = (box: number): Sign => look => look.isLeased(box)
const wired = (product: string, fault?: UnitFault): BoxPlan => ({ method: 'wired', product, ...fault === undefined ? {} : { fault } })
const act = (name: TraineeAct, box: number | null, when: Sign = always): Expected => ({ act: name, box, when })

/** A box on its lane, ready for a token, as an operator brings it there. */
async function ready(crew: Crew, box: number): Promise<void> {
  await crew.bring(box)
  await crew.power(box)
  await crew.until(prompts(box, 'press-reset'), 90)
  await crew.press(box)
}

export const SCRIPTS: Readonly<Record<ExerciseName, Script>> = {
  'no-power': {
    fault: 'unit.no-link', boxes: [wired(GATEWAY)], hands: [],
    setUp: async crew => {
      await crew.bring(1)
      await crew.wait(8)
    },
    expects: [act('power', 1)], allows: ['plug', 'unplug'], retries: ['scan'], over: leased(1), parSeconds: 30, secondsMax: 180
  },
  'silent-unit': {
    fault: 'unit.silent', boxes: [wired(GATEWAY, 'never-reacts')], hands: [],
    setUp: async crew => {
      await ready(crew, 1)
      await crew.until(closed(1), 600)
    },
    expects: [act('scan', 1), act('unplug', 1, held(1))], allows: ['plug', 'power', 'reset'], retries: ['scan'], over: held(1), parSeconds: 45, secondsMax: 240
  },
  'expired-code': {
    fault: 'token.expired', boxes: [{ method: 'qr', product: CAMERA }], hands: [],
    setUp: async crew => {
      await crew.power(1)
      await crew.wait(12)
      await crew.press(1)
      await crew.scan(1)
      await crew.wait(30)
      crew.codesAreShort()
      await crew.card('CM:WAVE')
      await crew.wait(50) // the display shows the next code by now; somebody has a photo of the first
      crew.letRead(1, 'old-code')
      await crew.until(closed(1), 600)
      crew.letRead(1, 'codes')
    },
    expects: [act('reset', 1), act('wave', null)], allows: ['scan', 'power'], retries: ['wave', 'scan'], over: look => look.box(1)?.outcome === 'proven', parSeconds: 75, secondsMax: 300
  },
  'foreign-dhcp': {
    fault: 'net.foreign-dhcp', boxes: [wired(GATEWAY), wired(RECORDER), { method: 'foreign', product: RECORDER }], hands: [],
    setUp: async crew => {
      await crew.bring(1)
      await crew.power(1)
      await crew.until(leased(1), 60)
      await crew.plugForeign()
      await crew.bring(2)
      await crew.power(2)
      await crew.until(lamp('guard', 'bad'), 120)
    },
    expects: [act('unplug', 3)], allows: [], retries: ['scan'], over: lamp('guard', 'ok'), parSeconds: 40, secondsMax: 240
  },
  'quota-hit': {
    fault: 'quota.product-spent', boxes: [wired(BASE)], hands: [],
    setUp: async crew => {
      crew.quotaIsSpent(BASE)
      await ready(crew, 1)
      await crew.until(prompts(1, 'shelve'), 300)
    },
    expects: [act('shelve', null), act('unplug', 1)], allows: ['power'], retries: ['scan'], over: look => look.box(1)?.tote != null, parSeconds: 45, secondsMax: 240
  },
  'cloud-down': {
    fault: 'cloud.unreachable', boxes: [wired(GATEWAY), wired(RECORDER)], hands: ['line'],
    setUp: async crew => {
      await crew.bring(1)
      await crew.power(1)
      await crew.until(prompts(1, 'press-reset'), 90)
      await crew.bring(2)
      await crew.power(2)
      await crew.until(prompts(2, 'press-reset'), 90)
      crew.cloudAway()
      await crew.press(1)
      await crew.press(2)
      await crew.until(lamp('cloud', 'bad'), 300)
    },
    expects: [act('line', null)], allows: [], retries: ['scan'], over: lamp('cloud', 'ok'), parSeconds: 30, secondsMax: 240
  },
  'printer-jam': {
    fault: 'printer.not-ready', boxes: [wired(GATEWAY)], hands: ['printer'],
    setUp: async crew => {
      crew.openPrinter()
      await ready(crew, 1)
      await crew.until(closed(1), 600)
      await crew.until(lamp('printer', 'bad'), 60)
    },
    expects: [act('printer', null)], allows: ['unplug', 'power'], retries: ['print', 'scan'], over: look => look.printed > 0 && lamp('printer', 'ok')(look), parSeconds: 30, secondsMax: 240
  }
}
