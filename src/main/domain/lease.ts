/**
 * The life of leases (RFC 2131 4.3): who gets which address, for how long, and what a server says to each question. No
 * clock, no input or output; work for one question does not grow with the number of clients. The pool is cut into blocks of 16:
 * an address may be spoken for only while its block is open, that is, reserved on disk, so that after a crash it is known
 * which addresses may be out there without a record (issue text "leases last"; facts/dhcp.md 4).
 */
import type { Millis } from '#shared'
import { isHostAddress, isInSubnet, NO_ADDRESS, type Subnet } from './address.ts'
import { LeasePool, type Holder, type LeaseChange, type LeaseTerms, type Slot } from './lease-pool.ts'

/** What a client asks, freed from its packet. */
export interface LeaseQuestion extends Holder {
  readonly kind: 'discover' | 'request' | 'decline' | 'release' | 'inform'
  readonly xid: number
  /** `0.0.0.0`: the client has no address yet. */
  readonly ciaddr: string
  /** Option 50. */
  readonly wish: string | null
  /** Option 54. */
  readonly serverId: string | null
  /** A relay has passed it on (giaddr is not zero). */
  readonly isRelayed: boolean
}

/** Why there is no answer; also the names of the counters. */
type Silence =
  | 'relayed' | 'foreign-server' | 'no-address' | 'contradictory' | 'unknown-client' | 'pool-full' | 'newcomers' | 'not-holder' | 'off-net' | 'done'

export type LeaseAnswer =
  /** `to`: null is everybody; a client cannot answer ARP for an address it has not taken yet (facts/dhcp.md 2.6). */
  | { readonly kind: 'offer' | 'ack'; readonly ip: string; readonly to: string | null }
  | { readonly kind: 'nak'; readonly why: string }
  | { readonly kind: 'inform'; readonly to: string }
  | { readonly kind: 'silent'; readonly reason: Silence }
  /** Nothing was decided: write all records and reserve these blocks durably, tell the pool, and ask again. */
  | { readonly kind: 'reserve'; readonly blocks: readonly string[] }

const silent = (reason: Silence): LeaseAnswer => ({ kind: 'silent', reason })
const offer = (slot: Slot): LeaseAnswer => ({ kind: 'offer', ip: slot.ip, to: null })
const nak = (why: string): LeaseAnswer => ({ kind: 'nak', why })

export class LeaseEngine {
  readonly pool: LeasePool
  readonly #server: Subnet
  /** Offers to clients never seen by REQUEST, at once; less than everybody on a socket that may hear other networks. */
  newcomersMax = Number.POSITIVE_INFINITY

  constructor(terms: LeaseTerms) {
    this.pool = new LeasePool(terms)
    this.#server = { address: terms.address, prefix: terms.prefix }
  }

  /** What happened since last asked, in order; the caller writes it down and tells others. */
  takeChanges(): readonly LeaseChange[] {
    return this.pool.takeChanges()
  }

  /** Another server that this client names, when it is a possible one: a reason to fall silent. */
  foreignIn(question: LeaseQuestion): string | null {
    return question.kind !== 'discover' && question.serverId !== null && this.#isForeign(question) && isHostAddress(question.serverId) ? question.serverId : null
  }

  answer(question: LeaseQuestion, now: Millis): LeaseAnswer {
    if (question.isRelayed) return silent('relayed') // the bench has no relays
    switch (question.kind) {
      case 'discover': return this.#discover(question, now)
      case 'request': return this.#request(question, now)
      case 'decline': return this.#decline(question, now)
      case 'release': return this.#release(question, now)
      case 'inform': return this.#inform(question)
      default: return question.kind satisfies never
    }
  }

  /** RFC 2131 4.3.1: what it has, what it had, what it wishes, what is there; in this order. */
  #discover(question: LeaseQuestion, now: Millis): LeaseAnswer {
    const own = this.pool.slotOf(question.key, now)
    if (own?.state === 'bound') return offer(own)
    if (own?.state === 'offered') return offer(this.pool.offer(own, question, now))
    if (own?.isKnown !== true && this.pool.hasNewcomers(this.newcomersMax, now)) return silent('newcomers')
    const wished = question.wish === null ? null : this.pool.slotAt(question.wish, now)
    const slot = [own, wished].find(s => s?.state === 'free') ?? this.pool.pick(now)
    if (slot === null) return silent('pool-full')
    if (!slot.block.isOpen || !slot.isWritten) return { kind: 'reserve', blocks: this.pool.blocksWith(slot.block, now) }
    return offer(this.pool.offer(slot, question, now))
  }

  /** RFC 2131 4.3.2. */
  #request(question: LeaseQuestion, now: Millis): LeaseAnswer {
    if (this.#isForeign(question)) {
      this.pool.withdraw(question.key, now)
      return silent('foreign-server')
    }
    const hasAddress = question.ciaddr !== NO_ADDRESS // renewing or rebinding
    const asked = hasAddress ? question.ciaddr : question.wish
    if (asked === null) return silent('no-address')
    if (hasAddress && question.wish !== null && question.wish !== asked) return silent('contradictory')
    const slot = this.pool.slotAt(asked, now)
    if (slot === null) return nak('not an address of this bench')
    const own = this.pool.slotOf(question.key, now)
    const isOwn = own === slot && slot.state !== 'resting'
    if (!isOwn && !isClaimable(slot, question)) return nak('the address belongs to another')
    if (!isOwn && slot.state === 'free' && question.serverId === null) {
      // We know nothing of this claim. A running client must stop using it; a booting one is left to ask anew (4.3.2).
      return hasAddress || own !== null ? nak('the address was given up') : silent('unknown-client')
    }
    if (slot.state !== 'bound' && (!slot.block.isOpen || slot.state === 'free' && !slot.isWritten)) return { kind: 'reserve', blocks: [slot.block.first] }
    this.pool.bind(slot, question, now, hasAddress)
    return { kind: 'ack', ip: slot.ip, to: hasAddress ? question.ciaddr : null }
  }

  /** RFC 2131 4.3.3: somebody else uses the address, so nobody gets it for a while. Only its holder may say so. */
  #decline(question: LeaseQuestion, now: Millis): LeaseAnswer {
    if (this.#isForeign(question)) return silent('foreign-server')
    const slot = this.pool.slotOf(question.key, now)
    if (slot === null || slot.ip !== question.wish || (slot.state !== 'bound' && slot.state !== 'offered')) return silent('not-holder')
    this.pool.decline(slot, now)
    return silent('done')
  }

  /** RFC 2131 4.3.4: free again, but kept for its holder as long as there are others. */
  #release(question: LeaseQuestion, now: Millis): LeaseAnswer {
    if (this.#isForeign(question)) return silent('foreign-server')
    const slot = this.pool.slotOf(question.key, now)
    if (slot === null || slot.ip !== question.ciaddr || slot.state !== 'bound') return silent('not-holder')
    this.pool.free(slot, now, 'released')
    return silent('done')
  }

  /** RFC 2131 4.3.5; never to an address outside the bench. */
  #inform(question: LeaseQuestion): LeaseAnswer {
    if (!isHostAddress(question.ciaddr) || !isInSubnet(question.ciaddr, this.#server) || question.ciaddr === this.#server.address) return silent('off-net')
    return { kind: 'inform', to: question.ciaddr }
  }

  #isForeign(question: LeaseQuestion): boolean {
    return question.serverId !== null && question.serverId !== this.#server.address
  }
}

/** Nobody is known to hold it: free, or resting after a crash without a record, and then only for who says that he has it. */
function isClaimable(slot: Slot, question: LeaseQuestion): boolean {
  return slot.state === 'free' || slot.state === 'resting' && slot.holder === null && question.serverId === null
}
