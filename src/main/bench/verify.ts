/**
 * Has anybody changed history? Three checks, each blind to what another sees (facts/store-and-sync.md 6): the chain over
 * the facts, signed heads (the ledger's own and those a receiver has kept), and the records against their facts. Names the
 * first broken record. Reads only.
 */
import type { FactBody } from '../domain/fact.ts'
import type { ChainedFact, Head } from '../wire/chain.ts'
import { CHAIN_START, chainFact, isHeadSigned } from '../wire/chain.ts'
import { archiveRows, baseOf, NO_VAULT, openStretch, type ArchiveRow, type Vault } from './archive.ts'
import { findDrift } from './drift.ts'
import type { Ledger } from './ledger.ts'
import { headsOf } from './notary.ts'
import { bodyText, FACTS } from './packing.ts'

const PAGE_FACTS = 1000
const TOLD_MAX = 20
const HEADS_MAX = 100_000

export interface Verified {
  readonly facts: number
  readonly heads: number
  /** Of those, kept elsewhere. */
  readonly headsElsewhere: number
  /** Facts read from the archive, and facts whose file is not here. */
  readonly archived: number
  readonly absent: number
  /** Empty: nothing was found. */
  readonly broken: readonly string[]
}

type Row = Omit<ChainedFact, 'body'> & { readonly kind: string; readonly body: string; readonly hash: Uint8Array | null }

/**
 * `elsewhere`: heads of this station that somebody else has kept. `keys`: public keys of the station, when known from elsewhere.
 * `vault`: where archived stretches and the ledger before this one lie; what is not there is told, not held against history.
 */
export function verifyLedger(ledger: Ledger, station: string, elsewhere: readonly Head[], keys: readonly string[] = [], vault: Vault = NO_VAULT): Verified {
  const own = headsOf(ledger, station, 1, Number.MAX_SAFE_INTEGER, HEADS_MAX)
  const heads = [...own.map(head => ({ head, of: 'its own head' })), ...elsewhere.map(head => ({ head, of: 'the head kept elsewhere' }))]
  const known = new Set(keys)
  const broken = heads.flatMap(({ head, of }) => {
    if (head.station !== station) return [`${of} of fact ${head.seq} is from another station: ${head.station}`]
    if (known.size > 0 && !known.has(head.key)) return [`${of} of fact ${head.seq} is signed with an unknown key`]
    return isHeadSigned(head) ? [] : [`${of} of fact ${head.seq} has a wrong signature`]
  })
  const wanted = new Map<number, { readonly hash: string; readonly of: string }[]>()
  for (const { head, of } of heads) wanted.set(head.seq, [...wanted.get(head.seq) ?? [], { hash: head.hash, of }])
  const walked = new Walk(ledger, station, vault, wanted).run()
  const beyond = heads.filter(({ head }) => head.seq > walked.last).map(({ head, of }) => `facts ${walked.last + 1} to ${head.seq} are missing at the end: ${of} tells of them`)
  const past = walked.succeeded === null ? null : verifyPast(walked.succeeded, vault)
  const isAllHere = walked.absent === 0 && (past === null || past.isHere)
  const found = [...walked.broken, ...beyond.slice(0, 1), ...broken, ...(past?.broken ?? []), ...(isAllHere ? drift(ledger, vault) : [])]
  return { facts: walked.last, heads: heads.length, headsElsewhere: elsewhere.length, archived: walked.archived, absent: walked.absent + (past === null || past.isHere ? 0 : walked.succeeded?.seq ?? 0), broken: found.slice(0, TOLD_MAX) }
}

/** Does the chain end as the newest signed head says, and go on whole from there? A quick look for copies; null: it does. */
export function endOf(ledger: Ledger, station: string): string | null {
  const head = headsOf(ledger, station, 1, Number.MAX_SAFE_INTEGER, 1)[0]
  if (head === undefined) return null // too young to have one
  if (!isHeadSigned(head)) return `its own head of fact ${head.seq} has a wrong signature`
  const at = (seq: number): Uint8Array | null => ledger.db.all<{ hash: Uint8Array | null }>('SELECT hash FROM fact WHERE seq = ?', [seq])[0]?.hash ?? null
  let link: Uint8Array | null = at(head.seq) ?? (baseOf(ledger.db).seq === head.seq ? baseOf(ledger.db).hash : null)
  if (link === null || Buffer.from(link).toString('hex') !== head.hash) return `facts up to ${head.seq} are not what its own head says`
  let last = head.seq
  for (const row of ledger.db.all<Row>(`${FACTS} WHERE f.seq > ? ORDER BY f.seq`, [head.seq])) {
    const next: ReturnType<typeof nextLink> = row.seq === last + 1 ? nextLink(link, row) : `fact ${last + 1} is missing`
    if (typeof next === 'string') return next
    link = next.link
    last = row.seq
  }
  return null
}

/** The ledger this one goes on from must end where the first fact says; its own history is checked as well. */
function verifyPast({ station, seq, hash, file }: Succession, vault: Vault): { readonly isHere: boolean; readonly broken: readonly string[] } {
  const past = vault.open(file)
  if (past === null) return { isHere: false, broken: [] }
  const end = past.chain
  if (end.seq !== seq || Buffer.from(end.hash).toString('hex') !== hash) return { isHere: true, broken: [`the ledger before this one ends at fact ${end.seq}, not where the first fact says`] }
  return { isHere: true, broken: verifyLedger(past, station, [], [], vault).broken.map(text => `in the ledger before this one: ${text}`) }
}

type Wanted = ReadonlyMap<number, readonly { readonly hash: string; readonly of: string }[]>
type Succession = Extract<FactBody, { kind: 'station.succeeded' }>

/** Follows the chain, through the archive first; the first fact that breaks it is named, those after it would only repeat it. */
class Walk {
  readonly broken: string[] = []
  last = 0
  archived = 0
  /** Facts whose file is not here: the chain goes on behind them by what a later fact says of them. */
  absent = 0
  succeeded: Succession | null = null
  readonly #ledger: Ledger
  readonly #rows: readonly ArchiveRow[]
  readonly #vault: Vault
  readonly #wanted: Wanted
  /** What facts say of the archive, by the last number of each stretch. */
  readonly #told = new Map<number, { readonly hash: string; readonly sha256: string }>()
  #link = CHAIN_START

  constructor(ledger: Ledger, station: string, vault: Vault, wanted: Wanted) {
    this.#ledger = ledger
    this.#rows = archiveRows(ledger.db, station)
    this.#vault = vault
    this.#wanted = wanted
  }

  run(): this {
    const base = baseOf(this.#ledger.db)
    for (const row of this.#rows.filter(r => r.from <= base.seq)) this.#walkStretch(row, base.seq)
    if (this.last !== base.seq) this.#break(`facts ${this.last + 1} to ${base.seq} are neither here nor in the archive`)
    else if (this.absent > 0 && this.archived < base.seq) this.#link = base.hash
    else if (Buffer.compare(this.#link, base.hash) !== 0) this.#break(`the archive does not end where the ledger begins, at fact ${base.seq}`)
    this.last = base.seq
    this.#walkLedger()
    for (const { from, to, hash, sha256 } of this.#rows) {
      const told = this.#told.get(to)
      if (told === undefined ? this.absent === 0 : told.hash !== hash || told.sha256 !== sha256) this.#break(`the archive of facts ${from} to ${to} is not what the facts say`)
    }
    return this
  }

  #walkStretch(row: ArchiveRow, base: number): void {
    if (row.from !== this.last + 1) this.#break(`facts ${this.last + 1} to ${row.from - 1} are neither here nor in the archive`)
    const facts = openStretch(row, this.#vault)
    const end = Math.min(row.to, base)
    if (typeof facts === 'string') this.#break(facts)
    if (facts === null) {
      this.absent += end - row.from + 1
      this.#link = Buffer.from(row.hash, 'hex')
    } else if (typeof facts !== 'string') {
      for (const fact of facts.filter(f => f.seq <= end)) {
        this.#link = chainFact(this.#link, fact)
        this.#look(fact.seq, fact.body)
        this.archived += 1
      }
    }
    this.last = end
  }

  #walkLedger(): void {
    const page = (): Row[] => this.#ledger.db.all<Row>(`${FACTS} WHERE f.seq > ? ORDER BY f.seq LIMIT ?`, [this.last, PAGE_FACTS])
    for (let rows = page(); rows.length > 0; rows = page()) {
      for (const row of rows) {
        if (row.seq !== this.last + 1) this.#break(`fact ${this.last + 1} is missing; the next is ${row.seq}`)
        this.last = row.seq
        if (this.broken.length > 0) continue
        const next = nextLink(this.#link, row)
        if (typeof next === 'string') this.#break(next)
        else {
          this.#link = next.link
          this.#look(row.seq, next.body)
        }
      }
    }
  }

  /** What a fact says of other parts of history, and what signed heads say of it. */
  #look(seq: number, body: FactBody): void {
    if (body.kind === 'history.archived') this.#told.set(body.to, body)
    if (body.kind === 'station.succeeded' && seq === 1) this.succeeded = body
    const hash = Buffer.from(this.#link).toString('hex')
    const other = this.#wanted.get(seq)?.find(head => head.hash !== hash)
    if (other !== undefined) this.#break(`history up to fact ${seq} is not what ${other.of} says: it was written again`)
  }

  #break(text: string): void {
    if (this.broken.length === 0) this.broken.push(text)
  }
}

/** The link after this row, or what is wrong with the row. */
function nextLink(link: Uint8Array, { kind, body, hash, ...row }: Row): { readonly link: Uint8Array; readonly body: FactBody } | string {
  try {
    const parsed: unknown = JSON.parse(bodyText({ kind, body }))
    if (typeof parsed !== 'object' || parsed === null || !('kind' in parsed) || parsed.kind !== kind) return `fact ${row.seq} was altered: its kind is not that of its body`
    const next = chainFact(link, { ...row, body: parsed })
    return hash !== null && Buffer.compare(hash, next) === 0 ? { link: next, body: parsed as FactBody } : `fact ${row.seq} was altered: it does not fit the chain` // written by the ledger, as the chain has just said
  } catch {
    return `fact ${row.seq} was altered: it cannot be read`
  }
}

function drift(ledger: Ledger, vault: Vault): string[] {
  try { return findDrift(ledger, vault) } catch { return ['the records cannot be compared with their facts'] }
}
