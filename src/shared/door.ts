/**
 * The door: one table of every query, command and event between the core and whatever shows it (Electron window, browser,
 * command line). All three hosts and the test double are derived from it; every payload is checked on entry, unknown keys
 * and unknown names are refused.
 */
import * as v from 'valibot'
import type { AccountView, PlanView, RelayView, UnmatchedView } from './cloud-views.ts'
import { CARD_NAMES_MAX, DECKS, type PaperView, type PrinterView } from './paper-views.ts'
import { PORT_ROLES } from './views.ts'
import type { AsideView, BenchChange, BenchView, DisplayView, FactView, LeaseView, NetworkView, PortsView, RecipeView, ScanAnswer, StatusView, SyncView, UnitView, WaveView, WifiView } from './views.ts'
import type { FaultView } from './faults.ts'
import { BADGE_CHARS_MAX, PIN_DIGITS, ROLES, type HereView, type PersonView, type Role } from './people.ts'
import type { BackupView, CertificateView, SavedView, TimelineView, VendorLogRow, VerifiedView } from './record-views.ts'
import { READY_STEPS, type CardView, type CatalogueView, type ProfileView, type ReadyPaperView, type ReadyView, type SettingsView } from './settings-views.ts'
import type { AssessedView, BatchesView, FiguresView, HandoverView, SeatLineView } from './supervisor-views.ts'
import type { TerminalHeard, TerminalView, TranscriptView } from './terminal-views.ts'
import type { ProductView } from './lamps.ts'
import { BOXES_MAX, EXERCISES, HANDS, type TrainingView } from './training-views.ts'
import type { WhyView } from './why.ts'
import { LANGUAGES, LIGHTS, METHODS, OUTCOMES } from './words.ts'

export interface DoorRow<Params extends v.GenericSchema, Result> { readonly kind: 'query' | 'command'; readonly params: Params; /** Who may. */ readonly needs: Role; readonly result: (result: Result) => Result }
const query = <R>() => <P extends v.GenericSchema>(params: P, needs: Role = 'operator'): DoorRow<P, R> => ({ kind: 'query', params, needs, result: r => r })
const command = <R>() => <P extends v.GenericSchema>(params: P, needs: Role = 'operator'): DoorRow<P, R> => ({ kind: 'command', params, needs, result: r => r })

/** Of a picture of the phone's code, as a file. A page makes it smaller before it sends it. */
export const PICTURE_BYTES_MAX = 4 * 1024 * 1024
/** The same in base64. */
export const PICTURE_CHARS_MAX = Math.ceil(PICTURE_BYTES_MAX / 3) * 4

const nothing = v.strictObject({})
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const instant = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15))
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))
const badge = text(BADGE_CHARS_MAX)
/** Its complaints never repeat what was typed. */
const pin = v.pipe(v.string('a PIN is digits'), v.regex(new RegExp(`^\\d{${PIN_DIGITS.min},${PIN_DIGITS.max}}$`), 'a PIN has 4 to 12 digits'))
const person = { badge, name: v.optional(text(80)), role: v.optional(v.picklist(ROLES)), language: v.optional(v.nullable(v.picklist(LANGUAGES))), pin: v.optional(pin) }

/** A list holds texts or small objects; the table of settings decides what it may say. */
const settingValue = v.union([v.pipe(v.string(), v.maxLength(4096)), v.number(), v.pipe(v.array(v.unknown()), v.maxLength(64))])

const viewFilter = v.strictObject({
  text: v.optional(text(100)), outcome: v.optional(v.picklist(OUTCOMES)), product: v.optional(id), account: v.optional(id), operator: v.optional(text(64)), reason: v.optional(id),
  from: v.optional(instant), to: v.optional(instant), days: v.optional(count(3650))
})

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
    from: v.optional(instant), to: v.optional(instant), days: v.optional(count(3650)), after: v.optional(id), limit: v.optional(count(1000))
  })),
  'unit.timeline': query<TimelineView>()(v.strictObject({ unit: text(128) })),
  'history.list': query<readonly FactView[]>()(v.strictObject({ unit: v.optional(id), kind: v.optional(id), operator: v.optional(text(64)), from: v.optional(instant), to: v.optional(instant), beforeSeq: v.optional(count(Number.MAX_SAFE_INTEGER)), limit: v.optional(count(1000)) })),
  'scan': command<ScanAnswer>()(v.strictObject({ text: text(512) })),
  'unit.hold': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) })),
  'unit.release': command<UnitView>()(v.strictObject({ unit: id, reason: text(200) }), 'lead'),
  'unit.again': command<UnitView>()(v.strictObject({ unit: id })),
  'unit.light': command<UnitView>()(v.strictObject({ unit: id, light: v.picklist(LIGHTS) })),
  'unit.method': command<UnitView>()(v.strictObject({ unit: id, method: v.picklist(METHODS) })),
  'wave.start': command<WaveView>()(v.strictObject({ product: v.optional(id), account: v.optional(id), ssid: v.optional(text(32)), rack: v.optional(id), centre: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))), leftoversOf: v.optional(id), half: v.optional(v.picklist([1, 2])) })),
  'wave.stop': command<WaveView>()(v.strictObject({ wave: id })),
  'operator.leave': command<null>()(nothing),
  'operator.enter': command<HereView>()(v.strictObject({ badge, pin: v.optional(pin) })),
  'person.list': query<readonly PersonView[]>()(nothing),
  'person.add': command<readonly PersonView[]>()(v.strictObject(person), 'admin'),
  'person.change': command<readonly PersonView[]>()(v.strictObject(person), 'admin'),
  'person.remove': command<readonly PersonView[]>()(v.strictObject({ badge }), 'admin'),
  'quota.plan': query<PlanView>()(nothing),
  'account.list': query<readonly AccountView[]>()(nothing),
  'account.test': command<AccountView>()(v.strictObject({ account: id, product: v.optional(id) }), 'lead'),
  'account.add': command<AccountView>()(v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/)), clientId: v.optional(id), secret: v.optional(text(128)), centre: v.optional(id), baseUrl: v.optional(v.pipe(v.string(), v.regex(/^https?:\/\/[^\s]{1,200}$/))),
    region: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))), assetId: v.optional(id), products: v.optional(v.pipe(v.array(id), v.maxLength(256))),
    source: v.optional(v.picklist(['openapi', 'relay', 'file'])), release: v.optional(v.picklist(['none', 'delete', 'reset', 'partner'])),
    family: v.optional(v.picklist(['industry', 'smart-home', 'iot-core'])), uid: v.optional(id)
  }), 'admin'),
  'account.remove': command<null>()(v.strictObject({ account: id }), 'admin'),
  'batch.centre': command<null>()(v.strictObject({ tote: text(64), centre: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))) })),
  'relay.view': query<RelayView>()(nothing),
  'relay.allow': command<RelayView>()(v.strictObject({ isAllowed: v.boolean() }), 'lead'),
  'relay.state': command<RelayView>()(v.strictObject({ account: v.nullable(id) })),
  'relay.picture': command<ScanAnswer>()(v.strictObject({ picture: text(PICTURE_CHARS_MAX) })),
  'unmatched.list': query<readonly UnmatchedView[]>()(nothing),
  'unmatched.link': command<readonly UnmatchedView[]>()(v.strictObject({ result: count(Number.MAX_SAFE_INTEGER), unit: id }), 'lead'),
  'unmatched.dismiss': command<readonly UnmatchedView[]>()(v.strictObject({ result: count(Number.MAX_SAFE_INTEGER), reason: text(200) }), 'lead'),
  'sync.test': command<SyncView>()(v.strictObject({ destination: id }), 'lead'),
  'sync.replay': command<SyncView>()(v.strictObject({ destination: id, from: count(Number.MAX_SAFE_INTEGER) }), 'lead'),
  'sync.aside': query<readonly AsideView[]>()(nothing),
  'ledger.verify': query<VerifiedView>()(nothing),
  'certificate.make': command<CertificateView>()(v.strictObject({ unit: text(128) })),
  'certificate.paper': command<PaperView>()(v.strictObject({ unit: text(128) })),
  'label.print': command<UnitView>()(v.strictObject({ unit: text(128), reason: v.optional(text(200)) })),
  'label.paper': command<PaperView>()(v.strictObject({ unit: text(128), reason: v.optional(text(200)) })),
  'label.void': command<UnitView>()(v.strictObject({ unit: text(128), reason: text(200) })),
  'printer.view': query<PrinterView>()(nothing),
  'printer.test': command<PrinterView>()(nothing),
  'printer.sample': query<PaperView>()(nothing),
  'cards.paper': query<PaperView>()(v.strictObject({ what: v.picklist(DECKS), names: v.optional(v.pipe(v.array(text(60)), v.maxLength(CARD_NAMES_MAX))) })),
  'picklist.paper': query<PaperView>()(nothing),
  'handover.paper': query<PaperView>()(nothing),
  'certificate.verify': query<AssessedView>()(v.strictObject({ text: text(65_536) })),
  'supervisor.figures': query<FiguresView>()(nothing),
  'hold.list': query<readonly UnitView[]>()(nothing),
  'batch.list': query<BatchesView>()(nothing),
  'quota.ledger': query<readonly SeatLineView[]>()(v.strictObject({ account: v.optional(id) })),
  'handover.view': query<HandoverView>()(nothing),
  'handover.acknowledge': command<HandoverView>()(v.strictObject({ unit: id })),
  'handover.sign': command<HandoverView>()(nothing),
  'wifi.test': command<readonly WifiView[]>()(v.strictObject({ ssid: v.optional(text(32)) })),
  'product.list': query<readonly ProductView[]>()(nothing),
  'settings.view': query<SettingsView>()(nothing),
  'setting.change': command<SettingsView>()(v.strictObject({ values: v.pipe(v.record(id, v.nullable(settingValue)), v.minEntries(1), v.maxEntries(64)), pin: v.optional(pin) }), 'admin'),
  'card.list': query<readonly CardView[]>()(nothing),
  'card.listen': command<readonly CardView[]>()(v.strictObject({ card: text(32) }), 'lead'),
  'profile.list': query<readonly ProfileView[]>()(nothing),
  'profile.test': query<CatalogueView>()(nothing),
  'ready.view': query<ReadyView>()(nothing),
  'ready.try': command<ReadyView>()(v.strictObject({ step: v.picklist(READY_STEPS) })),
  'ready.tell': command<ReadyView>()(v.strictObject({ step: v.picklist(READY_STEPS), state: v.picklist(['done', 'failed', 'skipped']), found: v.optional(v.pipe(v.record(text(32), v.union([v.pipe(v.string(), v.maxLength(64)), v.number()])), v.maxEntries(8))) })),
  'ready.daily': command<ReadyView>()(nothing),
  'ready.sign': command<ReadyView>()(nothing, 'lead'),
  'ready.paper': query<ReadyPaperView>()(v.strictObject({ how: v.picklist(['first', 'daily']) })),
  'backup.list': query<readonly BackupView[]>()(nothing),
  'backup.now': command<BackupView>()(nothing, 'lead'),
  'views.list': query<readonly SavedView[]>()(nothing),
  'views.save': command<readonly SavedView[]>()(v.strictObject({ name: text(60), isShared: v.optional(v.boolean()), filter: viewFilter })),
  'views.remove': command<readonly SavedView[]>()(v.strictObject({ id })),
  'unit.vendor-log': command<readonly VendorLogRow[]>()(v.strictObject({ unit: id })),
  'ports.list': query<PortsView>()(nothing),
  'ports.bind': command<PortsView>()(v.strictObject({
    path: text(300), role: v.picklist([...PORT_ROLES, 'none']), lane: v.optional(count(48)), board: v.optional(v.picklist(['lcus', 'numato'])), lanes: v.optional(v.pipe(v.array(v.nullable(count(48))), v.maxLength(32)))
  }), 'admin'),
  'power.test': command<PortsView>()(v.strictObject({ lane: count(48) }), 'lead'),
  'recipe.list': query<readonly RecipeView[]>()(nothing),
  'recipe.allow': command<readonly RecipeView[]>()(v.strictObject({ unit: id }), 'lead'),
  'terminal.open': command<TerminalView>()(v.strictObject({ lane: count(48), baud: v.optional(v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(4_000_000))) }), 'lead'),
  'terminal.type': command<null>()(v.strictObject({ session: id, text: text(4096) }), 'lead'),
  'terminal.close': command<null>()(v.strictObject({ session: id })),
  'terminal.view': query<TerminalView | null>()(v.strictObject({ lane: count(48) })),
  'console.transcript': query<TranscriptView>()(v.strictObject({ seq: count(Number.MAX_SAFE_INTEGER) })),
  'training.pace': command<{ readonly rate: number }>()(v.strictObject({ rate: v.picklist([1, 20]) })),
  'training.view': query<TrainingView>()(nothing),
  'training.exercise': command<TrainingView>()(v.strictObject({ exercise: v.picklist(EXERCISES) })),
  'training.hand': command<TrainingView>()(v.strictObject({ hand: v.picklist(HANDS), box: v.optional(count(BOXES_MAX)) })),
  'training.stop': command<TrainingView>()(nothing),
  'training.demo': command<TrainingView>()(v.strictObject({ isOn: v.boolean() })),
  'competence.paper': query<PaperView>()(v.strictObject({ badge }))
} as const

export type Door = typeof DOOR
export type DoorName = keyof Door
export type DoorParams<N extends DoorName> = v.InferInput<Door[N]['params']>
export type DoorResult<N extends DoorName> = ReturnType<Door[N]['result']>

/** Events announce; they never orchestrate. */
export interface DoorEvents {
  'bench.changed': BenchChange
  'display.changed': DisplayView
  'terminal.heard': TerminalHeard
}
export type DoorEventName = keyof DoorEvents
export const DOOR_EVENTS = ['bench.changed', 'display.changed', 'terminal.heard'] as const satisfies readonly DoorEventName[]

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
