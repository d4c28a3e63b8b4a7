/** A running shift killed at random moments, the cloud in its own process: `npm run soak -- kills [n]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([kills = '200']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/line/kills.test.ts'], { stdio: 'inherit', env: { ...process.env, KILLS: kills } })
  process.exitCode = status ?? 1
}
