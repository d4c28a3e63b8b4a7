/**
 * The verbs about what is kept: `verify`, `export`, `certificate`, `sync`, `timeline`. Checking and exporting read the file
 * beside a running station and hold nobody up; the others ask the station.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { counted, MODES, seconds, type AsideView, type CertificateView, type DoorAnswer, type Mode, type SavedView, type StatusView, type SyncView, type TimelineView } from '#shared'
import { answerVerb, askStation, tell, valueOf } from './asking.ts'
import { archiveRows, baseOf, openStretch } from './bench/archive.ts'
import { Ledger } from './bench/ledger.ts'
import { successionOf } from './bench/lookback.ts'
import { Log } from './bench/log.ts'
import { certificatesIn, isPdf } from './bench/paper/attachment.ts'
import { assertReadable } from './bench/schema.ts'
import { verdictOf, VERDICT_FIELDS } from './bench/verdict-row.ts'
import { verifyLedger } from './bench/verify.ts'
import type { Fact } from './domain/fact.ts'
import { Fault } from './domain/fault.ts'
import { fitsHistory, HISTORY_OPTIONS, historyFilter, type HistoryFilter, type HistoryValues } from './history-words.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveSql } from './live/sqlite.ts'
import { defaultDataDir } from './options.ts'
import { ledgerPath } from './records.ts'
import { asideText, syncText, timelineText, viewsText } from './record-tables.ts'
import { FileVault } from './vault.ts'
import { viewCertificate, type CertificateDraft, type TrustedKey } from './wire/certificate.ts'
import { parseHead, type Head } from './wire/chain.ts'
import { CSV_MARK, csvLine } from './wire/csv.ts'

const ASK_MS = seconds(30)
const PAGE = 1000
const FILE_BYTES_MAX = 64 * 1024 * 1024

interface Words { readonly positionals: readonly string[]; readonly values: Values }
interface Values extends HistoryValues { readonly 'json'?: boolean; readonly 'pdf'?: boolean; readonly 'data'?: string; readonly 'format'?: string; readonly 'out'?: string; readonly 'heads'?: string; readonly 'key'?: string[]; readonly 'keys'?: string; readonly 'mode'?: string; readonly 'file'?: string; readonly 'vendor'?: boolean; readonly 'shared'?: boolean }

/** Gives the exit code: 2 for words that make no sense, 1 for a fault or a broken record, else 0. */
export async function answerRecordWords(words: readonly string[], usage: string): Promise<number> {
  return await answerVerb<Words>(usage, words, () => parseArgs({
    args: [...words], allowPositionals: true,
    options: {
      json: { type: 'boolean' }, data: { type: 'string' }, format: { type: 'string' }, ...HISTORY_OPTIONS, out: { type: 'string' },
      heads: { type: 'string' }, key: { type: 'string', multiple: true }, keys: { type: 'string' }, mode: { type: 'string' }, pdf: { type: 'boolean' }, file: { type: 'string' }, vendor: { type: 'boolean' }, shared: { type: 'boolean' }
    }
  }), answer)
}

async function answer({ positionals: [verb, first, second, third], values }: Words): Promise<number> {
  const data = resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))
  if (verb === 'verify') return first === undefined ? verifyHistory(data, values) : verifyFile(first, data, values)
  if (verb === 'export') return exportHistory(data, values)
  if (verb === 'timeline' && first !== undefined) return await tellTimeline(data, first, values)
  if (verb === 'views') return await tellViews(data, values, first, second, third)
  if (verb === 'certificate' && first !== undefined && values.pdf === true) return (await import('./paper-verbs.ts')).savePaper(await ask(data, 'certificate.paper', { unit: first }), values)
  if (verb === 'certificate' && first !== undefined) return certificate(await ask(data, 'certificate.make', { unit: first }), values)
  if (verb !== 'sync') return 2
  if (first === undefined) {
    const [status, asides] = await Promise.all([ask(data, 'status', {}), ask(data, 'sync.aside', {})])
    return tell(status, values, value => [syncText((value as StatusView).sync), asideText(valueOf(asides) as readonly AsideView[])].join('\n\n')) // as above
  }
  if (first === 'test' && second !== undefined) return tell(await ask(data, 'sync.test', { destination: second }), values, value => `${second} answers; it has ${(value as SyncView).acked} of ${counted((value as SyncView).last, 'fact')}`) // as above
  if (first === 'replay' && second !== undefined && third !== undefined) return tell(await ask(data, 'sync.replay', { destination: second, from: Number(third) }), values, () => `${second} gets everything from fact ${third} again`)
  return 2
}

async function tellTimeline(data: string, unit: string, values: Values): Promise<number> {
  const look = async (): Promise<DoorAnswer> => await ask(data, 'unit.timeline', { unit })
  if (values.vendor === true) valueOf(await ask(data, 'unit.vendor-log', { unit: (valueOf(await look()) as TimelineView).unit.uid })) // paired by the door table
  return tell(await look(), values, value => timelineText(value as TimelineView)) // as above
}

async function tellViews(data: string, values: Values, act: string | undefined, name: string | undefined, filter: string | undefined): Promise<number> {
  const list = (said: DoorAnswer): number => tell(said, values, value => viewsText(value as readonly SavedView[])) // as above
  if (act === undefined) return list(await ask(data, 'views.list', {}))
  if (act === 'save' && name !== undefined && filter !== undefined) return list(await ask(data, 'views.save', { name, isShared: values.shared === true, filter: parseText(filter, 'the filter') }))
  if (act !== 'remove' || name === undefined) return 2
  const known = (valueOf(await ask(data, 'views.list', {})) as readonly SavedView[]).find(view => view.name === name) // as above
  return list(await ask(data, 'views.remove', { id: known?.id ?? name }))
}

function verifyHistory(data: string, values: Values): number {
  using opened = openLedger(data, values)
  const { ledger, mode } = opened
  const station = ledger.setting('station') ?? ''
  const heads = values.heads === undefined ? [] : headsIn(values.heads, station)
  using vault = new FileVault(opened.path)
  const found = verifyLedger(ledger, station, heads, [], vault)
  const head = `${mode} history of station ${station}: ${counted(found.facts, 'fact')}, ${counted(found.heads, 'signed head')}, ${found.headsElsewhere} kept elsewhere`
  const away = found.absent === 0 ? '' : `\nNot here: the files of ${counted(found.absent, 'fact')}; the chain around them was checked, the records were not.`
  const hint = found.headsElsewhere === 0 ? '\nA cut tail or an older copy of the file shows only with --heads FILE, kept by a receiver.' : ''
  process.stdout.write(values.json === true ? `${JSON.stringify({ mode, station, ...found }, null, 2)}\n` : `${head}\n${found.broken.length === 0 ? `whole: nothing was changed${away}${hint}` : `BROKEN: ${found.broken.join('\n        ')}`}\n`)
  return found.broken.length === 0 ? 0 : 1
}

function verifyFile(path: string, data: string, values: Values): number {
  const keys = [...(values.key ?? []).map(key => ({ key: key.toLowerCase() })), ...(values.keys === undefined ? [] : keysIn(values.keys)), ...ownKeys(data)]
  const { text, isPage, isAmbiguous } = certificateAt(path)
  const found = viewCertificate(text, keys)
  const state = isAmbiguous ? 'altered' : found.state
  process.stdout.write(values.json === true ? `${JSON.stringify({ file: path, ...found, state })}\n` : `${path}: ${state}\n${state === 'valid' || state === 'unknown key' ? found.isBench === true ? benchText(text) : signedText(text, isPage) : ''}`)
  return state === 'valid' ? 0 : 1
}

/** The signed text in a file: the file itself, or what is attached to a PDF. Two in one file: nobody knows which is meant. */
function certificateAt(path: string): { readonly text: string; readonly isPage: boolean; readonly isAmbiguous: boolean } {
  const bytes = readBytes(path)
  if (!isPdf(bytes)) return { text: new TextDecoder().decode(bytes), isPage: false, isAmbiguous: false }
  const texts = certificatesIn(bytes)
  return { text: texts[0] ?? '', isPage: true, isAmbiguous: texts.length > 1 }
}

/** What was signed, to be held against the page and the box: a page can show anything. */
function signedText(text: string, isPage: boolean): string {
  const { id, unit, result, station, times } = JSON.parse(text) as CertificateDraft // it has just been found whole
  const names = unit.names.map(n => `${n.kind} ${n.value}`).join(', ')
  const rows = [`certificate ${id}, issued ${times.issued}`, `unit        ${names}`, `product     ${unit.productName} (${unit.product})`, `result      ${result.outcome}, grade ${result.grade}, at ${result.provenAt}`, `station     ${station.id}`]
  return `${isPage ? 'The page was not looked at; this is what was signed:\n' : ''}${rows.map(row => `  ${row.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 400)}\n`).join('')}`
}

/** A record of a checked bench: no unit is released by it. */
function benchText(text: string): string {
  const { id, how, isReady, by, times, station, steps } = JSON.parse(text) as { id: string; how: string; isReady: boolean; by: string; times: { issued: string }; station: { id: string }; steps: readonly { step: string; state: string }[] } // it has just been found whole
  const rows = [`bench ${isReady ? 'ready' : 'NOT READY'}, ${how === 'first' ? 'first run' : 'daily check'}, ${times.issued}, by ${by}`, `steps       ${steps.map(s => `${s.step} ${s.state}`).join(', ')}`, `station     ${station.id}`, `record      ${id}`]
  return rows.map(row => `  ${row.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 400)}\n`).join('')
}

/** CSV: one line a verdict. JSON Lines: one line a fact, the whole of history, or what belongs to the jobs that fit. */
function exportHistory(data: string, values: Values): number {
  const { format = 'csv' } = values
  const filter = filterOf(values)
  if ((format !== 'csv' && format !== 'jsonl') || filter === null) return 2
  using opened = openLedger(data, values)
  const { ledger, mode } = opened
  const origin = { station: ledger.setting('station') ?? '', mode }
  const write = writerTo(values.out)
  if (format === 'csv') write(CSV_MARK + csvLine(VERDICT_FIELDS))
  using vault = new FileVault(opened.path)
  let lines = 0
  for (const facts of everyFact(ledger, origin.station, vault)) {
    const wanted = facts.filter(f => fitsHistory(filter, f, ledger.job(f.job)))
    const rows = format === 'jsonl' ? [] : wanted.map(f => verdictOf(ledger, origin, f)).filter(row => row !== null).filter(row => row.outcome === (filter.outcome ?? row.outcome) && row.reason === (filter.reason ?? row.reason)) // the last word of a job, not what it said before
    write(format === 'jsonl' ? wanted.map(f => `${JSON.stringify(f)}\n`).join('') : rows.map(row => csvLine(VERDICT_FIELDS.map(field => row[field]))).join(''))
    lines += format === 'jsonl' ? wanted.length : rows.length
  }
  if (values.out !== undefined) process.stdout.write(`${counted(lines, format === 'jsonl' ? 'fact' : 'verdict')} in ${values.out}\n`)
  return 0
}

/** Page by page, through the archive; what lies elsewhere is told on standard error. */
function* everyFact(ledger: Ledger, station: string, vault: FileVault): Generator<readonly Fact[]> {
  const base = baseOf(ledger.db).seq
  let last = 0
  for (const row of archiveRows(ledger.db, station)) {
    const facts = openStretch(row, vault)
    if (facts === null || typeof facts === 'string') process.stderr.write(`facts ${row.from} to ${row.to} are left out: ${facts ?? `${row.file} is not here`}\n`)
    else yield facts.filter(f => f.seq <= base)
    last = Math.min(row.to, base)
  }
  for (let facts = ledger.factsAfter(last, PAGE); facts.length > 0; facts = ledger.factsAfter(last, PAGE)) {
    last = facts.at(-1)?.seq ?? last
    yield facts
  }
}

function certificate(said: DoorAnswer, values: Values): number {
  const { id, text } = valueOf(said) as CertificateView // the door pairs them
  if (values.out === undefined) process.stdout.write(`${text}\n`)
  else {
    writeFileSync(values.out, `${text}\n`)
    process.stdout.write(`certificate ${id} in ${values.out}\n`)
  }
  return 0
}

/** `--file`: another ledger than the station's, such as a backup or the one it goes on from. */
function openLedger(data: string, values: Values): { readonly ledger: Ledger; readonly mode: Mode; readonly path: string } & Disposable {
  const mode = MODES.find(m => m === values.mode) ?? (values.file === undefined ? MODES.toReversed().find(m => existsSync(ledgerPath(data, m))) : 'live')
  if (mode === undefined) throw new Fault('ledger.cannot-open', { path: data })
  const clock = new LiveClock()
  const path = values.file === undefined ? ledgerPath(data, mode) : resolve(values.file)
  const db = new LiveSql().open(path, { readonly: true })
  assertReadable(db)
  const ledger = new Ledger(db, { clock, entropy: new LiveEntropy() }, new Log(() => undefined, () => clock.now()), true)
  return { ledger, mode, path, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

/** Keys this computer's own live station has ever signed with; a training key is trusted by nobody. */
function ownKeys(data: string): TrustedKey[] {
  if (!existsSync(ledgerPath(data, 'live'))) return []
  using opened = openLedger(data, { mode: 'live' })
  using vault = new FileVault(opened.path)
  return [...keysOf(opened.ledger, vault)].map(key => ({ key }))
}

/** Also of facts that are archived, by the heads they signed, and of the ledgers this one goes on from. */
function keysOf(ledger: Ledger, vault: FileVault): Set<string> {
  const own = ledger.db.all<{ key: string }>("SELECT DISTINCT json_extract(body, '$.publicKey') AS key FROM fact WHERE kind = 'station.started' UNION SELECT DISTINCT key FROM head").map(row => row.key)
  const before = successionOf(ledger, vault)
  const past = before === null || typeof before === 'string' ? null : vault.open(before.file)
  return new Set([...own, ...past === null ? [] : keysOf(past, vault)])
}

function keysIn(path: string): TrustedKey[] {
  const parsed = parseText(readText(path), path)
  if (!Array.isArray(parsed)) throw new Fault('config.invalid', { complaints: `${path}: a list of keys is expected` })
  return parsed.filter((k: unknown): k is TrustedKey => typeof k === 'object' && k !== null && 'key' in k && typeof k.key === 'string')
}

function headsIn(path: string, station: string): Head[] {
  const heads = readText(path).split('\n').filter(line => line.trim() !== '').map(line => parseHead(parseText(line, path)))
  return heads.filter(head => head !== null).filter(head => head.station === station)
}

function parseText(text: string, path: string): unknown {
  try { return JSON.parse(text) as unknown } catch { throw new Fault('config.invalid', { complaints: `${path}: is not JSON` }) }
}

function readBytes(path: string): Uint8Array {
  try {
    return statSync(path).size > FILE_BYTES_MAX ? new Uint8Array(0) : readFileSync(path)
  } catch {
    throw new Fault('config.invalid', { complaints: `${path}: cannot be read` })
  }
}

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    return text.length > FILE_BYTES_MAX ? '' : text
  } catch {
    throw new Fault('config.invalid', { complaints: `${path}: cannot be read` })
  }
}

/** null: said in words already. */
function filterOf(values: Values): HistoryFilter | null {
  try {
    return historyFilter(values)
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n`)
    return null
  }
}

function writerTo(path: string | undefined): (text: string) => void {
  if (path === undefined) return text => { process.stdout.write(text) }
  writeFileSync(path, '')
  return text => { writeFileSync(path, text, { flag: 'a' }) }
}

async function ask(data: string, name: string, params: unknown): Promise<DoorAnswer> {
  return await askStation(data, name, params, ASK_MS)
}
