/**
 * Hands a token to a wired unit over TCP 6668 (facts/tuya.md 4.7). How the unit wants it worded is not public for LAN 3.3 and
 * later, so candidates are tried in order, each on a fresh connection, until one is answered; what answered is remembered
 * per product. An answer nobody understands is kept as hex without the token, so that the next key can be learnt from it.
 */
import { millis, seconds, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Ports } from '../ports.ts'
import type { Announcement } from '../wire/announcement.ts'
import type { Frame } from '../wire/lan-frame.ts'
import { Mailbox, withDeadline } from './clockwork.ts'
import { Call, EarlyCall } from './handover-call.ts'
import { reasonOf } from './handover-ear.ts'
import type { Log, Secret } from './log.ts'
import { Scope } from './scope.ts'
import { TRANSPORTS, type Candidate, type TransportTable } from './transports.ts'

export type DeliveryEvent =
  | { readonly kind: 'connecting'; readonly transport: string; readonly key: string }
  /** Left, or may have left: a write that failed half way counts. */
  | { readonly kind: 'sent'; readonly n: number }
  | { readonly kind: 'accepted'; readonly returnCode: number }
  | { readonly kind: 'rejected'; readonly returnCode: number; readonly text: string }
  /** Refused, closed or reset by the unit; the next candidate follows, if there is one. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'timeout' }
  /** Comes before the `closed` or `timeout` of the same candidate. */
  | { readonly kind: 'unknown-answer'; readonly transcript: string }

export interface HandoverSettings { readonly card: string; readonly address: string; readonly connectMs: Millis; readonly candidateMs: Millis }
/** Which candidate a product acknowledged last; a Map will do. */
export interface Remembered { get(productKey: string): string | undefined; set(productKey: string, candidate: string): unknown }

const PORT = 6668 // facts/tuya.md 4.2
const FIRST_SEND_AFTER = seconds(1) // facts/tuya.md 4.7 step 2
const SEND_EVERY = seconds(5)
/** For a unit that was called ahead of its token: the second, and two more for a slow cloud. */
const EARLY_MAX = seconds(3)
const WRITE_MAX = seconds(5)
/** A unit serves three clients at most; give it time to forget the last one. */
const RECONNECT_AFTER = seconds(1)
/** For what nobody tells: whether the bench may go on. A seat that is free is told. */
const LOOK_EVERY = seconds(1)
/** A unit serves three clients, and others may be among them (facts/tuya.md 4.2). */
const CONNECTIONS_PER_UNIT_MAX = 3
const UNITS_MAX = 250
const NONCE_BYTES = 12
const PRODUCTS_REMEMBERED_MAX = 1000
const NEWS_MAX = 8

type News = { readonly kind: 'answer'; readonly frame: Frame } | { readonly kind: 'due' } | { readonly kind: 'closed' } | { readonly kind: 'timeout' }

interface Order { readonly a: Announcement; readonly ip: string; readonly token: Secret<string>; readonly mayGoOn: () => boolean }

export class Handover {
  readonly #ports: Pick<Ports, 'clock' | 'entropy' | 'net'>
  readonly #log: Log
  readonly #settings: HandoverSettings
  readonly #table: TransportTable
  readonly #remembered: Remembered
  /** Hand-overs under way, by address. */
  readonly #busy = new Map<string, number>()
  readonly #early = new Map<string, EarlyCall>()
  /** Who waits for a seat. */
  readonly #waiting = new Set<() => void>()

  constructor(ports: Pick<Ports, 'clock' | 'entropy' | 'net'>, log: Log, settings: HandoverSettings, table: TransportTable = TRANSPORTS, remembered: Remembered = new RecentProducts()) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
    this.#table = table
    this.#remembered = remembered
  }

  /**
   * Calls a unit that is about to get a token, so that the first second is over sooner. Nothing is sent: the next `deliver`
   * to this address takes the call for its first candidate, or nobody does and it is hung up.
   */
  callAhead(ip: string, signal: AbortSignal): void {
    if (signal.aborted || this.#busy.has(ip) || !this.#takeSeat(ip)) return
    this.#early.set(ip, new EarlyCall(this.#ports.clock, EARLY_MAX, own => this.#dial(ip, this.#log.child({ ip }), own), () => {
      this.#early.delete(ip)
      this.#freeSeat(ip)
    }, signal))
  }

  /** Nobody is going to hand this unit a token now. */
  hangUp(ip: string): void { this.#early.get(ip)?.hangUp() }

  /**
   * Tries candidates in order, one fresh connection each; ends at the first token-bind answer. The last event says how it
   * ended; without a `sent` among them nothing left the station. While `mayGoOn` says no, nothing is dialled and nothing
   * sent. At most UNITS_MAX units are served at once; who comes later waits. Rejects only with the signal's reason.
   */
  async *deliver(a: Announcement, ip: string, token: Secret<string>, signal: AbortSignal, mayGoOn: () => boolean = () => true): AsyncGenerator<DeliveryEvent> {
    const log = this.#log.child({ ip, version: a.version, product: a.productKey })
    await this.#until(() => this.#takeSeat(ip), signal)
    try {
      for (const [n, candidate] of this.#inOrder(a).entries()) {
        if (n > 0) await this.#ports.clock.sleep(RECONNECT_AFTER, signal)
        await this.#until(mayGoOn, signal)
        const isAnswered = yield* this.#attempt(candidate, { a, ip, token, mayGoOn }, log.child({ transport: candidate.transport, key: candidate.key }), signal)
        if (isAnswered) return
      }
    } finally {
      this.#freeSeat(ip)
    }
  }

  /** Looked at and taken in one go: others wait for the same seat. */
  #takeSeat(ip: string): boolean {
    const mine = this.#busy.get(ip) ?? 0
    const isFree = mine < CONNECTIONS_PER_UNIT_MAX && (mine > 0 || this.#busy.size < UNITS_MAX)
    if (isFree) this.#busy.set(ip, mine + 1)
    return isFree
  }

  #freeSeat(ip: string): void {
    const left = (this.#busy.get(ip) ?? 1) - 1
    if (left > 0) this.#busy.set(ip, left)
    else this.#busy.delete(ip)
    for (const wake of this.#waiting) wake()
  }

  async #until(test: () => boolean, signal: AbortSignal): Promise<void> {
    while (!test()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      using _belt = this.#ports.clock.after(LOOK_EVERY, resolve)
      this.#waiting.add(resolve)
      const stop = (): void => resolve()
      signal.addEventListener('abort', stop, { once: true })
      await promise
      signal.removeEventListener('abort', stop)
      this.#waiting.delete(resolve)
      signal.throwIfAborted()
    }
  }

  /** By confidence for the announced version, the one this product took last in front. A version nobody knows gets all. */
  #inOrder(a: Announcement): readonly Candidate[] {
    const fitting = this.#table.transports.filter(t => t.supports(a) > 0).toSorted((x, y) => y.supports(a) - x.supports(a))
    const candidates = (fitting.length > 0 ? fitting : this.#table.transports).flatMap(t => t.candidates)
    const known = a.productKey === null ? undefined : this.#remembered.get(a.productKey)
    return candidates.toSorted((x, y) => Number(nameOf(y) === known) - Number(nameOf(x) === known))
  }

  /** One connection; true when the unit answered, either way. */
  async *#attempt(candidate: Candidate, order: Order, log: Log, signal: AbortSignal): AsyncGenerator<DeliveryEvent, boolean> {
    const { clock, entropy } = this.#ports
    const { ip, token } = order
    yield { kind: 'connecting', transport: candidate.transport, key: candidate.key }
    const call = await this.#call(ip, log, signal)
    if (call === null) {
      yield { kind: 'closed' }
      return false
    }
    await using scope = new Scope('handover')
    scope.own(call)
    const news = new Mailbox<News>(NEWS_MAX)
    void call.answer.then(frame => news.offer(frame === null ? { kind: 'closed' } : { kind: 'answer', frame }))
    const seal = (n: number): Uint8Array => { // the sequence starts above 0 and grows (facts/tuya.md 4.2)
      const frame = candidate.encode(token.reveal(), n, entropy.bytes(NONCE_BYTES))
      call.ear.hide(frame)
      return frame
    }
    let sealed = seal(1)
    const end = (): Disposable => clock.after(this.#settings.candidateMs, () => news.offer({ kind: 'timeout' }))
    let patience = end()
    const dueIn = (ms: Millis): Disposable => clock.after(ms, () => news.offer({ kind: 'due' }))
    const firstIn = (): Millis => millis(Math.max(0, Math.ceil(call.openedAt + FIRST_SEND_AFTER - clock.monotonic())))
    let due = dueIn(firstIn())
    scope.own(() => { for (const timer of [due, patience]) timer[Symbol.dispose]() })
    for (let sent = 0; ;) {
      const next = await news.take(signal)
      switch (next.kind) {
        case 'due': {
          if (!order.mayGoOn()) {
            patience[Symbol.dispose]()
            patience = end() // the unit is not to blame for our waiting
            due = dueIn(LOOK_EVERY)
            break
          }
          if (firstIn() > 0) { // a timer set late in a busy turn fires early
            due = dueIn(firstIn())
            break
          }
          const isWritten = await this.#write(call.pipe, sealed, ip, log, signal)
          sent += 1
          yield { kind: 'sent', n: sent }
          sealed = seal(sent + 1)
          if (!isWritten) news.offer({ kind: 'closed' })
          else due = dueIn(SEND_EVERY)
          break
        }
        case 'answer': {
          yield this.#verdict(next.frame, candidate, order.a, token, log)
          return true
        }
        case 'closed':
        case 'timeout': {
          const transcript = call.ear.transcript(token.reveal())
          if (transcript !== '') {
            log.warn('a unit answered something unknown', { transcript })
            yield { kind: 'unknown-answer', transcript }
          }
          log.info('no answer to the token', { ending: next.kind, sent })
          yield { kind: next.kind }
          return false
        }
      }
    }
  }

  #verdict(frame: Frame, candidate: Candidate, a: Announcement, token: Secret<string>, log: Log): DeliveryEvent {
    const returnCode = frame.returnCode ?? 0 // an answer without a body has no room for a code; the vendor's app takes any answer
    if (returnCode !== 0) {
      const text = reasonOf(candidate.open(frame), token.reveal())
      log.info('the unit rejected the token', { returnCode, text })
      return { kind: 'rejected', returnCode, text }
    }
    if (a.productKey !== null && this.#remembered.get(a.productKey) !== nameOf(candidate)) this.#remembered.set(a.productKey, nameOf(candidate))
    log.info('the unit accepted the token')
    return { kind: 'accepted', returnCode }
  }

  /** The one made ahead, if it still stands; else a fresh one. null: the unit takes none. */
  async #call(ip: string, log: Log, signal: AbortSignal): Promise<Call | null> {
    const early = this.#early.get(ip)
    if (early === undefined) return await this.#dial(ip, log, signal)
    const call = await early.take(signal)
    if (call?.isOver === false) return call
    await call?.[Symbol.asyncDispose]() // a unit that starts announces itself before it takes calls
    return await this.#dial(ip, log, signal)
  }

  async #dial(ip: string, log: Log, signal: AbortSignal): Promise<Call | null> {
    const { card, address, connectMs } = this.#settings
    try {
      const pipe = await this.#ports.net.tcp({ card, from: address, to: { address: ip, port: PORT }, connectMs }, signal)
      return new Call(pipe, this.#table.keys, this.#ports.clock.monotonic())
    } catch (thrown) {
      signal.throwIfAborted()
      log.fault('the unit does not take the connection', Fault.from(thrown))
      return null
    }
  }

  async #write(pipe: BytePipe, bytes: Uint8Array, ip: string, log: Log, signal: AbortSignal): Promise<boolean> {
    try {
      await withDeadline(this.#ports.clock, WRITE_MAX, 'net.unreachable', { address: ip, port: PORT }, own => pipe.write(bytes, own), signal)
      return true
    } catch (thrown) {
      signal.throwIfAborted()
      log.fault('the unit does not take the token', Fault.from(thrown))
      return false
    }
  }
}

const nameOf = (candidate: Candidate): string => `${candidate.transport}/${candidate.key}`

class RecentProducts extends Map<string, string> {
  override set(productKey: string, candidate: string): this {
    this.delete(productKey)
    const oldest = this.size >= PRODUCTS_REMEMBERED_MAX ? this.keys().next().value : undefined
    if (oldest !== undefined) this.delete(oldest)
    return super.set(productKey, candidate)
  }
}
