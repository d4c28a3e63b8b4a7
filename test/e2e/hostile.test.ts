/** Hostile text on every page: what units, people, files and clouds call things is text and nothing else, however long, and pushes nothing off the page. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { CHROMIUM, overflow, SIZES } from '../helpers/browser.ts'
import { BENCH, displayOf, HOSTILE, WAVE } from '../helpers/fixtures.ts'
import { KEPT } from '../helpers/paper-fixtures.ts'
import { STAFFED } from '../helpers/people-fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { SET } from '../helpers/settings-fixtures.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'
import { TRAINED } from '../helpers/training-fixtures.ts'

/** A picture that hurts, a turn of the writing, a formula, and ten thousand characters. */
const EVIL = `${HOSTILE} \u202E\u2066=cmd|calc!A0 ${'very long '.repeat(1000)}`
/** What others may say, by the view it stands in. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  'ready.view': ['by', 'card', 'ip', 'address', 'outcome'], 'settings.view': ['file', 'by', 'complaints'], 'setting.changed': ['from', 'to', 'by'], 'act.led': ['lead'], 'card.list': ['name', 'address'], 'profile.list': ['en', 'zh', 'recipe', 'centre'], 'profile.test': ['complaints'],
  'person.list': ['badge', 'name', 'course'], 'ports.list': ['label', 'path', 'serial', 'usb'], 'recipe.list': ['en', 'zh', 'for'], 'account.list': ['id', 'baseUrl', 'clientIdEnd', 'en', 'zh'], 'relay.view': ['by', 'account', 'id'], 'printer.view': ['address'], 'backup.list': ['name'], 'status': ['destination'], 'sync.aside': ['destination', 'kind'],
  'hold.list': ['name', 'owner', 'reason', 'tote'], 'batch.list': ['tote', 'centre'], 'quota.ledger': ['account', 'name', 'operator', 'en', 'zh'], 'quota.plan': ['account', 'name', 'tote', 'en', 'zh'], 'handover.view': ['station', 'operator', 'by', 'name', 'owner', 'reason', 'acknowledgedBy', 'destination'], 'supervisor.figures': ['account', 'en', 'zh'],
  'unit.timeline': ['name', 'account', 'operator', 'recipe', 'text', 'code', 'value', 'tote'], 'views.list': ['name'], 'unmatched.list': ['account', 'uuid', 'deviceId', 'tid', 'code'], 'certificate.verify': ['id', 'unit', 'station'], 'training.view': ['label', 'mac', 'course', 'badge'], 'unit.why': ['mac', 'ip', 'name', 'cards', 'ports', 'server']
}

function evil(value: unknown, keys: readonly string[], key = ''): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => evil(each, keys, key))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, evil(each, keys, name)]))
  return typeof value === 'string' && keys.includes(key) ? EVIL : value
}
const ALL: Readonly<Record<string, unknown>> = { ...SUPERVISED, ...KEPT, ...SET, ...STAFFED, ...TRAINED.running }
const CANNED = Object.fromEntries(Object.entries(ALL).map(([name, value]) => [name, evil(value, FREE[name] ?? [])]))
const BAD = { ...BENCH.hostile, lamps: BENCH.refused.lamps, here: { operator: { badge: EVIL, name: EVIL, role: 'operator' as const, language: null }, raised: null, hasAdmin: true }, wifi: BENCH.busy.wifi.map(w => ({ ...w, ssid: EVIL })) }
const harmless = async (page: Page, what: string): Promise<void> => {
  expect(await page.evaluate(() => [document.querySelectorAll('img').length, 'hurt' in window]), what).toEqual([0, false])
  expect(await overflow(page), what).toEqual([])
}

describe.skipIf(CHROMIUM === null)(`hostile text${NO_BROWSER}`, () => {
  const { door, open } = useScreens(SIZES[0])
  const visit = async (mode: 'live' | 'training' = 'live'): Promise<Page> => {
    door().canned = CANNED
    door().showBench({ ...BAD, mode })
    const page = await open()
    await page.getByText(HOSTILE).first().waitFor()
    return page
  }
  const pages = async (page: Page, tab: string, inside: string): Promise<void> => {
    await page.getByRole('button', { name: tab, exact: true }).click()
    const nav = page.getByRole('navigation', { name: inside })
    await nav.waitFor()
    const names = await nav.getByRole('button').allInnerTexts()
    expect(names.length).toBeGreaterThan(7)
    for (const name of names) {
      await nav.getByRole('button', { name, exact: true }).click()
      await page.locator('.second').getByText('Asking', { exact: true }).first().waitFor({ state: 'hidden' })
      if (!['Scanner', 'Sounds and display', 'Log', 'Certificates'].includes(name)) await page.locator('.second').getByText('<img src=x').filter({ visible: true }).first().waitFor().catch(() => { throw new Error(`${name} shows nothing of it`) })
      await harmless(page, name)
    }
  }

  test('is harmless on every page of the settings', async () => {
    await pages(await visit(), 'Settings', 'Pages of the settings')
  })

  test('is harmless on every page of the supervisor, on a unit`s history and on a checked certificate', async () => {
    const page = await visit()
    await pages(page, 'Supervisor', 'Pages of the supervisor')
    const nav = page.getByRole('navigation', { name: 'Pages of the supervisor' })
    await nav.getByRole('button', { name: 'Certificates', exact: true }).click()
    await page.locator('#certificate-text').fill('{}')
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.locator('.second').getByText('<img src=x').filter({ visible: true }).first().waitFor()
    await harmless(page, 'checked')
  })

  test('is harmless on the bench, its cards, help, waves, network and training', async () => {
    const page = await visit()
    await harmless(page, 'bench')
    await page.locator('.tile').first().getByRole('button').click()
    await page.locator('.unit-card').waitFor()
    await harmless(page, 'unit')
    await page.keyboard.press('Escape')
    await page.keyboard.press('F1')
    await page.locator('.help').waitFor()
    await harmless(page, 'help')
    door().showBench({ ...BAD, mode: 'training' })
    for (const tab of ['Wave', 'Network', 'Training']) {
      await page.getByRole('button', { name: tab, exact: true }).click()
      await page.locator('.page-frame').getByText('<img src=x').filter({ visible: true }).first().waitFor()
      await harmless(page, tab)
    }
  })

  test('is harmless on the rack display and on the big board', async () => {
    const product = { en: EVIL, zh: EVIL }
    door().showDisplay(displayOf({ rack: EVIL, code: null, wave: { ...WAVE, state: 'planned', productName: product, shownAt: null, expiresAt: null } }))
    const wall = await open({ page: 'display' })
    await wall.getByText('<img src=x').filter({ visible: true }).first().waitFor()
    await harmless(wall, 'wall')
    door().canned = CANNED
    door().showBench(BAD)
    const board = await open({ page: 'display', search: '?board' })
    await board.getByText('<img src=x').filter({ visible: true }).first().waitFor()
    await harmless(board, 'board')
  })
})
