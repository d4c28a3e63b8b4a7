import { describe, expect, test } from 'vitest'
import { seconds } from '#shared'
import { LanListener, type Heard } from '../../src/main/bench/listener.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { decodeDatagram, encodeAnnouncement, encodeQuestion } from '../../src/main/wire/announcement.ts'
import { V1, V2, V3, V4, bytesOf } from '../golden/lan.ts'
import { benchCard, CountingEntropy, FakeNet, keptLog, StepClock } from '../helpers/lan-bench.ts'

async function bench() {
  const clock = new StepClock()
  const net = new FakeNet(benchCard())
  const scope = new Scope('test')
  const { log, lines } = keptLog()
  const listener = new LanListener({ clock, entropy: new CountingEntropy(), net }, log, { card: 'bench0', address: '10.77.0.1', prefix: 24, askEveryMs: seconds(6) })
  const heard: Heard[] = []
  listener.on(burst => heard.push(...burst))
  const asked = (): string[] => net.sockets.filter(s => s.port === 7000).flatMap(s => s.sent.map(({ to }) => `${to.address}:${to.port}`))
  return { clock, net, scope, listener, heard, asked, lines, [Symbol.asyncDispose]: () => scope.close() }
}
const EVERYBODY = '255.255.255.255:7000'
const SUBNET = '10.77.0.255:7000'

describe('hearing', () => {
  test('announcements on all three ports are told with their source, port and time', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    b.net.at(6667).hear(bytesOf(V2.frame), '10.77.0.22')
    b.net.at(7000).hear(bytesOf(V4.frame), '10.77.0.99')
    await b.clock.advance(0)
    expect(b.heard.map(h => [h.via, h.ip, h.announcement.ip, h.announcement.version, h.at])).toEqual([
      [6666, '10.77.0.21', '10.77.0.21', '3.1', b.clock.now()], [6667, '10.77.0.22', '10.77.0.22', '3.3', b.clock.now()], [7000, '10.77.0.99', '10.77.0.23', '3.5', b.clock.now()]
    ])
    expect(b.listener.view()).toMatchObject({ listening: [6666, 6667, 7000], fault: null, counters: { heard6666: 1, heard6667: 1, heard7000: 1, malformed: 0 } })
  })

  test('the sockets belong to the bench card and may speak to its subnet only', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    expect(b.net.sockets.map(s => s.options)).toEqual([6666, 6667, 7000].map(port => ({ card: 'bench0', port, address: '10.77.0.1', broadcast: true, allow: [{ address: '10.77.0.0', prefix: 24 }] })))
  })

  test('a socket callback only copies: nothing is told before the loop gets its turn', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    expect(b.heard).toEqual([])
    await b.clock.advance(0)
    expect(b.heard).toHaveLength(1)
  })

  test('a source outside the bench subnet is counted and dropped', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    for (const from of ['10.77.1.21', '192.168.1.5', '10.76.255.255', 'fe80::1']) b.net.at(6666).hear(bytesOf(V1.frame), from)
    await b.clock.advance(0)
    expect(b.heard).toEqual([])
    expect(b.listener.view().counters).toMatchObject({ outside: 4, malformed: 0 })
  })

  test('our own question that comes back is no unit, and somebody else asking is counted apart', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    b.net.at(7000).hear(bytesOf(V3.frame), '10.77.0.1')
    b.net.at(7000).hear(b.net.at(7000).sent[0]?.bytes ?? new Uint8Array(0), '10.77.0.1')
    b.net.at(7000).hear(encodeQuestion({ ip: '10.77.0.40', sequence: 0, nonce: new Uint8Array(12) }), '10.77.0.40')
    await b.clock.advance(0)
    expect(b.heard).toEqual([])
    expect(b.listener.view().counters).toMatchObject({ own: 2, stranger: 1, malformed: 0 })
  })

  test('garbage of any length on any port is counted, and the next announcement is still heard', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    const garbage = [new Uint8Array(0), new Uint8Array(1), new Uint8Array(9000), bytesOf(V1.frame).subarray(0, 100), bytesOf('000055aa'), bytesOf(V2.frame).map(x => x ^ 0x40)]
    for (const port of [6666, 6667, 7000]) for (const bytes of garbage) b.net.at(port).hear(bytes, `10.77.0.${port % 100}`)
    b.net.at(6667).hear(bytesOf(V2.frame), '10.77.0.22')
    await b.clock.advance(0)
    expect(b.heard).toHaveLength(1)
    expect(b.listener.view().counters).toMatchObject({ malformed: 18 })
  })

  test('a babbling unit is cut off at twenty a second and does not silence the others', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    for (let n = 0; n < 500; n += 1) b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    b.net.at(6667).hear(bytesOf(V2.frame), '10.77.0.22')
    await b.clock.advance(0)
    expect(b.heard.map(h => h.ip)).toEqual([...Array.from({ length: 20 }, () => '10.77.0.21'), '10.77.0.22'])
    await b.clock.advance(1000)
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    await b.clock.advance(0)
    expect(b.heard).toHaveLength(22)
    expect(b.listener.view().counters).toMatchObject({ excess: 480 })
  })

  test('what does not fit the mailbox is counted as dropped', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    for (let n = 0; n < 1100; n += 1) b.net.at(6666).hear(bytesOf(V1.frame), `10.77.0.${2 + n % 200}`)
    await b.clock.advance(0)
    expect(b.listener.view().counters['dropped']).toBeGreaterThan(0)
    expect(b.listener.view().counters['heard6666']).toBe(1100 - (b.listener.view().counters['dropped'] ?? 0))
  })

  test('a rack that speaks at once is told early and whole, then in bursts of sixteen', async () => {
    await using b = await bench()
    const told: string[] = []
    b.listener.onEarly(heard => told.push(`early ${heard.length}`))
    b.listener.on(heard => told.push(`${heard.length}`))
    await b.listener.start(b.scope)
    for (let n = 0; n < 40; n += 1) b.net.at(6667).hear(bytesOf(V2.frame), `10.77.0.${20 + n}`)
    await b.clock.advance(0)
    expect(told).toEqual(['early 40', '16', '16', '8'])
    expect(b.heard.map(h => h.ip)).toEqual(Array.from({ length: 40 }, (_, n) => `10.77.0.${20 + n}`))
  })

  test('a listener that throws does not stop the others', async () => {
    await using b = await bench()
    const after: string[] = []
    b.listener.on(() => { throw new Error('clumsy') })
    using _last = b.listener.on(burst => after.push(...burst.map(h => h.ip)))
    await b.listener.start(b.scope)
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    await b.clock.advance(0)
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    await b.clock.advance(0)
    expect(after).toHaveLength(2)
  })
})

describe('asking', () => {
  test('begins at once, everybody first and the subnet half the interval later', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    await b.clock.advance(0)
    expect(b.asked()).toEqual([EVERYBODY])
    await b.clock.advance(2999)
    expect(b.asked()).toEqual([EVERYBODY])
    await b.clock.advance(1)
    expect(b.asked()).toEqual([EVERYBODY, SUBNET])
    await b.clock.advance(12_000)
    expect(b.asked()).toEqual([EVERYBODY, SUBNET, EVERYBODY, SUBNET, EVERYBODY, SUBNET])
  })

  test('each question names the bench address and has a nonce of its own', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    await b.clock.advance(6000)
    const sent = b.net.at(7000).sent.map(({ bytes }) => bytes)
    for (const bytes of sent) expect(decodeDatagram(bytes, 7000)).toEqual({ kind: 'question', ip: '10.77.0.1', from: 'app' })
    expect(new Set(sent.map(bytes => Buffer.from(bytes.subarray(18, 30)).toString('hex'))).size).toBe(sent.length)
  })

  test('on demand goes to everybody and to the subnet', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    await b.clock.advance(0)
    b.listener.ask()
    expect(b.asked()).toEqual([EVERYBODY, EVERYBODY, SUBNET])
  })
})

describe('trouble', () => {
  test('a port taken by another program is a fault in the view; the other ports work and it is opened when it is free', async () => {
    await using b = await bench()
    b.net.taken.add(6667)
    await b.listener.start(b.scope)
    expect(b.listener.view()).toMatchObject({ listening: [6666, 7000], fault: { code: 'net.port-taken', context: { port: 6667 } } })
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    await b.clock.advance(5000)
    expect(b.heard).toHaveLength(1)
    expect(b.lines.filter(line => line.text === 'a port cannot be opened')).toHaveLength(1)
    b.net.taken.clear()
    await b.clock.advance(1000)
    expect(b.listener.view()).toMatchObject({ listening: [6666, 6667, 7000], fault: null })
  })

  test('without the answering port it does not ask', async () => {
    await using b = await bench()
    b.net.taken.add(7000)
    await b.listener.start(b.scope)
    await b.clock.advance(10_000)
    b.listener.ask()
    expect(b.asked()).toEqual([])
    expect(b.listener.view().counters).toMatchObject({ asked: 0 })
  })

  test('a card that is pulled and plugged again is found by itself, and the units are asked at once', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    await b.clock.advance(100)
    const before = [...b.net.sockets]
    b.net.card = null
    await b.clock.advance(1000)
    expect(b.listener.view()).toMatchObject({ listening: [], fault: { code: 'net.card-gone', context: { card: 'bench0' } } })
    expect(before.every(socket => socket.isClosed)).toBe(true)
    await b.clock.advance(60_000)
    const askedBefore = b.asked().length
    b.net.card = benchCard(9)
    await b.clock.advance(1000)
    expect(b.listener.view()).toMatchObject({ listening: [6666, 6667, 7000], fault: null })
    expect(b.asked().slice(askedBefore)).toEqual(expect.arrayContaining([EVERYBODY, SUBNET]))
    b.net.at(6666).hear(bytesOf(V1.frame), '10.77.0.21')
    await b.clock.advance(0)
    expect(b.heard).toHaveLength(1)
  })

  test('a card replaced between two looks has a new index, so the deaf sockets are replaced too', async () => {
    await using b = await bench()
    await b.listener.start(b.scope)
    b.net.card = benchCard(4)
    await b.clock.advance(1000)
    expect(b.net.sockets.map(s => s.isClosed)).toEqual([true, true, true, false, false, false])
  })

  test('a card without the bench address waits for it and says so', async () => {
    await using b = await bench()
    b.net.card = { ...benchCard(), addresses: [] }
    await b.listener.start(b.scope)
    expect(b.listener.view()).toMatchObject({ listening: [], fault: { code: 'net.card-no-address', context: { card: 'bench0', address: '10.77.0.1/24' } } })
    b.net.card = benchCard()
    await b.clock.advance(1000)
    expect(b.listener.view()).toMatchObject({ listening: [6666, 6667, 7000], fault: null })
  })

  test('closing its scope closes the sockets and leaves no timer', async () => {
    const b = await bench()
    await b.listener.start(b.scope)
    await b.clock.advance(10_000)
    await b.scope.close()
    expect(b.net.sockets.every(socket => socket.isClosed)).toBe(true)
    expect(b.clock.waiting).toBe(0)
    expect(b.lines.filter(line => line.level === 'error')).toEqual([])
  })
})

test('fifty units announcing every five seconds for an hour are all heard', async () => {
  await using b = await bench()
  await b.listener.start(b.scope)
  const frames = Array.from({ length: 50 }, (_, n) => encodeAnnouncement({ json: { ip: `10.77.0.${100 + n}`, gwId: `unit${n}`, active: 0 }, version: n % 2 === 0 ? '3.3' : '3.5', sequence: 0, nonce: new Uint8Array(12) }))
  for (let round = 0; round < 720; round += 1) {
    for (const [n, frame] of frames.entries()) b.net.at(6667).hear(frame, `10.77.0.${100 + n}`)
    await b.clock.advance(5000)
  }
  expect(b.heard).toHaveLength(50 * 720)
  expect(b.listener.view().counters).toMatchObject({ malformed: 0, dropped: 0, excess: 0 })
})
