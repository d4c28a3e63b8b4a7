/**
 * `unbindery recipe` and `unbindery ports`: recipes read, checked, tried and played on one unit without a station. Ends with 0
 * (in order, or the unit was verified), 1 (mistakes, a fault, or not verified), 2 (words it does not know), 3 (closed console).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { valueOf } from './asking.ts'
import { Log, Secret } from './bench/log.ts'
import { openBook, type Book } from './bench/recipe-book.ts'
import type { HandsWish, LanePower, RecipeEnd } from './bench/recipe-runner.ts'
import { playRecipe, type SessionOptions } from './bench/recipe-session.ts'
import { parseTranscript, Transcript } from './bench/transcript.ts'
import type { PortsView, PortView, RecipeView } from '#shared'
import { Fault } from './domain/fault.ts'
import { isErasing, needsConsole, parseRecipe, type Recipe, type Step } from './domain/recipe.ts'
import { askLocal } from './hosts/local.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveSerial } from './live/serial.ts'
import { defaultDataDir } from './options.ts'
import { portsText, recipesText } from './tables.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery recipe list [--json] [--data DIR]
unbindery recipe check FILE...                      mistakes, with line and column
unbindery recipe run FILE|NAME --port PATH [--yes] [--set NAME=VALUE] [--secret NAME=VARIABLE] [--transcript FILE] [--json]
unbindery recipe run FILE|NAME --dry-run [--transcript FILE]
unbindery ports [--json] [--data DIR]               serial adapters and what each is for
unbindery ports bind PATH console LANE | scanner | ignore | none | relay lcus|numato LANE,LANE,-

  --port        the console: /dev/serial/by-id/..., a pty, tcp://host:port
  --yes         needed by a recipe that erases
  --secret      the environment variable that holds a password
  --transcript  where all that was said is written; with --dry-run: what the unit is to say, from an earlier run
  --dry-run     sends nothing: shows the steps, or plays them against the transcript

Ends with 0 verified, 1 not verified or mistakes, 2 unknown words, 3 the console is closed.
`
const ASK_MS = 15_000
const EXIT = { verified: 0, unproven: 1, closed: 3 } as const

type Words = ReturnType<typeof parseWords>

export async function answerRecipeWords(words: readonly string[]): Promise<number> {
  let parsed: Words
  try {
    parsed = parseWords(words)
  } catch (thrown) {
    return usage(thrown instanceof Error ? thrown.message : String(thrown))
  }
  if (parsed.values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const [verb, act, ...rest] = parsed.positionals
  try {
    if (verb === 'ports') return await ports(parsed, act === undefined ? [] : [act, ...rest])
    if (act === 'list' && rest.length === 0) return list(parsed)
    if (act === 'check' && rest.length > 0) return check(rest)
    if (act === 'run' && rest.length === 1 && rest[0] !== undefined) return await run(parsed, rest[0])
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    return 1
  }
  return usage('')
}

function parseWords(words: readonly string[]) {
  return parseArgs({
    args: [...words], allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false }, data: { type: 'string' }, help: { type: 'boolean', default: false, short: 'h' }, port: { type: 'string' }, yes: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false }, transcript: { type: 'string' }, set: { type: 'string', multiple: true, default: [] }, secret: { type: 'string', multiple: true, default: [] }
    }
  })
}

function usage(complaint: string): number {
  process.stderr.write(complaint === '' ? USAGE : `${complaint}\n\n${USAGE}`)
  return 2
}

const dataDirOf = ({ values }: Words): string => resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))

function bookOf(words: Words): Book {
  const dataDir = dataDirOf(words)
  return openBook(existsSync(join(dataDir, 'recipes')) ? new LiveDisk(dataDir) : null)
}

function list(words: Words): number {
  const { recipes, faults } = bookOf(words)
  const rows = Array.from(recipes.values(), ({ recipe: r, isShipped }): RecipeView => ({ id: r.id, version: r.version, title: r.title, for: r.for, danger: r.danger, isShipped, runs: 0, verified: 0 }))
  process.stdout.write(`${words.values.json ? JSON.stringify(rows, null, 2) : recipesText(rows)}\n`)
  for (const fault of faults) process.stderr.write(`${inWords(fault)}\n`)
  return faults.length === 0 ? 0 : 1
}

function check(files: readonly string[]): number {
  let mistakes = 0
  for (const file of files) {
    try {
      const { id, version } = parseRecipe(textOf(file), file)
      process.stdout.write(`${file}: ${id} version ${version}, in order\n`)
    } catch (thrown) {
      const fault = Fault.from(thrown)
      mistakes += 1
      process.stderr.write(`${fault.code === 'recipe.invalid' ? String(fault.context['complaints']) : inWords(fault)}\n`)
    }
  }
  return mistakes === 0 ? 0 : 1
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Fault('recipe.invalid', { file, complaints: `${file}: cannot be read` })
  }
}

function recipeOf(words: Words, name: string): Recipe {
  const known = bookOf(words).recipes.get(name)
  return known ? known.recipe : parseRecipe(textOf(name), name)
}

async function run(words: Words, name: string): Promise<number> {
  const { values } = words
  const recipe = recipeOf(words, name)
  const given = pairs(values.set)
  const secrets = new Map(Object.entries(pairs(values.secret)).map(([key, variable]) => [key, new Secret(process.env[variable] ?? '')] as const))
  if (values['dry-run'] && values.transcript === undefined) {
    process.stdout.write(`${stepsText(recipe)}\n`)
    return 0
  }
  if (values['dry-run'] && values.transcript !== undefined) return told(await rehearse(recipe, textOf(values.transcript), given), values.json)
  if (values.port === undefined && needsConsole(recipe)) return usage('--port is needed: the recipe speaks on a console')
  if (recipe.danger === 'erases-settings' && !values.yes) return usage(`${recipe.id} erases settings of the unit; say --yes`)
  const clock = new LiveClock()
  const transcript = new Transcript(clock)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Fault('station.stopped')))
  try {
    return told(await playRecipe({ clock, entropy: new LiveEntropy(), serial: new LiveSerial() }, quiet(), recipe, {
      path: values.port ?? null, values: given, secrets, power: null, untilFactory: null, transcript, hands: askHands,
      onStep: (step, i, of) => { process.stderr.write(`${of} ${i + 1}: ${step.why}\n`) }
    }, stop.signal), values.json)
  } finally {
    if (values.transcript !== undefined) writeFileSync(values.transcript, transcript.toString(), { mode: 0o600 })
  }
}

/** The recipe against what a unit said before, in virtual time. */
async function rehearse(recipe: Recipe, text: string, values: Readonly<Record<string, string>>): Promise<RecipeEnd> {
  const [{ VirtualClock }, { ReplayedConsole }, { SeededEntropy }, { VirtualSerial }] = await Promise.all([import('./virtual/clock.ts'), import('./virtual/console.ts'), import('./virtual/entropy.ts'), import('./virtual/serial.ts')])
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const unit = new ReplayedConsole(clock, parseTranscript(text))
  const stop = new AbortController()
  serial.plug({ path: 'transcript', label: 'transcript' }, pipe => { void unit.play(pipe, stop.signal).catch(() => undefined) })
  const nothing = async (): Promise<void> => undefined
  const power: LanePower | null = recipe.power === 'none' ? null : { on: nothing, off: nothing, cycle: nothing }
  const secrets = new Map(Object.entries(recipe.values ?? {}).flatMap(([name, value]) => value.secret ? [[name, new Secret('rehearsal')] as const] : []))
  const options: SessionOptions = { path: needsConsole(recipe) ? 'transcript' : null, values, secrets, power, hands: () => undefined, untilFactory: nothing }
  try {
    const end = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(1) }, quiet(), recipe, options, stop.signal))
    if (unit.differs !== null) process.stderr.write(`the transcript goes another way: ${unit.differs}\n`)
    return end
  } finally {
    stop.abort()
  }
}

function told(end: RecipeEnd, isJson: boolean): number {
  const { fault, ...rest } = end
  if (isJson) process.stdout.write(`${JSON.stringify({ ...rest, fault: fault?.toView() ?? null }, null, 2)}\n`)
  else process.stdout.write(`${end.recipe} version ${end.version}: ${end.verdict} at ${end.step}${end.hasErased && end.verdict === 'unproven' ? ', after something was erased' : ''}\n`)
  if (fault) process.stderr.write(`${inWords(fault)}\n`)
  return EXIT[end.verdict]
}

function askHands(wish: HandsWish): void {
  process.stderr.write(wish.kind === 'power' ? `>>> Switch the unit ${wish.to === 'cycle' ? 'off and on' : wish.to}.\n` : `>>> ${wish.text.en}\n`)
}

function stepsText(recipe: Recipe): string {
  const row = (of: string) => (step: Step, i: number): string => `${`${of} ${i + 1}`.padEnd(10)} ${isErasing(step) ? 'ERASES' : '      '} ${actOf(step)}\n${' '.repeat(18)}${step.why}`
  return [`${recipe.id} version ${recipe.version}, danger: ${recipe.danger}`, ...recipe.steps.map(row('steps')), ...recipe.verify.map(row('verify'))].join('\n')
}

function actOf(step: Step): string {
  const { why: _why, erases: _erases, ...rest }: Record<string, unknown> = { erases: undefined, ...step }
  return Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ')
}

function pairs(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map(pair => {
    const at = pair.indexOf('=')
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  }))
}

function quiet(): Log {
  return new Log(() => undefined, () => 0)
}

async function ports(words: Words, rest: readonly string[]): Promise<number> {
  const order = rest.length === 0 ? null : bindOf(rest)
  if (rest.length > 0 && order === null) return usage('')
  const view = order === null ? await listed(dataDirOf(words)) : await asked(dataDirOf(words), 'ports.bind', order)
  process.stdout.write(`${words.values.json ? JSON.stringify(view, null, 2) : portsText(view)}\n`)
  return 0
}

async function asked(dataDir: string, name: string, params: unknown): Promise<PortsView> {
  return valueOf(await askLocal(dataDir, name, params, AbortSignal.timeout(ASK_MS))) as PortsView // the answer of these two rows of the door
}

/** From the station; where none runs, what this computer has, without roles. */
async function listed(dataDir: string): Promise<PortsView> {
  try {
    return await asked(dataDir, 'ports.list', {})
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'door.no-station') throw thrown
    const found = await new LiveSerial().list()
    return { fault: null, trustedLanes: [], ports: found.map((p): PortView => ({ path: p.path, label: p.label, usb: p.usb ?? null, serial: p.serial ?? null, role: null, lane: null, board: null, lanes: [], isThere: true, isNamed: false })) }
  }
}

function bindOf([act, path, role, first, second]: readonly string[]): Readonly<Record<string, unknown>> | null {
  if (act !== 'bind' || path === undefined || role === undefined) return null
  if (role === 'console') return { path, role, lane: Number(first) }
  if (role === 'relay') return { path, role, board: first, lanes: (second ?? '').split(',').map(lane => lane === '-' ? null : Number(lane)) }
  return { path, role }
}
