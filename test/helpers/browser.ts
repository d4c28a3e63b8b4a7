/** Debian's Chromium under playwright-core: what is found of it, the sizes that are looked at, pages, scans and decoded pictures. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { FakeDoor } from './fake-door.ts'

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
  return text.includes('WebSocket connection to') || text.includes('/door') || /(?:icon\.svg|\/assets\/[\w-]+\.(?:js|css)) net::ERR_ABORTED/.test(text) // a reload does not wait for it, nor for a page that comes at leisure
}

/** Words as long as German makes them: two fifths longer, and never shorter than a short compound. */
export const lengthen = (page: Page): Promise<void> => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent ?? ''
    if (/\p{L}{2}/u.test(text)) node.textContent = text + 'enschaft'.repeat(Math.ceil(text.length * 0.4 / 8)).slice(0, Math.ceil(text.length * 0.4))
  }
})

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

/** Of training: on a large screen wider than ten pixels. */
export const YELLOW_FRAME = /^rgb\(244, 196, 0\) [1-9]\dpx$/

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
  // All at once and in order: a busy machine would stretch a scan that waits for each of its keys beyond any scanner.
  await Promise.all([...keys, { code: 'Enter', key: 'Enter', text: '\r', modifiers: 0 }].flatMap((key, i) => {
    const seen = o.isSwallowed === true ? { code: key.code, key: 'Process', windowsVirtualKeyCode: 229, modifiers: key.modifiers } : key
    return [
      client.send('Input.dispatchKeyEvent', { type: o.isSwallowed === true ? 'rawKeyDown' : 'keyDown', ...seen, timestamp: startS + i * 0.004 }),
      client.send('Input.dispatchKeyEvent', { type: 'keyUp', code: key.code, key: key.key, timestamp: startS + i * 0.004 + 0.001 })
    ]
  }))
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
