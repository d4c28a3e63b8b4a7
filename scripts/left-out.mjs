/** Runs one list of the tests that `npm test` leaves out (test/vitest.config.ts), two files at a time. */
import { spawnSync } from 'node:child_process'

/** @param {'long' | 'pages'} list */
export function runLeftOut(list) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', '--maxWorkers=2'], { stdio: 'inherit', env: { ...process.env, UNBINDERY_TESTS: list } })
  process.exitCode = status ?? 1
}
