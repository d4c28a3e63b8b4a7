/**
 * A station with three cards in network namespaces: the bench switch with one unit and room for a router, an office that
 * would answer if it were asked, and an internet that knows no way back to the bench. Nobody here is our own code.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ip, whyNoNamespaces } from './namespaces.ts'

const PLACES = ['sw', 'st', 'un', 'rt', 'in', 'of'] as const
export type Place = (typeof PLACES)[number]
export const VENDOR = '203.0.113.5'
export const NAME_SERVER = '203.0.113.53'
export const OFFICE_HOST = '192.168.50.2'
export const STATION_IN_OFFICE = '192.168.50.10'
export const STATION_OUTSIDE = '198.51.100.2'
export const source = (entry: string): string => resolve(import.meta.dirname, '../../src/main', `${entry}.ts`)

/** What these tests need and this machine has not; null: nothing. */
export function whyNoGateway(): string | null {
  const isThere = (program: string): boolean => {
    try { execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }); return true } catch { return false }
  }
  const missing = ['nft', 'dnsmasq', 'sysctl', 'pgrep'].find(program => !isThere(program))
  return whyNoNamespaces() ?? (missing === undefined ? null : `${missing} is missing`)
}

export class GatewayHouse implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'ub-gateway-'))
  readonly state = join(this.folder, 'state', 'bench-net.json')
  readonly #name: string
  readonly #children: ChildProcess[] = []

  constructor(name: string) {
    this.#name = `ub-gateway-${name}-${process.pid}`
    for (const place of PLACES) {
      ip('netns', 'add', this.ns(place))
      this.ip(place, 'link', 'set', 'lo', 'up')
    }
    this.exec('st', 'sysctl', '-qw', 'net.ipv6.conf.default.dad_transmits=0') // else the picture changes by itself for a second
    this.ip('sw', 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0')
    this.ip('sw', 'link', 'set', 'br0', 'up')
    for (const [place, card] of [['st', 'bench0'], ['un', 'eth0'], ['rt', 'lan0']] as const) {
      ip('link', 'add', card, 'netns', this.ns(place), 'type', 'veth', 'peer', 'name', `p-${place}`, 'netns', this.ns('sw'))
      this.ip('sw', 'link', 'set', `p-${place}`, 'master', 'br0', 'up')
      this.ip(place, 'link', 'set', card, 'up')
    }
    this.#wire('up0', `${STATION_OUTSIDE}/24`, 'in', '198.51.100.1/24')
    this.#wire('office0', `${STATION_IN_OFFICE}/24`, 'of', `${OFFICE_HOST}/24`)
    this.ip('st', 'route', 'add', 'default', 'via', '198.51.100.1')
    this.ip('of', 'route', 'add', '10.77.0.0/24', 'via', STATION_IN_OFFICE) // the worst office: it knows the way in
    for (const address of [VENDOR, NAME_SERVER]) this.ip('in', 'address', 'add', `${address}/32`, 'dev', 'lo')
    this.ip('st', 'link', 'set', 'bench0', 'down') // it has been up once: the kernel never gives it its first queue back
  }

  ns(place: Place): string { return `${this.#name}-${place}` }
  ip(place: Place, ...args: readonly string[]): string { return ip('-n', this.ns(place), ...args) }

  exec(place: Place, program: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.ns(place), program, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 })
  }

  start(place: Place, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.ns(place), program, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } })
    this.#children.push(child)
    return child
  }

  /** A script until it says so. */
  async serve(place: Place, script: string): Promise<ChildProcess> {
    const child = this.start(place, process.execPath, ['-e', script])
    await new Promise<void>((ready, failed) => {
      child.stdout?.once('data', () => ready())
      child.once('exit', () => failed(new Error('the script ended')))
    })
    return child
  }

  /** The vendor, a time server and a name server of somebody else. */
  async internet(): Promise<void> {
    await this.serve('in', INTERNET)
    const names = ['iot-dns.com', 'tuyaeu.com', 'pool.ntp.org'].map(name => `--address=/${name}/${VENDOR}`)
    this.start('in', 'dnsmasq', ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', `--listen-address=${NAME_SERVER}`, '--bind-interfaces', '--user=root', `--pid-file=${join(this.folder, 'in.pid')}`, ...names])
  }

  /** `unbindery bench-net ...` in the station; gives the exit code and what was said. */
  benchNet(words: readonly string[], path = ''): { readonly code: number; readonly text: string } {
    const all = ['netns', 'exec', this.ns('st'), process.execPath, source('cli'), 'bench-net', ...words, '--state', this.state, '--gateway.servers', `["${NAME_SERVER}"]`]
    try {
      const text = execFileSync('ip', all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, env: { ...process.env, PATH: `${path}${process.env['PATH'] ?? ''}` } })
      return { code: 0, text }
    } catch (thrown) {
      const { status, stderr, stdout } = thrown as { status: number | null; stderr: string; stdout: string } // what execFileSync throws for a bad end
      return { code: status ?? -1, text: `${stdout}${stderr}` }
    }
  }

  /** Everything the helper may touch, as the system tells it. */
  snapshot(): string {
    const still = (text: string): string => text.replaceAll(/ (tentative|deprecated)/g, '').replaceAll(/valid_lft .*/g, '').replaceAll(/counter packets \d+ bytes \d+/g, 'counter').replaceAll(/ +/g, ' ').replaceAll(/^local fe80.*\n/gm, '') // these come a second after their cards

    const forwarding = ['all', 'default', 'bench0', 'up0', 'office0'].map(card => this.exec('st', 'sysctl', `net.ipv4.conf.${card}.forwarding`))
    const parts = [this.exec('st', 'nft', 'list', 'ruleset'), this.ip('st', 'address'), this.ip('st', 'rule'), this.ip('st', 'route', 'show', 'table', 'all'), ...forwarding, this.exec('st', 'ss', '-lun')]
    return still(parts.join('---\n'))
  }

  /** Programs that end their caller with kill -9 at the nth change to the machine, before it or after it. */
  killer(n: number, when: 'before' | 'after'): string {
    const folder = mkdtempSync(join(this.folder, 'bin-'))
    for (const program of ['ip', 'nft', 'sysctl', 'dnsmasq']) {
      const real = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
      writeFileSync(join(folder, program), [
        '#!/bin/sh', `case " $* " in *" add "*|*" set "*|*" replace "*|*" -w "*|*" -f "*|*--conf-file*) ;; *) exec ${real} "$@";; esac`,
        `echo x >> ${folder}/count`, `if [ "$(wc -l < ${folder}/count)" -ne ${n} ]; then exec ${real} "$@"; fi`,
        ...(when === 'after' ? [`${real} "$@"`] : []), 'kill -9 $PPID', ''
      ].join('\n'))
      chmodSync(join(folder, program), 0o755)
    }
    return `${folder}:`
  }

  changesCounted(path: string): number {
    try { return readFileSync(join(path.replace(/:$/, ''), 'count'), 'utf8').trim().split('\n').length } catch { return 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.benchNet(['down'])
    await Promise.all(this.#children.filter(c => c.exitCode === null && c.signalCode === null).map(child => new Promise<void>(gone => {
      child.once('exit', () => gone())
      child.kill('SIGKILL')
    })))
    for (const place of PLACES) ip('netns', 'del', this.ns(place))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #wire(card: string, cidr: string, other: Place, otherCidr: string): void {
    ip('link', 'add', card, 'netns', this.ns('st'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.ns(other))
    this.ip('st', 'address', 'add', cidr, 'dev', card)
    this.ip(other, 'address', 'add', otherCidr, 'dev', 'eth0')
    this.ip('st', 'link', 'set', card, 'up')
    this.ip(other, 'link', 'set', 'eth0', 'up')
  }
}

/** Says to every caller from where it was seen; tells the time as RFC 4330 has it. */
const INTERNET = `
const net = require('node:net'); const dgram = require('node:dgram');
const ports = [443, 8883, 8886]; let open = 0;
for (const port of ports) net.createServer(s => { s.on('error', () => {}); s.end('seen from ' + s.remoteAddress.replace('::ffff:', '')); }).listen(port, () => { open += 1; if (open === ports.length) console.log('ready'); });
const clock = dgram.createSocket('udp4');
clock.on('message', (m, from) => {
  const a = Buffer.alloc(48); a[0] = 0x24; a[1] = 2; m.copy(a, 24, 40, 48);
  a.writeUInt32BE(Math.floor(Date.now() / 1000) + 2208988800, 40); clock.send(a, from.port, from.address);
});
clock.bind(123, '203.0.113.5');`
