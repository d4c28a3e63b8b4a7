import { describe, expect, it } from 'vitest'
import { isCompetent, EXERCISES, PASS_POINTS, type DidView } from '#shared'
import { judge, type Attempt } from '../../src/main/domain/score.ts'

const did = (...verdicts: DidView['verdict'][]): DidView[] => verdicts.map(verdict => ({ act: 'scan', box: 1, verdict, second: 1 }))
const attempt = (change: Partial<Attempt>): Attempt => ({ did: did('right'), missed: [], seconds: 20, parSeconds: 40, isOver: true, ...change })

describe('the score of an exercise', () => {
  it.each([
    ['the right thing within the par time', {}, 100, true, 'none'],
    ['harmless acts beside it', { did: did('free', 'right', 'free') }, 100, true, 'none'],
    ['one try that was not needed', { did: did('retry', 'right') }, 90, true, 'retry'],
    ['one wrong action', { did: did('wrong', 'right') }, 80, true, 'wrong'],
    ['two wrong actions', { did: did('wrong', 'wrong', 'right') }, 60, false, 'wrong'],
    ['a tenth over the par time', { seconds: 44 }, 98, true, 'slow'],
    ['very late', { seconds: 400 }, 60, false, 'slow'],
    ['wrong costs more than slow', { did: did('wrong', 'right'), seconds: 50 }, 75, true, 'wrong'],
    ['not mended in its time', { did: did('free'), missed: ['power'], isOver: false, seconds: 180 }, 40, false, 'missed'],
    ['more wrong than points', { did: did('wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong') }, 0, false, 'wrong']
  ] as const)('%s', (_, change, points, isPassed, advice) => {
    expect(judge(attempt(change))).toEqual({ points, isPassed, advice })
  })
})

describe('a competent badge', () => {
  const shown = (score: number) => EXERCISES.map(course => ({ course, score, at: 0 }))
  it('has passed every exercise, each with at least the points that pass', () => {
    expect([isCompetent(shown(PASS_POINTS)), isCompetent(shown(PASS_POINTS).slice(1)), isCompetent(shown(PASS_POINTS - 1)), isCompetent([])]).toEqual([true, false, false, false])
  })
})
