/** Accounts entered at the station: sealed, never printed, refused when others could read them, named when another program sealed them. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import { AccountBook, type Account } from '../../src/main/bench/account-book.ts'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret, type LogLine } from '../../src/main/bench/log.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSecrets } from '../../src/main/live/secrets.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'

const folders: string[] = []
afterEach(() => { for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true }) })
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-accounts-'))
  folders.push(folder)
  return folder
}
const KEY = 'ab'.repeat(32)
const SECRET = 'a-very-secret-secret'
const HOUSE: Account = { id: 'house', baseUrl: 'https://openapi.virtual', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret(VIRTUAL_ACCOUNT.secret), assetId: 'bench', region: 'EU', products: [] }
const ENTRY = { id: 'second', clientId: 'client0002', secret: SECRET, centre: 'us', products: ['p1'], release: 'delete' } as const

function open(folder: string, env: Record<string, string> = { UNBINDERY_KEY: KEY }) {
  const clock = new VirtualClock()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy(1), accounts: [VIRTUAL_ACCOUNT] })
  const lines: LogLine[] = []
  const log = new Log(line => { lines.push(line) }, () => clock.now())
  const disk = new LiveDisk(folder)
  const newClient = (account: Account): CloudClient => new CloudClient({ clock, entropy: new SeededEntropy(2), web: new VirtualWeb(clock, cloud) }, log, { account, deadlineMs: seconds(10) })
  const book = new AccountBook([HOUSE], { disk, secrets: new LiveSecrets(disk, env) }, { path: 'live/accounts.json', newClient, log })
  return { book, lines }
}
const codeOf = (work: () => unknown): string => {
  try { work() } catch (thrown) { return Fault.from(thrown).code }
  return 'none'
}

describe('an account entered at the station', () => {
  it('is there again after a restart, beside those of the configuration, with its data centre and its secret', () => {
    const folder = makeFolder()
    open(folder).book.add(ENTRY)
    const { book } = open(folder)
    expect(book.all().map(a => a.id)).toEqual(['house', 'second'])
    expect(book.find('second')).toMatchObject({ baseUrl: 'https://openapi.tuyaus.com', region: 'AZ', clientId: 'client0002', products: ['p1'], source: 'openapi', release: 'delete' })
    expect(book.find('second')?.secret.reveal()).toBe(SECRET)
    expect([book.isStored('second'), book.isStored('house'), book.client('second')?.accountId, book.secretKind]).toEqual([true, false, 'second', 'file'])
  })

  it('lies sealed in a file of mode 600, and its secret is in no line and no print', () => {
    const folder = makeFolder()
    const { book, lines } = open(folder)
    const account = book.add(ENTRY)
    const path = join(folder, 'live/accounts.json')
    const stored = readFileSync(path, 'utf8')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect([stored, JSON.stringify(account), String(account.secret), JSON.stringify(lines)].filter(text => text.includes(SECRET))).toEqual([])
    expect(stored).toContain('client0002')
  })

  it('is changed in part: what is not given stays', () => {
    const { book } = open(makeFolder())
    book.add(ENTRY)
    book.add({ id: 'second', assetId: 'asset-9' })
    expect(book.find('second')).toMatchObject({ assetId: 'asset-9', clientId: 'client0002', region: 'AZ' })
    expect(book.find('second')?.secret.reveal()).toBe(SECRET)
  })

  it('needs a data centre or an address, an access id and a secret; a relay or a file needs none of them', () => {
    const { book } = open(makeFolder())
    expect(codeOf(() => book.add({ id: 'x', clientId: 'c', secret: 's' }))).toBe('door.invalid')
    expect(codeOf(() => book.add({ id: 'x', clientId: 'c', centre: 'eu' }))).toBe('door.invalid')
    expect(codeOf(() => book.add({ id: 'x', clientId: 'c', secret: 's', centre: 'moon' }))).toBe('door.invalid')
    expect(book.add({ id: 'phone', source: 'relay', region: 'EU' })).toMatchObject({ source: 'relay', region: 'EU' })
    expect(book.all().map(a => a.id)).toEqual(['house', 'phone'])
  })

  it('can be forgotten; one of the configuration cannot be changed here', () => {
    const folder = makeFolder()
    const { book } = open(folder)
    book.add(ENTRY)
    book.remove('second')
    expect([codeOf(() => book.remove('second')), codeOf(() => book.remove('house')), codeOf(() => book.add({ ...ENTRY, id: 'house' }))]).toEqual(['account.unknown', 'account.not-removable', 'account.not-removable'])
    expect(open(folder).book.all().map(a => a.id)).toEqual(['house'])
  })
})

describe('a file of accounts', () => {
  it('that another program sealed asks to sign in again; the other accounts work, and it is kept for that program', () => {
    const folder = makeFolder()
    open(folder).book.add(ENTRY)
    const { book } = open(folder, { UNBINDERY_KEY: 'cd'.repeat(32) })
    expect(book.faultOf('second')).toEqual({ code: 'account.sealed-elsewhere', context: { account: 'second' } })
    expect([book.client('second'), book.usable().map(a => a.id)]).toEqual([null, ['house']])
    book.add({ ...ENTRY, id: 'third' })
    expect(open(folder).book.find('second')?.secret.reveal()).toBe(SECRET)
    book.add(ENTRY)
    expect([book.faultOf('second'), book.client('second')?.accountId]).toEqual([null, 'second'])
  })

  it.skipIf(process.platform === 'win32')('that others can read is refused, and so is one that makes no sense', () => {
    const folder = makeFolder()
    open(folder).book.add(ENTRY)
    const path = join(folder, 'live/accounts.json')
    chmodSync(path, 0o644)
    expect(codeOf(() => open(folder))).toBe('config.invalid')
    for (const text of ['', '[]', '{"v":2,"accounts":[]}', '{"v":1,"accounts":[{"id":3}]}']) {
      writeFileSync(path, text)
      chmodSync(path, 0o600)
      expect(codeOf(() => open(folder)), text).toBe('config.invalid')
    }
  })
})

describe.skipIf(process.platform === 'win32')('the key that seals', () => {
  it('comes from the environment, then from a systemd credential, then from a file of its own', () => {
    const [folder, credentials] = [makeFolder(), makeFolder()]
    writeFileSync(join(credentials, 'unbindery-key'), `${KEY}\n`, { mode: 0o400 })
    open(folder, { CREDENTIALS_DIRECTORY: credentials }).book.add(ENTRY)
    expect(open(folder, { UNBINDERY_KEY: KEY }).book.find('second')?.secret.reveal()).toBe(SECRET)
    expect(open(folder, { UNBINDERY_KEY: 'cd'.repeat(32), CREDENTIALS_DIRECTORY: credentials }).book.faultOf('second')?.code).toBe('account.sealed-elsewhere')
    expect(open(folder, { CREDENTIALS_DIRECTORY: makeFolder() }).book.faultOf('second')?.code).toBe('account.sealed-elsewhere') // no credential there: its own file
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  })

  it('is refused when others can read it, or when it is none', () => {
    const [folder, credentials] = [makeFolder(), makeFolder()]
    writeFileSync(join(credentials, 'unbindery-key'), KEY, { mode: 0o600 })
    chmodSync(join(credentials, 'unbindery-key'), 0o604)
    expect(codeOf(() => open(folder, { CREDENTIALS_DIRECTORY: credentials }))).toBe('config.invalid')
    expect(codeOf(() => open(folder, { UNBINDERY_KEY: 'short' }))).toBe('config.invalid')
    open(folder, {})
    chmodSync(join(folder, 'secret.key'), 0o640)
    expect(codeOf(() => open(folder, {}))).toBe('config.invalid')
  })
})
