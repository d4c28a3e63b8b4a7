/**
 * Labels of units: printed by themselves at the last word, once; closed by scanning them back. Each is a fact before it is
 * spoken of: what a crash takes away is the paper, never the knowledge that there may be one.
 */
import { FAULTS, type FaultView, type Instant, type LabelKind, type Mode, type UnitId } from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import { labelCode, labelFor } from '../domain/label-rule.ts'
import { nameOf, type Unit } from '../domain/unit.ts'
import { layLabel, type LabelContent, type LabelSize } from '../wire/label-face.ts'
import { encodeZpl, type Turn } from '../wire/zpl.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Printer } from './printer.ts'
import type { Scope } from './scope.ts'

export interface LabelSettings extends LabelSize {
  readonly mode: Mode
  readonly rack: string
  readonly turn: Turn
  readonly copies: number
  /** English: what a label printer has letters for. */
  readonly nameOf: (product: string) => string
}

export class LabelDesk {
  readonly #ledger: Ledger
  readonly #printer: Printer
  readonly #log: Log
  readonly #settings: LabelSettings

  constructor(ledger: Ledger, printer: Printer, log: Log, settings: LabelSettings) {
    this.#ledger = ledger
    this.#printer = printer
    this.#log = log
    this.#settings = settings
  }

  /** Units on the bench whose label a stop or a crash came before get it now. */
  start(scope: Scope): void {
    scope.own(this.#ledger.on(facts => { for (const fact of facts) this.#follow(fact) }))
    scope.own(this.#printer.on(({ label, fault }) => { if (label !== null && fault !== null) this.#failed(label, fault) }))
    for (const { uid, label } of this.#ledger.unitsHere()) if (label === undefined || label.fault?.code === 'station.stopped') this.#byItself(uid)
  }

  /** By the printer. A second one needs a reason. Faults: `printer.none`, `printer.queue-full`, `label.refused`, `label.needs-reason`. */
  print(uid: UnitId, reason: string | null): void {
    this.#printer.assertRoom()
    const content = this.#make(uid, reason, 'printer')
    this.#printer.offer({ label: codeOf(content), bytes: this.#bytes(content) })
  }

  /** For a printer that is not ours, as a page at true size. Faults: `label.refused`, `label.needs-reason`. */
  paper(uid: UnitId, reason: string | null): LabelContent {
    return this.#make(uid, reason, 'paper')
  }

  /** Faults: `label.unknown` when the unit has none. */
  cancel(uid: UnitId, reason: string): void {
    const label = this.#ledger.unit(uid)?.label
    if (!label) throw new Fault('label.unknown')
    this.#ledger.append({ unit: uid, body: { kind: 'label.void', label: label.code, reason } })
  }

  /** The label sticks on its box. Faults: `label.unknown`, `label.void` when it is not that unit's valid label any more. */
  scanBack(code: string): UnitId {
    const known = this.#ledger.mark('label', code)
    const unit = known ? this.#ledger.unit(known.unit) : null
    if (!known || !unit) throw new Fault('label.unknown')
    const job = this.#ledger.job(unit.job)
    const { label } = unit
    if (label?.code !== code || label.job !== unit.job || (labelFor(unit, job) !== label.kind && !label.isOn)) throw new Fault('label.void', { unit: nameOf(unit) })
    if (!label.isOn) this.#ledger.append({ unit: unit.uid, ...(job ? { job: job.uid } : {}), body: { kind: 'unit.labelled', label: code } })
    return unit.uid
  }

  /** A label of nothing, to see size and place. Faults: `printer.none`, `printer.queue-full`. */
  test(): void {
    this.#printer.offer({ label: null, bytes: this.#bytes(this.sample()) })
  }

  sample(): LabelContent {
    const { widthMm, heightMm, dpi, rack } = this.#settings
    return { kind: 'release', verdict: 'SAMPLE', lines: [`${widthMm} x ${heightMm} mm, ${dpi} dpi`, `Rack ${rack}`, 'No unit has this label'], code: null, band: 'SAMPLE' }
  }

  get size(): LabelSize { return this.#settings }

  #follow(fact: Fact): void {
    const { unit: uid, body } = fact
    if (uid === null) return
    if (body.kind === 'job.opened' && this.#ledger.unit(uid)?.label) this.cancel(uid, 'a new attempt')
    if (body.kind === 'job.raised' && this.#ledger.unit(uid)?.label?.kind === 'aside') this.cancel(uid, 'proven afterwards')
    if (body.kind === 'job.closed' || body.kind === 'job.raised' || body.kind === 'unit.unbound') this.#byItself(uid)
  }

  /** Nobody is asked and nobody waits: what cannot be printed now is not printed. */
  #byItself(uid: UnitId): void {
    const unit = this.#ledger.unit(uid)
    if (!unit || !this.#printer.isSet || typeof labelFor(unit, this.#ledger.job(unit.job)) !== 'string') return
    if (unit.label && unit.label.fault?.code !== 'station.stopped') return
    try {
      this.print(uid, unit.label ? 'the station stopped first' : null)
    } catch (thrown) {
      this.#log.fault('a label was not printed', Fault.from(thrown), { unit: uid })
    }
  }

  #make(uid: UnitId, reason: string | null, by: 'printer' | 'paper'): LabelContent {
    const unit = this.#ledger.unit(uid)
    const job = this.#ledger.job(unit?.job ?? null)
    const kind = unit ? labelFor(unit, job) : { why: 'no verdict yet' }
    if (!unit || !job || typeof kind !== 'string') throw new Fault('label.refused', { why: typeof kind === 'string' ? '' : kind.why })
    const before = unit.label
    if (before && reason === null) throw new Fault('label.needs-reason')
    const code = labelCode(this.#ledger.newId())
    this.#ledger.commit(tx => {
      if (before) tx.append({ unit: uid, job: job.uid, body: { kind: 'label.void', label: before.code, reason: reason ?? '' } })
      tx.append({ unit: uid, job: job.uid, body: { kind: 'label.printed', label: code, as: kind, by, ...(reason === null ? {} : { reason }) } })
    })
    return this.#content(unit, job, kind, `LB:${code}`)
  }

  #failed(code: string, fault: FaultView): void {
    const known = this.#ledger.mark('label', code)
    if (known) this.#ledger.append({ unit: known.unit, body: { kind: 'label.failed', label: code, fault } })
  }

  #content(unit: Unit, job: Job, kind: LabelKind, code: string): LabelContent {
    const { mode, rack } = this.#settings
    const band = mode === 'training' ? 'TRAINING' : null
    const product = this.#settings.nameOf(job.product)
    const made = `${dayOf(job.closedAt ?? 0)} ${rack} ${job.operator ?? 'nobody'}`
    if (kind === 'release') return { kind, verdict: `RELEASED ${job.grade ?? ''}`, lines: [nameOf(unit), product, made], code, band }
    const fault = unit.hold && job.outcome === 'proven' ? null : job.fault
    const why = unit.hold ? [`On hold: ${unit.hold.reason}`] : []
    const words = fault ? [FAULTS[fault.code].title.en, FAULTS[fault.code].action.en] : ['No proof was seen', 'Ask the lead']
    return { kind, verdict: 'NOT RELEASED', lines: [nameOf(unit), ...why, ...words, product, made], code, band }
  }

  #bytes(content: LabelContent): Uint8Array {
    return encodeZpl(layLabel(content, this.#settings), this.#settings)
  }
}

const codeOf = ({ code }: LabelContent): string | null => code?.slice('LB:'.length) ?? null
const dayOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10)
