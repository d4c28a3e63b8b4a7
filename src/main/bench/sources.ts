/**
 * The other sources of tokens, behind the one interface (facts/tuya.md 8): codes relayed from the vendor's own app, files of a
 * partner's own program, and the switch that asks the source of each account.
 */
import { millis, seconds, type Instant, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Disk } from '../ports.ts'
import { normaliseMac } from '../wire/label.ts'
import { encodeWanted, markOfToken, parseIssued, parseListFile } from '../wire/token-file.ts'
import type { SourceName } from './account-book.ts'
import type { IssuedToken, TokenResult } from './cloud.ts'
import { Secret } from './log.ts'
import type { TokenOrder, TokenSource } from './token-desk.ts'

/** A code with less life than this is not begun: units need 20 s, and the wave some. */
export const LEAST_LEFT = seconds(40)

/**
 * Codes of the vendor's own app, scanned at the bench. The phone tells neither life nor results, so each code is handed out
 * once, lives as long as a setting says from its scan, and nothing can be concluded from silence.
 */
export class RelaySource implements TokenSource {
  readonly id = 'relay'
  readonly #clock: Clock
  readonly #lifeMs: Millis
  readonly #offered = new Map<string, { readonly token: Secret<string>; readonly at: Instant; readonly monotonic: number }>()

  constructor(clock: Clock, lifeMs: Millis) {
    this.#clock = clock
    this.#lifeMs = lifeMs
  }

  /** The newest code counts; an older one that nobody has used is forgotten. */
  offer(account: string, token: Secret<string>): void {
    this.#offered.set(account, { token, at: this.#clock.now(), monotonic: this.#clock.monotonic() })
  }

  /** Of the code that waits for this account; 0: none does. */
  leftMs(account: string): number {
    const offered = this.#offered.get(account)
    return offered === undefined ? 0 : Math.max(0, offered.monotonic + this.#lifeMs - this.#clock.monotonic())
  }

  /** Faults: `relay.next-code` when no fresh code is there. */
  async issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    signal.throwIfAborted()
    const offered = this.#offered.get(order.account)
    if (offered === undefined || this.leftMs(order.account) < LEAST_LEFT) throw new Fault('relay.next-code', { account: order.account })
    this.#offered.delete(order.account)
    return issuedOf(order, offered.token.reveal(), { issuedAt: offered.at, expiresAt: offered.at + this.#lifeMs, seats: order.seats })
  }

  async results(): Promise<null> {
    return null
  }
}

const ASK_EVERY = seconds(1)
const WAIT_FOR_FILE = seconds(30)

/**
 * A partner's own program, by files in `exchange/ACCOUNT/` of the data folder: we put `wanted/NAME.json`, it answers with
 * `issued/NAME.json` (mode 600), which we read once and remove; what became of a token it may tell in `results/MARK.json`.
 */
export class FileSource implements TokenSource {
  readonly id = 'file'
  readonly #clock: Clock
  readonly #disk: Disk
  readonly #newName: () => string

  constructor(clock: Clock, disk: Disk, newName: () => string) {
    this.#clock = clock
    this.#disk = disk
    this.#newName = newName
  }

  /** Faults: `token.none` when no usable file has come in time. */
  async issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    const { account, product, method, seats } = order
    const name = this.#newName()
    const [wanted, issued] = ['wanted', 'issued'].map(folder => `exchange/${account}/${folder}/${name}.json`)
    if (wanted === undefined || issued === undefined) throw new Fault('token.none', { account })
    const issuedAt = this.#clock.now()
    this.#disk.writeAtomic(wanted, encodeWanted({ account, product, method, seats, at: issuedAt }), 0o600)
    try {
      for (const end = this.#clock.monotonic() + WAIT_FOR_FILE; this.#clock.monotonic() < end;) {
        const bytes = this.#disk.read(issued)
        if (bytes !== null) return this.#take(order, issued, bytes, issuedAt)
        await this.#clock.sleep(ASK_EVERY, signal)
      }
      throw new Fault('token.none', { account, reason: 'no file came' })
    } finally {
      this.#disk.remove(wanted)
    }
  }

  /** null: the partner keeps no list of this token. */
  async results(token: IssuedToken): Promise<readonly TokenResult[] | null> {
    const mark = markOfToken(token.text.reveal())
    const bytes = this.#disk.read(`exchange/${token.account}/results/${mark}.json`)
    const rows = bytes === null ? null : parseListFile(bytes)
    return rows?.map(row => ({ ...row, mac: row.mac === null ? null : normaliseMac(row.mac), tid: `file:${mark}` })) ?? null
  }

  #take(order: TokenOrder, path: string, bytes: Uint8Array, issuedAt: Instant): IssuedToken {
    const mode = this.#disk.modeOf?.(path) ?? null
    this.#disk.remove(path)
    if (mode !== null && (mode & 0o077) !== 0) throw new Fault('token.none', { account: order.account, reason: 'the file could be read by others' })
    const found = parseIssued(bytes)
    if (found === null) throw new Fault('token.none', { account: order.account, reason: 'the file holds no token' })
    return issuedOf(order, found.token, { issuedAt, expiresAt: issuedAt + millis(found.lifeSeconds * 1000), seats: Math.min(order.seats, found.seats) })
  }
}

/** Each account has its own source. */
export class SourceSwitch implements TokenSource {
  readonly id: TokenSource['id']
  readonly #sources: Readonly<Record<SourceName, TokenSource>>
  readonly #nameOf: (account: string) => SourceName

  constructor(sources: Readonly<Record<SourceName, TokenSource>>, nameOf: (account: string) => SourceName) {
    this.id = sources.openapi.id
    this.#sources = sources
    this.#nameOf = nameOf
  }

  issue(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
    return this.#sources[this.#nameOf(order.account)].issue(order, signal)
  }

  results(token: IssuedToken, signal: AbortSignal): Promise<readonly TokenResult[] | null> {
    return this.#sources[this.#nameOf(token.account)].results(token, signal)
  }
}

function issuedOf(order: TokenOrder, text: string, o: { readonly issuedAt: Instant; readonly expiresAt: Instant; readonly seats: number }): IssuedToken {
  return { account: order.account, text: new Secret(text), token8: new Secret(text.slice(2, 10)), region: text.slice(0, 2), issuedAt: o.issuedAt, expiresAt: o.expiresAt, seatsMax: o.seats }
}
