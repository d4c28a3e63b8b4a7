// Many datagrams by one call of the kernel: Linux on 64 bits; elsewhere the same socket works one by one (net.test.ts).
import { expect, test } from 'vitest'
import { Burst, loadBurstKernel } from '../../src/main/live/burst-linux.ts'
import { LiveNet } from '../../src/main/live/net.ts'
import { loadLinux } from '../../src/main/live/socket-linux.ts'
import type { UdpSocket } from '../../src/main/ports.ts'

const isThere = loadLinux()?.burst(0) != null
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const open = (): Promise<UdpSocket> => new LiveNet().udp({ card: 'lo', port: 0, isBusy: true, receiveBytes: 4 * 1024 * 1024, allow: [{ address: '127.0.0.1', prefix: 8 }] })
const to = (socket: UdpSocket): { address: string; port: number } => ({ address: '127.0.0.1', port: socket.port })

test.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))('a 64-bit Linux has bursts', () => {
  expect(isThere).toBe(true)
})

test('a machine laid out otherwise has none', () => {
  const arch = Object.getOwnPropertyDescriptor(process, 'arch')
  Object.defineProperty(process, 'arch', { value: 'ia32' })
  try {
    expect(loadBurstKernel({ func: () => () => 0, address: () => 0n })).toBeNull()
  } finally {
    if (arch) Object.defineProperty(process, 'arch', arch)
  }
})

test.runIf(isThere)('five hundred datagrams that wait together are heard once each, in their order, with their sender, and all answered', async () => {
  using server = await open()
  using client = await open()
  const heard: string[] = []
  const answers: string[] = []
  server.on((b, from) => {
    heard.push(`${Buffer.from(b).toString()} ${from.address}:${from.port}`)
    server.send(bytes(`re ${heard.length}`), from)
  })
  client.on(b => { answers.push(Buffer.from(b).toString()) })
  for (let i = 0; i < 500; i += 1) client.send(bytes(`${i}`), to(server))
  await pause(200)
  expect(heard).toEqual(Array.from({ length: 500 }, (_, i) => `${i} 127.0.0.1:${client.port}`))
  expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => `re ${i + 1}`))
  expect([server.counters, client.counters]).toEqual([{ sent: 500, heard: 500, failed: 0 }, { sent: 500, heard: 500, failed: 0 }])
})

test.runIf(isThere)('what the kernel refuses in the middle holds nothing up and is counted; so is what is not allowed', async () => {
  using server = await open()
  using client = await open()
  const heard: string[] = []
  server.on(b => { heard.push(Buffer.from(b).toString()) })
  client.send(bytes('first'), to(server))
  client.send(bytes('nowhere'), { address: '127.0.0.1', port: 0 })
  client.send(bytes('not allowed'), { address: '192.0.2.9', port: 9 })
  client.send(bytes('no address'), { address: 'example.invalid', port: 9 })
  client.send(new Uint8Array(3000).fill(65), to(server)) // longer than a burst takes: by Node, out of turn
  client.send(bytes('last'), to(server))
  await pause(100)
  expect(heard.map(text => text.slice(0, 5)).toSorted()).toEqual(['AAAAA', 'first', 'last'])
  expect(client.counters).toEqual({ sent: 3, heard: 0, failed: 3 })
})

test.runIf(isThere)('closed from within a burst it hears no more, and what was to be sent has gone', async () => {
  using client = await open()
  const server = await open()
  let heard = 0
  let answered = 0
  client.on(() => { answered += 1 })
  server.on((_, from) => {
    heard += 1
    server.send(bytes('bye'), from)
    if (heard === 10) server[Symbol.dispose]()
  })
  for (let i = 0; i < 100; i += 1) client.send(bytes('x'), to(server))
  await pause(100)
  expect([heard, answered]).toEqual([10, 10])
})

/** A kernel that takes or refuses as told; `memory` in the order it was asked for: of what comes in, then of what goes out. */
function toldKernel(answers: { readonly receive?: (messages: Buffer, memory: readonly Buffer[]) => number; readonly send?: (call: number, count: number) => number }): { readonly burst: Burst; readonly calls: number[] } {
  const memory: Buffer[] = []
  const calls: number[] = []
  const burst = new Burst(7, {
    address: buffer => { memory.push(buffer); return BigInt(memory.length) },
    receive: (_fd, messages) => answers.receive?.(messages, memory) ?? -1,
    send: (_fd, _messages, count) => { calls.push(count); return answers.send?.(calls.length, count) ?? -1 }
  })
  return { burst, calls }
}
const [LENGTH_AT, ROOM] = [56, 2049]

test('nothing waiting, an interrupted call and a closed descriptor are all no datagrams', () => {
  const { burst } = toldKernel({ receive: () => -1 })
  expect(burst.receive(() => expect.fail('nothing came'))).toBe(0)
})

test('a datagram longer than its place is heard cut there, and never with its neighbour\'s bytes', () => {
  const { burst } = toldKernel({
    receive: (messages, [, , room]) => {
      room?.fill(65, 0, ROOM).fill(66, ROOM, 2 * ROOM)
      messages.writeUInt32LE(9000, LENGTH_AT)
      messages.writeUInt32LE(0, 64 + LENGTH_AT)
      return 2
    }
  })
  const heard: string[] = []
  expect(burst.receive(b => { heard.push(Buffer.from(b).toString()) })).toBe(2)
  expect(heard).toEqual(['A'.repeat(ROOM), ''])
})

test('a kernel without room for any refuses each once, with its address, and the call ends', () => {
  const { burst, calls } = toldKernel({ send: () => -1 })
  for (let i = 0; i < 3; i += 1) expect(burst.put(bytes(`n${i}`), 0x0a4d_0001 + i, 68)).toBe(true)
  const refused: string[] = []
  expect(burst.flush((b, address, port) => { refused.push(`${Buffer.from(b).toString()} ${address - 0x0a4d_0000} ${port}`) })).toBe(0)
  expect([refused, calls]).toEqual([['n0 1 68', 'n1 2 68', 'n2 3 68'], [3, 2, 1]])
  expect(burst.flush(() => expect.fail('nothing is left'))).toBe(0)
})

test('what the kernel takes in part goes on where it stopped; a full burst and one too long are not taken', () => {
  const { burst, calls } = toldKernel({ send: (call, count) => call === 2 ? -1 : Math.min(count, 40) })
  for (let i = 0; i < 64; i += 1) expect(burst.put(bytes(`${i}`), 1, 68)).toBe(true)
  expect([burst.isFull, burst.put(bytes('one more'), 1, 68)]).toEqual([true, false])
  const refused: string[] = []
  expect(burst.flush(b => { refused.push(Buffer.from(b).toString()) })).toBe(63)
  expect([refused, calls]).toEqual([['40'], [64, 24, 23]])
  expect(burst.put(new Uint8Array(ROOM + 1), 1, 68)).toBe(false)
})

test.runIf(isThere)('on a descriptor that is no socket any more, nothing is heard and everything refused', () => {
  const burst = loadLinux()?.burst(987_654) // no process here has so many
  expect(burst?.receive(() => expect.fail('nothing can come'))).toBe(0)
  burst?.put(bytes('x'), 0x7f00_0001, 9)
  let refused = 0
  expect([burst?.flush(() => { refused += 1 }), refused]).toEqual([0, 1])
})
