/**
 * Scanners in serial mode: every adapter with the role *scanner* is held open, opened again when it comes back, and each scan
 * is told once, in order. Reading never waits for what a scan sets in motion: scans queue up, and none is dropped unsaid.
 */
import { millis, seconds } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Clock, Serial } from '../ports.ts'
import { ScanLines } from '../wire/scan-lines.ts'
import { Mailbox } from './clockwork.ts'
import type { Log } from './log.ts'
import { Scope } from './scope.ts'
import type { SerialPorts } from './serial-ports.ts'

const BAUD = 9600 // what scanners are set to by their makers; CDC ones ignore it
/** Silence that ends a scan without a suffix; letters of one scan come 0.1 to 30 ms apart. */
const SUFFIXLESS = millis(100)
const AGAIN = seconds(2)
/** Scans that may wait while the station is busy. */
const QUEUE_MAX = 1000

type Hear = (text: string, path: string) => void | Promise<void>

export class ScannerPort {
  readonly #clock: Clock
  readonly #serial: Serial
  readonly #log: Log
  readonly #ports: Pick<SerialPorts, 'scanners' | 'list' | 'on'>
  readonly #queue = new Mailbox<{ readonly text: string; readonly path: string }>(QUEUE_MAX)
  readonly #open = new Map<string, Scope>()
  readonly #faults = new Map<string, Fault>()
  readonly counters = { scans: 0, malformed: 0, failed: 0 }
  #scope: Scope | null = null

  constructor(ports: { readonly clock: Clock; readonly serial: Serial }, log: Log, serialPorts: Pick<SerialPorts, 'scanners' | 'list' | 'on'>) {
    this.#clock = ports.clock
    this.#serial = ports.serial
    this.#log = log
    this.#ports = serialPorts
  }

  /** `hear`: what a scan does; one at a time, in order. */
  start(scope: Scope, hear: Hear): void {
    this.#scope = scope
    scope.own(this.#ports.on(() => this.#align()))
    scope.spawn(signal => this.#tell(hear, signal), fault => this.#log.fault('scans are not told any more', fault))
    this.#align()
  }

  /** Scanners that are open now. */
  get listening(): readonly string[] { return [...this.#open.keys()] }
  /** Why one of the scanners is not heard; null: all are. */
  get fault(): Fault | null {
    const pulled = this.#ports.list().find(port => port.role?.kind === 'scanner' && !port.isThere)
    return pulled ? new Fault('serial.no-port', { path: pulled.path }) : [...this.#faults.values()][0] ?? null
  }
  /** Scans that found the queue full. */
  get dropped(): number { return this.#queue.dropped }

  #align(): void {
    const wanted = new Set(this.#ports.scanners())
    for (const [path, scope] of this.#open) {
      if (wanted.has(path)) continue
      this.#open.delete(path)
      this.#faults.delete(path)
      void scope.close().catch(() => undefined)
    }
    for (const path of wanted) {
      if (this.#open.has(path) || !this.#scope?.isOpen) continue
      const scope = this.#scope.child(path)
      this.#open.set(path, scope)
      scope.spawn(signal => this.#hold(path, signal), fault => this.#log.fault('a scanner is not listened to', fault, { path }))
    }
  }

  /** Opens the scanner again and again for as long as it has the role and is there. */
  async #hold(path: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await using scope = new Scope(path)
        const pipe = scope.own(await this.#serial.open(path, { baud: BAUD }, signal))
        this.#faults.delete(path)
        await this.#read(pipe, path, signal)
      } catch (thrown) {
        const fault = Fault.from(thrown)
        if (signal.aborted) return
        if (fault.code !== this.#faults.get(path)?.code) this.#log.fault('a scanner cannot be opened', fault, { path }) // said once, not every two seconds
        this.#faults.set(path, fault)
      }
      await this.#clock.sleep(AGAIN, signal).catch(() => undefined)
    }
  }

  async #read(pipe: BytePipe, path: string, signal: AbortSignal): Promise<void> {
    const lines = new ScanLines()
    const offer = (text: string | null): void => {
      if (text === null) return
      this.counters.scans += 1
      this.#queue.offer({ text, path })
    }
    for (;;) {
      let bytes: Uint8Array | null
      {
        using _silence = lines.isOpen ? this.#clock.after(SUFFIXLESS, () => offer(lines.flush())) : null
        bytes = await pipe.read(signal)
      }
      if (bytes === null) return
      const before = lines.malformed
      for (const text of lines.push(bytes)) offer(text)
      this.counters.malformed += lines.malformed - before
    }
  }

  async #tell(hear: Hear, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { text, path } = await this.#queue.take(signal)
      try {
        await hear(text, path)
      } catch (thrown) {
        this.counters.failed += 1
        this.#log.fault('a scan was refused', Fault.from(thrown), { path })
      }
    }
  }
}
