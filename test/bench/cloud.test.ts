/** The cloud client against the virtual cloud: access tokens, the server's time, faults with tid, pause, breaker, silence about secrets. */
import { describe, expect, it } from 'vitest'
import { hours, millis, minutes, seconds, type FaultCode } from '#shared'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret, type LogLine } from '../../src/main/bench/log.ts'
import { OpenApiSource } from '../../src/main/bench/openapi-source.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Web, WebAnswer, WebRequest } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud, type VirtualCloudOptions } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { RESULT_FAMILIES } from '../golden/cloud.ts'

const CAMERA = 'cam2qr0000000001'
const NEVER = new AbortController().signal
const ORDER = { seats: 30, product: CAMERA }

/** Counts what goes out and lets a test put an answer of its own in the place of the cloud's. */
class SpyWeb implements Web {
  readonly world = 'virtual'
  readonly asked: WebRequest[] = []
  instead: ((request: WebRequest) => WebAnswer | Fault | null) | null = null
  constructor(readonly inner: Web) {}
  async request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    this.asked.push(request)
    const answer = this.instead?.(request) ?? null
    if (answer instanceof Fault) throw answer
    return answer ?? this.inner.request(request, signal)
  }
  /** How often each path was asked for, without what differs. */
  counts(): Record<string, number> {
    const paths = this.asked.map(r => new URL(r.url).pathname.replace(/tokens\/.*/, 'tokens/*').replace(/(?<=v1.0)\/token\/.*/, '/token/*'))
    return Object.fromEntries([...new Set(paths)].map(p => [p, paths.filter(q => q === p).length]))
  }
}

const build = (options: Partial<VirtualCloudOptions> = {}) => {
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(3)
  const cloud = new VirtualCloud({ clock, entropy: entropy.child('cloud'), accounts: [VIRTUAL_ACCOUNT], ...options })
  const web = new SpyWeb(new VirtualWeb(clock, cloud))
  const lines: LogLine[] = []
  const log = new Log(line => { lines.push(line) }, () => clock.now())
  const account = { id: 'house', baseUrl: 'https://openapi.virtual/', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret(VIRTUAL_ACCOUNT.secret), assetId: 'bench', region: 'EU' }
  const client = new CloudClient({ clock, entropy: entropy.child('client'), web }, log, { account, deadlineMs: seconds(10) })
  const source = new OpenApiSource([client], log)
  const faultOf = (promise: Promise<unknown>): Promise<Fault> => clock.run(promise.then(() => { throw new Error('nothing was thrown') }, (thrown: unknown) => Fault.from(thrown)))
  const issue = () => clock.run(client.issueToken(ORDER, NEVER))
  const activate = (n: number, token: string, productKey = CAMERA) => clock.run(cloud.handle({
    method: 'POST', path: '/device/activate', headers: {},
    body: new TextEncoder().encode(JSON.stringify({ uuid: `uuid${n}`, mac: `02000000000${n}`, productKey, token, previousDeviceId: `old${n}`, ip: '10.77.0.21' }))
  }))
  return { clock, cloud, web, lines, client, source, faultOf, issue, activate }
}
const json = (value: unknown, status = 200, headers: Record<string, string> = {}): WebAnswer => ({ status, headers, body: new TextEncoder().encode(JSON.stringify(value)) })
const refusal = (code: number | string, msg = 'no', t?: number) => json({ code, msg, success: false, tid: 'tid-of-the-refusal', ...(t === undefined ? {} : { t }) })
const isBusiness = (r: WebRequest): boolean => !r.url.includes('/v1.0/token')

describe('a token', () => {
  it('has 14 characters, ends when the server says, and is no text anywhere', async () => {
    const { issue, clock, web } = build()
    const askedAt = clock.now()
    const token = await issue()
    expect(token).toMatchObject({ account: 'house', region: 'EU', issuedAt: askedAt, expiresAt: askedAt + 300_000, seatsMax: 30 })
    expect(token.text.reveal()).toMatch(/^EU\w{12}$/)
    expect(token.text.reveal().slice(2, 10)).toBe(token.token8.reveal())
    expect(JSON.stringify(token)).not.toContain(token.token8.reveal())
    const order = web.asked.at(-1)
    expect(JSON.parse(new TextDecoder().decode(order?.body))).toEqual({ pairing_type: 'AP', time_zone_id: 'Etc/UTC', asset_id: 'bench', extension: { purpose: 'unbind', productKey: CAMERA } })
    expect(order?.deadlineMs).toBe(10_000)
  })

  it('whose life is not told gets 300 s, and a line in the log', async () => {
    const { issue, web, lines } = build()
    web.instead = r => isBusiness(r) ? json({ success: true, t: 1, tid: 'x', result: { region: 'EU', token: 'AbCd1234', secret: 'Ef56' } }) : null
    const token = await issue()
    expect(token.expiresAt - token.issuedAt).toBe(300_000)
    expect(lines.some(l => l.level === 'warn' && l.text.includes('assumed'))).toBe(true)
  })

  it('of a wrong shape is a fault with its tid', async () => {
    const { client, web, faultOf } = build()
    web.instead = r => isBusiness(r) ? json({ success: true, t: 1, tid: 'tid7', result: { region: 'EU', token: 'short', secret: 'Ef56' } }) : null
    expect((await faultOf(client.issueToken(ORDER, NEVER))).toView()).toEqual({ code: 'cloud.garbled', context: { call: 'issue token', account: 'house', tid: 'tid7', text: 'no usable pairing token' } })
  })
})

describe('the access token', () => {
  it('is fetched once, even for callers that come together', async () => {
    const { clock, client, web } = build()
    await clock.run(Promise.all([1, 2, 3].map(() => client.issueToken(ORDER, NEVER))))
    expect(web.counts()).toEqual({ '/v1.0/token': 1, '/v1.0/iot-03/device-registration/token': 3 })
  })

  it('is refreshed 60 s before its end, not earlier', async () => {
    const { clock, issue, web } = build()
    await issue()
    await clock.advance(millis(7_139_000))
    await issue()
    expect(web.counts()['/v1.0/token/*']).toBeUndefined()
    await clock.advance(seconds(2))
    await issue()
    await issue()
    expect(web.counts()).toEqual({ '/v1.0/token': 1, '/v1.0/token/*': 1, '/v1.0/iot-03/device-registration/token': 4 })
  })

  it('that is expired (1010) is refreshed once, then replaced; the call is repeated and nobody notices', async () => {
    const { issue, web } = build()
    let turnedDown = 0
    web.instead = r => isBusiness(r) && turnedDown++ < 2 ? refusal(1010) : null
    await issue()
    expect(web.counts()).toEqual({ '/v1.0/token': 2, '/v1.0/token/*': 1, '/v1.0/iot-03/device-registration/token': 3 })
  })

  it.each([1011, 1012, 1400])('that is invalid (%d) is replaced once', async code => {
    const { issue, web } = build()
    let turnedDown = 0
    web.instead = r => isBusiness(r) && turnedDown++ < 1 ? refusal(code) : null
    await issue()
    expect(web.counts()).toEqual({ '/v1.0/token': 2, '/v1.0/iot-03/device-registration/token': 2 })
  })

  it.each([[1010, 3], [1011, 2]])('turned down for ever with %d ends in a fault after %d calls', async (code, calls) => {
    const { client, web, faultOf } = build()
    web.instead = r => isBusiness(r) ? refusal(code) : null
    expect((await faultOf(client.issueToken(ORDER, NEVER))).toView()).toEqual({ code: 'cloud.key-invalid', context: { call: 'issue token', account: 'house', number: code, text: 'no', tid: 'tid-of-the-refusal' } })
    expect(web.counts()['/v1.0/iot-03/device-registration/token']).toBe(calls)
  })

  it('lost by the server is replaced although the refresh is refused too', async () => {
    const { clock, cloud, issue, web } = build()
    await issue()
    await clock.advance(hours(2))
    cloud.forgetAccessTokens()
    await issue()
    expect(web.counts()).toMatchObject({ '/v1.0/token': 2, '/v1.0/token/*': 1 })
  })
})

describe('the server\'s time', () => {
  it('is known from the first answer', async () => {
    const { client, issue, cloud } = build()
    expect(client.serverOffsetMs).toBeNull()
    cloud.setFaults({ clockOffsetMs: 90_000 })
    await issue()
    expect(Math.abs((client.serverOffsetMs ?? 0) - 90_000)).toBeLessThan(50)
  })

  it.each([['a day ahead', 86_400_000], ['a day behind', -86_400_000], ['8 years behind', -8 * 365 * 86_400_000]])('heals a station clock: the server is %s', async (_name, clockOffsetMs) => {
    const { client, issue, cloud, web, clock } = build()
    cloud.setFaults({ clockOffsetMs })
    const token = await issue()
    expect(Math.abs((client.serverOffsetMs ?? 0) - clockOffsetMs)).toBeLessThan(50)
    expect(token.expiresAt).toBeLessThanOrEqual(clock.now() + 300_000)
    expect(web.counts()).toEqual({ '/v1.0/token': 2, '/v1.0/iot-03/device-registration/token': 1 })
  })

  it('refused twice is a wrong clock', async () => {
    const { client, faultOf, web } = build()
    web.instead = () => refusal(1013, 'no', 1_800_000_000_000)
    expect(await faultOf(client.issueToken(ORDER, NEVER))).toMatchObject({ code: 'cloud.clock-wrong', context: { tid: 'tid-of-the-refusal' } })
    expect(web.asked).toHaveLength(2)
    expect(client.state.fault?.code).toBe('cloud.clock-wrong')
  })
})

describe('every no', () => {
  it.each<[number | string, FaultCode, boolean]>([
    [1106, 'cloud.no-permission', false], [1004, 'cloud.key-invalid', true], [28841002, 'cloud.subscription', true], [2007, 'token.expired', false],
    [1110, 'cloud.busy', true], [31337, 'cloud.unknown-code', false], ['VIRTUAL_ACCOUNT_QUOTA', 'quota.account-spent', false], ['VIRTUAL_PRODUCT_QUOTA', 'quota.product-spent', false]
  ])('%s becomes %s with number, text and tid', async (code, fault, isOfAccount) => {
    const { client, faultOf, cloud } = build()
    cloud.setFaults({ refuseIssue: { [CAMERA]: code } })
    const seen = await faultOf(client.issueToken(ORDER, NEVER))
    expect(seen.toView()).toMatchObject({ code: fault, context: { account: 'house', call: 'issue token', number: code, text: 'refused by the fault plan', tid: expect.stringMatching(/^\w{32}$/) } })
    expect(client.state.fault?.code ?? null).toBe(isOfAccount ? fault : null)
  })

  it('is forgotten by the account when a call succeeds', async () => {
    const { client, faultOf, cloud, issue, clock } = build()
    cloud.setFaults({ garbage: ['openapi'] })
    await faultOf(client.issueToken(ORDER, NEVER))
    expect(client.state.fault).toMatchObject({ code: 'cloud.garbled', context: { httpStatus: 200, account: 'house', tid: '' } })
    cloud.setFaults({ garbage: [] })
    await clock.advance(seconds(1))
    await issue()
    expect(client.state).toEqual({ fault: null })
  })

  it('a wrong secret is a wrong key, and nothing of it is told', async () => {
    const { clock, web, lines } = build()
    const log = new Log(line => { lines.push(line) }, () => clock.now())
    const account = { id: 'bad', baseUrl: 'https://openapi.virtual', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret('not-the-secret'), assetId: 'bench', region: 'EU' }
    const client = new CloudClient({ clock, entropy: new SeededEntropy(1), web }, log, { account, deadlineMs: seconds(1) })
    const fault = await clock.run(client.issueToken(ORDER, NEVER).catch((thrown: unknown) => Fault.from(thrown)))
    expect(fault).toMatchObject({ code: 'cloud.key-invalid', context: { number: 1004, account: 'bad', call: 'access token' } })
    expect(JSON.stringify([fault, lines])).not.toContain('not-the-secret')
  })
})

describe('a busy cloud', () => {
  it('is left alone for as long as it asks, by the whole account', async () => {
    const { client, clock, faultOf, cloud, web, issue } = build()
    await issue()
    cloud.setFaults({ busy: 1 })
    const fault = await faultOf(client.issueToken(ORDER, NEVER))
    expect(fault).toMatchObject({ code: 'cloud.busy', context: { number: 1110, tid: expect.stringMatching(/^\w{32}$/) } })
    const wait = Number(fault.context['retryAfterMs'])
    expect(wait).toBeGreaterThanOrEqual(2000)
    expect(wait).toBeLessThanOrEqual(2400)
    const before = web.asked.length
    expect(await faultOf(client.results('AbCd1234', NEVER))).toMatchObject({ code: 'cloud.busy', context: { call: 'results' } })
    expect(web.asked).toHaveLength(before)
    await clock.advance(millis(wait))
    await issue()
  })

  it('without words and without Retry-After gets a growing pause of at most five minutes', async () => {
    const { client, clock, faultOf, web } = build()
    web.instead = () => ({ status: 429, headers: {}, body: new Uint8Array(0) })
    const waits: number[] = []
    for (let n = 0; n < 14; n++) {
      waits.push(Number((await faultOf(client.issueToken(ORDER, NEVER))).context['retryAfterMs']))
      await clock.advance(millis(waits.at(-1) ?? 0))
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(301_000)
    expect(Math.max(...waits.slice(8))).toBeGreaterThan(Math.max(...waits.slice(0, 4)))
  })
})

describe('a cloud that does not answer', () => {
  it('faults as the web said, with account, call and tid, and without the address', async () => {
    const { client, faultOf, web, issue } = build()
    const { token8 } = await issue()
    web.instead = r => new Fault('web.unknown', { host: 'openapi.virtual', reason: `no answer from ${r.url}` }, new Error(`GET ${r.url}`))
    const fault = await faultOf(client.results(token8.reveal(), NEVER))
    expect(fault.toView()).toMatchObject({ code: 'web.unknown', context: { account: 'house', call: 'results', tid: '', host: 'openapi.virtual' } })
    expect(fault.cause).toBeUndefined()
    expect(JSON.stringify(fault.context)).not.toContain(token8.reveal())
  })

  it('is asked five times, then once every 15 to 45 seconds, and by all again when it is back', async () => {
    const { client, clock, cloud, faultOf, web, issue } = build()
    await issue()
    cloud.setFaults({ outage: ['openapi'] })
    const before = web.asked.length
    for (let n = 0; n < 5; n++) expect((await faultOf(client.issueToken(ORDER, NEVER))).code).toBe('web.not-started')
    expect(await faultOf(client.issueToken(ORDER, NEVER))).toMatchObject({ code: 'cloud.unreachable', context: { account: 'house', call: 'issue token', tid: '' } })
    expect(web.asked.length - before).toBe(5)
    await clock.advance(millis(14_900))
    expect((await faultOf(client.issueToken(ORDER, NEVER))).code).toBe('cloud.unreachable')
    await clock.advance(millis(30_200))
    const both = await clock.run(Promise.all([1, 2].map(() => client.issueToken(ORDER, NEVER).catch((thrown: unknown) => Fault.from(thrown).code))))
    expect(new Set(both)).toEqual(new Set(['cloud.unreachable', 'web.not-started']))
    cloud.setFaults({ outage: [] })
    expect((await faultOf(client.issueToken(ORDER, NEVER))).code).toBe('cloud.unreachable')
    await clock.advance(millis(45_100))
    await issue()
    await clock.run(Promise.all([1, 2, 3].map(() => client.issueToken(ORDER, NEVER))))
    expect(client.state.fault).toBeNull()
  })

  it.each<[string, Parameters<VirtualCloud['setFaults']>[0], FaultCode]>([
    ['too slow', { delayMs: 11_000 }, 'web.unknown'], ['losing its answers', { lost: ['openapi'] }, 'web.unknown'], ['answering nonsense', { garbage: ['openapi'] }, 'cloud.garbled'],
    ['failing before the effect', { errorBefore: ['openapi'] }, 'cloud.busy'], ['failing after the effect', { errorAfter: ['openapi'] }, 'cloud.busy']
  ])('or is %s costs no seat and heals by itself', async (_name, faults, code) => {
    const { client, clock, cloud, faultOf, issue } = build()
    cloud.setFaults(faults)
    for (let n = 0; n < 3; n++) expect((await faultOf(client.issueToken(ORDER, NEVER))).code).toBe(code)
    cloud.setFaults({ delayMs: 0, lost: [], garbage: [], errorBefore: [], errorAfter: [] })
    await clock.advance(minutes(1))
    await issue()
    expect(cloud.effects).toEqual([])
  })

  it('is not blamed when the caller gives up', async () => {
    const { client, clock, cloud, faultOf, issue } = build()
    await issue()
    cloud.setFaults({ delayMs: 5000 })
    for (let n = 0; n < 8; n++) {
      const stop = new AbortController()
      using _later = clock.after(seconds(1), () => { stop.abort(new Fault('unit.removed')) })
      expect((await faultOf(client.issueToken(ORDER, stop.signal))).code).toBe('unit.removed')
    }
    expect(client.state.fault).toBeNull()
    cloud.setFaults({ delayMs: 0 })
    await issue()
  })
})

describe('results', () => {
  it('name every unit, released or refused, by uuid and MAC', async () => {
    const { issue, activate, cloud, source, clock, web } = build()
    const token = await issue()
    await activate(1, token.text.reveal())
    cloud.setFaults({ refuse: { [CAMERA]: 1106 } })
    await activate(2, token.text.reveal())
    const rows = await clock.run(source.results(token, NEVER))
    expect(rows).toEqual([
      { ok: true, deviceId: cloud.bindingOf('uuid1')?.deviceId, uuid: 'uuid1', mac: '02:00:00:00:00:01', productKey: CAMERA, code: null, text: null, tid: rows[0]?.tid },
      { ok: false, deviceId: 'old2', uuid: 'uuid2', mac: '02:00:00:00:00:02', productKey: null, code: '1106', text: 'refused by the fault plan', tid: rows[0]?.tid }
    ])
    await clock.run(source.results(token, NEVER))
    expect(web.counts()).toMatchObject({ '/v1.0/devices/factory-infos': 1, '/v1.1/iot-03/device-registration/tokens/*': 2 })
  })

  it('are worth having when nobody explains a device id; it is asked three times, not for ever', async () => {
    const { issue, activate, cloud, source, clock, web } = build()
    const token = await issue()
    cloud.setFaults({ refuse: { [CAMERA]: 1106 } })
    await activate(2, token.text.reveal())
    web.instead = r => r.url.includes('factory-infos') ? refusal(1106) : null
    for (let n = 0; n < 6; n++) expect(await clock.run(source.results(token, NEVER))).toMatchObject([{ ok: false, deviceId: 'old2', uuid: null, code: '1106' }])
    expect(web.counts()['/v1.0/devices/factory-infos']).toBe(3)
  })

  it.each(Object.entries(RESULT_FAMILIES))('are understood in the shape of the %s family', async (_name, lists) => {
    const { client, clock, web } = build()
    web.instead = r => isBusiness(r) ? json({ success: true, t: 1_800_000_000_000, tid: 'tid5', result: lists }) : null
    const rows = await clock.run(client.results('AbCd1234', NEVER))
    expect(rows.map(r => [r.ok, r.deviceId, r.code, r.tid])).toEqual([[true, 'dev1', null, 'tid5'], [false, 'dev2', '1106', 'tid5']])
  })

  it('are asked in portions of twenty ids', async () => {
    const { client, clock, web } = build()
    await clock.run(client.factoryInfos(Array.from({ length: 45 }, (_, i) => `d${i}`), NEVER))
    expect(web.counts()['/v1.0/devices/factory-infos']).toBe(3)
  })

  it('of an account nobody configured are our own mistake', async () => {
    const { source, issue, faultOf } = build()
    const token = await issue()
    expect(await faultOf(source.results({ ...token, account: 'other' }, NEVER))).toMatchObject({ code: 'account.unknown' })
  })
})

it('no token and no secret is in any log line or fault', async () => {
  const { client, web, lines, faultOf, issue, source, clock, activate } = build()
  const told: unknown[] = []
  const token = await issue()
  await activate(1, token.text.reveal())
  await clock.run(source.results(token, NEVER))
  const accessToken = web.asked.at(-1)?.headers['access_token'] ?? ''
  const secrets = [token.text.reveal(), token.token8.reveal(), accessToken, VIRTUAL_ACCOUNT.secret]
  for (const code of [1010, 1011, 1013, 1106, 31337]) {
    web.instead = () => refusal(code, `echo ${secrets.join(' ')}`)
    told.push((await faultOf(client.results(token.token8.reveal(), NEVER))).toView())
    web.instead = null
    await issue()
  }
  web.instead = r => isBusiness(r) ? json({ success: true, tid: 't', result: { failed: [{ device_id: 'd', code: 1, msg: `bad token ${token.token8.reveal()}` }] } }) : null
  told.push(await clock.run(client.results(token.token8.reveal(), NEVER)))
  const all = JSON.stringify([lines, told])
  expect(all).toContain('31337')
  expect(secrets.every(s => s.length >= 8)).toBe(true)
  expect(secrets.filter(secret => all.includes(secret))).toEqual([])
})
