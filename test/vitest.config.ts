import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What takes long or wants a core for itself: `npm run soak -- long`, a step of its own in CI. Named by hand they run as any other. */
const LONG = ['test/e2e/{axe-*,bench-net,layout,way-out,namespaces,training,secrets,acceptance-offline,acceptance-quota,checklist,console,people,scanner,shift-scans,wall,wall-ends,wall-large}.test.ts', 'test/bench/console-{uboot,linux,linux-line,linux-trouble}.test.ts', 'test/virtual/demonstration.test.ts', 'test/line/{kills,stopped}.test.ts', 'test/live/disk-faults.test.ts']
/** Longer still: `npm run soak -- pages`. */
const PAGES = ['test/e2e/{senses-pages,shift-keys,shift-touch,training-marks}.test.ts']
const only = new Map([['long', LONG], ['pages', PAGES]]).get(process.env['UNBINDERY_TESTS'] ?? '')
const isNamed = process.argv.some(word => word.startsWith('test/') && !word.endsWith('config.ts'))

// One project, no retries, random order; the seed is printed so that an order can be run again (--sequence.seed=N).
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: {
    include: only ?? ['test/**/*.test.ts'],
    exclude: only || isNamed ? [] : [...LONG, ...PAGES],
    sequence: { shuffle: true },
    retry: 0,
    maxWorkers: 5, // many tests wait for real clients and clocks, not for a core
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
