/** The door table against the gate of a running station: every row is answered, everything else is refused, nothing throws. */
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { DOOR, type BenchChange, type BenchView, type DoorAnswer, type DoorName, type DoorParams, type FaultCode, type UnitView } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { Gate, type Handlers } from '../../src/main/gate/gate.ts'
import { READING } from '../../src/main/gate/rights.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { literalsOf, readSources } from '../helpers/house.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const NAMES = Object.keys(DOOR) as DoorName[] // the keys of the table
/** What may be asked without saying about what. */
const OPEN = NAMES.filter(n => DOOR[n].kind === 'query' && v.is(DOOR[n].params, {}))
const LOCAL = { host: 'local' } as const
const codeOf = (answer: DoorAnswer): FaultCode | 'ok' => answer.ok ? 'ok' : answer.fault.code
const say = async (bench: TestBench, name: unknown, params: unknown): Promise<FaultCode | 'ok'> => codeOf(await bench.station.gate.ask(name as string, params, LOCAL)) // a host may pass on anything
const fault = <N extends DoorName>(bench: TestBench, name: N, params: DoorParams<N>): Promise<string> => bench.ask(name, params).then(() => 'ok', (thrown: unknown) => Fault.from(thrown).code)

/** Scans so many cameras and answers with their views. */
async function scanCameras(bench: TestBench): Promise<UnitView[]> {
  const units: UnitView[] = []
  for (const camera of bench.world.cameras) {
    const { unit } = await bench.ask('scan', { text: camera.profile.label })
    if (unit) units.push(unit)
  }
  return units
}

describe('every row of the door', () => {
  it('is asked by name in some test', () => {
    const asked = new Set(readSources(['test/gate', 'test/line', 'test/bench', 'test/virtual', 'test/e2e', 'test/hosts']).flatMap(s => [...literalsOf(s)]))
    expect(NAMES.filter(name => !OPEN.includes(name) && !asked.has(name))).toEqual([])
  })

  it('that asks is answered on an empty bench, and leaves no fact', async () => {
    await using bench = await openBench({})
    const before = bench.ledger.lastSeq
    for (const name of OPEN) expect([name, await say(bench, name, {})]).toEqual([name, 'ok'])
    for (const name of OPEN) expect([name, await say(bench, name, null)]).toEqual([name, 'ok'])
    expect(bench.ledger.lastSeq).toBe(before)
  })

  it('answers with what can cross a wire: plain data, the same after it has been text', async () => {
    await using bench = await openBench({ units: 1, cameras: 2 })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, LOCAL) }).run(new AbortController().signal))
    for (const name of OPEN) {
      const answer = await bench.station.gate.ask(name, {}, LOCAL)
      expect(JSON.parse(JSON.stringify(answer)), name).toEqual(answer)
    }
  })

  it('that commands does what it says, one after the other', async () => {
    await using bench = await openBench({ cameras: 2 })
    await bench.ask('scan', { text: 'OP:1001' })
    const [first, second] = await scanCameras(bench)
    const [unit, other] = [String(first?.uid), String(second?.uid)]
    expect(await bench.ask('unit.hold', { unit, reason: 'scratched' })).toMatchObject({ uid: unit, hold: { owner: '1001', reason: 'scratched' }, prompt: 'set-aside' })
    expect(await bench.ask('unit.release', { unit, reason: 'fine' })).toMatchObject({ hold: null })
    expect(await bench.ask('unit.method', { unit: other, method: 'wired' })).toMatchObject({ uid: other, method: 'wired', job: null })
    expect(await bench.ask('unit.method', { unit: other, method: 'qr' })).toMatchObject({ method: 'qr' })
    expect(await bench.ask('unit.again', { unit })).toMatchObject({ uid: unit, job: null })
    const wave = await bench.ask('wave.start', {})
    expect(wave).toMatchObject({ rack: 'R1', account: 'house', ssid: 'RETURNS-BENCH', planned: 2 })
    expect(await bench.ask('wave.stop', { wave: wave.uid })).toMatchObject({ uid: wave.uid })
    expect(await bench.ask('operator.leave', {})).toBeNull()
    expect((await bench.ask('bench.view', {})).operator).toBeNull()
    expect(await fault(bench, 'training.pace', { rate: 20 })).not.toBe('ok') // a free clock has no pace
  })
})

describe('what is unknown or malformed', () => {
  const hostile: readonly (readonly [string, () => unknown])[] = [
    ['an unknown key', () => ({ surprise: 1 })], ['a list', () => [1]], ['a text', () => 'x'], ['a number', () => 7], ['a truth', () => true], ['a big number', () => 7n], ['a function', () => () => 1], ['a symbol', () => Symbol('x')],
    ['a key of the language', () => JSON.parse('{"__proto__": {"unit": "x"}, "constructor": 1}') as unknown],
    ['a getter that throws', () => Object.defineProperty({}, 'unit', { enumerable: true, get: () => { throw new Error('boo') } })],
    ['a proxy that throws', () => new Proxy({}, { get: () => { throw new Error('boo') }, ownKeys: () => { throw new Error('boo') }, has: () => { throw new Error('boo') } })],
    ['a circle', () => { const circle: Record<string, unknown> = {}; circle['self'] = circle; return circle }],
    ['a deep hole', () => JSON.parse(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`) as unknown],
    ['a very long text', () => ({ text: 'x'.repeat(1_000_000), unit: 'x'.repeat(1_000_000), wave: 'x'.repeat(1_000_000) })],
    ['values of the wrong kind', () => ({ text: {}, unit: 1, reason: null, wave: [], rate: '1', method: 'magic', limit: -1 })]
  ]

  it('is refused by every row, without a fact and without an exception', async () => {
    await using bench = await openBench({})
    const before = bench.ledger.lastSeq
    for (const name of NAMES) {
      for (const [what, make] of hostile) expect(['door.invalid', 'program.unexpected'], `${name} with ${what}`).toContain(await say(bench, name, make()))
    }
    expect(bench.ledger.lastSeq).toBe(before)
    expect(await say(bench, 'status', {})).toBe('ok')
  })

  it.each([['nothing', ''], ['a blank', 'scan '], ['capitals', 'SCAN'], ['the language itself', 'constructor'], ['its prototype', '__proto__'], ['toString', 'toString'], ['a very long name', 'x'.repeat(1_000_000)],
    ['a number', 7], ['null', null], ['undefined', undefined], ['an object', { toString: () => { throw new Error('boo') } }], ['a symbol', Symbol('scan')]])('a name that is %s is unknown', async (_what, name) => {
    await using bench = await openBench({})
    expect(await say(bench, name, {})).toBe('door.unknown')
    expect(JSON.stringify(bench.lines).length).toBeLessThan(20_000)
  })

  it('about a unit takes any of its whole names, as a person at a terminal says them', async () => {
    await using bench = await openBench({})
    await bench.ask('scan', { text: 'RB-0001' })
    expect(await bench.ask('unit.hold', { unit: 'rb-0001', reason: 'scratched' })).toMatchObject({ name: 'RB-0001', hold: { reason: 'scratched' } })
    expect(await bench.ask('unit.release', { unit: 'RB-0001', reason: 'looked at' })).toMatchObject({ name: 'RB-0001', hold: null })
  })

  it('about a unit or a wave that does not exist is refused, and changes nothing', async () => {
    await using bench = await openBench({})
    const before = bench.ledger.lastSeq
    const unit = 'nobody'
    expect([await fault(bench, 'unit.hold', { unit, reason: 'x' }), await fault(bench, 'unit.release', { unit, reason: 'x' }), await fault(bench, 'unit.again', { unit }), await fault(bench, 'unit.method', { unit, method: 'qr' })]).toEqual(Array(4).fill('unit.unknown'))
    expect(await fault(bench, 'wave.stop', { wave: 'nobody' })).toBe('wave.none')
    expect(await bench.ask('units.find', { text: 'nobody' })).toEqual([])
    expect(await bench.ask('history.list', { unit: 'nobody' })).toEqual([])
    expect(bench.ledger.lastSeq).toBe(before)
  })

  it('a handler that breaks is a fault of ours in the log, and the next question is answered', async () => {
    const lines: LogLine[] = []
    const broken = Object.fromEntries(NAMES.map(n => [n, () => { throw new TypeError('x is not a function') }])) as unknown as Handlers // each of them throws
    const gate = new Gate(broken, new Log(line => { lines.push(line) }, () => 0), READING)
    expect(codeOf(await gate.ask('status', {}, LOCAL))).toBe('program.unexpected')
    expect(lines[0]).toMatchObject({ level: 'error', fields: { code: 'program.unexpected', name: 'status', host: 'local' } })
    expect(codeOf(await gate.ask('no.such', {}, LOCAL))).toBe('door.unknown')
  })
})

describe('a wave', () => {
  it('is refused with its reason: no cameras, no such network, one already shown', async () => {
    await using bench = await openBench({ cameras: 3 })
    expect(await fault(bench, 'wave.start', {})).toBe('wave.empty')
    await scanCameras(bench)
    expect(await fault(bench, 'wave.start', { product: 'none-of-these' })).toBe('wave.empty')
    expect(await fault(bench, 'wave.start', { ssid: 'NEIGHBOUR' })).toBe('wifi.wrong')
    expect(await fault(bench, 'wave.start', { account: 'nobody' })).toBe('cloud.no-permission')
    expect(await fault(bench, 'scan', { text: 'CM:STOP' })).toBe('wave.none')
    expect(bench.ledger.openWaves()).toEqual([])
    await bench.ask('wave.start', {})
    expect(await fault(bench, 'wave.start', {})).toBe('wave.running')
    expect(await fault(bench, 'scan', { text: 'CM:WAVE' })).toBe('wave.running')
  })

  it('for an account whose day is used up is not shown, and takes no token', async () => {
    await using bench = await openBench({ cameras: 3, settings: { 'quota.accountPerDay': '1' } })
    await scanCameras(bench)
    await bench.ask('wave.start', {})
    await bench.sleep(600_000)
    const tokens = bench.world.cloud.tokensIssued
    expect(await fault(bench, 'wave.start', { account: 'house' })).toBe('quota.account-spent')
    await bench.sleep(60_000)
    expect(bench.world.cloud.tokensIssued).toBe(tokens)
    expect((await bench.ask('display.view', {})).code).toBeNull()
  })

  it('shows its code on the display and nowhere else', async () => {
    await using bench = await openBench({ cameras: 2 })
    await scanCameras(bench)
    await bench.ask('wave.start', {})
    await bench.sleep(5000)
    const { code } = await bench.ask('display.view', {})
    expect(JSON.parse(code ?? '')).toMatchObject({ s: 'RETURNS-BENCH', p: 'bench-2026!' })
    for (const name of OPEN.filter(n => n !== 'display.view')) expect(JSON.stringify(await bench.station.gate.ask(name, {}, LOCAL)), name).not.toContain('bench-2026!')
  })
})

describe('a held unit', () => {
  it('gets no job until it is released, and its open job ends before anything is asked', async () => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'deaf-to-reset' } })
    const [unit] = bench.world.units
    await bench.ask('scan', { text: unit?.profile.label ?? '' })
    unit?.plug()
    unit?.powerOn()
    await bench.sleep(120_000)
    const [before] = await bench.ask('units.find', {})
    expect(before).toMatchObject({ stage: 'resetting', outcome: null })
    await bench.ask('unit.hold', { unit: before?.uid ?? '', reason: 'scratched' })
    await bench.sleep(5000)
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ outcome: 'withdrawn', fault: { code: 'unit.held' }, askedAt: null })
    await bench.ask('unit.again', { unit: before?.uid ?? '' })
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ attempt: 1, stage: 'closed' })
    await bench.ask('unit.release', { unit: before?.uid ?? '', reason: 'fine' })
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ attempt: 2, outcome: null })
  })
})

describe('the chip of the last scan', () => {
  it('says what was scanned, but never a part of the rack`s own code, however it was torn', async () => {
    await using bench = await openBench({ cameras: 2 })
    const chip = async (): Promise<string> => (await bench.ask('bench.view', {})).scan?.text ?? ''
    await bench.ask('scan', { text: 'OP:1001' })
    expect(await chip()).toBe('OP:1001')
    expect(await fault(bench, 'scan', { text: 'CM:NONSENSE' })).toBe('scan.unknown-command')
    expect(await chip()).toBe('CM:NONSENSE')
    for (const text of ['{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EU12345678abcd"}', '{"p":"bench-2026!","s":"RET', `{"p":"bench-2026!","s":"${'x'.repeat(200)}"}`, 'bench-2026!\u0007']) {
      expect(await fault(bench, 'scan', { text })).toBe('scan.unreadable')
      expect(await chip()).toBe('••••••••')
    }
  })
})

/** A screen: one snapshot, then changes laid over it; complains when a number is missing. */
class Screen {
  view: BenchView | null = null
  readonly numbers: number[] = []
  readonly #bench: TestBench
  readonly #following: Disposable
  constructor(bench: TestBench) {
    this.#bench = bench
    this.#following = bench.station.gate.follow((_event, payload) => { if ('clock' in payload && !('code' in payload)) this.#lay(payload) }, ['bench.changed'])
  }
  async look(): Promise<this> {
    this.view = await this.#bench.ask('bench.view', {})
    return this
  }
  #lay(change: BenchChange): void {
    this.numbers.push(change.version)
    if (!this.view || change.version <= this.view.version) return
    const { gone = [], units = [], ...rest } = change
    const kept = this.view.units.filter(u => !gone.includes(u.uid) && !units.some(c => c.uid === u.uid))
    this.view = { ...this.view, ...rest, units: [...kept, ...units] }
  }
  get units(): string[] { return (this.view?.units ?? []).map(u => `${u.name} ${u.stage ?? ''} ${u.outcome ?? ''}`).toSorted() }
  leave(): void { this.#following[Symbol.dispose]() }
}

describe('changes', () => {
  it('are numbered without a gap, and laid over a snapshot they give what a new snapshot says', async () => {
    await using bench = await openBench({ seed: 7, units: 4, cameras: 3, faults: { 2: 'refuses' } })
    const screen = await new Screen(bench).look()
    const shift = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, LOCAL) }).run(new AbortController().signal)
    await bench.run(shift)
    await bench.sleep(10_000)
    const first = screen.numbers[0] ?? 0
    expect(screen.numbers.length).toBeGreaterThan(50)
    expect(screen.numbers).toEqual(screen.numbers.map((_, i) => first + i))
    const fresh = await bench.ask('bench.view', {})
    const { clock: _then, units: _laid, ...laid } = screen.view ?? fresh
    expect({ ...fresh, clock: null, units: null, shift: null }).toEqual({ ...laid, clock: null, units: null, shift: null })
    expect(screen.units).toEqual(fresh.units.map(u => `${u.name} ${u.stage ?? ''} ${u.outcome ?? ''}`).toSorted())
  })

  it('tell every screen who has gone, also when another screen has asked in between', async () => {
    await using bench = await openBench({ cameras: 3 })
    const [camera] = await scanCameras(bench)
    const screen = await new Screen(bench).look()
    await bench.sleep(6000)
    expect(screen.units).toHaveLength(3)
    bench.ledger.append({ unit: camera?.uid as UnitView['uid'], body: { kind: 'unit.left' } }) // scanned above
    await bench.ask('bench.view', {})
    await bench.sleep(100)
    expect(screen.units).toHaveLength(2)
  })

  it('that come together travel together', async () => {
    await using bench = await openBench({ cameras: 20 })
    const screen = await new Screen(bench).look()
    const cameras = await scanCameras(bench)
    await bench.sleep(100)
    expect(screen.units).toHaveLength(20)
    const before = screen.numbers.length
    for (const { uid } of cameras) bench.ledger.append({ unit: uid, body: { kind: 'unit.left' } })
    await bench.sleep(100)
    expect(screen.numbers.length - before).toBe(1)
    expect(screen.units).toHaveLength(0)
  })

  it('reach the other screens when one of them fails, and none that has left', async () => {
    await using bench = await openBench({ cameras: 1 })
    bench.station.gate.follow(() => { throw new Error('the page is gone') }, ['bench.changed', 'display.changed'])
    const [stays, leaves] = [new Screen(bench), new Screen(bench)]
    leaves.leave()
    await scanCameras(bench)
    await bench.sleep(100)
    expect([stays.numbers.length > 0, leaves.numbers.length]).toEqual([true, 0])
    expect(bench.lines.some(l => l.text === 'a screen could not be told')).toBe(true)
    expect(bench.station.gate.followers('bench.changed')).toBe(2)
  })

  it('of the display are told to who follows it, and only those', async () => {
    await using bench = await openBench({ cameras: 2 })
    const codes: (string | null)[] = []
    const events = new Set<string>()
    bench.station.gate.follow((event, payload) => {
      events.add(event)
      if ('code' in payload) codes.push(payload.code)
    }, ['display.changed'])
    await scanCameras(bench)
    const { uid } = await bench.ask('wave.start', {})
    await bench.sleep(5000)
    await bench.ask('wave.stop', { wave: uid })
    await bench.sleep(5000)
    expect([...events]).toEqual(['display.changed'])
    expect([codes.some(code => code !== null), codes.at(-1)]).toEqual([true, null])
  })
})
