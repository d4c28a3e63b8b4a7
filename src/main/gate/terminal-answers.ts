/** The handlers of live terminals and of the records of consoles. */
import type { DoorName, TranscriptView } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { TerminalDesk } from '../bench/terminal-desk.ts'
import { parseTranscript } from '../bench/transcript.ts'
import { Fault } from '../domain/fault.ts'
import type { Disk } from '../ports.ts'
import type { Handlers } from './gate.ts'
import { CLI } from './rights.ts'

const TERMINAL_ROWS = ['terminal.open', 'terminal.type', 'terminal.close', 'terminal.view', 'console.transcript'] as const satisfies readonly DoorName[]
export type TerminalHandlers = Pick<Handlers, (typeof TERMINAL_ROWS)[number]>

export function terminalHandlers(desk: TerminalDesk, ledger: Ledger, disk: Disk, signal: AbortSignal): TerminalHandlers {
  return {
    'terminal.open': ({ lane, baud }, by) => desk.open(lane, baud, by.lead ?? CLI, signal),
    'terminal.type': async ({ session, text }) => {
      await desk.type(session, text, signal)
      return null
    },
    'terminal.close': async ({ session }) => {
      await desk.close(session)
      return null
    },
    'terminal.view': ({ lane }) => desk.view(lane),
    'console.transcript': ({ seq }) => transcriptOf(ledger, disk, seq)
  }
}

/** Of a station that is not running. */
export function terminalRefusals(): TerminalHandlers {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'terminal.open': refuse, 'terminal.type': refuse, 'terminal.close': refuse, 'terminal.view': refuse, 'console.transcript': refuse }
}

/** The record that a fact names. Faults: `door.invalid` when it names none, or the file is gone. */
function transcriptOf(ledger: Ledger, disk: Disk, seq: number): TranscriptView {
  const body = ledger.factsAfter(seq - 1, 1)[0]?.body
  const path = body?.kind === 'recipe.ended' || body?.kind === 'terminal.closed' ? body.transcript : null
  const bytes = path === null ? null : disk.read(path)
  if (bytes === null) throw new Fault('door.invalid', { text: 'no record of a console', seq })
  return { seq, lines: parseTranscript(new TextDecoder().decode(bytes)) }
}
