/**
 * A bench in network namespaces for DHCP on live sockets: a switch, the station, and whoever is plugged in. Each lab has names of its
 * own, so that several run at once; everything made here is taken down again.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DhcpSettings, DhcpView, LeaseEvent } from '../../src/main/bench/dhcp-server.ts'

export const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
export const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
const fixture = (name: string): string => new URL(`../bench/${name}.fixture.ts`, import.meta.url).pathname

/** Why a lab cannot be had here; null: it can. */
export function lackOfLab(programs: readonly string[]): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux'
  const probe = `ub-dhcp-probe-${process.pid}`
  try { ip('netns', 'add', probe); ip('netns', 'del', probe) } catch { return 'network namespaces' }
  return programs.find(name => { try { execFileSync('which', [name]); return false } catch { return true } }) ?? null
}

export type Child = ChildProcess & { readonly over: Promise<void>; readonly lines: readonly string[] }
export interface LabStation {
  readonly child: Child
  readonly events: LeaseEvent[]
  view(): Promise<DhcpView>
  /** How many facts the receiver of the history has, where the station has one (UB_SYNC_ROWS). */
  acked(): Promise<number>
  /** Starts the delivery. */
  sync(): Promise<void>
  /** Ms until it is so, without those in which the machine let neither us nor the station run. */
  until(what: string, isSo: () => boolean | Promise<boolean>, ms?: number): Promise<number>
  /** How often each kind of event was told of a MAC. */
  kinds(mac: string): readonly string[]
  kill(): Promise<void>
}
export interface Load { ask(order: object): Promise<Readonly<Record<string, number>>> }

export const UNIT_MAC = '02:00:00:77:00:64'
const LOOK_MS = 40
/** Station and load go before the machine's other work, whose slices would be measured else. */
const FIRST = ['-n', '-15']
let labs = 0

export class DhcpLab implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'ub-dhcp-'))
  readonly #name: string
  readonly #made: string[] = []
  readonly #children: Child[] = []

  constructor() {
    labs += 1
    this.#name = `ub-dhcp-${process.pid}-${labs}`
    this.#add('sw')
    ip('-n', this.ns('sw'), 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0')
    ip('-n', this.ns('sw'), 'link', 'set', 'br0', 'up')
    this.#add('st')
    this.plug('st', 'bench0', '02:00:00:77:00:01')
    ip('-n', this.ns('st'), 'address', 'add', '10.77.0.1/24', 'brd', '+', 'dev', 'bench0')
  }

  ns(host: string): string { return `${this.#name}-${host}` }

  /** A host with one card on the switch. */
  host(name: string, mac: string): void {
    this.#add(name)
    this.plug(name, 'eth0', mac)
  }

  plug(host: string, card: string, mac: string): void {
    ip('link', 'add', `p-${host}`, 'netns', this.ns('sw'), 'type', 'veth', 'peer', 'name', card, 'netns', this.ns(host), 'address', mac)
    ip('-n', this.ns('sw'), 'link', 'set', `p-${host}`, 'master', 'br0', 'up')
    ip('-n', this.ns(host), 'link', 'set', card, 'up')
  }

  /** Pulls the card out of its host, as a USB adapter; `plug` puts another one in. */
  pull(host: string): void { ip('-n', this.ns('sw'), 'link', 'del', `p-${host}`) }

  cable(host: string, isIn: boolean): void { ip('-n', this.ns('sw'), 'link', 'set', `p-${host}`, isIn ? 'up' : 'down') }

  exec(host: string, program: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.ns(host), program, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  run(host: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
    const started = spawn('ip', ['netns', 'exec', this.ns(host), program, ...args], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } })
    const lines: string[] = []
    createInterface({ input: started.stdout }).on('line', line => lines.push(line))
    const child = Object.assign(started, { lines, over: new Promise<void>(resolve => { started.once('exit', () => { resolve() }) }) })
    this.#children.push(child)
    return child
  }

  async serve(settings: Partial<DhcpSettings> = {}, dbPath = ':memory:', env: Readonly<Record<string, string>> = {}, state: DhcpView['state'] = 'serving', through: readonly string[] = []): Promise<LabStation> {
    const child = this.run('st', 'nice', [...FIRST, ...through, process.execPath, fixture('dhcp-serve'), '600', dbPath, JSON.stringify(settings)], env)
    const events: LeaseEvent[] = []
    interface Said { readonly event?: LeaseEvent; readonly view?: DhcpView; readonly acked?: number | null; readonly lateMs?: number }
    const waiting: ((said: Said) => void)[] = []
    const ask = (what = 'view'): Promise<Said> => new Promise((resolve, reject) => {
      waiting.push(resolve)
      child.stdin?.write(`${what}\n`)
      void child.over.then(() => { reject(new Error('the station has ended')) })
    })
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', text => {
        const line = JSON.parse(text) as Said // our own fixture wrote it
        if (line.event) events.push(line.event)
        if (line.view) waiting.shift()?.(line)
      })
    }
    const station: LabStation = {
      child, events,
      view: async () => {
        const { view } = await ask()
        if (view === undefined) throw new Error('no view')
        return view
      },
      acked: async () => (await ask()).acked ?? 0,
      sync: async () => { await ask('sync') },
      until: async (what, isSo, ms = 40_000) => {
        const start = performance.now()
        const late = (await ask()).lateMs ?? 0
        for (let own = 0, from = start; performance.now() - start < ms; own += Math.max(0, performance.now() - from - LOOK_MS)) {
          if (await isSo()) return performance.now() - start - Math.max(own, ((await ask()).lateMs ?? 0) - late)
          from = performance.now()
          await pause(LOOK_MS)
        }
        throw new Error(`${ms} ms without: ${what}; heard ${JSON.stringify(events)}`)
      },
      kinds: mac => events.filter(e => e.mac === mac).map(e => e.kind),
      kill: async () => { child.kill('SIGKILL'); await child.over }
    }
    await station.until(state, async () => (await station.view()).state === state)
    return station
  }

  /** The seeded load of test/bench/dhcp-load.fixture.ts on a host's card. */
  load(host: string, seed: number): Load {
    const child = this.run(host, 'nice', [...FIRST, process.execPath, fixture('dhcp-load'), 'eth0', String(seed)])
    let asked = 0
    return {
      ask: async order => {
        asked += 1
        child.stdin?.write(`${JSON.stringify(order)}\n`)
        while (child.lines.length < asked) {
          if (child.exitCode !== null) throw new Error('the load has ended')
          await pause(10)
        }
        return JSON.parse(child.lines[asked - 1] ?? '{}') as Record<string, number> // our own fixture wrote it
      }
    }
  }

  /** ISC dhclient; its script finds `refused` taken by somebody. */
  dhclient(host: string, args: readonly string[], refused = ''): Child {
    const script = this.#script('dhclient.sh', `if [ -n "$new_ip_address" ]; then [ "$new_ip_address" = "${refused}" ] && exit 1; ip address replace "$new_ip_address/24" dev "$interface"; fi\nexit 0`)
    const conf = join(this.dir, 'dhclient.conf')
    writeFileSync(conf, 'send host-name "nvr-9";\nsend vendor-class-identifier "NVR";\nrequest subnet-mask, routers;\ninitial-interval 1;\nbackoff-cutoff 2;\n')
    return this.run(host, 'dhclient', ['-4', '-cf', conf, '-lf', join(this.dir, 'dhclient.leases'), '-pf', join(this.dir, 'dhclient.pid'), '-sf', script, ...args, 'eth0'])
  }

  /** busybox udhcpc. */
  udhcpc(host: string, args: readonly string[]): Child {
    const script = this.#script('udhcpc.sh', 'case "$1" in bound|renew) ip address replace "$ip/24" dev "$interface";; deconfig) ip address flush dev "$interface";; esac')
    return this.run(host, 'udhcpc', ['-f', '-i', 'eth0', '-s', script, ...args])
  }

  /** dhcpcd keeps its leases in one place for all: each lab has its own there. */
  dhcpcd(host: string, args: readonly string[]): Child {
    for (const name of ['lib', 'run']) mkdirSync(join(this.dir, name), { recursive: true })
    const mounts = `mkdir -p /run/dhcpcd && mount --bind ${join(this.dir, 'lib')} /var/lib/dhcpcd && mount --bind ${join(this.dir, 'run')} /run/dhcpcd`
    return this.run(host, 'sh', ['-c', `${mounts} && exec dhcpcd -4 -B -f /dev/null -c /bin/true ${args.join(' ')} eth0`])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    await Promise.all(this.#children.map(child => child.over))
    for (const name of this.#made.toReversed()) try { ip('netns', 'del', name) } catch { /* never made whole */ }
    rmSync(this.dir, { recursive: true, force: true })
  }

  #add(host: string): void {
    ip('netns', 'add', this.ns(host))
    this.#made.push(this.ns(host))
    ip('-n', this.ns(host), 'link', 'set', 'lo', 'up')
  }

  #script(name: string, body: string): string {
    const path = join(this.dir, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
    return path
  }
}
