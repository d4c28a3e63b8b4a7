/**
 * Web by the `undici` package (never the globals: they do not take each other's agents). It says truthfully whether a
 * byte went out: `web.not-started` may be asked again at once, `web.unknown` must first be looked up. No redirects, no
 * cookies, no decompression; the deadline covers the whole exchange, so a byte a minute does not defeat it.
 */
import { Agent, type Dispatcher } from 'undici'
import { Fault } from '../domain/fault.ts'
import type { Web, WebAnswer, WebRequest } from '../ports.ts'

const BYTES_MAX = 8 * 1024 * 1024
const CONNECT_MS = 10_000
/** Short, so that a request rarely meets a connection the server has just closed: that would be an unknown. */
const KEEP_ALIVE_MS = 4000
const CONNECTIONS_MAX = 8

export class LiveWeb implements Web, AsyncDisposable {
  readonly world = 'live'
  readonly #agent: Agent

  constructor(options: { readonly trusted?: string } = {}) {
    this.#agent = new Agent({
      connections: CONNECTIONS_MAX, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0, bodyTimeout: 0, // one deadline of ours instead
      connect: { timeout: CONNECT_MS, ...(options.trusted === undefined ? {} : { ca: options.trusted }) }
    })
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
      this.#agent.dispatch({
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
    await this.#agent.destroy()
  }
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
