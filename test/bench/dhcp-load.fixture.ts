/**
 * A bounded load of DHCP clients on one card, in a network namespace: orders come as lines of JSON, figures go back the same
 * way. Plain broadcast clients; what they do follows from the seed. It writes and reads packets by position, not with our codec,
 * so that it costs little and a mistake of ours is not made twice.
 */
import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Burst } from '../../src/main/live/burst-linux.ts'
import { loadLinux } from '../../src/main/live/socket-linux.ts'
import { readQuestion } from '../../src/main/wire/dhcp-exchange.ts'
import { decode } from '../../src/main/wire/dhcp.ts'
import { DHCLIENT_INIT_REBOOT, KILLERS, UDHCPC_DISCOVER, UDHCPC_REQUEST } from '../golden/dhcp.ts'
import { mulberry, mutate } from '../helpers/dhcp-mutate.ts'
import { rateOf } from '../helpers/dhcp-rate.ts'

interface Order {
  readonly kind: 'ready' | 'storm' | 'rate' | 'askers' | 'fuzz'
  /** First client; clients of different orders are different unless their numbers meet. */
  readonly first: number
  readonly clients: number
  /** DISCOVERs a second and how many of them; a storm spreads its own over 50 ms. */
  readonly rate?: number
  readonly exchanges?: number
  /** Of askers: where they ask beside everybody; of the fuzzer: the server. */
  readonly server?: string
  /** Of the fuzzer: the process it is sent to. */
  readonly pid?: number
}
interface Exchange { readonly client: number; readonly xid: number; readonly startedAt: number; retryAt: number; state: 'discover' | 'request' | 'done' }

const ORDER_MAX = 200_000 // exchanges
const STORM_MS = 50 // facts/dhcp.md 2.4
const STORM_END_MS = 15_000
const RETRY_MS = 4000 // RFC 2131 4.1: 4 s, give or take one
const LOST_AFTER_MS = 1000
const READY_MS = 20_000
const [card = 'eth0', seedText = '1'] = process.argv.slice(2)
const random = mulberry(Number(seedText))
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

const template = Buffer.alloc(300)
template.set([1, 1, 6]) // op, htype, hlen
template[10] = 0x80 // answers by broadcast: these hardware addresses are not the card's
template.writeUInt32BE(0x63825363, 236)
const discover = Buffer.from(template)
discover.set([53, 1, 1, 55, 4, 1, 3, 6, 51, 255], 240)
const request = Buffer.from(template)
for (const packet of [template, discover, request]) packet.set([0x02, 0x4c], 28) // hardware address: locally administered, then the client's number
request.set([53, 1, 3, 50, 4, 0, 0, 0, 0, 54, 4, 0, 0, 0, 0, 55, 4, 1, 3, 6, 51, 255], 240)

const open = new Map<number, Exchange>()
let xids = Math.floor(random() * 2 ** 31)
let onDone: (exchange: Exchange) => void = () => undefined
let sent = 0

function openSocket(): Promise<{ readonly socket: Socket; readonly burst: Burst }> {
  const linux = loadLinux()
  const fd = linux?.openUdp({ card, port: 68, isBroadcast: true, receiveBytes: 8 * 1024 * 1024 })
  const many = fd === undefined ? null : linux?.burst(fd)
  if (fd === undefined || !many) throw new Error('this load needs 64-bit Linux and koffi')
  linux?.ignoreOwnBroadcasts(fd)
  const made = createSocket('udp4')
  made.on('message', hear)
  return new Promise(resolve => made.bind({ fd }, () => resolve({ socket: made, burst: many })))
}
const { socket, burst } = await openSocket()

function speak(packet: Buffer, { client, xid }: Exchange): void {
  const bytes = Buffer.from(packet)
  bytes.writeUInt32BE(xid, 4)
  bytes.writeUInt32BE(client, 30)
  socket.send(bytes, 67, '255.255.255.255')
}

function begin(client: number, now: number): Exchange {
  xids = xids + 1 >>> 0
  const exchange: Exchange = { client, xid: xids, startedAt: now, retryAt: now + RETRY_MS + (random() * 2 - 1) * 1000, state: 'discover' }
  open.set(exchange.xid, exchange)
  sent += 1
  speak(discover, exchange)
  return exchange
}

function hear(bytes: Buffer): void {
  if (bytes.length < 244 || bytes[0] !== 2) return
  const exchange = open.get(bytes.readUInt32BE(4))
  if (exchange === undefined) return
  let [type, server] = [0, 0]
  for (let at = 240; at + 1 < bytes.length && bytes[at] !== 255; at += bytes[at] === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === 53) type = bytes[at + 2] ?? 0
    if (bytes[at] === 54 && at + 6 <= bytes.length) server = at + 2
  }
  if (type === 2 && exchange.state === 'discover') {
    exchange.state = 'request'
    const answer = Buffer.from(request)
    bytes.copy(answer, 245, 16, 20)
    bytes.copy(answer, 251, server, server + 4)
    speak(answer, exchange)
  } else if (type === 5 && exchange.state === 'request') {
    exchange.state = 'done'
    open.delete(exchange.xid)
    onDone(exchange)
  }
}

/** One client asks again and again until somebody answers. */
async function ready(order: Order): Promise<object> {
  const end = performance.now() + READY_MS
  const done: Exchange[] = []
  onDone = exchange => { done.push(exchange) }
  while (done.length === 0 && performance.now() < end) {
    begin(order.first, performance.now())
    await pause(200)
  }
  open.clear()
  return { isReady: done.length > 0 }
}

/** All DISCOVERs inside 50 ms; ms from the first of them until the last ACK, and how many were sent in all. */
async function storm(order: Order): Promise<object> {
  const start = performance.now()
  let [done, last] = [0, 0]
  sent = 0
  onDone = () => { done += 1; last = performance.now() - start }
  for (let i = 0; i < order.clients;) {
    const due = Math.min(order.clients, Math.ceil((performance.now() - start) / STORM_MS * order.clients))
    for (; i < due; i += 1) begin(order.first + i, performance.now())
    await pause(1)
  }
  while (done < order.clients && performance.now() - start < STORM_END_MS) {
    await pause(5)
    const now = performance.now()
    for (const old of [...open.values()].filter(e => e.retryAt < now)) {
      open.delete(old.xid)
      begin(old.client, now)
    }
  }
  open.clear()
  return { ms: last, done, sent }
}

/** Exchanges at an even rate, without repeats: latency from DISCOVER to ACK, and what never came to its end. */
async function rate(order: Order): Promise<object> {
  const { first, clients, rate: perSecond = 200, exchanges = 200 } = order
  const many = Math.min(exchanges, ORDER_MAX)
  xids = xids + many + 1 >>> 0
  await pause(0)
  return rateOf(burst, { discover, request }, { first, clients, rate: perSecond, exchanges: many, offset: Math.floor(random() * clients) }, xids - many >>> 0)
}

/** Each kind of client of another network, asking everybody, and the server by its address on that network. */
async function askers(order: Order): Promise<object> {
  const kinds = [[53, 1, 1], [53, 1, 3, 50, 4, 10, 77, 0, 30], [53, 1, 3, 50, 4, 10, 77, 0, 31, 54, 4, 10, 77, 0, 1], [53, 1, 3], [53, 1, 4, 50, 4, 10, 77, 0, 32, 54, 4, 10, 77, 0, 1], [53, 1, 7], [53, 1, 8]]
  for (let i = 0; i < order.clients; i += 1) {
    const bytes = Buffer.from(template)
    const kind = i % kinds.length
    bytes.set([...kinds[kind] ?? [], 255], 240)
    if (kind === 3 || kind >= 5) bytes.set([10, 77, 0, 33], 12) // ciaddr of who renews, releases, informs
    bytes.writeUInt32BE(i, 4)
    bytes.set([0x02, 0x4e], 28)
    bytes.writeUInt32BE(order.first + i, 30)
    socket.send(bytes, 67, i % 3 === 0 && order.server !== undefined ? order.server : '255.255.255.255')
    if (i % 20 === 0) await pause(1)
  }
  await pause(200)
  return { sent: order.clients }
}

const FUZZ_AT_ONCE = 4
const GOOD_EVERY = 500

/** Ms in which the machine let these two wait for a processor (proc(5), schedstat): no slowness of theirs. */
function queuedMs(pid: number): number {
  const waited = (who: string): number => Number(readFileSync(`/proc/${who}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  return waited('self') + waited(String(pid))
}

/** Mutated packets; after every 500 a client with a lease asks, and the worst time until its answer is told. What names another server is left out: that is the guard's. */
async function fuzz(order: Order): Promise<object> {
  const { exchanges: packets = 1000, server = '', pid = process.pid } = order
  const real = [UDHCPC_DISCOVER, UDHCPC_REQUEST, DHCLIENT_INIT_REBOOT]
  const seeds = [...real, ...real, ...real, ...KILLERS.map(k => k.bytes)]
  const namesAnother = (bytes: Uint8Array): boolean => {
    try {
      const question = readQuestion(decode(bytes))
      return typeof question !== 'string' && question.serverId !== null && question.serverId !== server
    } catch {
      return false
    }
  }
  let [worstMs, wallMs, unanswered, left] = [0, 0, 0, 0]
  for (let i = 0; i < packets; i += 1) {
    const bytes = mutate(seeds[Math.floor(random() * seeds.length)] ?? UDHCPC_DISCOVER, random)
    if (namesAnother(bytes)) left += 1
    else socket.send(bytes, 67, '255.255.255.255')
    if (i % FUZZ_AT_ONCE === 0) await pause(0)
    if (i % GOOD_EVERY !== 0) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    onDone = () => resolve()
    const queued = queuedMs(pid)
    const exchange = begin(order.first, performance.now())
    await Promise.race([promise, pause(LOST_AFTER_MS)])
    const tookMs = performance.now() - exchange.startedAt
    if (exchange.state === 'done') [worstMs, wallMs] = [Math.max(worstMs, tookMs - queuedMs(pid) + queued), Math.max(wallMs, tookMs)]
    else unanswered += 1
    open.clear()
  }
  return { packets: packets - left, worstMs, wallMs, unanswered }
}

const WORK = { ready, storm, rate, askers, fuzz }
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order // by scripts/bench/dhcp.mjs
  process.stdout.write(`${JSON.stringify(await WORK[order.kind](order))}\n`)
}
socket.close()
