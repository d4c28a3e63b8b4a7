/**
 * Verdicts as CSV files in a folder that somebody else empties. A file appears whole or not at all; the same facts give the
 * same file name, so a repeat replaces and never doubles. The newest head of the chain lies beside them.
 */
import { minutes } from '#shared'
import type { Disk } from '../ports.ts'
import type { Ledger } from './ledger.ts'
import type { Batch, Carried, Destination } from './destination.ts'
import { Fault } from '../domain/fault.ts'
import { verdictCsv, verdictOf, type Origin } from './verdict-row.ts'

export interface DropSettings extends Origin { readonly name: string }

export class DropFolder implements Destination {
  readonly everyMs = minutes(1)
  /** Asked for each time: a network drive comes and goes. */
  readonly #open: () => Disk
  readonly #ledger: Ledger
  readonly #settings: DropSettings

  constructor(open: () => Disk, ledger: Ledger, settings: DropSettings) {
    this.#open = open
    this.#ledger = ledger
    this.#settings = settings
  }

  get name(): string { return this.#settings.name }

  async carry({ facts, heads, acked, isWithheld }: Batch): Promise<Carried> {
    const rows = facts.filter(fact => !isWithheld(fact.seq)).map(fact => verdictOf(this.#ledger, this.#settings, fact)).filter(row => row !== null)
    const [first, last] = [rows[0], rows.at(-1)]
    if (first && last) this.#write(`unbindery-${this.#settings.station}-${numbered(first.seq)}-${numbered(last.seq)}.csv`, verdictCsv(rows))
    const head = heads.at(-1)
    if (head) this.#write(`unbindery-${this.#settings.station}-head-${numbered(head.seq)}.json`, `${JSON.stringify(head)}\n`)
    return await Promise.resolve({ kind: 'upto', upto: facts.at(-1)?.seq ?? acked })
  }

  async test(): Promise<void> {
    const name = `unbindery-${this.#settings.station}-test.csv`
    this.#write(name, verdictCsv([]))
    const disk = this.#open()
    const isThere = disk.read(name) !== null
    disk.remove(name)
    if (!isThere) throw new Fault('sync.unreachable', { folder: this.name })
    await Promise.resolve()
  }

  #write(name: string, text: string): void {
    try {
      this.#open().writeAtomic(name, new TextEncoder().encode(text), 0o644)
    } catch (thrown) {
      throw new Fault('sync.unreachable', { folder: this.name, reason: String(Fault.from(thrown).context['reason'] ?? '') }, thrown)
    }
  }
}

/** So that names sort as the facts do. */
const numbered = (seq: string | number | null): string => String(seq).padStart(9, '0')
