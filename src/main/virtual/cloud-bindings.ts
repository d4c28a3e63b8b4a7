/**
 * The virtual cloud's memory of units: who owns each, tokens and their seats, the day's quota, and what became of every
 * activation. A release happens once for a unit; asking again gives the same answer and no second effect.
 */
import { hours, millis, type Instant, type Millis } from '#shared'
import type { Family } from '../wire/cloud-calls.ts'
import { VIRTUAL_CODES } from '../wire/cloud-codes.ts'
import { judgeRole, refuse, type Refusal, type VirtualAccount } from './cloud-access.ts'
import type { VirtualFaults } from './cloud-faults.ts'

/** Oldest out first; a virtual week stays far below. */
const TOKENS_MAX = 20_000
const UNITS_MAX = 200_000
const RELEASES_MAX = 200_000
const UNIT_TEXT_MAX = 64
const DAY_MS = hours(24)

export interface BindingLimits { readonly accountPerDay: number; readonly productPerDay: number; readonly seatsPerToken: number; readonly tokenLifeMs: Millis }

export interface VirtualUnitRecord { readonly uuid: string; readonly mac: string; readonly productKey: string; readonly serial?: string; readonly deviceId?: string; readonly region?: string; /** Nobody's, as after a release. */ readonly isFree?: boolean }
export interface Binding {
  readonly uuid: string
  readonly mac: string
  readonly serial: string
  readonly productKey: string
  readonly region: string
  /** null: free. */
  readonly owner: string | null
  readonly deviceId: string
  readonly releasedAt: Instant | null
}
export interface Release { readonly uuid: string; readonly mac: string; readonly productKey: string; readonly account: string; readonly previousDeviceId: string; readonly deviceId: string; readonly at: Instant }
export interface Activation { readonly uuid: string; readonly mac: string; readonly productKey: string; readonly token: string; readonly previousDeviceId: string | null; readonly ip: string }

/** What a token call answers with. */
interface IssuedWords { readonly region: string; readonly token: string; readonly secret: string; readonly expire_time: number; readonly extension: object }

interface Row { readonly uuid: string; readonly deviceId: string; readonly productKey: string; readonly ip: string; readonly at: Instant; readonly refusal: Refusal | null }
interface Token { readonly account: VirtualAccount; readonly token8: string; readonly text: string; readonly expiresAt: Instant; readonly rows: Map<string, Row> }

export class VirtualBindings {
  readonly #word: (length: number) => string
  readonly #limits: BindingLimits
  readonly #units = new Map<string, Binding>()
  /** Device ids of all times: they change at each activation. */
  readonly #uuidOf = new Map<string, string>()
  readonly #tokens = new Map<string, Token>()
  readonly #releases: Release[] = []
  readonly #granted = new Set<string>()

  constructor(word: (length: number) => string, limits: BindingLimits) {
    this.#word = word
    this.#limits = limits
  }

  get releases(): readonly Release[] {
    return this.#releases
  }

  get tokensIssued(): number {
    return this.#tokens.size
  }

  grant(account: string, productKey: string): void {
    this.#granted.add(`${account}|${productKey}`)
  }

  find(uuid: string): Binding | null {
    return this.#units.get(uuid) ?? null
  }

  counts(): { readonly bound: number; readonly free: number } {
    const bound = [...this.#units.values()].filter(u => u.owner !== null).length
    return { bound, free: this.#units.size - bound }
  }

  /** A unit as it comes back from a customer: bound to a stranger. Registering it again binds it anew. */
  register(unit: VirtualUnitRecord): Binding {
    const deviceId = unit.deviceId ?? this.#newDeviceId()
    const binding: Binding = {
      uuid: unit.uuid, mac: unit.mac, serial: unit.serial ?? `SN${unit.uuid.slice(-10).toUpperCase()}`, productKey: unit.productKey, region: unit.region ?? 'EU',
      owner: unit.isFree === true ? null : 'stranger', deviceId, releasedAt: null
    }
    this.#units.delete(unit.uuid)
    this.#units.set(unit.uuid, binding)
    this.#uuidOf.set(deviceId, unit.uuid)
    for (const uuid of this.#units.keys()) {
      if (this.#units.size <= UNITS_MAX) break
      this.#units.delete(uuid)
    }
    return binding
  }

  /** Permission and quota are looked at before a token is made; `productKey` null: the caller did not say what it is for. */
  issue(account: VirtualAccount, productKey: string | null, now: Instant, faults: VirtualFaults): IssuedWords | Refusal {
    const wanted = faults.refuseIssue[productKey ?? '']
    if (wanted !== undefined) return refuse(wanted, 'refused by the fault plan')
    const no = productKey === null ? this.#accountQuota(account, now) : this.#permission(account, productKey) ?? this.#quota(account, productKey, now)
    if (no !== null) return no
    const [token8, secret] = [this.#word(8), this.#word(4)]
    const lifeMs = faults.tokenLifeMs > 0 ? faults.tokenLifeMs : this.#limits.tokenLifeMs
    const token: Token = { account, token8, text: account.region + token8 + secret, expiresAt: now + lifeMs, rows: new Map() }
    this.#tokens.set(token8, token)
    for (const old of this.#tokens.keys()) {
      if (this.#tokens.size <= TOKENS_MAX) break
      this.#tokens.delete(old)
    }
    return { region: account.region, token: token8, secret, expire_time: Math.ceil(lifeMs / 1000), extension: {} }
  }

  /** A unit reports with a token it read or was handed. */
  activate(a: Activation, now: Instant, faults: VirtualFaults): { readonly deviceId: string; readonly release: Release | null; readonly isBound: boolean } | Refusal {
    const token = this.#tokens.get(a.token.slice(2, 10))
    if (token === undefined || token.text !== a.token) return refuse(2007, 'token invalid')
    const before = token.rows.get(a.uuid)
    const isBound = token.account.isPairing === true
    if (before?.refusal === null) return { deviceId: before.deviceId, release: null, isBound }
    const unit = this.#units.get(a.uuid) ?? this.register({ uuid: a.uuid, mac: a.mac, productKey: a.productKey, ...(a.previousDeviceId === null ? {} : { deviceId: a.previousDeviceId }) })
    const refusal = this.#judge(token, unit, now, faults)
    const row = { uuid: unit.uuid, productKey: unit.productKey, ip: a.ip, at: now }
    if (refusal !== null) {
      if (before === undefined) token.rows.set(a.uuid, { ...row, deviceId: unit.deviceId, refusal }) // a refused unit tries for ever; one row is enough
      return refusal
    }
    const deviceId = this.#newDeviceId()
    token.rows.set(a.uuid, { ...row, deviceId, refusal: null })
    this.#uuidOf.set(deviceId, unit.uuid)
    this.#units.set(unit.uuid, { ...unit, owner: isBound ? token.account.id : null, deviceId, releasedAt: unit.owner === null ? unit.releasedAt : now })
    if (unit.owner === null || isBound) return { deviceId, release: null, isBound } // nobody's already: nothing to release
    const release: Release = { uuid: unit.uuid, mac: unit.mac, productKey: unit.productKey, account: token.account.id, previousDeviceId: unit.deviceId, deviceId, at: now }
    this.#releases.push(release)
    if (this.#releases.length > RELEASES_MAX) this.#releases.shift()
    return { deviceId, release, isBound }
  }

  /** A device of the account is let go. An id nobody has answers 2010, or the permission that is missing for `product`. */
  letGo(account: VirtualAccount, deviceId: string, product: unknown, now: Instant): { readonly release: Release | null } | Refusal {
    const unit = this.#units.get(this.#uuidOf.get(deviceId) ?? '')
    const denied = this.#permission(account, unit?.productKey ?? (typeof product === 'string' ? product : ''))
    if (denied !== null && (unit !== undefined || typeof product === 'string')) return denied
    if (unit === undefined || unit.deviceId !== deviceId || unit.owner === null) return refuse(2010, 'device not exist')
    if (unit.owner !== account.id) return refuse(1106, 'permission deny')
    this.#units.set(unit.uuid, { ...unit, owner: null, releasedAt: now })
    const release: Release = { uuid: unit.uuid, mac: unit.mac, productKey: unit.productKey, account: account.id, previousDeviceId: deviceId, deviceId, at: now }
    this.#releases.push(release)
    if (this.#releases.length > RELEASES_MAX) this.#releases.shift()
    return { release }
  }

  /** Documented shapes (facts/tuya.md 7.3): error rows carry no uuid, those of the smart-home family none at all (16.3). */
  results(account: VirtualAccount, token8: string, now: Instant, faults: VirtualFaults, family: Family): object {
    const token = this.#tokens.get(token8)
    if (token === undefined || token.account !== account) return refuse(1106, 'permission deny')
    const rows = [...token.rows.values()].filter(r => now - r.at >= faults.slowResultMs)
    const shown = faults.duplicateResults ? [...rows, ...rows] : rows
    const [good, bad] = [shown.filter(r => r.refusal === null), shown.flatMap(r => r.refusal === null ? [] : [{ id: r.deviceId, refusal: r.refusal }])]
    if (family === 'smart-home') return {
      success: good.map(r => ({ device_id: r.deviceId, product_id: r.productKey, category: 'sp', name: 'returned unit' })),
      failed: bad.map(r => ({ device_id: r.id, name: 'returned unit', code: r.refusal.code, msg: r.refusal.msg }))
    }
    if (family === 'iot-core') return {
      successDevices: good.map(r => ({ id: r.deviceId, name: 'returned unit', productId: r.productKey, online: false, uuid: r.uuid, ip: r.ip, lon: '', lat: '' })),
      errorDevices: bad.map(r => ({ id: r.id, name: 'returned unit', errorCode: r.refusal.code, errorMsg: r.refusal.msg }))
    }
    return {
      success_devices: good.map(r => ({ id: r.deviceId, name: 'returned unit', product_id: r.productKey, online: false, uuid: r.uuid, ip: r.ip, lon: '', lat: '' })),
      error_devices: bad.map(r => ({ id: r.id, name: 'returned unit', error_code: String(r.refusal.code), error_msg: r.refusal.msg }))
    }
  }

  factoryRows(account: VirtualAccount, deviceIds: readonly string[]): object {
    return deviceIds.flatMap(id => {
      const unit = this.#units.get(this.#uuidOf.get(id) ?? '')
      return unit === undefined || this.#permission(account, unit.productKey) !== null ? [] : [{ id, uuid: unit.uuid, sn: unit.serial, mac: unit.mac }]
    })
  }

  /** The vendor's log of a device: each release was an activation and then a reset; there is no event "unbind" (facts/tuya.md 7.3). */
  log(account: VirtualAccount, deviceId: string, query: URLSearchParams): object {
    const unit = this.#units.get(this.#uuidOf.get(deviceId) ?? '')
    if (unit === undefined) return refuse(2010, 'device not exist')
    const denied = this.#permission(account, unit.productKey)
    if (denied !== null) return denied
    const [from, to, size, start] = [query.get('start_time'), query.get('end_time'), query.get('size') ?? '20', query.get('last_row_key') ?? '0'].map(Number)
    const wanted = (query.get('event_types') ?? '').split(',')
    const rows = this.#releases.filter(r => r.uuid === unit.uuid)
      .flatMap(({ at }) => [3, 4].map(event => ({ code: '', event_from: '1', event_id: event, value: '', event_time: at + event })))
      .filter(r => wanted.includes(String(r.event_id)) && r.event_time >= (from ?? 0) && r.event_time <= (to ?? 0)).toReversed()
    const end = (start ?? 0) + (size ?? 20)
    return { device_id: deviceId, has_next: end < rows.length, last_row_key: String(end), logs: rows.slice(start ?? 0, end) }
  }

  /** Releases of the server's own (UTC) day. */
  usedToday(now: Instant, by: { readonly account?: string; readonly productKey?: string }): number {
    const start = Math.floor(now / DAY_MS) * DAY_MS
    return this.#releases.filter(r => r.at >= start && r.at <= now && (by.account ?? r.account) === r.account && (by.productKey ?? r.productKey) === r.productKey).length
  }

  /** Permission, then the age of the token, then quota: the order of facts/unbinding.md. */
  #judge(token: Token, unit: Binding, now: Instant, faults: VirtualFaults): Refusal | null {
    const wanted = faults.refuse[unit.productKey]
    if (wanted !== undefined) return refuse(wanted, 'refused by the fault plan')
    if (unit.region !== token.account.region) return refuse(VIRTUAL_CODES.wrongRegion, 'the unit is bound in another data centre')
    const denied = this.#permission(token.account, unit.productKey)
    if (denied !== null) return denied
    if (token.account.isPairing === true && unit.owner !== null && unit.owner !== token.account.id) return refuse(1106, 'permission deny: bound elsewhere')
    if (now >= token.expiresAt) return refuse(2007, 'device token expired')
    const seats = [...token.rows.values()].filter(r => r.refusal === null).length
    if (seats >= this.#limits.seatsPerToken) return refuse(VIRTUAL_CODES.seatsUsedUp, 'all seats of the token are used')
    return unit.owner === null ? null : this.#quota(token.account, unit.productKey, now)
  }

  #permission(account: VirtualAccount, productKey: string): Refusal | null {
    if (this.#granted.has(`${account.id}|${productKey}`)) return null
    return judgeRole(account.role ?? 'owner', account.products === 'all' || account.products.includes(productKey))
  }

  #accountQuota(account: VirtualAccount, now: Instant): Refusal | null {
    return this.usedToday(now, { account: account.id }) >= this.#limits.accountPerDay ? refuse(VIRTUAL_CODES.accountQuota, 'the account has no unbind left today') : null
  }

  #quota(account: VirtualAccount, productKey: string, now: Instant): Refusal | null {
    const spent = this.#accountQuota(account, now)
    if (spent !== null) return spent
    if (this.usedToday(now, { productKey }) >= this.#limits.productPerDay) return refuse(VIRTUAL_CODES.productQuota, 'the product has no unbind left today')
    return null
  }

  #newDeviceId(): string {
    return `bf${this.#word(20).toLowerCase()}`
  }
}

/** What a unit posts; the text names what is wrong. */
export function parseActivation(body: unknown): Activation | string {
  if (typeof body !== 'object' || body === null) return 'an object is expected'
  const fields = new Map<string, unknown>(Object.entries(body))
  const text = (name: string): string | null => {
    const value = fields.get(name)
    return typeof value === 'string' && value.length > 0 && value.length <= UNIT_TEXT_MAX ? value : null
  }
  const [uuid, mac, productKey, token] = [text('uuid'), text('mac'), text('productKey'), text('token')]
  if (uuid === null || mac === null || productKey === null || token === null) return 'uuid, mac, productKey and token are needed'
  return { uuid, mac, productKey, token, previousDeviceId: text('previousDeviceId'), ip: text('ip') ?? '' }
}

/** A unit a test tells the cloud of; null: it makes no sense. */
export function parseUnit(body: unknown): VirtualUnitRecord | null {
  const known = parseActivation(typeof body === 'object' && body !== null ? { ...body, token: 'none' } : body)
  if (typeof known === 'string' || typeof body !== 'object' || body === null) return null
  const { uuid, mac, productKey } = known
  const [region, deviceId, isFree] = [Reflect.get(body, 'region'), Reflect.get(body, 'deviceId'), Reflect.get(body, 'isFree')] as const
  return { uuid, mac, productKey, ...(typeof region === 'string' ? { region } : {}), ...(typeof deviceId === 'string' ? { deviceId } : {}), isFree: isFree === true }
}

export const DEFAULT_LIMITS: BindingLimits = { accountPerDay: 100, productPerDay: 100, seatsPerToken: 30, tokenLifeMs: millis(300_000) } // facts/unbinding.md; facts/tuya.md 2
