/**
 * When a unit may have a label, and which. A release label says *released* to whoever reads it later, so it is made only of
 * what stands on proof; any other last word gets a plain label with its reason. What is not the last word gets none.
 */
import { FAULTS, type FaultView, type Instant, type JobId, type LabelKind, type Retry } from '#shared'
import { ATTEMPTS_MAX, type Job } from './job.ts'
import { isQuotaFault } from './quota.ts'
import { isIdentified, type Unit } from './unit.ts'

/** The label a unit has. `fault`: nobody knows whether it came out of the printer. */
export interface UnitLabel { readonly code: string; readonly kind: LabelKind; readonly job: JobId | null; readonly at: Instant; readonly isOn: boolean; readonly fault: FaultView | null }

export type NoLabel = 'no verdict yet' | 'nobody knows which box it is' | 'bound to our own account' | 'waits for another day' | 'taken away, or run again' | 'one more attempt is open' | 'grade C is no proof' | 'on hold'

/** The kind of label this unit has earned with its last job, or why it has none. */
export function labelFor(unit: Unit, job: Job | null): LabelKind | { readonly why: NoLabel } {
  if (!job || job.stage !== 'closed' || job.outcome === null) return { why: 'no verdict yet' }
  if (unit.boundToUs !== undefined) return { why: 'bound to our own account' }
  if (!isIdentified(unit)) return { why: 'nobody knows which box it is' }
  if (job.outcome === 'proven') {
    if (job.grade !== 'A' && job.grade !== 'B') return { why: 'grade C is no proof' }
    return unit.hold ? { why: 'on hold' } : 'release'
  }
  if (unit.postponedAt !== undefined || isQuotaFault(job.fault?.code)) return { why: 'waits for another day' }
  if (unit.hold) return 'aside'
  if (job.outcome === 'broken' || job.outcome === 'withdrawn') return { why: 'taken away, or run again' }
  return isLast(unit, job) ? 'aside' : { why: 'one more attempt is open' }
}

/** Nothing the operator can do at once would change it. */
function isLast(unit: Unit, job: Job): boolean {
  const retry: Retry = job.fault === null ? 'new-job' : FAULTS[job.fault.code].retry
  return retry === 'never' || retry === 'after-action' || unit.attemptsThisStay >= ATTEMPTS_MAX
}

/** Crockford's base32: no letter that reads like a digit. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const LABEL_CODE = /^[0-9A-HJKMNP-TV-Z]{10}$/

/** Ten letters of the last 50 bits of a UUIDv7, which are chance. */
export function labelCode(id: string): string {
  let bits = BigInt(`0x${id.replaceAll('-', '').slice(-13)}`) & ((1n << 50n) - 1n)
  let code = ''
  for (let i = 0; i < 10; i += 1) {
    code = (LETTERS[Number(bits & 31n)] ?? '0') + code
    bits >>= 5n
  }
  return code
}
