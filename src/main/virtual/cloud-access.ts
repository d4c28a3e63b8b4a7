/**
 * Who may talk to the virtual cloud: accounts, access tokens, and the check of every request's clock and signature,
 * recomputed as facts/tuya.md 7.1 says. As strict as the vendor, so that our client cannot get away with anything.
 */
import { hours, millis, minutes, type Instant, type Millis } from '#shared'
import { signRequest } from '../wire/cloud.ts'

export const CLOCK_TOLERANCE_MS = minutes(5) // facts/tuya.md 16.7: not stated, 300 s assumed
export const ACCESS_LIFE_MS = hours(2) // facts/tuya.md 7.2
/** Pairs of access and refresh token alive at once. */
const PAIRS_MAX = 1000

/**
 * How an account came to a product, and whether that is enough to unbind (facts/unbinding.md, "Who may do it"). Those of another
 * company are refused as such, members of the own organisation for want of a space permission (facts/tuya.md 7.4).
 */
export const ROLES = {
  'owner': true, 'oem-link-sharer': true, 'original-owner': true, 'partner-development': true, 'partner-purchase': false,
  'after-sale': true, 'administrator': true, 'custom-unbind': true, 'custom-other': false, 'data-operation': false
} as const satisfies Readonly<Record<string, boolean>>
export type VirtualRole = keyof typeof ROLES
const IN_SPACE: ReadonlySet<VirtualRole> = new Set<VirtualRole>(['after-sale', 'administrator', 'custom-unbind', 'custom-other', 'data-operation'])

/** `hasProduct`: it owns the product, or has its data permission. null: it may. */
export function judgeRole(role: VirtualRole, hasProduct: boolean): Refusal | null {
  if (ROLES[role] && hasProduct) return null
  return IN_SPACE.has(role) ? refuse(40_001_900, 'No space permission') : refuse(1106, 'permission deny')
}

export interface VirtualAccount {
  readonly id: string
  readonly clientId: string
  readonly secret: string
  readonly assetId: string
  readonly region: string
  /** Product keys this account may unbind. */
  readonly products: 'all' | readonly string[]
  /** Absent: the owner of the products. */
  readonly role?: VirtualRole
  /** Its tokens are ordinary pairing tokens: they bind a free unit to it, and a release call must follow. A stranger's unit they refuse. */
  readonly isPairing?: boolean
}

export interface VirtualRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

/** A refusal in the vendor's words. */
export interface Refusal { readonly code: string | number; readonly msg: string }
export const refuse = (code: string | number, msg: string): Refusal => ({ code, msg })
export const isRefusal = (value: object): value is Refusal => 'code' in value && 'msg' in value

/** The user of the app an account's tokens are for. */
export const uidOf = (account: VirtualAccount): string => `uid-${account.id}`

interface Pair { readonly account: VirtualAccount; readonly access: string; readonly refresh: string; readonly endsAt: Instant }

export class VirtualAccess {
  readonly #byClient: ReadonlyMap<string, VirtualAccount>
  readonly #word: (length: number) => string
  readonly #lifeMs: Millis
  readonly #pairs = new Set<Pair>()

  constructor(accounts: readonly VirtualAccount[], word: (length: number) => string, lifeMs: Millis) {
    this.#byClient = new Map(accounts.map(a => [a.clientId, a]))
    this.#word = word
    this.#lifeMs = lifeMs
  }

  /** The account behind a request; `isTokenCall`: no access token is needed, nor signed. */
  authenticate(request: VirtualRequest, now: Instant, isTokenCall: boolean): VirtualAccount | Refusal {
    const { headers } = request
    const account = this.#byClient.get(headers['client_id'] ?? '')
    if (account === undefined) return refuse(1005, 'clientId invalid')
    const t = headers['t'] ?? ''
    if (!/^\d{13}$/.test(t)) return refuse(1109, 'param is illegal, please check it: t')
    if (Math.abs(Number(t) - now) > CLOCK_TOLERANCE_MS) return refuse(1013, 'request time is invalid')
    if (headers['sign_method'] !== 'HMAC-SHA256') return refuse(1109, 'param is illegal, please check it: sign_method')
    const accessToken = headers['access_token'] ?? ''
    if (!isTokenCall && accessToken === '') return refuse(1002, 'access_token is null')
    const names = (headers['signature-headers'] ?? '').split(':').filter(name => name !== '')
    const sign = signRequest({
      method: request.method, url: request.path, clientId: account.clientId, secret: account.secret, t: Number(t), nonce: headers['nonce'] ?? '',
      signedHeaders: names.map(name => [name, headers[name.toLowerCase()] ?? ''] as const),
      ...(request.body === null ? {} : { body: request.body }), ...(isTokenCall ? {} : { accessToken })
    })
    if (headers['sign'] !== sign) return refuse(1004, 'sign invalid')
    if (isTokenCall) return account
    const pair = [...this.#pairs].find(p => p.access === accessToken && p.account === account)
    if (pair === undefined) return refuse(1011, 'token invalid')
    return now >= pair.endsAt ? refuse(1010, 'token is expired') : account
  }

  grant(account: VirtualAccount, now: Instant): object {
    const pair: Pair = { account, access: this.#word(32), refresh: this.#word(32), endsAt: now + this.#lifeMs }
    this.#pairs.add(pair)
    for (const old of this.#pairs) {
      if (this.#pairs.size <= PAIRS_MAX) break
      this.#pairs.delete(old)
    }
    return { access_token: pair.access, refresh_token: pair.refresh, expire_time: Math.floor(millis(pair.endsAt - now) / 1000), uid: uidOf(account) }
  }

  /** The old pair dies at once (facts/tuya.md 7.2). */
  refresh(account: VirtualAccount, token: string, now: Instant): object {
    const pair = [...this.#pairs].find(p => p.refresh === token && p.account === account)
    if (pair === undefined) return refuse(1011, 'token invalid')
    this.#pairs.delete(pair)
    return this.grant(account, now)
  }

  /** What a test does to see a client recover. */
  forgetAccessTokens(): void {
    this.#pairs.clear()
  }
}
