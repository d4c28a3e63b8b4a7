/** The displays of the virtual bench: the operator's, and the one at the rack. */
import type { DisplayInfo, Screens } from '../ports.ts'

const TWO_DISPLAYS: readonly DisplayInfo[] = [
  { id: 'console', label: 'Console', width: 1920, height: 1080, scale: 1, isPrimary: true },
  { id: 'rack', label: 'Rack', width: 1920, height: 1080, scale: 1, isPrimary: false }
]

export class VirtualScreens implements Screens {
  #displays: readonly DisplayInfo[]

  constructor(displays: readonly DisplayInfo[] = TWO_DISPLAYS) {
    this.#displays = displays
  }

  list(): readonly DisplayInfo[] {
    return this.#displays
  }

  change(displays: readonly DisplayInfo[]): void {
    this.#displays = displays
  }
}
