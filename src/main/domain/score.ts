/**
 * The score of an exercise: a hundred points, less for time beyond what a practised hand takes, for wrong actions and for
 * tries that were not needed. What was not mended in its time is not passed, however it was tried.
 */
import { PASS_POINTS, type Advice, type DidView, type TraineeAct } from '#shared'

export interface Attempt {
  readonly did: readonly DidView[]
  /** Expected, and not done. */
  readonly missed: readonly TraineeAct[]
  /** The trainee's own seconds; waiting for the station is not among them. */
  readonly seconds: number
  readonly parSeconds: number
  /** Mended before the time was over. */
  readonly isOver: boolean
}
export interface Judged { readonly points: number; readonly isPassed: boolean; readonly advice: Advice }

const WRONG_COSTS = 20
const RETRY_COSTS = 10
/** A point for each so much of the par time beyond it, up to a limit. */
const SLOW_SHARE = 0.05
const SLOW_COSTS_MAX = 40
const UNMENDED_POINTS_MAX = 40

export function judge({ did, missed, seconds, parSeconds, isOver }: Attempt): Judged {
  const count = (verdict: DidView['verdict']): number => did.filter(d => d.verdict === verdict).length
  const costs = {
    wrong: count('wrong') * WRONG_COSTS,
    retry: count('retry') * RETRY_COSTS,
    slow: Math.min(SLOW_COSTS_MAX, Math.ceil(Math.max(0, seconds - parSeconds) / (parSeconds * SLOW_SHARE)))
  } as const
  const left = Math.max(0, 100 - costs.wrong - costs.retry - costs.slow)
  const points = isOver ? left : Math.min(left, UNMENDED_POINTS_MAX)
  return { points, isPassed: isOver && points >= PASS_POINTS, advice: adviceOf(costs, !isOver || missed.length > 0) }
}

function adviceOf(costs: Readonly<Record<'wrong' | 'retry' | 'slow', number>>, isMissed: boolean): Advice {
  if (isMissed) return 'missed'
  const most = (['wrong', 'retry', 'slow'] as const).toSorted((a, b) => costs[b] - costs[a])[0] ?? 'slow'
  return costs[most] === 0 ? 'none' : most
}
