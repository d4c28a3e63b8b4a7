/** The rack display on the largest panels there are: what is laid out for them is drawn and read, and nothing else. Long, because of the pictures. */
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decode } from '../helpers/browser.ts'
import { CODE_TEXT, displayOf, POLICY } from '../helpers/fixtures.ts'
import { SHOTS_DIR } from '../helpers/screens.ts'
import { MISSING, showing, stepOf, useWall, WITHOUT } from '../helpers/wall.ts'
import { decodeZxing } from '../helpers/zxing.ts'

describe.skipIf(MISSING.length > 0)(`the wall on an 8K panel${WITHOUT}`, () => {
  const { still, door } = useWall()

  test.each([[{ width: 7680, height: 4320 }, 'training'], [{ width: 4320, height: 7680 }, 'live']] as const)('of %o in %s zbar and ZXing read exactly the payload in every state, tiles too', { timeout: 240_000 }, async (size, mode) => {
    door().showDisplay(displayOf({ mode, policy: { ...POLICY, tiles: true } }))
    const page = await still(size)
    await showing(page, true)
    expect(await page.evaluate(() => [document.querySelector('canvas')?.width, document.querySelector('canvas')?.height])).toEqual([size.width, size.height])
    const seen = new Set<string>()
    for (let i = 0; i < 16 && seen.size < 7; i++) {
      const at = await stepOf(page) ?? ''
      if (!seen.has(at)) {
        const path = resolve(SHOTS_DIR, 'display-8k.png')
        await page.screenshot({ path, timeout: 60_000 })
        expect(await decode(path), `state ${at}`).toEqual([CODE_TEXT])
        expect(await decodeZxing(path), `state ${at}, ZXing`).toEqual([CODE_TEXT])
        seen.add(at)
      }
      await page.clock.runFor(1200)
      await page.waitForFunction(old => document.querySelector('.wall')?.getAttribute('data-step') !== old, at, { polling: 20 })
    }
    expect([...seen].toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  })
})
