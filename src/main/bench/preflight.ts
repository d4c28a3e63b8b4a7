/**
 * What a computer lacks for a live bench, and the one line that mends each. Judgement only: what was seen comes in as data,
 * so that every row can be tested without the computer it speaks of.
 */
import { seconds, type FaultCode } from '#shared'
import type { Fault } from '../domain/fault.ts'
import type { GatewayWay } from '../domain/gateway.ts'
import type { Card } from '../ports.ts'
import { assessBenchCard, type BenchCardSettings } from './bench-card.ts'

/** bad: no live bench with that. warn: it works, with less. */
export interface Finding { readonly name: string; readonly state: 'ok' | 'warn' | 'bad'; readonly text: string; readonly line: string | null }

export const BENCH_PORTS: readonly number[] = [67, 6666, 6667, 7000]
/** Asked for by the DHCP server: 250 clients at once fit in (facts/dhcp.md 2.4). */
const RECEIVE_BYTES = 4 * 1024 * 1024
/** A ledger that cannot grow stops the bench within a shift. */
const FREE_BYTES_MIN = 512 * 1024 * 1024
/** No station is older than its program. */
const CLOCK_MIN = Date.UTC(2026, 0, 1)
const SYSCTL_FILE = '/etc/sysctl.d/60-unbindery.conf'

const ok = (name: string, text: string): Finding => ({ name, state: 'ok', text, line: null })
const warn = (name: string, text: string, line: string | null = null): Finding => ({ name, state: 'warn', text, line })
const bad = (name: string, text: string, line: string | null = null): Finding => ({ name, state: 'bad', text, line })
const sysctlLine = (key: string, value: number): string => `echo ${key}=${value} | sudo tee -a ${SYSCTL_FILE} && sudo sysctl -p ${SYSCTL_FILE}`

export interface Rights {
  readonly platform: string
  readonly isRoot: boolean
  /** CAP_NET_BIND_SERVICE. */
  readonly hasLowPorts: boolean
  /** net.ipv4.ip_unprivileged_port_start; null: unknown. */
  readonly firstFreePort: number | null
  /** Handed in by the service manager. */
  readonly inheritedPorts: readonly number[]
}

export function assessPortRights(rights: Rights): Finding {
  const name = 'right to port 67'
  const { isRoot, hasLowPorts, firstFreePort, inheritedPorts, platform } = rights
  if (platform !== 'linux') return ok(name, `${platform} keeps no port back`)
  if (inheritedPorts.includes(67)) return ok(name, 'handed in by the service manager')
  if (firstFreePort !== null && firstFreePort <= 67) return ok(name, `open to every user from ${firstFreePort} on`)
  if (hasLowPorts) return ok(name, 'this program may open low ports')
  if (isRoot) return warn(name, 'only because this is root; the station should run as an ordinary user', sysctlLine('net.ipv4.ip_unprivileged_port_start', 67))
  return bad(name, 'an ordinary user may not open it', sysctlLine('net.ipv4.ip_unprivileged_port_start', 67))
}

export function assessBinding(platform: string, hasKoffi: boolean): Finding {
  if (platform !== 'linux') return warn('card binding', `on ${platform} a socket is tied to an address only; untested there`)
  return hasKoffi ? ok('card binding', 'sockets can be tied to one card') : bad('card binding', 'koffi does not load: sockets would hear the office too', 'npm ci')
}

export function assessCard(cards: readonly Card[], settings: BenchCardSettings, line: string): Finding {
  const name = 'bench card'
  if (settings.card === '') return bad(name, `no card is chosen; there are: ${listed(cards)}`, lineForChoice(cards))
  const judged = assessBenchCard(cards, settings, false)
  if (!('code' in judged)) return ok(name, `${judged.name} (${judged.mac}) has ${settings.address}/${settings.prefix}, no default route, and no other card has its net`)
  const reasons: Partial<Record<FaultCode, string>> = {
    'net.card-not-found': `there is no ${settings.card}; there are: ${listed(cards)}`,
    'net.office-card': judged.context['other'] === undefined ? `${settings.card} holds a default route: it leads to the office` : `its net overlaps that of ${String(judged.context['other'])}`,
    'net.no-link': `${settings.card} is off or its cable has no link`,
    'net.card-no-address': `${settings.card} has not the address ${settings.address}`
  }
  return bad(name, reasons[judged.code] ?? judged.code, lineForCard(judged, settings, line, cards))
}

function lineForCard(fault: Fault, settings: BenchCardSettings, line: string, cards: readonly Card[]): string {
  if (fault.code === 'net.card-no-address') return line
  if (fault.code === 'net.no-link') return `sudo ip link set ${settings.card} up`
  if (fault.context['reason'] === 'same net') return 'choose another net: bench.address, dhcp.poolStart and dhcp.poolEnd in the configuration'
  return lineForChoice(cards.filter(c => c.name !== settings.card))
}

export function assessReceiveBuffer(bytesMax: number | null, isForced: boolean): Finding {
  const name = 'receive buffer'
  if (bytesMax === null) return ok(name, 'not limited here, or not told')
  if (bytesMax >= RECEIVE_BYTES || isForced) return ok(name, `${RECEIVE_BYTES} bytes can be had`)
  return warn(name, `at most ${bytesMax} bytes: a rack of 250 powered up at once may lose a packet`, sysctlLine('net.core.rmem_max', RECEIVE_BYTES))
}

export interface Holder { readonly pid: number; readonly program: string; readonly isStation: boolean }
/** systemd goes on holding the sockets it hands over (sd_listen_fds(3)), and holds them for a station that is not there yet. */
const isServiceManager = ({ pid, program }: Holder): boolean => pid === 1 && program.includes('systemd')
export interface PortSeen {
  readonly port: number
  /** What came of opening it on the bench card; null: it opened, or was not tried. */
  readonly fault: FaultCode | null
  readonly wasTried: boolean
  readonly holders: readonly Holder[]
}

export function assessPort({ port, fault, wasTried, holders }: PortSeen): Finding {
  const name = `port ${port}`
  const who = holders.map(h => `${h.program} (${h.pid})`).join(', ')
  const others = holders.filter(h => !h.isStation && !isServiceManager(h))
  if (fault === 'net.port-taken' && holders.length > 0 && others.length === 0) return ok(name, holders.some(h => h.isStation) ? 'held by the running station' : 'kept for the station by the service manager')
  if (fault === 'net.port-taken') return bad(name, who === '' ? 'held by another program; as root it can be named' : `held by ${who}`, others[0] === undefined ? `sudo ss -lunp 'sport = :${port}'` : `sudo kill ${others[0].pid}`)
  if (fault === 'net.no-rights') return bad(name, 'no right to open it', sysctlLine('net.ipv4.ip_unprivileged_port_start', 67))
  if (!wasTried && others.length > 0) return warn(name, `held by ${who}; whether it is in the way shows when there is a bench card`)
  return ok(name, others.length > 0 ? `free on the bench card (${who} has it elsewhere)` : 'free')
}

export function assessSerial(o: { readonly platform: string; readonly isRoot: boolean; readonly adapters: number; readonly isInGroup: boolean | null; readonly user: string }): Finding {
  const name = 'serial adapters'
  if (o.platform !== 'linux' || o.isRoot || o.isInGroup === true) return ok(name, `${o.adapters} plugged in; may be opened`)
  return warn(name, `${o.adapters} plugged in; ${o.user} is not in the group dialout, so console resets will not work`, `sudo usermod -aG dialout ${o.user}`)
}

export function assessFolder(o: { readonly path: string; readonly isWritable: boolean; readonly owner: string | null; readonly freeBytes: number | null; readonly user: string }): Finding {
  const name = 'data folder'
  if (!o.isWritable) return bad(name, `${o.path} may not be written by ${o.user}${o.owner === null ? '' : `; it belongs to ${o.owner}`}`, `sudo install -d -o ${o.user} -m 700 ${o.path}`)
  if (o.freeBytes !== null && o.freeBytes < FREE_BYTES_MIN) return warn(name, `${o.path} has ${Math.floor(o.freeBytes / 1024 / 1024)} MiB left`)
  return ok(name, `${o.path} may be written`)
}

/** `fault`: of the file at `path`; null where there is none, or it has no mistake. */
export function assessLabels(path: string, fault: Fault | null): Finding {
  const name = 'label formats'
  if (fault === null) return ok(name, 'in order')
  return warn(name, `those of this bench do not count: ${String(fault.context['complaints'] ?? fault.code).split('\n').join('; ')}`, `unbindery scan check ${path}`)
}

/** `isSynchronised`: null where the system does not tell. */
export function assessClock(now: number, isSynchronised: boolean | null): Finding {
  if (now < CLOCK_MIN) return bad('clock', `says ${new Date(now).toISOString()}: the cloud would refuse every request`, 'sudo timedatectl set-ntp true')
  if (isSynchronised === false) return warn('clock', 'does not set itself', 'sudo timedatectl set-ntp true')
  return ok('clock', isSynchronised === null ? 'plausible; whether it sets itself is not told here' : 'sets itself')
}

export function assessGateway(o: { readonly way: GatewayWay; readonly missing: readonly string[]; readonly forwards: boolean | null; readonly line: string }): Finding {
  const name = 'way out'
  if (o.way === 'none') return bad(name, 'units are told no router: set dhcp.router to the address of the bench card, or to a router on the bench switch', o.line)
  if (o.missing.length > 0) return bad(name, `missing: ${o.missing.join(', ')}`, `sudo apt install ${o.missing.join(' ')}`)
  if (o.way === 'station' && o.forwards === false) return bad(name, 'the station is to be the router and does not forward', o.line)
  return ok(name, o.way === 'station' ? 'the station is the router; it proves the rest itself once a minute' : 'a router on the bench switch; the station proves the rest itself once a minute')
}

/** `complaints`: of the configuration and of the files with secrets. */
export function assessConfig(path: string | null, mode: string, complaints: string | null): Finding {
  const name = 'configuration'
  if (complaints !== null) return bad(name, complaints.split('\n').join('; '), path === null ? null : `sudo editor ${path}`)
  if (path === null && mode === 'live') return ok(name, 'given by flags and environment')
  if (path === null) return bad(name, 'none given: the station would start in training', 'unbindery doctor --config FILE')
  return mode === 'live' ? ok(name, path) : warn(name, `${path} says training: no real unit is touched`, `set "mode": "live" in ${path}`)
}

export const screensFinding = ok('screens', 'a browser is enough; Electron, Chromium and a second screen are not needed')

/** How long a look at one thing of the system may take. */
export const LOOK_MAX = seconds(5)

const listed = (cards: readonly Card[]): string => cards.filter(c => c.name !== 'lo').map(c => c.hasDefaultRoute ? `${c.name} (office)` : c.name).join(', ') || 'none'
const lineForChoice = (cards: readonly Card[]): string => `set "bench": { "card": "${guessed(cards)}" } in the configuration`
const guessed = (cards: readonly Card[]): string => cards.find(c => c.name !== 'lo' && !c.hasDefaultRoute)?.name ?? 'CARD'
