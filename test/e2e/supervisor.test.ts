/** The supervisor's tabs before canned views: what is read there, and what is sent. */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { CHROMIUM, SIZES } from '../helpers/browser.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { HANDOVER, HOLDS, SUPERVISED } from '../helpers/supervisor-fixtures.ts'

describe.skipIf(CHROMIUM === null)(`the supervisor${NO_BROWSER}`, () => {
  const { door, open } = useScreens()
  const openTab = async (name: string): Promise<Page> => {
    door().canned = { ...SUPERVISED, ...door().canned }
    door().showBench(BENCH.busy)
    const page = await open({ ...SIZES[1] })
    await page.getByRole('button', { name: 'Supervisor', exact: true }).click()
    await page.getByRole('button', { name, exact: true }).click()
    return page
  }
  const asked = (name: string): unknown => door().asked.find(a => a.name === name)?.params

  test('units: a name finds the unit, and its whole way is on the same page', async () => {
    const page = await openTab('Units')
    await page.locator('#search').fill('00411')
    await expect.poll(() => door().asked.findLast(a => a.name === 'units.find')?.params['text']).toBe('00411')
    await page.getByRole('button', { name: 'W-00411', exact: true }).click()
    for (const text of ['Brought here 2 times.', 'No answer from the unit']) await page.getByText(text).filter({ visible: true }).first().waitFor()
    expect(asked('unit.timeline')).toEqual({ unit: 'unit-1' })
  })

  test('units: days are picked from a calendar, both included; so many days back takes their place', async () => {
    const page = await openTab('Units')
    const last = (): unknown => door().asked.findLast(a => a.name === 'units.find')?.params
    await page.getByLabel('From', { exact: true }).fill('2026-11-23')
    await page.getByLabel('To', { exact: true }).fill('2026-11-24')
    await expect.poll(last).toEqual({ limit: 50, from: Date.UTC(2026, 10, 23), to: Date.UTC(2026, 10, 25) }) // the page of the test is in UTC
    expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('2026-11-24')
    await page.getByLabel('Days back', { exact: true }).fill('7')
    await expect.poll(last).toEqual({ limit: 50, days: 7 })
    expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('')
  })

  test('batches: waves and totes with what became of them, throughput and yield as plots that say the same in words', async () => {
    const page = await openTab('Batches')
    for (const text of ['Stopped: nobody else came', 'T-17', '95% of 60']) await page.getByText(text).first().waitFor()
    await page.getByRole('img', { name: '110 verdicts in 12 hours, 99 of them proven' }).waitFor()
  })

  test('holds: oldest first with owner and reason; a release says why it may go on', async () => {
    const page = await openTab('Holds')
    const rows = page.getByRole('region', { name: 'Holds, oldest first' }).locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(3)
    await page.getByText('Verdicts by reason').waitFor()
    const release = rows.first().getByRole('button', { name: 'Release hold' })
    expect(await release.isDisabled()).toBe(true)
    await rows.first().getByRole('textbox').fill('label changed')
    await release.click()
    await expect.poll(() => asked('unit.release')).toEqual({ unit: HOLDS[0]?.uid, reason: 'label changed' })
  })

  test.each([['valid', 'VALID', 'circle-tick'], ['altered', 'ALTERED', 'triangle-bang'], ['unknown key', 'UNKNOWN KEY', 'square-pause'], ['unsigned', 'UNSIGNED', 'diamond']] as const)('certificates: %s has its own word and shape', async (state, word, shape) => {
    door().canned = { 'certificate.verify': { state, id: 'c-1', unit: null, grade: null, provenAt: null, station: null } }
    const page = await openTab('Certificates')
    await page.locator('input[type=file]').setInputFiles({ name: 'c.json', mimeType: 'application/json', buffer: Buffer.from('{"kind":"unbindery.certificate"}') })
    await page.locator('.certificate-word').getByText(word, { exact: true }).waitFor()
    await page.locator(`.certificate-word .shape-${shape}`).waitFor()
    expect(asked('certificate.verify')).toEqual({ text: '{"kind":"unbindery.certificate"}' })
  })

  test('certificates: the scan of a unit makes and checks its own', async () => {
    const page = await openTab('Certificates')
    door().showBench(BENCH.scanned)
    await page.locator('.certificate-word').waitFor()
    expect(asked('certificate.make')).toEqual({ unit: 'unit-9' })
  })

  test('quota: what is left, who used each seat, what waits, and a ticket in either language', async () => {
    const page = await openTab('Quota')
    await page.getByRole('img', { name: 'house: 61 of 100 seats spent' }).waitFor()
    for (const text of ['given back', 'T-17', 'house: 2 left, used up about']) await page.getByText(text).first().waitFor()
    await page.getByRole('button', { name: 'Ask the vendor for more' }).click()
    const text = page.locator('.ticket textarea')
    await expect.poll(() => text.inputValue()).toContain('- product Camera C2 (cam2qr0000000001): from 100 to 150. Used in the last 24 hours: 100.')
    await page.getByRole('button', { name: 'Chinese' }).click()
    await expect.poll(() => text.inputValue()).toContain('- 产品 摄像机 C2（cam2qr0000000001）：从 100 提高到 150。')
  })

  test('log: whether history is whole is asked and said in words', async () => {
    const page = await openTab('Log')
    await page.getByRole('button', { name: 'Is it whole?' }).click()
    await page.getByText('Whole: 320 facts, each chained to the one before.').waitFor()
  })

  test('log: the first broken record is named', async () => {
    door().canned = { 'ledger.verify': { facts: 320, heads: 1, headsElsewhere: 0, archived: 0, absent: 0, broken: ['fact 17 does not follow from fact 16'] } }
    const page = await openTab('Log')
    await page.getByRole('button', { name: 'Is it whole?' }).click()
    await page.locator('.verdict-bad').getByText('fact 17 does not follow from fact 16').waitFor()
  })

  test('hand-over: each hold is acknowledged by its scan or by touch; only then can the shift be taken over', async () => {
    const page = await openTab('Hand-over')
    const sign = page.getByRole('button', { name: 'Take the shift over' })
    await page.getByText('Incoming lead: scan each one; 2 to go.').waitFor()
    for (const text of ['9f86 d081 884c 7d65', 'Wang Fang', '99']) await page.getByText(text).first().waitFor()
    expect(await sign.isDisabled()).toBe(true)
    door().showBench({ ...BENCH.busy, scan: { text: 'W-00412', at: NOW + 1000, fault: null, heard: 'unit', note: 'again', unit: HOLDS[1] ?? null } })
    await expect.poll(() => asked('handover.acknowledge')).toEqual({ unit: HOLDS[1]?.uid })
    door().canned = { ...SUPERVISED, 'handover.view': { ...HANDOVER, holds: HANDOVER.holds.map(h => ({ ...h, acknowledgedAt: NOW, acknowledgedBy: 'Wang Fang' })) } }
    await page.getByText('All were seen.').waitFor({ timeout: 5000 })
    await sign.click()
    await expect.poll(() => asked('handover.sign')).toEqual({})
  })
})
