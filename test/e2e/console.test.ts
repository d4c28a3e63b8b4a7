/** NOW, lanes and lamps: what an operator reads from three metres and in the corner of the eye. */
import { describe, expect, test } from 'vitest'
import { hours, type BenchView } from '#shared'
import { CHROMIUM, overflow, scan, SIZES, TABLET } from '../helpers/browser.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'

describe.skipIf(CHROMIUM === null)(`the console${NO_BROWSER}`, () => {
  const { door, open } = useScreens()

  test('a scanned unit takes the banner with one thing to do; what stood there becomes a chip; its verdict takes the banner again', async () => {
    door().showBench(BENCH.busy)
    const page = await open()
    await page.locator('.now').getByText('PROVEN', { exact: true }).waitFor()
    door().showBench(BENCH.scanned)
    for (const text of ['NEW UNIT', 'W-00419', 'PLUG IN']) await page.locator('.now-scan').getByText(text, { exact: true }).waitFor()
    await page.locator('.trail-chip').getByText('W-00416').waitFor()
    door().showBench({ ...BENCH.scanned, verdict: { ...BENCH.refused.verdict ?? BENCH.scanned.units[0] ?? (() => { throw new Error('no unit') })(), closedAt: NOW } })
    await page.locator('.now-refused').getByText('REFUSED').waitFor()
    expect(await page.locator('.trail-chip .trail-name').allInnerTexts()).toEqual(['W-00419', 'W-00416'])
  })

  test('a return is said at once, with how often it was here and what came of it', async () => {
    door().showBench(BENCH.returned)
    const page = await open()
    for (const text of ['BACK AGAIN', 'Brought here 3 times.', 'No answer from the unit']) await page.locator('.now-scan').getByText(text).waitFor()
  })

  test('the page of units is there with its key: it came while the console had nothing else to do', async () => {
    const page = await open()
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate(async () => {
      dispatchEvent(new KeyboardEvent('keydown', { key: 'F3' }))
      await Promise.resolve() // React draws what a key asks for at the end of the same task
      return document.querySelector('.second-supervisor table') !== null
    })).toBe(true)
  })

  test('the last verdict stays until the next scan', async () => {
    door().showBench(BENCH.busy)
    const page = await open()
    door().showBench({ ...BENCH.busy, clock: { now: NOW + hours(3), rate: 1 }, units: [] })
    await page.locator('.now-proven.now-old').getByText('W-00416').waitFor()
  })

  test('lanes stand as on the real switch, and a lane its layout forgot is still there', async () => {
    door().showBench({ ...BENCH.busy, layout: [[1, 3, 0], [2, 4, 5]] })
    const page = await open()
    await page.getByText('P08').waitFor()
    const at = async (lane: string): Promise<{ x: number; y: number }> => page.locator('.tile', { hasText: lane }).first().evaluate(e => { const { x, y } = e.getBoundingClientRect(); return { x, y } })
    const [p1, p2, p3, p5] = [await at('P01'), await at('P02'), await at('P03'), await at('P05')]
    expect([p2.x === p1.x, p2.y > p1.y, p3.y === p1.y, p3.x > p1.x, p5.y === p2.y, p5.x > p3.x]).toEqual(Array(6).fill(true))
    for (const lane of ['P06', 'P07', 'P08']) await page.getByText(lane, { exact: true }).waitFor()
  })

  test.each([...SIZES, TABLET])('at $width x $height every lamp is one line, and what is not well names its cause and its key', async size => {
    door().showBench({ ...BENCH.refused, lamps: [...BENCH.refused.lamps, { name: 'ledger', state: 'bad', fault: { code: 'ledger.space-low', context: {} }, value: null }, { name: 'internet', state: 'warn', fault: { code: 'net.way-out-unchecked', context: {} }, value: null }, { name: 'printer', state: 'ok', fault: null, value: 0 }] })
    for (const search of ['', '?lang=zh']) {
      const page = await open({ ...size, search })
      await page.locator('.cause').first().waitFor()
      expect(await page.locator('.lamps .lamp').evaluateAll(lamps => new Set(lamps.map(l => Math.round(l.getBoundingClientRect().top))).size)).toBe(1)
      expect(await page.locator('.lamps').evaluate(list => list.scrollWidth <= list.clientWidth)).toBe(true)
      expect(await page.locator('.cause').count()).toBe(3)
      expect(await page.locator('.cause kbd').allInnerTexts()).toEqual(['F5', 'F1', 'F1'])
      expect(await overflow(page)).toEqual([])
    }
  })

  test.each([SIZES[0], SIZES[1], TABLET])('at $width x $height nothing moves while scans, verdicts, calls, waves and troubles come and go', async size => {
    door().showBench(BENCH.busy)
    const page = await open(size)
    await page.locator('.now-proven').waitFor()
    const boxes = (): Promise<string[]> => page.locator('.header, .figure-group, .quotas, .now, .scan-chip, .lanes, .wave, .loose, .key, .honesty, .causes, .lanes > li').evaluateAll(all => all.map(element => {
      const { x, y, width, height } = element.getBoundingClientRect()
      return `${element.className.split(' ')[0]?.replace(/-.*/, '') ?? ''} ${[x, y, width, height].map(Math.round).join(' ')}`
    }))
    const before = await boxes()
    for (const name of ['scanned', 'refused', 'proven', 'returned', 'called', 'unproven', 'wave', 'broken', 'leftovers', 'withdrawn', 'empty', 'busy'] as const) {
      door().showBench({ ...BENCH[name], mode: 'live' })
      await page.locator('.scan-text', { hasText: BENCH[name].scan?.text ?? 'none yet' }).waitFor()
      expect(await boxes(), name).toEqual(before)
    }
  })

  test('the quota says when it runs out, and the queue since when it waits', async () => {
    const view: BenchView = { ...BENCH.busy, lamps: BENCH.busy.lamps.map(l => l.name === 'sync' ? { ...l, since: NOW - 190_000, value: 12 } : l) }
    door().showBench(view)
    const page = await open()
    await page.locator('.quotas').getByText('gone at 11:40').waitFor()
    await page.locator('.lamp', { hasText: 'Queue' }).getByText('3m 10s').waitFor()
  })

  test('a station that says nothing for 45 seconds is shown as old', async () => {
    door().showBench(BENCH.busy)
    const page = await open()
    await page.clock.install()
    door().showBench(BENCH.busy)
    await page.getByText('W-00411').waitFor()
    await page.clock.runFor(50_000)
    await page.locator('.console-silent').waitFor()
  })

  test('each sound has its twin: a good scan has a tick and a green edge, a refused one says what to do', async () => {
    const page = await open()
    await scan(page, 'W-00555')
    await page.locator('.scan-chip-good .shape-circle-tick').waitFor()
    await scan(page, 'CM:DANCE')
    await page.locator('.scan-chip-fault').getByText('Use a command card printed by this station.').waitFor()
  })
})
