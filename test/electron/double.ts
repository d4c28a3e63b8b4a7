// A double of electron, honest where it matters: `whenReady` resolves only when the test says that the entry module has been
// evaluated, as the real one does. A double that resolves at once would hide a top-level await that hangs.
import { EventEmitter } from 'node:events'

type Handler = (...args: never[]) => unknown

export class FakeContents extends EventEmitter {
  openHandler: Handler | null = null
  readonly sent: { channel: string; text: string }[] = []
  isGone = false
  setWindowOpenHandler(fn: Handler): void { this.openHandler = fn }
  isDestroyed(): boolean { return this.isGone }
  send(channel: string, text: string): void { this.sent.push({ channel, text }) }
}

export class FakeWindow extends EventEmitter {
  static readonly all: FakeWindow[] = []
  readonly options: Record<string, unknown>
  readonly webContents = new FakeContents()
  readonly did: string[] = []
  url = ''
  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
    FakeWindow.all.push(this)
  }
  loadURL(url: string): Promise<void> { this.url = url; return Promise.resolve() }
  maximize(): void { this.did.push('maximize') }
  show(): void { this.did.push('show') }
  focus(): void { this.did.push('focus') }
  close(): void { this.did.push('close') }
  reload(): void { this.did.push('reload') }
  isDestroyed(): boolean { return false }
  isMinimized(): boolean { return false }
}

const display = (id: number, x: number): unknown => ({ id, label: `screen ${id}`, size: { width: 1920, height: 1080 }, scaleFactor: 1, bounds: { x, y: 0, width: 1920, height: 1080 }, workArea: { x, y: 24, width: 1920, height: 1056 } })

export function makeDouble() {
  FakeWindow.all.length = 0
  const ready = Promise.withResolvers<void>()
  const calls: string[] = []
  const state = { hasLock: true, displays: [display(1, 0)], isReady: false, handlers: new Map<string, Handler>(), permission: {} as Record<string, Handler>, pages: null as Handler | null }
  const app = Object.assign(new EventEmitter(), {
    enableSandbox: () => { calls.push('enableSandbox') },
    requestSingleInstanceLock: () => state.hasLock,
    whenReady: () => ready.promise,
    quit: () => { calls.push('quit') },
    exit: (code: number) => { calls.push(`exit ${code}`) }
  })
  const powerMonitor = new EventEmitter()
  const keep = (name: string) => (fn: Handler): void => { state.permission[name] = fn }
  return {
    calls, state, app, powerMonitor,
    evaluated: () => { state.isReady = true; ready.resolve() },
    BrowserWindow: FakeWindow,
    dialog: { showErrorBox: (title: string, text: string) => { calls.push(`${title}: ${text}`) } },
    safeStorage: { isEncryptionAvailable: () => false },
    screen: { getPrimaryDisplay: () => state.displays[0], getAllDisplays: () => state.displays },
    session: { defaultSession: { setPermissionRequestHandler: keep('request'), setPermissionCheckHandler: keep('check'), setDevicePermissionHandler: keep('device') } },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown) => { calls.push(`schemes ${state.isReady ? 'too late' : JSON.stringify(schemes)}`) },
      handle: (_scheme: string, fn: Handler) => { state.pages = fn }
    },
    ipcMain: { handle: (channel: string, fn: Handler) => { state.handlers.set(channel, fn) }, removeHandler: (channel: string) => { state.handlers.delete(channel) } }
  }
}
