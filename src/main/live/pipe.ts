/** A BytePipe over any duplex stream of Node, TCP or serial: reading by pull, at most 256 KiB unread, then the peer is slowed. */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Fault } from '../domain/fault.ts'
import type { BytePipe } from '../ports.ts'

const UNREAD_BYTES_MAX = 256 * 1024 // ports.ts, BytePipe
/** How long a polite end may take before the stream is torn down. */
const END_MS = 1000

export interface PipeOptions {
  /** The fault to tell when the other side is gone. */
  readonly gone: (reason: string, cause?: unknown) => Fault
  /** A write that takes longer counts as gone: serial writes after an unplug never call back (facts/devices-and-consoles.md 5). */
  readonly writeMs?: number
  /** How to close, where ending the stream is not enough (a serial port stays open and locked). */
  readonly close?: () => void
}

export class StreamPipe implements BytePipe {
  readonly #stream: Duplex
  readonly #options: PipeOptions
  readonly #unread: Uint8Array[] = []
  #unreadBytes = 0
  #isEnded = false
  #isClosed = false
  #fault: Fault | null = null
  /** Those who wait for anything to change: bytes, end, fault. */
  readonly #waiting = new Set<() => void>()

  constructor(stream: Duplex, options: PipeOptions) {
    this.#stream = stream
    this.#options = options
    stream.on('data', (chunk: Uint8Array) => this.#take(chunk))
    stream.once('end', () => this.#end())
    stream.once('close', () => {
      this.#isClosed = true
      this.#end()
    })
    stream.on('error', (thrown: NodeJS.ErrnoException) => {
      this.#fault ??= this.#options.gone(thrown.code ?? thrown.message, thrown)
      this.#end()
    })
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#fault) throw this.#fault
    if (this.#isClosed || this.#stream.destroyed || !this.#stream.writable) throw this.#options.gone('closed')
    const state = { isDone: false, isLate: false }
    this.#stream.write(new Uint8Array(bytes), thrown => {
      state.isDone = !thrown
      this.#wakeAll()
    })
    const { writeMs } = this.#options
    const timer = writeMs === undefined ? undefined : setTimeout(() => {
      state.isLate = true
      this.#wakeAll()
    }, writeMs)
    try {
      while (!state.isDone && !state.isLate && this.#fault === null && !this.#isClosed) await this.#change(signal)
    } finally {
      clearTimeout(timer)
    }
    if (!state.isDone) throw this.#fault ?? this.#options.gone(state.isLate ? 'write timed out' : 'closed')
  }

  async read(signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      signal.throwIfAborted()
      const chunk = this.#unread.shift()
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.byteLength
        if (this.#unreadBytes < UNREAD_BYTES_MAX && this.#stream.isPaused()) this.#stream.resume()
        return chunk
      }
      if (this.#fault) throw this.#fault
      if (this.#isEnded) return null
      await this.#change(signal)
    }
  }

  reset(): void {
    if (this.#stream instanceof Socket) this.#stream.resetAndDestroy()
    else this.#stream.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.once('close', resolve)
    const timer = setTimeout(() => this.#stream.destroy(), END_MS)
    this.#unread.length = 0
    this.#stream.resume()
    if (this.#options.close) this.#options.close()
    else this.#stream.end(() => this.#stream.destroy())
    await promise
    clearTimeout(timer)
  }

  #take(chunk: Uint8Array): void {
    this.#unread.push(chunk)
    this.#unreadBytes += chunk.byteLength
    if (this.#unreadBytes >= UNREAD_BYTES_MAX) this.#stream.pause()
    this.#wakeAll()
  }

  #end(): void {
    this.#isEnded = true
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake()
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', wake)
    signal.throwIfAborted()
  }
}
