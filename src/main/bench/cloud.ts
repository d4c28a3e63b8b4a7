/**
 * The vendor's cloud as one account sees it: signed calls, an access token kept alive, the server's time, one breaker.
 * It knows no job. Every fault carries account, call and tid; no token and no secret ever gets into a fault or a log.
 */
import { millis, seconds, type FaultCode, type FaultView, type Instant, type Millis, type VendorLogRow } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import type { Ports, WebAnswer } from '../ports.ts'
import { faultOfCode, parseAccessGrant, parseEnvelope, parseFactoryRows, parsePairingToken, parseResults, remedyOfCode, signRequest, type Envelope, type FactoryRow, type ResultRow } from '../wire/cloud.ts'
import { issueCall, releaseCall, resultsCall, type CloudCall, type Family, type ReleaseCall } from '../wire/cloud-calls.ts'
import { logCall, parseLogPage, type LogPage } from '../wire/device-log.ts'
import { Breaker, type Verdict } from './breaker.ts'
import { backOff, randomFraction } from './clockwork.ts'
import { Secret, type Log } from './log.ts'
import { Pace, type PaceKind } from './pace.ts'

const ANSWER_BYTES_MAX = 1024 * 1024
const REFRESH_BEFORE_MS = seconds(60) // facts/tuya.md 7.2
/** The documented example says 300 s; taken, and said, when the cloud leaves its word out. */
const ASSUMED_TOKEN_LIFE_MS = seconds(300) // facts/tuya.md 2
const FACTORY_IDS_MAX = 20 // facts/tuya.md 7.3: most ids of a bulk details call
/** An id no device has. */
const NO_DEVICE = 'unbindery-self-test'
const PAUSE_MS = seconds(1)
const PAUSE_MS_MAX = seconds(300) // facts/store-and-sync.md 2.2.4
/** Tokens of the past the cloud may still quote in a refusal. */
const SECRETS_KEPT_MAX = 32
/** What says something of the whole account; everything else concerns one product or unit. */
const ACCOUNT_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'cloud.unreachable', 'cloud.key-invalid', 'cloud.clock-wrong', 'cloud.busy', 'cloud.garbled', 'cloud.subscription', 'web.not-started', 'web.unknown'
])

export interface CloudAccount {
  readonly id: string
  readonly baseUrl: string
  readonly clientId: string
  readonly secret: Secret<string>
  readonly assetId: string
  readonly region: string
  /** Which endpoints its project may use; absent: industry. */
  readonly family?: Family
  /** The user of the app whose tokens a smart-home project issues. */
  readonly uid?: string
}
export interface CloudSettings {
  readonly account: CloudAccount
  readonly deadlineMs: Millis
  readonly timeZone?: string
  /** Shared by the accounts of one project. */
  readonly pace?: Pace
  /** The server's time at this moment, with every answer. */
  readonly onTime?: (t: Instant) => void
}

export interface IssuedToken {
  /** Asks for results and details with the same account. */
  readonly account: string
  /** All 14 characters: what units are given. */
  readonly text: Secret<string>
  /** The middle 8: what results are asked by. */
  readonly token8: Secret<string>
  readonly region: string
  readonly issuedAt: Instant
  /** By the server's word, counted from before the question: never later than the server's own end. */
  readonly expiresAt: Instant
  readonly seatsMax: number
}
export interface TokenResult extends ResultRow {
  readonly tid: string
  /** The unit is ours now, and not yet let go. */
  readonly isBound?: boolean
}

interface Call extends CloudCall { readonly name: string; readonly secrets: readonly string[]; readonly pace?: PaceKind }
interface Access { readonly accessToken: string; readonly refreshToken: string; readonly renewAt: number }

export class CloudClient {
  readonly #ports: Pick<Ports, 'clock' | 'entropy' | 'web'>
  readonly #log: Log
  readonly #account: CloudAccount
  readonly #settings: CloudSettings
  readonly #breaker: Breaker
  readonly #pace: Pace
  #access: Access | null = null
  /** The one fetch of an access token under way; never rejects. */
  #fetching: Promise<void> | null = null
  #serverOffsetMs: number | null = null
  #pausedUntil = 0
  #busyInARow = 0
  #fault: FaultView | null = null
  readonly #secrets: string[] = []

  constructor(ports: Pick<Ports, 'clock' | 'entropy' | 'web'>, log: Log, settings: CloudSettings) {
    this.#ports = ports
    this.#account = settings.account
    this.#settings = settings
    this.#log = log.child({ account: settings.account.id })
    this.#pace = settings.pace ?? new Pace(ports.clock)
    this.#breaker = new Breaker(ports.clock, ports.entropy, 'cloud.unreachable')
  }

  get accountId(): string {
    return this.#account.id
  }

  get #family(): Family { return this.#account.family ?? 'industry' }

  /** Server time minus ours, from `t` of the last answer; null before the first. */
  get serverOffsetMs(): number | null {
    return this.#serverOffsetMs
  }

  /** What is wrong with the account as a whole, until a call succeeds. */
  get state(): { readonly fault: FaultView | null } {
    return { fault: this.#fault }
  }

  async issueToken(o: { readonly seats: number; readonly product: string }, signal: AbortSignal): Promise<IssuedToken> {
    const { assetId, uid = '' } = this.#account
    const issuedAt = this.#ports.clock.now()
    const call: Call = { name: 'issue token', ...issueCall(this.#family, { assetId, uid, timeZone: this.#settings.timeZone ?? 'Etc/UTC', product: o.product }), secrets: [] }
    const { region, token, secret, lifeMs } = await this.#business(call, e => parsePairingToken(e.result, e.tid), signal)
    this.#keepSecret(token)
    if (lifeMs === null) this.#log.warn('token without a life; assumed', { lifeMs: ASSUMED_TOKEN_LIFE_MS })
    return {
      account: this.#account.id, text: new Secret(region + token + secret), token8: new Secret(token), region,
      issuedAt, expiresAt: issuedAt + (lifeMs ?? ASSUMED_TOKEN_LIFE_MS), seatsMax: o.seats
    }
  }

  async results(token8: string, signal: AbortSignal): Promise<readonly TokenResult[]> {
    const call: Call = { name: 'results', ...resultsCall(this.#family, token8), secrets: [token8], pace: 'read' }
    return this.#business(call, e => {
      const { rows, malformed } = parseResults(e.result, e.tid)
      if (malformed > 0) this.#log.warn('result rows dropped', { malformed, tid: e.tid })
      return rows.map(row => ({ ...row, text: row.text === null ? null : this.#redact(row.text, call.secrets), tid: e.tid }))
    }, signal)
  }

  /** Uuid, serial and MAC of device ids; ids the account may not see are left out or refused by the cloud. */
  async factoryInfos(ids: readonly string[], signal: AbortSignal): Promise<readonly FactoryRow[]> {
    const rows: FactoryRow[] = []
    for (let i = 0; i < ids.length; i += FACTORY_IDS_MAX) {
      const some = ids.slice(i, i + FACTORY_IDS_MAX).map(id => encodeURIComponent(id)).join(',')
      const call: Call = { name: 'factory infos', method: 'GET', url: `/v1.0/devices/factory-infos?device_ids=${some}`, secrets: [], pace: 'read' }
      rows.push(...await this.#business(call, e => parseFactoryRows(e.result, e.tid), signal))
    }
    return rows
  }

  /** The vendor's own log of a device, oldest first; at most `most` of the newest rows. */
  async deviceLog(deviceId: string, span: { readonly from: Instant; readonly to: Instant }, most: number, signal: AbortSignal): Promise<readonly VendorLogRow[]> {
    const rows: VendorLogRow[] = []
    for (let after: string | null = ''; after !== null && rows.length < most;) {
      const call: Call = { name: 'device log', ...logCall(deviceId, { ...span, after }), secrets: [], pace: 'read' }
      const page: LogPage = await this.#business(call, e => parseLogPage(e.result) ?? refuseGarbled(e.tid), signal)
      rows.push(...page.rows)
      after = page.next === after ? null : page.next
    }
    return rows.slice(0, most).toSorted((a, b) => a.at - b.at)
  }

  /** An access token is fetched and kept: key, secret, clock and line are right. Faults: those of the account. */
  async signIn(signal: AbortSignal): Promise<void> {
    const call: Call = { name: 'sign in', method: 'GET', url: '', secrets: [] }
    try {
      await this.#ensureAccess(signal)
      this.#fault = null
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      this.#fault = this.#nameFault(thrown, call).toView()
      throw this.#nameFault(thrown, call)
    }
  }

  /**
   * There is no permission query: a partner call on a device that does not exist tells it from the kind of no (facts/tuya.md
   * 16.9). No live unit is touched. Faults: `cloud.no-permission` when it is denied, others when nothing was learnt.
   */
  async probePermission(product: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#releaseCall('self-test', NO_DEVICE, 'partner', { purpose: 'self-test', productKey: product }, signal)
    } catch (thrown) {
      this.#fault = thrown instanceof Fault && thrown.context['number'] !== undefined ? null : this.#fault // a project without this call is none the worse
      if (!isGone(thrown)) throw thrown
    }
  }

  /** Lets go of a device that is bound to us; one that is gone already counts as let go (7.4, code 2010). Gives the tid. */
  async release(deviceId: string, how: ReleaseCall, signal: AbortSignal): Promise<string> {
    try {
      return await this.#releaseCall('release', deviceId, how, null, signal)
    } catch (thrown) {
      if (isGone(thrown) && thrown instanceof Fault) return String(thrown.context['tid'] ?? '')
      throw thrown
    }
  }

  #releaseCall(name: string, deviceId: string, how: ReleaseCall, extension: object | null, signal: AbortSignal): Promise<string> {
    return this.#business({ name, ...releaseCall(this.#family, how, deviceId, extension), secrets: [], pace: 'delete' }, e => e.tid, signal)
  }

  /** A call with an access token: 1010 is answered by one refresh, then by one new token; 1011, 1012 and 1400 by one new token. */
  async #business<T>(call: Call, parse: (envelope: Envelope) => T, signal: AbortSignal): Promise<T> {
    let tried: 'nothing' | 'refresh' | 'renew' = 'nothing'
    try {
      for (;;) {
        const access = await this.#ensureAccess(signal)
        if (call.pace !== undefined) await this.#pace.turn(call.pace, signal)
        const envelope = await this.#exchange(call, access, signal)
        if (envelope.refusal === null) {
          const value = parse(envelope)
          this.#fault = null
          return value
        }
        const remedy = remedyOfCode(envelope.refusal.code)
        if ((remedy !== 'refresh' && remedy !== 'renew') || tried === 'renew') throw this.#faultOfRefusal(envelope, call)
        tried = remedy === 'refresh' && tried === 'nothing' ? 'refresh' : 'renew'
        this.#log.warn('access token turned down', { call: call.name, number: envelope.refusal.code, remedy: tried, tid: envelope.tid })
        if (this.#access === access) this.#access = tried === 'refresh' ? { ...access, renewAt: 0 } : null
      }
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      const fault = this.#nameFault(thrown, call)
      this.#fault = ACCOUNT_FAULTS.has(fault.code) ? fault.toView() : null
      throw fault
    }
  }

  /** One fetch at a time: a refresh may kill the pair another caller is just using. */
  async #ensureAccess(signal: AbortSignal): Promise<Access> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#access !== null && this.#ports.clock.monotonic() < this.#access.renewAt) return this.#access
      if (this.#fetching === null) {
        const fetched = this.#fetchAccess(this.#access, signal)
        const settled = (): void => { this.#fetching = null }
        this.#fetching = fetched.then(settled, settled)
        return await fetched
      }
      await orAborted(this.#fetching, signal)
    }
  }

  async #fetchAccess(old: Access | null, signal: AbortSignal): Promise<Access> {
    if (old !== null) {
      const call: Call = { name: 'refresh access token', method: 'GET', url: `/v1.0/token/${encodeURIComponent(old.refreshToken)}`, secrets: [old.refreshToken] }
      const envelope = await this.#exchange(call, null, signal)
      if (envelope.refusal === null) return this.#keepAccess(envelope)
      if (remedyOfCode(envelope.refusal.code) === 'wait') throw this.#faultOfRefusal(envelope, call)
      this.#log.warn('access token not refreshed; a new one is fetched', { number: envelope.refusal.code, tid: envelope.tid })
      this.#access = null
    }
    const call: Call = { name: 'access token', method: 'GET', url: '/v1.0/token?grant_type=1', secrets: [] }
    const envelope = await this.#exchange(call, null, signal)
    if (envelope.refusal !== null) throw this.#faultOfRefusal(envelope, call)
    return this.#keepAccess(envelope)
  }

  #keepAccess(envelope: Envelope): Access {
    const { accessToken, refreshToken, lifeMs } = parseAccessGrant(envelope.result, envelope.tid)
    this.#keepSecret(accessToken, refreshToken)
    this.#access = { accessToken, refreshToken, renewAt: this.#ports.clock.monotonic() + lifeMs - Math.min(REFRESH_BEFORE_MS, lifeMs / 2) }
    return this.#access
  }

  /** One signed exchange; a refusal of our clock (1013) is answered once, with the time the server has just told. */
  async #exchange(call: Call, access: Access | null, signal: AbortSignal): Promise<Envelope> {
    for (let isAgain = false; ; isAgain = true) {
      if (this.#pauseLeftMs() > 0) throw new Fault('cloud.busy', { text: 'the account pauses' })
      const envelope = await this.#breaker.run(() => this.#send(call, access, signal), thrown => judge(thrown, signal), { tid: '' })
      const remedy = envelope.refusal === null ? 'none' : remedyOfCode(envelope.refusal.code)
      if (envelope.refusal === null) this.#busyInARow = 0
      if (remedy !== 'reclock' || isAgain || envelope.t === null) return envelope
      this.#log.warn('our clock is refused; the server time is used', { offsetMs: this.#serverOffsetMs, tid: envelope.tid })
    }
  }

  async #send(call: Call, access: Access | null, signal: AbortSignal): Promise<Envelope> {
    const { clock, entropy, web } = this.#ports
    const [askedAt, start] = [clock.now(), clock.monotonic()]
    const signed = {
      method: call.method, url: call.url, clientId: this.#account.clientId, secret: this.#account.secret.reveal(), t: Math.round(askedAt + (this.#serverOffsetMs ?? 0)),
      nonce: Array.from(entropy.bytes(16), b => b.toString(16).padStart(2, '0')).join(''),
      ...(access === null ? {} : { accessToken: access.accessToken }), ...(call.body === undefined ? {} : { body: call.body })
    }
    const answer = await web.request({
      method: call.method, url: this.#account.baseUrl.replace(/\/+$/, '') + call.url, deadlineMs: this.#settings.deadlineMs, bytesMax: ANSWER_BYTES_MAX,
      headers: {
        'client_id': signed.clientId, 'sign': signRequest(signed), 'sign_method': 'HMAC-SHA256', 't': String(signed.t), 'nonce': signed.nonce, 'content-type': 'application/json',
        ...(access === null ? {} : { 'access_token': access.accessToken })
      },
      ...(call.body === undefined ? {} : { body: call.body })
    }, signal)
    const rtt = clock.monotonic() - start
    if (answer.status === 429) this.#pause(answer)
    const envelope = parseEnvelope(answer.body, answer.status)
    if (answer.status !== 429 && envelope.refusal !== null && remedyOfCode(envelope.refusal.code) === 'wait') this.#pause(answer)
    if (envelope.t !== null) {
      this.#serverOffsetMs = Math.round(envelope.t - (askedAt + rtt / 2)) // facts/store-and-sync.md 2.3
      this.#settings.onTime?.(envelope.t + rtt / 2)
    }
    this.#log.debug('cloud answered', { call: call.name, httpStatus: answer.status, afterMs: Math.round(rtt), number: envelope.refusal?.code ?? null, tid: envelope.tid })
    return envelope
  }

  /** The whole account waits: as long as the server asks, else a second that doubles; never all benches at the same moment. */
  #pause(answer: WebAnswer): void {
    const asked = Number(answer.headers['retry-after'] ?? Number.NaN)
    const jitter = 1 + 0.2 * randomFraction(this.#ports.entropy)
    const wait = asked >= 0 ? Math.min(asked * 1000, PAUSE_MS_MAX) * jitter : PAUSE_MS + backOff(this.#ports.entropy, this.#busyInARow, PAUSE_MS, PAUSE_MS_MAX)
    this.#busyInARow += 1
    this.#pausedUntil = this.#ports.clock.monotonic() + millis(wait)
  }

  #pauseLeftMs(): number {
    return Math.max(0, Math.ceil(this.#pausedUntil - this.#ports.clock.monotonic()))
  }

  #faultOfRefusal(envelope: Envelope, call: Call): Fault {
    const { code, text } = envelope.refusal ?? { code: '', text: '' }
    return faultOfCode(code, text, envelope.tid, { call: call.name })
  }

  /** Account, call and tid on every fault; the cause stays behind, as it may quote an address with a token in it. */
  #nameFault(thrown: unknown, call: Call): Fault {
    const { code, context } = Fault.from(thrown)
    const wait = code === 'cloud.busy' ? { retryAfterMs: this.#pauseLeftMs() } : {}
    const named: FaultContext = { call: call.name, tid: '', ...context, ...wait, account: this.#account.id }
    return new Fault(code, Object.fromEntries(Object.entries(named).map(([key, value]) => [key, typeof value === 'string' ? this.#redact(value, call.secrets) : value])))
  }

  #redact(text: string, secrets: readonly string[]): string {
    return [...secrets, this.#account.secret.reveal(), ...this.#secrets].reduce((clean, secret) => secret === '' ? clean : clean.replaceAll(secret, '••••'), text)
  }

  #keepSecret(...secrets: readonly string[]): void {
    this.#secrets.push(...secrets)
    this.#secrets.splice(0, this.#secrets.length - SECRETS_KEPT_MAX)
  }
}

function refuseGarbled(tid: string): never {
  throw new Fault('cloud.garbled', { text: 'no usable device log', tid })
}

/** 2010: there is no such device. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof Fault && thrown.context['number'] === 2010
}

/** Whether the far end was there. An answer without an envelope is not the cloud, whoever sent it; 429 is. */
function judge(thrown: unknown, signal: AbortSignal): Verdict {
  if (signal.aborted) return 'neither'
  return thrown instanceof Fault && thrown.code === 'cloud.busy' && thrown.context['httpStatus'] === 429 ? 'answered' : 'failed'
}

/** Waits for `promise`, or for the abort of `signal`, whichever is first. */
async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  signal.addEventListener('abort', stop, { once: true })
  await Promise.race([promise, aborted])
  signal.removeEventListener('abort', stop)
}
