/**
 * A receiver of history as a process of its own (`npm run receiver -- --help`): HTTPS with a self-made certificate, keeps what
 * it gets, refuses gaps, and fails in every way it is told to. For shops without a central, for tests and for drills.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { millis } from '#shared'
import { EventBook, type TextStore } from './bench/event-book.ts'
import { Fault } from './domain/fault.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { fingerprintOf, makeSelfSigned } from './wire/self-signed.ts'

const HELP = `A receiver of history: keeps what stations deliver, refuses gaps, keeps the signed heads of their chains.

  npm run receiver -- [options]

  --data DIR       where facts, heads and the certificate are kept (./receiver)
  --host ADDR      address to listen on (127.0.0.1)
  --port N         port to listen on, 0 for a free one (8443)
  --name NAME      one more name or IPv4 address in the certificate; may be repeated
  --may-fail       take orders to fail at POST /faults (for drills; never in earnest)
  --help           this text

The certificate is made at the first start: DIR/receiver.pem. Give it to the station:
  --sync.baseUrl https://127.0.0.1:8443 --sync.certificateFile DIR/receiver.pem

  GET  /v1/stations        how far each station has come, and alarms
  GET  /v1/heads/STATION   its signed heads, one JSON a line; for: unbindery verify --heads FILE
  POST /faults             {"status":503,"times":3} {"drop":"before"} {"drop":"after"} {"delayMs":2000} {"answer":"garbage"} {"answer":"empty"}
                           {"answer":"half"} {"answer":"slow"} {"refuse":[3,6]} {"upto":99} {"forget":20} {} for none
`
const BODY_BYTES_MAX = 300 * 1024
const PLAIN_BYTES_MAX = 1024 * 1024
const CONNECTIONS_MAX = 500
const REQUEST_MS = 30_000
const SLOW_BYTES = 30
const CERTIFICATE_DAYS = 3650

interface Trouble { readonly status?: number; readonly drop?: string; readonly delayMs?: number; readonly answer?: string; readonly refuse?: readonly number[]; readonly upto?: number; readonly forget?: number; times?: number }

class Receiver {
  readonly #book: EventBook
  readonly #clock = new LiveClock()
  readonly #mayFail: boolean
  #trouble: Trouble = {}

  constructor(book: EventBook, mayFail: boolean) {
    this.#book = book
    this.#mayFail = mayFail
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const path = request.url ?? '/'
    if (body === null) return say(response, 413, { error: 'too long' })
    if (request.method === 'POST' && path === '/v1/events') return await this.#events(request, body, response)
    if (request.method === 'POST' && path === '/faults' && this.#mayFail) return this.#order(body, response)
    const station = /^\/v1\/heads\/([\w-]{1,64})$/.exec(path)?.[1]
    if (request.method !== 'GET') return say(response, 405, { error: 'POST /v1/events' })
    if (path === '/v1/stations') return say(response, 200, { stations: this.#book.stations(), alarms: this.#book.alarms })
    if (station !== undefined) return void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(this.#book.heads(station).map(head => `${JSON.stringify(head)}\n`).join(''))
    say(response, 404, { error: 'there is no such page' })
  }

  async #events(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const trouble = this.#next()
    if (trouble.delayMs !== undefined) await this.#clock.sleep(millis(trouble.delayMs), new AbortController().signal)
    if (trouble.drop === 'before') return void request.socket.destroy()
    if (trouble.status !== undefined) return say(response, trouble.status, { error: 'as ordered' })
    const plain = plainOf(request, body)
    if (plain === null) return say(response, 415, { error: 'gzip, or nothing' })
    if (trouble.refuse?.some(seq => isTold(plain, seq))) return say(response, 422, { error: 'as ordered' })
    const signature = request.headers['x-station-signature']
    const kept = this.#book.ingest(plain, typeof signature === 'string' ? signature : '')
    if (trouble.drop === 'after') return void request.socket.destroy()
    if (trouble.answer !== undefined) return await this.#spoil(trouble.answer, response)
    say(response, kept.status, trouble.upto === undefined ? kept.body : { upto: trouble.upto })
  }

  async #spoil(how: string, response: ServerResponse): Promise<void> {
    if (how === 'garbage') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in to the guest network</html>')
    if (how === 'empty') return void response.writeHead(200).end()
    response.writeHead(200, { 'content-length': 40 }).write('{"up')
    const drops = how === 'slow' ? SLOW_BYTES : 0
    for (let n = 0; n < drops && !response.destroyed; n += 1) {
      await this.#clock.sleep(millis(1000), new AbortController().signal)
      response.write('.')
    }
    response.destroy()
  }

  #order(body: Buffer, response: ServerResponse): void {
    let trouble: unknown
    try { trouble = JSON.parse(body.toString()) } catch { return say(response, 400, { error: 'no JSON' }) }
    if (typeof trouble !== 'object' || trouble === null) return say(response, 400, { error: 'an object is expected' })
    this.#trouble = trouble // only for drills; odd values do odd things
    if (typeof this.#trouble.forget === 'number') for (const { station } of this.#book.stations()) this.#book.forget(station, this.#trouble.forget)
    say(response, 200, {})
  }

  /** What is to go wrong with this exchange. */
  #next(): Trouble {
    const trouble = this.#trouble
    if (trouble.times === undefined) return trouble
    trouble.times -= 1
    if (trouble.times <= 0) this.#trouble = {}
    return trouble
  }
}

/** Files in one folder; an append is on the disk when it returns. */
class FolderStore implements TextStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }

  names(): readonly string[] { return readdirSync(this.#dir) }
  read(name: string): string { return existsSync(join(this.#dir, name)) ? readFileSync(join(this.#dir, name), 'utf8') : '' }

  append(name: string, text: string): void {
    const file = openSync(join(this.#dir, name), 'a', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  replace(name: string, text: string): void {
    writeFileSync(join(this.#dir, `${name}.draft`), text, { mode: 0o600, flush: true })
    renameSync(join(this.#dir, `${name}.draft`), join(this.#dir, name))
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      'data': { type: 'string', default: 'receiver' }, 'host': { type: 'string', default: '127.0.0.1' }, 'port': { type: 'string', default: '8443' },
      'name': { type: 'string', multiple: true, default: [] }, 'may-fail': { type: 'boolean', default: false }, 'help': { type: 'boolean', default: false }
    }
  })
  if (values.help) return void process.stdout.write(HELP)
  const dir = resolve(values.data)
  const store = new FolderStore(dir)
  const identity = identityIn(store, [values.host, 'localhost', ...values.name])
  const receiver = new Receiver(new EventBook(store), values['may-fail'])
  const server = createServer({ cert: identity.certificate, key: identity.key, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: 5000 }, (request, response) => {
    receiver.answer(request, response).catch((thrown: unknown) => {
      process.stderr.write(`receiver: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
      if (response.headersSent) response.destroy()
      else say(response, 500, { error: 'it could not be kept' })
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  server.on('tlsClientError', (_error, socket) => { socket.destroy() })
  server.on('error', error => { stopBadly(error.message) })
  server.listen(Number(values.port), values.host, () => {
    const bound = server.address()
    process.stdout.write(`receiver on https://${values.host}:${bound !== null && typeof bound === 'object' ? bound.port : values.port}\n`)
    process.stdout.write(`certificate ${join(dir, 'receiver.pem')} ${fingerprintOf(identity.certificate) ?? ''}\n`)
  })
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function identityIn(store: FolderStore, names: readonly string[]): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [store.read('receiver.pem'), store.read('receiver.key')]
  if (certificate !== '' && key !== '') return { certificate, key }
  const now = new LiveClock().now()
  const made = makeSelfSigned({ names: [...new Set(names)], from: now - 86_400_000, to: now + CERTIFICATE_DAYS * 86_400_000, serial: new LiveEntropy().bytes(16) })
  store.replace('receiver.key', made.key)
  store.replace('receiver.pem', made.certificate)
  return made
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size > BODY_BYTES_MAX) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function plainOf(request: IncomingMessage, body: Buffer): Buffer | null {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined) return body
  if (encoding !== 'gzip') return null
  try { return gunzipSync(body, { maxOutputLength: PLAIN_BYTES_MAX }) } catch { return null }
}

/** This fact stands in the batch with its words. */
function isTold(plain: Buffer, seq: number): boolean {
  try {
    const parsed: unknown = JSON.parse(plain.toString())
    const facts: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'facts') : []
    return Array.isArray(facts) && facts.some((fact: unknown) => typeof fact === 'object' && fact !== null && Reflect.get(fact, 'seq') === seq && Reflect.has(fact, 'body'))
  } catch {
    return false
  }
}

function say(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'accept-encoding': 'gzip' }).end(text)
}

function stopBadly(text: string): void {
  process.stderr.write(`receiver: ${text}\n`)
  process.exitCode = 1
}

try { main() } catch (thrown) { stopBadly(String(Fault.from(thrown).context['text'] ?? Fault.from(thrown).code)) }
