/**
 * Reader by a worker thread: long reads never hold the writer up. The thread is started with the first question and again
 * after it has died; whoever waited for an answer then hears so. Copies are made and checked in it as well.
 */
import { Worker } from 'node:worker_threads'
import { FAULTS, type FaultCode } from '#shared'
import { Fault, type FaultContext } from '../domain/fault.ts'
import type { Reader } from '../ports.ts'

const WAITING_MAX = 64

export type ThreadRequest = { readonly id: number; readonly path: string } & ({ readonly question: object } | { readonly copyTo: string })
export type ThreadAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly code: string; readonly context: FaultContext })

export class ReaderThread implements Reader, AsyncDisposable {
  readonly #script: URL | string
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #worker: Worker | null = null
  #next = 1

  /** `script`: the file that answers, built from src/main/reader.ts. */
  constructor(script: URL | string) {
    this.#script = script
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
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    const stop = (): void => waiting.reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      this.#thread().postMessage(make(id))
      return await waiting.promise
    } finally {
      signal.removeEventListener('abort', stop)
      this.#waiting.delete(id)
    }
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
