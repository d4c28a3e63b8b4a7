/**
 * The gate for the command line: a socket in the data folder that only its owner may open (mode 600), a named pipe on
 * Windows. Both ends are here. Frames are `DoorFrame` as JSON, one a line.
 */
import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join, resolve as resolvePath } from 'node:path'
import type { DoorAnswer } from '#shared'
import { Fault } from '../domain/fault.ts'
import { DoorSession, frameMax, refusal, type DoorGate } from './frames.ts'

const CONNECTIONS_MAX = 16
/** sockaddr_un holds 108 bytes on Linux, 104 elsewhere, with the closing zero. */
const PATH_BYTES_MAX = 103
/** Enough to tell which question a line begins. */
const START_BYTES = 64
/** Of one answer, at the client's end. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024

export function localAddress(dataDir: string): string {
  const folder = resolvePath(dataDir)
  if (process.platform === 'win32') return `\\\\.\\pipe\\unbindery-${createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 16)}`
  return join(folder, 'station.sock')
}

/** Faults: `ledger.second-instance` when somebody answers there already, `config.invalid` when the path is too long for a socket. */
export async function serveLocal(gate: DoorGate, dataDir: string): Promise<AsyncDisposable> {
  const address = localAddress(dataDir)
  if (Buffer.byteLength(address) > PATH_BYTES_MAX) throw new Fault('config.invalid', { complaints: `--data: ${address} is too long for a socket; at most ${PATH_BYTES_MAX} bytes` })
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    serveCaller(gate, socket)
  })
  server.maxConnections = CONNECTIONS_MAX
  await listen(server, address)
  server.on('error', () => undefined)
  return {
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
      await promise
    }
  }
}

/** One question to a running station. Faults: `door.no-station` when nobody answers at `dataDir`. */
export async function askLocal(dataDir: string, name: string, params: unknown, signal: AbortSignal): Promise<DoorAnswer> {
  signal.throwIfAborted()
  const socket = connect(localAddress(dataDir))
  const { promise, resolve, reject } = Promise.withResolvers<DoorAnswer>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('error', (thrown: NodeJS.ErrnoException) => reject(new Fault('door.no-station', { reason: thrown.code ?? thrown.message }, thrown)))
  socket.once('close', () => reject(new Fault('door.no-station', { reason: 'closed' })))
  onLines(socket, () => ANSWER_BYTES_MAX, line => {
    const answer = parseAnswer(line)
    if (answer) resolve(answer)
    else reject(new Fault('door.no-station', { reason: 'unreadable' }))
  }, () => reject(new Fault('door.no-station', { reason: 'unreadable' })))
  socket.write(`${JSON.stringify({ id: 1, name, params })}\n`)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

function serveCaller(gate: DoorGate, socket: Socket): void {
  const session = new DoorSession(gate, 'local', {
    send: text => { socket.write(`${text}\n`) },
    backlog: () => socket.writableLength,
    drop: why => {
      if (why === 'slow') socket.destroy()
      else socket.end(`${JSON.stringify({ id: 0, answer: refusal('door.invalid', 'not a frame') })}\n`)
    }
  })
  socket.on('error', () => socket.destroy())
  socket.once('close', () => session[Symbol.dispose]())
  onLines(socket, frameMax, line => { void session.hear(line) }, () => { void session.hear('') })
}

/** Cuts a stream into lines; a line longer than one that begins so may be calls `tooLong` once and ends the reading. */
function onLines(socket: Socket, bytesMax: (start: string) => number, take: (line: string) => void, tooLong: () => void): void {
  let rest: Buffer[] = []
  let size = 0
  const isTooLong = (bytes: number, parts: readonly Buffer[]): boolean => bytes > bytesMax(Buffer.concat(parts.map(part => part.subarray(0, START_BYTES))).toString('latin1', 0, START_BYTES))
  const read = (chunk: Buffer): void => {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)])
      rest = []
      size = 0
      from = end + 1
      if (isTooLong(line.length, [line])) return stop()
      take(line.toString('utf8'))
    }
    rest.push(chunk.subarray(from))
    size += chunk.length - from
    if (isTooLong(size, rest)) stop()
  }
  const stop = (): void => {
    socket.off('data', read)
    socket.resume()
    rest = []
    tooLong()
  }
  socket.on('data', read)
}

function parseAnswer(line: string): DoorAnswer | null {
  try {
    const frame: unknown = JSON.parse(line)
    // The other end is a station of ours, behind a socket that only its owner can have made.
    return typeof frame === 'object' && frame !== null && 'answer' in frame ? frame.answer as DoorAnswer : null
  } catch {
    return null
  }
}

/** A socket file that nobody answers is left over from a killed station and may go. */
async function listen(server: Server, address: string): Promise<void> {
  try {
    await listenOnce(server, address)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')) throw new Fault('ledger.cannot-open', { path: address, reason: String(thrown) }, thrown)
    if (await isAnswered(address)) throw new Fault('ledger.second-instance', { path: address }, thrown)
    rmSync(address, { force: true })
    await listenOnce(server, address)
  }
}

async function listenOnce(server: Server, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  const isFile = process.platform !== 'win32'
  const umask = isFile ? process.umask(0o177) : 0 // bind(2) happens inside listen(), so there is no moment with wider rights
  try {
    server.listen(address, resolve)
  } finally {
    if (isFile) process.umask(umask)
  }
  try { await promise } finally { server.off('error', reject) }
  if (isFile) chmodSync(address, 0o600)
}

async function isAnswered(address: string): Promise<boolean> {
  const socket = connect(address)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  const isThere = await promise
  socket.destroy()
  return isThere
}
