/** A verdict as other programs want it: one flat row with every name of the unit, for webhooks, folders and exports. */
import type { AliasKind, Grade, Instant, Mode, Outcome } from '#shared'
import type { Fact, FactBody } from '../domain/fact.ts'
import { nameOf } from '../domain/unit.ts'
import { CSV_MARK, csvLine } from '../wire/csv.ts'
import type { Ledger } from './ledger.ts'

export const VERDICT_FIELDS = [
  'station', 'mode', 'seq', 'at', 'unit', 'name', 'tag', 'serial', 'mac', 'uuid', 'deviceId', 'product', 'account', 'method', 'outcome', 'grade', 'provenAt', 'attempt', 'operator', 'reason', 'tote'
] as const
export type VerdictField = (typeof VERDICT_FIELDS)[number]
export type VerdictRow = Readonly<Record<VerdictField, string | number | null>>

export interface Origin { readonly station: string; readonly mode: Mode }

/** null: this fact is no verdict. Names are those known now. */
export function verdictOf(ledger: Ledger, { station, mode }: Origin, fact: Fact): VerdictRow | null {
  const { body } = fact
  if ((body.kind !== 'job.closed' && body.kind !== 'job.raised' && body.kind !== 'job.explained') || fact.unit === null) return null
  const unit = ledger.unit(fact.unit)
  const job = ledger.job(fact.job)
  const alias = (kind: AliasKind): string | null => unit?.aliases.find(a => a.kind === kind)?.value ?? null
  const { outcome, grade, provenAt, reason } = sayingOf(body)
  return {
    station, mode, seq: fact.seq, at: new Date(fact.at).toISOString(), unit: fact.unit, name: unit ? nameOf(unit) : null,
    tag: alias('tag'), serial: alias('serial'), mac: alias('mac'), uuid: alias('uuid'), deviceId: alias('deviceId'),
    product: job?.product ?? null, account: job?.account ?? null, method: job?.method ?? null, outcome, grade,
    provenAt: provenAt === null ? null : new Date(provenAt).toISOString(), attempt: job?.attempt ?? null, operator: fact.operator,
    reason, tote: unit?.tote ?? null
  }
}

interface Saying { readonly outcome: Outcome; readonly grade: Grade | null; readonly provenAt: Instant | null; readonly reason: string | null }

/** An answer about the lamp is a verdict of its own: still unproven, with its reason, and grade C for what a person saw. */
function sayingOf(body: Extract<FactBody, { kind: 'job.closed' | 'job.raised' | 'job.explained' }>): Saying {
  if (body.kind === 'job.explained') return { outcome: 'unproven', grade: body.light === null ? null : 'C', provenAt: null, reason: body.fault.code }
  const { grade, provenAt } = body
  return body.kind === 'job.closed' ? { outcome: body.outcome, grade, provenAt, reason: body.fault?.code ?? null } : { outcome: 'proven', grade, provenAt, reason: null }
}

/** A whole file, with its heading. */
export function verdictCsv(rows: readonly VerdictRow[]): string {
  return CSV_MARK + csvLine(VERDICT_FIELDS) + rows.map(row => csvLine(VERDICT_FIELDS.map(field => row[field]))).join('')
}
