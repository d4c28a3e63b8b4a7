/**
 * Where stations deliver their history (facts/store-and-sync.md 7): one copy of each (station, seq), no gap, and an
 * alarm when the same number comes back with another body. A batch is taken whole or not at all.
 */
import { createHash } from 'node:crypto'
import { leafOf, type ChainedFact } from '../wire/chain.ts'

const FACTS_PER_BATCH_MAX = 200
const BATCH_BYTES_MAX = 256 * 1024
const STATION_CHARS_MAX = 64
const STATIONS_MAX = 1000
/** All stations together. */
const FACTS_MAX = 1_000_000

export type DeliveredFact = Readonly<Record<string, unknown>> & { readonly seq: number }
export interface IngestAnswer { readonly status: 200 | 400 | 409 | 413 | 422 | 507; readonly body: Readonly<Record<string, string | number>> }

interface Kept { readonly hash: string; readonly fact: DeliveredFact }

export class EventStore {
  /** By station; numbers begin with 1, so fact n is at index n - 1. */
  readonly #stations = new Map<string, Kept[]>()
  #facts = 0

  /** The facts taken from one station, in order. */
  history(station: string): readonly DeliveredFact[] {
    return (this.#stations.get(station) ?? []).map(k => k.fact)
  }

  /** The last number taken from each station. */
  upto(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#stations].map(([station, kept]) => [station, kept.length]))
  }

  ingest(body: Uint8Array): IngestAnswer {
    if (body.byteLength > BATCH_BYTES_MAX) return { status: 413, body: { error: 'a batch has at most 256 KiB' } }
    const batch = parseBatch(body)
    if (typeof batch === 'string') return { status: 400, body: { error: batch } }
    if (batch.facts.length > FACTS_PER_BATCH_MAX) return { status: 413, body: { error: 'a batch has at most 200 facts' } }
    const kept = this.#stations.get(batch.station) ?? []
    if (batch.from > kept.length + 1) return { status: 409, body: { expected: kept.length + 1 } }
    const hashed = batch.facts.map(fact => ({ fact, hash: createHash('sha256').update(canonical(fact)).digest('hex') }))
    const isTold = ({ fact }: Kept): boolean => fact['withheld'] !== true && kept[fact.seq - 1]?.fact['withheld'] === true && kept[fact.seq - 1]?.fact['leaf'] === leafIn(fact)
    const altered = hashed.find(told => (kept[told.fact.seq - 1]?.hash ?? told.hash) !== told.hash && !isTold(told))
    if (altered !== undefined) return { status: 422, body: { error: 'another body for the same number', seq: altered.fact.seq } }
    const fresh = hashed.filter(({ fact }) => fact.seq > kept.length)
    if (this.#facts + fresh.length > FACTS_MAX || (!this.#stations.has(batch.station) && this.#stations.size >= STATIONS_MAX)) return { status: 507, body: { error: 'full' } }
    for (const told of hashed) if (isTold(told)) kept[told.fact.seq - 1] = told
    kept.push(...fresh)
    this.#facts += fresh.length
    this.#stations.set(batch.station, kept)
    return { status: 200, body: { upto: kept.length } }
  }
}

interface Batch { readonly station: string; readonly from: number; readonly facts: readonly DeliveredFact[] }

function parseBatch(body: Uint8Array): Batch | string {
  let json: unknown
  try { json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) } catch { return 'the body is no JSON' }
  if (!isRecord(json)) return 'an object is expected'
  const { station, from, to, facts } = json
  if (typeof station !== 'string' || station.length === 0 || station.length > STATION_CHARS_MAX) return 'station is missing'
  if (!isSeq(from) || !(isSeq(to) || to === 0) || !Array.isArray(facts) || facts.length !== to - from + 1) return 'from, to and facts do not agree'
  const numbered = facts.filter((fact: unknown, i): fact is DeliveredFact => isRecord(fact) && fact['seq'] === from + i)
  return numbered.length === facts.length ? { station, from, facts: numbered } : 'facts are not numbered without a gap'
}

function leafIn(fact: DeliveredFact): string | null {
  try { return Buffer.from(leafOf(fact as DeliveredFact & ChainedFact)).toString('hex') } catch { return null } // hashing reads its members and trusts none of them
}

function isSeq(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON with sorted keys: the order of keys is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => isRecord(v) ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1))) : v)
}
