/**
 * Gives the bench card its address and switches it on, where the system lets us (Linux, with CAP_NET_ADMIN). Where it does
 * not, the fault on the screen says what to type; trying is quiet and rare.
 */
import { seconds, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Proc } from '../ports.ts'
import type { BenchCardSettings } from './bench-card.ts'
import { withDeadline } from './clockwork.ts'
import type { Log } from './log.ts'

const TRY_EVERY_MS = seconds(10)
const DEADLINE_MS = seconds(3)

export class CardKeeper {
  readonly #ports: { readonly clock: Clock; readonly proc: Proc }
  readonly #log: Log
  readonly #settings: BenchCardSettings
  readonly #triedAt = new Map<string, Millis>()

  constructor(ports: { readonly clock: Clock; readonly proc: Proc }, log: Log, settings: BenchCardSettings) {
    this.#ports = ports
    this.#log = log
    this.#settings = settings
  }

  /** True when something was done about it, so that it is worth looking again at once. */
  async mend(fault: Fault, signal: AbortSignal): Promise<boolean> {
    const args = this.#cure(fault)
    if (args === null || !this.#isTime(fault.code)) return false
    try {
      const run = (own: AbortSignal): ReturnType<Proc['run']> => this.#ports.proc.run('ip', args, own)
      const { code, stderr } = await withDeadline(this.#ports.clock, DEADLINE_MS, 'program.unexpected', { text: 'ip does not end' }, run, signal)
      if (code === 0) this.#log.info('bench card set up', { line: ['ip', ...args].join(' ') })
      else this.#log.info('the bench card must be set up by hand', { line: ['ip', ...args].join(' '), said: stderr.trim().slice(0, 200) })
      return code === 0 && fault.code === 'net.card-no-address'
    } catch (thrown) {
      if (!signal.aborted) this.#log.fault('the bench card could not be set up', Fault.from(thrown))
      return false
    }
  }

  #cure(fault: Fault): readonly string[] | null {
    const { card, address, prefix } = this.#settings
    if (fault.code === 'net.card-no-address') return ['address', 'add', `${address}/${prefix}`, 'broadcast', '+', 'dev', card]
    if (fault.code === 'net.no-link') return ['link', 'set', 'dev', card, 'up'] // a card that was put back is off; a missing cable stays missing
    return null
  }

  #isTime(code: string): boolean {
    const now = this.#ports.clock.monotonic()
    const last = this.#triedAt.get(code)
    if (last !== undefined && now - last < TRY_EVERY_MS) return false
    this.#triedAt.set(code, now)
    return true
  }
}
