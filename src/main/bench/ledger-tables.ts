/** The ledger's plain tables, one statement a change: who is called what, seats, waves, marks, counts, tokens. Written inside its commits only. */
import type { Alias, Instant, TokenId, UnitId } from '#shared'
import type { Fact, FactBody } from '../domain/fact.ts'
import { markOf } from '../domain/mark.ts'
import { identifies } from '../domain/unit.ts'
import type { Wave } from '../domain/wave.ts'
import type { Database } from '../ports.ts'
import type { Numbers } from './numbers.ts'

export interface StoredToken { readonly uid: TokenId; readonly account: string; readonly region: string; readonly sealed: Uint8Array; readonly issuedAt: Instant; readonly expiresAt: Instant; readonly seats: number }

export class LedgerTables {
  readonly #db: Database
  readonly #numbers: Numbers

  constructor(db: Database, numbers: Numbers) {
    this.#db = db
    this.#numbers = numbers
  }

  /** A name that identifies belongs to its first owner; a device id moves with the unit that says it now. */
  name(unit: UnitId, alias: Alias): void {
    const again = identifies(alias) ? 'NOTHING' : 'UPDATE SET unit = excluded.unit'
    this.#db.run(`INSERT INTO name (value, kind, unit) VALUES (?, ?, ?) ON CONFLICT (value, kind) DO ${again}`, [alias.value, alias.kind, this.#numbers.of(unit)])
  }

  /** Those of these names that are `from`'s own. */
  rename(aliases: readonly Alias[], from: UnitId, to: UnitId): void {
    for (const { kind, value } of aliases) this.#db.run('UPDATE name SET unit = ? WHERE value = ? AND kind = ? AND unit = ?', [this.#numbers.of(to), value, kind, this.#numbers.of(from)])
  }

  seat(fact: Fact, body: Extract<FactBody, { account: string; kind: `seat.${string}` }>): void {
    if (fact.job === null) return
    const state = body.kind.slice('seat.'.length)
    this.#db.run('INSERT INTO seat (job, account, product, state, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET state = excluded.state, at = excluded.at',
      [this.#numbers.of(fact.job), body.account, body.product, state, body.vendorAt ?? fact.at])
  }

  putWave(wave: Wave | null): void {
    if (!wave) return
    this.#db.run('INSERT INTO wave (uid, state, opened_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET state = excluded.state, body = excluded.body',
      [wave.uid, wave.state, wave.openedAt, JSON.stringify(wave)])
  }

  mark(fact: Fact): void {
    const change = markOf(fact)
    if (change === null) return
    if (change.body === null) this.#db.run('DELETE FROM mark WHERE kind = ? AND key = ?', [change.kind, change.key])
    else this.#db.run('INSERT INTO mark (kind, key, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, body = excluded.body', [change.kind, change.key, fact.at, change.body])
  }

  count(name: string, by: number): void {
    this.#db.run('INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value', [name, by])
  }

  keepToken(token: StoredToken): void {
    this.#db.run('INSERT INTO token (uid, account, region, sealed, issued_at, expires_at, seats) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [token.uid, token.account, token.region, token.sealed, token.issuedAt, token.expiresAt, token.seats])
  }
}
