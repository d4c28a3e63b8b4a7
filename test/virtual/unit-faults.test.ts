/** The faults of facts/tuya.md 11 that spoil a unit's words, each played by units of all four LAN versions to the station as it is. */
import { describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { whyText } from '../../src/main/tables.ts'
import type { UnitFault, UnitProfile } from '../../src/main/virtual/unit-profile.ts'
import { BENCH_CARD } from '../../src/main/virtual/world.ts'
import { decodeDatagram } from '../../src/main/wire/announcement.ts'
import { bytesOf, V5 } from '../golden/lan.ts'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'

const VERSIONS = ['3.1', '3.3', '3.4', '3.5'] as const

/** Four units, one of each version, of as many products; each is plugged in, reset, asked and waited for. */
async function played(fault: UnitFault, shape: (p: UnitProfile) => Partial<UnitProfile> = () => ({})): Promise<LanFloor> {
  const floor = await openFloor({
    units: 4, faults: { 1: fault, 2: fault, 3: fault, 4: fault }, settings: { 'lan.take': 'all', 'job.firstAlone': 'off' },
    shape: p => ({ ...p, announces: 'by-itself', saysToken: true, ...shape(p) })
  })
  await floor.ready(...floor.bench.world.units)
  await floor.bench.sleep(180_000)
  return floor
}

/** Version and outcome of each, with how often it was asked and released. */
async function story(floor: LanFloor): Promise<readonly string[]> {
  const told = floor.bench.world.units.map(async unit => {
    const view = await floor.viewOf(unit)
    return `${unit.profile.version} ${view?.outcome ?? 'no outcome'}, asked ${await floor.asked(unit)}, released ${unit.state.releases}`
  })
  return (await Promise.all(told)).toSorted()
}
const ALL_PROVEN = VERSIONS.map(version => `${version} proven, asked 1, released 1`)

/** Connections the station made to unit `n`. */
const calls = (floor: LanFloor, n: number): number => floor.dialled.filter(d => d.to.address === floor.unit(n).state.address).length

describe('a unit that is read all the same', () => {
  it.each(['two-frames-joined', 'frame-in-pieces'] as const)('%s: the first answer is understood, on the one connection it came on', async fault => {
    await using floor = await played(fault)
    expect(await story(floor)).toEqual(ALL_PROVEN)
    expect([1, 2, 3, 4].map(n => calls(floor, n))).toEqual([1, 1, 1, 1])
    expect(await floor.lan('malformed')).toBe(0)
  })

  it('giant-frame: 9 KB in front of the answer are stepped over, announcements of 9 KB are counted, and the others are heard', async () => {
    await using floor = await played('giant-frame')
    expect(await story(floor)).toEqual(ALL_PROVEN)
    expect([1, 2, 3, 4].map(n => calls(floor, n))).toEqual([1, 1, 1, 1])
    expect(await floor.lan('malformed')).toBeGreaterThan(4)
  })

  it('nul-after-json: NUL bytes behind an announcement are no part of it', async () => {
    await using floor = await played('nul-after-json')
    expect(await story(floor)).toEqual(ALL_PROVEN)
    expect(await floor.lan('malformed')).toBe(0)
  })

  it('both spellings of ability are taken, and a missing token flag is no hindrance', async () => {
    await using floor = await played('nul-after-json', p => ({ saysToken: false, abilityKey: p.version < '3.4' ? 'ablilty' : 'ability' }))
    expect(await story(floor)).toEqual(ALL_PROVEN)
  })

  it('clock-jump: ten minutes of announcements at once are counted as too many; nobody is asked twice', async () => {
    await using floor = await played('clock-jump')
    expect(await story(floor)).toEqual(ALL_PROVEN)
    expect(await floor.lan('excess')).toBeGreaterThanOrEqual(4 * 100)
  })
})

describe('on the wire', () => {
  it.each([
    ['two-frames-joined', [30 + 28]], ['frame-in-pieces', Array.from({ length: 28 }, () => 1)], ['giant-frame', [28 + 9 * 1024 + 28]], ['reset-in-reply', [14, 'net.unreachable']]
  ] as const)('%s: an answer is cut as its name says', async (fault, expected) => {
    await using floor = await openFloor({ units: 1, faults: { 1: fault }, shape: p => ({ ...p, version: '3.1', deviceId: null }) }) // not scanned: the station leaves it alone
    await floor.ready(floor.unit(1))
    expect(await floor.bench.run(segments(floor))).toEqual(expected)
  })

  it('an announcement may end in NUL bytes, misspell ability and leave token out', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'nul-after-json' }, shape: p => ({ ...p, version: '3.1', kind: 'gateway', announces: 'by-itself', saysToken: false, abilityKey: 'ablilty' }) })
    const net = floor.bench.world.lan.card('laptop0', '02:ff:00:00:00:98', [{ address: '10.77.0.250', prefix: 24 }])
    using ear = await net.udp({ card: 'laptop0', port: 6666, broadcast: true })
    const heard: Uint8Array[] = []
    ear.on(bytes => heard.push(bytes))
    await floor.ready(floor.unit(1))
    const last = heard.at(-1) ?? new Uint8Array(0)
    expect(Buffer.from(last).toString('latin1')).toMatch(/"ablilty":1,.*}\0\0\0.{4}\0\0\xaaU$/s)
    expect(decodeDatagram(last, 6666)).toMatchObject({ announcement: { ability: 1, token: null, active: 0 } })
  })
})

/** What comes back for a token in plain: sizes of the segments, and how the connection ended if it did. */
async function segments(floor: LanFloor): Promise<readonly unknown[]> {
  const { net, clock } = floor.bench.world.ports
  const end = new AbortController()
  await using pipe = await net.tcp({ card: BENCH_CARD, to: { address: floor.unit(1).state.address ?? '', port: 6668 }, connectMs: seconds(5) }, end.signal)
  using _patience = clock.after(seconds(3), () => end.abort())
  await pipe.write(bytesOf(V5.plain), end.signal)
  const seen: unknown[] = []
  try {
    for (let bytes = await pipe.read(end.signal); bytes !== null; bytes = await pipe.read(end.signal)) seen.push(bytes.length)
  } catch (thrown) {
    if (!end.signal.aborted) seen.push(Fault.from(thrown).code)
  }
  return seen
}

describe('a unit that is not understood', () => {
  it('wrong-types: every announcement is counted, whichever field is wrong; none makes a unit, nothing is dialled, and it is told apart from silence', async () => {
    await using floor = await played('wrong-types')
    const { counters } = (await floor.bench.ask('network.view', {})).lan
    expect(counters['malformed']).toBeGreaterThan(4 * 40)
    expect(counters['malformed']).toBe((counters['heard6666'] ?? 0) + (counters['heard6667'] ?? 0) + (counters['heard7000'] ?? 0) - (counters['own'] ?? 0))
    expect(await story(floor)).toEqual(VERSIONS.map(version => `${version} no outcome, asked 0, released 0`))
    expect(floor.dialled).toEqual([])
    const seen = await floor.bench.ask('units.find', {})
    expect(seen.map(u => [u.aliases.map(a => a.kind), u.readiness, u.pips.announcement])).toEqual(VERSIONS.map(() => [['mac'], null, 'off'])) // by their leases alone
    const view = await floor.bench.ask('unit.why', { mac: floor.unit(1).profile.mac })
    expect(view.checks.find(c => c.state === 'bad')?.fault?.code).toBe('unit.not-understood')
    const lines = whyText(view).split('\n')
    expect(lines[3]).toMatch(/^HERE +What it says makes sense +Nothing it says makes sense +malformed (\d+), of \1$/)
  })

  it('reset-in-reply: the next way of wording it is tried on a fresh connection, each way once; what it does proves it', async () => {
    await using floor = await played('reset-in-reply')
    expect(await story(floor)).toEqual(ALL_PROVEN)
    expect(floor.bench.world.units.map(u => u.profile.version)).toEqual(['3.3', '3.4', '3.5', '3.1'])
    expect([1, 2, 3, 4].map(n => calls(floor, n))).toEqual([3, 3, 2, 1]) // resources/transports.json
    const unknown = floor.bench.lines.filter(l => l.text === 'a unit answered something unknown')
    expect(unknown.length).toBeGreaterThanOrEqual(4)
  })
})
