/** 72 virtual hours without the receiver, then everything at once: `npm run soak -- offline [units]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([units = '3000']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/line/offline.test.ts'], { stdio: 'inherit', env: { ...process.env, OFFLINE_UNITS: units } })
  process.exitCode = status ?? 1
}
