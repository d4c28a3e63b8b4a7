/**
 * A recipe: a declared procedure that brings a unit to factory state, as data. It cannot loop and cannot wait for ever; what
 * erases stands at a prompt, and a recipe that changes anything says what is seen after the restart. Only that is *reset done*.
 */
import type { Words } from '#shared'
import { Fault } from './fault.ts'
import { plainOf, readShaped } from './json-shape.ts'
import type { JsonComplaint, JsonNode } from './json-text.ts'
import { assessPattern } from './pattern.ts'
import { RECIPE } from './recipe-shape.ts'

interface Why { readonly why: string }
interface Bounded { readonly within: number }
export type PowerStep = Why & { readonly power: 'on' | 'off' | 'cycle'; readonly offSeconds?: number }
export type PulsesStep = Why & { readonly pulses: { readonly offSeconds: number; readonly onSeconds: number; readonly times: number } }
export type PressStep = Why & { readonly press: Words; readonly holdSeconds?: number; readonly during?: 'powered' | 'power-on' }
export type InterruptStep = Why & Bounded & { readonly interrupt: string; readonly everyMs: number; readonly until: string; readonly clear?: string }
export type WaitStep = Why & Bounded & { readonly wait: string; readonly restart?: true; readonly nudge?: string }
export type RunStep = Why & Bounded & { readonly run: string; readonly at?: string; readonly expect?: string; readonly erases?: true; readonly leaves?: true; readonly refuse?: readonly string[]; readonly nudge?: string }
export type SecretStep = Why & Bounded & { readonly secret: string; readonly at: string }
export type SettleStep = Why & Bounded & { readonly settle: number }
export type BreakStep = Why & { readonly break: number }
export type AnnouncedStep = Why & Bounded & { readonly announced: 'factory' }
export type Step = PowerStep | PulsesStep | PressStep | InterruptStep | WaitStep | RunStep | SecretStep | SettleStep | BreakStep | AnnouncedStep

export const DANGERS = ['none', 'restarts', 'erases-settings'] as const
export type Danger = (typeof DANGERS)[number]
export interface RecipeValue { readonly default?: string; readonly pattern?: string; readonly secret?: true; readonly why: string }
export interface Recipe {
  readonly id: string
  readonly version: number
  readonly title: Words
  readonly for: string
  readonly source: string
  readonly danger: Danger
  readonly baud?: number
  readonly power?: 'none' | 'useful' | 'required'
  readonly prompt?: { readonly pattern: string; readonly abandon?: string }
  readonly values?: Readonly<Record<string, RecipeValue>>
  readonly failures?: readonly string[]
  readonly closed?: { readonly words?: readonly string[]; readonly why: string }
  readonly steps: readonly Step[]
  readonly verify: readonly Step[]
}

export const RECIPE_BYTES_MAX = 64 * 1024
/** All waits of a recipe together. */
const MINUTES_MAX = 30
const BAUD_DEFAULT = 115_200

/** Faults: `recipe.invalid` with `complaints`, one line each: `FILE:LINE:COLUMN what`. */
export function parseRecipe(text: string, file: string): Recipe {
  const read = readShaped(text, { file, keys: RECIPE, charsMax: RECIPE_BYTES_MAX, whole: checkWhole })
  if ('complaints' in read) throw new Fault('recipe.invalid', { file, complaints: read.complaints })
  return read.value as Recipe // every key has passed its check
}

export function baudOf(recipe: Recipe): number {
  return recipe.baud ?? BAUD_DEFAULT
}

const CONSOLE_VERBS = ['interrupt', 'wait', 'run', 'secret', 'settle', 'break']
/** Does it speak on a console at all. */
export function needsConsole(recipe: Recipe): boolean {
  return [...recipe.steps, ...recipe.verify].some(step => CONSOLE_VERBS.some(verb => verb in step))
}
export function isErasing(step: Step): boolean {
  return 'erases' in step
}

/**
 * The values a run works with: those given, else the defaults. Faults: `recipe.invalid` when one is missing, unknown, or does
 * not look as it must (`secrets` are only named).
 */
export function valuesFor(recipe: Recipe, given: Readonly<Record<string, string>>, secrets: ReadonlySet<string>): Readonly<Record<string, string>> {
  const complaints: string[] = []
  const values: Record<string, string> = {}
  const known = recipe.values ?? {}
  for (const name of Object.keys(given)) if (!Object.hasOwn(known, name)) complaints.push(`${name}: ${recipe.id} has no such value`)
  for (const [name, { default: fallback, pattern, secret }] of Object.entries(known)) {
    if (secret) {
      if (!secrets.has(name)) complaints.push(`${name}: this secret is missing`)
      continue
    }
    const value = given[name] ?? fallback
    if (value === undefined) complaints.push(`${name}: no value and no default`)
    else if (/[^\x20-\x7e]/.test(value)) complaints.push(`${name}: only plain characters of one line`)
    else if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) complaints.push(`${name}: ${value.slice(0, 40)} is not ${pattern}`)
    else values[name] = value
  }
  if (complaints.length > 0) throw new Fault('recipe.invalid', { file: recipe.id, complaints: complaints.join('\n') })
  return values
}

/** What only shows when the parts are read together. */
function checkWhole(node: JsonNode, tell: (complaint: JsonComplaint) => void): void {
  const recipe = plainOf(node) as Recipe // its parts have passed their checks
  const at = (list: 'steps' | 'verify', i: number): JsonNode => {
    const items = node.value instanceof Map ? node.value.get(list)?.node.value : undefined
    return (Array.isArray(items) ? items[i] as JsonNode | undefined : undefined) ?? node // lists hold nodes
  }
  const say = (where: JsonNode, text: string): void => tell({ line: where.line, column: where.column, text })
  const all = [...recipe.steps.map((step, i) => ({ step, where: at('steps', i) })), ...recipe.verify.map((step, i) => ({ step, where: at('verify', i) }))]
  for (const { step, where } of all) {
    for (const name of namesIn(step)) {
      const value = recipe.values?.[name]
      if (!value) say(where, `{${name}} is not one of the values`)
      else if (value.secret !== ('secret' in step ? true : undefined)) say(where, value.secret ? `{${name}} is secret; only a secret step may type it` : `${name} is not secret`)
    }
    if ('run' in step && step.at === undefined && !recipe.prompt) say(where, 'has no prompt: say `at`, or `prompt` for the whole recipe')
    if (isErasing(step) && recipe.danger !== 'erases-settings') say(where, 'erases, so the danger of the recipe is erases-settings')
  }
  recipe.verify.forEach((step, i) => { if (isErasing(step)) say(at('verify', i), 'verify may not erase') })
  const proves = recipe.verify.some(step => ('restart' in step && step.restart) || 'announced' in step)
  if (!proves) say(at('verify', 0), 'verify must see the restart: a wait with `restart`, or announced')
  if (recipe.danger === 'erases-settings' && !recipe.steps.some(step => isErasing(step))) say(node, 'the danger is erases-settings, but no step erases')
  for (const [name, { pattern, default: fallback }] of Object.entries(recipe.values ?? {})) {
    if (pattern !== undefined && fallback !== undefined && assessPattern(pattern) === null && !new RegExp(`^(?:${pattern})$`).test(fallback)) say(node, `values.${name}: the default is not ${pattern}`)
  }
  const total = all.reduce((sum, { step }) => sum + secondsOf(step), 0)
  if (total > MINUTES_MAX * 60) say(node, `could wait ${Math.ceil(total / 60)} minutes in all; ${MINUTES_MAX} at most`)
}

function namesIn(step: Step): string[] {
  if ('secret' in step) return [step.secret]
  if (!('run' in step)) return []
  return Array.from(step.run.matchAll(/\{([a-z][A-Za-z0-9]{0,31})\}/g), m => m[1] ?? '').filter(name => name !== 'mark' && name !== '')
}

/** The longest a step can take. */
export function secondsOf(step: Step): number {
  if ('pulses' in step) return step.pulses.times * (step.pulses.offSeconds + step.pulses.onSeconds)
  if ('power' in step) return step.offSeconds ?? 3
  if ('press' in step) return step.holdSeconds ?? 0
  return 'within' in step ? step.within : 0
}
