/** Badges and PINs, serial adapters and terminals in a real browser, before canned views: what is read, touched, typed and sent. */
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { DOOR_EVENTS, LAMP_TABLES } from '#shared'
import { CHROMIUM, scan, SIZES } from '../helpers/browser.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { BESIDE, OPERATOR, PORTS, STAFFED, TERMINAL } from '../helpers/people-fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'

describe.skipIf(CHROMIUM === null)(`people and consoles on the screen${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  let door: FakeDoor
  beforeEach(() => {
    door = screens.door()
    door.canned = { ...STAFFED, 'account.list': [], 'unmatched.list': [] }
  })
  const open = async (bench = BENCH.refused, search = ''): Promise<Page> => {
    door.showBench({ ...bench, here: OPERATOR })
    const page = await screens.open({ search })
    page.setDefaultTimeout(5000)
    return page
  }
  const settings = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('navigation').getByRole('button', { name, exact: true }).click()
  }
  const asked = (name: string): unknown[] => door.asked.filter(a => a.name === name).map(a => a.params)
  /** The hold of the canned bench, released by its operator; the station wants a lead. */
  const release = async (page: Page): Promise<void> => {
    door.refuses = { 'unit.release': 'person.needs-lead' }
    await page.getByRole('button', { name: 'W-00417' }).click()
    await page.getByLabel('Reason (for hold or release)').fill('looked at it')
    await page.getByRole('button', { name: 'Release hold', exact: true }).click()
    await page.getByText('Scan the badge of a lead', { exact: true }).waitFor()
  }

  test('an act that wants a lead asks for the badge beside the work, then for the PIN by keys, and is done; the operator stays', async () => {
    const page = await open()
    await release(page)
    await page.getByRole('region', { name: 'Last verdict' }).waitFor() // the work is still there to be seen
    door.showBench({ ...BENCH.refused, here: BESIDE })
    const panel = page.getByRole('complementary', { name: 'Badge and PIN' })
    await panel.getByText('Li Na').waitFor()
    await panel.getByText('After sale').waitFor() // the vendor's name of the role
    door.refuses = { 'unit.release': 'person.needs-lead', 'operator.enter': 'person.pin-wrong' }
    await page.keyboard.type('0000', { delay: 80 })
    await page.keyboard.press('Enter')
    await panel.getByText('The PIN is wrong').waitFor()
    await expect.poll(() => panel.getByLabel('PIN', { exact: true }).inputValue()).toBe('')
    door.refuses = {}
    await page.keyboard.type('2580', { delay: 80 })
    await page.keyboard.press('Enter')
    await panel.waitFor({ state: 'detached' })
    expect(asked('operator.enter')).toEqual([{ badge: 'LEAD', pin: '0000' }, { badge: 'LEAD', pin: '2580' }])
    expect(asked('unit.release')).toEqual([{ unit: 'unit-7', reason: 'looked at it' }, { unit: 'unit-7', reason: 'looked at it' }])
    expect(await page.content()).not.toContain('2580')
    await page.locator('.who').getByText('Chen Li').waitFor()
  })

  test('the PIN is touched with gloves on: every key is at least 44 points high, and a scan meanwhile is heard as a scan', async () => {
    const page = await open()
    await release(page)
    door.showBench({ ...BENCH.refused, here: BESIDE })
    const panel = page.getByRole('complementary', { name: 'Badge and PIN' })
    await panel.getByText('Li Na').waitFor()
    for (const key of await panel.locator('.pin-keys button').all()) expect((await key.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(44)
    await panel.getByRole('button', { name: '2', exact: true }).click()
    await scan(page, 'OP:1002')
    await expect.poll(() => asked('scan')).toEqual([{ text: 'OP:1002' }])
    await expect.poll(() => panel.getByLabel('PIN', { exact: true }).inputValue()).toBe('2')
    await panel.getByRole('button', { name: 'Take back one digit' }).click()
    door.refuses = {}
    for (const digit of '2580') await panel.getByRole('button', { name: digit, exact: true }).click()
    await panel.getByRole('button', { name: 'Enter', exact: true }).click()
    await panel.waitFor({ state: 'detached' })
    expect(asked('operator.enter')).toEqual([{ badge: 'LEAD', pin: '2580' }])
  })

  test('Esc goes back: the act ends with its refusal, and nothing was typed for nothing', async () => {
    const page = await open()
    await release(page)
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: 'Badge and PIN' }).waitFor({ state: 'detached' })
    await page.getByText('A lead has to do this').waitFor()
    await page.getByLabel('Reason (for hold or release)').waitFor() // one step back, not two
    expect(asked('unit.release')).toHaveLength(1)
  })

  test('who is at the bench is named, with the lead beside him and for how long; a badge turns the page to its language', async () => {
    const page = await open()
    door.showBench({ ...BENCH.refused, here: { ...OPERATOR, raised: { badge: 'LEAD', name: 'Li Na', role: 'lead', until: NOW + 250_000 } } })
    await page.locator('.who').getByText('5 min').waitFor()
    const before = Date.now()
    door.showBench({ ...BENCH.refused, here: { operator: { badge: '1003', name: '王伟', role: 'operator', language: 'zh' }, raised: null, hasAdmin: true } })
    await page.locator('.who').getByText('操作员').waitFor()
    expect(Date.now() - before).toBeLessThan(2000)
    await page.locator('.who').getByText('王伟').waitFor()
  })

  test('people are listed with the vendor`s name of their role, and a PIN that is typed goes out once', async () => {
    const page = await open()
    await settings(page, 'People')
    const people = page.getByRole('region', { name: 'People' })
    for (const text of ['Wang Wei', 'Administrator', 'After sale', 'locked until 09:46', 'of training']) await people.getByText(text).first().waitFor()
    await people.getByTitle('shift-1 93', { exact: true }).getByText('0 of 7 exercises passed').waitFor() // a course of other days is named, and counts for none of today's
    await people.getByLabel('Badge').fill('L2')
    await people.getByLabel('Name').fill('Zhao Min')
    await people.getByLabel('Role').selectOption('lead')
    await people.getByLabel('PIN').fill('8642')
    await people.getByRole('button', { name: 'Enter person' }).click()
    await expect.poll(() => asked('person.add')).toEqual([{ badge: 'L2', name: 'Zhao Min', role: 'lead', language: null, pin: '8642' }])
    await people.getByRole('row').filter({ hasText: 'Wang Wei' }).getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => asked('person.remove')).toEqual([{ badge: 'A1' }])
    expect(await page.content()).not.toContain('8642')
  })

  test('an adapter gets its role from a person, a lane its pulse; recipes say how they have done', async () => {
    const page = await open()
    await settings(page, 'Serial')
    for (const text of ['Console of a lane', 'P01', '7 of 9', 'erases settings', 'Seen to work']) await page.getByText(text).first().waitFor()
    const free = page.getByRole('row').filter({ hasText: 'by-path' })
    await free.getByLabel('Is for').selectOption('relay')
    await free.getByLabel('Lanes of channels').fill('3, -, 4')
    await free.getByRole('button', { name: 'Bind' }).click()
    await expect.poll(() => asked('ports.bind')).toEqual([{ path: PORTS.ports[1]?.path, role: 'relay', board: 'lcus', lanes: [3, null, 4] }])
    await page.getByRole('region', { name: 'Power of the lanes' }).getByRole('row').filter({ hasText: 'P02' }).getByRole('button', { name: 'Test pulse' }).click()
    await expect.poll(() => asked('power.test')).toEqual([{ lane: 2 }])
  })

  test('a recipe that waits for a lead says so on its unit, and is let go there', async () => {
    const unit = BENCH.busy.units.find(u => u.lane === 1)
    if (!unit) throw new Error('lane 1 is busy')
    const page = await open({ ...BENCH.busy, units: BENCH.busy.units.map(u => u === unit ? { ...u, wantsWord: true } : u) })
    await page.getByRole('button', { name: unit.name }).click()
    await page.getByRole('button', { name: 'Lead: let the recipe run on this unit' }).click()
    await expect.poll(() => asked('recipe.allow')).toEqual([{ unit: unit.uid }])
  })

  test('hands see how long to hold, count along and see the lamp to wait for; nobody says that it is done', async () => {
    door.canned = { ...door.canned, 'product.list': [{ product: 'nvr8wired0000001', name: { en: 'Recorder N8', zh: '录像机 N8' }, method: 'wired', resetHoldSeconds: 2, resetWhen: 'powered', lamps: LAMP_TABLES.default }] }
    const page = await open(BENCH.busy)
    await page.getByRole('button', { name: BENCH.busy.units.find(u => u.lane === 1)?.name ?? '' }).click()
    const hands = page.getByRole('region', { name: 'Reset by hand' })
    await hands.getByText('HOLD RESET FOR 2 s', { exact: true }).waitFor()
    await hands.locator('.camera-lamp-red-blinking').first().waitFor()
    await hands.getByRole('button', { name: 'Count with me' }).click()
    await hands.getByText('HOLD: 2').waitFor()
    await hands.getByText('LET GO, WATCH THE LAMP').waitFor()
    expect(await hands.getByRole('button').allTextContents()).toEqual(['Count again'])
    door.showBench({ ...BENCH.busy, here: OPERATOR, units: BENCH.busy.units.map(u => u.lane === 1 ? { ...u, prompt: 'wait', stage: 'ready' } : u) })
    await hands.waitFor({ state: 'detached' })
  })

  test('the lamp of a wired unit that stayed unproven is stated in pictures', async () => {
    const page = await open(BENCH.busy)
    await page.getByRole('button', { name: BENCH.busy.units.find(u => u.outcome === 'unproven')?.name ?? '' }).click()
    await page.getByRole('group').locator('.camera-lamp-green-blinking').click()
    await expect.poll(() => asked('unit.light')).toEqual([{ unit: 'unit-7', light: 'green-blinking' }])
  })

  test('a terminal draws what the console says, sends what is typed, gives nothing of a scan to the unit, and loosens no policy of the page', async () => {
    const page = await open()
    await settings(page, 'Serial')
    await page.getByRole('button', { name: 'Terminal', exact: true }).click()
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    const rows = page.locator('.xterm-rows')
    await expect.poll(() => rows.innerText()).toContain('=>')
    await page.keyboard.type('printenv owner', { delay: 70 })
    await page.keyboard.press('Enter')
    await expect.poll(() => asked('terminal.type').map(p => (p as { text: string }).text).join('')).toBe('printenv owner\r')
    door.tell('terminal.heard', { session: 's1', lane: 1, from: TERMINAL.text.length, text: 'printenv owner\r\nowner=\u001b[1;38;2;255;120;0macct-4711\u001b[0m\r\n=> ', isOver: false })
    await expect.poll(() => rows.innerText()).toContain('owner=acct-4711')
    const sent = asked('terminal.type').length
    await scan(page, 'W-00419')
    await expect.poll(() => asked('scan')).toEqual([{ text: 'W-00419' }])
    expect(asked('terminal.type')).toHaveLength(sent)
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.press('Escape') // for the unit, not for the page
    await expect.poll(() => (asked('terminal.type').at(-1) as { text: string } | undefined)?.text).toBe('\u001b')
    await page.getByRole('button', { name: 'End the terminal' }).waitFor()
    await page.keyboard.press('Shift+Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('End the terminal')
    door.tell('terminal.heard', { session: 's1', lane: 1, from: 99, text: '', isOver: true })
    await page.getByRole('button', { name: 'Open', exact: true }).waitFor()
    expect(DOOR_EVENTS).toContain('terminal.heard')
  })

  test('the terminal is fetched when it is opened, and not before', async () => {
    const page = await open()
    const loaded = (): Promise<string[]> => page.evaluate(() => performance.getEntriesByType('resource').map(e => e.name).filter(name => name.includes('terminal')))
    await settings(page, 'Serial')
    expect(await loaded()).toEqual([])
    await page.getByRole('button', { name: 'Terminal', exact: true }).click()
    await page.getByRole('button', { name: 'Open', exact: true }).waitFor()
    expect((await loaded()).length).toBeGreaterThan(0)
  })
})
