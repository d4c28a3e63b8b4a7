/** The token desk over any source: what is refused before anyone is asked, and how long a token may be used. */
import { describe, expect, it } from 'vitest'
import { hours, millis, seconds, type FaultCode } from '#shared'
import type { IssuedToken, TokenResult } from '../../src/main/bench/cloud.ts'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret, type LogLine } from '../../src/main/bench/log.ts'
import { OpenApiSource } from '../../src/main/bench/openapi-source.ts'
import { TokenDesk, type TokenOrder, type TokenSource } from '../../src/main/bench/token-desk.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Clock } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'

const NEVER = new AbortController().signal
const ORDER: TokenOrder = { account: 'house', product: 'cam2qr0000000001', method: 'qr', seats: 30 }

class PaperSource implements TokenSource {
  readonly id = 'file'
  readonly orders: TokenOrder[] = []
  readonly #clock: Clock
  constructor(clock: Clock) { this.#clock = clock }
  async issue(order: TokenOrder): Promise<IssuedToken> {
    this.orders.push(order)
    const issuedAt = this.#clock.now()
    return { account: order.account, text: new Secret('EUAbCd1234Ef56'), token8: new Secret('AbCd1234'), region: 'EU', issuedAt, expiresAt: issuedAt + 300_000, seatsMax: order.seats }
  }
  async results(token: IssuedToken): Promise<readonly TokenResult[]> {
    return [{ ok: true, deviceId: token.token8.reveal(), uuid: null, mac: null, productKey: null, code: null, text: null, tid: 't' }]
  }
}

/** A wall clock that a test may set; the monotonic one goes on. */
class SetClock extends VirtualClock {
  wallMs = 0
  override now(): number { return super.now() + this.wallMs }
}

const build = () => {
  const clock = new SetClock()
  const source = new PaperSource(clock)
  const lines: LogLine[] = []
  const desk = new TokenDesk(clock, new Log(l => { lines.push(l) }, () => clock.now()), source, { seatsMax: 30, stopBeforeEndMs: seconds(20) })
  return { clock, source, desk, lines }
}
const codeOf = (promise: Promise<unknown>): Promise<FaultCode | 'none'> => promise.then(() => 'none' as const, (thrown: unknown) => Fault.from(thrown).code)

describe('taking a token', () => {
  it('hands the order to the source and names it without telling it', async () => {
    const { desk, source, lines } = build()
    const token = await desk.take(ORDER, NEVER)
    expect(source.orders).toEqual([ORDER])
    expect(token.text.reveal()).toBe('EUAbCd1234Ef56')
    expect(lines).toMatchObject([{ text: 'token taken', fields: { source: 'file', seats: 30, lifeMs: 300_000 } }])
    expect(JSON.stringify(lines)).not.toContain('AbCd1234')
    expect(desk.sourceId).toBe('file')
  })

  it.each([31, 0, -1, 1.5, Number.NaN])('refuses %d seats before anyone is asked', async seats => {
    const { desk, source } = build()
    expect(await codeOf(desk.take({ ...ORDER, seats }, NEVER))).toBe('wave.full')
    expect(source.orders).toEqual([])
  })
})

describe('a token is usable', () => {
  it('until 20 s before its end', async () => {
    const { desk, clock } = build()
    const token = await desk.take(ORDER, NEVER)
    await clock.advance(millis(279_999))
    expect(desk.isUsable(token)).toBe(true)
    await clock.advance(millis(1))
    expect(desk.isUsable(token)).toBe(false)
    await clock.advance(hours(1))
    expect(desk.isUsable(token)).toBe(false)
  })

  it('for as many seats as were asked for', async () => {
    const { desk } = build()
    const token = await desk.take({ ...ORDER, seats: 2 }, NEVER)
    expect([desk.giveSeat(token), desk.isUsable(token), desk.giveSeat(token), desk.isUsable(token), desk.giveSeat(token)]).toEqual([true, true, true, false, false])
  })

  it('however the wall clock is set meanwhile', async () => {
    const { desk, clock } = build()
    const token = await desk.take(ORDER, NEVER)
    clock.wallMs = -86_400_000
    expect(desk.isUsable(token)).toBe(true)
    clock.wallMs = 86_400_000
    expect(desk.isUsable(token)).toBe(true)
    clock.wallMs = -86_400_000
    await clock.advance(seconds(300))
    expect(desk.isUsable(token)).toBe(false)
  })

  it('after a restart by the wall clock alone, only for results, and not when that clock went back', async () => {
    const { desk, clock } = build()
    const kept = { ...await desk.take(ORDER, NEVER) }
    expect([desk.isUsable(kept), desk.giveSeat(kept)]).toEqual([true, false])
    expect(await desk.results(kept, NEVER)).toMatchObject([{ ok: true, deviceId: 'AbCd1234' }])
    clock.wallMs = -1000
    expect(desk.isUsable(kept)).toBe(false)
  })
})

it('works over the OpenAPI of the virtual cloud from token to result', async () => {
  const clock = new VirtualClock()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy('cloud'), accounts: [VIRTUAL_ACCOUNT] })
  const log = new Log(() => undefined, () => clock.now())
  const account = { id: 'house', baseUrl: 'https://openapi.virtual', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret(VIRTUAL_ACCOUNT.secret), assetId: 'bench', region: 'EU' }
  const client = new CloudClient({ clock, entropy: new SeededEntropy('client'), web: new VirtualWeb(clock, cloud) }, log, { account, deadlineMs: seconds(10) })
  const desk = new TokenDesk(clock, log, new OpenApiSource([client], log, 'virtual'), { seatsMax: 30, stopBeforeEndMs: seconds(20) })
  const token = await clock.run(desk.take(ORDER, NEVER))
  expect(desk.sourceId).toBe('virtual')
  expect(await clock.run(desk.results(token, NEVER))).toEqual([])
  await clock.run(cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body: new TextEncoder().encode(JSON.stringify({ uuid: 'u1', mac: 'm1', productKey: ORDER.product, token: token.text.reveal() })) }))
  expect(await clock.run(desk.results(token, NEVER))).toMatchObject([{ ok: true, uuid: 'u1', productKey: ORDER.product, code: null }])
  expect(await clock.run(codeOf(desk.take({ ...ORDER, account: 'other' }, NEVER)))).toBe('account.unknown')
})
