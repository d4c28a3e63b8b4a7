/**
 * Why is it not listed? Looks, at the moment of asking, at everything that can keep a unit from being found or asked, and
 * says it in the order of likelihood. It changes nothing and sends nothing.
 */
import { ALIAS_KINDS, seconds, WHY_NAMES, type FaultView, type Millis, type UnitId, type WhyCheck, type WhyName, type WhyView } from '#shared'
import { Fault } from '../domain/fault.ts'
import { nameOf, type Unit } from '../domain/unit.ts'
import type { Clock, Proc } from '../ports.ts'
import { withDeadline } from './clockwork.ts'
import type { DhcpServer } from './dhcp-server.ts'
import type { Lanes } from './lanes.ts'
import type { Ledger } from './ledger.ts'
import type { LanListener, SourceView } from './listener.ts'

export interface WhyBench {
  readonly clock: Clock
  readonly proc: Proc
  readonly ledger: Pick<Ledger, 'unit' | 'unitByAlias' | 'unitsHere'>
  readonly dhcp: Pick<DhcpServer, 'view' | 'ipOf' | 'macOf'>
  readonly listener: Pick<LanListener, 'view' | 'heardFrom'>
  readonly lanes: Pick<Lanes, 'view' | 'laneOf' | 'macsOn'>
  /** Why units have no way to the internet; null: they have; undefined: it is not looked at. */
  readonly wayOut: () => FaultView | null | undefined
  /** What the line waits for before it asks this unit. */
  readonly waitingFor: (unit: UnitId) => FaultView | null
  readonly goneMs: Millis
}
/** One of the three; `unit` is an id or any name. */
export interface WhyQuestion { readonly mac?: string | undefined; readonly lane?: number | undefined; readonly unit?: string | undefined }

interface Subject { readonly mac: string | null; readonly ip: string | null; readonly lane: number | null; readonly unit: Unit | null }
type Found = Omit<WhyCheck, 'name'>

const HOLDER_WITHIN = seconds(3)
const UNKNOWN: Found = { state: 'unknown', fault: null, seen: {} }
/** Trouble of the card itself, as the DHCP server sees it. */
const CARD_FAULTS: ReadonlySet<string> = new Set(['net.no-link', 'net.card-gone', 'net.card-not-found', 'net.card-no-address', 'net.office-card'])
const ORDER = { bad: 0, unknown: 1, ok: 2 } as const

export class Why {
  readonly #bench: WhyBench

  constructor(bench: WhyBench) {
    this.#bench = bench
  }

  async ask(question: WhyQuestion, signal: AbortSignal): Promise<WhyView> {
    const subject = this.#subject(question)
    const { mac, ip, lane, unit } = subject
    const found: Record<WhyName, Found> = {
      link: this.#link(subject), card: this.#card(), foreign: this.#foreign(), lease: this.#lease(subject), port: await this.#port(signal),
      heard: this.#heard(ip), malformed: this.#malformed(ip), model: this.#model(ip), wanted: this.#wanted(unit), internet: this.#internet()
    }
    const checks = WHY_NAMES.map(name => ({ name, ...found[name] })).toSorted((a, b) => ORDER[a.state] - ORDER[b.state]) // a stable sort: likelihood stays
    return { mac, ip, lane, unit: unit?.uid ?? null, name: unit && nameOf(unit), checks }
  }

  #subject({ mac: asked, lane: askedLane, unit: text }: WhyQuestion): Subject {
    const { ledger, lanes, dhcp } = this.#bench
    const here = ledger.unitsHere()
    const named = text === undefined ? null : here.find(u => u.uid === text || nameOf(u) === text) ?? this.#byName(text)
    const onLane = askedLane === undefined ? null : here.find(u => u.lane === askedLane) ?? null
    const macOfUnit = (u: Unit | null): string | undefined => u?.aliases.findLast(a => a.kind === 'mac')?.value
    const mac = asked ?? macOfUnit(named) ?? macOfUnit(onLane) ?? (askedLane === undefined ? undefined : lanes.macsOn(askedLane)[0]) ?? null
    const owner = mac === null ? null : ledger.unitByAlias({ kind: 'mac', value: mac })
    const unit = named ?? onLane ?? (owner === null ? null : ledger.unit(owner))
    return { mac, ip: (mac === null ? null : dhcp.ipOf(mac)) ?? unit?.ip ?? null, lane: askedLane ?? unit?.lane ?? (mac === null ? null : lanes.laneOf(mac)), unit }
  }

  #byName(text: string): Unit | null {
    const { ledger } = this.#bench
    const uid = ALIAS_KINDS.flatMap(kind => [text, text.toUpperCase(), text.toLowerCase()].map(value => ledger.unitByAlias({ kind, value }))).find(u => u !== null)
    return uid === undefined ? null : ledger.unit(uid)
  }

  /** Only a managed switch tells. */
  #link({ mac, lane }: Subject): Found {
    const { lanes } = this.#bench
    const { isOn, fault } = lanes.view()
    if (!isOn) return UNKNOWN
    if (fault) return { state: 'unknown', fault, seen: {} }
    const seen = mac === null ? (lane === null ? [] : lanes.macsOn(lane)) : lanes.laneOf(mac) === null ? [] : [mac]
    return seen.length > 0 ? ok({ cards: seen.join(', ') }) : bad({ code: 'unit.no-link', context: lane === null ? {} : { lane } })
  }

  #card(): Found {
    const { fault } = this.#bench.dhcp.view()
    return fault && CARD_FAULTS.has(fault.code) ? bad(fault) : ok({})
  }

  #foreign(): Found {
    const { state, fault } = this.#bench.dhcp.view()
    return state === 'foreign' ? bad(fault ?? { code: 'net.foreign-dhcp', context: {} }) : state === 'serving' ? ok({}) : UNKNOWN
  }

  #lease({ mac, ip }: Subject): Found {
    if (mac === null) return UNKNOWN
    const { dhcp } = this.#bench
    const { fault } = dhcp.view()
    if (ip !== null && dhcp.macOf(ip) === mac) return ok({ ip })
    return bad(fault?.code === 'net.pool-full' ? fault : { code: 'unit.no-lease', context: { mac } })
  }

  async #port(signal: AbortSignal): Promise<Found> {
    const { fault, listening } = this.#bench.listener.view()
    if (fault?.code !== 'net.port-taken') return listening.length > 0 ? ok({ ports: listening.join(', ') }) : UNKNOWN
    const port = Number(fault.context['port'])
    const holder = await this.#holderOf(port, signal)
    return bad({ code: 'net.port-taken', context: { ...fault.context, ...(holder === null ? {} : { program: holder }) } })
  }

  /** Which program holds a UDP port, where the system tells: `ss` names those we may see. */
  async #holderOf(port: number, signal: AbortSignal): Promise<string | null> {
    const { clock, proc } = this.#bench
    try {
      const { stdout } = await withDeadline(clock, HOLDER_WITHIN, 'net.port-taken', {}, own => proc.run('ss', ['-Hulpn', `sport = :${port}`], own), signal)
      const [, program, pid] = /users:\(\("([^"]{1,64})",pid=(\d{1,10})/.exec(stdout) ?? []
      return program === undefined ? null : `${program} (${pid})`
    } catch (thrown) {
      if (signal.aborted) throw Fault.from(thrown)
      return null
    }
  }

  #heard(ip: string | null): Found {
    const source = this.#source(ip)
    const { counters } = this.#bench.listener.view()
    if (!source) return bad({ code: 'unit.never-heard', context: { asked: counters['asked'] ?? 0 } })
    const age = this.#bench.clock.now() - source.lastAt
    const ago = Math.round(age / 1000)
    const seen = { ...heardOf(source), 'seconds ago': ago }
    return age > this.#bench.goneMs ? { state: 'bad', fault: { code: 'unit.gone-silent', context: { 'seconds ago': ago } }, seen } : ok(seen)
  }

  #malformed(ip: string | null): Found {
    const source = this.#source(ip)
    if (!source) return UNKNOWN
    const whole = source.heard[6666] + source.heard[6667] + source.heard[7000]
    const seen = { malformed: source.malformed, of: whole }
    return source.malformed > 0 && source.malformed >= whole ? { state: 'bad', fault: { code: 'unit.not-understood', context: seen }, seen } : ok(seen)
  }

  /** Two kinds of unit: those that broadcast, and those that speak only when asked (facts/devices-and-consoles.md 1.1). */
  #model(ip: string | null): Found {
    const source = this.#source(ip)
    const { counters } = this.#bench.listener.view()
    if (!source) return { state: 'unknown', fault: null, seen: { asked: counters['asked'] ?? 0, muted: counters['muted'] ?? 0 } }
    return ok({ speaks: source.heard[6666] + source.heard[6667] > 0 ? 'by itself' : 'when asked' })
  }

  #wanted(unit: Unit | null): Found {
    if (!unit) return UNKNOWN
    if (unit.hold) return bad({ code: 'unit.held', context: { owner: unit.hold.owner, reason: unit.hold.reason } })
    const fault = this.#bench.waitingFor(unit.uid)
    return fault ? bad(fault) : ok({})
  }

  #internet(): Found {
    const fault = this.#bench.wayOut()
    return fault === undefined ? UNKNOWN : fault === null ? ok({}) : bad(fault)
  }

  #source(ip: string | null): SourceView | null {
    return ip === null ? null : this.#bench.listener.heardFrom(ip)
  }
}

const ok = (seen: Found['seen']): Found => ({ state: 'ok', fault: null, seen })
const bad = (fault: FaultView): Found => ({ state: 'bad', fault, seen: {} })

function heardOf(source: SourceView): Record<string, number> {
  return Object.fromEntries(Object.entries(source.heard).filter(([, n]) => n > 0).map(([port, n]) => [`port ${port}`, n]))
}
