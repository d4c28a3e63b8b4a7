/**
 * What the line hears of leases, off the reply path: what listeners do may write to a disk, so a rack that powers up is
 * answered first, and then told of in slices, with room for packets in between.
 */
import { millis, type Instant } from '#shared'
import type { LeaseChange } from '../domain/lease-pool.ts'
import type { Clock } from '../ports.ts'
import { Listeners, Mailbox } from './clockwork.ts'
import type { Log } from './log.ts'

export interface LeaseEvent {
  readonly kind: LeaseChange['kind']
  readonly mac: string
  readonly ip: string
  /** Hex. */
  readonly clientId: string | null
  readonly hostName: string | null
  readonly vendorClass: string | null
  readonly requestList: readonly number[]
  readonly at: Instant
}

/** The next turn: packets that wait already are answered before. A unit may announce itself soon after, and its lease should be known then. */
const NEXT_TURN = millis(0)
/** While a rack powers up, nobody is told for so long. */
const POSTPONE_MS_MAX = 200
/** Each look wakes the server up among its answers. */
const LOOK_MS = millis(40)
/** So long others may wait for those who are told. */
const SLICE_MS = millis(2)
/** Twice what the largest pool can have; a renewal tells again what was lost here. */
const WAITING_MAX = 8192

export class LeaseNews {
  readonly #clock: Clock
  readonly #log: Log
  readonly #isBusy: () => boolean
  readonly #listeners = new Listeners<LeaseEvent>()
  readonly #waiting = new Mailbox<LeaseEvent>(WAITING_MAX)

  /** `isBusy`: many ask at once. */
  constructor(clock: Clock, log: Log, isBusy: () => boolean) {
    this.#clock = clock
    this.#isBusy = isBusy
    this.#log = log
  }

  /** Events nobody could be told of, because listeners are too slow. */
  get dropped(): number {
    return this.#waiting.dropped
  }

  on(fn: (event: LeaseEvent) => void): Disposable {
    return this.#listeners.on(fn)
  }

  add(changes: readonly LeaseChange[]): void {
    const at = this.#clock.now()
    for (const { kind, ip, holder } of changes) {
      const { mac, clientId, hostName, vendorClass, requestList } = holder
      this.#waiting.offer({ kind, mac, ip, clientId, hostName, vendorClass, requestList, at })
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const first = await this.#waiting.take(signal)
      await this.#rest(signal) // what was taken is told, also at the end
      let restAt = this.#clock.monotonic() + SLICE_MS
      for (let event: LeaseEvent | undefined = first; event !== undefined; event = this.#waiting.poll()) {
        this.#tell(event)
        if (signal.aborted || this.#clock.monotonic() < restAt) continue
        await this.#rest(signal)
        restAt = this.#clock.monotonic() + SLICE_MS
      }
    }
  }

  /** Never rejects. */
  async #rest(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(NEXT_TURN, signal).catch(() => undefined)
    for (let waited = 0; waited < POSTPONE_MS_MAX && this.#isBusy() && !signal.aborted; waited += LOOK_MS) await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }

  #tell(event: LeaseEvent): void {
    this.#listeners.tell(event, fault => { this.#log.fault('a lease listener failed', fault) })
  }
}
