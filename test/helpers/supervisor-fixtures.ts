/** Canned views of the supervisor: a working morning, with holds, two accounts, a wave and totes. */
import { hours, minutes, type AssessedView, type BatchesView, type FiguresView, type HandoverView, type SeatLineView, type TimelineView, type UnitView } from '#shared'
import { ACCOUNTS, PLAN, UNMATCHED } from './cloud-fixtures.ts'
import { BENCH, FACTS, HOSTILE, NOW, WAVE, closedUnit } from './fixtures.ts'

const ago = (s: number): number => NOW - s * 1000
const name = (en: string, zh: string) => ({ en, zh })
const START = Math.floor(NOW / hours(1)) * hours(1) - hours(11)
const CLOSED = [0, 0, 0, 0, 0, 0, 0, 0, 4, 38, 41, 27]

export const FIGURES: FiguresView = {
  clock: { now: NOW, rate: 1 },
  hours: CLOSED.map((closed, i) => ({ at: START + i * hours(1), closed, proven: Math.round(closed * 0.9) })),
  reasons: [{ outcome: 'proven', code: null, n: 99 }, { outcome: 'unproven', code: 'unit.stuck-activating', n: 5 }, { outcome: 'refused', code: 'cloud.no-permission', n: 4 }, { outcome: 'withdrawn', code: 'unit.removed', n: 2 }],
  products: [
    { product: 'nvr8wired0000001', productName: name('Recorder N8', '录像机 N8'), closed: 60, proven: 57, firstPass: 0.9 }, { product: 'cam2qr0000000001', productName: name('Camera C2', '摄像机 C2'), closed: 40, proven: 33, firstPass: 0.8 },
    { product: 'bs1wired00000001', productName: name('Base station B1', '基站 B1'), closed: 10, proven: 9, firstPass: 0.9 }
  ],
  burn: [{ account: 'house', cap: 100, spent: [{ at: ago(7000), n: 12 }, { at: ago(4000), n: 40 }, { at: ago(1500), n: 61 }] }]
}

const held = (n: number, owner: string, reason: string, ageS: number): UnitView => closedUnit(n, 'refused', { hold: { owner, reason, at: ago(ageS) }, fault: { code: 'cloud.no-permission', context: {} }, tote: 'T-17' })
export const HOLDS: readonly UnitView[] = [held(1, 'Chen Li', 'swapped label', 93_000), held(2, 'station', 'unit.conflict', 8_000), held(3, HOSTILE, HOSTILE, 600)]

export const BATCHES: BatchesView = {
  waves: [WAVE, { ...WAVE, uid: BENCH.leftovers.waves[0]?.uid ?? WAVE.uid, state: 'closed', stopReason: 'quiet', openedAt: ago(5000), joined: 30, proven: 28, failed: 2, open: 0 }],
  totes: [{ tote: 'T-17', units: 24, proven: 20, open: 1, held: 3, since: ago(9000), centre: 'EU' }, { tote: HOSTILE, units: 2, proven: 0, open: 2, held: 0, since: ago(80_000), centre: null }]
}
export const SEATS: readonly SeatLineView[] = BENCH.busy.units.map((unit, i) => ({ at: ago(i * 120), account: 'house', productName: unit.productName ?? name('Recorder N8', '录像机 N8'), state: i % 4 === 3 ? 'returned' as const : i % 4 === 0 ? 'reserved' as const : 'spent' as const, unit: unit.uid, name: unit.name, operator: i % 3 === 0 ? null : 'Chen Li' }))

export const HANDOVER: HandoverView = {
  clock: { now: NOW, rate: 1 }, station: 'Bench 1', operator: 'Chen Li', last: { at: NOW - hours(9), by: 'Wang Fang' }, outcomes: { proven: 99, refused: 4, unproven: 5, broken: 0, withdrawn: 2 },
  queue: { queued: 3, resetting: 1, ready: 1, asked: 1, proving: 1, closed: 0 }, holds: HOLDS.map((unit, i) => ({ unit, acknowledgedAt: i === 0 ? ago(30) : null, acknowledgedBy: i === 0 ? 'Wang Fang' : null })),
  quota: BENCH.busy.quota, sync: [{ destination: 'central', acked: 310, last: 320, oldestUnsentAt: ago(70), fault: null, aside: 0 }], chain: { seq: 320, hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' }
}
export const ASSESSED: AssessedView = { state: 'valid', id: '0192f3a1-77aa-7b1e-9d2e-5c1f00aa0001', unit: 'unit-6', grade: 'A', provenAt: '2026-11-24T09:40:54Z', station: 'bench-1' }
export const TIMELINE: TimelineView = {
  unit: BENCH.busy.units[0] ?? closedUnit(1, 'proven'), stays: 2, isWhole: true, away: 0, transcripts: [{ at: NOW - minutes(8), recipe: 'uboot-env', text: '+0 < "U-Boot 2023.01"\n' }], vendor: [{ at: NOW - minutes(7), event: 3, from: 1, code: '', value: '' }, { at: NOW - minutes(6), event: 4, from: 4, code: '', value: '' }], facts: FACTS.slice(0, 12),
  attempts: [{ job: 'job-0' as never, attempt: 1, method: 'wired', account: 'house', product: 'nvr8wired0000001', operator: HOSTILE, openedAt: NOW - minutes(9), askedAt: NOW - minutes(8), closedAt: NOW - minutes(6), outcome: 'unproven', grade: null, fault: { code: 'unit.silent', context: {} } }] // the brand of an id
}

/** By the name of their query. */
export const SUPERVISED: Readonly<Record<string, unknown>> = {
  'supervisor.figures': FIGURES, 'hold.list': HOLDS, 'batch.list': BATCHES, 'quota.ledger': SEATS, 'handover.view': HANDOVER, 'handover.acknowledge': HANDOVER, 'handover.sign': HANDOVER, 'certificate.verify': ASSESSED,
  'certificate.make': { id: ASSESSED.id, text: '{}' }, 'unit.timeline': TIMELINE, 'product.list': [{ product: 'cam2qr0000000001', name: { en: 'Camera C2', zh: '摄像机 C2' }, method: 'qr', resetHoldSeconds: 6, resetWhen: 'powered', lamps: { ready: 'red-blinking', reading: 'green-blinking', released: 'red-blinking', stuck: 'green-blinking' } }], 'views.list': [{ id: 'v1', name: 'Refused this week', owner: null, filter: { outcome: 'refused', days: 7 } }], 'quota.plan': PLAN, 'unmatched.list': UNMATCHED, 'account.list': ACCOUNTS, 'ledger.verify': { facts: 320, heads: 3, headsElsewhere: 0, archived: 0, absent: 0, broken: [] }
}
