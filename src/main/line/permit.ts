/**
 * Whether a token may leave the station for a unit at this moment: looked at before the ask is written, and again before
 * every connection and every sending. A bench in trouble makes a job wait; a held unit ends it.
 */
import { seconds, type FaultView, type UnitId } from '#shared'
import type { DhcpServer } from '../bench/dhcp-server.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { WayOut } from '../bench/way-out.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Clock } from '../ports.ts'

export interface PermitBench { readonly clock: Clock; readonly ledger: Ledger; readonly dhcp: Pick<DhcpServer, 'macOf' | 'view'> }
interface WaitingBench extends PermitBench {
  readonly dhcp: Pick<DhcpServer, 'macOf' | 'view' | 'on'>
  readonly wayOut: Pick<WayOut, 'mayAsk' | 'on'>
}
export type Permit = { readonly kind: 'go' } | { readonly kind: 'wait'; readonly fault: FaultView } | { readonly kind: 'stop'; readonly fault: Fault }

/** For what nobody tells: the guard, and time itself. */
const LOOK_EVERY = seconds(1)
/** A unit that has lost its address is given so long to ask for one and to be heard again. */
const LEASE_WITHIN = seconds(60)
const GO: Permit = { kind: 'go' }

/** What stands against asking anybody anything: another DHCP server, whose units may be anywhere. */
export function benchTrouble(dhcp: Pick<DhcpServer, 'view'>): FaultView | null {
  const { state, fault } = dhcp.view()
  return state === 'foreign' ? fault ?? { code: 'net.foreign-dhcp', context: {} } : null
}

/** `ip`: where the token would go; it must be lent by us, now, to this very unit. */
export function assessPermit({ ledger, dhcp }: Omit<PermitBench, 'clock'>, job: Job, ip: string | null): Permit {
  const unit = ledger.unit(job.unit)
  if (!unit || unit.hold) return { kind: 'stop', fault: new Fault('unit.held') }
  const trouble = benchTrouble(dhcp)
  if (trouble) return { kind: 'wait', fault: trouble }
  const mac = ip === null ? null : dhcp.macOf(ip)
  if (mac === null || !unit.aliases.some(a => a.kind === 'mac' && a.value === mac)) return { kind: 'wait', fault: { code: 'unit.no-lease', context: ip === null ? {} : { ip } } }
  return GO
}

/**
 * Resolves when a token may leave. Meanwhile `waiting` says what is waited for, and so does the unit's history. Rejects with
 * why it never may.
 */
export async function untilPermitted(bench: WaitingBench, job: Job, ipOf: () => string | null, waiting: Map<UnitId, FaultView>, signal: AbortSignal): Promise<void> {
  const { clock, ledger, dhcp } = bench
  let since = clock.monotonic()
  try {
    for (;;) {
      const closed = bench.wayOut.mayAsk()
      const permit: Permit = closed ? { kind: 'wait', fault: closed } : assessPermit(bench, job, ipOf())
      if (permit.kind === 'go') return
      if (permit.kind === 'stop') throw permit.fault
      if (waiting.get(job.unit)?.code !== permit.fault.code) ledger.append({ unit: job.unit, job: job.uid, body: { kind: 'fault.raised', fault: permit.fault } })
      waiting.set(job.unit, permit.fault)
      if (closed || benchTrouble(dhcp)) since = clock.monotonic() // the unit is not to blame for that
      if (clock.monotonic() - since > LEASE_WITHIN) throw new Fault('unit.removed')
      await untilNews(bench, job.unit, signal)
    }
  } finally {
    waiting.delete(job.unit)
  }
}

/** A lease, a fact about this unit, the way out; or some time. */
async function untilNews({ clock, ledger, dhcp, wayOut }: WaitingBench, unit: UnitId, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const wake = (): void => resolve()
  using _lease = dhcp.on(wake)
  using _fact = ledger.on(facts => { if (facts.some(f => f.unit === unit)) wake() })
  using _way = wayOut.on(wake)
  using _belt = clock.after(LOOK_EVERY, wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
  signal.throwIfAborted()
}

/** Runs `work` under a signal that aborts as soon as the unit has another address: the old one may be somebody else's by then. */
export async function atAddress<T>(ledger: Ledger, unit: UnitId, ip: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  const moved = new AbortController()
  using _watch = ledger.on(facts => {
    const to = facts.map(f => f.unit === unit && f.body.kind === 'unit.leased' ? f.body.ip : ip).find(now => now !== ip)
    if (to !== undefined) moved.abort(new Fault('unit.address-changed', { from: ip, to }))
  })
  return await work(AbortSignal.any([signal, moved.signal]))
}
