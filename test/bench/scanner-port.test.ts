/** Scanners in serial mode: a scan is never lost, never doubled, never mixed with its neighbour. */
import { ReadlineParser } from '@serialport/parser-readline'
import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { ScannerPort } from '../../src/main/bench/scanner-port.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { SerialPorts } from '../../src/main/bench/serial-ports.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { ScanLines } from '../../src/main/wire/scan-lines.ts'
import { dice } from '../helpers/adapter.ts'
import { FOREVER, scripted } from '../helpers/virtual-console.ts'

const log = new Log(() => undefined, () => 0)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('bytes to scans', () => {
  it.each([['CR', '\r'], ['LF', '\n'], ['CR LF', '\r\n'], ['Tab', '\t'], ['CR CR LF', '\r\r\n']])('ended by %s, cut anywhere, give the same two scans', (_name, end) => {
    const said = bytes(`RB-0001${end}MAC:AA:BB:CC:DD:EE:FF;SN:\u001d1${end}`)
    for (let cut = 0; cut <= said.length; cut += 1) {
      const lines = new ScanLines()
      expect([...lines.push(said.subarray(0, cut)), ...lines.push(said.subarray(cut))]).toEqual(['RB-0001', 'MAC:AA:BB:CC:DD:EE:FF;SN:\u001d1'])
    }
  })
  it('give what serialport\'s own ReadlineParser gives where there is a line end it knows', () => {
    const random = dice(5)
    const said = Buffer.from(Array.from({ length: 50 }, (_, i) => `RB-${i};SN:${Math.floor(random() * 1e6)}\r\n`).join(''))
    const parser = new ReadlineParser({ delimiter: '\r\n' })
    const [theirs, ours]: [string[], string[]] = [[], []]
    parser.on('data', (line: string) => { theirs.push(line) })
    const lines = new ScanLines()
    for (let from = 0; from < said.length;) {
      const piece = said.subarray(from, from + 1 + Math.floor(random() * 20))
      from += piece.length
      parser.write(piece)
      ours.push(...lines.push(piece))
    }
    expect(ours).toHaveLength(50)
    expect(ours).toEqual(theirs)
  })
  it('too long is counted, not told, and spoils nothing after it', () => {
    const lines = new ScanLines()
    expect(lines.push(bytes(`${'x'.repeat(600)}\rP01\r`))).toEqual(['P01'])
    expect(lines.malformed).toBe(1)
    expect(lines.push(Uint8Array.of(0, 1, 2, 0x50, 0x30, 0x32, 13))).toEqual(['P02'])
    expect(lines.malformed).toBe(4)
    expect(lines.push(bytes('\r\n \r\n'))).toEqual([])
  })
})

async function withScanner(work: (bench: { say: (text: string) => Promise<void>; heard: string[]; port: ScannerPort; ports: SerialPorts; serial: VirtualSerial; clock: VirtualClock; plug: () => void; busy: { ms: number } }) => Promise<void>): Promise<void> {
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const { unit, attach } = scripted(clock, () => undefined)
  const plug = (): void => serial.plug({ path: '/dev/scanner', label: 'scanner', usb: '05e0:1701' }, attach)
  plug()
  const heard: string[] = []
  const busy = { ms: 0 }
  await clock.run((async () => {
    await using scope = new Scope('test')
    const ports = new SerialPorts({ serial }, { setting: () => null, keepSetting: () => undefined }, log)
    await ports.start(scope)
    const port = new ScannerPort({ clock, serial }, log, ports)
    port.start(scope, async text => {
      if (busy.ms > 0) await clock.sleep(millis(busy.ms), FOREVER)
      heard.push(text)
      if (text === 'BAD') throw new Error('refused')
    })
    ports.bind('/dev/scanner', { kind: 'scanner' })
    await clock.sleep(millis(50), FOREVER)
    await work({ say: text => unit.say(text), heard, port, ports, serial, clock, plug, busy })
    await scope.close()
  })())
}

describe('a scanner by its role', () => {
  it('1,000 scans in random pieces while the station is busy: each heard once, in order', () => withScanner(async ({ say, heard, port, clock, busy }) => {
    busy.ms = 20
    const random = dice(3)
    const scans = Array.from({ length: 1000 }, (_, i) => `RB-${String(i).padStart(4, '0')}`)
    for (const scan of scans) {
      const text = `${scan}\r\n`
      const cut = Math.floor(random() * text.length)
      await say(text.slice(0, cut))
      if (random() < 0.3) await clock.sleep(millis(Math.floor(random() * 30)), FOREVER)
      await say(text.slice(cut))
    }
    await clock.sleep(seconds(60), FOREVER)
    expect(heard).toEqual(scans)
    expect([port.dropped, port.counters.scans]).toEqual([0, 1000])
  }))

  it('without a suffix ends by silence, and is not ended by a slow letter', () => withScanner(async ({ say, heard, clock }) => {
    for (const letter of 'OP:1001') { await say(letter); await clock.sleep(millis(30), FOREVER) }
    await clock.sleep(millis(200), FOREVER)
    await say('P01')
    await clock.sleep(millis(200), FOREVER)
    expect(heard).toEqual(['OP:1001', 'P01'])
  }))

  it('one refused scan does not stop the next', () => withScanner(async ({ say, heard, port, clock }) => {
    await say('BAD\rP01\r')
    await clock.sleep(millis(100), FOREVER)
    expect([heard, port.counters.failed]).toEqual([['BAD', 'P01'], 1])
  }))

  it('pulled and plugged is listened to again; freed of its role it is let go', () => withScanner(async ({ say, heard, port, ports, serial, clock, plug }) => {
    expect(port.fault).toBeNull()
    serial.unplug('/dev/scanner')
    await clock.sleep(seconds(3), FOREVER)
    expect(port.listening).toEqual([])
    expect(port.fault).toMatchObject({ code: 'serial.no-port', context: { path: '/dev/scanner' } })
    plug()
    await clock.sleep(seconds(3), FOREVER)
    expect(port.fault).toBeNull()
    await say('P02\r')
    await clock.sleep(millis(100), FOREVER)
    expect(heard).toEqual(['P02'])
    ports.bind('/dev/scanner', null)
    await clock.sleep(millis(100), FOREVER)
    expect(port.listening).toEqual([])
    expect(port.fault).toBeNull()
  }))

  it('that another program holds is a fault until it is let go of', () => withScanner(async ({ port, serial, clock, plug, say, heard }) => {
    const open = serial.open.bind(serial)
    serial.open = async path => Promise.reject(new Fault('serial.busy', { path }))
    serial.unplug('/dev/scanner')
    await clock.sleep(seconds(1), FOREVER)
    plug()
    await clock.sleep(seconds(5), FOREVER)
    expect(port.fault).toMatchObject({ code: 'serial.busy', context: { path: '/dev/scanner' } })
    serial.open = open
    await clock.sleep(seconds(3), FOREVER)
    expect(port.fault).toBeNull()
    await say('P03\r')
    await clock.sleep(millis(100), FOREVER)
    expect(heard).toEqual(['P03'])
  }))
})
