/** Lane power over relay boards in virtual time: what the board was told, and what is left of it after a crash. */
import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { Power } from '../../src/main/bench/power.ts'
import { playRecipe } from '../../src/main/bench/recipe-session.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Board } from '../../src/main/wire/relay.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { shipped } from '../helpers/recipes.ts'
import { FOREVER, scripted } from '../helpers/virtual-console.ts'

const log = new Log(() => undefined, () => 0)

function boards(board: Board, isDeaf = false) {
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const kept = new Map<string, string>()
  const told: { at: number; bytes: string }[] = []
  let line = ''
  const states = new Map<string, boolean>()
  const { attach } = scripted(clock, async (unit, byte) => {
    line += byte
    if (board === 'lcus' && line.length === 4) {
      told.push({ at: clock.monotonic(), bytes: Buffer.from(line, 'latin1').toString('hex') })
      line = ''
    }
    if (board === 'numato' && byte === '\r') {
      const [, verb, channel = ''] = /relay (on|off|read) (\w)\r/.exec(line) ?? []
      if (verb === 'on' || verb === 'off') { told.push({ at: clock.monotonic(), bytes: line.trim() }); if (!isDeaf) states.set(channel, verb === 'on') }
      await unit.say(`${line.trim()}\n\r${verb === 'read' ? `${states.get(channel) ? 'on' : 'off'}\n\r` : ''}>`)
      line = ''
    }
  })
  serial.plug({ path: 'relay', label: 'relay' }, attach)
  const store = { setting: (key: string) => kept.get(key) ?? null, keepSetting: (key: string, value: string) => { kept.set(key, value) } }
  const make = (): Power => new Power({ clock, serial }, store, log, lane => lane <= 4 ? { path: 'relay', board, channel: lane } : null, { wiring: 'on-when-idle' })
  return { clock, serial, told, make, kept }
}
async function codeOf(work: Promise<unknown>): Promise<string> {
  try { await work } catch (thrown) { return Fault.from(thrown).code }
  return 'none'
}

describe('the power of a lane', () => {
  it('is off by driving the relay and on by letting it go, so that a dead board leaves units on', async () => {
    const { clock, told, make } = boards('lcus')
    await clock.run(make().cycle(1, seconds(2), FOREVER))
    expect(told.map(t => t.bytes)).toEqual(['a00101a2', 'a00100a1'])
    expect((told[1]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThanOrEqual(2000)
  })

  it('is offered to recipes only after both states were driven by the test pulse, and only for that very channel', async () => {
    const { clock, make, told } = boards('lcus')
    const power = make()
    const begun: number[] = []
    expect(power.lane(2)).toBeNull()
    await clock.run(power.test(2, () => { begun.push(told.length) }, FOREVER))
    expect(begun).toEqual([0]) // told before anything is switched
    expect(make().lane(2)).not.toBeNull()
    expect(make().lane(3)).toBeNull()
    expect(await codeOf(clock.run(power.test(9, () => { begun.push(9) }, FOREVER)))).toBe('power.untrusted')
    expect(begun).toHaveLength(1)
  })

  it('follows the shipped pattern: off 2 s, on 3 s, six times', async () => {
    const { clock, serial, told, make } = boards('lcus')
    const power = make()
    await clock.run(power.test(1, () => undefined, FOREVER))
    told.length = 0
    const end = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(1) }, log, shipped('power-cycle'), { path: null, values: {}, secrets: new Map(), power: power.lane(1), hands: () => undefined, untilFactory: async () => undefined }, FOREVER))
    expect(end.verdict).toBe('verified')
    expect(told.map(t => t.bytes)).toEqual(Array.from({ length: 6 }, () => ['a00101a2', 'a00100a1']).flat())
    const gaps = told.slice(1).map((t, i) => Math.round((t.at - (told[i]?.at ?? 0)) / 100) / 10)
    for (const [i, gap] of gaps.entries()) expect(Math.abs(gap - (i % 2 === 0 ? 2 : 3)), `${i}`).toBeLessThan(0.3)
  })

  it('comes back staggered, one lane after the other', async () => {
    const { clock, told, make } = boards('lcus')
    const power = make()
    await clock.run(Promise.all([1, 2, 3, 4].map(lane => power.on(lane, FOREVER))))
    const gaps = told.slice(1).map((t, i) => t.at - (told[i]?.at ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
  })

  it('is restored when the station stops, and after a crash by the next start', async () => {
    const { clock, told, make, kept } = boards('lcus')
    const power = make()
    const scope = new Scope('first')
    power.start(scope)
    await clock.run(power.off(3, FOREVER))
    expect(kept.get('power.off')).toBe('[3]')
    const crashed = make() // the first one never closed
    const second = new Scope('second')
    await clock.run((async () => { crashed.start(second); await clock.sleep(seconds(5), FOREVER) })())
    expect(told.map(t => t.bytes)).toEqual(['a00301a4', 'a00300a3'])
    expect(crashed.lanesOff).toEqual([])
    await clock.run(power.off(1, FOREVER))
    await clock.run(scope.close())
    expect(told.at(-1)?.bytes).toBe('a00100a1')
    await clock.run(second.close())
  })

  it('given up in the middle of a cycle is on again', async () => {
    const { clock, told, make } = boards('lcus')
    const stop = new AbortController()
    const cycling = codeOf(make().cycle(1, seconds(60), stop.signal))
    await clock.run((async () => { await clock.sleep(millis(500), FOREVER); stop.abort(new Fault('unit.removed')); await cycling })())
    expect(told.at(-1)?.bytes).toBe('a00100a1')
  })

  it('a board that can say its state is asked, and not believed when it says otherwise', async () => {
    const good = boards('numato')
    await good.clock.run(good.make().off(1, FOREVER))
    expect(good.told.map(t => t.bytes)).toEqual(['relay on 0'])
    const deaf = boards('numato', true)
    expect(await deaf.clock.run(codeOf(deaf.make().off(1, FOREVER)))).toBe('serial.no-port')
    expect(deaf.kept.get('power.off')).toBe('[1]') // better believed off than forgotten
  })

  it('a board that is not there is a fault with its name, and the lane stays written down', async () => {
    const { clock, serial, make, kept } = boards('lcus')
    serial.unplug('relay')
    expect(await clock.run(codeOf(make().off(1, FOREVER)))).toBe('serial.no-port')
    expect(kept.get('power.off')).toBe('[1]')
  })
})
