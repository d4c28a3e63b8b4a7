/** Log lines as JSON in `log/station.log` of the data folder, turned over before it grows too large. Writing a log never stops the station. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const BYTES_MAX = 5 * 1024 * 1024
const LINE_MAX = 8 * 1024

export class LogFile implements Disposable {
  readonly #path: string
  #file: number | null = null
  #bytes = 0

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'log', 'station.log')
    try { mkdirSync(join(dataDir, 'log'), { recursive: true, mode: 0o700 }) } catch { /* told by the ledger, in words */ }
  }

  write(line: unknown): void {
    try {
      const text = `${JSON.stringify(line).slice(0, LINE_MAX)}\n`
      if (this.#bytes + text.length > BYTES_MAX) this.#turnOver()
      this.#file ??= this.#open()
      this.#bytes += writeSync(this.#file, text)
    } catch { /* a full disk is the ledger's to tell */ }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600)
    this.#bytes = fstatSync(file).size
    return file
  }

  #turnOver(): void {
    this[Symbol.dispose]()
    renameSync(this.#path, `${this.#path}.1`)
    this.#bytes = 0
  }
}
