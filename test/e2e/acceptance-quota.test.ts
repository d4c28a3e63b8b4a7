/** The second half of the fifth acceptance check of the sheet (design/operator.md 5.8): two benches, one account, one cloud. */
import { expect, test } from 'vitest'
import { seconds } from '#shared'
import type { Web } from '../../src/main/ports.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import type { UnitProfile } from '../../src/main/virtual/unit-profile.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { openBench, TestBench } from '../helpers/station.ts'

const FOREVER = new AbortController().signal

test('5. two benches on one account never release more than a hundred in a day, and both know when it is over', async () => {
  await using first = await openBench({ seed: 7, cameras: 60 })
  const line: { web: Web | null } = { web: null }
  const internet: Web = { world: 'virtual', request: (request, signal) => line.web?.request(request, signal) ?? Promise.reject(new Error('no line yet')) }
  const ours = (p: UnitProfile): UnitProfile => { const mac = p.mac.replace(/^02:ca:00/, '02:ca:01'); return { ...p, mac, serial: `X${p.serial}`, label: p.label.replace(/MAC:[^;]+;SN:/, `MAC:${mac.toUpperCase()};SN:X`) } }
  const second = new TestBench({ seed: 8, cameras: 60, internet, shape: ours })
  line.web = new VirtualWeb(second.world.clock, first.world.cloud)
  await using _open = await second.open()
  for (const { profile: { uuid, mac, productKey, serial, deviceId } } of second.world.cameras) if (deviceId !== null) first.world.cloud.register({ uuid, mac, productKey, serial, deviceId })
  const working = Promise.all([first, second].map(bench => new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'http' }) }).run(FOREVER))).then(() => true)
  for (let i = 0; i < 2000 && !await Promise.race([working, Promise.resolve(false)]); i += 1) for (const bench of [first, second]) await bench.sleep(seconds(2))
  expect(await working).toBe(true)
  const proven = await Promise.all([first, second].map(async bench => (await bench.ask('units.find', { limit: 1000, outcome: 'proven' })).length))
  expect([first.world.cloud.effects.length, (proven[0] ?? 0) + (proven[1] ?? 0)]).toEqual([100, 100])
  expect(Math.min(...proven)).toBeGreaterThan(0)
  for (const bench of [first, second]) {
    const { spent, cap } = (await bench.ask('bench.view', {})).quota.find(q => q.scope === 'account') ?? { spent: -1, cap: 0 }
    expect(spent).toBeLessThanOrEqual(100)
    expect(cap).toBeLessThanOrEqual(100)
  }
  const issued = first.world.cloud.tokensIssued
  await expect(second.ask('wave.start', {})).rejects.toMatchObject({ code: expect.stringMatching(/^(quota\.|wave\.empty)/) as string })
  expect(first.world.cloud.tokensIssued).toBe(issued) // refused at the bench
}, 240_000)
