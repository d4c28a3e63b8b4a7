/**
 * The Wi-Fi test before a wave: does the bench see anything join? Somebody takes a test camera or a phone to the network; the
 * first address that is lent meanwhile to a card which is no wired unit of ours is a join. A wave that nobody can join costs a
 * whole token; this costs a minute.
 */
import { seconds, type WifiView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Proc } from '../ports.ts'
import { withDeadline } from './clockwork.ts'
import type { LeaseEvent } from './dhcp-server.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Networks } from './networks.ts'
import type { Scope } from './scope.ts'

/** facts/qr-display.md and the wave itself: who has not joined in this time will not. */
const TEST_LASTS = seconds(60)

export interface WifiTestBench { readonly clock: Clock; readonly ledger: Ledger; readonly networks: Networks; readonly proc: Proc; readonly onLease: (fn: (e: LeaseEvent) => void) => Disposable }

export class WifiTest {
  readonly #bench: WifiTestBench
  readonly #log: Log
  readonly #scope: Scope

  constructor(bench: WifiTestBench, log: Log, scope: Scope) {
    this.#bench = bench
    this.#log = log
    this.#scope = scope
  }

  /** Begins; what came of it stands in the view. Faults: `wifi.wrong` for an unknown network, `wifi.testing` while one is tried. */
  begin(ssid: string | undefined): readonly WifiView[] {
    const { clock, networks } = this.#bench
    const network = networks.pick(ssid, clock.now())
    if (networks.testing !== null) throw new Fault('wifi.testing', { ssid: networks.testing.ssid })
    networks.testing = { ssid: network.ssid, until: clock.now() + TEST_LASTS }
    this.#scope.spawn(signal => this.#try(network.ssid, signal), fault => this.#log.fault('the Wi-Fi could not be tried', fault))
    return networks.view(clock.now())
  }

  async #try(ssid: string, signal: AbortSignal): Promise<void> {
    const { clock, ledger, networks, proc } = this.#bench
    try {
      await networks.switchTo(networks.pick(ssid, clock.now()), proc, signal)
      const mac = await withDeadline(clock, TEST_LASTS, 'wifi.wrong', { ssid }, until => this.#firstJoin(until), signal).catch((thrown: unknown) => {
        if (signal.aborted || Fault.from(thrown).code !== 'wifi.wrong') throw thrown
        return null
      })
      networks.testing = null
      ledger.append({ body: { kind: 'wifi.tested', ssid, mac } })
    } finally {
      networks.testing = null
    }
  }

  async #firstJoin(signal: AbortSignal): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    using _leases = this.#bench.onLease(event => { if (event.kind === 'bound' && !this.#isWired(event.mac)) resolve(event.mac) })
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** A unit on a cable gets its address in the same way. */
  #isWired(mac: string): boolean {
    const { ledger } = this.#bench
    const uid = ledger.unitByAlias({ kind: 'mac', value: mac })
    const unit = uid === null ? null : ledger.unit(uid)
    return unit !== null && (unit.method === 'wired' || unit.lane !== null)
  }
}
