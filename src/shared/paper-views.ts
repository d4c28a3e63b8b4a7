/** What the station prints: papers as PDF, labels of units, the label printer. */
import type { FaultView } from './faults.ts'
import type { Instant } from './words.ts'

/** `base64`: the whole file, at most `PAPER_BYTES_MAX` bytes of PDF. */
export interface PaperView { readonly name: string; readonly type: 'application/pdf'; readonly base64: string }
/** A paper crosses the door as one answer like any other, so every host brings it under the same key; hence this limit. */
export const PAPER_BYTES_MAX = 512 * 1024

/** release: proven, grade A or B. aside: any other last word; reason and next action. */
export const LABEL_KINDS = ['release', 'aside'] as const
export type LabelKind = (typeof LABEL_KINDS)[number]
/** The label of a unit. `isOn`: it was scanned back, so it sticks on the box and the unit is done. */
export interface LabelView {
  readonly code: string
  readonly kind: LabelKind
  readonly at: Instant
  readonly isOn: boolean
  /** Why nobody knows whether it came out of the printer. */
  readonly fault: FaultView | null
}

/** `waiting`: labels not handed over yet. `address` empty: no printer is set. */
export interface PrinterView {
  readonly address: string
  readonly fault: FaultView | null
  readonly waiting: number
  readonly sent: number
  readonly widthMm: number
  readonly heightMm: number
  readonly dpi: number
}

/** Decks of cards: the commands, the lights of a camera, reasons, lanes, exercises of training; badges and totes by name. */
export const DECKS = ['commands', 'lights', 'reasons', 'ports', 'exercises', 'badges', 'totes'] as const
export type Deck = (typeof DECKS)[number]
export const CARD_NAMES_MAX = 200
