import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { millis } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import type { WebAnswer, WebRequest } from '../../src/main/ports.ts'

const never = new AbortController().signal
const closers: (() => unknown)[] = []
let web: LiveWeb
beforeEach(() => { web = new LiveWeb() })
afterEach(async () => {
  await web[Symbol.asyncDispose]()
  for (const close of closers.splice(0)) close()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  closers.push(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server always has one
}
async function serveRaw(accept: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createRawServer(socket => { sockets.add(socket); socket.on('error', () => undefined); accept(socket) }).listen(0, '127.0.0.1')
  closers.push(() => { for (const s of sockets) s.destroy(); server.close() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // as above
}
const get = (url: string, more: Partial<WebRequest> = {}): WebRequest => ({ method: 'GET', url, headers: {}, deadlineMs: millis(3000), ...more })
async function faultOf(asking: Promise<WebAnswer>): Promise<string> {
  try { await asking } catch (thrown) { return thrown instanceof Fault ? thrown.code : `not a Fault: ${String(thrown)}` }
  return 'answered'
}

test('an exchange carries method, path, headers and body both ways', async () => {
  const url = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (c: Buffer) => chunks.push(c)).on('end', () => {
      response.writeHead(418, { 'x-seen': `${request.method} ${request.url} ${String(request.headers['sign'])}` }).end(Buffer.concat(chunks))
    })
  })
  const answer = await web.request({ method: 'POST', url: `${url}/a/b?c=d%20e`, headers: { sign: 'S1' }, body: new TextEncoder().encode('{"x":1}'), deadlineMs: millis(3000) }, never)
  expect(answer.status).toBe(418)
  expect(answer.headers['x-seen']).toBe('POST /a/b?c=d%20e S1')
  expect(Buffer.from(answer.body).toString()).toBe('{"x":1}')
})

test('a redirect is an answer like any other, not followed', async () => {
  const url = await serve((_request, response) => { response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end() })
  expect((await web.request(get(url), never)).status).toBe(302)
})

test('not started: nobody listens, the name is unknown, the address is none', async () => {
  expect(await faultOf(web.request(get('http://127.0.0.1:1/'), never))).toBe('web.not-started')
  expect(await faultOf(web.request(get('http://no-such-host.invalid/'), never))).toBe('web.not-started')
  expect(await faultOf(web.request(get('file:///etc/passwd'), never))).toBe('web.not-started')
  expect(await faultOf(web.request(get('not a url'), never))).toBe('web.not-started')
})

test('not started: a server that cannot prove its name gets no byte', async () => {
  let heard = 0
  const url = await serveRaw(socket => socket.on('data', chunk => { heard += 1; socket.end(chunk.subarray(0, 0)) }))
  expect(await faultOf(web.request(get(url.replace('http:', 'https:')), never))).toBe('web.not-started')
  expect(heard).toBe(1) // the TLS greeting, no request
})

test('unknown: silence, a byte a minute, a cut, a half answer', async () => {
  const silent = await serveRaw(() => undefined)
  const drip = await serveRaw(socket => { socket.write('HTTP/1.1 200 OK\r\n'); const t = setInterval(() => socket.write('x'), 20); socket.once('close', () => clearInterval(t)) })
  const cut = await serveRaw(socket => { socket.once('data', () => socket.destroy()) })
  const half = await serveRaw(socket => { socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')) })
  for (const url of [silent, drip, cut, half]) {
    expect(await faultOf(web.request(get(url, { deadlineMs: millis(300) }), never)), url).toBe('web.unknown')
  }
})

test('unknown: an answer longer than allowed', async () => {
  const url = await serve((_request, response) => response.end('x'.repeat(5000)))
  expect(await faultOf(web.request(get(url, { bytesMax: 4999 }), never))).toBe('web.unknown')
  expect((await web.request(get(url, { bytesMax: 5000 }), never)).body).toHaveLength(5000)
})

test('whoever aborts hears the reason of the abort', async () => {
  const url = await serveRaw(() => undefined)
  const abort = new AbortController()
  const asking = web.request(get(url), abort.signal)
  setTimeout(() => abort.abort(new Fault('station.stopped')), 30)
  expect(await faultOf(asking)).toBe('station.stopped')
  expect(await faultOf(web.request(get(url), abort.signal))).toBe('station.stopped')
})
