/** One grid at every size: what was once found cut, squashed, moved or out of sight by looking at the pictures (`npm run screens`). */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { CHROMIUM, SIZES, TABLET, UPRIGHT } from '../helpers/browser.ts'
import { BENCH } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SHOTS, type Shot } from '../helpers/shots.ts'

/** A tenth of an inch more than a fingertip in a glove needs on a ten-inch tablet; what stands in a tile or a list may be lower. */
const TOUCH_PX = 40
const SMALL_TOUCH_PX = 32

const shotOf = (name: string): Shot => SHOTS.find(s => s.name === name) ?? (() => { throw new Error(`no picture is called ${name}`) })()

/** Where things stand, as thousandths of the window. */
const places = (page: Page): Promise<Record<string, readonly number[]>> => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.header > *, .figures > *, .now, .scan-chip, .tile, .wave, .loose, .panel, .plot, .table-frame, .key, .honesty')].map((e, i) => {
  const { left, top, width, height } = e.getBoundingClientRect()
  return [`${i} ${e.className}`, [left / innerWidth, top / innerHeight, width / innerWidth, height / innerHeight].map(n => Math.round(n * 1000))]
})))

describe.skipIf(CHROMIUM === null)(`the layout${NO_BROWSER}`, () => {
  const { door, open } = useScreens()
  const show = async (name: string, o: Parameters<typeof open>[0] = {}): Promise<Page> => {
    const shot = shotOf(name)
    shot.set(door())
    const page = await open(o)
    await shot.act?.(page)
    return page
  }

  test.each(['console-refused', 'supervisor-quota', 'settings-printing', 'console-leftovers'])('%s stands at 3840x2160 as it does at 1280x720, three times as large', async name => {
    const [small, large] = [await places(await show(name, SIZES[0])), await places(await show(name, SIZES[2]))]
    expect(Object.keys(large)).toEqual(Object.keys(small))
    for (const [key, box] of Object.entries(small)) for (const [i, n] of box.entries()) expect(Math.abs(n - (large[key]?.[i] ?? Infinity)), `${key} ${i}`).toBeLessThan(12) // lines of a pixel, letters of whole pixels
  })

  test('forty-eight lanes are whole, and each tells the end of its label', async () => {
    const page = await show('console-full', SIZES[0])
    expect(await page.locator('.lanes').evaluate(list => list.scrollHeight <= list.clientHeight + 1)).toBe(true)
    const cut = await page.locator('.tile').evaluateAll(tiles => tiles.filter(tile => tile.scrollHeight > tile.clientHeight + 2).length)
    expect(cut).toBe(0)
    const last = page.locator('.tile').last()
    const [name, tile] = [await last.locator('.tile-name bdi').boundingBox(), await last.boundingBox()]
    expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual((tile?.x ?? 0) + (tile?.width ?? 0))
  })

  test.each(['live', 'training'] as const)('no line of the quota is cut in %s, at any size, in either language', async mode => {
    door().showBench({ ...BENCH.busy, mode })
    const page = await open(SIZES[0])
    for (const other of ['中文', 'English']) {
      for (const size of [...SIZES, TABLET]) {
        await page.setViewportSize(size)
        expect(await page.locator('.quota-line').evaluateAll(lines => lines.filter(l => l.scrollWidth > l.clientWidth + 1).map(l => l.textContent)), `${size.width}`).toEqual([])
      }
      await page.getByRole('button', { name: other }).click()
    }
  })

  test('tabs stay where they are, whichever is chosen', async () => {
    const page = await show('supervisor-units')
    const at = (): Promise<number[]> => page.locator('.tabs button').evaluateAll(all => all.map(e => Math.round(e.getBoundingClientRect().left)))
    const before = await at()
    await page.getByRole('button', { name: 'Log', exact: true }).click()
    expect(await at()).toEqual(before)
  })

  test.each(SHOTS.filter(s => /^(settings|training)-/.test(s.name) && s.scheme === undefined && s.search === undefined))('$name: cells are cells and no panel is squashed, whichever page was open before', async ({ name }) => {
    const page = await show(name)
    expect(await page.evaluate(() => [...document.querySelectorAll('td, th')].filter(c => getComputedStyle(c).display !== 'table-cell' && c.closest('.xterm') === null).map(c => c.textContent.slice(0, 40)))).toEqual([])
    expect(await page.evaluate(() => [...document.querySelectorAll('.panel')].filter(p => p.scrollHeight > p.clientHeight + 2).map(p => `${p.className} ${p.scrollHeight} in ${p.clientHeight}`))).toEqual([])
  })

  test.each(['console-busy', 'console-wave', 'console-leftovers', 'console-pin', 'supervisor-holds', 'supervisor-hand-over', 'training-running'])('%s: what hands touch on a tablet is high enough for gloves, lying and upright', async name => {
    const page = await show(name, { ...TABLET, hasTouch: true })
    for (const size of [TABLET, UPRIGHT]) {
      await page.setViewportSize(size)
      const low = await page.evaluate(([least, small]) => [...document.querySelectorAll('button:not(.link, .tile-name), select')].flatMap(e => {
        const { height, width } = e.getBoundingClientRect()
        const needed = e.matches('.chip, .tile *') ? small : least
        return width === 0 || height + 0.5 >= (needed ?? 0) ? [] : [`${e.className} ${e.textContent.slice(0, 20)} ${Math.round(height)}`]
      }), [TOUCH_PX, SMALL_TOUCH_PX])
      expect(low, `${size.width}`).toEqual([])
    }
  })

  test('a panel that opens is in sight, also where the page is one column and was scrolled down', async () => {
    const page = await show('console-busy', { ...UPRIGHT, hasTouch: true })
    await page.getByRole('button', { name: /^P08: / }).click()
    const box = await page.getByRole('complementary').boundingBox()
    expect(box?.y).toBeGreaterThanOrEqual(0)
    expect((box?.y ?? 0) + 200).toBeLessThan(UPRIGHT.height)
  })
})
