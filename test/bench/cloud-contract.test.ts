/**
 * One contract for our client, kept twice: against the virtual cloud over HTTP, and against the vendor's documented examples;
 * for each of the three endpoint families. The examples also check what is sent, to the letter of the sheet.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { OpenApiSource } from '../../src/main/bench/openapi-source.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import type { Web, WebAnswer, WebRequest } from '../../src/main/ports.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { FAMILIES, type Family, type ReleaseCall } from '../../src/main/wire/cloud-calls.ts'
import { ACCESS_ANSWER, CALLS_OF_FAMILIES, GONE_ANSWER, PAIRING_ANSWER, RESULT_FAMILIES, SMART_HOME_ANSWER } from '../golden/cloud.ts'

const NEVER = new AbortController().signal
const CAMERA = 'cam2qr0000000001'
const REFUSED = 'cam5qr0000000001'
const HOWS: readonly ReleaseCall[] = ['delete', 'reset', 'partner']

/** A cloud in which one unit of a fresh token is released, one refused, and device ids can be let go. */
interface Far {
  readonly web: Web
  readonly baseUrl: string
  /** Two units report with the token: one is released, one refused. */
  readonly report: (token: string) => Promise<void>
  /** A device that is bound to us. */
  readonly bound: (token: string) => Promise<string>
}
const sourceOf = (far: Far, family: Family, isOurs = false): { readonly client: CloudClient; readonly source: OpenApiSource } => {
  const [clock, log] = [new LiveClock(), new Log(() => undefined, () => 0)]
  const virtual = isOurs ? PAIRING : VIRTUAL_ACCOUNT
  const account = { id: 'house', baseUrl: far.baseUrl, clientId: virtual.clientId, secret: new Secret(virtual.secret), assetId: 'bench', region: 'EU', family, uid: `uid-${virtual.id}` }
  const client = new CloudClient({ clock, entropy: new LiveEntropy(), web: far.web }, log, { account, deadlineMs: seconds(5) })
  return { client, source: new OpenApiSource([client], log) }
}
const PAIRING = { ...VIRTUAL_ACCOUNT, id: 'own', clientId: 'ownclient', secret: 'ownsecret' }

/** The virtual cloud in a process of its own. */
class Served implements Far {
  readonly web = new LiveWeb()
  baseUrl = ''
  #child: ChildProcess | null = null
  #n = 0
  async start(): Promise<void> {
    const root = resolve(import.meta.dirname, '../..')
    const named = [`house:${VIRTUAL_ACCOUNT.clientId}:${VIRTUAL_ACCOUNT.secret}`, `own:${PAIRING.clientId}:${PAIRING.secret}`].flatMap(text => ['--account', text])
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main/cloud.ts', '--port', '0', '--pairing', 'own', ...named], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    for await (const chunk of child.stdout) {
      this.baseUrl = /http:\S+/.exec(String(chunk))?.[0] ?? ''
      break
    }
    await this.#post('/virtual/faults', { refuse: { [REFUSED]: 1106 } })
  }
  stop(): void { this.#child?.kill('SIGKILL') }
  async #post(path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await this.web.request({ method: 'POST', url: this.baseUrl + path, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)), deadlineMs: seconds(5), bytesMax: 65_536 }, NEVER)
    return JSON.parse(new TextDecoder().decode(answer.body)) as Record<string, unknown> // our own cloud answers objects
  }
  #activate(token: string, productKey: string, uuid: string, previousDeviceId: string): Promise<Record<string, unknown>> {
    return this.#post('/device/activate', { uuid, mac: `02:00:00:00:01:0${this.#n % 10}`, productKey, token, previousDeviceId })
  }
  async report(token: string): Promise<void> {
    this.#n += 1
    await this.#activate(token, CAMERA, `good${this.#n}`, `old${this.#n}`)
    await this.#activate(token, REFUSED, `bad${this.#n}`, `bad-old${this.#n}`)
  }
  /** The second activation of a unit that is nobody's binds it to the account of an ordinary pairing token. */
  async bound(token: string): Promise<string> {
    this.#n += 1
    await this.#post('/virtual/units', { uuid: `free${this.#n}`, mac: `02:00:00:00:02:0${this.#n % 10}`, productKey: CAMERA, isFree: true })
    const { result } = await this.#activate(token, CAMERA, `free${this.#n}`, `free-old${this.#n}`)
    return String((result as Record<string, unknown>)['deviceId']) // as above
  }
}

/** Answers with the documented examples, and refuses to answer anything that is not sent as documented. */
class Recorded implements Far {
  readonly baseUrl = 'https://openapi.recorded'
  readonly world = 'live'
  readonly sent: string[] = []
  readonly #family: Family
  readonly #gone = new Set<string>()
  constructor(family: Family) { this.#family = family }
  get web(): Web { return { world: this.world, request: async request => await Promise.resolve(this.#answer(request)) } }
  async report(): Promise<void> { await Promise.resolve() }
  async bound(): Promise<string> { return await Promise.resolve('dev1') }

  #answer(request: WebRequest): WebAnswer {
    const url = request.url.slice(this.baseUrl.length)
    const calls = CALLS_OF_FAMILIES[this.#family]
    const is = ([method, path]: readonly [string, string]): boolean => request.method === method && url === path
    if (url.startsWith('/v1.0/token')) return json(ACCESS_ANSWER)
    this.sent.push(`${request.method} ${url}`)
    if (is(calls.issue)) {
      const names = Object.keys(JSON.parse(new TextDecoder().decode(request.body)) as object) // a body is an object
      expect(names).toEqual(expect.arrayContaining([...calls.required]))
      expect(names.filter(name => ![...calls.required, ...calls.optional].some(known => known === name))).toEqual([])
      return json(this.#family === 'smart-home' ? SMART_HOME_ANSWER : PAIRING_ANSWER)
    }
    if (is(calls.results)) return json(JSON.stringify({ success: true, t: 1591257455025, tid: 'tid-1', result: RESULT_FAMILIES[this.#family === 'industry' ? 'industry' : this.#family === 'smart-home' ? 'smartHome' : 'core'] }))
    if (url.startsWith('/v1.0/devices/factory-infos')) return json('{"success":true,"t":1591257455025,"result":[{"id":"dev1","uuid":"uuid1","sn":"SN1","mac":"020000000001"}]}')
    if (HOWS.some(how => is(calls[how]))) {
      if (this.#gone.has(url)) return json(GONE_ANSWER)
      this.#gone.add(url)
      expect(request.body).toBeUndefined()
      return json('{"success":true,"result":true,"t":1591257455025,"tid":"tid-2"}')
    }
    throw new Error(`not documented: ${request.method} ${url}`)
  }
}
const json = (text: string): WebAnswer => ({ status: 200, headers: {}, body: new TextEncoder().encode(text) })

const served = new Served()
beforeAll(() => served.start())
afterAll(() => served.stop())

describe.each(FAMILIES)('the %s family', family => {
  describe.each([['the virtual cloud over HTTP', () => served], ['the documented examples', () => new Recorded(family)]] as const)('against %s', (_words, far) => {
    it('gives a token of 14 characters whose results name the released and the refused unit', async () => {
      const cloud = far()
      const { client, source } = sourceOf(cloud, family)
      await client.signIn(NEVER)
      const token = await source.issue({ account: 'house', product: CAMERA, method: 'qr', seats: 30 }, NEVER)
      expect(token.text.reveal()).toMatch(/^[A-Z]{2}\w{12}$/)
      expect(token.token8.reveal()).toBe(token.text.reveal().slice(2, 10))
      expect(token.expiresAt - token.issuedAt).toBeLessThanOrEqual(600_000) // 16.2: 10 minutes at most where nobody says
      await cloud.report(token.text.reveal())
      const rows = await source.results(token, NEVER)
      expect([rows.filter(r => r.ok).length, rows.filter(r => !r.ok).length]).toEqual([1, 1])
      const released = rows.find(r => r.ok)
      expect(released).toMatchObject({ productKey: CAMERA, code: null })
      expect(released?.uuid).toMatch(/^(uuid1|good\d+)$/) // where the list leaves it out, by the details call
      expect(rows.find(r => !r.ok)?.code).toBe('1106')
    })

    it.each(HOWS)('lets a device go by %s, once, and takes one that is gone as done', async how => {
      const cloud = far()
      const { client, source } = sourceOf(cloud, family, true)
      const token = await source.issue({ account: 'house', product: CAMERA, method: 'qr', seats: 30 }, NEVER)
      const device = await cloud.bound(token.text.reveal())
      await client.release(device, how, NEVER)
      await expect(client.release(device, how, NEVER)).resolves.toEqual(expect.any(String))
      if (cloud instanceof Recorded) expect(cloud.sent.filter(line => line === CALLS_OF_FAMILIES[family][how].join(' '))).toHaveLength(2)
    })
  })
})

it('an answer in the shape of another family is understood all the same', async () => {
  const cloud = new Recorded('smart-home')
  const other = json(JSON.stringify({ success: true, t: 1591257455025, result: RESULT_FAMILIES.core }))
  const web: Web = { world: 'live', request: async r => r.url.includes('/tokens/') ? other : await cloud.web.request(r, NEVER) }
  const { client } = sourceOf({ web, baseUrl: cloud.baseUrl, report: () => cloud.report(), bound: () => cloud.bound() }, 'smart-home')
  expect((await client.results('H73HabCd', NEVER)).map(r => r.deviceId)).toEqual(['dev1', 'dev2'])
})
