/** Screens of a station without a window system of its own: the browser that opens the pages knows better. */
import type { Display, Screens } from '../ports.ts'

export class NoScreens implements Screens {
  list(): readonly Display[] {
    return []
  }
}
