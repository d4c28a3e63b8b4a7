/** The till: one token for many, sealed in the ledger before anybody hears of it, and nobody suffers from whoever asked first. */
import { describe, expect, it } from 'vitest'
import { millis, seconds, type Method, type Millis, type TokenId } from '#shared'
import type { IssuedToken, TokenResult } from '../../src/main/bench/cloud.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { TokenDesk, type TokenOrder, type TokenSource } from '../../src/main/bench/token-desk.ts'
import { TokenTill, type HeldToken } from '../../src/main/bench/token-till.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualSecrets } from '../../src/main/virtual/secrets.ts'
import { CAMERA, GATEWAY, LedgerBench, tokenId } from '../helpers/ledger.ts'

const FOREVER = new AbortController().signal
const WISH = { account: 'house', product: GATEWAY, method: 'wired' as Method } // one of the two

/** A source that takes a second for each token; how long they live and what goes wrong is set by the test. */
class SlowSource implements TokenSource {
  readonly id = 'virtual'
  readonly orders: TokenOrder[] = []
  readonly askedAbout: string[] = []
  life: Millis = seconds(300)
  failures: Fault[] = []
  readonly #bench: LedgerBench
  constructor(bench: LedgerBench) { this.#bench = bench }
  async issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    this.orders.push(order)
    await this.#bench.clock.sleep(seconds(1), signal)
    const failure = this.failures.shift()
    if (failure) throw failure
    const token8 = `tok${String(this.orders.length).padStart(5, '0')}`
    const now = this.#bench.clock.now()
    return { account: order.account, text: new Secret(`EU${token8}sec${this.orders.length % 10}`), token8: new Secret(token8), region: 'EU', issuedAt: now, expiresAt: now + this.life, seatsMax: 30 }
  }
  async results(token: IssuedToken): Promise<readonly TokenResult[]> {
    this.askedAbout.push(`${token.account} ${token.token8.reveal()} ${token.region}`)
    return []
  }
}

class Bench extends LedgerBench {
  readonly source = new SlowSource(this)
  readonly till: TokenTill
  constructor(seatsMax = 30) {
    super()
    this.till = this.open(seatsMax)
  }
  open(seatsMax = 30): TokenTill {
    const desk = new TokenDesk(this.clock, this.log, this.source, { seatsMax, stopBeforeEndMs: seconds(20) })
    return new TokenTill(this.ledger, desk, { secrets: new VirtualSecrets() }, { seatsMax })
  }
  seats(n: number, wish = WISH): Promise<HeldToken[]> {
    return this.clock.run(Promise.all(Array.from({ length: n }, () => this.till.seat(wish, FOREVER))))
  }
}
const outcome = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'a seat', (thrown: unknown) => Fault.from(thrown).code)
const uids = (held: readonly HeldToken[]): TokenId[] => [...new Set(held.map(h => h.uid))]

describe('a seat', () => {
  it('of one token serves all who ask at once; the next token is asked for when its seats are given', async () => {
    using bench = new Bench()
    expect(uids(await bench.seats(30))).toHaveLength(1)
    expect(bench.source.orders).toHaveLength(1)
    expect(uids(await bench.seats(31))).toHaveLength(2)
    expect(bench.source.orders).toHaveLength(3)
  })

  it('for 48 who ask at once is of two tokens that are asked for at the same time, and no seat of either is lost', async () => {
    using bench = new Bench()
    const start = bench.clock.now()
    expect(uids(await bench.seats(48))).toHaveLength(2)
    expect([bench.source.orders.length, bench.clock.now() - start]).toEqual([2, 1000])
    expect(uids(await bench.seats(12))).toHaveLength(1)
    expect(bench.source.orders).toHaveLength(2)
  })

  it('for more than four tokens can serve waits for one of them: the cloud is not flooded', async () => {
    using bench = new Bench()
    const start = bench.clock.now()
    expect(uids(await bench.seats(250))).toHaveLength(9)
    expect(bench.clock.now() - start).toBe(3000)
  })

  it('is never given twice, however few a token has and however many ask', async () => {
    using bench = new Bench(1)
    const held = await bench.seats(12)
    expect(uids(held)).toHaveLength(12)
    expect(bench.source.orders).toHaveLength(12)
  })

  it('is of a token for its own account, product and method', async () => {
    using bench = new Bench()
    const wishes = [WISH, { ...WISH, account: 'b' }, { ...WISH, product: CAMERA }, { ...WISH, method: 'qr' as const }]
    const held = await bench.clock.run(Promise.all(wishes.map(wish => bench.till.seat(wish, FOREVER))))
    expect(uids(held)).toHaveLength(4)
    expect(held.map(h => [h.account, h.product])).toEqual(wishes.map(w => [w.account, w.product]))
  })

  it('of an old token is not given: twenty seconds before its end a fresh one is asked for', async () => {
    using bench = new Bench()
    const [first] = await bench.seats(1)
    await bench.clock.advance(seconds(278))
    expect(uids(await bench.seats(1))).toEqual([first?.uid])
    await bench.clock.advance(seconds(2))
    expect(uids(await bench.seats(1))).not.toEqual([first?.uid])
  })

  it('of a token that comes too old to be used is refused at once, not asked for again and again', async () => {
    using bench = new Bench()
    bench.source.life = seconds(15)
    const results = await bench.clock.run(Promise.all([1, 2, 3].map(() => outcome(bench.till.seat(WISH, FOREVER)))))
    expect(results).toEqual(['token.expired', 'token.expired', 'token.expired'])
    expect(bench.source.orders.length).toBeLessThanOrEqual(3)
  })
})

describe('whoever waits for the same token', () => {
  it('hears the same refusal', async () => {
    using bench = new Bench()
    bench.source.failures = [new Fault('cloud.no-permission')]
    expect(await bench.clock.run(Promise.all([1, 2, 3].map(() => outcome(bench.till.seat(WISH, FOREVER)))))).toEqual(Array(3).fill('cloud.no-permission'))
    expect(bench.source.orders).toHaveLength(1)
    expect(await bench.seats(1)).toHaveLength(1)
  })

  it('does not lose its seat because the unit that asked first was taken away', async () => {
    using bench = new Bench()
    const first = new AbortController()
    const asking = outcome(bench.till.seat(WISH, first.signal))
    const others = [1, 2].map(() => outcome(bench.till.seat(WISH, FOREVER)))
    bench.clock.after(millis(500), () => first.abort(new Fault('unit.removed')))
    expect(await bench.clock.run(Promise.all([asking, ...others]))).toEqual(['unit.removed', 'a seat', 'a seat'])
    expect(bench.source.orders).toHaveLength(2)
  })

  it('and is taken away itself, takes no seat', async () => {
    using bench = new Bench(2)
    const second = new AbortController()
    const asking = [outcome(bench.till.seat(WISH, FOREVER)), outcome(bench.till.seat(WISH, second.signal)), outcome(bench.till.seat(WISH, FOREVER))]
    bench.clock.after(millis(500), () => second.abort(new Fault('unit.held')))
    expect(await bench.clock.run(Promise.all(asking))).toEqual(['a seat', 'unit.held', 'a seat'])
    expect(await bench.seats(2)).toHaveLength(2)
    expect(bench.source.orders).toHaveLength(2)
  })
})

describe('the ledger', () => {
  it('holds a token, sealed, before anybody gets a seat of it; its text stands nowhere', async () => {
    using bench = new Bench()
    const [held] = await bench.seats(1)
    const stored = bench.ledger.token(held?.uid ?? tokenId(''))
    expect(stored).toMatchObject({ account: 'house', region: 'EU', seats: 30, expiresAt: held?.issued.expiresAt })
    expect(bench.ledger.factsAfter(0, 10).map(f => f.body)).toMatchObject([{ kind: 'token.taken', token: held?.uid, account: 'house', product: GATEWAY, method: 'wired', seats: 30 }])
    const everything = JSON.stringify([bench.ledger.factsAfter(0, 100), bench.lines, Buffer.from(stored?.sealed ?? []).toString('latin1')])
    expect(everything).not.toContain('tok00001')
  })

  it('that cannot be written gives no seat: an unwritten token is nobody`s', async () => {
    using bench = new Bench()
    bench.db.run('DROP TABLE token')
    expect(await bench.clock.run(outcome(bench.till.seat(WISH, FOREVER)))).toBe('program.unexpected')
    expect(bench.kinds()).toEqual([])
  })

  it('remembers a token for results after a restart, but gives no seat of it any more', async () => {
    using bench = new Bench()
    const [held] = await bench.seats(1)
    const again = bench.open()
    await again.results(held?.uid ?? tokenId(''), FOREVER)
    expect(bench.source.askedAbout).toEqual(['house tok00001 EU'])
    const fresh = await bench.clock.run(again.seat(WISH, FOREVER))
    expect(fresh.uid).not.toBe(held?.uid)
    expect(await again.results(tokenId('nobody'), FOREVER)).toEqual([])
  })
})

it('a wave has a token of its own, with as many seats as it has cameras', async () => {
  using bench = new Bench()
  await bench.seats(1)
  const wave = await bench.clock.run(bench.till.whole({ ...WISH, seats: 4 }, FOREVER))
  expect(bench.source.orders.map(o => o.seats)).toEqual([30, 4])
  expect(uids(await bench.seats(1))).not.toEqual([wave.uid])
  await expect(bench.clock.run(bench.till.whole({ ...WISH, seats: 31 }, FOREVER))).rejects.toMatchObject({ code: 'wave.full' })
})
