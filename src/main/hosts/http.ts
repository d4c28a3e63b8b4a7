/**
 * The gate for a browser on this computer, and for no other.
 *
 * The handshake, for the page: the address ends in `#key=<32 hex digits>`, a part that browsers never send. The page
 * reads `location.hash`, keeps the key in sessionStorage (so that a reload works) and opens a WebSocket to
 * `ws://<location.host>/door` with the sub-protocols ['unbindery', key]; the server answers 'unbindery'. Frames are
 * `DoorFrame` as JSON, one a message. The key is made anew at each start; a wrong one is refused with 403.
 * Closing codes: 4400 a frame could not be read; 1001 the station stops. A screen that does not read is cut off without a
 * code (1006); it connects again and asks again.
 *
 * Checks, in order: the Host header is this loopback address (else 421, against DNS rebinding); an Origin header, where
 * there is one, is ours (else 403; a web socket must have one); GET and HEAD only (405); files of out/renderer only (404).
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Fault } from '../domain/fault.ts'
import type { Entropy } from '../ports.ts'
import { DoorSession, PICTURE_FRAME_MAX, type DoorGate } from './frames.ts'
import { plain, type PageAnswer, type Pages } from './static.ts'

const LOOPBACK = '127.0.0.1'
const KEY_BYTES = 16
const CONNECTIONS_MAX = 64
const SCREENS_MAX = 16
const REQUEST_MS = 10_000
const UNREADABLE = 4400 // 4000 to 4999 are ours, RFC 6455 7.4.2

export interface HttpHost extends AsyncDisposable {
  readonly port: number
  readonly consoleUrl: string
  readonly displayUrl: string
}

/** Faults: `net.port-taken`, `net.no-rights`. Port 0 takes a free one. */
export async function serveHttp(gate: DoorGate, entropy: Entropy, options: { readonly pages: Pages; readonly port: number }): Promise<HttpHost> {
  const key = Buffer.from(entropy.bytes(KEY_BYTES)).toString('hex')
  const server = createServer({ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: REQUEST_MS })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: PICTURE_FRAME_MAX, perMessageDeflate: false, handleProtocols: () => 'unbindery' })
  server.maxConnections = CONNECTIONS_MAX
  server.on('clientError', (_thrown, socket) => { socket.destroy() })
  const port = await listen(server, options.port)
  const door: HttpDoor = { gate, key, port, pages: options.pages, sockets }
  server.on('request', (request, response) => answer(door, request, response))
  server.on('upgrade', (request, socket, head) => upgrade(door, request, socket, head))
  const url = (page: string): string => `http://${LOOPBACK}:${port}/${page}#key=${key}`
  return {
    port,
    consoleUrl: url(''),
    displayUrl: url('display.html'),
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      for (const socket of sockets.clients) {
        socket.close(1001, 'the station stops')
        socket.terminate()
      }
      server.closeAllConnections()
      await promise
    }
  }
}

interface HttpDoor { readonly gate: DoorGate; readonly key: string; readonly port: number; readonly pages: Pages; readonly sockets: WebSocketServer }

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const refuse = (thrown: NodeJS.ErrnoException): void => {
    const code = thrown.code === 'EADDRINUSE' ? 'net.port-taken' : thrown.code === 'EACCES' ? 'net.no-rights' : 'program.unexpected'
    reject(new Fault(code, { port, text: thrown.message }, thrown))
  }
  server.once('error', refuse)
  server.listen({ host: LOOPBACK, port, exclusive: true }, resolve)
  await promise
  server.off('error', refuse)
  server.on('error', () => undefined)
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

function answer(door: HttpDoor, request: IncomingMessage, response: ServerResponse): void {
  const connect = `ws://${LOOPBACK}:${door.port} ws://localhost:${door.port}`
  const page = refusalOf(door, request, false) ?? door.pages.answer(request.url ?? '', connect)
  response.on('error', () => undefined)
  response.writeHead(page.status, { ...page.headers, 'content-length': String(page.body.byteLength) })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

function upgrade(door: HttpDoor, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => socket.destroy())
  const refusal = refusalOf(door, request, true) ?? refusalOfDoor(door, request)
  if (refusal) {
    socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    return
  }
  door.sockets.handleUpgrade(request, socket, head, client => serveScreen(door.gate, client))
}

/** null: go on. */
function refusalOf(door: HttpDoor, request: IncomingMessage, needsOrigin: boolean): PageAnswer | null {
  const { host, origin } = request.headers
  const hosts = [`${LOOPBACK}:${door.port}`, `localhost:${door.port}`]
  if (host === undefined || !hosts.includes(host)) return plain(421, 'This station answers to its own address only.', '')
  if (origin === undefined ? needsOrigin : origin !== `http://${host}`) return plain(403, 'Another page may not ask here.', '')
  if (request.method !== 'GET' && (request.method !== 'HEAD' || needsOrigin)) return plain(405, 'Pages can be read, nothing else.', '')
  return null
}

function refusalOfDoor(door: HttpDoor, request: IncomingMessage): PageAnswer | null {
  const [path] = (request.url ?? '').split('?')
  if (path !== '/door') return plain(404, 'There is no such door.', '')
  const [name, key, ...more] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(part => part.trim())
  if (name !== 'unbindery' || more.length > 0 || !isSameKey(door.key, key ?? '')) return plain(403, 'Open the address the station printed at its start.', '')
  if (door.sockets.clients.size >= SCREENS_MAX) return plain(503, 'Too many screens are open.', '')
  return null
}

function serveScreen(gate: DoorGate, client: WebSocket): void {
  const session = new DoorSession(gate, 'http', {
    send: text => client.send(text, () => undefined), // a failed send is followed by `close`
    backlog: () => client.bufferedAmount,
    drop: why => {
      if (why === 'slow') client.terminate() // a close frame would wait behind the backlog
      else client.close(UNREADABLE, why)
    }
  })
  client.on('error', () => client.terminate()) // a frame too large, or not a web-socket frame at all
  client.on('close', () => session[Symbol.dispose]())
  client.on('message', (data, isBinary) => {
    // A binary message is none of ours; '' is no frame either and ends the conversation the same way.
    void session.hear(isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8'))
  })
}

function isSameKey(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)]
  return a.length === b.length && timingSafeEqual(a, b)
}
