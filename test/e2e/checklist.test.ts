/** The settings as a lead and an admin see them, and the checklist that proves the bench, before canned views: by keys, by touch and by scans. */
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM, scan, SIZES } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { KEPT } from '../helpers/paper-fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { READY_VIEW, SET, SETTINGS_VIEW } from '../helpers/settings-fixtures.ts'
import { SUPERVISED } from '../helpers/supervisor-fixtures.ts'

describe.skipIf(CHROMIUM === null)(`settings and checklist${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  let door: FakeDoor
  beforeEach(() => {
    door = screens.door()
    door.canned = { ...SUPERVISED, ...KEPT, ...SET }
    door.showBench(BENCH.busy)
  })
  const open = async (name: string, o: { search?: string; settings?: string; pages?: string } = {}): Promise<Page> => {
    const page = await screens.open({ search: o.search ?? '' })
    await page.getByRole('button', { name: o.settings ?? 'Settings', exact: true }).click()
    await page.getByRole('navigation', { name: o.pages ?? 'Pages of the settings' }).getByRole('button', { name, exact: true }).click()
    return page
  }
  const asked = (name: string): unknown => door.asked.findLast(a => a.name === name)?.params

  test('each setting says what is in force, its default, where it comes from and why, in both languages', async () => {
    const page = await open('Bench')
    const row = page.getByRole('row').filter({ hasText: 'bench.rack' }).first()
    for (const text of ['Name of the rack', 'default', 'From the next start:', 'rack-1', 'for waves and for the rack display']) await row.getByText(text).first().waitFor()
    await page.getByRole('row').filter({ hasText: 'bench.lanes' }).getByText('environment').waitFor()
    const zh = await open('工作台', { search: '?lang=zh', settings: '设置', pages: '设置页面' })
    const same = zh.getByRole('row').filter({ hasText: 'bench.rack' }).first()
    for (const text of ['货架名称', '下次启动起：', '此货架的名称，用于波次和货架显示屏。']) await same.getByText(text).first().waitFor()
  })

  test('several are changed together; a dangerous one is marked and asks for the PIN once more', async () => {
    const page = await open('Bench')
    const form = page.getByRole('form', { name: 'Settings of this page' })
    expect(await form.getByText('Type the PIN').count()).toBe(0)
    await form.getByLabel('First address', { exact: true }).fill('10.77.0.30')
    await form.getByLabel('Lease, seconds').fill('900')
    await form.getByText('A dangerous setting is among them').waitFor()
    await form.getByLabel('PIN').fill('1470')
    await form.getByRole('button', { name: 'Save 2 changes' }).click()
    await expect.poll(() => asked('setting.change')).toEqual({ values: { 'dhcp.poolStart': '10.77.0.30', 'dhcp.leaseSeconds': 900 }, pin: '1470' })
    await expect.poll(() => form.getByRole('button', { name: 'Save 0 changes' }).count()).toBe(1)
    expect(await page.content()).not.toContain('1470')
  })

  test('one that was set here goes back to its default, and a refusal says what is allowed', async () => {
    const page = await open('Bench')
    await page.getByRole('row').filter({ hasText: 'bench.rack' }).first().getByRole('button', { name: 'Back to the default' }).click()
    door.refuses = { 'setting.change': 'setting.refused' }
    await page.getByRole('button', { name: 'Save 1 change' }).click()
    await page.getByText('This value is not allowed').waitFor()
    expect(asked('setting.change')).toEqual({ values: { 'bench.rack': null } })
  })

  test('who changed what and when stands below, newest first', async () => {
    const page = await open('Bench')
    const changes = page.getByRole('region', { name: 'Values changed' })
    await changes.getByRole('row').filter({ hasText: 'Name of the rack' }).getByText('ADMIN').waitFor()
    expect(await changes.locator('tbody tr').count()).toBe(1) // that of the rack display stands on its own page
  })

  test('what only the file sets cannot be typed, and a start without the settings of the station says so', async () => {
    door.canned = { ...door.canned, 'settings.view': { ...SETTINGS_VIEW, fault: { code: 'setting.left-out', context: { complaints: 'dhcp.poolStart: the pool lies outside' } } } }
    const page = await open('Bench')
    expect(await page.getByRole('row').filter({ hasText: 'Only the file sets it.' }).first().locator('input, select, textarea').count()).toBe(0)
    await page.getByText('Started without its own settings').first().waitFor()
    await page.getByText('complaints dhcp.poolStart: the pool lies outside').first().waitFor()
  })

  test('every page has a test with a plain result', async () => {
    const page = await open('Checklist')
    const pages = page.getByRole('navigation', { name: 'Pages of the settings' })
    const tests: Readonly<Record<string, RegExp>> = {
      'Checklist': /^Daily check/, 'Bench': /^Test the card$/, 'Accounts': /^Test$/, 'Wi-Fi': /^(Test|Try)/, 'Profiles': /^Test the profiles$/, 'Serial': /^Test/, 'Printing': /^(Print a test|Test)/, 'Scanner': /^Test the scanner$/, 'Sounds and display': /^Play$/, 'People': /^Test/, 'Integration': /^Test$/, 'Data': /^Check the history$/
    }
    for (const [name, button] of Object.entries(tests)) {
      await pages.getByRole('button', { name, exact: true }).click()
      await page.locator('.second-settings').getByRole('button', { name: button }).first().waitFor({ timeout: 3000 }).catch(() => { throw new Error(`no test on the page ${name}`) })
    }
    await pages.getByRole('button', { name: 'Profiles', exact: true }).click()
    await page.getByRole('button', { name: 'Test the profiles' }).click()
    await page.getByText('All 6 products are complete.').waitFor()
    expect(Object.keys(tests)).toHaveLength(await pages.getByRole('button').count()) // none was forgotten
  })

  test('every page says what its settings would be by themselves, and who changed what and when; one without settings says so', async () => {
    const page = await open('Checklist')
    const pages = page.getByRole('navigation', { name: 'Pages of the settings' })
    for (const name of ['Bench', 'Accounts', 'Wi-Fi', 'Serial', 'Printing', 'Sounds and display', 'Integration', 'Data']) {
      await pages.getByRole('button', { name, exact: true }).click()
      await page.getByRole('columnheader', { name: 'Default', exact: true }).waitFor({ timeout: 3000 }).catch(() => { throw new Error(`no default on the page ${name}`) })
      await page.getByRole('region', { name: 'Values changed' }).waitFor()
    }
    await pages.getByRole('button', { name: 'People', exact: true }).click()
    await page.getByRole('region', { name: 'Changed by' }).waitFor()
    for (const [name, says] of [['Profiles', 'Profiles come with the program'], ['Scanner', 'Nothing is set on this page']] as const) {
      await pages.getByRole('button', { name, exact: true }).click()
      await page.getByText(says).first().waitFor()
    }
  })

  test('the scanner is tested by a scan: well, or in plain words what is not', async () => {
    const page = await open('Scanner')
    await page.getByRole('button', { name: 'Test the scanner' }).click()
    await page.getByText('Scan any card now.').waitFor()
    await scan(page, 'CM:HOLD')
    await page.getByText('The scanner works: fast enough, and with an end.').waitFor()
    await page.waitForTimeout(600) // a pause after which a new code begins
    await page.getByRole('button', { name: 'Test the scanner' }).click()
    await page.keyboard.type('CM:HOLD', { delay: 120 })
    await page.getByText('As slow as typing: this is not taken for a scan.').waitFor()
  })

  test('the checklist says what each step found, and never calls a skipped one done', async () => {
    const page = await open('Checklist')
    const step = (text: string) => page.locator('.ready-step').filter({ hasText: text })
    await step('Self-test lease').getByText('10.77.0.20').waitFor()
    await step('Scanner').locator('.ready-state', { hasText: 'skipped' }).waitFor()
    await step('Account permission').getByText('The cloud cannot be reached').waitFor()
    await page.getByText('Not ready: Guard probe. Skipped: Printed label.').waitFor()
    expect(await page.getByRole('button', { name: 'Sign: bench ready' }).isDisabled()).toBe(true)
    await page.getByRole('contentinfo').getByText('Daily check: not done in this shift').waitFor()
    await page.getByRole('contentinfo').getByText('CM:DAILY').waitFor() // how to begin it
  })

  test('its card turns the screens to the checklist, whichever page of the settings is open', async () => {
    const page = await open('Data')
    door.showBench({ ...BENCH.busy, scan: { text: 'CM:DAILY', at: NOW + 1000, fault: null, heard: 'command', note: 'done' } })
    await page.locator('.ready-steps').waitFor()
  })

  test('mistakes in the label formats of this bench stand on the page of the scanner with their lines, and by name in the honesty bar', async () => {
    const fault = { code: 'label.bad-formats', context: { file: 'labels.json', complaints: 'labels.json:2:1 formats[0].keeps is missing' } } as const
    door.showBench({ ...BENCH.busy, lamps: BENCH.busy.lamps.map(l => l.name === 'scanner' ? { ...l, state: 'warn', fault } : l) })
    const page = await open('Scanner')
    await page.locator('.scan-test').getByText('labels.json:2:1 formats[0].keeps is missing').waitFor()
    await page.locator('.scan-test').getByText('Lead: correct the lines listed in labels.json, then start again.').waitFor()
    const cause = page.getByRole('contentinfo').locator('.cause').filter({ hasText: 'The label formats have mistakes' })
    expect(await cause.locator('kbd').textContent()).toBe('F1') // typing would not help
  })

  test('by keys only: the daily check, one step, and the label that came out', async () => {
    const page = await open('Checklist')
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).first().focus()
      await page.keyboard.press('Enter')
    }
    await press('Daily check (30 s)')
    await expect.poll(() => door.asked.some(a => a.name === 'ready.daily')).toBe(true)
    await press('It came out well')
    await expect.poll(() => asked('ready.tell')).toEqual({ step: 'printer', state: 'done', found: {} })
    await page.locator('.ready-step').filter({ hasText: 'Guard probe' }).getByRole('button', { name: 'Test', exact: true }).focus()
    await page.keyboard.press('Space')
    await expect.poll(() => asked('ready.try')).toEqual({ step: 'guard' })
  })

  test('the scanner is proven by a scan that an input method had its hands on; without one it is asked for, or skipped', async () => {
    const page = await open('Checklist')
    await page.locator('.ready-step').filter({ hasText: 'Scanner' }).first().waitFor()
    await scan(page, 'CM:HOLD')
    await page.getByText('Read, but no input method was on.').waitFor()
    expect(door.asked.some(a => a.name === 'ready.tell')).toBe(false)
    await page.waitForTimeout(600) // a pause after which a new code begins
    await scan(page, 'CM:HOLD', { isSwallowed: true })
    await expect.poll(() => asked('ready.tell')).toMatchObject({ step: 'scanner', state: 'done', found: { ime: 'on' } })
  })

  test('the page of the scanner shows every key of a scan, as it came', async () => {
    const page = await open('Scanner')
    await scan(page, 'CM:HOLD')
    await page.locator('.scan-test-text').getByText('CM:HOLD', { exact: true }).waitFor()
    expect((await page.locator('.raw-keys li').allInnerTexts()).length).toBe(8)
    await page.getByText('Ends with Enter or Tab').and(page.locator('.check-good')).waitFor()
  })

  test('the distance is told with what the planner makes of it, and not when another one is set', async () => {
    const page = await open('Checklist')
    const step = page.locator('.ready-step').filter({ hasText: 'Display and distance' })
    await step.getByLabel('Measured, cm').fill('240')
    await step.getByText('change it on the page Sounds and display first').waitFor()
    expect(await step.getByRole('button', { name: 'I have measured it' }).isDisabled()).toBe(true)
    await step.getByLabel('Measured, cm').fill(String(Math.round(BENCH.busy.optics.distanceM * 100)))
    await step.getByRole('button', { name: 'I have measured it' }).click()
    await expect.poll(() => asked('ready.tell')).toMatchObject({ step: 'distance', state: 'done' })
  })

  test('a whole checklist is signed, and its record is saved as it was signed', async () => {
    const record = { id: '0199', at: READY_VIEW.clock.now, by: 'LEAD', how: 'first', isReady: true, failed: [], skipped: ['printer'] }
    const text = '{"kind":"unbindery.ready","notice":"培训"}'
    door.canned = { ...door.canned, 'ready.view': { ...READY_VIEW, maySign: true }, 'ready.sign': { ...READY_VIEW, clock: { now: READY_VIEW.clock.now + 1, rate: 1 }, first: record, isDue: false }, 'ready.paper': { name: 'bench-ready-0199.json', text } }
    const page = await open('Checklist')
    await page.getByRole('button', { name: 'Sign: bench ready' }).click()
    await page.getByText('Skipped: Printed label.').first().waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Signed record' }).last().click()])
    expect(download.suggestedFilename()).toBe('bench-ready-0199.json')
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe(text)
  })

  test('colours, contrast and size are chosen on the screen and kept there', async () => {
    const page = await open('Sounds and display')
    const html = page.locator('html')
    await page.getByRole('button', { name: 'strong contrast' }).click()
    await page.getByRole('button', { name: '125 %' }).click()
    await expect.poll(() => html.getAttribute('data-look')).toBe('contrast')
    const large = await html.evaluate(e => Number.parseFloat(getComputedStyle(e).fontSize))
    await page.reload()
    await page.locator('.console').waitFor()
    expect(await html.getAttribute('data-look')).toBe('contrast')
    expect(await html.getAttribute('data-scale')).toBe('125')
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'Sounds and display' }).click()
    await page.locator('.appearance').getByRole('button', { name: 'Back to the default' }).click()
    expect(await html.evaluate(e => Number.parseFloat(getComputedStyle(e).fontSize))).toBeCloseTo(large / 1.25, 1)
  })
})
