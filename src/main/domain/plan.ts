/**
 * The day's plan: the units that can be released today, the most there can be, oldest first; by which account; and what is
 * left for tomorrow (facts/store-and-sync.md section 4). Source > product > account > sink is a flow; units are placed by age,
 * each with an augmenting path, and as the sets that can be placed form a matroid the count stays the greatest. Pure.
 */
import type { Instant, Method } from '#shared'

export interface PlanUnit { readonly uid: string; readonly product: string; readonly since: Instant }
export interface PlanAccount {
  readonly id: string
  readonly left: number
  readonly perDay: number
  /** Units an hour at today's pace; 0: none yet. */
  readonly perHour: number
  /** Product keys it may unbind; empty: all. */
  readonly products: readonly string[]
  readonly denied: readonly string[]
}
export interface PlanProduct { readonly key: string; readonly method: Method; readonly left: number; readonly perDay: number }
export interface PlanInput { readonly now: Instant; readonly units: readonly PlanUnit[]; readonly accounts: readonly PlanAccount[]; readonly products: readonly PlanProduct[]; readonly seatsPerToken: number }

export interface PlanLine { readonly account: string; readonly units: number; readonly tokens: number; readonly left: number; /** At today's pace; null: not today, or nothing done yet. */ readonly runsOutAt: Instant | null }
export interface Plan {
  readonly today: readonly { readonly uid: string; readonly account: string }[]
  readonly tomorrow: readonly string[]
  /** No account may unbind their product. */
  readonly impossible: readonly string[]
  readonly accounts: readonly PlanLine[]
  /** Codes to be shown on the rack, at most `seatsPerToken` cameras each. */
  readonly waves: number
  readonly tokens: number
  /** No plan takes fewer days. */
  readonly daysMin: number
}

const HOUR_MS = 3_600_000

export function planDay(input: PlanInput): Plan {
  const flow = new Flow(input.accounts, input.products)
  const aged = input.units.toSorted((a, b) => a.since - b.since || (a.uid < b.uid ? -1 : 1))
  const placed: PlanUnit[] = []
  const tomorrow: string[] = []
  const impossible: string[] = []
  for (const unit of aged) {
    if (!flow.isPossible(unit.product)) impossible.push(unit.uid)
    else if (flow.place(unit.product)) placed.push(unit)
    else tomorrow.push(unit.uid)
  }
  const today = flow.assign(placed)
  const pairs = flow.pairs()
  const tokensOf = (units: number): number => Math.ceil(units / input.seatsPerToken)
  const sum = (some: readonly { readonly units: number }[]): number => some.reduce((n, pair) => n + tokensOf(pair.units), 0)
  return {
    today, tomorrow, impossible,
    accounts: input.accounts.map(a => {
      const mine = pairs.filter(p => p.account === a.id)
      const left = Math.max(0, a.left)
      return { account: a.id, units: mine.reduce((n, p) => n + p.units, 0), tokens: sum(mine), left, runsOutAt: a.perHour > 0 ? input.now + Math.round(left / a.perHour * HOUR_MS) : null }
    }),
    waves: sum(pairs.filter(p => p.method === 'qr')), tokens: sum(pairs), daysMin: daysMin(input, aged.filter(u => flow.isPossible(u.product)), key => flow.ableFor(key))
  }
}

/** The least number of days: what is left today, then whole days; by account as a whole and by each product. */
function daysMin({ accounts, products }: PlanInput, units: readonly PlanUnit[], ableFor: (product: string) => readonly number[]): number {
  const days = (n: number, left: number, perDay: number): number => n <= 0 ? 0 : n <= left ? 1 : 1 + Math.ceil((n - Math.max(0, left)) / Math.max(1, perDay))
  const total = (of: readonly PlanAccount[], key: 'left' | 'perDay'): number => of.reduce((n, a) => n + Math.max(0, a[key]), 0)
  const counts = new Map<string, number>()
  for (const { product } of units) counts.set(product, (counts.get(product) ?? 0) + 1)
  const known = new Map(products.map(p => [p.key, p]))
  const byProduct = [...counts].map(([key, n]) => {
    const product = known.get(key)
    const able = ableFor(key).map(i => accounts[i]).filter(a => a !== undefined)
    return Math.max(days(n, product?.left ?? 0, product?.perDay ?? 1), days(n, total(able, 'left'), total(able, 'perDay')))
  })
  return Math.max(0, days(units.length, total(accounts, 'left'), total(accounts, 'perDay')), ...byProduct)
}

/** Units of each product on each account. Nothing placed is ever taken back; it may only change its account. */
class Flow {
  readonly #accounts: readonly PlanAccount[]
  readonly #products: readonly PlanProduct[]
  readonly #indexOf: ReadonlyMap<string, number>
  /** Accounts that may do each product, in the order they are used. */
  readonly #able: readonly (readonly number[])[]
  readonly #units: Int32Array
  readonly #accountLeft: Int32Array
  readonly #productLeft: Int32Array
  /** Of each product: how many of its accounts have been used up; seats only become fewer. */
  readonly #inUse: Int32Array
  readonly #cameFrom: Int32Array
  readonly #moved: Int32Array
  readonly #seen: Uint8Array
  /** No path leads from here to a free seat any more; it stays so, as seats only become fewer. */
  readonly #isDead: Uint8Array

  constructor(accounts: readonly PlanAccount[], products: readonly PlanProduct[]) {
    this.#accounts = accounts
    this.#products = products
    this.#indexOf = new Map(products.map((p, i) => [p.key, i]))
    const may = accounts.map(a => ({ products: new Set(a.products), denied: new Set(a.denied) }))
    this.#able = products.map(({ key }) => may.flatMap((a, i) => !a.denied.has(key) && (a.products.size === 0 || a.products.has(key)) ? [i] : []))
    this.#units = new Int32Array(accounts.length * products.length)
    this.#accountLeft = Int32Array.from(accounts, a => Math.max(0, a.left))
    this.#productLeft = Int32Array.from(products, p => Math.max(0, p.left))
    this.#inUse = new Int32Array(products.length)
    this.#cameFrom = new Int32Array(accounts.length)
    this.#moved = new Int32Array(products.length)
    this.#seen = new Uint8Array(products.length)
    this.#isDead = new Uint8Array(accounts.length)
  }

  /** Accounts that may do the product, by their place. */
  ableFor(product: string): readonly number[] {
    return this.#able[this.#indexOf.get(product) ?? -1] ?? []
  }

  isPossible(product: string): boolean {
    return this.ableFor(product).length > 0
  }

  /** Places one unit more; false when no account can be freed for it. */
  place(key: string): boolean {
    const product = this.#indexOf.get(key)
    if (product === undefined || at(this.#productLeft, product) < 1) return false
    const free = this.#path(product)
    if (free === null) return false
    this.#productLeft[product] = at(this.#productLeft, product) - 1
    return true
  }

  /** The units with their accounts; within a product the oldest go to the account used first. */
  assign(units: readonly PlanUnit[]): { readonly uid: string; readonly account: string }[] {
    const left = this.#units.slice()
    const first = new Int32Array(this.#products.length)
    return units.map(unit => {
      const product = this.#indexOf.get(unit.product) ?? 0
      const able = this.#able[product] ?? []
      let next = at(first, product)
      while (next < able.length && at(left, this.#cell(product, able[next] ?? 0)) === 0) next += 1
      first[product] = next
      const account = able[next] ?? 0
      const cell = this.#cell(product, account)
      left[cell] = at(left, cell) - 1
      return { uid: unit.uid, account: this.#accounts[account]?.id ?? '' }
    })
  }

  pairs(): { readonly account: string; readonly product: string; readonly method: Method; readonly units: number }[] {
    return this.#products.flatMap((p, product) => (this.#able[product] ?? []).flatMap(account => {
      const units = at(this.#units, this.#cell(product, account))
      return units > 0 ? [{ account: this.#accounts[account]?.id ?? '', product: p.key, method: p.method, units }] : []
    }))
  }

  #cell(product: number, account: number): number { return product * this.#accounts.length + account }

  /** Breadth first from a product to an account with a free seat; on the way back each step moves one unit. */
  #path(from: number): number | null {
    const direct = this.#direct(from)
    if (direct !== null) return direct
    const cameFrom = this.#cameFrom.fill(-1) // product that led to the account
    const moved = this.#moved.fill(-1) // account whose unit of that product would move
    const seen = this.#seen.fill(0)
    const visited: number[] = []
    const queue = [from]
    seen[from] = 1
    for (let head = 0; head < queue.length; head += 1) {
      const product = queue[head] ?? from
      for (const account of this.#able[product] ?? []) {
        if (cameFrom[account] !== -1 || this.#isDead[account] === 1) continue
        cameFrom[account] = product
        visited.push(account)
        if (at(this.#accountLeft, account) > 0) return this.#push(from, account, cameFrom, moved)
        for (let other = 0; other < this.#products.length; other += 1) {
          if (seen[other] === 1 || this.#units[other * this.#accounts.length + account] === 0) continue
          seen[other] = 1
          moved[other] = account
          queue.push(other)
        }
      }
    }
    for (const account of visited) this.#isDead[account] = 1
    return null
  }

  /** An account with a free seat: the one in use for this product until it is full, so that few tokens are begun. */
  #direct(product: number): number | null {
    const able = this.#able[product] ?? []
    while (at(this.#inUse, product) < able.length && at(this.#accountLeft, able[at(this.#inUse, product)] ?? 0) === 0) this.#inUse[product] = at(this.#inUse, product) + 1
    const account = able[at(this.#inUse, product)]
    if (account === undefined) return null
    this.#add(product, account, 1)
    this.#accountLeft[account] = at(this.#accountLeft, account) - 1
    return account
  }

  #push(from: number, free: number, cameFrom: Int32Array, moved: Int32Array): number {
    this.#accountLeft[free] = at(this.#accountLeft, free) - 1
    for (let account = free;;) {
      const product = at(cameFrom, account)
      this.#add(product, account, 1)
      if (product === from) return free
      account = at(moved, product)
      this.#add(product, account, -1)
    }
  }

  #add(product: number, account: number, by: number): void {
    const cell = this.#cell(product, account)
    this.#units[cell] = at(this.#units, cell) + by
  }
}

function at(list: Int32Array | Uint8Array, i: number): number {
  return list[i] ?? 0
}
