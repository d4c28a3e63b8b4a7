/** A shift that is disturbed and not killed (facts/store-and-sync.md 8): the process stands still, the line goes dead. Same account as after kills. */
import { expect, it } from 'vitest'
import { disturbAgainAndAgain } from '../helpers/kills.ts'

const PACE = 100
/** Longer than any exchange with the cloud may last: the deadline of the fixture is 1 s. */
const STOPPED_MS = 1200
const SEED = Number(process.env['KILL_SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000))

it('a station that is stopped for longer than every deadline, three times, asks instead of repeating', async () => {
  const account = await disturbAgainAndAgain({ kills: 3, seed: SEED, pace: PACE, lifeMs: 700, unitsPerKill: 6 }, async child => {
    child.kill('SIGSTOP')
    await new Promise(resolve => { setTimeout(resolve, STOPPED_MS) })
    child.kill('SIGCONT')
  })
  expect(account.wrong).toEqual([])
  expect([account.kills, account.released > 0]).toEqual([3, true])
}, 60_000)

it('a line to the cloud that goes dead for longer than every deadline and is then cut: it goes on, nobody is released twice', async () => {
  const account = await disturbAgainAndAgain({ kills: 2, seed: SEED, pace: PACE, lifeMs: 2000, unitsPerKill: 8 }, async (_child, line) => {
    await line.dead(STOPPED_MS)
    await line.cut(500)
  })
  expect(account.wrong).toEqual([])
  expect([account.kills, account.released > 0]).toEqual([2, true])
}, 60_000)
