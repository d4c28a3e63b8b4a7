/**
 * Web by the `undici` package (never the globals: they do not take each other's agents). It says truthfully whether a
 * byte went out: `web.not-started` may be asked again at once, `web.unknown` must first be looked up. No redirects, no
 * cookies, no decompression; the deadline covers the whole exchange, so a byte a minute does not defeat it.
 */
import { X509Certificate } from 'node:crypto'
import { rootCertificates, type ConnectionOptions } from 'node:tls'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { Fault } from '../domain/fault.ts'
import type { Web, WebAnswer, WebRequest } from '../ports.ts'

const BYTES_MAX = 8 * 1024 * 1024
const CONNECT_MS = 10_000
/** Short, so that a request rarely meets a connection the server has just closed: that would be an unknown. */
const KEEP_ALIVE_MS = 4000
const CONNECTIONS_MAX = 8

export class LiveWeb implements Web, AsyncDisposable {
  readonly world = 'live'
  readonly #agent: Agent | ProxyAgent
  readonly #pinned: { readonly origin: string; readonly agent: Agent | ProxyAgent } | null

  /**
   * `trusted`: certificates (PEM) of a private authority, believed beside the system's. `proxy`: an HTTP proxy that everything
   * but the pinned origin goes through. `pinned`: this origin may show exactly this certificate (PEM) and no other, whatever
   * name stands in it.
   */
  constructor(options: { readonly trusted?: string; readonly proxy?: string; readonly pinned?: { readonly origin: string; readonly certificate: string } } = {}) {
    this.#agent = agentOf(options.trusted === undefined ? {} : { ca: [...rootCertificates, options.trusted] }, options.proxy)
    this.#pinned = options.pinned === undefined ? null : { origin: options.pinned.origin, agent: agentOf(pinOf(options.pinned.certificate)) }
  }

  async request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    signal.throwIfAborted()
    const url = URL.parse(request.url)
    if (url === null || !/^https?:$/.test(url.protocol)) throw new Fault('web.not-started', { host: '', reason: 'not a web address' })
    const exchange = new Exchange(url.host, request.bytesMax ?? BYTES_MAX)
    const timer = setTimeout(() => exchange.fail('deadline'), request.deadlineMs)
    const stop = (): void => exchange.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      const agent = this.#pinned?.origin === url.origin ? this.#pinned.agent : this.#agent
      agent.dispatch({
        origin: url.origin, path: url.pathname + url.search, method: request.method, headers: { ...request.headers },
        body: request.body === undefined ? null : Buffer.from(request.body)
      }, exchange)
      return await exchange.promise
    } catch (thrown) {
      if (signal.aborted || thrown instanceof Fault) throw thrown
      throw exchange.faultOf(thrown)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#pinned?.agent.destroy()])
  }
}

type Trust = Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'>

function agentOf(trust: Trust, proxy?: string): Agent | ProxyAgent {
  const options = {
    connections: CONNECTIONS_MAX, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0, bodyTimeout: 0 // one deadline of ours instead
  }
  if (proxy === undefined) return new Agent({ ...options, connect: { timeout: CONNECT_MS, ...trust } })
  return new ProxyAgent({ ...options, uri: proxy, proxyTunnel: true, proxyTls: { timeout: CONNECT_MS }, requestTls: { timeout: CONNECT_MS, ...trust } })
}

function pinOf(certificate: string): Trust {
  const expected = new X509Certificate(certificate).fingerprint256
  return { ca: certificate, checkServerIdentity: (_host, shown) => shown.fingerprint256 === expected ? undefined : new Error('not the pinned certificate') }
}

/** One request on its way; knows at every moment whether it has started. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #host: string
  readonly #bytesMax: number
  readonly #done = Promise.withResolvers<WebAnswer>()
  readonly #chunks: Uint8Array[] = []
  #size = 0
  #status = 0
  #headers: Record<string, string> = {}
  #controller: Dispatcher.DispatchController | null = null
  #isOver = false

  constructor(host: string, bytesMax: number) {
    this.#host = host
    this.#bytesMax = bytesMax
  }

  get promise(): Promise<WebAnswer> {
    return this.#done.promise
  }

  fail(reason: string): void {
    this.abort(new Fault(this.#controller === null ? 'web.not-started' : 'web.unknown', { host: this.#host, reason }))
  }

  abort(reason: Error): void {
    this.#isOver = true
    this.#done.reject(reason)
    this.#controller?.abort(reason)
  }

  faultOf(thrown: unknown): Fault {
    const reason = thrown instanceof Error ? ('code' in thrown ? String(thrown.code) : thrown.message) : String(thrown)
    return new Fault(this.#controller === null ? 'web.not-started' : 'web.unknown', { host: this.#host, reason: reason.slice(0, 200) }, thrown)
  }

  /** Called once there is a connection and before the first byte: whoever gave up by then sends nothing at all. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) controller.abort(new Error('given up'))
    else this.#controller = controller
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    if (status < 200) return
    this.#status = status
    this.#headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#size += chunk.byteLength
    if (this.#size > this.#bytesMax) this.fail('answer too long')
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#isOver = true
    this.#done.resolve({ status: this.#status, headers: this.#headers, body: new Uint8Array(Buffer.concat(this.#chunks)) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, thrown: Error): void {
    if (!this.#isOver) this.#done.reject(this.faultOf(thrown))
    this.#isOver = true
  }
}
