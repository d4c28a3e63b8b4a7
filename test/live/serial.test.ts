import { closeSync, mkdirSync, mkdtempSync, readSync, realpathSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
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
    expect(listBySysfs(join(root, 'tty'))).toEqual([{ path: '/dev/ttyS0', label: 'ttyS0' }, { path: realpathSync(join(usb, '1-2:1.0')), label: 'ttyUSB0', usb: '0403:6001', serial: 'A50285BI' }])
  } finally {
    rmSync(root, { recursive: true })
  }
})

/** A computer without udev: two CH340 in two sockets of one hub, as sysfs shows them. */
function ch340s() {
  const root = mkdtempSync(join(tmpdir(), 'ub-usb-'))
  const hub = join(root, 'devices/usb1/1-2')
  const places = { tty: join(root, 'tty'), byId: join(root, 'none'), byPath: join(root, 'none'), dev: join(root, 'dev') }
  for (const folder of [places.tty, places.dev]) mkdirSync(folder, { recursive: true })
  const plug = (socket: string, name: string): void => {
    const usb = join(hub, `1-2.${socket}`)
    mkdirSync(join(usb, `1-2.${socket}:1.0`, name), { recursive: true })
    writeFileSync(join(usb, 'idVendor'), '1a86\n')
    writeFileSync(join(usb, 'idProduct'), '7523\n')
    mkdirSync(join(places.tty, name))
    symlinkSync(join(usb, `1-2.${socket}:1.0`, name), join(places.tty, name, 'device'))
  }
  const pull = (socket: string, name: string): void => {
    rmSync(join(hub, `1-2.${socket}`), { recursive: true })
    rmSync(join(places.tty, name), { recursive: true })
  }
  return { places, plug, pull, socket: (n: string) => join(realpathSync(root), `devices/usb1/1-2/1-2.${n}/1-2.${n}:1.0`), [Symbol.dispose]: () => { rmSync(root, { recursive: true }) } }
}

test.runIf(process.platform === 'linux')('two CH340 without serial numbers keep their names by socket on a computer without udev, whichever is plugged in first', async () => {
  using bench = ch340s()
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  try {
    const serial = new LiveSerial(bench.places)
    bench.plug('1', 'ttyUSB0')
    bench.plug('3', 'ttyUSB1')
    expect(await serial.list()).toEqual([{ label: 'ttyUSB0', path: bench.socket('1'), usb: '1a86:7523' }, { label: 'ttyUSB1', path: bench.socket('3'), usb: '1a86:7523' }])
    bench.pull('1', 'ttyUSB0')
    bench.pull('3', 'ttyUSB1')
    bench.plug('3', 'ttyUSB0') // the other way round
    const pty = openPty()
    symlinkSync(pty.path, join(bench.places.dev, 'ttyUSB0'))
    expect((await serial.list()).map(p => p.path)).toEqual([bench.socket('3')])
    {
      await using pipe = await serial.open(bench.socket('3'), { baud: 9600 }, soon())
      writeSync(pty.master, 'unit 3')
      expect(Buffer.from(await pipe.read(soon()) ?? []).toString()).toBe('unit 3')
    }
    closeSync(pty.master)
    const gone = await serial.open(bench.socket('1'), { baud: 9600 }, soon()).catch((thrown: unknown) => thrown)
    expect(gone instanceof Fault && gone.code).toBe('serial.no-port')
  } finally {
    process.env['PATH'] = path
  }
})

test.runIf(process.platform === 'linux')('an adapter that is plugged or pulled is noticed within two seconds, without udev', async () => {
  using bench = ch340s()
  let notice: () => void = () => undefined
  using _watch = new LiveSerial(bench.places).watch(() => notice())
  for (const act of [() => bench.plug('1', 'ttyUSB0'), () => bench.pull('1', 'ttyUSB0')]) {
    const from = performance.now()
    const noticed = new Promise<void>(done => { notice = done })
    act()
    await noticed
    expect(performance.now() - from).toBeLessThan(2000)
  }
})
