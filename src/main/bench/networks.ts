/**
 * The bench's Wi-Fi networks: which one the next code names, and what the bench has seen of each. A password leaves here
 * only into the code. With rotation, everybody who ever read a code is off the network some shifts later.
 */
import { hours, payloadOf, type Instant, type StopReason, type WifiView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Proc } from '../ports.ts'
import type { Ledger } from './ledger.ts'
import type { Secret } from './log.ts'

export interface Network { readonly ssid: string; readonly password: Secret<string> }
export interface NetworkSettings {
  readonly networks: readonly Network[]
  readonly rotate: 'never' | 'shift' | 'wave'
  /** Run with the network's name before a code names it, so that the access point follows; empty: none. */
  readonly command: string
}

const SHIFT = hours(8)
/** Waves looked at for what became of a network. */
const WAVES = 50

export class Networks {
  readonly #ledger: Ledger
  readonly #settings: NetworkSettings
  /** The network the access point was last switched to in this run. */
  #switchedTo: string | null = null
  /** Which network is tried now (bench/wifi-test.ts), and until when. */
  testing: { readonly ssid: string; readonly until: Instant } | null = null

  constructor(ledger: Ledger, settings: NetworkSettings) {
    this.#ledger = ledger
    this.#settings = settings
  }

  /** Faults: `wifi.wrong` when there is no such network. */
  pick(ssid: string | undefined, now: Instant): Network {
    const found = ssid === undefined ? this.#next(now) : this.#settings.networks.find(n => n.ssid === ssid)
    if (!found) throw new Fault('wifi.wrong', { ssid: ssid ?? '' })
    return found
  }

  /** Faults: `wifi.wrong` when the command does not end well; its words are in the context. */
  async switchTo(network: Network, proc: Proc, signal: AbortSignal): Promise<void> {
    const { command } = this.#settings
    if (command === '' || this.#switchedTo === network.ssid) return
    const { code, stderr } = await proc.run(command, [network.ssid], signal)
    if (code !== 0) throw new Fault('wifi.wrong', { ssid: network.ssid, code, text: stderr.slice(0, 120) })
    this.#switchedTo = network.ssid
  }

  view(now: Instant): WifiView[] {
    const next = this.#next(now)
    return this.#settings.networks.map(n => ({ ssid: n.ssid, ...payloadOf(n.ssid, n.password.reveal()), ...this.#seen(n.ssid), isNext: n === next, test: this.#testOf(n.ssid) }))
  }

  #next(now: Instant): Network | undefined {
    const { networks, rotate } = this.#settings
    const turn = { never: 0, shift: Math.floor(now / SHIFT), wave: this.#ledger.lastWaves(1).length === 0 ? 0 : this.#after() }[rotate]
    return networks[turn % Math.max(1, networks.length)]
  }

  /** The place after the network of the last wave. */
  #after(): number {
    const last = this.#ledger.lastWaves(1)[0]?.ssid
    return this.#settings.networks.findIndex(n => n.ssid === last) + 1
  }

  /** A test runs, or the newest one; null: never. */
  #testOf(ssid: string): Exclude<WifiView['test'], undefined> {
    return this.testing?.ssid === ssid ? { until: this.testing.until } : this.#ledger.mark('wifi', ssid)
  }

  /** From the newest wave that tells: somebody joined, or nobody could. */
  #seen(ssid: string): Pick<WifiView, 'state' | 'joinedAt'> {
    for (const wave of this.#ledger.lastWaves(WAVES).filter(w => w.ssid === ssid)) {
      const nobody: StopReason = 'no-join'
      if (wave.stopReason === nobody) return { state: 'failed', joinedAt: null }
      const joins = this.#ledger.jobsOfWave(wave.uid).flatMap(j => this.#ledger.unit(j.unit)?.evidence.filter(e => e.kind === 'joined' && e.at >= wave.openedAt) ?? [])
      if (joins.length > 0) return { state: 'joined', joinedAt: Math.max(...joins.map(e => e.at)) }
    }
    return { state: 'untried', joinedAt: null }
  }
}
