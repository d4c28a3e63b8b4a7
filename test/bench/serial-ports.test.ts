import { describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { readRoles, SerialPorts, type PortChange } from '../../src/main/bench/serial-ports.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { FOREVER } from '../helpers/virtual-console.ts'

const A = '/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.1:1.0-port0'
const B = '/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0-port0'
const ch340 = (path: string) => ({ path, label: 'CH340', usb: '1a86:7523' })
const log = new Log(() => undefined, () => 0)

class Store {
  readonly kept = new Map<string, string>()
  setting(key: string): string | null { return this.kept.get(key) ?? null }
  keepSetting(key: string, value: string): void { this.kept.set(key, value) }
}
function codeOf(act: () => void): string {
  try { act() } catch (thrown) { return Fault.from(thrown).code }
  return 'none'
}
async function withPorts(work: (bench: { ports: SerialPorts; serial: VirtualSerial; clock: VirtualClock; store: Store; opened: string[] }) => Promise<void> | void): Promise<void> {
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const store = new Store()
  const opened: string[] = []
  for (const path of [A, B]) serial.plug(ch340(path), () => { opened.push(path) })
  await using scope = new Scope('test')
  const ports = new SerialPorts({ serial }, store, log)
  await clock.run((async () => {
    await ports.start(scope)
    await work({ ports, serial, clock, store, opened })
    await scope.close()
  })())
}

describe('roles', () => {
  it('are given by a person, by the name of the socket: two adapters alike stay apart', () => withPorts(({ ports, store }) => {
    ports.bind(A, { kind: 'console', lane: 3 })
    expect(ports.consoleOf(3)).toBe(A)
    expect(ports.free().map(p => p.path)).toEqual([B])
    const again = new SerialPorts({ serial: new VirtualSerial(new VirtualClock()) }, store, log)
    expect(again.list()).toEqual([{ path: A, label: 'CH340', usb: '1a86:7523', serial: null, role: { kind: 'console', lane: 3 }, isThere: false, isNamed: false }])
    expect(again.consoleOf(3)).toBeNull() // remembered, but not plugged in
  }))

  it('are never given twice: not two for a port, not two ports for a lane', () => withPorts(({ ports }) => {
    ports.bind(A, { kind: 'relay', board: 'lcus', lanes: [1, 2, null, 4] })
    expect(codeOf(() => ports.bind(A, { kind: 'console', lane: 1 }))).toBe('serial.role-taken')
    expect(codeOf(() => ports.bind(B, { kind: 'relay', board: 'lcus', lanes: [4] }))).toBe('serial.role-taken')
    expect(ports.relayOf(4)).toEqual({ path: A, board: 'lcus', channel: 4 })
    expect(ports.relayOf(3)).toBeNull()
    ports.bind(A, null)
    ports.bind(A, { kind: 'console', lane: 1 })
    expect(codeOf(() => ports.bind(B, { kind: 'console', lane: 1 }))).toBe('serial.role-taken')
  }))

  it('can be given to a name nobody lists, and to nothing that is no name', () => withPorts(({ ports }) => {
    ports.bind('tcp://10.0.0.9:4001', { kind: 'console', lane: 5 })
    ports.bind('/dev/pts/7', { kind: 'scanner' })
    expect(ports.consoleOf(5)).toBe('tcp://10.0.0.9:4001')
    expect(ports.scanners()).toEqual(['/dev/pts/7'])
    for (const name of ['', 'ttyUSB0', 'tcp://', '/dev/a b', `/${'x'.repeat(300)}`, 'http://x:1']) expect(codeOf(() => ports.bind(name, { kind: 'scanner' }))).toBe('serial.no-port')
  }))

  it('nothing is opened, sent or asked to find out what a port is', () => withPorts(async ({ ports, clock, opened }) => {
    ports.bind(A, { kind: 'console', lane: 1 })
    await clock.sleep(seconds(30), FOREVER)
    expect(opened).toEqual([])
  }))

  it('torn memory is forgotten, not believed', () => {
    for (const text of [null, '', '{', '[]', 'null', '{"x":1}', '{"/dev/a":{}}', '{"/dev/a":{"role":{"kind":"bomb"}}}', '{"/dev/a":{"role":{"kind":"console"}}}', '{"/dev/a":{"role":{"kind":"relay","board":"x","lanes":[]}}}']) expect(readRoles(text)).toEqual([])
    expect(readRoles('{"/dev/a":{"role":{"kind":"console","lane":2},"label":"x"}}')).toHaveLength(1)
  })
})

describe('plugging', () => {
  it('is noticed within two seconds, both ways, and the role comes back with the adapter', () => withPorts(async ({ ports, serial, clock }) => {
    const seen: PortChange[] = []
    ports.bind(A, { kind: 'scanner' })
    using _listening = ports.on(change => { seen.push(change) })
    serial.unplug(A)
    await clock.sleep(seconds(2), FOREVER)
    expect(seen).toEqual([{ kind: 'pulled', path: A, role: { kind: 'scanner' } }])
    expect(ports.scanners()).toEqual([])
    serial.plug(ch340(A), () => undefined)
    await clock.sleep(seconds(2), FOREVER)
    expect(seen.at(-1)).toEqual({ kind: 'plugged', path: A, role: { kind: 'scanner' } })
    expect(ports.scanners()).toEqual([A])
  }))
})
