/** The four pictures of the README: the real pages of the built station in training, after some of its shift. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const SIZE = { width: 1440, height: 810 }
const PATIENCE_MS = 120_000
const MAIN = resolve(import.meta.dirname, '..', process.env['UNBINDERY_OUT'] ?? 'out', 'main/headless.js')

/** @param {import('playwright-core').Browser} browser @param {string} dir */
export async function readmePictures(browser, dir) {
  mkdirSync(dir, { recursive: true })
  const data = mkdtempSync(join(tmpdir(), 'unbindery-pictures-'))
  const station = spawn(process.execPath, [MAIN, '--data', data, '--seed', '7'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const said = await addresses(station)
    const [bench, wall] = await Promise.all([said.open, said.display].map(async url => {
      const page = await browser.newPage({ viewport: SIZE, locale: 'en-GB', colorScheme: 'light' })
      page.setDefaultTimeout(PATIENCE_MS)
      await page.goto(url)
      return page
    }))
    const shoot = (/** @type {import('playwright-core').Page} */ page, /** @type {string} */ name) => page.screenshot({ path: join(dir, `${name}.png`) })
    const pace = async (/** @type {1 | 20} */ rate) => {
      await bench.locator('.pace').click()
      await bench.locator('.pace', { hasText: `×${rate}` }).waitFor() // the station says it
    }
    await pace(20)
    await bench.locator('.tile:not(.tile-empty)').nth(2).waitFor() // before the wave, which comes once
    await bench.locator('.tile-proven').first().waitFor()
    await pace(1)
    await bench.waitForTimeout(1000)
    await shoot(bench, 'console')
    await bench.locator('.tile-proven .tile-name').first().click()
    await bench.locator('.unit-papers').waitFor()
    await bench.waitForTimeout(500)
    await shoot(bench, 'unit')
    await bench.keyboard.press('Escape')
    await pace(20)
    await bench.locator('.wave-state-showing').waitFor()
    await pace(1)
    await wall.waitForFunction(() => {
      const place = document.querySelector('.wall[data-showing="true"]')
      return place !== null && getComputedStyle(place).backgroundColor === 'rgb(255, 255, 255)' // the brightest of its pictures in turn
    })
    await shoot(wall, 'display')
    await pace(20)
    await bench.locator('.wave-state-closed, .wave-state-settling').first().waitFor()
    await pace(1)
    await bench.keyboard.press('F9')
    await bench.locator('.plot').first().waitFor()
    await bench.waitForTimeout(1500)
    await shoot(bench, 'quota')
  } finally {
    station.kill('SIGTERM')
    await new Promise(done => { station.once('exit', done) })
    rmSync(data, { recursive: true, force: true })
  }
}

/** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} station @returns {Promise<{ open: string, display: string }>} */
function addresses(station) {
  const { promise, resolve: done, reject } = Promise.withResolvers()
  let said = ''
  station.stdout.on('data', chunk => {
    said += String(chunk)
    const [open, display] = [/OPEN\s+(\S+)/, /DISPLAY\s+(\S+)/].map(form => form.exec(said)?.[1])
    if (open !== undefined && display !== undefined) done({ open, display })
  })
  station.once('exit', () => reject(new Error('the station did not start')))
  return promise
}
