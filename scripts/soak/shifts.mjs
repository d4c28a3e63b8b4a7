/** Whole shifts in the virtual world, one seed after the other, every invariant checked: `npm run soak -- shifts [seeds]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([seeds = '50']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/line/shifts.test.ts'], { stdio: 'inherit', env: { ...process.env, SHIFT_SEEDS: seeds } })
  process.exitCode = status ?? 1
}
