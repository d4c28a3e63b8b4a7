/** The power goes at 5,000 moments of a station's work, each image is opened: `npm run soak -- power-cut [images]`. */
import { spawnSync } from 'node:child_process'

/** @param {readonly string[]} words */
export function main([images = '5000']) {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/live/power-cut.test.ts'], { stdio: 'inherit', env: { ...process.env, CUT_IMAGES: images } })
  process.exitCode = status ?? 1
}
