/**
 * Every page and state there is, magnified to 130, 150 and 200 percent, without motion, and with words as long as German makes
 * them: nothing leaves the window sideways, no control is cut or out of reach. The list is that of the pictures: a new page is in it.
 */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { CHROMIUM, lengthen } from '../helpers/browser.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SHOTS } from '../helpers/shots.ts'

const PERCENT = [130, 150, 200] as const
const SIZE = { width: 1280, height: 720 } as const

/** What is wrong with the page as it stands: it scrolls sideways, or a control is cut, or cannot be brought into view. */
const troubles = (page: Page): Promise<string[]> => page.evaluate(() => {
  const found: string[] = []
  if (document.documentElement.scrollWidth > innerWidth + 1) found.push(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`)
  const nameOf = (e: Element): string => `${e.tagName.toLowerCase()}.${e.className}: ${(e.textContent || e.getAttribute('aria-label') || '').slice(0, 40)}`
  for (const control of document.querySelectorAll<HTMLElement>('button, a[href], input:not([type=file]), select, textarea:not(.xterm-helper-textarea)')) {
    if (control.closest('[hidden]') !== null || control.offsetParent === null || getComputedStyle(control).visibility === 'hidden') continue
    control.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    const box = control.getBoundingClientRect()
    if (box.width === 0) continue
    let [left, right, top, bottom] = [0, innerWidth, 0, innerHeight]
    for (let around = control.parentElement; around !== null && around !== document.body; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === 'visible') continue
      const edge = around.getBoundingClientRect()
      ;[left, right, top, bottom] = [Math.max(left, edge.left), Math.min(right, edge.right), Math.max(top, edge.top), Math.min(bottom, edge.bottom)]
    }
    const [seenX, seenY] = [Math.min(box.right, right) - Math.max(box.left, left), Math.min(box.bottom, bottom) - Math.max(box.top, top)]
    if (seenX < Math.min(box.width, right - left) - 2 || seenY < Math.min(box.height, bottom - top) - 2 || seenX < 10 || seenY < 10) found.push(`out of reach: ${nameOf(control)} ${Math.round(seenX)}x${Math.round(seenY)} of ${Math.round(box.width)}x${Math.round(box.height)}`)
    const isCut = control.tagName === 'BUTTON' && control.scrollWidth > control.clientWidth + 1 && !['ellipsis'].includes(getComputedStyle(control).textOverflow)
    if (isCut) found.push(`cut: ${nameOf(control)} ${control.scrollWidth} in ${control.clientWidth}`)
  }
  return found
})

describe.skipIf(CHROMIUM === null)(`every page${NO_BROWSER}`, () => {
  const { door, open } = useScreens(SIZE)

  test.each(SHOTS.filter(s => s.page === 'index' && s.scheme === undefined && !(s.search ?? '').includes('lang')))('$name can be magnified, stands still and has room for long words', async shot => {
    shot.set(door())
    const page = await open({})
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await shot.act?.(page)
    const found: string[] = []
    if (await page.evaluate(() => document.getAnimations().length) > 0) found.push('something moves')
    for (const percent of PERCENT) {
      await page.setViewportSize({ width: Math.round(SIZE.width * 100 / percent), height: Math.round(SIZE.height * 100 / percent) })
      found.push(...(await troubles(page)).map(text => `${percent} %: ${text}`))
    }
    await page.setViewportSize(SIZE)
    await lengthen(page)
    found.push(...(await troubles(page)).map(text => `long words: ${text}`))
    expect(found).toEqual([])
  })
})
