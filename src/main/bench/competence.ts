/**
 * What badges have shown in training, kept beside the ledgers: training begins a new one at each start, and the live ledger is
 * another. One line a badge and exercise, signed by the key of the training station that saw it; a station takes what is new
 * into its own history when it starts. A line that was changed by hand is not taken.
 */
import { BADGE_CHARS_MAX, EXERCISES, type CompetenceView, type Instant } from '#shared'
import { Fault } from '../domain/fault.ts'
import { competenceKey } from '../domain/person.ts'
import type { Disk } from '../ports.ts'
import { canonicalBytes } from '../wire/canonical.ts'
import { isSigned } from '../wire/chain.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'

export const COMPETENCE_FILE = 'competence.jsonl'
/** Of all badges together; the oldest go first. */
const LINES_MAX = 5000
const LINE_CHARS_MAX = 2000

interface Shown { readonly badge: string; readonly course: string; readonly score: number; readonly at: Instant }
/** `key`: of the training station, hex; it stands in the `station.started` facts of its ledger. */
interface Signed extends Shown { readonly key: string; readonly signature: string }
export interface Signer { readonly publicHex: string; sign(bytes: Uint8Array): string }

export class Competence {
  readonly #disk: Disk
  readonly #ledger: Ledger
  readonly #log: Log
  /** Null: this station never saw an exercise itself. */
  readonly #signer: Signer | null

  constructor(disk: Disk, ledger: Ledger, log: Log, signer: Signer | null) {
    this.#disk = disk
    this.#ledger = ledger
    this.#log = log
    this.#signer = signer
  }

  /** Into this station's own history; what stands there already is not looked at again. */
  takeIn(): void {
    const news = this.#read().filter(line => (this.#ledger.mark('competence', competenceKey(line.badge, line.course))?.at ?? -1) < line.at)
    const good = news.filter(isGenuine)
    if (good.length < news.length) this.#log.warn('lines of competence that were changed by hand are not taken', { lines: news.length - good.length, file: COMPETENCE_FILE })
    this.#ledger.commit(tx => { for (const { badge, course, score, at, key } of good) tx.append({ body: { kind: 'person.trained', badge, course, score, shownAt: at, key } }) })
  }

  /** An exercise was passed. Faults: `program.unexpected` outside training. */
  pass({ badge, course, score, at }: Shown): void {
    if (this.#signer === null) throw new Fault('program.unexpected', { text: 'only training sees exercises' })
    const { publicHex: key } = this.#signer
    const shown = { badge, course, score, at }
    const line: Signed = { ...shown, key, signature: this.#signer.sign(bytesOf({ ...shown, key })) }
    const kept = [...this.#read().filter(l => l.badge !== badge || l.course !== course), line].slice(-LINES_MAX)
    this.#disk.writeAtomic(COMPETENCE_FILE, new TextEncoder().encode(kept.map(l => `${JSON.stringify(l)}\n`).join('')), 0o600)
    this.#ledger.append({ body: { kind: 'person.trained', badge, course, score, shownAt: at, key } })
  }

  of(badge: string): CompetenceView[] {
    return EXERCISES.flatMap(course => {
      const mark = this.#ledger.mark('competence', competenceKey(badge, course))
      return mark === null ? [] : [{ course, score: mark.score, at: mark.at }]
    })
  }

  #read(): Signed[] {
    const bytes = this.#disk.read(COMPETENCE_FILE)
    if (bytes === null) return []
    return new TextDecoder().decode(bytes).split('\n').slice(-LINES_MAX - 1).flatMap(text => parseLine(text) ?? [])
  }
}

const bytesOf = (shown: Omit<Signed, 'signature'>): Uint8Array => canonicalBytes({ kind: 'unbindery.competence', v: 1, badge: shown.badge, course: shown.course, score: shown.score, at: shown.at, key: shown.key })
const isGenuine = (line: Signed): boolean => isSigned(bytesOf(line), line.signature, line.key)

/** Null: it makes no sense. */
function parseLine(text: string): Signed | null {
  if (text.length === 0 || text.length > LINE_CHARS_MAX) return null
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line !== 'object' || line === null) return null
    const { badge, course, score, at, key, signature } = line as Readonly<Record<string, unknown>> // an object, as just seen
    const isWhole = typeof badge === 'string' && badge.length > 0 && badge.length <= BADGE_CHARS_MAX && EXERCISES.some(name => name === course) && typeof course === 'string' && typeof score === 'number' && score >= 0 && score <= 100
    return isWhole && typeof at === 'number' && Number.isSafeInteger(at) && typeof key === 'string' && typeof signature === 'string' ? { badge, course, score, at, key, signature } : null
  } catch {
    return null
  }
}
