/**
 * The Electron host after `ready`: station, pages by our own scheme, two windows. A window can show our pages and
 * nothing else: no other address, no new window, no permission but for the picture of a camera, no node.
 */
import { join } from 'node:path'
import { app, BrowserWindow, dialog, powerMonitor, protocol, safeStorage, screen, session, type Display, type WebPreferences } from 'electron'
import { isOurPage, PAGE_HOST, PAGE_SCHEME, serveIpc } from './hosts/ipc.ts'
import { Pages } from './hosts/static.ts'
import { LinuxScreens } from './live/screens.ts'
import { openStation, readVersion, type OpenStation } from './opening.ts'
import { parseOptions } from './options.ts'
import type { Screens, Secrets } from './ports.ts'
import { inWords } from './words-of-faults.ts'

/** `mainDir`: the folder of the entry; chunks may lie elsewhere. */
export async function boot(mainDir: string): Promise<void> {
  let station: OpenStation
  try {
    const options = parseOptions(process.argv.slice(1), process.env, true)
    station = await openStation(options, { screens: electronScreens(), version: readVersion(mainDir), env: process.env, vault: electronVault() })
  } catch (thrown) {
    const words = inWords(thrown)
    process.stderr.write(`${words}\n`)
    process.send?.('station-refused') // the launcher must not try the other host: it would be refused as well
    dialog.showErrorBox('Unbindery', words)
    app.exit(1)
    return
  }
  const ipc = serveIpc(station.gate)
  closeBeforeQuit(async () => {
    ipc[Symbol.dispose]()
    await station[Symbol.asyncDispose]()
  }, station)
  servePages(new Pages(join(mainDir, '..', 'renderer')))
  guardSession()
  guardProcess(station)
  powerMonitor.on('lock-screen', () => { void station.gate.ask('operator.leave', {}, { host: 'ipc' }) }) // nobody is there to answer for a code
  openWindows(join(mainDir, '..', 'preload', 'index.cjs'))
}

function openWindows(preload: string): void {
  const { workArea } = screen.getPrimaryDisplay()
  const bench = openWindow('', preload, { x: workArea.x, y: workArea.y, width: workArea.width, height: workArea.height, title: 'Unbindery' })
  bench.once('ready-to-show', () => {
    bench.maximize()
    bench.show()
    process.send?.('station-ready')
  })
  const second = secondDisplay()
  const rack = openWindow('display.html', preload, second === null
    ? { width: 800, height: 900, title: 'Unbindery rack display' }
    : { ...second.bounds, fullscreen: true, title: 'Unbindery rack display' })
  rack.once('ready-to-show', () => rack.show())
  bench.once('closed', () => { if (!rack.isDestroyed()) rack.close() })
  app.on('second-instance', () => {
    if (bench.isDestroyed()) return
    if (bench.isMinimized()) bench.restore()
    bench.focus()
  })
  app.on('window-all-closed', () => app.quit())
}

/** Spelled out although some are the defaults: a test reads them. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload, sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false,
    webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false, webviewTag: false, navigateOnDragDrop: false, spellcheck: false,
    disableBlinkFeatures: 'Auxclick', autoplayPolicy: 'no-user-gesture-required', backgroundThrottling: false
  }
}

function openWindow(page: string, preload: string, place: Electron.BrowserWindowConstructorOptions): BrowserWindow {
  const window = new BrowserWindow({ ...place, show: false, autoHideMenuBar: true, webPreferences: webPreferences(preload) })
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  webContents.on('will-navigate', event => { if (!isOurPage(event.url)) event.preventDefault() })
  webContents.on('will-redirect', event => { if (!isOurPage(event.url)) event.preventDefault() })
  webContents.on('will-attach-webview', event => event.preventDefault())
  webContents.on('render-process-gone', () => { if (!window.isDestroyed()) window.reload() })
  void window.loadURL(`${PAGE_SCHEME}://${PAGE_HOST}/${page}`).catch(() => undefined) // a closed window, or a page not built: the window says so
  return window
}

function servePages(pages: Pages): void {
  protocol.handle(PAGE_SCHEME, request => {
    const { status, headers, body } = isOurPage(request.url) ? pages.answer(new URL(request.url).pathname, '') : { status: 404, headers: {}, body: null }
    return new Response(status === 204 ? null : body, { status, headers })
  })
}

function guardSession(): void {
  // One thing only: the picture of a camera, for our own pages, which take it when somebody asks for it there.
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const kinds = 'mediaTypes' in details ? details.mediaTypes ?? [] : []
    answer(permission === 'media' && isOurPage(details.requestingUrl) && kinds.length > 0 && kinds.every(kind => kind === 'video'))
  })
  session.defaultSession.setPermissionCheckHandler((_contents, permission, origin, details) => permission === 'media' && details.mediaType === 'video' && isOurPage(origin))
  session.defaultSession.setDevicePermissionHandler(() => false)
}

/** Quitting waits for the ledger once; a second wish to quit does not wait again. */
function closeBeforeQuit(close: () => Promise<void>, station: OpenStation): void {
  let isClosing = false
  app.on('before-quit', event => {
    event.preventDefault()
    if (isClosing) return
    isClosing = true
    close().then(() => app.exit(0), (thrown: unknown) => {
      station.log.error('closing failed', { text: String(thrown) })
      app.exit(1)
    })
  })
}

/** A forgotten rejection stops nobody else's unit; an exception out of nowhere closes the ledger and ends the program. */
function guardProcess(station: OpenStation): void {
  process.on('unhandledRejection', thrown => station.log.error('unhandled rejection', { text: String(thrown) }))
  process.on('uncaughtException', thrown => {
    station.log.error('uncaught exception', { text: thrown.stack ?? thrown.message })
    app.quit()
  })
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => app.quit())
}

/** The key store of the operating system; null where there is none. `basic_text` is a key that everybody knows, and is called so. */
export function electronVault(): Secrets | null {
  if (!safeStorage.isEncryptionAvailable()) return null
  const isPlain = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text'
  return {
    kind: isPlain ? 'unprotected' : 'os',
    seal: plain => new Uint8Array(safeStorage.encryptString(Buffer.from(plain).toString('base64'))),
    open: sealed => new Uint8Array(Buffer.from(safeStorage.decryptString(Buffer.from(sealed)), 'base64'))
  }
}

function electronScreens(): Screens {
  const linux = new LinuxScreens()
  return {
    list: () => {
      const primary = screen.getPrimaryDisplay().id
      const windows = screen.getAllDisplays().map(d => ({ id: String(d.id), label: d.label, width: d.size.width, height: d.size.height, scale: d.scaleFactor, isPrimary: d.id === primary, isBuiltIn: d.internal }))
      return [...windows, ...linux.list()] // Electron does not tell how large they are
    }
  }
}

function secondDisplay(): Display | null {
  const primary = screen.getPrimaryDisplay().id
  return screen.getAllDisplays().find(d => d.id !== primary) ?? null
}
