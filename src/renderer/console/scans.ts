/**
 * The scans of this page: each goes to the station, and the newest has a note of what became of it. Only who reads the note is
 * drawn again for it: the banner comes from the station, and is not to wait for the page.
 */
import type { FaultView, ScanAnswer } from '#shared'
import { asFault, type StationDoor } from '../common/bridge.ts'
import { SCAN_CHARS_MAX } from '../common/scanner.ts'

/** What became of the newest scan of this page. */
interface ScanNote { readonly text: string; readonly answer: ScanAnswer | null; readonly fault: FaultView | null }

export class Scans {
  #note: ScanNote | null = null
  readonly #door: Pick<StationDoor, 'ask'>
  readonly #fns = new Set<() => void>()

  constructor(door: Pick<StationDoor, 'ask'>) {
    this.#door = door
  }

  readonly subscribe = (fn: () => void): (() => void) => {
    this.#fns.add(fn)
    return () => { this.#fns.delete(fn) }
  }

  readonly snapshot = (): ScanNote | null => this.#note

  /** Sent before anything is drawn. */
  readonly send = (text: string): void => {
    const isTooLong = text.length > SCAN_CHARS_MAX
    const asked = isTooLong ? null : this.#door.ask('scan', { text })
    this.#put({ text, answer: null, fault: isTooLong ? { code: 'scan.unreadable', context: {} } : null })
    asked?.then(answer => this.#became({ text, answer, fault: null }), (thrown: unknown) => this.#became({ text, answer: null, fault: asFault(thrown) }))
  }

  /** Newest scan wins. */
  #became(note: ScanNote): void {
    if (this.#note?.text === note.text) this.#put(note)
  }

  #put(note: ScanNote): void {
    this.#note = note
    for (const fn of this.#fns) fn()
  }
}
