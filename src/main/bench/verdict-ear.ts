/**
 * Hears verdicts and lets the desks learn from them: the vendor's "over quota" fills the bucket and puts the unit off until
 * another day; a release after it tells where the day began; a refused permission is remembered, so that no second token is asked for in vain.
 */
import { isQuotaFault } from '../domain/quota.ts'
import type { Fact } from '../domain/fact.ts'
import type { Ledger } from './ledger.ts'
import type { PermissionDesk } from './permission-desk.ts'
import type { SeatDesk } from './seat-desk.ts'

export function hearVerdicts(ledger: Ledger, seats: SeatDesk, permissions: PermissionDesk): Disposable {
  return ledger.on(facts => { for (const fact of facts) learnFrom(fact, ledger, seats, permissions) })
}

function learnFrom({ body, unit, job: uid }: Fact, ledger: Ledger, seats: SeatDesk, permissions: PermissionDesk): void {
  if (body.kind === 'unit.seen' && body.evidence.kind === 'cloud-released') {
    const served = ledger.job(uid)
    if (served) seats.accepted(served)
  }
  if (body.kind !== 'job.closed' || body.fault === null) return
  const { fault } = body
  const job = ledger.job(uid)
  if (!job) return
  if (fault.code === 'quota.account-spent' || fault.code === 'quota.product-spent') seats.refused(fault.code, job)
  if (isQuotaFault(fault.code) && unit) ledger.append({ unit, body: { kind: 'unit.postponed', fault } })
  // After the ask a refusal is of this one unit; a token that is refused is refused to the product.
  if (fault.code === 'cloud.no-permission' && job.askedAt === null && fault.context['by'] !== 'bench') permissions.refused(job.account, job.product, fault)
}
