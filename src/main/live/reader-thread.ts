/**
 * Reader by a worker thread: long reads never hold the writer up. The thread is started with the first question and again
 * after it has died; whoever waited for an answer then hears so. Copies are made and checked in it as well. With a limit, a
 * thread that is late is ended, since nothing else stops it; who stood behind that question is asked again.
 */
import { Worker } from 'node:worker_threads'
import { FAULTS, type FaultCode } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import type { Reader } from '../ports.ts'

const WAITING_MAX = 64

export type ThreadRequest = { readonly id: number; readonly path: string } & ({ readonly question: object } | { readonly copyTo: string })
export type ThreadAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly code: string; readonly context: FaultContext })

interface Waiting extends PromiseWithResolvers<unknown> { readonly request: ThreadRequest; timer: NodeJS.Timeout | null }

export class ReaderThread implements Reader, AsyncDisposable {
  readonly #script: URL | string
  readonly #limitMs: number | null
  readonly #waiting = new Map<number, Waiting>() // in the order they were asked
  #worker: Worker | null = null
  #next = 1

  /** `script`: the file that answers, built from src/main/reader.ts. `limitMs`: for one answer; null: as long as it takes. Fault of a late one: `press.late`. */
  constructor(script: URL | string, limitMs: number | null = null) {
    this.#script = script
    this.#limitMs = limitMs
  }

  ask(path: string, question: object, signal: AbortSignal): Promise<unknown> {
    return this.#send(id => ({ id, path, question }), signal)
  }

  async copy(path: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#send(id => ({ id, path, copyTo: to }), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    this.#failAll(new Fault('ledger.shut'))
    await worker?.terminate()
  }

  async #send(make: (id: number) => ThreadRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    if (this.#waiting.size >= WAITING_MAX) throw new Fault('program.unexpected', { text: 'too many questions at once' })
    const id = this.#next
    this.#next += 1
    const waiting: Waiting = { ...Promise.withResolvers<unknown>(), request: make(id), timer: null }
    this.#waiting.set(id, waiting)
    const stop = (): void => this.#giveUp(waiting, signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      this.#post(waiting)
      return await waiting.promise
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(waiting.timer ?? undefined)
      this.#waiting.delete(id)
    }
  }

  #post(waiting: Waiting): void {
    this.#thread().postMessage(waiting.request)
    if (this.#limitMs === null) return
    clearTimeout(waiting.timer ?? undefined)
    waiting.timer = setTimeout(() => this.#giveUp(waiting, new Fault('press.late')), this.#limitMs)
    waiting.timer.unref()
  }

  /** Nobody waits for this answer any more; a limited thread that may be held up by it is ended as well. */
  #giveUp(waiting: Waiting, why: unknown): void {
    waiting.reject(why)
    this.#waiting.delete(waiting.request.id)
    if (this.#limitMs === null) return
    const worker = this.#worker
    this.#worker = null
    void worker?.terminate()
    for (const other of this.#waiting.values()) this.#post(other)
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(this.#script)
    worker.unref() // a long read does not keep a stopped station alive
    worker.on('message', (answer: ThreadAnswer) => this.#heard(answer))
    worker.on('error', thrown => this.#died(worker, Fault.from(thrown)))
    worker.on('exit', () => this.#died(worker, new Fault('ledger.shut', { reason: 'the reader has stopped' })))
    this.#worker = worker
    return worker
  }

  #heard(answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if ('value' in answer) waiting?.resolve(answer.value)
    else waiting?.reject(new Fault(isFaultCode(answer.code) ? answer.code : 'program.unexpected', answer.context))
  }

  #died(worker: Worker, fault: Fault): void {
    if (this.#worker === worker) {
      this.#worker = null
      this.#failAll(fault)
    }
  }

  #failAll(fault: Fault): void {
    for (const waiting of this.#waiting.values()) waiting.reject(fault)
    this.#waiting.clear()
  }
}

const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code)
