/** What the line and the screens get from the bench network, through the door. */
import { expect, it } from 'vitest'
import type { LampName } from '#shared'
import type { Net, Ports } from '../../src/main/ports.ts'
import { encodeAnnouncement } from '../../src/main/wire/announcement.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const lampOf = async (bench: TestBench, name: LampName): Promise<object | undefined> => (await bench.ask('bench.view', {})).lamps.find(l => l.name === name)

it('what announces itself from an address of the pool without a lease keeps us from lending that address, and is no unit', async () => {
  await using bench = await openBench({ seed: 3 })
  await bench.sleep(30_000) // the server serves, and has looked ahead once
  const net = bench.world.lan.card('eth0', '02:00:00:00:99:01', [{ address: '10.77.0.20', prefix: 24 }])
  using socket = await net.udp({ card: 'eth0', port: 0, broadcast: true })
  const json = { ip: '10.77.0.20', gwId: 'stranger', active: 2, ability: 0, encrypt: true, productKey: 'gw3wired00000001', version: '3.3' }
  socket.send(encodeAnnouncement({ json, version: '3.3', sequence: 0, nonce: new Uint8Array(12) }), { address: '255.255.255.255', port: 6667 })
  await bench.sleep(500)
  const { dhcp, leases } = await bench.ask('network.view', {})
  expect([dhcp.counters['avoided'], leases]).toMatchObject([1, [{ ip: '10.77.0.20', state: 'declined' }]])
  expect(bench.ledger.unitsHere()).toEqual([])
})

it('what a unit asks for and calls itself (options 55 and 60) is kept with the unit', async () => {
  await using bench = await openBench({ seed: 4, units: 1 })
  const [unit] = bench.world.units
  await bench.sleep(8000)
  unit?.plug()
  unit?.powerOn()
  await bench.sleep(30_000)
  expect(bench.ledger.unitsHere()).toMatchObject([{ fingerprint: expect.stringMatching(/^udhcp 1\.35\.0\|[\d,]+$/) }])
})

it('a socket that hears other networks too serves, but the lamp of the card says to look, and so does the network page', async () => {
  const withAddressOnly = (ports: Ports): Ports => {
    const { net } = ports
    const udp: Net['udp'] = async options => {
      const socket = await net.udp(options)
      return { port: socket.port, binding: 'address', counters: socket.counters, send: (bytes, to) => socket.send(bytes, to), on: fn => socket.on(fn), [Symbol.dispose]: () => socket[Symbol.dispose]() }
    }
    const degraded: Net = {
      world: net.world, udp, interfaces: () => net.interfaces(), neighbours: card => net.neighbours(card), tcp: (o, signal) => net.tcp(o, signal), listen: (o, accept) => net.listen(o, accept)
    }
    return { ...ports, net: degraded }
  }
  await using bench = await openBench({ seed: 5, ports: withAddressOnly })
  await bench.sleep(8000)
  expect([await lampOf(bench, 'card'), await bench.ask('network.view', {})]).toMatchObject([{ state: 'warn' }, { card: { binding: 'address' }, dhcp: { state: 'serving' } }])
})

it('a full pool is on the lamp of the card', async () => {
  await using bench = await openBench({ seed: 6, units: 2, settings: { 'dhcp.poolEnd': '10.77.0.20' } })
  await bench.sleep(8000)
  for (const unit of bench.world.units) {
    unit.plug()
    unit.powerOn()
  }
  await bench.sleep(20_000)
  expect(await lampOf(bench, 'card')).toMatchObject({ state: 'warn', fault: { code: 'net.pool-full', context: { addresses: 1 } } })
})

it('an access point on the bench switch: a wave counts its cameras live, by their leases from us, before any verdict', async () => {
  await using bench = await openBench({ seed: 7, cameras: 3 })
  const { cameras } = bench.world
  for (const camera of cameras) camera.powerOn()
  await bench.sleep(10_000)
  for (const camera of cameras) camera.pressReset()
  await bench.sleep(40_000)
  for (const camera of cameras) await bench.ask('scan', { text: camera.profile.label })
  await bench.ask('wave.start', {})
  const wave = async () => (await bench.ask('bench.view', {})).waves[0]
  const counted: { joined: number; proven: number; leases: number }[] = []
  for (const camera of cameras) {
    let code: string | null = null
    for (let i = 0; i < 20 && code === null; i += 1) {
      await bench.sleep(1000)
      code = (await bench.ask('display.view', {})).code
    }
    camera.readCode(code ?? '')
    for (let i = 0; i < 60 && (await wave())?.joined === counted.length; i += 1) await bench.sleep(250)
    const { joined = 0, proven = 0 } = await wave() ?? {}
    const { leases } = await bench.ask('network.view', {})
    const lease = leases.find(l => l.mac === camera.profile.mac)
    const unit = bench.ledger.unitsHere().find(u => u.aliases.some(a => a.value === camera.profile.mac))
    expect(unit?.evidence).toContainEqual(expect.objectContaining({ kind: 'joined', ip: lease?.ip ?? 'no lease' }))
    counted.push({ joined, proven, leases: leases.filter(l => l.state === 'bound').length })
  }
  expect(counted.map(c => c.joined)).toEqual([1, 2, 3])
  expect(counted[0]).toMatchObject({ proven: 0, leases: 1 })
})
