/**
 * An unbind job: one attempt to release one unit. Its stage only moves right; trying again means a new job. The table of
 * resume rules says what a restart does with a job found in each stage.
 */
import { STAGES, minutes, seconds, type FaultView, type Grade, type Instant, type JobId, type Method, type Millis, type Outcome, type Stage, type TokenId, type UnitId, type WaveId } from '#shared'
import { Fault } from './fault.ts'

export interface Job {
  readonly uid: JobId
  readonly unit: UnitId
  readonly attempt: number
  readonly method: Method
  readonly account: string
  readonly product: string
  readonly wave: WaveId | null
  readonly operator: string | null
  readonly stage: Stage
  readonly stageAt: Instant
  readonly openedAt: Instant
  readonly resetDoneAt: Instant | null
  readonly askedAt: Instant | null
  readonly token: TokenId | null
  readonly closedAt: Instant | null
  readonly outcome: Outcome | null
  readonly grade: Grade | null
  readonly provenAt: Instant | null
  readonly fault: FaultView | null
  /** A recipe is being played on its console, and what hands are asked for meanwhile; null or missing: none is. */
  readonly console?: ConsoleWish | null
}
/** word: a lead's, before a recipe erases a product that it is not known to be right for. */
export type ConsoleWish = 'busy' | 'power-cycle' | 'press' | 'word'


/** Attempts by the same shift; after that the unit is held. */
export const ATTEMPTS_MAX = 2

/** How long a job may stand in a stage before it is closed with a reason. Proving is per product, see `proofMs`. */
export const STAGE_DEADLINE: Readonly<Record<Exclude<Stage, 'closed'>, Millis>> = {
  queued: minutes(30),
  resetting: minutes(10),
  ready: minutes(30), // the product's pairing time comes first
  asked: seconds(100), // facts/tuya.md 4.7: overall time-out 100 s
  proving: minutes(4)
}

/**
 * What a restart does with a job found in a stage. `again`: the stage starts over, nothing was spent in it. `prove`: the
 * ask may have left the station, so the job is asked about and never asked again.
 */
export const RESUME: Readonly<Record<Exclude<Stage, 'closed'>, 'again' | 'prove'>> = {
  queued: 'again',
  resetting: 'again',
  ready: 'again',
  asked: 'prove',
  proving: 'prove'
}

/** True only for a move to the right. */
export function canMove(from: Stage, to: Stage): boolean {
  return STAGES.indexOf(to) > STAGES.indexOf(from)
}

/** The job one stage further; a move to the left is a defect of ours. */
export function moveJob(job: Job, to: Stage, at: Instant): Job {
  if (!canMove(job.stage, to)) throw new Fault('program.unexpected', { text: `job may not move from ${job.stage} to ${to}` })
  return { ...job, stage: to, stageAt: at }
}

/** Time from the ask to the last moment at which proof is waited for: hand-over, activation, reboot and a margin. */
export function proofMs(rebootSeconds: number): Millis {
  return seconds(100 + 2 * rebootSeconds)
}
