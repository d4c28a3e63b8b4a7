/**
 * The bench's way to the internet, set up and taken down again: card address, our own nftables table, forwarding, a DNS
 * forwarder. Every change is written down before it is made, so `down` takes away exactly what was made, also after a crash;
 * what was there before is never touched. Runs as root, in a program of its own; the station stays without rights.
 */
import { millis, type FaultView } from '#shared'
import { networkOf } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import { closedNetworks, type Gateway } from '../domain/gateway.ts'
import type { Disk, Ports } from '../ports.ts'
import { encodeRules, TABLE } from '../wire/nftables.ts'
import { changeText, isThere, make, rowsOf, unmake, type Change, type Machine } from './gateway-changes.ts'

export interface BenchGatewaySettings {
  readonly card: string
  readonly address: string
  readonly prefix: number
  readonly gateway: Gateway
  /** The card towards the internet; empty: the one of the default route. */
  readonly upstream: string
  /** Private networks units may reach all the same. */
  readonly open: readonly string[]
  /** Where DNS questions go; none: where the machine's own go. */
  readonly servers: readonly string[]
  /** Folder of the Disk port, as the programs see it. */
  readonly folder: string
  readonly stateName: string
}
export interface BenchGatewayView {
  readonly way: Gateway['way']
  /** Everything the configuration asks for is there. */
  readonly isUp: boolean
  /** What we made and have not taken down. */
  readonly changes: readonly { readonly what: string; readonly isThere: boolean | null }[]
  /** What the configuration asks for and is not there. */
  readonly missing: readonly string[]
  /** What may stand in the way although it is not ours. */
  readonly obstacles: readonly string[]
  /** What the configuration must say before anything can be set up; null: enough. */
  readonly wanting: string | null
  readonly fault: FaultView | null
}
/** Files of the helper: what it has changed, and the rules. */
type GatewayPorts = Pick<Ports, 'proc' | 'net' | 'clock'> & { readonly disk: Pick<Disk, 'read' | 'writeAtomic' | 'remove'> }
interface Kept { readonly version: 1; readonly changes: readonly Change[] }

const RULES_NAME = 'bench-net.nft'
const PID_NAME = 'dnsmasq.pid'
const PAUSE = millis(100)
/** Nothing in it is secret, and `status` is for everybody. */
const READABLE = 0o644
const KINDS: readonly string[] = ['link', 'address', 'sysctl', 'rules', 'dns', 'route', 'rule'] satisfies readonly Change['kind'][]

export class BenchGateway {
  readonly #ports: GatewayPorts
  readonly #settings: BenchGatewaySettings
  readonly #machine: Machine

  constructor(ports: GatewayPorts, settings: BenchGatewaySettings) {
    this.#ports = ports
    this.#settings = settings
    this.#machine = { proc: ports.proc, pause: signal => ports.clock.sleep(PAUSE, signal) }
  }

  /** Again and again the same. Whatever fails, nothing is left half made. Faults: `net.gateway-failed`, `net.card-not-found`. */
  async up(signal: AbortSignal): Promise<void> {
    const { plan, rules } = await this.#plan(signal)
    if (this.#kept().some(made => !plan.some(wished => isSame(made, wished)))) await this.down(signal) // made for another configuration
    try {
      this.#ports.disk.writeAtomic(RULES_NAME, new TextEncoder().encode(rules), READABLE)
      for (const change of plan) await this.#make(change, signal)
    } catch (thrown) {
      await this.down(signal)
      throw thrown
    }
  }

  /** Takes down what was made and is still there, newest first. Faults: `net.gateway-failed` with what would not go. */
  async down(signal: AbortSignal): Promise<void> {
    const stuck: Change[] = []
    for (const change of this.#kept().toReversed()) {
      if (await isThere(this.#machine, change, signal) !== false) await unmake(this.#machine, change, signal)
      if (await isThere(this.#machine, change, signal) === false) this.#keep(this.#kept().filter(kept => !isSame(kept, change)))
      else stuck.push(change)
    }
    if (stuck.length > 0) throw new Fault('net.gateway-failed', { text: `could not be taken down: ${stuck.map(changeText).join('; ')}` })
    for (const name of [this.#settings.stateName, RULES_NAME, PID_NAME]) this.#ports.disk.remove(name)
  }

  async view(signal: AbortSignal): Promise<BenchGatewayView> {
    const kept = this.#kept()
    const changes = await Promise.all(kept.map(async change => ({ what: changeText(change), isThere: await isThere(this.#machine, change, signal) })))
    let [missing, fault]: [string[], FaultView | null] = [[], null]
    const wanting = this.#wanting()
    try {
      for (const change of wanting === null ? (await this.#plan(signal)).plan : []) if (await isThere(this.#machine, change, signal) === false) missing.push(changeText(change))
    } catch (thrown) {
      fault = Fault.from(thrown).toView()
    }
    const { way } = this.#settings.gateway
    return { way, isUp: kept.length > 0 && missing.length === 0 && wanting === null && fault === null, changes, missing, obstacles: way === 'station' ? await this.#obstacles(signal) : [], wanting, fault }
  }

  async #make(change: Change, signal: AbortSignal): Promise<void> {
    const isOurs = this.#kept().some(kept => isSame(kept, change))
    const isThereNow = await isThere(this.#machine, change, signal)
    if (isThereNow === true && change.kind !== 'rules') return // ours already, or somebody else's: then it stays theirs
    if (!isOurs) this.#keep([...this.#kept(), change])
    await make(this.#machine, change, signal)
    if (await isThere(this.#machine, change, signal) !== true) throw new Fault('net.gateway-failed', { text: `was set up and is not there: ${changeText(change)}` })
  }

  async #plan(signal: AbortSignal): Promise<{ readonly plan: readonly Change[]; readonly rules: string }> {
    const { card, address, prefix, gateway, open, servers, folder } = this.#settings
    const wanting = this.#wanting()
    if (wanting !== null) throw new Fault('net.gateway-failed', { text: wanting })
    const cards = this.#ports.net.interfaces()
    const bench = cards.find(c => c.name === card)
    if (bench === undefined) throw new Fault('net.card-not-found', { card, known: cards.map(c => c.name).join(', ').slice(0, 200) })
    if (bench.hasDefaultRoute) throw new Fault('net.office-card', { card, reason: 'default route' })
    const upstream = gateway.way === 'station' ? await this.#upstream(signal) : null
    const forwarding = upstream === null ? [] : await Promise.all([card, upstream].map(name => this.#forwarding(name, signal)))
    const others = cards.filter(c => c.name !== card && c.name !== 'lo').flatMap(c => c.addresses)
    const rules = encodeRules({
      card, bench: { address, prefix }, upstream, closed: closedNetworks(others), open,
      isForwardingOurs: forwarding[1]?.kind === 'sysctl' && forwarding[1].before === '0'
    })
    const net = `${networkOf({ address, prefix })}/${prefix}`
    const plan: Change[] = [
      { kind: 'link', card },
      { kind: 'address', card, cidr: `${address}/${prefix}` },
      { kind: 'rules', file: `${folder}/${RULES_NAME}` }, // before forwarding: nothing passes that is not guarded
      ...forwarding,
      ...(gateway.way === 'router' && gateway.router !== null ? [{ kind: 'route', card, net, via: gateway.router }, { kind: 'rule', from: address }] satisfies Change[] : []),
      ...(gateway.dns.includes(address) ? [{ kind: 'dns', pidFile: `${folder}/${PID_NAME}`, address, servers }] satisfies Change[] : [])
    ]
    return { plan, rules }
  }

  #wanting(): string | null {
    const { card, address, gateway } = this.#settings
    if (card === '') return 'bench.card is empty: set it to the name of the bench card'
    return gateway.way === 'none' ? `dhcp.router is empty: set it to ${address} (the station is the router) or to a router on the bench switch` : null
  }

  /** Of one card, not of the machine: only what comes in by these two is forwarded. */
  async #forwarding(card: string, signal: AbortSignal): Promise<Change> {
    const key = `net/ipv4/conf/${card}/forwarding`
    const known = this.#kept().find(c => c.kind === 'sysctl' && c.key === key)
    if (known) return known
    const { code, stdout, stderr } = await this.#ports.proc.run('sysctl', ['-n', key], signal)
    if (code !== 0) throw new Fault('net.gateway-failed', { program: 'sysctl', text: stderr.trim().slice(0, 200), ...(stderr.includes('ENOENT') ? { line: 'sudo apt install procps' } : {}) })
    return { kind: 'sysctl', key, before: stdout.trim(), after: '1' }
  }

  async #upstream(signal: AbortSignal): Promise<string> {
    const { upstream, card } = this.#settings
    if (upstream !== '') {
      if (!this.#ports.net.interfaces().some(c => c.name === upstream)) throw new Fault('net.card-not-found', { card: upstream })
      return upstream
    }
    const rows = rowsOf((await this.#ports.proc.run('ip', ['-j', '-4', 'route', 'show', 'default'], signal)).stdout)
    const metric = (row: Readonly<Record<string, unknown>>): number => typeof row['metric'] === 'number' ? row['metric'] : 0
    const best = rows.filter(row => typeof row['dev'] === 'string' && row['dev'] !== card).toSorted((a, b) => metric(a) - metric(b))[0]
    if (best === undefined) throw new Fault('net.gateway-failed', { text: 'no card has a default route; name the one with the internet: --gateway.upstream CARD' })
    return String(best['dev'])
  }

  /** Chains of other programs that drop what they do not know: a table of ours cannot overrule them. */
  async #obstacles(signal: AbortSignal): Promise<string[]> {
    const { code, stdout } = await this.#ports.proc.run('nft', ['-j', 'list', 'chains'], signal)
    if (code !== 0) return []
    const parsed = parseJson(stdout)
    const items = isObject(parsed) && Array.isArray(parsed['nftables']) ? parsed['nftables'] : []
    return items.flatMap((item: unknown) => {
      const chain = isObject(item) && isObject(item['chain']) ? item['chain'] : {}
      const isOther = chain['hook'] === 'forward' && chain['policy'] === 'drop' && chain['table'] !== TABLE && chain['family'] !== 'ip6'
      return isOther ? [`table ${String(chain['family'])} ${String(chain['table'])}, chain ${String(chain['name'])}: drops what it does not know; allow ${this.#settings.card} there`] : []
    })
  }

  /** Faults: `net.gateway-failed` when the file is not ours to read; guessing would take down somebody else's. */
  #kept(): readonly Change[] {
    const bytes = this.#ports.disk.read(this.#settings.stateName)
    if (bytes === null) return []
    const parsed = parseJson(new TextDecoder().decode(bytes))
    const changes = isObject(parsed) && parsed['version'] === 1 ? parsed['changes'] : null
    if (!Array.isArray(changes) || !changes.every(isChange)) throw new Fault('net.gateway-failed', { text: `${this.#settings.folder}/${this.#settings.stateName} makes no sense; look at it, then remove it` })
    return changes
  }

  #keep(changes: readonly Change[]): void {
    const kept: Kept = { version: 1, changes }
    this.#ports.disk.writeAtomic(this.#settings.stateName, new TextEncoder().encode(JSON.stringify(kept, null, 1)), READABLE)
  }
}

/** The value from before does not make another change of it. */
function isSame(a: Change, b: Change): boolean {
  return identityOf(a) === identityOf(b)
}

function identityOf(change: Change): string {
  return JSON.stringify({ ...change, before: null }, Object.keys({ ...change, before: null }).toSorted())
}

function isChange(x: unknown): x is Change {
  return isObject(x) && KINDS.some(kind => kind === x['kind']) && Object.entries(x).every(([name, value]) => name === 'servers' ? Array.isArray(value) && value.every(v => typeof v === 'string') : typeof value === 'string')
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x)
}

function parseJson(text: string): unknown {
  try { return JSON.parse(text) as unknown } catch { return null }
}
