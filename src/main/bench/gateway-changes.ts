/**
 * The changes the gateway makes to a machine, one kind each: how to see whether one is there, make it and take it back.
 * Written as data, because they are written down before they are made and read back after a crash.
 */
import { TABLE } from '../wire/nftables.ts'
import { Fault } from '../domain/fault.ts'
import type { Proc } from '../ports.ts'

export type Change =
  | { readonly kind: 'link'; readonly card: string }
  | { readonly kind: 'address'; readonly card: string; readonly cidr: string }
  | { readonly kind: 'sysctl'; readonly key: string; readonly before: string; readonly after: string }
  /** Our nftables table, from a file. */
  | { readonly kind: 'rules'; readonly file: string }
  /** The DNS forwarder; the name of its process file tells ours from every other dnsmasq. */
  | { readonly kind: 'dns'; readonly pidFile: string; readonly address: string; readonly servers: readonly string[] }
  /** What the station sends from its bench address goes the way a unit's packets go. */
  | { readonly kind: 'route'; readonly card: string; readonly net: string; readonly via: string }
  | { readonly kind: 'rule'; readonly from: string }

/** A routing table of our own; any free number does. */
const ROUTES = '7767'
/** Before the main table (32766). */
const RULE_PRIORITY = '7767'
/** Rounds of 100 ms a forwarder may take to end. */
const END_ROUNDS = 30

export interface Machine { readonly proc: Proc; readonly pause: (signal: AbortSignal) => Promise<void> }

/** Null: only root may look. */
export async function isThere({ proc }: Machine, change: Change, signal: AbortSignal): Promise<boolean | null> {
  const ask = (program: string, ...args: string[]) => proc.run(program, args, signal)
  switch (change.kind) {
    case 'link': return rowsOf((await ask('ip', '-j', 'link', 'show', 'dev', change.card)).stdout).some(row => Array.isArray(row['flags']) && row['flags'].includes('UP'))
    case 'address': {
      const rows = rowsOf((await ask('ip', '-j', '-4', 'address', 'show', 'dev', change.card)).stdout)
      return rows.flatMap(row => Array.isArray(row['addr_info']) ? row['addr_info'] : []).some((a: Row) => `${String(a['local'])}/${String(a['prefixlen'])}` === change.cidr)
    }
    case 'sysctl': return (await ask('sysctl', '-n', change.key)).stdout.trim() === change.after
    case 'rules': {
      const { code, stderr } = await ask('nft', 'list', 'table', 'inet', TABLE)
      return code === 0 ? true : /not permitted|denied/i.test(stderr) ? null : false
    }
    case 'dns': return (await pidsOf(proc, change.pidFile, signal)).length > 0
    case 'route': return rowsOf((await ask('ip', '-j', '-4', 'route', 'show', 'table', ROUTES)).stdout).some(row => row['dst'] === 'default' && row['gateway'] === change.via && row['dev'] === change.card)
    case 'rule': return rowsOf((await ask('ip', '-j', '-4', 'rule', 'list')).stdout).some(row => row['src'] === change.from && String(row['table']) === ROUTES)
    default: return change satisfies never
  }
}

/** Faults: `net.gateway-failed` with the words of the program. */
export async function make({ proc }: Machine, change: Change, signal: AbortSignal): Promise<void> {
  const must = async (program: string, ...args: string[]): Promise<void> => assertDone(program, args, await proc.run(program, args, signal))
  switch (change.kind) {
    case 'link': return must('ip', 'link', 'set', 'dev', change.card, 'up')
    case 'address': return must('ip', 'address', 'add', change.cidr, 'broadcast', '+', 'dev', change.card)
    case 'sysctl': return must('sysctl', '-q', '-w', `${change.key}=${change.after}`)
    case 'rules': return must('nft', '-f', change.file)
    case 'dns': return must('dnsmasq', ...forwarderWords(change))
    case 'route':
      await must('ip', 'route', 'replace', change.net, 'dev', change.card, 'scope', 'link', 'table', ROUTES)
      return must('ip', 'route', 'replace', 'default', 'via', change.via, 'dev', change.card, 'table', ROUTES)
    case 'rule': return must('ip', 'rule', 'add', 'from', change.from, 'table', ROUTES, 'priority', RULE_PRIORITY)
    default: return change satisfies never
  }
}

/** What is not there any more is no fault; a value somebody else has changed since is left as it is. */
export async function unmake(machine: Machine, change: Change, signal: AbortSignal): Promise<void> {
  const { proc } = machine
  const run = async (program: string, ...args: string[]): Promise<void> => { await proc.run(program, args, signal) }
  switch (change.kind) {
    case 'link': return run('ip', 'link', 'set', 'dev', change.card, 'down')
    case 'address': return run('ip', 'address', 'del', change.cidr, 'dev', change.card)
    case 'sysctl': return run('sysctl', '-q', '-w', `${change.key}=${change.before}`)
    case 'rules': return run('nft', 'delete', 'table', 'inet', TABLE)
    case 'dns': return endForwarder(machine, change.pidFile, signal)
    case 'route': return run('ip', 'route', 'flush', 'table', ROUTES)
    case 'rule': return run('ip', 'rule', 'del', 'from', change.from, 'table', ROUTES)
    default: return change satisfies never
  }
}

export function changeText(change: Change): string {
  switch (change.kind) {
    case 'link': return `card ${change.card} switched on`
    case 'address': return `address ${change.cidr} on ${change.card}`
    case 'sysctl': return `${change.key} ${change.before} -> ${change.after}`
    case 'rules': return `nftables table inet ${TABLE}`
    case 'dns': return `DNS forwarder on ${change.address}:53`
    case 'route': return `route from the bench address by ${change.via}, table ${ROUTES}`
    case 'rule': return `rule for ${change.from}, table ${ROUTES}`
    default: return change satisfies never
  }
}

function forwarderWords(change: Extract<Change, { kind: 'dns' }>): string[] {
  return [
    '--conf-file=/dev/null', '--port=53', `--listen-address=${change.address}`, '--bind-interfaces', '--except-interface=lo',
    '--no-hosts', '--domain-needed', '--bogus-priv', '--cache-size=1000', '--no-poll', `--pid-file=${change.pidFile}`,
    ...(change.servers.length === 0 ? ['--resolv-file=/etc/resolv.conf'] : ['--no-resolv', ...change.servers.map(server => `--server=${server}`)])
  ]
}

async function endForwarder({ proc, pause }: Machine, pidFile: string, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < END_ROUNDS; round += 1) {
    const pids = await pidsOf(proc, pidFile, signal)
    if (pids.length === 0) return
    if (round % 10 === 0) await proc.run('kill', [round < 20 ? '-TERM' : '-KILL', ...pids], signal)
    await pause(signal)
  }
}

/** By the command line, not by the file: a crash may have come before the file. */
async function pidsOf(proc: Proc, pidFile: string, signal: AbortSignal): Promise<string[]> {
  const pattern = `^[^ ]*dnsmasq .*--pid-file=${pidFile.replaceAll(/[.[\]()*+?^$|{}\\]/g, String.raw`\$&`)}( |$)`
  const { stdout } = await proc.run('pgrep', ['-f', pattern], signal)
  return stdout.split('\n').filter(line => /^\d+$/.test(line))
}

type Row = Readonly<Record<string, unknown>>
/** What `ip -j` says; nothing at all for what makes no sense, or for an empty answer. */
export function rowsOf(text: string): Row[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.filter((row): row is Row => typeof row === 'object' && row !== null) : []
  } catch {
    return []
  }
}

const NOT_FOUND = 127 // as in a shell

function assertDone(program: string, args: readonly string[], { code, stderr }: { readonly code: number; readonly stderr: string }): void {
  if (code === 0) return
  const text = code === NOT_FOUND ? `${program} is not installed` : `${program} ${args.join(' ').slice(0, 120)}: ${stderr.trim().slice(0, 200)}`
  throw new Fault('net.gateway-failed', { program, text, ...(code === NOT_FOUND ? { line: `sudo apt install ${PACKAGE_OF[program] ?? program}` } : {}) })
}

const PACKAGE_OF: Readonly<Record<string, string>> = { ip: 'iproute2', nft: 'nftables', dnsmasq: 'dnsmasq-base', sysctl: 'procps', pgrep: 'procps', kill: 'procps' }
