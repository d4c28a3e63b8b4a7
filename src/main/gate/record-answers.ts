/** The handlers of what is kept: a unit's whole way, destinations of history, whether history is whole, certificates. */
import type { AsideView, AttemptView, CertificateView, DoorName, FactView, SyncView, TimelineView, UnitId, UnitView, VerifiedView } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { Past } from '../bench/lookback.ts'
import { searchFacts } from '../bench/search.ts'
import { vendorRows } from '../bench/vendor-log.ts'
import { ALIAS_KINDS } from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Unit } from '../domain/unit.ts'
import type { Handlers } from './gate.ts'

const RECORD_READS = ['unit.timeline', 'sync.aside', 'ledger.verify'] as const satisfies readonly DoorName[]
const RECORD_ACTS = ['sync.test', 'sync.replay', 'certificate.make'] as const satisfies readonly DoorName[]
type Reads = Pick<Handlers, (typeof RECORD_READS)[number]>
type Acts = Pick<Handlers, (typeof RECORD_ACTS)[number]>
export type RecordHandlers = Reads & Acts

export interface RecordSources {
  readonly ledger: Ledger
  readonly view: (unit: Unit) => UnitView
  readonly asides: () => readonly AsideView[]
  readonly verify: () => Promise<VerifiedView>
  /** Facts of a unit that lie in the archive, or in the ledgers before this one, in order; absent: nobody can read them here. */
  readonly behind?: (unit: UnitId, limit: number) => Promise<Past>
  /** A console transcript by the name its fact gives; null: it is not here. */
  readonly transcript?: (path: string) => string | null
}
export interface RecordActs {
  readonly test: (destination: string) => Promise<SyncView>
  readonly replay: (destination: string, from: number) => SyncView
  readonly certify: (unit: UnitId) => Promise<CertificateView>
}

/** Facts of one unit that are shown at once. */
const TIMELINE_FACTS_MAX = 2000
const TRANSCRIPTS_MAX = 5
const TRANSCRIPT_CHARS_MAX = 64 * 1024

export function recordReaders(sources: RecordSources): Reads {
  const { ledger, asides, verify } = sources
  return {
    'unit.timeline': ({ unit }) => timeline(sources, unitNamed(ledger, unit)),
    'sync.aside': () => asides(),
    'ledger.verify': () => verify()
  }
}

export function recordActs(ledger: Ledger, acts: RecordActs): Acts {
  return {
    'sync.test': ({ destination }) => acts.test(destination),
    'sync.replay': ({ destination, from }) => acts.replay(destination, from),
    'certificate.make': async ({ unit }) => await acts.certify(unitNamed(ledger, unit).uid)
  }
}

/** Acts, for a station that does not run. */
export function recordRefusals(): Acts {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'sync.test': refuse, 'sync.replay': refuse, 'certificate.make': refuse }
}

export function viewFact(f: Fact): FactView {
  return { seq: f.seq, at: f.at, kind: f.body.kind, unit: f.unit, job: f.job, body: { ...f.body, ...(f.operator === null ? {} : { operator: f.operator }) } }
}

/** By its id or any of its whole names. Faults: `unit.unknown`. */
export function unitNamed(ledger: Ledger, text: string): Unit {
  const direct = ledger.unit(text as UnitId) // an id or not: the ledger knows
  if (direct) return direct
  const spellings = [text, text.toUpperCase(), text.toLowerCase()]
  const uid = ALIAS_KINDS.flatMap(kind => spellings.map(value => ledger.unitByAlias({ kind, value }))).find(found => found !== null)
  const unit = uid == null ? null : ledger.unit(uid)
  if (!unit) throw new Fault('unit.unknown', { unit: text })
  return unit
}

/** Of all its stays, through the archive and the ledgers before this one. */
async function timeline({ ledger, view, behind, transcript }: RecordSources, unit: Unit): Promise<TimelineView> {
  const { facts: old, away } = await behind?.(unit.uid, TIMELINE_FACTS_MAX) ?? { facts: [], away: [] }
  const station = ledger.setting('station')
  const past = old.map(({ station: of, fact }) => ({ ...viewFact(fact), ...(of === station ? {} : { station: of }) }))
  const own = searchFacts(ledger, { unit: unit.uid }, TIMELINE_FACTS_MAX + 1).toReversed()
  const [facts, shown] = [[...old.map(({ fact }) => fact), ...own], [...past, ...own.map(viewFact)]]
  const jobs = ledger.jobsOfUnit(unit.uid)
  const runs = facts.flatMap(({ at, body }) => body.kind === 'recipe.ended' && body.transcript !== null ? [{ at, recipe: body.recipe, text: transcript?.(body.transcript) ?? null }] : [])
  return {
    unit: view(unit), stays: unit.stay, attempts: jobs.map(viewAttempt), facts: shown.slice(-TIMELINE_FACTS_MAX), isWhole: facts.length <= TIMELINE_FACTS_MAX, away: away.length,
    transcripts: runs.slice(-TRANSCRIPTS_MAX).flatMap(({ at, recipe, text }) => text === null ? [] : [{ at, recipe, text: text.slice(-TRANSCRIPT_CHARS_MAX) }]), vendor: vendorRows(ledger, unit.uid)
  }
}

function viewAttempt({ uid, attempt, method, account, product, operator, openedAt, askedAt, closedAt, outcome, grade, fault }: Job): AttemptView {
  return { job: uid, attempt, method, account, product, operator, openedAt, askedAt, closedAt, outcome, grade, fault }
}
