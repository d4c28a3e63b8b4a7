/**
 * What each network card of this computer hears, for whoever has to choose the bench card: cameras announce themselves and
 * ask for an address there, an office does neither. It only listens and never says a word on a card.
 */
import { seconds, type CardHeard, type CardView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Ports } from '../ports.ts'
import { SERVER_PORT } from '../wire/dhcp-options.ts'

/** Who gets no address asks again after 20 s (udhcpc's pause between its rounds). */
const LISTEN = seconds(25)
/** facts/tuya.md 4.1. */
const UNIT_PORTS = [6666, 6667, 7000] as const
/** Different senders that are told apart; a bench has a tenth of that. */
const SENDERS_MAX = 2000

export interface BenchHeard { readonly units: number; readonly asking: number }

export class CardEar {
  readonly #ports: Pick<Ports, 'clock' | 'net'>
  readonly #benchCard: string
  readonly #benchHeard: () => BenchHeard
  readonly #heard = new Map<string, CardHeard>()

  /** `benchHeard`: what the station's own sockets on the bench card have heard since its start; nobody else may open those ports there. */
  constructor(ports: Pick<Ports, 'clock' | 'net'>, benchCard: string, benchHeard: () => BenchHeard) {
    this.#ports = ports
    this.#benchCard = benchCard
    this.#benchHeard = benchHeard
  }

  list(): CardView[] {
    return this.#ports.net.interfaces().filter(c => c.name !== 'lo').map(c => ({
      name: c.name, mac: c.mac, address: c.addresses[0]?.address ?? null, isUp: c.up && c.hasLink !== false, isOffice: c.hasDefaultRoute, isBench: c.name === this.#benchCard, heard: this.#heard.get(c.name) ?? null
    }))
  }

  /** Faults: `net.card-not-found`. What could not be opened stands in the answer. */
  async listen(card: string, signal: AbortSignal): Promise<void> {
    const { clock, net } = this.#ports
    if (!net.interfaces().some(c => c.name === card)) throw new Fault('net.card-not-found', { card })
    const heard = card === this.#benchCard ? this.#ofBench() : await this.#ofOther(card, signal)
    this.#heard.set(card, { at: clock.now(), seconds: LISTEN / 1000, ...heard })
  }

  #ofBench(): Omit<CardHeard, 'at' | 'seconds'> {
    return { ...this.#benchHeard(), fault: null }
  }

  async #ofOther(card: string, signal: AbortSignal): Promise<Omit<CardHeard, 'at' | 'seconds'>> {
    const { clock, net } = this.#ports
    const units = new Set<string>()
    const asking = new Set<string>()
    let fault: Fault | null = null
    using sockets = new DisposableStack()
    for (const [port, senders] of [...UNIT_PORTS.map(n => [n, units] as const), [SERVER_PORT, asking] as const]) {
      try {
        const socket = sockets.use(await net.udp({ card, port, broadcast: true }))
        // A unit without an address sends from 0.0.0.0; its hardware address stands in the question (RFC 2131 2).
        sockets.use(socket.on((bytes, from) => { if (senders.size < SENDERS_MAX) senders.add(senders === asking ? hardwareOf(bytes) : from.address) }))
      } catch (thrown) {
        fault = Fault.from(thrown)
      }
    }
    await clock.sleep(LISTEN, signal)
    return { units: units.size, asking: asking.size, fault: fault?.toView() ?? null }
  }
}

const CHADDR_AT = 28
function hardwareOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(CHADDR_AT, CHADDR_AT + 6), byte => byte.toString(16).padStart(2, '0')).join(':')
}
