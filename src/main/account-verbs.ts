/**
 * `unbindery account add|test|list` while no station runs: the sealed store is read and written here, under the lock the
 * station would hold, with its own configuration and key. What the station could not open, or others could, is refused.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { seconds, type AccountView, type DoorAnswer, type FaultView, type PermissionView, type QuotaView } from '#shared'
import { readAccess } from './access.ts'
import { AccountBook, type Account } from './bench/account-book.ts'
import { CloudClient } from './bench/cloud.ts'
import { Log } from './bench/log.ts'
import { readConfig, readSecretFile, withSystemConfig } from './config-file.ts'
import type { Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import { parseAccountEntry, parseAccountName } from './gate/cloud-answers.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveSecrets } from './live/secrets.ts'
import { holdLock } from './live/sqlite.ts'
import { LiveWeb } from './live/web.ts'
import { parseOptions } from './options.ts'

type Env = NodeJS.ProcessEnv

const TEST_MS = seconds(60)

/** null: not one of these. `quota`: what the ledger at rest says of today. */
export async function askAccounts(dataDir: string, name: string, params: unknown, env: Env, quota: readonly QuotaView[]): Promise<DoorAnswer | null> {
  if (name !== 'account.list' && name !== 'account.add' && name !== 'account.test') return null
  try {
    const { data, config: path, flags } = withSystemConfig(parseOptions(['--data', dataDir], env))
    const config = readConfig({ config: env['UNBINDERY_CONFIG'] ?? path, flags }, env)
    refuseUnsafe(data)
    mkdirSync(join(data, 'live'), { recursive: true, mode: 0o700 })
    using _lock = holdLock(join(data, 'station'))
    await using store = openStore(data, config, env)
    const view = (account: Account, products: readonly PermissionView[] = []): AccountView => viewOf(store, account, products, quota)
    if (name === 'account.list') return { ok: true, value: store.book.all().map(a => view(a)) }
    if (name === 'account.add') {
      refuseOtherKey(store.book)
      const account = store.book.add(parseAccountEntry(params))
      return { ok: true, value: { ...view(account), ...await test(store, account, null) } }
    }
    const wanted = parseAccountName(params)
    const account = store.book.find(wanted.account)
    if (!account) throw new Fault('account.unknown', { account: wanted.account })
    return { ok: true, value: { ...view(account), ...await test(store, account, wanted.product) } }
  } catch (thrown) {
    return { ok: false, fault: Fault.from(thrown).toView() }
  }
}

/** `shut`: accounts of the configuration whose secret this shell does not have. */
interface Store extends AsyncDisposable { readonly book: AccountBook; readonly shut: ReadonlyMap<string, FaultView> }

function openStore(data: string, config: Config, env: Env): Store {
  const disk = new LiveDisk(data)
  const [clock, entropy] = [new LiveClock(), new LiveEntropy()]
  const log = new Log(() => undefined, () => clock.now())
  const ca = config['cloud.caFile']
  const web = new LiveWeb({ ...config['cloud.proxy'] === '' ? {} : { proxy: config['cloud.proxy'] }, ...ca === '' ? {} : { trusted: readFileSync(ca, 'utf8') } })
  const newClient = (account: Account): CloudClient => new CloudClient({ clock, entropy, web }, log, { account, deadlineMs: seconds(config['cloud.deadlineSeconds']) })
  const shut = new Map<string, FaultView>()
  const fixed = config.accounts.flatMap(account => {
    try {
      return accessOf(config, account, env)
    } catch (thrown) {
      shut.set(account.id, Fault.from(thrown).toView())
      return accessOf(config, { ...account, secretEnv: undefined, secretFile: undefined }, env)
    }
  })
  const book = new AccountBook(fixed, { disk, secrets: new LiveSecrets(disk, env) }, { path: 'live/accounts.json', newClient, log })
  return { book, shut, [Symbol.asyncDispose]: () => web[Symbol.asyncDispose]() }
}

/** One account of the configuration; nothing else of it is needed here. */
function accessOf(config: Config, account: Config['accounts'][number], env: Env): readonly Account[] {
  const alone = { ...config, 'accounts': [account], 'wifi': [], 'sync.webhooks': [], 'recipe.secrets': [], 'sync.certificateFile': '', 'switch.address': '' }
  return readAccess(alone, { env, file: readSecretFile }).accounts
}

/** Signs in, then asks for each product that is named; what the cloud says stands in the view. */
async function test({ book, shut }: Store, account: Account, product: string | null): Promise<{ readonly fault: AccountView['fault']; readonly products: readonly PermissionView[] }> {
  const client = book.client(account.id)
  const missing = shut.get(account.id)
  if (missing) return { fault: missing, products: [] }
  if (!client || (account.source ?? 'openapi') !== 'openapi') return { fault: book.faultOf(account.id), products: [] }
  const signal = AbortSignal.timeout(TEST_MS)
  const products: PermissionView[] = []
  try {
    await client.signIn(signal)
    for (const key of product === null ? account.products : [product]) {
      const state = await client.probePermission(key, signal).then(() => 'allowed' as const, (thrown: unknown) => {
        const fault = Fault.from(thrown)
        if (fault.context['number'] === undefined) throw thrown // the cloud said nothing
        return fault.code === 'cloud.no-permission' ? 'denied' as const : 'unknown' as const
      })
      products.push({ product: key, productName: { en: key, zh: key }, state, at: null, fault: null })
    }
    return { fault: null, products }
  } catch (thrown) {
    return { fault: Fault.from(signal.aborted ? new Fault('web.unknown', { account: account.id }) : thrown).toView(), products }
  }
}

function viewOf({ book, shut }: Store, a: Account, products: readonly PermissionView[], quota: readonly QuotaView[]): AccountView {
  const used = quota.find(q => q.scope === 'account' && q.key === a.id)
  return {
    id: a.id, clientIdEnd: a.clientId.slice(-4), baseUrl: a.baseUrl, region: a.region, source: a.source ?? 'openapi', release: a.release ?? 'none', family: a.family ?? 'industry',
    origin: book.isStored(a.id) ? 'station' : 'config', secretKind: book.secretKind, products, inUse: 0, fault: shut.get(a.id) ?? book.faultOf(a.id),
    quota: { cap: used?.cap ?? 0, spent: used?.spent ?? 0, reserved: used?.reserved ?? 0, refusedAt: null, day: null }
  }
}

/** A folder of somebody else, or one that others may write to, is no place for a secret. Faults: `config.invalid`. */
function refuseUnsafe(data: string): void {
  if (process.platform === 'win32' || !existsSync(data)) return
  const { uid, mode } = statSync(data)
  if (uid !== process.getuid?.()) throw new Fault('config.invalid', { complaints: `${data}: belongs to another user; type this as the user the station runs as` })
  if ((mode & 0o022) !== 0) throw new Fault('config.invalid', { complaints: `${data}: others can write to it; type: chmod go-w ${data}` })
}

/** Two keys in one store: the station would open only half of it. Faults: `account.sealed-elsewhere`. */
function refuseOtherKey(book: AccountBook): void {
  const shut = book.all().find(a => book.faultOf(a.id)?.code === 'account.sealed-elsewhere')
  if (shut) throw new Fault('account.sealed-elsewhere', { account: shut.id })
}
