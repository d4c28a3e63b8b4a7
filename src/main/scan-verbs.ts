/**
 * `unbindery scan`: what a code would mean to this station, and mistakes in a file of label formats; a new vendor's label is
 * tried here before anybody scans it. Changes nothing. Ends with 0 in order, 1 refused or mistakes, 2 words it does not know.
 */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { counted } from '#shared'
import { answerVerb } from './asking.ts'
import { openLabelFormats } from './bench/label-book.ts'
import { Fault } from './domain/fault.ts'
import { parseLabelFile } from './domain/label-format.ts'
import { LiveDisk } from './live/disk.ts'
import { defaultDataDir } from './options.ts'
import { parseScan, type Scan } from './wire/label.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery scan read TEXT [--json] [--data DIR]   what this code means here; {GS} stands for the separator of GS1
unbindery scan check FILE...                     label formats, such as DATA/labels.json: mistakes, with line and column
`

type Words = ReturnType<typeof parseWords>

export async function answerScanWords(words: readonly string[]): Promise<number> {
  return answerVerb(USAGE, words, () => parseWords(words), async parsed => {
    if (parsed.values.help) {
      process.stdout.write(USAGE)
      return 0
    }
    const [, act, ...rest] = parsed.positionals
    if (act === 'read' && rest.length === 1 && rest[0] !== undefined) return read(parsed, rest[0])
    if (act === 'check' && rest.length > 0) return check(rest)
    return 2
  })
}

function parseWords(words: readonly string[]) {
  return parseArgs({ args: [...words], allowPositionals: true, options: { json: { type: 'boolean', default: false }, data: { type: 'string' }, help: { type: 'boolean', default: false, short: 'h' } } })
}

function read({ values }: Words, text: string): number {
  const dataDir = resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))
  const { formats, fault } = openLabelFormats(existsSync(join(dataDir, 'labels.json')) ? new LiveDisk(dataDir) : null)
  if (fault !== null) process.stderr.write(`${complaintsOf(fault)}\n`)
  const scan = parseScan(text.replaceAll('{GS}', '\u001d'), formats, true)
  process.stdout.write(`${values.json ? JSON.stringify(viewOf(scan), null, 2) : Object.entries(viewOf(scan)).map(([name, value]) => `${name.padEnd(9)} ${typeof value === 'object' ? value?.join('  ') ?? '-' : value}`).join('\n')}\n`)
  return fault === null ? 0 : 1
}

/** The token of a phone's code is not for a terminal. */
function viewOf(scan: Scan): Readonly<Record<string, string | number | readonly string[] | null>> {
  if (scan.kind === 'relay') return { kind: 'relay' }
  return scan.kind === 'unit' ? { kind: 'unit', names: scan.aliases.map(a => `${a.kind}=${a.value}`), product: scan.product } : { ...scan }
}

function check(files: readonly string[]): number {
  let mistakes = 0
  for (const file of files) {
    try {
      const { formats = [], products = {}, gs1 } = parseLabelFile(textOf(file), file)
      process.stdout.write(`${file}: ${counted(formats.length, 'format')}, ${counted(gs1?.identifiers?.length ?? 0, 'row')} of GS1, ${counted(Object.keys(products).length, 'product')}, in order\n`)
    } catch (thrown) {
      mistakes += 1
      process.stderr.write(`${complaintsOf(Fault.from(thrown))}\n`)
    }
  }
  return mistakes === 0 ? 0 : 1
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Fault('label.bad-formats', { file, complaints: `${file}: cannot be read` })
  }
}

function complaintsOf(fault: Fault): string {
  return fault.code === 'label.bad-formats' ? String(fault.context['complaints']) : inWords(fault)
}
