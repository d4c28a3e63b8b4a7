// Thirty fixed cameras, six beside and five above each other, each in the middle of its own place on the wall (facts/qr-display.md,
// "What a wall of 30 cameras sees"). One wall is thirty throws of the dice, which may miss its own mean by nine points: many are averaged.
import { chance, makePose } from './camera.mjs'
import { zbar } from './decoders.mjs'
import { halfDistance, makePoses, seenBy } from './distance.mjs'
import { defaults, ours, SHORT, TEXT } from './rows.mjs'

/** Metres away, and how wide and high the wall is. */
const WALLS = [[0.6, 1.6, 1.0], [1.2, 2.4, 1.6], [2.0, 3.0, 1.8]]
/** One look at every picture of the cycle: pixels a module smaller, and level of white. */
const CYCLE = [[0, 210], [2, 255], [1, 170], [3, 210], [4, 255], [6, 130]]
/** @type {readonly (readonly [string, string, readonly number[]])[]} */
const POLICY_ROWS = [['policy', TEXT, [1, 1, 17 / 30]], ['policy, short payload', SHORT, [1, 1, 0.8]]]
const WALL_MAX = 0.1

/** @typedef {(name: string, is: boolean, text: string) => void} Judge */

/** The policy at three distances, 43 inch, within ten points of the sheet, above or below. @param {Judge} judge @param {number} count walls each */
export async function walls(judge, count) {
  for (const [name, text, want] of POLICY_ROWS) {
    const panels = CYCLE.map(([shrink, white]) => ours({ inches: 43, white, shrink, gainPercent: 15, copies: true, text }))
    for (const [k, wall] of WALLS.entries()) {
      const { mean, sd } = await shareOn(wall, k, panels, text, count)
      judge(`wall of 30 at ${wall[0]} m, ${name}`, Math.abs(mean - want[k]) <= WALL_MAX, `${percent(mean)} over ${count} walls (one wall strays by ${percent(sd)}), the sheet has ${percent(want[k])} on one`)
    }
  }
}

/** Four looks at each, as in the sheet; none of these rows is judged above. The sheet's one wall strays by 9 points: twice that. */
const OTHERS_MAX = 0.18
/** @type {readonly (readonly [string, number, () => unknown[]])[]} */
const OTHERS = [
  ['`qrcode` defaults', 0.03, () => Array(4).fill(defaults({ inches: 43 }))],
  ['L, margin 2, white 255', 0.1, () => Array(4).fill(ours({ inches: 43, white: 255, gainPercent: 0 }))],
  ['white 170', 0.47, () => Array(4).fill(ours({ inches: 43, white: 170, gainPercent: 0 }))],
  ['white-level cycle', 0.6, () => whites(false)],
  ['side copies and white-level cycle', 0.53, () => whites(true)]
]
const whites = copies => [255, 170, 110, 255].map(white => ours({ inches: 43, white, gainPercent: 0, copies }))
/** The sheet's row of strong glare: half distance at white 255, 170, 110. The same glare for every camera here. */
const STRONG = [[255, 1.81], [170, 1.79], [110, 1.55]]
const STRONG_CD = 45
const STRONG_MAX = 0.15

/** Where the glare of camera.json comes from. @param {Judge} judge @param {number} count walls each */
export async function scene(judge, count) {
  const poses = makePoses(12, 11).map(pose => ({ ...pose, glare: STRONG_CD }))
  for (const [white, metres] of STRONG) {
    const { half } = await halfDistance(ours({ inches: 43, white, gainPercent: 0 }), poses, zbar, TEXT, metres)
    judge(`strong glare, white ${white}`, Math.abs(half / metres - 1) <= STRONG_MAX, `${half.toFixed(2)} m, the sheet has ${metres} m`)
  }
  for (const [name, want, make] of OTHERS) {
    const { mean } = await shareOn(WALLS[2], 2, make(), TEXT, count)
    judge(`wall of 30 at 2 m, ${name}`, Math.abs(mean - want) <= OTHERS_MAX, `${percent(mean)} over ${count} walls, the sheet has ${percent(want)} on one`)
  }
}

async function shareOn([z, wide, high], k, panels, text, count) {
  const shares = []
  for (let n = 0; n < count; n++) {
    const luck = chance(100 + 10 * n + k)
    const poses = Array.from({ length: 30 }, (_, i) => makePose(luck, { x: ((i % 6 + 0.5) / 6 - 0.5) * wide, y: ((Math.floor(i / 6) + 0.5) / 5 - 0.5) * high, z }))
    shares.push(await seenBy(panels, poses, zbar, text))
  }
  const mean = shares.reduce((sum, s) => sum + s, 0) / count
  return { mean, sd: Math.sqrt(shares.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, count - 1)) }
}

const percent = share => `${(100 * share).toFixed(0)} %`
