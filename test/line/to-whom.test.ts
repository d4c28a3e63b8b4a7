/** To whom a token is given, and to whom never: each rule of the ask by its name. */
import { describe, expect, it } from 'vitest'
import { encodeAnnouncement } from '../../src/main/wire/announcement.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openFloor } from '../helpers/lan-floor.ts'
import { bytesOf, NONCE } from '../golden/lan.ts'

const announcement = (json: Readonly<Record<string, unknown>>): Uint8Array => encodeAnnouncement({
  json: { active: 0, encrypt: true, productKey: 'gw3wired00000001', token: true, version: '3.3', ...json }, version: '3.3', sequence: 0, nonce: bytesOf(NONCE)
})

describe('only a unit that is scanned or on an armed lane', () => {
  it('a unit nobody scanned, on no lane we know, is found and not asked; its case says why', async () => {
    await using floor = await openFloor({ units: 1 })
    const unit = floor.unit(1)
    await floor.ready(unit)
    expect(await floor.viewOf(unit)).toMatchObject({ stage: null, fault: { code: 'unit.not-scanned' }, isIdentified: false, prompt: 'none' })
    expect(floor.dialled).toEqual([])
    await floor.bench.ask('scan', { text: unit.profile.mac })
    await floor.bench.sleep(120_000)
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'proven', isIdentified: true })
    expect(findViolations(floor.bench)).toEqual([])
  })

  it('a unit on a lane of the switch is asked without a scan, and the box is known by its lane', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'switch.ports': '[{"port":3,"lane":1}]' } })
    floor.bench.world.switch.cable(floor.unit(1).profile.mac, 3)
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(120_000)
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ outcome: 'proven', lane: 1, isIdentified: true })
  })

  it('with lan.take scanned a lane alone does not arm', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'switch.ports': '[{"port":3,"lane":1}]', 'lan.take': 'scanned' } })
    floor.bench.world.switch.cable(floor.unit(1).profile.mac, 3)
    await floor.ready(floor.unit(1))
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ stage: null, lane: 1, fault: { code: 'unit.not-scanned' } })
  })

  it('"try again" on the screen does not say which box it is', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, faults: { 1: 'never-reacts' } })
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(200_000)
    const seen = await floor.viewOf(floor.unit(1))
    expect(seen).toMatchObject({ outcome: 'unproven', isIdentified: false })
    await floor.bench.ask('unit.again', { unit: seen?.uid ?? '' })
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ isIdentified: false })
  })
})

describe('only of a product the account may unbind', () => {
  it('a product that is refused gets its verdict, and no token leaves the station', async () => {
    await using floor = await openFloor({ units: 1, faults: { 1: 'no-permission' }, settings: { 'lan.take': 'all' } })
    await floor.ready(floor.unit(1))
    expect(await floor.viewOf(floor.unit(1))).toMatchObject({ fault: { code: 'cloud.no-permission' } })
    expect([floor.dialled, await floor.asked(floor.unit(1))]).toEqual([[], 0])
  })
})

describe('only on a lease from us', () => {
  it('announcers without our lease are counted and never become units; nothing is dialled', async () => {
    await using floor = await openFloor({ settings: { 'lan.take': 'all' } })
    const say = await floor.squatter('02:ee:00:00:00:01', '10.77.0.240')
    for (let i = 0; i < 5; i += 1) {
      say(announcement({ ip: '10.77.0.240', gwId: 'uuidsquatter00000001' }), 6667)
      await floor.bench.sleep(5000)
    }
    expect(await floor.bench.ask('units.find', {})).toEqual([])
    expect([floor.dialled, await floor.lan('unleased')]).toEqual([[], 5])
  })

  it('a listed static address is as good as a lease', async () => {
    await using floor = await openFloor({ settings: { 'lan.take': 'all', 'lan.static': '[{"address":"10.77.0.240","mac":"02:EE:00:00:00:01"}]' } })
    const say = await floor.squatter('02:ee:00:00:00:01', '10.77.0.240')
    say(announcement({ ip: '10.77.0.240', gwId: 'uuidsquatter00000001' }), 6667)
    await floor.bench.sleep(1000)
    expect(await floor.bench.ask('units.find', {})).toMatchObject([{ aliases: [{ kind: 'mac', value: '02:ee:00:00:00:01' }, { kind: 'uuid', value: 'uuidsquatter00000001' }] }])
    expect(await floor.lan('unleased')).toBe(0)
    await floor.bench.sleep(10_000)
    expect(floor.dialled[0]).toMatchObject({ to: { address: '10.77.0.240', port: 6668 } })
  })

  it('announcers on the office card: zero units, zero connects', async () => {
    await using floor = await openFloor({ settings: { 'lan.take': 'all' } })
    const net = floor.bench.world.office.card('eth0', '02:ee:00:00:00:02', [{ address: '192.168.50.77', prefix: 24 }])
    const socket = await net.udp({ card: 'eth0', port: 0, address: '192.168.50.77', broadcast: true })
    for (let i = 0; i < 5; i += 1) {
      socket.send(announcement({ ip: '192.168.50.77', gwId: 'uuidoffice0000000001' }), { address: '255.255.255.255', port: 6667 })
      await floor.bench.sleep(5000)
    }
    expect([await floor.bench.ask('units.find', {}), floor.dialled, await floor.lan('heard6667')]).toEqual([[], [], 0])
  })
})

describe('only a unit that is not on hold', () => {
  it('a unit held before its ask is not asked, and goes on when it is released', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
    floor.on(floor.unit(1))
    await floor.bench.sleep(25_000)
    const uid = (await floor.viewOf(floor.unit(1)))?.uid ?? ''
    await floor.bench.ask('unit.hold', { unit: uid, reason: 'for the lead' })
    floor.unit(1).pressReset()
    await floor.bench.sleep(300_000)
    expect([floor.dialled, await floor.asked(floor.unit(1))]).toEqual([[], 0])
    await floor.bench.ask('unit.release', { unit: uid, reason: 'done' })
    await floor.bench.ask('unit.again', { unit: uid })
    await floor.bench.sleep(120_000)
    expect(await floor.asked(floor.unit(1))).toBe(1)
  })

  it('a unit held during its hand-over gets no further token', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, faults: { 1: 'never-reacts' } })
    floor.on(floor.unit(1))
    await floor.bench.sleep(25_000)
    floor.unit(1).pressReset()
    while (floor.dialled.length === 0) await floor.bench.sleep(500)
    await floor.bench.ask('unit.hold', { unit: (await floor.viewOf(floor.unit(1)))?.uid ?? '', reason: 'wrong box' })
    const dialled = floor.dialled.length
    await floor.bench.sleep(60_000)
    expect(floor.dialled.length).toBe(dialled)
  })
})

describe('only once in a stay', () => {
  it('a unit that was asked and is switched off and on is asked about, not asked again', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, faults: { 1: 'never-reacts' } })
    await floor.ready(floor.unit(1))
    await floor.bench.sleep(300_000)
    for (let i = 0; i < 3; i += 1) {
      floor.unit(1).powerOff()
      await floor.bench.sleep(20_000 + 40_000 * i)
      floor.unit(1).powerOn()
      await floor.bench.sleep(120_000)
    }
    expect(await floor.asked(floor.unit(1))).toBe(1)
    expect(findViolations(floor.bench)).toEqual([])
  })
})

describe('only whoever is about to get a token is called', () => {
  it('the call comes with its announcement, the ask is on record before the token leaves, and one connection serves both', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, shape: p => ({ ...p, version: '3.1', announces: 'by-itself' }) })
    const unit = floor.unit(1)
    floor.on(unit)
    await floor.bench.sleep(15_000)
    unit.pressReset()
    await floor.bench.sleep(60_000)
    const asked = (await floor.facts((await floor.viewOf(unit))?.uid ?? '', 'unbind.asked'))[0]?.seq ?? 0
    const [called, token] = floor.wire
    expect(floor.wire.map(w => w.kind)).toEqual(['called', 'written', 'hung up'])
    expect((token?.at ?? 0) - (called?.at ?? 0)).toBe(1000)
    expect([(called?.seq ?? Infinity) < asked, (token?.seq ?? 0) >= asked]).toEqual([true, true])
  })

  it('not a unit that is held, that nobody scanned, or whose account has no seat left', async () => {
    await using floor = await openFloor({ units: 3, settings: { 'quota.accountPerDay': '1' } })
    const [held, unscanned, late] = [floor.unit(1), floor.unit(2), floor.unit(3)]
    await floor.bench.ask('scan', { text: held.profile.mac })
    await floor.bench.ask('scan', { text: 'CM:HOLD' })
    await floor.ready(held, unscanned)
    expect(floor.dialled).toEqual([])
    await floor.bench.ask('scan', { text: unscanned.profile.mac }) // takes the only seat of the day
    await floor.bench.sleep(120_000)
    expect(await floor.viewOf(unscanned)).toMatchObject({ outcome: 'proven' })
    const dialled = floor.dialled.length
    await floor.bench.ask('scan', { text: late.profile.mac })
    await floor.ready(late)
    expect(await floor.viewOf(late)).toMatchObject({ stage: null, fault: { code: 'quota.account-spent' } })
    expect(floor.dialled).toHaveLength(dialled)
  })

  it('a unit held within the second hears no token, and the line is hung up', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, shape: p => ({ ...p, version: '3.1', announces: 'by-itself' }) })
    const unit = floor.unit(1)
    floor.on(unit)
    await floor.bench.sleep(15_000)
    unit.pressReset()
    while (floor.wire.length === 0) await floor.bench.sleep(100)
    await floor.bench.ask('unit.hold', { unit: (await floor.viewOf(unit))?.uid ?? '', reason: 'look' })
    await floor.bench.sleep(60_000)
    expect(floor.wire.map(w => w.kind)).toEqual(['called', 'hung up'])
    expect(await floor.viewOf(unit)).toMatchObject({ hold: { reason: 'look' } })
  })
})

describe('while another DHCP server is on the bench', () => {
  it('nothing is asked and nothing handed over; the job waits with the fault on the unit, and goes on afterwards', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
    const unit = floor.unit(1)
    floor.bench.world.cloud.setFaults({ outage: ['openapi'] }) // no token yet: the job stands ready
    await floor.ready(unit)
    expect(await floor.viewOf(unit)).toMatchObject({ stage: 'ready', askedAt: null })
    const foreign = await floor.foreignDhcp()
    const newcomer = await floor.newcomer()
    const [asked, dialled] = [await floor.lan('asked'), floor.dialled.length]
    floor.bench.world.cloud.setFaults({ outage: [] })
    await floor.bench.sleep(300_000)
    expect(await floor.viewOf(unit)).toMatchObject({ stage: 'ready', askedAt: null, fault: { code: 'net.foreign-dhcp' }, prompt: 'wait' })
    expect([floor.dialled.length, await floor.lan('asked')]).toEqual([dialled, asked])
    expect(await floor.lan('muted')).toBeGreaterThan(50)
    newcomer.unplug()
    foreign[Symbol.dispose]()
    await floor.bench.sleep(240_000)
    expect((await floor.bench.ask('network.view', {})).dhcp.state).toBe('serving')
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'proven', fault: null })
    expect(findViolations(floor.bench)).toEqual([])
  })

  it('a unit that loses its address meanwhile keeps its job, and is released when the bench is ours again', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
    const unit = floor.unit(1)
    floor.on(unit)
    await floor.bench.sleep(25_000)
    const foreign = await floor.foreignDhcp()
    const newcomer = await floor.newcomer()
    unit.pressReset() // it comes back without an address
    await floor.bench.sleep(1_200_000)
    expect(await floor.viewOf(unit)).toMatchObject({ stage: 'resetting', askedAt: null })
    expect(floor.dialled).toEqual([])
    newcomer.unplug()
    foreign[Symbol.dispose]()
    await floor.bench.sleep(400_000)
    expect(await floor.viewOf(unit)).toMatchObject({ outcome: 'proven', attempt: 1 })
  })

  it('a hand-over that is under way pauses: not one token leaves while it lasts', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, faults: { 1: 'wrong-key-ignored' }, shape: p => ({ ...p, version: '3.3', announces: 'by-itself' }) })
    const unit = floor.unit(1)
    floor.on(unit)
    await floor.bench.sleep(25_000)
    unit.pressReset()
    while (floor.dialled.length === 0) await floor.bench.sleep(500)
    using _foreign = await floor.foreignDhcp()
    await floor.newcomer()
    const dialled = floor.dialled.length
    await floor.bench.sleep(120_000)
    expect(floor.dialled.length).toBe(dialled)
  })

  it('nothing is watched: what was asked is told so on its record, and is news again when leases are ours', async () => {
    await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, faults: { 1: 'never-reacts' } })
    const unit = floor.unit(1)
    await floor.ready(unit)
    expect(await floor.asked(unit)).toBe(1)
    const { uid = '' } = await floor.viewOf(unit) ?? {}
    const seen = async (): Promise<string[]> => (await floor.facts(uid, 'unit.seen')).map(f => /"kind":"(unwatched|announced)"/.exec(JSON.stringify(f))?.[1] ?? '').filter(kind => kind !== '')
    const before = (await seen()).length
    const foreign = await floor.foreignDhcp()
    const newcomer = await floor.newcomer()
    await floor.bench.sleep(2000)
    expect((await seen()).slice(before)).toContain('unwatched')
    newcomer.unplug()
    foreign[Symbol.dispose]()
    await floor.bench.sleep(240_000)
    expect((await seen()).slice(before).at(-1)).toBe('announced')
  })

  it('no code is shown, and one that is up is taken away: whoever reads it is asked', async () => {
    await using floor = await openFloor({ cameras: 2 })
    const { bench } = floor
    const { cameras, cloud } = bench.world
    for (const camera of cameras) camera.powerOn()
    await bench.sleep(10_000)
    for (const camera of cameras) camera.pressReset()
    await bench.sleep(40_000)
    for (const camera of cameras) await bench.ask('scan', { text: camera.profile.label })
    await bench.ask('wave.start', {})
    await bench.sleep(5000)
    expect((await bench.ask('display.view', {})).code).not.toBeNull()
    const foreign = await floor.foreignDhcp()
    const newcomer = await floor.newcomer()
    await bench.sleep(1000)
    expect(await bench.ask('display.view', {})).toMatchObject({ code: null, wave: { state: 'settling', stopReason: 'fault' } })
    expect((await floor.facts(null, 'fault.raised')).map(f => f.body)).toMatchObject([{ fault: { code: 'net.foreign-dhcp' } }])
    await bench.sleep(600_000)
    const shown = (await floor.facts(null, 'wave.shown')).length
    for (const camera of cameras) await bench.ask('scan', { text: camera.profile.label })
    await expect(bench.ask('wave.start', {})).rejects.toMatchObject({ code: 'net.foreign-dhcp' })
    expect([(await floor.facts(null, 'wave.shown')).length, cloud.effects]).toEqual([shown, []])
    newcomer.unplug()
    foreign[Symbol.dispose]()
    await bench.sleep(240_000)
    await expect(bench.ask('wave.start', {})).resolves.toMatchObject({ state: 'planned' })
  })
})
