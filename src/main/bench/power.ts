/**
 * Power of the lanes, by relay boards: on, off, cycle. Boards tell no state, so a lane is trusted only after both states were
 * driven. Starts are staggered. Whatever was switched off is switched on again when the station stops, and, because what is
 * off is written down first, after a crash too.
 */
import { millis, seconds, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Serial } from '../ports.ts'
import { BOARD_BAUD, readRelay, relayBytes, relayQuestion, type Board } from '../wire/relay.ts'
import { withDeadline } from './clockwork.ts'
import type { Log } from './log.ts'
import type { LanePower } from './recipe-runner.ts'
import type { Scope } from './scope.ts'
import type { RoleStore } from './serial-ports.ts'

export interface RelayChannel { readonly path: string; readonly board: Board; readonly channel: number }
export interface PowerSettings {
  /** Units are powered through the contact that is closed when the relay is idle (safer), or through the other. */
  readonly wiring: 'on-when-idle' | 'on-when-driven'
}

/** Inrush of the next unit waits for that of the one before. */
const STAGGER = millis(300)
const DRIVE_MS = seconds(3)
const TEST_OFF = seconds(1)
const OFF_SETTING = 'power.off'
const TRUSTED_SETTING = 'power.trusted'
const ANSWER_MS = millis(500)

export class Power {
  readonly #clock: Clock
  readonly #serial: Serial
  readonly #store: RoleStore
  readonly #log: Log
  readonly #settings: PowerSettings
  readonly #relayOf: (lane: number) => RelayChannel | null
  /** One command at a time: boards mix up what comes together. */
  #queue: Promise<unknown> = Promise.resolve()
  #lastOnAt = -Infinity

  constructor(ports: { readonly clock: Clock; readonly serial: Serial }, store: RoleStore, log: Log, relayOf: (lane: number) => RelayChannel | null, settings: PowerSettings) {
    this.#clock = ports.clock
    this.#serial = ports.serial
    this.#store = store
    this.#log = log
    this.#relayOf = relayOf
    this.#settings = settings
  }

  /** Switches on what a crash left off, and on closing what is off then. */
  start(scope: Scope): void {
    scope.own(() => this.restore(new AbortController().signal))
    if (this.lanesOff.length > 0) scope.spawn(signal => this.restore(signal), fault => this.#log.fault('power could not be restored', fault))
  }

  get lanesOff(): readonly number[] { return readLanes(this.#store.setting(OFF_SETTING)) }
  /** Both states were driven, and a person or a unit has shown that they do something. */
  isTrusted(lane: number): boolean {
    const relay = this.#relayOf(lane)
    return relay !== null && readTrust(this.#store.setting(TRUSTED_SETTING))[lane] === nameOf(relay)
  }

  /** The verbs for one lane; null: nothing switches it, or it is not trusted yet. */
  lane(lane: number): LanePower | null {
    if (!this.isTrusted(lane)) return null
    return { on: signal => this.on(lane, signal), off: signal => this.off(lane, signal), cycle: (offMs, signal) => this.cycle(lane, offMs, signal) }
  }

  async on(lane: number, signal: AbortSignal): Promise<void> {
    const wait = this.#lastOnAt + STAGGER - this.#clock.monotonic()
    this.#lastOnAt = Math.max(this.#lastOnAt + STAGGER, this.#clock.monotonic())
    if (wait > 0) await this.#clock.sleep(millis(wait), signal)
    await this.#drive(lane, true, signal)
    this.#note(lane, true)
  }

  /** Written down first: a station that dies now switches it on again when it starts. */
  async off(lane: number, signal: AbortSignal): Promise<void> {
    this.#note(lane, false)
    await this.#drive(lane, false, signal)
  }

  async cycle(lane: number, offMs: Millis, signal: AbortSignal): Promise<void> {
    await this.off(lane, signal)
    try {
      await this.#clock.sleep(offMs, signal)
    } finally {
      await this.on(lane, new AbortController().signal) // also when given up: nothing stays off
    }
  }

  /** The test pulse of the settings: off, on; afterwards the lane is trusted on the word of whoever watched it. `begun` is told before the lane is switched. */
  async test(lane: number, begun: () => void, signal: AbortSignal): Promise<void> {
    const relay = this.#relayOf(lane)
    if (!relay) throw new Fault('power.untrusted', { lane })
    begun()
    await this.cycle(lane, TEST_OFF, signal)
    this.#store.keepSetting(TRUSTED_SETTING, JSON.stringify({ ...readTrust(this.#store.setting(TRUSTED_SETTING)), [lane]: nameOf(relay) }))
  }

  async restore(signal: AbortSignal): Promise<void> {
    for (const lane of this.lanesOff) {
      try {
        await this.on(lane, signal)
      } catch (thrown) {
        if (signal.aborted) return
        this.#log.fault('power of a lane could not be restored', Fault.from(thrown), { lane }) // it stays written down for the next start
      }
    }
  }

  #drive(lane: number, isOn: boolean, signal: AbortSignal): Promise<void> {
    const relay = this.#relayOf(lane)
    if (!relay) return Promise.reject(new Fault('power.untrusted', { lane }))
    const isClosed = isOn === (this.#settings.wiring === 'on-when-driven')
    const work = this.#queue.then(() => withDeadline(this.#clock, DRIVE_MS, 'serial.no-port', { path: relay.path, reason: 'no answer' }, own => this.#send(relay, isClosed, own), signal))
    this.#queue = work.catch(() => undefined)
    this.#log.info('power switched', { lane, on: isOn ? 'yes' : 'no' })
    return work
  }

  async #send({ path, board, channel }: RelayChannel, isClosed: boolean, signal: AbortSignal): Promise<void> {
    await using pipe = await this.#serial.open(path, { baud: BOARD_BAUD[board] }, signal)
    await pipe.write(relayBytes(board, channel, isClosed), signal)
    const question = relayQuestion(board, channel)
    if (question === null) {
      await this.#clock.sleep(millis(50), signal) // the bytes must be out before the port closes
      return
    }
    await pipe.write(question, signal)
    const said = await this.#answer(pipe, signal)
    if (said !== isClosed) throw new Fault('serial.no-port', { path, reason: said === null ? 'the board does not answer' : 'the board says otherwise' })
  }

  async #answer(pipe: { read(signal: AbortSignal): Promise<Uint8Array | null> }, signal: AbortSignal): Promise<boolean | null> {
    const own = new AbortController()
    using _timer = this.#clock.after(ANSWER_MS, () => own.abort(new Fault('power.untrusted', {})))
    const stop = (): void => own.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    let text = ''
    try {
      while (text.length < 1024) {
        const bytes = await pipe.read(own.signal)
        if (bytes === null) return null
        text += String.fromCharCode(...bytes)
        const state = readRelay(text)
        if (state !== null) return state
      }
      return null
    } catch (thrown) {
      if (signal.aborted) throw thrown
      return null
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  #note(lane: number, isOn: boolean): void {
    const off = new Set(this.lanesOff)
    if (isOn) off.delete(lane)
    else off.add(lane)
    this.#store.keepSetting(OFF_SETTING, JSON.stringify([...off]))
  }
}

function nameOf({ path, board, channel }: RelayChannel): string {
  return `${path} ${board} ${channel}`
}

function readLanes(text: string | null): number[] {
  const found = readJson(text)
  return Array.isArray(found) ? found.filter((x): x is number => Number.isInteger(x)) : []
}

function readTrust(text: string | null): Readonly<Record<string, unknown>> {
  const found = readJson(text)
  return typeof found === 'object' && found !== null ? Object.fromEntries(Object.entries(found)) : {}
}

function readJson(text: string | null): unknown {
  try { return text === null ? null : JSON.parse(text) as unknown } catch { return null }
}
