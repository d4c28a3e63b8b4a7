/** The virtual cloud by itself: documented shapes, strictness, quota and seats, one release a unit, history without a gap. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hours, minutes, seconds, type Millis } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud, type VirtualCloudOptions } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { VIRTUAL_CODES } from '../../src/main/wire/cloud-codes.ts'
import { signRequest } from '../../src/main/wire/cloud.ts'

const CAMERA = 'cam2qr0000000001'
const RECORDER = 'nvr8wired0000001'
const STRANGER = { ...VIRTUAL_ACCOUNT, id: 'camera-house', clientId: 'cameraclient', secret: 'camerasecret', products: [CAMERA] }
const NEVER = new AbortController().signal

type Json = Record<string, unknown>
const build = (options: Partial<VirtualCloudOptions> = {}) => {
  const clock = new VirtualClock()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy(7), accounts: [VIRTUAL_ACCOUNT, STRANGER], ...options })
  return { clock, cloud, station: new Station(clock, cloud) }
}

/** A signing client without any of the bench's kindness. */
class Station {
  account = VIRTUAL_ACCOUNT
  accessToken: string | null = null
  offsetMs = 0
  headers: Record<string, string> = {}
  constructor(readonly clock: VirtualClock, readonly cloud: VirtualCloud) {}

  async call(method: string, path: string, body?: unknown): Promise<Json> {
    const bytes = body === undefined ? null : new TextEncoder().encode(JSON.stringify(body))
    const t = this.clock.now() + this.offsetMs
    const access = path.startsWith('/v1.0/token') || this.accessToken === null ? {} : { accessToken: this.accessToken }
    const sign = signRequest({ method, url: path, clientId: this.account.clientId, secret: this.account.secret, t, ...access, ...(bytes === null ? {} : { body: bytes }) })
    const headers = { client_id: this.account.clientId, sign, sign_method: 'HMAC-SHA256', t: String(t), ...(this.accessToken === null ? {} : { access_token: this.accessToken }), ...this.headers }
    return jsonOf(await this.cloud.handle({ method, path, headers, body: bytes }))
  }

  async signIn(account = VIRTUAL_ACCOUNT): Promise<this> {
    this.account = account
    this.accessToken = null
    this.accessToken = String(resultOf(await this.call('GET', '/v1.0/token?grant_type=1'))['access_token'])
    return this
  }

  issue(productKey = CAMERA): Promise<Json> {
    return this.call('POST', '/v1.0/iot-03/device-registration/token', { pairing_type: 'AP', time_zone_id: 'Etc/UTC', asset_id: 'bench', extension: { purpose: 'unbind', productKey } })
  }

  async token(productKey = CAMERA): Promise<{ text: string; token8: string }> {
    const result = resultOf(await this.issue(productKey))
    return { text: `${String(result['region'])}${String(result['token'])}${String(result['secret'])}`, token8: String(result['token']) }
  }

  results(token8: string): Promise<Json> {
    return this.call('GET', `/v1.1/iot-03/device-registration/tokens/${token8}`)
  }

  activate(n: number, token: string, productKey = CAMERA): Promise<Json> {
    return post(this.cloud, '/device/activate', { uuid: `uuid${n}`, mac: `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`, productKey, token, previousDeviceId: `old${n}`, ip: '10.77.0.21' }).then(a => a.json)
  }
}

const jsonOf = (answer: { body: Uint8Array }): Json => JSON.parse(new TextDecoder().decode(answer.body)) as Json // our own cloud only answers objects
const resultOf = (answer: Json): Json => {
  expect(answer).toMatchObject({ success: true })
  return answer['result'] as Json // a success always has one
}
const post = async (cloud: VirtualCloud, path: string, body: unknown): Promise<{ status: number; json: Json }> => {
  const answer = await cloud.handle({ method: 'POST', path, headers: {}, body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)) })
  return { status: answer.status, json: jsonOf(answer) }
}
const batch = (from: number, to: number, note = 'same') => ({ station: 'bench-1', from, to, facts: Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i, kind: 'scan', note })) })

describe('the virtual cloud at its door', () => {
  it('stamps every answer with server time and tid', async () => {
    const { station, clock } = build()
    for (const answer of [await station.call('GET', '/v1.0/token?grant_type=1'), await station.call('GET', '/v1.0/token?grant_type=2')]) {
      expect(answer).toMatchObject({ t: clock.now(), tid: expect.stringMatching(/^\w{32}$/) })
    }
  })

  it.each<[string, (s: Station) => void, number]>([
    ['an unknown client', s => { s.account = { ...VIRTUAL_ACCOUNT, clientId: 'nobody' } }, 1005],
    ['a wrong secret', s => { s.account = { ...VIRTUAL_ACCOUNT, secret: 'wrong' } }, 1004],
    ['a header changed after signing', s => { s.headers = { nonce: 'added-later' } }, 1004],
    ['a clock 301 s ahead', s => { s.offsetMs = 301_000 }, 1013],
    ['a clock 301 s behind', s => { s.offsetMs = -301_000 }, 1013],
    ['a time that is no 13-digit number', s => { s.headers = { t: 'now' } }, 1109],
    ['no access token', s => { s.accessToken = null }, 1002],
    ['an invented access token', s => { s.accessToken = 'invented' }, 1011]
  ])('turns down %s', async (_name, spoil, code) => {
    const { station } = build()
    await station.signIn()
    spoil(station)
    expect(await station.issue()).toMatchObject({ success: false, code })
  })

  it('bears a clock that is 299 s off', async () => {
    const { station } = build()
    await station.signIn()
    station.offsetMs = 299_000
    resultOf(await station.issue())
  })

  it('tells an expired access token (1010) from one it never gave (1011), and a refresh ends the old pair', async () => {
    const { station, clock } = build()
    const granted = resultOf(await station.call('GET', '/v1.0/token?grant_type=1'))
    expect(granted).toMatchObject({ expire_time: 7200 })
    await clock.advance(hours(2))
    station.accessToken = String(granted['access_token'])
    expect(await station.issue()).toMatchObject({ code: 1010 })
    const refreshed = resultOf(await station.call('GET', `/v1.0/token/${String(granted['refresh_token'])}`))
    expect(await station.issue()).toMatchObject({ code: 1011 })
    expect(await station.call('GET', `/v1.0/token/${String(granted['refresh_token'])}`)).toMatchObject({ code: 1011 })
    station.accessToken = String(refreshed['access_token'])
    resultOf(await station.issue())
  })

  it('knows no other path, and no order without its parameters', async () => {
    const { station } = build()
    await station.signIn()
    expect(await station.call('GET', '/v1.0/elsewhere')).toMatchObject({ code: 1108 })
    expect(await station.call('POST', '/v1.0/iot-03/device-registration/token', { pairing_type: 'AP' })).toMatchObject({ code: 1109 })
    expect(await station.call('POST', '/v1.0/iot-03/device-registration/token', { pairing_type: 'AP', time_zone_id: 'Etc/UTC', asset_id: 'other', extension: {} })).toMatchObject({ code: 1106 })
    expect(await station.call('GET', '/v1.0/token?grant_type=7')).toMatchObject({ code: 1003 })
  })
})

describe('a release', () => {
  it('frees the unit, counts once, and is shown in the documented shape', async () => {
    const { station, cloud, clock } = build()
    await station.signIn()
    cloud.register({ uuid: 'uuid1', mac: '02:00:00:00:00:01', productKey: CAMERA, serial: 'S1', deviceId: 'old1' })
    expect(cloud.bindingOf('uuid1')).toMatchObject({ owner: 'stranger', deviceId: 'old1', releasedAt: null })
    const { text, token8 } = await station.token()
    expect(text).toMatch(/^EU\w{12}$/)
    const first = resultOf(await station.activate(1, text))
    const again = resultOf(await station.activate(1, text))
    expect(again).toEqual(first)
    expect(first).toEqual({ outcome: 'released', deviceId: cloud.bindingOf('uuid1')?.deviceId })
    expect(cloud.bindingOf('uuid1')).toMatchObject({ owner: null, releasedAt: clock.now() })
    expect(cloud.effects).toEqual([{ uuid: 'uuid1', mac: '02:00:00:00:00:01', productKey: CAMERA, account: 'house', previousDeviceId: 'old1', deviceId: first['deviceId'], at: clock.now() }])
    expect(resultOf(await station.results(token8))).toEqual({
      success_devices: [{ id: first['deviceId'], name: 'returned unit', product_id: CAMERA, online: false, uuid: 'uuid1', ip: '10.77.0.21', lon: '', lat: '' }], error_devices: []
    })
    for (const id of ['old1', String(first['deviceId'])]) expect(await station.call('GET', `/v1.0/devices/factory-infos?device_ids=${id}`)).toMatchObject({ result: [{ id, uuid: 'uuid1', sn: 'S1', mac: '02:00:00:00:00:01' }] })
  })

  it('of a unit that is nobody\'s already has no second effect and costs no quota', async () => {
    const { station, cloud } = build({ limits: { accountPerDay: 1 } })
    await station.signIn()
    const one = await station.token()
    resultOf(await station.activate(1, one.text))
    expect(await station.issue()).toMatchObject({ code: VIRTUAL_CODES.accountQuota })
    resultOf(await station.activate(1, one.text))
    expect(cloud.effects).toHaveLength(1)
  })

  it('is refused with a row that carries an id and a code but no uuid, once however often the unit tries', async () => {
    const { station, cloud } = build()
    await station.signIn(STRANGER)
    const { text, token8 } = await station.token()
    for (let n = 0; n < 5; n++) expect(await station.activate(2, text, RECORDER)).toMatchObject({ success: false, code: 1106 })
    expect(resultOf(await station.results(token8))).toEqual({ success_devices: [], error_devices: [{ id: 'old2', name: 'returned unit', error_code: '1106', error_msg: 'permission deny' }] })
    expect(cloud.effects).toEqual([])
    expect(cloud.bindingOf('uuid2')).toMatchObject({ owner: 'stranger' })
  })

  it('needs a token this cloud made, whole and young', async () => {
    const { station, clock } = build()
    await station.signIn()
    const { text, token8 } = await station.token()
    for (const wrong of ['EUAbCd1234Ef56', `AY${text.slice(2)}`, `${text.slice(0, 10)}0000`, text.slice(0, 13)]) expect(await station.activate(1, wrong)).toMatchObject({ code: 2007 })
    await clock.advance(minutes(5))
    expect(await station.activate(1, text)).toMatchObject({ code: 2007, msg: 'device token expired' })
    expect(resultOf(await station.results(token8))).toMatchObject({ error_devices: [{ id: 'old1', error_code: '2007' }] })
  })

  it('needs the data centre the unit is bound in', async () => {
    const { station, cloud } = build()
    await station.signIn()
    cloud.register({ uuid: 'uuid1', mac: '02:00:00:00:00:01', productKey: CAMERA, region: 'AY' })
    expect(await station.activate(1, (await station.token()).text)).toMatchObject({ code: VIRTUAL_CODES.wrongRegion })
  })

  it('answers garbage from a unit with words', async () => {
    const { cloud } = build()
    for (const body of ['', 'x', '[]', '{}', '{"uuid":1}', `{"uuid":"${'u'.repeat(65)}"}`]) expect(await post(cloud, '/device/activate', body)).toMatchObject({ status: 200, json: { code: 1109 } })
    expect((await post(cloud, '/device/other', {})).json).toMatchObject({ code: 1108 })
    expect((await post(cloud, '/device/activate', 'x'.repeat(600_000))).status).toBe(413)
  })
})

describe('permission, seats and quota', () => {
  it('no permission for a product: no token at all', async () => {
    const { station, cloud } = build()
    await station.signIn(STRANGER)
    expect(await station.issue(RECORDER)).toMatchObject({ code: 1106 })
    resultOf(await station.issue(CAMERA))
    expect(cloud.tokensIssued).toBe(1)
  })

  it('the results of another account are not shown', async () => {
    const { station } = build()
    const { token8 } = await (await station.signIn()).token()
    expect(await (await station.signIn(STRANGER)).results(token8)).toMatchObject({ code: 1106 })
  })

  it('a token has 30 seats', async () => {
    const { station, cloud } = build()
    await station.signIn()
    const { text } = await station.token()
    for (let n = 0; n < 30; n++) resultOf(await station.activate(n, text))
    expect(await station.activate(30, text)).toMatchObject({ code: VIRTUAL_CODES.seatsUsedUp })
    expect(cloud.effects).toHaveLength(30)
  })

  it('the day ends at 100 for an account, counted at activation and told at the next issue', async () => {
    const { station, cloud, clock } = build()
    await station.signIn()
    const texts = [await station.token(), await station.token(), await station.token(), await station.token()].map(t => t.text)
    for (let n = 0; n < 100; n++) resultOf(await station.activate(n, texts[Math.floor(n / 30)] ?? ''))
    expect(await station.activate(100, texts[3] ?? '')).toMatchObject({ code: VIRTUAL_CODES.accountQuota })
    expect(await station.issue(RECORDER)).toMatchObject({ code: VIRTUAL_CODES.accountQuota })
    expect(await (await station.signIn(STRANGER)).issue(CAMERA)).toMatchObject({ code: VIRTUAL_CODES.productQuota })
    expect(cloud.effects).toHaveLength(100)
    await clock.advance(hours(24))
    await station.signIn()
    resultOf(await station.issue())
  })
})

describe('faults as data', () => {
  it('refuse, delay, hide and double what they are told to', async () => {
    const { station, cloud, clock } = build()
    await station.signIn()
    const { text, token8 } = await station.token()
    cloud.setFaults({ refuse: { [RECORDER]: 31337 }, refuseIssue: { [RECORDER]: 'NOT_TODAY' }, slowResultMs: 10_000, duplicateResults: true })
    expect(await station.activate(1, text, RECORDER)).toMatchObject({ code: 31337 })
    expect(await station.issue(RECORDER)).toMatchObject({ code: 'NOT_TODAY' })
    expect(resultOf(await station.results(token8))).toEqual({ success_devices: [], error_devices: [] })
    await clock.advance(seconds(10))
    expect(resultOf(await station.results(token8))['error_devices']).toHaveLength(2)
  })

  it('an outage has no effect; a lost answer and a late 500 have one', async () => {
    const { station, cloud } = build()
    const { text } = await (await station.signIn()).token()
    cloud.setFaults({ outage: ['device'] })
    await expect(station.activate(1, text)).rejects.toMatchObject({ code: 'web.not-started' })
    cloud.setFaults({ outage: [], errorBefore: ['device'] })
    expect(await station.activate(1, text)).toMatchObject({ code: 500 })
    expect(cloud.effects).toHaveLength(0)
    cloud.setFaults({ errorBefore: [], lost: ['device'] })
    await expect(station.activate(1, text)).rejects.toMatchObject({ code: 'web.unknown' })
    cloud.setFaults({ lost: [], errorAfter: ['device'] })
    expect(await station.activate(2, text)).toMatchObject({ code: 500 })
    cloud.setFaults({ errorAfter: [], garbage: ['device'] })
    await expect(station.activate(3, text)).rejects.toBeInstanceOf(SyntaxError)
    expect(cloud.effects.map(e => e.uuid)).toEqual(['uuid1', 'uuid2', 'uuid3'])
  })

  it('can be posted and read, and a stranger\'s nonsense changes nothing', async () => {
    const { cloud } = build()
    expect(await post(cloud, '/virtual/faults', { outage: ['events'], delayMs: 5 })).toMatchObject({ status: 200, json: { outage: ['events'], delayMs: 5, busy: 0 } })
    for (const nonsense of [[], 5, 'x', { outage: 'all' }, { outage: ['moon'] }, { delayMs: '5' }, { unheard: 1 }, { refuse: { a: null } }]) expect((await post(cloud, '/virtual/faults', nonsense)).status).toBe(400)
    expect(cloud.faults).toMatchObject({ outage: ['events'], delayMs: 5, refuse: {} })
    const state = jsonOf(await cloud.handle({ method: 'GET', path: '/virtual/state', headers: {}, body: null }))
    expect(state).toMatchObject({ releases: [], tokensIssued: 0, bindings: { bound: 0, free: 0 }, events: {}, seats: { accounts: { house: 0 }, products: {} }, faults: { delayMs: 5 } })
  })
})

describe('history', () => {
  it('is taken in order, once, and without a gap', async () => {
    const { cloud } = build()
    expect(await post(cloud, '/v1/events', batch(1, 3))).toEqual({ status: 200, json: { upto: 3 } })
    expect(await post(cloud, '/v1/events', batch(1, 3))).toEqual({ status: 200, json: { upto: 3 } })
    expect(await post(cloud, '/v1/events', batch(5, 6))).toEqual({ status: 409, json: { expected: 4 } })
    expect(await post(cloud, '/v1/events', batch(2, 5))).toEqual({ status: 200, json: { upto: 5 } })
    expect(cloud.history('bench-1').map(f => f.seq)).toEqual([1, 2, 3, 4, 5])
    expect(await post(cloud, '/v1/events', { ...batch(2, 2), station: 'bench-2' })).toEqual({ status: 409, json: { expected: 1 } })
  })

  it('raises an alarm when a number comes back with another body, and takes nothing of that batch', async () => {
    const { cloud } = build()
    await post(cloud, '/v1/events', batch(1, 3))
    const altered = batch(1, 4)
    altered.facts[1] = { seq: 2, kind: 'scan', note: 'altered' }
    expect(await post(cloud, '/v1/events', altered)).toMatchObject({ status: 422, json: { seq: 2 } })
    expect(cloud.history('bench-1')).toEqual(batch(1, 3).facts)
    expect(await post(cloud, '/v1/events', { ...batch(1, 1), facts: [{ note: 'same', kind: 'scan', seq: 1 }] })).toMatchObject({ status: 200 })
  })

  it.each<[string, unknown, number]>([
    ['no JSON', 'x', 400], ['a list', [], 400], ['no station', { ...batch(1, 1), station: '' }, 400], ['a wrong count', { ...batch(1, 2), to: 3 }, 400],
    ['a gap inside', { ...batch(1, 2), facts: [{ seq: 1 }, { seq: 3 }] }, 400], ['from zero', { ...batch(1, 1), from: 0, to: 0, facts: [{ seq: 0 }] }, 400],
    ['rows that are no objects', { ...batch(1, 1), facts: [7] }, 400], ['201 rows', batch(1, 201), 413], ['300 KiB', batch(1, 1, 'x'.repeat(300 * 1024)), 413]
  ])('refuses %s', async (_name, body, status) => {
    const { cloud } = build()
    expect((await post(cloud, '/v1/events', body)).status).toBe(status)
    expect(cloud.history('bench-1')).toEqual([])
  })
})

describe('the virtual web', () => {
  const ask = (web: VirtualWeb, url: string, deadlineMs: Millis, signal = NEVER) => web.request({ method: 'GET', url, headers: {}, deadlineMs }, signal)
  const codeOf = (clock: VirtualClock, promise: Promise<unknown>): Promise<string> => clock.run(promise.then(() => 'none', (thrown: unknown) => Fault.from(thrown).code))

  it('leads to the virtual cloud and nowhere else', async () => {
    const { clock, cloud } = build()
    const web = new VirtualWeb(clock, cloud)
    expect((await clock.run(ask(web, 'https://central.virtual/virtual/state', seconds(1)))).status).toBe(200)
    for (const url of ['https://example.org/', 'http://openapi.virtual/', 'nonsense']) expect(await codeOf(clock, ask(web, url, seconds(1)))).toBe('web.not-started')
    web.isConnected = false
    expect(await codeOf(clock, ask(web, 'https://openapi.virtual/', seconds(1)))).toBe('web.not-started')
  })

  it('ends a slow exchange at its deadline while the cloud goes on', async () => {
    const { clock, cloud, station } = build()
    const { text } = await (await station.signIn()).token()
    const web = new VirtualWeb(clock, cloud)
    cloud.setFaults({ delayMs: 5000 })
    const body = new TextEncoder().encode(JSON.stringify({ uuid: 'uuid1', mac: 'm', productKey: CAMERA, token: text }))
    expect(await codeOf(clock, web.request({ method: 'POST', url: 'https://openapi.virtual/device/activate', headers: {}, body, deadlineMs: seconds(2) }, NEVER))).toBe('web.unknown')
    expect(cloud.effects).toHaveLength(0)
    await clock.advance(seconds(5))
    expect(cloud.effects).toHaveLength(1)
  })

  it('rejects with the reason of an abort and leaves no timer behind', async () => {
    const { clock, cloud } = build()
    const stop = new AbortController()
    const asked = codeOf(clock, ask(new VirtualWeb(clock, cloud), 'https://openapi.virtual/', seconds(10), stop.signal))
    stop.abort(new Fault('unit.removed'))
    expect(await asked).toBe('unit.removed')
    expect(clock.pending).toBe(0)
  })
})

describe('npm run cloud', () => {
  const started: ChildProcess[] = []
  afterEach(() => { for (const child of started.splice(0)) child.kill('SIGKILL') })
  const root = resolve(import.meta.dirname, '../..')
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main/cloud.ts', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    started.push(child)
    let out = ''
    child.stdout.on('data', chunk => { out += String(chunk) })
    child.stderr.on('data', chunk => { out += String(chunk) })
    const exit = once(child, 'exit').then(([code]) => Number(code))
    const line = async (): Promise<string> => {
      for (let n = 0; n < 100 && !out.includes('\n'); n++) await new Promise(r => { setTimeout(r, 50) })
      return out
    }
    return { child, exit, line, out: () => out }
  }

  it('serves over HTTP, survives garbage, writes releases down and ends at SIGTERM', async () => {
    const state = join(mkdtempSync(join(tmpdir(), 'cloud-')), 'releases.jsonl')
    const cloud = start('--port', '0', '--state', state, '--account', `test:client1:secret1:${CAMERA}`, '--token-life', '60')
    const base = /^virtual cloud on (http:\/\/127\.0\.0\.1:(\d+))\n$/.exec(await cloud.line())
    const [url, port] = [base?.[1] ?? '', Number(base?.[2])]
    for (const garbage of ['\0\0\0\0', 'GET', 'GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n', 'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\nshort']) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(garbage)
      await once(socket, 'close')
    }
    const call = async (method: string, path: string, accessToken: string | null, body?: string): Promise<Json> => {
      const t = Date.now()
      const sign = signRequest({ method, url: path, clientId: 'client1', secret: 'secret1', t, ...(accessToken === null ? {} : { accessToken }), ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }) })
      const headers = { client_id: 'client1', sign, sign_method: 'HMAC-SHA256', t: String(t), ...(accessToken === null ? {} : { access_token: accessToken }) }
      return resultOf(await (await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })).json() as Json) // answers are objects
    }
    const { access_token } = await call('GET', '/v1.0/token?grant_type=1', null)
    const order = JSON.stringify({ pairing_type: 'AP', time_zone_id: 'Etc/UTC', asset_id: 'bench', extension: { purpose: 'unbind', productKey: CAMERA } })
    const issued = await call('POST', '/v1.0/iot-03/device-registration/token', String(access_token), order)
    expect(issued).toMatchObject({ region: 'EU', expire_time: 60 })
    const token = `EU${String(issued['token'])}${String(issued['secret'])}`
    await fetch(`${url}/device/activate`, { method: 'POST', body: JSON.stringify({ uuid: 'u1', mac: 'm1', productKey: CAMERA, token, previousDeviceId: 'old1' }) })
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ uuid: 'u1', account: 'test', previousDeviceId: 'old1' })
    await fetch(`${url}/virtual/faults`, { method: 'POST', body: '{"outage":["events"]}' })
    await expect(fetch(`${url}/v1/events`, { method: 'POST', body: '{}' })).rejects.toThrow()
    expect(await (await fetch(`${url}/virtual/state`)).json()).toMatchObject({ releases: [{ uuid: 'u1' }], seats: { accounts: { test: 1 } } })
    cloud.child.kill('SIGTERM')
    expect(await cloud.exit).toBe(0)
    expect(cloud.out()).toBe(`virtual cloud on ${url}\n`)
  })

  it.each([['--port', 'many'], ['--account', 'half'], ['--unheard'], ['--token-life', '0']])('names a mistake in %s and does not start', async (...args) => {
    const cloud = start(...args)
    expect(await cloud.exit).toBe(1)
    expect(cloud.out()).toMatch(/^virtual cloud: .+\n$/)
  })

  it('explains itself', async () => {
    const cloud = start('--help')
    expect(await cloud.exit).toBe(0)
    for (const option of ['--host', '--port', '--account', '--token-life', '--state']) expect(cloud.out()).toContain(option)
  })
})

it('the same seed gives the same cloud', async () => {
  const run = async (): Promise<unknown> => {
    const { station } = build()
    const { text, token8 } = await (await station.signIn()).token()
    return [text, await station.activate(1, text), await station.results(token8)]
  }
  expect(await run()).toEqual(await run())
})
