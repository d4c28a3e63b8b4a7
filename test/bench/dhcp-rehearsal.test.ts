import { expect, it } from 'vitest'
import { millis } from '#shared'
import { DhcpServer, type DhcpSettings } from '../../src/main/bench/dhcp-server.ts'
import { rehearse } from '../../src/main/bench/dhcp-rehearsal.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import type { Database, Net } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'
import { SETTINGS } from '../helpers/dhcp-bench.ts'

/** What the server that rehearses would have told of. */
function theatre(settings: DhcpSettings = SETTINGS, opensAt = Number.POSITIVE_INFINITY) {
  const clock = new VirtualClock()
  const scope = new Scope('test')
  const servers: DhcpServer[] = []
  const open = (net: Net, db: Database, own: Scope): Promise<void> => {
    const server = new DhcpServer({ clock, entropy: new SeededEntropy(1), net, proc: new VirtualProc() }, db, new Log(() => undefined, () => clock.now()), { ...settings, probeMs: millis(0) })
    servers.push(server)
    return server.start(own)
  }
  return { clock, scope, servers, run: (signal: AbortSignal) => clock.run(rehearse({ clock, settings, open, isOpen: () => clock.monotonic() >= opensAt }, scope, signal)) }
}

it('the whole way from bytes to bytes is walked thousands of times, and it is over before the shortest probe is', async () => {
  const { clock, scope, servers, run } = theatre()
  await run(new AbortController().signal)
  expect(clock.monotonic()).toBeLessThan(2000)
  expect(servers[0]?.view().counters).toMatchObject({ 'heard': 32_000, 'sent.offer': 16_000, 'sent.ack': 16_000 })
  expect([servers.length, servers[0]?.view().state, scope.openChildren]).toEqual([1, 'off', 0]) // closed again, with all it had
})

it('ends when the doors open, however far it has come', async () => {
  const { clock, servers, run } = theatre(SETTINGS, 100)
  await run(new AbortController().signal)
  expect(clock.monotonic()).toBeLessThan(110)
  expect(servers[0]?.view().counters['sent.ack']).toBeGreaterThan(100)
})

it('a station that closes does not wait for it', async () => {
  const { scope, run } = theatre()
  const stop = new AbortController()
  const running = run(stop.signal)
  stop.abort(new Error('closed'))
  await expect(running).rejects.toThrow('closed')
  expect(scope.openChildren).toBe(0)
})

it('a pool smaller than the rehearsal is no reason to fail', async () => {
  const { servers, run } = theatre({ ...SETTINGS, poolEnd: '10.77.0.21' })
  await run(new AbortController().signal)
  expect(servers[0]?.view().counters['ignored.pool-full']).toBeGreaterThan(0)
})
