/** A browser and a door with canned views for one file of screen tests; whatever a test does, the browser has nothing to complain of. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { CHROMIUM, isExpected, launch, openPage, SIZES, type Opened } from './browser.ts'
import { FakeDoor, PAGES_DIR } from './fake-door.ts'

/** Pictures that a test makes on its way. */
export const SHOTS_DIR = resolve(import.meta.dirname, '../../test-results')

export interface Screens {
  readonly door: () => FakeDoor
  readonly shot: (page: Page, name: string) => Promise<Buffer>
  /** Waits for exactly this text, seen. */
  readonly read: (page: Page, text: string) => Promise<void>
  readonly open: (o?: { readonly page?: 'index' | 'display'; readonly search?: string; readonly width?: number; readonly height?: number; readonly scheme?: 'dark' | 'light'; readonly hasTouch?: boolean; readonly motion?: 'reduce' }) => Promise<Page>
}

export const NO_BROWSER = CHROMIUM === null ? ' (skipped, this machine lacks Chromium)' : ''

/** Call it inside `describe.skipIf(CHROMIUM === null)`. `size`: of a page that names none. */
export function useScreens(size: { readonly width: number; readonly height: number } = SIZES[0]): Screens {
  let browser: Browser
  let door: FakeDoor
  let opened: Opened[] = []
  beforeAll(async () => {
    if (!existsSync(resolve(PAGES_DIR, 'index.html'))) throw new Error('the pages are not built: npm run build')
    mkdirSync(SHOTS_DIR, { recursive: true })
    browser = await launch()
  })
  afterAll(() => browser.close())
  beforeEach(async () => { door = await FakeDoor.start() })
  afterEach(async () => {
    const complaints = opened.flatMap(o => o.complaints)
    for (const each of opened) await each.close()
    opened = []
    await door[Symbol.asyncDispose]()
    expect(complaints.filter(text => !isExpected(text))).toEqual([])
  })
  return {
    door: () => door,
    shot: (page, name) => page.screenshot({ path: resolve(SHOTS_DIR, `${name}.png`) }),
    read: (page, text) => page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor({ timeout: 5000 }),
    open: async ({ page = 'index', ...o } = {}) => {
      const one = await openPage(browser, door, { page, ...size, ...o })
      opened.push(one)
      return one.page
    }
  }
}
