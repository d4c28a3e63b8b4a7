/**
 * Which box on the bench another DHCP server is: its MAC by its lease from us, by the system's neighbour table, or, for one that lives
 * in another net, by its frames on the wire, where the right to look at those is there. Else it is not known.
 */
import type { FrameEar, Net } from '../ports.ts'
import { readAnswerFrame } from '../wire/dhcp-frame.ts'
import type { Scope } from './scope.ts'

/** Servers whose frames are remembered; a bench has one at most, in one hundred days. */
const KNOWN_MAX = 64

export class OtherServers {
  readonly #net: Net
  readonly #card: string
  readonly #leasedMac: (ip: string) => string | null
  readonly #macs = new Map<string, string>()
  #ear: FrameEar | null = null

  constructor(net: Net, card: string, leasedMac: (ip: string) => string | null) {
    this.#net = net
    this.#card = card
    this.#leasedMac = leasedMac
  }

  /** Listens for as long as the scope lives. */
  listen(scope: Scope): void {
    const ear = this.#net.answers?.(this.#card) ?? null
    if (ear === null) return
    this.#ear = scope.own(ear)
    scope.own(() => { this.#ear = null })
  }

  macOf(server: string): string | null {
    this.hear()
    return this.#leasedMac(server) ?? this.#net.neighbours(this.#card).get(server) ?? this.#macs.get(server) ?? null
  }

  /** Takes down what was on the wire. */
  hear(): void {
    for (const frame of this.#ear?.take() ?? []) {
      const heard = readAnswerFrame(frame)
      if (heard === null) continue
      if (this.#macs.size >= KNOWN_MAX) this.#macs.clear()
      for (const server of heard.servers) this.#macs.set(server, heard.mac)
    }
  }
}
