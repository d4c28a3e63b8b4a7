/**
 * Makes `node` in npm's scripts the one that came with the packages. npm 10 removes node_modules/.bin/node again when it drops
 * the packages of other platforms, which carry a command of the same name; npm 11 leaves it. Plain JavaScript for any Node.
 */
import { chmodSync, existsSync, linkSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode } from './node.mjs'

const here = fileURLToPath(import.meta.url)
const bin = join(dirname(dirname(here)), 'node_modules', '.bin')
const name = process.platform === 'win32' ? 'node.exe' : 'node'
const node = findNode(here)
if (node !== null && dirname(node) !== bin && existsSync(bin) && !existsSync(join(bin, name))) {
  if (process.platform === 'win32') linkSync(node, join(bin, name))
  else {
    chmodSync(node, 0o755)
    symlinkSync(relative(bin, node), join(bin, name))
  }
}
