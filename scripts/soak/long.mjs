/** The tests that `npm test` leaves out because they take long or want a core for themselves (test/vitest.config.ts): `npm run soak -- long`. */
import { spawnSync } from 'node:child_process'

export function main() {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', '--maxWorkers=4'], { stdio: 'inherit', env: { ...process.env, UNBINDERY_TESTS: 'long' } })
  process.exitCode = status ?? 1
}
