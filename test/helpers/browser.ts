/** Debian's Chromium under playwright-core, and the list of pages and states that are looked at. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { BENCH, CODE_TEXT, displayOf, NOW, WAVE } from './fixtures.ts'
import type { FakeDoor } from './fake-door.ts'
import { KEPT } from './paper-fixtures.ts'
import { SET } from './settings-fixtures.ts'
import { SUPERVISED } from './supervisor-fixtures.ts'
import { TRAINED, TRAINING_BENCH } from './training-fixtures.ts'

export function findProgram(...names: readonly string[]): string | null {
  const dirs = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap(name => dirs.map(dir => join(dir, name))).find(path => existsSync(path)) ?? null
}

export const CHROMIUM = findProgram('chromium', 'chromium-browser', 'google-chrome')

export const ZBARIMG = findProgram('zbarimg')

export function launch(...more: readonly string[]): Promise<Browser> {
  // Chromium refuses its sandbox to root, and only then may it go without.
  return chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: [...process.getuid?.() === 0 ? ['--no-sandbox'] : [], ...more] })
}

export const SIZES = [{ width: 1280, height: 720 }, { width: 1920, height: 1080 }, { width: 3840, height: 2160 }] as const
/** A 10-inch tablet lying on the bench, and the same held upright. */
export const TABLET = { width: 1280, height: 800 } as const
export const UPRIGHT = { width: 800, height: 1280 } as const

export interface Shot {
  readonly name: string
  readonly page: 'index' | 'display'
  readonly search?: string
  readonly scheme?: 'dark' | 'light'
  /** Sets the views, before the page is opened. */
  readonly set: (door: FakeDoor) => void
  /** What an operator does on the page before it is looked at. */
  readonly act?: (page: Page) => Promise<void>
}

const bench = (name: keyof typeof BENCH, more: Partial<Shot> = {}): Shot => ({ name: `console-${name}`, page: 'index', set: door => door.showBench(BENCH[name]), ...more })
const display = (name: string, change: Parameters<typeof displayOf>[0], more: Partial<Shot> = {}): Shot => ({ name: `display-${name}`, page: 'display', set: door => door.showDisplay(displayOf(change)), ...more })
const supervisor = (name: string, more: Partial<Shot> = {}): Shot => ({
  name: `supervisor-${name.toLowerCase()}`, page: 'index', set: door => { door.canned = { ...SUPERVISED, ...KEPT, ...SET }; door.showBench(BENCH.busy) },
  act: async page => { await tab('Supervisor')(page); await tab(name)(page) }, ...more
})
const settings = (name: string, more: Partial<Shot> = {}): Shot => ({ ...supervisor(name), name: `settings-${name.toLowerCase()}`, act: async page => { await tab('Settings')(page); await tab(name)(page) }, ...more })
const training = (name: keyof typeof TRAINED, more: Partial<Shot> = {}): Shot => ({
  name: `training-${name}`, page: 'index', set: door => { door.canned = { ...SUPERVISED, ...KEPT, ...TRAINED[name] }; door.showBench(TRAINING_BENCH) },
  act: async page => { await tab('Training')(page); await page.locator('.second-training table').waitFor() }, ...more
})
const tab = (name: string) => (page: Page): Promise<void> => page.getByRole('button', { name, exact: true }).click()

export const SHOTS: readonly Shot[] = [
  bench('empty'), bench('busy'), bench('busy', { name: 'console-busy-dark', scheme: 'dark' }), bench('busy', { name: 'console-busy-zh', search: '?lang=zh' }),
  bench('refused'), bench('refused', { name: 'console-refused-zh-dark', search: '?lang=zh', scheme: 'dark' }), bench('unproven'), bench('broken'), bench('withdrawn'), bench('wave'), bench('hostile'), bench('full'),
  bench('busy', { name: 'console-unit', act: page => page.getByRole('button', { name: 'W-00417' }).click() }),
  bench('busy', { name: 'console-typed', act: page => page.keyboard.press('F2') }),
  bench('wave', { name: 'console-wave-page', act: tab('Wave') }), bench('leftovers', { name: 'console-leftovers', act: tab('Wave') }), bench('leftovers', { name: 'console-leftovers-zh-dark', search: '?lang=zh', scheme: 'dark', act: tab('波次') }),
  bench('wave', { name: 'board', page: 'display', search: '?board' }), bench('refused', { name: 'board-zh', page: 'display', search: '?board&lang=zh' }),
  bench('refused', { name: 'console-network', act: tab('Network') }),
  bench('scanned'), bench('returned'), bench('called', { name: 'console-called-dark', scheme: 'dark' }), bench('pairs'),
  bench('refused', { name: 'console-help', act: page => page.keyboard.press('F1') }), bench('refused', { name: 'console-help-zh-dark', search: '?lang=zh', scheme: 'dark', act: page => page.keyboard.press('F1') }),
  ...['Units', 'Batches', 'Holds', 'Certificates', 'Unmatched', 'Quota', 'Log', 'Hand-over'].map(name => supervisor(name)),
  supervisor('Units', { name: 'supervisor-timeline', act: async page => { await page.keyboard.press('F3'); await page.getByRole('button', { name: 'W-00411', exact: true }).click() } }),
  supervisor('Certificates', { name: 'supervisor-certificate-found', act: async page => { await tab('Supervisor')(page); await tab('Certificates')(page); await page.locator('#certificate-text').fill('{}'); await page.getByRole('button', { name: 'Check', exact: true }).click() } }),
  supervisor('交班', { name: 'supervisor-hand-over-zh-dark', search: '?lang=zh', scheme: 'dark', act: page => page.keyboard.press('F10') }),
  supervisor('名额', { name: 'supervisor-quota-zh-dark', search: '?lang=zh', scheme: 'dark', act: page => page.keyboard.press('F9') }),
  ...['Checklist', 'Profiles', 'Accounts', 'Wi-Fi', 'Printing', 'Integration', 'Data', 'People', 'Serial', 'Scanner', 'Sounds and display'].map(name => settings(name)),
  settings('Bench', { name: 'settings-bench', act: async page => { await tab('Settings')(page); await page.getByLabel('Pages of the settings').getByRole('button', { name: 'Bench', exact: true }).click() } }),
  settings('Checklist', { name: 'settings-checklist-zh-dark', search: '?lang=zh', scheme: 'dark', act: tab('设置') }),
  settings('Bench', { name: 'settings-bench-zh', search: '?lang=zh', act: async page => { await tab('设置')(page); await page.getByLabel('设置页面').getByRole('button', { name: '工作台', exact: true }).click() } }),
  training('begin'), training('running'), training('scored'), training('passed'), training('running', { name: 'training-strip', act: page => page.locator('.exercise').waitFor() }), training('scored', { name: 'training-scored-zh-dark', search: '?lang=zh', scheme: 'dark', act: async page => { await tab('培训')(page); await page.locator('.second-training table').waitFor() } }),
  display('code', { code: CODE_TEXT }), display('code-training', { code: CODE_TEXT, mode: 'training' }), display('code-zh', { code: CODE_TEXT, mode: 'training' }, { search: '?lang=zh' }),
  display('none', { wave: null, code: null }), display('soon', { wave: { ...WAVE, state: 'planned', shownAt: null, expiresAt: null, joined: 0 }, code: null, mode: 'training' }),
  display('full', { wave: { ...WAVE, state: 'settling', joined: 30, stopReason: 'full' }, code: null }),
  display('expired', { wave: { ...WAVE, expiresAt: NOW - 1000 }, code: CODE_TEXT }), display('stopped', { wave: { ...WAVE, state: 'settling', stopReason: 'operator' }, code: null }, { search: '?lang=zh' })
]

export interface Opened { readonly page: Page; readonly complaints: readonly string[]; readonly close: () => Promise<void> }

/** A page of its own for one state. `complaints`: whatever the browser said that it should not have said. */
export async function openPage(browser: Browser, door: FakeDoor, o: { page: 'index' | 'display'; search?: string; width: number; height: number; scheme?: 'dark' | 'light'; hasTouch?: boolean }): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: o.width, height: o.height }, colorScheme: o.scheme ?? 'light', hasTouch: o.hasTouch ?? false, locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()) })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('requestfailed', request => complaints.push(`${request.url()} ${request.failure()?.errorText ?? ''}`))
  await page.goto(door.url(o.page, o.search))
  await page.locator(o.page === 'index' ? '.console' : '.wall, .board').waitFor()
  return { page, complaints, close: () => context.close() }
}

/** A line that a test breaks, and a picture that a reload cuts off, are reported by the browser; that is no fault of the page. */
export function isExpected(text: string): boolean {
  return text.includes('WebSocket connection to') || text.includes('/door') || text.includes('icon.svg net::ERR_ABORTED') // a reload does not wait for it
}

/** Boxes that cut off more of their text than the overhang of a letter, and the page itself when it can be scrolled. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = [...document.querySelectorAll('.now, .now-action, .header, .figure-group, .wave, .tile, .tile-act, .lamp, .scan-chip, .honesty')]
      .filter(element => {
        const { fontSize, overflowY } = getComputedStyle(element)
        const spare = Number.parseFloat(fontSize) * 0.3
        return overflowY !== 'visible' && element.clientHeight > 0 && (element.scrollHeight > element.clientHeight + spare || element.scrollWidth > element.clientWidth + spare)
      })
      .map(element => `${element.className}: ${element.textContent.slice(0, 60)} ${element.scrollWidth}x${element.scrollHeight} in ${element.clientWidth}x${element.clientHeight}`)
    const { scrollWidth, scrollHeight } = document.documentElement
    return scrollWidth > innerWidth || scrollHeight > innerHeight ? [...found, `page ${scrollWidth}x${scrollHeight}`] : found
  })
}

export function frameOf(page: Page): Promise<string> {
  return page.locator('.training').evaluate(element => `${getComputedStyle(element).borderTopColor} ${getComputedStyle(element).borderTopWidth}`)
}

/** Types as a wedge scanner does, a key each 4 ms by the stamps of the keys, however slow this machine is. */
export async function scan(page: Page, text: string, o: { isSwallowed?: boolean } = {}): Promise<void> {
  const startS = Date.now() / 1000
  const client = await page.context().newCDPSession(page)
  const keys = Array.from(text).map(character => {
    const isUpper = /[A-Z:]/.test(character)
    const code = /[a-z]/i.test(character) ? `Key${character.toUpperCase()}` : /\d/.test(character) ? `Digit${character}` : character === '-' ? 'Minus' : 'Semicolon'
    return { code, key: character, text: character, modifiers: isUpper ? 8 : 0 }
  })
  for (const [i, key] of [...keys, { code: 'Enter', key: 'Enter', text: '\r', modifiers: 0 }].entries()) {
    const seen = o.isSwallowed === true ? { code: key.code, key: 'Process', windowsVirtualKeyCode: 229, modifiers: key.modifiers } : key
    await client.send('Input.dispatchKeyEvent', { type: o.isSwallowed === true ? 'rawKeyDown' : 'keyDown', ...seen, timestamp: startS + i * 0.004 })
    await client.send('Input.dispatchKeyEvent', { type: 'keyUp', code: key.code, key: key.key, timestamp: startS + i * 0.004 + 0.001 })
  }
}

/** Every JSON text found, each once, byte for byte as UTF-8: `zbarimg` guesses at other encodings unless it is told not to, and then puts them end to end. */
export function decodeBytes(path: string): Promise<string[]> {
  const { promise, resolve: done, reject } = Promise.withResolvers<string[]>()
  execFile(ZBARIMG ?? 'zbarimg', ['-q', '--raw', '-Sbinary', path], (error, out) => {
    if (error !== null) reject(error)
    else done([...new Set(out.split(/(?<=\})(?=\{)/))])
  })
  return promise
}

/** Every text a decoder finds in a picture, each once. */
export function decode(path: string): Promise<string[]> {
  const { promise, resolve: done, reject } = Promise.withResolvers<string[]>()
  execFile(ZBARIMG ?? 'zbarimg', ['-q', '--raw', path], (error, out) => {
    if (error !== null && error.code !== 4) reject(error) // 4: no symbol in the picture
    else done([...new Set(out.split('\n').filter(line => line !== ''))])
  })
  return promise
}
