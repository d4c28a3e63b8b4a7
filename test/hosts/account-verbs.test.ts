/** Accounts entered while no station runs: the same store, the same lock, the same key; what is unsafe is refused in words. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountView, DoorAnswer } from '#shared'
import { askAccounts } from '../../src/main/account-verbs.ts'
import { AccountBook } from '../../src/main/bench/account-book.ts'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log } from '../../src/main/bench/log.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSecrets } from '../../src/main/live/secrets.ts'
import { holdLock } from '../../src/main/live/sqlite.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'

const KEY = { UNBINDERY_KEY: 'ab'.repeat(32) }
const { clientId, secret } = VIRTUAL_ACCOUNT
let data: string
let cloud: ChildProcess | null = null
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'ub-accounts-')), 'data')
  mkdirSync(data, { mode: 0o700 })
})
afterEach(() => {
  cloud?.kill('SIGKILL')
  cloud = null
  rmSync(join(data, '..'), { recursive: true, force: true })
})
const ask = async (name: string, params: unknown, env: NodeJS.ProcessEnv = KEY): Promise<DoorAnswer> => await askAccounts(data, name, params, env, []) ?? { ok: false, fault: { code: 'door.unknown', context: {} } }
const one = (answer: DoorAnswer): AccountView => {
  if (!answer.ok) throw new Error(answer.fault.code)
  return answer.value as AccountView // of the row asked for
}
const listed = async (): Promise<readonly AccountView[]> => {
  const answer = await ask('account.list', {})
  return answer.ok ? answer.value as readonly AccountView[] : [] // of the row asked for
}
/** The book of a station that starts now, with the same key. */
function bookOfStation(env: NodeJS.ProcessEnv = KEY): AccountBook {
  const [disk, log] = [new LiveDisk(data), new Log(() => undefined, () => 0)]
  const newClient = (account: ConstructorParameters<typeof CloudClient>[2]['account']): CloudClient => new CloudClient({ clock: new LiveClock(), entropy: new LiveEntropy(), web: new LiveWeb() }, log, { account, deadlineMs: 1000 as never }) // nobody is asked
  return new AccountBook([], { disk, secrets: new LiveSecrets(disk, env) }, { path: 'live/accounts.json', newClient, log })
}
async function startCloud(): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main/cloud.ts', '--port', '0'], { cwd: resolve(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] })
  cloud = child
  for await (const chunk of child.stdout) return /http:\S+/.exec(String(chunk))?.[0] ?? ''
  return ''
}

describe('an account entered while no station runs', () => {
  it('is sealed with the key of the station, tested at once, and there when the station starts', async () => {
    const baseUrl = await startCloud()
    const entered = one(await ask('account.add', { id: 'house', clientId, secret, baseUrl, assetId: 'bench', products: ['gw3wired00000001'] }))
    expect(entered).toMatchObject({ id: 'house', clientIdEnd: '0001', origin: 'station', secretKind: 'file', fault: null, products: [{ product: 'gw3wired00000001', state: 'allowed' }] })
    const text = readFileSync(join(data, 'live/accounts.json'), 'utf8')
    expect(text).not.toContain(secret)
    expect(existsSync(join(data, 'secret.key'))).toBe(false)
    expect((await listed()).map(a => a.id)).toEqual(['house'])
    expect(one(await ask('account.test', { account: 'house', product: 'nvr8wired0000001' })).products).toMatchObject([{ product: 'nvr8wired0000001', state: 'allowed' }])
    expect(one(await ask('account.add', { id: 'house', secret: 'another' })).fault?.code).toBe('cloud.key-invalid')
    expect(bookOfStation().find('house')?.secret.reveal()).toBe('another')
    if (process.platform !== 'win32') expect(statSync(join(data, 'live/accounts.json')).mode & 0o777).toBe(0o600)
  })

  it('is nobody else\'s business: any other question is not answered here', async () => {
    expect(await askAccounts(data, 'account.remove', { account: 'house' }, KEY, [])).toBeNull()
    expect(await askAccounts(data, 'status', {}, KEY, [])).toBeNull()
    expect(await ask('account.add', { id: 'no spaces allowed' })).toMatchObject({ ok: false, fault: { code: 'door.invalid' } })
    expect(await ask('account.test', { account: 'nobody' })).toMatchObject({ ok: false, fault: { code: 'account.unknown' } })
  })

  it('of the configuration whose secret this shell does not have is listed with what is missing', async () => {
    writeFileSync(join(data, 'config.json'), JSON.stringify({ 'mode': 'live', 'bench.card': 'lo', 'accounts': [{ id: 'fixed', clientId: 'c', secretEnv: 'UB_NOT_HERE', baseUrl: 'https://openapi.tuyaeu.com' }] }))
    const answer = await ask('account.list', {}, { ...KEY, UNBINDERY_CONFIG: join(data, 'config.json') })
    expect(answer).toMatchObject({ ok: true, value: [{ id: 'fixed', origin: 'config', fault: { code: 'config.invalid' } }] })
  })
})

describe('what is unsafe is refused', () => {
  it('a store that a running station holds', async () => {
    using _lock = holdLock(join(data, 'station'))
    expect(await ask('account.list', {})).toMatchObject({ ok: false, fault: { code: 'ledger.second-instance' } })
  })

  it('a second key beside the one the store is sealed with: the station would open only half of it', async () => {
    await ask('account.add', { id: 'house', clientId, secret, baseUrl: 'http://127.0.0.1:9' })
    expect(await ask('account.add', { id: 'b', clientId, secret, baseUrl: 'http://127.0.0.1:9' }, { UNBINDERY_KEY: 'cd'.repeat(32) })).toMatchObject({ ok: false, fault: { code: 'account.sealed-elsewhere', context: { account: 'house' } } })
    expect(bookOfStation().all().map(a => a.id)).toEqual(['house'])
  })

  it.skipIf(process.platform === 'win32')('a folder others may write to, a store or a key others may read', async () => {
    chmodSync(data, 0o777)
    expect(await ask('account.list', {})).toMatchObject({ ok: false, fault: { code: 'config.invalid', context: { complaints: expect.stringContaining('chmod go-w') as string } } })
    chmodSync(data, 0o700)
    await ask('account.add', { id: 'house', clientId, secret, baseUrl: 'http://127.0.0.1:9' })
    chmodSync(join(data, 'live/accounts.json'), 0o644)
    expect(await ask('account.list', {})).toMatchObject({ ok: false, fault: { code: 'config.invalid', context: { complaints: expect.stringContaining('chmod 600') as string } } })
    chmodSync(join(data, 'live/accounts.json'), 0o600)
    writeFileSync(join(data, 'secret.key'), new Uint8Array(32), { mode: 0o644 })
    chmodSync(join(data, 'secret.key'), 0o644)
    expect(await ask('account.list', {}, {})).toMatchObject({ ok: false, fault: { code: 'config.invalid' } })
  })
})
