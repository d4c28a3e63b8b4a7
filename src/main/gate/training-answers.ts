/** The handlers of training: exercises, hands, the demonstration, and what badges have shown. The live bench has none but the last. */
import { EXERCISES, exercisesPassed, isCompetent, type DoorName, type ExerciseName, type Hand, type Instant, type TrainingView, type Words } from '#shared'
import type { Competence } from '../bench/competence.ts'
import type { Ledger } from '../bench/ledger.ts'
import { EXERCISE_WORDS } from '../bench/paper/card-words.ts'
import type { ListDraft } from '../bench/paper/list-sheet.ts'
import type { Press } from '../bench/paper/press.ts'
import type { People } from '../bench/people.ts'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import type { Handlers } from './gate.ts'

/** Who sees to exercises: the virtual bench's own, where there is one. */
export interface Trainer {
  view(): Omit<TrainingView, 'competence'>
  /** Faults: `training.running`, `training.no-badge`. */
  begin(exercise: ExerciseName, badge: string): void
  /** Faults: `training.not-now`, `door.invalid`, those of a scan. */
  hand(hand: Hand, box: number | null): Promise<void>
  stop(): void
  /** Faults: `training.running`. */
  demo(isOn: boolean): void
}
export interface TrainingSources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly people: People
  readonly competence: Competence
  readonly press: Press
  readonly signal: AbortSignal
  readonly trainer: Trainer | null
}

const ROWS = ['training.view', 'training.exercise', 'training.hand', 'training.stop', 'training.demo', 'competence.paper'] as const satisfies readonly DoorName[]
export type TrainingHandlers = Pick<Handlers, (typeof ROWS)[number]>

export function trainingHandlers(s: TrainingSources): TrainingHandlers {
  const { ledger, competence } = s
  const trainer = (): Trainer => {
    if (s.trainer === null) throw new Fault('training.only')
    return s.trainer
  }
  const view = (): TrainingView => ({ ...s.trainer?.view() ?? NOTHING, competence: ledger.operator === null ? [] : competence.of(ledger.operator) })
  return {
    'training.view': view,
    'training.exercise': ({ exercise }) => {
      beginExercise(trainer(), ledger, exercise)
      return view()
    },
    'training.hand': async ({ hand, box }) => {
      await trainer().hand(hand, box ?? null)
      return view()
    },
    'training.stop': () => {
      trainer().stop()
      return view()
    },
    'training.demo': ({ isOn }) => {
      trainer().demo(isOn)
      return view()
    },
    'competence.paper': async ({ badge }) => {
      const bytes = await s.press.print({ kind: 'list', ...competenceSheet(s, badge) }, s.signal)
      return { name: `competence-${badge.replaceAll(/[^\w-]/g, '_')}.pdf`, type: 'application/pdf', base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
    }
  }
}

/** By its card, where `name` is whatever stands on it. Faults: `scan.unknown-command`, `training.only`, those of the trainer. */
export function exerciseCards(trainer: Trainer | null, ledger: Ledger): (name: string) => void {
  return name => {
    const exercise = EXERCISES.find(e => e === name.toLowerCase())
    if (exercise === undefined) throw new Fault('scan.unknown-command')
    if (trainer === null) throw new Fault('training.only')
    beginExercise(trainer, ledger, exercise)
  }
}

/** Of a station that is not running. */
export function trainingRefusals(): TrainingHandlers {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'training.view': refuse, 'training.exercise': refuse, 'training.hand': refuse, 'training.stop': refuse, 'training.demo': refuse, 'competence.paper': refuse }
}

function beginExercise(trainer: Trainer, ledger: Ledger, exercise: ExerciseName): void {
  const { operator } = ledger
  if (operator === null) throw new Fault('training.no-badge')
  trainer.begin(exercise, operator)
}

const NOTHING: Omit<TrainingView, 'competence'> = { exercises: [], running: null, last: null, isDemo: false }

const words = (en: string, zh: string): Words => ({ en, zh })
/** It always bears the mark of training: it says nothing of work on the live bench. */
function competenceSheet({ clock, people, competence }: TrainingSources, badge: string): ListDraft & { readonly at: Instant } {
  const shown = competence.of(badge)
  const name = people.find(badge)?.name ?? badge
  const [isWhole, passed] = [isCompetent(shown), exercisesPassed(shown)]
  return {
    title: words('Certificate of competence', '培训合格证'), at: clock.now(), mode: 'training',
    about: [`${name}   badge 工牌 ${badge}`, isWhole ? 'Every exercise of the training bench was passed.  已通过培训工作台的全部练习。' : `Exercises passed: ${passed} of ${EXERCISES.length}.  已通过 ${passed} / ${EXERCISES.length} 项练习。`],
    sections: [{
      heading: words('Exercises', '练习'), more: 0,
      columns: [{ words: words('Exercise', '练习'), share: 5 }, { words: words('Points', '分数'), share: 1.5 }, { words: words('Passed on', '通过日期'), share: 3 }],
      rows: EXERCISES.map(course => {
        const one = shown.find(c => c.course === course)
        return [`${EXERCISE_WORDS[course].en}  ${EXERCISE_WORDS[course].zh}`, one === undefined ? '–' : String(Math.round(one.score)), one === undefined ? '–' : new Date(one.at).toISOString().slice(0, 10)]
      })
    }],
    foot: ['Seen by  见证人 ______________________']
  }
}
