/** The live port over serialport's own mock of a binding: what is listed, written and read, without a device. It cannot unplug and has words of its own for busy; ptys have both (serial.test.ts). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SerialPortMock } from 'serialport'
import { afterEach, expect, test, vi } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveSerial } from '../../src/main/live/serial.ts'

vi.mock('serialport', async original => {
  const real = await original<typeof import('serialport')>()
  return { ...real, SerialPort: real.SerialPortMock }
})

const { binding } = SerialPortMock
const soon = (): AbortSignal => AbortSignal.timeout(5000)
const NOWHERE = { tty: '/nowhere', byId: '/nowhere', byPath: '/nowhere', dev: '/nowhere' }
const folders: string[] = []
/** A name that exists: the live port lets go of names that are gone. */
function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ub-mock-'))
  folders.push(folder)
  writeFileSync(join(folder, 'port'), '')
  return join(folder, 'port')
}
afterEach(() => {
  binding.reset()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

test('adapters are listed with their USB identity', async () => {
  binding.createPort('/dev/ttyUSB0', { vendorId: '10C4', productId: 'EA60', manufacturer: 'Silicon Labs' })
  const [port] = await new LiveSerial(NOWHERE).list()
  expect(port).toMatchObject({ path: '/dev/ttyUSB0', label: 'Silicon Labs', usb: '10c4:ea60' })
})

test('bytes go out as they are, at the speed asked for, and come in as they are', async () => {
  const path = place()
  binding.createPort(path, { record: true })
  const opening = vi.spyOn(binding, 'open')
  await using pipe = await new LiveSerial(NOWHERE).open(path, { baud: 38_400 }, soon())
  expect(opening.mock.calls[0]?.[0]).toMatchObject({ path, baudRate: 38_400 })
  const opened = await opening.mock.results[0]?.value
  await pipe.write(Uint8Array.of(0x1b, 0x00, 0xff, 0x0d), soon())
  expect(Buffer.from(opened?.recording ?? []).toString('hex')).toBe('1b00ff0d')
  opened?.emitData(Buffer.from([0x3c, 0xff, 0x00]))
  expect(Buffer.from(await pipe.read(soon()) ?? []).toString('hex')).toBe('3cff00')
})

test('a port that is let go of is free for the next one, and one that is not there is a fault', async () => {
  const path = place()
  binding.createPort(path)
  for (let i = 0; i < 2; i += 1) {
    await using pipe = await new LiveSerial(NOWHERE).open(path, { baud: 9600 }, soon())
    await pipe.write(Uint8Array.of(0x41), soon())
  }
  const thrown = await new LiveSerial(NOWHERE).open('/dev/ub-nobody', { baud: 9600 }, soon()).catch((t: unknown) => t)
  expect(thrown instanceof Fault && thrown.code).toBe('serial.no-port')
})
