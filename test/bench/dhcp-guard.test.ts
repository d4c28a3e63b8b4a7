import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { addressBytes, clientPacket, encode, macOf } from '../../src/main/wire/dhcp.ts'
import { millis, seconds } from '#shared'
import { OUR_OFFER } from '../golden/dhcp.ts'
import { DhcpBench, macOfHost } from '../helpers/dhcp-bench.ts'

const foreign = (server: string, mac?: string): object => ({ state: 'foreign', fault: { code: 'net.foreign-dhcp', context: mac === undefined ? { server } : { server, mac } } })

describe('before serving', () => {
  it('26: asks three times as one unknown client, with a locally administered address, in 3 s', async () => {
    await using bench = await new DhcpBench().serve()
    const asked = bench.net.sent.filter(s => s.type === MESSAGE.discover)
    expect(asked.map(s => [s.to, s.port, s.packet.secs, s.packet.flags])).toEqual([0, 1, 3].map(secs => ['255.255.255.255', 67, secs, 0x8000]))
    expect(new Set(asked.map(s => `${s.packet.xid} ${macOf(s.packet)}`)).size).toBe(1)
    expect((asked[0]?.packet.chaddr[0] ?? 0) & 3).toBe(2)
    expect(bench.server.view().counters['heard']).toBeUndefined()
  })

  it.each([
    ['that answers at once', 1, '10.77.0.2'], ['that pings for 3 s first, as home routers do', 3008, '10.77.0.2'], ['of another net', 1, '192.168.1.1'], ['that claims our own address', 1, '10.77.0.1']
  ])('26: a server %s is found within 5 s, and ours does not serve', async (_, delayMs, address) => {
    await using bench = new DhcpBench()
    const rogue = await bench.host(66, address)
    using _offers = rogue.offerAs(address, millis(delayMs))
    await bench.server.start(bench.scope)
    await bench.clock.advance(seconds(5))
    expect(bench.server.view()).toMatchObject(foreign(address))
    const unit = await bench.host(1)
    await unit.ask(MESSAGE.discover)
    expect(bench.net.sent.filter(s => s.type === MESSAGE.offer)).toEqual([])
  })

  it('26: when it is unplugged, two silent probes later ours serves by itself', async () => {
    await using bench = new DhcpBench()
    const rogue = await bench.host(66, '192.168.1.1')
    using _offers = rogue.offerAs('192.168.1.1')
    await bench.serve()
    expect(bench.server.view().state).toBe('foreign')
    bench.lan.unplug(rogue.net)
    await bench.clock.advance(seconds(20))
    expect(bench.server.view().state).toBe('foreign')
    await bench.clock.advance(seconds(20))
    expect([bench.server.view().state, await (await bench.host(1)).lease()]).toEqual(['serving', '10.77.0.20'])
  })

  it('26: one silent probe between two finds is not enough', async () => {
    await using bench = new DhcpBench()
    const rogue = await bench.host(66, '192.168.1.1')
    const offers = rogue.offerAs('192.168.1.1')
    await bench.serve()
    bench.lan.unplug(rogue.net)
    await bench.clock.advance(seconds(20)) // one probe was silent
    bench.lan.plug(rogue.net)
    await bench.clock.advance(seconds(15)) // the next was not
    offers[Symbol.dispose]()
    await bench.clock.advance(seconds(15))
    expect(bench.server.view().state).toBe('foreign')
    await bench.clock.advance(seconds(20))
    expect(bench.server.view().state).toBe('serving')
  })
})

describe('while serving', () => {
  it('26: an offer of another server to any unit stops ours at once', async () => {
    await using bench = await new DhcpBench().serve()
    const [unit, rogue] = [await bench.host(1), await bench.host(66, '192.168.1.1')]
    rogue.say(MESSAGE.offer, clientPacket({ type: MESSAGE.discover, mac: unit.mac, xid: 9 }), '192.168.1.1')
    await bench.clock.advance(millis(2))
    expect(bench.server.view()).toMatchObject(foreign('192.168.1.1'))
    expect([await unit.ask(MESSAGE.discover), unit.heard.map(p => p.xid)]).toEqual([null, [9]]) // the rogue's offer, none of ours
    expect(bench.server.view().counters).toMatchObject({ 'ignored.not-serving': 1, 'guard.foreign': 1 })
  })

  it('26: a unit that takes the address of another server stops ours at once', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.ask(MESSAGE.discover)
    unit.raw(encode(clientPacket({ type: MESSAGE.request, mac: unit.mac, xid: 1, options: new Map([[OPTION.requestedAddress, addressBytes('192.168.1.50')], [OPTION.serverId, addressBytes('192.168.1.1')]]) })))
    await bench.clock.advance(millis(2))
    expect(bench.server.view()).toMatchObject({ ...foreign('192.168.1.1'), poolUsed: 0, counters: { 'ignored.foreign-server': 1 } })
  })

  it('the MAC of a server that leased its address from us, a returned recorder perhaps, is told', async () => {
    await using bench = await new DhcpBench().serve()
    const recorder = await bench.host(66)
    const ip = await recorder.lease() ?? ''
    recorder.net.card().setAddresses([{ address: ip, prefix: 24 }])
    recorder.say(MESSAGE.ack, clientPacket({ type: MESSAGE.request, mac: macOfHost(5), xid: 9 }), ip)
    await bench.clock.advance(millis(2))
    expect(bench.server.view()).toMatchObject(foreign(ip, macOfHost(66)))
  })

  it('a server of our own net is told with its MAC and the lane of its unit; of one in another net it is said that neither is known', async () => {
    await using bench = await new DhcpBench().serve()
    bench.lanes.set(macOfHost(66), 12)
    const near = await bench.host(66, '10.77.0.9')
    near.say(MESSAGE.offer, clientPacket({ type: MESSAGE.discover, mac: macOfHost(5), xid: 9 }), '10.77.0.9')
    await bench.clock.advance(millis(5))
    expect(bench.server.view().fault).toEqual({ code: 'net.foreign-dhcp', context: { server: '10.77.0.9', mac: macOfHost(66), lane: 12 } })
    const far = await bench.host(67, '192.168.1.1')
    far.say(MESSAGE.offer, clientPacket({ type: MESSAGE.discover, mac: macOfHost(5), xid: 10 }), '192.168.1.1')
    await bench.clock.advance(millis(5))
    expect(bench.server.view().fault).toEqual({ code: 'net.foreign-dhcp', context: { server: '192.168.1.1', mac: 'not known', lane: 'not known' } })
  })

  it('of a server in another net the MAC and the lane are told where its frames can be looked at', async () => {
    await using bench = new DhcpBench()
    bench.net.frames = []
    await bench.serve()
    bench.lanes.set('02:00:00:77:00:66', 9)
    const far = await bench.host(66, '192.168.9.1')
    const head = Buffer.from('ffffffffffff 020000770066 0800 45000000 00000000 40110000 c0a80901 ffffffff 00430044 0134 0000'.replaceAll(' ', ''), 'hex') // RFC 894, 791, 768
    bench.net.frames.push(Uint8Array.of(1, 2, 3), Buffer.concat([head, OUR_OFFER]))
    far.say(MESSAGE.offer, clientPacket({ type: MESSAGE.discover, mac: macOfHost(5), xid: 9 }), '192.168.9.1')
    await bench.clock.advance(millis(5))
    expect(bench.server.view().fault).toEqual({ code: 'net.foreign-dhcp', context: { server: '192.168.9.1', mac: '02:00:00:77:00:66', lane: 9 } })
  })

  it('our own answers, which come back to port 68, and requests that name us are no alarm', async () => {
    await using bench = await new DhcpBench().serve()
    for (const n of [1, 2, 3]) await (await bench.host(n)).lease()
    expect(bench.server.view()).toMatchObject({ state: 'serving', fault: null })
  })

  it('a request that names an impossible server is no alarm', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.ask(MESSAGE.request, [[OPTION.requestedAddress, addressBytes('10.77.0.20')], [OPTION.serverId, addressBytes('255.255.255.255')]])
    expect(bench.server.view()).toMatchObject({ state: 'serving', counters: { 'ignored.foreign-server': 1 } })
  })

  it('leases are kept while another server is there: the unit has the same address afterwards', async () => {
    await using bench = await new DhcpBench().serve()
    const [unit, rogue] = [await bench.host(1), await bench.host(66, '192.168.1.1')]
    await unit.lease()
    rogue.say(MESSAGE.offer, clientPacket({ type: MESSAGE.discover, mac: macOfHost(9), xid: 9 }), '192.168.1.1')
    await bench.clock.advance(seconds(40))
    expect([bench.server.view().state, await unit.lease()]).toEqual(['serving', '10.77.0.20'])
  })

  it('without port 68 it serves half deaf, says so, and still hears whom units name', async () => {
    await using bench = new DhcpBench()
    bench.net.refused.set(68, () => new Fault('net.port-taken', { port: 68 }))
    await bench.serve()
    expect(bench.server.view()).toMatchObject({ state: 'serving', counters: { 'guard.no-client-port': 1 } })
    expect(bench.net.sent.filter(s => s.type === MESSAGE.discover)).toHaveLength(3)
    const unit = await bench.host(1)
    await unit.ask(MESSAGE.request, [[OPTION.requestedAddress, addressBytes('192.168.1.50')], [OPTION.serverId, addressBytes('192.168.1.1')]])
    expect(bench.server.view()).toMatchObject(foreign('192.168.1.1'))
  })

  it('garbage on port 68 is counted and alarms nobody', async () => {
    await using bench = await new DhcpBench().serve()
    const stranger = bench.lan.card('eth0', macOfHost(7), [{ address: '10.77.0.9', prefix: 24 }])
    using socket = await stranger.udp({ card: 'eth0', port: 0, broadcast: true })
    for (const length of [0, 1, 240, 300, 3000]) socket.send(new Uint8Array(length).fill(2), { address: '255.255.255.255', port: 68 })
    await bench.clock.advance(millis(5))
    expect(bench.server.view()).toMatchObject({ state: 'serving', counters: { 'ignored.malformed': 5 } })
  })
})
