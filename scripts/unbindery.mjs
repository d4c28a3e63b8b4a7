#!/usr/bin/env node
/** The command `unbindery` in a clone: the right Node, a build when there is none, then the command line of the station. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withNode } from './node.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(root, 'out', 'main', 'cli.js')

function isBuilt() {
  if (existsSync(cli)) return true
  process.stderr.write('Building the station, once ...\n')
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--logLevel', 'error'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (status !== 0) process.stderr.write(`${stderr}\nThe build failed. Run: npm ci && npm run build\n`)
  return status === 0
}

if (withNode(fileURLToPath(import.meta.url))) {
  if (isBuilt()) await import(pathToFileURL(cli).href)
  else process.exitCode = 1
}
