/** Who is here: silence is told once, the next sign is told once, and time is the monotonic clock's. */
import { expect, it } from 'vitest'
import { seconds } from '#shared'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { Presence } from '../../src/main/bench/presence.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { unitId } from '../helpers/ledger.ts'

const U = unitId('u1')

class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly lines: LogLine[] = []
  readonly scope = new Scope('test')
  readonly told: string[] = []
  readonly presence = new Presence(this.clock, new Log(line => this.lines.push(line), () => this.clock.now()), { goneMs: seconds(45) })
  constructor() {
    this.presence.start(this.scope)
    this.presence.on(c => this.told.push(`${c.unit} ${c.of} ${c.kind} at ${this.clock.monotonic() / 1000}`))
  }
  async [Symbol.asyncDispose](): Promise<void> { await this.clock.run(this.scope.close()) }
}

it('a unit not heard for 45 s is gone, once, and back at its next announcement, once', async () => {
  await using bench = new Bench()
  bench.presence.announced(U)
  await bench.clock.advance(seconds(40))
  bench.presence.announced(U)
  await bench.clock.advance(seconds(45))
  expect([bench.told, bench.presence.pip(U, 'announcement')]).toEqual([[], 'on'])
  await bench.clock.advance(seconds(300))
  expect([bench.told, bench.presence.pip(U, 'announcement')]).toEqual([['u1 announcement gone at 86'], 'gone'])
  bench.presence.announced(U)
  bench.presence.announced(U)
  expect(bench.told.slice(1)).toEqual(['u1 announcement back at 385'])
})

it('a lease that ends is gone, and back when it is taken again; it does not go by itself', async () => {
  await using bench = new Bench()
  bench.presence.leased(U)
  await bench.clock.advance(seconds(600))
  expect(bench.told).toEqual([])
  bench.presence.leaseEnded(U)
  bench.presence.leaseEnded(U)
  bench.presence.leased(U)
  expect(bench.told).toEqual(['u1 lease gone at 600', 'u1 lease back at 600'])
})

it('a unit is gone altogether when neither its lease nor its announcement is left', async () => {
  await using bench = new Bench()
  const { presence, clock } = bench
  expect([presence.isGone(U), presence.pip(U, 'lease'), presence.heardAt(U)]).toEqual([false, 'off', null])
  presence.leased(U)
  presence.announced(U)
  presence.leaseEnded(U)
  expect(presence.isGone(U)).toBe(false)
  await clock.advance(seconds(60))
  expect(presence.isGone(U)).toBe(true)
  presence.leased(U)
  expect(presence.isGone(U)).toBe(false)
})

it('its last sign of life is the last one heard, not the moment it was missed', async () => {
  await using bench = new Bench()
  bench.presence.announced(U)
  const heardAt = bench.clock.now()
  await bench.clock.advance(seconds(90))
  expect([bench.presence.heardAt(U), bench.presence.pip(U, 'announcement')]).toEqual([heardAt, 'gone'])
})

it('a forgotten unit starts anew: its next sign is the first, not a return', async () => {
  await using bench = new Bench()
  bench.presence.announced(U)
  await bench.clock.advance(seconds(60))
  bench.presence.forget(U)
  bench.presence.leaseEnded(U)
  bench.presence.announced(U)
  expect(bench.told).toEqual(['u1 announcement gone at 46'])
})

it('a listener that throws does not stop the others or the watch', async () => {
  await using bench = new Bench()
  const broken = bench.presence.on(() => { throw new Error('x') })
  const late: string[] = []
  bench.presence.on(c => late.push(c.kind))
  bench.presence.announced(U)
  await bench.clock.advance(seconds(60))
  bench.presence.announced(U)
  broken[Symbol.dispose]()
  expect(late).toEqual(['gone', 'back'])
  expect(bench.lines.map(l => l.text)).toEqual(['a listener of presence failed', 'a listener of presence failed'])
})
