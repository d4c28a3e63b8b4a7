/**
 * At the start of a live station the way from an announcement to the ask is gone once in the ledger and taken back: statements
 * are prepared and the program is warm before the first rack is switched on, which then waits no longer than the second one.
 */
import type { Instant, JobId, TokenId, UnitId } from '#shared'
import type { Ledger, Tx } from '../bench/ledger.ts'
import type { Log } from '../bench/log.ts'
import { Fault } from '../domain/fault.ts'
import type { Sighting, Unit } from '../domain/unit.ts'

export interface RehearsalBench { readonly ledger: Ledger; readonly log: Log; readonly now: () => Instant; readonly account: string; readonly product: string }
/** The steps, as only the line knows them. */
export interface RehearsalSteps {
  readonly identify: (tx: Tx, sighting: Extract<Sighting, { kind: 'announcement' }>) => UnitId | null
  readonly openJob: (tx: Tx, unit: Unit) => JobId | null
}

/** As many as a rack; locally administered cards (IEEE 802, the second lowest bit) that no maker gives away. */
const UNITS = 48
const CARDS = '02:00:5e:00:00:'

class CurtainFall extends Error {}

/** Publishes nothing and leaves nothing; a rehearsal that fails is told, and the bench opens all the same. */
export function rehearse(bench: RehearsalBench, steps: RehearsalSteps): void {
  try {
    bench.ledger.commit(tx => {
      for (let n = 0; n < UNITS; n += 1) play(bench, steps, tx, n)
      bench.ledger.unitsHere() // by a statement of its own, so that the rows are written as well
      throw new CurtainFall()
    })
  } catch (thrown) {
    if (!(thrown instanceof CurtainFall)) bench.log.fault('the rehearsal failed', Fault.from(thrown))
  }
}

function play({ ledger, now, account, product }: RehearsalBench, { identify, openJob }: RehearsalSteps, tx: Tx, n: number): void {
  const at = now()
  const uuid = `rehearsal${n}`
  const unit = identify(tx, { kind: 'announcement', at, mac: `${CARDS}${n.toString(16).padStart(2, '0')}`, ip: '0.0.0.0', gwId: uuid, uuid, active: 0, productKey: product, readiness: 'ready' })
  const known = unit === null ? null : ledger.unit(unit)
  if (known === null) return
  tx.append({ unit: known.uid, body: { kind: 'unit.judged', readiness: 'ready' } })
  tx.append({ unit: known.uid, body: { kind: 'unit.seen', evidence: { kind: 'announced', at, active: 0, gwId: uuid, uuid } } })
  const job = openJob(tx, known)
  if (job === null) return
  const about = { unit: known.uid, job }
  tx.append({ ...about, body: { kind: 'job.moved', to: 'resetting' } })
  tx.append({ ...about, body: { kind: 'reset.done', how: 'found-reset' } })
  tx.append({ ...about, body: { kind: 'job.moved', to: 'ready' } })
  tx.append({ ...about, body: { kind: 'seat.spent', account, product } })
  tx.append({ ...about, body: { kind: 'unbind.asked', token: 'rehearsal' as TokenId } }) // of nobody: it is taken back
  tx.append({ ...about, body: { kind: 'unit.seen', evidence: { kind: 'token-sent', at, transport: '' } } })
}
