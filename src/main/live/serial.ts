/**
 * Serial by node serialport, loaded when first asked for. Where udev is missing, ports are found through sysfs. A write
 * has its own deadline because serialport never answers one after the adapter is pulled (facts/devices-and-consoles.md 5).
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Serial, SerialPath, SerialSettings } from '../ports.ts'
import { StreamPipe } from './pipe.ts'

const WRITE_MS = 5000
const WATCH_MS = 500
const PORTS_MAX = 256
const USB_PARENTS_MAX = 6

export class LiveSerial implements Serial {
  readonly world = 'live'

  async list(): Promise<readonly SerialPath[]> {
    const { SerialPort } = await import('serialport')
    try {
      const ports = await SerialPort.list()
      const stable = stableNames('/dev/serial/by-id')
      return ports.slice(0, PORTS_MAX).map(port => ({
        path: stable.get(port.path) ?? port.path,
        label: port.manufacturer ?? port.path,
        ...(port.vendorId && port.productId ? { usb: `${port.vendorId}:${port.productId}`.toLowerCase() } : {}),
        ...(port.serialNumber ? { serial: port.serialNumber } : {})
      }))
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return listBySysfs('/sys/class/tty')
      throw thrown
    }
  }

  async open(path: string, settings: SerialSettings, signal: AbortSignal): Promise<BytePipe> {
    const { SerialPort } = await import('serialport')
    signal.throwIfAborted()
    const port = new SerialPort({ path, baudRate: settings.baud, autoOpen: false })
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
    return new StreamPipe(port, {
      gone: (reason, cause) => new Fault('serial.no-port', { path, reason }, cause),
      writeMs: WRITE_MS,
      close: () => port.close(() => undefined)
    })
  }
}

function faultOfOpen(path: string, thrown: Error): Fault {
  if (/permission denied|access denied/i.test(thrown.message)) return new Fault('serial.no-rights', { path }, thrown)
  return new Fault('serial.no-port', { path, reason: thrown.message.slice(0, 200) }, thrown)
}

/** All USB adapters; built-in ports only where the chip is really there (`type` is not 0). */
export function listBySysfs(root: string): readonly SerialPath[] {
  return namesIn(root)
    .filter(name => /^tty(USB|ACM)\d+$/.test(name) || (/^ttyS\d+$/.test(name) && !['', '0'].includes(readText(join(root, name, 'type')))))
    .slice(0, PORTS_MAX)
    .map(name => ({ path: `/dev/${name}`, label: name, ...usbOf(join(root, name, 'device')) }))
}

/** The USB device stands a few folders above the port. */
function usbOf(device: string): { usb?: string; serial?: string } {
  let folder: string
  try { folder = realpathSync(device) } catch { return {} }
  for (let i = 0; i < USB_PARENTS_MAX; i += 1) {
    const vendor = readText(join(folder, 'idVendor'))
    if (vendor !== '') {
      const serial = readText(join(folder, 'serial'))
      return { usb: `${vendor}:${readText(join(folder, 'idProduct'))}`, ...(serial === '' ? {} : { serial }) }
    }
    folder = dirname(folder)
  }
  return {}
}

/** /dev/ttyUSB0 changes from plug to plug, the name by id does not. */
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
