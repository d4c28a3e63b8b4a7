/**
 * People and rights: three roles, each of which may do what the one before it may. An operator shows a badge; a lead or an
 * admin shows a badge and types a PIN, and may then act as such for a few minutes.
 */
import type { Instant, Language, Words } from './words.ts'

export const ROLES = ['operator', 'lead', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Whether `role` is enough where `needed` is asked for. */
export const isEnough = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)

/** What the vendor's platform calls a person with the same say (facts/unbinding.md, "Who may do it"). */
export const VENDOR_ROLES: Readonly<Record<Role, Words>> = {
  operator: { en: 'Custom role with "unbind devices"', zh: '含“解绑设备”的自定义角色' },
  lead: { en: 'After sale', zh: '售后' },
  admin: { en: 'Administrator', zh: '管理员' }
}

/** How long a lead's or an admin's PIN holds; the next badge ends it sooner. */
export const RAISED_MINUTES = 5
/** Wrong PINs in a row, until the badge is locked. */
export const WRONG_PINS_MAX = 5
export const PIN_DIGITS = { min: 4, max: 12 } as const
export const BADGE_CHARS_MAX = 64

/** What somebody has shown in training. */
export interface CompetenceView { readonly course: string; readonly score: number; readonly at: Instant }

export interface PersonView {
  readonly badge: string
  readonly name: string
  readonly role: Role
  /** The screens turn to it when the badge is scanned; null: they stay as they are. */
  readonly language: Language | null
  readonly hasPin: boolean
  /** Too many wrong PINs; null: not locked. */
  readonly lockedUntil: Instant | null
  readonly competence: readonly CompetenceView[]
  /** Came with training and cannot be changed. */
  readonly isGiven: boolean
  /** False: nobody has entered it, but it has shown something in training. */
  readonly isOnRecord?: boolean
}

/** Who is at the bench. A badge that is not on record is an operator whose name is the badge. */
export interface HereView {
  readonly operator: { readonly badge: string; readonly name: string; readonly role: Role; readonly language: Language | null } | null
  /** The badge that may be raised; `until` null: its PIN has not been typed. */
  readonly raised: { readonly badge: string; readonly name: string; readonly role: Role; readonly until: Instant | null } | null
  /** Nobody on record is an admin: whoever comes first may enter one. */
  readonly hasAdmin: boolean
}

/** The people of every training bench; their PINs are no secret. */
export const TRAINING_PEOPLE = [
  { badge: 'LEAD', role: 'lead', pin: '2580', name: { en: 'Training lead', zh: '培训组长' } },
  { badge: 'ADMIN', role: 'admin', pin: '1470', name: { en: 'Training admin', zh: '培训管理员' } }
] as const satisfies readonly { readonly badge: string; readonly role: Role; readonly pin: string; readonly name: Words }[]
