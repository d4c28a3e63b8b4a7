/**
 * Facts, units and jobs as their rows hold them: ids as numbers, and of a body only what the columns do not say and what is not as
 * usual. They are read again exactly as they were. This is the form of the file: a change of it is a migration.
 */
import type { Alias, Instant, JobId, UnitId, WaveId } from '#shared'
import type { Fact, FactBody } from '../domain/fact.ts'
import type { Job } from '../domain/job.ts'
import type { Unit } from '../domain/unit.ts'
import { idIn } from './numbers.ts'

/** A fact with its ids; `body` is packed. */
export interface FactRow { seq: number; at: number; kind: string; unit: string | null; job: string | null; wave: string | null; operator: string | null; body: string }
export type UnitRow = Pick<Unit, 'uid' | 'product' | 'job'> & { readonly is_here: number; readonly body: string }
export type JobRow = Pick<Job, 'uid' | 'unit' | 'stage' | 'outcome' | 'account' | 'product' | 'wave' | 'token'> & { readonly closed_at: Instant | null; readonly body: string }

export const FACTS = `SELECT f.seq, f.at, f.kind, ${idIn('f.unit')} AS unit, ${idIn('f.job')} AS job, ${idIn('f.wave')} AS wave, f.operator, f.body, f.hash FROM fact f`
export const UNIT_COLUMNS = `${idIn('u.n')} AS uid, u.product, u.is_here, ${idIn('u.job')} AS job, u.last_at, u.body`
export const UNITS = `SELECT ${UNIT_COLUMNS} FROM unit u`
export const JOBS = `SELECT ${idIn('j.n')} AS uid, ${idIn('j.unit')} AS unit, j.stage, j.outcome, j.account, j.product, ${idIn('j.wave')} AS wave, ${idIn('j.token')} AS token, j.closed_at, j.body FROM job j`

/** A fact's body without its kind, which has a column: the text is cut, not written again. */
export function packBody(kind: string, text: string): string {
  const head = `{"kind":"${kind}"`
  if (text === `${head}}`) return '{}'
  return text.startsWith(`${head},`) ? `{${text.slice(head.length + 1)}` : text
}

/** The body as it was written. A kind that it names itself counts, so that a column that was altered is found out. */
export function bodyText({ kind, body }: Pick<FactRow, 'kind' | 'body'>): string {
  return `{"kind":"${kind}"${body === '{}' ? '}' : `,${body.slice(1)}`}`
}

export function factOf(row: FactRow): Fact {
  return {
    seq: row.seq, at: row.at, operator: row.operator,
    unit: row.unit as UnitId | null, job: row.job as JobId | null, wave: row.wave as WaveId | null, // ids are texts outside of their rows
    body: JSON.parse(bodyText(row)) as FactBody // written by Ledger.append
  }
}

export function packUnit(unit: Unit): string {
  const names = unit.aliases.flatMap(({ kind, value }) => [kind, value])
  return JSON.stringify({ names, ...unusual(unit, usualUnit(unit.metAt), ['uid', 'aliases', 'product', 'isHere', 'job']) })
}

export function unitOf({ uid, product, is_here, job, body }: UnitRow): Unit {
  const { names, ...rest } = JSON.parse(body) as Pick<Unit, 'method' | 'metAt'> & Partial<Unit> & { readonly names: readonly string[] } // written by packUnit
  const aliases = names.flatMap((kind, i): Alias[] => i % 2 === 0 ? [{ kind: kind as Alias['kind'], value: names[i + 1] ?? '' }] : []) // as above
  return { uid, aliases, product, isHere: is_here === 1, job, ...usualUnit(rest.metAt), ...rest }
}

export function packJob(job: Job): string {
  return JSON.stringify(unusual(job, usualJob(job.closedAt), ['uid', 'unit', 'stage', 'outcome', 'account', 'product', 'wave', 'token', 'closedAt']))
}

export function jobOf({ closed_at: closedAt, body, ...columns }: JobRow): Job {
  return { ...columns, closedAt, ...usualJob(closedAt), ...JSON.parse(body) } as Job // written by packJob
}

const usualUnit = (metAt: Instant) => ({
  lane: null, ip: null, hostName: null, fingerprint: null, stay: 1, stayAt: metAt, scannedAt: null, readiness: null, evidence: [], hold: null, attemptsThisStay: 0, tote: null
})
const usualJob = (closedAt: Instant | null) => ({ operator: null, stageAt: closedAt, resetDoneAt: null, askedAt: null, grade: null, provenAt: null, fault: null })

function unusual(record: object, usual: Readonly<Record<string, unknown>>, inColumns: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !inColumns.includes(name) && !(name in usual && isSame(value, usual[name]))))
}

const isSame = (value: unknown, usual: unknown): boolean => value === usual || (Array.isArray(value) && value.length === 0 && Array.isArray(usual))
