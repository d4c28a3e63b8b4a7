/** The folder of archived files beside a ledger: stretches of its facts, and the ledgers it went on from. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Vault } from './bench/archive.ts'
import { Ledger } from './bench/ledger.ts'
import { Log } from './bench/log.ts'
import { isOutdated } from './bench/schema.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveSql } from './live/sqlite.ts'
import { ARCHIVE_FOLDER } from './records.ts'

/** Opens files once; a file is named without any folder. What it opened is closed with it. */
export class FileVault implements Vault, Disposable {
  readonly #folder: string
  readonly #open = new Map<string, Ledger>()

  constructor(ledgerPath: string) {
    this.#folder = join(dirname(ledgerPath), ARCHIVE_FOLDER)
  }

  read(file: string): Uint8Array | null {
    const path = this.#pathOf(file)
    return path === null ? null : readFileSync(path)
  }

  /** A ledger of an older program is brought to this one's form first: its facts stay as they are. */
  open(file: string): Ledger | null {
    const known = this.#open.get(file)
    const path = this.#pathOf(file)
    if (known !== undefined || path === null) return known ?? null
    const ledger = openForReading(path)
    this.#open.set(file, ledger)
    return ledger
  }

  [Symbol.dispose](): void {
    for (const ledger of this.#open.values()) ledger.db[Symbol.dispose]()
    this.#open.clear()
  }

  #pathOf(file: string): string | null {
    const path = join(this.#folder, basename(file))
    return existsSync(path) ? path : null
  }
}

function openForReading(path: string): Ledger {
  const clock = new LiveClock()
  const ports = { clock, entropy: new LiveEntropy() }
  const log = new Log(() => undefined, () => clock.now())
  const db = new LiveSql().open(path, { readonly: true })
  if (!isOutdated(db)) return new Ledger(db, ports, log, true)
  db[Symbol.dispose]()
  return new Ledger(new LiveSql().open(path), ports, log)
}
