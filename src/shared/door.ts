/**
 * The door: one table of every query, command and event between the core and whatever shows it (Electron window, browser,
 * command line). All three hosts and the test double are derived from it; every payload is checked on entry, unknown keys
 * and unknown names are refused.
 */
import * as v from 'valibot'
import type { AccountView, PlanView, UnmatchedView } from './cloud-views.ts'
import { PORT_ROLES } from './views.ts'
import type { AsideView, BenchChange, BenchView, DisplayView, FactView, LeaseView, NetworkView, PortsView, RecipeView, ScanAnswer, StatusView, SyncView, UnitView, WaveView } from './views.ts'
import type { FaultView } from './faults.ts'
import type { CertificateView, TimelineView, VerifiedView } from './record-views.ts'
import type { WhyView } from './why.ts'
import { LIGHTS, METHODS, OUTCOMES } from './words.ts'

export interface DoorRow<Params extends v.GenericSchema, Result> { readonly kind: 'query' | 'command'; readonly params: Params; readonly result: (result: Result) => Result }
const query = <R>() => <P extends v.GenericSchema>(params: P): DoorRow<P, R> => ({ kind: 'query', params, result: r => r })
const command = <R>() => <P extends v.GenericSchema>(params: P): DoorRow<P, R> => ({ kind: 'command', params, result: r => r })

const nothing = v.strictObject({})
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const instant = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15))
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))

export const DOOR = {
  'status': query<StatusView>()(nothing),
  'bench.view': query<BenchView>()(nothing),
  'display.view': query<DisplayView>()(v.strictObject({ rack: v.optional(id) })),
  'network.view': query<NetworkView>()(nothing),
  'network.leases': query<readonly LeaseView[]>()(nothing),
  'unit.why': query<WhyView>()(v.pipe(
    v.strictObject({ mac: v.optional(text(64)), lane: v.optional(count(48)), unit: v.optional(id) }),
    v.check(p => [p.mac, p.lane, p.unit].filter(x => x !== undefined).length === 1, 'one of mac, lane, unit')
  )),
  'units.find': query<readonly UnitView[]>()(v.strictObject({
    text: v.optional(text(100)), outcome: v.optional(v.picklist(OUTCOMES)), product: v.optional(id), account: v.optional(id), operator: v.optional(text(64)), reason: v.optional(id),
    from: v.optional(instant), to: v.optional(instant), after: v.optional(id), limit: v.optional(count(1000))
  })),
  'unit.timeline': query<TimelineView>()(v.strictObject({ unit: text(128) })),
  'history.list': query<readonly FactView[]>()(v.strictObject({ unit: v.optional(id), kind: v.optional(id), operator: v.optional(text(64)), from: v.optional(instant), to: v.optional(instant), beforeSeq: v.optional(count(Number.MAX_SAFE_INTEGER)), limit: v.optional(count(1000)) })),
  'scan': command<ScanAnswer>()(v.strictObject({ text: text(512) })),
  'unit.hold': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) })),
  'unit.release': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) })),
  'unit.again': command<UnitView>()(v.strictObject({ unit: id })),
  'unit.light': command<UnitView>()(v.strictObject({ unit: id, light: v.picklist(LIGHTS) })),
  'unit.method': command<UnitView>()(v.strictObject({ unit: id, method: v.picklist(METHODS) })),
  'wave.start': command<WaveView>()(v.strictObject({ product: v.optional(id), account: v.optional(id), ssid: v.optional(text(32)), rack: v.optional(id), leftoversOf: v.optional(id), half: v.optional(v.picklist([1, 2])) })),
  'wave.stop': command<WaveView>()(v.strictObject({ wave: id })),
  'operator.leave': command<null>()(nothing),
  'quota.plan': query<PlanView>()(nothing),
  'account.list': query<readonly AccountView[]>()(nothing),
  'account.test': command<AccountView>()(v.strictObject({ account: id, product: v.optional(id) })),
  'account.add': command<AccountView>()(v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/)), clientId: v.optional(id), secret: v.optional(text(128)), centre: v.optional(id), baseUrl: v.optional(v.pipe(v.string(), v.regex(/^https?:\/\/[^\s]{1,200}$/))),
    region: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))), assetId: v.optional(id), products: v.optional(v.pipe(v.array(id), v.maxLength(256))),
    source: v.optional(v.picklist(['openapi', 'relay', 'file'])), release: v.optional(v.picklist(['none', 'delete', 'reset', 'partner']))
  })),
  'account.remove': command<null>()(v.strictObject({ account: id })),
  'unmatched.list': query<readonly UnmatchedView[]>()(nothing),
  'unmatched.link': command<readonly UnmatchedView[]>()(v.strictObject({ result: count(Number.MAX_SAFE_INTEGER), unit: id })),
  'unmatched.dismiss': command<readonly UnmatchedView[]>()(v.strictObject({ result: count(Number.MAX_SAFE_INTEGER), reason: text(200) })),
  'sync.test': command<SyncView>()(v.strictObject({ destination: id })),
  'sync.replay': command<SyncView>()(v.strictObject({ destination: id, from: count(Number.MAX_SAFE_INTEGER) })),
  'sync.aside': query<readonly AsideView[]>()(nothing),
  'ledger.verify': query<VerifiedView>()(nothing),
  'certificate.make': command<CertificateView>()(v.strictObject({ unit: text(128) })),
  'ports.list': query<PortsView>()(nothing),
  'ports.bind': command<PortsView>()(v.strictObject({
    path: text(300), role: v.picklist([...PORT_ROLES, 'none']), lane: v.optional(count(48)), board: v.optional(v.picklist(['lcus', 'numato'])), lanes: v.optional(v.pipe(v.array(v.nullable(count(48))), v.maxLength(32)))
  })),
  'power.test': command<PortsView>()(v.strictObject({ lane: count(48) })),
  'recipe.list': query<readonly RecipeView[]>()(nothing),
  'recipe.allow': command<readonly RecipeView[]>()(v.strictObject({ unit: id })),
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
