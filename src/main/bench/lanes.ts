/**
 * Which unit stands on which lane, told by the managed switch of the bench: its forwarding table is read every two seconds
 * with the links of its ports, and its ports are lanes by the settings. A switch that does not answer is a fault in the view; what was known stays known.
 */
import { seconds, type FaultView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Switch } from '../ports.ts'
import { every, Listeners, withDeadline } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

const POLL_EVERY = seconds(2)
const ANSWER_WITHIN = seconds(10)
/** One lost round is weather. */
const FAILURES_MAX = 2

export class Lanes {
  readonly #clock: Clock
  readonly #log: Log
  /** null: the bench has no managed switch. */
  readonly #switch: Switch | null
  readonly #laneOfPort: ReadonlyMap<number, number>
  readonly #listeners = new Listeners<ReadonlyMap<string, number>>()
  #laneOfMac: ReadonlyMap<string, number> = new Map()
  #linkOfLane: ReadonlyMap<number, boolean> = new Map()
  #failures = 0
  #fault: Fault | null = null

  constructor(clock: Clock, log: Log, bench: Switch | null, ports: readonly { readonly port: number; readonly lane: number }[]) {
    this.#clock = clock
    this.#log = log
    this.#switch = bench
    this.#laneOfPort = new Map(ports.map(p => [p.port, p.lane]))
  }

  start(scope: Scope): void {
    const bench = this.#switch
    if (bench === null || this.#laneOfPort.size === 0) return
    const onFault = (fault: Fault): void => this.#log.fault('the lanes could not be read', fault)
    scope.spawn(signal => every(this.#clock, POLL_EVERY, () => this.#poll(bench, signal), onFault, signal), onFault)
  }

  /** After every round that changed something. */
  on(fn: (laneOfMac: ReadonlyMap<string, number>) => void): Disposable {
    return this.#listeners.on(fn)
  }

  laneOf(mac: string): number | null { return this.#laneOfMac.get(mac) ?? null }
  /** Whether a cable with something powered at its end is in this lane; null: nobody here can tell. */
  linkOf(lane: number | null): boolean | null { return lane === null || this.#fault ? null : this.#linkOfLane.get(lane) ?? null }
  macsOn(lane: number): readonly string[] { return [...this.#laneOfMac].filter(([, on]) => on === lane).map(([mac]) => mac) }
  view(): { readonly isOn: boolean; readonly fault: FaultView | null } { return { isOn: this.#switch !== null && this.#laneOfPort.size > 0, fault: this.#fault?.toView() ?? null } }

  async #poll(bench: Switch, signal: AbortSignal): Promise<void> {
    try {
      const [rows, links] = await withDeadline(this.#clock, ANSWER_WITHIN, 'switch.silent', {}, async own => [await bench.forwarding(own), await bench.links(own)] as const, signal)
      if (this.#fault) this.#log.info('the switch answers again')
      this.#failures = 0
      this.#fault = null
      this.#linkOfLane = new Map(Array.from(links).flatMap(([port, hasLink]) => this.#laneOfPort.has(port) ? [[this.#laneOfPort.get(port) ?? 0, hasLink] as const] : []))
      this.#take(new Map(rows.flatMap(({ mac, port }) => {
        const lane = this.#laneOfPort.get(port)
        return lane === undefined ? [] : [[mac, lane] as const]
      })))
    } catch (thrown) {
      if (signal.aborted) return
      this.#failures += 1
      if (this.#failures < FAILURES_MAX) return
      if (!this.#fault) this.#log.fault('the switch does not answer', Fault.from(thrown))
      this.#fault = Fault.from(thrown)
    }
  }

  #take(now: ReadonlyMap<string, number>): void {
    const before = this.#laneOfMac
    this.#laneOfMac = now
    const isSame = before.size === now.size && [...now].every(([mac, lane]) => before.get(mac) === lane)
    if (!isSame) this.#listeners.tell(now, fault => this.#log.fault('a listener of lanes failed', fault))
  }
}
