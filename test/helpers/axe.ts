/** axe-core in a page: everything it knows against what is shown, in both languages and both themes, without a new page. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { AxeResults } from 'axe-core'
import { describe, expect, test } from 'vitest'
import { CHROMIUM } from './browser.ts'
import { NO_BROWSER, useScreens } from './screens.ts'
import { SHOTS } from './shots.ts'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 AA, and what axe itself counts as good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(SOURCE) // not a script of the page: its content policy stays as strict as it is
  const found = await page.evaluate(async tags => {
    const { axe } = globalThis as unknown as { axe: { run(where: Document, o: object): Promise<AxeResults> } } // just put there
    return (await axe.run(document, { runOnly: { type: 'tag', values: tags } })).violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => `${n.target.join(' ')} ${n.any.map(a => a.message).join('; ').slice(0, 160)}`).join(' | ')}`)
  }, TAGS)
  return found
}

/** Of one state, four times. The language is changed by its own button where the page has one. */
export async function violationsOfAll(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const language of ['first', 'other'] as const) {
    if (language === 'other') {
      const button = page.locator('button.quiet', { hasText: /^(中文|English)$/ })
      if (await button.count() === 0) break
      await button.click()
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await violations(page)).map(text => `${language} ${colorScheme} ${text}`))
    }
  }
  return found
}

/** One test a state, of all states whose name fits. A state that only repeats another in other colours or words is left out: both are looked at anyway. */
export function testAxe(fits: (name: string) => boolean): void {
  describe.skipIf(CHROMIUM === null)(`axe-core finds nothing, in both languages and both themes${NO_BROWSER}`, () => {
    const { door, open } = useScreens()
    test.each(SHOTS.filter(s => fits(s.name) && s.scheme === undefined && !(s.search ?? '').includes('lang')))('$name', async shot => {
      shot.set(door())
      const page = await open({ page: shot.page, ...shot.search === undefined ? {} : { search: shot.search } })
      await shot.act?.(page)
      expect(await violationsOfAll(page)).toEqual([])
    })
  })
}
