/** The rack display in a real browser: what cameras read, whichever state it is in. */
import { resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { decode, decodeBytes, launch, SIZES } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { CODE_TEXT, displayOf, POLICY } from '../helpers/fixtures.ts'
import { SHOTS_DIR } from '../helpers/screens.ts'
import { MISSING, showing, stepOf, useWall, WITHOUT } from '../helpers/wall.ts'
import { decodeZxing } from '../helpers/zxing.ts'
import { decodePairing, encodePairing } from '../../src/main/wire/pairing.ts'

const UPRIGHT = { width: 1080, height: 1920 }

describe.skipIf(MISSING.length > 0)(`the wall${WITHOUT}`, () => {
  const { still, read, door: doorOf } = useWall()
  let door: FakeDoor
  beforeEach(() => { door = doorOf() })

  describe('the rack display', { timeout: 60_000 }, () => {
    test.each([[SIZES[0], 'training', false], [SIZES[1], 'live', false], [SIZES[2], 'training', true], [UPRIGHT, 'live', false], [UPRIGHT, 'training', true]] as const)('at %o in %s decoders read exactly the payload in every state; with tiles: %s', async (size, mode, tiles) => {
      door.showDisplay(displayOf({ mode, policy: { ...POLICY, tiles } }))
      const count = tiles ? 7 : 6
      const page = await still(size)
      await showing(page, true)
      const seen = new Set<string>()
      const whites = new Set<string>()
      for (let i = 0; i < 14 && seen.size < count; i++) {
        const at = await stepOf(page) ?? ''
        if (!seen.has(at)) {
          const path = resolve(SHOTS_DIR, `display-${size.width}-${at}.png`)
          await page.screenshot({ path })
          expect(await decode(path), `state ${at}`).toEqual([CODE_TEXT])
          expect(await decodeZxing(path), `state ${at}, ZXing`).toEqual([CODE_TEXT])
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
      expect((await decodeZxing(path)).map(decodePairing)).toEqual([{ ssid, password, token }])
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
  })
})
