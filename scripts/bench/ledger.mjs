/**
 * `npm run bench -- ledger [--units 1000000] [--only full,sync,peers,million]`: commits of the full model, saves and loop delay
 * while a backlog is delivered, the queue path beside plainjob (in bench/peers), and a ledger of a million units.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const FIXTURE = join(import.meta.dirname, '..', '..', 'test', 'bench', 'ledger-load.fixture.ts')
const SIZES = { full: '3000', sync: '10000', peers: '1500', million: '1000000' }

/** @param {readonly string[]} words */
export function main(words) {
  const { values } = parseArgs({ args: [...words], options: { units: { type: 'string' }, only: { type: 'string' } } })
  const wanted = values.only?.split(',') ?? Object.keys(SIZES)
  for (const [part, size] of Object.entries(SIZES)) {
    if (!wanted.includes(part)) continue
    const folder = mkdtempSync(join(tmpdir(), 'unbindery-ledger-'))
    try {
      const { status } = spawnSync(process.execPath, [FIXTURE, folder, part, part === 'million' ? values.units ?? size : size], { stdio: ['ignore', 'inherit', 'inherit'] })
      if (status !== 0) process.exitCode = 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
