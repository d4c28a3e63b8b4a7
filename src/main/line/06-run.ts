/**
 * Step 06: runs one job through its stages, one at a time, each with a deadline and a resume rule. Whatever ends the job is
 * its verdict; only stopping the station leaves it open, for the next start to go on.
 */
import type { FaultCode, JobId, Millis } from '#shared'
import { withDeadline } from '../bench/clockwork.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Log } from '../bench/log.ts'
import { Fault } from '../domain/fault.ts'
import { canMove, RESUME, STAGE_DEADLINE, type Job } from '../domain/job.ts'
import { verdictOf, type Verdict } from '../domain/outcome.ts'
import type { Clock } from '../ports.ts'

export interface Stages {
  /** True: the unit was found in factory state, and its job stands *ready*. */
  foundReset(uid: JobId): boolean
  reset(uid: JobId, signal: AbortSignal): Promise<void>
  /** The bench itself is in trouble: no unit can do what is asked of it. */
  isBlocked(): boolean
  /** Waits, without a limit, for as long as the bench itself stands in the way of asking. */
  permit(uid: JobId, signal: AbortSignal): Promise<void>
  /** Ends with the job asked; for a wave it waits for the wave's ask. False: nothing was asked, the bench came in the way. */
  pair(uid: JobId, signal: AbortSignal): Promise<boolean>
  verify(uid: JobId, signal: AbortSignal): Promise<Verdict>
  /** `isSeatReturned`: it is certain that nothing was asked. */
  close(uid: JobId, verdict: Verdict, isSeatReturned: boolean): void
}
export interface RunBench { readonly ledger: Ledger; readonly clock: Clock; readonly log: Log; readonly resetMs: Millis }

export async function runJob(bench: RunBench, uid: JobId, stages: Stages, signal: AbortSignal): Promise<void> {
  const { log } = bench
  try {
    const verdict = await walk(bench, uid, stages, signal)
    stages.close(uid, verdict, false)
    log.info('job closed', { job: uid, outcome: verdict.outcome, grade: verdict.grade })
  } catch (thrown) {
    const fault = Fault.from(signal.aborted ? signal.reason : thrown)
    if (fault.code === 'station.stopped') return
    const job = bench.ledger.job(uid)
    if (!job || job.stage === 'closed') return
    stages.close(uid, verdictOf(job, fault), fault.code === 'net.unreachable')
    log.fault('job ended by a fault', fault, { job: uid })
  }
}

async function walk(bench: RunBench, uid: JobId, stages: Stages, signal: AbortSignal): Promise<Verdict> {
  const { ledger } = bench
  const found = jobOf(ledger, uid)
  if (found.stage === 'closed' || RESUME[found.stage] === 'again') {
    if (!stages.foundReset(uid)) {
      move(ledger, uid, 'resetting')
      await untilReset(bench, uid, stages, signal)
      move(ledger, uid, 'ready')
    }
    const isWave = found.wave !== null // a wave keeps its own time: the code's life
    if (isWave) await stages.pair(uid, signal)
    else {
      do await stages.permit(uid, signal)
      while (!await bounded(bench, STAGE_DEADLINE.ready, 'unit.silent', own => stages.pair(uid, own), signal))
    }
  }
  await ledger.soon(tx => {
    const job = jobOf(ledger, uid)
    if (canMove(job.stage, 'proving')) tx.append({ unit: job.unit, job: uid, body: { kind: 'job.moved', to: 'proving' } })
  })
  return stages.verify(uid, signal)
}

/** A deadline that passes while the bench is in trouble is given again. */
async function untilReset(bench: RunBench, uid: JobId, stages: Stages, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await bounded(bench, bench.resetMs, 'unit.not-reset', own => stages.reset(uid, own), signal)
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof Fault) || thrown.code !== 'unit.not-reset' || !stages.isBlocked()) throw thrown
    }
  }
}

function bounded<T>(bench: RunBench, ms: Millis, late: FaultCode, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return withDeadline(bench.clock, ms, late, {}, work, signal)
}

function move(ledger: Ledger, uid: JobId, to: 'resetting' | 'ready'): void {
  const job = jobOf(ledger, uid)
  if (!canMove(job.stage, to)) return
  ledger.append({ unit: job.unit, job: uid, body: { kind: 'job.moved', to } })
}

function jobOf(ledger: Ledger, uid: JobId): Job {
  const job = ledger.job(uid)
  if (!job) throw new Fault('program.unexpected', { text: 'no such job' })
  return job
}
