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
  /** Files of history that are not here: parts of the archive, or the ledger before this one. */
  readonly away: number
  /** What was said on its console, run by run; only the newest. */
  readonly transcripts: readonly { readonly at: Instant; readonly recipe: string; readonly text: string }[]
  /** The vendor's own log, as far as it was asked for; oldest first. */
  readonly vendor: readonly VendorLogRow[]
}

/** `broken`: the first records that do not fit, in words; empty: history is whole. `archived`: facts read from files; `absent`: facts whose files are not here. */
export interface VerifiedView { readonly facts: number; readonly heads: number; readonly headsElsewhere: number; readonly archived: number; readonly absent: number; readonly broken: readonly string[] }

/** `text`: the certificate itself, canonical JSON, signed; what is kept and handed on. */
export interface CertificateView { readonly id: string; readonly text: string }

/** What a history page can be narrowed to; a field that is not there narrows nothing. */
export interface ViewFilter {
  readonly text?: string | undefined
  readonly outcome?: Outcome | undefined
  readonly product?: string | undefined
  readonly account?: string | undefined
  readonly operator?: string | undefined
  /** A fault code. */
  readonly reason?: string | undefined
  /** Days of verdicts, from and before; or so many days back from today. */
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  readonly days?: number | undefined
}
/** A named filter. `owner`: whose it is; null: everybody sees it. */
export interface SavedView { readonly id: string; readonly name: string; readonly owner: string | null; readonly filter: ViewFilter }

/** One line of the vendor's own log of a device (facts/tuya.md 7.3). `event`, `from`: numbers of the vendor's tables. */
export interface VendorLogRow { readonly at: Instant; readonly event: number; readonly from: number; readonly code: string; readonly value: string }

/** A kept copy of the ledger, opened and checked when it was made. */
export interface BackupView { readonly name: string; readonly at: Instant }
