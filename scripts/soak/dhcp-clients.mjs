/** Real DHCP clients and servers with leases and waits as long as theirs: `npm run soak -- dhcp-clients`; about five minutes. */
import { spawnSync } from 'node:child_process'

export function main() {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/bench/dhcp-netns.test.ts', '--maxConcurrency', '10'], { stdio: 'inherit', env: { ...process.env, DHCP_LONG: '1' } })
  process.exitCode = status ?? 1
}
