/**
 * The managed switch of a virtual bench: which card hangs on which of its ports. It knows only who is plugged and powered to
 * speak, as a real one does; it can be switched off.
 */
import { Fault } from '../domain/fault.ts'
import type { Forwarding, Switch } from '../ports.ts'
import type { VirtualLan } from './lan.ts'

export class VirtualSwitch implements Switch {
  readonly world = 'virtual'
  isOn = true
  readonly #lan: VirtualLan
  readonly #portOf = new Map<string, number>()

  constructor(lan: VirtualLan) {
    this.#lan = lan
  }

  /** The cable of this card goes into that port from now on. */
  cable(mac: string, port: number): void {
    this.#portOf.set(mac, port)
  }

  async forwarding(signal: AbortSignal): Promise<readonly Forwarding[]> {
    signal.throwIfAborted()
    if (!this.isOn) throw new Fault('switch.silent', { address: 'virtual' })
    const plugged = this.#lan.pluggedMacs()
    return Array.from(this.#portOf, ([mac, port]) => ({ mac, port })).filter(row => plugged.has(row.mac))
  }

  async links(signal: AbortSignal): Promise<ReadonlyMap<number, boolean>> {
    const up = new Set((await this.forwarding(signal)).map(row => row.port))
    return new Map(Array.from(this.#portOf.values(), port => [port, up.has(port)]))
  }
}
