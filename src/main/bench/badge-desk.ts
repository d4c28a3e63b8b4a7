/**
 * Who is at the bench. A badge signs its operator in; the badge of a lead or an admin, shown while somebody else works,
 * waits beside him: its PIN is asked for when an act wants it, and then holds for five minutes or until the next badge.
 * The operator stays who he is for everything else. Knowing badge and PIN is only ever in memory: after a restart nobody is raised.
 */
import type { HereView, Millis, Role } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import { Listeners } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import { RAISED_MS, type People } from './people.ts'

/** `until`: monotonic; null while the PIN is not typed. */
interface Beside { readonly badge: string; readonly until: Millis | null }

export class BadgeDesk {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #people: People
  readonly #listeners = new Listeners<void>()
  #beside: Beside | null = null
  /** Grows with each badge: a PIN typed for an older one raises nobody. */
  #turn = 0

  constructor(clock: Clock, ledger: Ledger, log: Log, people: People) {
    this.#clock = clock
    this.#ledger = ledger
    this.#log = log
    this.#people = people
  }

  /** Told when somebody comes, goes or is raised. */
  on(fn: () => void): Disposable {
    return this.#listeners.on(fn)
  }

  scan(badge: string): void {
    this.#turn += 1
    const role = this.#people.find(badge)?.role ?? 'operator'
    const { operator } = this.#ledger
    const isVisitor = role !== 'operator' && operator !== null && operator !== badge
    this.#beside = role === 'operator' ? null : { badge, until: null }
    if (!isVisitor) this.#ledger.append({ body: { kind: 'operator.signed', operator: badge } })
    this.#tell()
  }

  /** Faults: those of `People.check`; `person.needs-lead` for a badge that can only be an operator, or when another badge came meanwhile. */
  async enter(badge: string, pin: string): Promise<void> {
    const person = this.#people.find(badge)
    if (!person || person.role === 'operator') throw new Fault('person.needs-lead', { badge })
    const turn = ++this.#turn
    await this.#people.check(badge, pin)
    if (turn !== this.#turn) throw new Fault('person.needs-lead', { badge })
    this.#ledger.commit(tx => {
      if (this.#ledger.operator === null) tx.append({ body: { kind: 'operator.signed', operator: badge } })
      tx.append({ body: { kind: 'person.raised', badge, role: person.role } })
    })
    this.#beside = { badge, until: (this.#clock.monotonic() + RAISED_MS) as Millis } // a later moment of the same clock
    this.#tell()
  }

  /** Nobody is at the bench any more. */
  leave(): void {
    this.#turn += 1
    this.#beside = null
    this.#ledger.append({ body: { kind: 'operator.signed', operator: null } })
    this.#tell()
  }

  /** Whose PIN holds now. A role taken away meanwhile counts at once. */
  raised(): { readonly badge: string; readonly role: Role } | null {
    const beside = this.#beside
    if (beside?.until == null || this.#clock.monotonic() >= beside.until) return null
    const role = this.#people.find(beside.badge)?.role ?? 'operator'
    return role === 'operator' ? null : { badge: beside.badge, role }
  }

  view(): HereView {
    const { operator } = this.#ledger
    const at = operator === null ? null : this.#people.find(operator)
    const beside = this.#beside
    const person = beside === null ? null : this.#people.find(beside.badge)
    const left = this.raised() === null ? null : (beside?.until ?? 0) - this.#clock.monotonic()
    return {
      operator: operator === null ? null : { badge: operator, name: at?.name ?? operator, role: at?.role ?? 'operator', language: at?.language ?? null },
      raised: person === null || person.role === 'operator' ? null : { badge: person.badge, name: person.name, role: person.role, until: left === null ? null : this.#clock.now() + left },
      hasAdmin: this.#people.hasAdmin
    }
  }

  #tell(): void {
    this.#listeners.tell(undefined, fault => this.#log.fault('a listener of the badge desk failed', fault))
  }
}
