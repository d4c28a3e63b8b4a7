/** The figures of a shift, kept as verdicts come. */
import { expect, it } from 'vitest'
import { hours, minutes, type Outcome } from '#shared'
import { ShiftCount } from '../../src/main/gate/shift-count.ts'
import { jobId, LedgerBench } from '../helpers/ledger.ts'

it('counts verdicts, releases and first tries of eight hours, the same when it is asked from the start and when it reads them again', async () => {
  using bench = new LedgerBench()
  const { ledger, clock } = bench
  const kept = new ShiftCount(ledger)
  ledger.on(facts => { for (const fact of facts) kept.follow(fact) })
  const close = async (name: string, outcome: Outcome): Promise<void> => {
    await clock.advance(minutes(30))
    const unit = bench.meet(`unit ${name}`)
    const job = bench.openJob(`job ${name}`, unit)
    ledger.append({ unit, job, body: { kind: 'job.closed', outcome, grade: outcome === 'proven' ? 'B' : null, fault: null, provenAt: null } })
  }
  expect(kept.view(clock.now())).toEqual({ released: 0, closed: 0, perHour: 0, firstPass: 0 })
  await close('old', 'proven')
  await clock.advance(hours(7))
  await close('a', 'proven')
  await close('b', 'unproven')
  await close('c', 'proven')
  expect(kept.view(clock.now())).toEqual(new ShiftCount(ledger).view(clock.now()))
  expect(kept.view(clock.now())).toMatchObject({ released: 2, closed: 3, perHour: 2 })
  ledger.append({ job: jobId('job b'), body: { kind: 'job.raised', grade: 'B', provenAt: 1 } })
  expect(kept.view(clock.now())).toMatchObject({ released: 3, closed: 3, firstPass: 1 })
})
