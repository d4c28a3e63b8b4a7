// Node 20 is what many machines have; here a stub plays it, since only its version number matters.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const scripts = new URL('../../scripts/', import.meta.url).pathname
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ub-node-'))
  mkdirSync(join(root, 'scripts'))
  copyFileSync(join(scripts, 'node.mjs'), join(root, 'scripts/node.mjs'))
  writeFileSync(join(root, 'scripts/entry.mjs'), `
    if (!process.env.UNBINDERY_AGAIN) Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
    const { withNode } = await import('./node.mjs')
    if (withNode(import.meta.filename)) { console.log('RAN', process.argv.slice(2).join(' ')); process.exitCode = 5 }`)
})
afterEach(() => rmSync(root, { recursive: true }))

const run = (): { code: number; out: string } => {
  try {
    return { code: 0, out: execFileSync(process.execPath, [join(root, 'scripts/entry.mjs'), 'a', 'b'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) }
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { status: number; stdout: string; stderr: string } // what execFileSync throws
    return { code: status, out: stdout + stderr }
  }
}

test.skipIf(process.platform === 'win32')('an old Node runs the entry again with the one from node_modules and passes its end on', () => {
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.bin/node'), `#!/bin/sh\nexec ${process.execPath} "$@"\n`)
  chmodSync(join(root, 'node_modules/.bin/node'), 0o755)
  expect(run()).toEqual({ code: 5, out: 'RAN a b\n' })
})

test('an old Node alone says what is needed, in words', () => {
  const { code, out } = run()
  expect(code).toBe(1)
  expect(out).toContain('This needs Node 22 or newer; here is 20.20.2. Run: npm ci')
})
