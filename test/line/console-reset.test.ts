/** A unit on a lane with a console is reset by its recipe; only a restart in factory state is *reset done*. */
import { describe, expect, it } from 'vitest'
import { millis } from '#shared'
import type { Fact } from '../../src/main/domain/fact.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { findViolations } from '../helpers/checkers.ts'
import { CONSOLE, plugConsole, RELAY, type Mishap } from '../helpers/console-unit.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

interface Story { readonly bench: TestBench; readonly heard: readonly string[]; readonly restart: () => Promise<void>; readonly facts: () => readonly Fact[]; readonly kinds: () => string[] }

async function withNvr(mishap: Mishap, tell: (story: Story) => Promise<void>): Promise<void> {
  let serial: VirtualSerial | null = null
  await using bench = await openBench({
    seed: 7, units: 1, shape: p => ({ ...p, productKey: 'nvr8wired0000001', kind: 'nvr' }), settings: { 'job.resetSeconds': '900' },
    ports: ports => { serial = ports.serial instanceof VirtualSerial ? ports.serial : null; return ports }
  })
  const [unit] = bench.world.units
  if (serial === null || unit === undefined) throw new Error('no virtual serial')
  const { heard, boot } = plugConsole(serial, bench.world.clock, unit, mishap)
  await bench.sleep(100)
  await bench.ask('ports.bind', { path: CONSOLE, role: 'console', lane: 1 })
  await bench.ask('ports.bind', { path: RELAY, role: 'relay', board: 'lcus', lanes: [1] })
  await bench.run(bench.ask('power.test', { lane: 1 }))
  unit.powerOff()
  await bench.ask('scan', { text: unit.profile.label })
  await bench.ask('scan', { text: 'P01' })
  unit.plug()
  unit.powerOn()
  const facts = (): readonly Fact[] => bench.ledger.factsAfter(0, 1000)
  await tell({ bench, heard, restart: boot, facts, kinds: () => facts().map(f => f.body.kind) })
  expect(findViolations(bench)).toEqual([])
}
const bodyOf = (facts: readonly Fact[], kind: string): Fact['body'] | undefined => facts.find(f => f.body.kind === kind)?.body
const allow = async (bench: TestBench): Promise<void> => {
  const [unit] = await bench.ask('units.find', {})
  await bench.ask('recipe.allow', { unit: String(unit?.uid) })
}

describe('a unit with a console', () => {
  it('waits for a word before anything is erased, is then reset by its recipe, and goes on to be proven', () => withNvr('none', async ({ bench, heard, facts, kinds }) => {
    await bench.sleep(120_000)
    expect(heard).toEqual([])
    expect(kinds()).not.toContain('recipe.started')
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ wantsWord: true, prompt: 'press-reset' })
    await allow(bench)
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ wantsWord: false })
    await bench.sleep(400_000)
    expect(heard).toEqual(['protect off 0x04000000 +0x40000', 'erase 0x04000000 +0x40000', 'reset', 'printenv owner'])
    expect(bodyOf(facts(), 'recipe.ended')).toMatchObject({ recipe: 'uboot-env', version: 1, verdict: 'verified', hasErased: true, fault: null })
    expect(bodyOf(facts(), 'reset.done')).toMatchObject({ how: 'console' })
    expect(bodyOf(facts(), 'job.closed')).toMatchObject({ outcome: 'proven' })
    const order = ['recipe.allowed', 'recipe.started', 'recipe.ended', 'reset.done', 'unbind.asked']
    expect(kinds().filter(k => order.includes(k))).toEqual(order)
    const word = facts().findIndex(f => f.body.kind === 'act.led' && f.body.act === 'recipe.allow')
    expect([word >= 0, word < kinds().indexOf('recipe.allowed')]).toEqual([true, true]) // whose word it was is known before it starts what erases
    expect((await bench.ask('recipe.list', {})).find(r => r.id === 'uboot-env')).toMatchObject({ runs: 1, verified: 1, isShipped: true })
    expect((await bench.ask('ports.list', {})).ports.map(p => [p.path, p.role, p.lane])).toEqual([[CONSOLE, 'console', 1], [RELAY, 'relay', null]])
  }))

  it.each([[2, 'waits for a word'], [3, 'goes on by itself']])('of a product on which the recipe was verified %i times %s', (runs, _what) => withNvr('none', async ({ bench, heard, kinds }) => {
    const unit = (await bench.ask('units.find', {}))[0]?.uid
    const ended = { kind: 'recipe.ended', recipe: 'uboot-env', product: 'nvr8wired0000001', hasErased: true, step: 'verify 4', fault: null, transcript: null } as const
    for (let i = 0; i < runs; i += 1) bench.ledger.append({ ...(unit ? { unit } : {}), body: { ...ended, version: 1, verdict: 'verified' } })
    for (const other of [{ version: 2, verdict: 'verified' }, { version: 1, verdict: 'unproven' }, { version: 1, verdict: 'verified', product: 'gw3wired00000001' }] as const) bench.ledger.append({ ...(unit ? { unit } : {}), body: { ...ended, ...other } }) // another version, an unverified run and another product say nothing
    await bench.sleep(60_000)
    expect([kinds().includes('recipe.started'), heard.length > 0]).toEqual(runs < 3 ? [false, false] : [true, true])
  }))

  it('whose transcript is kept with its unit, and is complete', () => withNvr('none', async ({ bench, facts }) => {
    await bench.sleep(60_000)
    await allow(bench)
    await bench.sleep(400_000)
    const ended = bodyOf(facts(), 'recipe.ended')
    const path = ended?.kind === 'recipe.ended' ? ended.transcript : null
    const text = new TextDecoder().decode(bench.world.ports.disk.read(path ?? '') ?? new Uint8Array())
    expect(text).toContain('Erased 2 sectors')
    expect(text.trimEnd().endsWith('# "verified at verify 4"')).toBe(true)
  }))

  it.each<[Mishap, string, string]>([
    ['power-cut', 'unproven', 'console.silent'],
    ['erase-fails', 'unproven', 'console.failed'],
    ['closed', 'closed', 'none']
  ])('with %s ends %s, and nothing is called reset', (mishap, verdict, code) => withNvr(mishap, async ({ bench, facts, kinds }) => {
    await bench.sleep(60_000)
    await allow(bench)
    await bench.sleep(200_000)
    const ended = bodyOf(facts(), 'recipe.ended')
    expect(ended).toMatchObject({ verdict })
    expect(ended?.kind === 'recipe.ended' ? ended.fault?.code ?? 'none' : '').toBe(code)
    expect(kinds()).not.toContain('reset.done')
    await bench.sleep(1_200_000)
    expect(kinds()).not.toContain('reset.done')
    expect(kinds()).not.toContain('unbind.asked')
  }))

  it('whose console says it is reset, while it still announces itself bound, is not believed', () => withNvr('lies', async ({ bench, facts, kinds }) => {
    await bench.sleep(60_000)
    await allow(bench)
    await bench.sleep(300_000)
    expect(bodyOf(facts(), 'recipe.ended')).toMatchObject({ verdict: 'verified' })
    expect(kinds()).not.toContain('reset.done')
    expect((await bench.ask('units.find', {}))[0]).toMatchObject({ stage: 'resetting', prompt: 'press-reset', resetDoneAt: null })
  }))

  it('on a lane nothing switches asks hands to switch it off and on, once, and says wait while the recipe works', () => withNvr('none', async ({ bench, facts, restart }) => {
    await bench.ask('ports.bind', { path: RELAY, role: 'none' })
    await bench.sleep(60_000)
    const prompt = async (): Promise<string | undefined> => (await bench.ask('units.find', {}))[0]?.prompt
    expect(await prompt()).toBe('press-reset')
    await allow(bench)
    await bench.sleep(1000)
    expect(await prompt()).toBe('power-cycle')
    bench.world.units[0]?.powerOff()
    await bench.sleep(2000)
    bench.world.units[0]?.powerOn()
    await restart()
    await bench.sleep(2500)
    expect(await prompt()).toBe('wait')
    await bench.sleep(400_000)
    expect(bodyOf(facts(), 'recipe.ended')).toMatchObject({ verdict: 'verified' })
    expect(bodyOf(facts(), 'reset.done')).toMatchObject({ how: 'console' })
  }))

  it('in the middle of whose recipe the station dies is on power again, waits for a new word, and is reset then', () => withNvr('none', async ({ bench, facts, kinds }) => {
    await bench.sleep(60_000)
    const dying = (async () => {
      await allow(bench)
      await bench.world.clock.sleep(millis(60_000), new AbortController().signal)
    })()
    expect(await bench.crashAfter(3, dying.catch(() => undefined))).toBe('crashed')
    await bench.sleep(30_000)
    expect(bench.world.units[0]?.state.phase).not.toBe('off')
    expect(kinds()).not.toContain('reset.done')
    expect(bench.ledger.setting('power.off') ?? '[]').toBe('[]')
    await bench.sleep(120_000)
    await allow(bench)
    await bench.sleep(400_000)
    expect(bodyOf(facts(), 'reset.done')).toMatchObject({ how: 'console' })
    expect(bodyOf(facts(), 'job.closed')).toMatchObject({ outcome: 'proven' })
  }))

  it('whose console a person uses waits until the terminal is closed, and no terminal opens beside the recipe', () => withNvr('none', async ({ bench, heard, facts, kinds }) => {
    await bench.sleep(60_000)
    const { session } = await bench.run(bench.ask('terminal.open', { lane: 1 }))
    await allow(bench)
    await bench.sleep(60_000)
    expect(heard).toEqual([])
    expect(kinds()).not.toContain('recipe.started')
    await bench.run(bench.ask('terminal.close', { session }))
    await bench.sleep(1000)
    expect(kinds()).toContain('recipe.started')
    await expect(bench.run(bench.ask('terminal.open', { lane: 1 }))).rejects.toThrow('console.in-use')
    await bench.sleep(400_000)
    expect(bodyOf(facts(), 'recipe.ended')).toMatchObject({ verdict: 'verified' })
    await bench.run(bench.ask('terminal.open', { lane: 1 }))
  }))

  it('that hands reset before the word is given needs no recipe', () => withNvr('none', async ({ bench, heard, facts }) => {
    await bench.sleep(60_000)
    bench.world.units[0]?.pressReset()
    await bench.sleep(400_000)
    expect(heard).toEqual([])
    expect(bodyOf(facts(), 'reset.done')).toMatchObject({ how: 'seen' })
  }))

  it('an adapter with a role is not given another, and a lane without a switch is not tested', () => withNvr('none', async ({ bench }) => {
    const refused = async (work: Promise<unknown>): Promise<string> => { try { await work; return 'ok' } catch (thrown) { return Fault.from(thrown).code } }
    expect(await refused(bench.ask('ports.bind', { path: CONSOLE, role: 'scanner' }))).toBe('serial.role-taken')
    expect(await refused(bench.ask('ports.bind', { path: '/dev/ttyUSB7', role: 'console' }))).toBe('door.invalid')
    expect(await refused(bench.run(bench.ask('power.test', { lane: 2 })))).toBe('power.untrusted')
    expect(await refused(bench.ask('recipe.allow', { unit: 'nobody' }))).toBe('door.invalid')
    expect((await bench.ask('ports.bind', { path: CONSOLE, role: 'none' })).ports[0]?.role).toBeNull()
  }))
})
