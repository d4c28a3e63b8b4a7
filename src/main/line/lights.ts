/**
 * Why a unit has no proof: by the lamp an operator saw on it, or by what became of the wave as a whole. Both set
 * a reason and so an action, neither makes a success of it; a stated lamp is noted as grade C.
 */
import { isTied, type FaultCode, type Light, type WaveId } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { Job } from '../domain/job.ts'
import type { Unit } from '../domain/unit.ts'
import { hasJoined, reasonOfLight, statedLight, type Wave } from '../domain/wave.ts'

/** The operator's word, once the camera was asked; the newest word counts. */
export function stateLight(ledger: Ledger, unit: Unit, light: Light, at: number): void {
  const job = ledger.job(unit.job)
  ledger.append({ unit: unit.uid, ...(job === null ? {} : { job: job.uid }), body: { kind: 'unit.seen', evidence: { kind: 'light', at, light, operator: ledger.operator } } })
  explainByLight(ledger, job)
}

/** Called when a job was closed, and when a lamp was stated of a closed one. */
export function explainByLight(ledger: Ledger, job: Job | null): void {
  if (job?.outcome !== 'unproven') return
  const unit = ledger.unit(job.unit)
  const light = statedLight(unit, job)
  if (light === null) return
  explain(ledger, job, reasonOfLight(light, hasJoined(unit, job.askedAt ?? 0), job.method), light)
}

/** After the wave: nobody joined, or somebody did whose name nobody knows. */
export function explainWave(ledger: Ledger, uid: WaveId): void {
  const wave = ledger.wave(uid)
  if (!wave) return
  for (const job of ledger.jobsOfWave(uid)) {
    const unit = ledger.unit(job.unit)
    if (job.outcome !== 'unproven' || unit === null || unit.boundToUs !== undefined || statedLight(unit, job) !== null || hasJoined(unit, job.askedAt ?? 0)) continue
    const code = reasonOfWave(wave, unit)
    if (code !== null) explain(ledger, job, code, null)
  }
}

function reasonOfWave(wave: Wave, unit: Unit): FaultCode | null {
  if (wave.stopReason === 'no-join') return 'wifi.wrong'
  return (wave.nameless?.length ?? 0) > 0 && !isTied(unit) ? 'wave.not-named' : null
}

function explain(ledger: Ledger, job: Job, code: FaultCode, light: Light | null): void {
  if (job.fault?.code === code && light === null) return
  ledger.append({ unit: job.unit, job: job.uid, body: { kind: 'job.explained', fault: { code, context: {} }, light } })
}
