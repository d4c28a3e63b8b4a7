/**
 * What a receiver keeps of many stations (facts/store-and-sync.md 7): each fact once, no gap, the same number never with
 * another body, every batch signed by the station's own key; and the signed heads, so that nobody can change history at the
 * station without us. What it has said yes to is in its store.
 */
import { canonicalBytes } from '../wire/canonical.ts'
import { CHAIN_START, isHeadSigned, isSigned, leafHash, leafOf, linkHash, parseHead, type ChainedFact, type Head } from '../wire/chain.ts'

const FACTS_PER_BATCH_MAX = 200
const BATCH_BYTES_MAX = 256 * 1024
const HEADS_PER_BATCH_MAX = 8
const STATIONS_MAX = 1000
const FACTS_MAX = 2_000_000
const ALARMS_MAX = 1000
const STATION_ID = /^[\w-]{1,64}$/

/** Text files by name; what `append` has returned from stays. */
export interface TextStore { names(): readonly string[]; read(name: string): string; append(name: string, text: string): void; replace(name: string, text: string): void }
export interface BookAnswer { readonly status: 200 | 400 | 401 | 409 | 413 | 422 | 507; readonly body: Readonly<Record<string, string | number>> }
export interface Alarm { readonly station: string; readonly text: string }

interface Kept { key: string | null; /** Numbers. */ readonly withheld: Set<number>; readonly leaves: Uint8Array[]; readonly links: Uint8Array[]; readonly heads: Map<number, Head> }
type Told = Readonly<Record<string, unknown>> & { readonly seq: number }

export class EventBook {
  readonly #store: TextStore
  readonly #stations = new Map<string, Kept>()
  readonly #alarms: Alarm[] = []
  #facts = 0

  constructor(store: TextStore) {
    this.#store = store
    for (const name of store.names()) {
      const station = /^([\w-]+)\.facts\.jsonl$/.exec(name)?.[1]
      if (station !== undefined) this.#load(station)
    }
  }

  get alarms(): readonly Alarm[] { return this.#alarms }
  upto(station: string): number { return this.#stations.get(station)?.links.length ?? 0 }
  stations(): readonly { readonly station: string; readonly upto: number; readonly heads: number; readonly key: string | null }[] {
    return [...this.#stations].map(([station, k]) => ({ station, upto: k.links.length, heads: k.heads.size, key: k.key }))
  }
  heads(station: string): readonly Head[] { return [...this.#stations.get(station)?.heads.values() ?? []] }
  facts(station: string): readonly Told[] { return this.#stations.has(station) ? linesOf(this.#store.read(`${station}.facts.jsonl`)) : [] }

  /** `signature`: base64, over exactly these bytes. */
  ingest(bytes: Uint8Array, signature: string): BookAnswer {
    if (bytes.byteLength > BATCH_BYTES_MAX) return { status: 413, body: { error: 'a batch has at most 256 KiB' } }
    const batch = parseBatch(bytes)
    if (typeof batch === 'string') return { status: 400, body: { error: batch } }
    const { station, from, facts } = batch
    if (facts.length > FACTS_PER_BATCH_MAX || batch.heads.length > HEADS_PER_BATCH_MAX) return { status: 413, body: { error: 'a batch has at most 200 facts' } }
    const kept = this.#stations.get(station) ?? { key: null, withheld: new Set<number>(), leaves: [], links: [], heads: new Map<number, Head>() }
    const key = kept.key ?? keyIn(facts[0])
    if (key !== null && !isSigned(bytes, signature, key)) return { status: 401, body: { error: 'not signed with the key of this station' } }
    if (from > kept.links.length + 1) return { status: 409, body: { expected: kept.links.length + 1 } }
    const leaves = facts.map(leafOfTold)
    const altered = facts.find((fact, i) => leaves[i] === null || (kept.leaves[fact.seq - 1] !== undefined && Buffer.compare(kept.leaves[fact.seq - 1] ?? CHAIN_START, leaves[i] ?? CHAIN_START) !== 0))
    if (altered !== undefined) {
      this.#alarm(station, `another body for fact ${altered.seq}`)
      return { status: 422, body: { error: 'another body for the same number', seq: altered.seq } }
    }
    const fresh = facts.filter(fact => fact.seq > kept.links.length)
    if (this.#facts + fresh.length > FACTS_MAX || (!this.#stations.has(station) && this.#stations.size >= STATIONS_MAX)) return { status: 507, body: { error: 'full' } }
    if (fresh.length > 0) {
      this.#store.append(`${station}.facts.jsonl`, fresh.map(fact => `${JSON.stringify(fact)}\n`).join(''))
      kept.key = key
      for (const fact of fresh) grow(kept, fact, leaves[fact.seq - from] ?? CHAIN_START)
      this.#facts += fresh.length
      this.#stations.set(station, kept)
    }
    this.#fill(station, kept, facts)
    for (const head of batch.heads) this.#keepHead(station, kept, head)
    return { status: 200, body: { upto: kept.links.length } }
  }

  /** The last facts are lost, as after a restore from last night. */
  forget(station: string, count: number): void {
    const facts = this.facts(station)
    this.#store.replace(`${station}.facts.jsonl`, facts.slice(0, Math.max(0, facts.length - count)).map(fact => `${JSON.stringify(fact)}\n`).join(''))
    this.#facts -= this.upto(station)
    this.#load(station)
  }

  /** What was withheld, and is told after all, has the leaf it was announced with; it takes the place kept for it. */
  #fill(station: string, kept: Kept, facts: readonly Told[]): void {
    const told = new Map(facts.filter(fact => fact['withheld'] !== true && kept.withheld.has(fact.seq)).map(fact => [fact.seq, fact]))
    if (told.size === 0) return
    this.#store.replace(`${station}.facts.jsonl`, this.facts(station).map(fact => `${JSON.stringify(told.get(fact.seq) ?? fact)}\n`).join(''))
    for (const seq of told.keys()) kept.withheld.delete(seq)
  }

  /** A head that does not fit what we have kept is an alarm, never quietly replaced. */
  #keepHead(station: string, kept: Kept, value: unknown): void {
    const head = parseHead(value)
    if (head === null || head.station !== station || head.key !== kept.key || !isHeadSigned(head)) return this.#alarm(station, 'a head that is not signed with the key of this station')
    const link = kept.links[head.seq - 1]
    if (link === undefined) return // about facts we do not have yet; it comes again with them
    if (Buffer.from(link).toString('hex') !== head.hash) return this.#alarm(station, `the head of fact ${head.seq} does not fit the facts received`)
    if (kept.heads.has(head.seq)) return
    this.#store.append(`${station}.heads.jsonl`, `${JSON.stringify(head)}\n`)
    kept.heads.set(head.seq, head)
  }

  #alarm(station: string, text: string): void {
    if (this.#alarms.length < ALARMS_MAX) this.#alarms.push({ station, text })
  }

  #load(station: string): void {
    const kept: Kept = { key: null, withheld: new Set(), leaves: [], links: [], heads: new Map() }
    const text = this.#store.read(`${station}.facts.jsonl`)
    const facts = linesOf(text)
    if (!text.endsWith('\n') && text !== '') this.#store.replace(`${station}.facts.jsonl`, text.slice(0, text.lastIndexOf('\n') + 1))
    kept.key = keyIn(facts[0])
    for (const fact of facts) grow(kept, fact, leafOfTold(fact) ?? CHAIN_START)
    for (const line of linesOf(this.#store.read(`${station}.heads.jsonl`))) {
      const head = parseHead(line)
      if (head) kept.heads.set(head.seq, head)
    }
    this.#facts += facts.length
    this.#stations.set(station, kept)
  }
}

function grow(kept: Kept, fact: Told, leaf: Uint8Array): void {
  if (fact['withheld'] === true) kept.withheld.add(fact.seq)
  kept.leaves.push(leaf)
  kept.links.push(linkHash(kept.links.at(-1) ?? CHAIN_START, leaf))
}

/** null: neither a fact nor the leaf of one. */
function leafOfTold(told: Told): Uint8Array | null {
  if (told['withheld'] === true) {
    const leaf = told['leaf']
    return typeof leaf === 'string' && /^[0-9a-f]{64}$/.test(leaf) ? Buffer.from(leaf, 'hex') : null
  }
  try {
    return isRecord(told['body']) ? leafOf(told as Told & ChainedFact) : leafHash(canonicalBytes(told)) // hashing reads its members and trusts none of them
  } catch {
    return null
  }
}

/** A station says its key with its first fact. */
function keyIn(fact: Told | undefined): string | null {
  const body = fact?.['body']
  const key = fact?.seq === 1 && isRecord(body) ? body['publicKey'] : null
  return typeof key === 'string' && /^[0-9a-f]{64}$/.test(key) ? key : null
}

interface Batch { readonly station: string; readonly from: number; readonly facts: readonly Told[]; readonly heads: readonly unknown[] }

function parseBatch(bytes: Uint8Array): Batch | string {
  let json: unknown
  try { json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) } catch { return 'the body is no JSON' }
  if (!isRecord(json)) return 'an object is expected'
  const { station, from, to, facts, heads = [] } = json
  if (typeof station !== 'string' || !STATION_ID.test(station)) return 'station is missing'
  if (!isNumber(from) || from < 1 || !isNumber(to) || !Array.isArray(facts) || facts.length !== to - from + 1 || !Array.isArray(heads)) return 'from, to and facts do not agree'
  const numbered = facts.filter((fact: unknown, i): fact is Told => isRecord(fact) && fact['seq'] === from + i)
  return numbered.length === facts.length ? { station, from, facts: numbered, heads } : 'facts are not numbered without a gap'
}

/** A last line that was cut off in the middle was never said yes to. */
function linesOf(text: string): Told[] {
  return text.split('\n').slice(0, -1).flatMap(line => {
    try { return [JSON.parse(line) as Told] } catch { return [] } // written by us
  })
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
