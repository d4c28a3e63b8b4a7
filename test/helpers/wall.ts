/** The rack display in a browser, for files of wall tests: opened, held still, looked at. */
import type { Page } from 'playwright-core'
import { CHROMIUM, SIZES, ZBARIMG } from './browser.ts'
import { NOW } from './fixtures.ts'
import { useScreens, type Screens } from './screens.ts'

export const MISSING = [...CHROMIUM === null ? ['Chromium'] : [], ...ZBARIMG === null ? ['zbarimg'] : []]
export const WITHOUT = MISSING.length > 0 ? ` (skipped, this machine lacks ${MISSING.join(' and ')})` : ''

interface Size { readonly width: number; readonly height: number }
export interface WallScreens extends Screens {
  /** The display at this size, 1920x1080 unless told. */
  readonly wall: (size?: Size) => Promise<Page>
  /** The same with a clock that only goes when it is told to. */
  readonly still: (size?: Size) => Promise<Page>
}

/** Call it inside `describe.skipIf(MISSING.length > 0)`. */
export function useWall(): WallScreens {
  const screens = useScreens(SIZES[1])
  const wall = (size: Size = SIZES[1]): Promise<Page> => screens.open({ page: 'display', ...size })
  const still = async (size?: Size): Promise<Page> => {
    const page = await wall(size)
    await page.clock.install({ time: NOW })
    await page.reload()
    await page.locator('.wall').waitFor()
    await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 1000)
    return page
  }
  return { ...screens, wall, still }
}

/** Which picture of the cycle is up. */
export function stepOf(page: Page): Promise<string | null> {
  return page.locator('.wall').getAttribute('data-step')
}

/** Waits until a code is up, or none is. */
export function showing(page: Page, is: boolean): Promise<void> {
  return page.locator(`.wall[data-showing="${is}"]`).waitFor()
}
