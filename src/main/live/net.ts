/**
 * Net by node:dgram and node:net. On Linux a UDP socket is tied to its card before it is bound (facts/dhcp.md 2.6 and 3):
 * by socket activation, else by koffi; without koffi it falls back to 'address', which hears other cards and says so.
 * Elsewhere it binds to the card's address; that path is written from documentation and untested.
 */
import { connect, createServer, type Socket } from 'node:net'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Card, Endpoint, FrameEar, Listener, ListenOptions, Net, TcpOptions, UdpOptions, UdpSocket } from '../ports.ts'
import { listCards, listNeighbours, listSentPackets } from './cards.ts'
import { StreamPipe } from './pipe.ts'
import { faultOfSystem, loadLinux, type LinuxSockets } from './socket-linux.ts'
import { bindDatagram, LiveUdp, makeDatagram } from './udp.ts'

const FIRST_INHERITED_FD = 3 // sd_listen_fds(3)
const INHERITED_MAX = 16

export interface LiveNetOptions {
  /** null: as on a machine where koffi does not load. */
  readonly linux?: LinuxSockets | null
  readonly env?: Readonly<Record<string, string | undefined>>
}

export class LiveNet implements Net {
  readonly world = 'live'
  readonly #linux: LinuxSockets | null
  /** Sockets handed over by the service manager, by port. */
  readonly #inherited: Map<number, number>

  constructor(options: LiveNetOptions = {}) {
    this.#linux = options.linux === undefined ? loadLinux() : options.linux
    this.#inherited = readInherited(options.env ?? process.env, process.pid)
  }

  interfaces(only?: string): readonly Card[] {
    return listCards(this.#linux, only)
  }

  neighbours(card: string): ReadonlyMap<string, string> {
    return listNeighbours(card)
  }

  sentPackets(): ReadonlyMap<string, number> {
    return listSentPackets()
  }

  answers(card: string): FrameEar | null {
    const index = this.interfaces(card)[0]?.index
    return index === undefined ? null : this.#linux?.answers(index) ?? null
  }

  async udp(options: UdpOptions): Promise<UdpSocket> {
    this.#card(options.card)
    if (options.route === 'system') return await udpByAddress(this.#address(options.card, options.address), options)
    const handedIn = this.#takeInherited(options)
    if (handedIn !== null) return await udpByFd(handedIn.fd, handedIn.binding, options, this.#linux)
    if (this.#linux) return await udpByFd(this.#linux.openUdp({ card: options.card, port: options.port, isBroadcast: options.broadcast === true, receiveBytes: options.receiveBytes ?? null }), 'device', options, this.#linux)
    const address = this.#address(options.card, options.address)
    return process.platform === 'linux' ? await udpByTwo(address, options) : await udpByAddress(address, options)
  }

  async tcp(options: TcpOptions, signal: AbortSignal): Promise<BytePipe> {
    signal.throwIfAborted()
    const { to } = options
    const socket = connect({ host: to.address, port: to.port, noDelay: true, ...(options.from === undefined ? {} : { localAddress: options.from }) })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = (): void => reject(signal.reason)
    const timer = setTimeout(() => reject(unreachable(to, 'no answer')), options.connectMs)
    signal.addEventListener('abort', stop, { once: true })
    socket.once('connect', resolve)
    socket.once('error', (thrown: NodeJS.ErrnoException) => {
      reject(thrown.code === 'EADDRNOTAVAIL' && options.from !== undefined
        ? new Fault('net.card-no-address', { card: options.card, address: options.from }, thrown)
        : unreachable(to, thrown.code ?? thrown.message, thrown))
    })
    try {
      await promise
      return pipeOf(socket, to)
    } catch (thrown) {
      socket.destroy()
      throw thrown
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  async listen(options: ListenOptions, accept: (pipe: BytePipe, from: Endpoint) => void): Promise<Listener> {
    this.#card(options.card)
    const address = this.#address(options.card, options.address)
    const open = new Set<Socket>()
    const server = createServer({ noDelay: true }, socket => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      const from: Endpoint = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
      const pipe = pipeOf(socket, from)
      try { accept(pipe, from) } catch { socket.destroy() }
    })
    server.maxConnections = options.connectionsMax
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', (thrown: NodeJS.ErrnoException) => reject(faultOfSystem(thrown.code ?? '', { card: options.card, port: options.port, address }, thrown)))
    server.listen({ host: address, port: options.port, exclusive: true }, resolve)
    await promise
    server.on('error', () => undefined) // running out of descriptors loses one caller, not the station
    const bound = server.address()
    return {
      port: bound !== null && typeof bound === 'object' ? bound.port : options.port,
      [Symbol.asyncDispose]: async () => {
        const closed = Promise.withResolvers<void>()
        server.close(() => closed.resolve())
        for (const socket of open) socket.destroy()
        await closed.promise
      }
    }
  }

  /**
   * A copy of the socket handed in for this port: the service manager keeps the port as long as it runs, so ours must last
   * for every opening. Null: there is none, or its card has gone and a new one stands in its place. Faults: `net.card-not-found`.
   */
  #takeInherited({ port, card }: UdpOptions): { readonly fd: number; readonly binding: 'device' | 'address' } | null {
    const fd = this.#inherited.get(port)
    if (fd === undefined) return null
    if (this.#linux === null) {
      this.#inherited.delete(port) // nobody can copy it, or look which card it is tied to, so the worse is said
      return { fd, binding: 'address' }
    }
    const tiedTo = this.#linux.cardOf(fd)
    if (tiedTo === card) return { fd: this.#linux.copy(fd), binding: 'device' }
    this.#inherited.delete(port)
    this.#linux.close(fd)
    if (tiedTo !== null) throw new Fault('net.card-not-found', { card, socketCard: tiedTo })
    return null
  }

  #card(name: string): void {
    if (!this.interfaces(name).some(card => card.name === name)) throw new Fault('net.card-gone', { card: name })
  }

  #address(card: string, wished: string | undefined): string {
    const address = wished ?? this.interfaces().find(c => c.name === card)?.addresses[0]?.address
    if (address === undefined) throw new Fault('net.card-no-address', { card })
    return address
  }
}

/** A socket the system made for us; bind() of a socket whose own bind failed "succeeds" with port 0, hence the check. */
async function udpByFd(fd: number, binding: 'device' | 'address', options: UdpOptions, linux: LinuxSockets | null): Promise<UdpSocket> {
  const socket = makeDatagram(options.allow)
  try {
    const port = await bindDatagram(socket, { fd }, options)
    if (port === 0 || (options.port !== 0 && port !== options.port)) throw new Fault('net.port-taken', { card: options.card, port: options.port })
    if (options.isDeafToSelf === true) linux?.ignoreOwnBroadcasts(fd)
    return new LiveUdp([socket], socket, port, binding, options.isBusy === true ? linux?.burst(fd) ?? null : null, options.allow)
  } catch (thrown) {
    try { socket.close() } catch { linux?.close(fd) }
    throw thrown
  }
}

/** Linux without koffi: one socket hears everything, the other sends from the bench address, so that nothing leaves by another card. */
async function udpByTwo(address: string, options: UdpOptions): Promise<UdpSocket> {
  const hearing = makeDatagram(options.allow, options.receiveBytes)
  const sending = makeDatagram(options.allow)
  try {
    const port = await bindDatagram(hearing, { address: '0.0.0.0', port: options.port, exclusive: true }, options)
    await bindDatagram(sending, { address, port: 0, exclusive: true }, options)
    if (options.broadcast === true) sending.setBroadcast(true)
    return new LiveUdp([hearing, sending], sending, port, 'address')
  } catch (thrown) {
    for (const socket of [hearing, sending]) try { socket.close() } catch { /* it never opened */ }
    throw thrown
  }
}

async function udpByAddress(address: string, options: UdpOptions): Promise<UdpSocket> {
  const socket = makeDatagram(options.allow, options.receiveBytes)
  const port = await bindDatagram(socket, { address, port: options.port, exclusive: true }, options)
  if (options.broadcast === true) socket.setBroadcast(true)
  return new LiveUdp([socket], socket, port, 'address')
}

/** LISTEN_FDS and LISTEN_FDNAMES ("dhcp67:dhcp68"): the digits at the end of a name are the port. */
export function readInherited(env: Readonly<Record<string, string | undefined>>, pid: number): Map<number, number> {
  const byPort = new Map<number, number>()
  if (env['LISTEN_PID'] !== undefined && Number(env['LISTEN_PID']) !== pid) return byPort
  const count = Math.min(Number(env['LISTEN_FDS'] ?? 0) || 0, INHERITED_MAX)
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':')
  for (let i = 0; i < count; i += 1) {
    const port = Number(/(\d+)$/.exec(names[i] ?? '')?.[1] ?? 0)
    if (port > 0) byPort.set(port, FIRST_INHERITED_FD + i)
  }
  return byPort
}

const unreachable = (to: Endpoint, reason: string, cause?: unknown): Fault => new Fault('net.unreachable', { address: to.address, port: to.port, reason }, cause)

const pipeOf = (socket: Socket, other: Endpoint): BytePipe => new StreamPipe(socket, { gone: (reason, cause) => unreachable(other, reason, cause) })
