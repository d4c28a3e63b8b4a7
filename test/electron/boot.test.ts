import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeGate } from '../hosts/fake-gate.ts'
import { FakeWindow, makeDouble } from './double.ts'

const held = vi.hoisted(() => ({ electron: {} as Record<string, unknown>, open: (): Promise<unknown> => Promise.resolve({}) }))
vi.mock('electron', () => new Proxy({}, { get: (_, name) => name === 'then' ? undefined : held.electron[String(name)], has: () => true }))
vi.mock('../../src/main/opening.ts', () => ({ openStation: () => held.open(), readVersion: () => '0.0.0' }))

let root: string
let double: ReturnType<typeof makeDouble>
let closed: number
let told: unknown[]
const send = Object.getOwnPropertyDescriptor(process, 'send') // vitest may talk to its workers by it
const EVENTS = ['SIGINT', 'SIGTERM', 'unhandledRejection', 'uncaughtException']
const emitter: EventEmitter = process // by plain names, whatever the event
let listeners = new Map<string, unknown[]>()
beforeEach(() => {
  vi.resetModules()
  listeners = new Map(EVENTS.map(name => [name, emitter.listeners(name)]))
  root = mkdtempSync(join(tmpdir(), 'ub-boot-'))
  mkdirSync(join(root, 'renderer'))
  writeFileSync(join(root, 'renderer/index.html'), '<title>console</title>')
  double = makeDouble()
  held.electron = double
  closed = 0
  told = []
  process.send = (message: unknown) => { told.push(message); return true }
  held.open = () => Promise.resolve({ gate: new FakeGate(), log: { error: () => undefined }, [Symbol.asyncDispose]: () => { closed += 1; return Promise.resolve() } })
})
afterEach(() => {
  if (send) Object.defineProperty(process, 'send', send)
  else delete process.send
  for (const [name, known] of listeners) for (const fn of emitter.listeners(name)) if (!known.includes(fn)) emitter.off(name, fn as () => void) // as listed
  rmSync(root, { recursive: true })
})
test('a locked screen signs the operator out, and the rack\'s code goes with it', async () => {
  const gate = new FakeGate()
  held.open = () => Promise.resolve({ gate, log: { error: () => undefined }, [Symbol.asyncDispose]: () => Promise.resolve() })
  await boot()
  double.powerMonitor.emit('lock-screen')
  expect(gate.asked.map(a => a.name)).toEqual(['operator.leave'])
})

async function boot(): Promise<FakeWindow[]> {
  const { boot: start } = await import('../../src/main/boot.ts')
  await start(join(root, 'main'))
  return FakeWindow.all
}

test('both windows are sandboxed, isolated, without node, and load our own scheme', async () => {
  const windows = await boot()
  expect(windows.map(w => w.url)).toEqual(['app://unbindery/', 'app://unbindery/display.html'])
  for (const { options } of windows) {
    expect(options['show']).toBe(false)
    expect(options['webPreferences']).toMatchObject({
      preload: join(root, 'preload/index.cjs'), sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false,
      webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false, webviewTag: false, navigateOnDragDrop: false, disableBlinkFeatures: 'Auxclick'
    })
  }
})

test('a window opens no window, goes nowhere else and embeds nothing', async () => {
  for (const { webContents } of await boot()) {
    expect(webContents.openHandler?.()).toEqual({ action: 'deny' })
    const tries: [string, string, boolean][] = [
      ['will-navigate', 'https://evil.example/', true], ['will-navigate', 'file:///etc/passwd', true], ['will-navigate', 'app://other/', true], ['will-navigate', 'app://unbindery.evil/', true],
      ['will-navigate', 'nonsense', true], ['will-navigate', 'app://unbindery/display.html', false], ['will-redirect', 'https://evil.example/', true], ['will-attach-webview', '', true]
    ]
    for (const [event, url, isStopped] of tries) {
      let stopped = false
      webContents.emit(event, { url, preventDefault: () => { stopped = true } })
      expect(stopped, `${event} ${url}`).toBe(isStopped)
    }
  }
})

test('every permission is denied but the picture of a camera, to our own pages', async () => {
  await boot()
  const ask = (permission: string, requestingUrl: string, mediaTypes?: readonly string[]): unknown => {
    let answer: unknown = null
    double.state.permission['request']?.(...[null, permission, (x: unknown) => { answer = x }, { requestingUrl, isMainFrame: true, ...mediaTypes ? { mediaTypes } : {} }] as never[])
    return answer
  }
  const check = (permission: string, origin: string, mediaType: string): unknown => double.state.permission['check']?.(...[null, permission, origin, { mediaType }] as never[])
  const ours = 'app://unbindery/index.html'
  expect(ask('media', ours, ['video'])).toBe(true)
  for (const kinds of [['audio'], ['video', 'audio'], [], undefined]) expect(ask('media', ours, kinds)).toBe(false)
  for (const url of ['https://evil.example/', 'app://other/', '']) expect(ask('media', url, ['video'])).toBe(false)
  for (const permission of ['geolocation', 'clipboard-read', 'display-capture', 'notifications', 'usb']) expect(ask(permission, ours, ['video'])).toBe(false)
  expect(check('media', 'app://unbindery/', 'video')).toBe(true)
  for (const [permission, origin, kind] of [['media', 'app://unbindery/', 'audio'], ['media', 'https://evil.example/', 'video'], ['geolocation', 'app://unbindery/', 'video']] as const) expect(check(permission, origin, kind)).toBe(false)
  expect(double.state.permission['device']?.()).toBe(false)
})

test('pages come with a strict policy, and nothing else comes at all', async () => {
  await boot()
  const ask = (url: string): Response => double.state.pages?.(...[{ url }] as never[]) as Response // what protocol.handle wants
  const page = ask('app://unbindery/')
  expect(await page.text()).toBe('<title>console</title>')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|\*/)
  for (const url of ['app://unbindery/../package.json', 'app://unbindery/%zz', 'app://other/', 'app://unbindery/nothing']) expect([400, 404]).toContain(ask(url).status)
  expect(ask('app://unbindery/favicon.ico').status).toBe(204)
})

test('the launcher is told when the console can be shown, and not before', async () => {
  const [bench] = await boot()
  expect(told).toEqual([])
  bench?.emit('ready-to-show')
  expect(told).toEqual(['station-ready'])
  expect(bench?.did).toEqual(['maximize', 'show'])
})

test('the rack display fills the second screen where there is one', async () => {
  double.state.displays.push({ id: 2, bounds: { x: 1920, y: 0, width: 1280, height: 1024 }, size: { width: 1280, height: 1024 }, label: 'rack', scaleFactor: 1 })
  const [, rack] = await boot()
  expect(rack?.options).toMatchObject({ x: 1920, width: 1280, fullscreen: true })
})

test('a station that does not start is told in words, and the launcher is told not to try again', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { Fault } = await import('../../src/main/domain/fault.ts') // the modules of this test are its own
  held.open = () => Promise.reject(new Fault('config.invalid', { complaints: 'bench.card: a live bench needs the name of its card' }))
  await boot()
  stderr.mockRestore()
  expect(told).toEqual(['station-refused'])
  expect(double.calls.join('\n')).toContain('bench.card: a live bench needs')
  expect(double.calls.at(-1)).toBe('exit 1')
  expect(FakeWindow.all).toEqual([])
})

test('quitting closes the station once, then leaves', async () => {
  await boot()
  let prevented = 0
  for (let i = 0; i < 2; i += 1) (double.app as EventEmitter).emit('before-quit', { preventDefault: () => { prevented += 1 } })
  await vi.waitFor(() => expect(double.calls.at(-1)).toBe('exit 0'))
  expect({ closed, prevented }).toEqual({ closed: 1, prevented: 2 })
})
