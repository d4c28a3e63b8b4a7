/** Programs of the virtual machine: scripted answers; what has no script is not installed. Every call is kept. */
import type { Proc } from '../ports.ts'

const NOT_FOUND = 127 // what a shell says
const CALLS_MAX = 1000

export interface ProcAnswer { readonly code: number; readonly stdout: string; readonly stderr: string }
export type ProcScript = (args: readonly string[]) => ProcAnswer

export class VirtualProc implements Proc {
  readonly #scripts = new Map<string, ProcScript>()
  readonly #calls: string[] = []

  /** The last thousand command lines, oldest first. */
  get calls(): readonly string[] {
    return this.#calls
  }

  script(program: string, answer: ProcScript): void {
    this.#scripts.set(program, answer)
  }

  async run(program: string, args: readonly string[], signal: AbortSignal): Promise<ProcAnswer> {
    signal.throwIfAborted()
    if (this.#calls.push([program, ...args].join(' ')) > CALLS_MAX) this.#calls.shift()
    return this.#scripts.get(program)?.(args) ?? { code: NOT_FOUND, stdout: '', stderr: `${program}: not found` }
  }
}
