/** The rack display in a real browser: when there is nothing to read, and what people read then. */
import { resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { decode, SIZES } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH, CODE_TEXT, displayOf, NOW, WAVE } from '../helpers/fixtures.ts'
import { SHOTS_DIR } from '../helpers/screens.ts'
import { MISSING, showing, useWall, WITHOUT } from '../helpers/wall.ts'
import { decodeZxing } from '../helpers/zxing.ts'

const HD = SIZES[1]

describe.skipIf(MISSING.length > 0)(`the wall, with nothing to read${WITHOUT}`, () => {
  const { wall, still, open, shot, read, door: doorOf } = useWall()
  let door: FakeDoor
  beforeEach(() => { door = doorOf() })

  describe('the rack display', { timeout: 60_000 }, () => {
    const ENDS = [
      ['no wave', { wave: null, code: null }, 'No wave'],
      ['a full wave', { wave: { ...WAVE, state: 'settling', stopReason: 'full' }, code: null }, 'STOP – FULL'],
      ['a wave nobody joined', { wave: { ...WAVE, state: 'settling', stopReason: 'no-join' }, code: null }, 'WI-FI?'],
      ['an uninvited camera', { wave: { ...WAVE, state: 'settling', stopReason: 'uninvited' }, code: null }, 'NOT INVITED'],
      ['a cloud that is away', { wave: { ...WAVE, state: 'settling', stopReason: 'cloud' }, code: null }, 'NO CLOUD'],
      ['a stopped wave', { wave: { ...WAVE, state: 'settling', stopReason: 'operator' }, code: null }, 'STOPPED'],
      ['an expired code that is still told', { wave: { ...WAVE, expiresAt: NOW - 1 }, code: CODE_TEXT }, 'EXPIRED'],
      ['a code whose wave is over', { wave: { ...WAVE, state: 'closed' }, code: CODE_TEXT }, 'Results are coming in']
    ] as const
    test.each(ENDS)('with %s there is nothing to scan, and words say why', async (_, change, words) => {
      door.showDisplay(displayOf(change))
      const page = await wall()
      await read(page, words)
      await shot(page, 'display-nothing')
      expect(await decode(resolve(SHOTS_DIR, 'display-nothing.png'))).toEqual([])
      expect(await decodeZxing(resolve(SHOTS_DIR, 'display-nothing.png'))).toEqual([])
    })

    test('a station that is silent for five seconds takes its code with it', async () => {
      door.showDisplay(displayOf())
      const page = await still()
      await showing(page, true)
      const asked = door.asked.length
      await page.clock.runFor(2000)
      await expect.poll(() => door.asked.length).toBeGreaterThan(asked) // and answered at once: the last word of the station
      door.isSilent = true
      await page.clock.runFor(2500)
      await showing(page, true)
      await page.clock.runFor(5500)
      await showing(page, false)
      await read(page, 'The station is silent')
      await shot(page, 'display-silent')
      expect(await decode(resolve(SHOTS_DIR, 'display-silent.png'))).toEqual([])
      expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain('EUAb')
    })

    test('a code goes at its hour although nobody says so', async () => {
      door.showDisplay(displayOf({ wave: { ...WAVE, expiresAt: NOW + 2500 } }))
      const page = await still()
      await showing(page, true)
      door.isSilent = true // else every answer would say once more that it is nine o'clock and forty-one
      await page.clock.runFor(2700)
      await read(page, 'EXPIRED')
      await showing(page, false)
    })

    test('the big board says it in letters that are read from five metres, without a code', async () => {
      for (const [state, texts] of [['wave', ['38', '36', '93%', '61', 'Quota left', 'TRAINING · 训练']], ['refused', ['The cloud cannot be reached', '4', '44%']]] as const) {
        door.showBench(BENCH[state])
        const page = await open({ page: 'display', search: '?board' })
        for (const text of texts) await page.getByText(text).first().waitFor()
        const smallest = await page.evaluate(() => Math.min(...[...document.querySelectorAll('.board *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent?.trim() !== '')).map(e => Number.parseFloat(getComputedStyle(e).fontSize))))
        expect(smallest / HD.height).toBeGreaterThan(0.066) // 25 mm capitals of a 43 inch panel
        expect(await page.evaluate(() => [...document.querySelectorAll('.board-tile, .board-line')].filter(e => e.scrollWidth > e.clientWidth + 2).length)).toBe(0)
        await shot(page, `board-${state}`)
        expect(await decode(resolve(SHOTS_DIR, `board-${state}.png`))).toEqual([])
      }
    })

    test('a long Wi-Fi name is told where it can be seen', async () => {
      door.showDisplay(displayOf({ code: `${CODE_TEXT}${'x'.repeat(20)}` }))
      await read(await wall(), 'Code version 5: shorten the Wi-Fi name and password')
    })
  })
})
