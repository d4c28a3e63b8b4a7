/**
 * Watches for another DHCP server on the bench (facts/dhcp.md 2.7 and 3): asks like a client before ours serves, then
 * listens on the client port and to whom clients name. It finds no server that stays silent: one with a full pool or a
 * list of MACs is only caught when it speaks. After a find the bench is clear again when two probes in a row were silent.
 */
import { millis, seconds, type Millis } from '#shared'
import type { Clock, Entropy, UdpSocket } from '../ports.ts'
import { EVERYBODY } from '../domain/address.ts'
import { BROADCAST_FLAG, MESSAGE, OPTION, SERVER_PORT } from '../wire/dhcp-options.ts'
import { clientPacket, encode, macOf, messageType, serverId, type DhcpPacket } from '../wire/dhcp.ts'
import type { Log } from './log.ts'

interface GuardSettings { readonly address: string; readonly probeMs: Millis }
interface GuardSockets {
  readonly server: UdpSocket
  /** On the client port; null where it could not be had, and then offers of others go unheard. */
  readonly client: UdpSocket | null
}
export type Verdict =
  | { readonly kind: 'probing' }
  | { readonly kind: 'clear' }
  | { readonly kind: 'foreign'; readonly server: string; readonly heardBy: 'probe' | 'reply' | 'request' }

const ASK_AT_MS = [millis(0), millis(1500), millis(3000)] as const // facts/dhcp.md 3
/** From the start of one probe to the start of the next, while another server is known. */
const PROBE_EVERY_MS = seconds(15)
const SILENT_PROBES_AFTER_FIND = 2
/** Somebody waits for it; three questions are out by then. */
const ASK_AGAIN_MS_MAX = seconds(10)
const SERVER_TYPES: ReadonlySet<number | null> = new Set([MESSAGE.offer, MESSAGE.ack, MESSAGE.nak])

export class DhcpGuard {
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #log: Log
  readonly #settings: GuardSettings
  readonly #onVerdict: (verdict: Verdict) => void
  /** The client we pretend to be; a new one for each probe. */
  #probeMac: string | null = null
  #verdict: Verdict = { kind: 'probing' }
  #silentNeeded = 1
  #wake: (() => void) | null = null
  #sockets: GuardSockets | null = null

  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy }, log: Log, settings: GuardSettings, onVerdict: (verdict: Verdict) => void) {
    this.#clock = ports.clock
    this.#entropy = ports.entropy
    this.#log = log
    this.#settings = settings
    this.#onVerdict = onVerdict
  }

  get verdict(): Verdict {
    return this.#verdict
  }

  /** Probes until the bench is clear, then rests until somebody is found; on and on until the signal aborts. */
  async run(sockets: GuardSockets, signal: AbortSignal): Promise<void> {
    this.#sockets = sockets
    if (this.#verdict.kind !== 'foreign') this.#tell({ kind: 'probing' })
    while (!signal.aborted) {
      const startedAt = this.#clock.monotonic()
      if (await this.#isSilent(sockets, signal)) this.#silentNeeded -= 1
      if (this.#silentNeeded <= 0) {
        this.#silentNeeded = 1
        this.#tell({ kind: 'clear' })
        await this.#isFoundWithin(null, signal)
      }
      const restMs = PROBE_EVERY_MS - (this.#clock.monotonic() - startedAt)
      await this.#clock.sleep(millis(Math.max(restMs, this.#settings.probeMs)), signal)
    }
  }

  /** One more probe while the bench is clear, because somebody wants to know; a server that answers is found as at any time. */
  async askAgain(signal: AbortSignal): Promise<Verdict> {
    if (this.#sockets === null || this.#verdict.kind !== 'clear' || this.#probeMac !== null) return this.#verdict
    const timers = this.#ask(this.#sockets)
    try {
      await this.#clock.sleep(millis(Math.min(this.#settings.probeMs, ASK_AGAIN_MS_MAX)), signal)
    } finally {
      for (const timer of timers) timer[Symbol.dispose]()
      this.#probeMac = null
    }
    return this.#verdict
  }

  /** True for what our own probe has sent: it comes back to our own port 67. */
  isOwnProbe(mac: string): boolean {
    return mac === this.#probeMac
  }

  /** A packet on the client port. Our own answers come by here too. */
  hearReply(packet: DhcpPacket, from: string): void {
    if (packet.op !== 2 || !SERVER_TYPES.has(messageType(packet))) return
    const isToProbe = this.isOwnProbe(macOf(packet)) // we never answer that one, so even "our" address is another's
    if (from === this.#settings.address && !isToProbe) return
    const named = serverId(packet)
    this.#find(named === null || named === this.#settings.address ? from : named, isToProbe ? 'probe' : 'reply')
  }

  /** A client has named another server. */
  hearNamed(server: string): void {
    this.#find(server, 'request')
  }

  #find(server: string, heardBy: 'probe' | 'reply' | 'request'): void {
    this.#silentNeeded = SILENT_PROBES_AFTER_FIND
    const isNews = this.#verdict.kind !== 'foreign' || this.#verdict.server !== server
    if (isNews) {
      this.#log.warn('another dhcp server on the bench', { server, heardBy })
      this.#tell({ kind: 'foreign', server, heardBy })
    }
    this.#wake?.()
  }

  /** The three questions of a probe, each at its time. */
  #ask(sockets: GuardSockets): readonly Disposable[] {
    const mac = randomMac(this.#entropy)
    const xid = new DataView(this.#entropy.bytes(4).buffer).getUint32(0)
    this.#probeMac = mac
    return ASK_AT_MS.filter(ms => ms < this.#settings.probeMs).map(ms => this.#clock.after(ms, () => {
      const packet = clientPacket({
        type: MESSAGE.discover, mac, xid, secs: Math.floor(ms / 1000), flags: BROADCAST_FLAG,
        options: new Map([[OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router)]])
      })
      const socket = sockets.client ?? sockets.server
      socket.send(encode(packet), { address: EVERYBODY, port: SERVER_PORT })
    }))
  }

  /** One probe; ends early when somebody answers. */
  async #isSilent(sockets: GuardSockets, signal: AbortSignal): Promise<boolean> {
    const timers = this.#ask(sockets)
    try {
      return !await this.#isFoundWithin(this.#settings.probeMs, signal)
    } finally {
      for (const timer of timers) timer[Symbol.dispose]()
      this.#probeMac = null
    }
  }

  /** Resolves at the next find, or when the time is over; null waits for ever. */
  async #isFoundWithin(ms: Millis | null, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const stop = (): void => { reject(signal.reason) }
    signal.addEventListener('abort', stop, { once: true })
    const timer = ms === null ? null : this.#clock.after(ms, () => { resolve(false) })
    this.#wake = () => { resolve(true) }
    try {
      return await promise
    } finally {
      this.#wake = null
      timer?.[Symbol.dispose]()
      signal.removeEventListener('abort', stop)
    }
  }

  #tell(verdict: Verdict): void {
    this.#verdict = verdict
    this.#onVerdict(verdict)
  }
}

/** Locally administered and not a group (IEEE 802): no product has it. */
export function randomMac(entropy: Entropy): string {
  const bytes = entropy.bytes(6)
  bytes[0] = (bytes[0] ?? 0) & 0xfc | 0x02
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':')
}
