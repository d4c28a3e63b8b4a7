/**
 * A unit's record and the rules of identity. MAC, serial, uuid, tag and lane join sightings to units; a device id is an
 * alias that changes across activation and reset, so it never merges two units (facts/devices-and-consoles.md 1.2).
 */
import type { Alias, HoldView, Instant, JobId, Method, Readiness, UnitId } from '#shared'
import type { UnitLabel } from './label-rule.ts'
import type { Evidence } from './outcome.ts'

export interface Unit {
  readonly uid: UnitId
  readonly aliases: readonly Alias[]
  readonly product: string | null
  readonly method: Method
  readonly lane: number | null
  readonly ip: string | null
  readonly hostName: string | null
  /** DHCP option 60 and 55: what kind of client this is. */
  readonly fingerprint: string | null
  readonly metAt: Instant
  /** Each time it is brought to the bench is one stay; attempts are counted within it. */
  readonly stay: number
  readonly stayAt: Instant
  readonly isHere: boolean
  /** Last time a person scanned it or asked for it; the wish that opens a second attempt. */
  readonly scannedAt: Instant | null
  readonly readiness: Readiness | null
  readonly evidence: readonly Evidence[]
  readonly hold: HoldView | null
  /** The open job, or the last one. */
  readonly job: JobId | null
  readonly attemptsThisStay: number
  readonly tote: string | null
  /** Since when it waits for another day's quota; absent: it does not. */
  readonly postponedAt?: Instant
  /** Data centres that do not know it. */
  readonly notIn?: readonly string[]
  /** The label that was printed for its last verdict; absent: none, or it is void. */
  readonly label?: UnitLabel
  /** Bound to our own account by an ordinary pairing token, and not yet let go: no label and no certificate until then. */
  readonly boundToUs?: { readonly account: string; readonly deviceId: string; readonly at: Instant }
}

/** One piece of evidence that a unit exists: what steps 01 to 03 hand to step 04. */
export type Sighting =
  | { readonly kind: 'scan'; readonly at: Instant; readonly aliases: readonly Alias[]; readonly product: string | null }
  | { readonly kind: 'lease'; readonly at: Instant; readonly mac: string; readonly ip: string; readonly hostName: string | null; readonly fingerprint: string }
  | {
    readonly kind: 'announcement'; readonly at: Instant
    /** By our own lease; null: the sender has none and never becomes a unit. */
    readonly mac: string | null
    readonly ip: string; readonly uuid: string | null; readonly gwId: string | null; readonly active: number; readonly productKey: string | null; readonly readiness: Readiness
  }

/** The unit just scanned, waiting for the first new MAC (scan, then plug). */
export interface Claim { readonly unit: UnitId; readonly lane: number | null }

/** Aliases that identify; a device id only names. */
export function identifies(alias: Alias): boolean {
  return alias.kind !== 'deviceId'
}

/** The station knows which box this is: its lane is known, or its label was scanned and leads to what is heard on the LAN. */
export function isIdentified(unit: Pick<Unit, 'aliases' | 'lane'>): boolean {
  const has = (kind: Alias['kind']): boolean => unit.aliases.some(a => a.kind === kind)
  return unit.lane !== null || (has('tag') && (has('mac') || has('uuid') || has('serial'))) // only a scan gives a tag
}

/** How two sightings that claim to be one unit, or one that claims to be two, are told (facts/tuya.md 11.5). */
export const CONFLICTS = ['unit.conflict', 'unit.two-cards', 'unit.id-copied', 'unit.address-shared'] as const
export type Conflict = (typeof CONFLICTS)[number]

/** Two cards of one box have neighbouring addresses: one maker, and the last numbers close together. */
export function isNeighbour(a: string, b: string): boolean {
  const [x, y] = [Number.parseInt(a.slice(-2), 16), Number.parseInt(b.slice(-2), 16)]
  return a !== b && a.slice(0, -2) === b.slice(0, -2) && Math.abs(x - y) <= 3
}

/** Aliases a unit keeps; more than this is somebody playing with us. */
export const ALIASES_MAX = 32

/** Short name for people: the scanned tag, else the end of serial, uuid or MAC. */
export function nameOf(unit: Pick<Unit, 'aliases' | 'uid'>): string {
  const find = (kind: Alias['kind']): string | undefined => unit.aliases.find(a => a.kind === kind)?.value
  const tag = find('tag')
  if (tag !== undefined && tag.length <= 16) return tag
  const long = find('serial') ?? tag ?? find('uuid')
  if (long !== undefined) return `…${long.slice(-5)}`
  const mac = find('mac')
  return mac === undefined ? unit.uid.slice(-5) : mac.slice(-8)
}
