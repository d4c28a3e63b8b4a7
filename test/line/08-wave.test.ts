/** A wave of cameras before one code: every camera counted, every reason named, no seat leaked, the code gone when it must be. */
import { describe, expect, it } from 'vitest'
import type { Light, StopReason, UnitView, WaveView } from '#shared'
import { verdictOf } from '../../src/main/bench/verdict-row.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import type { VirtualUnit } from '../../src/main/virtual/unit.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type BenchOptions, type TestBench } from '../helpers/station.ts'

/** An operator's hands before the rack, and what they saw on its display. */
class Hands implements AsyncDisposable {
  readonly bench: TestBench
  /** Each code that was up, once, in order. */
  readonly codes: string[] = []
  readonly #turned = new Map<VirtualUnit, number>()

  constructor(bench: TestBench) { this.bench = bench }

  static async at(options: BenchOptions): Promise<Hands> { return new Hands(await openBench({ seed: 21, ...options })) }

  get cameras(): readonly VirtualUnit[] { return this.bench.world.cameras }

  /** Resets the cameras, waits for red blinking and scans those of the wave. */
  async prepare(cameras = this.cameras, scanned = cameras, label = (c: VirtualUnit): string => c.profile.label): Promise<void> {
    for (const camera of cameras) camera.powerOn()
    await this.bench.sleep(10_000)
    for (const camera of cameras) camera.pressReset()
    await this.bench.sleep(40_000)
    for (const camera of scanned) await this.bench.ask('scan', { text: label(camera) })
  }

  start(wish: Parameters<typeof this.bench.ask<'wave.start'>>[1] = {}): Promise<WaveView> { return this.bench.ask('wave.start', wish) }

  async code(): Promise<string | null> { return (await this.bench.ask('display.view', {})).code }

  /** Looks once a second for so long; a camera reads the code `after` so many seconds of it, null: never. */
  async look(seconds: number, after: (camera: VirtualUnit, i: number) => number | null = () => 2): Promise<void> {
    for (let s = 0; s < seconds; s += 1) {
      await this.bench.sleep(1000)
      const code = await this.code()
      if (code !== null && this.codes.at(-1) !== code) this.codes.push(code)
      for (const [i, camera] of this.cameras.entries()) {
        const wait = after(camera, i)
        const seen = code === null ? 0 : (this.#turned.get(camera) ?? 0) + 1
        this.#turned.set(camera, seen)
        if (code !== null && wait !== null && seen === wait) camera.readCode(code)
      }
    }
  }

  wave(): WaveView {
    const last = this.bench.ledger.lastWaves(1)[0]
    if (!last) throw new Error('no wave')
    return this.#view(last.uid)
  }

  #view(uid: string): WaveView {
    const found = this.#waves.find(w => w.uid === uid)
    if (!found) throw new Error('no such wave in the view')
    return found
  }
  #waves: readonly WaveView[] = []

  /** Lets the wave settle, whatever is still open, and gives its last view. */
  async settled(): Promise<WaveView> {
    await this.look(420, () => null)
    this.#waves = (await this.bench.ask('bench.view', {})).waves
    return this.wave()
  }

  /** Camera number n, as the station sees it. */
  async unit(n: number): Promise<UnitView> {
    const [found] = await this.bench.ask('units.find', { text: this.cameras[n - 1]?.profile.mac ?? '', limit: 1 })
    if (!found) throw new Error('no such camera')
    return found
  }

  async units(wave: WaveView): Promise<readonly UnitView[]> {
    const all = await this.bench.ask('units.find', { limit: 200 })
    return [...wave.units, ...wave.uninvited].flatMap(uid => all.find(u => u.uid === uid) ?? [])
  }

  /** Verdict and reason by the number of the camera. */
  async verdicts(wave: WaveView): Promise<Record<number, string>> {
    const units = await this.units(wave)
    return Object.fromEntries(this.cameras.flatMap((c, i) => {
      const seen = units.find(u => u.aliases.some(a => a.value === c.profile.mac || a.value === c.profile.tag))
      return seen ? [[i + 1, seen.fault ? `${seen.outcome} ${seen.fault.code}` : String(seen.outcome)]] : []
    }))
  }

  /** No seat is reserved any more, none is spent without an ask. */
  seats(): { readonly spent: number; readonly reserved: number; readonly asked: number } {
    const asked = this.bench.ledger.factsAfter(0, 100_000).filter(f => f.body.kind === 'unbind.asked').length
    return { ...this.bench.ledger.quotaUse('account', VIRTUAL_ACCOUNT.id, 0), asked }
  }

  async [Symbol.asyncDispose](): Promise<void> { await this.bench[Symbol.asyncDispose]() }
}

const PROVEN = 'proven'
const stopReason = (wave: WaveView): StopReason | null => wave.stopReason

describe('a wave of thirty', () => {
  it('with a dirty lens, one that keeps trying and one that reads late: each has its verdict, its reason, its seat', async () => {
    await using hands = await Hands.at({ cameras: 30, cameraFaults: { 4: 'never-sees-code', 9: 'keeps-trying' } })
    await hands.prepare()
    await hands.start()
    await hands.look(200, (_, i) => i === 16 ? 90 : 2 + i % 5)
    const wave = await hands.settled()
    expect(wave).toMatchObject({ state: 'closed', stopReason: 'quiet', planned: 30, joined: 29, proven: 28, failed: 2, open: 0, named: 30, nameless: 0, uninvited: [] })
    const verdicts = await hands.verdicts(wave)
    expect(verdicts[4]).toBe('unproven unit.not-seen-reading')
    expect(verdicts[9]).toBe('unproven unit.stuck-activating')
    expect(verdicts[17]).toBe(PROVEN)
    expect(Object.values(verdicts).filter(v => v === PROVEN)).toHaveLength(28)
    expect(hands.seats()).toEqual({ spent: 30, reserved: 0, asked: 30 })
    expect(hands.bench.world.cloud.effects).toHaveLength(28)
    expect(await hands.code()).toBeNull()
    expect(findViolations(hands.bench)).toEqual([])
  })

  it('ends as full when every camera has its verdict, and takes the code away at once', async () => {
    await using hands = await Hands.at({ cameras: 5 })
    await hands.prepare()
    await hands.start()
    await hands.look(90)
    expect(await hands.code()).toBeNull()
    expect(await hands.settled()).toMatchObject({ stopReason: 'full', proven: 5, failed: 0 })
    expect(hands.codes).toHaveLength(1)
  })

  it('one that reads twice is one camera, one seat, one release', async () => {
    await using hands = await Hands.at({ cameras: 4, cameraFaults: { 4: 'never-sees-code' } })
    await hands.prepare()
    await hands.start()
    const again = hands.cameras[0]
    for (let i = 0; i < 30; i += 1) {
      await hands.look(5)
      const code = await hands.code()
      if (code !== null) again?.readCode(code) // nobody turned it to the wall
    }
    const wave = await hands.settled()
    expect(wave).toMatchObject({ joined: 3, proven: 3, failed: 1, uninvited: [] })
    expect(hands.seats()).toEqual({ spent: 4, reserved: 0, asked: 4 })
    expect(hands.bench.world.cloud.effects).toHaveLength(3)
    expect((await hands.bench.ask('bench.view', {})).waiting).toBe(0)
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('a camera is counted', () => {
  it('by the network, by the cloud and by hands, each for itself; the code goes when hands have taken off whoever is left', async () => {
    await using hands = await Hands.at({ cameras: 5, cameraFaults: { 4: 'keeps-trying', 5: 'never-sees-code' } })
    await hands.prepare()
    await hands.start()
    const seen = async (): Promise<WaveView['told'] | null> => (await hands.bench.ask('display.view', {})).wave?.told ?? null
    expect(await seen()).toEqual({ network: 0, cloud: 0, hands: 0 }) // scans from before the code do not count
    await hands.look(50)
    expect(await seen()).toEqual({ network: 4, cloud: 3, hands: 0 })
    expect(await hands.unit(4)).toMatchObject({ sources: { network: true, cloud: false, hands: false } })
    for (const n of [1, 4]) await hands.bench.ask('scan', { text: hands.cameras[n - 1]?.profile.label ?? '' })
    expect(await seen()).toEqual({ network: 4, cloud: 3, hands: 2 })
    await hands.look(3, () => null)
    expect(await hands.code()).not.toBeNull()
    await hands.bench.ask('scan', { text: hands.cameras[4]?.profile.label ?? '' })
    await hands.look(2, () => null)
    expect(await hands.code()).toBeNull()
    const wave = await hands.settled()
    expect(wave).toMatchObject({ stopReason: 'full', joined: 4, told: { network: 4, cloud: 3, hands: 3 }, proven: 3, failed: 2 })
    expect((await hands.bench.ask('bench.view', {})).waiting, 'a camera taken off wishes nothing').toBe(0)
    expect(hands.seats()).toEqual({ spent: 5, reserved: 0, asked: 5 })
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('the code goes', () => {
  it('when no camera has joined within 60 seconds of the first show, and the password is asked about', async () => {
    await using hands = await Hands.at({ cameras: 3 })
    await hands.prepare()
    await hands.start()
    await hands.look(58, () => null)
    expect(await hands.code()).not.toBeNull()
    await hands.look(5, () => null)
    expect(await hands.code()).toBeNull()
    const wave = await hands.settled()
    expect(stopReason(wave)).toBe('no-join')
    expect(new Set(Object.values(await hands.verdicts(wave)))).toEqual(new Set(['unproven wifi.wrong']))
    expect((await hands.bench.ask('bench.view', {})).wifi[0]).toMatchObject({ ssid: 'RETURNS-BENCH', state: 'failed' })
  })

  it('at the word of the operator, and what was read before still counts', async () => {
    await using hands = await Hands.at({ cameras: 4 })
    await hands.prepare()
    const { uid } = await hands.start()
    await hands.look(4, (_, i) => i < 2 ? 1 : null)
    await hands.bench.ask('wave.stop', { wave: uid })
    await hands.look(1, () => null)
    expect(await hands.code()).toBeNull()
    const wave = await hands.settled()
    expect(wave).toMatchObject({ stopReason: 'operator', joined: 2, proven: 2, failed: 2 })
    expect(hands.seats()).toEqual({ spent: 4, reserved: 0, asked: 4 })
  })

  it('when the operator leaves', async () => {
    await using hands = await Hands.at({ cameras: 2 })
    await hands.prepare()
    await hands.start()
    await hands.look(3, () => null)
    await hands.bench.ask('operator.leave', {})
    await hands.look(1, () => null)
    expect(await hands.code()).toBeNull()
    expect(stopReason(await hands.settled())).toBe('lock')
  })

  it('when the cloud has not answered for 15 seconds; late results are still believed', async () => {
    await using hands = await Hands.at({ cameras: 4, cameraFaults: { 4: 'never-sees-code' } })
    await hands.prepare()
    await hands.start()
    await hands.look(20, (_, i) => i === 0 ? 1 : null)
    hands.bench.world.cloud.setFaults({ outage: ['openapi'] })
    await hands.look(45, (_, i) => i === 1 ? 25 : null)
    expect(await hands.code()).toBeNull()
    hands.bench.world.cloud.setFaults({ outage: [] })
    const wave = await hands.settled()
    expect(stopReason(wave)).toBe('cloud')
    expect((await hands.verdicts(wave))[2]).toBe(PROVEN)
    expect(findViolations(hands.bench)).toEqual([])
  })

  it('when the core was killed: a new start keeps it dark and asks what became of the cameras', async () => {
    await using hands = await Hands.at({ cameras: 5, cameraFaults: { 5: 'never-sees-code' } })
    await hands.prepare()
    await hands.start()
    await hands.look(6, (_, i) => i < 4 ? 2 : null)
    expect(await hands.code()).not.toBeNull()
    expect(await hands.bench.crashAfter(1, new Promise(() => undefined))).toBe('crashed')
    expect(await hands.code()).toBeNull()
    const wave = await hands.settled()
    expect(wave).toMatchObject({ state: 'closed', proven: 4, failed: 1, open: 0 })
    expect(hands.seats()).toEqual({ spent: 5, reserved: 0, asked: 5 })
    expect(hands.codes).toHaveLength(1)
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('the token', () => {
  it('is renewed at 80 percent of its life, without a gap and without losing the count', async () => {
    await using hands = await Hands.at({ cameras: 3 })
    await hands.prepare()
    await hands.start()
    const gaps: number[] = []
    for (let s = 0; s < 320; s += 1) {
      await hands.look(1, (_, i) => [3, 100, 250][i] ?? null) // of the second code the last one reads
      if (await hands.code() === null) gaps.push(s)
    }
    const wave = await hands.settled()
    expect(hands.codes.length).toBeGreaterThan(1)
    expect(wave).toMatchObject({ planned: 3, joined: 3, proven: 3, failed: 0 })
    expect(Math.min(...gaps)).toBeGreaterThan(250)
    expect(hands.seats()).toEqual({ spent: 3, reserved: 0, asked: 3 })
  })

  it('that cannot be renewed ends the wave before its own end', async () => {
    await using hands = await Hands.at({ cameras: 3 })
    await hands.prepare()
    await hands.start()
    await hands.look(100, (_, i) => [3, 80][i] ?? null)
    hands.bench.world.cloud.setFaults({ refuseIssue: { cam2qr0000000001: 1106 } })
    await hands.look(230, (_, i) => i === 1 ? 195 : null)
    const wave = await hands.settled()
    expect(['expired', 'quiet']).toContain(wave.stopReason)
    expect(hands.codes).toHaveLength(1)
    expect(hands.seats().reserved).toBe(0)
  })
})

describe('a refusal in the middle of a wave', () => {
  it.each([['a token that died before its time', 2007, 'token.expired'], ['a permission that was withdrawn', 1106, 'cloud.no-permission']])('by %s gives each camera after it its reason; those before it stand', async (_what, number, reason) => {
    await using hands = await Hands.at({ cameras: 6, cameraFaults: { 6: 'never-sees-code' } })
    await hands.prepare()
    await hands.start()
    await hands.look(40, (_, i) => i < 2 ? 3 : null)
    hands.bench.world.cloud.setFaults({ refuse: { cam2qr0000000001: number } })
    await hands.look(60, (_, i) => i === 2 || i === 3 ? 45 : i === 4 ? 48 : null)
    const wave = await hands.settled()
    const verdicts = await hands.verdicts(wave)
    expect([verdicts[1], verdicts[2]]).toEqual([PROVEN, PROVEN])
    expect([3, 4].map(n => verdicts[n])).toEqual([`refused ${reason}`, `refused ${reason}`])
    expect(verdicts[6]).toMatch(/^unproven /)
    expect(await hands.code()).toBeNull()
    expect(hands.seats()).toMatchObject({ reserved: 0 })
    expect(hands.bench.world.cloud.effects).toHaveLength(2)
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('a quota that runs out in the middle of a wave', () => {
  it.each([['account', 'accountPerDay'], ['product', 'productPerDay']] as const)('of the %s gives each camera after it its reason, and no second try; those before it stand', async (whose, limit) => {
    await using hands = await Hands.at({ cameras: 6, limits: { [limit]: 3 } }) // the vendor counts releases this station knows nothing of
    await hands.prepare()
    await hands.start()
    await hands.look(40, (_, i) => i < 3 ? 3 : null)
    await hands.look(40, (_, i) => i < 3 ? null : 45 + i)
    const wave = await hands.settled()
    const verdicts = await hands.verdicts(wave)
    expect([1, 2, 3].map(n => verdicts[n])).toEqual([PROVEN, PROVEN, PROVEN])
    expect([4, 5, 6].map(n => verdicts[n])).toEqual(Array(3).fill(`refused quota.${whose}-spent`))
    expect(await hands.code()).toBeNull()
    expect(hands.seats()).toMatchObject({ reserved: 0, asked: 6 })
    expect(hands.bench.world.cloud.effects).toHaveLength(3)
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('a camera nobody invited', () => {
  it('gets its own line and its own seat, and stops the wave; the others settle', async () => {
    await using hands = await Hands.at({ cameras: 5 })
    await hands.prepare(hands.cameras, hands.cameras.slice(0, 4))
    await hands.start()
    await hands.look(30, (_, i) => i === 3 ? null : i === 4 ? 8 : 2)
    expect(await hands.code()).toBeNull()
    const wave = await hands.settled()
    expect(wave).toMatchObject({ stopReason: 'uninvited', planned: 4, joined: 3, proven: 3, failed: 1 }) // the guest is counted apart
    expect(wave.uninvited).toHaveLength(1)
    const verdicts = await hands.verdicts(wave)
    expect([1, 2, 3, 5].map(n => verdicts[n])).toEqual([PROVEN, PROVEN, PROVEN, PROVEN])
    const told = hands.bench.ledger.factsAfter(0, 10_000).filter(f => f.body.kind === 'fault.raised' && f.body.fault.code === 'wave.uninvited')
    expect(told.map(f => f.unit)).toEqual(wave.uninvited)
    expect(verdicts[4]).toMatch(/^unproven/)
    expect(hands.seats()).toEqual({ spent: 5, reserved: 0, asked: 5 })
    expect(hands.bench.world.cloud.effects).toHaveLength(4)
    expect(findViolations(hands.bench)).toEqual([])
  })

  it('is told from the wave also when it is of another product', async () => {
    await using hands = await Hands.at({ cameras: 4, shape: profile => profile.tag === 'RC-0004' ? { ...profile, productKey: 'cam5qr0000000001', label: profile.label.replace('cam2qr', 'cam5qr') } : profile })
    await hands.prepare(hands.cameras, hands.cameras.slice(0, 3))
    await hands.start()
    await hands.look(40, (_, i) => i === 3 ? 6 : i === 2 ? null : 2)
    const wave = await hands.settled()
    expect(stopReason(wave)).toBe('uninvited')
    const guest = (await hands.units(wave)).find(u => u.uid === wave.uninvited[0])
    expect(guest).toMatchObject({ product: 'cam5qr0000000001', wave: wave.uid, productName: { en: 'Camera C5 outdoor' } })
    expect(hands.bench.ledger.quotaUse('product', 'cam5qr0000000001', 0).spent).toBe(1)
  })
})

describe('leftovers', () => {
  const LIGHTS: readonly (readonly [Light, string])[] = [
    ['red-blinking', 'unit.not-seen-reading'], ['green-blinking', 'wifi.wrong'], ['green-steady', 'unit.not-reset'], ['off', 'unit.silent']
  ]

  it('are asked for their lamp: the answer sets reason and grade C, never success', async () => {
    await using hands = await Hands.at({ cameras: 6, cameraFaults: { 6: 'keeps-trying' } })
    await hands.prepare()
    const { uid } = await hands.start()
    await hands.look(8, (_, i) => i === 4 || i === 5 ? 2 : null)
    await hands.bench.ask('wave.stop', { wave: uid })
    await hands.settled()
    for (const [i, [light, code]] of LIGHTS.entries()) {
      const unit = await hands.unit(i + 1)
      expect(unit).toMatchObject({ outcome: 'unproven', light: null })
      expect(await hands.bench.ask('unit.light', { unit: unit.uid, light })).toMatchObject({ outcome: 'unproven', grade: 'C', light, fault: { code }, provenAt: null })
    }
    // One that is on the network and blinks green was refused or is still bound.
    expect(await hands.bench.ask('unit.light', { unit: (await hands.unit(6)).uid, light: 'green-blinking' })).toMatchObject({ grade: 'C', fault: { code: 'unit.stuck-activating' } })
    // A proven one is proven, whatever lamp somebody sees.
    expect(await hands.bench.ask('unit.light', { unit: (await hands.unit(5)).uid, light: 'green-blinking' })).toMatchObject({ outcome: PROVEN, fault: null })
    expect(hands.bench.ledger.counter('outcome.proven')).toBe(1)
    expect(findViolations(hands.bench)).toEqual([])
  })

  it('may be told by scanning the camera and a command card', async () => {
    await using hands = await Hands.at({ cameras: 2 })
    await hands.prepare()
    const { uid } = await hands.start()
    await hands.look(4, (_, i) => i === 0 ? 1 : null)
    await hands.bench.ask('wave.stop', { wave: uid })
    await hands.settled()
    await hands.bench.ask('scan', { text: hands.cameras[1]?.profile.label ?? '' })
    await hands.bench.ask('scan', { text: 'CM:RED-BLINKS' })
    expect(await hands.unit(2)).toMatchObject({ light: 'red-blinking', grade: 'C', outcome: 'unproven', fault: { code: 'unit.not-seen-reading' } })
    const told = hands.bench.ledger.factsAfter(0, 10_000).findLast(f => f.body.kind === 'job.explained')
    expect(told && verdictOf(hands.bench.ledger, { station: 's1', mode: 'training' }, told), 'is exported as C').toMatchObject({ outcome: 'unproven', grade: 'C', provenAt: null, reason: 'unit.not-seen-reading' })
  })

  it('make a second wave of only those', async () => {
    await using hands = await Hands.at({ cameras: 5 })
    await hands.prepare()
    const { uid } = await hands.start()
    await hands.look(8, (_, i) => i < 3 ? 2 : null)
    await hands.bench.ask('wave.stop', { wave: uid })
    await hands.settled()
    for (const camera of hands.cameras.slice(3)) camera.pressReset()
    await hands.look(40, () => null)
    const second = await hands.start({ leftoversOf: uid })
    expect(second.planned).toBe(2)
    await hands.look(60, (_, i) => i >= 3 ? 2 : null)
    expect(await hands.settled()).toMatchObject({ planned: 2, proven: 2, stopReason: 'full' })
    expect(hands.seats()).toEqual({ spent: 7, reserved: 0, asked: 7 })
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('cameras whose label does not tie', () => {
  it('are counted, not named: no proof, no grade, and a second run in halves', async () => {
    await using hands = await Hands.at({ cameras: 4, cameraFaults: { 4: 'never-sees-code' } })
    await hands.prepare(hands.cameras, hands.cameras, camera => camera.profile.tag)
    for (const unit of (await hands.bench.ask('bench.view', {})).units) await hands.bench.ask('unit.method', { unit: unit.uid, method: 'qr' })
    hands.bench.ledger.commit(tx => { for (const u of hands.bench.ledger.findUnits('', null, 10)) tx.append({ unit: u.uid, body: { kind: 'unit.known', product: 'cam2qr0000000001', method: 'qr' } }) })
    for (const camera of hands.cameras) await hands.bench.ask('scan', { text: camera.profile.tag })
    const planned = await hands.start()
    expect(planned).toMatchObject({ planned: 4, named: 0 })
    await hands.look(150)
    const wave = await hands.settled()
    expect(wave).toMatchObject({ stopReason: 'quiet', nameless: 3, uninvited: [], proven: 0, failed: 4 })
    for (const unit of await hands.units(wave)) expect(unit).toMatchObject({ outcome: 'unproven', grade: null, fault: { code: 'wave.not-named' } })
    expect((await hands.start({ leftoversOf: wave.uid, half: 1 })).planned).toBe(2)
    expect(findViolations(hands.bench)).toEqual([])
  })
})

describe('racks', () => {
  it('have a display and a wave each', async () => {
    await using hands = await Hands.at({ cameras: 4 })
    await hands.prepare()
    await hands.start({ rack: 'R2' })
    await hands.look(3, () => null)
    expect(await hands.code()).toBeNull()
    expect((await hands.bench.ask('display.view', { rack: 'R2' })).code).toMatch(/^\{"p":/)
    expect((await hands.bench.ask('display.view', { rack: 'R2' })).wave?.rack).toBe('R2')
  })
})
