/** Disk: files inside one folder. What `writeAtomic` has returned from survives a power cut; half a file is never seen. */
import { appendFileSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { Fault } from '../domain/fault.ts'
import type { Disk } from '../ports.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

export class LiveDisk implements Disk {
  readonly #root: string

  constructor(root: string) {
    this.#root = resolve(root)
    guard(root, () => mkdirSync(this.#root, { recursive: true, mode: FOLDER_MODE }))
  }

  read(path: string): Uint8Array | null {
    return guard(path, () => orNothing(() => new Uint8Array(readFileSync(this.#inside(path))), null))
  }

  append(path: string, bytes: Uint8Array): void {
    guard(path, () => appendFileSync(this.#withFolder(path), bytes, { mode: FILE_MODE }))
  }

  writeAtomic(path: string, bytes: Uint8Array, mode: number = FILE_MODE): void {
    guard(path, () => {
      const target = this.#withFolder(path)
      const draft = `${target}.draft`
      rmSync(draft, { force: true }) // left over from a power cut, perhaps with another mode
      try {
        writeSynced(draft, bytes, mode)
      } catch (thrown) {
        rmSync(draft, { force: true }) // on a full disk half a file would keep what is left
        throw thrown
      }
      renameSync(draft, target)
      syncFolder(dirname(target))
    })
  }

  list(path: string): readonly string[] {
    return guard(path, () => orNothing(() => readdirSync(this.#inside(path)).toSorted(), []))
  }

  modeOf(path: string): number | null {
    if (process.platform === 'win32') return null // no such bits
    return guard(path, () => orNothing(() => statSync(this.#inside(path)).mode & 0o777, null))
  }

  remove(path: string): void {
    guard(path, () => rmSync(this.#inside(path), { force: true, recursive: true }))
  }

  free(): number {
    const { bavail, bsize } = guard('', () => statfsSync(this.#root))
    return bavail * bsize
  }

  #inside(path: string): string {
    const whole = resolve(this.#root, path)
    if (whole !== this.#root && !whole.startsWith(this.#root + sep)) throw new Fault('program.unexpected', { text: 'a path outside the data folder' })
    return whole
  }

  #withFolder(path: string): string {
    const whole = this.#inside(path)
    mkdirSync(dirname(whole), { recursive: true, mode: FOLDER_MODE })
    return whole
  }
}

function writeSynced(path: string, bytes: Uint8Array, mode: number): void {
  const file = openSync(path, 'wx', mode)
  try {
    fchmodSync(file, mode) // the umask may have taken something away
    for (let at = 0; at < bytes.byteLength;) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The new name is only safe when the folder is. Windows cannot sync a folder and needs not. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try { fsyncSync(folder) } finally { closeSync(folder) }
}

function orNothing<T>(work: () => T, nothing: T): T {
  try {
    return work()
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return nothing
    throw thrown
  }
}

function guard<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    const code = codeOf(thrown)
    throw new Fault(code === 'ENOSPC' || code === 'EDQUOT' ? 'ledger.disk-full' : 'ledger.cannot-open', { path, reason: code }, thrown)
  }
}

const codeOf = (thrown: unknown): string => thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
