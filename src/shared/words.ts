/**
 * The glossary. One word for one thing, in code, on screen and in the ledger.
 *
 * unit           one physical returned product, whatever it says about itself
 * alias          one of the names a unit is known by: MAC, uuid, serial, tag, device id; several, changing
 * sighting       one piece of evidence that a unit exists: a scan, a lease, an announcement
 * lane           a place on the bench where one unit can be connected (printed P01 to P48)
 * rack           the set of lanes with its display
 * wave           the units that share one QR token, at most 30
 * lease          an address lent by our DHCP server for a time
 * announcement   what a unit broadcasts or answers about itself
 * token          short-lived secret that asks the cloud to release a unit
 * seat           one use of a token, reserved from the day's quota
 * unbind job     one attempt to release one unit
 * stage          where a job stands; it only moves right
 * reset done / unbind asked / unbind proven: three different truths, never one
 * proof          a seen transition, or the cloud's record, that can only mean release
 * outcome        the final verdict of a job
 * hold           a unit set aside with an owner, a reason and an age
 * fact           one committed, numbered line of history
 * label          printed for a unit at its last word; scanned back it closes the unit; void when another took its place
 * certificate    signed JSON about one proven unit; its PDF is the picture, the attached JSON the document
 * card           what a person scans to say something: badge, lane, tote, reason, command
 * outbox         facts still owed to a destination
 * fault          a named thing that went wrong, with blame and one next action
 */

/** UUIDv7 text made at the bench, before anything else is known of the unit. */
export type UnitId = string & { readonly brand: 'UnitId' }
export type JobId = string & { readonly brand: 'JobId' }
export type WaveId = string & { readonly brand: 'WaveId' }
/** Names a token without telling it. */
export type TokenId = string & { readonly brand: 'TokenId' }

/** A duration in milliseconds; make one with `seconds(5)`, `minutes(10)`. */
export type Millis = number & { readonly brand: 'Millis' }
export const millis = (n: number): Millis => n as Millis // the one place where a number becomes a duration
export const seconds = (n: number): Millis => millis(n * 1000)
export const minutes = (n: number): Millis => millis(n * 60_000)
export const hours = (n: number): Millis => millis(n * 3_600_000)

/** Milliseconds since 1970, by the station's clock. */
export type Instant = number

export const STAGES = ['queued', 'resetting', 'ready', 'asked', 'proving', 'closed'] as const
export type Stage = (typeof STAGES)[number]

/** proven: seen or recorded. refused: the cloud or the unit said no. unproven: asked, no proof in time; never good.
 *  broken: bench or cloud trouble, run again. withdrawn: taken away before the ask. */
export const OUTCOMES = ['proven', 'refused', 'unproven', 'broken', 'withdrawn'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** A: cloud record and LAN transition. B: one of the two that suffices alone. C: an operator's word; never proven. */
export type Grade = 'A' | 'B' | 'C'

export const METHODS = ['wired', 'qr'] as const
export type Method = (typeof METHODS)[number]

export const ALIAS_KINDS = ['mac', 'uuid', 'serial', 'tag', 'deviceId'] as const
export type AliasKind = (typeof ALIAS_KINDS)[number]
export interface Alias { readonly kind: AliasKind; readonly value: string }
/** A camera's scan that ties to what it will say of itself; a sticker of our own does not, nor does a serial that no protocol carries. */
export function isTied(unit: { readonly aliases: readonly Alias[] }): boolean {
  return unit.aliases.some(a => a.kind === 'mac' || a.kind === 'uuid' || a.kind === 'deviceId')
}

/** live: real ports. virtual: the simulated bench of training mode and of the tests. */
export type World = 'live' | 'virtual'
export const MODES = ['training', 'live'] as const
export type Mode = (typeof MODES)[number]

/** LAN readiness as announced (facts/tuya.md 4.5). */
export const READINESS = ['ready', 'unconfirmed', 'no-lan-token', 'activating', 'activated', 'engineering'] as const
export type Readiness = (typeof READINESS)[number]

/** What a camera's lamp says (facts/unbinding.md, "What the light says"); colours differ by product, the states do not. */
export const LIGHTS = ['off', 'red-steady', 'red-blinking', 'green-blinking', 'green-steady'] as const
export type Light = (typeof LIGHTS)[number]

export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]
/** The same sentence in every language the station speaks. */
export type Words = Readonly<Record<Language, string>>

const PLURALS = new Intl.PluralRules('en')
/** A number with the noun it counts, for terminals and papers: `1 fact`, `2 facts`. The pages have their own way (renderer/common/language.ts). */
export function counted(n: number, one: string, other = `${one}s`): string {
  return `${n} ${PLURALS.select(n) === 'one' ? one : other}`
}
