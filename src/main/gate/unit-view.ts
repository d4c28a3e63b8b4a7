/** One unit as a screen sees it: its record, its job, and what is heard of it now. Pure. */
import type { FaultView, Instant, Language, Pip, Prompt, UnitView } from '#shared'
import type { Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import { nameOf, type Unit } from '../domain/unit.ts'

export interface Heard { readonly at: Instant | null; readonly lease: Pip; readonly announcement: Pip }

export function viewUnit(unit: Unit, job: Job | null, heard: Heard, waiting: FaultView | null, catalogue: Catalogue, language: Language): UnitView {
  const product = catalogue.find(unit.product)
  const cloudSaid = unit.evidence.some(e => (e.kind === 'cloud-released' || e.kind === 'cloud-refused') && e.at >= (job?.askedAt ?? Infinity))
  return {
    uid: unit.uid, name: nameOf(unit), aliases: unit.aliases, product: unit.product, productName: product?.name[language] ?? unit.product, method: unit.method,
    lane: unit.lane, ip: unit.ip, metAt: unit.metAt, heardAt: heard.at ?? unit.scannedAt, readiness: unit.readiness,
    pips: { link: 'off', lease: heard.lease, announcement: heard.announcement, cloud: cloudSaid ? 'on' : 'off' },
    job: job?.uid ?? null, stage: job?.stage ?? null, stageAt: job?.stageAt ?? null, attempt: job?.attempt ?? 0, wave: job?.wave ?? null,
    resetDoneAt: job?.resetDoneAt ?? null, askedAt: job?.askedAt ?? null, provenAt: job?.provenAt ?? null,
    outcome: job?.outcome ?? null, grade: job?.grade ?? null, fault: job?.fault ?? waiting, closedAt: job?.closedAt ?? null,
    operator: job?.operator ?? null, hold: unit.hold, prompt: promptFor(unit, job, waiting),
    isIdentified: unit.scannedAt !== null || unit.lane !== null
  }
}

/** The one thing hands should do now. */
function promptFor(unit: Unit, job: Job | null, waiting: FaultView | null): Prompt {
  if (unit.hold) return 'set-aside'
  if (!job) return waiting === null ? (unit.isHere || unit.scannedAt === null ? 'none' : 'plug-in-again') : promptForFault(waiting)
  if (job.stage === 'closed') {
    if (job.outcome === 'proven') return 'take-out'
    if (job.fault?.code === 'quota.account-spent' || job.fault?.code === 'quota.product-spent') return 'shelve'
    return job.outcome === 'withdrawn' ? 'plug-in-again' : 'set-aside'
  }
  if (job.stage === 'resetting' && job.method === 'wired' && unit.readiness === 'activated') return 'press-reset'
  if (job.method === 'qr' && job.stage === 'asked') return 'show-code'
  return 'wait'
}

function promptForFault(waiting: FaultView): Prompt {
  return waiting.code === 'quota.account-spent' || waiting.code === 'quota.product-spent' ? 'shelve' : 'set-aside'
}
