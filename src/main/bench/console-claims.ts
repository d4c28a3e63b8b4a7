/** Who has the console of a lane: a recipe or a person at the terminal, never both. */
import { Fault } from '../domain/fault.ts'

type Holder = 'recipe' | 'terminal'

export class ConsoleClaims {
  readonly #held = new Map<number, Holder>()
  readonly #waiting = new Set<() => void>()

  /** Faults: `console.in-use` {lane, by}. */
  claim(lane: number, by: Holder): Disposable {
    const holder = this.#held.get(lane)
    if (holder !== undefined) throw new Fault('console.in-use', { lane, by: holder })
    this.#held.set(lane, by)
    return {
      [Symbol.dispose]: () => {
        this.#held.delete(lane)
        for (const wake of this.#waiting) wake()
      }
    }
  }

  async untilFree(lane: number, signal: AbortSignal): Promise<void> {
    while (this.#held.has(lane)) {
      signal.throwIfAborted()
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      this.#waiting.delete(resolve)
    }
    signal.throwIfAborted()
  }
}
