/**
 * A shift as it is worked: the real station in a virtual world, its own host, its own pages in a real browser, and one pair of
 * hands. What the operator does goes through the page alone; what a body does (plug, power, press, turn a camera) goes to the
 * world. Its time goes on in short steps, so that the page lives through it as through a day, however slow this machine is.
 */
import { setTimeout as rest } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { millis, type Language, type Light, type Millis } from '#shared'
import { serveHttp, type HttpHost } from '../../src/main/hosts/http.ts'
import { Pages } from '../../src/main/hosts/static.ts'
import { LiveEntropy } from '../../src/main/live/clock.ts'
import type { VirtualUnit } from '../../src/main/virtual/unit.ts'
import { SPEECHES, type Speech } from '../../src/renderer/common/language.ts'
import { isExpected } from './browser.ts'
import { PAGES_DIR } from './fake-door.ts'
import { openBench, type BenchOptions, type TestBench } from './station.ts'
import { PRINTER, plugPrinter } from './label-printer.ts'

const LANES = 8
/** Virtual time of a step, while somebody works and while everybody waits; and the real time between two, which is the page's. */
const STEP = { work: millis(60), wait: millis(800) } as const
const REST_MS = 12
const SEE_MS = 40_000

interface Asked { readonly name: string; readonly params: unknown }

export class Shift implements AsyncDisposable {
  readonly bench: TestBench
  readonly page: Page
  readonly say: Speech['say']
  readonly words: Speech['words']
  /** What the page asked the station to do, in order; looking is left out. */
  readonly done: Asked[]
  readonly #host: HttpHost
  readonly #printed: readonly string[]
  readonly #complaints: string[] = []
  #step: Millis = STEP.work
  #isOver = false
  readonly #going: Promise<void>

  constructor(o: { bench: TestBench; page: Page; host: HttpHost; printed: readonly string[]; done: Asked[]; language: Language }) {
    this.bench = o.bench
    this.page = o.page
    this.done = o.done
    this.#host = o.host
    this.#printed = o.printed
    this.say = SPEECHES[o.language].say
    this.words = SPEECHES[o.language].words
    this.#going = this.#goOn()
    o.page.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text()) })
    o.page.on('pageerror', error => this.#complaints.push(String(error)))
  }

  get wired(): readonly VirtualUnit[] { return this.bench.world.units }
  get cameras(): readonly VirtualUnit[] { return this.bench.world.cameras }
  /** Texts of the scans the page sent. */
  get scans(): readonly string[] { return this.done.flatMap(({ name, params }) => name === 'scan' && typeof params === 'object' && params !== null && 'text' in params ? [String(params.text)] : []) }

  /** Waits until the page shows this, where it belongs. */
  async see(where: string, ...texts: readonly string[]): Promise<void> {
    const place = this.page.locator(where)
    let all = place
    for (const text of texts) all = all.filter({ hasText: text })
    await all.filter({ visible: true }).first().waitFor({ timeout: SEE_MS }).catch(async () => {
      expect({ seen: await place.allInnerTexts(), now: await this.page.locator('.now-column').innerText(), last: this.done.slice(-3) }, where).toBe(texts.join(', '))
    })
  }

  /** The same, while the world runs faster than anybody works. */
  async await(where: string, ...texts: readonly string[]): Promise<void> {
    this.#step = STEP.wait
    await this.see(where, ...texts)
    this.#step = STEP.work
  }

  /** The code on the label that came out of the printer for this unit. */
  async labelOf(unit: VirtualUnit): Promise<string> {
    const find = (): string | undefined => this.#printed.map(zpl => zpl.includes(unit.profile.tag) ? /LB:[A-Z0-9]+/.exec(zpl)?.[0] : undefined).findLast(code => code !== undefined)
    await expect.poll(find, { timeout: SEE_MS }).toBeDefined()
    return find() ?? ''
  }

  /** Until each has booted: before that it does not mind its button. */
  async booted(cameras: readonly VirtualUnit[]): Promise<void> {
    await this.#lit(cameras, light => light !== 'off' && light !== 'red-steady')
  }

  /** Until each shows by its lamp that it waits for a code. */
  async ready(cameras: readonly VirtualUnit[]): Promise<void> {
    await this.#lit(cameras, light => light === 'red-blinking')
  }

  async #lit(cameras: readonly VirtualUnit[], isSo: (light: Light) => boolean): Promise<void> {
    this.#step = STEP.wait
    await expect.poll(() => cameras.filter(c => !isSo(c.light)).length, { timeout: SEE_MS, interval: 20 }).toBe(0)
    this.#step = STEP.work
  }

  /** The code on the rack display, once it is up. */
  async code(): Promise<string> {
    const look = async (): Promise<string | null> => (await this.bench.ask('display.view', {})).code
    await expect.poll(look, { timeout: SEE_MS }).not.toBeNull()
    return await look() ?? ''
  }

  async #goOn(): Promise<void> {
    while (!this.#isOver) {
      await this.bench.world.clock.advance(this.#step)
      await rest(REST_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#going
    await this.page.context().close()
    await this.#host[Symbol.asyncDispose]()
    await this.bench[Symbol.asyncDispose]()
    expect(this.#complaints.filter(text => !isExpected(text))).toEqual([])
  }
}

export interface ShiftOptions extends BenchOptions { readonly language?: Language; readonly hasTouch?: boolean; readonly width?: number; readonly height?: number }

/** Unit n hangs on lane n of a managed switch, so that nobody has to scan a lane. */
export async function openShift(browser: Browser, { language = 'en', hasTouch = false, width = 1920, height = 1080, ...options }: ShiftOptions): Promise<Shift> {
  const ports = Array.from({ length: LANES }, (_, i) => ({ port: i + 1, lane: i + 1 }))
  const bench = await openBench({
    seed: 7, shape: p => p.method === 'qr' ? { ...p, label: `PID:${p.productKey};MAC:${p.mac.toUpperCase()}` } : p, ...options,
    settings: { 'printer.address': PRINTER, 'switch.ports': JSON.stringify(ports), ...options.settings }
  })
  for (const [i, unit] of bench.world.units.entries()) bench.world.switch.cable(unit.profile.mac, i + 1)
  const printed = await plugPrinter(bench)
  const done: Asked[] = []
  const { gate } = bench.station
  const host = await serveHttp({
    ask: (name, params, who) => {
      if (!/\.(view|list|find|figures|ledger|plan|timeline|leases|why)$/.test(name)) done.push({ name, params })
      return gate.ask(name, params, who)
    },
    follow: (fn, events) => gate.follow(fn, events)
  }, new LiveEntropy(), { pages: new Pages(PAGES_DIR), port: 0 })
  const context = await browser.newContext({ viewport: { width, height }, hasTouch, locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  const shift = new Shift({ bench, page, host, printed, done, language })
  await page.goto(host.consoleUrl.replace('#', `?lang=${language}#`))
  await page.locator('.console').waitFor()
  return shift
}
