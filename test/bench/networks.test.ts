/** Which network the next code names, what the bench knows of each, and that a password goes nowhere but into the code. */
import { describe, expect, it } from 'vitest'
import { hours, type StopReason } from '#shared'
import { Secret } from '../../src/main/bench/log.ts'
import { Networks, type NetworkSettings } from '../../src/main/bench/networks.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'
import { CAMERA, LedgerBench, mac, waveId } from '../helpers/ledger.ts'

const network = (ssid: string, password: string) => ({ ssid, password: new Secret(password) })
const THREE = [network('BENCH-A', 'first pass'), network('BENCH-B', 'second:pass'), network('BENCH, C', '')]
const open = (bench: LedgerBench, change: Partial<NetworkSettings> = {}): Networks => new Networks(bench.ledger, { networks: THREE, rotate: 'never', command: '', ...change })
const SIGNAL = new AbortController().signal

function wave(bench: LedgerBench, uid: string, ssid: string, o: { readonly joins?: boolean; readonly reason?: StopReason } = {}): void {
  const unit = bench.meet(`camera of ${uid}`, { product: CAMERA, method: 'qr', aliases: [mac(uid.length)] })
  const id = waveId(uid)
  bench.ledger.append({ wave: id, body: { kind: 'wave.planned', rack: 'R1', product: CAMERA, account: 'house', ssid, units: [unit] } })
  bench.openJob(`job of ${uid}`, unit, id)
  if (o.joins === true) bench.ledger.append({ unit, body: { kind: 'unit.seen', evidence: { kind: 'joined', at: bench.clock.now(), ip: '10.77.0.9' } } })
  if (o.reason !== undefined) bench.ledger.append({ wave: id, body: { kind: 'wave.stopped', reason: o.reason } })
}

describe('the next network', () => {
  it('is the first one, unless they take turns by shift or by wave', () => {
    using bench = new LedgerBench()
    const [now, shift] = [hours(80), hours(8)]
    expect([0, 1, 2].map(n => open(bench).pick(undefined, now + n * shift).ssid)).toEqual(['BENCH-A', 'BENCH-A', 'BENCH-A'])
    expect(new Set([0, 1, 2].map(n => open(bench, { rotate: 'shift' }).pick(undefined, now + n * shift).ssid)).size).toBe(3)
    const byWave = open(bench, { rotate: 'wave' })
    expect(byWave.pick(undefined, now).ssid).toBe('BENCH-A')
    wave(bench, 'one', 'BENCH-A')
    expect(byWave.pick(undefined, now).ssid).toBe('BENCH-B')
  })

  it('is the one asked for by name; one that is not set up is a fault', () => {
    using bench = new LedgerBench()
    expect(open(bench).pick('BENCH-B', 0).password.reveal()).toBe('second:pass')
    expect(() => open(bench).pick('OFFICE', 0)).toThrow('wifi.wrong')
    expect(() => open(bench, { networks: [] }).pick(undefined, 0)).toThrow('wifi.wrong')
  })
})

describe('what is told of a network', () => {
  it('is what it makes of the code and what the bench has seen of it; never its password', () => {
    using bench = new LedgerBench()
    wave(bench, 'one', 'BENCH-A', { joins: true, reason: 'full' })
    wave(bench, 'second', 'BENCH-B', { reason: 'no-join' })
    const view = open(bench).view(0)
    expect(view).toMatchObject([
      { ssid: 'BENCH-A', bytes: 53, version: 3, odd: [], isPasswordOdd: false, state: 'joined', isNext: true },
      { ssid: 'BENCH-B', bytes: 54, version: 4, odd: [], isPasswordOdd: true, state: 'failed', isNext: false },
      { ssid: 'BENCH, C', bytes: 44, version: 3, odd: [','], isPasswordOdd: false, state: 'untried', isNext: false }
    ])
    expect(JSON.stringify(view)).not.toContain('pass"')
  })
})

describe('the access point', () => {
  it('is told once of each change, before the code, with the name only', async () => {
    using bench = new LedgerBench()
    const proc = new VirtualProc()
    proc.script('/opt/ap', () => ({ code: 0, stdout: '', stderr: '' }))
    const networks = open(bench, { command: '/opt/ap' })
    for (const n of [THREE[0], THREE[0], THREE[1]]) if (n) await networks.switchTo(n, proc, SIGNAL)
    expect(proc.calls).toEqual(['/opt/ap BENCH-A', '/opt/ap BENCH-B'])
  })

  it('that does not follow is a fault, and is told again', async () => {
    using bench = new LedgerBench()
    const proc = new VirtualProc()
    const networks = open(bench, { command: '/opt/none' })
    const [first] = THREE
    for (let i = 0; i < 2; i += 1) if (first) await expect(networks.switchTo(first, proc, SIGNAL)).rejects.toThrow('wifi.wrong')
    expect(proc.calls).toHaveLength(2)
  })
})
