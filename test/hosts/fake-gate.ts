// A gate that writes down what it is asked; `tell` speaks to whoever follows.
import type { DoorAnswer, DoorEventName, DoorEvents } from '#shared'
import type { DoorGate, DoorHost } from '../../src/main/hosts/frames.ts'

export class FakeGate implements DoorGate {
  readonly asked: { name: string; params: unknown; host: DoorHost }[] = []
  readonly #followers = new Set<{ fn: Parameters<DoorGate['follow']>[0]; events: readonly DoorEventName[] }>()
  answer: (name: string, params: unknown) => Promise<DoorAnswer> = () => Promise.resolve({ ok: true, value: null })

  get followers(): number {
    return this.#followers.size
  }

  ask(name: string, params: unknown, who: { readonly host: DoorHost }): Promise<DoorAnswer> {
    this.asked.push({ name, params, host: who.host })
    return this.answer(name, params)
  }

  follow(fn: Parameters<DoorGate['follow']>[0], events: readonly DoorEventName[]): Disposable {
    const follower = { fn, events }
    this.#followers.add(follower)
    return { [Symbol.dispose]: () => { this.#followers.delete(follower) } }
  }

  tell<E extends DoorEventName>(event: E, payload: DoorEvents[E]): void {
    for (const { fn, events } of this.#followers) if (events.includes(event)) fn(event, payload)
  }
}

/** A change of the bench with as many bytes as wanted. */
export const change = (version: number, bytes = 0): DoorEvents['bench.changed'] => ({ version, clock: { now: 1, rate: 1 }, station: 'x'.repeat(bytes) })
