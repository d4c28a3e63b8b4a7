/** A keyboard scanner before a real browser: a thousand scans at every speed, in fields, under an input method, on a page that is busy; each heard once, in order. */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM, launch, openPage, SIZES, type Opened } from '../helpers/browser.ts'
import { FakeDoor } from '../helpers/fake-door.ts'
import { BENCH } from '../helpers/fixtures.ts'

/** Between two scans; a scanner's trigger cannot be pulled faster. */
const PAUSE_S = 0.12
/** CDP calls that are under way at once: fewer than 200 scans, which is what a page may have waiting (common/bridge.ts). */
const BATCH = 900
const AT_A_TIME = 100

interface Key { readonly code: string; readonly key: string; readonly text: string; readonly modifiers: number }
const ENTER: Key = { code: 'Enter', key: 'Enter', text: '\r', modifiers: 0 }
const TAB: Key = { code: 'Tab', key: 'Tab', text: '', modifiers: 0 }
const keysOf = (text: string): Key[] => Array.from(text, c => {
  const code = /[a-z]/i.test(c) ? `Key${c.toUpperCase()}` : /\d/.test(c) ? `Digit${c}` : c === '-' ? 'Minus' : 'Semicolon'
  return { code, key: c, text: c, modifiers: /[A-Z:]/.test(c) ? 8 : 0 }
})

function cdpOf(character: string): Key {
  const [key] = keysOf(character)
  if (!key) throw new Error('no key')
  return key
}

/** A quarter of a second at a time. */
async function keepBusy(page: Page): Promise<void> {
  await page.evaluate(() => {
    setInterval(() => {
      const until = performance.now() + 250
      while (performance.now() < until) { /* busy */ }
    }, 400)
  })
}

describe.skipIf(CHROMIUM === null)(`the scanner in the browser${CHROMIUM === null ? ' (skipped, this machine lacks Chromium)' : ''}`, () => {
  let browser: Browser
  let door: FakeDoor
  let opened: Opened | null = null
  beforeAll(async () => { browser = await launch() })
  afterAll(() => browser.close())
  beforeEach(async () => { door = await FakeDoor.start() })
  afterEach(async () => {
    await opened?.close()
    await door[Symbol.asyncDispose]()
  })
  const open = async (): Promise<{ page: Page; client: CDPSession }> => {
    door.showBench(BENCH.busy)
    opened = await openPage(browser, door, { page: 'index', ...SIZES[1] })
    return { page: opened.page, client: await opened.page.context().newCDPSession(opened.page) }
  }
  const heard = (): unknown[] => door.asked.filter(a => a.name === 'scan').map(a => a.params['text'])

  /** Types all of them, by the stamps of their keys; `gapMs` from key to key of the nth scan. Gives the stamp after the last. */
  async function type(client: CDPSession, texts: readonly string[], gapMs: (n: number) => number, fromS = Date.now() / 1000, suffix: readonly Key[] = [ENTER]): Promise<number> {
    let atS = fromS
    let calls: Promise<unknown>[] = []
    for (const [n, text] of texts.entries()) {
      for (const { code, key, text: written, modifiers } of [...keysOf(text), ...suffix]) {
        calls.push(client.send('Input.dispatchKeyEvent', { type: 'keyDown', code, key, text: written, modifiers, timestamp: atS }))
        if (n % 10 === 0) calls.push(client.send('Input.dispatchKeyEvent', { type: 'keyUp', code, key, timestamp: atS + 0.001 })) // of every tenth scan: a key let go means nothing, and each call takes its time
        atS += gapMs(n) / 1000
      }
      atS += PAUSE_S
      if (calls.length > BATCH) {
        await Promise.all(calls)
        calls = []
      }
    }
    await Promise.all(calls)
    return atS
  }
  const codes = (count: number): string[] => Array.from({ length: count }, (_, n) => n % 7 === 0 ? `P${String(n % 48 + 1).padStart(2, '0')}` : n % 5 === 0 ? `OP:A${n}` : `W-${String(n).padStart(5, '0')}`)

  test('1,000 scans at 5 to 30 ms from key to key are 1,000 scans, each once and in order', { timeout: 120_000 }, async () => {
    const { client } = await open()
    const texts = codes(1000)
    let fromS = Date.now() / 1000
    for (let at = 0; at < texts.length; at += AT_A_TIME) { // typed far faster than any hand can pull the trigger: the door is let catch up
      fromS = await type(client, texts.slice(at, at + AT_A_TIME), n => 5 + (at + n) % 26, fromS)
      await expect.poll(() => heard().length, { timeout: 20_000 }).toBe(at + AT_A_TIME)
    }
    expect(heard()).toEqual(texts)
  })

  test('with the focus in a text field every scan is heard, none stays in the field, and what was typed there before is kept', { timeout: 60_000 }, async () => {
    const { page, client } = await open()
    const texts = codes(40)
    for (const [n, text] of texts.entries()) {
      if (n % 8 === 0) {
        await page.keyboard.press('F2')
        await page.locator('#typed-code').fill('half a word')
      }
      await page.locator('#typed-code').focus()
      await type(client, [text], () => 5 + n % 26)
      await expect.poll(() => heard().at(-1)).toBe(text)
      await expect.poll(() => page.locator('#typed-code').inputValue()).toBe('half a word')
    }
    expect(heard()).toEqual(texts)
  })

  test('under a Chinese input method that composes, the composition is discarded and the scan rebuilt from the keys', { timeout: 60_000 }, async () => {
    const { page, client } = await open()
    const texts = codes(10)
    await page.keyboard.press('F2')
    const field = page.locator('#typed-code')
    await field.fill('before')
    for (const text of texts) {
      await field.focus()
      let atS = Date.now() / 1000
      let composed = ''
      for (const { code, key, modifiers } of [...keysOf(text), ENTER]) {
        // What Chromium tells a page while an input method has the keys: the physical key, `Process`, and the composition beside it.
        await client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', code, key: 'Process', windowsVirtualKeyCode: 229, modifiers, timestamp: atS })
        if (key !== 'Enter' && await page.evaluate(() => document.activeElement?.id === 'typed-code')) {
          composed += key.toLowerCase()
          await client.send('Input.imeSetComposition', { text: composed, selectionStart: composed.length, selectionEnd: composed.length })
        }
        await client.send('Input.dispatchKeyEvent', { type: 'keyUp', code, key, timestamp: atS + 0.001 })
        atS += 0.008
      }
      await expect.poll(() => heard().at(-1)).toBe(text)
      await expect.poll(() => field.inputValue()).toBe('before')
    }
    expect(heard()).toEqual(texts)
  })

  test('on a page that is busy for a quarter of a second at a time no scan is lost and none is doubled', { timeout: 60_000 }, async () => {
    const { page, client } = await open()
    await keepBusy(page)
    const texts = codes(60)
    await type(client, texts, n => 5 + n % 26)
    await expect.poll(() => heard().length, { timeout: 30_000 }).toBe(texts.length)
    expect(heard()).toEqual(texts)
  })

  test('of a scanner without a suffix silence ends each scan', async () => {
    const { client } = await open()
    for (const [n, text] of codes(5).entries()) {
      await type(client, [text], () => 5 + n * 5, Date.now() / 1000 - 0.4, []) // so long ago was its first key: stamps are never from the future
      await expect.poll(() => heard().at(-1), { timeout: 10_000 }).toBe(text)
    }
    expect(heard()).toEqual(codes(5))
  })

  test('without a suffix on a busy page the next scan ends the one before: each once and in order', { timeout: 60_000 }, async () => {
    const { page, client } = await open()
    await keepBusy(page)
    const texts = codes(16)
    for (let n = 0; n < texts.length; n += 8) {
      await page.waitForTimeout(2600) // all of their keys were pressed before they are sent: stamps are never from the future
      await type(client, texts.slice(n, n + 8), i => 5 + (n + i) % 20, Date.now() / 1000 - 2.4, [])
      await expect.poll(() => heard().length, { timeout: 10_000 }).toBe(n + 8)
    }
    expect(heard()).toEqual(texts)
  })

  test('without a suffix, and with Tab, a scan leaves nothing in a field; a person who types there is left alone', async () => {
    const { page, client } = await open()
    await page.keyboard.press('F2')
    const field = page.locator('#typed-code')
    await field.fill('half a word')
    for (const [text, suffix] of [['W-00001', []], ['P07', []], ['W-00002', [TAB]]] as const) {
      await field.focus()
      await type(client, [text], () => 12, Date.now() / 1000, suffix)
      await expect.poll(() => heard().at(-1)).toBe(text)
      await expect.poll(() => field.inputValue()).toBe('half a word')
    }
    await field.focus()
    await page.keyboard.press('End')
    await type(client, ['abc-12345'], () => 60, Date.now() / 1000, [])
    await expect.poll(() => field.inputValue()).toBe('half a wordabc-12345')
    expect(heard()).toEqual(['W-00001', 'P07', 'W-00002'])
  })

  test('a GS1 code keeps its separator', async () => {
    const { client } = await open()
    const fromS = Date.now() / 1000
    const before = Array.from('10AB7')
    for (const [i, c] of before.entries()) await client.send('Input.dispatchKeyEvent', { type: 'keyDown', ...cdpOf(c), timestamp: fromS + i * 0.01 })
    await client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', code: 'ControlLeft', key: 'Control', modifiers: 2, timestamp: fromS + 0.05 })
    await client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', code: 'BracketRight', key: ']', modifiers: 2, timestamp: fromS + 0.06 })
    for (const [i, c] of Array.from('21XY9').entries()) await client.send('Input.dispatchKeyEvent', { type: 'keyDown', ...cdpOf(c), timestamp: fromS + 0.07 + i * 0.01 })
    await client.send('Input.dispatchKeyEvent', { type: 'keyDown', code: 'Enter', key: 'Enter', text: '\r', timestamp: fromS + 0.13 })
    await expect.poll(() => heard()).toEqual(['10AB7\u001d21XY9'])
  })

  test('in a window that has just been focused again the first scan is whole', async () => {
    const { page, client } = await open()
    const other = await page.context().newPage()
    await other.bringToFront()
    await page.bringToFront()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY') // no field has the focus unless somebody gives it
    await type(client, ['W-00001'], () => 5)
    await expect.poll(() => heard()).toEqual(['W-00001'])
    await other.close()
  })
})
