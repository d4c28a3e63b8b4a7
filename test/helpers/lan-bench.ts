/** The smallest bench for the LAN instruments: a clock that moves when told, a network that is a list, pipes in memory. */
import { millis, type Instant, type Millis } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import type { BytePipe, Card, Clock, Endpoint, Entropy, Listener, Net, TcpOptions, UdpOptions, UdpSocket } from '../../src/main/ports.ts'

/** Lets everything that only waits for promises come to rest. */
const settle = async (): Promise<void> => { for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => { setImmediate(resolve) }) }

export class StepClock implements Clock {
  readonly world = 'virtual'
  readonly rate = 1
  #elapsed = 0
  #timers: { readonly at: number; readonly fn: () => void }[] = []

  now(): Instant { return 1_800_000_000_000 + this.#elapsed }
  monotonic(): Millis { return millis(this.#elapsed) }
  after(ms: Millis, fn: () => void): Disposable {
    const timer = { at: this.#elapsed + ms, fn }
    this.#timers.push(timer)
    return { [Symbol.dispose]: () => { this.#timers = this.#timers.filter(t => t !== timer) } }
  }
  sleep(ms: Millis, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (signal.aborted) reject(signal.reason)
    const timer = this.after(ms, resolve)
    signal.addEventListener('abort', () => { timer[Symbol.dispose](); reject(signal.reason) }, { once: true })
    return promise
  }
  /** Fires what is due, in order, with rest in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    for (;;) {
      await settle()
      const next = this.#timers.filter(t => t.at <= until).toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#timers = this.#timers.filter(t => t !== next)
      next.fn()
    }
    this.#elapsed = until
  }
  get waiting(): number { return this.#timers.length }
}

/** Counts up, so that nonces differ and runs repeat. */
export class CountingEntropy implements Entropy {
  readonly world = 'virtual'
  #next = 0
  bytes(n: number): Uint8Array<ArrayBuffer> { return Uint8Array.from({ length: n }, () => this.#next++ & 0xff) }
}

export class FakeUdp implements UdpSocket {
  readonly binding = 'device'
  readonly port: number
  readonly options: UdpOptions
  readonly counters = { sent: 0, heard: 0, failed: 0 }
  readonly sent: { readonly bytes: Uint8Array; readonly to: Endpoint }[] = []
  isClosed = false
  readonly #fns = new Set<(bytes: Uint8Array, from: Endpoint) => void>()
  constructor(options: UdpOptions) { this.options = options; this.port = options.port }
  send(bytes: Uint8Array, to: Endpoint): void { this.sent.push({ bytes, to }) }
  on(fn: (bytes: Uint8Array, from: Endpoint) => void): Disposable {
    this.#fns.add(fn)
    return { [Symbol.dispose]: () => { this.#fns.delete(fn) } }
  }
  /** The buffer is wiped afterwards, as a driver may do. */
  hear(bytes: Uint8Array, address: string): void {
    const lent = bytes.slice()
    for (const fn of this.#fns) fn(lent, { address, port: 50_000 })
    lent.fill(0)
  }
  [Symbol.dispose](): void { this.isClosed = true; this.#fns.clear() }
}

export class FakeNet implements Net {
  readonly world = 'virtual'
  card: Card | null
  readonly taken = new Set<number>()
  /** All that were ever opened, newest last. */
  readonly sockets: FakeUdp[] = []
  readonly dialled: TcpOptions[] = []
  /** What stands behind TCP; throws to refuse. */
  answer: (n: number) => BytePipe = () => { throw new Fault('net.unreachable') }
  constructor(card: Card) { this.card = card }

  interfaces(): readonly Card[] { return this.card === null ? [] : [this.card] }
  neighbours(): ReadonlyMap<string, string> { return new Map() }
  async udp(options: UdpOptions): Promise<UdpSocket> {
    if (this.taken.has(options.port)) throw new Fault('net.port-taken', { port: options.port })
    const socket = new FakeUdp(options)
    this.sockets.push(socket)
    return socket
  }
  async tcp(options: TcpOptions, signal: AbortSignal): Promise<BytePipe> {
    signal.throwIfAborted()
    this.dialled.push(options)
    return this.answer(this.dialled.length)
  }
  async listen(): Promise<Listener> { throw new Error('nobody listens here') }
  /** The open socket of a port. */
  at(port: number): FakeUdp {
    const socket = this.sockets.findLast(s => s.port === port && !s.isClosed)
    if (socket === undefined) throw new Error(`nothing is open at ${port}`)
    return socket
  }
}

export const benchCard = (index = 3): Card => ({ name: 'bench0', index, mac: '02:00:00:00:00:01', up: true, hasLink: true, hasDefaultRoute: false, addresses: [{ address: '10.77.0.1', prefix: 24 }] })

/** Two ends of one wire. */
export function pipePair(): readonly [MemoryPipe, MemoryPipe] {
  const a = new MemoryPipe()
  const b = new MemoryPipe()
  a.peer = b
  b.peer = a
  return [a, b]
}
export class MemoryPipe implements BytePipe {
  peer: MemoryPipe | null = null
  isClosed = false
  isReset = false
  readonly #chunks: (Uint8Array | null)[] = []
  #wake: () => void = () => undefined
  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.isClosed || this.isReset || this.peer?.isClosed === true) throw new Fault('net.unreachable')
    this.peer?.give(bytes.slice())
  }
  async read(signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      signal.throwIfAborted()
      if (this.isReset) throw new Fault('net.unreachable')
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) return chunk
      await new Promise<void>(resolve => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
  give(chunk: Uint8Array | null): void { this.#chunks.push(chunk); this.#wake() }
  /** A TCP reset: both ends fail from now on. */
  reset(): void { for (const end of [this, this.peer]) if (end) { end.isReset = true; end.#wake() } }
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.peer?.give(null)
  }
}

export function keptLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  return { lines, log: new Log(line => { lines.push(line) }, () => 0) }
}
