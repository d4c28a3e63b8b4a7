/** Long words, large type, still pictures, two themes: nothing of it may break a layout or hide a word. */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { CHROMIUM, lengthen, overflow } from '../helpers/browser.ts'
import { BENCH } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SHOTS } from '../helpers/shots.ts'

/** Boxes that leave the window, or lie over another of the same row. */
const misplaced = (page: Page): Promise<string[]> => page.evaluate(() => [...document.querySelectorAll('.header > *, .key, .lamp, .figure-group, .quotas, .tile, .now, .scan-chip, .inner-tabs button')].filter(e => {
  const { left, right, top, bottom, width } = e.getBoundingClientRect()
  return width > 0 && (left < -1 || right > innerWidth + 1 || top < -1 || bottom > Math.max(innerHeight, document.documentElement.scrollHeight) + 1)
}).map(e => `${e.className}: ${e.textContent.slice(0, 40)}`))

describe.skipIf(CHROMIUM === null)(`the senses${NO_BROWSER}`, () => {
  const { door, open } = useScreens()

  test.each(SHOTS.filter(s => ['console-busy', 'console-refused', 'console-wave-page', 'supervisor-holds', 'supervisor-hand-over', 'settings-sounds'].includes(s.name)))('words as long as German makes them do not break $name', async shot => {
    shot.set(door())
    const page = await open({})
    await shot.act?.(page)
    await lengthen(page)
    expect(await misplaced(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  })

  test.each([130, 150, 200])('magnified to %i percent nothing is lost: what does not fit is scrolled to', async percent => {
    door().showBench(BENCH.refused)
    const page = await open({ width: Math.round(1280 * 100 / percent), height: Math.round(720 * 100 / percent) })
    await page.getByText('REFUSED').first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1)).toBe(true)
    for (const selector of ['.now-action', '.tile >> nth=7', '.key >> nth=11', '.lamp >> nth=7']) {
      await page.locator(selector).scrollIntoViewIfNeeded()
      expect(await page.locator(selector).isVisible(), selector).toBe(true)
    }
  })

  test('who wants no motion gets none', async () => {
    door().showBench(BENCH.busy)
    const page = await open({})
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    expect(await page.evaluate(() => [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s' && getComputedStyle(e).transitionDuration !== '').length)).toBe(0)
  })

  test('dark and light are two themes of the console, and never of the rack display', async () => {
    door().showBench(BENCH.busy)
    const ground = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(await ground(await open({ scheme: 'dark' }))).not.toBe(await ground(await open({ scheme: 'light' })))
    expect(await ground(await open({ page: 'display', scheme: 'dark' }))).toBe(await ground(await open({ page: 'display', scheme: 'light' })))
  })

  test('printed, a page is its tables on white, without keys and lamps', async () => {
    const shot = SHOTS.find(s => s.name === 'supervisor-hand-over')
    shot?.set(door())
    const page = await open({})
    await shot?.act?.(page)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    for (const selector of ['.key-row', '.honesty', '.now-column', '.header']) expect(await page.locator(selector).isVisible(), selector).toBe(false)
    expect(await page.locator('table').first().isVisible()).toBe(true)
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
    expect(await overflow(page)).toEqual([])
  })
})
