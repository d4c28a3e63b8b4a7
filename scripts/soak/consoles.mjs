/**
 * `npm run soak -- consoles [ROUNDS] [FUZZ_SEEDS]`: the recipes against a real U-Boot and a real Linux in QEMU with other noise, losses
 * and power cuts in each round, then the fuzzer over so many seeds.
 */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([rounds = '10', seeds = '20000']) {
  const run = (/** @type {readonly string[]} */ files, /** @type {Record<string, string>} */ env) => spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', ...files], { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1
  const fuzz = run(['test/bench/console-fuzz.test.ts'], { UNBINDERY_FUZZ_SEEDS: seeds })
  const storms = run(['test/bench/console-storm.test.ts'], { UNBINDERY_CONSOLE_ROUNDS: rounds })
  process.exitCode = fuzz === 0 && storms === 0 ? 0 : 1
}
