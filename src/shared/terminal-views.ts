/** The console of a lane as a person sees it: what it says, as bytes, and the record of it. */
import type { Instant, UnitId } from './words.ts'

/** Bytes as text, one character each (Latin-1): they cross the door as they came. */
export type Bytes = string

export interface TerminalView {
  readonly session: string
  readonly lane: number
  readonly path: string
  readonly baud: number
  readonly unit: UnitId | null
  readonly openedAt: Instant
  readonly lead: string
  /** The newest of what it said; `from` is the number of its first byte, counted from 0 since the terminal was opened. */
  readonly from: number
  readonly text: Bytes
}
/** What was heard since the last of these; a screen that misses a number asks for the view again. */
export interface TerminalHeard { readonly session: string; readonly lane: number; readonly from: number; readonly text: Bytes; /** The terminal has ended. */ readonly isOver: boolean }

/** A console's record, of a recipe or of a terminal: `<` heard, `>` sent, `~` the same key again and again, `*` a secret, `#` a note, `|` a break. */
export interface TranscriptView {
  readonly seq: number
  readonly lines: readonly { readonly afterMs: number; readonly kind: string; readonly text: string }[]
}

export const TERMINAL_BAUDS = [9600, 38400, 57600, 115200, 921600, 1500000] as const
