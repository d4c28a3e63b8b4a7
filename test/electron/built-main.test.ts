// The built main under Node with a stub for electron. It catches what doubles of the source cannot: a chunk that looks for
// the preload or the pages one folder too deep, a top-level await, a native module bundled by mistake.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const here = (path: string): string => new URL(path, import.meta.url).pathname
let data: string
let child: ChildProcess | null = null
beforeEach(() => { data = mkdtempSync(join(tmpdir(), 'ub-built-')) })
afterEach(() => {
  child?.kill('SIGKILL')
  child = null
  rmSync(data, { recursive: true, force: true })
})

interface Run { lines: Record<string, unknown>[]; messages: unknown[]; err: string; code: Promise<number | null> }
function start(words: string[]): Run {
  child = spawn(process.execPath, ['--import', here('./register.mjs'), here('../../out/main/index.js'), '--data', data, ...words], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const run: Run = { lines: [], messages: [], err: '', code: new Promise(resolve => child?.on('close', resolve)) }
  let rest = ''
  child.stdout?.on('data', (c: Buffer) => {
    const parts = (rest + String(c)).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) run.lines.push(JSON.parse(part) as Record<string, unknown>) // our stub wrote it
  })
  child.stderr?.on('data', (c: Buffer) => { run.err += String(c) })
  child.on('message', message => run.messages.push(message))
  return run
}
async function until(what: () => boolean, run: Run): Promise<void> {
  for (let i = 0; i < 150 && !what(); i += 1) await new Promise(resolve => { setTimeout(resolve, 100) })
  if (!what()) expect.fail(`waited in vain: ${JSON.stringify(run.lines)} ${run.err}`)
}

test('it boots into training, finds its preload and its pages with all they name, answers the door and closes cleanly', async () => {
  const run = start([])
  await until(() => run.lines.length >= 2 && run.messages.length > 0, run)
  for (const line of run.lines) {
    expect(line).toMatchObject({ status: 200, preload: true, mode: 'training' })
    const assets = line['assets'] as number[] // statuses, by our stub
    expect(assets.length).toBeGreaterThan(1)
    expect(new Set(assets)).toEqual(new Set([200]))
  }
  expect(run.lines.map(line => line['url'])).toEqual(['app://unbindery/', 'app://unbindery/display.html'])
  expect(run.messages).toEqual(['station-ready'])
  child?.kill('SIGTERM')
  expect(await run.code).toBe(0)
  expect(run.err).toBe('')
})

test('a station that may not start says why and ends with 1', async () => {
  const run = start(['--config', join(data, 'missing.json')])
  expect(await run.code).toBe(1)
  expect(run.messages).toEqual(['station-refused'])
  expect(run.err).toContain('there is no such file')
})

test('the entries of Node never mention electron', () => {
  for (const entry of ['headless.js', 'cli.js']) expect(readFileSync(here(`../../out/main/${entry}`), 'utf8')).not.toContain('electron')
})
