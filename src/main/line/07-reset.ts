/**
 * Step 07, stage *resetting*: from the unit as returned to factory state. Reset done is not unbind. A unit that still
 * announces itself activated waits for hands; a camera cannot be seen on the LAN before it has read a code, so for it the
 * station never claims *reset done*.
 */
import type { JobId, Readiness } from '#shared'
import { untilFact, type Ledger } from '../bench/ledger.ts'

const FACTORY: ReadonlySet<Readiness> = new Set(['ready', 'unconfirmed'])

/** Resolves when the unit was seen in factory state. */
export async function runReset(ledger: Ledger, uid: JobId, signal: AbortSignal): Promise<void> {
  const job = ledger.job(uid)
  if (!job || job.resetDoneAt !== null) return
  if (job.method === 'qr') return
  const isFactory = (): boolean => {
    const readiness = ledger.unit(job.unit)?.readiness
    return readiness != null && FACTORY.has(readiness)
  }
  const how = isFactory() ? 'found-reset' : 'seen'
  while (!isFactory()) await untilFact(ledger, fact => fact.unit === job.unit && fact.body.kind === 'unit.judged', signal)
  ledger.append({ unit: job.unit, job: uid, body: { kind: 'reset.done', how } })
}
