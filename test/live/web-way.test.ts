/** The way to the cloud: a private certificate authority beside the system's, and a proxy that everything goes through. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { millis } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../golden/private-ca.ts'

const NEVER = new AbortController().signal
const closers: (() => unknown)[] = []
afterEach(async () => { for (const close of closers.splice(0).toReversed()) await close() })

const hello: RequestListener = (request, response) => { response.end(`hello ${request.url ?? ''}`) }
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => { sockets.add(socket) })
  closers.push(() => { for (const s of sockets) s.destroy(); server.close() })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // a TCP server always has one
}
/** Tunnels by CONNECT; `refuses`: it answers 403 instead. */
async function proxy(refuses = false): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((_request, response) => { response.writeHead(405).end() })
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    if (refuses) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
    closers.push(() => far.destroy())
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, asked }
}
function open(options: ConstructorParameters<typeof LiveWeb>[0]): LiveWeb {
  const web = new LiveWeb(options)
  closers.push(() => web[Symbol.asyncDispose]())
  return web
}
async function ask(web: LiveWeb, url: string): Promise<string> {
  try {
    const answer = await web.request({ method: 'GET', url, headers: {}, deadlineMs: millis(3000) }, NEVER)
    return new TextDecoder().decode(answer.body)
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown)
  }
}
const tls = () => createTlsServer({ key: TEST_CERTIFICATE_KEY, cert: TEST_CERTIFICATE }, hello)

test('a certificate of a private authority is believed only where that authority is configured', async () => {
  const port = await listen(tls())
  expect(await ask(open({ trusted: TEST_AUTHORITY }), `https://127.0.0.1:${port}/a`)).toBe('hello /a')
  expect(await ask(open({}), `https://127.0.0.1:${port}/a`)).toBe('web.not-started')
})

test('everything goes through the proxy, plain and encrypted, and the proxy sees only the address of what is encrypted', async () => {
  const { url, asked } = await proxy()
  const [plain, secure] = [await listen(createServer(hello)), await listen(tls())]
  const web = open({ proxy: url, trusted: TEST_AUTHORITY })
  expect(await ask(web, `http://127.0.0.1:${plain}/p`)).toBe('hello /p')
  expect(await ask(web, `https://127.0.0.1:${secure}/s`)).toBe('hello /s')
  expect(asked).toEqual([`127.0.0.1:${plain}`, `127.0.0.1:${secure}`])
})

test('a proxy that refuses, or is not there, means that nothing went out', async () => {
  const port = await listen(createServer(hello))
  const { url } = await proxy(true)
  expect(await ask(open({ proxy: url }), `http://127.0.0.1:${port}/`)).toBe('web.not-started')
  expect(await ask(open({ proxy: 'http://127.0.0.1:1' }), `http://127.0.0.1:${port}/`)).toBe('web.not-started')
})
