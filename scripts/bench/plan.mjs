/** The day's plan for 10,000 units: `npm run bench -- plan [rounds]`. Bound: 50 ms p99 (facts/store-and-sync.md 9.9). */
import { planDay } from '../../src/main/domain/plan.ts'

const UNITS = 10_000
/** Accounts, products, part of the pairs that are allowed: the shapes of facts/store-and-sync.md section 4. */
const SHAPES = /** @type {const} */ ([[1, 8, 1], [10, 50, 0.5], [50, 200, 0.5], [100, 200, 0.2], [200, 500, 0.3]])

/** @param {readonly string[]} words */
export function main([rounds = '100']) {
  let seed = 7
  const roll = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  for (const [accounts, products, share] of SHAPES) {
    const input = draw(accounts, products, share, roll)
    const times = Array.from({ length: Number(rounds) }, () => {
      const start = performance.now()
      planDay(input)
      return performance.now() - start
    }).toSorted((a, b) => a - b)
    const at = (/** @type {number} */ q) => (times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0).toFixed(1)
    process.stdout.write(`${accounts} accounts x ${products} products, ${UNITS} units: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, today ${planDay(input).today.length}\n`)
  }
}

/** @param {number} accounts @param {number} products @param {number} share @param {() => number} roll */
function draw(accounts, products, share, roll) {
  const keys = Array.from({ length: products }, (_, i) => `product${i}`)
  return {
    now: 0, seatsPerToken: 30,
    products: keys.map(key => ({ key, method: /** @type {const} */ ('wired'), left: 100, perDay: 100 })),
    accounts: Array.from({ length: accounts }, (_, i) => ({ id: `account${i}`, left: 100, perDay: 100, perHour: 0, denied: [], products: keys.filter(() => roll() < share) })),
    units: Array.from({ length: UNITS }, (_, i) => ({ uid: `unit${i}`, product: keys[Math.floor(roll() * products)] ?? '', since: Math.floor(roll() * 1e6) }))
  }
}
