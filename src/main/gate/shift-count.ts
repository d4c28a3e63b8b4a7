/**
 * The figures of the shift: verdicts of the last eight hours, kept as they come, so that a screen that asks every fifty
 * milliseconds costs no walk over the day's jobs.
 */
import { hours, minutes, type Instant, type JobId, type ShiftView } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { Fact } from '../domain/fact.ts'

const SHIFT = hours(8)
const MINUTE = minutes(1)

interface Closed { readonly at: Instant; isReleased: boolean; readonly isFirst: boolean }

export class ShiftCount {
  readonly #ledger: Ledger
  /** By job, oldest first; null: nobody has asked yet. */
  #closed: Map<JobId, Closed> | null = null

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  follow({ job, at, body }: Fact): void {
    if (this.#closed === null || job === null) return
    if (body.kind === 'job.closed') forgetOld(this.#closed, at).set(job, { at, isReleased: body.outcome === 'proven', isFirst: this.#ledger.job(job)?.attempt === 1 })
    const raised = body.kind === 'job.raised' ? this.#closed.get(job) : undefined
    if (raised) raised.isReleased = true
  }

  view(now: Instant): ShiftView {
    const all = [...forgetOld(this.#closed ??= this.#read(now), now).values()]
    const released = all.filter(c => c.isReleased)
    const since = all[0]?.at ?? now
    const worked = now - since
    return {
      released: released.length, closed: all.length, perHour: worked < MINUTE ? 0 : Math.round(released.length / (worked / hours(1))),
      firstPass: all.length === 0 ? 0 : released.filter(c => c.isFirst).length / all.length
    }
  }

  #read(now: Instant): Map<JobId, Closed> {
    return new Map(this.#ledger.jobsClosed(now - SHIFT).map(job => [job.uid, { at: job.closedAt ?? now, isReleased: job.outcome === 'proven', isFirst: job.attempt === 1 }]))
  }
}

function forgetOld(closed: Map<JobId, Closed>, now: Instant): Map<JobId, Closed> {
  for (const [job, { at }] of closed) {
    if (at > now - SHIFT) break
    closed.delete(job)
  }
  return closed
}
