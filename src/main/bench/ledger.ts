/**
 * The ledger: one ordered, gapless stream of facts, and the records they fold to, committed together. Nothing is published
 * before its commit has returned; nobody changes a record but by a fact.
 */
import { millis, type Alias, type Instant, type JobId, type Outcome, type TokenId, type UnitId, type WaveId } from '#shared'
import { Fault } from '../domain/fault.ts'
import { countsOf, foldJob, foldUnit, foldWave, type Fact, type FactBody, type FactDraft } from '../domain/fact.ts'
import type { Job } from '../domain/job.ts'
import type { MarkKind, Marks } from '../domain/mark.ts'
import type { QuotaUse, SeatState } from '../domain/quota.ts'
import type { Unit } from '../domain/unit.ts'
import type { Wave } from '../domain/wave.ts'
import type { Clock, Database, Entropy } from '../ports.ts'
import { wellFormedJson } from '../wire/canonical.ts'
import { CHAIN_START, chainFact } from '../wire/chain.ts'
import { Listeners } from './clockwork.ts'
import { LedgerRows } from './ledger-rows.ts'
import { LedgerTables, type StoredToken } from './ledger-tables.ts'
import type { Log } from './log.ts'
import { idIn, Numbers } from './numbers.ts'
import { factOf, FACTS, jobOf, JOBS, packBody, unitOf, UNITS, type FactRow, type JobRow, type UnitRow } from './packing.ts'
import { migrate } from './schema.ts'
import { searchUnits } from './search.ts'

interface BodyRow { body: string }

/** Whoever wants to write in the same turn of the loop shares its commit. */
const NEXT_TURN = millis(0)
/** Works of one commit: more would hold up everybody else for too long. */
const TOGETHER_MAX = 16

/** What a transaction may do: append facts; reads through it see what it has appended. */
export interface Tx {
  append(draft: FactDraft): Fact
  keepToken(token: StoredToken): void
}

/** UUIDv7 (RFC 9562 5.7): time first, so that identifiers sort by age. */
export function newId(clock: Clock, entropy: Entropy): string {
  const b = entropy.bytes(16)
  new DataView(b.buffer, b.byteOffset).setBigUint64(0, (BigInt(clock.now()) << 16n) | BigInt(((b[6] ?? 0) << 8) | (b[7] ?? 0)))
  b[6] = 0x70 | ((b[6] ?? 0) & 0x0f)
  b[8] = 0x80 | ((b[8] ?? 0) & 0x3f)
  const hex = [...b].map(x => x.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export class Ledger {
  readonly #db: Database
  readonly #numbers: Numbers
  readonly #rows: LedgerRows
  readonly #tables: LedgerTables
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #log: Log
  readonly #listeners = new Listeners<readonly Fact[]>()
  readonly #pending: (readonly Fact[])[] = []
  #isPublishing = false
  /** The commit that is shared now; `broken`: why SQLite has taken all of it back. */
  #group: { readonly facts: Fact[]; broken: unknown } | null = null
  readonly #soon: { readonly run: () => () => void; readonly reject: (thrown: unknown) => void }[] = []
  #seq: number
  #link: Uint8Array
  #operator: string | null = null

  /** `db` is open and ours; `isReader` leaves the file as it is. */
  constructor(db: Database, ports: { readonly clock: Clock; readonly entropy: Entropy }, log: Log, isReader = false) {
    this.#db = db
    this.#numbers = new Numbers(db)
    this.#rows = new LedgerRows(db, this.#numbers, isReader)
    this.#tables = new LedgerTables(db, this.#numbers)
    this.#clock = ports.clock
    this.#entropy = ports.entropy
    this.#log = log
    if (!isReader) migrate(db)
    const last = db.all<{ seq: number; hash: Uint8Array | null }>('SELECT seq, hash FROM fact ORDER BY seq DESC LIMIT 1')[0]
    this.#seq = last?.seq ?? 0
    this.#link = last?.hash ?? CHAIN_START
  }

  /** For statements of one's own; they find what the open commit has folded so far. */
  get db(): Database {
    this.#rows.flush()
    return this.#db
  }
  get lastSeq(): number { return this.#seq }
  /** The hash chain after the last fact. */
  get chain(): { readonly seq: number; readonly hash: Uint8Array } { return { seq: this.#seq, hash: this.#link } }
  /** Operator of record; null is *nobody*. */
  get operator(): string | null { return this.#operator }

  newId(): string {
    return newId(this.#clock, this.#entropy)
  }

  /** Facts of one commit, in order, after it. */
  on(fn: (facts: readonly Fact[]) => void): Disposable {
    return this.#listeners.on(fn)
  }

  /** One transaction: all of `work`'s facts, or none. Throws what `work` throws. */
  commit<T>(work: (tx: Tx) => T): T {
    return this.#group === null ? this.#transact(facts => work(this.#tx(facts))) : this.#join(this.#group, work)
  }

  /** Commits inside `work` become one: the disk is waited for once, and nothing of it is published before. One that throws takes only itself back. */
  together<T>(work: () => T): T {
    if (this.#group !== null) return work()
    return this.#transact(facts => {
      const group: { readonly facts: Fact[]; broken: unknown } = { facts, broken: null }
      this.#group = group
      try {
        const result = work()
        if (group.broken !== null) throw group.broken
        return result
      } finally {
        this.#group = null
      }
    })
  }

  /** The same for works that come from many sides within a moment. Resolves after the commit; rejects with what `work` throws. */
  soon<T>(work: (tx: Tx) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#soon.push({
      run: () => {
        const result = this.commit(work)
        return () => resolve(result)
      },
      reject
    })
    if (this.#soon.length === 1) this.#clock.after(NEXT_TURN, () => this.#commitSoon())
    return promise
  }

  #commitSoon(): void {
    const works = this.#soon.splice(0, TOGETHER_MAX)
    try {
      const told = this.together(() => works.map(({ run, reject }) => {
        try { return run() } catch (thrown) { return () => reject(thrown) }
      }))
      for (const tell of told) tell()
    } catch (thrown) {
      for (const { reject } of works) reject(thrown)
    }
    if (this.#soon.length > 0) this.#clock.after(NEXT_TURN, () => this.#commitSoon())
  }

  #tx(facts: Fact[]): Tx {
    return { append: draft => this.#append(draft, facts), keepToken: token => this.#tables.keepToken(token) }
  }

  #transact<T>(work: (facts: Fact[]) => T): T {
    const facts: Fact[] = []
    const undo = this.#before()
    let result: T
    try {
      result = this.#db.transaction(() => {
        const value = work(facts)
        this.#rows.flush()
        return value
      })
    } catch (thrown) {
      undo()
      throw thrown
    }
    if (facts.length > 0) this.#publish(facts)
    return result
  }

  #join<T>(group: { readonly facts: Fact[]; broken: unknown }, work: (tx: Tx) => T): T {
    const undo = this.#before()
    const { length } = group.facts
    this.#db.run('SAVEPOINT part')
    try {
      const result = work(this.#tx(group.facts))
      this.#db.run('RELEASE part')
      return result
    } catch (thrown) {
      group.facts.length = length
      undo()
      try {
        this.#db.run('ROLLBACK TO part')
        this.#db.run('RELEASE part')
      } catch {
        group.broken ??= thrown // a full disk, or worse: nothing of the whole commit is left
      }
      throw thrown
    }
  }

  #before(): () => void {
    const [seq, link, operator] = [this.#seq, this.#link, this.#operator]
    const undoRows = this.#rows.mark()
    return () => {
      undoRows()
      this.#numbers.forget()
      this.#seq = seq
      this.#link = link
      this.#operator = operator
    }
  }

  /** One fact in its own transaction. */
  append(draft: FactDraft): Fact {
    return this.commit(tx => tx.append(draft))
  }

  unit(uid: UnitId): Unit | null { return this.#rows.unit(uid) }
  job(uid: JobId | null): Job | null { return uid === null ? null : this.#rows.job(uid) }
  wave(uid: WaveId): Wave | null { return this.#body<Wave>('SELECT body FROM wave WHERE uid = ?', uid) }
  openJobs(): Job[] { return this.#jobs('INDEXED BY job_open WHERE j.closed_at IS NULL ORDER BY j.n') }
  jobsOfToken(token: TokenId): Job[] { return this.#jobs('WHERE j.token = ?', this.#numbers.find(token)) }
  jobsOfWave(wave: WaveId): Job[] { return this.#jobs('WHERE j.wave = ?', this.#numbers.find(wave)) }
  /** In the order they were opened in. */
  jobsOfUnit(unit: UnitId): Job[] { return this.#jobs('WHERE j.unit = ? ORDER BY j.n', this.#numbers.find(unit)) }
  /** With a verdict later than `since`, oldest first. */
  jobsClosed(since: Instant): Job[] { return this.#jobs('WHERE j.closed_at > ? ORDER BY j.closed_at', since) }
  openWaves(): Wave[] { return this.#bodies<Wave>("SELECT body FROM wave WHERE state <> 'closed' ORDER BY opened_at") }
  lastWaves(limit: number): Wave[] { return this.#bodies<Wave>('SELECT body FROM wave ORDER BY opened_at DESC LIMIT ?', limit) }
  /** Asked in vain so far, newest first; late proof may raise them. */
  unprovenJobs(unit: UnitId): Job[] { return this.#jobs("WHERE j.unit = ? AND j.outcome = 'unproven' ORDER BY j.n DESC", this.#numbers.find(unit)) }
  /** A camera may have read any code of its wave. */
  tokensOf(uid: JobId): readonly TokenId[] {
    const { wave = null, token = null } = this.job(uid) ?? {}
    const shown = wave === null ? [] : this.wave(wave)?.tokens ?? []
    return [...new Set([...shown, ...token === null ? [] : [token]])]
  }
  unitsHere(): Unit[] { return this.db.all<{ uid: UnitId }>(`SELECT ${idIn('u.n')} AS uid FROM unit u WHERE u.is_here = 1 ORDER BY u.n`).flatMap(({ uid }) => this.unit(uid) ?? []) }

  /** Units one of whose names holds `text`, newest first; all when `text` is empty. */
  findUnits(text: string, outcome: Outcome | null, limit: number): Unit[] {
    return searchUnits(this.db, { ...(text === '' ? {} : { text }), ...(outcome === null ? {} : { outcome }) }, limit)
  }

  unitByAlias(alias: Alias): UnitId | null {
    const found = this.#db.all<{ unit: UnitId }>(`SELECT ${idIn('name.unit')} AS unit FROM name WHERE value = ? AND kind = ?`, [alias.value, alias.kind])[0]
    return found?.unit ?? null
  }

  quotaUse(scope: 'account' | 'product', key: string, since: Instant): QuotaUse {
    // Two counts, each by its index; with OR in one statement SQLite would walk over the seats of all days.
    const count = (where: string, ...values: (string | number)[]): number => this.#db.all<{ n: number }>(`SELECT count(*) AS n FROM seat WHERE ${scope} = ? AND ${where}`, [key, ...values])[0]?.n ?? 0
    return { spent: count("state = 'spent' AND at > ?", since), reserved: count("state = 'reserved'") }
  }

  /** Newest vendor time any seat was spent at; null: none yet. */
  lastSpentAt(): Instant | null {
    return this.#db.all<{ at: number }>("SELECT at FROM seat INDEXED BY seat_at WHERE state = 'spent' ORDER BY at DESC LIMIT 1")[0]?.at ?? null
  }

  mark<K extends MarkKind>(kind: K, key: string): Marks[K] | null {
    return this.#body<Marks[K]>(`SELECT body FROM mark WHERE kind = '${kind}' AND key = ?`, key)
  }

  /** With their keys, oldest first. */
  marks<K extends MarkKind>(kind: K, limit: number): { readonly key: string; readonly mark: Marks[K] }[] {
    return this.#db.all<{ key: string; body: string }>('SELECT key, body FROM mark WHERE kind = ? ORDER BY at, key LIMIT ?', [kind, limit])
      .map(({ key, body }) => ({ key, mark: JSON.parse(body) as Marks[K] })) // written by #mark
  }

  /** Units that wait for another day's quota, wherever they are. */
  unitsPostponed(): Unit[] { return this.#units("INDEXED BY unit_postponed WHERE json_extract(u.body, '$.postponedAt') IS NOT NULL ORDER BY u.n") }
  unitsBoundToUs(): Unit[] { return this.#units("INDEXED BY unit_bound WHERE json_extract(u.body, '$.boundToUs') IS NOT NULL ORDER BY u.n") }
  /** Set aside, those that wait longest first. */
  unitsHeld(limit: number): Unit[] { return this.#units("WHERE json_extract(u.body, '$.hold.at') IS NOT NULL ORDER BY json_extract(u.body, '$.hold.at') LIMIT ?", limit) }

  /** Some unit of this product was proven here. */
  isProven(product: string): boolean {
    return this.counter(`proven.${product}`) > 0
  }

  provenProducts(): string[] {
    return this.#db.all<{ product: string }>("SELECT substr(name, 8) AS product FROM counter WHERE name >= 'proven.' AND name < 'proven/' AND value > 0").map(row => row.product)
  }

  seatOf(job: JobId): SeatState | null {
    return this.#db.all<{ state: SeatState }>('SELECT state FROM seat WHERE job = ?', [this.#numbers.find(job)])[0]?.state ?? null
  }

  counter(name: string): number {
    return this.#db.all<{ value: number }>('SELECT value FROM counter WHERE name = ?', [name])[0]?.value ?? 0
  }

  token(uid: TokenId): StoredToken | null {
    const row = this.#db.all<{ account: string; region: string; sealed: Uint8Array; issued_at: number; expires_at: number; seats: number }>('SELECT * FROM token WHERE uid = ?', [uid])[0]
    return row ? { uid, account: row.account, region: row.region, sealed: row.sealed, issuedAt: row.issued_at, expiresAt: row.expires_at, seats: row.seats } : null
  }

  /** Facts with a number above `after`, in order. */
  factsAfter(after: number, limit: number): Fact[] {
    return this.#db.all<FactRow>(`${FACTS} WHERE f.seq > ? ORDER BY f.seq LIMIT ?`, [after, limit]).map(factOf)
  }

  /** Newest first, below `before`. */
  history(unit: string | null, before: number, limit: number): Fact[] {
    const [where, ...values] = unit === null ? ['TRUE'] : ['f.unit = ?', this.#numbers.find(unit)]
    return this.#db.all<FactRow>(`${FACTS} WHERE ${where} AND f.seq < ? ORDER BY f.seq DESC LIMIT ?`, [...values, before, limit]).map(factOf)
  }

  setting(key: string): string | null {
    return this.#db.all<{ value: string }>('SELECT value FROM setting WHERE key = ?', [key])[0]?.value ?? null
  }

  keepSetting(key: string, value: string): void {
    this.#db.run('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [key, value])
  }

  #append(draft: FactDraft, facts: Fact[]): Fact {
    const text = wellFormedJson(JSON.stringify(draft.body))
    const body = JSON.parse(text) as FactBody // the draft's own, as it will be read again
    const fact: Fact = {
      seq: this.#seq + 1, at: this.#clock.now(), unit: draft.unit ?? null, job: draft.job ?? null, wave: draft.wave ?? null,
      operator: body.kind === 'operator.signed' ? body.operator : this.#operator, body
    }
    const link = chainFact(this.#link, fact)
    const number = (id: string | null): number | null => id === null ? null : this.#numbers.of(id)
    this.#db.run('INSERT INTO fact (seq, at, kind, unit, job, wave, operator, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [fact.seq, fact.at, body.kind, number(fact.unit), number(fact.job), number(fact.wave), fact.operator, packBody(body.kind, text), link])
    this.#seq += 1
    this.#link = link
    facts.push(fact)
    if (body.kind === 'operator.signed') this.#operator = body.operator
    this.#project(fact)
    return fact
  }

  /** Folds one fact into its records; also what a rebuild runs over all facts. */
  #project(fact: Fact): void {
    const { body } = fact
    if (body.kind === 'unit.named' && fact.unit) this.#tables.name(fact.unit, body.alias)
    if (body.kind === 'unit.merged' && fact.unit) this.#tables.rename(this.unit(fact.unit)?.aliases ?? [], fact.unit, body.into) // by name: there are millions of rows
    if (body.kind === 'unit.parted' && fact.unit) this.#tables.rename(body.aliases, fact.unit, body.to)
    if (body.kind === 'seat.reserved' || body.kind === 'seat.spent' || body.kind === 'seat.returned') this.#tables.seat(fact, body)
    if (fact.unit) this.#rows.putUnit(foldUnit(this.unit(fact.unit), fact), fact.at)
    if (fact.job) {
      const before = this.job(fact.job)
      const after = foldJob(before, fact)
      this.#rows.putJob(after)
      for (const [name, by] of countsOf(before, after)) this.#tables.count(name, by)
    }
    if (fact.wave) this.#tables.putWave(foldWave(this.wave(fact.wave), fact))
    this.#tables.mark(fact)
    if (body.kind === 'unit.met') this.#tables.count('units', 1)
  }

  #publish(facts: readonly Fact[]): void {
    this.#pending.push(facts)
    if (this.#isPublishing) return
    this.#isPublishing = true
    try {
      for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
        this.#listeners.tell(next, fault => this.#log.fault('a listener of the ledger failed', fault))
      }
    } finally {
      this.#isPublishing = false
    }
  }

  #body<T>(sql: string, uid: string): T | null {
    const row = this.#db.all<BodyRow>(sql, [uid])[0]
    return row ? JSON.parse(row.body) as T : null // written by this class and nobody else
  }

  #units(where: string, ...values: (string | number | null)[]): Unit[] { return this.db.all<UnitRow>(`${UNITS} ${where}`, values).map(unitOf) }
  #jobs(where: string, ...values: (string | number | null)[]): Job[] { return this.db.all<JobRow>(`${JOBS} ${where}`, values).map(jobOf) }

  #bodies<T>(sql: string, ...values: (string | number | null)[]): T[] {
    return this.db.all<BodyRow>(sql, values).map(row => JSON.parse(row.body) as T) // as above
  }
}

/** Waits until the ledger holds what `test` asks for; used by stages that wait for evidence. */
export async function untilFact(ledger: Ledger, test: (fact: Fact) => boolean, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw Fault.from(signal.reason)
  const { promise, resolve } = Promise.withResolvers<void>()
  using _listening = ledger.on(facts => { if (facts.some(test)) resolve() })
  const stop = (): void => resolve()
  signal.addEventListener('abort', stop, { once: true })
  await promise
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
}
