import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PICTURE_CHARS_MAX } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { FRAME_MAX, PICTURE_FRAME_MAX } from '../../src/main/hosts/frames.ts'
import { askLocal, localAddress, serveLocal } from '../../src/main/hosts/local.ts'
import { change, FakeGate } from './fake-gate.ts'

let dataDir: string
let gate: FakeGate
let host: AsyncDisposable
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'ub-local-'))
  gate = new FakeGate()
  host = await serveLocal(gate, dataDir)
})
afterEach(async () => {
  await host[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})
const soon = (): AbortSignal => AbortSignal.timeout(3000)
const codeOf = (thrown: unknown): string => thrown instanceof Fault ? thrown.code : String(thrown)
function call(): { socket: Socket; lines: string[] } {
  const socket = connect(localAddress(dataDir))
  const lines: string[] = []
  socket.on('error', () => undefined)
  createInterface({ input: socket }).on('line', line => lines.push(line))
  return { socket, lines }
}

test('a question over the socket gets the answer of the gate', async () => {
  expect(await askLocal(dataDir, 'status', {}, soon())).toEqual({ ok: true, value: null })
  expect(gate.asked).toEqual([{ name: 'status', params: {}, host: 'local' }])
})

test.skipIf(process.platform === 'win32')('only the owner may open the socket, and it is gone when the station is', async () => {
  expect(statSync(join(dataDir, 'station.sock')).mode & 0o777).toBe(0o600)
  await host[Symbol.asyncDispose]()
  expect(existsSync(join(dataDir, 'station.sock'))).toBe(false)
  expect(codeOf(await askLocal(dataDir, 'status', {}, soon()).catch((t: unknown) => t))).toBe('door.no-station')
})

test('a second station in the same folder is refused while the first one answers', async () => {
  expect(codeOf(await serveLocal(gate, dataDir).catch((t: unknown) => t))).toBe('ledger.second-instance')
})

test.skipIf(process.platform === 'win32')('the socket of a killed station is cleared away', async () => {
  const other = mkdtempSync(join(tmpdir(), 'ub-local-'))
  const script = `require('net').createServer().listen(${JSON.stringify(localAddress(other))}, () => console.log('listening'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(localAddress(other))).toBe(true)
  await using _host = await serveLocal(gate, other)
  expect(await askLocal(other, 'status', {}, soon())).toEqual({ ok: true, value: null })
  rmSync(other, { recursive: true, force: true })
})

test('several questions may come in one piece, or one in many', async () => {
  const { socket, lines } = call()
  const two = '{"id":1,"name":"status","params":{}}\n{"id":2,"name":"units.find","params":{"text":"é"}}\n'
  for (const byte of Buffer.from(two)) socket.write(new Uint8Array([byte]))
  socket.write(two)
  while (lines.length < 4) await new Promise(resolve => { setTimeout(resolve, 5) })
  expect(lines.map(line => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2, 1, 2]) // our own host wrote them
  expect(gate.asked[1]?.params).toEqual({ text: 'é' })
  socket.destroy()
})

test('garbage and endless lines end that one conversation with a fault, not the station', async () => {
  for (const text of ['hello\n', '{"id":1}\n', 'x'.repeat(FRAME_MAX + 1), `${'x'.repeat(FRAME_MAX * 3)}\n`, `{"id":1,"name":"relay.picture","params":{${'x'.repeat(PICTURE_FRAME_MAX)}`, '\n', '\u0000\u0001\n']) {
    const { socket, lines } = call()
    socket.write(text)
    await once(socket, 'close')
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([{ id: 0, answer: { ok: false, fault: { code: 'door.invalid' } } }])
  }
  expect(await askLocal(dataDir, 'status', {}, soon())).toEqual({ ok: true, value: null })
})

test('a picture of 4 MiB comes through the socket whole', async () => {
  const picture = 'A'.repeat(PICTURE_CHARS_MAX)
  expect(await askLocal(dataDir, 'relay.picture', { picture }, soon())).toEqual({ ok: true, value: null })
  expect(gate.asked.map(a => [a.name, JSON.stringify(a.params).length])).toEqual([['relay.picture', PICTURE_CHARS_MAX + 14]])
})

test('a caller that follows and does not read is cut off', async () => {
  const { socket } = call()
  socket.write('{"follow":["bench.changed"]}\n')
  while (gate.followers === 0) await new Promise(resolve => { setTimeout(resolve, 5) })
  socket.pause()
  for (let i = 0; i < 60 && gate.followers > 0; i += 1) {
    gate.tell('bench.changed', change(i, 200_000))
    await new Promise(resolve => { setTimeout(resolve, 2) })
  }
  expect(gate.followers).toBe(0)
  socket.destroy()
})

test('a path too long for a socket is refused with words', async () => {
  expect(codeOf(await serveLocal(gate, join(dataDir, 'x'.repeat(120))).catch((t: unknown) => t))).toBe(process.platform === 'win32' ? 'nothing' : 'config.invalid')
})

test('a question whose signal aborts stops waiting', async () => {
  gate.answer = () => new Promise(() => undefined)
  const thrown = await askLocal(dataDir, 'status', {}, AbortSignal.timeout(50)).catch((t: unknown) => t)
  expect(String(thrown)).toContain('Timeout')
})
