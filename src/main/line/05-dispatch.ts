/**
 * Step 05: a unit to an unbind job. Account, quota seat and job are reserved together or not at all, inside one transaction.
 * A unit that was asked in this stay is never asked again by itself; trying again is an operator's act and a new job.
 */
import { hours, type FaultView, type Instant, type JobId, type UnitId, type WaveId } from '#shared'
import type { Ledger, Tx } from '../bench/ledger.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import { triesInShift } from '../bench/tries.ts'
import { ATTEMPTS_MAX } from '../domain/job.ts'
import { isQuotaFault } from '../domain/quota.ts'
import type { Unit } from '../domain/unit.ts'

/** `products` empty means the cloud decides. */
export interface DispatchAccount { readonly id: string; readonly region: string; readonly products: readonly string[] }
export interface DispatchSettings {
  /** Who is released without further words; a scan always is a wish. */
  readonly take: 'lanes' | 'all' | 'scanned'
  /** In the order they are used. */
  readonly accounts: () => readonly DispatchAccount[]
  /** Known to be refused; nothing is asked for it. */
  readonly isDenied: (account: string, product: string) => boolean
  /** The only region a product is bound in; null: any. */
  readonly centreOf?: (product: string) => string | null
  /** A product never proven here runs one unit at a time. */
  readonly isFirstAlone: boolean
}
export interface DispatchDesk { readonly tx: Tx; readonly ledger: Ledger; readonly seats: SeatDesk; readonly now: Instant; readonly settings: DispatchSettings }
type SeatedDesk = Pick<DispatchDesk, 'ledger' | 'seats' | 'settings'>

/** A proven unit scanned later than this is a repeat return, not the same stay. */
const REPEAT_AFTER = hours(12)

export type Reluctance = 'not-here' | 'held' | 'busy' | 'unknown-product' | 'not-scanned' | 'done' | 'attempts'

/**
 * Why the station opens no job for this unit; null: it does. A scan after the last verdict is a person's wish. What was
 * asked once is never asked again without that wish, also not in a later stay: it is only asked about.
 */
export function assessUnit(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>, unit: Unit): Reluctance | null {
  if (unit.hold) return 'held'
  if (!unit.isHere) return 'not-here'
  if (unit.product === null) return 'unknown-product'
  const last = desk.ledger.job(unit.job)
  if (last && last.stage !== 'closed') return 'busy'
  const isWished = unit.scannedAt !== null && unit.scannedAt > (last?.closedAt ?? 0)
  if (last?.outcome === 'proven' && !isRepeat(desk, last.closedAt ?? 0, unit, isWished)) return 'done'
  if (unit.attemptsThisStay >= ATTEMPTS_MAX) return 'attempts'
  if (last && !isWished && last.outcome !== 'proven' && (last.askedAt !== null || unit.attemptsThisStay > 0) && !isQuotaFault(last.fault?.code)) return 'done'
  if (last && triesInShift(desk.ledger, unit.uid, desk.now) >= ATTEMPTS_MAX) return 'attempts' // brought back in a new stay, by the same shift
  return isArmed(desk.settings.take, unit) || isWished || unit.postponedAt !== undefined ? null : 'not-scanned' // what was put off is released by the new day
}

/** all: the whole bench is armed. lanes: a unit on a known lane is. scanned: nobody is without a scan. */
function isArmed(take: DispatchSettings['take'], unit: Unit): boolean {
  return take === 'all' || (take === 'lanes' && unit.lane !== null)
}

/** Units that wait for their turn: on the bench, or put off to another day wherever they stand. */
export function unitsWaiting(desk: Pick<DispatchDesk, 'ledger' | 'now' | 'settings'>): Unit[] {
  const here = desk.ledger.unitsHere().filter(u => assessUnit(desk, u) === null)
  const known = new Set(here.map(u => u.uid))
  return [...here, ...desk.ledger.unitsPostponed().filter(u => !known.has(u.uid) && u.hold === null)]
}

/**
 * Opens a job with its seat; the fault says why no seat could be had. A product that every account is known to be refused for
 * gets its verdict here, before a token is taken and without a seat.
 */
export function openJob(desk: DispatchDesk, unit: Unit, product: string, wave: { readonly uid: WaveId; readonly account: string } | null): JobId | FaultView {
  const found = chooseAccount(desk, product, { account: wave?.account, centre: centreOfBatch(desk.ledger, unit), notIn: unit.notIn ?? [] })
  if ('account' in found) return open(desk, unit, { account: found.account, product, wave: wave?.uid ?? null })
  return found.code === 'cloud.no-permission' && found.context['account'] !== undefined ? refuse(desk, unit, product, found) : found
}

/** Region stated for the delivery the unit came with; null: nobody has. */
export function centreOfBatch(ledger: Ledger, unit: Pick<Unit, 'tote'>): string | null {
  return unit.tote === null ? null : ledger.mark('batch', unit.tote)?.centre ?? null
}

/** What somebody chose, or has to be so: this account, this region; `notIn`: regions that know none of the units. */
interface AccountWish { readonly account?: string | null | undefined; readonly centre?: string | null | undefined; readonly notIn?: readonly string[] }

/** The first account with a free seat for the product. */
export function accountFor(desk: SeatedDesk, product: string, wish: AccountWish = {}): { readonly account: string; readonly region: string; readonly seats: number } | FaultView {
  const found = chooseAccount(desk, product, wish)
  if ('code' in found) return found
  const seats = isAlone(desk, product) ? 1 : desk.seats.left(found.account, product)
  return { ...found, seats }
}

function chooseAccount(desk: SeatedDesk, product: string, { account: only = null, centre: wished = null, notIn = [] }: AccountWish): { readonly account: string; readonly region: string } | FaultView {
  const isServed = wished === null || desk.settings.accounts().some(a => a.region === wished)
  let why: FaultView = isServed ? { code: 'cloud.no-permission', context: { product } } : { code: 'account.unknown', context: { region: wished } }
  for (const { id, region, products } of desk.settings.accounts()) {
    if (only !== null && id !== only) continue
    if (products.length > 0 && !products.includes(product)) continue
    if (wished !== null && region !== wished) continue
    const centre = wished ?? desk.settings.centreOf?.(product) ?? null
    const refusal = refusalOf(desk, id, product, notIn.includes(region) || (centre !== null && centre !== region) ? region : null)
    if (refusal === null) return { account: id, region }
    if (why.code === 'cloud.no-permission' || refusal.code !== 'cloud.no-permission') why = refusal
  }
  return why
}

function refusalOf(desk: SeatedDesk, account: string, product: string, wrongRegion: string | null): FaultView | null {
  if (desk.settings.isDenied(account, product)) return { code: 'cloud.no-permission', context: { account, product, by: 'bench' } }
  if (wrongRegion !== null) return { code: 'cloud.other-centre', context: { account, region: wrongRegion } }
  if (isAlone(desk, product) && desk.ledger.openJobs().some(j => j.product === product)) return { code: 'product.first-alone', context: { product } }
  return desk.seats.fault(account, product)
}

function isAlone(desk: SeatedDesk, product: string): boolean {
  return desk.settings.isFirstAlone && !desk.ledger.isProven(product)
}

function open(desk: DispatchDesk, unit: Unit, o: { readonly account: string; readonly product: string; readonly wave: WaveId | null }): JobId {
  const job = desk.ledger.newId() as JobId // made here and nowhere else
  const about: { unit: UnitId; job: JobId } = { unit: unit.uid, job }
  desk.tx.append({ ...about, body: { kind: 'job.opened', attempt: unit.attemptsThisStay + 1, method: unit.method, ...o } })
  desk.tx.append({ ...about, body: { kind: 'seat.reserved', account: o.account, product: o.product, vendorAt: desk.seats.vendorNow } })
  return job
}

function refuse(desk: DispatchDesk, unit: Unit, product: string, fault: FaultView): FaultView {
  const about = { unit: unit.uid, job: desk.ledger.newId() as JobId } // as above
  desk.tx.append({ ...about, body: { kind: 'job.opened', attempt: unit.attemptsThisStay + 1, method: unit.method, account: String(fault.context['account']), product, wave: null } })
  desk.tx.append({ ...about, body: { kind: 'job.closed', outcome: 'refused', grade: null, fault, provenAt: null } })
  return fault
}

/** Bound again since its release: seen activated in a later stay, or brought and scanned on another day. */
function isRepeat(desk: Pick<DispatchDesk, 'now'>, closedAt: Instant, unit: Unit, isWished: boolean): boolean {
  if (unit.stayAt <= closedAt) return isWished && desk.now - closedAt > REPEAT_AFTER
  return unit.readiness === 'activated' || (isWished && desk.now - closedAt > REPEAT_AFTER)
}
