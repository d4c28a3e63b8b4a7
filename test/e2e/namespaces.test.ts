// The real path: real cards, real sockets, real DHCP clients, the station killed in the middle. Needs root on Linux.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FactView, NetworkView, StatusView, UnitView } from '#shared'
import { BenchNet, benchConfig, SECRET_ENV, whyNoNamespaces, type Running } from '../helpers/namespaces.ts'

const out = (entry: string): string => resolve(import.meta.dirname, '../../out/main', `${entry}.js`)
const why = whyNoNamespaces()
if (why !== null && process.env['CI'] !== undefined) throw new Error(`CI must run this: ${why}`)

interface CloudState { readonly releases: readonly { readonly uuid: string }[]; readonly events: Readonly<Record<string, number>> }

class Floor implements AsyncDisposable {
  readonly net: BenchNet
  readonly data = mkdtempSync(join(tmpdir(), 'unbindery-'))
  readonly #config = join(this.data, 'bench.json')

  constructor(name: string, ports: number) {
    this.net = new BenchNet(`ub-e2e-${name}-${process.pid}`, ports)
    writeFileSync(this.#config, JSON.stringify(benchConfig(this.data)))
  }

  async cloud(): Promise<void> {
    await this.net.start('cl', out('cloud'), ['--host', '10.99.0.2', '--port', '8090']).until(line => line.includes('virtual cloud on'), 10_000)
  }

  async station(): Promise<Running> {
    const station = this.net.start('st', out('headless'), ['--config', this.#config, '--data', this.data, '--port', '8080'], SECRET_ENV)
    await station.until(line => line.startsWith('OPEN'), 15_000)
    return station
  }

  unit(port: number, args: readonly string[]): Running {
    return this.net.start(`u${port}`, out('units'), ['--card', 'eth0', '--dhcp', 'udhcpc', '--cloud', this.net.cloudUrl, '--seconds', '240', ...args])
  }

  /** The command line, as a person would ask. */
  ask<T>(...words: readonly string[]): T {
    return JSON.parse(execFileSync(process.execPath, [out('cli'), ...words, '--json', '--data', this.data], { encoding: 'utf8', maxBuffer: 32 << 20 })) as T // what --json promises
  }

  cloudState(): CloudState {
    return JSON.parse(this.net.exec('st', process.execPath, '-e', `fetch('${this.net.cloudUrl}/virtual/state').then(r => r.text()).then(t => console.log(t))`)) as CloudState // its own documented answer
  }

  /** Asks until the answer suits. */
  async until<T>(words: readonly string[], test: (answer: T) => boolean, ms: number): Promise<T> {
    const end = Date.now() + ms
    for (;;) {
      const answer = this.ask<T>(...words)
      if (test(answer)) return answer
      if (Date.now() > end) throw new Error(`not in ${ms} ms; last: ${JSON.stringify(answer).slice(0, 3000)}`)
      await new Promise(r => { setTimeout(r, 500) })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.net[Symbol.asyncDispose]()
    rmSync(this.data, { recursive: true, force: true })
  }
}

const isClosed = (u: UnitView): boolean => u.stage === 'closed'

describe.skipIf(why !== null)(`the bench over real sockets${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it.concurrent('releases four units with real DHCP leases; a fifth that never reacts ends unproven', async () => {
    await using floor = new Floor('a', 5)
    await floor.cloud()
    const station = await floor.station()
    await floor.until<NetworkView>(['network'], n => n.dhcp.state === 'serving', 20_000)
    ;['3.1', '3.3', '3.4', '3.5'].forEach((version, i) => floor.unit(i + 1, ['--ready', '--version', version, ...(version === '3.5' ? ['--when-asked'] : [])]))
    floor.unit(5, ['--ready', '--fault', 'never-reacts'])
    const units = await floor.until<UnitView[]>(['units'], all => all.length === 5 && all.every(isClosed), 180_000)
    expect(units.map(u => String(u.outcome)).toSorted((a, b) => a.localeCompare(b))).toEqual(['proven', 'proven', 'proven', 'proven', 'unproven'])
    expect(units.find(u => u.outcome === 'unproven')).toMatchObject({ grade: null, fault: { code: 'unit.silent' } })
    const network = floor.ask<NetworkView>('network')
    expect(network).toMatchObject({ card: { name: 'bench0', binding: 'device' }, dhcp: { state: 'serving', fault: null } })
    expect(network.leases.length).toBeGreaterThanOrEqual(5)
    const status = await floor.until<StatusView>(['status'], s => s.sync[0]?.acked === s.sync[0]?.last, 20_000)
    expect(status.outcomes).toMatchObject({ proven: 4, unproven: 1 })
    expect(new Set(floor.cloudState().releases.map(r => r.uuid)).size).toBe(4)
    await station.end()
    expect(floor.ask<StatusView>('status')).toMatchObject({ isRunning: false, outcomes: { proven: 4, unproven: 1 } })
  }, 240_000)

  it.concurrent('killed with kill -9 in the middle and started again: one verdict a job, no seat spent twice, nobody released twice', async () => {
    await using floor = new Floor('b', 4)
    await floor.cloud()
    const first = await floor.station()
    await floor.until<NetworkView>(['network'], n => n.dhcp.state === 'serving', 20_000)
    for (const port of [1, 2, 3, 4]) floor.unit(port, ['--ready', '--version', '3.3'])
    await floor.until<FactView[]>(['history'], facts => facts.filter(f => f.kind === 'unbind.asked').length >= 2, 60_000)
    execFileSync('pkill', ['-9', '-f', `headless.js --config ${join(floor.data, 'bench.json')}`])
    await new Promise(r => { first.child.once('exit', r) })
    await floor.station()
    await floor.until<UnitView[]>(['units'], all => all.length === 4 && all.every(isClosed), 180_000)
    const facts = floor.ask<FactView[]>('history', '--limit', '1000')
    const closed = facts.filter(f => f.kind === 'job.closed').map(f => f.job)
    expect(new Set(closed).size).toBe(closed.length)
    const asked = facts.filter(f => f.kind === 'unbind.asked').map(f => f.job)
    expect(new Set(asked).size).toBe(asked.length)
    const spent = facts.filter(f => f.kind === 'seat.spent').map(f => f.job)
    expect(new Set(spent)).toEqual(new Set(asked))
    expect(spent).toHaveLength(asked.length)
    const { releases } = floor.cloudState()
    expect(new Set(releases.map(r => r.uuid)).size).toBe(releases.length)
    expect(floor.ask<StatusView>('status').outcomes.proven).toBeLessThanOrEqual(releases.length)
  }, 300_000)

  it.concurrent('garbage on every port is counted or refused, and the station goes on working', async () => {
    await using floor = new Floor('c', 2)
    await floor.cloud()
    const station = await floor.station()
    await floor.until<NetworkView>(['network'], n => n.dhcp.state === 'serving', 20_000)
    floor.net.exec('u2', 'ip', 'addr', 'add', '10.77.0.200/24', 'brd', '+', 'dev', 'eth0')
    floor.net.exec('u2', process.execPath, '-e', GARBAGE)
    for (const path of ['/%zz', '/../../etc/passwd', '/door', '/%00', `/${'a'.repeat(5000)}`]) {
      floor.net.exec('st', process.execPath, '-e', `fetch('http://127.0.0.1:8080${path}').then(r => r.text(), () => '')`)
    }
    floor.unit(1, ['--ready', '--version', '3.3'])
    await floor.until<UnitView[]>(['units'], all => all.some(u => u.outcome === 'proven'), 120_000)
    expect(floor.ask<UnitView[]>('units')).toHaveLength(1) // garbage never becomes a unit
    expect(station.child.exitCode).toBeNull()
    const { lan, dhcp } = floor.ask<NetworkView>('network')
    expect((lan.counters['malformed'] ?? 0) + (lan.counters['excess'] ?? 0)).toBeGreaterThan(50)
    expect(Object.keys(dhcp.counters).some(name => name.startsWith('ignored') || name.includes('malformed'))).toBe(true)
  }, 200_000)
})

/** 400 datagrams of seeded noise and of broken beginnings to each UDP port of the station, bounded and paced. */
const GARBAGE = `
const dgram = require('node:dgram'); const s = dgram.createSocket('udp4');
let x = 12345; const next = () => (x = (x * 1103515245 + 12345) & 0x7fffffff);
const heads = ['000055aa', '00006699', '0101060000000001', '', '7b22'].map(h => Buffer.from(h, 'hex'));
s.bind(0, () => { s.setBroadcast(true); let n = 0;
  const timer = setInterval(() => {
    for (const port of [67, 6666, 6667, 7000]) {
      const body = Buffer.alloc(next() % 600); for (let i = 0; i < body.length; i += 1) body[i] = next() & 255;
      s.send(Buffer.concat([heads[next() % heads.length], body]), port, n % 2 ? '255.255.255.255' : '10.77.0.1');
    }
    n += 1; if (n >= 100) { clearInterval(timer); setTimeout(() => s.close(), 200); }
  }, 5);
});`
