/**
 * Proves the bench instead of asking about it (design/operator.md 5.7): eight steps once, six of them again each day without
 * hands, in less than 30 s. Every step ends as done, failed or skipped, by somebody, as a fact; what has nothing to try is
 * skipped and never called done. The end is a record signed with the station's key, that says also what was wrong.
 */
import { DAILY_STEPS, hours, millis, READY_STEPS, seconds, TOLD_STEPS, type FaultView, type Mode, type ReadyHow, type ReadyPaperView, type ReadyStep, type ReadyStepView, type ReadyView } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { ReadyMark } from '../domain/mark.ts'
import type { Clock } from '../ports.ts'
import { signDocument } from '../wire/certificate.ts'
import { withDeadline } from './clockwork.ts'
import type { Ledger } from './ledger.ts'

type Figures = Readonly<Record<string, string | number>>
/** open: hands have to say what came of it. */
export interface StepFound { readonly state: 'open' | 'done' | 'failed' | 'skipped'; readonly fault?: FaultView | null; readonly found?: Figures }
/** `isDaily`: nobody stands beside it. */
export type StepCheck = (signal: AbortSignal, isDaily: boolean) => Promise<StepFound>
type TriedStep = (typeof DAILY_STEPS)[number]

export interface ReadySettings {
  readonly station: string
  readonly mode: Mode
  readonly version: string
  readonly publicHex: string
  readonly sign: (bytes: Uint8Array) => string
  readonly checks: Readonly<Record<TriedStep, StepCheck>>
}

/** Of a step, and of the whole daily check: all steps run side by side. */
const STEP_MAX = seconds(30)
/** A shift and its overtime: what was tried before is tried again. */
const LASTS = hours(16)
/** What was found goes into a fact and onto paper. */
const FOUND_CHARS_MAX = 120
const DOES_NOT_PROVE = ['that units are released: each has a certificate of its own', 'that nothing was changed on the bench after this time']

export class ReadyDesk {
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #settings: ReadySettings
  readonly #running = new Map<ReadyStep, Promise<void>>()
  #daily: Promise<void> | null = null
  /** Tried, and waiting for a person's word. */
  readonly #waiting = new Map<ReadyStep, Figures>()

  constructor(clock: Clock, ledger: Ledger, settings: ReadySettings) {
    this.#clock = clock
    this.#ledger = ledger
    this.#settings = settings
  }

  view(): ReadyView {
    const [first, daily] = [this.#ledger.mark('checked', 'first'), this.#ledger.mark('checked', 'daily')]
    const newest = Math.max(first?.at ?? 0, daily?.at ?? 0)
    return {
      clock: { now: this.#clock.now(), rate: this.#clock.rate }, steps: READY_STEPS.map(step => this.#stepView(step)), first, daily,
      isDue: this.#clock.now() - newest > LASTS, isRunning: this.#running.size > 0, maySign: READY_STEPS.every(step => this.#isEnough(step))
    }
  }

  /** Faults: `ready.no-hands` for what only a person can try. */
  async try(step: ReadyStep, by: string, signal: AbortSignal): Promise<void> {
    const tried = DAILY_STEPS.find(s => s === step)
    if (tried === undefined) throw new Fault('ready.no-hands', { step })
    await this.#try(tried, by, false, signal)
  }

  /** A person's word. Faults: `ready.no-hands` for what the station finds out by itself. */
  tell(step: ReadyStep, state: 'done' | 'failed' | 'skipped', found: Figures, by: string): void {
    if (!TOLD_STEPS.some(s => s === step)) throw new Fault('ready.no-hands', { step })
    this.#waiting.delete(step)
    const seen = step === 'printer' && state === 'done' ? { ...found, label: 'seen' } : found
    this.#end(step, { state, found: seen, fault: state === 'failed' ? new Fault('ready.failed', { step }).toView() : null }, by)
  }

  /** All that needs no hands, side by side; then the record, whatever it says. Asked for twice at once, it is one check with one record. */
  async daily(by: string, signal: AbortSignal): Promise<void> {
    this.#daily ??= this.#checkAll(by, signal).finally(() => { this.#daily = null })
    await this.#daily
  }

  async #checkAll(by: string, signal: AbortSignal): Promise<void> {
    await Promise.all(DAILY_STEPS.map(step => this.#try(step, by, true, signal)))
    this.sign('daily', by)
  }

  /** Faults: `ready.not-tried` while a step of a first record is open or failed. */
  sign(how: ReadyHow, by: string): void {
    const steps = (how === 'first' ? READY_STEPS : DAILY_STEPS).map(step => this.#stepView(step))
    if (how === 'first' && !READY_STEPS.every(step => this.#isEnough(step))) throw new Fault('ready.not-tried', { steps: READY_STEPS.filter(s => !this.#isEnough(s)).join(', ') })
    const id = this.#ledger.newId()
    const at = this.#clock.now()
    const skipped = steps.filter(s => s.state === 'skipped').map(s => s.step)
    const failed = steps.filter(s => s.state !== 'done' && s.state !== 'skipped').map(s => s.step) // one that still waits for a person's word proves nothing
    const record = { id, how, by, isReady: failed.length === 0, failed, skipped }
    this.#ledger.append({ body: { kind: 'bench.checked', ...record, text: this.#text(record, steps, at) } })
  }

  /** The signed record itself. Faults: `ready.not-tried` when there is none. */
  paper(how: ReadyHow): ReadyPaperView {
    const mark = this.#ledger.mark('checked', how)
    const body = mark === null ? undefined : this.#ledger.factsAfter(mark.seq - 1, 1)[0]?.body
    if (body?.kind !== 'bench.checked') throw new Fault('ready.not-tried', { steps: how })
    return { name: `bench-ready-${body.id}.json`, text: body.text }
  }

  /** A step that is already being tried is waited for. */
  async #try(step: TriedStep, by: string, isDaily: boolean, signal: AbortSignal): Promise<void> {
    const before = this.#running.get(step)
    if (before !== undefined) return await before
    this.#waiting.delete(step)
    const trying = this.#tryNow(step, by, isDaily, signal).finally(() => { this.#running.delete(step) })
    this.#running.set(step, trying)
    await trying
  }

  async #tryNow(step: TriedStep, by: string, isDaily: boolean, signal: AbortSignal): Promise<void> {
    // A simulated unit lives in a time of its own, and has its own limit there.
    const limit = millis(STEP_MAX * this.#clock.rate)
    const check = this.#settings.checks[step]
    const found = await (step === 'unit' ? check(signal, isDaily) : withDeadline(this.#clock, limit, 'ready.late', { step }, inner => check(inner, isDaily), signal)).catch((thrown: unknown): StepFound => {
      if (signal.aborted) throw thrown
      return { state: 'failed', fault: Fault.from(thrown).toView() }
    })
    if (found.state === 'open') this.#waiting.set(step, found.found ?? {})
    else this.#end(step, { ...found, state: found.state }, by)
  }

  #end(step: ReadyStep, { state, fault = null, found = {} }: StepFound & { readonly state: ReadyMark['state'] }, by: string): void {
    const short = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, FOUND_CHARS_MAX) : Math.round(value)]))
    this.#ledger.append({ body: { kind: 'ready.tried', step, state, by, fault, found: short } })
  }

  #stepView(step: ReadyStep): ReadyStepView {
    const waiting = this.#waiting.get(step)
    if (this.#running.has(step) || waiting !== undefined) return { step, state: waiting === undefined ? 'running' : 'open', at: null, by: null, fault: null, found: waiting ?? {} }
    const mark = this.#ledger.mark('ready', step)
    if (mark === null || this.#clock.now() - mark.at > LASTS) return { step, state: 'open', at: null, by: null, fault: null, found: {} }
    return { step, ...mark }
  }

  /** A printer that answers has printed nothing yet: somebody has to have seen the label. */
  #isEnough(step: ReadyStep): boolean {
    const { state, found } = this.#stepView(step)
    return state === 'skipped' || (state === 'done' && (step !== 'printer' || found['label'] === 'seen'))
  }

  #text(record: { readonly id: string; readonly how: ReadyHow; readonly by: string; readonly isReady: boolean }, steps: readonly ReadyStepView[], at: number): string {
    const { station, mode, version, publicHex, sign } = this.#settings
    const { seq, hash } = this.#ledger.chain
    const iso = (time: number): string => new Date(time).toISOString()
    return signDocument({
      kind: 'unbindery.ready', v: 1, ...record, mode, ...(mode === 'training' ? { notice: 'TRAINING: this bench does not exist' } : {}), times: { issued: iso(at) },
      steps: steps.map(({ step, state, at: triedAt, by, fault, found }) => ({ step, state, ...(triedAt === null ? {} : { at: iso(triedAt) }), ...(by === null ? {} : { by }), ...(fault === null ? {} : { fault: fault.code }), found })),
      station: { id: station, software: `unbindery ${version}`, key: publicHex }, log: { seq, chain: Buffer.from(hash).toString('hex') }, doesNotProve: DOES_NOT_PROVE
    }, sign)
  }
}
