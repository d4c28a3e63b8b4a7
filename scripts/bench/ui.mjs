/**
 * The console in headless Chromium before a door with canned views: `npm run bench -- ui [seconds=60] [file of a ledger]`.
 * Bounds of the issue: first content 0.5 s, usable 1.0 s, JS 150 KB gzip, 250 lanes with 500 changes a second without a task
 * over 50 ms at 60 frames with a flat heap, scan to banner 50 ms p95.
 */
import { gzipSync } from 'node:zlib'
import { setTimeout as wait } from 'node:timers/promises'
import { CHROMIUM, launch, openPage, scan } from '../../test/helpers/browser.ts'
import { FakeDoor } from '../../test/helpers/fake-door.ts'
import { BENCH, unitOf } from '../../test/helpers/fixtures.ts'

const OPENINGS = 9
const SCANS = 40
const LANES = 250
const TICK_MS = 20
const CHANGES_A_TICK = 10
/** What a page keeps for good it has by then. */
const WARM_MS = 8000
const SIZE = { width: 1920, height: 1080 }

/** @param {readonly number[]} figures @param {number} q */
const at = (figures, q) => figures.toSorted((a, b) => a - b)[Math.min(figures.length - 1, Math.floor(figures.length * q))] ?? 0
/** @param {string} text */
const say = text => process.stdout.write(`${text}\n`)

/** @param {readonly string[]} words */
export async function main([seconds = '60']) {
  if (CHROMIUM === null) throw new Error('no Chromium on this machine')
  const browser = await launch('--enable-precise-memory-info')
  try {
    await openings(browser)
    await scans(browser)
    await lanes(browser, Number(seconds))
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

/** From the Enter of the scanner to the frame that shows the unit. @param {Browser} browser */
async function scans(browser) {
  await using door = await FakeDoor.start()
  door.showBench(BENCH.busy)
  const { page, close } = await openPage(browser, door, { page: 'index', ...SIZE })
  await page.addInitScript(() => { // before the page's own ears, which keep a scan to themselves
    const times = /** @type {number[]} */ ([])
    let from = 0
    Object.assign(globalThis, { times })
    addEventListener('keydown', event => { if (event.key === 'Enter') from = performance.now() }, { capture: true })
    new MutationObserver(changes => {
      if (from === 0 || !changes.some(c => (c.target instanceof Element ? c.target : c.target.parentElement)?.closest('.now'))) return
      const began = from
      from = 0
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - began)))
    }).observe(document, { childList: true, subtree: true, characterData: true })
  })
  await page.reload()
  await page.locator('.console').waitFor()
  let number = 3000
  door.onScan = text => {
    const unit = unitOf(number += 1, { name: text, stage: null, job: null })
    door.showBench({ ...BENCH.busy, scan: { text, at: BENCH.busy.clock.now + 1000, fault: null, heard: 'unit', note: 'new', unit } })
  }
  for (let i = 0; i < SCANS; i += 1) {
    await scan(page, `W-${10_000 + i}`)
    await page.waitForFunction(n => Reflect.get(globalThis, 'times').length > n, i)
  }
  const times = /** @type {number[]} */ (await page.evaluate(() => Reflect.get(globalThis, 'times')))
  say(`scan to banner, ${SCANS} scans: p50 ${at(times, 0.5).toFixed(0)} ms, p95 ${at(times, 0.95).toFixed(0)} ms (50)`)
  await close()
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
    const seen = { frames: 0, slow: 0, longest: 0, tasks: 0 }
    Object.assign(globalThis, { seen })
    new PerformanceObserver(list => { for (const { duration } of list.getEntries()) { seen.tasks += 1; seen.longest = Math.max(seen.longest, duration) } }).observe({ type: 'longtask' })
    let last = performance.now()
    const frame = (/** @type {number} */ now) => {
      seen.frames += 1
      if (now - last > 34) seen.slow += 1
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  let before = 0
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
    if (before === 0 && performance.now() - began > WARM_MS) before = await heap()
    await wait(TICK_MS)
  }
  const took = (performance.now() - began) / 1000
  const seen = /** @type {{ frames: number, slow: number, longest: number, tasks: number }} */ (await page.evaluate(() => Reflect.get(globalThis, 'seen')))
  const after = await heap()
  say(`${LANES} lanes, ${(n / took).toFixed(0)} changes a second for ${took.toFixed(0)} s: ${(seen.frames / took).toFixed(1)} frames a second (60), ${seen.slow} slow, ${seen.tasks} long tasks, longest ${seen.longest.toFixed(0)} ms (50); heap ${before.toFixed(1)} to ${after.toFixed(1)} MiB`)
  await close()
}
