/** The handlers of the cloud side: accounts, their self-test, the day's plan, results nobody has claimed. No answer holds a secret. */
import * as v from 'valibot'
import { DOOR, hours, minutes, type AccountView, type DayView, type DoorName, type PlanRow, type PlanView, type UnitId, type UnmatchedView } from '#shared'
import type { Account, AccountEntry } from '../bench/account-book.ts'
import type { CloudBench } from '../bench/cloud-bench.ts'
import type { Ledger } from '../bench/ledger.ts'
import { Fault } from '../domain/fault.ts'
import { planDay, type PlanUnit } from '../domain/plan.ts'
import { usableDay } from '../domain/vendor-day.ts'
import type { Catalogue } from '../domain/product.ts'
import { nameOf, type Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import type { Handlers } from './gate.ts'
import { CLI } from './rights.ts'

const CLOUD_ROWS = ['quota.plan', 'account.list', 'account.test', 'account.add', 'account.remove', 'batch.centre', 'relay.view', 'relay.allow', 'relay.state', 'unmatched.list', 'unmatched.link', 'unmatched.dismiss'] as const satisfies readonly DoorName[]
export type CloudHandlers = Pick<Handlers, (typeof CLOUD_ROWS)[number]>

export interface CloudSources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly catalogue: Catalogue
  readonly cloud: CloudBench
  readonly seatsPerToken: number
  /** Units that wait for their turn, on the bench or in a tote. */
  readonly waiting: () => readonly Unit[]
  readonly signal: AbortSignal
}

/** Rows of a plan that are listed; all are counted. */
const LISTED_MAX = 1000
const UNMATCHED_MAX = 1000
const PACE_OVER = hours(8)

export function cloudHandlers(s: CloudSources): CloudHandlers {
  const { ledger, cloud } = s
  const accountOf = (id: string): Account => {
    const account = cloud.book.find(id)
    if (!account) throw new Fault('account.unknown', { account: id })
    return account
  }
  return {
    'quota.plan': () => planView(s),
    'account.list': () => cloud.book.all().map(a => accountView(s, a)),
    'account.test': async ({ account, product }) => {
      const { fault } = await cloud.permissions.test(account, product ?? null, s.signal)
      return { ...accountView(s, accountOf(account)), fault }
    },
    'account.add': async entry => {
      if (openJobsOf(ledger, entry.id) > 0) throw new Fault('account.not-removable', { account: entry.id })
      const { id, region } = cloud.book.add(entry)
      ledger.append({ body: { kind: 'account.added', account: id, region } })
      const { fault } = await cloud.permissions.test(id, null, s.signal)
      return { ...accountView(s, accountOf(id)), fault }
    },
    'account.remove': ({ account }) => {
      if (openJobsOf(ledger, account) > 0) throw new Fault('account.not-removable', { account })
      cloud.book.remove(account)
      ledger.append({ body: { kind: 'account.removed', account } })
      return null
    },
    'batch.centre': ({ tote, centre }) => {
      if (centre !== (ledger.mark('batch', tote)?.centre ?? null)) ledger.append({ body: { kind: 'batch.centred', tote, centre } })
      return null
    },
    'relay.view': () => cloud.relay.view(),
    'relay.allow': ({ isAllowed }, by) => {
      cloud.relay.allow(isAllowed, by.lead ?? by.operator ?? CLI)
      return cloud.relay.view()
    },
    'relay.state': ({ account }) => {
      cloud.relay.state(account)
      return cloud.relay.view()
    },
    'unmatched.list': () => unmatched(ledger),
    'unmatched.link': ({ result, unit }) => {
      const uid = unit as UnitId // looked up by the act; an unknown one is refused there
      link(s, result, uid)
      return unmatched(ledger)
    },
    'unmatched.dismiss': ({ result, reason }) => {
      if (!ledger.mark('unmatched', String(result))) throw new Fault('result.none', { result })
      ledger.append({ body: { kind: 'result.dismissed', result, reason } })
      return unmatched(ledger)
    }
  }
}

/** All of them, for a station that does not run. */
export function cloudRefusals(): CloudHandlers {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return {
    'quota.plan': refuse, 'account.list': refuse, 'account.test': refuse, 'account.add': refuse, 'account.remove': refuse, 'batch.centre': refuse, 'relay.view': refuse, 'relay.allow': refuse, 'relay.state': refuse, 'unmatched.list': refuse, 'unmatched.link': refuse, 'unmatched.dismiss': refuse
  }
}

/** What somebody asks of a store at rest. Faults: `door.invalid`. */
export function parseAccountEntry(params: unknown): AccountEntry {
  return checked(v.safeParse(DOOR['account.add'].params, params))
}
export function parseAccountName(params: unknown): { readonly account: string; readonly product: string | null } {
  const { account, product = null } = checked(v.safeParse(DOOR['account.test'].params, params))
  return { account, product }
}

function checked<T>(parsed: { readonly success: true; readonly output: T } | { readonly success: false; readonly issues: readonly { readonly message: string }[] }): T {
  if (parsed.success) return parsed.output
  throw new Fault('door.invalid', { text: parsed.issues.map(i => i.message).join('; ').slice(0, 200) })
}

function openJobsOf(ledger: Ledger, account: string): number {
  return ledger.openJobs().filter(j => j.account === account).length
}

function accountView({ ledger, catalogue, cloud }: CloudSources, a: Account): AccountView {
  const { cap, spent, reserved, refusedAt } = cloud.seats.bucket('account', a.id)
  return {
    id: a.id, clientIdEnd: a.clientId.slice(-4), baseUrl: a.baseUrl, region: a.region, source: a.source ?? 'openapi', release: a.release ?? 'none', family: a.family ?? 'industry',
    origin: cloud.book.isStored(a.id) ? 'station' : 'config', secretKind: cloud.book.secretKind, quota: { cap, spent, reserved, refusedAt, day: dayView(cloud, a.id) }, inUse: openJobsOf(ledger, a.id),
    products: cloud.permissions.known(a).map(p => ({ ...p, productName: catalogue.nameOf(p.product) })), fault: cloud.book.faultOf(a.id)
  }
}

const MINUTE = minutes(1)

function dayView({ seats }: CloudBench, account: string): DayView | null {
  const told = seats.toldMinutes
  if (told !== null) return { by: 'setting', fromMinutes: told, toMinutes: told, isUsed: true, seen: 0, refusedAt: null, acceptedAt: null }
  const learnt = seats.learnt('account', account)
  if (learnt === null) return null
  const { fromMs, widthMs, seen, refusedAt, acceptedAt } = learnt
  const at = (ms: number): number => Math.round(ms / MINUTE) % (24 * 60)
  return { by: 'learnt', fromMinutes: at(fromMs), toMinutes: at(fromMs + widthMs), isUsed: usableDay(learnt) !== null, seen, refusedAt, acceptedAt }
}

function planView(s: CloudSources): PlanView {
  const { clock, catalogue, cloud, seatsPerToken } = s
  const units = s.waiting().filter(u => u.product !== null)
  const byUid = new Map(units.map(u => [String(u.uid), u]))
  const asPlanned = units.map((u): PlanUnit => ({ uid: u.uid, product: u.product ?? '', since: u.metAt }))
  const keys = [...new Set(asPlanned.map(u => u.product))]
  const pace = paceOf(s)
  const plan = planDay({
    now: clock.now(), units: asPlanned, seatsPerToken,
    products: keys.map(key => {
      const { left } = cloud.seats.bucket('product', key)
      return { key, method: catalogue.find(key)?.method ?? 'wired', left, perDay: cloud.seats.cap('product', key) }
    }),
    accounts: cloud.book.usable().map(a => ({
      id: a.id, left: cloud.seats.bucket('account', a.id).left, perDay: cloud.seats.cap('account', a.id), perHour: pace.get(a.id) ?? 0, products: a.products,
      denied: keys.filter(key => cloud.permissions.isDenied(a.id, key) || (catalogue.find(key)?.centre ?? a.region) !== a.region)
    }))
  })
  const row = (uid: string, account: string | null): PlanRow[] => {
    const unit = byUid.get(uid)
    if (!unit) return []
    const product = unit.product ?? ''
    return [{ unit: unit.uid, name: nameOf(unit), product, productName: catalogue.nameOf(product), account, tote: unit.tote, since: unit.metAt }]
  }
  const listed = (uids: readonly string[]): PlanRow[] => uids.slice(0, LISTED_MAX).flatMap(uid => row(uid, null))
  return {
    clock: { now: clock.now(), rate: clock.rate }, today: plan.today.slice(0, LISTED_MAX).flatMap(t => row(t.uid, t.account)), tomorrow: listed(plan.tomorrow), impossible: listed(plan.impossible),
    counts: { today: plan.today.length, tomorrow: plan.tomorrow.length, impossible: plan.impossible.length }, accounts: plan.accounts, waves: plan.waves, tokens: plan.tokens, daysMin: plan.daysMin
  }

  function paceOf({ ledger: from }: CloudSources): Map<string, number> {
    const now = cloud.seats.vendorNow
    const rows = from.db.all<{ account: string; n: number; first: number }>("SELECT account, count(*) AS n, min(at) AS first FROM seat INDEXED BY seat_at WHERE state = 'spent' AND at > ? GROUP BY account", [Math.max(cloud.seats.windowStart, now - PACE_OVER)])
    return new Map(rows.map(r => [r.account, r.n / Math.max(1 / 12, (now - r.first) / hours(1))]))
  }
}

function unmatched(ledger: Ledger): UnmatchedView[] {
  return ledger.marks('unmatched', UNMATCHED_MAX).map(({ mark: { seq, at, token, ok, deviceId, uuid, code, tid } }) => ({ result: seq, at, account: ledger.token(token)?.account ?? null, ok, deviceId, uuid, code, tid }))
}

/**
 * A person says whose result this is. It only counts for a unit that was asked with that very token; then it is the cloud's
 * record of it. Faults: `result.none`, `result.other-token`.
 */
function link({ clock, ledger }: CloudSources, result: number, uid: UnitId): void {
  const mark = ledger.mark('unmatched', String(result))
  if (!mark) throw new Fault('result.none', { result })
  const unit = ledger.unit(uid)
  const job = ledger.job(unit?.job ?? null)
  const tokens = job === null ? [] : [job.token, ...job.wave === null ? [] : ledger.wave(job.wave)?.tokens ?? []]
  if (!unit || !job || !tokens.includes(mark.token)) throw new Fault('result.other-token', { result, unit: uid })
  const about = { unit: uid, job: job.uid }
  const at = clock.now()
  ledger.commit(tx => {
    tx.append({ ...about, body: { kind: 'result.linked', result } })
    if (mark.deviceId !== null) tx.append({ ...about, body: { kind: 'unit.named', alias: { kind: 'deviceId', value: mark.deviceId } } })
    const evidence = mark.ok ? { kind: 'cloud-released' as const, at, tid: mark.tid, deviceId: mark.deviceId, token: mark.token } : { kind: 'cloud-refused' as const, at, fault: { code: 'cloud.refused' as const, context: { number: mark.code ?? '', tid: mark.tid } }, token: mark.token }
    tx.append({ ...about, body: { kind: 'unit.seen', evidence } })
  })
}
