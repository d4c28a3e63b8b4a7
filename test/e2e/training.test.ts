// The built station as a newcomer starts it, in training, looked at through Chromium: a whole delivery and a wave without a touch.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import type { BenchView, UnitView } from '#shared'
import { CHROMIUM, decode, launch, scan, ZBARIMG } from '../helpers/browser.ts'

const built = (name: string): string => resolve(import.meta.dirname, '../..', process.env['UNBINDERY_OUT'] ?? 'out', 'main', name)
const SHOTS = resolve(import.meta.dirname, '../../test-results')
const missing = [...CHROMIUM === null ? ['Chromium'] : [], ...ZBARIMG === null ? ['zbarimg'] : []]
if (missing.length > 0 && process.env['CI'] !== undefined) throw new Error(`CI must run this: ${missing.join(' and ')} missing`)

it.skipIf(missing.length > 0)(`training: 8 wired units and a wave of 30 cameras get their verdicts on screen without a touch${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, async () => {
  mkdirSync(SHOTS, { recursive: true })
  const data = mkdtempSync(join(tmpdir(), 'unbindery-training-'))
  const station = spawn(process.execPath, [built('headless.js'), '--data', data, '--seed', '7'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  station.stdout.on('data', (chunk: Buffer) => { said += String(chunk) })
  const ask = <T>(...words: string[]): T => JSON.parse(execFileSync(process.execPath, [built('cli.js'), ...words, '--json', '--data', data], { encoding: 'utf8', maxBuffer: 1 << 25 })) as T // what --json promises
  const browser = await launch()
  try {
    await expect.poll(() => /DISPLAY\s+\S+/.test(said), { timeout: 15_000 }).toBe(true)
    const [console_, display] = [/OPEN\s+(\S+)/, /DISPLAY\s+(\S+)/].map(form => form.exec(said)?.[1] ?? '')
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, locale: 'en-GB' })
    await page.goto(console_ ?? '')
    const wall = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await wall.goto(display ?? '')
    await page.getByText('TRAINING').first().waitFor()
    await wall.getByText('TRAINING').first().waitFor()
    await page.locator('.pace').click()
    await page.locator('.pace').getByText('20').waitFor({ timeout: 1500 }) // at once, not with the next look at everything

    await expect.poll(async () => {
      await wall.screenshot({ path: join(SHOTS, 'training-display.png') })
      return decode(join(SHOTS, 'training-display.png'))
    }, { timeout: 60_000, interval: 300 }).toEqual([expect.stringMatching(/^\{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EU\w{12}"\}$/)])

    await expect.poll(() => ask<UnitView[]>('units').filter(u => u.stage === 'closed').length, { timeout: 90_000, interval: 500 }).toBe(38)
    const units = ask<UnitView[]>('units')
    const faults = new Set(units.flatMap(u => u.fault === null ? [] : [u.fault.code]))
    expect(faults).toEqual(new Set(['unit.refused', 'unit.silent', 'cloud.no-permission', 'unit.not-seen-reading', 'unit.stuck-activating']))
    expect(units.filter(u => u.outcome === 'proven')).toHaveLength(33)
    await page.getByText(/^(PROVEN|UNPROVEN|REFUSED)$/).first().waitFor()
    await page.screenshot({ path: join(SHOTS, 'training-console.png') })

    ask('do', 'training.pace', '{"rate":1}') // the virtual operator signs in again with his next delivery
    await scan(page, 'OP:2002') // the operator at the real keyboard takes over
    await expect.poll(() => ask<BenchView>('do', 'bench.view', '{}').operator, { timeout: 5000 }).toBe('2002')
    await page.reload()
    await page.getByText('P08').first().waitFor() // the key outlives a reload
    await wall.screenshot({ path: join(SHOTS, 'training-display-after.png') })
    expect(await decode(join(SHOTS, 'training-display-after.png'))).toEqual([]) // the code never lingers

    // An exercise, by a person at the page: the bench is cleared, the fault shows, the hand mends it, the points stay with the badge.
    await page.getByRole('button', { name: 'Training', exact: true }).click()
    await scan(page, 'OP:2002')
    await page.getByRole('row', { name: /No power supply/ }).getByRole('button', { name: 'Begin' }).click()
    await page.getByText('Your turn: something is wrong.').waitFor({ timeout: 120_000 })
    await page.screenshot({ path: join(SHOTS, 'training-exercise.png') })
    await page.getByRole('button', { name: 'Connect its power supply' }).click()
    await page.getByText('Passed', { exact: true }).waitFor({ timeout: 60_000 })
    await page.screenshot({ path: join(SHOTS, 'training-score.png') })
    expect(readFileSync(join(data, 'competence.jsonl'), 'utf8')).toMatch(/"badge":"2002","course":"no-power","score":\d+/)
  } finally {
    await browser.close()
    station.kill('SIGTERM')
    await new Promise(done => { station.once('exit', done) })
    rmSync(data, { recursive: true, force: true })
  }
}, 300_000)
