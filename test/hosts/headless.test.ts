// The built headless host and the built command line as the processes they are; `npm test` builds before it tests.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const built = (name: string): string => new URL(`../../out/main/${name}`, import.meta.url).pathname
let data: string
const children: ChildProcess[] = []
beforeEach(() => { data = mkdtempSync(join(tmpdir(), 'ub-head-')) })
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(data, { recursive: true, force: true })
})

interface Run { child: ChildProcess; out: () => string; err: () => string; code: Promise<number | null> }
function start(words: string[] = []): Run {
  const child = spawn(process.execPath, [built('headless.js'), '--data', data, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let [out, err] = ['', '']
  child.stdout.on('data', (c: Buffer) => { out += String(c) })
  child.stderr.on('data', (c: Buffer) => { err += String(c) })
  return { child, out: () => out, err: () => err, code: new Promise(resolve => child.on('close', resolve)) }
}
async function opened(words: string[] = []): Promise<Run & { url: string }> {
  const run = start(words)
  for (let i = 0; i < 150 && !run.out().includes('DISPLAY'); i += 1) await new Promise(resolve => { setTimeout(resolve, 100) })
  const url = /^OPEN {5}(\S+)$/m.exec(run.out())?.[1]
  if (url === undefined) return expect.fail(`did not start: ${run.out()} ${run.err()}`)
  return { ...run, url }
}
interface Said { code: number; out: string; err: string }
const unbindery = (...words: string[]): Promise<Said> => new Promise(resolve => {
  execFile(process.execPath, [built('cli.js'), ...words, '--data', data], (thrown, out, err) => resolve({ code: thrown ? Number(thrown.code) : 0, out, err }))
})

test('without a configuration it trains: two address lines, a door that opens, a clean end', async () => {
  const { child, out, err, url, code } = await opened(['--seed', '7'])
  expect(out()).toMatch(/^OPEN {5}http:\/\/127\.0\.0\.1:(\d+)\/#key=([0-9a-f]{32})\nDISPLAY {2}http:\/\/127\.0\.0\.1:\1\/display\.html#key=\2\n$/)
  const { origin, host, hash } = new URL(url)
  const socket = new WebSocket(`ws://${host}/door`, ['unbindery', hash.slice('#key='.length)], { origin })
  const answer = await new Promise<string>((resolve, reject) => {
    socket.on('open', () => socket.send('{"id":1,"name":"status","params":{}}'))
    socket.on('message', (data_: Buffer) => resolve(String(data_)))
    socket.on('error', reject)
  })
  expect(JSON.parse(answer)).toMatchObject({ id: 1, answer: { ok: true, value: { mode: 'training', isRunning: true } } })
  child.kill('SIGTERM')
  expect(await code).toBe(0)
  expect(err()).toBe('')
  expect(existsSync(join(data, 'station.sock'))).toBe(false)
})

test('the command line asks the running station, and its ledger when none runs', async () => {
  const { child, code } = await opened()
  const running = await unbindery('status')
  expect(running).toMatchObject({ code: 0, err: '' })
  expect(running.out).toMatch(/^mode {10}TRAINING$/m)
  expect(running.out).toMatch(/^running {7}yes$/m)
  expect(JSON.parse((await unbindery('status', '--json')).out)).toMatchObject({ mode: 'training', isRunning: true })
  expect((await unbindery('network')).out).toMatch(/^card {10}bench0 /m)
  expect(await unbindery('do', 'scan', '{"text":"OP:ANNA"}')).toMatchObject({ code: 0 })
  expect((await unbindery('history', '--limit', '1000')).out).toMatch(/operator\.signed/)
  expect((await unbindery('units', 'no-such-unit')).out).toBe('no units\n')
  child.kill('SIGINT')
  expect(await code).toBe(0)

  expect((await unbindery('status')).out).toMatch(/^running {7}no, read from the ledger$/m)
  expect((await unbindery('history')).out).toMatch(/station\.stopped/)
  const refused = await unbindery('do', 'scan', '{"text":"OP:ANNA"}')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('door.no-station')
})

test('a second station in the same folder is refused with the one thing to do, and harms nothing', async () => {
  await opened()
  const second = start()
  expect(await second.code).toBe(1)
  expect(second.err()).toBe(`The station is already running (ledger.second-instance)\n  path: ${join(data, 'station')}\nUse the window that is open; close the other one first.\n`)
  expect((await unbindery('status')).code).toBe(0)
})

test('mistakes of the configuration are told all at once, and nothing is started', async () => {
  writeFileSync(join(data, 'bench.json'), '{"mode":"live","dhcp":{"leaseSeconds":1},"colour":"red"}')
  const { err, code, out } = start(['--config', join(data, 'bench.json'), '--bench.lanes', '99'])
  expect(await code).toBe(1)
  for (const line of ['dhcp.leaseSeconds: 1 is not allowed; 60 to 86400', 'colour: no such setting', 'bench.lanes: 99 is not allowed; 1 to 48']) expect(err()).toContain(line)
  expect(out()).toBe('')
})

test('garbage as configuration, no such file and unknown words are faults in words', async () => {
  writeFileSync(join(data, 'garbage.json'), Buffer.from([0xff, 0, 1, 2, 0x7b]))
  for (const words of [['--config', join(data, 'garbage.json')], ['--config', join(data, 'none.json')], ['--config', data], ['--nonsense']]) {
    const run = start(words)
    expect(await run.code, words.join(' ')).toBe(1)
    expect(run.err()).toMatch(/^The configuration has mistakes \(config\.invalid\)\n {2}.+\nLead: correct/)
  }
})

test('a folder that was ever live does not fall back to training, unless that is asked for', async () => {
  mkdirSync(join(data, 'live'))
  writeFileSync(join(data, 'live/ledger.db'), '')
  const lost = start()
  expect(await lost.code).toBe(1)
  expect(lost.err()).toContain('config.lost')
  await opened(['--mode', 'training'])
})

test('a port that is taken ends the start with its number', async () => {
  const { url } = await opened()
  const port = new URL(url).port
  const other = mkdtempSync(join(tmpdir(), 'ub-head-'))
  const second = start(['--data', other, '--port', port])
  expect(await second.code).toBe(1)
  expect(second.err()).toContain(`port: ${port}`)
  rmSync(other, { recursive: true, force: true })
})

test('words that make no sense end with 2: how that verb is said, or the list of all; nobody there ends with 1 and what to type', async () => {
  const said: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^unbindery VERB/], [['dance'], /^There is no command dance\.\n\nunbindery VERB/], [['do'], /^ {2}do NAME \[JSON\]/], [['do', 'scan', '{'], /^not JSON: \{\n\n {2}do NAME/],
    [['status', 'more'], /^ {2}status /], [['units', '--colour'], /^Unknown option '--colour'\n\n {2}units \[TEXT\][^\n]*\n\nunbindery --help lists every command\.\n$/],
    [['--data', '/x', 'export', '--colour'], /^Unknown option '--colour'\n\n {2}export --format[^\n]*\n {23}units, history and export take[^\n]*\n {23}units and export also[^\n]*\n\nunbindery --help/]
  ]
  for (const [words, form] of said) {
    const { code, out, err } = await unbindery(...words)
    expect({ code, out }, words.join(' ')).toEqual({ code: 2, out: '' })
    expect(err).toMatch(form)
  }
  const nobody = await unbindery('status')
  expect(nobody.code).toBe(1)
  expect(nobody.err).toContain('Start the station with: npm start')
})

test('--help explains itself and starts nothing', async () => {
  const { out, code } = start(['--help'])
  expect(await code).toBe(0)
  expect(out()).toContain('--config FILE')
  expect(existsSync(join(data, 'log'))).toBe(false)
})
