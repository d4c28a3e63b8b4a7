/**
 * What a screen can see. Views are folds of facts plus what is heard at this moment; they hold no truth and no secret,
 * except the one text the rack display is there to show (`DisplayView.code`).
 */
import type { FaultView } from './faults.ts'
import type { Alias, Grade, Instant, JobId, Method, Mode, Outcome, Readiness, Stage, UnitId, WaveId } from './words.ts'

/** Ages are reckoned from this, never from the browser's own clock. `rate`: station seconds per real second. */
export interface ClockView { readonly now: Instant; readonly rate: number }

/** off: never seen. on: seen now. gone: was seen, is not now. */
export type Pip = 'off' | 'on' | 'gone'
export interface Pips { readonly link: Pip; readonly lease: Pip; readonly announcement: Pip; readonly cloud: Pip }

/** What hands are asked to do; words by key on the screen. */
export const PROMPTS = ['none', 'press-reset', 'wait', 'show-code', 'take-out', 'set-aside', 'shelve', 'plug-in-again'] as const
export type Prompt = (typeof PROMPTS)[number]

export interface HoldView { readonly owner: string; readonly reason: string; readonly at: Instant }

export interface UnitView {
  readonly uid: UnitId
  /** Short name for people: the scanned tag, else the end of serial, uuid or MAC. */
  readonly name: string
  readonly aliases: readonly Alias[]
  readonly product: string | null
  readonly productName: string | null
  readonly method: Method
  readonly lane: number | null
  readonly ip: string | null
  readonly metAt: Instant
  /** Last sign of life of any kind. */
  readonly heardAt: Instant | null
  readonly readiness: Readiness | null
  readonly pips: Pips
  /** null: no job yet. */
  readonly job: JobId | null
  readonly stage: Stage | null
  readonly stageAt: Instant | null
  readonly attempt: number
  readonly wave: WaveId | null
  /** Three truths, three times; never one word for them. */
  readonly resetDoneAt: Instant | null
  readonly askedAt: Instant | null
  readonly provenAt: Instant | null
  readonly outcome: Outcome | null
  readonly grade: Grade | null
  readonly fault: FaultView | null
  readonly closedAt: Instant | null
  readonly operator: string | null
  readonly hold: HoldView | null
  readonly prompt: Prompt
  /** The station knows which box this is: scanned, or bound to a lane. */
  readonly isIdentified: boolean
}

export const WAVE_STATES = ['planned', 'showing', 'settling', 'closed'] as const
export type WaveState = (typeof WAVE_STATES)[number]
export interface WaveView {
  readonly uid: WaveId
  readonly rack: string
  readonly product: string
  readonly productName: string
  readonly account: string
  readonly ssid: string
  readonly state: WaveState
  readonly units: readonly UnitId[]
  readonly planned: number
  readonly joined: number
  readonly proven: number
  readonly failed: number
  readonly open: number
  readonly openedAt: Instant
  readonly shownAt: Instant | null
  readonly expiresAt: Instant | null
  readonly stopReason: 'full' | 'expired' | 'operator' | 'fault' | null
}

export interface QuotaView { readonly scope: 'account' | 'product'; readonly key: string; readonly cap: number; readonly spent: number; readonly reserved: number }

/** One lamp of the honesty bar. Anything but `ok` names its cause. */
export const LAMPS = ['cloud', 'card', 'guard', 'clock', 'sync', 'scanner', 'display'] as const
export type LampName = (typeof LAMPS)[number]
export interface Lamp { readonly name: LampName; readonly state: 'ok' | 'warn' | 'bad' | 'off'; readonly fault: FaultView | null; readonly value: number | null }

export interface ShiftView { readonly released: number; readonly closed: number; readonly perHour: number; readonly firstPass: number }

export interface BenchView {
  /** Grows by one with each `bench.changed`; a gap means: ask again. */
  readonly version: number
  readonly clock: ClockView
  readonly mode: Mode
  readonly station: string
  readonly operator: string | null
  readonly lanes: number
  /** Units on the bench: open jobs, present ones, and those just closed. */
  readonly units: readonly UnitView[]
  /** The last verdict; stays until the next. */
  readonly verdict: UnitView | null
  readonly waves: readonly WaveView[]
  readonly queue: Readonly<Record<Stage, number>>
  readonly quota: readonly QuotaView[]
  readonly lamps: readonly Lamp[]
  readonly shift: ShiftView
  /** Last scan and what became of it, for the chip under the banner. */
  readonly scan: { readonly text: string; readonly at: Instant; readonly fault: FaultView | null } | null
}
/** Only what changed; `units` are replaced by uid, everything else as a whole. */
export type BenchChange = Pick<BenchView, 'version' | 'clock'> & Partial<Omit<BenchView, 'version' | 'clock'>> & { readonly gone?: readonly UnitId[] }

export interface DisplayView {
  readonly version: number
  readonly clock: ClockView
  readonly mode: Mode
  readonly rack: string
  readonly wave: WaveView | null
  /** The text inside the QR code: a secret that lives on this one page. null: show nothing scannable. */
  readonly code: string | null
}

export interface LeaseView { readonly ip: string; readonly mac: string; readonly hostName: string | null; readonly vendorClass: string | null; readonly since: Instant; readonly until: Instant; readonly state: 'offered' | 'bound' | 'released' | 'declined' | 'resting' }
export interface NetworkView {
  readonly clock: ClockView
  readonly card: { readonly name: string; readonly mac: string; readonly address: string | null; readonly up: boolean; readonly binding: 'device' | 'address' | null } | null
  readonly dhcp: { readonly state: 'off' | 'probing' | 'serving' | 'foreign' | 'fault'; readonly fault: FaultView | null; readonly poolSize: number; readonly poolUsed: number; readonly counters: Readonly<Record<string, number>> }
  readonly lan: { readonly listening: readonly number[]; readonly counters: Readonly<Record<string, number>>; readonly fault: FaultView | null }
  readonly leases: readonly LeaseView[]
}

export interface FactView { readonly seq: number; readonly at: Instant; readonly kind: string; readonly unit: UnitId | null; readonly job: JobId | null; readonly body: Readonly<Record<string, unknown>> }

export interface SyncView { readonly destination: string; readonly acked: number; readonly last: number; readonly oldestUnsentAt: Instant | null; readonly fault: FaultView | null; readonly aside: number }

export interface StatusView {
  readonly station: string
  readonly version: string
  readonly mode: Mode
  readonly isRunning: boolean
  readonly clock: ClockView
  readonly operator: string | null
  readonly units: { readonly known: number; readonly open: number }
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly quota: readonly QuotaView[]
  readonly sync: readonly SyncView[]
  readonly lamps: readonly Lamp[]
  readonly neverProvenProducts: readonly string[]
}

/** What a scan did, said at once. */
export interface ScanAnswer { readonly heard: 'operator' | 'unit' | 'lane' | 'tote' | 'reason' | 'command'; readonly unit: UnitView | null; readonly note: 'new' | 'again' | 'returned' | 'done' }
