import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import type { BytePipe, Endpoint, UdpSocket } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualLan } from '../../src/main/virtual/lan.ts'

const never = new AbortController().signal
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (b: Uint8Array | null): string | null => (b === null ? null : new TextDecoder().decode(b))

function bench() {
  const clock = new VirtualClock()
  const lan = new VirtualLan({ clock, entropy: new SeededEntropy(7) })
  const host = (n: number, address: string | null = `10.77.0.${n}`) => lan.card('eth0', `02:00:00:00:00:0${n}`, address === null ? [] : [{ address, prefix: 24 }])
  return { clock, lan, host }
}
function hear(socket: UdpSocket): string[] {
  const heard: string[] = []
  socket.on((b, from) => heard.push(`${from.address} ${text(b)}`))
  return heard
}
const EVERYBODY = '255.255.255.255'

describe('datagrams on the virtual LAN', () => {
  it('go by broadcast to every plugged host, and come back to the sender', async () => {
    const { clock, lan, host } = bench()
    const [a, b, c] = [host(1), host(2), host(3)]
    const sockets = await Promise.all([a, b, c].map(net => net.udp({ card: 'eth0', port: 7000, broadcast: true })))
    const heard = sockets.map(hear)
    lan.unplug(c)
    sockets[0]?.send(bytes('who'), { address: EVERYBODY, port: 7000 })
    sockets[0]?.send(bytes('subnet'), { address: '10.77.0.255', port: 7000 })
    await clock.advance(millis(1))
    const both = ['10.77.0.1 who', '10.77.0.1 subnet']
    expect(heard).toEqual([both, both, []])
    expect(sockets[0]?.counters).toEqual({ sent: 2, heard: 2, failed: 0 })
  })

  it('go by unicast to the host that owns the address, and to nobody else', async () => {
    const { clock, host } = bench()
    const [a, b, c] = [host(1), host(2), host(3)]
    const socket = await a.udp({ card: 'eth0', port: 0 })
    const heard = await Promise.all([b, c].map(async net => hear(await net.udp({ card: 'eth0', port: 6667 }))))
    socket.send(bytes('x'), { address: '10.77.0.2', port: 6667 })
    await clock.advance(millis(1))
    expect(heard).toEqual([['10.77.0.1 x'], []])
    b.card().setAddresses([])
    c.card().setAddresses([{ address: '10.77.0.2', prefix: 24 }])
    socket.send(bytes('y'), { address: '10.77.0.2', port: 6667 })
    await clock.advance(millis(1))
    expect(heard).toEqual([['10.77.0.1 x'], ['10.77.0.1 y']])
  })

  it('come from 0.0.0.0 while a host has no address', async () => {
    const { clock, host } = bench()
    const [server, client] = [host(1), host(2, null)]
    const heard = hear(await server.udp({ card: 'eth0', port: 67 }))
    const socket = await client.udp({ card: 'eth0', port: 68, broadcast: true })
    socket.send(bytes('discover'), { address: EVERYBODY, port: 67 })
    await clock.advance(millis(1))
    expect(heard).toEqual(['0.0.0.0 discover'])
  })

  it('take their time', async () => {
    const { clock, host } = bench()
    const [a, b] = [host(1), host(2)]
    let at = 0
    const ear = await b.udp({ card: 'eth0', port: 1 })
    ear.on(() => { at = clock.monotonic() })
    const socket = await a.udp({ card: 'eth0', port: 0 })
    socket.send(bytes('x'), { address: '10.77.0.2', port: 1 })
    await clock.advance(millis(10))
    expect(at).toBe(0.3)
  })

  it('are not sent where the socket may not speak', async () => {
    const { host } = bench()
    const socket = await host(1).udp({ card: 'eth0', port: 0, allow: [{ address: '10.77.0.0', prefix: 24 }] })
    socket.send(bytes('x'), { address: '192.168.50.1', port: 1 })
    socket.send(bytes('x'), { address: EVERYBODY, port: 1 })
    socket.send(new Uint8Array(70_000), { address: '10.77.0.2', port: 1 })
    expect(socket.counters).toEqual({ sent: 0, heard: 0, failed: 3 })
  })

  it('get lost and doubled by seed: the same seed loses the same ones', async () => {
    const run = async (): Promise<readonly string[]> => {
      const { clock, lan, host } = bench()
      const [a, b] = [host(1), host(2)]
      lan.lossFraction = 0.3
      lan.duplicateFraction = 0.3
      const heard = hear(await b.udp({ card: 'eth0', port: 1 }))
      const socket = await a.udp({ card: 'eth0', port: 0 })
      for (let i = 0; i < 100; i += 1) {
        socket.send(bytes(`${i}`), { address: '10.77.0.2', port: 1 })
        await clock.advance(millis(2))
      }
      return heard
    }
    const [first, second] = [await run(), await run()]
    expect(first).toEqual(second)
    expect(new Set(first).size).toBeLessThan(90)
    expect(first.length).toBeGreaterThan(new Set(first).size)
  })

  it('meet a port that another socket of the same card holds, until that one is closed', async () => {
    const { host } = bench()
    const [a, b] = [host(1), host(2)]
    const first = await a.udp({ card: 'eth0', port: 6666 })
    await expect(a.udp({ card: 'eth0', port: 6666 })).rejects.toMatchObject({ code: 'net.port-taken', context: { port: 6666 } })
    await b.udp({ card: 'eth0', port: 6666 })
    first[Symbol.dispose]()
    expect((await a.udp({ card: 'eth0', port: 6666 })).port).toBe(6666)
  })
})

describe('cards', () => {
  it('say whether a cable is seen', () => {
    const { lan, host } = bench()
    const net = host(1)
    lan.unplug(net)
    expect(net.interfaces()).toEqual([{ name: 'eth0', index: 2, mac: '02:00:00:00:00:01', up: true, hasLink: false, hasDefaultRoute: false, addresses: [{ address: '10.77.0.1', prefix: 24 }] }])
    lan.plug(net)
    expect(net.interfaces()[0]?.hasLink).toBe(true)
  })

  it('that were pulled out leave deaf sockets behind and come back as new ones', async () => {
    const { clock, host } = bench()
    const [a, b] = [host(1), host(2)]
    const old = await a.udp({ card: 'eth0', port: 7000, broadcast: true })
    const heardByOld = hear(old)
    const before = a.interfaces()[0]?.index
    a.card().remove()
    expect(a.interfaces()).toEqual([])
    await expect(a.udp({ card: 'eth0', port: 7000 })).rejects.toMatchObject({ code: 'net.card-gone' })
    old.send(bytes('x'), { address: EVERYBODY, port: 7000 })
    expect(old.counters.failed).toBe(1)
    a.card().putBack()
    expect(a.interfaces()[0]?.index).not.toBe(before)
    const heardByNew = hear(await a.udp({ card: 'eth0', port: 7000 }))
    const speaker = await b.udp({ card: 'eth0', port: 0, broadcast: true })
    speaker.send(bytes('y'), { address: EVERYBODY, port: 7000 })
    await clock.advance(millis(1))
    expect([heardByOld, heardByNew]).toEqual([[], ['10.77.0.2 y']])
  })

  it('of one host on two LANs do not hear each other', async () => {
    const { clock, lan } = bench()
    const office = new VirtualLan({ clock, entropy: new SeededEntropy(8) })
    const station = lan.card('bench0', '02:00:00:00:00:01', [{ address: '10.77.0.1', prefix: 24 }])
    office.card('office0', '02:00:00:00:00:02', [{ address: '192.168.50.10', prefix: 24 }], { net: station, hasDefaultRoute: true })
    const stranger = office.card('eth0', '02:00:00:00:00:03', [{ address: '192.168.50.77', prefix: 24 }])
    const heard = hear(await station.udp({ card: 'bench0', port: 67 }))
    const officeHeard = hear(await station.udp({ card: 'office0', port: 67 }))
    const asker = await stranger.udp({ card: 'eth0', port: 68, broadcast: true })
    asker.send(bytes('discover'), { address: EVERYBODY, port: 67 })
    await clock.advance(millis(1))
    expect([heard, officeHeard]).toEqual([[], ['192.168.50.77 discover']])
    expect(station.interfaces().map(c => [c.name, c.hasDefaultRoute])).toEqual([['bench0', false], ['office0', true]])
  })
})

describe('streams on the virtual LAN', () => {
  async function joined(connectionsMax = 3) {
    const { clock, lan, host } = bench()
    const [a, b] = [host(1), host(2)]
    const accepted: { pipe: BytePipe; from: Endpoint }[] = []
    const listener = await b.listen({ card: 'eth0', port: 6668, connectionsMax }, (pipe, from) => { accepted.push({ pipe, from }) })
    const connect = () => a.tcp({ card: 'eth0', to: { address: '10.77.0.2', port: 6668 }, connectMs: seconds(5) }, never)
    return { clock, lan, a, b, accepted, listener, connect }
  }
  const unreachable = { code: 'net.unreachable', context: { address: '10.77.0.2', port: 6668 } }

  it('carry bytes both ways, in order, and end when one side closes', async () => {
    const { clock, accepted, connect } = await joined()
    await clock.run((async () => {
      const mine = await connect()
      const [theirs] = accepted
      await mine.write(bytes('one'), never)
      await mine.write(bytes('two'), never)
      expect([text(await theirs?.pipe.read(never) ?? null), text(await theirs?.pipe.read(never) ?? null)]).toEqual(['one', 'two'])
      await theirs?.pipe.write(bytes('bye'), never)
      await theirs?.pipe[Symbol.asyncDispose]()
      expect([text(await mine.read(never)), await mine.read(never)]).toEqual(['bye', null])
      await expect(mine.write(bytes('late'), never)).rejects.toMatchObject({ code: 'net.unreachable' })
    })())
    expect(accepted[0]?.from.address).toBe('10.77.0.1')
  })

  it('slow a writer down when 256 KiB wait unread', async () => {
    const { clock, accepted, connect } = await joined()
    await clock.run((async () => {
      const mine = await connect()
      let isWritten = false
      const writing = mine.write(new Uint8Array(300 * 1024), never).then(() => { isWritten = true })
      await clock.sleep(seconds(1), never)
      expect(isWritten).toBe(false)
      let size = 0
      while (size < 300 * 1024) size += (await accepted[0]?.pipe.read(never))?.length ?? 0
      await writing
      expect([isWritten, size]).toEqual([true, 300 * 1024])
    })())
  })

  it('are refused when nothing listens, nobody is there, or the cable is out', async () => {
    const { clock, lan, a, b, listener, connect } = await joined()
    await listener[Symbol.asyncDispose]()
    await expect(clock.run(connect())).rejects.toMatchObject(unreachable)
    lan.unplug(b)
    await expect(clock.run(connect())).rejects.toMatchObject(unreachable)
    expect(clock.monotonic()).toBeGreaterThan(seconds(2))
    lan.unplug(a)
    await expect(clock.run(connect())).rejects.toMatchObject(unreachable)
  })

  it('are refused beyond the number of clients the listener takes', async () => {
    const { clock, accepted, connect } = await joined(1)
    const first = await clock.run(connect())
    await expect(clock.run(connect())).rejects.toMatchObject(unreachable)
    await first[Symbol.asyncDispose]()
    await clock.advance(millis(1))
    await accepted[0]?.pipe[Symbol.asyncDispose]()
    await clock.run(connect())
    expect(accepted).toHaveLength(2)
  })

  it('break on both sides when a cable is pulled', async () => {
    const { clock, lan, b, accepted, connect } = await joined()
    const mine = await clock.run(connect())
    const reading = mine.read(never)
    lan.unplug(b)
    await expect(reading).rejects.toMatchObject({ code: 'net.unreachable' })
    await expect(accepted[0]?.pipe.read(never)).rejects.toMatchObject({ code: 'net.unreachable' })
  })

  it('let a reader go when its signal aborts', async () => {
    const { clock, connect } = await joined()
    const mine = await clock.run(connect())
    const abort = new AbortController()
    const reading = mine.read(abort.signal)
    abort.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})
