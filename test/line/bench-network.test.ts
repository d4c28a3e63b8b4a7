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
