/**
 * How bench units reach the internet: through a router that stands on the bench switch, or through the station itself. And
 * what they must reach there: the vendor's hosts (facts/tuya.md 10).
 */
import { isInSubnet, networkOf, parseAddress, type Subnet } from './address.ts'

/** station: we are the router. router: another box on the bench switch is. none: units are told none. */
export type GatewayWay = 'station' | 'router' | 'none'
export interface Gateway { readonly way: GatewayWay; readonly router: string | null; readonly dns: readonly string[] }

/** A station that is the router is also the name server, unless others are named. */
export function gatewayOf(o: { readonly address: string; readonly router: string; readonly dns: readonly string[] }): Gateway {
  const way = o.router === '' ? 'none' : o.router === o.address ? 'station' : 'router'
  return { way, router: o.router === '' ? null : o.router, dns: o.dns.length > 0 || way !== 'station' ? o.dns : [o.address] }
}

/**
 * Where nothing from the bench may go: private networks (RFC 1918), shared and link-local ones (RFC 6598, 3927), ourselves,
 * multicast and reserved. An office lives in one of them; where it does not, its card's own subnet is added.
 */
export const CLOSED_NETWORKS: readonly string[] = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3']

/** All that is closed: the list above and the nets of every other card. */
export function closedNetworks(others: readonly Subnet[]): readonly string[] {
  const own = others.map(net => `${networkOf(net)}/${net.prefix}`).filter(net => !CLOSED_NETWORKS.some(closed => holds(closed, net)))
  return [...new Set([...CLOSED_NETWORKS, ...own])].toSorted()
}

function holds(outer: string, inner: string): boolean {
  const [a, b] = [parseNetwork(outer), parseNetwork(inner)]
  return a !== null && b !== null && b.prefix >= a.prefix && isInSubnet(b.address, a)
}

function parseNetwork(text: string): Subnet | null {
  const [address = '', prefix = '32'] = text.split('/')
  return parseAddress(address) === null ? null : { address, prefix: Number(prefix) }
}

export interface Target { readonly host: string; readonly port: number }
/** One thing that must be reachable; any of the targets will do. */
export interface Need { readonly name: string; readonly anyOf: readonly Target[] }

const HTTPS = 443
const TARGETS_MAX = 8
/** The vendor's domains, by the regions people write and those its tokens begin with (facts/tuya.md 2 and 7.2). */
const DOMAINS: Readonly<Record<string, string>> = {
  EU: 'tuyaeu.com', WE: 'tuyaeu.com', US: 'tuyaus.com', AZ: 'tuyaus.com', UE: 'tuyaus.com', CN: 'tuyacn.com', AY: 'tuyacn.com', IN: 'tuyain.com'
}

export interface AccountPlace { readonly region: string; readonly baseUrl: string }

/** What units of these accounts talk to: the look-up of their region, their activation, their messages; a place we do not know has no hosts of its own. */
export function vendorNeeds(places: readonly AccountPlace[]): readonly Need[] {
  const domains = [...new Set(places.flatMap(domainOf))]
  return [
    { name: 'look-up', anyOf: ['h2', 'h3', 'h4', 'h6'].map(h => ({ host: `${h}.iot-dns.com`, port: HTTPS })) },
    ...domains.map(domain => ({ name: `activation ${domain}`, anyOf: ['a1', 'a2', 'a3'].map(a => ({ host: `${a}.${domain}`, port: HTTPS })) })),
    ...domains.map(domain => ({ name: `messages ${domain}`, anyOf: ['m1', 'm2'].flatMap(m => [8883, 8886].map(port => ({ host: `${m}.${domain}`, port }))) }))
  ]
}

/** Its data centre tells more than its region, which may be a default. */
function domainOf({ region, baseUrl }: AccountPlace): readonly string[] {
  const host = /^https?:\/\/([^/:?#]+)/.exec(baseUrl)?.[1]?.toLowerCase() ?? ''
  const domain = Object.values(DOMAINS).find(d => host.endsWith(`.${d}`)) ?? DOMAINS[region]
  return domain === undefined ? [] : [domain]
}

/** 'a.example:443|b.example:8883' as a setting has it; no port means 443. Null for what is no such list. */
export function parseNeed(text: string): Need | null {
  const anyOf = text.split('|').map(part => /^([A-Za-z\d][\w.-]{0,200})(?::(\d{1,5}))?$/.exec(part.trim()))
  const targets = anyOf.flatMap(found => found ? [{ host: found[1] ?? '', port: Number(found[2] ?? HTTPS) }] : [])
  const isGood = targets.length === anyOf.length && targets.length <= TARGETS_MAX && targets.every(t => t.port > 0 && t.port < 65_536)
  return isGood ? { name: text, anyOf: targets } : null
}
