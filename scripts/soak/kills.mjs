/** A running shift killed at random moments, the cloud in its own process: `npm run soak -- kills [n] [stations side by side]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([kills = '200', stations = '2']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/line/kills.test.ts'], { stdio: 'inherit', env: { ...process.env, KILLS: kills, KILL_STATIONS: stations } })
  process.exitCode = status ?? 1
}
