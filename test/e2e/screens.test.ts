/** The console in a real browser, before canned views: what an operator reads, and does. */
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { FAULTS, OUTCOMES, type UnitView } from '#shared'
import { CHROMIUM, overflow, SIZES, ZBARIMG } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH, HOSTILE, NOW, WAVE } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'

test.runIf(process.env['CI'] !== undefined)('the machine of the continuous integration has a browser and a decoder', () => {
  expect([CHROMIUM, ZBARIMG]).not.toContain(null)
})

describe.skipIf(CHROMIUM === null)(`the screens${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  const { shot, read } = screens
  const open = (page: 'index' | 'display', o: { search?: string; width?: number; height?: number } = {}): Promise<Page> => screens.open({ page, ...o })
  let door: FakeDoor
  beforeEach(() => { door = screens.door() })

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
      await expect.poll(() => door.asked.filter(a => a.name === 'training.pace').map(a => a.params)).toEqual([{ rate: 20 }, { rate: 20 }]) // the click is answered before the door has heard it
    })

    test('the wave page plans, tells each camera, and asks about leftovers once, in pictures', async () => {
      door.showBench(BENCH.leftovers)
      const page = await open('index')
      await page.getByRole('button', { name: 'Wave', exact: true }).click()
      await page.locator('.wave-told').getByText('5 taken off and scanned').waitFor()
      expect(await page.locator('.cameras tbody tr').first().locator('.camera-told').allTextContents()).toEqual([' Wi-Fi', ' cloud', ' taken off'])
      expect(await page.getByText(/^Waiting labels that do not tie/).count()).toBe(0)
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

    test('before a wave the page says how many labels do not tie, while they can still be changed', async () => {
      const [camera] = BENCH.leftovers.units
      if (!camera) throw new Error('the fixture has cameras')
      const waiting = (n: number, alias: UnitView['aliases'][number]): UnitView => ({ ...camera, uid: `waiting-${n}` as UnitView['uid'], aliases: [alias], wave: null, job: null, stage: null, outcome: null, grade: null }) // a unit of the fixture with another name
      door.showBench({ ...BENCH.leftovers, waiting: 3, units: [...BENCH.leftovers.units, waiting(1, { kind: 'tag', value: 'T1' }), waiting(2, { kind: 'serial', value: 'SN-2' }), waiting(3, { kind: 'mac', value: '02:00:00:00:00:03' })] })
      const page = await open('index')
      await page.getByRole('button', { name: 'Wave', exact: true }).click()
      await page.getByText('Waiting labels that do not tie to a MAC or UUID: 2 of 3.').waitFor()
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
})
