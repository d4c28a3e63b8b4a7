/** The DHCP server under load: racks that power up while the history is delivered: `npm run soak -- dhcp-storm [racks]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([count = '10']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/bench/dhcp-storm.test.ts', '-t', 'powers up'], { stdio: 'inherit', env: { ...process.env, STORMS: count } })
  process.exitCode = status ?? 1
}
