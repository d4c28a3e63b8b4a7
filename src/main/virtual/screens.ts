/** The displays of the virtual bench: the operator's, and the one at the rack. */
import type { Display, Screens } from '../ports.ts'

const TWO_DISPLAYS: readonly Display[] = [
  { id: 'console', label: 'Console', width: 1920, height: 1080, scale: 1, isPrimary: true },
  { id: 'rack', label: 'Rack', width: 1920, height: 1080, scale: 1, isPrimary: false }
]

export class VirtualScreens implements Screens {
  #displays: readonly Display[]

  constructor(displays: readonly Display[] = TWO_DISPLAYS) {
    this.#displays = displays
  }

  list(): readonly Display[] {
    return this.#displays
  }

  change(displays: readonly Display[]): void {
    this.#displays = displays
  }
}
