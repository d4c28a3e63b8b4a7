/**
 * The accounts that may unbind: those of the configuration, and those entered at the station, whose secrets lie sealed in a
 * file of mode 600. A secret goes in and is used; it never comes out again. What another program sealed is named, not guessed.
 */
import type { FaultView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Disk, Secrets } from '../ports.ts'
import { DATA_CENTRES } from '../wire/data-centres.ts'
import { FAMILIES, type Family, type ReleaseCall } from '../wire/cloud-calls.ts'
import type { CloudAccount, CloudClient } from './cloud.ts'
import { Secret, type Log } from './log.ts'

export const SOURCES = ['openapi', 'relay', 'file'] as const
export type SourceName = (typeof SOURCES)[number]
/** none: a release is the activation itself. Else the unit is bound to us first, and this call lets it go. */
export const RELEASES = ['none', 'delete', 'reset', 'partner'] as const
export type Release = 'none' | ReleaseCall

export interface Account extends CloudAccount {
  /** Product keys it may unbind; empty: the cloud decides. */
  readonly products: readonly string[]
  readonly source?: SourceName
  readonly release?: Release
}
/** What a person types; the data centre by its short name, or an address of one's own. */
export interface AccountEntry {
  readonly id: string
  readonly clientId?: string | undefined
  readonly secret?: string | undefined
  readonly centre?: string | undefined
  readonly baseUrl?: string | undefined
  readonly region?: string | undefined
  readonly assetId?: string | undefined
  readonly products?: readonly string[] | undefined
  readonly source?: SourceName | undefined
  readonly release?: Release | undefined
  readonly family?: Family | undefined
  readonly uid?: string | undefined
}

const ACCOUNTS_MAX = 64
const FILE_MODE = 0o600

export class AccountBook {
  readonly #fixed: readonly Account[]
  readonly #disk: Disk
  readonly #secrets: Secrets
  readonly #path: string
  readonly #newClient: (account: Account) => CloudClient
  readonly #log: Log
  readonly #stored = new Map<string, Account>()
  readonly #faults = new Map<string, FaultView>()
  readonly #clients = new Map<string, CloudClient>()

  constructor(fixed: readonly Account[], ports: { readonly disk: Disk; readonly secrets: Secrets }, o: { readonly path: string; readonly newClient: (account: Account) => CloudClient; readonly log: Log }) {
    this.#fixed = fixed
    this.#disk = ports.disk
    this.#secrets = ports.secrets
    this.#path = o.path
    this.#newClient = o.newClient
    this.#log = o.log
    for (const account of fixed) this.#clients.set(account.id, o.newClient(account))
    this.#load()
  }

  /** In the order they are used: those of the configuration first. */
  all(): readonly Account[] {
    return [...this.#fixed, ...this.#stored.values()]
  }

  /** Those that can be used: their secret is open. */
  usable(): readonly Account[] {
    return this.all().filter(a => !this.#faults.has(a.id))
  }

  find(id: string): Account | null { return this.all().find(a => a.id === id) ?? null }
  isStored(id: string): boolean { return this.#stored.has(id) }
  /** Why an account cannot be used; null: it can. */
  faultOf(id: string): FaultView | null { return this.#faults.get(id) ?? this.#clients.get(id)?.state.fault ?? null }
  get secretKind(): Secrets['kind'] { return this.#secrets.kind }

  client(id: string): CloudClient | null { return this.#faults.has(id) ? null : this.#clients.get(id) ?? null }
  clients(): readonly CloudClient[] { return [...this.#clients.values()] }

  /** Faults: `account.not-removable` for one of the configuration, `door.invalid` with what is missing. */
  add(entry: AccountEntry): Account {
    const { id } = entry
    if (this.#fixed.some(a => a.id === id)) throw new Fault('account.not-removable', { account: id })
    if (!this.#stored.has(id) && this.#stored.size >= ACCOUNTS_MAX) throw new Fault('door.invalid', { text: `at most ${ACCOUNTS_MAX} accounts` })
    const account = accountOf(entry, this.#stored.get(id) ?? null)
    const before = new Map(this.#stored)
    this.#stored.set(id, account)
    try { this.#save() } catch (thrown) {
      this.#stored.clear()
      for (const [key, value] of before) this.#stored.set(key, value)
      throw thrown
    }
    this.#faults.delete(id)
    this.#clients.set(id, this.#newClient(account))
    return account
  }

  /** Faults: `account.unknown`, `account.not-removable`. */
  remove(id: string): void {
    if (this.#fixed.some(a => a.id === id)) throw new Fault('account.not-removable', { account: id })
    if (!this.#stored.delete(id)) throw new Fault('account.unknown', { account: id })
    this.#clients.delete(id)
    this.#faults.delete(id)
    this.#save()
  }

  #save(): void {
    const rows = [...this.#stored.values()].map(({ secret, ...rest }) => ({ ...rest, sealed: this.#sealedOf(rest.id, secret) }))
    this.#disk.writeAtomic(this.#path, new TextEncoder().encode(JSON.stringify({ v: 1, accounts: rows }, null, 2)), FILE_MODE)
  }

  /** What cannot be opened here is kept as it is: the other program may still open it. */
  #sealedOf(id: string, secret: Secret<string>): string {
    return this.#faults.has(id) ? secret.reveal() : toBase64(this.#secrets.seal(new TextEncoder().encode(secret.reveal())))
  }

  /** Faults: `config.invalid` when others can read the file. What is damaged is told and left alone. */
  #load(): void {
    const mode = this.#disk.modeOf?.(this.#path) ?? null
    if (mode !== null && (mode & 0o077) !== 0) throw new Fault('config.invalid', { complaints: `${this.#path}: can be read by others; type: chmod 600 ${this.#path}` })
    const bytes = this.#disk.read(this.#path)
    if (!bytes) return
    const rows = parseRows(bytes)
    if (rows === null) throw new Fault('config.invalid', { complaints: `${this.#path}: is not the list of accounts this program writes` })
    for (const { sealed, ...row } of rows) {
      if (this.#fixed.some(a => a.id === row.id)) continue
      const secret = this.#open(row.id, sealed)
      const account: Account = { ...row, secret: new Secret(secret ?? sealed) }
      this.#stored.set(row.id, account)
      if (secret !== null) this.#clients.set(row.id, this.#newClient(account))
    }
  }

  #open(id: string, sealed: string): string | null {
    try {
      return new TextDecoder().decode(this.#secrets.open(fromBase64(sealed)))
    } catch (thrown) {
      this.#faults.set(id, { code: 'account.sealed-elsewhere', context: { account: id } })
      this.#log.fault('the secret of an account does not open', Fault.from(thrown), { account: id })
      return null
    }
  }
}

function accountOf(entry: AccountEntry, before: Account | null): Account {
  const source = entry.source ?? before?.source ?? 'openapi'
  const centre = DATA_CENTRES.find(c => c.id === entry.centre)
  if (entry.centre !== undefined && !centre) throw new Fault('door.invalid', { text: `no such data centre; one of ${DATA_CENTRES.map(c => c.id).join(', ')}` })
  const baseUrl = entry.baseUrl ?? centre?.baseUrl ?? before?.baseUrl ?? ''
  const clientId = entry.clientId ?? before?.clientId ?? ''
  const secret = entry.secret === undefined ? before?.secret ?? new Secret('') : new Secret(entry.secret)
  if (source === 'openapi') {
    if (baseUrl === '') throw new Fault('door.invalid', { text: 'a data centre or an address is needed' })
    if (clientId === '' || secret.reveal() === '') throw new Fault('door.invalid', { text: 'access id and secret are needed' })
  }
  const family = entry.family ?? before?.family ?? 'industry'
  const uid = entry.uid ?? before?.uid ?? ''
  if (source === 'openapi' && family === 'smart-home' && uid === '') throw new Fault('door.invalid', { text: 'smart-home needs the uid of a user of the app' })
  return {
    id: entry.id, family, uid, clientId, secret, baseUrl, source, release: entry.release ?? before?.release ?? 'none', products: entry.products ?? before?.products ?? [],
    region: entry.region ?? centre?.region ?? before?.region ?? DATA_CENTRES.find(c => c.baseUrl === baseUrl)?.region ?? 'EU', assetId: entry.assetId ?? before?.assetId ?? ''
  }
}

type Row = Omit<Account, 'secret'> & { readonly sealed: string }

function parseRows(bytes: Uint8Array): Row[] | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const list: unknown = typeof json === 'object' && json !== null && Reflect.get(json, 'v') === 1 ? Reflect.get(json, 'accounts') : null
    if (!Array.isArray(list) || list.length > ACCOUNTS_MAX) return null
    const rows = list.map(parseRow)
    return rows.every(row => row !== null) ? rows : null
  } catch {
    return null
  }
}

function parseRow(item: unknown): Row | null {
  if (typeof item !== 'object' || item === null) return null
  const text = (key: string): string | null => {
    const value: unknown = Reflect.get(item, key)
    return typeof value === 'string' ? value : null
  }
  const [id, clientId, sealed, baseUrl, region, assetId] = [text('id'), text('clientId'), text('sealed'), text('baseUrl'), text('region'), text('assetId')]
  const products: unknown = Reflect.get(item, 'products')
  if (id === null || clientId === null || sealed === null || baseUrl === null || region === null || assetId === null || !Array.isArray(products)) return null
  return {
    id, family: FAMILIES.find(f => f === text('family')) ?? 'industry', uid: text('uid') ?? '', clientId, sealed, baseUrl, region, assetId, products: products.filter(p => typeof p === 'string'),
    source: SOURCES.find(s => s === text('source')) ?? 'openapi', release: RELEASES.find(r => r === text('release')) ?? 'none'
  }
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), c => c.charCodeAt(0))
}
