/** Damage to frames and JSON of the LAN protocol: `npm run soak -- lan-fuzz [inputs] [seed]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([inputs = '500000', seed = String(Date.now() % 100_000)]) {
  process.stdout.write(`${inputs} inputs, seed ${seed}\n`)
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/wire/lan-fuzz.test.ts'], { stdio: 'inherit', env: { ...process.env, FUZZ_INPUTS: inputs, FUZZ_SEED: seed } })
  process.exitCode = status ?? 1
}
