// Many datagrams by one call of the kernel: Linux on 64 bits; elsewhere the same socket works one by one (net.test.ts).
import { expect, test } from 'vitest'
import { loadBurstKernel } from '../../src/main/live/burst-linux.ts'
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
