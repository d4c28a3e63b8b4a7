/**
 * Who may do what: each row of the door says which role it needs, and this says which role is asking. Screens act as the
 * person at the bench, raised or not; the command line acts as an admin, because its socket is open to nobody but the user
 * whose files the station keeps. What a lead or an admin did stands in history under the badge that did it.
 */
import { DOOR, isEnough, type DoorName, type FaultCode, type Role, type UnitId } from '#shared'
import type { BadgeDesk } from '../bench/badge-desk.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { People } from '../bench/people.ts'
import { Fault } from '../domain/fault.ts'
import type { Who } from './gate.ts'

/** How the command line is named in history. */
export const CLI = 'cli'

export interface Actor {
  readonly host: Who['host']
  readonly role: Role
  /** Operator of record. */
  readonly operator: string | null
  /** The badge by which it may; null when everybody may. */
  readonly lead: string | null
  /** Whose act it is stands in history from here on; called by what changes a device, before it does; the gate calls it once an act is done. Told once. */
  readonly begin: () => void
}
export interface Rights {
  /** Faults: `person.needs-lead`, `person.needs-admin`, `person.no-admin`. */
  allow(name: DoorName, params: unknown, who: Who): Actor
}

/** A station that does not run: it only answers questions. */
export const READING: Rights = { allow: (_name, _params, { host }) => ({ host, role: 'operator', operator: null, lead: null, begin: () => undefined }) }

/** What has a record of its own, key by key. */
const KEPT: ReadonlySet<DoorName> = new Set(['terminal.type'])

/** What this very question needs beyond its row. */
export type Needs = (name: DoorName, params: unknown) => Role

export class BenchRights implements Rights {
  readonly #ledger: Ledger
  readonly #people: People
  readonly #badges: BadgeDesk
  readonly #needs: Needs

  constructor(ledger: Ledger, people: People, badges: BadgeDesk, needs: Needs) {
    this.#ledger = ledger
    this.#people = people
    this.#badges = badges
    this.#needs = needs
  }

  allow(name: DoorName, params: unknown, who: Who): Actor {
    let isTold = false
    const by = { ...this.#allowed(name, params, who), begin: () => {
      if (!isTold) this.#tell(name, params, by)
      isTold = true
    } }
    return by
  }

  #allowed(name: DoorName, params: unknown, { host }: Who): Omit<Actor, 'begin'> {
    const { operator } = this.#ledger
    const needed = this.#needed(name, params)
    if (host === 'local') return { host, role: 'admin', operator, lead: needed === 'operator' ? null : CLI }
    if (needed === 'operator') return { host, role: 'operator', operator, lead: null }
    const raised = this.#badges.raised()
    if (raised && isEnough(raised.role, needed)) return { host, role: raised.role, operator, lead: raised.badge }
    if (!this.#people.hasAdmin) {
      if (name === 'person.add' && field(params, 'role') === 'admin') return { host, role: 'admin', operator, lead: String(field(params, 'badge')) } // the first admin enters himself
      throw new Fault('person.no-admin')
    }
    const code: FaultCode = needed === 'admin' ? 'person.needs-admin' : 'person.needs-lead'
    throw new Fault(code)
  }

  #tell(name: DoorName, params: unknown, { lead, role }: Pick<Actor, 'lead' | 'role'>): void {
    if (lead === null || DOOR[name].kind === 'query' || KEPT.has(name)) return
    const uid = field(params, 'unit')
    const unit = typeof uid === 'string' ? this.#ledger.unit(uid as UnitId) : null // an id or not: the ledger knows
    this.#ledger.append({ ...(unit ? { unit: unit.uid } : {}), body: { kind: 'act.led', act: name, lead, role } })
  }

  #needed(name: DoorName, params: unknown): Role {
    const [row, more] = [DOOR[name].needs, this.#needs(name, params)]
    return isEnough(row, more) ? row : more
  }
}

function field(params: unknown, name: string): unknown {
  return typeof params === 'object' && params !== null && Object.hasOwn(params, name) ? (params as Record<string, unknown>)[name] : undefined // an object, as just seen
}
