/**
 * Makes release certificates. Never for a unit that is not proven, not identified, held, or bound to our own account; the
 * making is a fact of its own, so that it can be asked how often and by whom.
 */
import type { CertificateView, Instant, JobId, Mode, UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Evidence } from '../domain/outcome.ts'
import { isIdentified, type Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import { DOES_NOT_PROVE, GRADES, signCertificate, type CertificateDraft } from '../wire/certificate.ts'
import { leafHash } from '../wire/chain.ts'
import type { Ledger } from './ledger.ts'
import { verdictIn, type Verdict } from './lookback.ts'

export interface CertifierSettings {
  readonly station: string
  readonly mode: Mode
  readonly version: string
  readonly publicHex: string
  readonly sign: (bytes: Uint8Array) => string
  readonly nameOf: (product: string) => string
}

export class Certifier {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #settings: CertifierSettings

  constructor(clock: Clock, ledger: Ledger, settings: CertifierSettings) {
    this.#clock = clock
    this.#ledger = ledger
    this.#settings = settings
  }

  /** The job whose proof the ledger itself no longer has: it has to be looked for behind it; null: it has it. Faults: those of `make`. */
  lacksVerdictOf(uid: UnitId): JobId | null {
    const { job } = this.#proven(uid)
    return verdictIn(this.#ledger, job.unit, job.uid) === null ? job.uid : null
  }

  /** `behind`: its verdict, where the ledger itself does not have it. Faults: `certificate.refused` {why}. */
  make(uid: UnitId, behind: Verdict | null = null): CertificateView {
    const { unit, job } = this.#proven(uid)
    const log = this.#verdictOf(job, behind)
    const id = this.#ledger.newId()
    const { station, mode, version, publicHex, sign, nameOf } = this.#settings
    const draft: CertificateDraft = {
      kind: 'unbindery.certificate', v: 1, id, mode, ...(mode === 'training' ? { notice: 'TRAINING: this unit does not exist' } : {}),
      unit: { uid: unit.uid, names: unit.aliases, product: job.product, productName: nameOf(job.product) },
      result: { outcome: 'proven', grade: job.grade, provenAt: isoOf(job.provenAt), means: GRADES[job.grade] },
      method: job.method, evidence: unit.evidence.filter(e => e.at >= job.askedAt).map(shownEvidence),
      times: { met: isoOf(unit.metAt), opened: isoOf(job.openedAt), asked: isoOf(job.askedAt), closed: isoOf(job.closedAt), issued: isoOf(this.#clock.now()) },
      attempts: job.attempt, stays: unit.stay, operator: job.operator ?? 'nobody',
      account: Buffer.from(leafHash(new TextEncoder().encode(sign(new TextEncoder().encode(`account:${job.account}`))))).toString('hex').slice(0, 16),
      station: { id: station, software: `unbindery ${version}`, key: publicHex }, log, doesNotProve: DOES_NOT_PROVE
    }
    const text = signCertificate(draft, sign)
    this.#ledger.append({ unit: unit.uid, job: job.uid, body: { kind: 'certificate.made', id, hash: Buffer.from(leafHash(new TextEncoder().encode(text))).toString('hex') } })
    return { id, text }
  }

  #proven(uid: UnitId): { readonly unit: Unit; readonly job: Job & Proven } {
    const unit = this.#ledger.unit(uid)
    const job = this.#ledger.job(unit?.job ?? null)
    const refuse = (why: string): Fault => new Fault('certificate.refused', { why })
    if (!unit) throw refuse('no such unit')
    if (!job || job.stage !== 'closed') throw refuse('no verdict yet')
    if (!isProven(job)) throw refuse(`not proven: ${job.outcome ?? ''}`)
    if (unit.boundToUs) throw refuse('bound to our own account')
    if (unit.hold) throw refuse(`on hold: ${unit.hold.reason}`)
    if (!isIdentified(unit)) throw refuse('nobody knows which box it is')
    return { unit, job }
  }

  /** Where the verdict stands in history. */
  #verdictOf(job: Job, behind: Verdict | null): CertificateDraft['log'] {
    const own = verdictIn(this.#ledger, job.unit, job.uid)
    if (own !== null) return own
    if (behind === null) throw new Fault('certificate.refused', { why: 'its verdict is missing in history' })
    const { station, seq, chain } = behind
    return { seq, chain, ...(station === this.#settings.station ? {} : { station }) }
  }
}

type Proven = { readonly [K in 'grade' | 'provenAt' | 'askedAt' | 'closedAt']: NonNullable<Job[K]> }

const isProven = (job: Job): job is Job & Proven => job.outcome === 'proven' && job.grade !== null && job.grade !== 'C' && job.provenAt !== null && job.askedAt !== null && job.closedAt !== null
const isoOf = (at: Instant): string => new Date(at).toISOString()

/** No Wi-Fi data, no address, no token: what a customer may read. */
function shownEvidence(e: Evidence): CertificateDraft['evidence'][number] {
  return { kind: e.kind, at: isoOf(e.at), ...(e.kind === 'cloud-released' ? { tid: e.tid } : {}), ...(e.kind === 'announced' ? { active: e.active } : {}) }
}
