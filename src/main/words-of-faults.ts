/** A fault in words for a terminal, the same in both hosts and on the command line. */
import { FAULTS, type FaultCode } from '#shared'
import { Fault } from './domain/fault.ts'

/** A fault as a person at a terminal needs it: what, the details, and the one thing to do now. */
export function inWords(thrown: unknown): string {
  const fault = Fault.from(thrown)
  const { title, action } = FAULTS[fault.code]
  const details = Object.entries(fault.context).map(([name, value]) => name === 'complaints' ? indent(String(value)) : `  ${name}: ${value}`)
  return [`${title.en} (${fault.code})`, ...details, AT_TERMINAL[fault.code] ?? action.en].join('\n')
}

/** There is no page to reload. */
const AT_TERMINAL: Partial<Record<FaultCode, string>> = {
  'door.invalid': 'Look at what was typed; unbindery --help shows how each command is said.',
  'door.unknown': 'Look at what was typed; the names of the door are listed in src/shared/door.ts.'
}

const indent = (text: string): string => text.split('\n').map(line => `  ${line}`).join('\n')
