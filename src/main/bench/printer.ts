/**
 * The label printer: ZPL over raw TCP, one label after the other, none of it in anybody's way. A label that has not left yet
 * waits for a printer that is off, open or out of paper, as long as it takes; of one that left only in part nobody knows
 * whether it was printed, so it is never sent again by itself.
 */
import { millis, seconds, type FaultView, type Millis, type PrinterView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Endpoint, Ports } from '../ports.ts'
import { ASK_STATUS, parseHostStatus, STATUS_BYTES_MAX, type HostStatus } from '../wire/zpl.ts'
import { Listeners, withDeadline } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export interface PrinterSettings {
  /** null: no printer is set. */
  readonly to: Endpoint | null
  readonly card: string
  readonly widthMm: number
  readonly heightMm: number
  readonly dpi: number
  /** For tests on real sockets. */
  readonly times?: Partial<PrinterTimes>
}
export interface PrinterTimes {
  readonly connectMs: Millis
  /** How long an answer to `~HS` is waited for; many printers give none, and Zebra's give none while out of paper or open. */
  readonly statusMs: Millis
  readonly sendMs: Millis
  /** From one try to the next, and from one look at an idle printer to the next. */
  readonly againMs: Millis
  readonly lookMs: Millis
}
const TIMES: PrinterTimes = { connectMs: seconds(5), statusMs: seconds(2), sendMs: seconds(10), againMs: seconds(5), lookMs: seconds(30) }

/** Labels that may wait. */
export const QUEUE_MAX = 64

export interface PrintOrder { readonly label: string | null; readonly bytes: Uint8Array }
/** How the hand-over of a label ended. `fault`: nobody knows whether it was printed, or it certainly was not. */
export interface PrintEnd { readonly label: string | null; readonly fault: FaultView | null }

export class Printer {
  readonly #ports: Pick<Ports, 'clock' | 'net'>
  readonly #log: Log
  readonly #settings: PrinterSettings
  readonly #times: PrinterTimes
  readonly #waiting: PrintOrder[] = []
  readonly #ends = new Listeners<PrintEnd>()
  #wake: () => void = () => undefined
  #fault: FaultView | null = null
  #hasAnswered = false
  #sent = 0

  constructor(ports: Pick<Ports, 'clock' | 'net'>, log: Log, settings: PrinterSettings) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
    this.#times = { ...TIMES, ...settings.times }
  }

  get isSet(): boolean { return this.#settings.to !== null }

  on(fn: (end: PrintEnd) => void): Disposable { return this.#ends.on(fn) }

  /** Faults: `printer.none`, `printer.queue-full`. */
  assertRoom(): void {
    if (!this.isSet) throw new Fault('printer.none')
    if (this.#waiting.length >= QUEUE_MAX) throw new Fault('printer.queue-full', { waiting: this.#waiting.length })
  }

  /** Takes a label and returns at once. Faults: those of `assertRoom`. */
  offer(order: PrintOrder): void {
    this.assertRoom()
    this.#waiting.push(order)
    this.#wake()
  }

  view(): PrinterView {
    const { to, widthMm, heightMm, dpi } = this.#settings
    return { address: to === null ? '' : `${to.address}:${to.port}`, fault: this.#fault, waiting: this.#waiting.length, sent: this.#sent, widthMm, heightMm, dpi }
  }

  start(scope: Scope): void {
    const { to } = this.#settings
    if (to === null) return
    scope.own(() => { for (const { label } of this.#waiting.splice(0)) this.#end({ label, fault: { code: 'station.stopped', context: {} } }) })
    scope.spawn(signal => this.#work(to, signal), fault => this.#log.fault('the printer was given up', fault))
  }

  async #work(to: Endpoint, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const fault = await this.#turn(to, signal)
      if (signal.aborted) return
      if (fault?.code !== this.#fault?.code && fault) this.#log.warn('the printer cannot print', { code: fault.code, ...fault.context })
      this.#fault = fault?.toView() ?? null
      if (fault || this.#waiting.length === 0) await this.#rest(fault ? this.#times.againMs : this.#times.lookMs, signal)
    }
  }

  /** One connection: the printer's state, then every label that waits. */
  async #turn(to: Endpoint, signal: AbortSignal): Promise<Fault | null> {
    try {
      const { clock, net } = this.#ports
      const connectMs = this.#times.connectMs
      const context = { address: to.address, port: to.port }
      await using pipe = await withDeadline(clock, connectMs, 'printer.unreachable', context, own => net.tcp({ card: this.#settings.card, to, connectMs }, own), signal)
      for (let isAsked = false; !signal.aborted; isAsked = true) {
        const trouble = isAsked && !this.#hasAnswered ? null : await this.#look(pipe, signal) // one that never answers is not waited for before each label
        if (trouble) return trouble
        const next = this.#waiting.shift()
        if (!next) return null
        await this.#hand(pipe, next, signal)
      }
      return null
    } catch (thrown) {
      const fault = Fault.from(thrown)
      return fault.code === 'net.unreachable' || fault.code === 'net.card-gone' ? new Fault('printer.unreachable', { ...fault.context }, fault) : fault
    }
  }

  /** From here on the label is out of our hands: it is told as sent, or as unknown, and never sent again. */
  async #hand(pipe: BytePipe, order: PrintOrder, signal: AbortSignal): Promise<void> {
    try {
      await withDeadline(this.#ports.clock, this.#times.sendMs, 'printer.stuck', {}, own => pipe.write(order.bytes, own), signal)
      this.#sent += 1
      this.#end({ label: order.label, fault: null })
    } catch (thrown) {
      const fault = Fault.from(thrown)
      this.#end({ label: order.label, fault: (signal.aborted || fault.code === 'printer.stuck' ? fault : new Fault('printer.stuck', fault.context, fault)).toView() })
      throw fault
    }
  }

  async #look(pipe: BytePipe, signal: AbortSignal): Promise<Fault | null> {
    await withDeadline(this.#ports.clock, this.#times.sendMs, 'printer.stuck', {}, own => pipe.write(ASK_STATUS, own), signal)
    const status = await this.#status(pipe, signal)
    if (status === null) return this.#hasAnswered ? new Fault('printer.not-ready', { why: 'silent' }) : null
    this.#hasAnswered = true
    if (status.isPaperOut || status.isRibbonOut) return new Fault('printer.no-paper', { why: status.isPaperOut ? 'paper' : 'ribbon' })
    if (status.isHeadOpen || status.isPaused || status.isHot || status.isFull) return new Fault('printer.not-ready', { why: status.isHeadOpen ? 'open' : status.isPaused ? 'paused' : status.isHot ? 'hot' : 'full' })
    return null
  }

  /** null: it says nothing, or nothing that makes sense. */
  async #status(pipe: BytePipe, signal: AbortSignal): Promise<HostStatus | null> {
    const heard: number[] = []
    try {
      return await withDeadline(this.#ports.clock, this.#times.statusMs, 'printer.not-ready', {}, async own => {
        while (heard.length < STATUS_BYTES_MAX) {
          const bytes = await pipe.read(own)
          if (bytes === null) throw new Fault('printer.stuck', { why: 'hung up' })
          heard.push(...bytes.slice(0, STATUS_BYTES_MAX))
          const status = parseHostStatus(Uint8Array.from(heard))
          if (status) return status
        }
        return null
      }, signal)
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (signal.aborted || fault.code !== 'printer.not-ready') throw fault
      return null
    }
  }

  async #rest(ms: Millis, signal: AbortSignal): Promise<void> {
    const rest = Promise.withResolvers<void>()
    const had = this.#waiting.length
    this.#wake = () => { if (had === 0) rest.resolve() } // a label that comes to an idle printer does not wait for the next look
    const stop = (): void => rest.resolve()
    signal.addEventListener('abort', stop, { once: true })
    using _timer = this.#ports.clock.after(millis(ms), stop)
    await rest.promise
    signal.removeEventListener('abort', stop)
    this.#wake = () => undefined
  }

  #end(end: PrintEnd): void {
    this.#ends.tell(end, fault => this.#log.fault('the end of a label could not be kept', fault))
  }
}
