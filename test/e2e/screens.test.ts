/** The console in a real browser, before canned views: what an operator reads, and does. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FAULTS, OUTCOMES } from '#shared'
import { CHROMIUM, frameOf, isExpected, launch, openPage, overflow, scan, SIZES, ZBARIMG, type Opened } from '../helpers/browser.ts'
import { FakeDoor, PAGES_DIR } from '../helpers/fake-door.ts'
import { BENCH, displayOf, HOSTILE, NOW, WAVE } from '../helpers/fixtures.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'

const MISSING = [...CHROMIUM === null ? ['Chromium'] : [], ...ZBARIMG === null ? ['zbarimg'] : []]
const SHOTS_DIR = resolve(import.meta.dirname, '../../test-results')
const HD = SIZES[1]

test.runIf(process.env['CI'] !== undefined)('the machine of the continuous integration has a browser and a decoder', () => {
  expect(MISSING).toEqual([])
})

describe.skipIf(MISSING.length > 0)(`the screens${MISSING.length > 0 ? ` (skipped, this machine lacks ${MISSING.join(' and ')})` : ''}`, () => {
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
    // Whatever a test does, the browser has nothing to complain of: no error, no refused script or style, no failed request.
    const complaints = opened.flatMap(o => o.complaints)
    for (const each of opened) await each.close()
    opened = []
    await door[Symbol.asyncDispose]()
    expect(complaints.filter(text => !isExpected(text))).toEqual([])
  })

  const open = async (page: 'index' | 'display', o: { search?: string; width?: number; height?: number; before?: (page: Page) => Promise<void> } = {}): Promise<Page> => {
    const one = await openPage(browser, door, { page, ...HD, ...o })
    opened.push(one)
    return one.page
  }
  const shot = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: resolve(SHOTS_DIR, `${name}.png`) })
  const read = (page: Page, text: string): Promise<void> => page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor({ timeout: 5000 })

  describe('the console', () => {
    test.each(SIZES)('at $width x $height says verdict, unit, product and one action, and nothing is cut off', async size => {
      door.showBench(BENCH.busy)
      const page = await open('index', size)
      for (const text of ['PROVEN', 'Grade A', 'W-00416', 'TAKE OUT', 'PRESS RESET', 'Unbind asked', 'P08', '38 of 41', '61 left']) await read(page, text)
      await shot(page, `console-busy-${size.width}`)
      expect(await overflow(page)).toEqual([])
      for (const name of ['refused', 'withdrawn'] as const) {
        door.showBench(BENCH[name])
        await page.locator(`.now-${name}`).waitFor()
        expect(await overflow(page), name).toEqual([])
      }
      await shot(page, `console-withdrawn-${size.width}`)
      const word = await page.locator('.now-word').evaluate(element => Number.parseFloat(getComputedStyle(element).fontSize))
      expect(word / size.height).toBeGreaterThan(0.07) // 15 mm capitals on a 24 inch panel: readable from 3 m
    })

    test('every outcome has its word, its shape and its one action, without a new page', async () => {
      const page = await open('index')
      await read(page, 'No verdict yet. Scan a unit, then plug it in.')
      const shapes = { proven: 'circle-tick', refused: 'triangle-bang', unproven: 'square-pause', broken: 'diamond', withdrawn: 'dash' }
      for (const outcome of OUTCOMES) {
        door.showBench(BENCH[outcome])
        const now = page.locator(`.now-${outcome}`)
        await now.getByText(outcome.toUpperCase(), { exact: true }).waitFor()
        await now.locator(`.shape-${shapes[outcome]}`).waitFor()
        const fault = BENCH[outcome].verdict?.fault
        expect(await now.locator('.now-action').innerText()).toBe(fault ? FAULTS[fault.code].action.en : 'TAKE OUT')
      }
    })

    test('reset done, unbind asked and unbind proven are three truths, each with its time or a dash', async () => {
      door.showBench(BENCH.busy)
      const page = await open('index')
      await page.getByRole('button', { name: 'W-00417' }).click()
      const card = page.getByRole('complementary')
      await expect(card.locator('.truths > div').allInnerTexts()).resolves.toEqual(['Reset done\n09:39:57', 'Unbind asked\n09:40:17', 'Unbind proven\n–'])
      await page.keyboard.press('Escape')
      await card.waitFor({ state: 'detached' })
    })

    test('a unit that was not heard for 45 seconds is striped and says so', async () => {
      door.showBench(BENCH.unproven)
      const page = await open('index')
      await page.locator('.tile-stale', { hasText: 'W-00416' }).getByText('Unheard for').waitFor()
      expect(await page.locator('.tile-stale').count()).toBe(1)
    })

    test('lamps that are not green name their cause', async () => {
      door.showBench(BENCH.refused)
      const page = await open('index')
      for (const code of ['cloud.unreachable', 'net.foreign-dhcp', 'sync.unreachable'] as const) await page.locator('.honesty').getByText(FAULTS[code].title.en).waitFor()
    })

    test('a wave shows its figures and its countdown; a refused start says why', async () => {
      door.showBench(BENCH.wave)
      const page = await open('index')
      const wave = page.getByRole('region', { name: 'Wave', exact: true })
      for (const text of ['30', 'Joined', 'Code is up']) await wave.getByText(text, { exact: true }).waitFor()
      await wave.getByText(/^3:\d\d$/).waitFor()
      await wave.getByRole('button', { name: 'Stop the wave' }).click()
      door.showBench(BENCH.busy)
      await wave.getByRole('button').waitFor({ state: 'detached' }) // nobody waits: there is nothing to start
      door.showBench({ ...BENCH.busy, waiting: 2 })
      await wave.getByRole('button', { name: 'Start a wave' }).click()
      await wave.getByText(FAULTS['wave.empty'].title.en).waitFor()
      expect(door.asked.filter(a => a.name.startsWith('wave.')).map(a => [a.name, a.params])).toEqual([['wave.stop', { wave: WAVE.uid }], ['wave.start', {}]])
    })

    test('quota boxes name account and products, the most used first, and none is cut off', async () => {
      door.showBench(BENCH.busy)
      for (const size of SIZES) {
        const page = await open('index', size)
        await expect(page.locator('.quota-name').allInnerTexts()).resolves.toEqual(['Account house', 'Camera C2', 'Recorder N8'])
        await read(page, '+1 more')
        expect(await page.getByText(/wired0000|qr000000/).count()).toBe(0)
        expect(await page.locator('.quotas').evaluate(list => list.scrollWidth <= list.clientWidth)).toBe(true)
      }
    })

    test('a verdict older than five minutes is dimmed', async () => {
      const old = { ...BENCH.proven, clock: { now: NOW + 6 * 60_000, rate: 1 } }
      door.showBench(old)
      await (await open('index')).locator('.now-proven.now-old').waitFor()
    })

    test('in training the word has a place of its own beside the pace', async () => {
      door.showBench(BENCH.wave)
      for (const size of SIZES.slice(0, 2)) {
        const page = await open('index', size)
        const boxes = await Promise.all(['.training-word', '.pace', '.station', '.tabs', '.who'].map(s => page.locator(s).evaluate(e => e.getBoundingClientRect().toJSON() as { left: number; right: number })))
        for (const [i, box] of boxes.slice(1).entries()) expect(box.left).toBeGreaterThanOrEqual(boxes[i]?.right ?? 0)
        await page.getByRole('button', { name: 'Change the pace to ×20' }).click()
      }
      expect(door.asked.filter(a => a.name === 'training.pace').map(a => a.params)).toEqual([{ rate: 20 }, { rate: 20 }])
    })

    test('the wave page plans, tells each camera, and asks about leftovers once, in pictures', async () => {
      door.showBench(BENCH.leftovers)
      const page = await open('index')
      await page.getByRole('button', { name: 'Wave', exact: true }).click()
      for (const text of ['It will read', 'Stopped: an uninvited camera', 'CAM-307', 'not invited', 'green, blinking']) await page.getByText(text).first().waitFor({ timeout: 5000 })
      await page.getByText('Some firmware breaks on these in a name: , :').waitFor()
      await page.getByText(/Version 5 costs 0\.\d m of reach/).waitFor()
      await page.locator('input[type=number]').nth(1).fill('3.5')
      await page.getByText('It will not read').waitFor()
      await page.getByText(/Take a panel of \d+ inches/).waitFor()
      expect(await page.getByText('Which lamp does it show?').count()).toBe(3) // the fourth has been answered
      await page.getByRole('button', { name: 'red, blinking' }).first().click()
      await page.getByRole('button', { name: 'Second wave of the 4 left' }).click()
      await page.getByRole('button', { name: 'Half 2' }).click()
      const asked = door.asked.filter(a => a.name === 'unit.light' || a.name === 'wave.start').map(a => a.params)
      expect(asked).toEqual([{ unit: BENCH.leftovers.units[5]?.uid, light: 'red-blinking' }, { leftoversOf: WAVE.uid }, { leftoversOf: WAVE.uid, half: 2 }])
    })

    test('the metronome counts cameras aloud and on the page', async () => {
      door.showBench({ ...BENCH.busy, waiting: 3 })
      const page = await open('index')
      await page.clock.install()
      await page.getByRole('button', { name: 'Wave', exact: true }).click()
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      await page.clock.runFor(9000)
      await page.locator('.pace-n').getByText('2', { exact: true }).waitFor()
    })

    test('network and log are reached by keyboard; the log goes on page by page', async () => {
      const page = await open('index')
      await page.getByRole('button', { name: 'Network' }).focus()
      await page.keyboard.press('Enter')
      for (const text of ['enx00e04c680001', '10.77.0.1/24', '192.168.1.1'] as const) await page.getByText(text).first().waitFor()
      await page.keyboard.press('F3')
      await page.locator('#search').waitFor()
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('search')
      await page.getByRole('button', { name: 'Log', exact: true }).click()
      await read(page, '320')
      await page.getByRole('button', { name: 'Older' }).click()
      await read(page, '270')
      await page.getByRole('button', { name: 'Newer' }).click()
      await read(page, '320')
      expect(door.asked.filter(a => a.name === 'history.list').map(a => a.params['beforeSeq'])).toEqual([undefined, 271, undefined])
    })

    test('the language changes in place, is remembered, and every state has Chinese words', async () => {
      door.showBench(BENCH.refused)
      const page = await open('index')
      await page.keyboard.press('F2')
      await page.locator('#typed-code').fill('half a code')
      await page.getByRole('button', { name: '中文' }).click()
      for (const text of ['被拒绝', FAULTS['cloud.no-permission'].action.zh, '未证实', '工作台', '端口'].slice(0, 4)) await read(page, text)
      expect(await page.locator('#typed-code').inputValue()).toBe('half a code')
      await shot(page, 'console-refused-zh-1920')
      await page.reload()
      await read(page, '被拒绝')
      expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    })

    test('what units call themselves is text and nothing else', async () => {
      door.canned = SUPERVISED
      door.showBench(BENCH.hostile)
      const page = await open('index', SIZES[0])
      await page.getByText(HOSTILE).first().waitFor()
      expect(await overflow(page)).toEqual([])
      await page.locator('.tile').first().getByRole('button').click()
      await page.getByRole('complementary').waitFor()
      await page.keyboard.press('Escape')
      for (const tab of [['Network'], ['Supervisor', 'Units'], ['Supervisor', 'Log'], ['Supervisor', 'Holds'], ['Supervisor', 'Batches'], ['Supervisor', 'Hand-over']]) {
        for (const name of tab) await page.getByRole('button', { name, exact: true }).click()
        await page.locator('table').getByText(HOSTILE).first().waitFor()
        expect(await overflow(page), tab.join(' ')).toEqual([])
      }
      expect(await page.evaluate(() => [document.querySelectorAll('img').length, 'hurt' in window])).toEqual([0, false])
      await shot(page, 'console-hostile-1280')
    })

    test('48 lanes are on one page', async () => {
      door.showBench(BENCH.full)
      const page = await open('index', SIZES[0])
      await page.getByText('P48').waitFor()
      expect(await page.locator('.tile').last().evaluate(element => element.getBoundingClientRect().bottom < innerHeight)).toBe(true)
      expect(await overflow(page)).toEqual([])
    })
  })

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
          expect(await frameOf(console)).toBe('rgb(244, 196, 0) 10px')
        }
        const display = await open('display', { search })
        await read(display, name)
        expect(await frameOf(display)).toBe('rgb(244, 196, 0) 10px')
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
