/** The handlers of what is kept: a unit's whole way, destinations of history, whether history is whole, certificates. */
import type { AsideView, AttemptView, CertificateView, DoorName, FactView, SyncView, TimelineView, UnitId, UnitView, VerifiedView } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import { searchFacts } from '../bench/search.ts'
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
}
export interface RecordActs {
  readonly test: (destination: string) => Promise<SyncView>
  readonly replay: (destination: string, from: number) => SyncView
  readonly certify: (unit: UnitId) => CertificateView
}

/** Facts of one unit that are shown at once. */
const TIMELINE_FACTS_MAX = 2000

export function recordReaders({ ledger, view, asides, verify }: RecordSources): Reads {
  return {
    'unit.timeline': ({ unit }) => timeline(ledger, unitNamed(ledger, unit), view),
    'sync.aside': () => asides(),
    'ledger.verify': () => verify()
  }
}

export function recordActs(ledger: Ledger, acts: RecordActs): Acts {
  return {
    'sync.test': ({ destination }) => acts.test(destination),
    'sync.replay': ({ destination, from }) => acts.replay(destination, from),
    'certificate.make': ({ unit }) => acts.certify(unitNamed(ledger, unit).uid)
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

/** By its id or any of its whole names. Faults: `door.invalid`. */
function unitNamed(ledger: Ledger, text: string): Unit {
  const direct = ledger.unit(text as UnitId) // an id or not: the ledger knows
  if (direct) return direct
  const spellings = [text, text.toUpperCase(), text.toLowerCase()]
  const uid = ALIAS_KINDS.flatMap(kind => spellings.map(value => ledger.unitByAlias({ kind, value }))).find(found => found !== null)
  const unit = uid == null ? null : ledger.unit(uid)
  if (!unit) throw new Fault('door.invalid', { unit: text })
  return unit
}

function timeline(ledger: Ledger, unit: Unit, view: (unit: Unit) => UnitView): TimelineView {
  const facts = searchFacts(ledger, { unit: unit.uid }, TIMELINE_FACTS_MAX + 1)
  const jobs = ledger.db.all<{ body: string }>('SELECT body FROM job WHERE unit = ? ORDER BY uid', [unit.uid]).map(row => JSON.parse(row.body) as Job) // written by the ledger
  return {
    unit: view(unit), stays: unit.stay, attempts: jobs.map(viewAttempt), facts: facts.slice(0, TIMELINE_FACTS_MAX).toReversed().map(viewFact), isWhole: facts.length <= TIMELINE_FACTS_MAX
  }
}

function viewAttempt({ uid, attempt, method, account, product, operator, openedAt, askedAt, closedAt, outcome, grade, fault }: Job): AttemptView {
  return { job: uid, attempt, method, account, product, operator, openedAt, askedAt, closedAt, outcome, grade, fault }
}
