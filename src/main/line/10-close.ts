/** Step 10: the verdict. Outcome, facts and seat are one transaction; closing is final for the job. */
import type { FaultCode, JobId } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import { triesInShift } from '../bench/tries.ts'
import { ATTEMPTS_MAX, type Job } from '../domain/job.ts'
import { assessProof, evidenceFor, type Verdict } from '../domain/outcome.ts'
import { isQuotaFault } from '../domain/quota.ts'

/** Held by the station itself until a lead has looked: the last try of this stay, or of this shift, has failed. */
const TRIED_ENOUGH: FaultCode = 'unit.tried-enough'

/** Closes an open job; a second closing is ignored. `isSeatReturned`: it is certain that nothing was asked. */
export function closeJob(ledger: Ledger, uid: JobId, verdict: Verdict, isSeatReturned: boolean): void {
  ledger.commit(tx => {
    const job = ledger.job(uid)
    if (!job || job.stage === 'closed') return
    const about = { unit: job.unit, job: uid, ...(job.wave === null ? {} : { wave: job.wave }) }
    const seat = ledger.seatOf(uid)
    const isBoundToUs = verdict.outcome !== 'proven' && ledger.unit(job.unit)?.boundToUs !== undefined // whatever else went wrong: this is what is left to do
    if (seat === 'reserved' || (seat === 'spent' && isSeatReturned)) tx.append({ ...about, body: { kind: 'seat.returned', account: job.account, product: job.product } })
    const { at } = tx.append({ ...about, body: { kind: 'job.closed', ...verdict, ...isBoundToUs ? { fault: { code: 'unit.bound-to-us' as const, context: {} } } : {} } })
    const unit = ledger.unit(job.unit)
    if (verdict.fault?.code === 'unit.removed' && job.askedAt === null && unit?.isHere === true) tx.append({ unit: job.unit, body: { kind: 'unit.left' } }) // wherever it is plugged in next, it goes on there
    const isTriedEnough = verdict.outcome !== 'proven' && verdict.outcome !== 'withdrawn' && ((unit?.attemptsThisStay ?? 0) >= ATTEMPTS_MAX || (isTry(job, verdict) && triesInShift(ledger, job.unit, at, uid) + 1 >= ATTEMPTS_MAX))
    if (isTriedEnough && unit?.hold === null) tx.append({ unit: job.unit, body: { kind: 'unit.held', hold: { owner: 'station', reason: TRIED_ENOUGH, at } } })
  })
}

/** As bench/tries.ts counts them. */
function isTry(job: Job, { fault }: Verdict): boolean {
  return job.askedAt !== null && !isQuotaFault(fault?.code)
}

/**
 * Late evidence may raise `unproven` to `proven`, never the reverse, and spends no seat. Of a job that was followed by another
 * only the cloud can tell: what the bench saw since may be the later one's. That one is taken back with `withdraw` where it
 * has not asked; where it has, its own verdict comes first.
 */
export function raiseIfProven(ledger: Ledger, job: Job, withdraw: (job: JobId) => void): void {
  if (job.outcome !== 'unproven' || job.askedAt === null) return
  const unit = ledger.unit(job.unit)
  const later = unit && unit.job !== job.uid ? ledger.job(unit.job) : null
  if (later?.outcome === 'proven' || (later !== null && later.stage !== 'closed' && later.askedAt !== null)) return
  const own = evidenceFor(unit?.evidence ?? [], ledger.tokensOf(job.uid))
  const judged = unit ? assessProof(later === null ? own : own.filter(e => e.kind === 'cloud-released' && e.token !== undefined), job.askedAt, unit.boundToUs !== undefined) : null
  if (judged?.outcome !== 'proven' || judged.grade === null || judged.provenAt === null) return
  const { grade, provenAt } = judged
  if (later !== null && later.stage !== 'closed') {
    withdraw(later.uid) // its closing looks here again
    return
  }
  ledger.commit(tx => {
    tx.append({ unit: job.unit, job: job.uid, body: { kind: 'job.raised', grade, provenAt } })
    if (unit?.hold?.reason === TRIED_ENOUGH && unit.hold.owner === 'station') tx.append({ unit: job.unit, body: { kind: 'unit.freed', by: 'station', reason: 'proven' } })
  })
}
