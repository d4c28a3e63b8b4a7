import { describe, expect, it } from 'vitest'
import {
  assessBinding, assessCard, assessClock, assessConfig, assessFolder, assessGateway, assessLabels, assessPort, assessPortRights, assessReceiveBuffer, assessSerial, type Finding
} from '../../src/main/bench/preflight.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Card } from '../../src/main/ports.ts'

const state = (finding: Finding): string => finding.state
const card = (change: Partial<Card> = {}): Card => ({ name: 'bench0', index: 2, mac: '02:00:00:00:00:01', up: true, hasLink: true, hasDefaultRoute: false, addresses: [{ address: '10.77.0.1', prefix: 24 }], ...change })
const office = card({ name: 'office0', hasDefaultRoute: true, addresses: [{ address: '192.168.50.10', prefix: 24 }] })
const wished = { card: 'bench0', address: '10.77.0.1', prefix: 24 }
const LINE = 'sudo unbindery bench-net up'

describe('port 67', () => {
  const nobody = { platform: 'linux', isRoot: false, hasLowPorts: false, firstFreePort: 1024, inheritedPorts: [] }
  it.each([
    ['an ordinary user on a stock system may not, and is told the one line', {}, 'bad'],
    ['the sysctl file opens it', { firstFreePort: 67 }, 'ok'],
    ['the service manager hands it in', { inheritedPorts: [67, 68] }, 'ok'],
    ['a right of the program opens it', { hasLowPorts: true }, 'ok'],
    ['root may, but should not be', { isRoot: true }, 'warn'],
    ['Windows keeps no port back', { platform: 'win32', firstFreePort: null }, 'ok']
  ] as const)('%s', (_, change, expected) => {
    const finding = assessPortRights({ ...nobody, ...change })
    expect(state(finding)).toBe(expected)
    expect(finding.line !== null).toBe(expected !== 'ok')
    if (finding.line !== null) expect(finding.line).toContain('net.ipv4.ip_unprivileged_port_start=67')
  })
})

describe('the bench card', () => {
  it.each([
    ['fits', [card(), office], 'ok', null],
    ['is not there', [office], 'bad', 'set "bench": { "card": "CARD" } in the configuration'],
    ['is another one', [card({ name: 'bench1' }), office], 'bad', 'set "bench": { "card": "bench1" } in the configuration'],
    ['has no address', [card({ addresses: [] }), office], 'bad', LINE],
    ['has no link', [card({ hasLink: false }), office], 'bad', 'sudo ip link set bench0 up'],
    ['leads to the office', [card({ hasDefaultRoute: true }), card({ name: 'bench1', addresses: [] })], 'bad', 'set "bench": { "card": "bench1" } in the configuration'],
    ['shares its net with another', [card(), card({ name: 'office0', addresses: [{ address: '10.77.0.9', prefix: 16 }] })], 'bad', 'choose another net: bench.address, dhcp.poolStart and dhcp.poolEnd in the configuration']
  ] as const)('%s', (_, cards, expected, line) => {
    expect(assessCard(cards, wished, LINE)).toMatchObject({ state: expected, line })
  })

  it('none chosen: the cards are named, the one of the office marked, and the other proposed', () => {
    expect(assessCard([office, card()], { ...wished, card: '' }, LINE)).toMatchObject({ state: 'bad', text: expect.stringContaining('office0 (office), bench0'), line: expect.stringContaining('"card": "bench0"') })
  })
})

describe('ports somebody may hold', () => {
  const dnsmasq = { pid: 811, program: 'dnsmasq --conf-file=/x', isStation: false }
  const station = { pid: 7, program: 'node out/main/headless.js', isStation: true }
  const systemd = { pid: 1, program: '/usr/lib/systemd/systemd', isStation: false }
  it.each([
    ['free', { fault: null, wasTried: true, holders: [] }, 'ok', null],
    ['held by a named program', { fault: 'net.port-taken', wasTried: true, holders: [dnsmasq] }, 'bad', 'sudo kill 811'],
    ['held by somebody we may not look at', { fault: 'net.port-taken', wasTried: true, holders: [] }, 'bad', "sudo ss -lunp 'sport = :67'"],
    ['held by the station itself', { fault: 'net.port-taken', wasTried: true, holders: [station] }, 'ok', null],
    ['held by the station and by systemd, which handed it over', { fault: 'net.port-taken', wasTried: true, holders: [systemd, station] }, 'ok', null],
    ['kept by systemd for a station that is not there yet', { fault: 'net.port-taken', wasTried: true, holders: [systemd] }, 'ok', null],
    ['held by systemd and somebody else', { fault: 'net.port-taken', wasTried: true, holders: [systemd, dnsmasq] }, 'bad', 'sudo kill 811'],
    ['held, but on another card', { fault: null, wasTried: true, holders: [dnsmasq] }, 'ok', null],
    ['held, and no bench card to try', { fault: null, wasTried: false, holders: [dnsmasq] }, 'warn', null],
    ['no right', { fault: 'net.no-rights', wasTried: true, holders: [] }, 'bad', expect.stringContaining('ip_unprivileged_port_start=67')]
  ] as const)('%s', (_, seen, expected, line) => {
    expect(assessPort({ port: 67, ...seen })).toMatchObject({ state: expected, line })
  })
})

describe('the rest', () => {
  it('koffi must load on Linux; elsewhere the binding is weaker and said so', () => {
    expect([assessBinding('linux', true), assessBinding('linux', false), assessBinding('win32', false)].map(state)).toEqual(['ok', 'bad', 'warn'])
  })
  it('a small receive buffer is worth a word, unless the service manager gave a large one', () => {
    expect([assessReceiveBuffer(212_992, false), assessReceiveBuffer(212_992, true), assessReceiveBuffer(4_194_304, false), assessReceiveBuffer(null, false)].map(state)).toEqual(['warn', 'ok', 'ok', 'ok'])
    expect(assessReceiveBuffer(212_992, false).line).toContain('net.core.rmem_max=4194304')
  })
  it('without the group dialout there are no console resets', () => {
    const linux = { platform: 'linux', isRoot: false, adapters: 1, user: 'anna' }
    expect([assessSerial({ ...linux, isInGroup: true }), assessSerial({ ...linux, isInGroup: false }), assessSerial({ ...linux, isRoot: true, isInGroup: false })].map(state)).toEqual(['ok', 'warn', 'ok'])
    expect(assessSerial({ ...linux, isInGroup: false }).line).toBe('sudo usermod -aG dialout anna')
  })
  it('a folder that cannot be written is in the way; one that is nearly full is worth a word', () => {
    const there = { path: '/data', owner: 'root', user: 'anna', isWritable: true, freeBytes: 1e10 }
    expect([assessFolder(there), assessFolder({ ...there, isWritable: false }), assessFolder({ ...there, freeBytes: 1e6 })].map(state)).toEqual(['ok', 'bad', 'warn'])
    expect(assessFolder({ ...there, isWritable: false })).toMatchObject({ text: expect.stringContaining('belongs to root'), line: 'sudo install -d -o anna -m 700 /data' })
  })
  it('mistakes in label formats of the bench are worth a word, with each line and the way to look again', () => {
    expect([assessLabels('/data/labels.json', null), assessLabels('/data/labels.json', new Fault('label.bad-formats', { complaints: 'labels.json:1:14 a\nlabels.json:2:1 b' }))].map(f => [f.state, f.text, f.line])).toEqual([
      ['ok', 'in order', null], ['warn', 'those of this bench do not count: labels.json:1:14 a; labels.json:2:1 b', 'unbindery scan check /data/labels.json']
    ])
  })
  it('a clock from before the program is in the way', () => {
    expect([assessClock(Date.UTC(2027, 0, 1), true), assessClock(Date.UTC(2027, 0, 1), false), assessClock(Date.UTC(2027, 0, 1), null), assessClock(0, true)].map(state)).toEqual(['ok', 'warn', 'ok', 'bad'])
  })
  it('the way out: none told, programs missing, not forwarding', () => {
    const station = { way: 'station', missing: [], forwards: true, line: LINE } as const
    expect([assessGateway(station), assessGateway({ ...station, forwards: null }), assessGateway({ ...station, forwards: false }), assessGateway({ ...station, way: 'none' }), assessGateway({ ...station, way: 'router', forwards: false })].map(state)).toEqual(['ok', 'ok', 'bad', 'bad', 'ok'])
    expect(assessGateway({ ...station, missing: ['nftables', 'dnsmasq-base'] }).line).toBe('sudo apt install nftables dnsmasq-base')
  })
  it('a configuration that is missing, broken, or for training', () => {
    expect([assessConfig('/c', 'live', null), assessConfig('/c', 'training', null), assessConfig(null, 'training', null), assessConfig(null, 'live', null), assessConfig('/c', 'live', 'accounts: house: x is not set')].map(state)).toEqual(['ok', 'warn', 'bad', 'ok', 'bad'])
  })
})
