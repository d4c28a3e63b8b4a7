/**
 * Screenshots of every page and state, from the built pages and canned views: `npm run screens [-- NAME ...]` into ./screens, or
 * `-- --into DIR`, with an `index.html` to look at them side by side. `--size 1280x720` makes only this size, also one of your own such as
 * 1280x2400 for what is below the fold; `--zh` and `--dark` the other language and theme; `--percent 200` magnifies; `--long` has words
 * as long as German makes them; `--print` what the browser prints, as PDF. `--readme` makes the four of the README instead, of a training shift of the built station.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CHROMIUM, launch, lengthen, openPage, SIZES, TABLET, UPRIGHT } from '../test/helpers/browser.ts'
import { FakeDoor } from '../test/helpers/fake-door.ts'
import { PRINTED, SHOTS } from '../test/helpers/shots.ts'
import { readmePictures } from './readme-pictures.mjs'

if (CHROMIUM === null) {
  console.error('No Chromium on this machine (looked for chromium, chromium-browser, google-chrome).')
  process.exit(1)
}

const flag = /** @type {const} */ ({ type: 'boolean', default: false })
const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { into: { type: 'string', default: resolve(import.meta.dirname, '../screens') }, readme: flag, size: { type: 'string', multiple: true }, zh: flag, dark: flag, long: flag, print: flag, percent: { type: 'string', default: '100' } } })
const percent = Number(values.percent)
const touched = [TABLET, UPRIGHT]
const all = (values.size ?? [...SIZES, ...touched].map(s => `${s.width}x${s.height}`)).map(text => ({ width: Number.parseInt(text), height: Number(text.split('x')[1]) }))
const isTouched = (/** @type {{ width: number, height: number }} */ s) => touched.some(t => t.width === s.width && t.height === s.height)
const kinds = [{ hasTouch: false, sizes: all.filter(s => !isTouched(s)) }, { hasTouch: true, sizes: all.filter(isTouched) }].filter(kind => kind.sizes.length > 0)
const mark = [percent === 100 ? '' : `-${percent}`, values.zh ? '-zh' : '', values.dark ? '-dark' : '', values.long ? '-long' : ''].join('')
const isOther = values.zh || values.dark
const isWanted = (/** @type {import('../test/helpers/shots.ts').Shot} */ shot) => (wanted.length === 0 || wanted.some(name => shot.name.includes(name))) && !(isOther && (shot.scheme ?? shot.search?.includes('lang')))

const browser = await launch()
try {
  if (values.readme) await readmePictures(browser, resolve(import.meta.dirname, '../docs'))
  else if (values.print) await allPrints(values.into)
  else await allPictures(values.into)
} finally {
  await browser.close()
}

/** @param {string} dir */
async function allPictures(dir) {
  mkdirSync(dir, { recursive: true })
  for (const shot of SHOTS.filter(isWanted)) {
    for (const { hasTouch, sizes } of kinds) {
      const zoomed = sizes.map(s => ({ name: `${s.width}x${s.height}`, width: Math.round(s.width * 100 / percent), height: Math.round(s.height * 100 / percent) }))
      await inPage(shot, { hasTouch, ...zoomed[0] }, async page => {
        for (const { name, ...size } of zoomed) {
          await page.setViewportSize(size)
          await page.waitForTimeout(250) // the answer to the last act, and a picture of the new size
          await page.screenshot({ path: resolve(dir, `${shot.name}${mark}-${name}.png`) })
        }
      })
    }
    console.log(shot.name)
  }
  const names = readdirSync(dir).filter(name => name.endsWith('.png')).toSorted()
  writeFileSync(resolve(dir, 'index.html'), `<!doctype html><meta charset="utf-8"><title>Screens</title>${names.map(name => `<a href="${name}"><img src="${name}" alt="${name}" title="${name}" width="620" loading="lazy"></a>`).join('\n')}`)
}

/** @param {string} dir */
async function allPrints(dir) {
  mkdirSync(dir, { recursive: true })
  for (const shot of PRINTED.filter(isWanted)) {
    await inPage(shot, { hasTouch: false, ...SIZES[0] }, async page => { await page.pdf({ path: resolve(dir, `${shot.name}${mark}.pdf`), format: 'A4' }) })
  }
}

/**
 * A page in its state; what the browser complained of is told.
 * @param {import('../test/helpers/shots.ts').Shot} shot @param {Readonly<{ hasTouch: boolean, width: number, height: number }>} how
 * @param {(page: import('playwright-core').Page) => Promise<void>} look
 */
async function inPage(shot, how, look) {
  await using door = await FakeDoor.start()
  shot.set(door)
  const search = values.zh && shot.page === 'display' ? { search: `${shot.search ?? '?'}&lang=zh` } : {}
  const { page, complaints, close } = await openPage(browser, door, { ...shot, ...how, ...search, ...values.dark ? { scheme: 'dark' } : {} })
  await shot.act?.(page)
  if (values.zh && shot.page === 'index') await page.locator('.header button', { hasText: '中文' }).click()
  if (values.long) await lengthen(page)
  await page.waitForLoadState('networkidle') // a page that comes when it is asked for
  await look(page)
  await close()
  for (const complaint of complaints) console.error(`${shot.name} ${how.width}x${how.height}: ${complaint}`)
}
