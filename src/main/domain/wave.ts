/** A wave: the cameras that share one QR code, at most 30 (facts/unbinding.md, "Limits"). */
import type { Instant, TokenId, UnitId, WaveId, WaveState } from '#shared'

export const WAVE_UNITS_MAX = 30

/** A code is replaced when this part of its life has passed, so that it never dies on the screen (facts/tuya.md 2). */
export const RENEW_AT = 0.8

export type StopReason = 'full' | 'expired' | 'operator' | 'fault'

export interface Wave {
  readonly uid: WaveId
  readonly rack: string
  readonly product: string
  readonly account: string
  readonly ssid: string
  readonly units: readonly UnitId[]
  readonly state: WaveState
  readonly openedAt: Instant
  readonly shownAt: Instant | null
  readonly expiresAt: Instant | null
  /** Every token this wave has shown; results are asked for by each. */
  readonly tokens: readonly TokenId[]
  readonly stopReason: StopReason | null
}
