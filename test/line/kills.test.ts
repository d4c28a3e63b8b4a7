/**
 * Kill proof (facts/store-and-sync.md 9.1): a shift is killed at random moments, again and again, with the cloud in a process
 * of its own. `KILLS` sets how often, `KILL_STATIONS` on how many stations side by side; `npm run soak -- kills` runs 200.
 */
import { expect, it } from 'vitest'
import { killAgainAndAgain } from '../helpers/kills.ts'

const KILLS = Number(process.env['KILLS'] ?? 6)
const STATIONS = Number(process.env['KILL_STATIONS'] ?? 1)
const PACE = 150
const SEED = Number(process.env['KILL_SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000))

it(`${KILLS} kills of a running shift (seed ${SEED}): nothing said is lost, nobody is released twice, seats spent are the releases at the cloud`, async () => {
  const share = Math.ceil(KILLS / STATIONS)
  const began = performance.now()
  const accounts = await Promise.all(Array.from({ length: STATIONS }, (_, i) => killAgainAndAgain({ kills: share, seed: SEED + i, pace: PACE, lifeMs: 700, unitsPerKill: 2 })))
  const sum = (of: (a: typeof accounts[number]) => number): number => accounts.reduce((all, a) => all + of(a), 0)
  process.stdout.write(`kills: ${sum(a => a.kills)} in ${Math.round((performance.now() - began) / 1000)} s on ${STATIONS}; units ${sum(a => a.units)}, facts ${sum(a => a.facts)}, said ${sum(a => a.said)}, lost 0; released ${sum(a => a.released)}, twice 0; asks ${sum(a => a.asked)} = spent ${sum(a => a.spent)} + returned ${sum(a => a.returned)}; proven ${sum(a => a.proven)}\n`)
  expect(accounts.flatMap(a => a.wrong)).toEqual([])
  expect(sum(a => a.kills)).toBe(share * STATIONS)
  expect(sum(a => a.released)).toBeGreaterThan(0)
}, KILLS * 5000 + 120_000)
