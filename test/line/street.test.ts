/** One unit from plug-in to acknowledged, told as a story; and the traps that make the product. */
import { describe, expect, it } from 'vitest'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type TestBench } from '../helpers/station.ts'
import { VirtualOperator, type OperatorOptions } from '../../src/main/virtual/operator.ts'

const FOREVER = new AbortController().signal

function operatorOf(bench: TestBench, options: OperatorOptions = {}): VirtualOperator {
  return new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }, options)
}

/** Runs a whole shift and answers with the verdicts by tag. */
async function work(bench: TestBench, options: OperatorOptions = {}): Promise<Record<string, string>> {
  const operator = operatorOf(bench, options)
  await bench.run(operator.run(FOREVER))
  return Object.fromEntries([...operator.verdicts].map(([tag, v]) => [tag, v.fault ? `${v.outcome} ${v.fault.code}` : String(v.outcome)]))
}

describe('one wired unit', () => {
  it('goes from plug-in to acknowledged, and each truth has its own moment', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    expect(await work(bench)).toEqual({ 'RB-0001': 'proven' })
    const kinds = bench.ledger.factsAfter(0, 1000).filter(f => f.unit !== null).map(f => f.body.kind)
    const order = ['unit.met', 'unit.placed', 'job.opened', 'seat.reserved', 'reset.done', 'seat.spent', 'unbind.asked', 'job.closed']
    expect(kinds.filter(k => order.includes(k))).toEqual(order)
    const [unit] = await bench.ask('units.find', { text: 'RB-0001' })
    expect(unit).toMatchObject({ outcome: 'proven', grade: 'A', attempt: 1 })
    expect(unit?.resetDoneAt).toBeLessThan(unit?.askedAt ?? 0)
    expect(unit?.askedAt).toBeLessThan(unit?.provenAt ?? 0)
    await bench.sleep(5000)
    const { sync } = await bench.ask('status', {})
    expect(sync[0]).toMatchObject({ acked: bench.ledger.lastSeq, fault: null, aside: 0 })
    expect(findViolations(bench)).toEqual([])
  })

  it('is recorded for the operator whose badge was scanned, and for nobody before that', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await work(bench)
    const facts = bench.ledger.factsAfter(0, 1000)
    expect(facts.find(f => f.body.kind === 'station.started')?.operator).toBeNull()
    expect(facts.find(f => f.body.kind === 'unbind.asked')?.operator).toBe('1001')
  })
})

describe('the trap: a unit that never heard us looks exactly like one that was released', () => {
  it('a unit that only ever sits there announcing ends unproven, and keeps its seat', async () => {
    await using bench = await openBench({ seed: 3, units: 1, faults: { 1: 'never-reacts' } })
    expect(await work(bench)).toEqual({ 'RB-0001': 'unproven unit.silent' })
    expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual({ spent: 1, reserved: 0 })
    expect(bench.world.cloud.effects).toEqual([])
    expect(findViolations(bench)).toEqual([])
  })

  it('a camera that never saw the code ends unproven, though it blinks like the others', async () => {
    await using bench = await openBench({ seed: 3, cameras: 3, cameraFaults: { 2: 'never-sees-code' } })
    const lights = new Map<string, string>()
    for (const camera of bench.world.cameras) camera.on(state => { if (state.light !== 'off') lights.set(camera.profile.tag, state.light) })
    const verdicts = await work(bench)
    expect(verdicts).toEqual({ 'RC-0001': 'proven', 'RC-0002': 'unproven unit.not-seen-reading', 'RC-0003': 'proven' })
    expect([...lights.values()]).toEqual(['red-blinking', 'red-blinking', 'red-blinking'])
    expect(findViolations(bench)).toEqual([])
  })

  it('a unit that keeps trying is still bound and unproven', async () => {
    await using bench = await openBench({ seed: 3, units: 1, faults: { 1: 'keeps-trying' } })
    const [verdict] = Object.values(await work(bench))
    expect(verdict).toMatch(/^(unproven unit\.stuck-activating|refused cloud\.)/)
    expect(bench.world.cloud.effects).toEqual([])
  })

  it('a released unit that announces itself again is never asked again', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await work(bench)
    const [unit] = bench.world.units
    unit?.powerOff()
    await bench.sleep(60_000)
    unit?.plug()
    unit?.powerOn()
    await bench.sleep(600_000)
    expect(bench.ledger.factsAfter(0, 10_000).filter(f => f.body.kind === 'unbind.asked')).toHaveLength(1)
    expect(findViolations(bench)).toEqual([])
  })
})

describe('failures have a reason each', () => {
  it('a refused token, a silent unit and a product without permission end differently', async () => {
    await using bench = await openBench({ seed: 7, units: 4, faults: { 1: 'refuses', 2: 'never-reacts', 3: 'no-permission' } })
    expect(await work(bench)).toEqual({
      'RB-0001': 'refused unit.refused', 'RB-0002': 'unproven unit.silent', 'RB-0003': 'refused cloud.no-permission', 'RB-0004': 'proven'
    })
    expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual({ spent: 3, reserved: 0 }) // without permission no seat is spent
    expect(findViolations(bench)).toEqual([])
  })

  it('a unit unplugged after the ask is unproven, never good', async () => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'never-reacts' } })
    const verdicts = await work(bench, { slips: { unplugsAt: { 'RB-0001': 'proving' } } })
    expect(Object.values(verdicts)[0]).toMatch(/unproven|null/)
    await bench.sleep(600_000)
    expect(bench.ledger.counter('outcome.unproven')).toBe(1)
    expect(bench.ledger.counter('outcome.proven')).toBe(0)
  })
})

describe('a whole shift', () => {
  it('48 wired units and a wave of 30 cameras get their verdicts, and every invariant holds', async () => {
    await using bench = await openBench({
      seed: 11, units: 48, cameras: 30, settings: { 'bench.lanes': '48' },
      faults: { 5: 'refuses', 11: 'never-reacts', 17: 'no-permission', 23: 'keeps-trying', 31: 'dies-after-ask', 40: 'deaf-to-reset' }, cameraFaults: { 4: 'never-sees-code', 9: 'keeps-trying' }
    })
    const verdicts = await work(bench, { lanes: 16 })
    expect(Object.keys(verdicts)).toHaveLength(78)
    await bench.sleep(700_000)
    expect(bench.ledger.openJobs()).toEqual([])
    const good = Object.values(verdicts).filter(v => v === 'proven').length
    expect(good).toBe(70)
    expect(bench.world.cloud.effects.length).toBeGreaterThanOrEqual(good)
    expect(findViolations(bench)).toEqual([])
  })

  it('the same seed gives the same run', async () => {
    const tell = async (): Promise<readonly string[]> => {
      await using bench = await openBench({ seed: 5, units: 6, cameras: 4, faults: { 2: 'refuses' } })
      await work(bench)
      return bench.ledger.factsAfter(0, 10_000).map(f => `${f.at} ${JSON.stringify(f.body)}`)
    }
    expect(await tell()).toEqual(await tell())
  })
})

