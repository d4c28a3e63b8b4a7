/** Serial adapters of the virtual bench: named paths with a script behind each. None are plugged in unless a test does so. */
import { millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Clock, Serial, SerialPath, SerialSettings } from '../ports.ts'
import { joinPipes } from './pipe.ts'

/** 115200 baud, 8N1: what a byte takes is far below what anybody waits for. */
const DELAY_MS = millis(1)

export class VirtualSerial implements Serial {
  readonly world = 'virtual'
  readonly #clock: Clock
  readonly #adapters = new Map<string, { readonly path: SerialPath; readonly attach: (pipe: BytePipe) => void }>()

  readonly #watchers = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `attach` gets the unit's end of the line each time the station opens it. */
  plug(path: SerialPath, attach: (pipe: BytePipe) => void): void {
    this.#adapters.set(path.path, { path, attach })
    for (const fn of this.#watchers) fn()
  }

  unplug(path: string): void {
    this.#adapters.delete(path)
    for (const fn of this.#watchers) fn()
  }

  watch(fn: () => void): Disposable {
    this.#watchers.add(fn)
    return { [Symbol.dispose]: () => { this.#watchers.delete(fn) } }
  }

  async list(): Promise<readonly SerialPath[]> {
    return Array.from(this.#adapters.values(), a => a.path)
  }

  async open(path: string, _settings: SerialSettings, signal: AbortSignal): Promise<BytePipe> {
    signal.throwIfAborted()
    const adapter = this.#adapters.get(path)
    if (adapter === undefined) throw new Fault('serial.no-port', { path })
    const [mine, theirs] = joinPipes(this.#clock, DELAY_MS)
    adapter.attach(theirs)
    return mine
  }
}
