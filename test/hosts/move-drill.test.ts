// The move drill, through the built programs: a live station in one folder is stopped, moved out, refuses to serve, and goes on in another.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from '../helpers/ledger.ts'

const built = (name: string): string => new URL(`../../out/main/${name}`, import.meta.url).pathname
interface Said { readonly code: number; readonly out: string; readonly err: string }

async function cli(...words: string[]): Promise<Said> {
  return await new Promise(resolve => {
    execFile(process.execPath, [built('cli.js'), ...words], { timeout: 20_000 }, (thrown, out, err) => resolve({ code: thrown === null ? 0 : Number(thrown.code ?? 1), out, err }))
  })
}

/** A live station on a card that this computer does not have: it says so and keeps its ledger. */
function start(data: string): { readonly child: ChildProcess; readonly opened: Promise<boolean>; readonly err: () => string } {
  const config = join(data, 'bench.json')
  writeFileSync(config, JSON.stringify({ mode: 'live', bench: { card: 'ub-none0' }, wayOut: { check: 'off' } }))
  const child = spawn(process.execPath, [built('headless.js'), '--config', config, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stderr.on('data', (c: Buffer) => { err += String(c) })
  const opened = new Promise<boolean>(resolve => {
    child.stdout.on('data', (c: Buffer) => {
      out += String(c)
      if (out.includes('DISPLAY')) resolve(true)
    })
    child.on('close', () => resolve(false))
  })
  return { child, opened, err: () => err }
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = new Promise(resolve => child.on('close', resolve))
  child.kill('SIGTERM')
  await closed
}

it('a station moves from one folder to another; the old one refuses, the new one is whole and copied', async () => {
  using from = makeFolder()
  using to = makeFolder()
  using stick = makeFolder()
  const old = start(from.path)
  expect(await old.opened, old.err()).toBe(true)
  expect(await cli('do', 'scan', '{"text":"OP:1001"}', '--data', from.path)).toMatchObject({ code: 0 })
  expect(await cli('do', 'scan', '{"text":"MOVED-1"}', '--data', from.path)).toMatchObject({ code: 0 })
  expect(await cli('backup', 'now', '--data', from.path)).toMatchObject({ code: 0, out: expect.stringContaining('copied and checked') as string })
  expect(await cli('move', 'out', join(stick.path, 'box'), '--data', from.path)).toMatchObject({ code: 1, err: expect.stringContaining('A station is running on this data') as string })
  await stop(old.child)
  expect(await cli('move', 'out', join(stick.path, 'box'), '--data', from.path)).toMatchObject({ code: 0 })
  const again = start(from.path)
  expect(await again.opened).toBe(false)
  expect(again.err()).toContain('This station has moved')
  expect(await cli('verify', '--data', from.path)).toMatchObject({ code: 0 }) // its history can still be read
  expect(await cli('move', 'in', join(stick.path, 'box'), '--data', to.path)).toMatchObject({ code: 0, out: expect.stringContaining('goes on from') as string })
  const moved = start(to.path)
  expect(await moved.opened, moved.err()).toBe(true)
  expect(await cli('units', 'MOVED', '--data', to.path)).toMatchObject({ code: 0, out: expect.stringContaining('MOVED-1') as string })
  expect(await cli('backup', 'now', '--data', to.path)).toMatchObject({ code: 0 })
  expect(await cli('do', 'ledger.verify', '--data', to.path)).toMatchObject({ code: 0, out: expect.stringMatching(/"absent": 0,\s+"broken": \[\]/) as string })
  await stop(moved.child)
  const [list, support] = await Promise.all([cli('backup', 'list', '--data', to.path), cli('support', '--out', join(stick.path, 's.tar.gz'), '--data', to.path)])
  expect([list.out.trim().split('\n').length >= 1, support.code, existsSync(join(stick.path, 's.tar.gz'))]).toEqual([true, 0, true])
}, 30_000)
