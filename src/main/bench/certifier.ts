/**
 * Makes release certificates. Never for a unit that is not proven, not identified, held, or bound to our own account; the
 * making is a fact of its own, so that it can be asked how often and by whom.
 */
import type { CertificateView, Instant, Mode, UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Evidence } from '../domain/outcome.ts'
import { isIdentified, type Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import { DOES_NOT_PROVE, GRADES, signCertificate, type CertificateDraft } from '../wire/certificate.ts'
import { leafHash } from '../wire/chain.ts'
import { baseOf } from './archive.ts'
import type { Ledger } from './ledger.ts'

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

  /** Faults: `certificate.refused` {why}. */
  make(uid: UnitId): CertificateView {
    const { unit, job } = this.#proven(uid)
    const verdict = this.#verdictOf(job)
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
      station: { id: station, software: `unbindery ${version}`, key: publicHex }, log: verdict, doesNotProve: DOES_NOT_PROVE
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
  #verdictOf(job: Job): { readonly seq: number; readonly chain: string } {
    const row = this.#ledger.db.all<{ seq: number; hash: Uint8Array }>("SELECT seq, hash FROM fact WHERE unit = ? AND job = ? AND kind IN ('job.closed', 'job.raised') ORDER BY seq DESC LIMIT 1", [job.unit, job.uid])[0]
    if (!row) throw new Fault('certificate.refused', { why: baseOf(this.#ledger.db).seq > 0 ? 'its verdict lies in the archive by now' : 'its verdict is missing in history' })
    return { seq: row.seq, chain: Buffer.from(row.hash).toString('hex') }
  }
}

type Proven = { readonly [K in 'grade' | 'provenAt' | 'askedAt' | 'closedAt']: NonNullable<Job[K]> }

const isProven = (job: Job): job is Job & Proven => job.outcome === 'proven' && job.grade !== null && job.grade !== 'C' && job.provenAt !== null && job.askedAt !== null && job.closedAt !== null
const isoOf = (at: Instant): string => new Date(at).toISOString()

/** No Wi-Fi data, no address, no token: what a customer may read. */
function shownEvidence(e: Evidence): CertificateDraft['evidence'][number] {
  return { kind: e.kind, at: isoOf(e.at), ...(e.kind === 'cloud-released' ? { tid: e.tid } : {}), ...(e.kind === 'announced' ? { active: e.active } : {}) }
}
