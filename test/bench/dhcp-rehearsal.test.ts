import { expect, it } from 'vitest'
import { LeaseEngine } from '../../src/main/domain/lease.ts'
import { rehearse } from '../../src/main/bench/dhcp-rehearsal.ts'
import { ReplyForm } from '../../src/main/wire/dhcp-exchange.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SETTINGS } from '../helpers/dhcp-bench.ts'

const terms = { ...SETTINGS, taken: [] }

it('the rehearsal is over before the shortest probe is', async () => {
  const clock = new VirtualClock()
  await clock.run(rehearse(terms, new ReplyForm(SETTINGS), clock, new AbortController().signal))
  expect(clock.monotonic()).toBeLessThan(1000)
})

it('a station that closes does not wait for it', async () => {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const running = rehearse(terms, new ReplyForm(SETTINGS), clock, stop.signal)
  stop.abort(new Error('closed'))
  await expect(clock.run(running)).rejects.toThrow('closed')
})

it('a pool smaller than the rehearsal is no reason to fail', async () => {
  const clock = new VirtualClock()
  const small = { ...terms, poolEnd: '10.77.0.21' }
  await clock.run(rehearse(small, new ReplyForm(SETTINGS), clock, new AbortController().signal))
  expect(new LeaseEngine(small).pool.used).toBe(0)
})
