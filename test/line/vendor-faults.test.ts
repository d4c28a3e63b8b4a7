/** Every way the vendor's cloud can fail (facts/store-and-sync.md 8): no seat is spent twice, no unit is lost, no unit is released twice. */
import { describe, expect, it } from 'vitest'
import { seconds, type WaveId } from '#shared'
import type { Ports, Web, WebAnswer, WebRequest } from '../../src/main/ports.ts'
import { VIRTUAL_ACCOUNT, type VirtualFaults } from '../../src/main/virtual/cloud.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type BenchOptions, type TestBench } from '../helpers/station.ts'

const NEVER = new AbortController().signal
const UNITS = 6
const DAY_MS = 86_400_000

/** A shift with a fault from the first ask on; `endMs` later it is gone. */
async function shift(options: BenchOptions, faults: Partial<VirtualFaults>, endMs = 120_000): Promise<{ readonly bench: TestBench; readonly verdicts: readonly string[] }> {
  const bench = await openBench({ seed: 7, units: UNITS, ...options })
  await bench.sleep(5000)
  bench.world.cloud.setFaults(faults)
  bench.world.clock.after(seconds(endMs / 1000), () => bench.world.cloud.setFaults({ outage: [], lost: [], garbage: [], errorBefore: [], errorAfter: [], busy: 0, delayMs: 0, slowResultMs: 0, duplicateResults: false }))
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(NEVER))
  await bench.sleep(700_000)
  return { bench, verdicts: [...operator.verdicts.values()].map(v => v.fault ? `${v.outcome} ${v.fault.code}` : String(v.outcome)) }
}

/** Nothing lost, nothing twice: each ask has one spent seat, each unit its verdict, and what is proven was released. */
function expectWhole(bench: TestBench): void {
  const asked = bench.ledger.factsAfter(0, 100_000).filter(f => f.body.kind === 'unbind.asked')
  const { spent } = bench.ledger.quotaUse('account', 'house', 0)
  const released = bench.world.cloud.effects.map(e => e.uuid)
  expect(bench.ledger.openJobs()).toEqual([])
  expect(spent).toBe(asked.length)
  expect(new Set(released).size).toBe(released.length)
  expect(bench.ledger.counter('outcome.proven')).toBeLessThanOrEqual(released.length)
  expect(bench.ledger.counter('units')).toBe(UNITS)
  expect(findViolations(bench)).toEqual([])
}

const WEATHER: readonly (readonly [string, Partial<VirtualFaults>])[] = [
  ['slow, ten seconds an answer', { delayMs: 9000 }],
  ['slower than its deadline', { delayMs: 12_000 }],
  ['not there at all', { outage: ['openapi'] }],
  ['half-closed: it happens, and the answer is lost', { lost: ['openapi'] }],
  ['500 before anything happens', { errorBefore: ['openapi'] }],
  ['500 after it has happened', { errorAfter: ['openapi'] }],
  ['200 with nonsense', { garbage: ['openapi'] }],
  ['429, again and again', { busy: 12 }],
  ['late with results', { slowResultMs: 60_000 }],
  ['telling every result twice', { duplicateResults: true }]
]

describe.each(WEATHER)('a cloud that is %s', (_words, faults) => {
  it('costs time and nothing else: in the end every unit is released, once, with one seat each', async () => {
    const { bench, verdicts } = await shift({}, faults)
    await using _bench = bench
    expect(verdicts).toEqual(Array.from({ length: UNITS }, () => 'proven'))
    expect(bench.world.cloud.effects).toHaveLength(UNITS)
    expectWhole(bench)
  })
})

it('units that cannot reach the cloud, or lose its answer, end with a reason and keep their seat', async () => {
  const { bench, verdicts } = await shift({}, { outage: ['device'] }, 30 * 60_000)
  await using _bench = bench
  expect(verdicts.every(v => v.startsWith('unproven'))).toBe(true)
  expect(bench.world.cloud.effects.length).toBe(0)
  expect(bench.ledger.openJobs()).toEqual([])
  expect(findViolations(bench)).toEqual([])
})

/** Gives the answer of one call to another. */
class MixedWeb implements Web {
  readonly world = 'virtual'
  isMixed = false
  #last: WebAnswer | null = null
  constructor(readonly inner: Web) {}
  async request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    const answer = await this.inner.request(request, signal)
    const before = this.#last
    this.#last = answer
    return this.isMixed && before && request.url.startsWith('https://openapi') ? before : answer
  }
}

it('an answer that belongs to another question is nonsense or nobody we know, never a release of this unit', async () => {
  let mixed: MixedWeb | null = null
  const ports = (real: Ports): Ports => {
    mixed = new MixedWeb(real.web)
    return { ...real, web: mixed }
  }
  const bench = await openBench({ seed: 7, units: UNITS, ports })
  await using _bench = bench
  await bench.sleep(5000)
  const web: MixedWeb | null = mixed
  if (web === null) throw new Error('the station has no web')
  const on = (isMixed: boolean): void => { (web as MixedWeb).isMixed = isMixed } // narrowed to never by the closure above
  bench.world.clock.after(seconds(20), () => on(true))
  bench.world.clock.after(seconds(140), () => on(false))
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(NEVER))
  await bench.sleep(700_000)
  expectWhole(bench)
})

it.each([['a day ahead', DAY_MS], ['a day behind', -DAY_MS], ['eight years ahead', 8 * 365 * DAY_MS], ['eight years behind', -8 * 365 * DAY_MS]])('a cloud whose clock is %s of ours is believed, and the lamp says so', async (_words, clockOffsetMs) => {
  const bench = await openBench({ seed: 7, units: 3 })
  await using _bench = bench
  bench.world.cloud.setFaults({ clockOffsetMs })
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(NEVER))
  expect([...operator.verdicts.values()].map(v => v.outcome)).toEqual(['proven', 'proven', 'proven'])
  const { lamps } = await bench.ask('status', {})
  expect(lamps.find(l => l.name === 'clock')).toMatchObject({ state: 'bad', fault: { code: 'cloud.clock-wrong' } })
  expect(bench.ledger.quotaUse('account', 'house', 0).spent).toBe(3)
  expect(findViolations(bench)).toEqual([])
})

it('403 for some: they are refused with their reason, and the others go on', async () => {
  const { bench, verdicts } = await shift({ units: UNITS, faults: { 2: 'no-permission', 5: 'no-permission' }, settings: { 'cloud.selfTest': 'off' } }, {})
  await using _bench = bench
  expect(verdicts.filter(v => v === 'proven')).toHaveLength(UNITS - 2)
  expect(verdicts.filter(v => v === 'refused cloud.no-permission')).toHaveLength(2)
  expectWhole(bench)
})

it('a token that dies in the middle of the work is followed by the next one, and no attempt is burnt for it', async () => {
  const { bench, verdicts } = await shift({ limits: { tokenLifeMs: seconds(45) } }, {})
  await using _bench = bench
  expect(verdicts).toEqual(Array.from({ length: UNITS }, () => 'proven'))
  expect(bench.world.cloud.tokensIssued).toBeGreaterThan(1)
  expect(bench.ledger.unitsHere().every(u => u.attemptsThisStay <= 1)).toBe(true)
  expectWhole(bench)
})

describe('a unit that is bound in another data centre', () => {
  it('is suspected after one attempt, and never asked there again', async () => {
    const bench = await openBench({ seed: 7, units: 1 })
    await using _bench = bench
    const [unit] = bench.world.units
    if (!unit) throw new Error('no unit')
    const { uuid, mac, productKey, deviceId, tag } = unit.profile
    bench.world.cloud.register({ uuid, mac, productKey, region: 'AZ', ...deviceId === null ? {} : { deviceId } })
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
    await bench.run(operator.run(NEVER))
    expect(operator.verdicts.get(tag)).toMatchObject({ outcome: 'refused', fault: { code: 'cloud.other-centre', context: { region: 'EU' } } })
    unit.plug()
    unit.powerOn()
    await bench.sleep(60_000)
    await bench.ask('scan', { text: tag })
    await bench.sleep(300_000)
    expect(bench.ledger.factsAfter(0, 100_000).filter(f => f.body.kind === 'unbind.asked')).toHaveLength(1)
    const [view] = await bench.ask('units.find', { text: tag })
    expect(view).toMatchObject({ fault: { code: 'cloud.other-centre' }, prompt: 'set-aside' })
    expect(findViolations(bench)).toEqual([])
  })

  it('waits for a wave of the named centre, which is chosen, shown and kept; a wave of its own centre leaves it out', async () => {
    const west = { ...VIRTUAL_ACCOUNT, id: 'west', clientId: 'westclient', secret: 'westsecret', region: 'AZ' }
    const bench = await openBench({ seed: 7, cameras: 1, accounts: [west] })
    await using _bench = bench
    await bench.run(bench.ask('account.add', { id: 'west', clientId: west.clientId, secret: west.secret, baseUrl: 'https://openapi.virtual', region: 'AZ', assetId: 'bench' }))
    const [camera] = bench.world.cameras
    if (!camera) throw new Error('no camera')
    const { uuid, mac, productKey, tag } = camera.profile
    bench.world.cloud.register({ uuid, mac, productKey, region: 'AZ' })
    const wave = async (order: { readonly centre?: string }): Promise<string> => {
      const { uid } = await bench.ask('wave.start', order)
      for (let i = 0; i < 400 && (await bench.ask('bench.view', {})).waves.some(w => w.uid === uid && w.state !== 'closed'); i += 1) {
        const { code } = await bench.ask('display.view', {})
        if (code !== null) camera.readCode(code)
        await bench.sleep(2000)
      }
      return uid
    }
    const ready = async (): Promise<void> => {
      camera.powerOff()
      await bench.sleep(1000)
      camera.powerOn()
      await bench.sleep(60_000)
      camera.pressReset()
      await bench.sleep(40_000)
    }
    await ready()
    await bench.ask('scan', { text: `${tag};UUID:${uuid};PID:${productKey}` })
    const first = await wave({})
    const [suspect] = await bench.ask('units.find', { text: uuid })
    expect(suspect).toMatchObject({ fault: { code: 'cloud.other-centre', context: { region: 'EU' } } })
    expect((bench.ledger.wave(first as WaveId))).toMatchObject({ centre: 'EU', account: 'house' })

    await bench.ask('scan', { text: `${tag};UUID:${uuid};PID:${productKey}` })
    await expect(bench.ask('wave.start', { centre: 'EU' })).rejects.toMatchObject({ code: 'cloud.other-centre', context: { region: 'EU' } })
    await expect(bench.ask('wave.start', { centre: 'IN' })).rejects.toMatchObject({ code: 'account.unknown', context: { region: 'IN' } })
    await ready()
    const second = await wave({ centre: 'AZ' })
    expect(bench.ledger.wave(second as WaveId)).toMatchObject({ centre: 'AZ', account: 'west' })
    expect((await bench.ask('units.find', { text: uuid }))[0]?.outcome).toBe('proven')
    expect(bench.world.cloud.effects.map(e => [e.uuid, e.account])).toContainEqual([uuid, 'west'])
    expect(findViolations(bench)).toEqual([])
  })

  it('of a batch whose centre is stated is asked there at once, and nowhere else; a batch nobody serves waits with the reason', async () => {
    const west = { ...VIRTUAL_ACCOUNT, id: 'west', clientId: 'westclient', secret: 'westsecret', region: 'AZ' }
    const bench = await openBench({ seed: 7, units: 2, accounts: [west] })
    await using _bench = bench
    await bench.run(bench.ask('account.add', { id: 'west', clientId: west.clientId, secret: west.secret, baseUrl: 'https://openapi.virtual', region: 'AZ', assetId: 'bench' }))
    const [one, two] = bench.world.units
    if (!one || !two) throw new Error('no units')
    const { uuid, mac, productKey, deviceId, tag } = one.profile
    bench.world.cloud.register({ uuid, mac, productKey, region: 'AZ', ...deviceId === null ? {} : { deviceId } })
    for (const [unit, tote, centre] of [[one, 'T-WEST', 'AZ'], [two, 'T-INDIA', 'IN']] as const) {
      await bench.ask('scan', { text: unit.profile.tag })
      await bench.ask('scan', { text: `TT:${tote}` })
      await bench.ask('batch.centre', { tote, centre })
    }
    expect((await bench.ask('batch.list', {})).totes.map(t => `${t.tote} ${t.centre}`).toSorted()).toEqual(['T-INDIA IN', 'T-WEST AZ'])
    const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
    const stop = new AbortController()
    bench.world.clock.after(seconds(900), () => stop.abort())
    await bench.run(operator.run(stop.signal).catch(() => undefined)) // nobody ends the unit that waits
    expect((await bench.ask('units.find', { text: tag }))[0]?.outcome).toBe('proven')
    expect(bench.ledger.factsAfter(0, 100_000).flatMap(f => f.body.kind === 'job.opened' ? [f.body.account] : [])).toEqual(['west'])
    expect((await bench.ask('units.find', { text: two.profile.tag }))[0]).toMatchObject({ outcome: null, fault: { code: 'account.unknown', context: { region: 'IN' } } })
    await bench.ask('batch.centre', { tote: 'T-INDIA', centre: null })
    expect((await bench.ask('batch.list', {})).totes.find(t => t.tote === 'T-INDIA')?.centre).toBeNull()
    expect(findViolations(bench)).toEqual([])
  })
})
