/**
 * Every id (of a unit, job, wave or token) stands once in the file, in the table `id`; all other rows hold its number. A UUID
 * lies there as its 16 bytes, any other text as it is. The rest of the program speaks the texts.
 */
import type { Database } from '../ports.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** What a large bench speaks of in an hour; the rest is looked up again. */
const KEPT_MAX = 4096

/** An id as its row holds it. */
export function keyOf(id: string): string | Uint8Array {
  return UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id
}

/** null: no fact has ever named it. */
export function numberOf(db: Database, id: string): number | null {
  return db.all<{ n: number }>('SELECT n FROM id WHERE uid = ?', [keyOf(id)])[0]?.n ?? null
}

/** In a statement: the id whose number stands in `column` (`table.column`). */
export const idIn = (column: string): string => `(SELECT text FROM id WHERE id.n = ${column})`

/** The ledger's own: it gives the numbers. */
export class Numbers {
  readonly #db: Database
  readonly #kept = new Map<string, number>()

  constructor(db: Database) {
    this.#db = db
  }

  find(id: string): number | null {
    return this.#kept.get(id) ?? this.#keep(id, numberOf(this.#db, id))
  }

  /** Inside a transaction. */
  of(id: string): number {
    const known = this.find(id)
    if (known !== null) return known
    const made = this.#db.all<{ n: number }>('INSERT INTO id (uid) VALUES (?) RETURNING n', [keyOf(id)])[0]?.n ?? 0
    this.#keep(id, made)
    return made
  }

  /** What was given may have been taken back. */
  forget(): void { this.#kept.clear() }

  #keep(id: string, n: number | null): number | null {
    if (n === null) return null
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear()
    this.#kept.set(id, n)
    return n
  }
}
