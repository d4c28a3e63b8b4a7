/** Every act by key, by touch and by the scan of its card; the row of keys says all three are one. */
import { describe, expect, test } from 'vitest'
import { KEYLESS_CARDS, KEYS, SCREEN_CARDS, type BenchView, type KeyCard } from '#shared'
import { CHROMIUM, scan } from '../helpers/browser.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SET } from '../helpers/settings-fixtures.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'
import type { Page } from 'playwright-core'

/** What a page shows once the act was done. `sent`: the card that goes to the station. */
const SHOWN: Readonly<Record<KeyCard, string | { readonly sent: string } | null>> = {
  HELP: '.help', TYPE: '#typed-code', FIND: '#search', DISPLAY: null, PROOF: { sent: 'CM:PROOF' }, HOLD: { sent: 'CM:HOLD' }, PRINT: { sent: 'CM:PRINT' }, UNDO: { sent: 'CM:UNDO' },
  QUOTA: '.plots', HANDOVER: '.handover-sign', FULL: null, LEAD: { sent: 'CM:LEAD' }
}

describe.skipIf(CHROMIUM === null)(`the keys${NO_BROWSER}`, () => {
  const { door, open } = useScreens()
  const bench = async (view: BenchView = BENCH.busy): Promise<Page> => {
    door().canned = { ...SUPERVISED, ...SET }
    door().showBench(view)
    return open()
  }
  const sent = (): unknown[] => door().asked.filter(a => a.name === 'scan').map(a => a.params['text'])
  const ways = [
    ['key', (page: Page, key: string): Promise<void> => page.keyboard.press(key)],
    ['touch', (page: Page, key: string): Promise<void> => page.locator(`.key[aria-keyshortcuts="${key}"]`).click()]
  ] as const

  test.each(ways)('each does by %s what its card says, and Esc goes back', async (_way, press) => {
    const page = await bench()
    for (const { key, card } of KEYS) {
      const shown = SHOWN[card]
      if (shown === null) continue
      await press(page, key)
      if (typeof shown !== 'string') {
        await expect.poll(() => sent().at(-1)).toBe(shown.sent)
        continue
      }
      await page.locator(shown).first().waitFor()
      await page.keyboard.press('Escape')
      await page.locator(shown).first().waitFor({ state: 'detached' })
    }
    expect(sent()).toEqual(['CM:PROOF', 'CM:HOLD', 'CM:PRINT', 'CM:UNDO', 'CM:LEAD'])
  })

  test('a card that concerns the screen is obeyed, whichever scanner read it', async () => {
    const page = await bench()
    for (const card of SCREEN_CARDS) {
      const shown = card === 'BACK' ? null : card === 'SIGN' ? SHOWN.HANDOVER : card === 'DAILY' ? '.ready-steps' : card === 'WHY' ? '.why' : SHOWN[card]
      if (typeof shown !== 'string') continue
      await scan(page, `CM:${card}`)
      door().showBench({ ...BENCH.busy, scan: { text: `CM:${card}`, at: NOW + 1000 * (SCREEN_CARDS.indexOf(card) + 1), fault: null, heard: 'command', note: 'done' } }) // the station tells all its screens
      await page.locator(shown).first().waitFor()
      door().showBench({ ...BENCH.busy, scan: { text: 'CM:BACK', at: NOW + 1000 * (SCREEN_CARDS.indexOf(card) + 1) + 500, fault: null, heard: 'command', note: 'done' } })
      await page.locator(shown).first().waitFor({ state: 'detached' })
    }
  })

  test('asked by a card, why a lane or a unit is not listed is told of what was scanned before it', async () => {
    const page = await bench()
    const at = (text: string, n: number, heard: 'lane' | 'command'): BenchView => ({ ...BENCH.busy, scan: { text, at: NOW + 1000 * n, fault: null, heard, note: 'done' } })
    door().showBench(at('P03', 1, 'lane'))
    await page.waitForTimeout(100)
    door().showBench(at('CM:WHY', 2, 'command'))
    await page.locator('.why').waitFor()
    await expect.poll(() => door().asked.findLast(a => a.name === 'unit.why')?.params).toEqual({ lane: 3 })
  })

  test('a card that was scanned before the page came is not obeyed again', async () => {
    const page = await bench({ ...BENCH.busy, scan: { text: 'CM:HELP', at: NOW, fault: null, heard: 'command', note: 'done' } })
    await page.locator('.scan-text').getByText('CM:HELP').waitFor()
    expect(await page.locator('.help').count()).toBe(0)
  })

  test('F4 opens the rack display in a window of its own, and closes it', async () => {
    const page = await bench()
    const [display] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('F4')])
    await display.locator('.wall').waitFor()
    await page.locator('.key[aria-keyshortcuts="F4"][aria-pressed="true"]').waitFor()
    await Promise.all([display.waitForEvent('close'), page.keyboard.press('F4')])
  })

  test('F6 holds the unit whose card is open', async () => {
    const page = await bench()
    await page.getByRole('button', { name: 'W-00412' }).click()
    await page.keyboard.press('F6')
    await expect.poll(() => door().asked.find(a => a.name === 'unit.hold')?.params).toEqual({ unit: 'unit-2', reason: 'F6' })
  })

  test('a lead who was called stands on the key until somebody says the lead is here', async () => {
    const page = await bench(BENCH.called)
    const key = page.locator('.key-called')
    await key.getByText('Called').waitFor()
    expect(await key.getAttribute('aria-pressed')).toBe('true')
    await key.click()
    await expect.poll(() => sent()).toEqual(['CM:LEAD'])
  })

  test('help says what the page is for, what is not well with what to do, and names every key with its card', async () => {
    const page = await bench(BENCH.refused)
    await page.keyboard.press('F1')
    const help = page.locator('.help')
    for (const text of ['Blue tiles want your hands.', 'The cloud cannot be reached', 'Unplug the unit or cable with the address shown.', 'CM:HANDOVER', 'Call the lead, or say that the lead is here', 'CM:DAILY', 'Start the daily check of the bench; it takes 30 seconds']) await help.getByText(text).first().waitFor()
    expect(await help.locator('tbody tr').count()).toBe(KEYS.length + KEYLESS_CARDS.length)
  })
})
