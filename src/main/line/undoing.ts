/**
 * A claim taken back: the box that came was not the one scanned. Within ten seconds, and before anything was asked, the two
 * part again and the scanned unit waits for its own box; later its record stays as it is, void, and held for a lead.
 */
import type { JobId, UnitId } from '#shared'
import type { Taken } from '../bench/claim-desk.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Job } from '../domain/job.ts'

/** `withdraw` closes a job that has not asked. */
export function undoClaim(ledger: Ledger, taken: Taken & { readonly isLate: boolean }, withdraw: (job: JobId) => void, at: number): 'parted' | 'void' {
  const unit = ledger.unit(taken.unit)
  const job = ledger.job(unit?.job ?? null)
  if (!unit || taken.isLate || isAsked(job)) {
    ledger.append({ unit: taken.unit, ...(job ? { job: job.uid } : {}), body: { kind: 'unit.held', hold: { owner: ledger.operator ?? 'nobody', reason: 'void', at } } })
    return 'void'
  }
  if (job && job.stage !== 'closed') withdraw(job.uid)
  const aliases = unit.aliases.filter(a => !taken.aliases.some(b => a.kind === b.kind && a.value === b.value))
  const { ip, hostName, fingerprint, product, method } = unit
  ledger.commit(tx => {
    const box = ledger.newId() as UnitId // made here and in step 04
    tx.append({ unit: box, body: { kind: 'unit.met', method: 'wired', by: 'lease' } })
    tx.append({ unit: unit.uid, body: { kind: 'unit.parted', aliases, to: box } })
    for (const alias of aliases) tx.append({ unit: box, body: { kind: 'unit.named', alias } })
    if (ip !== null) tx.append({ unit: box, body: { kind: 'unit.leased', ip, hostName, fingerprint } })
    if (product !== null) tx.append({ unit: box, body: { kind: 'unit.known', product, method } })
  })
  return 'parted'
}

function isAsked(job: Job | null): boolean {
  return job !== null && job.askedAt !== null
}
