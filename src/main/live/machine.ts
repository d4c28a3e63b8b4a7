/** What the computer itself tells about rights, ports and limits. Reads only; everything unreadable is null or empty. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { userInfo } from 'node:os'

const CAP_NET_BIND_SERVICE = 10
const PROCESSES_MAX = 20_000
const DESCRIPTORS_MAX = 4096
const PROGRAM_TEXT_MAX = 60

export interface PortHolder { readonly pid: number; readonly program: string; readonly isStation: boolean }

export function firstUnprivilegedPort(): number | null { return numberIn('/proc/sys/net/ipv4/ip_unprivileged_port_start') }
export function receiveBytesMax(): number | null { return numberIn('/proc/sys/net/core/rmem_max') }
export function isForwarding(card: string): boolean | null {
  const value = numberIn(`/proc/sys/net/ipv4/conf/${card}/forwarding`)
  return value === null ? null : value === 1
}

/** Effective rights of this process. */
export function mayOpenLowPorts(status: string = readText('/proc/self/status')): boolean {
  const mask = /^CapEff:\s*([\da-f]+)/m.exec(status)?.[1]
  return mask !== undefined && (BigInt(`0x${mask}`) >> BigInt(CAP_NET_BIND_SERVICE) & 1n) === 1n
}

/** Who has these UDP ports open. Without root only our own user's processes can be named. */
export function holdersOf(ports: readonly number[]): ReadonlyMap<number, readonly PortHolder[]> {
  const portOf = socketPorts(readText('/proc/net/udp'), ports)
  const found = new Map<number, PortHolder[]>(ports.map(port => [port, []]))
  if (portOf.size === 0) return found
  for (const pid of folder('/proc').filter(name => /^\d+$/.test(name)).slice(0, PROCESSES_MAX)) {
    const open = new Set(folder(`/proc/${pid}/fd`).slice(0, DESCRIPTORS_MAX).map(fd => portOf.get(inodeOf(`/proc/${pid}/fd/${fd}`))))
    for (const port of open) if (port !== undefined) found.get(port)?.push(holder(Number(pid)))
  }
  return found
}

/** /proc/net/udp: local address as hex, then among others the inode of the socket. */
export function socketPorts(procNetUdp: string, ports: readonly number[]): ReadonlyMap<string, number> {
  const portOf = new Map<string, number>()
  for (const line of procNetUdp.split('\n').slice(1)) {
    const cells = line.trim().split(/\s+/)
    const port = Number.parseInt(cells[1]?.split(':')[1] ?? '', 16)
    const inode = cells[9]
    if (ports.includes(port) && inode !== undefined) portOf.set(inode, port)
  }
  return portOf
}

export function serialAdapters(): number {
  return folder('/dev').filter(name => /^tty(USB|ACM)\d+$/.test(name)).length
}

/** Null where there is no such group. */
export function isInGroup(group: string): boolean | null {
  const id = new RegExp(`^${group}:[^:]*:(\\d+):`, 'm').exec(readText('/etc/group'))?.[1]
  return id === undefined ? null : process.getgroups?.().includes(Number(id)) ?? null
}

export function userName(): string {
  try { return userInfo().username } catch { return String(process.getuid?.() ?? 'this user') }
}

/** May files be made there, or may the folder itself be made? */
export function folderFacts(path: string): { readonly path: string; readonly isWritable: boolean; readonly owner: string | null; readonly freeBytes: number | null } {
  let existing = path
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  const free = quietly(() => statfsSync(existing))
  const isWritable = quietly(() => { accessSync(existing, constants.W_OK | constants.X_OK); return true }) ?? false
  const owner = quietly(() => statSync(existing).uid)
  return { path, isWritable, owner: owner === null ? null : nameOfUser(owner), freeBytes: free === null ? null : free.bavail * free.bsize }
}

export function isInstalled(program: string): boolean {
  return [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].some(folderPath => folderPath !== '' && existsSync(`${folderPath}/${program}`))
}

function nameOfUser(id: number): string {
  return new RegExp(`^([^:]+):[^:]*:${id}:`, 'm').exec(readText('/etc/passwd'))?.[1] ?? String(id)
}

function holder(pid: number): PortHolder {
  const words = readText(`/proc/${pid}/cmdline`).split('\0').filter(word => word !== '')
  const program = words.length === 0 ? readText(`/proc/${pid}/comm`).trim() : words.join(' ')
  return { pid, program: program.slice(0, PROGRAM_TEXT_MAX), isStation: words.some(word => /(^|\/)(headless|main\/index)\.(js|ts)$/.test(word)) }
}

function inodeOf(path: string): string {
  return /^socket:\[(\d+)\]$/.exec(quietly(() => readlinkSync(path)) ?? '')?.[1] ?? ''
}

function numberIn(path: string): number | null {
  const text = readText(path).trim()
  return /^\d+$/.test(text) ? Number(text) : null
}

const folder = (path: string): readonly string[] => quietly(() => readdirSync(path)) ?? []
const readText = (path: string): string => quietly(() => readFileSync(path, 'utf8')) ?? ''

function quietly<T>(look: () => T): T | null {
  try { return look() } catch { return null }
}
