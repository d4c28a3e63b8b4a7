/** One unit as a screen sees it: its record, its job, and what is heard of it now. Pure. */
import type { FaultView, Instant, Pip, Prompt, UnitView } from '#shared'
import type { Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import { isQuotaFault } from '../domain/quota.ts'
import { CONFLICTS, isIdentified, nameOf, type Unit } from '../domain/unit.ts'
import { hasJoined, sourcesOf, statedLight } from '../domain/wave.ts'

export interface Heard { readonly at: Instant | null; /** By the switch; null: it does not tell. */ readonly link: boolean | null; readonly lease: Pip; readonly announcement: Pip }

export function viewUnit(unit: Unit, job: Job | null, heard: Heard, waiting: FaultView | null, catalogue: Catalogue, isBetterOff: (job: Job) => boolean): UnitView {
  const cloudSaid = unit.evidence.some(e => (e.kind === 'cloud-released' || e.kind === 'cloud-refused') && e.at >= (job?.askedAt ?? Infinity))
  return {
    uid: unit.uid, name: nameOf(unit), aliases: unit.aliases, product: unit.product, productName: catalogue.nameOf(unit.product), method: unit.method,
    lane: unit.lane, ip: unit.ip, metAt: unit.metAt, heardAt: heard.at ?? unit.scannedAt, readiness: unit.readiness,
    pips: { link: linkOf(heard), lease: heard.lease, announcement: heard.announcement, cloud: cloudSaid ? 'on' : 'off' },
    job: job?.uid ?? null, stage: job?.stage ?? null, stageAt: job?.stageAt ?? null, attempt: job?.attempt ?? 0, wave: job?.wave ?? null,
    resetDoneAt: job?.resetDoneAt ?? null, askedAt: job?.askedAt ?? null, provenAt: job?.provenAt ?? null,
    outcome: job?.outcome ?? null, grade: job?.grade ?? null, fault: job?.fault ?? waiting ?? faultOfHold(unit), closedAt: job?.closedAt ?? null,
    operator: job?.operator ?? null, hold: unit.hold, light: statedLight(unit, job), hasJoined: hasJoined(unit, job?.askedAt ?? Infinity), ...job?.wave == null ? {} : { sources: sourcesOf(unit, job.askedAt) }, prompt: promptFor(unit, job, waiting, isBetterOff),
    wantsWord: job?.stage === 'resetting' && job.console === 'word', isTomorrow: unit.postponedAt !== undefined, tote: unit.tote, isIdentified: isIdentified(unit), label: unit.label ? { code: unit.label.code, kind: unit.label.kind, at: unit.label.at, isOn: unit.label.isOn, fault: unit.label.fault } : null, stay: unit.stay
  }
}

/** What the switch says; without one, whatever is heard comes over a link, and silence tells nothing of it: a lease outlives its cable. */
function linkOf({ link, lease, announcement }: Heard): Pip {
  if (link === null) return announcement === 'on' || (announcement === 'off' && lease === 'on') ? 'on' : 'unknown'
  if (link) return 'on'
  return lease === 'off' && announcement === 'off' ? 'off' : 'gone'
}

/** What the station itself held a unit for. */
function faultOfHold(unit: Unit): FaultView | null {
  const code = [...CONFLICTS, 'unit.tried-enough' as const].find(c => unit.hold?.owner === 'station' && unit.hold.reason === c)
  return code === undefined ? null : { code, context: {} }
}

/** The one thing hands should do now. */
function promptFor(unit: Unit, job: Job | null, waiting: FaultView | null, isBetterOff: (job: Job) => boolean): Prompt {
  if (unit.hold) return 'set-aside'
  if (unit.postponedAt !== undefined && (!job || job.stage === 'closed')) return 'shelve'
  if (!job) return waiting === null ? (unit.isHere || unit.scannedAt === null ? 'none' : 'plug-in-again') : promptForFault(waiting)
  if (job.stage === 'closed') {
    if (job.outcome === 'proven') return 'take-out'
    if (isQuotaFault(job.fault?.code)) return 'shelve'
    return job.outcome === 'withdrawn' ? 'plug-in-again' : 'set-aside'
  }
  if (job.stage === 'resetting' && job.console != null && job.console !== 'press' && job.console !== 'word') return job.console === 'busy' ? 'wait' : 'power-cycle'
  if (job.stage === 'resetting' && job.method === 'wired' && unit.readiness === 'activated') return 'press-reset'
  if (job.method === 'qr' && job.stage === 'asked') return 'show-code'
  if (job.method === 'wired' && job.stage === 'ready' && waiting?.code === 'cloud.unreachable') return isBetterOff(job) ? 'take-off' : 'leave-powered'
  return 'wait'
}

function promptForFault(waiting: FaultView): Prompt {
  if (waiting.code === 'unit.not-scanned') return 'none'
  if (waiting.code === 'product.first-alone' || waiting.code === 'net.foreign-dhcp' || waiting.code === 'unit.no-lease' || waiting.code === 'net.no-way-out' || waiting.code === 'net.way-out-unchecked') return 'wait'
  return isQuotaFault(waiting.code) ? 'shelve' : 'set-aside'
}
