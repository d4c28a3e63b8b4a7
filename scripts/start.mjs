/**
 * `npm start`: Electron where it can run, else the headless host, saying why. The order is that of a stranger's patience:
 * whatever rules Electron out is found before anything is downloaded.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withNode } from './node.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const electronDir = join(root, 'node_modules', 'electron')
const words = process.argv.slice(2)
/** A firewall that drops packets would otherwise hold the start up for minutes. */
const INSTALL_SECONDS = Number(process.env.UNBINDERY_ELECTRON_SECONDS) || 120

if (withNode(fileURLToPath(import.meta.url))) {
  if (existsSync(join(root, 'out', 'main', 'headless.js'))) await start()
  else {
    process.stderr.write('The station is not built. Run: npm start\n')
    process.exitCode = 1
  }
}

async function start() {
  const reason = reasonAgainst() ?? await reasonAgainstBinary() ?? await runElectron()
  if (reason !== '') process.stdout.write(`HEADLESS HOST: ${reason}. The same station core now runs under Node ${process.versions.node}; open the address below in a browser.\n`)
  await import(pathToFileURL(join(root, 'out', 'main', 'headless.js')).href)
}

/** What rules Electron out before anything is downloaded; null: nothing; '': nothing worth a word. */
function reasonAgainst() {
  if (words.includes('--help')) return ''
  if (words.includes('--headless')) return 'asked for'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'no display'
  // Chromium's sandbox refuses root, and without the sandbox no page is shown here.
  if (process.platform === 'linux' && process.getuid() === 0) return 'started as root, where Electron has no sandbox'
  return null
}

function binary() {
  const name = { win32: 'electron.exe', darwin: join('Electron.app', 'Contents', 'MacOS', 'Electron') }[process.platform] ?? 'electron'
  return join(process.env.ELECTRON_OVERRIDE_DIST_PATH || join(electronDir, 'dist'), name)
}

/** Fetches Electron when it is not there; null when it is there now. Its own installer checks the sum of what it fetched. */
async function reasonAgainstBinary() {
  if (existsSync(binary())) return null
  const installer = join(electronDir, 'install.js')
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH || !existsSync(installer)) return `no Electron at ${binary()}`
  process.stdout.write(`Electron is not here yet; fetching it once (at most ${INSTALL_SECONDS} s) ...\n`)
  const error = await runInstaller(installer)
  return error === null && existsSync(binary()) ? null : `Electron could not be fetched (${error ?? 'its installer left nothing behind'})`
}

/** null: it ended well. */
async function runInstaller(installer) {
  const child = spawn(process.execPath, [installer], { stdio: ['ignore', 'inherit', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    process.stderr.write(chunk)
    said = (said + chunk).slice(0, 4000)
  })
  const { promise, resolve } = Promise.withResolvers()
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    resolve(`no answer within ${INSTALL_SECONDS} s`)
  }, INSTALL_SECONDS * 1000)
  child.on('error', error => resolve(error.message))
  child.on('close', code => resolve(code === 0 ? null : said.split('\n').find(line => line.trim() !== '')?.trim() ?? `code ${code}`))
  const error = await promise
  clearTimeout(timer)
  return error
}

/** Runs until Electron ends. Gives a reason when it ended before its window stood; else this process ends with it. */
async function runElectron() {
  const child = spawn(binary(), [root, ...words], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  const { promise, resolve } = Promise.withResolvers()
  let isUp = false
  child.on('message', message => {
    // 'station-refused': the station itself said no, in words already printed; the other host would hear the same.
    if (message === 'station-ready' || message === 'station-refused') isUp = true
  })
  const pass = signal => { child.kill(signal) }
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  child.on('error', error => resolve(error.message))
  child.on('exit', (code, signal) => {
    if (isUp) process.exit(code ?? 1)
    resolve(signal === null ? `code ${code}` : signal)
  })
  const end = await promise
  process.off('SIGINT', pass)
  process.off('SIGTERM', pass)
  if (end === 'SIGINT' || end === 'SIGTERM') process.exit(0)
  return `Electron ended before its window was up (${end})`
}
