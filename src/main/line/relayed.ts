/** What the phone says of a unit that was asked with a relayed code is entered by `RS:` cards, as this source has no list to ask. */
import type { FaultView, UnitId } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { RelayDesk } from '../bench/relay-desk.ts'
import type { Clock } from '../ports.ts'

/** Reasons a phone shows, by the text of the card. */
const SAID_BY_PHONE: Readonly<Record<string, FaultView['code']>> = {
  'NO-PERMISSION': 'cloud.no-permission', 'EXPIRED': 'token.expired', 'OVER-QUOTA-ACCOUNT': 'quota.account-spent', 'OVER-QUOTA-PRODUCT': 'quota.product-spent'
}

/** True: the card was a refusal read on the phone, and the unit, asked with a relayed code, has it as its evidence. */
export function stateRefusal(bench: { readonly ledger: Ledger; readonly clock: Clock }, relay: Pick<RelayDesk, 'book'>, uid: UnitId, reason: string): boolean {
  const { ledger, clock } = bench
  const code = SAID_BY_PHONE[reason.toUpperCase()]
  const job = ledger.job(ledger.unit(uid)?.job ?? null)
  if (code === undefined || !job || job.askedAt === null || relay.book.find(job.account)?.source !== 'relay') return false
  const fault: FaultView = { code, context: { account: job.account, product: job.product, by: 'phone' } }
  ledger.append({ unit: uid, job: job.uid, body: { kind: 'unit.seen', evidence: { kind: 'cloud-refused', at: clock.now(), fault } } })
  return true
}
