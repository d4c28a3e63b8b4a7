/** The DHCP server under load: mutated packets on live sockets, a good client in between: `npm run soak -- dhcp-fuzz [packets]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([count = '200000']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/bench/dhcp-storm.test.ts', '-t', 'mutated'], { stdio: 'inherit', env: { ...process.env, FUZZ_PACKETS: count } })
  process.exitCode = status ?? 1
}
