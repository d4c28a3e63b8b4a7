/** Training: exercises with a scripted fault, what a trainee does about it, the score, and the demonstration for visitors. */
import type { CompetenceView } from './people.ts'
import type { FaultCode } from './faults.ts'
import type { Instant } from './words.ts'

/** Each is one fault of design/operator.md 5.6; `EX:` and the name in capitals is its card. */
export const EXERCISES = ['no-power', 'silent-unit', 'expired-code', 'foreign-dhcp', 'quota-hit', 'cloud-down', 'printer-jam'] as const
export type ExerciseName = (typeof EXERCISES)[number]

/** What hands do at a real bench; on the virtual one each is a button. The first five are about one box. */
export const HANDS = ['scan', 'power', 'plug', 'unplug', 'reset', 'line', 'printer'] as const
export type Hand = (typeof HANDS)[number]
/** What hands do, and what the station is told: set aside, to a tote, a wave, a second label. */
export const TRAINEE_ACTS = [...HANDS, 'hold', 'shelve', 'wave', 'print'] as const
export type TraineeAct = (typeof TRAINEE_ACTS)[number]

/** Of 100. An exercise that is over in its time with so many is passed. */
export const PASS_POINTS = 70
export const BOXES_MAX = 4

/** A box on the virtual bench; `label`: what a scanner reads on it; `mac`: as it stands on its case. */
export interface BoxView { readonly n: number; readonly label: string; readonly mac: string; readonly isPlugged: boolean; readonly isPowered: boolean; readonly hands: readonly Hand[] }

/** right: the fault's own action. wrong: makes it worse or wastes a unit. retry: again, without need. free: neither good nor bad. */
export type ActVerdict = 'right' | 'wrong' | 'retry' | 'free'
export interface DidView { readonly act: TraineeAct; readonly box: number | null; readonly verdict: ActVerdict; /** Seconds of the trainee's own time. */ readonly second: number }

/** clearing: the bench is being emptied. preparing: a colleague brings the boxes; it is only to be watched. acting: something is wrong, and hands are wanted. waiting: all has been done, the station is at it. */
export type ExercisePhase = 'clearing' | 'preparing' | 'acting' | 'waiting'
export interface ExerciseView {
  readonly name: ExerciseName
  readonly badge: string
  readonly phase: ExercisePhase
  readonly boxes: readonly BoxView[]
  /** Hands that are about no box. */
  readonly hands: readonly Hand[]
  readonly did: readonly DidView[]
  /** The trainee's own seconds, and how many there are. */
  readonly second: number
  readonly secondsMax: number
}

/** What cost most; the one thing to do better. */
export type Advice = 'missed' | 'wrong' | 'retry' | 'slow' | 'none'
export interface ScoreView {
  readonly name: ExerciseName
  readonly badge: string
  readonly at: Instant
  readonly points: number
  readonly isPassed: boolean
  /** The trouble was over before the time was. */
  readonly isOver: boolean
  readonly seconds: number
  readonly parSeconds: number
  readonly did: readonly DidView[]
  /** What was not done. */
  readonly missed: readonly TraineeAct[]
  readonly advice: Advice
}

export interface TrainingView {
  readonly exercises: readonly { readonly name: ExerciseName; readonly fault: FaultCode; readonly expects: readonly TraineeAct[] }[]
  readonly running: ExerciseView | null
  /** Of the exercise before; null: none since the start. */
  readonly last: ScoreView | null
  readonly isDemo: boolean
  /** Of the badge at the bench. */
  readonly competence: readonly CompetenceView[]
}

/** How many of the exercises there are; what was shown in others counts for none of them. */
export function exercisesPassed(competence: readonly CompetenceView[]): number {
  return EXERCISES.filter(name => competence.some(c => c.course === name && c.score >= PASS_POINTS)).length
}

/** Every exercise was passed. */
export function isCompetent(competence: readonly CompetenceView[]): boolean {
  return exercisesPassed(competence) === EXERCISES.length
}
