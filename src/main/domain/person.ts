/** People on record, folded from facts. The PIN is no fact: it never leaves the station (bench/people.ts). */
import type { CompetenceView, Language, Role } from '#shared'

export interface Person {
  readonly badge: string
  readonly name: string
  readonly role: Role
  readonly language: Language | null
}

/** One course of one badge; the badge needs not be on record. */
export interface CompetenceMark extends CompetenceView { readonly badge: string }

export const competenceKey = (badge: string, course: string): string => `${badge}|${course}`
