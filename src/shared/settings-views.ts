/** What the settings pages show: each setting with the value in force and its default, the cards of this computer, the products, and the checklist that proves the bench. */
import type { FaultView } from './faults.ts'
import type { ClockView } from './views.ts'
import type { Instant, Method, Words } from './words.ts'

/** A text, a whole number, or a list of texts or of objects. */
export type SettingValue = string | number | readonly unknown[]
/** Later ones win. training: the virtual bench gives it, whatever is set. */
export const SETTING_ORIGINS = ['default', 'file', 'station', 'environment', 'flag', 'training'] as const
export type SettingOrigin = (typeof SETTING_ORIGINS)[number]

export interface SettingView {
  readonly key: string
  readonly kind: 'text' | 'whole' | 'choice' | 'list'
  /** In force now. */
  readonly value: SettingValue
  readonly standard: SettingValue
  /** What is allowed, in English as in the README. */
  readonly range: string
  readonly choices: readonly string[] | null
  readonly why: string
  readonly origin: SettingOrigin
  /** file: it names a program or a file of this computer, or who may unbind; only the configuration file does. */
  readonly changed: 'here' | 'file'
  /** An admin's PIN is asked for again. */
  readonly isDangerous: boolean
  /** In force after the next start, where that is another value. */
  readonly next: SettingValue | null
  /** Set at the station; where the environment or the command line says otherwise, they win. */
  readonly own: { readonly value: SettingValue; readonly at: Instant; readonly by: string } | null
}
export interface SettingsView {
  /** As it was named; null: none is read. */
  readonly file: string | null
  readonly settings: readonly SettingView[]
  /** What was set at the station was left out of this start. */
  readonly fault: FaultView | null
}

/** A network card of this computer; `isOffice`: the default route leads there. */
export interface CardView { readonly name: string; readonly mac: string; readonly address: string | null; readonly isUp: boolean; readonly isOffice: boolean; readonly isBench: boolean; readonly heard: CardHeard | null }
/** What came in by a card while somebody listened. `units`: who announced themselves there; `asking`: who wanted an address. */
export interface CardHeard { readonly at: Instant; readonly seconds: number; readonly units: number; readonly asking: number; readonly fault: FaultView | null }

/** One row of the catalogue, with what this station has seen of it. */
export interface ProfileView {
  readonly product: string
  readonly name: Words
  readonly kind: 'camera' | 'nvr' | 'dvr' | 'gateway' | 'base-station'
  readonly method: Method
  readonly resetHoldSeconds: number
  readonly pairingSeconds: number
  readonly rebootSeconds: number
  readonly centre: string | null
  readonly recipe: string | null
  readonly recipeRuns: number
  readonly recipeVerified: number
  /** Units of it that were brought to a verdict here, and those of them that were proven. */
  readonly tested: number
  readonly proven: number
  /** On this station, in this mode. */
  readonly isProven: boolean
}

/** What a look through the catalogue finds. */
export interface CatalogueView { readonly products: number; readonly complaints: readonly string[] }

/** In the order in which a bench is proven (design/operator.md 5.7). */
export const READY_STEPS = ['card', 'guard', 'lease', 'printer', 'scanner', 'distance', 'account', 'unit'] as const
export type ReadyStep = (typeof READY_STEPS)[number]
/** What the station can try without hands. */
export const DAILY_STEPS = ['card', 'guard', 'lease', 'printer', 'account', 'unit'] as const satisfies readonly ReadyStep[]
/** What only a person can say. */
export const TOLD_STEPS = ['printer', 'scanner', 'distance'] as const satisfies readonly ReadyStep[]

export type ReadyState = 'open' | 'running' | 'done' | 'failed' | 'skipped'
export interface ReadyStepView {
  readonly step: ReadyStep
  /** skipped is never done: there is nothing to try, or somebody said so. */
  readonly state: ReadyState
  readonly at: Instant | null
  readonly by: string | null
  readonly fault: FaultView | null
  /** What was found, in figures and names. */
  readonly found: Readonly<Record<string, string | number>>
}
export type ReadyHow = 'first' | 'daily'
export interface ReadyRecordView { readonly id: string; readonly at: Instant; readonly by: string; readonly how: ReadyHow; readonly isReady: boolean; readonly failed: readonly ReadyStep[]; readonly skipped: readonly ReadyStep[] }
export interface ReadyView {
  readonly clock: ClockView
  readonly steps: readonly ReadyStepView[]
  /** The newest record of each kind; null: none yet. */
  readonly first: ReadyRecordView | null
  readonly daily: ReadyRecordView | null
  /** No record of this shift. */
  readonly isDue: boolean
  readonly isRunning: boolean
  /** Every step has ended and none has failed. */
  readonly maySign: boolean
}
/** A signed record, as it is kept and checked. */
export interface ReadyPaperView { readonly name: string; readonly text: string }
