/** Training on the screens: exercises begun and handled by touch, the result in words, competence beside the badge, the demonstration on the big board. */
import { describe, expect, test } from 'vitest'
import { EXERCISES, FAULTS, type PersonView } from '#shared'
import { CHROMIUM, overflow, SIZES } from '../helpers/browser.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { TRAINED, TRAINING_BENCH } from '../helpers/training-fixtures.ts'

describe.skipIf(CHROMIUM === null)(`training on the screens${NO_BROWSER}`, () => {
  const { door, open, read } = useScreens()
  const asked = (name: string): unknown[] => door().asked.filter(a => a.name === name).map(a => a.params)

  test('an exercise is begun by touch; its boxes offer what hands can do now, on whatever page is open', async () => {
    door().canned = TRAINED.begin
    door().showBench(TRAINING_BENCH)
    const page = await open({})
    await page.getByRole('button', { name: 'Training', exact: true }).click()
    for (const name of EXERCISES) await page.getByText(`EX:${name.toUpperCase()}`, { exact: true }).waitFor()
    await page.getByRole('row', { name: /Foreign address server/ }).getByRole('button', { name: 'Begin' }).click()
    expect(asked('training.exercise')).toEqual([{ exercise: 'foreign-dhcp' }])
    door().canned = TRAINED.running
    await page.getByRole('button', { name: 'Bench', exact: true }).click()
    await read(page, 'Your turn: something is wrong.')
    expect(await page.locator('.exercise-box').allInnerTexts()).toEqual([expect.stringContaining('RB-0021'), expect.stringContaining('RB-0022'), expect.stringContaining('02:1e:ff:00:00:99')])
    expect(await page.getByRole('button', { name: 'Plug its cable in' }).count()).toBe(0) // they are in
    await page.locator('.exercise-box').nth(2).getByRole('button', { name: 'Pull its cable out' }).click()
    await page.getByRole('button', { name: 'Give it up' }).click()
    await expect.poll(() => [asked('training.hand'), asked('training.stop')]).toEqual([[{ hand: 'unplug', box: 3 }], [{}]])
  })

  test('the result says what happened, what was expected, what was done and one thing to do better, and closes', async () => {
    door().canned = TRAINED.running
    door().showBench(TRAINING_BENCH)
    const page = await open({})
    await read(page, 'Your turn: something is wrong.')
    door().canned = TRAINED.scored
    const { title, action } = FAULTS['cloud.unreachable']
    for (const text of ['62 of 100', title.en, action.en, 'Touch only what the fault names: everything else costs units or time.', '41 s of your own; a practised hand takes 30 s']) await read(page, text)
    expect((await page.locator('.score-did li').allInnerTexts()).map(text => text.trim())).toEqual(['Box 1: scanned, not needed after 6 s', 'Box 2: pulled the cable, wrong after 17 s', 'mended the line, right after 41 s'])
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('.score').waitFor({ state: 'detached' })
  })

  test.each(SIZES)('at $width x $height the page of training cuts nothing off', async size => {
    door().canned = TRAINED.passed
    door().showBench(TRAINING_BENCH)
    const page = await open(size)
    await page.getByRole('button', { name: 'Training', exact: true }).click()
    await read(page, 'Every exercise passed')
    expect(await overflow(page)).toEqual([])
    expect(await page.locator('.second-training .table-frame').evaluate(e => e.scrollWidth <= e.clientWidth)).toBe(true)
  })

  test('the live people page shows who is trained, on record or not', async () => {
    const person = (badge: string, n: number, change: Partial<PersonView> = {}): PersonView => ({
      badge, name: badge, role: 'operator', language: null, hasPin: false, lockedUntil: null, isGiven: false, competence: EXERCISES.slice(0, n).map(course => ({ course, score: 90, at: NOW })), ...change
    })
    door().canned = { 'person.list': [person('1007', EXERCISES.length), person('1008', 2), person('1009', 0), person('1010', 1, { isOnRecord: false })] }
    door().showBench(BENCH.busy)
    const page = await open({})
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'People', exact: true }).click()
    const cells = page.locator('.people tbody tr td:nth-child(6)')
    await expect.poll(() => cells.allInnerTexts()).toEqual([expect.stringContaining('Every exercise passed'), '2 of 7 exercises passed', '–', '1 of 7 exercises passed'])
    expect(await page.locator('.people tbody tr').nth(3).innerText()).toContain('not on record')
    expect(await cells.nth(1).locator('span').getAttribute('title')).toBe('No power supply 90, Silent unit 90')
  })

  test('the big board asks for the demonstration in training and never on a live bench; it counts every open hold', async () => {
    door().canned = { 'hold.list': [1, 2, 3] }
    door().showBench(BENCH.busy)
    const live = await open({ page: 'display', search: '?board&demo' })
    await expect.poll(() => live.locator('.board-tile').nth(3).innerText()).toContain('3')
    expect(asked('training.demo')).toEqual([])
    door().showBench(TRAINING_BENCH)
    await expect.poll(() => asked('training.demo')).toEqual([{ isOn: true }])
    const plain = await open({ page: 'display', search: '?board' })
    await plain.locator('.board-tile').first().waitFor()
    expect(asked('training.demo')).toHaveLength(1)
  })
})
