/**
 * Every entry that somebody may start by hand asks here first. Plain JavaScript without packages, since it must run on
 * any Node: better-sqlite3 13 ends Node 20 with a segmentation fault and no message.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const MAJOR_MIN = 22

/** The Node that came with the project's packages, looked for in the folders above `from`; null when there is none. */
export function findNode(from) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    for (const place of [join(folder, 'node_modules', '.bin', name), join(folder, 'node_modules', `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`, 'bin', name)]) {
      if (existsSync(place)) return place
    }
    if (folder === dirname(folder)) return null
  }
}

/** True when this Node will do; else runs `file` again with the right one, passes signals and the end on, and says false. */
export function withNode(file) {
  if (Number(process.versions.node.split('.')[0]) >= MAJOR_MIN) return true
  const node = findNode(file)
  if (node === null || process.env.UNBINDERY_AGAIN) {
    process.stderr.write(`This needs Node ${MAJOR_MIN} or newer; here is ${process.versions.node}. Run: npm ci\n`)
    process.exitCode = 1
    return false
  }
  passOn(spawn(node, [file, ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, UNBINDERY_AGAIN: '1' } }))
  return false
}

/** This process lives and ends as its child does. */
export function passOn(child) {
  const pass = signal => { child.kill(signal) }
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  child.on('error', error => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)))
}
