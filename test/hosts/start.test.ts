// The launcher with stub executables: a small project of its own in a temporary folder, in which Electron, its installer
// and the headless host are scripts that say that they ran.
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534
const scripts = new URL('../../scripts/', import.meta.url).pathname

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ub-start-'))
  chmodSync(root, 0o777)
  for (const folder of ['scripts', 'out/main', 'node_modules/electron']) mkdirSync(join(root, folder), { recursive: true })
  chmodSync(join(root, 'node_modules/electron'), 0o777)
  for (const name of ['start.mjs', 'node.mjs']) copyFileSync(join(scripts, name), join(root, 'scripts', name))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'out/main/headless.js'), 'console.log("STUB HOST", process.argv.slice(2).join(" "))')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Electron as a script under the name the launcher looks for. */
function electron(body: string, folder = join(root, 'node_modules/electron/dist')): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'electron'), `#!${process.execPath}\n${body}`, { mode: 0o755 })
}
const installer = (body: string): void => { writeFileSync(join(root, 'node_modules/electron/install.js'), body) }

interface Run { code: number | null; out: string; err: string }
async function start(words: string[] = [], env: Record<string, string> = {}, asRoot = false): Promise<Run> {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), ...words], {
    env: { PATH: process.env['PATH'], HOME: root, DISPLAY: ':99', ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && !asRoot ? { uid: NOBODY, gid: NOBODY } : {})
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (c: Buffer) => { out += String(c) })
  child.stderr.on('data', (c: Buffer) => { err += String(c) })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, out, err }
}
const headless = (reason: string): RegExp => new RegExp(`HEADLESS HOST: ${reason}.*\\. The same station core now runs under Node 2\\d\\.\\d+\\.\\d+; open the address below in a browser\\.\\nSTUB HOST`)
const UP = 'process.send("station-ready"); setTimeout(() => { console.log("STUB ELECTRON", process.argv.slice(2).join(" ")); process.exit(7) }, 50)'

test.skipIf(process.platform === 'win32')('--headless is obeyed before anything else, and the words go on to the host', async () => {
  electron(UP)
  const { code, out } = await start(['--headless', '--port', '0'])
  expect(out).toMatch(headless('asked for'))
  expect(out).toContain('STUB HOST --headless --port 0')
  expect(code).toBe(0)
})

test.skipIf(process.platform !== 'linux')('without a display nothing is downloaded', async () => {
  installer('console.log("INSTALLER RAN")')
  const { out } = await start([], { DISPLAY: '', WAYLAND_DISPLAY: '' })
  expect(out).toMatch(headless('no display'))
  expect(out).not.toContain('INSTALLER')
})

test.skipIf(process.platform !== 'linux' || !isRoot)('root gets the headless host and no Electron without a sandbox', async () => {
  electron(UP)
  const { out } = await start([], {}, true)
  expect(out).toMatch(headless('started as root'))
  expect(out).not.toContain('STUB ELECTRON')
})

test.skipIf(process.platform !== 'linux')('where Electron is, it runs with the project and the words, and its exit code is ours', async () => {
  electron(UP)
  const { code, out } = await start(['--data', '/somewhere'])
  expect(out).toBe(`STUB ELECTRON ${root} --data /somewhere\n`)
  expect(code).toBe(7)
})

test.skipIf(process.platform !== 'linux')('an Electron of somebody else is used where the variable says', async () => {
  electron(UP, join(root, 'elsewhere'))
  expect((await start([], { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'elsewhere') })).out).toContain('STUB ELECTRON')
  expect((await start([], { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'nowhere') })).out).toMatch(headless('no Electron at'))
})

test.skipIf(process.platform !== 'linux')('an absent Electron is fetched once, saying so, and then runs', async () => {
  installer(`import { mkdirSync, writeFileSync } from 'node:fs'
    mkdirSync(${JSON.stringify(join(root, 'node_modules/electron/dist'))})
    writeFileSync(${JSON.stringify(join(root, 'node_modules/electron/dist/electron'))}, ${JSON.stringify(`#!${process.execPath}\n${UP}`)}, { mode: 0o755 })`)
  const { out } = await start()
  expect(out).toMatch(/fetching it once[^]*STUB ELECTRON/)
})

test.skipIf(process.platform !== 'linux')('an installer that fails gives the first line of its error as the reason', async () => {
  installer('console.error("TypeError: fetch failed\\n    at somewhere"); process.exit(1)')
  expect((await start()).out).toMatch(headless('Electron could not be fetched \\(TypeError: fetch failed\\)'))
})

test.skipIf(process.platform !== 'linux')('an installer that never ends is given up after its time', async () => {
  installer('setInterval(() => {}, 1000)')
  expect((await start([], { UNBINDERY_ELECTRON_SECONDS: '1' })).out).toMatch(headless('Electron could not be fetched \\(no answer within 1 s\\)'))
})

test.skipIf(process.platform !== 'linux')('an Electron that dies before its window is up is replaced by the headless host, with the reason', async () => {
  electron('console.error("The SUID sandbox helper binary was found, but is not configured correctly"); process.exit(133)')
  const { code, out, err } = await start()
  expect(out).toMatch(headless('Electron ended before its window was up \\(code 133\\)'))
  expect(err).toContain('SUID sandbox')
  expect(code).toBe(0)
})

test.skipIf(process.platform !== 'linux')('a file that cannot run as Electron is no reason to stop either', async () => {
  mkdirSync(join(root, 'node_modules/electron/dist'))
  writeFileSync(join(root, 'node_modules/electron/dist/electron'), 'not a program', { mode: 0o644 })
  expect((await start()).out).toMatch(headless('.*EACCES'))
})

test.skipIf(process.platform !== 'linux')('a station that refuses to start in Electron is not started a second time headless', async () => {
  electron('process.send("station-refused"); console.error("The configuration has mistakes"); setTimeout(() => process.exit(1), 20)')
  const { code, out, err } = await start()
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('configuration')
})

test('without a build it says what to type', async () => {
  rmSync(join(root, 'out'), { recursive: true })
  const { code, err } = await start()
  expect(code).toBe(1)
  expect(err).toContain('npm start')
})
