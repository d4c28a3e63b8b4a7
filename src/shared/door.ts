/**
 * The door: one table of every query, command and event between the core and whatever shows it (Electron window, browser,
 * command line). All three hosts and the test double are derived from it; every payload is checked on entry, unknown keys
 * and unknown names are refused.
 */
import * as v from 'valibot'
import type { BenchChange, BenchView, DisplayView, FactView, LeaseView, NetworkView, ScanAnswer, StatusView, UnitView, WaveView } from './views.ts'
import type { FaultView } from './faults.ts'
import { METHODS, OUTCOMES } from './words.ts'

export interface DoorRow<Params extends v.GenericSchema, Result> { readonly kind: 'query' | 'command'; readonly params: Params; readonly result: (result: Result) => Result }
const query = <R>() => <P extends v.GenericSchema>(params: P): DoorRow<P, R> => ({ kind: 'query', params, result: r => r })
const command = <R>() => <P extends v.GenericSchema>(params: P): DoorRow<P, R> => ({ kind: 'command', params, result: r => r })

const nothing = v.strictObject({})
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))

export const DOOR = {
  'status': query<StatusView>()(nothing),
  'bench.view': query<BenchView>()(nothing),
  'display.view': query<DisplayView>()(v.strictObject({ rack: v.optional(id) })),
  'network.view': query<NetworkView>()(nothing),
  'network.leases': query<readonly LeaseView[]>()(nothing),
  'units.find': query<readonly UnitView[]>()(v.strictObject({ text: v.optional(text(100)), outcome: v.optional(v.picklist(OUTCOMES)), limit: v.optional(count(1000)) })),
  'history.list': query<readonly FactView[]>()(v.strictObject({ unit: v.optional(id), beforeSeq: v.optional(count(Number.MAX_SAFE_INTEGER)), limit: v.optional(count(1000)) })),
  'scan': command<ScanAnswer>()(v.strictObject({ text: text(512) })),
  'unit.hold': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) })),
  'unit.release': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) })),
  'unit.again': command<UnitView>()(v.strictObject({ unit: id })),
  'unit.method': command<UnitView>()(v.strictObject({ unit: id, method: v.picklist(METHODS) })),
  'wave.start': command<WaveView>()(v.strictObject({ product: v.optional(id), account: v.optional(id), ssid: v.optional(text(32)), rack: v.optional(id) })),
  'wave.stop': command<WaveView>()(v.strictObject({ wave: id })),
  'operator.leave': command<null>()(nothing),
  'training.pace': command<{ readonly rate: number }>()(v.strictObject({ rate: v.picklist([1, 20]) }))
} as const

export type Door = typeof DOOR
export type DoorName = keyof Door
export type DoorParams<N extends DoorName> = v.InferInput<Door[N]['params']>
export type DoorResult<N extends DoorName> = ReturnType<Door[N]['result']>

/** Events announce; they never orchestrate. */
export interface DoorEvents {
  'bench.changed': BenchChange
  'display.changed': DisplayView
}
export type DoorEventName = keyof DoorEvents
export const DOOR_EVENTS = ['bench.changed', 'display.changed'] as const satisfies readonly DoorEventName[]

/** An answer through any host: a value, or a fault as data. */
export type DoorAnswer<N extends DoorName = DoorName> = { readonly ok: true; readonly value: DoorResult<N> } | { readonly ok: false; readonly fault: FaultView }

/** What the screens and the command line hold in their hands, whichever host is behind it. */
export interface DoorClient {
  /** Rejects with a FaultView. */
  ask<N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>>
  on<E extends DoorEventName>(event: E, fn: (payload: DoorEvents[E]) => void): () => void
}

/** Frames of the web-socket and local-socket hosts; one JSON object a frame or line. */
export type DoorFrame =
  | { readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly id: number; readonly answer: DoorAnswer }
  | { readonly event: DoorEventName; readonly payload: DoorEvents[DoorEventName] }
  | { readonly follow: readonly DoorEventName[] }
