/** A pair of joined byte pipes inside the virtual world: in order, delayed, with a bound on what waits unread. */
import type { Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Clock } from '../ports.ts'

const UNREAD_BYTES_MAX = 256 * 1024 // ports.ts, BytePipe

export interface VirtualPipe extends BytePipe {
  /** Cable pulled or listener gone: both sides fail from now on. */
  break(): void
  onEnd(fn: () => void): void
}

export function joinPipes(clock: Clock, delayMs: Millis): readonly [VirtualPipe, VirtualPipe] {
  const a = new PipeEnd(clock, delayMs)
  const b = new PipeEnd(clock, delayMs)
  a.join(b)
  b.join(a)
  return [a, b]
}

class PipeEnd implements VirtualPipe {
  readonly #clock: Clock
  readonly #delayMs: Millis
  #peer: PipeEnd = this
  readonly #inbox: Uint8Array[] = []
  /** Unread or still on the way to us. */
  #waiting = 0
  #state: 'open' | 'peer-closed' | 'closed' | 'broken' = 'open'
  readonly #wakers = new Set<() => void>()
  readonly #endings = new Set<() => void>()

  constructor(clock: Clock, delayMs: Millis) {
    this.#clock = clock
    this.#delayMs = delayMs
  }

  join(peer: PipeEnd): void {
    this.#peer = peer
  }

  onEnd(fn: () => void): void {
    this.#endings.add(fn)
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const peer = this.#peer
    for (let from = 0; from < bytes.length;) {
      await this.#until(() => this.#state !== 'open' || peer.#waiting < UNREAD_BYTES_MAX, signal)
      if (this.#state !== 'open') throw gone()
      const part = bytes.slice(from, from + UNREAD_BYTES_MAX - peer.#waiting)
      from += part.length
      peer.#waiting += part.length
      this.#clock.after(this.#delayMs, () => peer.#arrive(part))
    }
  }

  async read(signal: AbortSignal): Promise<Uint8Array | null> {
    await this.#until(() => this.#inbox.length > 0 || this.#state !== 'open', signal)
    const next = this.#inbox.shift()
    if (next === undefined) {
      if (this.#state === 'peer-closed') return null
      throw gone()
    }
    this.#waiting -= next.length
    this.#peer.#wake()
    return next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closed') return
    const peer = this.#peer
    this.#end('closed')
    // Behind the bytes that are still on the way, as in a real stream.
    this.#clock.after(this.#delayMs, () => { if (peer.#state === 'open') peer.#end('peer-closed') })
  }

  break(): void {
    for (const end of [this, this.#peer]) if (end.#state !== 'closed') end.#end('broken')
  }

  reset(): void {
    this.break()
  }

  #arrive(part: Uint8Array): void {
    if (this.#state !== 'open') return
    this.#inbox.push(part)
    this.#wake()
  }

  #end(state: 'peer-closed' | 'closed' | 'broken'): void {
    this.#state = state
    if (state === 'broken') this.#inbox.length = 0
    this.#wake()
    this.#peer.#wake()
    for (const fn of this.#endings) fn()
    this.#endings.clear()
  }

  #wake(): void {
    for (const fn of this.#wakers) fn()
  }

  async #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      if (isSo()) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = (): void => resolve()
      this.#wakers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
      await promise
      signal.removeEventListener('abort', wake)
      this.#wakers.delete(wake)
    }
  }
}

function gone(): Fault {
  return new Fault('net.unreachable', { address: 'peer', port: 0 })
}
