/**
 * The console in headless Chromium: `npm run bench -- ui [--only open,scan,lanes,history] [--seconds 60] [--ledger DIR]`.
 * Bounds of the issue: first content 0.5 s, usable 1.0 s, JS 150 KB gzip, 250 lanes with 500 changes a second without a task
 * over 50 ms at 60 frames with a flat heap and next to no layout shift, scan to banner 50 ms p95, history of a million units 100 ms.
 * Lanes and openings are before a door with canned views; scans and history go through a whole station and its own host. DIR:
 * a ledger as `npm run bench -- ledger --only build --folder DIR` leaves it; without one, history is left out.
 */
import { gzipSync } from 'node:zlib'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CHROMIUM, launch, openPage, scan } from '../../test/helpers/browser.ts'
import { FakeDoor } from '../../test/helpers/fake-door.ts'
import { BENCH, unitOf } from '../../test/helpers/fixtures.ts'
import { openHost } from '../../test/helpers/real-host.ts'

const OPENINGS = 9
const SCANS = 40
const VISITS = 20
const LANES = 250
const TICK_MS = 20
const CHANGES_A_TICK = 10
/** What a page keeps for good it has by then. */
const WARM_MS = 8000
const HEAP_MS = 10_000
const SIZE = { width: 1920, height: 1080 }

/** @param {readonly number[]} figures @param {number} q */
const at = (figures, q) => figures.toSorted((a, b) => a - b)[Math.min(figures.length - 1, Math.floor(figures.length * q))] ?? 0
/** @param {string} text */
const say = text => process.stdout.write(`${text}\n`)

/** @param {readonly string[]} words */
export async function main(words) {
  if (CHROMIUM === null) throw new Error('no Chromium on this machine')
  const { values } = parseArgs({ args: [...words], options: { only: { type: 'string', default: 'open,scan,lanes,history' }, seconds: { type: 'string', default: '60' }, ledger: { type: 'string' } } })
  const wanted = values.only.split(',')
  const browser = await launch('--enable-precise-memory-info')
  try {
    if (wanted.includes('open')) await openings(browser)
    if (wanted.includes('scan')) await scans(browser)
    if (wanted.includes('lanes')) await lanes(browser, Number(values.seconds))
    if (wanted.includes('history') && values.ledger !== undefined) await history(browser, values.ledger)
  } finally {
    await browser.close()
  }
}

/** @typedef {import('playwright-core').Browser} Browser */

/** A fresh context each time: nothing is cached. @param {Browser} browser */
async function openings(browser) {
  /** @type {number[]} */ const first = []
  /** @type {number[]} */ const usable = []
  let bytes = 0
  for (let i = 0; i < OPENINGS; i += 1) {
    await using door = await FakeDoor.start()
    door.showBench(BENCH.busy)
    const context = await browser.newContext({ viewport: SIZE, locale: 'en-GB' })
    const page = await context.newPage()
    /** @type {Promise<number>[]} */ const scripts = []
    page.on('response', answer => { if (answer.url().endsWith('.js')) scripts.push(answer.body().then(body => gzipSync(body).length)) })
    await page.addInitScript(() => {
      new MutationObserver((_, self) => {
        if (!document.querySelector('.key')) return
        self.disconnect()
        requestAnimationFrame(() => setTimeout(() => Object.assign(globalThis, { usableAt: performance.now() })))
      }).observe(document, { childList: true, subtree: true })
    })
    await page.goto(door.url('index'))
    await page.waitForFunction(() => 'usableAt' in globalThis)
    const [paint, ready] = await page.evaluate(() => [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, Reflect.get(globalThis, 'usableAt')])
    first.push(paint)
    usable.push(ready)
    bytes = (await Promise.all(scripts)).reduce((sum, n) => sum + n, 0)
    await context.close()
  }
  say(`first content p50 ${at(first, 0.5).toFixed(0)} ms, worst ${at(first, 1).toFixed(0)} ms (500); usable p50 ${at(usable, 0.5).toFixed(0)} ms, worst ${at(usable, 1).toFixed(0)} ms (1000); JS ${(bytes / 1024).toFixed(1)} KB gzip (150)`)
}

/** Times from a key to the frame after the first change inside `place`, once `sign` is to be found. @param {import('playwright-core').Page} page @param {string} wanted @param {string} place @param {string} sign */
async function timeFrom(page, wanted, place, sign) {
  await page.addInitScript(([key, where, isThere]) => { // before the page's own ears, which keep a scan to themselves
    const times = /** @type {number[]} */ ([])
    let from = 0
    Object.assign(globalThis, { times })
    addEventListener('keydown', event => { if (event.key === key) from = performance.now() }, { capture: true })
    new MutationObserver(changes => {
      if (from === 0 || !changes.some(c => (c.target instanceof Element ? c.target : c.target.parentElement)?.closest(where)) || !document.querySelector(isThere)) return
      const began = from
      from = 0
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - began)))
    }).observe(document, { childList: true, subtree: true, characterData: true })
  }, [wanted, place, sign])
}
/** @param {import('playwright-core').Page} page @param {number} n */
const untilTimed = (page, n) => page.waitForFunction(count => Reflect.get(globalThis, 'times').length >= count, n)
/** @param {import('playwright-core').Page} page */
const timesOf = async page => /** @type {number[]} */ (await page.evaluate(() => Reflect.get(globalThis, 'times')))

/** From the Enter of the scanner to the frame that shows the unit, through the station: scanner, door, commit on the disk, change, page. @param {Browser} browser */
async function scans(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-ui-'))
  try {
    await using station = await openHost(folder)
    const context = await browser.newContext({ viewport: SIZE, locale: 'en-GB' })
    const page = await context.newPage()
    await timeFrom(page, 'Enter', '.now', '.now-scan')
    await page.goto(station.url)
    await page.locator('.console').waitFor()
    for (let i = 0; i < SCANS; i += 1) {
      await scan(page, `W-${10_000 + i}`)
      await untilTimed(page, i + 1)
    }
    const times = await timesOf(page)
    say(`scan to banner, ${SCANS} scans through a station: p50 ${at(times, 0.5).toFixed(0)} ms, p95 ${at(times, 0.95).toFixed(0)} ms (50)`)
    await context.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From F3 to the frame that shows the newest of a million units, and from the tab to the newest facts. @param {Browser} browser @param {string} from */
async function history(browser, from) {
  const name = readdirSync(from).find(n => /^ledger-\d{6,}-/.test(n) && existsSync(join(from, n, 'training', 'ledger.db')))
  if (name === undefined) throw new Error(`no large ledger in ${from}`)
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-ui-'))
  try {
    cpSync(join(from, name), folder, { recursive: true }) // a station writes; the ledger of the other bench stays as it is
    await using station = await openHost(folder)
    const context = await browser.newContext({ viewport: SIZE, locale: 'en-GB' })
    const page = await context.newPage()
    await timeFrom(page, 'F3', '.table-frame', '.table-frame tbody .link')
    await page.goto(station.url)
    await page.locator('.console').waitFor()
    for (let i = 0; i < VISITS; i += 1) {
      await page.keyboard.press('F3')
      await untilTimed(page, i + 1)
      await page.keyboard.press('Escape')
      await page.locator('.lanes').waitFor()
    }
    const times = await timesOf(page)
    say(`history of ${name.split('-')[1]} units from the page, ${VISITS} openings: first ${times[0]?.toFixed(0)} ms, p50 ${at(times, 0.5).toFixed(0)} ms, p95 ${at(times, 0.95).toFixed(0)} ms, worst ${at(times, 1).toFixed(0)} ms (100)`)
    await context.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {Browser} browser @param {number} seconds */
async function lanes(browser, seconds) {
  await using door = await FakeDoor.start()
  const units = Array.from({ length: LANES }, (_, i) => unitOf(1000 + i, { lane: i + 1, stage: 'proving', prompt: 'wait' }))
  door.showBench({ ...BENCH.busy, lanes: LANES, units, verdict: null })
  const { page, close } = await openPage(browser, door, { page: 'index', ...SIZE })
  await page.getByText('P250').waitFor()
  const client = await page.context().newCDPSession(page)
  const heap = async () => {
    await client.send('HeapProfiler.collectGarbage')
    return (await client.send('Runtime.getHeapUsage')).usedSize / 2 ** 20
  }
  await page.evaluate(() => {
    const seen = { frames: 0, slow: 0, longest: 0, tasks: 0, shifts: 0 }
    Object.assign(globalThis, { seen })
    new PerformanceObserver(list => { for (const { duration } of list.getEntries()) { seen.tasks += 1; seen.longest = Math.max(seen.longest, duration) } }).observe({ type: 'longtask' })
    new PerformanceObserver(list => { for (const entry of list.getEntries()) seen.shifts += Reflect.get(entry, 'value') }).observe({ type: 'layout-shift' })
    let last = performance.now()
    const frame = (/** @type {number} */ now) => {
      seen.frames += 1
      if (now - last > 34) seen.slow += 1
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  /** @type {[seconds: number, mebibytes: number][]} */ const heaps = []
  const began = performance.now()
  let version = door.bench.version
  let n = 0
  while (performance.now() - began < seconds * 1000) {
    const due = Math.floor((performance.now() - began) / TICK_MS) * CHANGES_A_TICK
    for (; n < due; n += 1) {
      const i = (n * 7919) % LANES
      const unit = { ...units[i], stage: n % 2 === 0 ? 'asked' : 'proving', stageAt: BENCH.busy.clock.now - n % 90 * 1000, prompt: n % 11 === 0 ? 'press-reset' : 'wait' }
      version += 1
      door.tell('bench.changed', { version, clock: BENCH.busy.clock, units: [unit] })
    }
    const now = performance.now() - began
    if (now > WARM_MS + heaps.length * HEAP_MS) heaps.push([now / 1000, await heap()])
    await wait(TICK_MS)
  }
  const took = (performance.now() - began) / 1000
  const seen = /** @type {{ frames: number, slow: number, longest: number, tasks: number, shifts: number }} */ (await page.evaluate(() => Reflect.get(globalThis, 'seen')))
  heaps.push([took, await heap()])
  say(`${LANES} lanes, ${(n / took).toFixed(0)} changes a second for ${took.toFixed(0)} s: ${(seen.frames / took).toFixed(1)} frames a second (60), ${seen.slow} slow, ${seen.tasks} long tasks, longest ${seen.longest.toFixed(0)} ms (50), layout shift ${seen.shifts.toFixed(3)}; heap ${heaps[0]?.[1].toFixed(1)} to ${heaps.at(-1)?.[1].toFixed(1)} MiB, ${(60 * slopeOf(heaps)).toFixed(2)} MiB a minute`)
  await close()
}

/** Least squares. @param {readonly (readonly [number, number])[]} points */
function slopeOf(points) {
  const [mx, my] = [0, 1].map(i => points.reduce((sum, p) => sum + p[i], 0) / points.length)
  return points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)
}
