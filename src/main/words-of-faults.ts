/** A fault in words for a terminal, the same in both hosts and on the command line. */
import { FAULTS } from '#shared'
import { Fault } from './domain/fault.ts'

/** A fault as a person at a terminal needs it: what, the details, and the one thing to do now. */
export function inWords(thrown: unknown): string {
  const fault = Fault.from(thrown)
  const { title, action } = FAULTS[fault.code]
  const details = Object.entries(fault.context).map(([name, value]) => name === 'complaints' ? indent(String(value)) : `  ${name}: ${value}`)
  return [`${title.en} (${fault.code})`, ...details, action.en].join('\n')
}

const indent = (text: string): string => text.split('\n').map(line => `  ${line}`).join('\n')
