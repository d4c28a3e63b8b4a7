/** One UDP socket of the house over one or two of Node's: never throws while sending, counts instead, forgets nothing on close. */
import { createSocket, type BindOptions, type Socket } from 'node:dgram'
import { BlockList, isIPv4 } from 'node:net'
import { formatAddress, parseAddress } from '../domain/address.ts'
import type { CardAddress, Endpoint, UdpOptions, UdpSocket } from '../ports.ts'
import type { Burst } from './burst-linux.ts'
import { faultOfSystem } from './socket-linux.ts'

/** Datagrams the system has not taken yet; a card that takes none must not fill the memory. */
const SEND_QUEUE_MAX = 1024
const LAST_ADDRESS = 2 ** 32 - 1
/** Bursts taken before Node's loop goes on; what is left makes it come back at once. */
const BURSTS_MAX = 4

type Lookup = (host: string, options: unknown, done: (error: Error | null, address: string, family: number) => void) => void
/** Only addresses are spoken to; a name must not start a DNS question. */
const noNames: Lookup = (host, _options, done) => {
  if (isIPv4(host)) done(null, host, 4)
  else done(new Error('not an IPv4 address'), '', 4)
}

export function makeDatagram(allow: readonly CardAddress[] | undefined, receiveBytes?: number): Socket {
  return createSocket({
    type: 'udp4', lookup: noNames,
    ...(allow === undefined ? {} : { sendBlockList: everythingBut(allow) }),
    ...(receiveBytes === undefined ? {} : { recvBufferSize: receiveBytes })
  })
}

/** Binds, with the system's refusal in the words of the house; gives the port. */
export async function bindDatagram(socket: Socket, how: BindOptions, options: UdpOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const refuse = (thrown: NodeJS.ErrnoException): void => {
    reject(faultOfSystem(thrown.code ?? '', { card: options.card, port: options.port, address: how.address ?? '0.0.0.0' }, thrown))
  }
  socket.once('error', refuse)
  socket.bind(how, resolve)
  await promise
  socket.off('error', refuse)
  return socket.address().port
}

export class LiveUdp implements UdpSocket {
  readonly port: number
  readonly binding: 'device' | 'address'
  readonly counters = { sent: 0, heard: 0, failed: 0 }
  readonly #sockets: readonly Socket[]
  readonly #sender: Socket
  readonly #listeners = new Set<(bytes: Uint8Array, from: Endpoint) => void>()
  readonly #burst: Burst | null
  readonly #isAllowed: (address: number) => boolean
  #isFlushDue = false
  #isClosed = false

  /** `burst`: of the one socket there is, where the system has it; `allow` as in UdpOptions. */
  constructor(sockets: readonly Socket[], sender: Socket, port: number, binding: 'device' | 'address', burst: Burst | null = null, allow?: readonly CardAddress[]) {
    this.#sockets = sockets
    this.#sender = sender
    this.port = port
    this.binding = binding
    this.#burst = burst
    const ranges = allow?.map(rangeOf) ?? [{ first: 0, last: LAST_ADDRESS }]
    this.#isAllowed = n => n === LAST_ADDRESS || ranges.some(({ first, last }) => n >= first && n <= last)
    for (const socket of sockets) {
      socket.on('error', () => { this.counters.failed += 1 })
      socket.on('message', (bytes, from) => {
        this.#hear(bytes, { address: from.address, port: from.port })
        this.#hearBursts()
      })
    }
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (this.#burst === null || this.#isClosed || !this.#putInBurst(this.#burst, bytes, to)) this.#sendByNode(bytes, to)
  }

  /** False: not for a burst, because Node is to complain about it, or has a queue of its own that comes first. */
  #putInBurst(burst: Burst, bytes: Uint8Array, to: Endpoint): boolean {
    const address = parseAddress(to.address)
    if (address === null || !this.#isAllowed(address) || this.#sender.getSendQueueCount() > 0) return false
    if (burst.isFull) this.#flush(burst)
    if (!burst.put(bytes, address, to.port)) return false
    if (!this.#isFlushDue) {
      this.#isFlushDue = true
      queueMicrotask(() => { // who sends more has no pause before
        this.#isFlushDue = false
        this.#flush(burst)
      })
    }
    return true
  }

  #flush(burst: Burst): void {
    if (this.#isClosed) return
    this.counters.sent += burst.flush((bytes, address, port) => { this.#sendByNode(bytes, { address: formatAddress(address), port }) })
  }

  #sendByNode(bytes: Uint8Array, to: Endpoint): void {
    if (this.#isClosed || this.#sender.getSendQueueCount() >= SEND_QUEUE_MAX) {
      this.counters.failed += 1
      return
    }
    try {
      this.#sender.send(new Uint8Array(bytes), to.port, to.address, thrown => { // a copy: the caller may reuse its buffer
        if (thrown) this.counters.failed += 1
        else this.counters.sent += 1
      })
    } catch {
      this.counters.failed += 1
    }
  }

  on(fn: (bytes: Uint8Array, from: Endpoint) => void): Disposable {
    this.#listeners.add(fn)
    return { [Symbol.dispose]: () => { this.#listeners.delete(fn) } }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    if (this.#burst !== null) this.#flush(this.#burst)
    this.#isClosed = true
    this.#listeners.clear()
    for (const socket of this.#sockets) socket.close()
  }

  #hearBursts(): void {
    for (let i = 0; i < BURSTS_MAX && this.#burst !== null && !this.#isClosed; i += 1) {
      if (this.#burst.receive((bytes, from, port) => { this.#hear(bytes, { address: formatAddress(from), port }) }) === 0) return
    }
  }

  #hear(bytes: Uint8Array, from: Endpoint): void {
    this.counters.heard += 1
    for (const fn of this.#listeners) {
      try { fn(bytes, from) } catch { this.counters.failed += 1 }
    }
  }
}

/** BlockList knows only what is forbidden, so the gaps between the allowed ranges are; 255.255.255.255 stays allowed. */
export function everythingBut(allow: readonly CardAddress[]): BlockList {
  const ranges = allow.map(rangeOf)
  const list = new BlockList()
  let next = 0
  for (const { first, last } of [...ranges, { first: LAST_ADDRESS, last: LAST_ADDRESS }].toSorted((a, b) => a.first - b.first)) {
    if (first > next) list.addRange(formatAddress(next), formatAddress(first - 1), 'ipv4')
    next = Math.max(next, last + 1)
  }
  return list
}

function rangeOf({ address, prefix }: CardAddress): { readonly first: number; readonly last: number } {
  const size = 2 ** (32 - prefix)
  const first = Math.floor((parseAddress(address) ?? 0) / size) * size
  return { first, last: first + size - 1 }
}
