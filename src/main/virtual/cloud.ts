/**
 * The vendor's cloud and the place history goes to, both virtual: one `handle` for tests, training and `npm run cloud`.
 * Documented station calls in the documented shapes (facts/tuya.md 7), strict about signature and clock; our own calls
 * for virtual units and for inspection. Business errors come with HTTP 200, as the vendor's do.
 */
import { millis, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Entropy, WebAnswer } from '../ports.ts'
import { ACCESS_LIFE_MS, ROLES, VirtualAccess, isRefusal, refuse, uidOf, type Refusal, type VirtualAccount, type VirtualRequest, type VirtualRole } from './cloud-access.ts'
import { DEFAULT_LIMITS, VirtualBindings, parseActivation, parseUnit, type Binding, type BindingLimits, type Release, type VirtualUnitRecord } from './cloud-bindings.ts'
import { EventStore, type DeliveredFact } from './cloud-events.ts'
import { NO_FAULTS, mergeFaults, type Area, type VirtualFaults } from './cloud-faults.ts'

export type { VirtualAccount, VirtualRequest } from './cloud-access.ts'
export type { Binding, Release, VirtualUnitRecord } from './cloud-bindings.ts'
export type { VirtualFaults } from './cloud-faults.ts'
export const VIRTUAL_ROLES = Object.keys(ROLES) as readonly VirtualRole[] // the keys of the table

const BODY_BYTES_MAX = 512 * 1024
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The documented ways to let a device go (facts/tuya.md 7.3), of all families, each with its own verb. */
const LETS_GO = [
  /^DELETE \/v1\.0\/iot-03\/devices\/([^/]+)$/, /^POST \/v1\.0\/iot-03\/devices\/([^/]+)\/actions\/reset$/, /^DELETE \/v1\.0\/devices\/([^/]+)$/, /^PUT \/v1\.0\/devices\/([^/]+)\/reset-factory$/,
  /^DELETE \/v2\.0\/cloud\/thing\/([^/]+)$/, /^POST \/v2\.0\/cloud\/thing\/([^/]+)\/reset$/, /^POST \/v1\.0\/cloud\/thing\/devices\/([^/]+)\/unbind$/
]

/** The account every virtual bench is born with. */
export const VIRTUAL_ACCOUNT: VirtualAccount = {
  id: 'house', clientId: 'virtualclient0000001', secret: 'virtualsecret00000000000000000001', assetId: 'bench', region: 'EU', products: 'all'
}

export interface VirtualCloudOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly accounts: readonly VirtualAccount[]
  readonly limits?: Partial<BindingLimits>
  readonly accessLifeMs?: Millis
  readonly onRelease?: (release: Release) => void
}

export class VirtualCloud implements Disposable {
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #accounts: readonly VirtualAccount[]
  readonly #onRelease: (release: Release) => void
  readonly #access: VirtualAccess
  readonly #bindings: VirtualBindings
  readonly #events = new EventStore()
  readonly #closed = new AbortController()
  #faults = NO_FAULTS

  constructor(o: VirtualCloudOptions) {
    this.#clock = o.clock
    this.#entropy = o.entropy
    this.#accounts = o.accounts
    this.#onRelease = o.onRelease ?? (() => undefined)
    const word = (length: number): string => this.#word(length)
    this.#access = new VirtualAccess(o.accounts, word, o.accessLifeMs ?? ACCESS_LIFE_MS)
    this.#bindings = new VirtualBindings(word, { ...DEFAULT_LIMITS, ...o.limits })
  }

  /** Releases in order; a unit that was bound is in it once. */
  get effects(): readonly Release[] {
    return this.#bindings.releases
  }

  get faults(): VirtualFaults {
    return this.#faults
  }

  /** Tokens made since the start. */
  get tokensIssued(): number {
    return this.#bindings.tokensIssued
  }

  setFaults(change: Partial<VirtualFaults>): void {
    this.#faults = { ...this.#faults, ...change }
  }

  register(unit: VirtualUnitRecord): Binding {
    return this.#bindings.register(unit)
  }

  bindingOf(uuid: string): Binding | null {
    return this.#bindings.find(uuid)
  }

  /** The owner of a product authorises an account for it. */
  grant(account: string, product: string): void {
    this.#bindings.grant(account, product)
  }

  /** Facts a station has delivered. */
  history(station: string): readonly DeliveredFact[] {
    return this.#events.history(station)
  }

  /** Every access token is invalid from now on (1011). */
  forgetAccessTokens(): void {
    this.#access.forgetAccessTokens()
  }

  [Symbol.dispose](): void {
    this.#closed.abort(new Fault('station.stopped'))
  }

  /** Rejects with `web.not-started` during an outage and with `web.unknown` when the answer is lost; else always answers. */
  async handle(request: VirtualRequest): Promise<WebAnswer> {
    const lowered = { ...request, headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])) }
    const path = request.path.split('?', 1)[0] ?? ''
    if ((request.body?.byteLength ?? 0) > BODY_BYTES_MAX) return plain(413, { error: 'the body is too long' })
    if (path.startsWith('/virtual/')) return this.#inspect(lowered, path)
    const area: Area = path === '/v1/events' ? 'events' : path.startsWith('/device/') ? 'device' : 'openapi'
    const has = (areas: readonly Area[]): boolean => areas.includes(area)
    if (has(this.#faults.outage)) throw new Fault('web.not-started', { reason: 'outage' })
    if (this.#faults.delayMs > 0) await this.#clock.sleep(millis(this.#faults.delayMs), this.#closed.signal)
    if (area === 'openapi' && this.#faults.busy > 0) {
      this.setFaults({ busy: this.#faults.busy - 1 })
      return plain(429, this.#envelope(refuse(1110, 'too many requests')), { 'retry-after': '2' })
    }
    if (has(this.#faults.errorBefore)) return plain(500, this.#envelope(refuse(500, 'system error')))
    const answer = area === 'events' ? this.#takeEvents(lowered) : plain(200, this.#envelope(area === 'device' ? this.#device(lowered, path) : this.#openapi(lowered, path)))
    if (has(this.#faults.lost)) throw new Fault('web.unknown', { reason: 'lost' })
    if (has(this.#faults.errorAfter)) return plain(500, this.#envelope(refuse(500, 'system error')))
    return has(this.#faults.garbage) ? { status: 200, headers: {}, body: this.#entropy.bytes(64) } : answer
  }

  #openapi(request: VirtualRequest, path: string): object {
    const now = this.#now()
    const isTokenCall = path === '/v1.0/token' || path.startsWith('/v1.0/token/')
    const account = this.#access.authenticate(request, now, isTokenCall)
    if (isRefusal(account)) return account
    const query = new URLSearchParams(request.path.split('?')[1] ?? '')
    const last = decode(path.slice(path.lastIndexOf('/') + 1))
    const logOf = decode(path.split('/').at(-2) ?? '')
    switch (`${request.method} ${path}`) {
      case 'GET /v1.0/token': return query.get('grant_type') === '1' ? this.#access.grant(account, now) : refuse(1003, 'grant type invalid')
      case 'POST /v1.0/iot-03/device-registration/token': return this.#issue(account, request.body)
      case 'POST /v1.0/device/paring/token': return this.#issueToUser(account, request.body)
      case 'GET /v1.0/devices/factory-infos': return this.#bindings.factoryRows(account, (query.get('device_ids') ?? '').split(','))
      case `GET /v1.0/iot-03/devices/${logOf}/logs`: return this.#bindings.log(account, logOf, query)
      case `GET /v1.0/token/${last}`: return this.#access.refresh(account, last, now)
      case `GET /v1.1/iot-03/device-registration/tokens/${last}`: return this.#bindings.results(account, last, now, this.#faults, 'industry')
      case `GET /v1.0/device/paring/tokens/${last}`: return this.#bindings.results(account, last, now, this.#faults, 'smart-home')
      case `GET /v2.0/cloud/thing/active/token/${last}`: return this.#bindings.results(account, last, now, this.#faults, 'iot-core')
      default: return this.#letGo(account, request, path, now)
    }
  }

  /** Delete, reset and the partner call (facts/tuya.md 7.3); the last one also answers a self-test, whose product stands in `extension`. */
  #letGo(account: VirtualAccount, request: VirtualRequest, path: string, now: Instant): object {
    const asked = `${request.method} ${path}`
    const deviceId = LETS_GO.map(call => call.exec(asked)?.[1]).find(found => found !== undefined)
    if (deviceId === undefined) return refuse(1108, 'uri path invalid')
    const extension = parseRecord(request.body)?.['extension']
    const outcome = this.#bindings.letGo(account, decode(deviceId), isRecord(extension) ? extension['productKey'] : null, now)
    if (isRefusal(outcome)) return outcome
    if (outcome.release !== null) this.#onRelease(outcome.release)
    return { success: true }
  }

  /** The documented body; what the token is for stands in `extension`. */
  #issue(account: VirtualAccount, bytes: Uint8Array | null): object {
    const body = parseRecord(bytes)
    const extension = body?.['extension']
    if (body === null || !['EZ', 'AP', 'Bluetooth'].includes(String(body['pairing_type'])) || typeof body['time_zone_id'] !== 'string') return refuse(1109, 'param is illegal, please check it')
    if (body['asset_id'] !== account.assetId) return refuse(1106, 'permission deny')
    if (!isRecord(extension) || extension['purpose'] !== 'unbind' || typeof extension['productKey'] !== 'string') return refuse(1109, 'param is illegal, please check it: extension')
    return this.#bindings.issue(account, extension['productKey'], this.#now(), this.#faults)
  }

  /** The smart-home family: for one user of the app, and without a word of what the token is for. */
  #issueToUser(account: VirtualAccount, bytes: Uint8Array | null): object {
    const body = parseRecord(bytes)
    if (body === null || !['BLE', 'AP', 'EZ'].includes(String(body['paring_type'])) || typeof body['timeZoneId'] !== 'string') return refuse(1109, 'param is illegal, please check it')
    if (body['uid'] !== uidOf(account)) return refuse(1106, 'permission deny')
    const issued = this.#bindings.issue(account, null, this.#now(), this.#faults)
    if (isRefusal(issued)) return issued
    const { region, token, secret } = issued
    return { region, token, secret } // the documented answer shows no life (facts/tuya.md 16.2)
  }

  /** The side of the virtual units: our own call, as nobody outside knows the vendor's. */
  #device(request: VirtualRequest, path: string): object {
    if (request.method !== 'POST' || path !== '/device/activate') return refuse(1108, 'uri path invalid')
    const activation = parseActivation(parseRecord(request.body))
    if (typeof activation === 'string') return refuse(1109, activation)
    const outcome = this.#bindings.activate(activation, this.#now(), this.#faults)
    if (isRefusal(outcome)) return outcome
    if (outcome.release !== null) this.#onRelease(outcome.release)
    return { outcome: outcome.isBound ? 'bound' : 'released', deviceId: outcome.deviceId }
  }

  #takeEvents(request: VirtualRequest): WebAnswer {
    if (request.method !== 'POST') return plain(405, { error: 'POST is expected' })
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return plain(415, { error: 'plain JSON is expected' })
    const { status, body } = this.#events.ingest(request.body ?? new Uint8Array(0))
    return plain(status, body)
  }

  /** For tests of a process of its own; no fault touches these two. */
  #inspect(request: VirtualRequest, path: string): WebAnswer {
    switch (`${request.method} ${path}`) {
      case 'GET /virtual/state': return plain(200, this.#state())
      case 'POST /virtual/units': {
        const unit = parseUnit(parseRecord(request.body))
        if (unit === null) return plain(400, { error: 'uuid, mac and productKey are needed' })
        return plain(200, this.#bindings.register(unit))
      }
      case 'POST /virtual/faults': {
        const merged = mergeFaults(this.#faults, parseRecord(request.body))
        if (typeof merged === 'string') return plain(400, { error: merged })
        this.#faults = merged
        return plain(200, merged)
      }
      default: return plain(404, { error: 'no such path' })
    }
  }

  #state(): object {
    const now = this.#now()
    const products = [...new Set(this.effects.map(r => r.productKey))]
    return {
      now, releases: this.effects, bindings: this.#bindings.counts(), tokensIssued: this.tokensIssued, events: this.#events.upto(), faults: this.#faults,
      seats: {
        accounts: Object.fromEntries(this.#accounts.map(a => [a.id, this.#bindings.usedToday(now, { account: a.id })])),
        products: Object.fromEntries(products.map(productKey => [productKey, this.#bindings.usedToday(now, { productKey })]))
      }
    }
  }

  #now(): Instant {
    return this.#clock.now() + this.#faults.clockOffsetMs
  }

  #envelope(result: object | Refusal): object {
    const stamp = { t: this.#now(), tid: this.#word(32).toLowerCase() }
    return isRefusal(result) ? { ...result, success: false, ...stamp } : { result, success: true, ...stamp }
  }

  /** Letters and digits, each equally likely. */
  #word(length: number): string {
    let word = ''
    while (word.length < length) {
      for (const byte of this.#entropy.bytes(length - word.length)) word += byte < 248 ? ALPHABET[byte % 62] ?? '' : '' // 248 = 4 x 62
    }
    return word
  }
}

function plain(status: number, json: object, headers: Readonly<Record<string, string>> = {}): WebAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: new TextEncoder().encode(JSON.stringify(json)) }
}

function parseRecord(bytes: Uint8Array | null): Readonly<Record<string, unknown>> | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? new Uint8Array(0)))
    return isRecord(json) ? json : null
  } catch { return null }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decode(text: string): string {
  try { return decodeURIComponent(text) } catch { return text }
}
