/**
 * Lifetime. Scopes form a tree: station > batch > job > stage. Whoever opens a thing owns it on the next line; closing
 * runs in reverse order, continues past a failure and reports all failures together. A child unlinks itself when it
 * closes, so a long-lived parent never collects listeners (house sheet, sections 10 and 14).
 */
import { Fault } from '../domain/fault.ts'

export type Closer = () => void | Promise<void>
type Owned = Disposable | AsyncDisposable

export class Scope implements AsyncDisposable {
  readonly name: string
  readonly #abort = new AbortController()
  readonly #closers = new Set<Closer>()
  readonly #children = new Set<Scope>()
  #parent: Scope | null = null
  #closing: Promise<void> | null = null

  constructor(name: string) {
    this.name = name
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get isOpen(): boolean {
    return this.#closing === null
  }

  /** How many scopes are open below this one; tests fail when it is not zero at the end. */
  get openChildren(): number {
    return this.#children.size
  }

  child(name: string): Scope {
    if (!this.isOpen) throw this.signal.reason
    const child = new Scope(`${this.name}/${name}`)
    child.#parent = this
    this.#children.add(child)
    return child
  }

  /** Ties a resource, or a closing function, to this scope; closed at once when the scope is closed already. */
  own<T extends Owned | Closer>(thing: T): T {
    const close: Closer = typeof thing === 'function'
      ? thing
      : Symbol.asyncDispose in thing ? async () => { await thing[Symbol.asyncDispose]() } : () => { thing[Symbol.dispose]() }
    if (this.isOpen) this.#closers.add(close)
    else void (async () => { await close() })().catch(() => undefined) // nobody is left to be told
    return thing
  }

  /** Runs `work` in the background of this scope; its end is awaited on close and a failure goes to `onFault`. */
  spawn(work: (signal: AbortSignal) => Promise<void>, onFault: (fault: Fault) => void): void {
    const running = work(this.signal).catch((thrown: unknown) => {
      if (!this.signal.aborted) onFault(Fault.from(thrown))
    }).finally(() => { this.#closers.delete(wait) })
    const wait = (): Promise<void> => running
    this.own(wait)
  }

  close(reason: Fault = new Fault('station.stopped')): Promise<void> {
    this.#closing ??= this.#close(reason)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(reason: Fault): Promise<void> {
    this.#abort.abort(reason)
    const failures: unknown[] = []
    for (const child of [...this.#children].toReversed()) {
      await child.close(reason).catch((thrown: unknown) => failures.push(thrown))
    }
    for (const close of [...this.#closers].toReversed()) {
      try { await close() } catch (thrown) { failures.push(thrown) }
    }
    this.#closers.clear()
    if (this.#parent) this.#parent.#children.delete(this)
    if (failures.length > 0) throw new AggregateError(failures, `closing ${this.name} failed`)
  }
}
