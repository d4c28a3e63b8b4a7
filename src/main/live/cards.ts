/** The network cards as the system tells them; on Linux also the ones without a cable, and where the default route goes. */
import { readFileSync } from 'node:fs'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Card, CardAddress } from '../ports.ts'
import type { LinuxSockets } from './socket-linux.ts'

const IFF_UP = 1
const RTF_UP = 1
const RTF_GATEWAY = 2
const CARDS_MAX = 256
const ATF_COM = 2 // linux/if_arp.h: it has answered
const NEIGHBOURS_MAX = 4096

export function listCards(linux: LinuxSockets | null, only?: string): readonly Card[] {
  const known = networkInterfaces()
  const isMeant = (name: string): boolean => only === undefined || name === only
  if (process.platform !== 'linux') return Object.keys(known).filter(isMeant).map(name => portableCard(name, known[name] ?? []))
  const withRoute = defaultRouteCards(readText('/proc/net/route'), readText('/proc/net/ipv6_route'))
  // /proc/net/dev belongs to our own network namespace even where /sys shows another one.
  const names = new Set([...cardNames(readText('/proc/net/dev')), ...Object.keys(known)])
  return [...names].filter(isMeant).slice(0, CARDS_MAX).map(name => linuxCard(name, known[name] ?? [], withRoute, linux))
}

function linuxCard(name: string, entries: readonly NetworkInterfaceInfo[], withRoute: ReadonlySet<string>, linux: LinuxSockets | null): Card {
  const folder = `/sys/class/net/${name}`
  const flags = Number(readText(`${folder}/flags`).trim())
  const carrier = readText(`${folder}/carrier`).trim() // unreadable while the card is down
  const addresses = addressesOf(entries)
  const quiet = addresses.length === 0 ? linux?.addressOf(name) ?? null : null // Node leaves cards without a cable out
  const isUp = entries.length > 0 || (flags & IFF_UP) !== 0
  return {
    name,
    index: Number(readText(`${folder}/ifindex`).trim()),
    mac: (readText(`${folder}/address`).trim() || entries[0]?.mac) ?? '',
    up: isUp && readText(`${folder}/operstate`).trim() !== 'down',
    hasLink: carrier === '' ? (isUp ? null : false) : carrier === '1',
    hasDefaultRoute: withRoute.has(name),
    addresses: quiet === null ? addresses : [quiet]
  }
}

/** Outside Linux the default route is not told; untested. */
function portableCard(name: string, entries: readonly NetworkInterfaceInfo[]): Card {
  return { name, index: 0, mac: entries[0]?.mac ?? '', up: true, hasLink: null, hasDefaultRoute: false, addresses: addressesOf(entries) }
}

function addressesOf(entries: readonly NetworkInterfaceInfo[]): readonly CardAddress[] {
  return entries.filter(e => e.family === 'IPv4').map(e => ({ address: e.address, prefix: Number(e.cidr?.split('/')[1] ?? 32) }))
}

export function cardNames(procNetDev: string): readonly string[] {
  return procNetDev.split('\n').map(line => /^\s*([^\s:]+):/.exec(line)?.[1]).filter(name => name !== undefined)
}

/** Cards that hold a default route, IPv4 or IPv6 (a second one with another metric counts too). */
export function defaultRouteCards(ipv4: string, ipv6: string): ReadonlySet<string> {
  const cards = new Set<string>()
  for (const line of ipv4.split('\n').slice(1)) {
    const [card, destination, , flags, , , , mask] = line.split('\t').map(cell => cell.trim())
    if (card && destination === '00000000' && mask === '00000000' && (Number.parseInt(flags ?? '0', 16) & RTF_UP) !== 0) cards.add(card)
  }
  for (const line of ipv6.split('\n')) {
    const cells = line.trim().split(/\s+/)
    const [destination, prefix] = cells
    const flags = Number.parseInt(cells[8] ?? '0', 16)
    const card = cells[9]
    if (card && prefix === '00' && destination === '0'.repeat(32) && (flags & RTF_GATEWAY) !== 0) cards.add(card)
  }
  return cards
}

/** Linux only; elsewhere nothing is counted. */
export function listSentPackets(): ReadonlyMap<string, number> {
  return sentPacketsOf(readText('/proc/net/dev'))
}

/** /proc/net/dev: eight numbers of what came in, then bytes and packets that went out. */
export function sentPacketsOf(procNetDev: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of procNetDev.split('\n')) {
    const [, name, numbers] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? []
    if (name !== undefined && numbers !== undefined && name !== 'lo') found.set(name, Number(numbers.trim().split(/\s+/)[9]))
  }
  return found
}

/** Linux only; elsewhere nobody is known. */
export function listNeighbours(card: string): ReadonlyMap<string, string> {
  return neighboursOf(readText('/proc/net/arp'), card)
}

/** /proc/net/arp: address, hardware type, flags, MAC, mask, card. */
export function neighboursOf(procNetArp: string, card: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of procNetArp.split('\n').slice(1, NEIGHBOURS_MAX)) {
    const [address, , flags, mac, , name] = line.trim().split(/\s+/)
    if (address !== undefined && mac !== undefined && name === card && (Number(flags) & ATF_COM) !== 0) found.set(address, mac.toLowerCase())
  }
  return found
}

function readText(path: string): string {
  try { return readFileSync(path, 'utf8') } catch { return '' }
}
