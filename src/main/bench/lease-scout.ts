/**
 * Looks ahead for addresses that somebody uses without a lease (RFC 2131 2.2, facts/dhcp.md 4.15): in idle moments the next
 * free ones are spoken to, which makes the system ask whose they are; who answers keeps his address, and it is not lent.
 */
import { millis, seconds } from '#shared'
import type { LeasePool } from '../domain/lease-pool.ts'
import type { Clock, Net, UdpSocket } from '../ports.ts'

const ROUND_EVERY_MS = seconds(20)
/** The next block that will be offered from. */
const ADDRESSES_MAX = 16
const DISCARD_PORT = 9 // RFC 863
/** A question for an unknown neighbour is given up after 3 s; a remembered one is asked anew 5 s later, for 3 s (Linux, arp(7)). */
const NEW_AFTER_MS = millis(3500)
const OLD_AFTER_MS = millis(6500)

export class LeaseScout {
  readonly #ports: { readonly clock: Clock; readonly net: Net }
  readonly #card: string
  readonly #pool: LeasePool
  readonly #onFound: (ip: string, mac: string) => void

  constructor(ports: { readonly clock: Clock; readonly net: Net }, card: string, pool: LeasePool, onFound: (ip: string, mac: string) => void) {
    this.#ports = ports
    this.#card = card
    this.#pool = pool
    this.#onFound = onFound
  }

  async run(socket: UdpSocket, isIdle: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    while (!signal.aborted) {
      if (isIdle()) await this.#round(socket, signal)
      await clock.sleep(ROUND_EVERY_MS, signal)
    }
  }

  async #round(socket: UdpSocket, signal: AbortSignal): Promise<void> {
    const { clock, net } = this.#ports
    const known = net.neighbours(this.#card)
    const asked = this.#pool.upcoming(ADDRESSES_MAX)
    for (const address of asked) socket.send(new Uint8Array(1), { address, port: DISCARD_PORT })
    await clock.sleep(NEW_AFTER_MS, signal)
    this.#compare(asked.filter(ip => !known.has(ip)))
    await clock.sleep(OLD_AFTER_MS, signal)
    this.#compare(asked)
  }

  #compare(asked: readonly string[]): void {
    const known = this.#ports.net.neighbours(this.#card)
    for (const ip of asked) {
      const mac = known.get(ip)
      if (mac !== undefined) this.#onFound(ip, mac)
    }
  }
}
