/** What narrows history at a terminal, the same words for `units`, `history` and `export`: days, and what a verdict is told by. */
import { FAULTS, OUTCOMES, type Outcome } from '#shared'
import type { Fact } from './domain/fact.ts'
import type { Job } from './domain/job.ts'

/** For parseArgs. */
export const HISTORY_OPTIONS = {
  from: { type: 'string' }, to: { type: 'string' }, product: { type: 'string' }, account: { type: 'string' }, operator: { type: 'string' }, outcome: { type: 'string' }, reason: { type: 'string' }
} as const
type Option = keyof typeof HISTORY_OPTIONS
export type HistoryValues = { readonly [O in Option]?: string | undefined }

/** Moments, `to` not among them. What was not said is not there. */
export interface HistoryFilter { readonly from?: number; readonly to?: number; readonly product?: string; readonly account?: string; readonly operator?: string; readonly outcome?: Outcome; readonly reason?: string }

/** Days are this computer's own, both included. Throws in words for what is no day, no outcome, no reason. */
export function historyFilter(values: HistoryValues): HistoryFilter {
  const { from, to, outcome, reason, product, account, operator } = values
  const known = OUTCOMES.find(o => o === outcome)
  if (outcome !== undefined && known === undefined) throw new Error(`--outcome: one of ${OUTCOMES.join(', ')}`)
  if (reason !== undefined && !Object.hasOwn(FAULTS, reason)) throw new Error(`--reason: ${reason} is not a reason, such as unit.silent`)
  return {
    ...(from === undefined ? {} : { from: startOf('from', from, 0) }), ...(to === undefined ? {} : { to: startOf('to', to, 1) }),
    ...(known === undefined ? {} : { outcome: known }), ...(reason === undefined ? {} : { reason }),
    ...(product === undefined ? {} : { product }), ...(account === undefined ? {} : { account }), ...(operator === undefined ? {} : { operator })
  }
}

/** A fact fits when its moment and person do, and what came of the job it belongs to. */
export function fitsHistory({ from = 0, to = Infinity, product, account, operator, outcome, reason }: HistoryFilter, fact: Fact, job: Job | null): boolean {
  if (fact.at < from || fact.at >= to || (operator !== undefined && fact.operator !== operator)) return false
  const pairs = [[product, job?.product], [account, job?.account], [outcome, job?.outcome], [reason, job?.fault?.code]]
  return pairs.every(([wanted, is]) => wanted === undefined || wanted === is)
}

/** The first moment of a day, `later` days on. */
function startOf(name: string, text: string, later: number): number {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number)
  const first = year === undefined || month === undefined || day === undefined ? null : new Date(year, month - 1, day)
  if (first === null || day === undefined || first.getDate() !== day) throw new Error(`--${name}: a day such as 2026-11-24`)
  return new Date(first.getFullYear(), first.getMonth(), day + later).getTime()
}
