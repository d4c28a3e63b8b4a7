/**
 * The addresses of the bench and who has them. Every address is in one state; every client has at most one address.
 * Times are monotonic. A block of 16 is open while it is reserved on disk; only from open blocks is anything given.
 */
import { millis, minutes, seconds, type Millis } from '#shared'
import { addressesBetween, broadcastOf, isInSubnet, networkOf } from './address.ts'
import { LeaseBlocks, type Block } from './lease-blocks.ts'

export interface LeaseTerms {
  /** The server's own; never lent. */
  readonly address: string
  readonly prefix: number
  readonly poolStart: string
  readonly poolEnd: string
  readonly leaseMs: Millis
  /** Others that are never lent: the router, name servers. */
  readonly taken: readonly string[]
}

/** A client as it names itself. */
export interface Holder {
  /** Client identifier if it sends one, else hardware type and address (RFC 2131 4.2). */
  readonly key: string
  readonly mac: string
  /** Hex. */
  readonly clientId: string | null
  readonly hostName: string | null
  readonly vendorClass: string | null
  readonly requestList: readonly number[]
}

/** resting: may be held by somebody of whom a crash took the record. */
type SlotState = 'free' | 'offered' | 'bound' | 'declined' | 'resting'

export interface Cell {
  readonly ip: string
  readonly block: Block
  state: SlotState
  /** Of a free address: who had it last and may have it again. */
  holder: Holder | null
  /** The holder has asked for it by REQUEST at some time. */
  isKnown: boolean
  since: Millis
  until: Millis
  /** Of the last REQUEST, to tell a repeated one from a new one; `wasRenewal`: the client had its address already. */
  xid: number
  wasRenewal: boolean
  /** Stable storage knows the last change; until then no other client may have it. */
  isWritten: boolean
}
export type Slot = Readonly<Cell>

export interface LeaseChange { readonly kind: 'bound' | 'renewed' | 'released' | 'expired' | 'declined'; readonly ip: string; readonly holder: Holder }
/** What stable storage keeps of an address; `none`: nothing. */
export interface LeaseRecord { readonly ip: string; readonly state: 'bound' | 'released' | 'declined' | 'none'; readonly holder: Holder | null; readonly since: Millis; readonly until: Millis }

/** Addresses of a pool that are used at all. */
const POOL_MAX = 4096
const OFFER_HOLD_MS = seconds(60) // facts/dhcp.md 3
const DECLINE_MS = minutes(10) // facts/dhcp.md 4.10
/** At most this often everything is looked through before somebody is turned away. */
const SWEEP_MS = seconds(1)

export class LeasePool {
  readonly #leaseMs: Millis
  readonly #blocks: LeaseBlocks
  readonly #byIp = new Map<string, Cell>()
  readonly #byKey = new Map<string, Cell>()
  readonly #byMac = new Map<string, Cell>()
  readonly #dirty = new Set<Cell>()
  #changes: LeaseChange[] = []
  #sweptAt = Number.NEGATIVE_INFINITY
  #free = 0
  #newcomers = 0

  constructor(terms: LeaseTerms) {
    this.#leaseMs = terms.leaseMs
    this.#blocks = new LeaseBlocks(addressesOf(terms), (ip, block) => {
      const cell: Cell = { ip, block, state: 'free', holder: null, isKnown: false, since: NEVER, until: NEVER, xid: 0, wasRenewal: false, isWritten: true }
      this.#byIp.set(ip, cell)
      this.#count(cell, 1)
      return cell
    })
  }

  get size(): number { return this.#byIp.size }
  get used(): number { return this.#byIp.size - this.#free }

  slotAt(ip: string, now: Millis): Slot | null { return this.#settled(this.#byIp.get(ip), now) }
  slotOf(key: string, now: Millis): Slot | null { return this.#settled(this.#byKey.get(key), now) }

  macOf(ip: string): string | null {
    const cell = this.#byIp.get(ip)
    return cell?.state === 'bound' ? cell.holder?.mac ?? null : null
  }

  ipOf(mac: string): string | null { return this.#byMac.get(mac)?.ip ?? null }

  slots(): readonly Slot[] { return [...this.#byIp.values()] }

  /** A free address for somebody new: nobody's before one that is kept for somebody, open blocks before closed ones. */
  pick(now: Millis): Slot | null {
    return this.#blocks.pick() ?? (this.#hasSwept(now) ? this.#blocks.pick() : null)
  }

  /** What will be offered next. */
  upcoming(max: number): readonly string[] { return this.#blocks.upcoming(max) }

  /** Whether that many offers wait for clients never seen by REQUEST. */
  hasNewcomers(max: number, now: Millis): boolean {
    return this.#newcomers >= max && (!this.#hasSwept(now) || this.#newcomers >= max)
  }

  offer(slot: Slot, holder: Holder, now: Millis): Slot {
    const cell = this.#cellOf(slot)
    const isKnown = cell.isKnown && cell.holder?.key === holder.key
    cell.block.usedAt = now
    this.#vacate(holder.key, cell, now)
    this.#dispossess(cell, holder.key)
    this.#set(cell, { state: 'offered', holder: holderOf(cell, holder), isKnown, since: now, until: later(now, OFFER_HOLD_MS) })
    this.#byKey.set(holder.key, cell)
    return cell
  }

  /** A repeated REQUEST lengthens the lease like any other, as its answer says so too, but it is no news. */
  bind(slot: Slot, question: Holder & { readonly xid: number }, now: Millis, isRenewal: boolean): void {
    const cell = this.#cellOf(slot)
    const askedAgoMs = now - (cell.until - this.#leaseMs)
    // The time is looked at because udhcpc keeps one number for all its renewals.
    const isRepeated = cell.state === 'bound' && cell.xid === question.xid && cell.wasRenewal === isRenewal && askedAgoMs < this.#leaseMs / 4
    const since = cell.state === 'bound' ? cell.since : now
    this.#vacate(question.key, cell, now)
    this.#dispossess(cell, question.key)
    const holder = holderOf(cell, question)
    this.#forgetMac(cell)
    cell.block.usedAt = now
    this.#set(cell, { state: 'bound', holder, isKnown: true, since, until: later(now, this.#leaseMs), xid: question.xid, wasRenewal: isRenewal })
    this.#byKey.set(question.key, cell)
    this.#byMac.set(question.mac, cell)
    this.#touch(cell)
    if (!isRepeated) this.#changes.push({ kind: isRenewal ? 'renewed' : 'bound', ip: cell.ip, holder })
  }

  /** Ends a lease; the address stays its holder's first choice. */
  free(slot: Slot, now: Millis, kind: 'released' | 'expired'): void {
    const cell = this.#cellOf(slot)
    if (cell.holder !== null) this.#changes.push({ kind, ip: cell.ip, holder: cell.holder })
    this.#forgetMac(cell)
    this.#set(cell, { state: 'free', until: now })
    this.#touch(cell)
  }

  /** Takes an offer back. */
  withdraw(key: string, now: Millis): void {
    const cell = this.#byKey.get(key)
    if (cell?.state === 'offered') this.#lapse(cell, now)
  }

  decline(slot: Slot, now: Millis): void {
    const cell = this.#cellOf(slot)
    const { holder } = cell
    if (holder !== null) this.#changes.push({ kind: 'declined', ip: cell.ip, holder })
    this.#forgetMac(cell)
    this.#dispossess(cell, null)
    this.#set(cell, { state: 'declined', isKnown: false, since: now, until: later(now, DECLINE_MS) })
    this.#touch(cell)
  }

  /** Something that has no lease was seen on this address: nobody gets it for a while, unless it is the one who had it last. Returns whether it was free. */
  avoid(ip: string, mac: string | null, now: Millis): boolean {
    const slot = this.slotAt(ip, now)
    if (slot?.state !== 'free' || slot.holder?.mac === mac) return false
    const cell = this.#cellOf(slot)
    this.#dispossess(cell, null)
    this.#set(cell, { state: 'declined', holder: null, isKnown: false, since: now, until: later(now, DECLINE_MS) })
    this.#touch(cell)
    return true
  }

  /** Looks at every address; once a second is enough, as each one that is asked about is looked at anyway. */
  expire(now: Millis): void {
    this.#sweptAt = now
    for (const cell of this.#byIp.values()) this.#settled(cell, now)
  }

  takeChanges(): readonly LeaseChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** What must be written since last asked. */
  takeRecords(): readonly LeaseRecord[] {
    const records = Array.from(this.#dirty, recordOf)
    this.#dirty.clear()
    return records
  }

  /** These records are in stable storage. */
  written(records: Iterable<LeaseRecord>): void {
    for (const { ip } of records) {
      const cell = this.#byIp.get(ip)
      if (cell !== undefined && !this.#dirty.has(cell)) cell.isWritten = true
    }
  }

  /**
   * After a start. `resting`: blocks whose addresses without a recorded lease rest, and until when. `wasCrash`: every recorded
   * lease may have been renewed in the last moment, so it lasts a whole lease time.
   */
  restore(records: readonly LeaseRecord[], { resting, wasCrash }: { readonly resting: ReadonlyMap<string, Millis>; readonly wasCrash: boolean }, now: Millis): void {
    for (const record of records.filter(r => r.holder !== null || r.state === 'declined')) {
      const cell = this.#byIp.get(record.ip)
      if (cell === undefined) continue
      const { holder, since } = record
      const isBound = record.state === 'bound'
      const until = isBound && wasCrash ? later(now, this.#leaseMs) : millis(Math.min(record.until, now + (isBound ? this.#leaseMs : DECLINE_MS)))
      this.#set(cell, { state: record.state === 'released' || record.state === 'none' ? 'free' : record.state, holder, isKnown: record.state !== 'declined', since, until })
      if (holder === null || record.state === 'declined') continue
      if (isBound || !this.#byKey.has(holder.key)) this.#byKey.set(holder.key, cell)
      if (isBound) this.#byMac.set(holder.mac, cell)
      if (isBound && wasCrash) this.#touch(cell) // its new end must outlast this run too
    }
    for (const [first, until] of resting) {
      for (const cell of this.#blocks.named(first)?.cells ?? []) if (cell.state === 'free') this.#set(cell, { state: 'resting', since: now, until })
    }
  }

  /** These blocks are reserved on disk now. */
  open(blocks: readonly string[], now: Millis): void { this.#blocks.reserved(blocks, now) }

  /** The block that is needed now and, while many ask, some more, so that a rack that powers up costs few writes. */
  blocksWith(block: Block, now: Millis): readonly string[] { return this.#blocks.reserving(block, now) }

  /** Blocks that are given back, and shut already. */
  closeIdle(now: Millis): readonly string[] { return this.#blocks.closeIdle(now) }

  #settled(cell: Cell | undefined, now: Millis): Cell | null {
    if (cell === undefined) return null
    if (cell.state === 'free' || cell.until > now) return cell
    if (cell.state === 'bound') this.free(cell, now, 'expired')
    else if (cell.state === 'resting') this.#set(cell, { state: 'free' })
    else this.#lapse(cell, now)
    return cell
  }

  #hasSwept(now: Millis): boolean {
    if (now - this.#sweptAt < SWEEP_MS) return false
    this.expire(now)
    return true
  }

  /** The end of an offer or of a block; a client known from before keeps its preference. */
  #lapse(cell: Cell, now: Millis): void {
    if (cell.state === 'declined') this.#touch(cell)
    if (!cell.isKnown) this.#dispossess(cell, null)
    this.#set(cell, { state: 'free', until: now, ...(cell.isKnown ? {} : { holder: null }) })
  }

  /** A client that takes `cell` gives up what it had. */
  #vacate(key: string, cell: Cell, now: Millis): void {
    const old = this.#byKey.get(key)
    if (old === undefined || old === cell) return
    if (old.state === 'bound') this.free(old, now, 'released')
    this.#byKey.delete(key)
    // A resting address keeps its record, so that nobody may claim it.
    if (old.state === 'free' || old.state === 'offered') this.#set(old, { state: 'free', holder: null, isKnown: false })
  }

  /** Whoever had `cell` last loses the way to it, unless it is `key`. */
  #dispossess(cell: Cell, key: string | null): void {
    const last = cell.holder?.key
    if (last !== undefined && last !== key && this.#byKey.get(last) === cell) this.#byKey.delete(last)
  }

  #forgetMac(cell: Cell): void {
    const mac = cell.holder?.mac
    if (mac !== undefined && this.#byMac.get(mac) === cell) this.#byMac.delete(mac)
  }

  #touch(cell: Cell): void {
    cell.isWritten = false
    this.#dirty.add(cell)
  }

  #cellOf(slot: Slot): Cell {
    return this.#byIp.get(slot.ip) ?? slot
  }

  /** The one place where an address changes, so that the counts stay right. */
  #set(cell: Cell, change: Partial<Omit<Cell, 'ip' | 'block'>>): void {
    this.#count(cell, -1)
    Object.assign(cell, change)
    this.#count(cell, 1)
  }

  #count(cell: Cell, by: 1 | -1): void {
    if (cell.state === 'free') {
      this.#free += by
      cell.block.free += by
      if (cell.holder === null) cell.block.fresh += by
    } else if (cell.state === 'offered' && !cell.isKnown) this.#newcomers += by
  }
}

const NEVER = millis(0)
const later = (now: Millis, ms: Millis): Millis => millis(now + ms)

/** What is known already, where the client says the same of itself again; else a copy. */
function holderOf({ holder: known }: Cell, { key, mac, clientId, hostName, vendorClass, requestList }: Holder): Holder {
  const isSame = known?.key === key && known.mac === mac && known.clientId === clientId && known.hostName === hostName && known.vendorClass === vendorClass
  if (isSame && known.requestList.length === requestList.length && known.requestList.every((code, i) => code === requestList[i])) return known
  return { key, mac, clientId, hostName, vendorClass, requestList }
}

function recordOf(cell: Cell): LeaseRecord {
  const { ip, holder, since, until } = cell
  if (cell.state === 'bound' || cell.state === 'declined') return { ip, state: cell.state, holder, since, until }
  return cell.isKnown && holder !== null ? { ip, state: 'released', holder, since, until } : { ip, state: 'none', holder: null, since, until }
}

function addressesOf(terms: LeaseTerms): readonly string[] {
  const never = new Set([terms.address, networkOf(terms), broadcastOf(terms), ...terms.taken])
  return addressesBetween(terms.poolStart, terms.poolEnd, POOL_MAX).filter(ip => !never.has(ip) && isInSubnet(ip, terms))
}
