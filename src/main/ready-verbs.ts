/** The verbs of the checklist and of settings: `ready`, `settings`. Both ask the running station. */
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { seconds, type DoorAnswer, type ReadyPaperView, type ReadyRecordView, type ReadyView, type SettingsView, type SettingValue } from '#shared'
import { answerVerb, askStation, tell, valueOf } from './asking.ts'
import { SETTINGS, type ConfigKey } from './config.ts'
import { Fault } from './domain/fault.ts'
import { defaultDataDir } from './options.ts'

/** The daily check takes up to 30 s. */
const ASK_MS = seconds(60)
const OPTIONS = { json: { type: 'boolean' }, data: { type: 'string' }, how: { type: 'string' }, out: { type: 'string' } } as const

/** Gives the exit code: 2 for words that make no sense, 1 for a fault or a bench that is not ready. */
export async function answerReadyWords(words: readonly string[], usage: string): Promise<number> {
  return await answerVerb(usage, words, () => parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS }), answer)
}

interface Words { readonly positionals: readonly string[]; readonly values: { readonly json?: boolean | undefined; readonly data?: string | undefined; readonly how?: string | undefined; readonly out?: string | undefined } }

async function answer({ positionals: [verb, first, ...rest], values }: Words): Promise<number> {
  const data = resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))
  const ask = async (name: string, params: unknown): Promise<DoorAnswer> => await askStation(data, name, params, ASK_MS)
  // The gate pairs name and view by the door table, hence the casts.
  if (verb === 'settings') {
    const list = (said: DoorAnswer, text: string): number => tell(said, values, value => settingsText(value as SettingsView, text))
    if (first === 'set' || first === 'reset') {
      const wished = first === 'reset' ? rest.map(key => [key, null] as const) : pairsOf(rest)
      if (wished.length === 0) return 2
      return list(await ask('setting.change', { values: Object.fromEntries(wished) }), wished.length === 1 ? wished[0]?.[0] ?? '' : '')
    }
    return rest.length === 0 ? list(await ask('settings.view', {}), first ?? '') : 2
  }
  if (first === 'record' && rest.length === 0) return saveRecord(await ask('ready.paper', { how: values.how === 'first' ? 'first' : 'daily' }), values)
  const said = first === undefined ? await ask('ready.view', {}) : first === 'daily' && rest.length === 0 ? await ask('ready.daily', {}) : first === 'try' && rest.length === 1 ? await ask('ready.try', { step: rest[0] }) : null
  if (said === null) return 2
  const view = valueOf(said) as ReadyView // as above
  tell(said, values, () => readyText(view))
  return first === 'daily' && view.daily?.isReady !== true ? 1 : 0
}

function saveRecord(said: DoorAnswer, { out, json }: Words['values']): number {
  const { name, text } = valueOf(said) as ReadyPaperView // as above
  const path = resolve(out ?? name)
  writeFileSync(path, text)
  process.stdout.write(json === true ? `${JSON.stringify({ file: path })}\n` : `${path}\n`)
  return 0
}

/** Pairs of words; a list is JSON, as in the environment. Throws in words. */
function pairsOf(words: readonly string[]): (readonly [string, SettingValue])[] {
  if (words.length % 2 === 1) return []
  return Array.from({ length: words.length / 2 }, (_, i) => {
    const [key = '', text = ''] = words.slice(2 * i, 2 * i + 2)
    const kind = Object.hasOwn(SETTINGS, key) ? SETTINGS[key as ConfigKey].kind : 'text' // hasOwn has just said so
    return [key, kind === 'whole' ? Number(text) : kind === 'list' ? listOf(text) : text] as const
  })
}

function listOf(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed)) return parsed
  } catch { /* said below */ }
  throw new Fault('setting.refused', { complaints: `not a list in JSON: ${text.slice(0, 60)}` })
}

function readyText(view: ReadyView): string {
  const record = (word: string, r: ReadyRecordView | null): string => `${word.padEnd(12)} ${r === null ? 'never' : `${new Date(r.at).toISOString().slice(0, 16)}Z by ${r.by}: ${r.isReady ? 'ready' : `NOT READY: ${r.failed.join(', ')}`}${r.skipped.length === 0 ? '' : `; skipped: ${r.skipped.join(', ')}`}`}`
  const steps = view.steps.map(s => `  ${s.step.padEnd(10)} ${s.state.padEnd(8)} ${s.fault?.code ?? ''}${Object.entries(s.found).map(([name, value]) => ` ${name} ${value}`).join(',')}`.trimEnd())
  return [record('first run', view.first), record('daily check', view.daily) + (view.isDue ? '; DUE' : ''), ...steps].join('\n')
}

function settingsText({ settings, file, fault }: SettingsView, text: string): string {
  const rows = settings.filter(s => s.key.toLowerCase().includes(text.toLowerCase())).map(s => {
    const says = (value: SettingValue): string => typeof value === 'object' ? JSON.stringify(value) : value === '' ? '(empty)' : String(value)
    return `${s.key.padEnd(22)} ${says(s.value).padEnd(20)} ${s.origin.padEnd(11)}${s.own === null ? '' : ` set by ${s.own.by} ${new Date(s.own.at).toISOString().slice(0, 16)}Z`}${s.next === null ? '' : `  from the next start: ${says(s.next)}`}`.trimEnd()
  })
  return [`file: ${file ?? 'none'}`, ...fault === null ? [] : [`${fault.code}: ${String(fault.context['complaints'] ?? '')}`], ...rows].join('\n')
}
