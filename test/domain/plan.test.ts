/** The day's plan: as many units as an independent max flow finds, the oldest first, whoever may unbind what. */
import { describe, expect, it } from 'vitest'
import { planDay, type PlanAccount, type PlanInput, type PlanProduct, type PlanUnit } from '../../src/main/domain/plan.ts'

const CASES = 10_000

/** mulberry32: small, seeded, good enough to draw cases. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Edmonds and Karp over an adjacency matrix: source, products, accounts, sink. Shares nothing with the plan. */
function maxFlow(counts: readonly number[], accounts: readonly number[], allowed: (product: number, account: number) => boolean): number {
  const [p, a] = [counts.length, accounts.length]
  const n = p + a + 2
  const room = Array.from({ length: n }, () => Array.from({ length: n }, () => 0))
  const set = (from: number, to: number, value: number): void => { const row = room[from]; if (row) row[to] = value }
  counts.forEach((count, i) => { set(0, 1 + i, count); accounts.forEach((_, j) => { if (allowed(i, j)) set(1 + i, 1 + p + j, Infinity) }) })
  accounts.forEach((left, j) => set(1 + p + j, n - 1, left))
  for (let total = 0; ;) {
    const from = Array.from({ length: n }, () => -1)
    from[0] = 0
    const queue = [0]
    for (let node = queue.shift(); node !== undefined && from[n - 1] === -1; node = queue.shift()) {
      for (let to = 0; to < n; to += 1) if (from[to] === -1 && (room[node]?.[to] ?? 0) > 0) { from[to] = node; queue.push(to) }
    }
    if (from[n - 1] === -1) return total
    let most = Infinity
    for (let to = n - 1; to !== 0; to = from[to] ?? 0) most = Math.min(most, room[from[to] ?? 0]?.[to] ?? 0)
    for (let to = n - 1; to !== 0; to = from[to] ?? 0) {
      const back = from[to] ?? 0
      set(back, to, (room[back]?.[to] ?? 0) - most)
      set(to, back, (room[to]?.[back] ?? 0) + most)
    }
    total += most
  }
}

const account = (id: string, more: Partial<PlanAccount> = {}): PlanAccount => ({ id, left: 100, perDay: 100, perHour: 0, products: [], denied: [], ...more })
const product = (key: string, more: Partial<PlanProduct> = {}): PlanProduct => ({ key, method: 'wired', left: 100, perDay: 100, ...more })
const units = (key: string, n: number, since = 0): PlanUnit[] => Array.from({ length: n }, (_, i) => ({ uid: `${key}-${String(i).padStart(5, '0')}`, product: key, since: since + i }))
const plan = (input: Partial<PlanInput>) => planDay({ now: 0, units: [], accounts: [], products: [], seatsPerToken: 30, ...input })

describe('the most that can be released today', () => {
  it('is found where serving the first product from the first account would leave a hundred undone', () => {
    const found = plan({
      accounts: [account('a'), account('b', { products: ['p1'] })], products: [product('p1'), product('p2')], units: [...units('p1', 100, 0), ...units('p2', 100, 1000)]
    })
    expect(found.today).toHaveLength(200)
    expect(found.tomorrow).toEqual([])
    expect(found.accounts.map(a => a.units)).toEqual([100, 100])
  })

  it('equals an independent max flow in 10,000 random cases, and nobody gets more than is left', () => {
    for (let seed = 1; seed <= CASES; seed += 1) {
      const { input, expected } = drawCase(seed)
      const found = planDay(input)
      expect(found.today.length, `seed ${seed}`).toBe(expected)
      expect(found.today.length + found.tomorrow.length + found.impossible.length, `seed ${seed}`).toBe(input.units.length)
      for (const a of input.accounts) expect(found.today.filter(t => t.account === a.id).length, `seed ${seed}`).toBeLessThanOrEqual(a.left)
      for (const p of input.products) expect(found.today.filter(t => input.units.find(u => u.uid === t.uid)?.product === p.key).length, `seed ${seed}`).toBeLessThanOrEqual(p.left)
      for (const t of found.today) {
        const by = input.accounts.find(a => a.id === t.account)
        const of = input.units.find(u => u.uid === t.uid)?.product ?? ''
        expect(by && !by.denied.includes(of) && (by.products.length === 0 || by.products.includes(of)), `seed ${seed}`).toBe(true)
      }
    }
  })

  it('takes the oldest: a younger unit never goes where an older one could have gone in its place', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const { input } = drawCase(seed)
      const found = planDay(input)
      const chosen = new Set(found.today.map(t => t.uid))
      const aged = input.units.toSorted((a, b) => a.since - b.since || (a.uid < b.uid ? -1 : 1))
      const older: PlanUnit[] = []
      for (const unit of aged) {
        if (chosen.has(unit.uid)) older.push(unit)
        else expect(flowOf(input, [...older, unit]), `seed ${seed}: ${unit.uid}`).toBe(older.length)
      }
    }
  })
})

describe('what the plan tells', () => {
  it('tokens by account and product, waves for cameras, what is left for tomorrow and the least number of days', () => {
    const found = plan({ accounts: [account('a')], products: [product('nvr'), product('cam', { method: 'qr' })], units: [...units('nvr', 35, 0), ...units('cam', 80, 100)] })
    expect(found).toMatchObject({ tokens: 5, waves: 3, daysMin: 2, accounts: [{ account: 'a', units: 100, tokens: 5, left: 100, runsOutAt: null }] })
    expect(found.tomorrow).toEqual(units('cam', 80).slice(-15).map(u => u.uid))
  })

  it('when an account runs out at its pace, and whom nobody may unbind', () => {
    const found = plan({ now: 1000, accounts: [account('a', { left: 30, perHour: 15, denied: ['cam'] })], products: [product('nvr'), product('cam')], units: [...units('nvr', 2), ...units('cam', 3)] })
    expect(found.accounts[0]?.runsOutAt).toBe(1000 + 2 * 3_600_000)
    expect(found).toMatchObject({ impossible: units('cam', 3).map(u => u.uid), tomorrow: [], daysMin: 1 })
  })

  it('a product that one account alone may do needs more days than the sum of all accounts says', () => {
    const found = plan({ accounts: [account('a', { products: ['p'] }), account('b', { products: ['q'] })], products: [product('p', { left: 500, perDay: 500 }), product('q')], units: units('p', 250) })
    expect([found.today.length, found.daysMin]).toEqual([100, 3])
  })

  it('nothing to do takes no day', () => {
    expect(plan({ accounts: [account('a')], products: [product('p')] })).toMatchObject({ today: [], tomorrow: [], tokens: 0, waves: 0, daysMin: 0 })
  })
})

function drawCase(seed: number): { readonly input: PlanInput; readonly expected: number } {
  const roll = dice(seed)
  const upTo = (n: number): number => Math.floor(roll() * (n + 1))
  const products = Array.from({ length: 1 + upTo(7) }, (_, i) => product(`p${i}`, { left: upTo(12), perDay: 12 }))
  const share = 0.2 + roll() * 0.7
  const accounts = Array.from({ length: 1 + upTo(5) }, (_, i) => {
    const able = products.filter(() => roll() < share).map(p => p.key)
    return account(`a${i}`, { left: upTo(15), products: able.length === 0 ? ['none'] : able, denied: roll() < 0.2 ? [products[0]?.key ?? ''] : [] })
  })
  const all = products.flatMap(p => Array.from({ length: upTo(14) }, (_, i) => ({ uid: `${p.key}-${i}`, product: p.key, since: upTo(50) })))
  const input: PlanInput = { now: 0, units: all, accounts, products, seatsPerToken: 30 }
  return { input, expected: flowOf(input, all) }
}

function flowOf({ products, accounts }: PlanInput, some: readonly PlanUnit[]): number {
  const counts = products.map(p => Math.min(p.left, some.filter(u => u.product === p.key).length))
  return maxFlow(counts, accounts.map(a => a.left), (i, j) => {
    const [p, a] = [products[i]?.key ?? '', accounts[j]]
    return a !== undefined && !a.denied.includes(p) && a.products.includes(p)
  })
}
