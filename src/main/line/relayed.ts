/**
 * Codes relayed from the vendor's own app: the phone's code becomes the next token of an account, and what the phone says of
 * a unit is entered by `RS:` cards, as this source has no list to ask.
 */
import type { FaultView, UnitId } from '#shared'
import { Secret } from '../bench/log.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { AccountBook } from '../bench/account-book.ts'
import type { RelaySource } from '../bench/sources.ts'
import { Fault } from '../domain/fault.ts'
import type { Clock } from '../ports.ts'

export interface RelayBench { readonly isAllowed: boolean; readonly source: RelaySource; readonly book: AccountBook }

/** Reasons a phone shows, by the text of the card. */
const SAID_BY_PHONE: Readonly<Record<string, FaultView['code']>> = {
  'NO-PERMISSION': 'cloud.no-permission', 'EXPIRED': 'token.expired', 'OVER-QUOTA-ACCOUNT': 'quota.account-spent', 'OVER-QUOTA-PRODUCT': 'quota.product-spent'
}

/**
 * The account of the code's data centre gets it. `shown`: texts on our own racks, which are no codes of a phone. Faults:
 * `scan.unreadable` for our own code, `account.unknown` when no account relays codes of this data centre.
 */
export function offerCode({ source, book }: RelayBench, token: string, shown: readonly string[]): string {
  if (shown.some(text => text.includes(token))) throw new Fault('scan.unreadable', { reason: 'our own code' })
  const region = token.slice(0, 2)
  const account = book.usable().find(a => a.source === 'relay' && a.region === region)
  if (!account) throw new Fault('account.unknown', { region })
  source.offer(account.id, new Secret(token))
  return account.id
}

/** True: the card was a refusal read on the phone, and the unit, asked with a relayed code, has it as its evidence. */
export function stateRefusal(bench: { readonly ledger: Ledger; readonly clock: Clock }, relay: RelayBench, uid: UnitId, reason: string): boolean {
  const { ledger, clock } = bench
  const code = SAID_BY_PHONE[reason.toUpperCase()]
  const job = ledger.job(ledger.unit(uid)?.job ?? null)
  if (code === undefined || !job || job.askedAt === null || relay.book.find(job.account)?.source !== 'relay') return false
  const fault: FaultView = { code, context: { account: job.account, product: job.product, by: 'phone' } }
  ledger.append({ unit: uid, job: job.uid, body: { kind: 'unit.seen', evidence: { kind: 'cloud-refused', at: clock.now(), fault } } })
  return true
}
