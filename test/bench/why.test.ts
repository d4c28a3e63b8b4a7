/** Why is it not listed? Every cause by its name, the likeliest on top, on a bench where exactly that is wrong. */
import { describe, expect, it } from 'vitest'
import type { WhyName, WhyView } from '#shared'
import { whyText } from '../../src/main/tables.ts'
import type { VirtualProc } from '../../src/main/virtual/proc.ts'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'

const SWITCH = { 'switch.ports': '[{"port":3,"lane":1},{"port":4,"lane":2}]' }
const why = (floor: LanFloor, question: { mac?: string; lane?: number; unit?: string }): Promise<WhyView> => floor.bench.ask('unit.why', question)
const told = (view: WhyView, name: WhyName): string => {
  const check = view.checks.find(c => c.name === name)
  return `${check?.state} ${check?.fault?.code ?? ''}`.trim()
}

describe('why is it not listed', () => {
  it('a unit that is found and wanted: everything that can be seen is well', async () => {
    await using floor = await openFloor({ units: 1, settings: { ...SWITCH, 'lan.take': 'all' } })
    floor.bench.world.switch.cable(floor.unit(1).profile.mac, 3)
    floor.on(floor.unit(1))
    await floor.bench.sleep(25_000)
    const view = await why(floor, { lane: 1 })
    expect(view).toMatchObject({ mac: floor.unit(1).profile.mac, ip: '10.77.0.20', lane: 1 })
    expect(view.checks.filter(c => c.state === 'bad')).toEqual([])
    expect(view.checks.find(c => c.name === 'heard')?.seen).toMatchObject({ 'seconds ago': expect.any(Number) as number })
  })

  it('an empty lane: nothing is plugged in', async () => {
    await using floor = await openFloor({ settings: SWITCH })
    await floor.bench.sleep(5000)
    const view = await why(floor, { lane: 2 })
    expect(view.checks[0]).toMatchObject({ name: 'link', state: 'bad', fault: { code: 'unit.no-link', context: { lane: 2 } } })
  })

  it('a unit without an address of ours, and one with it that never speaks', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'no-dhcp' } })
    floor.on(floor.unit(1))
    await floor.bench.sleep(30_000)
    const view = await why(floor, { mac: floor.unit(1).profile.mac.toUpperCase().replaceAll(':', '-') })
    expect(view.checks.filter(c => c.state === 'bad').map(c => c.fault?.code)).toEqual(['unit.no-lease', 'unit.never-heard'])
  })

  it('two kinds of silence: never announced, and gone for 45 s', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
    floor.on(floor.unit(1))
    await floor.bench.sleep(25_000)
    const { mac } = floor.unit(1).profile
    floor.unit(1).powerOff()
    await floor.bench.sleep(60_000)
    expect(told(await why(floor, { mac }), 'heard')).toBe('bad unit.gone-silent')
    expect(told(await why(floor, { mac: '02:aa:aa:aa:aa:aa' }), 'heard')).toBe('bad unit.never-heard')
  })

  it('what it says makes no sense', async () => {
    await using floor = await openFloor({ units: 1, shape: p => ({ ...p, announces: 'when-asked', version: '3.1' }) }) // of a model that stays silent
    floor.on(floor.unit(1))
    await floor.bench.sleep(25_000)
    const { mac } = floor.unit(1).profile
    const say = await floor.squatter('02:ee:00:00:00:01', floor.unit(1).state.address ?? '')
    for (let i = 0; i < 3; i += 1) say(new Uint8Array(60), 6667)
    await floor.bench.sleep(1000)
    const view = await why(floor, { mac })
    expect(view.checks.find(c => c.name === 'malformed')?.seen).toMatchObject({ malformed: 3 })
    expect((await floor.bench.ask('network.view', {})).lan.counters['malformed']).toBe(3)
  })

  it('another program holds our port, and which one', async () => {
    await using floor = await openFloor({})
    const { ports } = floor.bench.world
    const proc = ports.proc as VirtualProc // the virtual world's own
    proc.script('ss', args => ({ code: 0, stdout: args.includes('sport = :6667') ? 'UNCONN 0 0 0.0.0.0:6667 0.0.0.0:* users:(("python3",pid=4711,fd=3))\n' : '', stderr: '' }))
    floor.bench.world.benchCard.remove()
    await floor.bench.sleep(3000)
    floor.bench.world.benchCard.putBack()
    using _taken = await ports.net.udp({ card: 'bench0', port: 6667 })
    await floor.bench.sleep(5000)
    const check = (await why(floor, { lane: 1 })).checks.find(c => c.name === 'port')
    expect(check).toMatchObject({ state: 'bad', fault: { code: 'net.port-taken', context: { port: 6667, program: 'python3 (4711)' } } })
  })

  it('another DHCP server is on the bench', async () => {
    await using floor = await openFloor({})
    using _foreign = await floor.foreignDhcp()
    await floor.newcomer()
    expect(told(await why(floor, { lane: 1 }), 'foreign')).toBe('bad net.foreign-dhcp')
  })

  it('nobody has scanned it; it is on hold', async () => {
    await using floor = await openFloor({ units: 1 })
    await floor.ready(floor.unit(1))
    const { mac } = floor.unit(1).profile
    expect(told(await why(floor, { mac }), 'wanted')).toBe('bad unit.not-scanned')
    await floor.bench.ask('unit.hold', { unit: (await floor.view(mac))?.uid ?? '', reason: 'x' })
    expect(told(await why(floor, { unit: floor.unit(1).profile.uuid }), 'wanted')).toBe('bad unit.held')
  })

  it('the switch does not answer: the link cannot be told', async () => {
    await using floor = await openFloor({ settings: SWITCH })
    floor.bench.world.switch.isOn = false
    await floor.bench.sleep(10_000)
    expect(told(await why(floor, { lane: 1 }), 'link')).toBe('unknown switch.silent')
  })

  it('reads in a terminal with the cause on top and what to do below', async () => {
    await using floor = await openFloor({ settings: SWITCH })
    await floor.bench.sleep(5000)
    const lines = whyText(await why(floor, { lane: 2 })).split('\n')
    expect(lines[0]).toBe('P02')
    expect(lines[3]).toMatch(/^HERE +Cable and power of the unit +Nothing is plugged in here +lane 2$/)
    expect(lines.at(-1)).toBe('Check power and cable of the unit; try another cable.')
  })

  it('takes exactly one of lane, MAC and name', async () => {
    await using floor = await openFloor({})
    for (const question of [{}, { lane: 1, mac: '02:aa:aa:aa:aa:aa' }, { mac: 'no mac' }]) await expect(why(floor, question)).rejects.toEqual(expect.objectContaining({ code: 'door.invalid' }))
  })
})
