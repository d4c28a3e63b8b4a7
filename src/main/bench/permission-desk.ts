/**
 * Permission before quota: which account may unbind which product, asked once at sign-in, learnt from refusals, and asked
 * again on demand. It is inferred, as the vendor has no query for it (facts/tuya.md 16.9), so a denial is forgotten after a
 * shift. It asks about a device that does not exist and never touches a live unit.
 */
import { hours, minutes, type FaultView, type Instant } from '#shared'
import { Fault } from '../domain/fault.ts'
import { permissionKey } from '../domain/mark.ts'
import type { Clock } from '../ports.ts'
import type { Account, AccountBook } from './account-book.ts'
import { every } from './clockwork.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

/** refuse: what is denied gets its verdict on the bench. warn: it is only shown. off: nobody is asked. */
export type SelfTest = 'refuse' | 'warn' | 'off'
export interface PermissionSettings { readonly selfTest: SelfTest; readonly products: () => readonly string[] }
export interface PermissionFound { readonly product: string; readonly state: 'allowed' | 'denied' | 'unknown'; readonly at: Instant | null; readonly fault: FaultView | null }
export interface AccountTested { readonly account: string; readonly fault: FaultView | null; readonly products: readonly PermissionFound[] }

const DENIAL_LASTS = hours(12)
const AGAIN = minutes(5)
/** A person's wish is not asked of the cloud more often. */
const WISHED_AGAIN = minutes(2)
const PRODUCTS_MAX = 256
const WAITING_MAX = 1000

export class PermissionDesk {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #book: AccountBook
  readonly #settings: PermissionSettings
  /** Accounts whose sign-in has been tried with an answer in this run. */
  readonly #tested = new Set<string>()
  /** Products being asked about again, with what to do then. */
  readonly #asking = new Map<string, (() => void)[]>()
  #scope: Scope | null = null

  constructor(clock: Clock, ledger: Ledger, log: Log, book: AccountBook, settings: PermissionSettings) {
    this.#clock = clock
    this.#ledger = ledger
    this.#log = log
    this.#book = book
    this.#settings = settings
  }

  /** Signs every account in, which also tells the vendor's time; whoever did not answer is asked again. */
  start(scope: Scope): void {
    const onFault = (fault: Fault): void => this.#log.fault('the self-test failed', fault)
    this.#scope = scope
    scope.spawn(signal => every(this.#clock, AGAIN, async () => {
      for (const account of this.#book.usable()) {
        if (account.source === 'relay' || account.source === 'file' || this.#tested.has(account.id)) continue
        const { fault } = await this.test(account.id, null, signal)
        if (fault === null) this.#tested.add(account.id)
      }
    }, onFault, signal), onFault)
  }

  isDenied(account: string, product: string): boolean {
    if (this.#settings.selfTest !== 'refuse') return false
    const mark = this.#ledger.mark('permission', permissionKey(account, product))
    return mark !== null && !mark.isAllowed && this.#clock.now() - mark.at < DENIAL_LASTS
  }

  /** A person scans a unit of a denied product: perhaps the owner has said yes by now. True: it is asked; `then` is called. */
  askAgain(product: string, then: () => void): boolean {
    const denied = this.#book.usable().filter(a => this.isDenied(a.id, product))
    const isOld = denied.some(a => this.#clock.now() - (this.#ledger.mark('permission', permissionKey(a.id, product))?.at ?? 0) > WISHED_AGAIN)
    const asking = this.#asking.get(product)
    if (asking) {
      if (asking.length < WAITING_MAX) asking.push(then)
      return true
    }
    if (!isOld || !this.#scope) return false
    const waiting = [then]
    this.#asking.set(product, waiting)
    this.#scope.spawn(async signal => {
      for (const { id } of denied) {
        const { fault } = await this.test(id, product, signal)
        if (fault !== null && !signal.aborted) this.#renew(id, product)
      }
      this.#asking.delete(product)
      for (const go of waiting) go()
    }, fault => {
      this.#asking.delete(product)
      this.#log.fault('permission could not be asked again', fault, { product })
    })
    return true
  }

  /** What is known of an account, without asking. */
  known(account: Account): readonly PermissionFound[] {
    return this.#productsOf(account).map(product => {
      const mark = this.#ledger.mark('permission', permissionKey(account.id, product))
      return { product, state: mark === null ? 'unknown' : mark.isAllowed ? 'allowed' : 'denied', at: mark?.at ?? null, fault: mark?.fault ?? null }
    })
  }

  /** Signs in and asks for each product, or for the one named. Faults: `account.unknown`; what the cloud says stands in the answer. */
  async test(id: string, product: string | null, signal: AbortSignal): Promise<AccountTested> {
    const account = this.#book.find(id)
    if (!account) throw new Fault('account.unknown', { account: id })
    const client = this.#book.client(id)
    if (!client || account.source === 'relay' || account.source === 'file') return { account: id, fault: this.#book.faultOf(id), products: this.known(account) }
    try {
      await client.signIn(signal)
      if (this.#settings.selfTest !== 'off') for (const each of product === null ? this.#productsOf(account) : [product]) await this.#testProduct(account, each, signal)
      return { account: id, fault: null, products: this.known(account) }
    } catch (thrown) {
      if (signal.aborted) throw thrown
      const fault = Fault.from(thrown)
      this.#log.fault('an account did not pass its self-test', fault, { account: id })
      return { account: id, fault: fault.toView(), products: this.known(account) }
    }
  }

  /** The cloud refused a token for this product: nobody asks it twice. */
  refused(account: string, product: string, fault: FaultView): void {
    this.#learn(account, product, fault, 'refusal')
  }

  async #testProduct(account: Account, product: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#book.client(account.id)?.probePermission(product, signal)
      this.#learn(account.id, product, null, 'self-test')
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.context['number'] === undefined) throw thrown // the cloud said nothing
      if (thrown.code === 'cloud.no-permission') this.#learn(account.id, product, thrown.toView(), 'self-test')
      else this.#log.fault('the self-test tells nothing of a product', thrown, { account: account.id, product })
    }
  }

  /** The cloud did not say: what was known holds on. */
  #renew(account: string, product: string): void {
    const before = this.#ledger.mark('permission', permissionKey(account, product))
    if (before?.fault) this.#learn(account, product, before.fault, before.by)
  }

  /** Only what is new becomes a fact; a denial is renewed. */
  #learn(account: string, product: string, fault: FaultView | null, by: 'self-test' | 'refusal'): void {
    const before = this.#ledger.mark('permission', permissionKey(account, product))
    if (before?.isAllowed === true && fault === null) return
    this.#ledger.append({ body: { kind: 'permission.learnt', account, product, isAllowed: fault === null, by, fault } })
  }

  #productsOf(account: Account): readonly string[] {
    const all = account.products.length > 0 ? account.products : this.#settings.products()
    return all.slice(0, PRODUCTS_MAX)
  }
}
