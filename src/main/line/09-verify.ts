/**
 * Step 09, stage *proving*: collects evidence until proof or the deadline. Proof is a seen transition or the cloud's record,
 * never a state; when one of the two is there, the other is waited for a moment, so that the grade is the best that was seen.
 */
import { hours, millis, type Alias, type Instant, type JobId, type Millis, type TokenId, type UnitId, type WaveId } from '#shared'
import { withDeadline } from '../bench/clockwork.ts'
import type { TokenResult } from '../bench/cloud.ts'
import { untilFact, type Ledger } from '../bench/ledger.ts'
import type { ResultPoll } from '../bench/result-poll.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import { assessProof, assessSilence, evidenceFor, type Evidence, type Judgement, type Verdict } from '../domain/outcome.ts'
import type { Clock } from '../ports.ts'
import { faultOfCode } from '../wire/cloud.ts'

/** Waves whose results may still come in; tokens live for minutes. */
const WAVES_ASKED_ABOUT = 20
/** Tokens live for minutes: an older list has been read long ago. */
const LOOK_BACK = hours(1)

export interface VerifySettings {
  /** From the ask; for a wave: from the moment the code has gone. */
  readonly proofMs: Millis
  /** From the first proof to the closing, for a better grade. */
  readonly improveMs: Millis
}

export interface VerifyBench { readonly ledger: Ledger; readonly clock: Clock; readonly poll: Pick<ResultPoll, 'look' | 'watch'> }

export async function runVerify(bench: VerifyBench, uid: JobId, settings: VerifySettings, signal: AbortSignal): Promise<Verdict> {
  const { ledger, clock } = bench
  const job = ledger.job(uid)
  if (!job || job.askedAt === null) throw new Fault('program.unexpected', { text: 'verify without an ask' })
  if (job.wave !== null) await untilDecidedOrStopped(ledger, job, job.wave, signal)
  const end = (job.wave === null ? job.askedAt : clock.now()) + settings.proofMs
  for (;;) {
    const first = await decided(bench, job, millis(Math.max(0, end - clock.now())), signal) ?? await askedOnceMore(bench, job, signal)
    if (first === null) return verdict(assessSilence(ledger.unit(job.unit)?.evidence ?? [], job.askedAt, job.method, ledger.unit(job.unit)?.boundToUs !== undefined))
    if (!first.canImprove) return verdict(first)
    const last = await improved(bench, job, settings.improveMs, signal) ?? judge(bench.ledger, job)
    if (last.outcome !== null) return verdict(last) // what was seen meanwhile may also take a proof away
  }
}

/** The first decision, or null when the time is over. */
function decided(bench: { readonly ledger: Ledger; readonly clock: Clock }, job: Job, waitMs: Millis, signal: AbortSignal): Promise<Judgement | null> {
  return waitFor(bench, job, waitMs, j => j.outcome !== null, signal)
}

async function improved(bench: { readonly ledger: Ledger; readonly clock: Clock }, job: Job, waitMs: Millis, signal: AbortSignal): Promise<Judgement | null> {
  return waitFor(bench, job, waitMs, j => !j.canImprove, signal)
}

/** Silence is no verdict while the cloud was not asked after the deadline: this computer may have been off until now. */
async function askedOnceMore({ ledger, poll }: VerifyBench, job: Job, signal: AbortSignal): Promise<Judgement | null> {
  for (const token of ledger.tokensOf(job.uid)) await poll.look(token, signal)
  const last = judge(ledger, job)
  return last.outcome === null ? null : last
}

/** Before a unit is asked again: what became of the asks before. One that is found proven takes this job back. */
export async function lookBack({ ledger, clock, poll }: VerifyBench, uid: JobId, signal: AbortSignal): Promise<void> {
  const unit = ledger.job(uid)?.unit
  const tokens = unit === undefined ? [] : ledger.unprovenJobs(unit).filter(job => (job.closedAt ?? 0) > clock.now() - LOOK_BACK).flatMap(job => ledger.tokensOf(job.uid))
  for (const token of new Set(tokens)) {
    using _watch = poll.watch(token)
    await poll.look(token, signal)
  }
}

function judge(ledger: Ledger, job: Job): Judgement {
  const unit = ledger.unit(job.unit)
  return assessProof(evidenceFor(unit?.evidence ?? [], ledger.tokensOf(job.uid)), job.askedAt ?? 0, unit?.boundToUs !== undefined)
}

async function waitFor(bench: { readonly ledger: Ledger; readonly clock: Clock }, job: Job, waitMs: Millis, test: (j: Judgement) => boolean, signal: AbortSignal): Promise<Judgement | null> {
  const late = 'unit.silent'
  try {
    return await withDeadline(bench.clock, waitMs, late, {}, async own => {
      for (;;) {
        const judgement = judge(bench.ledger, job)
        if (test(judgement)) return judgement
        await untilFact(bench.ledger, fact => fact.unit === job.unit && fact.body.kind === 'unit.seen', own)
      }
    }, signal)
  } catch (thrown) {
    if (!signal.aborted && thrown instanceof Fault && thrown.code === late) return null
    throw thrown
  }
}

/** A wave's cameras are judged as results come; the silent ones only after the code has gone. */
async function untilDecidedOrStopped(ledger: Ledger, job: Job, wave: WaveId, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean => {
    const state = ledger.wave(wave)?.state
    return state === 'settling' || state === 'closed' || state === undefined
  }
  const isDecided = (): boolean => judge(ledger, job).outcome !== null
  while (!isOver() && !isDecided()) {
    await untilFact(ledger, fact => (fact.unit === job.unit && fact.body.kind === 'unit.seen') || (fact.wave === wave && fact.body.kind === 'wave.stopped'), signal)
  }
}

function verdict(j: Judgement): Verdict {
  return { outcome: j.outcome ?? 'unproven', grade: j.grade, fault: j.fault, provenAt: j.provenAt }
}

/**
 * A row of the cloud's result list as evidence on a unit: matched by uuid, MAC, then device id, among the units that were
 * asked with this token and no others. null: it matches none of them, or its names belong to two.
 */
export function judgeResult(ledger: Ledger, token: TokenId, result: TokenResult, at: Instant): { readonly unit: UnitId; readonly job: JobId | null; readonly evidence: Evidence } | null {
  const names: Alias[] = []
  if (result.uuid !== null) names.push({ kind: 'uuid', value: result.uuid })
  if (result.mac !== null) names.push({ kind: 'mac', value: result.mac })
  const waves = ledger.lastWaves(WAVES_ASKED_ABOUT).filter(w => w.tokens.includes(token)) // a wave's code is renewed under new tokens
  const jobs = [...ledger.jobsOfToken(token), ...waves.flatMap(w => ledger.jobsOfWave(w.uid))]
  const asked = new Set(jobs.map(job => job.unit))
  const named = (aliases: readonly Alias[]): UnitId[] => [...new Set(aliases.map(a => ledger.unitByAlias(a)).filter(u => u !== null).filter(u => asked.has(u)))]
  const certain = named(names)
  const [unit, other] = certain.length > 0 || result.deviceId === null ? certain : named([{ kind: 'deviceId', value: result.deviceId }])
  if (unit === undefined || other !== undefined) return null
  const job = jobs.filter(j => j.unit === unit).toSorted((a, b) => (a.askedAt ?? 0) - (b.askedAt ?? 0)).at(-1)?.uid ?? null
  if (result.ok) return { unit, job, evidence: { kind: 'cloud-released', at, tid: result.tid, deviceId: result.deviceId, token } }
  const fault = faultOfCode(result.code ?? '', result.text ?? '', result.tid)
  const region = fault.code === 'cloud.other-centre' ? { region: ledger.token(token)?.region ?? '' } : {} // this centre is not asked about it again
  return { unit, job, evidence: { kind: 'cloud-refused', at, fault: { code: fault.code, context: { ...fault.context, ...region } }, token } }
}
