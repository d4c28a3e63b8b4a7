/** A door with canned views: serves the built pages and their web socket as the headless host does, and remembers what was asked. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, resolve } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import type { BenchView, DisplayView, DoorAnswer, FaultView, UnitView } from '#shared'
import { BENCH, displayOf, FACTS, NETWORK, unitOf } from './fixtures.ts'

/** `UNBINDERY_OUT`: another build than the one in `out`. */
export const PAGES_DIR = resolve(import.meta.dirname, '../..', process.env['UNBINDERY_OUT'] ?? 'out', 'renderer')
export const KEY = '0123456789abcdef0123456789abcdef'
/** The policy the pages must live with; the hosts send at least this. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

interface Asked { readonly id: number; readonly name: string; readonly params: Readonly<Record<string, unknown>> }

export class FakeDoor implements AsyncDisposable {
  bench: BenchView = BENCH.empty
  display: DisplayView = displayOf({ wave: null, code: null })
  /** While true nothing is answered, as from a station that hangs. */
  isSilent = false
  /** Views of queries that have no canned one of their own. */
  canned: Readonly<Record<string, unknown>> = {}
  /** Acts that are refused, by name. */
  refuses: Readonly<Record<string, FaultView['code']>> = {}
  /** What the station does with a scan, beside answering it. */
  onScan: (text: string) => void = () => undefined
  readonly asked: Asked[] = []
  readonly #server = createServer((request, answer) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    readFile(resolve(PAGES_DIR, `.${path === '/' ? '/index.html' : path}`)).then(
      bytes => answer.writeHead(200, { 'content-type': TYPES[extname(path === '/' ? '.html' : path)] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' }).end(bytes),
      () => answer.writeHead(404).end()
    )
  })
  readonly #sockets = new WebSocketServer({ server: this.#server, path: '/door', handleProtocols: protocols => protocols.has('unbindery') && protocols.has(KEY) ? 'unbindery' : false })
  readonly #open = new Set<WebSocket>()

  static async start(): Promise<FakeDoor> {
    const door = new FakeDoor()
    door.#sockets.on('connection', socket => door.#take(socket))
    door.#server.listen(0, '127.0.0.1')
    await once(door.#server, 'listening')
    return door
  }

  get port(): number {
    return (door => door.port)(this.#server.address() as AddressInfo) // listening on TCP, so an object
  }

  url(page: 'index' | 'display', search = ''): string {
    return `http://127.0.0.1:${this.port}/${page}.html${search}#key=${KEY}`
  }

  /** Tells every page of a new bench, as one numbered change. */
  showBench(view: BenchView): void {
    this.bench = { ...view, version: this.bench.version + 1 }
    const left = new Set(view.units.map(u => u.uid))
    this.tell('bench.changed', { ...this.bench, gone: this.#everShown.filter(uid => !left.has(uid)) })
    this.#everShown = [...left]
  }

  #everShown: UnitView['uid'][] = []

  showDisplay(view: DisplayView): void {
    this.display = { ...view, version: this.display.version + 1 }
    this.tell('display.changed', this.display)
  }

  tell(event: string, payload: unknown): void {
    for (const socket of this.#open) socket.send(JSON.stringify({ event, payload }))
  }

  /** Breaks every line, as a station that restarts. */
  breakLines(): void {
    for (const socket of this.#open) socket.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakLines()
    this.#sockets.close()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(socket: WebSocket): void {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    socket.on('message', bytes => {
      const frame = JSON.parse(Buffer.isBuffer(bytes) ? bytes.toString() : '{}') as Asked | { follow: readonly string[] } // from our own pages
      if ('follow' in frame || this.isSilent) return
      this.asked.push(frame)
      socket.send(JSON.stringify({ id: frame.id, answer: this.#answer(frame) }))
    })
  }

  #answer({ name, params }: Asked): DoorAnswer {
    const value = { ok: true, value: this.#value(name, params) } as DoorAnswer // canned, one a name
    const refuse = (code: FaultView['code']): DoorAnswer => ({ ok: false, fault: { code, context: {} } })
    if (name === 'scan' && String(params['text']).startsWith('CM:DANCE')) return refuse('scan.unknown-command')
    if (name === 'wave.start') return refuse('wave.empty')
    const refused = this.refuses[name]
    if (refused !== undefined) return refuse(refused)
    return value
  }

  #value(name: string, params: Asked['params']): unknown {
    const before = typeof params['beforeSeq'] === 'number' ? params['beforeSeq'] : Number.MAX_SAFE_INTEGER
    const limit = typeof params['limit'] === 'number' ? params['limit'] : 100
    switch (name) {
      case 'bench.view': return this.bench
      case 'display.view': return this.display
      case 'network.view': return NETWORK
      case 'history.list': return params['kind'] === 'act.led' || params['kind'] === 'setting.changed' ? this.canned[params['kind']] ?? [] : FACTS.filter(f => f.seq < before).slice(0, limit)
      case 'units.find': return this.bench.units.filter(u => params['outcome'] === undefined || u.outcome === params['outcome']).slice(0, limit)
      case 'hold.list': return this.canned[name] ?? this.bench.units.filter(u => u.hold !== null)
      case 'scan':
        this.onScan(String(params['text']))
        return { heard: 'unit', unit: unitOf(9), note: 'new' }
      default: return this.canned[name] ?? null
    }
  }
}
