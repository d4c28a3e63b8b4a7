/** A disk in memory. `room` may be made small, or broken, while it runs. */
import { Fault } from '../domain/fault.ts'
import type { Disk } from '../ports.ts'

const ROOM_BYTES = 64 * 1024 * 1024

export class VirtualDisk implements Disk {
  readonly #files = new Map<string, Uint8Array>()
  /** Bytes it can hold in all. */
  room = ROOM_BYTES

  read(path: string): Uint8Array | null {
    return this.#files.get(path)?.slice() ?? null
  }

  append(path: string, bytes: Uint8Array): void {
    const old = this.#files.get(path) ?? new Uint8Array(0)
    const all = new Uint8Array(old.length + bytes.length)
    all.set(old)
    all.set(bytes, old.length)
    this.#put(path, all)
  }

  writeAtomic(path: string, bytes: Uint8Array): void {
    this.#put(path, bytes.slice())
  }

  /** Names of what lies directly in the folder `path`; '' is the data folder. */
  list(path: string): readonly string[] {
    const prefix = path === '' ? '' : `${path}/`
    const names = [...this.#files.keys()].filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length).split('/')[0] ?? '')
    return [...new Set(names)].toSorted()
  }

  remove(path: string): void {
    this.#files.delete(path)
  }

  free(): number {
    return this.room - this.#used()
  }

  #put(path: string, bytes: Uint8Array): void {
    const others = this.#used() - (this.#files.get(path)?.length ?? 0)
    if (others + bytes.length > this.room) throw new Fault('ledger.disk-full', { path })
    this.#files.set(path, bytes)
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.length, 0)
  }
}
