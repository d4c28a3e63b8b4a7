/**
 * The command line of people: `person`, `hold`, `release`. A PIN is typed without echo, piped, or taken from the
 * environment; never from the command line, where others can read it; and it is never printed.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { LANGUAGES, ROLES, VENDOR_ROLES, type PersonView, type UnitView } from '#shared'
import type { CloudQuestion } from './cloud-verbs.ts'
import { Fault } from './domain/fault.ts'
import { unitsText } from './tables.ts'

export const PERSON_USAGE = `  person list          badges on record, their roles and what the vendor calls them
  person add BADGE     --name NAME --role operator|lead|admin --language en|zh; a lead or an admin needs a PIN of 4 to 12 digits:
                       typed when asked for, piped to standard input, or --pin-env NAME
  person change BADGE  as above; a new PIN also ends a lock        [--pin]
  person remove BADGE
  hold UNIT --reason TEXT      set a unit aside, by any of its whole names
  release UNIT --reason TEXT   let it go on; written down as done by the command line
`
export const PERSON_VERBS: ReadonlySet<string> = new Set(['person', 'hold', 'release'])
const PIN_CHARS_MAX = 64

type Env = Readonly<Record<string, string | undefined>>

/** null: no such verb. Throws in words for a wrong option. Faults: `config.invalid` when `--pin-env` names nothing. */
export async function personQuestion(words: readonly string[], env: Env): Promise<CloudQuestion | null> {
  const option = { type: 'string' } as const
  const { values, positionals: [verb, what, ...rest] } = parseArgs({
    args: [...words], allowPositionals: true,
    options: { 'json': { type: 'boolean', default: false }, 'data': option, 'name': option, 'role': option, 'language': option, 'pin-env': option, 'reason': option, 'pin': { type: 'boolean', default: false } }
  })
  const ask = (name: string, params: unknown, asText: (value: unknown) => string): CloudQuestion => ({ name, params, asText, isJson: values.json, data: values.data })
  const asPeople = (value: unknown): string => peopleText(value as readonly PersonView[]) // the gate pairs name and view by the door table
  if (verb !== 'person') {
    const reason = [...rest, values.reason ?? ''].join(' ').trim()
    return what === undefined || reason === '' ? null : ask(verb === 'hold' ? 'unit.hold' : 'unit.release', { unit: what, reason }, value => unitsText([value as UnitView])) // as above
  }
  const [badge, ...more] = rest
  if (more.length > 0) return null
  if (what === 'list') return badge === undefined ? ask('person.list', {}, asPeople) : null
  if (badge === undefined) return null
  if (what === 'remove') return ask('person.remove', { badge }, asPeople)
  if (what !== 'add' && what !== 'change') return null
  const role = ROLES.find(r => r === values.role)
  const language = LANGUAGES.find(l => l === values.language)
  if (values.role !== undefined && role === undefined) throw new Error(`--role: ${ROLES.join(', ')}`)
  if (values.language !== undefined && language === undefined) throw new Error(`--language: ${LANGUAGES.join(', ')}`)
  const wantsPin = values.pin || values['pin-env'] !== undefined || (what === 'add' && role !== undefined && role !== 'operator')
  const entry = { badge, name: values.name, role, language, pin: wantsPin ? await readPin(values['pin-env'], env) : undefined }
  return ask(`person.${what}`, Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)), asPeople)
}

export function peopleText(people: readonly PersonView[]): string {
  if (people.length === 0) return 'nobody is on record: every badge is an operator; enter an admin first'
  return people.map(p => [
    p.badge.padEnd(14), p.name.padEnd(22), p.role.padEnd(9), `vendor: ${VENDOR_ROLES[p.role].en}`,
    ...p.role === 'operator' || p.hasPin ? [] : ['no PIN'], ...p.lockedUntil === null ? [] : [`locked until ${new Date(p.lockedUntil).toISOString().slice(11, 16)} UTC`],
    ...p.competence.map(c => `${c.course} ${Math.round(c.score)}`)
  ].join('  ')).join('\n')
}

async function readPin(name: string | undefined, env: Env): Promise<string> {
  if (name === undefined) return process.stdin.isTTY ? await typePin() : readFileSync(0, 'utf8').trim().slice(0, PIN_CHARS_MAX)
  const pin = env[name]
  if (pin === undefined || pin === '') throw new Fault('config.invalid', { complaints: `--pin-env: ${name} is not set` })
  return pin
}

/** Digit by digit and without echo, until Enter; Ctrl-C ends the program as it would anywhere. */
async function typePin(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let typed = ''
  const hear = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) {
      if (key === '\x03') process.exit(130) // as the terminal would have ended it
      if (key === '\r' || key === '\n') resolve(typed)
      else if (key === '\x7f') typed = typed.slice(0, -1)
      else if (typed.length < PIN_CHARS_MAX) typed += key
    }
  }
  process.stderr.write('PIN: ')
  process.stdin.setRawMode(true)
  process.stdin.on('data', hear)
  try {
    return await promise
  } finally {
    process.stdin.off('data', hear)
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stderr.write('\n')
  }
}
