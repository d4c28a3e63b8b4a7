/**
 * The virtual internet: every https address under `.virtual` is the virtual cloud, nothing else is there. The deadline
 * covers the whole exchange; what the cloud began it finishes, whether or not anyone still waits.
 */
import { millis, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Web, WebAnswer, WebRequest } from '../ports.ts'
import type { VirtualCloud } from './cloud.ts'

const LATENCY_MS = millis(20)
const ANSWER_BYTES_MAX = 8 * 1024 * 1024

export class VirtualWeb implements Web {
  readonly world = 'virtual'
  /** The internet line; pulled, no request starts. */
  isConnected = true
  /** Requests whose `METHOD url` matches do not start. */
  block: RegExp | null = null
  readonly #clock: Clock
  readonly #cloud: VirtualCloud
  readonly #latencyMs: Millis

  constructor(clock: Clock, cloud: VirtualCloud, latencyMs: Millis = LATENCY_MS) {
    this.#clock = clock
    this.#cloud = cloud
    this.#latencyMs = latencyMs
  }

  async request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    signal.throwIfAborted()
    const url = URL.parse(request.url)
    if (url?.protocol !== 'https:' || !url.hostname.endsWith('.virtual')) throw new Fault('web.not-started', { host: url?.host ?? '', reason: 'no such host' })
    if (this.block?.test(`${request.method} ${request.url}`) === true) throw new Fault('web.not-started', { host: url.host, reason: 'blocked' })
    if (!this.isConnected) throw new Fault('web.not-started', { host: url.host, reason: 'no line' })
    const { promise, resolve, reject } = Promise.withResolvers<WebAnswer>()
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    using _deadline = this.#clock.after(request.deadlineMs, () => reject(new Fault('web.unknown', { host: url.host, reason: 'deadline' })))
    using _latency = this.#clock.after(this.#latencyMs, () => {
      this.#cloud.handle({ method: request.method, path: url.pathname + url.search, headers: request.headers, body: request.body ?? null }).then(resolve, reject)
    })
    try {
      const answer = await promise
      if (answer.body.byteLength > (request.bytesMax ?? ANSWER_BYTES_MAX)) throw new Fault('web.unknown', { host: url.host, reason: 'answer too long' })
      return answer
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}
