/** What soak and bench share: choose one by name, tell the machine's load and fsync time beside its figures. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @param {'soak' | 'bench'} kind @param {readonly string[]} files */
export async function run(kind, files) {
  const names = files.filter(f => f.endsWith('.mjs')).map(f => f.slice(0, -4)).toSorted()
  const [name, ...words] = process.argv.slice(2)
  if (name === undefined || name === '--help' || !names.includes(name)) {
    process.stdout.write(`npm run ${kind} -- NAME\n\n${names.map(n => `  ${n}\n`).join('')}`)
    process.exitCode = name === undefined || name === '--help' ? 0 : 2
    return
  }
  process.stdout.write(`${machine()}\n`)
  const { main } = await import(pathToFileURL(join(import.meta.dirname, kind, `${name}.mjs`)).href)
  await main(words)
  process.stdout.write(`${machine()}\n`)
}

/** Load and the median of twenty write+fdatasync: what a figure must be read beside. */
function machine() {
  const path = join(tmpdir(), `unbindery-fsync-${process.pid}`)
  const file = openSync(path, 'w')
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now()
    writeSync(file, 'x'.repeat(4096))
    fdatasyncSync(file)
    return performance.now() - start
  }).toSorted((a, b) => a - b)
  closeSync(file)
  rmSync(path)
  return `machine: ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, fsync ${times[10]?.toFixed(2)} ms, node ${process.versions.node}`
}
