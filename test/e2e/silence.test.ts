/** A unit that is not listed: the two kinds of silence as its lane says them, and the panel that says why. */
import { describe, expect, test } from 'vitest'
import type { BenchView, UnitView, WhyCheck, WhyView } from '#shared'
import { CHROMIUM, overflow, SIZES, TABLET } from '../helpers/browser.ts'
import { BENCH, NOW, unitOf } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'

const WAITING = { job: null, stage: null, stageAt: null, prompt: 'wait', readiness: null } as const satisfies Partial<UnitView>
const NEVER = unitOf(1, { ...WAITING, lane: 1, heardAt: null, metAt: NOW - 90_000, pips: { link: 'on', lease: 'on', announcement: 'off', cloud: 'off' } })
const GONE = unitOf(2, { ...WAITING, lane: 2, heardAt: NOW - 61_000, metAt: NOW - 600_000, pips: { link: 'on', lease: 'on', announcement: 'gone', cloud: 'off' } })
const HEARD = unitOf(3, { ...WAITING, lane: 3, heardAt: NOW - 30_000, metAt: NOW - 600_000 })
const SILENT: BenchView = { ...BENCH.busy, units: [NEVER, GONE, HEARD] }

const check = (name: WhyCheck['name'], state: WhyCheck['state'], more: Partial<WhyCheck> = {}): WhyCheck => ({ name, state, fault: null, seen: {}, ...more })
const WHY: WhyView = {
  mac: '68:57:2d:00:00:01', ip: '10.77.0.21', lane: 1, unit: NEVER.uid, name: NEVER.name,
  checks: [
    check('heard', 'bad', { fault: { code: 'unit.never-heard', context: { asked: 14 } } }), check('malformed', 'unknown'), check('model', 'unknown', { seen: { asked: 14, muted: 0 } }), check('internet', 'unknown'),
    check('link', 'ok', { seen: { cards: '68:57:2d:00:00:01' } }), check('card', 'ok'), check('foreign', 'ok'), check('lease', 'ok', { seen: { ip: '10.77.0.21' } }), check('port', 'ok', { seen: { ports: '6666, 6667, 7000' } }), check('wanted', 'ok')
  ]
}

describe.skipIf(CHROMIUM === null)(`a unit that is not listed${NO_BROWSER}`, () => {
  const { door, open, shot } = useScreens()

  test.each([['', 'Has never announced itself, for', 'Unheard for'], ['?lang=zh', '从未自报，已等', '未收到信号']])('its lane says which silence it is, and since when%s', async (search, never, unheard) => {
    door().showBench(SILENT)
    const page = await open({ search })
    const tile = (lane: string) => page.locator('.tile', { hasText: lane })
    await tile('P01').getByText(never).waitFor()
    await tile('P02').getByText(unheard).waitFor()
    expect(await tile('P01').locator('.tile-unheard').innerText()).toMatch(/1(m|分钟) 3\d(s|秒)/)
    expect(await tile('P02').locator('.tile-unheard').innerText()).toMatch(/1(m|分钟) \d(s|秒)/)
    expect(await tile('P03').locator('.tile-unheard').count()).toBe(0)
    expect(await page.locator('.tile.tile-stale').count()).toBe(2)
  })

  test('a lane falls silent 45 seconds after its last word, and not before', async () => {
    door().showBench({ ...SILENT, units: [HEARD] })
    const page = await open()
    await page.locator('.tile', { hasText: 'P03' }).waitFor()
    door().showBench({ ...SILENT, units: [HEARD], clock: { now: NOW + 10_000, rate: 1 } })
    expect(await page.locator('.tile-unheard').count()).toBe(0)
    door().showBench({ ...SILENT, units: [HEARD], clock: { now: NOW + 16_000, rate: 1 } })
    await page.locator('.tile', { hasText: 'P03' }).getByText('Unheard for').waitFor()
  })

  test.each([...SIZES, TABLET])('at $width x $height the question is asked on the tile, and the likeliest cause stands on top with what to do', async size => {
    door().canned = { 'unit.why': WHY }
    for (const search of ['', '?lang=zh']) {
      door().showBench(SILENT)
      const page = await open({ ...size, search })
      await shot(page, `silence-${size.width}x${size.height}${search === '' ? '' : '-zh'}`)
      await page.locator('.tile', { hasText: 'P01' }).locator('.tile-unheard button').click({ timeout: 5000 }) // the tile itself is a button too, and lies below
      const panel = page.locator('.why')
      await panel.locator('.why-checks li').first().waitFor()
      expect(door().asked.findLast(a => a.name === 'unit.why')?.params).toEqual({ lane: 1 })
      expect(await panel.locator('.why-checks li').evaluateAll(rows => rows.map(row => row.className))).toEqual(WHY.checks.map(c => `why-${c.state}`))
      expect(await panel.locator('.why-checks li').first().innerText()).toContain(search === '' ? 'Heard on this card' : '在此网卡上收到')
      expect(await overflow(page)).toEqual([])
      await shot(page, `why-${size.width}x${size.height}${search === '' ? '' : '-zh'}`)
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
    }
  })
})
