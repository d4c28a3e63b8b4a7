/**
 * The vendor's own log of a unit, asked for when somebody looks at its timeline, and kept as facts beside ours: it is what
 * the vendor says, never proof by itself. Only rows that are not known yet become a fact.
 */
import { hours, type UnitId, type VendorLogRow } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import type { CloudClient } from './cloud.ts'
import type { Ledger } from './ledger.ts'
import { searchFacts } from './search.ts'

/** The free edition of the vendor's log keeps a week. */
const LOOK_BACK = hours(24 * 7)
const FACTS_MAX = 200
export const VENDOR_ROWS_MAX = 500

export interface VendorLogBench { readonly clock: Clock; readonly ledger: Ledger; readonly clientOf: (account: string) => CloudClient | null; readonly accounts: () => readonly string[] }

/** Oldest first. Faults: `log.no-device`, `log.no-account`, those of the cloud. */
export async function askVendorLog({ clock, ledger, clientOf, accounts }: VendorLogBench, unit: Unit, signal: AbortSignal): Promise<readonly VendorLogRow[]> {
  const deviceId = unit.boundToUs?.deviceId ?? unit.aliases.find(a => a.kind === 'deviceId')?.value
  if (deviceId === undefined) throw new Fault('log.no-device', { unit: unit.uid })
  const account = ledger.job(unit.job)?.account ?? accounts()[0]
  const client = account === undefined ? null : clientOf(account)
  if (account === undefined || client === null) throw new Fault('log.no-account', { account: account ?? '' })
  const now = clock.now()
  const rows = await client.deviceLog(deviceId, { from: Math.max(unit.metAt, now - LOOK_BACK) - hours(24), to: now }, VENDOR_ROWS_MAX, signal)
  const known = new Set(vendorRows(ledger, unit.uid).map(keyOf))
  const news = rows.filter(row => !known.has(keyOf(row)))
  if (news.length > 0) ledger.append({ unit: unit.uid, body: { kind: 'vendor.logged', account, deviceId, rows: news } })
  return vendorRows(ledger, unit.uid)
}

/** What has been kept, oldest first. */
export function vendorRows(ledger: Ledger, unit: UnitId): readonly VendorLogRow[] {
  return searchFacts(ledger, { unit, kind: 'vendor.logged' }, FACTS_MAX)
    .flatMap(fact => fact.body.kind === 'vendor.logged' ? fact.body.rows : []).toSorted((a, b) => a.at - b.at).slice(-VENDOR_ROWS_MAX)
}

const keyOf = ({ at, event, from, code, value }: VendorLogRow): string => JSON.stringify([at, event, from, code, value])
