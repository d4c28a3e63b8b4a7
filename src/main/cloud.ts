/**
 * The virtual vendor cloud as a process of its own (`npm run cloud -- --help`), on the machine's clock and dice: for
 * tests, demonstrations and soak runs. Whatever arrives gets an answer or a closed connection, never a crash.
 */
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { seconds } from '#shared'
import { Fault } from './domain/fault.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { VIRTUAL_ACCOUNT, VIRTUAL_ROLES, VirtualCloud, type Release, type VirtualAccount } from './virtual/cloud.ts'

const HELP = `The virtual vendor cloud: for tests, demonstrations and soak runs; never for real units.

  npm run cloud -- [options]

  --host ADDR            address to listen on (127.0.0.1)
  --port N               port to listen on, 0 for a free one (8090)
  --account ID:CLIENTID:SECRET[:KEY,KEY...]
                         an account and the product keys it may unbind (all of them when none is named); may be repeated.
                         Default: house:${VIRTUAL_ACCOUNT.clientId}:${VIRTUAL_ACCOUNT.secret}
  --role ID=ROLE         how an account came to its products: owner, oem-link-sharer, original-owner, partner-development,
                         partner-purchase, after-sale, administrator, custom-unbind, custom-other, data-operation; may be repeated
  --pairing ID           tokens of this account are ordinary pairing tokens; may be repeated
  --token-life SECONDS   life of a token (300)
  --state FILE           append one JSON line to FILE for each release
  --help                 this text

  GET  /virtual/state    releases, seats of the day, tokens, history received
  POST /virtual/units    a unit the cloud is to know: {"uuid", "mac", "productKey", "region"?, "deviceId"?, "isFree"?}
  POST /virtual/faults   what is to go wrong from now on, as JSON: {"outage":["openapi"]}, {"delayMs":2000}, ...
`
const BODY_BYTES_MAX = 512 * 1024
const CONNECTIONS_MAX = 500
const REQUEST_MS = 30_000

function main(): void {
  const { values } = parseArgs({
    options: {
      'host': { type: 'string', default: '127.0.0.1' }, 'port': { type: 'string', default: '8090' }, 'account': { type: 'string', multiple: true }, 'pairing': { type: 'string', multiple: true, default: [] }, 'role': { type: 'string', multiple: true, default: [] },
      'token-life': { type: 'string', default: '300' }, 'state': { type: 'string' }, 'help': { type: 'boolean', default: false }
    }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const accounts = (values.account === undefined ? [VIRTUAL_ACCOUNT] : values.account.map(parseAccount)).map(a => withRole(values.pairing.includes(a.id) ? { ...a, isPairing: true } : a, values.role))
  const tokenLifeMs = seconds(readNumber('token-life', values['token-life'], 1, 3600))
  const cloud = new VirtualCloud({ clock: new LiveClock(), entropy: new LiveEntropy(), accounts, limits: { tokenLifeMs }, onRelease: release => keep(values.state, release) })
  serve(cloud, values.host, readNumber('port', values.port, 0, 65_535))
}

function serve(cloud: VirtualCloud, host: string, port: number): void {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: 5000 }, (request, response) => {
    answer(cloud, request, response).catch((thrown: unknown) => {
      const fault = Fault.from(thrown)
      if (fault.code === 'program.unexpected') process.stderr.write(`virtual cloud: ${fault.stack ?? fault.code}\n`)
      request.socket.destroy() // an outage, or a client that left: there is nobody to tell
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  server.on('clientError', (_error, socket) => { socket.destroy() })
  server.on('error', error => { stopBadly(error.message) })
  server.listen(port, host, () => {
    const bound = server.address()
    process.stdout.write(`virtual cloud on http://${host}:${bound !== null && typeof bound === 'object' ? bound.port : port}\n`)
  })
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
    cloud[Symbol.dispose]()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

async function answer(cloud: VirtualCloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const received = await readBody(request)
  if (received === 'too long') response.writeHead(413, { connection: 'close' }).end()
  if (typeof received === 'string') return
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']))
  const { status, headers: sent, body } = await cloud.handle({ method: request.method ?? 'GET', path: request.url ?? '/', headers, body: received.byteLength === 0 ? null : received })
  response.writeHead(status, { ...sent, 'content-length': body.byteLength }).end(body)
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | 'too long' | 'left'> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      if (!(chunk instanceof Uint8Array)) continue
      size += chunk.byteLength
      if (size > BODY_BYTES_MAX) return 'too long'
      chunks.push(chunk)
    }
  } catch { return 'left' } // in the middle of its own body
  return Buffer.concat(chunks)
}

/** A release that cannot be written down is told, and counts all the same. */
function keep(file: string | undefined, release: Release): void {
  if (file === undefined) return
  try { appendFileSync(file, `${JSON.stringify(release)}\n`) } catch (thrown) { process.stderr.write(`virtual cloud: ${file}: ${Fault.from(thrown).context['text'] ?? ''}\n`) }
}

function parseAccount(text: string): VirtualAccount {
  const [id = '', clientId = '', secret = '', products = ''] = text.split(':')
  if (id === '' || clientId === '' || secret === '') throw new Fault('config.invalid', { text: '--account: ID:CLIENTID:SECRET[:KEY,KEY...] is expected' })
  return { ...VIRTUAL_ACCOUNT, id, clientId, secret, products: products === '' ? 'all' : products.split(',') }
}

function withRole(account: VirtualAccount, roles: readonly string[]): VirtualAccount {
  const said = roles.findLast(text => text.startsWith(`${account.id}=`))?.slice(account.id.length + 1)
  if (said === undefined) return account
  const role = VIRTUAL_ROLES.find(name => name === said)
  if (role === undefined) throw new Fault('config.invalid', { text: `--role: ${said} is none; one of ${VIRTUAL_ROLES.join(', ')}` })
  return { ...account, role }
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const n = Number(text)
  if (!Number.isInteger(n) || n < min || n > max) throw new Fault('config.invalid', { text: `--${name}: a whole number from ${min} to ${max} is expected` })
  return n
}

function stopBadly(text: string): void {
  process.stderr.write(`virtual cloud: ${text}\n`)
  process.exitCode = 1
}

try { main() } catch (thrown) { stopBadly(String(Fault.from(thrown).context['text'])) }
