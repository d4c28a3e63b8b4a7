/**
 * The three ways in which an operator does everything: by scanner alone, by keys alone, by touch alone. A test that tells a
 * story in these words is told three times.
 */
import type { CDPSession, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { KEYS, type KeyCard } from '#shared'
import { scan } from './browser.ts'
import type { Shift } from './shift.ts'

/** What has no key of its own. */
type Act = 'WAVE' | 'STOP' | 'SIGN' | 'LEAVE' | 'RED-BLINKS'

export interface Way {
  readonly name: 'scans' | 'keys' | 'touch'
  /** The code of a label, a badge, a lane, a reason. */
  code(text: string): Promise<void>
  key(card: KeyCard): Promise<void>
  act(act: Act): Promise<void>
}

const TABS_MAX = 250
/** Slower than any scanner: what a person types is never taken for a scan. */
const TYPING_S = 0.09

/** The button that does it, as the page calls it. */
function buttonOf({ page, say }: Shift, act: Act): Locator {
  switch (act) {
    case 'WAVE': return page.locator('.bench').getByRole('button', { name: say('wave.start') })
    case 'STOP': return page.locator('.bench').getByRole('button', { name: say('wave.stop') })
    case 'SIGN': return page.getByRole('button', { name: say('handover.sign'), exact: true })
    case 'LEAVE': return page.getByRole('button', { name: say('operator.leave'), exact: true })
    case 'RED-BLINKS': return page.locator('.lamp-question').getByRole('button', { name: say('light.red-blinking') }).first()
    default: return act satisfies never
  }
}

export function byScans({ page }: Shift): Way {
  return { name: 'scans', code: text => scan(page, text), key: card => scan(page, `CM:${card}`), act: act => scan(page, `CM:${act}`) }
}

export async function byKeys(shift: Shift): Promise<Way> {
  const { page } = shift
  const client = await page.context().newCDPSession(page)
  const typist = new Typist(client)
  const press = (card: KeyCard): Promise<void> => page.keyboard.press(KEYS.find(k => k.card === card)?.key ?? '')
  return {
    name: 'keys',
    code: async text => {
      await press('TYPE')
      await page.locator('#typed-code').waitFor()
      await typist.type(text)
      expect(await page.locator('#typed-code').inputValue()).toBe(text)
      await page.keyboard.press('Enter')
      await page.locator('#typed-code').waitFor({ state: 'detached' })
    },
    key: press,
    act: async act => {
      await tabTo(page, buttonOf(shift, act))
      await page.keyboard.press('Enter')
    }
  }
}

/** By Tab alone, as far as the page goes. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let i = 0; i < TABS_MAX; i += 1) {
    if (await wanted.evaluate(element => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`no Tab leads to ${String(wanted)}`)
}

export function byTouch(shift: Shift): Way {
  const { page } = shift
  const pad = new Pad(page, shift.say('scan.pad.large'))
  const tapKey = (card: KeyCard): Promise<void> => page.locator(`.key[aria-keyshortcuts="${KEYS.find(k => k.card === card)?.key ?? ''}"]`).tap()
  return {
    name: 'touch',
    code: async text => {
      await tapKey('TYPE')
      await pad.tap(text)
      expect(await page.locator('#typed-code').inputValue()).toBe(text)
      await page.locator('.code-send').tap()
      await page.locator('#typed-code').waitFor({ state: 'detached' })
    },
    key: tapKey,
    act: act => buttonOf(shift, act).tap()
  }
}

/** Types with the stamps of a person, however fast this machine is. */
class Typist {
  readonly #client: CDPSession
  #atS = 0

  constructor(client: CDPSession) {
    this.#client = client
  }

  async type(text: string): Promise<void> {
    this.#atS = Math.max(this.#atS, Date.now() / 1000)
    for (const character of text) {
      this.#atS += TYPING_S
      const code = /[a-z]/i.test(character) ? `Key${character.toUpperCase()}` : /\d/.test(character) ? `Digit${character}` : character === '-' ? 'Minus' : 'Semicolon'
      await this.#client.send('Input.dispatchKeyEvent', { type: 'keyDown', code, key: character, text: character, modifiers: /[A-Z:]/.test(character) ? 8 : 0, timestamp: this.#atS })
      await this.#client.send('Input.dispatchKeyEvent', { type: 'keyUp', code, key: character, timestamp: this.#atS })
    }
  }
}

/** The keys on the screen, each where it stands. */
class Pad {
  readonly #page: Page
  /** What the key for large and small letters says at first. */
  readonly #caseKey: string
  #places: ReadonlyMap<string, { readonly x: number; readonly y: number }> | null = null

  constructor(page: Page, caseKey: string) {
    this.#page = page
    this.#caseKey = caseKey
  }

  async tap(text: string): Promise<void> {
    await this.#page.locator('.code-pad').waitFor()
    this.#places ??= new Map(await this.#page.locator('.code-pad button').evaluateAll(buttons => buttons.map(button => {
      const { x, y, width, height } = button.getBoundingClientRect()
      return [button.textContent, { x: x + width / 2, y: y + height / 2 }] as const
    })))
    let isSmall = false
    for (const key of text) {
      if (/[a-z]/i.test(key) && isSmall !== /[a-z]/.test(key)) {
        isSmall = !isSmall
        await this.#press(this.#caseKey)
      }
      await this.#press(key.toUpperCase())
    }
  }

  async #press(key: string): Promise<void> {
    const place = this.#places?.get(key)
    if (place === undefined) throw new Error(`no key ${key} to touch`)
    await this.#page.touchscreen.tap(place.x, place.y)
  }
}
