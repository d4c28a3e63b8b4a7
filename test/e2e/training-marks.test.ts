/**
 * Training can never be mistaken for the real bench: the yellow frame and the word are on every page and state there is, and on
 * everything that leaves the station as paper, label or file. The list of pages is that of the pictures: a new page is in it.
 */
import { describe, expect, test } from 'vitest'
import type { BenchView } from '#shared'
import { layLabel } from '../../src/main/wire/label-face.ts'
import { CHROMIUM, frameOf, YELLOW_FRAME } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SHOTS } from '../helpers/shots.ts'

/** The same view, as training has it. */
function inTraining(door: FakeDoor): void {
  const bench: BenchView = { ...door.bench, mode: 'training' }
  door.showBench(bench)
  door.showDisplay({ ...door.display, mode: 'training' })
}

describe.skipIf(CHROMIUM === null)(`the marks of training on screens${NO_BROWSER}`, () => {
  const { door, open } = useScreens()

  test.each(SHOTS.filter(s => s.scheme === undefined))('$name has the yellow frame round all of the window and the word in both languages', async shot => {
    shot.set(door())
    inTraining(door())
    const page = await open({ page: shot.page, ...shot.search === undefined ? {} : { search: shot.search } })
    await shot.act?.(page)
    expect(await frameOf(page)).toMatch(YELLOW_FRAME)
    expect(await page.locator('.training').evaluate(e => [e.getBoundingClientRect().width === innerWidth, e.getBoundingClientRect().height === innerHeight, getComputedStyle(e).position, Number(getComputedStyle(e).zIndex) > 4])).toEqual([true, true, 'fixed', true])
    const word = page.getByText('TRAINING').filter({ visible: true }).first()
    expect(await word.textContent()).toMatch(/TRAINING.*训练|训练.*TRAINING/)
  })

  test('and a live station shows neither, on any page, and has no page of training', async () => {
    for (const shot of SHOTS.filter(s => ['console-busy', 'supervisor-units', 'settings-wi-fi', 'board-zh', 'display-none'].includes(s.name))) {
      shot.set(door())
      const page = await open({ page: shot.page, ...shot.search === undefined ? {} : { search: shot.search } })
      await shot.act?.(page)
      expect([shot.name, await page.locator('.training, .training-word').count(), await page.getByRole('button', { name: 'Training', exact: true }).count()]).toEqual([shot.name, 0, 0])
    }
  })
})

test('every face of a label has room for the word, whatever its size', () => {
  for (const size of [{ widthMm: 38, heightMm: 25, dpi: 203 }, { widthMm: 62, heightMm: 29, dpi: 300 }, { widthMm: 102, heightMm: 76, dpi: 203 }]) {
    const face = JSON.stringify(layLabel({ kind: 'release', verdict: 'RELEASED A', lines: ['RB-0001', 'Gateway G3', '2026-01-05 R1 7'], code: 'LB:T8WDK9FT9F', band: 'TRAINING' }, size))
    expect(face, `${size.widthMm} x ${size.heightMm}`).toContain('TRAINING')
  }
})
