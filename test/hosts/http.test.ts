import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Fault } from '../../src/main/domain/fault.ts'
import { PICTURE_CHARS_MAX } from '#shared'
import { FRAME_MAX } from '../../src/main/hosts/frames.ts'
import { serveHttp, type HttpHost } from '../../src/main/hosts/http.ts'
import { Pages } from '../../src/main/hosts/static.ts'
import { LiveEntropy } from '../../src/main/live/clock.ts'
import { change, FakeGate } from './fake-gate.ts'

let folder: string
let gate: FakeGate
let host: HttpHost
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ub-http-'))
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'renderer/index.html'), '<title>console</title>')
  writeFileSync(join(folder, 'renderer/display.html'), '<title>display</title>')
  writeFileSync(join(folder, 'renderer/assets/a b.js'), 'let x')
  writeFileSync(join(folder, 'renderer/.env'), 'SECRET=1')
  gate = new FakeGate()
  host = await serveHttp(gate, new LiveEntropy(), { pages: new Pages(join(folder, 'renderer')), port: 0 })
})
afterEach(async () => {
  await host[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** One request as raw bytes, so that no client tidies it up first. */
async function raw(text: string): Promise<string> {
  const socket = connect(host.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const chunks: Buffer[] = []
  socket.on('data', (c: Buffer) => chunks.push(c))
  socket.write(text, 'latin1')
  await new Promise(resolve => { socket.once('close', resolve); setTimeout(resolve, 500) })
  socket.destroy()
  return Buffer.concat(chunks).toString()
}
const get = (path: string, headers = '', at = `127.0.0.1:${host.port}`): Promise<string> => raw(`GET ${path} HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n${headers}\r\n`)
const statusOf = (answer: string): number => Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0)
const key = (): string => /#key=([0-9a-f]{32})$/.exec(host.consoleUrl)?.[1] ?? ''

function open(options: { key?: string; origin?: string | null; path?: string; protocols?: string[] } = {}): WebSocket {
  const origin = options.origin === undefined ? `http://127.0.0.1:${host.port}` : options.origin
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${options.path ?? '/door'}`, options.protocols ?? ['unbindery', options.key ?? key()], origin === null ? {} : { origin })
  socket.on('error', () => undefined)
  return socket
}
/** 'open', or the status of the refusal. */
async function outcome(socket: WebSocket): Promise<string> {
  return await new Promise(resolve => {
    socket.on('open', () => resolve('open'))
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
    setTimeout(() => resolve('silence'), 3000)
  })
}
const closed = async (socket: WebSocket): Promise<number> => { const [code] = await once(socket, 'close'); return Number(code) }

/** After any attack the host must still answer. */
async function expectAlive(): Promise<void> {
  expect(statusOf(await get('/'))).toBe(200)
}

test('the console is at /, the rack display at /display.html, both with a strict policy and never cached', async () => {
  const console_ = await get('/')
  expect(console_).toContain('<title>console</title>')
  expect(await get('/display.html?rack=R1')).toContain('<title>display</title>')
  expect(await get('/assets/a%20b.js')).toContain('text/javascript')
  const policy = /content-security-policy: (.*)\r/i.exec(console_)?.[1] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|\*/)
  expect(console_).toMatch(/x-content-type-options: nosniff/i)
  expect(console_).toMatch(/cache-control: no-store/i)
  expect(host.displayUrl).toBe(host.consoleUrl.replace('/#', '/display.html#'))
})

test('an icon nobody made is no error', async () => {
  expect(statusOf(await get('/favicon.ico'))).toBe(204)
})

test('paths outside the pages, broken escapes and odd request lines are refused and harm nothing', async () => {
  for (const path of ['/%zz', '/%', '/%e0%a4%a', '*', 'http://evil.example/', '//evil']) expect([400, 404], path).toContain(statusOf(await get(path)))
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..\\secret.txt', '/.env', '/assets', '/assets/', '/nothing', '/%00', '/index.html%00.js', `/${'a/'.repeat(3000)}`]) {
    const answer = await get(path)
    expect([400, 404], path).toContain(statusOf(answer))
    expect(answer).not.toContain('secret')
  }
  await expectAlive()
})

test('bytes that are no HTTP at all close the connection and nothing else', async () => {
  for (const text of ['\x16\x03\x01\x02\x00\x01\x00', 'GET', '\r\n\r\n', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`, 'GET / HTTP/9.9\r\n\r\n', 'BREW /pot HTCPCP/1.0\r\n\r\n']) await raw(text)
  await expectAlive()
})

test('only reading is allowed', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    expect(statusOf(await raw(`${method} / HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`))).toBe(405)
  }
  expect(await raw(`HEAD / HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nConnection: close\r\n\r\n`)).not.toContain('console')
})

test('another host name is refused with 421, another origin with 403', async () => {
  for (const at of ['evil.example', '127.0.0.1', `127.0.0.1:${host.port + 1}`, `evil.example:${host.port}`, `0.0.0.0:${host.port}`]) expect(statusOf(await get('/', '', at)), at).toBe(421)
  for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${host.port}`, `http://127.0.0.1:${host.port}.evil.example`]) expect(statusOf(await get('/', `Origin: ${origin}\r\n`)), origin).toBe(403)
  expect(statusOf(await get('/', '', `localhost:${host.port}`))).toBe(200)
})

test('the host listens on the loopback address only', async () => {
  const socket = connect(host.port, '127.0.0.2')
  const isRefused = await new Promise(resolve => { socket.once('error', () => resolve(true)); socket.once('connect', () => resolve(false)) })
  socket.destroy()
  expect(isRefused).toBe(true)
})

test('the door opens with the key of this start, from our own page only', async () => {
  const good = open()
  expect(await outcome(good)).toBe('open')
  expect(good.protocol).toBe('unbindery')
  good.close()
  const refused = {
    'a wrong key': open({ key: '0'.repeat(32) }), 'half a key': open({ key: key().slice(0, 16) }), 'no key': open({ protocols: ['unbindery'] }), 'no protocol at all': open({ protocols: [] }),
    'the key without its name': open({ protocols: [key(), 'unbindery'] }), 'another page': open({ origin: 'http://evil.example' }), 'no page': open({ origin: null })
  }
  for (const [what, socket] of Object.entries(refused)) expect(await outcome(socket), what).toBe('403')
  expect(await outcome(open({ path: '/' }))).toBe('404')
  expect(await outcome(open({ path: '/%zz' }))).toBe('404')
  await expectAlive()
})

test('a key is made anew at each start', async () => {
  await using other = await serveHttp(gate, new LiveEntropy(), { pages: new Pages(folder), port: 0 })
  expect(other.consoleUrl.slice(-32)).not.toBe(key())
})

test('a page asks and is told', async () => {
  const socket = open()
  await once(socket, 'open')
  socket.send('{"id":1,"name":"status","params":{}}')
  const [first] = await once(socket, 'message')
  expect(JSON.parse(String(first))).toEqual({ id: 1, answer: { ok: true, value: null } })
  expect(gate.asked[0]?.host).toBe('http')
  socket.send('{"follow":["bench.changed"]}')
  while (gate.followers === 0) await new Promise(resolve => { setTimeout(resolve, 5) })
  gate.tell('bench.changed', change(3))
  const [second] = await once(socket, 'message')
  expect(JSON.parse(String(second))).toEqual({ event: 'bench.changed', payload: change(3) })
  socket.close()
  await closed(socket)
  while (gate.followers > 0) await new Promise(resolve => { setTimeout(resolve, 5) })
})

test('a picture of 4 MiB comes through the web socket whole, and a larger one ends the conversation', async () => {
  const socket = open()
  await once(socket, 'open')
  socket.send(JSON.stringify({ id: 1, name: 'relay.picture', params: { picture: 'A'.repeat(PICTURE_CHARS_MAX) } }))
  const [answer] = await once(socket, 'message')
  expect(JSON.parse(String(answer))).toEqual({ id: 1, answer: { ok: true, value: null } })
  expect(gate.asked.map(a => [a.name, JSON.stringify(a.params).length])).toEqual([['relay.picture', PICTURE_CHARS_MAX + 14]])
  const end = closed(socket)
  socket.send(JSON.stringify({ id: 2, name: 'relay.picture', params: { picture: 'A'.repeat(PICTURE_CHARS_MAX + 2000) } }))
  expect([4400, 1009, 1006]).toContain(await end)
  await expectAlive()
})

test('garbage, binary, giant and broken frames end that one conversation', async () => {
  const attacks: ((socket: WebSocket) => void)[] = [
    s => s.send('{"id":'), s => s.send(Buffer.from([0xff, 0xfe, 0])), s => s.send('x'.repeat(FRAME_MAX + 1)), s => s.send('['.repeat(FRAME_MAX)),
    s => s.send(new Uint8Array(FRAME_MAX * 4)), s => s.send(''),
    s => { (s as unknown as { _socket: { write(b: Buffer): void } })._socket.write(Buffer.from([0xf1, 0x05, 1, 2, 3])) } // below the protocol: reserved bits, no mask
  ]
  for (const attack of attacks) {
    const socket = open()
    await once(socket, 'open')
    const end = closed(socket)
    attack(socket)
    expect([4400, 1009, 1002, 1006]).toContain(await end)
  }
  expect(gate.asked).toEqual([])
  await expectAlive()
})

test('a screen that does not read is cut off, and the others go on', async () => {
  const slow = open()
  const good = open()
  await Promise.all([once(slow, 'open'), once(good, 'open')])
  let heard = 0
  good.on('message', () => { heard += 1 })
  for (const socket of [slow, good]) socket.send('{"follow":["bench.changed"]}')
  while (gate.followers < 2) await new Promise(resolve => { setTimeout(resolve, 5) })
  slow.pause()
  for (let i = 0; i < 200; i += 1) {
    gate.tell('bench.changed', change(i, 100_000))
    await new Promise(resolve => { setTimeout(resolve, 2) })
  }
  expect(gate.followers).toBe(1)
  expect(heard).toBeGreaterThan(100)
  slow.terminate()
})

test('a port that is taken is a fault with its number, and pages not built are said so', async () => {
  const taken = await serveHttp(gate, new LiveEntropy(), { pages: new Pages(folder), port: host.port }).catch((thrown: unknown) => thrown)
  expect(taken instanceof Fault && taken.code === 'net.port-taken' && taken.context['port'] === host.port).toBe(true)
  expect(new Pages(join(folder, 'nowhere')).answer('/', '').status).toBe(404)
})
