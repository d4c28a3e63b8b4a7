/**
 * Proves, before any seat or token is spent, that bench units can reach DNS, the vendor's hosts and the time; each minute
 * again and after link-up. It asks from the station's own bench address, by the routes a unit's packets take.
 *
 * What that proves and what not: with a router on the bench switch the packets go the whole way a unit's go, except for what
 * the router holds against single units. With the station as router they prove the name server, the masquerade (answers to
 * a bench address come back by no other way), the office's firewall and the internet; but packets of our own are not
 * forwarded, so forwarding itself is looked at too, and the table of rules where we may.
 */
import { millis, seconds, type FaultView, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Gateway, Need, Target } from '../domain/gateway.ts'
import type { Endpoint, Ports } from '../ports.ts'
import { decodeDnsAnswer, encodeDnsQuestion } from '../wire/dns.ts'
import { TABLE } from '../wire/nftables.ts'
import { decodeSntpAnswer, encodeSntpQuestion } from '../wire/sntp.ts'
import { every, Listeners, withDeadline } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export interface WayOutSettings {
  readonly isOn: boolean
  readonly card: string
  readonly address: string
  readonly gateway: Gateway
  /** Each must be reachable; asked anew each time, as accounts come and go while the station runs. */
  readonly needs: () => readonly Need[]
  /** One of them must tell the time; none: time is not asked for. */
  readonly ntp: readonly string[]
  /** What to type to have it set up. */
  readonly line: string
}
export interface WayOutStep { readonly name: string; readonly isOk: boolean; readonly text: string }
export interface WayOutView {
  /** checking: not looked at since start or link-up. */
  readonly state: 'off' | 'checking' | 'open' | 'closed'
  readonly way: Gateway['way']
  readonly checkedAt: Instant | null
  readonly fault: FaultView | null
  readonly steps: readonly WayOutStep[]
}

const LOOK = seconds(1)
const AGAIN_OPEN = seconds(60)
/** Somebody may be mending it this very moment. */
const AGAIN_CLOSED = seconds(10)
/** One lost packet closes nothing. */
const AGAIN_DOUBT = seconds(5)
const FAILURES_MAX = 2
const ROUND_MAX = seconds(40)
const ANSWER_WAIT = millis(1500)
const SENDS = 2
const CONNECT = seconds(4)
const DNS_PORT = 53
const NTP_PORT = 123

export class WayOut {
  readonly #ports: Pick<Ports, 'clock' | 'entropy' | 'net' | 'proc'>
  readonly #log: Log
  readonly #settings: WayOutSettings
  readonly #listeners = new Listeners<WayOutView>()
  #view: WayOutView
  #failures = 0
  #nextAt: Millis = millis(0)
  #wasReady = false
  /** The needs as they were when it was looked at last. */
  #looked = ''

  constructor(ports: Pick<Ports, 'clock' | 'entropy' | 'net' | 'proc'>, log: Log, settings: WayOutSettings) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
    this.#view = { state: settings.isOn ? 'checking' : 'off', way: settings.gateway.way, checkedAt: null, fault: null, steps: [] }
  }

  start(scope: Scope): void {
    if (!this.#settings.isOn) return
    const onFault = (fault: Fault): void => this.#log.fault('the way out could not be looked at', fault)
    scope.spawn(signal => every(this.#ports.clock, LOOK, () => this.#look(signal), onFault, signal), onFault)
  }

  /** Told when the state changes. */
  on(fn: (view: WayOutView) => void): Disposable { return this.#listeners.on(fn) }
  view(): WayOutView { return this.#view }

  /** Null: tokens may be asked for. */
  mayAsk(): FaultView | null {
    const { state, fault } = this.#view
    const isOpen = state === 'open' && this.#looked === this.#wanted()
    return state === 'off' || isOpen ? null : fault ?? new Fault('net.way-out-unchecked').toView()
  }

  /** Resolves when tokens may be asked for; the caller's signal carries the deadline. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    while (this.mayAsk() !== null) await this.#ports.clock.sleep(LOOK, signal)
  }

  /** Everything once, whatever the card says; the first step that is not ok is why not. */
  async check(signal: AbortSignal): Promise<readonly WayOutStep[]> {
    const { gateway, ntp } = this.#settings
    const needs = this.#settings.needs()
    if (gateway.way === 'none') return [{ name: 'router', isOk: false, text: 'units are told no router (dhcp.router is empty)' }]
    if (gateway.dns.length === 0) return [{ name: 'DNS', isOk: false, text: 'units are told no name server (dhcp.dns is empty)' }]
    const first = [...gateway.way === 'station' ? await this.#forwarding(signal) : [], await this.#names(signal)]
    if (first.some(step => !step.isOk)) return first // the rest would only wait for names in vain
    const time = ntp.length === 0 ? [] : [this.#time(signal)]
    return [...first, ...await Promise.all([...needs.map(need => this.#need(need, signal)), ...time])]
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, net } = this.#ports
    const card = net.interfaces().find(c => c.name === this.#settings.card)
    const isReady = card !== undefined && card.up && card.hasLink !== false && card.addresses.some(a => a.address === this.#settings.address)
    const isDue = isReady && (!this.#wasReady || this.#wanted() !== this.#looked || clock.monotonic() >= this.#nextAt)
    if (!isReady && this.#wasReady) this.#tell({ ...this.#view, state: 'checking', fault: null })
    this.#wasReady = isReady
    if (isDue) await this.#round(signal)
  }

  #wanted(): string {
    return this.#settings.needs().map(need => need.name).join()
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    const wanted = this.#wanted()
    const steps = await withDeadline(clock, ROUND_MAX, 'net.no-way-out', {}, own => this.check(own), signal)
      .catch((thrown: unknown): WayOutStep[] => {
        signal.throwIfAborted()
        return [{ name: 'check', isOk: false, text: Fault.from(thrown).message }]
      })
    this.#looked = wanted
    const bad = steps.find(step => !step.isOk)
    this.#failures = bad ? this.#failures + 1 : 0
    const isDoubted = bad !== undefined && this.#view.state === 'open' && this.#failures < FAILURES_MAX
    this.#nextAt = millis(clock.monotonic() + (isDoubted ? AGAIN_DOUBT : bad ? AGAIN_CLOSED : AGAIN_OPEN))
    this.#tell({
      state: bad && !isDoubted ? 'closed' : 'open', way: this.#settings.gateway.way, checkedAt: clock.now(), steps,
      fault: bad && !isDoubted ? this.#faultOf(bad) : null
    })
  }

  /** Which of the two ways, and what to type. */
  #faultOf(bad: WayOutStep): FaultView {
    const { gateway, address, line } = this.#settings
    const mend = gateway.way === 'none'
      ? { 'first way': `the station as router: set dhcp.router to ${address}, then type: ${line}`, 'second way': 'a router on the bench switch: set dhcp.router and dhcp.dns to its address, then type the same line' }
      : gateway.way === 'router' ? { router: gateway.router ?? '', type: line } : { type: line }
    return new Fault('net.no-way-out', { failed: bad.name, why: bad.text.slice(0, 200), ...mend }).toView()
  }

  #tell(view: WayOutView): void {
    const isNew = view.state !== this.#view.state
    this.#view = view
    if (!isNew) return
    const bad = view.steps.find(step => !step.isOk)
    this.#log[view.state === 'closed' ? 'warn' : 'info']('way out', { state: view.state, ...(bad ? { failed: bad.name, why: bad.text } : {}) })
    this.#listeners.tell(view, fault => this.#log.fault('a listener of the way out failed', fault))
  }

  /** The kernel's own answer, which everybody may read; the rules only root may. */
  async #forwarding(signal: AbortSignal): Promise<WayOutStep[]> {
    const { proc, net } = this.#ports
    const cards = [this.#settings.card, ...net.interfaces().filter(c => c.hasDefaultRoute).map(c => c.name)]
    const values = await Promise.all(cards.map(async card => (await proc.run('sysctl', ['-n', `net/ipv4/conf/${card}/forwarding`], signal)).stdout.trim()))
    const isForwarding = values[0] === '1' && values.slice(1).includes('1')
    const { code, stderr } = await proc.run('nft', ['list', 'table', 'inet', TABLE], signal)
    const isHidden = code !== 0 && !/no such file|does not exist/i.test(stderr)
    return [
      { name: 'forwarding', isOk: isForwarding, text: cards.map((card, i) => `${card} ${values[i] === '1' ? 'forwards' : 'does not forward'}`).join(', ') },
      { name: 'rules', isOk: code === 0 || isHidden, text: code === 0 ? 'our table is there' : isHidden ? 'only root may look; the connections stand for it' : 'our table is not there' }
    ]
  }

  async #names(signal: AbortSignal): Promise<WayOutStep> {
    const { dns } = this.#settings.gateway
    const name = this.#settings.needs()[0]?.anyOf[0]?.host ?? this.#settings.ntp[0]
    if (name === undefined) return { name: 'DNS', isOk: true, text: 'nothing to ask for' }
    const answers = await Promise.all(dns.map(async server => ({ server, said: await this.#ask(server, name, signal) })))
    const text = answers.map(({ server, said }) => `${server} ${said === null ? 'does not answer' : said.length === 0 ? `does not know ${name}` : 'answers'}`).join(', ')
    return { name: 'DNS', isOk: answers.some(({ said }) => said !== null), text } // that one name has gone is not the server's fault
  }

  async #need(need: Need, signal: AbortSignal): Promise<WayOutStep> {
    const tried: string[] = []
    for (const target of need.anyOf) {
      const why = await this.#connect(target, signal)
      if (why === null) return { name: need.name, isOk: true, text: `${target.host}:${target.port} takes the connection` }
      tried.push(`${target.host}:${target.port} ${why}`)
    }
    return { name: need.name, isOk: false, text: tried.join('; ') }
  }

  /** Null: it took the connection. */
  async #connect(target: Target, signal: AbortSignal): Promise<string | null> {
    const { card, address } = this.#settings
    const ip = (await this.#resolve(target.host, signal))[0]
    if (ip === undefined) return 'has no address'
    try {
      await using _pipe = await this.#ports.net.tcp({ card, from: address, to: { address: ip, port: target.port }, connectMs: CONNECT }, signal)
      return null
    } catch (thrown) {
      signal.throwIfAborted()
      return `(${ip}) does not take the connection: ${String(Fault.from(thrown).context['reason'] ?? Fault.from(thrown).code)}`
    }
  }

  async #time(signal: AbortSignal): Promise<WayOutStep> {
    const { ntp } = this.#settings
    for (const host of ntp) {
      const ip = (await this.#resolve(host, signal))[0]
      const nonce = this.#ports.entropy.bytes(8)
      const told = ip === undefined ? null : await this.#exchange(encodeSntpQuestion(nonce), { address: ip, port: NTP_PORT }, bytes => decodeSntpAnswer(bytes, nonce), signal)
      if (told !== null) return { name: 'NTP', isOk: true, text: `${host} tells the time` }
    }
    return { name: 'NTP', isOk: false, text: `${ntp.join(', ')}: no answer` }
  }

  /** As a unit does: the next server when one says nothing. */
  async #resolve(host: string, signal: AbortSignal): Promise<readonly string[]> {
    for (const server of this.#settings.gateway.dns) {
      const said = await this.#ask(server, host, signal)
      if (said !== null) return said
    }
    return []
  }

  async #ask(server: string, name: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const [high = 0, low = 0] = this.#ports.entropy.bytes(2)
    const id = high << 8 | low
    const answer = await this.#exchange(encodeDnsQuestion({ id, name }), { address: server, port: DNS_PORT }, bytes => decodeDnsAnswer(bytes, id), signal)
    return answer === null ? null : answer.addresses
  }

  /** One question in a datagram, asked twice at most; null when nobody answers it. */
  async #exchange<T>(question: Uint8Array, to: Endpoint, read: (bytes: Uint8Array) => T | null, signal: AbortSignal): Promise<T | null> {
    const { clock, net } = this.#ports
    const { card, address } = this.#settings
    using socket = await net.udp({ card, address, port: 0, route: 'system' })
    const { promise, resolve } = Promise.withResolvers<T | null>()
    using _ear = socket.on((bytes, from) => {
      if (from.address !== to.address || from.port !== to.port) return
      try {
        const answer = read(bytes)
        if (answer !== null) resolve(answer)
      } catch { /* nonsense is no answer */ }
    })
    let answered: T | null = null
    for (let i = 0; i < SENDS && answered === null; i += 1) {
      socket.send(question, to)
      answered = await Promise.race([promise, clock.sleep(ANSWER_WAIT, signal).then(() => null)])
    }
    return answered
  }
}
