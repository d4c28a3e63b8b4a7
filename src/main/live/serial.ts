/**
 * Serial by node serialport, loaded when first asked for. Where udev is missing, ports are found through sysfs. An adapter
 * without a serial number (CH340) is known by the USB socket it is in, with udev and without: numbers such as ttyUSB0 move from
 * plug to plug. A write has its own deadline because serialport never
 * answers one after the adapter is pulled (facts/devices-and-consoles.md 5). `tcp://host:port` is a port of a network serial
 * server.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../domain/fault.ts'
import type { Serial, SerialLine, SerialPath, SerialSettings } from '../ports.ts'
import { StreamPipe } from './pipe.ts'

const WRITE_MS = 5000
const WATCH_MS = 500
const PLUG_MS = 1000
const CONNECT_MS = 5000
const PORTS_MAX = 256
const USB_PARENTS_MAX = 6
/** Bus, sockets, configuration and interface, as the kernel calls them: `1-2.4:1.0`. */
const USB_INTERFACE = /^\d+-[\d.]+:\d+\.\d+$/

interface SerialPlaces { readonly tty: string; readonly byId: string; readonly byPath: string; readonly dev: string }
const LINUX: SerialPlaces = { tty: '/sys/class/tty', byId: '/dev/serial/by-id', byPath: '/dev/serial/by-path', dev: '/dev' }

export class LiveSerial implements Serial {
  readonly world = 'live'
  readonly #places: SerialPlaces

  constructor(places: SerialPlaces = LINUX) {
    this.#places = places
  }

  /** What was listed, as long as nothing was plugged or pulled: asking udev costs 50 ms. */
  #listed: { readonly signature: string; readonly ports: readonly SerialPath[] } | null = null

  async list(): Promise<readonly SerialPath[]> {
    const signature = signatureOf(this.#places)
    if (process.platform === 'linux' && this.#listed?.signature === signature) return this.#listed.ports
    const ports = await this.#list()
    this.#listed = { signature, ports }
    return ports
  }

  /** By looking, as udev is not everywhere; the names under /sys cost nothing. Elsewhere it is asked each time. */
  watch(fn: () => void): Disposable {
    let before = signatureOf(this.#places)
    const timer = setInterval(() => {
      const now = signatureOf(this.#places)
      if (now === before && process.platform === 'linux') return
      before = now
      fn()
    }, PLUG_MS)
    timer.unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  async #list(): Promise<readonly SerialPath[]> {
    const { SerialPort } = await import('serialport')
    try {
      const ports = await SerialPort.list()
      const [byId, byPath] = [stableNames(this.#places.byId), stableNames(this.#places.byPath)]
      return ports.slice(0, PORTS_MAX).map(port => ({
        path: (port.serialNumber ? byId.get(port.path) : undefined) ?? byPath.get(port.path) ?? byId.get(port.path) ?? port.path,
        label: port.manufacturer ?? port.path,
        ...(port.vendorId && port.productId ? { usb: `${port.vendorId}:${port.productId}`.toLowerCase() } : {}),
        ...(port.serialNumber ? { serial: port.serialNumber } : {})
      }))
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return listBySysfs(this.#places.tty)
      throw thrown
    }
  }

  async open(path: string, settings: SerialSettings, signal: AbortSignal): Promise<SerialLine> {
    if (path.startsWith('tcp://')) return openNetwork(path, signal)
    const { SerialPort } = await import('serialport')
    signal.throwIfAborted()
    const port = new SerialPort({ path: deviceOf(path, this.#places.dev), baudRate: settings.baud, autoOpen: false })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    port.open(thrown => {
      if (!thrown) resolve()
      else reject(faultOfOpen(path, thrown))
      if (signal.aborted && port.isOpen) port.close() // it opened after we had given up
    })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', stop)
    }
    // Pulled while a read is on its way, the adapter reads as "nothing" without end and tells nobody; its name is gone, though.
    const watch = setInterval(() => { if (!existsSync(path) && port.isOpen) port.close() }, WATCH_MS)
    port.once('close', () => clearInterval(watch))
    const pipe: SerialLine = new StreamPipe(port, {
      gone: (reason, cause) => new Fault('serial.no-port', { path, reason }, cause),
      writeMs: WRITE_MS,
      close: () => port.close(() => undefined)
    })
    // A pty has no break line and says so; for a console behind one a break is nothing.
    pipe.breakFor = async ms => {
      await new Promise<void>(done => port.set({ brk: true }, () => done()))
      await new Promise(done => { setTimeout(done, ms) })
      if (port.isOpen) await new Promise<void>(done => port.set({ brk: false }, () => done()))
    }
    return pipe
  }
}

/** Raw bytes over TCP, as terminal servers and ser2net give them; the speed is set there. */
async function openNetwork(path: string, signal: AbortSignal): Promise<SerialLine> {
  const { hostname, port } = new URL(path)
  const socket = connect({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = (): void => reject(signal.reason)
  const timer = setTimeout(() => reject(new Fault('serial.no-port', { path, reason: 'no answer' })), CONNECT_MS)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('connect', resolve)
  socket.once('error', thrown => reject(new Fault('serial.no-port', { path, reason: thrown.message.slice(0, 200) }, thrown)))
  try {
    await promise
  } catch (thrown) {
    socket.destroy()
    throw thrown
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  return new StreamPipe(socket, { gone: (reason, cause) => new Fault('serial.no-port', { path, reason }, cause), writeMs: WRITE_MS })
}

function signatureOf({ tty, byId, byPath }: SerialPlaces): string {
  return [...namesIn(tty).filter(name => /^tty(USB|ACM|AMA|S)\d+$/.test(name)), ...namesIn(byId), ...namesIn(byPath)].join(' ')
}

function faultOfOpen(path: string, thrown: Error): Fault {
  if (/permission denied|access denied/i.test(thrown.message)) return new Fault('serial.no-rights', { path, line: 'sudo usermod -aG dialout "$USER"' }, thrown)
  if (/cannot lock port|busy|access is denied/i.test(thrown.message)) return new Fault('serial.busy', { path }, thrown)
  return new Fault('serial.no-port', { path, reason: thrown.message.slice(0, 200) }, thrown)
}

/** All USB adapters; built-in ports only where the chip is really there (`type` is not 0). */
export function listBySysfs(root: string): readonly SerialPath[] {
  return namesIn(root)
    .filter(name => /^tty(USB|ACM)\d+$/.test(name) || (/^ttyS\d+$/.test(name) && !['', '0'].includes(readText(join(root, name, 'type')))))
    .slice(0, PORTS_MAX)
    .map(name => ({ label: name, ...usbOf(join(root, name, 'device'), `/dev/${name}`) }))
}

/** The USB device stands a few folders above the port, its socket one or two: that folder is a name that stays. */
function usbOf(device: string, path: string): Omit<SerialPath, 'label'> {
  let folder: string
  try { folder = realpathSync(device) } catch { return { path } }
  let socket = path
  for (let i = 0; i < USB_PARENTS_MAX; i += 1) {
    if (USB_INTERFACE.test(basename(folder))) socket = folder
    const vendor = readText(join(folder, 'idVendor'))
    if (vendor !== '') {
      const serial = readText(join(folder, 'serial'))
      return { path: socket, usb: `${vendor}:${readText(join(folder, 'idProduct'))}`, ...(serial === '' ? {} : { serial }) }
    }
    folder = dirname(folder)
  }
  return { path }
}

/** The port that is in this USB socket now; any other path is the port itself. Faults: `serial.no-port`. */
function deviceOf(path: string, dev: string): string {
  if (!USB_INTERFACE.test(basename(path))) return path
  try {
    if (!statSync(path).isDirectory()) return path
  } catch (thrown) {
    throw new Fault('serial.no-port', { path, reason: 'nothing is plugged in there' }, thrown)
  }
  const name = [...namesIn(path), ...namesIn(join(path, 'tty'))].find(entry => /^tty(USB|ACM)\d+$/.test(entry))
  if (name === undefined) throw new Fault('serial.no-port', { path, reason: 'no port in this socket' })
  return join(dev, name)
}

/** Names that stay, by the device they mean now. */
function stableNames(root: string): ReadonlyMap<string, string> {
  const stable = new Map<string, string>()
  for (const name of namesIn(root)) {
    try { stable.set(realpathSync(join(root, name)), join(root, name)) } catch { /* pulled this moment */ }
  }
  return stable
}

function namesIn(folder: string): readonly string[] {
  try { return readdirSync(folder).toSorted() } catch { return [] }
}

function readText(path: string): string {
  try { return readFileSync(path, 'utf8').trim() } catch { return '' }
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  return 'code' in thrown ? String(thrown.code) : / ENOENT\b/.test(thrown.message) ? 'ENOENT' : ''
}
