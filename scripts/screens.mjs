/**
 * Screenshots of every page and state, from the built pages and canned views: `npm run screens [-- NAME ...]` into ./screens, or
 * `-- --into DIR`; `-- --size 1280x720` makes one size. `-- --readme` makes the four of the README instead, of a training shift of the built station.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CHROMIUM, launch, openPage, SHOTS, SIZES, TABLET, UPRIGHT } from '../test/helpers/browser.ts'
import { FakeDoor } from '../test/helpers/fake-door.ts'
import { readmePictures } from './readme-pictures.mjs'

if (CHROMIUM === null) {
  console.error('No Chromium on this machine (looked for chromium, chromium-browser, google-chrome).')
  process.exit(1)
}

const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { into: { type: 'string', default: resolve(import.meta.dirname, '../screens') }, readme: { type: 'boolean', default: false }, size: { type: 'string' } } })
const sizes = [...SIZES.map(size => ({ ...size, hasTouch: false })), { ...TABLET, hasTouch: true }, { ...UPRIGHT, hasTouch: true }].filter(s => values.size === undefined || values.size === `${s.width}x${s.height}`)
const browser = await launch()
try {
  if (values.readme) await readmePictures(browser, resolve(import.meta.dirname, '../docs'))
  else await allPictures(values.into)
} finally {
  await browser.close()
}

/** @param {string} dir */
async function allPictures(dir) {
  mkdirSync(dir, { recursive: true })
  for (const shot of SHOTS.filter(s => wanted.length === 0 || wanted.some(name => s.name.includes(name)))) {
    for (const size of sizes) {
      await using door = await FakeDoor.start()
      shot.set(door)
      const { page, complaints, close } = await openPage(browser, door, { ...shot, ...size })
      await shot.act?.(page)
      await page.waitForLoadState('networkidle') // a page that comes when it is asked for
      await page.waitForTimeout(250) // the answer to the last act
      await page.screenshot({ path: resolve(dir, `${shot.name}-${size.width}x${size.height}.png`) })
      await close()
      for (const complaint of complaints) console.error(`${shot.name} ${size.width}x${size.height}: ${complaint}`)
    }
    console.log(shot.name)
  }
}
