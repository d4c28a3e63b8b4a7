/** The rack display in a real browser: what cameras read, what people read, and when there is nothing to read. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM, decode, decodeBytes, isExpected, launch, openPage, SIZES, ZBARIMG, type Opened } from '../helpers/browser.ts'
import { FakeDoor, PAGES_DIR } from '../helpers/fake-door.ts'
import { BENCH, CODE_TEXT, displayOf, NOW, POLICY, WAVE } from '../helpers/fixtures.ts'
import { decodeZxing, HAS_ZXING } from '../helpers/zxing.ts'
import { decodePairing, encodePairing } from '../../src/main/wire/pairing.ts'

const MISSING = [...CHROMIUM === null ? ['Chromium'] : [], ...ZBARIMG === null ? ['zbarimg'] : []]
const SHOTS_DIR = resolve(import.meta.dirname, '../../test-results')
const HD = SIZES[1]
const UPRIGHT = { width: 1080, height: 1920 }

describe.skipIf(MISSING.length > 0)(`the wall${MISSING.length > 0 ? ` (skipped, this machine lacks ${MISSING.join(' and ')})` : ''}`, () => {
  let browser: Browser
  let door: FakeDoor
  let opened: Opened[] = []

  beforeAll(async () => {
    if (!existsSync(resolve(PAGES_DIR, 'display.html'))) throw new Error('the pages are not built: npm run build')
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

  describe('the rack display', { timeout: 60_000 }, () => {
    /** The page with a clock that only goes when it is told to. */
    const still = async (size: { width: number; height: number } = HD): Promise<Page> => {
      const page = await open('display', size)
      await page.clock.install({ time: NOW })
      await page.reload()
      await page.locator('.wall').waitFor()
      await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 1000)
      return page
    }
    const step = (page: Page): Promise<string | null> => page.locator('.wall').getAttribute('data-step')
    const showing = (page: Page, is: boolean): Promise<void> => page.locator(`.wall[data-showing="${is}"]`).waitFor()

    test.each([[SIZES[0], 'training', false], [SIZES[1], 'live', false], [SIZES[2], 'training', true], [UPRIGHT, 'live', false], [UPRIGHT, 'training', true]] as const)('at %o in %s decoders read exactly the payload in every state; with tiles: %s', async (size, mode, tiles) => {
      door.showDisplay(displayOf({ mode, policy: { ...POLICY, tiles } }))
      const count = tiles ? 7 : 6
      const page = await still(size)
      await showing(page, true)
      const seen = new Set<string>()
      const whites = new Set<string>()
      for (let i = 0; i < 14 && seen.size < count; i++) {
        const at = await step(page) ?? ''
        if (!seen.has(at)) {
          const path = resolve(SHOTS_DIR, `display-${size.width}-${at}.png`)
          await page.screenshot({ path })
          expect(await decode(path), `state ${at}`).toEqual([CODE_TEXT])
          if (HAS_ZXING) expect(await decodeZxing(path), `state ${at}, ZXing`).toEqual([CODE_TEXT])
          whites.add(await page.locator('.wall').evaluate(element => getComputedStyle(element).backgroundColor))
          seen.add(at)
        }
        await page.clock.runFor(1200)
        await page.waitForFunction(old => document.querySelector('.wall')?.getAttribute('data-step') !== old, at, { polling: 20 })
      }
      expect([...seen].toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6'].slice(0, count))
      expect(whites.size).toBe(4)
      for (const text of ['SCAN NOW', '17', 'of 30', 'Camera C2', 'Code version 4']) await read(page, text)
    })

    const PAYLOADS = [
      ['quotes, backslashes, commas and colons', 'a"b\\c,d:e', 'p"q\\r,s:t'], ['emoji and Chinese', '退货台 📷', 'пароль-漢字-🔑'], ['a 32-byte name and a 63-byte password', 'N'.repeat(32), 'p'.repeat(63)], ['an open network', 'RETURNS-OPEN', '']
    ] as const
    test.each(PAYLOADS)('%s come back as the same name and password', async (_, ssid, password) => {
      const token = 'EUAbCd1234Ef56'
      door.showDisplay(displayOf({ code: encodePairing({ ssid, password, token }) }))
      const page = await still()
      await showing(page, true)
      const path = resolve(SHOTS_DIR, 'display-payload.png')
      await page.screenshot({ path })
      expect((await decodeBytes(path)).map(decodePairing)).toEqual([{ ssid, password, token }])
      if (HAS_ZXING) expect((await decodeZxing(path)).map(decodePairing)).toEqual([{ ssid, password, token }])
    })

    test('on a magnified desktop the code is drawn in pixels of the panel, and follows when the panel is turned', async () => {
      await using zoomed = await launch('--force-device-scale-factor=1.5', '--window-size=1280,720', '--hide-scrollbars')
      const context = await zoomed.newContext({ viewport: null })
      const page = await context.newPage()
      door.showDisplay(displayOf())
      await page.goto(door.url('display'))
      await showing(page, true)
      const panel = await page.evaluate(() => ({ width: Math.round(innerWidth * devicePixelRatio), height: Math.round(innerHeight * devicePixelRatio), ratio: devicePixelRatio }))
      expect(panel.ratio).toBe(1.5)
      expect(await page.evaluate(() => [document.querySelector('canvas')?.width, document.querySelector('canvas')?.height])).toEqual([panel.width, panel.height])
      const path = resolve(SHOTS_DIR, 'display-zoom.png')
      await page.screenshot({ path })
      expect(await decode(path)).toEqual([CODE_TEXT])
      await page.setViewportSize({ width: 720, height: 1280 })
      await page.waitForFunction(() => innerHeight > innerWidth)
      await page.waitForTimeout(300)
      await page.screenshot({ path })
      expect(await decode(path)).toEqual([CODE_TEXT])
    })

    const ENDS = [
      ['no wave', { wave: null, code: null }, 'No wave'],
      ['a full wave', { wave: { ...WAVE, state: 'settling', stopReason: 'full' }, code: null }, 'STOP – FULL'],
      ['a wave nobody joined', { wave: { ...WAVE, state: 'settling', stopReason: 'no-join' }, code: null }, 'WI-FI?'],
      ['an uninvited camera', { wave: { ...WAVE, state: 'settling', stopReason: 'uninvited' }, code: null }, 'NOT INVITED'],
      ['a cloud that is away', { wave: { ...WAVE, state: 'settling', stopReason: 'cloud' }, code: null }, 'NO CLOUD'],
      ['a stopped wave', { wave: { ...WAVE, state: 'settling', stopReason: 'operator' }, code: null }, 'STOPPED'],
      ['an expired code that is still told', { wave: { ...WAVE, expiresAt: NOW - 1 }, code: CODE_TEXT }, 'EXPIRED'],
      ['a code whose wave is over', { wave: { ...WAVE, state: 'closed' }, code: CODE_TEXT }, 'Results are coming in']
    ] as const
    test.each(ENDS)('with %s there is nothing to scan, and words say why', async (_, change, words) => {
      door.showDisplay(displayOf(change))
      const page = await open('display')
      await read(page, words)
      await shot(page, 'display-nothing')
      expect(await decode(resolve(SHOTS_DIR, 'display-nothing.png'))).toEqual([])
      if (HAS_ZXING) expect(await decodeZxing(resolve(SHOTS_DIR, 'display-nothing.png'))).toEqual([])
    })

    test('a station that is silent for five seconds takes its code with it', async () => {
      door.showDisplay(displayOf())
      const page = await still()
      await showing(page, true)
      await page.clock.runFor(2000)
      door.isSilent = true
      await page.clock.runFor(2500)
      await showing(page, true)
      await page.clock.runFor(5500)
      await showing(page, false)
      await read(page, 'The station is silent')
      await shot(page, 'display-silent')
      expect(await decode(resolve(SHOTS_DIR, 'display-silent.png'))).toEqual([])
      expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain('EUAb')
    })

    test('a code goes at its hour although nobody says so', async () => {
      door.showDisplay(displayOf({ wave: { ...WAVE, expiresAt: NOW + 2500 } }))
      const page = await still()
      await showing(page, true)
      door.isSilent = true // else every answer would say once more that it is nine o'clock and forty-one
      await page.clock.runFor(2700)
      await read(page, 'EXPIRED')
      await showing(page, false)
    })

    test('the big board says it in letters that are read from five metres, without a code', async () => {
      for (const [state, texts] of [['wave', ['38', '36', '93%', '61', 'Quota left', 'TRAINING · 训练']], ['refused', ['The cloud cannot be reached', '4', '44%']]] as const) {
        door.showBench(BENCH[state])
        const page = await open('display', { search: '?board' })
        for (const text of texts) await page.getByText(text).first().waitFor()
        const smallest = await page.evaluate(() => Math.min(...[...document.querySelectorAll('.board *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent?.trim() !== '')).map(e => Number.parseFloat(getComputedStyle(e).fontSize))))
        expect(smallest / HD.height).toBeGreaterThan(0.066) // 25 mm capitals of a 43 inch panel
        expect(await page.evaluate(() => [...document.querySelectorAll('.board-tile, .board-line')].filter(e => e.scrollWidth > e.clientWidth + 2).length)).toBe(0)
        await shot(page, `board-${state}`)
        expect(await decode(resolve(SHOTS_DIR, `board-${state}.png`))).toEqual([])
      }
    })

    test('a long Wi-Fi name is told where it can be seen', async () => {
      door.showDisplay(displayOf({ code: `${CODE_TEXT}${'x'.repeat(20)}` }))
      await read(await open('display'), 'Code version 5: shorten the Wi-Fi name and password')
    })
  })
})
