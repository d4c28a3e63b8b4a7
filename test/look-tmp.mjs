import { launch, openPage, SHOTS, SIZES, TABLET, overflow } from './helpers/browser.ts'
import { FakeDoor } from './helpers/fake-door.ts'
const names = process.argv.slice(2)
const browser = await launch()
for (const shot of SHOTS.filter(s => names.includes(s.name))) for (const size of [...SIZES, TABLET]) {
  const door = await FakeDoor.start(); shot.set(door)
  const o = await openPage(browser, door, { page: shot.page, ...size, ...(shot.search ? {search: shot.search} : {}), ...(shot.scheme ? {scheme: shot.scheme}:{}) })
  await shot.act?.(o.page); await o.page.waitForTimeout(400)
  await o.page.screenshot({ path: `/tmp/looks/${shot.name}-${size.width}x${size.height}.png` })
  const f = await overflow(o.page); if (f.length || o.complaints.length) console.log(shot.name, size.width, f, o.complaints)
  await o.close(); await door[Symbol.asyncDispose]()
}
await browser.close()
