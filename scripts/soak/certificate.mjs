/** 10,000 one-bit changes of a certificate, for the program and the page alike: `npm run soak -- certificate [changes]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([changes = '10000']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/bench/certificate.test.ts'], { stdio: 'inherit', env: { ...process.env, CERTIFICATE_CHANGES: changes } })
  process.exitCode = status ?? 1
}
