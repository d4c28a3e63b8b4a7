/** Scans, a line that breaks and the training frame, on pages in a real browser before canned views. */
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { FAULTS } from '#shared'
import { CHROMIUM, frameOf, scan, SIZES, YELLOW_FRAME } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH, displayOf } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'

describe.skipIf(CHROMIUM === null)(`the pages${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  const { read } = screens
  const open = (page: 'index' | 'display', o: { search?: string; width?: number; height?: number } = {}): Promise<Page> => screens.open({ page, ...o })
  let door: FakeDoor
  beforeEach(() => { door = screens.door() })

  describe('scans', () => {
    const scans = (): unknown[] => door.asked.filter(a => a.name === 'scan').map(a => a.params['text'])

    test('are heard wherever the focus is, and a field keeps what was in it', async () => {
      const page = await open('index')
      await scan(page, 'P01')
      await page.locator('.scan-text').getByText('P01').waitFor()
      await page.getByRole('button', { name: 'Network' }).focus()
      await scan(page, 'CM:WAVE')
      await page.locator('.scan-text').getByText('CM:WAVE').waitFor()
      await read(page, 'rack-1')
      expect(await page.getByRole('button', { name: 'Bench', exact: true }).getAttribute('aria-current')).toBe('page') // the Enter of the scan pressed no button
      await page.keyboard.press('F3')
      await page.locator('#search').fill('before')
      await scan(page, 'W-00555')
      await page.locator('.scan-text').getByText('W-00555').waitFor()
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#search')?.value === 'before')
      expect(scans()).toEqual(['P01', 'CM:WAVE', 'W-00555'])
      await read(page, 'Unit: new')
    })

    test('are heard although an input method swallows every key', async () => {
      const page = await open('index')
      await page.keyboard.press('F3')
      await scan(page, 'W-00777', { isSwallowed: true })
      await page.locator('.scan-text').getByText('W-00777').waitFor()
      expect(scans()).toEqual(['W-00777'])
    })

    test('a person types with F2; slow typing is never taken for a scan', async () => {
      const page = await open('index')
      await page.keyboard.press('F2')
      await page.keyboard.type('op:li', { delay: 80 })
      await page.keyboard.press('Enter')
      await page.locator('.scan-text').getByText('op:li').waitFor()
      expect(scans()).toEqual(['op:li'])
    })

    test('a refused scan says why and what to do', async () => {
      const page = await open('index')
      await scan(page, 'CM:DANCE')
      await page.locator('.scan-chip').getByText(FAULTS['scan.unknown-command'].title.en).waitFor()
      await page.locator('.scan-chip').getByText(FAULTS['scan.unknown-command'].action.en).waitFor()
    })
  })

  describe('the line', () => {
    test('the key leaves the address, and a reload works', async () => {
      door.showBench(BENCH.busy)
      const page = await open('index')
      expect(page.url()).not.toContain('key')
      await page.reload()
      await read(page, 'W-00416')
    })

    test('a broken line is told, and afterwards all is asked again', async () => {
      const page = await open('index')
      await page.getByText('No verdict yet.').waitFor()
      door.bench = { ...BENCH.busy, version: 1 }
      door.breakLines()
      await page.getByText('No connection to the station.').waitFor()
      await read(page, 'W-00416')
      await page.getByText('No connection to the station.').waitFor({ state: 'detached' })
    })

    test('a page without a key says which address to open', async () => {
      const page = await open('index')
      await page.evaluate(() => sessionStorage.clear())
      await page.reload()
      await page.getByText('Open the address that the station printed').waitFor()
    })
  })

  describe('training', () => {
    test('is framed in yellow and named on every page, in both languages', async () => {
      door.showBench(BENCH.wave)
      door.showDisplay(displayOf({ mode: 'training' }))
      for (const [search, name] of [['', 'TRAINING · 训练'], ['?lang=zh', '训练 · TRAINING']] as const) {
        const console = await open('index', { search })
        for (const tab of ['.tabs button:nth-child(1)', '.tabs button:nth-child(2)', '.tabs button:nth-child(3)']) {
          await console.locator(tab).click()
          await read(console, name)
          expect(await frameOf(console)).toMatch(YELLOW_FRAME)
        }
        const display = await open('display', { search })
        await read(display, name)
        expect(await frameOf(display)).toMatch(YELLOW_FRAME)
      }
    })

    test('is not said on a live bench', async () => {
      door.showDisplay(displayOf())
      for (const page of [await open('index'), await open('display')]) {
        expect(await page.locator('.training').count()).toBe(0)
        expect(await page.getByText(/TRAINING|训练/).count()).toBe(0)
      }
    })
  })
})
