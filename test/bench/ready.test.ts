/** The checklist that proves the bench: each step tried on a virtual one, the word of people, the signed record, the daily check. */
import { describe, expect, it } from 'vitest'
import { DAILY_STEPS, hours, READY_STEPS, seconds, TRAINING_PEOPLE, type FaultCode, type ReadyStep, type ReadyView } from '#shared'
import { ReadyDesk, type ReadySettings, type StepCheck } from '../../src/main/bench/ready.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { SimulatedUnit } from '../../src/main/proving.ts'
import { viewCertificate } from '../../src/main/wire/certificate.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const WELL: SimulatedUnit = { outcome: 'proven', certificate: 'valid', facts: 30 }
const ready = async (options: Parameters<typeof openBench>[0] = {}): Promise<TestBench> => {
  const bench = await openBench({ simulate: () => Promise.resolve(WELL), ...options })
  await bench.sleep(15_000)
  return bench
}
const done: StepCheck = () => Promise.resolve({ state: 'done' })
const SETTINGS: ReadySettings = { station: 's', mode: 'training', version: '0', publicHex: '', sign: () => '', checks: { card: done, guard: done, lease: done, printer: done, account: done, unit: done } }
const codeOf = (asked: Promise<unknown>): Promise<FaultCode | 'ok'> => asked.then(() => 'ok' as const, (thrown: unknown) => Fault.from(thrown).code)
const stateOf = (view: ReadyView, step: ReadyStep): string => view.steps.find(s => s.step === step)?.state ?? ''
const foundOf = (view: ReadyView, step: ReadyStep) => view.steps.find(s => s.step === step)

describe('the steps', () => {
  it('are those of the sheet, in its order, and nothing is done before it was tried', async () => {
    await using bench = await ready()
    const view = await bench.ask('ready.view', {})
    expect(view.steps.map(s => s.step)).toEqual(['card', 'guard', 'lease', 'printer', 'scanner', 'distance', 'account', 'unit'])
    expect(view.steps.map(s => s.state)).toEqual(READY_STEPS.map(() => 'open'))
    expect(view).toMatchObject({ first: null, daily: null, isDue: true, isRunning: false, maySign: false })
    expect(await codeOf(bench.ask('ready.sign', {}))).toBe('ready.not-tried')
    expect(await codeOf(bench.ask('ready.paper', { how: 'first' }))).toBe('ready.not-tried')
  })

  it('card, guard and lease are tried on the bench itself, by whoever is there, and stand in history', async () => {
    await using bench = await ready()
    await bench.ask('scan', { text: 'OP:1001' })
    for (const step of ['card', 'guard', 'lease'] as const) {
      const said = await bench.run(bench.station.gate.ask('ready.try', { step }, { host: 'http' }))
      expect(said).toMatchObject({ ok: true })
      expect(foundOf(await bench.ask('ready.view', {}), step)).toMatchObject({ state: 'done', by: '1001', fault: null })
    }
    const view = await bench.ask('ready.view', {})
    expect(foundOf(view, 'card')?.found).toMatchObject({ card: 'bench0' })
    expect(foundOf(view, 'guard')?.found).toEqual({ seconds: 5 })
    expect(foundOf(view, 'lease')?.found['ip']).toMatch(/^10\.77\.0\.\d+$/)
    expect(bench.ledger.factsAfter(0, 1000).filter(f => f.body.kind === 'ready.tried').map(f => f.operator)).toEqual(['1001', '1001', '1001'])
  })

  it('the self-test lease invents no unit, takes no address and tells nobody', async () => {
    await using bench = await ready()
    const before = bench.ledger.lastSeq
    await bench.run(bench.ask('ready.try', { step: 'lease' }))
    expect(await bench.ask('network.leases', {})).toEqual([])
    expect(bench.ledger.factsAfter(before, 100).map(f => f.body.kind)).toEqual(['ready.tried'])
  })

  it('a second server that is there says so in the guard and in the lease', async () => {
    await using bench = await ready()
    const rogue = bench.world.lan.card('eth9', '02:aa:00:00:00:99', [{ address: '10.77.0.250', prefix: 24 }])
    const socket = await rogue.udp({ card: 'eth9', port: 67, broadcast: true })
    socket.on((bytes, from) => {
      if (bytes[0] !== 1 || from.address === '10.77.0.250') return
      const offer = Uint8Array.from(bytes)
      offer[0] = 2
      offer.set([10, 77, 0, 251], 16) // yiaddr, RFC 2131 2
      const type = offer.indexOf(53, 240)
      offer[type + 2] = 2
      socket.send(offer, { address: '255.255.255.255', port: 68 })
    })
    const view = await bench.run(bench.ask('ready.try', { step: 'guard' }))
    expect(foundOf(view, 'guard')).toMatchObject({ state: 'failed', fault: { code: 'net.foreign-dhcp' } })
    expect(foundOf(await bench.run(bench.ask('ready.try', { step: 'lease' })), 'lease')).toMatchObject({ state: 'failed', fault: { code: 'net.foreign-dhcp' } })
  })

  it('a card without a cable fails by its own name', async () => {
    await using bench = await ready()
    bench.world.benchCard.unplug()
    await bench.sleep(3_000)
    const view = await bench.run(bench.ask('ready.try', { step: 'card' }))
    expect(foundOf(view, 'card')).toMatchObject({ state: 'failed', fault: { code: 'net.no-link' } })
    expect(stateOf(await bench.run(bench.ask('ready.try', { step: 'lease' })), 'lease')).toBe('failed')
  })

  it('no answer in its time is a failure too: dhcp.self-test', async () => {
    await using bench = await openBench({})
    const view = await bench.run(bench.ask('ready.try', { step: 'lease' })) // the bench is still being probed
    expect(foundOf(view, 'lease')).toMatchObject({ state: 'failed', fault: { code: 'dhcp.self-test' } })
  })

  it('what has nothing to try is skipped, never done', async () => {
    await using bench = await ready({ simulate: undefined })
    for (const step of ['printer', 'unit'] as const) expect(stateOf(await bench.run(bench.ask('ready.try', { step })), step)).toBe('skipped')
  })

  it('the account signs in and says how many products it may unbind', async () => {
    await using bench = await ready()
    const view = await bench.run(bench.ask('ready.try', { step: 'account' }))
    expect(foundOf(view, 'account')).toMatchObject({ state: 'done', found: { accounts: 1, denied: 1 } })
  })

  it('a simulated unit that is not proven, or whose certificate is not valid, fails: ready.failed', async () => {
    await using bench = await ready({ simulate: () => Promise.resolve({ ...WELL, certificate: 'altered' }) })
    expect(foundOf(await bench.run(bench.ask('ready.try', { step: 'unit' })), 'unit')).toMatchObject({ state: 'failed', fault: { code: 'ready.failed' }, found: { certificate: 'altered' } })
  })

  it('hands and eyes tell scanner, distance and label; the station takes their word for nothing else', async () => {
    await using bench = await ready()
    expect(stateOf(await bench.ask('ready.tell', { step: 'scanner', state: 'done', found: { ime: 'on' } }), 'scanner')).toBe('done')
    expect(foundOf(await bench.ask('ready.tell', { step: 'distance', state: 'failed', found: { cm: 300 } }), 'distance')).toMatchObject({ state: 'failed', fault: { code: 'ready.failed' }, found: { cm: 300 } })
    expect(await codeOf(bench.ask('ready.tell', { step: 'guard', state: 'done' }))).toBe('ready.no-hands')
    expect(await codeOf(bench.ask('ready.try', { step: 'scanner' }))).toBe('ready.no-hands')
  })
})

describe('the record', () => {
  const proveAll = async (bench: TestBench): Promise<void> => {
    for (const step of DAILY_STEPS) await bench.run(bench.ask('ready.try', { step }))
    await bench.ask('ready.tell', { step: 'scanner', state: 'done', found: { ime: 'on' } })
    await bench.ask('ready.tell', { step: 'distance', state: 'done', found: { cm: 120 } })
  }

  it('is signed when every step has ended well or was skipped, and says which was skipped', async () => {
    await using bench = await ready()
    await proveAll(bench)
    const view = await bench.ask('ready.sign', {})
    expect(view).toMatchObject({ isDue: false, maySign: true, first: { how: 'first', by: 'cli', isReady: true, failed: [], skipped: ['printer'] } })
    const { name, text } = await bench.ask('ready.paper', { how: 'first' })
    expect(name).toMatch(/^bench-ready-.*\.json$/)
    const started = bench.ledger.factsAfter(0, 5).find(f => f.body.kind === 'station.started')?.body
    const key = started?.kind === 'station.started' ? started.publicKey : ''
    expect(viewCertificate(text, [{ key }])).toMatchObject({ state: 'valid', isBench: true, unit: null })
    expect(viewCertificate(text.replace('"step":"guard"', '"step":"guard "'), [{ key }]).state).toBe('altered')
    expect(viewCertificate(text, []).state).toBe('unknown key')
    expect(JSON.parse(text)).toMatchObject({ kind: 'unbindery.ready', mode: 'training', notice: 'TRAINING: this bench does not exist', isReady: true, steps: READY_STEPS.map(step => ({ step })) })
  })

  it('is refused while a step has failed', async () => {
    await using bench = await ready()
    await proveAll(bench)
    await bench.ask('ready.tell', { step: 'distance', state: 'failed' })
    expect(await codeOf(bench.ask('ready.sign', {}))).toBe('ready.not-tried')
  })

  it('only a lead signs; anybody may try and look', async () => {
    await using bench = await ready()
    const screen = (name: string, params: unknown) => bench.station.gate.ask(name, params, { host: 'http' })
    await screen('scan', { text: 'OP:1001' })
    expect(await screen('ready.sign', {})).toMatchObject({ ok: false, fault: { code: 'person.needs-lead' } })
    expect(await screen('ready.view', {})).toMatchObject({ ok: true })
    await bench.run(screen('operator.enter', { badge: TRAINING_PEOPLE[0].badge, pin: TRAINING_PEOPLE[0].pin }))
    expect(await screen('ready.sign', {})).toMatchObject({ ok: false, fault: { code: 'ready.not-tried' } })
  })
})

describe('the daily check', () => {
  it('tries six steps without hands in less than 30 s of the bench, signs what it found, and is due again after a shift', async () => {
    await using bench = await ready()
    const startedAt = bench.world.clock.monotonic()
    const view = await bench.run(bench.ask('ready.daily', {}))
    expect(bench.world.clock.monotonic() - startedAt).toBeLessThan(30_000)
    expect(view).toMatchObject({ isDue: false, isRunning: false, daily: { how: 'daily', isReady: true, failed: [], skipped: ['printer'] } })
    expect((JSON.parse((await bench.ask('ready.paper', { how: 'daily' })).text) as { steps: { step: string }[] }).steps.map(s => s.step)).toEqual([...DAILY_STEPS])
    const later = new ReadyDesk({ world: 'virtual', rate: 1, now: () => bench.world.clock.now() + 17 * 3_600_000, monotonic: () => bench.world.clock.monotonic(), sleep: (ms, signal) => bench.world.clock.sleep(ms, signal), after: (ms, fn) => bench.world.clock.after(ms, fn) }, bench.ledger, SETTINGS).view()
    expect(later.isDue).toBe(true)
    expect(later.steps.every(s => s.state === 'open')).toBe(true)
  })

  it('is begun by its card, by anybody; scanned twice it is one check with one record', async () => {
    await using bench = await ready()
    await bench.ask('scan', { text: 'OP:1001' })
    for (let i = 0; i < 2; i += 1) expect(await bench.ask('scan', { text: 'cm:daily' })).toMatchObject({ heard: 'command', unit: null, note: 'done' })
    expect(await bench.ask('ready.view', {})).toMatchObject({ isRunning: true, daily: null })
    await bench.sleep(30_000)
    expect(await bench.ask('ready.view', {})).toMatchObject({ isRunning: false, isDue: false, daily: { how: 'daily', by: '1001', isReady: true } })
    expect(bench.ledger.factsAfter(0, 1000).filter(f => f.body.kind === 'bench.checked')).toHaveLength(1)
  })

  it('a step that waits for a word when the check ends is not ready, and a step being tried is waited for', async () => {
    await using bench = await ready()
    const { clock } = bench.world
    const signal = new AbortController().signal
    const printer: StepCheck = async (_signal, isDaily) => { await clock.sleep(seconds(5), signal); return { state: isDaily ? 'done' : 'open' } }
    const desk = new ReadyDesk(clock, bench.ledger, { ...SETTINGS, checks: { ...SETTINGS.checks, printer } })
    await bench.run(Promise.all([desk.try('printer', '1001', signal), desk.daily('1001', signal)]))
    expect(desk.view()).toMatchObject({ isRunning: false, daily: { isReady: false, failed: ['printer'] } })
    await bench.run(desk.daily('1001', signal))
    expect(desk.view()).toMatchObject({ daily: { isReady: true, failed: [] } })
  })

  it('asked for at a terminal it is the command line`s, whoever stands at the bench', async () => {
    await using bench = await ready()
    await bench.ask('scan', { text: 'OP:1001' })
    expect(await bench.run(bench.ask('ready.daily', {}))).toMatchObject({ daily: { by: 'cli' } })
  })

  it('says what failed, and signs that too', async () => {
    await using bench = await ready({ simulate: () => Promise.reject(new Fault('ready.failed', { outcome: 'unproven' })) })
    expect(await bench.run(bench.ask('ready.daily', {}))).toMatchObject({ daily: { isReady: false, failed: ['unit'] } })
  })

  it('a step that hangs ends by itself: ready.late', async () => {
    await using bench = await ready()
    const { clock } = bench.world
    const desk = new ReadyDesk(clock, bench.ledger, { ...SETTINGS, checks: { ...SETTINGS.checks, lease: async signal => { await clock.sleep(hours(1), signal); return { state: 'done' } } } })
    const startedAt = clock.monotonic()
    await bench.run(desk.try('lease', '1001', new AbortController().signal))
    expect(foundOf(desk.view(), 'lease')).toMatchObject({ state: 'failed', fault: { code: 'ready.late' } })
    expect(clock.monotonic() - startedAt).toBeLessThanOrEqual(30_000)
  })
})
