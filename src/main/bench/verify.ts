/**
 * Has anybody changed history? Three checks, each blind to what another sees (facts/store-and-sync.md 6): the chain over
 * the facts, signed heads (the ledger's own and those a receiver has kept), and the records against their facts. Names the
 * first broken record. Reads only.
 */
import type { ChainedFact, Head } from '../wire/chain.ts'
import { CHAIN_START, chainFact, isHeadSigned } from '../wire/chain.ts'
import { findDrift } from './drift.ts'
import type { Ledger } from './ledger.ts'
import { headsOf } from './notary.ts'

const PAGE_FACTS = 1000
const TOLD_MAX = 20
const HEADS_MAX = 100_000

export interface Verified {
  readonly facts: number
  readonly heads: number
  /** Of those, kept elsewhere. */
  readonly headsElsewhere: number
  /** Empty: nothing was found. */
  readonly broken: readonly string[]
}

type Row = Omit<ChainedFact, 'body'> & { readonly kind: string; readonly body: string; readonly hash: Uint8Array | null }

/** `elsewhere`: heads of this station that somebody else has kept. `keys`: public keys of the station, when known from elsewhere. */
export function verifyLedger(ledger: Ledger, station: string, elsewhere: readonly Head[], keys: readonly string[] = []): Verified {
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
  const walked = walkChain(ledger, wanted)
  const beyond = heads.filter(({ head }) => head.seq > walked.last).map(({ head, of }) => `facts ${walked.last + 1} to ${head.seq} are missing at the end: ${of} tells of them`)
  const found = [...walked.broken, ...beyond.slice(0, 1), ...broken, ...drift(ledger)]
  return { facts: walked.last, heads: heads.length, headsElsewhere: elsewhere.length, broken: found.slice(0, TOLD_MAX) }
}

/** Follows the chain; the first fact that breaks it is named, those after it would only repeat it. */
function walkChain(ledger: Ledger, wanted: ReadonlyMap<number, readonly { readonly hash: string; readonly of: string }[]>): { readonly last: number; readonly broken: string[] } {
  const broken: string[] = []
  let link = CHAIN_START
  let last = 0
  const page = (): Row[] => ledger.db.all<Row>('SELECT seq, at, kind, unit, job, wave, operator, body, hash FROM fact WHERE seq > ? ORDER BY seq LIMIT ?', [last, PAGE_FACTS])
  for (let rows = page(); rows.length > 0; rows = page()) {
    for (const row of rows) {
      if (row.seq !== last + 1 && broken.length === 0) broken.push(`fact ${last + 1} is missing; the next is ${row.seq}`)
      last = row.seq
      if (broken.length > 0) continue
      const complaint = nextLink(link, row)
      if (complaint instanceof Uint8Array) link = complaint
      else broken.push(complaint)
      const hash = Buffer.from(link).toString('hex')
      const other = broken.length === 0 ? wanted.get(row.seq)?.find(head => head.hash !== hash) : undefined
      if (other !== undefined) broken.push(`history up to fact ${row.seq} is not what ${other.of} says: it was written again`)
    }
  }
  return { last, broken }
}

/** The link after this row, or what is wrong with the row. */
function nextLink(link: Uint8Array, { kind, body, hash, ...row }: Row): Uint8Array | string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null || !('kind' in parsed) || parsed.kind !== kind) return `fact ${row.seq} was altered: its kind is not that of its body`
    const next = chainFact(link, { ...row, body: parsed })
    return hash !== null && Buffer.compare(hash, next) === 0 ? next : `fact ${row.seq} was altered: it does not fit the chain`
  } catch {
    return `fact ${row.seq} was altered: it cannot be read`
  }
}

function drift(ledger: Ledger): string[] {
  try { return findDrift(ledger) } catch { return ['the records cannot be compared with their facts'] }
}
