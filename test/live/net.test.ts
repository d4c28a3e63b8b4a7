import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { millis } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { cardNames, defaultRouteCards } from '../../src/main/live/cards.ts'
import { LiveNet, readInherited } from '../../src/main/live/net.ts'
import { loadLinux } from '../../src/main/live/socket-linux.ts'
import { everythingBut } from '../../src/main/live/udp.ts'
import type { BytePipe, UdpSocket } from '../../src/main/ports.ts'

const isLinux = process.platform === 'linux'
const lo = isLinux ? 'lo' : Object.keys((await import('node:os')).networkInterfaces()).find(name => name.startsWith('lo')) ?? 'lo0'
const soon = (): AbortSignal => AbortSignal.timeout(5000)
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
async function faultOf(asking: Promise<unknown>): Promise<Fault> {
  try { await asking } catch (thrown) { if (thrown instanceof Fault) return thrown; throw thrown }
  throw new Error('nothing thrown')
}
async function echo(pipe: BytePipe): Promise<void> {
  await using _pipe = pipe
  for (let chunk = await pipe.read(soon()); chunk; chunk = await pipe.read(soon())) await pipe.write(chunk, soon())
}
function hears(socket: UdpSocket): string[] {
  const heard: string[] = []
  socket.on(b => heard.push(Buffer.from(b).toString()))
  return heard
}

test('a UDP socket is heard, and the same port twice is a fault with the port in it', async () => {
  const net = new LiveNet()
  using socket = await net.udp({ card: lo, port: 0, receiveBytes: 4 * 1024 * 1024 })
  const heard = hears(socket)
  socket.send(bytes('hello'), { address: '127.0.0.1', port: socket.port })
  await pause(50)
  expect(heard).toEqual(['hello'])
  const fault = await faultOf(net.udp({ card: lo, port: socket.port }))
  expect(fault.code).toBe('net.port-taken')
  expect(fault.context['port']).toBe(socket.port)
})

test('sending never throws: foreign addresses, names and impossible ports are counted', async () => {
  using socket = await new LiveNet().udp({ card: lo, port: 0, allow: [{ address: '127.0.0.1', prefix: 8 }] })
  for (const to of [{ address: '192.0.2.9', port: 9 }, { address: 'example.invalid', port: 9 }, { address: '127.0.0.1', port: 70_000 }]) socket.send(bytes('x'), to)
  await pause(50)
  expect(socket.counters).toEqual({ sent: 0, heard: 0, failed: 3 })
  socket[Symbol.dispose]()
  socket.send(bytes('x'), { address: '127.0.0.1', port: 9 })
  expect(socket.counters.failed).toBe(4)
})

test('a card that is not there is a fault, never a socket that answers elsewhere', async () => {
  expect((await faultOf(new LiveNet().udp({ card: 'ub-nocard', port: 0 }))).code).toBe('net.card-gone')
  expect((await faultOf(new LiveNet().listen({ card: 'ub-nocard', port: 0, connectionsMax: 1 }, () => undefined))).code).toBe('net.card-gone')
})

test.runIf(isLinux)('the system refusing the card is fatal even when the list still has it', () => {
  const linux = loadLinux()
  if (!linux) throw new Error('koffi must load on Linux')
  expect(() => linux.openUdp({ card: 'ub-nocard', port: 0, isBroadcast: true, receiveBytes: null })).toThrow('net.card-gone')
  expect(() => linux.openUdp({ card: 'a-name-far-too-long-for-a-card', port: 0, isBroadcast: true, receiveBytes: null })).toThrow('net.card-gone')
})

test('without koffi the socket says that it is bound to an address only', async () => {
  using socket = await new LiveNet({ linux: null }).udp({ card: lo, port: 0, broadcast: true })
  expect(socket.binding).toBe('address')
  const heard = hears(socket)
  socket.send(bytes('hello'), { address: '127.0.0.1', port: socket.port })
  await pause(50)
  expect(heard).toEqual(['hello'])
})

test('TCP carries bytes both ways, also more than may wait unread', async () => {
  const net = new LiveNet()
  await using listener = await net.listen({ card: lo, address: '127.0.0.1', port: 0, connectionsMax: 4 }, pipe => { void echo(pipe) })
  await using pipe = await net.tcp({ card: lo, from: '127.0.0.1', to: { address: '127.0.0.1', port: listener.port }, connectMs: millis(2000) }, soon())
  const sent = new Uint8Array(1024 * 1024).map((_, i) => i % 251)
  let got = 0
  const reading = (async () => {
    while (got < sent.length) {
      const chunk = await pipe.read(soon())
      if (!chunk) throw new Error('ended early')
      for (const [i, b] of chunk.entries()) if (b !== (got + i) % 251) throw new Error(`byte ${got + i} is wrong`)
      got += chunk.length
    }
  })()
  await pipe.write(sent, soon())
  await reading
  expect(got).toBe(sent.length)
})

test('a peer that is not read from is slowed down', async () => {
  const net = new LiveNet()
  let theirs: BytePipe | null = null
  await using listener = await net.listen({ card: lo, address: '127.0.0.1', port: 0, connectionsMax: 1 }, pipe => { theirs = pipe })
  await using pipe = await net.tcp({ card: lo, to: { address: '127.0.0.1', port: listener.port }, connectMs: millis(2000) }, soon())
  const write = pipe.write(new Uint8Array(64 * 1024 * 1024), AbortSignal.timeout(500))
  await expect(write).rejects.toThrow() // still waiting when its signal ends it
  expect(theirs).not.toBeNull()
})

test('a closed other side reads as the end; writing to it is a fault; nobody there is a fault', async () => {
  const net = new LiveNet()
  const listener = await net.listen({ card: lo, address: '127.0.0.1', port: 0, connectionsMax: 4 }, pipe => { void pipe[Symbol.asyncDispose]() })
  const to = { address: '127.0.0.1', port: listener.port }
  {
    await using pipe = await net.tcp({ card: lo, to, connectMs: millis(2000) }, soon())
    expect(await pipe.read(soon())).toBeNull()
    expect((await faultOf(pipe.write(bytes('x'), soon()))).code).toBe('net.unreachable')
  }
  await listener[Symbol.asyncDispose]()
  const fault = await faultOf(net.tcp({ card: lo, to, connectMs: millis(2000) }, soon()))
  expect(fault.code).toBe('net.unreachable')
  expect(fault.context['port']).toBe(to.port)
  expect((await faultOf(net.tcp({ card: lo, from: '203.0.113.77', to, connectMs: millis(2000) }, soon()))).code).toBe('net.card-no-address')
})

test('a reset is heard as a fault, not as an end', async () => {
  const net = new LiveNet()
  await using listener = await net.listen({ card: lo, address: '127.0.0.1', port: 0, connectionsMax: 4 }, pipe => { void pipe.read(soon()).then(() => pipe.reset?.()) })
  await using pipe = await net.tcp({ card: lo, to: { address: '127.0.0.1', port: listener.port }, connectMs: millis(2000) }, soon())
  await pipe.write(bytes('x'), soon())
  expect(await faultOf(pipe.read(soon()))).toMatchObject({ code: 'net.unreachable', context: { reason: 'ECONNRESET' } })
})

test('waiting for a connection or for bytes ends with its signal', async () => {
  const net = new LiveNet()
  await using listener = await net.listen({ card: lo, address: '127.0.0.1', port: 0, connectionsMax: 4 }, () => undefined)
  const to = { address: '127.0.0.1', port: listener.port }
  await using pipe = await net.tcp({ card: lo, to, connectMs: millis(2000) }, soon())
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Fault('station.stopped')), 30)
  expect((await faultOf(pipe.read(abort.signal))).code).toBe('station.stopped')
  expect((await faultOf(net.tcp({ card: lo, to, connectMs: millis(2000) }, abort.signal))).code).toBe('station.stopped')
})

test('the default route is found in both tables of the kernel, and only there', () => {
  const ipv4 = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
    + 'office0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\nbench0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
  const zero = '0'.repeat(32)
  const ipv6 = `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 wifi0\n`
    + `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200 lo\n`
  expect([...defaultRouteCards(ipv4, ipv6)]).toEqual(['office0', 'wifi0'])
  expect(defaultRouteCards('', '')).toEqual(new Set())
  expect(cardNames('Inter-|   Receive\n face |bytes\n    lo: 1 2\nbench0:99 3\n')).toEqual(['lo', 'bench0'])
})

test('everything but the bench and the limited broadcast is on the block list', () => {
  const list = everythingBut([{ address: '10.77.0.1', prefix: 24 }])
  const isBlocked = (address: string): boolean => list.check(address, 'ipv4')
  expect(['10.77.0.0', '10.77.0.77', '10.77.0.255', '255.255.255.255'].map(isBlocked)).toEqual([false, false, false, false])
  expect(['0.0.0.0', '10.76.255.255', '10.77.1.0', '192.0.2.1', '255.255.255.254'].map(isBlocked)).toEqual([true, true, true, true, true])
})

test('inherited sockets belong to us only when the process id says so, and are found by name', () => {
  const env = { LISTEN_PID: '77', LISTEN_FDS: '2', LISTEN_FDNAMES: 'dhcp67:dhcp68' }
  expect([...readInherited(env, 77)]).toEqual([[67, 3], [68, 4]])
  expect([...readInherited(env, 78)]).toEqual([])
  expect([...readInherited({ LISTEN_FDS: 'x', LISTEN_FDNAMES: 'a:b' }, 1)]).toEqual([])
})

test.runIf(isLinux)('a socket handed over by the service manager is used, again and again, and only on its own card', async () => {
  const linux = loadLinux()
  if (!linux) throw new Error('koffi must load on Linux')
  using probe = await new LiveNet().udp({ card: lo, port: 0 })
  const port = probe.port
  probe[Symbol.dispose]()
  await pause(20)
  const fd = linux.openUdp({ card: lo, port, isBroadcast: true, receiveBytes: null })
  const script = `import { LiveNet } from ${JSON.stringify(new URL('../../src/main/live/net.ts', import.meta.url).href)}
    const net = new LiveNet()
    const socket = await net.udp({ card: 'lo', port: ${port} })
    socket[Symbol.dispose](); await new Promise(r => { setTimeout(r, 50) })
    const again = await net.udp({ card: 'lo', port: ${port} }) // although the service manager still has the port
    console.log(socket.binding, socket.port === ${port}, again.binding, again.port === ${port}); process.exit(0)`
  const env = { ...process.env, LISTEN_FDS: '1', LISTEN_FDNAMES: `dhcp${port}` }
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit', fd], env })
  const exit = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout as Readable }), 'line') // 'pipe' above
  expect(line).toBe('device true device true')
  linux.close(fd)
  await exit
  const foreign = linux.openUdp({ card: lo, port, isBroadcast: true, receiveBytes: null })
  expect(linux.cardOf(foreign)).toBe('lo')
  linux.close(foreign)
})

test('koffi is the only native way and is there', () => {
  expect(typeof createRequire(import.meta.url)('koffi').load).toBe('function')
})
