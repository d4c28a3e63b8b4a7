/** Canned views of training for the screens: an exercise whose turn it is, and its result. */
import { EXERCISES, type BenchView, type ExerciseView, type ScoreView, type TrainingView } from '#shared'
import { SCRIPTS } from '../../src/main/virtual/exercises.ts'
import { BENCH, NOW } from './fixtures.ts'

export const TRAINING_BENCH: BenchView = { ...BENCH.busy, mode: 'training' }

const RUNNING: ExerciseView = {
  name: 'foreign-dhcp', badge: '1007', phase: 'acting', hands: [], second: 14, secondsMax: 240,
  boxes: [
    { n: 1, label: 'RB-0021', mac: '02:1e:00:00:00:15', isPlugged: true, isPowered: true, hands: ['scan', 'power', 'plug', 'unplug', 'reset'] },
    { n: 2, label: 'RB-0022', mac: '02:1e:00:00:00:16', isPlugged: true, isPowered: true, hands: ['scan', 'power', 'plug', 'unplug', 'reset'] },
    { n: 3, label: '', mac: '02:1e:ff:00:00:99', isPlugged: true, isPowered: true, hands: ['plug', 'unplug'] }
  ],
  did: [{ act: 'unplug', box: 1, verdict: 'wrong', second: 9 }]
}
const SCORE: ScoreView = {
  name: 'cloud-down', badge: '1007', at: NOW - 5000, points: 62, isPassed: false, isOver: true, seconds: 41, parSeconds: 30, missed: [], advice: 'wrong',
  did: [{ act: 'scan', box: 1, verdict: 'retry', second: 6 }, { act: 'unplug', box: 2, verdict: 'wrong', second: 17 }, { act: 'line', box: null, verdict: 'right', second: 41 }]
}

const viewOf = (change: Partial<TrainingView>): TrainingView => ({
  exercises: EXERCISES.map(name => ({ name, fault: SCRIPTS[name].fault, expects: SCRIPTS[name].expects.map(e => e.act) })), running: null, last: null, isDemo: false,
  competence: EXERCISES.slice(0, 4).map((course, i) => ({ course, score: 100 - 7 * i, at: NOW })), ...change
})

export const TRAINED = {
  begin: { 'training.view': viewOf({ competence: [] }) },
  running: { 'training.view': viewOf({ running: RUNNING }) },
  scored: { 'training.view': viewOf({ last: SCORE }) },
  passed: { 'training.view': viewOf({ last: { ...SCORE, points: 100, isPassed: true, did: SCORE.did.slice(2), seconds: 9, advice: 'none' }, competence: EXERCISES.map(course => ({ course, score: 100, at: NOW })) }) }
} as const
