/** The verbs of what is printed: `cards`, `label`, `printer`, `picklist`, `handover`. A paper is written where `--out` says, else by its own name. */
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DECKS, seconds, type Deck, type DoorAnswer, type PaperView, type PrinterView, type UnitView } from '#shared'
import { answerVerb, askStation, tell, valueOf } from './asking.ts'
import { Fault } from './domain/fault.ts'
import { defaultDataDir } from './options.ts'
import { inWords } from './words-of-faults.ts'

const ASK_MS = seconds(30)
const OPTIONS = {
  json: { type: 'boolean' }, data: { type: 'string' }, out: { type: 'string' }, what: { type: 'string' }, names: { type: 'string' }, reason: { type: 'string' }, void: { type: 'boolean' }
} as const

/** Gives the exit code: 2 for words that make no sense, 1 for a fault. */
export async function answerPaperWords(words: readonly string[], usage: string): Promise<number> {
  return await answerVerb(usage, words, () => parse(words), answer)
}

/** Writes the paper an answer holds, and says where. */
export function savePaper(said: DoorAnswer, { out, json }: { readonly out?: string | undefined; readonly json?: boolean | undefined }): number {
  const { name, base64 } = valueOf(said) as PaperView // paired by the door table
  const path = resolve(out ?? name)
  writeFileSync(path, Buffer.from(base64, 'base64'))
  process.stdout.write(json === true ? `${JSON.stringify({ file: path })}\n` : `${path}\n`)
  return 0
}

const parse = (words: readonly string[]) => parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS })

async function answer({ positionals: [verb, first, ...rest], values }: ReturnType<typeof parse>): Promise<number> {
  const data = resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))
  const reason = values.reason === undefined ? {} : { reason: values.reason }
  if (rest.length > 0) return 2
  switch (verb) {
    case 'cards': {
      const what = DECKS.find(deck => deck === values.what)
      if (what === undefined || first !== undefined) return 2
      return savePaper(await ask(data, 'cards.paper', { what, ...namesOf(what, values.names) }), values)
    }
    case 'picklist':
    case 'handover': return first === undefined ? savePaper(await ask(data, `${verb}.paper`, {}), values) : 2
    case 'label':
      if (first === undefined) return 2
      if (values.out !== undefined) return savePaper(await ask(data, 'label.paper', { unit: first, ...reason }), values)
      return tell(await ask(data, values.void === true ? 'label.void' : 'label.print', { unit: first, ...reason }), values, value => labelText(value as UnitView)) // as above
    case 'printer':
      if (first === 'sample') return savePaper(await ask(data, 'printer.sample', {}), values)
      if (first !== undefined && first !== 'test') return 2
      return tell(await ask(data, first === 'test' ? 'printer.test' : 'printer.view', {}), values, value => printerText(value as PrinterView)) // as above
    default: return 2
  }
}

function namesOf(what: Deck, names: string | undefined): { readonly names?: readonly string[] } {
  const given = (names ?? '').split(',').map(name => name.trim()).filter(name => name !== '')
  return given.length === 0 || (what !== 'badges' && what !== 'totes') ? {} : { names: given }
}

function labelText({ name, label }: UnitView): string {
  return label ? `${name}: label ${label.code}, ${label.kind}` : `${name}: no label`
}

function printerText({ address, fault, waiting, sent, widthMm, heightMm, dpi }: PrinterView): string {
  if (address === '') return 'no printer is set (printer.address)'
  return `${address}, ${widthMm} x ${heightMm} mm at ${dpi} dpi: ${waiting} waiting, ${sent} sent${fault ? `\n${inWords(new Fault(fault.code, fault.context))}` : ''}`
}

async function ask(data: string, name: string, params: unknown): Promise<DoorAnswer> {
  return await askStation(data, name, params, ASK_MS)
}
