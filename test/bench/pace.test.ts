/** So many calls a second and no more, of a whole cloud project; and the calls that let go of a device or ask for permission. */
import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { Pace } from '../../src/main/bench/pace.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Web, WebAnswer, WebRequest } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'

const NEVER = new AbortController().signal
const CAMERA = 'cam2qr0000000001'

async function busiestSecond(turns: number, kind: 'read' | 'delete', perSecond = { read: 4, delete: 2 }): Promise<{ readonly most: number; readonly tookMs: number }> {
  const clock = new VirtualClock()
  const pace = new Pace(clock, perSecond)
  const at: number[] = []
  const start = clock.monotonic()
  await clock.run(Promise.all(Array.from({ length: turns }, async () => {
    await pace.turn(kind, NEVER)
    at.push(clock.monotonic())
  })))
  return { most: Math.max(...at.map(t => at.filter(u => u > t - 1000 && u <= t).length)), tookMs: clock.monotonic() - start }
}

describe('the pace', () => {
  it('lets four reads and two deletes a second pass, whoever comes together', async () => {
    expect(await busiestSecond(40, 'read')).toEqual({ most: 4, tookMs: 9000 })
    expect(await busiestSecond(9, 'delete')).toEqual({ most: 2, tookMs: 4000 })
    expect(await busiestSecond(20, 'delete', { read: 1, delete: 10 })).toEqual({ most: 10, tookMs: 1000 })
  })

  it('reads and deletes do not wait for each other, and a caller who gives up is not waited for', async () => {
    const clock = new VirtualClock()
    const pace = new Pace(clock)
    for (let i = 0; i < 2; i += 1) await pace.turn('delete', NEVER)
    const stop = new AbortController()
    clock.after(millis(10), () => stop.abort(new Fault('station.stopped')))
    await expect(clock.run(pace.turn('delete', stop.signal))).rejects.toMatchObject({ code: 'station.stopped' })
    for (let i = 0; i < 4; i += 1) await pace.turn('read', NEVER)
    expect(clock.monotonic()).toBeLessThan(100)
  })
})

class SpyWeb implements Web {
  readonly world = 'virtual'
  readonly asked: string[] = []
  constructor(readonly inner: Web) {}
  request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    this.asked.push(`${request.method} ${new URL(request.url).pathname}`)
    return this.inner.request(request, signal)
  }
}
const build = (isPairing = true) => {
  const clock = new VirtualClock()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy(1), accounts: [{ ...VIRTUAL_ACCOUNT, products: [CAMERA], isPairing }] })
  const web = new SpyWeb(new VirtualWeb(clock, cloud))
  const times: number[] = []
  const account = { id: 'house', baseUrl: 'https://openapi.virtual', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret(VIRTUAL_ACCOUNT.secret), assetId: 'bench', region: 'EU' }
  const client = new CloudClient({ clock, entropy: new SeededEntropy(2), web }, new Log(() => undefined, () => clock.now()), { account, deadlineMs: seconds(10), pace: new Pace(clock), onTime: t => { times.push(t - clock.now()) } })
  const codeOf = (promise: Promise<unknown>): Promise<string> => clock.run(promise.then(() => 'none', (thrown: unknown) => Fault.from(thrown).code))
  return { clock, cloud, web, client, codeOf, times }
}

describe('letting go of a device', () => {
  it.each([['delete', 'DELETE /v1.0/iot-03/devices/ID'], ['reset', 'POST /v1.0/iot-03/devices/ID/actions/reset'], ['partner', 'POST /v1.0/cloud/thing/devices/ID/unbind']] as const)('by %s asks %s, and what is gone already counts as let go', async (how, call) => {
    const { clock, cloud, web, client } = build()
    cloud.register({ uuid: 'u1', mac: 'm1', productKey: CAMERA, isFree: true })
    const token = await clock.run(client.issueToken({ seats: 1, product: CAMERA }, NEVER))
    await clock.run(cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body: new TextEncoder().encode(JSON.stringify({ uuid: 'u1', mac: 'm1', productKey: CAMERA, token: token.text.reveal() })) }))
    const deviceId = cloud.bindingOf('u1')?.deviceId ?? ''
    expect(cloud.bindingOf('u1')?.owner).toBe('house')
    expect(await clock.run(client.release(deviceId, how, NEVER))).not.toBe('')
    expect(cloud.bindingOf('u1')?.owner).toBeNull()
    expect(await clock.run(client.release(deviceId, how, NEVER))).not.toBe('') // 2010: there is no such device any more
    expect(cloud.effects).toHaveLength(1)
    expect(web.asked.at(-1)).toBe(call.replace('ID', deviceId))
  })

  it('that is not ours is refused', async () => {
    const { cloud, client, codeOf } = build()
    const { deviceId } = cloud.register({ uuid: 'u1', mac: 'm1', productKey: CAMERA })
    expect(await codeOf(client.release(deviceId, 'delete', NEVER))).toBe('cloud.no-permission')
    expect(cloud.bindingOf('u1')?.owner).toBe('stranger')
  })
})

describe('the question for permission', () => {
  it('is answered by the kind of no, and touches no device', async () => {
    const { client, cloud, codeOf, web } = build(false)
    expect(await codeOf(client.probePermission(CAMERA, NEVER))).toBe('none')
    expect(await codeOf(client.probePermission('nvr8wired0000001', NEVER))).toBe('cloud.no-permission')
    expect(web.asked.at(-1)).toBe('POST /v1.0/cloud/thing/devices/unbindery-self-test/unbind')
    expect([cloud.effects, cloud.tokensIssued]).toEqual([[], 0])
    expect(client.state.fault).toBeNull()
  })

  it('signing in tells key, clock and the server\'s time, and is named as itself when it fails', async () => {
    const { client, codeOf, times, cloud } = build()
    cloud.setFaults({ clockOffsetMs: 86_400_000 })
    expect(await codeOf(client.signIn(NEVER))).toBe('none')
    expect(times.every(ms => Math.abs(ms - 86_400_000) < 1000)).toBe(true)
    const { client: other, codeOf: code, cloud: away } = build()
    away.setFaults({ outage: ['openapi'] })
    expect(await code(other.signIn(NEVER))).toBe('web.not-started')
    expect(other.state.fault).toMatchObject({ code: 'web.not-started', context: { call: 'sign in', account: 'house' } })
  })
})
