/**
 * Live terminals on the consoles of lanes. One a lane, and never beside a recipe. What is said is kept with the unit on the
 * lane, both ways and with times, as a recipe's transcript is, so that it can be played again; what screens have not fetched
 * is bounded. A terminal ends when its lead ends it, when nothing was typed for a while, when the unit goes, when nobody is
 * signed in any more, when the adapter goes, and with the station.
 */
import { millis, minutes, seconds, type Bytes, type Millis, type TerminalHeard, type TerminalView, type UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Fact } from '../domain/fact.ts'
import type { Ports } from '../ports.ts'
import { Listeners } from './clockwork.ts'
import type { ConsoleClaims } from './console-claims.ts'
import { Console, ECHO_MS } from './console.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'
import type { SerialPorts } from './serial-ports.ts'
import { TerminalLine } from './terminal-line.ts'
import { Transcript } from './transcript.ts'

/** Of what a terminal said, for a screen that comes later or was too slow. */
const BACKLOG_BYTES_MAX = 64 * 1024
/** What is heard within this time travels together. */
const GATHER = millis(30)
const IDLE = minutes(10)
/** A crash loses no more of the record than this. */
const KEEP = seconds(5)
const TERMINALS_MAX = 8
const BAUD = 115_200 // facts/devices-and-consoles.md 6: all but one family

export type TerminalEnd = 'lead' | 'idle' | 'unit' | 'nobody' | 'adapter' | 'station'

interface Session {
  readonly id: string
  readonly lane: number
  readonly path: string
  readonly baud: number
  readonly unit: UnitId | null
  readonly lead: string
  readonly openedAt: number
  readonly file: string
  readonly scope: Scope
  readonly console: Console
  readonly line: TerminalLine
  typedAt: Millis
  /** Bytes ever heard. */
  upto: number
  backlog: Bytes
  toldUpto: number
  telling: Disposable | null
  keeping: Disposable | null
}

export class TerminalDesk {
  readonly #ports: Pick<Ports, 'clock' | 'serial' | 'disk'>
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #serialPorts: Pick<SerialPorts, 'consoleOf'>
  readonly #claims: ConsoleClaims
  readonly #folder: string
  readonly #sessions = new Map<string, Session>()
  readonly #listeners = new Listeners<TerminalHeard>()
  #scope: Scope | null = null

  constructor(ports: Pick<Ports, 'clock' | 'serial' | 'disk'>, ledger: Ledger, log: Log, parts: { readonly serialPorts: Pick<SerialPorts, 'consoleOf'>; readonly claims: ConsoleClaims }, folder: string) {
    this.#ports = ports
    this.#ledger = ledger
    this.#log = log
    this.#serialPorts = parts.serialPorts
    this.#claims = parts.claims
    this.#folder = folder
  }

  start(scope: Scope): void {
    this.#scope = scope
    scope.own(this.#ledger.on(facts => this.#follow(facts)))
    scope.own(() => this.#endAll(() => 'station'))
  }

  on(fn: (heard: TerminalHeard) => void): Disposable {
    return this.#listeners.on(fn)
  }

  /** null: none is open there. */
  view(lane: number): TerminalView | null {
    const session = this.#on(lane)
    if (!session) return null
    const { id, path, baud, unit, openedAt, lead, upto, backlog } = session
    return { session: id, lane, path, baud, unit, openedAt, lead, from: upto - backlog.length, text: backlog }
  }

  /** Opens it, or gives the one that is open. Faults: `serial.*`, `console.in-use`. */
  async open(lane: number, baud: number | undefined, lead: string, signal: AbortSignal): Promise<TerminalView> {
    const [path, scope] = [this.#serialPorts.consoleOf(lane), this.#scope]
    const already = this.view(lane)
    if (already) return already
    if (path === null || scope === null) throw new Fault('serial.no-port', { lane, reason: 'no console' })
    if (this.#sessions.size >= TERMINALS_MAX) throw new Fault('console.in-use', { lane, by: `${TERMINALS_MAX} terminals` })
    const own = scope.child(`terminal ${lane}`)
    own.own(this.#claims.claim(lane, 'terminal'))
    try {
      await this.#begin(own, { lane, path, baud: baud ?? BAUD, lead }, signal)
    } catch (thrown) {
      await own.close()
      throw thrown
    }
    const view = this.view(lane)
    if (!view) throw new Fault('serial.no-port', { path, reason: 'closed' })
    return view
  }

  /** Faults: `serial.no-port`, also when the terminal has ended. */
  async type(id: string, text: string, signal: AbortSignal): Promise<void> {
    const session = this.#sessions.get(id)
    if (!session) throw new Fault('serial.no-port', { reason: 'this terminal has ended' })
    session.typedAt = this.#ports.clock.monotonic()
    await session.line.type(text, signal)
    this.#keepSoon(session)
  }

  async close(id: string): Promise<void> {
    const session = this.#sessions.get(id)
    if (session) await this.#end(session, 'lead')
  }

  async #begin(scope: Scope, { lane, path, baud, lead }: { readonly lane: number; readonly path: string; readonly baud: number; readonly lead: string }, signal: AbortSignal): Promise<void> {
    const { clock, serial } = this.#ports
    const pipe = scope.own(await serial.open(path, { baud }, signal))
    const console = new Console(clock, pipe, new Transcript(clock), { path, baud, charMs: millis(0), echoMs: ECHO_MS })
    const id = this.#ledger.newId()
    const unit = this.#ledger.unitsHere().find(u => u.lane === lane)?.uid ?? null
    const session: Session = {
      id, lane, path, baud, unit, lead, openedAt: clock.now(), file: `${this.#folder}/terminal-${id}.txt`, scope, console, line: new TerminalLine(clock, console),
      typedAt: clock.monotonic(), upto: 0, backlog: '', toldUpto: 0, telling: null, keeping: null
    }
    this.#sessions.set(id, session)
    this.#ledger.append({ ...(unit ? { unit } : {}), body: { kind: 'terminal.opened', lane, path, baud, lead } })
    scope.own(console.on(bytes => this.#hear(session, bytes)))
    scope.own(console.onEnd(() => { void this.#end(session, 'adapter') }))
    console.start(scope)
    scope.spawn(own => this.#untilIdle(session, own), fault => this.#log.fault('a terminal is not watched', fault))
  }

  #hear(session: Session, bytes: Uint8Array): void {
    session.upto += bytes.length
    session.backlog = (session.backlog + String.fromCharCode(...bytes)).slice(-BACKLOG_BYTES_MAX)
    this.#keepSoon(session)
    session.telling ??= this.#ports.clock.after(GATHER, () => this.#tell(session, false))
  }

  #tell(session: Session, isOver: boolean): void {
    session.telling = null
    const from = Math.max(session.toldUpto, session.upto - session.backlog.length) // too much at once: the oldest is left out, and the number tells
    session.toldUpto = session.upto
    this.#listeners.tell({ session: session.id, lane: session.lane, from, text: session.backlog.slice(session.backlog.length - (session.upto - from)), isOver }, fault => this.#log.fault('a screen could not be told of a console', fault))
  }

  #keepSoon(session: Session): void {
    session.keeping ??= this.#ports.clock.after(KEEP, () => {
      session.keeping = null
      this.#keep(session)
    })
  }

  #keep({ file, console }: Session): string | null {
    try {
      this.#ports.disk.writeAtomic(file, new TextEncoder().encode(console.transcript.toString()), 0o600)
      return file
    } catch (thrown) {
      this.#log.fault('the record of a terminal could not be kept', Fault.from(thrown), { path: file })
      return null
    }
  }

  async #untilIdle(session: Session, signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = session.typedAt + IDLE - this.#ports.clock.monotonic()
      if (left <= 0) break
      await this.#ports.clock.sleep(millis(left), signal)
    }
    void this.#end(session, 'idle') // not waited for: it closes the scope this runs in
  }

  #on(lane: number): Session | undefined {
    return [...this.#sessions.values()].find(s => s.lane === lane)
  }

  #follow(facts: readonly Fact[]): void {
    for (const { unit, body } of facts) {
      if (body.kind === 'operator.signed' && body.operator === null) void this.#endAll(() => 'nobody')
      if (unit !== null && (body.kind === 'unit.left' || body.kind === 'unit.placed')) void this.#endAll(s => s.unit === unit && (body.kind === 'unit.left' || body.lane !== s.lane) ? 'unit' : null)
    }
  }

  async #endAll(why: (session: Session) => TerminalEnd | null): Promise<void> {
    for (const session of this.#sessions.values()) {
      const end = why(session)
      if (end !== null) await this.#end(session, end)
    }
  }

  async #end(session: Session, why: TerminalEnd): Promise<void> {
    if (!this.#sessions.delete(session.id)) return
    session.telling?.[Symbol.dispose]()
    session.keeping?.[Symbol.dispose]()
    session.console.transcript.add('#', `ended: ${why}`)
    const transcript = this.#keep(session)
    this.#tell(session, true)
    this.#ledger.append({ ...(session.unit ? { unit: session.unit } : {}), body: { kind: 'terminal.closed', lane: session.lane, why, transcript } })
    await session.scope.close()
  }
}
