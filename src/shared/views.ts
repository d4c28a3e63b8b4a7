/**
 * What a screen can see. Views are folds of facts plus what is heard at this moment; they hold no truth and no secret,
 * except the one text the rack display is there to show (`DisplayView.code`).
 */
import type { FaultView } from './faults.ts'
import type { Optics, Payload } from './optics.ts'
import type { LabelView } from './paper-views.ts'
import type { HereView } from './people.ts'
import type { Alias, Grade, Instant, JobId, Light, Method, Mode, Outcome, Readiness, Stage, UnitId, WaveId, Words } from './words.ts'

/** Ages are reckoned from this, never from the browser's own clock. `rate`: station seconds per real second. */
export interface ClockView { readonly now: Instant; readonly rate: number }

/** off: never seen. on: seen now. gone: was seen, is not now. */
/** `unknown`: nobody here can tell. */
export type Pip = 'off' | 'on' | 'gone' | 'unknown'
export interface Pips { readonly link: Pip; readonly lease: Pip; readonly announcement: Pip; readonly cloud: Pip }

/** What hands are asked to do; words by key on the screen. */
export const PROMPTS = ['none', 'press-reset', 'power-cycle', 'wait', 'show-code', 'take-out', 'set-aside', 'shelve', 'leave-powered', 'take-off', 'plug-in-again'] as const
export type Prompt = (typeof PROMPTS)[number]

export interface HoldView { readonly owner: string; readonly reason: string; readonly at: Instant }

export interface UnitView {
  readonly uid: UnitId
  /** Short name for people: the scanned tag, else the end of serial, uuid or MAC. */
  readonly name: string
  readonly aliases: readonly Alias[]
  readonly product: string | null
  readonly productName: Words | null
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
  /** What an operator said of its lamp since the ask; null: nobody has. */
  readonly light: Light | null
  /** It came onto the Wi-Fi since the ask. */
  readonly hasJoined: boolean
  /** A camera of a wave: who tells that it came. */
  readonly sources?: WaveSources
  readonly prompt: Prompt
  /** A recipe that erases waits for a lead's word on this unit (`recipe.allow`); hands may be quicker. */
  readonly wantsWord?: boolean
  /** No seat is left today; the new day releases it. */
  readonly isTomorrow?: boolean
  /** Where it is kept meanwhile. */
  readonly tote?: string | null
  /** The station knows which box this is: scanned, or bound to a lane. */
  readonly isIdentified: boolean
  /** The label of its last verdict; null: none. */
  readonly label?: LabelView | null
  /** How often it was brought to the bench, this time included. */
  readonly stay?: number
}

/**
 * Why a wave's code was taken away. full: every camera has its verdict, or was taken off the rack. quiet: nobody else came. no-join: no camera joined
 * the Wi-Fi within 60 s. uninvited: a camera read it that is not of this wave. cloud: it did not answer. lock: the operator
 * left. expired, operator, fault: as they say.
 */
export const STOP_REASONS = ['full', 'quiet', 'expired', 'no-join', 'uninvited', 'cloud', 'lock', 'operator', 'fault'] as const
export type StopReason = (typeof STOP_REASONS)[number]

/** Three sources that know nothing of each other: the bench's network, the cloud's result by token, a scan since the code was up (taken off the rack). */
export interface WaveSources { readonly network: boolean; readonly cloud: boolean; readonly hands: boolean }

export const WAVE_STATES = ['planned', 'showing', 'settling', 'closed'] as const
export type WaveState = (typeof WAVE_STATES)[number]
export interface WaveView {
  readonly uid: WaveId
  readonly rack: string
  readonly product: string
  readonly productName: Words
  readonly account: string
  /** Region of the data centre its codes are of; null: of before it was kept. */
  readonly centre: string | null
  readonly ssid: string
  readonly state: WaveState
  readonly units: readonly UnitId[]
  readonly planned: number
  /** This and all counts to `open` are of the planned ones; guests have their own lines. */
  readonly joined: number
  readonly told: Readonly<Record<keyof WaveSources, number>>
  readonly proven: number
  readonly failed: number
  readonly open: number
  /** Cameras whose scan ties to what they will say of themselves; the others cannot be told apart. */
  readonly named: number
  /** Read the code and could be any of the cameras that are not named. */
  readonly nameless: number
  /** Read the code without being of this wave: `units` does not list them. */
  readonly uninvited: readonly UnitId[]
  readonly openedAt: Instant
  readonly shownAt: Instant | null
  readonly expiresAt: Instant | null
  readonly stopReason: StopReason | null
}

/** `name`: the account's id, or the product's name. */
export interface QuotaView { readonly scope: 'account' | 'product'; readonly key: string; readonly name: Words; readonly cap: number; readonly spent: number; readonly reserved: number; /** When it runs out at the pace of today; null: not today. */ readonly goneAt?: Instant | null }

/** A bench network: its name, what it makes of the code, and whether the bench has seen a camera join by it. The password is nowhere. */
export interface WifiView extends Payload { readonly ssid: string; readonly state: 'untried' | 'joined' | 'failed'; readonly isNext: boolean; /** Of the newest wave in which somebody joined. */ readonly joinedAt?: Instant | null; /** The test before a wave; `until`: it runs, and ends then. `mac`: who joined. */ readonly test?: { readonly at: Instant; readonly mac: string | null } | { readonly until: Instant } | null }

/** One lamp of the honesty bar. Anything but `ok` names its cause. */
export const LAMPS = ['cloud', 'card', 'guard', 'clock', 'sync', 'scanner', 'display', 'internet', 'ledger', 'printer'] as const
export type LampName = (typeof LAMPS)[number]
export interface Lamp { readonly name: LampName; readonly state: 'ok' | 'warn' | 'bad' | 'off'; readonly fault: FaultView | null; readonly value: number | null; /** Of the queue: since when the oldest of it waits. */ readonly since?: Instant | null }

export interface ShiftView { readonly released: number; readonly closed: number; readonly perHour: number; readonly firstPass: number }

export interface ScanView { readonly text: string; readonly at: Instant; readonly fault: FaultView | null; readonly heard?: ScanAnswer['heard']; readonly note?: ScanAnswer['note']; readonly unit?: UnitView | null }
export interface CallView { readonly at: Instant; readonly by: string | null }

export interface BenchView {
  /** Grows by one with each `bench.changed`; a gap means: ask again. */
  readonly version: number
  readonly clock: ClockView
  readonly mode: Mode
  readonly station: string
  /** The name of this rack, for people. */
  readonly rack: string
  readonly operator: string | null
  readonly here: HereView
  readonly lanes: number
  /** Cameras that were scanned and are in no wave yet. */
  readonly waiting: number
  /** Units on the bench: open jobs, present ones, and those just closed. */
  readonly units: readonly UnitView[]
  /** The last verdict; stays until the next. */
  readonly verdict: UnitView | null
  readonly waves: readonly WaveView[]
  readonly queue: Readonly<Record<Stage, number>>
  readonly quota: readonly QuotaView[]
  readonly lamps: readonly Lamp[]
  readonly shift: ShiftView
  readonly wifi: readonly WifiView[]
  /** As set up; 0 inches: the display tells nothing and nobody has said. */
  readonly optics: Optics
  /** Last scan and what became of it, for the chip under the banner. */
  readonly scan: ScanView | null
  /** Places of the lanes as on the real switch, row by row; 0: nothing there. None: in order, as many in a row as fit. */
  readonly layout?: readonly (readonly number[])[]
  /** The lead was called, and has not come yet. */
  readonly call?: CallView | null
}
/** Only what changed; `units` are replaced by uid, everything else as a whole. */
export type BenchChange = Pick<BenchView, 'version' | 'clock'> & Partial<Omit<BenchView, 'version' | 'clock'>> & { readonly gone?: readonly UnitId[] }

/** How the code is drawn; each point of facts/qr-display.md, "Recommended rendering policy", that can be set. */
export interface QrPolicy {
  readonly level: 'L' | 'M' | 'Q' | 'H'
  readonly margin: number
  readonly gainPercent: number
  readonly copies: boolean
  readonly cycle: 'six' | 'still'
  readonly stepMs: number
  readonly tiles: boolean
}

export interface DisplayView {
  readonly version: number
  readonly clock: ClockView
  readonly mode: Mode
  readonly rack: string
  readonly policy: QrPolicy
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
  /** Whether bench units can reach the internet, by which way, and what was tried. Absent: nobody looks. */
  readonly wayOut?: {
    readonly state: 'checking' | 'open' | 'closed'
    readonly way: 'station' | 'router' | 'none'
    readonly checkedAt: Instant | null
    readonly fault: FaultView | null
    readonly steps: readonly { readonly name: string; readonly isOk: boolean; readonly text: string }[]
  }
}

/** `station`: of the ledger before this one, in whose history it has its number. */
export interface FactView { readonly seq: number; readonly station?: string; readonly at: Instant; readonly kind: string; readonly unit: UnitId | null; readonly job: JobId | null; readonly body: Readonly<Record<string, unknown>> }

export interface SyncView { readonly destination: string; readonly acked: number; readonly last: number; readonly oldestUnsentAt: Instant | null; readonly fault: FaultView | null; readonly aside: number }

/** How long a product is silent while it resets itself: from the catalogue, or learnt from so many units. */
export interface TimingView { readonly product: string; readonly seconds: number; readonly start: number; readonly measured: number }

/** A fact a destination refused for good; it is named there in its place, without its words. */
export interface AsideView { readonly destination: string; readonly seq: number; readonly at: Instant; readonly kind: string; readonly fault: FaultView }

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
  readonly timing: readonly TimingView[]
}

/** What a scan did, said at once. */
export interface ScanAnswer { readonly heard: 'operator' | 'unit' | 'lane' | 'tote' | 'reason' | 'command' | 'relay' | 'account' | 'label' | 'certificate'; readonly unit: UnitView | null; readonly note: 'new' | 'again' | 'returned' | 'done' }

/** What a serial adapter is for, as a person said. */
export const PORT_ROLES = ['console', 'scanner', 'relay', 'ignore'] as const
export type PortRoleName = (typeof PORT_ROLES)[number]
export interface PortView {
  readonly path: string
  readonly label: string
  readonly usb: string | null
  readonly serial: string | null
  readonly role: PortRoleName | null
  /** The lane of a console. */
  readonly lane: number | null
  /** The board of a relay, and the lane of each of its channels, from channel 1. */
  readonly board: string | null
  readonly lanes: readonly (number | null)[]
  readonly isThere: boolean
  /** Named by hand: the system never lists it. */
  readonly isNamed: boolean
}
export interface PortsView { readonly ports: readonly PortView[]; readonly fault: FaultView | null; /** Lanes whose power was tested both ways. */ readonly trustedLanes: readonly number[] }

export interface RecipeView {
  readonly id: string
  readonly version: number
  readonly title: Words
  readonly for: string
  readonly danger: 'none' | 'restarts' | 'erases-settings'
  readonly isShipped: boolean
  readonly runs: number
  readonly verified: number
}
