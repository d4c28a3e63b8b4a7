/** The cloud side of the bench, put together: accounts, vendor time, permission, seats, sources, tokens, results, releases. */
import { seconds, type Millis } from '#shared'
import type { QuotaSettings } from '../domain/quota.ts'
import type { Ports } from '../ports.ts'
import { AccountBook, type Account } from './account-book.ts'
import { CloudClient } from './cloud.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import { OpenApiSource } from './openapi-source.ts'
import { Pace, type PaceSettings } from './pace.ts'
import { PermissionDesk, type SelfTest } from './permission-desk.ts'
import { RelayDesk } from './relay-desk.ts'
import { ReleaseDesk } from './release-desk.ts'
import { ResultPoll } from './result-poll.ts'
import type { Scope } from './scope.ts'
import { SeatDesk } from './seat-desk.ts'
import { FileSource, RelaySource, SourceSwitch } from './sources.ts'
import { TokenDesk } from './token-desk.ts'
import { TokenTill } from './token-till.ts'
import { VendorClock } from './vendor-clock.ts'
import { hearVerdicts } from './verdict-ear.ts'

export interface CloudBenchSettings {
  readonly accounts: readonly Account[]
  /** Where accounts entered at the station lie, within the data folder. */
  readonly accountsPath: string
  readonly isVirtual: boolean
  readonly deadlineMs: Millis
  readonly pollMs: Millis
  readonly pace: PaceSettings
  readonly selfTest: SelfTest
  readonly products: () => readonly string[]
  readonly quota: QuotaSettings
  readonly returnMs: Millis
  readonly seatsMax: number
  readonly relayLifeMs: Millis
}

/** Faults: `config.invalid` when the file of accounts is open to others or damaged. */
export function buildCloudBench(ports: Ports, ledger: Ledger, log: Log, settings: CloudBenchSettings) {
  const { clock, disk } = ports
  const cloudLog = log.child({ part: 'cloud' })
  const vendor = new VendorClock(clock, ledger)
  const paces = new Map<string, Pace>()
  const paceOf = (account: Account): Pace => {
    const key = `${account.baseUrl}|${account.clientId}`
    const pace = paces.get(key) ?? new Pace(clock, settings.pace)
    paces.set(key, pace)
    return pace
  }
  const newClient = (account: Account): CloudClient => new CloudClient(ports, cloudLog, { account, deadlineMs: settings.deadlineMs, pace: paceOf(account), onTime: t => vendor.heard(t) })
  const book = new AccountBook(settings.accounts, { disk, secrets: ports.vault ?? ports.secrets }, { path: settings.accountsPath, newClient, log: cloudLog })
  const isAsked = (account: Account): boolean => (account.source ?? 'openapi') === 'openapi'
  vendor.isExpected = book.usable().some(isAsked)
  const seats = new SeatDesk(ledger, vendor, { quota: settings.quota, settleMs: settings.returnMs })
  const permissions = new PermissionDesk(clock, ledger, cloudLog, book, { selfTest: settings.selfTest, products: settings.products })
  const relaySource = new RelaySource(clock, settings.relayLifeMs)
  const relay = new RelayDesk(clock, ledger, book, relaySource)
  const source = new SourceSwitch({
    openapi: new OpenApiSource(book, cloudLog, settings.isVirtual ? 'virtual' : 'openapi'), relay: relaySource, file: new FileSource(clock, disk, () => ledger.newId())
  }, account => book.find(account)?.source ?? 'openapi')
  const desk = new TokenDesk(clock, log.child({ part: 'tokens' }), source, { seatsMax: settings.seatsMax, stopBeforeEndMs: seconds(20) })
  const till = new TokenTill(ledger, desk, ports, { seatsMax: settings.seatsMax })
  const poll = new ResultPoll(clock, till, log.child({ part: 'results' }), { pollMs: settings.pollMs })
  const releases = new ReleaseDesk(clock, ledger, cloudLog, book)
  const start = (scope: Scope): void => {
    scope.own(hearVerdicts(ledger, seats, permissions))
    for (const { id, region } of book.all()) if (book.isStored(id) && !isTold(ledger, id)) ledger.append({ body: { kind: 'account.added', account: id, region } }) // entered while no station ran
    permissions.start(scope)
    seats.start(scope, clock, cloudLog, (token, signal) => till.list(token, signal))
    releases.start(scope)
  }
  /** As they are used: in their own order, but whoever would first have to show a code on the phone comes last. */
  const inOrder = (): readonly Account[] => book.usable().toSorted((a, b) => Number(isCodeMissing(a)) - Number(isCodeMissing(b)))
  const isCodeMissing = (account: Account): boolean => account.source === 'relay' && !relay.hasCode(account.id)
  return { book, inOrder, vendor, seats, permissions, relay, till, poll, start }
}
function isTold(ledger: Ledger, account: string): boolean {
  return ledger.db.all("SELECT 1 FROM fact WHERE kind = 'account.added' AND json_extract(body, '$.account') = ? LIMIT 1", [account]).length > 0
}

export type CloudBench = ReturnType<typeof buildCloudBench>
