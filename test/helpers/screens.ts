/** A browser and a door with canned views for one file of screen tests; whatever a test does, the browser has nothing to complain of. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { CHROMIUM, isExpected, launch, openPage, SIZES, type Opened } from './browser.ts'
import { FakeDoor, PAGES_DIR } from './fake-door.ts'

export interface Screens {
  readonly door: () => FakeDoor
  readonly open: (o?: { readonly page?: 'index' | 'display'; readonly search?: string; readonly width?: number; readonly height?: number; readonly scheme?: 'dark' | 'light'; readonly motion?: 'reduce' }) => Promise<Page>
}

export const NO_BROWSER = CHROMIUM === null ? ' (skipped, this machine lacks Chromium)' : ''

/** Call it inside `describe.skipIf(CHROMIUM === null)`. */
export function useScreens(): Screens {
  let browser: Browser
  let door: FakeDoor
  let opened: Opened[] = []
  beforeAll(async () => {
    if (!existsSync(resolve(PAGES_DIR, 'index.html'))) throw new Error('the pages are not built: npm run build')
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
    open: async ({ page = 'index', ...o } = {}) => {
      const one = await openPage(browser, door, { page, ...SIZES[0], ...o })
      opened.push(one)
      return one.page
    }
  }
}
