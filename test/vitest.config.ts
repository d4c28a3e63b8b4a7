import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// One project, no retries, random order; the seed is printed so that an order can be run again (--sequence.seed=N).
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { shuffle: true },
    retry: 0,
    maxWorkers: 4, // many tests wait for real clients and clocks, not for a core
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
