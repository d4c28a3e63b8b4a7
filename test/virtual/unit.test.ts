import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { millis, minutes, seconds } from '#shared'
import type { Sql } from '../../src/main/ports.ts'
import { decodeDatagram, encodeQuestion, type Announcement } from '../../src/main/wire/announcement.ts'
import { addressBytes, decode, encode, messageType } from '../../src/main/wire/dhcp.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { Decoder, encode55aa, encode6699, encryptEcb, UDP_KEY, type Frame } from '../../src/main/wire/lan-frame.ts'
import { encodePairing } from '../../src/main/wire/pairing.ts'
import type { UnitFault, UnitProfile } from '../../src/main/virtual/unit-profile.ts'
import type { UnitState, VirtualUnit } from '../../src/main/virtual/unit.ts'
import { BENCH_CARD, FORBIDDEN_PRODUCT, VIRTUAL_WIFI, World } from '../../src/main/virtual/world.ts'

const never = new AbortController().signal
const noSql: Sql = { open: () => { throw new Error('no ledger here') } }
const GOLDEN_PLAIN = '000055aa000000010000000c000000227b22746f6b656e223a224555416243643132333445663536227d4cd606f20000aa55' // facts/tuya.md 5, V5a
const GOLDEN_ACCEPT = '000055aa000000010000000c0000000c00000000275037c90000aa55' // V5c
const GOLDEN_REJECT = '000055aa000000010000000c0000001d000000016461746120666f726d6174206572726f724e61bc150000aa55' // V5d

/** A bench with one unit, a DHCP server of twenty lines and an ear on the three ports. */
async function bench(fault: UnitFault | null, own: Partial<UnitProfile> = {}, method: 'wired' | 'qr' = 'wired') {
  const world = new World({ seed: 7, sql: noSql, shape: p => ({ ...p, version: '3.3', announces: 'by-itself', saysToken: true, fault, ...own }) })
  const [unit] = world.deliver(method, 1)
  if (unit === undefined) throw new Error('no unit')
  await serveDhcp(world)
  const heard: { at: number; announcement: Announcement; port: number }[] = []
  const { net, clock } = world.ports
  const sockets = await Promise.all([6666, 6667, 7000].map(async port => {
    const socket = await net.udp({ card: BENCH_CARD, port, broadcast: true })
    socket.on(bytes => {
      const datagram = decodeDatagram(bytes, port)
      if (datagram.kind === 'announcement') heard.push({ at: clock.monotonic(), announcement: datagram.announcement, port })
    })
    return socket
  }))
  const states: UnitState[] = []
  unit.on(state => states.push(state))
  const ask = (): void => sockets[2]?.send(encodeQuestion({ ip: '10.77.0.1', sequence: 0, nonce: new Uint8Array(12) }), { address: '255.255.255.255', port: 7000 })
  const until = (isSo: (state: UnitState) => boolean, limitMs = minutes(5)): Promise<void> => world.clock.run((async () => {
    while (!isSo(unit.state)) await clock.sleep(millis(100), never)
  })(), { limitMs })
  return { world, unit, heard, states, ask, until, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

async function serveDhcp(world: World): Promise<void> {
  const socket = await world.ports.net.udp({ card: BENCH_CARD, port: 67, broadcast: true })
  const given = new Map<string, string>()
  socket.on((bytes, from) => {
    const asked = decode(bytes)
    const mac = asked.chaddr.join()
    const yiaddr = given.get(mac) ?? `10.77.0.${20 + given.size}`
    given.set(mac, yiaddr)
    const type = messageType(asked) === MESSAGE.discover ? MESSAGE.offer : MESSAGE.ack
    const options = new Map([
      [OPTION.messageType, Uint8Array.of(type)], [OPTION.subnetMask, addressBytes('255.255.255.0')],
      [OPTION.serverId, addressBytes('10.77.0.1')], [OPTION.leaseTime, Uint8Array.of(0, 0, 2, 88)]
    ])
    const reply = encode({ ...asked, op: 2, yiaddr, flags: 0, ciaddr: '0.0.0.0', sname: new Uint8Array(0), file: new Uint8Array(0), options })
    socket.send(reply, { address: from.address === '0.0.0.0' ? '255.255.255.255' : from.address, port: 68 })
  })
}

function plugIn(unit: VirtualUnit): void {
  unit.plug()
  unit.powerOn()
}

/** What a cloud that a token was asked of gives out: this one is issued straight into the world's cloud. */
async function issueToken(world: World, productKey: string): Promise<string> {
  const { CloudClient } = await import('../../src/main/bench/cloud.ts')
  const { Log, Secret } = await import('../../src/main/bench/log.ts')
  const account = { id: 'house', baseUrl: 'https://openapi.virtual', clientId: 'virtualclient0000001', secret: new Secret('virtualsecret00000000000000000001'), assetId: 'bench', region: 'EU' }
  const client = new CloudClient(world.ports, new Log(() => undefined, () => 0), { account, deadlineMs: seconds(10) })
  const token = await world.run(client.issueToken({ seats: 1, product: productKey }, never))
  return token.text.reveal()
}

/** Sends a token frame to the unit and returns what comes back within `waitMs`: frames, broken ones, a hang-up. */
async function handOver(world: World, unit: VirtualUnit, frame: Uint8Array, waitMs = seconds(3)): Promise<{ frames: Frame[]; bytes: Uint8Array; malformed: number; isClosed: boolean }> {
  const { net, clock } = world.ports
  const talk = async () => {
    const abort = new AbortController()
    using _timer = clock.after(waitMs, () => abort.abort(new Error('waited long enough')))
    await using pipe = await net.tcp({ card: BENCH_CARD, to: { address: unit.state.address ?? '', port: 6668 }, connectMs: seconds(5) }, never)
    await pipe.write(frame, never)
    const decoder = new Decoder({ hasReturnCode: true, gcmKeys: [UDP_KEY] })
    const frames: Frame[] = []
    const all: number[] = []
    let isClosed = false
    while (!abort.signal.aborted) {
      const bytes = await pipe.read(abort.signal).catch(() => undefined)
      if (bytes === null) isClosed = true
      if (!bytes) break
      all.push(...bytes)
      frames.push(...decoder.push(bytes))
    }
    return { frames, bytes: Uint8Array.from(all), malformed: decoder.malformed, isClosed }
  }
  return world.run(talk())
}
const tokenJson = (token: string): Uint8Array => new TextEncoder().encode(JSON.stringify({ token }))
const sealed33 = (token: string): Uint8Array => encode55aa({ sequence: 1, command: 0x0c, returnCode: null, payload: encryptEcb(UDP_KEY, tokenJson(token)) })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const isReady = (s: UnitState): boolean => s.phase === 'ready' && s.address !== null

describe('a wired unit', () => {
  it('comes back bound and says so every five seconds, with its device id', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    expect(b.unit.light).toBe('red-steady')
    await b.until(s => s.address !== null)
    await b.world.clock.advance(seconds(21))
    expect(b.unit.state).toMatchObject({ phase: 'bound', light: 'green-steady', active: 2, gwId: b.unit.profile.deviceId })
    expect(b.heard.map(h => [h.port, h.announcement.active, h.announcement.gwId, h.announcement.token, h.announcement.ip])).toEqual(Array.from({ length: 5 }, () => [6667, 2, b.unit.profile.deviceId, true, '10.77.0.20']))
    const gaps = b.heard.slice(1).map((h, i) => h.at - (b.heard[i]?.at ?? 0))
    expect(gaps.every(gap => Math.abs(gap - seconds(5)) < 1)).toBe(true)
  })

  it('obeys its button: silent for its reboot, then ready under its uuid with a blinking red light', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.address !== null)
    const pressedAt = b.world.clock.monotonic()
    const before = b.heard.length
    b.unit.pressReset()
    await b.until(isReady)
    expect(b.world.clock.monotonic() - pressedAt).toBeGreaterThan(seconds(10))
    expect(b.heard.slice(before).every(h => h.at - pressedAt > seconds(10))).toBe(true)
    expect(b.unit.state).toMatchObject({ phase: 'ready', light: 'red-blinking', active: 0, gwId: b.unit.profile.uuid })
  })

  it('takes a token, activates at the cloud, is released, shows it for six seconds and resets itself', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.phase === 'bound')
    b.unit.pressReset()
    await b.until(isReady)
    const token = await issueToken(b.world, b.unit.profile.productKey)
    b.states.length = 0
    b.heard.length = 0
    expect((await handOver(b.world, b.unit, sealed33(token))).frames).toMatchObject([{ command: 0x0c, returnCode: 0 }])
    await b.until(isReady)
    await b.world.clock.advance(seconds(6))
    const story = b.states.map(s => `${s.phase} ${s.active} ${s.light}`).filter((s, i, all) => s !== all[i - 1])
    expect(story).toEqual(['activating 1 green-blinking', 'released 2 green-steady', 'starting 2 red-steady', 'ready 0 red-blinking'])
    const announced = b.heard.map(h => h.announcement.active).filter((a, i, all) => a !== all[i - 1])
    expect(announced.join()).toMatch(/^(0,)?(1,)?2,0$/)
    const released = b.heard.find(h => h.announcement.active === 2)
    expect(released?.announcement.gwId).toBe(b.world.cloud.bindingOf(b.unit.profile.uuid)?.deviceId)
    expect(b.world.cloud.effects.map(r => [r.uuid, r.previousDeviceId])).toEqual([[b.unit.profile.uuid, b.unit.profile.deviceId]])
    expect(b.unit.state.releases).toBe(1)
  })

  it('answers a question at the address inside it, and speaks only then when it is of the silent kind', async () => {
    await using b = await bench(null, { version: '3.5', announces: 'when-asked', saysToken: false })
    plugIn(b.unit)
    await b.until(s => s.address !== null)
    await b.world.clock.advance(seconds(30))
    expect(b.heard).toEqual([])
    b.ask()
    await b.world.clock.advance(millis(10))
    expect(b.heard.map(h => [h.port, h.announcement.version, h.announcement.token, h.announcement.uuid])).toEqual([[7000, '3.5', null, b.unit.profile.uuid]])
  })

  it('of every LAN version understands the token in that version, from the golden frames on', async () => {
    for (const version of ['3.1', '3.3', '3.4', '3.5'] as const) {
      await using b = await bench('keeps-trying', { version, deviceId: null })
      plugIn(b.unit)
      await b.until(isReady)
      const token = 'EUAbCd1234Ef56'
      const frame = version === '3.1' ? Uint8Array.from(Buffer.from(GOLDEN_PLAIN, 'hex'))
        : version === '3.5' ? encode6699({ sequence: 1, command: 0x0c, returnCode: null, payload: tokenJson(token), key: UDP_KEY, nonce: new Uint8Array(12) })
          : sealed33(token)
      const { frames, bytes } = await handOver(b.world, b.unit, frame)
      expect(frames, version).toMatchObject([{ command: 0x0c, returnCode: 0 }])
      if (version !== '3.5') expect(hex(bytes)).toBe(GOLDEN_ACCEPT)
      expect(b.unit.state.phase).toBe('activating')
    }
  })

  it('announces 3.1 on the plain port and the others on the sealed one', async () => {
    for (const [version, port] of [['3.1', 6666], ['3.3', 6667], ['3.4', 6667], ['3.5', 6667]] as const) {
      await using b = await bench(null, { version })
      plugIn(b.unit)
      await b.until(s => s.address !== null)
      await b.world.clock.advance(seconds(1))
      expect(b.heard.map(h => [h.port, h.announcement.version])).toEqual([[port, version]])
    }
  })

  it('keeps its connections to three', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.address !== null)
    const join = () => b.world.run(b.world.ports.net.tcp({ card: BENCH_CARD, to: { address: b.unit.state.address ?? '', port: 6668 }, connectMs: seconds(5) }, never))
    for (let i = 0; i < 3; i += 1) await join()
    await expect(join()).rejects.toMatchObject({ code: 'net.unreachable' })
    await b.world.clock.advance(seconds(31)) // idle clients are thrown out
    await join()
  })

  it('tries the cloud again and again, ever more slowly, and gets through when the line is back', async () => {
    await using b = await bench(null, { deviceId: null })
    plugIn(b.unit)
    await b.until(isReady)
    const token = await issueToken(b.world, b.unit.profile.productKey)
    b.world.web.isConnected = false
    await handOver(b.world, b.unit, sealed33(token))
    await b.world.clock.advance(seconds(60))
    expect(b.unit.state).toMatchObject({ phase: 'activating', active: 1, light: 'green-blinking' })
    b.world.web.isConnected = true
    await b.until(s => s.releases === 1, seconds(12))
  })

  it('stays bound and blinks green for as long as the cloud refuses it', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.phase === 'bound')
    b.unit.pressReset()
    await b.until(isReady)
    const token = await issueToken(b.world, b.unit.profile.productKey)
    b.world.cloud.setFaults({ refuse: { [b.unit.profile.productKey]: 1106 } })
    await handOver(b.world, b.unit, sealed33(token))
    await b.world.clock.advance(minutes(5))
    expect(b.unit.state).toMatchObject({ phase: 'activating', active: 1, light: 'green-blinking', releases: 0 })
  })

  it('gets a new life from its cable: unplugged it falls silent, plugged in again it leases again', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.address !== null)
    b.unit.unplug()
    await b.world.clock.advance(seconds(20))
    const before = b.heard.length
    expect(b.unit.state).toMatchObject({ address: null, isPlugged: false, phase: 'bound' })
    b.unit.plug()
    await b.until(s => s.address === '10.77.0.20', seconds(30))
    await b.world.clock.advance(seconds(1))
    expect(b.heard.length).toBe(before + 1)
  })

  it('renews its lease for as long as it is plugged in', async () => {
    await using b = await bench(null)
    plugIn(b.unit)
    await b.until(s => s.address !== null)
    b.states.length = 0
    await b.world.clock.advance(minutes(60))
    expect(b.states).toEqual([])
    expect(b.unit.state.address).toBe('10.77.0.20')
  })
})

describe('a faulty unit', () => {
  async function ready(fault: UnitFault, own: Partial<UnitProfile> = {}) {
    const b = await bench(fault, { deviceId: null, ...own })
    plugIn(b.unit)
    await b.until(isReady)
    return b
  }
  const token = 'EUAbCd1234Ef56'

  it('that never reacts takes the token without a word and goes on announcing that it is ready', async () => {
    await using b = await ready('never-reacts')
    expect((await handOver(b.world, b.unit, sealed33(token))).bytes).toHaveLength(0)
    await b.world.clock.advance(minutes(5))
    expect(new Set(b.heard.map(h => h.announcement.active))).toEqual(new Set([0]))
  })

  it('that refuses answers with code 1 and a text, in the golden bytes', async () => {
    await using b = await ready('refuses')
    expect(hex((await handOver(b.world, b.unit, sealed33(token))).bytes)).toBe(GOLDEN_REJECT)
    expect(b.unit.state.phase).toBe('ready')
  })

  it('with a key of its own says nothing, or hangs up', async () => {
    await using silent = await ready('wrong-key-ignored', { tokenKey: 'own' })
    expect(await handOver(silent.world, silent.unit, sealed33(token))).toMatchObject({ frames: [], isClosed: false })
    await using closing = await ready('wrong-key-closed', { tokenKey: 'own' })
    expect(await handOver(closing.world, closing.unit, sealed33(token))).toMatchObject({ frames: [], isClosed: true })
    expect([silent.unit.state.phase, closing.unit.state.phase]).toEqual(['ready', 'ready'])
  })

  it('with a damaged answer has taken the token all the same', async () => {
    await using cut = await ready('truncated-frame')
    expect(await handOver(cut.world, cut.unit, sealed33(token))).toMatchObject({ frames: [], isClosed: true })
    await using crooked = await ready('crc-error')
    expect(await handOver(crooked.world, crooked.unit, sealed33(token))).toMatchObject({ frames: [], malformed: 1 })
    await using late = await ready('late-ack')
    expect(await handOver(late.world, late.unit, sealed33(token), seconds(10))).toMatchObject({ frames: [] })
    for (const b of [cut, crooked, late]) expect(b.unit.state.phase).toBe('activating')
  })

  it('that dies after the ask is gone for good', async () => {
    await using b = await ready('dies-after-ask')
    await handOver(b.world, b.unit, sealed33(token))
    expect(b.unit.state).toMatchObject({ phase: 'off', light: 'off', address: null })
    b.unit.powerOn()
    await b.world.clock.advance(minutes(1))
    expect(b.unit.state.phase).toBe('off')
  })

  it('that is deaf to its button stays bound', async () => {
    await using b = await bench('deaf-to-reset')
    plugIn(b.unit)
    await b.until(s => s.phase === 'bound')
    b.unit.pressReset()
    await b.world.clock.advance(minutes(2))
    expect(b.unit.state).toMatchObject({ phase: 'bound', active: 2 })
  })

  it('without power or without DHCP is never heard of', async () => {
    for (const fault of ['dead', 'no-dhcp'] as const) {
      await using b = await bench(fault)
      plugIn(b.unit)
      await b.world.clock.advance(minutes(5))
      expect([b.heard, b.unit.state.address]).toEqual([[], null])
    }
  })

  it('survives whatever is thrown at its door', async () => {
    await using b = await ready('keeps-trying')
    const luck = b.world.entropy.child('garbage')
    for (let i = 0; i < 50; i += 1) await handOver(b.world, b.unit, luck.bytes(1 + Math.floor(luck.between(0, 9000))), millis(50))
    await handOver(b.world, b.unit, encode55aa({ sequence: 1, command: 0x0c, returnCode: null, payload: encryptEcb(UDP_KEY, new TextEncoder().encode('{"token":7}')) }))
    expect(b.unit.state.phase).toBe('ready')
    expect((await handOver(b.world, b.unit, sealed33(token))).frames).toMatchObject([{ returnCode: 0 }])
  })
})

describe('a camera', () => {
  async function ready(fault: UnitFault | null = null) {
    const b = await bench(fault, {}, 'qr')
    b.unit.powerOn()
    await b.until(s => s.phase === 'bound')
    b.unit.pressReset()
    await b.until(s => s.phase === 'ready')
    return b
  }
  const code = (token: string, password = VIRTUAL_WIFI.password): string => encodePairing({ ssid: VIRTUAL_WIFI.ssid, password, token })

  it('reads the code, joins the Wi-Fi, is released, resets itself and has forgotten the Wi-Fi', async () => {
    await using b = await ready()
    expect(b.unit.state.isPlugged).toBe(false)
    const token = await issueToken(b.world, b.unit.profile.productKey)
    expect(b.unit.readCode(code(token))).toBe(true)
    expect(b.unit.light).toBe('green-blinking')
    await b.until(s => s.releases === 1)
    expect(b.unit.state).toMatchObject({ active: 2, address: '10.77.0.20' })
    await b.until(s => s.phase === 'ready')
    expect(b.unit.state).toMatchObject({ light: 'red-blinking', address: null, isPlugged: false })
    expect(b.heard.some(h => h.announcement.active === 2)).toBe(true)
  })

  it('with the wrong password goes on blinking green and is never on the network', async () => {
    await using b = await ready()
    expect(b.unit.readCode(code('EUAbCd1234Ef56', 'wrong'))).toBe(true)
    await b.world.clock.advance(minutes(5))
    expect(b.unit.state).toMatchObject({ light: 'green-blinking', address: null })
    expect(b.heard).toEqual([])
  })

  it('reads nothing before its reset, with a dirty lens, after its pairing time, or from another code', async () => {
    await using bound = await bench(null, {}, 'qr')
    bound.unit.powerOn()
    await bound.until(s => s.phase === 'bound')
    expect(bound.unit.readCode(code('EUAbCd1234Ef56'))).toBe(false)
    await using dirty = await ready('never-sees-code')
    expect(dirty.unit.readCode(code('EUAbCd1234Ef56'))).toBe(false)
    await using late = await ready()
    expect(late.unit.readCode('https://example.org/')).toBe(false)
    await late.world.clock.advance(minutes(6))
    expect([late.unit.light, late.unit.readCode(code('EUAbCd1234Ef56'))]).toEqual(['off', false])
  })
})

describe('a world', () => {
  it('is the same world for the same seed, and another one for another', async () => {
    const describeWorld = async (seed: number): Promise<unknown> => {
      await using world = new World({ seed, sql: noSql, units: 12, cameras: 3 })
      for (const unit of world.units) plugIn(unit)
      await world.clock.advance(minutes(1))
      return [...world.units, ...world.cameras].map(u => [u.profile, u.state])
    }
    expect(await describeWorld(7)).toEqual(await describeWorld(7))
    expect(await describeWorld(7)).not.toEqual(await describeWorld(8))
  })

  it('mixes versions and products, and gives a fault to the unit it is meant for', async () => {
    await using world = new World({ seed: 1, sql: noSql, units: 12, cameras: 31, faults: { 3: 'never-reacts', 5: 'duplicate-id', 7: 'no-permission' }, cameraFaults: { 2: 'never-sees-code' } })
    expect(new Set(world.units.map(u => u.profile.version))).toEqual(new Set(['3.1', '3.3', '3.4', '3.5']))
    expect(new Set(world.units.map(u => u.profile.productKey)).size).toBe(4)
    expect(world.units.map(u => u.profile.fault).filter(f => f !== null)).toEqual(['never-reacts', 'duplicate-id', 'no-permission'])
    expect(world.units[4]?.profile.uuid).toBe(world.units[3]?.profile.uuid)
    expect(world.units[6]?.profile.productKey).toBe(FORBIDDEN_PRODUCT)
    expect(world.units.map(u => u.profile.tag).slice(0, 2)).toEqual(['RB-0001', 'RB-0002'])
    expect(new Set(world.cameras.slice(0, 30).map(c => c.profile.productKey)).size).toBe(1)
    expect(new Set([...world.units, ...world.cameras].map(u => u.profile.mac)).size).toBe(43)
  })

  it('leaves no timer behind', async () => {
    const world = new World({ seed: 1, sql: noSql, units: 5, cameras: 2 })
    for (const unit of [...world.units, ...world.cameras]) plugIn(unit)
    await world.clock.advance(minutes(1))
    const [first] = world.units
    if (first !== undefined) await world.sendOn(first)
    expect(world.units).toHaveLength(4)
    await world[Symbol.asyncDispose]()
    expect(world.clock.pending).toBe(0)
  })
})

describe('npm run units', () => {
  const run = (...words: string[]) => spawn(process.execPath, ['src/main/units.ts', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = async (child: ReturnType<typeof run>): Promise<{ code: unknown; out: string; err: string }> => {
    const [out, err] = [child.stdout, child.stderr].map(async stream => Buffer.concat(await stream.toArray()).toString())
    const [code] = await once(child, 'exit')
    return { code, out: await out ?? '', err: await err ?? '' }
  }

  it('says what it can do, and what was wrong with its words', async () => {
    const help = await ended(run('--help'))
    expect([help.code, help.err]).toEqual([0, ''])
    expect(help.out).toContain('--reset-after')
    for (const words of [[], ['--card', 'no-such-card', '--address', '10.0.0.1'], ['--card', 'lo'], ['--card', 'lo', '--address', '127.0.0.1', '--version', '9'], ['--nonsense']]) {
      const refused = await ended(run(...words))
      expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^virtual units: .+\n$/) })
    }
  })

  it('puts a unit on a real card that takes a token by real TCP, tells its states in JSON lines and ends at SIGTERM', async () => {
    const child = run('--card', 'lo', '--address', '127.0.0.77', '--version', '3.1', '--ready', '--fault', 'keeps-trying', '--seconds', '15')
    const exit = once(child, 'exit')
    const states: Partial<UnitState>[] = []
    const lines = createInterface({ input: child.stdout })
    for await (const line of lines) {
      const state = JSON.parse(line) as Partial<UnitState> // what the process prints
      states.push(state)
      if (state.address === '127.0.0.77' && state.phase === 'ready') {
        const socket = await untilConnected()
        socket.write(Buffer.from(GOLDEN_PLAIN, 'hex'))
        const [answer] = await once(socket, 'data') as [Buffer]
        expect(answer.toString('hex')).toBe(GOLDEN_ACCEPT)
        socket.destroy()
      }
      if (state.phase === 'activating') child.kill('SIGTERM')
    }
    expect(await exit).toEqual([0, null])
    expect(states.map(s => s.phase).filter((p, i, all) => p !== all[i - 1])).toEqual(['off', 'starting', 'ready', 'activating', 'off'])
  })

  /** The state comes a moment before the listener. */
  async function untilConnected() {
    for (let i = 0; ; i += 1) {
      const socket = connect({ host: '127.0.0.77', port: 6668 })
      try {
        await once(socket, 'connect')
        return socket
      } catch (thrown) {
        if (i > 20) throw thrown
        await new Promise(resolve => { setTimeout(resolve, 100) })
      }
    }
  }
})
