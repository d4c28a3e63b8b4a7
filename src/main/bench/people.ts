/**
 * The book of people: who is on record by which badge, and the PINs of leads and admins. People are a fold of facts; a PIN
 * is kept beside them as its scrypt hash and stands in no fact, view or log. Tries are counted before a PIN is looked at
 * and on disk, so neither many tries at once nor a restart gives one try more.
 */
import { BADGE_CHARS_MAX, minutes, RAISED_MINUTES, TRAINING_PEOPLE, WRONG_PINS_MAX, type CompetenceView, type Instant, type PersonView, type Role } from '#shared'
import { Fault } from '../domain/fault.ts'
import { competenceKey, type Person } from '../domain/person.ts'
import type { Clock, Entropy } from '../ports.ts'
import { hashPin, isPin, isSamePin, SALT_BYTES } from '../wire/pin.ts'
import type { Ledger } from './ledger.ts'

/** Came with the program: on record without a fact, and not to be changed. */
export interface GivenPerson extends Person { readonly pinHash: string }
/** What is to be on record; what is left out stays, or is empty for somebody new. */
export interface PersonEntry { readonly badge: string; readonly name?: string | undefined; readonly role?: Role | undefined; readonly language?: Person['language'] | undefined; readonly pin?: string | undefined }

interface PinRow { readonly hash: string; readonly wrong: number; readonly locks: number; readonly locked_until: Instant }

export const PEOPLE_MAX = 500
const COURSES_MAX = 5000
/** The first lock; each further one in a row is twice as long, up to the longest. */
const LOCK_MINUTES = 5
const LOCK_MINUTES_MAX = 240
/** Names are for screens and paper: nothing that steers a terminal or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

export class People {
  readonly #ports: { readonly clock: Clock; readonly entropy: Entropy }
  readonly #ledger: Ledger
  readonly #given: readonly GivenPerson[]

  constructor(ports: { readonly clock: Clock; readonly entropy: Entropy }, ledger: Ledger, given: readonly GivenPerson[] = []) {
    this.#ports = ports
    this.#ledger = ledger
    this.#given = given
  }

  find(badge: string): Person | null {
    return this.#given.find(p => p.badge === badge) ?? this.#ledger.mark('person', badge)
  }

  /** Somebody on record may do what an admin may. */
  get hasAdmin(): boolean {
    return this.#given.some(p => p.role === 'admin') || this.#ledger.db.all("SELECT 1 FROM mark WHERE kind = 'person' AND json_extract(body, '$.role') = 'admin' LIMIT 1").length > 0
  }

  /** In the order of badges; those that are only known from training among them. */
  views(): PersonView[] {
    const now = this.#ports.clock.now()
    const courses = this.#ledger.marks('competence', COURSES_MAX).map(({ mark }) => mark)
    const shownBy = (badge: string): CompetenceView[] => courses.filter(c => c.badge === badge).map(({ course, score, at }) => ({ course, score, at }))
    const onRecord = this.#all().map(({ badge, name, role, language }): PersonView => {
      const pin = this.#pin(badge)
      return { badge, name, role, language, hasPin: pin !== null, lockedUntil: pin !== null && pin.locked_until > now ? pin.locked_until : null, competence: shownBy(badge), isGiven: this.#isGiven(badge) }
    })
    const strangers = new Set(courses.map(c => c.badge).filter(badge => !onRecord.some(p => p.badge === badge)))
    const trained = Array.from(strangers, (badge): PersonView => ({ badge, name: badge, role: 'operator', language: null, hasPin: false, lockedUntil: null, competence: shownBy(badge), isGiven: false, isOnRecord: false }))
    return [...onRecord, ...trained].toSorted((a, b) => a.badge < b.badge ? -1 : 1)
  }

  /** Faults: `person.exists`, `person.pin-missing`, `door.invalid`. */
  async add(entry: PersonEntry): Promise<void> {
    if (this.find(entry.badge)) throw new Fault('person.exists', { badge: entry.badge })
    if (this.#all().length >= PEOPLE_MAX) throw new Fault('door.invalid', { text: `at most ${PEOPLE_MAX} people` })
    await this.#put('person.added', { badge: entry.badge, name: entry.name ?? entry.badge, role: entry.role ?? 'operator', language: entry.language ?? null }, entry.pin)
  }

  /** A new PIN also ends a lock. Faults: `person.unknown`, `person.last-admin`, `person.pin-missing`. */
  async change(entry: PersonEntry): Promise<void> {
    const before = this.#changeable(entry.badge)
    const role = entry.role ?? before.role
    if (role !== 'admin') this.#keepAnAdmin(before)
    await this.#put('person.changed', { badge: before.badge, name: entry.name ?? before.name, role, language: entry.language === undefined ? before.language : entry.language }, entry.pin)
  }

  /** Faults: `person.unknown`, `person.last-admin`. */
  remove(badge: string): void {
    const before = this.#changeable(badge)
    this.#keepAnAdmin(before)
    this.#ledger.commit(tx => {
      this.#ledger.db.run('DELETE FROM pin WHERE badge = ?', [badge])
      tx.append({ body: { kind: 'person.removed', badge } })
    })
  }

  /** What a badge has shown in training; the badge needs not be on record. */
  train(badge: string, course: string, score: number): void {
    this.#ledger.append({ body: { kind: 'person.trained', badge, course, score } })
  }

  /** The last score of a badge in a course; null: never taken. */
  scoreOf(badge: string, course: string): number | null {
    return this.#ledger.mark('competence', competenceKey(badge, course))?.score ?? null
  }

  /** Resolves when it is the PIN of the badge. Faults: `person.pin-wrong` {left}, `person.locked` {minutes}, `person.pin-missing`. */
  async check(badge: string, pin: string): Promise<void> {
    const { clock } = this.#ports
    const row = this.#pin(badge)
    if (row === null) throw new Fault('person.pin-missing', { badge })
    const now = clock.now()
    if (row.locked_until > now) throw locked(badge, row.locked_until - now)
    const isLast = row.wrong + 1 >= WRONG_PINS_MAX
    const lockMs = isLast ? minutes(Math.min(LOCK_MINUTES * 2 ** row.locks, LOCK_MINUTES_MAX)) : 0
    this.#keepPin(badge, isLast
      ? { hash: row.hash, wrong: 0, locks: row.locks + 1, locked_until: now + lockMs }
      : { ...row, wrong: row.wrong + 1 })
    if (await isSamePin(pin, row.hash)) {
      this.#keepPin(badge, { hash: row.hash, wrong: 0, locks: 0, locked_until: 0 })
      return
    }
    if (!isLast) throw new Fault('person.pin-wrong', { badge, left: WRONG_PINS_MAX - row.wrong - 1 })
    this.#ledger.append({ body: { kind: 'person.locked', badge, until: now + lockMs } })
    throw locked(badge, lockMs)
  }

  /** One transaction: nobody is on record as a lead without a PIN. */
  async #put(kind: 'person.added' | 'person.changed', wished: Person, pin: string | undefined): Promise<void> {
    const person = { ...wished, name: wished.name.replaceAll(UNPRINTABLE, ' ').trim() || wished.badge }
    const { badge, role } = person
    if (badge === '' || badge.length > BADGE_CHARS_MAX || badge.replaceAll(UNPRINTABLE, '') !== badge) throw new Fault('door.invalid', { text: 'no badge' })
    const isKept = pin === undefined && this.#pin(badge) !== null
    if (role !== 'operator' && !isKept && (pin === undefined || !isPin(pin))) throw new Fault('person.pin-missing', { badge })
    const hash = pin === undefined ? null : await hashPin(pin, this.#ports.entropy.bytes(SALT_BYTES))
    if ((this.find(badge) === null) !== (kind === 'person.added')) throw new Fault(kind === 'person.added' ? 'person.exists' : 'person.unknown', { badge }) // changed while the hash was made
    this.#ledger.commit(tx => {
      if (role === 'operator') this.#ledger.db.run('DELETE FROM pin WHERE badge = ?', [badge])
      else if (hash !== null) this.#keepPin(badge, { hash, wrong: 0, locks: 0, locked_until: 0 })
      tx.append({ body: { kind, ...person } })
    })
  }

  #all(): Person[] {
    return [...this.#given, ...this.#ledger.marks('person', PEOPLE_MAX).map(({ mark }) => mark)]
  }

  #isGiven(badge: string): boolean {
    return this.#given.some(p => p.badge === badge)
  }

  #changeable(badge: string): Person {
    const before = this.#ledger.mark('person', badge)
    if (!before || this.#isGiven(badge)) throw new Fault('person.unknown', { badge })
    return before
  }

  /** With no admin left, whoever comes next could make himself one. */
  #keepAnAdmin(going: Person): void {
    if (going.role === 'admin' && this.#all().filter(p => p.role === 'admin').length === 1) throw new Fault('person.last-admin', { badge: going.badge })
  }

  #pin(badge: string): PinRow | null {
    const row = this.#ledger.db.all<{ hash: string; wrong: number; locks: number; locked_until: number }>('SELECT hash, wrong, locks, locked_until FROM pin WHERE badge = ?', [badge])[0]
    const given = this.#given.find(p => p.badge === badge)
    return given ? { wrong: 0, locks: 0, locked_until: 0, ...row, hash: given.pinHash } : row ?? null
  }

  #keepPin(badge: string, { hash, wrong, locks, locked_until }: PinRow): void {
    this.#ledger.db.run('INSERT INTO pin (badge, hash, wrong, locks, locked_until) VALUES (?, ?, ?, ?, ?) ON CONFLICT (badge) DO UPDATE SET hash = excluded.hash, wrong = excluded.wrong, locks = excluded.locks, locked_until = excluded.locked_until',
      [badge, hash, wrong, locks, locked_until])
  }
}

function locked(badge: string, forMs: number): Fault {
  return new Fault('person.locked', { badge, minutes: Math.max(1, Math.ceil(forMs / minutes(1))) })
}

/** Of every training bench: scrypt of the PINs in `TRAINING_PEOPLE`, made once. */
const TRAINING_HASHES = {
  LEAD: 'scrypt$32768$8$1$dHJhaW5pbmcgTEVBRC4uLg==$6ZM8sg8KlgYS/anUEEfQGThu2yH1g6gT8BCFd1zq2Nw=',
  ADMIN: 'scrypt$32768$8$1$dHJhaW5pbmcgQURNSU4uLg==$MXB9B4Rv5bsP0WRTcPLJx7Pxf80O7qfP13EG2WsaWsk='
} as const

export function trainingPeople(): GivenPerson[] {
  return TRAINING_PEOPLE.map(({ badge, role, name }) => ({ badge, role, name: name.en, language: null, pinHash: TRAINING_HASHES[badge] }))
}

/** How long a PIN holds. */
export const RAISED_MS = minutes(RAISED_MINUTES)
