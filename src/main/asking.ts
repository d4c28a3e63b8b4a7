/** What the verbs of the command line share: asking the station or its ledger, and ending with the right code. */
import type { DoorAnswer, Millis } from '#shared'
import { Fault } from './domain/fault.ts'
import { askLocal } from './hosts/local.ts'
import { inWords } from './words-of-faults.ts'

/** The running station's answer; where none runs, that of `instead`, else the ledger's in the data folder, else the fault that none runs. */
export async function askStation(data: string, name: string, params: unknown, withinMs: Millis, instead: () => Promise<DoorAnswer | null> = async () => await Promise.resolve(null)): Promise<DoorAnswer> {
  try {
    return await askLocal(data, name, params, AbortSignal.timeout(withinMs))
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'door.no-station') throw thrown
    const { askLedger } = await import('./ledger-answers.ts') // native modules only when needed
    return await instead() ?? await askLedger(data, name, params) ?? { ok: false, fault: thrown.toView() }
  }
}

/** Throws the fault of a refusal. */
export function valueOf(said: DoorAnswer): unknown {
  if (!said.ok) throw new Fault(said.fault.code, said.fault.context)
  return said.value
}

/** Prints an answer and gives the exit code. */
export function tell(said: DoorAnswer, { json }: { readonly json?: boolean | undefined }, asText: (value: unknown) => string): number {
  const value = valueOf(said)
  process.stdout.write(`${json === true ? JSON.stringify(value, null, 2) : asText(value)}\n`)
  return 0
}

/** What was wrong with the words, and how this verb is said; of a verb nobody knows, all there are. */
export function correction(usage: string, words: readonly string[], complaint: string | null = null): string {
  const verb = words.find((word, i) => !word.startsWith('-') && words[i - 1] !== '--data') ?? ''
  const lines = usage.split('\n')
  const isOwn = (line: string): boolean => line.startsWith(`  ${verb} `) || line === `  ${verb}`
  const own = lines.filter((line, i) => isOwn(line) || (/^ {6}/.test(line) && isOwn(lines.slice(0, i).findLast(before => !/^ {6}/.test(before)) ?? '')))
  const said = complaint === null ? '' : `${complaint.split('. To specify a positional')[0] ?? ''}\n\n` // what Node adds there is about other mistakes
  if (verb === '' || own.length === 0) return `${said}${verb === '' || usage.includes(` ${verb} `) ? '' : `There is no command ${verb}.\n\n`}${usage}`
  return `${said}${own.join('\n')}\n\nunbindery --help lists every command.\n`
}

/** Gives the exit code: 2 for words that make no sense, with the usage, 1 for a fault in words, else what `answer` says. */
export async function answerVerb<Words>(usage: string, typed: readonly string[], parse: () => Words, answer: (words: Words) => Promise<number>): Promise<number> {
  let words: Words
  try {
    words = parse()
  } catch (thrown) {
    process.stderr.write(correction(usage, typed, thrown instanceof Error ? thrown.message : String(thrown)))
    return 2
  }
  try {
    const code = await answer(words)
    if (code === 2) process.stderr.write(correction(usage, typed))
    return code
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    return 1
  }
}
