/** A wave: the cameras that share one QR code, at most 30 (facts/unbinding.md, "Limits"). */
import { LIGHTS, seconds, type FaultCode, type Instant, type Light, type Method, type StopReason, type TokenId, type UnitId, type WaveId, type WaveSources, type WaveState } from '#shared'
import type { Job } from './job.ts'
import type { Unit } from './unit.ts'

export const WAVE_UNITS_MAX = 30

/** A code is replaced when this part of its life has passed, so that it never dies on the screen (facts/tuya.md 2). */
export const RENEW_AT = 0.8

/** A wave whose first camera has not joined by then has a wrong password, or nobody can read its code. */
export const FIRST_JOIN = seconds(60)
/** The cloud may be silent for so long while a code is up: what is read meanwhile cannot be answered for. */
export const CLOUD_AWAY = seconds(15)

/** Who tells of a camera that it came by the code: the bench's own network, the cloud by the token, hands that took it off the rack. None knows of the others. */
export function sourcesOf(unit: Unit | null, since: Instant | null): WaveSources {
  const tells = (test: (kind: string) => boolean): boolean => since !== null && unit?.evidence.some(e => e.at >= since && test(e.kind)) === true
  return {
    network: tells(kind => kind === 'joined' || (kind === 'announced' && (unit?.metAt ?? 0) >= (since ?? 0))),
    cloud: tells(kind => kind === 'cloud-released' || kind === 'cloud-refused'),
    hands: since !== null && (unit?.scannedAt ?? -1) >= since
  }
}

/** On the network by a code, as far as the bench or the cloud knows: no camera gets there in another way. */
export function hasJoined(unit: Unit | null, since: Instant): boolean {
  const { network, cloud } = sourcesOf(unit, since)
  return network || cloud
}

/** What was last said of the lamp since the ask; null: nothing. */
export function statedLight(unit: Unit | null, job: Pick<Job, 'askedAt'> | null): Light | null {
  const since = job?.askedAt ?? Infinity
  const stated = unit?.evidence.findLast(e => e.kind === 'light' && e.at >= since)
  return stated?.kind === 'light' ? LIGHTS.find(l => l === stated.light) ?? null : null
}

/** What the lamp of a unit without proof says about it: a reason and so an action, never success (facts/unbinding.md, "The trap"). A wired one reads no code and joins no Wi-Fi. */
export function reasonOfLight(light: Light, hasLease: boolean, method: Method): FaultCode {
  switch (light) {
    case 'red-blinking': return method === 'qr' ? 'unit.not-seen-reading' : 'unit.silent'
    case 'green-blinking': return hasLease || method === 'wired' ? 'unit.stuck-activating' : 'wifi.wrong'
    case 'green-steady': return 'unit.not-reset'
    case 'red-steady':
    case 'off': return 'unit.silent'
    default: return light satisfies never
  }
}

export interface Wave {
  readonly uid: WaveId
  readonly rack: string
  readonly product: string
  readonly account: string
  /** Region of the data centre its codes are of. */
  readonly centre?: string
  readonly ssid: string
  readonly units: readonly UnitId[]
  readonly state: WaveState
  readonly openedAt: Instant
  readonly shownAt: Instant | null
  readonly expiresAt: Instant | null
  /** Every token this wave has shown; results are asked for by each. */
  readonly tokens: readonly TokenId[]
  readonly stopReason: StopReason | null
  /** Cameras that came by this code and could be any of those whose scan does not tie. */
  readonly nameless?: readonly UnitId[]
}
