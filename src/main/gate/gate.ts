/**
 * The gate answers the screens: commands in, views and events out. Every payload is checked against the door table; what is
 * unknown or malformed is a fault as data, and nothing a screen sends can throw out of here.
 */
import * as v from 'valibot'
import { DOOR, millis, seconds, type Door, type DoorAnswer, type DoorEventName, type DoorEvents, type DoorName, type DoorResult } from '#shared'
import { every } from '../bench/clockwork.ts'
import type { Log } from '../bench/log.ts'
import type { Scope } from '../bench/scope.ts'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'
import type { Projector } from './projector.ts'
import type { Actor, Rights } from './rights.ts'

export type Handlers = { readonly [N in DoorName]: (params: v.InferOutput<Door[N]['params']>, by: Actor) => DoorResult<N> | Promise<DoorResult<N>> }
export type Follow = <E extends DoorEventName>(event: E, payload: DoorEvents[E]) => void
export interface Who { readonly host: 'ipc' | 'http' | 'local' }

/** Changes within this time travel together; what comes alone goes at once, and what a command changes goes before its answer. */
const GATHER = millis(50)
/** Ages of what is merely heard again are refreshed this often. */
const REFRESH = seconds(5)

export class Gate {
  readonly #handlers: Handlers
  readonly #log: Log
  readonly #rights: Rights
  /** Set once there are screens to be told. */
  #tellNow: () => void = () => undefined
  readonly #followers = new Set<{ readonly fn: Follow; readonly events: readonly DoorEventName[] }>()

  constructor(handlers: Handlers, log: Log, rights: Rights) {
    this.#handlers = handlers
    this.#log = log
    this.#rights = rights
  }

  /** How many screens follow this event. */
  followers(event: DoorEventName): number {
    return [...this.#followers].filter(f => f.events.includes(event)).length
  }

  /** Never rejects, whatever a screen sends for a name. */
  async ask(name: string, params: unknown, who: Who): Promise<DoorAnswer> {
    const shown = typeof name === 'string' ? name.slice(0, 60) : typeof name
    try {
      if (!isDoorName(name)) throw new Fault('door.unknown', { name: shown })
      return { ok: true, value: await this.#answer(name, params, who) }
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (fault.row.blame === 'program') this.#log.fault('the gate refused', fault, { name: shown, host: who.host })
      return { ok: false, fault: fault.toView() }
    }
  }

  follow(fn: Follow, events: readonly DoorEventName[]): Disposable {
    const follower = { fn, events }
    this.#followers.add(follower)
    return { [Symbol.dispose]: () => { this.#followers.delete(follower) } }
  }

  tell<E extends DoorEventName>(event: E, payload: DoorEvents[E]): void {
    for (const follower of this.#followers) {
      if (!follower.events.includes(event)) continue
      try { follower.fn(event, payload) } catch (thrown) { this.#log.fault('a screen could not be told', Fault.from(thrown)) }
    }
  }

  /** Numbered changes to all who follow, gathered; `touch` says that something is new. */
  run(clock: Clock, projector: Projector, scope: Scope): { readonly touch: () => void; readonly touchDisplay: () => void } {
    let pending: Disposable | null = null
    let toldAt = Number.NEGATIVE_INFINITY
    const onFault = (fault: Fault): void => this.#log.fault('the screens could not be told', fault)
    const flush = (all: boolean): void => {
      pending = null
      toldAt = clock.monotonic()
      try {
        if (this.followers('bench.changed') > 0) this.tell('bench.changed', projector.change(all)) // nobody looks: nothing is folded
        if (this.followers('display.changed') > 0) this.tell('display.changed', projector.display())
      } catch (thrown) {
        onFault(Fault.from(thrown)) // thrown in a timer it would end the program
      }
    }
    scope.own(() => pending?.[Symbol.dispose]())
    scope.spawn(signal => every(clock, REFRESH, () => flush(true), onFault, signal), onFault)
    this.#tellNow = () => {
      pending?.[Symbol.dispose]()
      flush(false)
    }
    return {
      touch: () => { pending ??= clock.after(millis(Math.max(0, toldAt + GATHER - clock.monotonic())), () => flush(false)) },
      touchDisplay: () => { this.tell('display.changed', projector.display()) }
    }
  }

  async #answer<N extends DoorName>(name: N, params: unknown, who: Who): Promise<DoorResult<N>> {
    const checked = v.safeParse(DOOR[name].params, params ?? {})
    if (!checked.success) throw new Fault('door.invalid', { name, text: checked.issues.map(i => i.message).join('; ').slice(0, 200) })
    const by = this.#rights.allow(name, checked.output, who)
    const handler: (params: never, by: Actor) => DoorResult<N> | Promise<DoorResult<N>> = this.#handlers[name]
    try {
      const value = await handler(checked.output as never, by) // the schema of the same row has just accepted it
      by.begin()
      return value
    } finally {
      if (DOOR[name].kind === 'command') this.#tellNow() // before its answer; also what no fact tells, such as a refused scan or the pace of training
    }
  }
}

function isDoorName(name: string): name is DoorName {
  return typeof name === 'string' && Object.hasOwn(DOOR, name)
}
