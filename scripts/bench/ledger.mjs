/**
 * `npm run bench -- ledger [--only full,sync,queue,build,million,long] [--units 1000000] [--folder DIR]`: commits of the full model, saves and loop
 * delay while a backlog is delivered, the queue path beside plainjob and better-queue (in bench/peers), and a ledger of a million
 * units. That one takes some minutes to fill, once for each form of the tables, and stays in DIR (the system's temporary folder).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const AT = join(import.meta.dirname, '..', '..', 'test', 'bench')
const LOADS = { full: '3000', sync: '10000', queue: '1500' }
/** What the fixture calls them. */
const MILLION = { build: 'build', million: 'ask', long: 'long' }
const UNFINISHED = 3

/** @param {readonly string[]} words */
export function main(words) {
  const { values } = parseArgs({ args: [...words], options: { units: { type: 'string', default: '1000000' }, only: { type: 'string' }, folder: { type: 'string', default: tmpdir() } } })
  const wanted = values.only?.split(',') ?? [...Object.keys(LOADS), ...Object.keys(MILLION)]
  for (const [part, size] of Object.entries(LOADS)) if (wanted.includes(part)) load(part, size)
  for (const [part, name] of Object.entries(MILLION)) {
    if (!wanted.includes(part)) continue
    let status = UNFINISHED
    while (status === UNFINISHED) status = run('ledger-million.fixture.ts', values.folder, name, values.units)
    if (status !== 0) process.exitCode = 1
  }
}

/** @param {string} part @param {string} size */
function load(part, size) {
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-ledger-'))
  try {
    if (run('ledger-load.fixture.ts', folder, part, size) !== 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {readonly string[]} words */
function run(fixture, ...words) {
  return spawnSync(process.execPath, [join(AT, fixture), ...words], { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
}
