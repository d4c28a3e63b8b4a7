import { closeSync, mkdirSync, mkdtempSync, readSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { listBySysfs, LiveSerial } from '../../src/main/live/serial.ts'

const soon = (): AbortSignal => AbortSignal.timeout(5000)
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

/** A real pty of the kernel: what is written into `master` comes out of the port at `path`. */
function openPty(): { master: number; path: string } {
  const libc = createRequire(import.meta.url)('koffi').load('libc.so.6')
  const master: number = libc.func('int posix_openpt(int flags)')(2 | 0o400 | 0o2000000) // O_RDWR | O_NOCTTY | O_CLOEXEC
  libc.func('int grantpt(int fd)')(master)
  libc.func('int unlockpt(int fd)')(master)
  return { master, path: libc.func('str ptsname(int fd)')(master) }
}

test.runIf(process.platform === 'linux')('a port carries bytes both ways, and a pulled adapter is the end or a fault, never a hang', async () => {
  const { master, path } = openPty()
  await using pipe = await new LiveSerial().open(path, { baud: 115200 }, soon())
  await pipe.write(new TextEncoder().encode('printenv\r'), soon())
  const seen = Buffer.alloc(64)
  expect(seen.subarray(0, readSync(master, seen)).toString()).toBe('printenv\r')
  writeSync(master, '=> ')
  expect(Buffer.from(await pipe.read(soon()) ?? []).toString()).toBe('=> ')
  const end = pipe.read(soon()).catch((thrown: unknown) => thrown)
  closeSync(master)
  const seenEnd = await end
  expect(seenEnd === null || (seenEnd instanceof Fault && seenEnd.code === 'serial.no-port')).toBe(true)
  await pause(20)
  const late = await pipe.write(new TextEncoder().encode('x'), soon()).catch((thrown: unknown) => thrown)
  expect(late instanceof Fault && late.code === 'serial.no-port').toBe(true)
})

test.runIf(process.platform === 'linux')('a closed port is free for the next one', async () => {
  const { master, path } = openPty()
  for (let i = 0; i < 2; i += 1) {
    const pipe = await new LiveSerial().open(path, { baud: 115200 }, soon())
    const other = await new LiveSerial().open(path, { baud: 115200 }, soon()).catch((thrown: unknown) => thrown)
    expect(other instanceof Fault && other.code).toBe('serial.busy')
    await pipe[Symbol.asyncDispose]()
  }
  closeSync(master)
})

test('a port that is not there is a fault that names it', async () => {
  const thrown = await new LiveSerial().open('/dev/ub-none', { baud: 9600 }, soon()).catch((t: unknown) => t)
  expect(thrown instanceof Fault && thrown.code === 'serial.no-port' && thrown.context['path'] === '/dev/ub-none').toBe(true)
})

test('a port of a network serial server is a line like any other, and gone when it hangs up', async () => {
  const server = createServer(socket => { socket.on('data', bytes => { if (bytes.includes('bye')) socket.end(); else socket.write(`=> ${bytes.toString()}`) }) })
  await new Promise<void>(done => { server.listen(0, '127.0.0.1', done) })
  const address = server.address()
  const path = `tcp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  try {
    await using pipe = await new LiveSerial().open(path, { baud: 115200 }, soon())
    await pipe.write(new TextEncoder().encode('reset\r'), soon())
    expect(Buffer.from(await pipe.read(soon()) ?? []).toString()).toBe('=> reset\r')
    await pipe.write(new TextEncoder().encode('bye'), soon())
    expect(await pipe.read(soon())).toBeNull()
  } finally {
    server.close()
  }
  const thrown = await new LiveSerial().open(path, { baud: 115200 }, soon()).catch((t: unknown) => t)
  expect(thrown instanceof Fault && thrown.code === 'serial.no-port' && thrown.context['path'] === path).toBe(true)
})

test('listing works on a system without udev', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  try {
    expect(Array.isArray(await new LiveSerial().list())).toBe(true)
  } finally {
    process.env['PATH'] = path
  }
})

test('sysfs gives USB adapters with their identity, and built-in ports only where there is a chip', () => {
  const root = mkdtempSync(join(tmpdir(), 'ub-tty-'))
  try {
    const usb = join(root, 'devices/usb1/1-2')
    mkdirSync(join(usb, '1-2:1.0/ttyUSB0'), { recursive: true })
    for (const [name, value] of [['idVendor', '0403\n'], ['idProduct', '6001\n'], ['serial', 'A50285BI\n']] as const) writeFileSync(join(usb, name), value)
    for (const name of ['ttyUSB0', 'ttyS0', 'ttyS1', 'tty1']) mkdirSync(join(root, 'tty', name), { recursive: true })
    symlinkSync(join(usb, '1-2:1.0/ttyUSB0'), join(root, 'tty/ttyUSB0/device'))
    writeFileSync(join(root, 'tty/ttyS0/type'), '4\n')
    writeFileSync(join(root, 'tty/ttyS1/type'), '0\n')
    expect(listBySysfs(join(root, 'tty'))).toEqual([{ path: '/dev/ttyS0', label: 'ttyS0' }, { path: '/dev/ttyUSB0', label: 'ttyUSB0', usb: '0403:6001', serial: 'A50285BI' }])
  } finally {
    rmSync(root, { recursive: true })
  }
})
