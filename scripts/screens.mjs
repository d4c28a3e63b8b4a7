// Screenshots of every page and state into ./screens, from the built pages and canned views: `npm run screens [-- NAME ...]`.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { CHROMIUM, launch, openPage, SHOTS, SIZES } from '../test/helpers/browser.ts'
import { FakeDoor } from '../test/helpers/fake-door.ts'

if (CHROMIUM === null) {
  console.error('No Chromium on this machine (looked for chromium, chromium-browser, google-chrome).')
  process.exit(1)
}

const dir = resolve(import.meta.dirname, '../screens')
const wanted = process.argv.slice(2)
mkdirSync(dir, { recursive: true })
const browser = await launch()
try {
  for (const shot of SHOTS.filter(s => wanted.length === 0 || wanted.some(name => s.name.includes(name)))) {
    for (const size of SIZES) {
      await using door = await FakeDoor.start()
      shot.set(door)
      const { page, complaints, close } = await openPage(browser, door, { ...shot, ...size })
      await shot.act?.(page)
      await page.waitForTimeout(250) // the answer to the last act
      await page.screenshot({ path: resolve(dir, `${shot.name}-${size.width}.png`) })
      await close()
      for (const complaint of complaints) console.error(`${shot.name} ${size.width}: ${complaint}`)
    }
    console.log(shot.name)
  }
} finally {
  await browser.close()
}
