/** The one error class of the house. Adapters translate foreign errors into a Fault at the edge. */
import { FAULTS, type FaultCode, type FaultRow, type FaultView } from '#shared'

export type FaultContext = Readonly<Record<string, string | number>>

export class Fault extends Error {
  readonly code: FaultCode
  readonly context: FaultContext

  constructor(code: FaultCode, context: FaultContext = {}, cause?: unknown) {
    super(code, cause === undefined ? {} : { cause })
    this.name = 'Fault'
    this.code = code
    this.context = context
  }

  get row(): FaultRow {
    return FAULTS[this.code]
  }

  /** What crosses the door: no stack, no cause. */
  toView(): FaultView {
    return { code: this.code, context: this.context }
  }

  /** Whatever was thrown, as a Fault; what is not ours becomes `program.unexpected` and keeps its cause. */
  static from(thrown: unknown): Fault {
    if (thrown instanceof Fault) return thrown
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    return new Fault('program.unexpected', { text: text.slice(0, 200) }, thrown)
  }
}
