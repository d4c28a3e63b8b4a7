/**
 * A program's first thousands of packets take it many times as long as the next ones, and the first rack of the day would wait for
 * that. So while the bench is probed, the server is opened once more, over a cable that leads nowhere and a ledger that keeps
 * nothing, and serves clients that do not exist: nothing of it is sent, counted or written.
 */
import { millis } from '#shared'
import { EVERYBODY } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import type { Clock, Database, Endpoint, Net, UdpOptions, UdpSocket } from '../ports.ts'
import { MESSAGE, OPTION, SERVER_PORT } from '../wire/dhcp-options.ts'
import { addressBytes, clientPacket, decode, encode } from '../wire/dhcp.ts'
import type { BenchCardSettings } from './bench-card.ts'
import type { Scope } from './scope.ts'

/** Measured: after 2,000 the engine still compiles beside the first minutes' answers, whose p99 at 200/s is then 1.1 ms; after these it is 0.5. */
const EXCHANGES = 16000
const CLIENTS = 64
/** Then the bench has its turn: a few milliseconds, and nobody is served yet. */
const AT_ONCE = 32
const REST_MS = millis(1)
/** Of the promises between the cable and the answer, with room. */
const TURNS = 8
const OPENING_LOOKS_MAX = 200
const GUARD_LOOKS = 5

export interface Stage {
  readonly clock: Clock
  readonly settings: BenchCardSettings
  /** Starts a server like the real one on these ports; it lives as long as the rehearsal. */
  readonly open: (net: Net, db: Database, scope: Scope) => Promise<void>
  /** Somebody is served: on a slow computer, before the rehearsal has come to its end. It stops. */
  readonly isOpen: () => boolean
}

export async function rehearse({ clock, settings, open, isOpen }: Stage, parent: Scope, signal: AbortSignal): Promise<void> {
  await using scope = parent.child('rehearsal')
  const net = new CableToNowhere(settings)
  await open(net, FORGETFUL, scope)
  const hall = await opened(net, clock, signal)
  for (let i = 0; i < EXCHANGES && !isOpen(); i += AT_ONCE) {
    const clients = Array.from({ length: AT_ONCE }, (_, k) => i + k)
    for (const n of clients) await arrive(hall, { type: MESSAGE.discover, mac: macOfClient(n), xid: n, options: askedBy(n) })
    await clock.sleep(REST_MS, signal)
    for (const said of hall.takeSaid()) {
      const offer = decode(said)
      const wish = new Map([...askedBy(offer.xid), [OPTION.requestedAddress, addressBytes(offer.yiaddr)], [OPTION.serverId, addressBytes(settings.address)]])
      await arrive(hall, { type: MESSAGE.request, mac: macOfClient(offer.xid), xid: offer.xid, options: wish })
    }
    await clock.sleep(REST_MS, signal)
    hall.takeSaid()
  }
}

/** Each alone, as most packets of a day come: what is done once for several would stay slow otherwise. */
async function arrive(hall: Hall, packet: Parameters<typeof clientPacket>[0]): Promise<void> {
  hall.hear(encode(clientPacket(packet)))
  for (let i = 0; i < TURNS; i += 1) await Promise.resolve()
}

const macOfClient = (n: number): string => `02:00:00:00:00:${(n % CLIENTS).toString(16).padStart(2, '0')}`
const NAME = new TextEncoder().encode('rehearsal')
const askedBy = (n: number): ReadonlyMap<number, Uint8Array> => new Map([
  [OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router, OPTION.dns, OPTION.leaseTime)], [OPTION.hostName, NAME],
  ...n % 2 === 0 ? [] : [[OPTION.clientId, Uint8Array.of(1, 2, 0, 0, 0, 0, n % CLIENTS)] as const]
])

async function opened(net: CableToNowhere, clock: Clock, signal: AbortSignal): Promise<Hall> {
  for (let i = 0; i < OPENING_LOOKS_MAX && net.hall === null; i += 1) await clock.sleep(REST_MS, signal)
  if (net.hall === null) throw new Fault('program.unexpected', { text: 'the rehearsal did not open' })
  for (let i = 0; i < GUARD_LOOKS; i += 1) await clock.sleep(REST_MS, signal) // its guard asks into the void first
  return net.hall
}

/** The server's socket: what is said stays in the hall. */
class Hall implements UdpSocket {
  readonly port = SERVER_PORT
  readonly binding = 'device'
  readonly counters = { sent: 0, heard: 0, failed: 0 }
  readonly #listeners = new Set<(bytes: Uint8Array, from: Endpoint) => void>()
  #said: Uint8Array[] = []

  hear(bytes: Uint8Array): void {
    for (const fn of this.#listeners) fn(bytes, FROM_NOBODY)
  }

  takeSaid(): readonly Uint8Array[] {
    const said = this.#said
    this.#said = []
    return said
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (to.address === EVERYBODY && this.#said.length < AT_ONCE) this.#said.push(bytes)
  }

  on(fn: (bytes: Uint8Array, from: Endpoint) => void): Disposable {
    this.#listeners.add(fn)
    return { [Symbol.dispose]: () => { this.#listeners.delete(fn) } }
  }

  [Symbol.dispose](): void { this.#listeners.clear() }
}

const FROM_NOBODY: Endpoint = { address: '0.0.0.0', port: 68 }

class CableToNowhere implements Net {
  readonly world = 'virtual'
  /** Null until the server has opened its socket. */
  hall: Hall | null = null
  readonly #settings: BenchCardSettings

  constructor(settings: BenchCardSettings) {
    this.#settings = settings
  }

  interfaces(): ReturnType<Net['interfaces']> {
    const { card, address, prefix } = this.#settings
    return [{ name: card, index: 1, mac: '02:00:00:00:00:ff', up: true, hasLink: true, hasDefaultRoute: false, addresses: [{ address, prefix }] }]
  }

  neighbours(): ReturnType<Net['neighbours']> { return NOBODY }

  udp({ port }: UdpOptions): Promise<UdpSocket> {
    const socket = new Hall()
    if (port === SERVER_PORT) this.hall = socket
    return Promise.resolve(socket)
  }

  tcp(): Promise<never> { return Promise.reject(new Fault('net.unreachable')) }
  listen(): Promise<never> { return Promise.reject(new Fault('net.unreachable')) }
}

const NOBODY: ReadonlyMap<string, string> = new Map()

const FORGETFUL: Database = {
  run: () => ({ changes: 0 }),
  all: () => [],
  transaction: fn => fn(),
  [Symbol.dispose]: () => undefined
}
