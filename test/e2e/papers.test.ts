/** Papers and the pages of the settings about what is printed, sent and kept, in a real browser before canned views: what is saved, and what is asked. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { FAULTS } from '#shared'
import { CHROMIUM, SIZES } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH } from '../helpers/fixtures.ts'
import { KEPT, PRINTER } from '../helpers/paper-fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SET } from '../helpers/settings-fixtures.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'

describe.skipIf(CHROMIUM === null)(`papers${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  let door: FakeDoor
  beforeEach(() => {
    door = screens.door()
    door.canned = { ...SUPERVISED, ...KEPT }
    door.showBench(BENCH.busy)
  })
  const asked = (name: string): unknown => door.asked.findLast(a => a.name === name)?.params
  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
  const openPage = async (...tabs: readonly string[]): Promise<Page> => {
    const page = await screens.open()
    for (const tab of tabs) await press(page, tab)
    return page
  }
  /** The file that one press saves, and what is in it. */
  const save = async (page: Page, button: string): Promise<readonly string[]> => {
    const [file] = await Promise.all([page.waitForEvent('download'), press(page, button)])
    return [file.suggestedFilename(), readFileSync(await file.path(), 'utf8')]
  }

  test('a proven unit gives its certificate and its label from its own card', async () => {
    const page = await screens.open()
    const proven = BENCH.busy.units.find(u => u.outcome === 'proven')
    await page.getByRole('button', { name: proven?.name ?? '', exact: true }).first().click()
    expect(await save(page, 'Certificate (PDF)')).toEqual(['certificate-1.pdf', '%PDF-1.7 certificate-1'])
    expect(await save(page, 'Label (PDF)')).toEqual(['label-1.pdf', '%PDF-1.7 label-1'])
    await press(page, 'Print label')
    await expect.poll(() => asked('label.print')).toEqual({ unit: proven?.uid })
  })

  test('a unit with a label gets another, or loses it, only for a reason', async () => {
    const label = { code: 'UB:00416A', kind: 'release', at: BENCH.busy.clock.now - 60_000, isOn: false, fault: { code: 'printer.stuck', context: {} } } as const
    door.showBench({ ...BENCH.busy, units: BENCH.busy.units.map(u => u.outcome === 'proven' ? { ...u, label } : u) })
    const page = await screens.open()
    const proven = BENCH.busy.units.find(u => u.outcome === 'proven')
    await page.getByRole('button', { name: proven?.name ?? '', exact: true }).first().click()
    const card = page.getByRole('complementary')
    for (const text of ['UB:00416A', 'not scanned back yet,', 'Printing again and voiding need a reason.', FAULTS['printer.stuck'].title.en]) await card.getByText(text).waitFor()
    expect(await card.getByRole('button', { name: 'Print label again' }).isDisabled()).toBe(true)
    await card.locator('#reason').fill('torn')
    await press(page, 'Print label again')
    await expect.poll(() => asked('label.print')).toEqual({ unit: proven?.uid, reason: 'torn' })
    await press(page, 'Void label')
    await expect.poll(() => asked('label.void')).toEqual({ unit: proven?.uid, reason: 'torn' })
  })

  test('pick list, hand-over sheet and checked certificate are files', async () => {
    const page = await openPage('Supervisor', 'Quota')
    expect(await save(page, 'Pick list for tomorrow (PDF)')).toEqual(['picklist-2026-11-24.pdf', '%PDF-1.7 picklist-2026-11-24'])
    await press(page, 'Hand-over')
    expect((await save(page, 'Hand-over sheet (PDF)'))[0]).toBe('handover-2026-11-24.pdf')
    await press(page, 'Certificates')
    await page.locator('#certificate-text').fill('{}')
    await press(page, 'Check')
    expect((await save(page, 'Certificate (PDF)'))[0]).toBe('certificate-1.pdf')
    expect(asked('certificate.paper')).toEqual({ unit: 'unit-6' })
  })

  test('printing: how the printer is, a test that says when it was taken, true size as a file, and cards by name', async () => {
    const page = await openPage('Settings', 'Printing')
    for (const text of ['10.77.0.9:9100', '50 × 30 mm, 203 dpi', 'The printer is well.']) await page.getByText(text).waitFor()
    await press(page, 'Print a test label')
    await page.getByText('On its way; look at the printer.').waitFor()
    door.canned = { ...door.canned, 'printer.view': { ...PRINTER, sent: 62 } }
    await page.getByText('The printer took it.').waitFor()
    door.canned = { ...door.canned, 'printer.view': { ...PRINTER, fault: { code: 'printer.no-paper', context: {} } } }
    await page.getByText(FAULTS['printer.no-paper'].action.en).waitFor()
    expect((await save(page, 'The same in true size (PDF)'))[0]).toBe('label-sample.pdf')
    await page.getByLabel('Deck').selectOption('badges')
    expect(await page.getByRole('button', { name: 'Make the cards (PDF)' }).isDisabled()).toBe(true)
    await page.getByLabel('Names, one a line').fill('1001\n 1002 \n\n1001')
    expect((await save(page, 'Make the cards (PDF)'))[0]).toBe('cards-badges.pdf')
    expect(asked('cards.paper')).toEqual({ what: 'badges', names: ['1001', '1002'] })
  })

  test('a paper that is refused says why, and saves nothing', async () => {
    door.refuses = { 'picklist.paper': 'door.no-station' }
    const page = await openPage('Supervisor', 'Quota')
    await press(page, 'Pick list for tomorrow (PDF)')
    await page.getByText(FAULTS['door.no-station'].title.en).first().waitFor()
    expect(await page.locator('.paper-link').count()).toBe(0)
  })

  test('data: one more backup, the newest first, whether history is whole, and who asked for a backup', async () => {
    const page = await openPage('Settings', 'Data')
    await expect.poll(() => page.getByRole('region', { name: 'Backups' }).locator('tbody code').allInnerTexts()).toEqual(['ledger-2026-11-24.db', 'ledger-2026-11-23.db'])
    await press(page, 'Back up now')
    await page.getByText('ledger-2026-11-25.db').waitFor()
    await press(page, 'Check the history')
    await page.getByText('Whole: 320 facts, each fits the one before.').waitFor()
    await expect.poll(() => page.getByRole('region', { name: 'Changed by' }).locator('tbody code').allInnerTexts()).toEqual(['backup.now'])
    door.canned = { ...door.canned, 'ledger.verify': { facts: 320, heads: 3, headsElsewhere: 0, archived: 0, absent: 0, broken: [{ seq: 7 }] } }
    await press(page, 'Check the history')
    await page.getByText('Not whole. Open Log for the first broken record of 320.').waitFor()
  })

  test('integration: what each destination owes, a test with a plain result, and sending again from a fact on', async () => {
    door.canned = { ...door.canned, ...SET }
    const page = await openPage('Settings', 'Integration')
    const row = page.getByRole('row').filter({ hasText: 'central' }).first()
    await row.getByRole('button', { name: 'Test' }).click()
    await page.getByText('took the test.').waitFor()
    expect(asked('sync.test')).toEqual({ destination: 'central' })
    expect(await row.getByRole('button', { name: 'Send again' }).isDisabled()).toBe(true)
    await row.getByRole('textbox').fill('214')
    await row.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => asked('sync.replay')).toEqual({ destination: 'central', from: 214 })
    for (const text of ['wave.stopped', 'sync.webhooks']) await page.getByText(text).first().waitFor()
    expect(await page.locator('img').count()).toBe(0) // a destination may call itself what it likes
  })

  test('Wi-Fi: which network the next code names, and a test of it', async () => {
    const page = await openPage('Settings', 'Wi-Fi')
    const next = BENCH.busy.wifi.find(w => w.isNext)
    const row = page.getByRole('row').filter({ hasText: next?.ssid ?? '' })
    await row.getByText('names this one').waitFor()
    await row.getByRole('button').first().click()
    await expect.poll(() => asked('wifi.test')).toEqual({ ssid: next?.ssid })
  })
})
