// electron for the built main under Node: it looks whether the files named to it are there, and fetches its pages as a window would.
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`)
const display = { id: 1, label: 'one', size: { width: 1920, height: 1080 }, scaleFactor: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 }, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }
let pages

export const app = Object.assign(new EventEmitter(), {
  enableSandbox() {},
  requestSingleInstanceLock: () => true,
  // The real `ready` comes only after the entry module has been evaluated.
  whenReady: () => new Promise(resolve => { setTimeout(resolve, 50) }),
  quit() { app.emit('before-quit', { preventDefault() {} }) },
  exit(code) { say({ exit: code }); process.exit(code) }
})
export const protocol = { registerSchemesAsPrivileged() {}, handle(_scheme, fn) { pages = fn } }
export const safeStorage = { isEncryptionAvailable: () => false }
export const dialog = { showErrorBox: (title, text) => say({ box: text }) }
export const powerMonitor = new EventEmitter()
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] }
export const session = { defaultSession: { setPermissionRequestHandler() {}, setPermissionCheckHandler() {}, setDevicePermissionHandler() {} } }
export const ipcMain = { handlers: new Map(), handle(channel, fn) { ipcMain.handlers.set(channel, fn) }, removeHandler(channel) { ipcMain.handlers.delete(channel) } }

export class BrowserWindow extends EventEmitter {
  constructor(options) {
    super()
    this.preload = options.webPreferences.preload
    this.webContents = Object.assign(new EventEmitter(), { setWindowOpenHandler() {}, send() {}, isDestroyed: () => false })
  }
  async loadURL(url) {
    const page = await pages({ url })
    const text = await page.text()
    const scripts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => new URL(match[1], url).href)
    const found = await Promise.all(scripts.map(async href => (await pages({ url: href })).status))
    const frame = { senderFrame: { url, parent: null }, sender: this.webContents }
    const answer = await ipcMain.handlers.get('door')(frame, JSON.stringify({ id: 1, name: 'status', params: {} }))
    say({ url, status: page.status, assets: found, preload: existsSync(this.preload), mode: answer.answer.value?.mode })
    this.emit('ready-to-show')
  }
  maximize() {}
  show() {}
  focus() {}
  close() {}
  isDestroyed() { return false }
  isMinimized() { return false }
}
