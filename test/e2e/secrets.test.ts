/**
 * The checker of secrets: tokens, the phone's codes, account secrets, the Wi-Fi password, access keys and PINs stand in no
 * log line, fact, fault, view, export, drop folder, webhook, certificate, support bundle or text of a screen outside the
 * code itself, and in no table or file in the clear. One shift in which everything happens; then everything is read.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DOOR, seconds, type DoorName } from '#shared'
import { Secret } from '../../src/main/bench/log.ts'
import { VERDICT_FIELDS, verdictOf } from '../../src/main/bench/verdict-row.ts'
import { serveHttp, type HttpHost } from '../../src/main/hosts/http.ts'
import { Pages } from '../../src/main/hosts/static.ts'
import { LiveEntropy } from '../../src/main/live/clock.ts'
import type { Ports, WebRequest } from '../../src/main/ports.ts'
import { supportBundle } from '../../src/main/support.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { csvLine } from '../../src/main/wire/csv.ts'
import { CHROMIUM, launch } from '../helpers/browser.ts'
import { PAGES_DIR } from '../helpers/fake-door.ts'
import { qrPng } from '../helpers/pictures.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const SECOND = { ...VIRTUAL_ACCOUNT, id: 'second', clientId: 'client0002', secret: 'secret-of-the-second-account' }
const PHONE_TOKEN = 'EUPhoneTok1234'
const PHONE_PASSWORD = 'password-of-the-shop'
/** Only ever shown in a picture. */
const SEEN_TOKEN = 'EUSeenTokn5678'
const PHONE_CODE = JSON.stringify({ p: 'password-in-the-picture', s: 'SHOP', t: SEEN_TOKEN })
const OTHER_CODE = '{"p":"torn-code-in-a-picture","s":"SHOP"}'
const HOOK_KEY = 'access-key-of-the-webhook'
const PIN = '74281956'
/** Shown on one page only, which is there to show it. */
const SHOWS_THE_CODE: ReadonlySet<DoorName> = new Set(['display.view'])

let bench: TestBench
let secrets: readonly string[]
const hooked: string[] = []
const refused: unknown[] = []

/** Every table of the ledger but the sealed column, as text. */
function tables(): string {
  const { db } = bench.ledger
  const named = db.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
  return named.map(({ name }) => JSON.stringify(db.all(`SELECT * FROM "${name}"`), (key, value: unknown) => key === 'sealed' ? null : typeof value === 'bigint' ? String(value) : value)).join('\n')
}
const textOf = (path: string): string => new TextDecoder().decode(bench.world.ports.disk.read(path) ?? new Uint8Array(0))
const ask = async (name: string, params: unknown): Promise<string> => JSON.stringify(await bench.run(bench.station.gate.ask(name, params, { host: 'local' })))
/** Which secrets stand in a text, by their first letters. */
const found = (where: string, text: string): string[] => secrets.filter(s => text.includes(s)).map(s => `${where}: ${s.slice(0, 4)}…`)

beforeAll(async () => {
  const webhooks = [{ name: 'wms', url: 'https://wms.virtual/in', token: new Secret(HOOK_KEY), fields: {} }]
  const spy = (ports: Ports): Ports => ({ ...ports, web: { world: ports.web.world, request: (request: WebRequest, signal) => {
    if (request.url.startsWith('https://wms.virtual')) hooked.push(new TextDecoder().decode(request.body))
    return ports.web.request(request, signal)
  } } })
  bench = await openBench({
    seed: 7, units: 4, cameras: 4, faults: { 2: 'refuses', 3: 'no-permission' }, cameraFaults: { 2: 'keeps-trying' }, accounts: [SECOND], ports: spy,
    access: { ...virtualAccess(), webhooks, folders: [{ name: 'drop', path: 'drop' }] }
  })
  await bench.sleep(4000)
  const { secret, clientId } = SECOND
  await bench.run(bench.ask('account.add', { id: 'second', clientId, secret, baseUrl: 'https://openapi.virtual', region: 'EU', assetId: 'bench' }))
  await bench.run(bench.ask('account.add', { id: 'wrong', clientId, secret: 'a-wrong-secret-typed-in', baseUrl: 'https://openapi.virtual', assetId: 'bench' }))
  await bench.run(bench.ask('person.add', { badge: 'BOSS', role: 'lead', pin: PIN }))
  await bench.run(bench.ask('operator.enter', { badge: 'BOSS', pin: PIN }))
  await bench.ask('relay.allow', { isAllowed: true })
  await bench.ask('account.add', { id: 'phone', source: 'relay', region: 'EU' })
  await bench.ask('scan', { text: JSON.stringify({ p: PHONE_PASSWORD, s: 'SHOP', t: PHONE_TOKEN }) })
  const pictures = [PHONE_CODE, OTHER_CODE].map(async text => (await qrPng(text)).toString('base64'))
  const [seen = '', other = ''] = await Promise.all(pictures)
  await bench.ask('relay.picture', { picture: seen })
  for (const picture of [other, seen.slice(0, 400), [seen]]) refused.push(await bench.station.gate.ask('relay.picture', { picture }, { host: 'http' }))
  bench.world.cloud.setFaults({ garbage: ['openapi'] })
  bench.world.clock.after(seconds(4), () => bench.world.cloud.setFaults({ garbage: [] }))
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(new AbortController().signal))
  for (const [name, params] of [['account.add', { id: 'x', secret: ['listed-secret'] }], ['scan', { text: JSON.stringify({ p: PHONE_PASSWORD, s: 'SHOP', t: 'torn' }) }], ['operator.enter', { badge: 'BOSS', pin: `${PIN}9` }]] as const) refused.push(await bench.run(bench.station.gate.ask(name, params, { host: 'http' })))
  await bench.sleep(60_000)
  const tokens = bench.ledger.db.all<{ sealed: Uint8Array }>('SELECT sealed FROM token').map(row => new TextDecoder().decode(bench.world.ports.secrets.open(row.sealed)))
  expect(tokens.length).toBeGreaterThan(1)
  secrets = ['bench-2026!', 'virtualsecret', secret, 'a-wrong-secret', PHONE_PASSWORD, 'listed-secret', HOOK_KEY, PIN, PHONE_TOKEN, PHONE_TOKEN.slice(2, 10), SEEN_TOKEN, SEEN_TOKEN.slice(2, 10), 'password-in-the-picture', 'torn-code-in-a-picture', seen.slice(60, 120), other.slice(60, 120), ...tokens, ...tokens.map(t => t.slice(2, 10))]
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

it('no log line, fact, refusal, table or file holds a secret in the clear', () => {
  expect(found('a planted text', secrets.join(' '))).toHaveLength(secrets.length) // the checker itself
  const disk = ['training/accounts.json', 'training/station.key'].map(textOf)
  expect(disk[0]).toContain('client0002') // the file is there
  const said = { lines: JSON.stringify(bench.lines), facts: JSON.stringify(bench.ledger.factsAfter(0, 100_000)), refused: JSON.stringify(refused), tables: tables(), disk: disk.join('\n') }
  expect(Object.entries(said).flatMap(([where, text]) => found(where, text))).toEqual([])
})

it('no answer of the door holds one, whatever is asked', async () => {
  const queries = (Object.keys(DOOR) as DoorName[]).filter(name => DOOR[name].kind === 'query' && !SHOWS_THE_CODE.has(name)) // the keys of the table
  const units = bench.ledger.db.all<{ uid: string }>('SELECT text AS uid FROM unit JOIN id USING (n)').map(r => r.uid)
  const asked: readonly (readonly [string, unknown])[] = [...queries.map(name => [name, {}] as const), ...units.flatMap(unit => [['unit.timeline', { unit }], ['unit.why', { unit }], ['certificate.make', { unit }]] as const)]
  const found_: string[] = []
  for (const [name, params] of asked) found_.push(...found(name, await ask(name, params)))
  expect(found_).toEqual([])
})

it('no export, drop folder or webhook holds one', () => {
  const facts = bench.ledger.factsAfter(0, 100_000)
  const rows = facts.map(f => verdictOf(bench.ledger, { station: 's', mode: 'training' }, f)).filter(row => row !== null)
  expect(rows.length).toBeGreaterThan(5)
  const { disk } = bench.world.ports
  const dropped = disk.list('').filter(name => /\.(csv|jsonl?|txt)$/.test(name)).map(textOf)
  const said = {
    csv: rows.map(row => csvLine(VERDICT_FIELDS.map(field => row[field]))).join(''), jsonl: facts.map(f => JSON.stringify(f)).join('\n'), hooked: hooked.join('\n'), dropped: dropped.join('\n'), names: disk.list('').join('\n')
  }
  expect(hooked.length).toBeGreaterThan(0)
  expect(said.dropped).toContain('proven') // the folder was written to
  expect(Object.entries(said).flatMap(([where, text]) => found(where, text))).toEqual([])
})

it('no part of the support bundle holds one: known secrets are masked even where they should never have got to', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ub-support-'))
  try {
    const config = join(data, 'config.json')
    mkdirSync(join(data, 'live'))
    writeFileSync(config, JSON.stringify({ 'accounts': [{ id: 'house', clientId: 'c1', secretEnv: 'UB_SECRET', baseUrl: 'https://openapi.tuyaeu.com' }], 'wifi': [{ ssid: 'RETURNS', passwordEnv: 'UB_WIFI' }], 'sync.webhooks': [{ name: 'wms', url: 'https://wms.example/in', tokenEnv: 'UB_HOOK' }] }))
    writeFileSync(join(data, 'station.log'), `{"text":"planted","secret":"${SECOND.secret}","wifi":"bench-2026!","hook":"${HOOK_KEY}"}\n`)
    const bundle = await supportBundle({ config, data, port: 0, isHelp: false, seed: null, flags: {} }, { UB_SECRET: SECOND.secret, UB_WIFI: 'bench-2026!', UB_HOOK: HOOK_KEY })
    const text = gunzipSync(bundle).toString('latin1')
    expect(text).toContain('config.json')
    expect(found('support', text)).toEqual([])
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})

const isBuilt = existsSync(resolve(PAGES_DIR, 'index.html'))
if ((CHROMIUM === null || !isBuilt) && process.env['CI'] !== undefined) throw new Error('CI must run this: Chromium or the built pages are missing')

describe.skipIf(CHROMIUM === null || !isBuilt)(`the screens${CHROMIUM === null ? ' (skipped, this machine lacks Chromium)' : isBuilt ? '' : ' (skipped, the pages are not built)'}`, () => {
  let browser: Browser
  let host: HttpHost
  beforeAll(async () => {
    browser = await launch()
    host = await serveHttp(bench.station.gate, new LiveEntropy(), { pages: new Pages(PAGES_DIR), port: 0 })
  })
  afterAll(async () => {
    await browser.close()
    await host[Symbol.asyncDispose]()
  })
  /** All a page holds that can be read or copied: text, attributes, what stands in its fields. */
  const readAll = (page: Page): Promise<string> => page.evaluate(() => `${document.documentElement.outerHTML}\n${[...document.querySelectorAll('input, textarea, select')].map(e => 'value' in e ? String(e.value) : '').join('\n')}`)

  it.each(['en', 'zh'])('say none on any page, in %s', async language => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await page.goto(host.consoleUrl.replace('#', `?lang=${language}#`))
    await page.locator('.console').waitFor()
    const seen = new Set<string>()
    const leaks = found('console', await readAll(page))
    for (let round = 0; round < 60; round += 1) {
      const tabs = page.locator('nav button')
      const labels = (await tabs.allTextContents()).map(text => text.trim())
      const next = labels.findIndex(label => !seen.has(label))
      if (next < 0) break
      seen.add(labels[next] ?? '')
      await tabs.nth(next).click()
      await page.waitForTimeout(150)
      for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click().catch(() => undefined)
      leaks.push(...found(labels[next] ?? '', await readAll(page)))
    }
    expect(seen.size).toBeGreaterThan(3)
    expect(leaks).toEqual([])
    await page.close()
  }, 60_000)

  it('show a running code as a picture only: its text stands nowhere in the page', async () => {
    await bench.ask('scan', { text: 'CAM-X;PID:cam2qr0000000001' })
    await bench.ask('wave.start', {})
    await bench.sleep(5000)
    const { code } = await bench.ask('display.view', {})
    const token = (JSON.parse(code ?? '{}') as { t?: string }).t ?? '' // our own payload
    expect(token).toHaveLength(14)
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await page.goto(host.displayUrl)
    await page.locator('.wall').waitFor()
    await page.waitForTimeout(500)
    const text = await readAll(page)
    expect([...found('display', text), ...[token, token.slice(2, 10)].filter(part => text.includes(part))]).toEqual([])
    await page.close()
  }, 60_000)
})
