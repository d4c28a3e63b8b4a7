/** The handlers of the supervisor: the shift in figures, deliveries, holds, the quota's lines, the hand-over. Each reads by an index, and no further back than it shows. */
import { OUTCOMES, STAGES, hours, type AssessedView, type BatchesView, type BurnView, type DoorName, type FaultCode, type FiguresView, type HandoverView, type HourView, type Outcome, type QuotaView, type SeatLineView, type Stage, type SyncView, type UnitId } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import { idIn } from '../bench/numbers.ts'
import { Fault } from '../domain/fault.ts'
import type { Catalogue } from '../domain/product.ts'
import { nameOf, type Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import type { Handlers } from './gate.ts'
import type { Projector } from './projector.ts'

const READS = ['supervisor.figures', 'hold.list', 'batch.list', 'quota.ledger', 'handover.view', 'certificate.verify'] as const satisfies readonly DoorName[]
const ACTS = ['handover.acknowledge', 'handover.sign'] as const satisfies readonly DoorName[]
type Reads = Pick<Handlers, (typeof READS)[number]>
type Acts = Pick<Handlers, (typeof ACTS)[number]>
export type SupervisorHandlers = Reads & Acts

export interface SupervisorSources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly catalogue: Catalogue
  readonly station: string
  readonly projector: Pick<Projector, 'unit' | 'wave' | 'quota'>
  readonly sync: () => readonly SyncView[]
  /** Seats spent before this no longer count. */
  readonly windowStart: () => number
  readonly assess: (text: string) => AssessedView
}

const SHIFT_HOURS = 12
const WAVES_MAX = 50
const TOTES_MAX = 200
const HOLDS_MAX = 500
const LINES_MAX = 500
const HOUR = hours(1)

export function supervisorReaders(s: SupervisorSources): Reads {
  return {
    'supervisor.figures': () => figures(s),
    'hold.list': () => holds(s.ledger).map(u => s.projector.unit(u)),
    'batch.list': () => batches(s),
    'quota.ledger': ({ account }) => seatLines(s, account ?? null),
    'handover.view': () => handover(s),
    'certificate.verify': ({ text }) => s.assess(text)
  }
}

/** All of them, for a station that runs. */
export function supervisorHandlers(s: SupervisorSources): SupervisorHandlers {
  return { ...supervisorReaders(s), ...supervisorActs(s) }
}

function supervisorActs(s: SupervisorSources): Acts {
  return {
    'handover.acknowledge': ({ unit: text }) => {
      const unit = s.ledger.unit(text as UnitId) // an id or not: the ledger knows
      if (!unit || unit.hold === null) throw new Fault('handover.not-held', { unit: text })
      s.ledger.append({ unit: unit.uid, body: { kind: 'hold.acknowledged' } })
      return handover(s)
    },
    'handover.sign': () => {
      const before = handover(s)
      const left = before.holds.filter(h => h.acknowledgedAt === null).length
      if (left > 0) throw new Fault('handover.holds-open', { left })
      s.ledger.append({ body: { kind: 'shift.handed', holds: before.holds.length, upto: before.chain.seq, hash: before.chain.hash } })
      return handover(s)
    }
  }
}

/** Of a station that is not running. */
export function supervisorRefusals(): Acts {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'handover.acknowledge': refuse, 'handover.sign': refuse }
}

function figures({ clock, ledger, catalogue, projector, windowStart }: SupervisorSources): FiguresView {
  const now = clock.now()
  const from = Math.floor(now / HOUR) * HOUR - (SHIFT_HOURS - 1) * HOUR
  const rows = ledger.db.all<{ hour: number; outcome: Outcome; code: FaultCode | null; product: string; attempt: number; n: number }>(
    `SELECT CAST((closed_at - ?) / ${HOUR} AS INTEGER) AS hour, outcome, json_extract(body, '$.fault.code') AS code, product, json_extract(body, '$.attempt') AS attempt, count(*) AS n
     FROM job WHERE closed_at >= ? GROUP BY 1, 2, 3, 4, 5`, [from, from])
  const sum = (some: typeof rows): number => some.reduce((n, row) => n + row.n, 0)
  const proven = rows.filter(r => r.outcome === 'proven')
  const shiftHours = Array.from({ length: SHIFT_HOURS }, (_, i): HourView => ({ at: from + i * HOUR, closed: sum(rows.filter(r => r.hour === i)), proven: sum(proven.filter(r => r.hour === i)) }))
  const reasons = Map.groupBy(rows, r => `${r.outcome} ${r.code ?? ''}`)
  const products = Map.groupBy(rows, r => r.product)
  return {
    clock: { now, rate: clock.rate }, hours: shiftHours,
    reasons: [...reasons.values()].flatMap(some => some[0] ? [{ outcome: some[0].outcome, code: some[0].code, n: sum(some) }] : []).toSorted((a, b) => b.n - a.n),
    products: [...products].map(([product, some]) => {
      const closed = sum(some)
      const good = some.filter(r => r.outcome === 'proven')
      return { product, productName: catalogue.nameOf(product) ?? { en: product, zh: product }, closed, proven: sum(good), firstPass: closed === 0 ? 0 : sum(good.filter(r => r.attempt === 1)) / closed }
    }).toSorted((a, b) => b.closed - a.closed),
    burn: burnDown(ledger, projector.quota(), windowStart())
  }
}

function burnDown(ledger: Ledger, quota: readonly QuotaView[], since: number): BurnView[] {
  return quota.filter(q => q.scope === 'account').map(({ key, cap }) => {
    const rows = ledger.db.all<{ hour: number; n: number }>(`SELECT CAST(at / ${HOUR} AS INTEGER) AS hour, count(*) AS n FROM seat WHERE account = ? AND state = 'spent' AND at > ? GROUP BY 1 ORDER BY 1`, [key, since])
    let n = 0
    return { account: key, cap, spent: rows.map(row => ({ at: row.hour * HOUR, n: n += row.n })) }
  })
}

function holds(ledger: Ledger): Unit[] {
  return ledger.unitsHeld(HOLDS_MAX)
}

function batches({ ledger, projector }: SupervisorSources): BatchesView {
  const totes = ledger.db.all<{ tote: string; units: number; proven: number; open: number; held: number; since: number }>(
    `SELECT json_extract(u.body, '$.tote') AS tote, count(*) AS units, coalesce(sum(j.outcome = 'proven'), 0) AS proven, coalesce(sum(j.stage <> 'closed'), 0) AS open,
       coalesce(sum(json_extract(u.body, '$.hold.at') IS NOT NULL), 0) AS held, min(json_extract(u.body, '$.metAt')) AS since
     FROM unit u LEFT JOIN job j ON j.n = u.job WHERE json_extract(u.body, '$.tote') IS NOT NULL GROUP BY 1 ORDER BY since DESC LIMIT ?`, [TOTES_MAX])
  return { waves: ledger.lastWaves(WAVES_MAX).map(w => projector.wave(w)), totes: totes.map(t => ({ ...t, centre: ledger.mark('batch', t.tote)?.centre ?? null })) }
}

function seatLines({ ledger, catalogue, windowStart }: SupervisorSources, account: string | null): SeatLineView[] {
  const rows = ledger.db.all<{ at: number; account: string; product: string; state: SeatLineView['state']; unit: UnitId; operator: string | null }>(
    `SELECT s.at, s.account, s.product, s.state, ${idIn('j.unit')} AS unit, json_extract(j.body, '$.operator') AS operator FROM seat s JOIN job j ON j.n = s.job
     WHERE s.at > ? ${account === null ? '' : 'AND s.account = ?'} ORDER BY s.at DESC LIMIT ?`, [windowStart(), ...(account === null ? [] : [account]), LINES_MAX])
  return rows.map(({ product, ...row }) => {
    const unit = ledger.unit(row.unit)
    return { ...row, productName: catalogue.nameOf(product) ?? { en: product, zh: product }, name: unit ? nameOf(unit) : row.unit }
  })
}

function handover({ clock, ledger, station, projector, sync }: SupervisorSources): HandoverView {
  const last = ledger.mark('handover', 'last')
  const { seq, hash } = ledger.chain
  const queue = Object.fromEntries(STAGES.map(s => [s, 0])) as Record<Stage, number> // one for each of STAGES
  for (const job of ledger.openJobs()) queue[job.stage] += 1
  const outcomes = Object.fromEntries(OUTCOMES.map(o => [o, 0])) as Record<Outcome, number> // one for each of OUTCOMES
  const since = last?.at ?? clock.now() - SHIFT_HOURS * HOUR
  for (const row of ledger.db.all<{ outcome: Outcome; n: number }>('SELECT outcome, count(*) AS n FROM job WHERE closed_at > ? GROUP BY outcome', [since])) outcomes[row.outcome] = row.n
  return {
    clock: { now: clock.now(), rate: clock.rate }, station, operator: ledger.operator, last, outcomes, queue,
    holds: holds(ledger).map(held => {
      const mark = ledger.mark('acknowledged', held.uid)
      const isNow = mark !== null && mark.at > (last?.at ?? 0) && mark.at >= (held.hold?.at ?? 0)
      return { unit: projector.unit(held), acknowledgedAt: isNow ? mark.at : null, acknowledgedBy: isNow ? mark.by : null }
    }),
    quota: projector.quota(), sync: sync(), chain: { seq, hash: Buffer.from(hash).toString('hex') }
  }
}
