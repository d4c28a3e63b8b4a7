/** Views of what is kept: a unit's whole way, whether history is whole, certificates. */
import type { FactView, UnitView } from './views.ts'
import type { FaultView } from './faults.ts'
import type { Grade, Instant, JobId, Method, Outcome } from './words.ts'

export interface AttemptView {
  readonly job: JobId
  readonly attempt: number
  readonly method: Method
  readonly account: string
  readonly product: string
  readonly operator: string | null
  readonly openedAt: Instant
  readonly askedAt: Instant | null
  readonly closedAt: Instant | null
  readonly outcome: Outcome | null
  readonly grade: Grade | null
  readonly fault: FaultView | null
}

export interface TimelineView {
  readonly unit: UnitView
  /** Times it was brought to the bench. */
  readonly stays: number
  /** Of all stays, oldest first. */
  readonly attempts: readonly AttemptView[]
  /** Oldest first; only the newest ones when it has very many. */
  readonly facts: readonly FactView[]
  readonly isWhole: boolean
}

/** `broken`: the first records that do not fit, in words; empty: history is whole. */
export interface VerifiedView { readonly facts: number; readonly heads: number; readonly headsElsewhere: number; readonly broken: readonly string[] }

/** `text`: the certificate itself, canonical JSON, signed; what is kept and handed on. */
export interface CertificateView { readonly id: string; readonly text: string }
