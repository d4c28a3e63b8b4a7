/**
 * `unbindery`: the gate from a terminal. It asks the running station by its local socket; where none runs, it reads the
 * ledger and changes nothing. Ends with 0, 1 for a fault (its words on stderr), 2 for a command it does not know.
 */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { seconds, type DoorAnswer, type FactView, type NetworkView, type StatusView, type UnitView, type WhyView } from '#shared'
import { askStation, correction, tell } from './asking.ts'
import { Fault } from './domain/fault.ts'
import { CLOUD_USAGE, CLOUD_VERBS, cloudQuestion } from './cloud-verbs.ts'
import { HISTORY_OPTIONS, historyFilter, type HistoryValues } from './history-words.ts'
import { PERSON_USAGE, PERSON_VERBS, personQuestion } from './person-verbs.ts'
import { MOVE_USAGE, MOVE_VERBS } from './move-words.ts'
import { defaultDataDir } from './options.ts'
import { PAPER_USAGE, PAPER_VERBS } from './paper-words.ts'
import { historyText, networkText, statusText, unitsText, whyText } from './tables.ts'
import { READY_USAGE, READY_VERBS } from './ready-words.ts'
import { RECORD_USAGE, RECORD_VERBS } from './record-words.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery VERB [--json] [--data DIR]

  status               what the station is doing, its quota and its lamps
  units [TEXT]         units whose name or alias holds TEXT        [--limit N]
  history [UNIT]       facts, newest first, of one unit or of all  [--limit N]
  why MAC|P03|UNIT     why it is not listed: what was looked at, the likeliest cause first
  network              card, DHCP server, LAN listener, leases
${CLOUD_USAGE}${PERSON_USAGE}${RECORD_USAGE}${PAPER_USAGE}${READY_USAGE}${MOVE_USAGE}  doctor               what this computer lacks for a live bench, with the line that mends it  [--config FILE]
  bench-net up|down|status   the way of bench units to the internet; as root  [--config FILE]
  recipe list|check|run   reset recipes: what there is, mistakes in a file, one played on a unit  (recipe --help)
  scan read TEXT       what a code would mean here   scan check FILE: mistakes in a file of label formats
  ports                serial adapters and what each is for    [bind PATH ROLE]
  do NAME [JSON]       any command or query of the door by name, such as: do scan '{"text":"OP:ANNA"}'

It asks the running station; when none runs, it reads the ledger in the data folder.
`
const ASK_MS = seconds(15)
/** Shown when nothing else is said. */
const ROWS = 50

interface Question { readonly name: string; readonly params: unknown; readonly asText: (value: unknown) => string }

/** Gives the exit code. */
export async function answerWords(words: readonly string[]): Promise<number> {
  const [verb, ...rest] = words
  if (RECORD_VERBS.has(verb ?? '') && !words.includes('--help')) return (await import('./record-verbs.ts')).answerRecordWords(words, USAGE)
  if (READY_VERBS.has(verb ?? '') && !words.includes('--help')) return (await import('./ready-verbs.ts')).answerReadyWords(words, USAGE)
  if (PAPER_VERBS.has(verb ?? '') && !words.includes('--help')) return (await import('./paper-verbs.ts')).answerPaperWords(words, USAGE)
  if (MOVE_VERBS.has(verb ?? '') && !words.includes('--help')) return (await import('./move-verbs.ts')).answerMoveWords(words, USAGE)
  if (verb === 'support' && !words.includes('--help')) return (await import('./support-verb.ts')).support(rest)
  if (verb === 'bench-net') return (await import('./bench-net.ts')).benchNet(rest)
  if (verb === 'doctor') return (await import('./doctor.ts')).doctor(rest)
  if (verb === 'scan') return (await import('./scan-verbs.ts')).answerScanWords(words)
  if (verb === 'recipe' || verb === 'ports') return (await import('./recipe-verbs.ts')).answerRecipeWords(words)
  let parsed: ReturnType<typeof parseWords>
  let question: Question | null
  try {
    const isAsking = !words.includes('--help')
    const cloud = CLOUD_VERBS.has(verb ?? '') && isAsking ? cloudQuestion(words, process.env) : PERSON_VERBS.has(verb ?? '') && isAsking ? await personQuestion(words, process.env) : null
    parsed = parseWords(cloud === null ? words : [...cloud.isJson ? ['--json'] : [], ...cloud.data === undefined ? [] : ['--data', cloud.data]])
    question = cloud ?? questionOf(parsed.positionals, parsed.values)
  } catch (thrown) {
    process.stderr.write(correction(USAGE, words, thrown instanceof Fault ? inWords(thrown) : thrown instanceof Error ? thrown.message : String(thrown)))
    return 2
  }
  if (parsed.values.help || question === null) {
    if (parsed.values.help) process.stdout.write(USAGE)
    else process.stderr.write(correction(USAGE, words))
    return parsed.values.help ? 0 : 2
  }
  try {
    return tell(await ask(resolve(parsed.values.data ?? defaultDataDir(process.env, process.platform, homedir())), question), parsed.values, question.asText)
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    return 1
  }
}

function parseWords(words: readonly string[]) {
  return parseArgs({
    args: [...words], allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, data: { type: 'string' }, limit: { type: 'string' }, ...HISTORY_OPTIONS, help: { type: 'boolean', default: false, short: 'h' } }
  })
}

/** null: no such verb, or too many words. */
function questionOf(words: readonly string[], { limit, ...values }: HistoryValues & { readonly limit?: string | undefined }): Question | null {
  const [verb, first, second] = words
  const filter = historyFilter(values)
  const rows = limit === undefined ? ROWS : Number(limit)
  const most = verb === 'do' ? 3 : verb === 'units' || verb === 'history' || verb === 'why' ? 2 : 1
  if (words.length > most) return null
  // The gate pairs name and view by the door table, hence the casts.
  switch (verb) {
    case 'status': return { name: 'status', params: {}, asText: value => statusText(value as StatusView) }
    case 'units': return { name: 'units.find', params: { ...filter, ...(first === undefined ? {} : { text: first }), limit: rows }, asText: value => unitsText(value as readonly UnitView[]) }
    case 'history': return { name: 'history.list', params: { ...filter, ...(first === undefined ? {} : { unit: first }), limit: rows }, asText: value => historyText(value as readonly FactView[]) }
    case 'why': return first === undefined ? null : { name: 'unit.why', params: whyParams(first), asText: value => whyText(value as WhyView) }
    case 'network': return { name: 'network.view', params: {}, asText: value => networkText(value as NetworkView) }
    case 'do': return first === undefined ? null : { name: first, params: second === undefined ? {} : parseJson(second), asText: value => JSON.stringify(value, null, 2) }
    default: return null
  }
}

/** A lane label, a MAC in any spelling, or any name of a unit. */
function whyParams(text: string): { readonly lane: number } | { readonly mac: string } | { readonly unit: string } {
  const lane = /^P(\d{1,2})$/i.exec(text)?.[1]
  if (lane !== undefined) return { lane: Number(lane) }
  return /^([\da-f]{2}[:.-]?){5}[\da-f]{2}$/i.test(text) ? { mac: text } : { unit: text }
}

function parseJson(text: string): unknown {
  try { return JSON.parse(text) as unknown } catch { throw new Error(`not JSON: ${text.slice(0, 80)}`) }
}

async function ask(data: string, { name, params }: Question): Promise<DoorAnswer> {
  return await askStation(data, name, params, ASK_MS, async () => name.startsWith('account.') ? await accountsAtRest(data, name, params) : null)
}

async function accountsAtRest(data: string, name: string, params: unknown): Promise<DoorAnswer | null> {
  const { askAccounts } = await import('./account-verbs.ts')
  const { askLedger } = await import('./ledger-answers.ts')
  const status = await askLedger(data, 'status', {})
  const value = status?.ok === true ? status.value as StatusView : null // of the row asked for
  return await askAccounts(data, name, params, process.env, value?.quota ?? [])
}
