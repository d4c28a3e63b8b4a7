/** What a supervisor sees: figures of the shift, holds, deliveries, the quota's lines, and the sheet of the hand-over. */
import type { FaultCode } from './faults.ts'
import type { ClockView, QuotaView, SyncView, UnitView, WaveView } from './views.ts'
import type { Instant, Outcome, Stage, UnitId, Words } from './words.ts'

/** One hour of the shift, by when it began. */
export interface HourView { readonly at: Instant; readonly closed: number; readonly proven: number }
export interface ReasonView { readonly outcome: Outcome; readonly code: FaultCode | null; readonly n: number }
export interface YieldView { readonly product: string; readonly productName: Words; readonly closed: number; readonly proven: number; readonly firstPass: number }
/** Seats spent of one account, hour by hour, as a running sum. */
export interface BurnView { readonly account: string; readonly cap: number; readonly spent: readonly { readonly at: Instant; readonly n: number }[] }
export interface FiguresView {
  readonly clock: ClockView
  readonly hours: readonly HourView[]
  readonly reasons: readonly ReasonView[]
  readonly products: readonly YieldView[]
  readonly burn: readonly BurnView[]
}

/** What came in one tote. */
export interface ToteView { readonly tote: string; readonly units: number; readonly proven: number; readonly open: number; readonly held: number; readonly since: Instant; /** Region of the data centre its units are bound in, as stated; null: nobody has. */ readonly centre: string | null }
export interface BatchesView { readonly waves: readonly WaveView[]; readonly totes: readonly ToteView[] }

/** One seat as the quota's ledger has it. */
export interface SeatLineView { readonly at: Instant; readonly account: string; readonly productName: Words; readonly state: 'reserved' | 'spent' | 'returned'; readonly unit: UnitId; readonly name: string; readonly operator: string | null }

/** A hold as the next shift must see it. */
export interface HandoverHold { readonly unit: UnitView; readonly acknowledgedAt: Instant | null; readonly acknowledgedBy: string | null }
export interface HandoverView {
  readonly clock: ClockView
  readonly station: string
  readonly operator: string | null
  readonly last: { readonly at: Instant; readonly by: string | null } | null
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly queue: Readonly<Record<Stage, number>>
  readonly holds: readonly HandoverHold[]
  readonly quota: readonly QuotaView[]
  readonly sync: readonly SyncView[]
  /** The chain after the last fact: read out, so that the next shift can prove that nothing was rewritten. */
  readonly chain: { readonly seq: number; readonly hash: string }
}

export type CertificateStateName = 'valid' | 'altered' | 'unknown key' | 'unsigned'
/** What a text that says it is a certificate is. The rest is what it claims, and null where it claims nothing readable. */
export interface AssessedView { readonly state: CertificateStateName; readonly id: string | null; readonly unit: string | null; readonly grade: string | null; readonly provenAt: string | null; readonly station: string | null; /** A record of a checked bench, not of a unit. */ readonly isBench?: boolean }
