/** The page of accounts in a real browser, before canned views: what a lead reads there, and what is sent. */
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM, SIZES } from '../helpers/browser.ts'
import { ACCOUNTS, PLAN, RELAY, UNMATCHED } from '../helpers/cloud-fixtures.ts'
import type { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'

describe.skipIf(CHROMIUM === null)(`the page of accounts${NO_BROWSER}`, () => {
  const screens = useScreens(SIZES[1])
  let door: FakeDoor
  beforeEach(() => {
    door = screens.door()
    door.canned = { 'account.list': ACCOUNTS, 'quota.plan': PLAN, 'unmatched.list': UNMATCHED }
  })
  const open = async (search = ''): Promise<Page> => {
    door.showBench(BENCH.busy)
    const page = await screens.open({ search })
    await page.getByRole('button', { name: search === '' ? 'Settings' : '设置', exact: true }).click()
    await page.getByRole('button', { name: search === '' ? 'Accounts' : '账号', exact: true }).click()
    return page
  }

  test('says what each account may do, what is left today, and who can grant what is denied', async () => {
    const page = await open()
    const accounts = page.getByRole('region', { name: 'Accounts' })
    for (const text of ['house', '97 spent, 1 reserved of 100', 'Sign in again', 'Recorder D4', 'of the configuration']) await accounts.getByText(text).first().waitFor()
    await accounts.getByText('Who can grant it, and where').click()
    await accounts.getByText('Partnership type: development.').waitFor()
    await page.keyboard.press('F9')
    const plan = page.getByRole('region', { name: 'Plan' })
    for (const text of ['1 today, 1 tomorrow, 0 without permission', 'T-17']) await plan.getByText(text).first().waitFor()
  })

  test('a secret that is typed goes out once, and stands nowhere on the page after that', async () => {
    const page = await open()
    for (const [label, text] of [['Account', 'second'], ['Access id', 'abc123'], ['Secret', 'typed-secret']] as const) await page.getByRole('textbox', { name: label, exact: true }).or(page.locator(`label:has-text("${label}") input`)).first().fill(text)
    await page.getByRole('button', { name: 'Enter account' }).click()
    await expect.poll(() => door.asked.find(a => a.name === 'account.add')?.params).toEqual({ id: 'second', source: 'openapi', centre: 'eu', clientId: 'abc123', secret: 'typed-secret', family: 'industry', release: 'none' })
    await expect.poll(() => page.locator('input[type=password]').inputValue()).toBe('')
    expect(await page.content()).not.toContain('typed-secret')
  })

  test('codes of the phone: off until a lead confirms, then whose they are, the next one in time, and a text that is never shown again', async () => {
    door.canned = { ...door.canned, 'relay.view': { ...RELAY, consent: null, waiting: null, isNextNeeded: false } }
    const page = await open()
    const codes = page.getByRole('region', { name: 'Codes of the phone' })
    await codes.getByText('Off until a lead has read').waitFor()
    door.canned = { ...door.canned, 'relay.view': RELAY }
    await codes.getByRole('button', { name: 'I am a lead: the terms allow it' }).click()
    await expect.poll(() => door.asked.find(a => a.name === 'relay.allow')?.params).toEqual({ isAllowed: true })
    for (const text of ['Allowed by LEAD', 'A code of phone is at hand, 35 s left', 'Show the next code on the phone']) await codes.getByText(text).waitFor()
    await codes.getByLabel('Account of the phone').selectOption('phone')
    await expect.poll(() => door.asked.find(a => a.name === 'relay.state')?.params).toEqual({ account: 'phone' })
    const text = '{"p":"pw","s":"SHOP","t":"EUPhoneTok1234"}'
    await codes.getByLabel('Or its text').fill(text)
    await codes.getByRole('button', { name: 'Take the code' }).click()
    await expect.poll(() => door.asked.find(a => a.name === 'scan')?.params).toEqual({ text })
    await expect.poll(() => codes.getByLabel('Or its text').inputValue()).toBe('')
    expect(await page.content()).not.toContain('PhoneTok')
  })

  test('a refused unit says on its own card who can grant the permission, and by which menus, in the language of the screen', async () => {
    for (const [search, summary, menu] of [['', 'Who can grant it, and where', 'Authorize to Collaborate Across Organizations'], ['?lang=zh', '谁可以授权，在哪里授权', '企业内协作授权']] as const) {
      door.showBench(BENCH.refused)
      const page = await screens.open({ search })
      await page.getByRole('button', { name: BENCH.refused.verdict?.name ?? '' }).first().click()
      await page.getByText(summary).first().click()
      await page.getByText(menu).first().waitFor()
    }
  })

  test('an account whose day has been learnt says where it begins', async () => {
    const page = await open()
    await page.getByText('Day begins 16:00 to 00:30 UTC, seen 3 times').waitFor()
  })

  test('a result nobody claims is dismissed with a reason', async () => {
    const page = await open('?lang=zh')
    await page.keyboard.press('F3')
    await page.getByRole('button', { name: '未匹配', exact: true }).click()
    const row = page.getByRole('row').filter({ hasText: 'unheard-of' })
    await row.getByRole('textbox').fill('a visitor')
    await row.getByRole('button', { name: '忽略' }).click()
    await expect.poll(() => door.asked.find(a => a.name === 'unmatched.dismiss')?.params).toEqual({ result: 41, reason: 'a visitor' })
  })
})
