/**
 * What may stand in a hand-written data file, as a table: the reader checks by it with line and column, and the JSON Schema
 * beside the files (editor completion) is written from it.
 */
import { JsonTextError, parseJsonText, type JsonComplaint, type JsonNode } from './json-text.ts'
import { assessPattern } from './pattern.ts'

const TEXT_MAX = 200

export type Shape =
  | { readonly kind: 'text'; readonly max: number; readonly form?: RegExp }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly whole: boolean }
  | { readonly kind: 'yes' }
  | { readonly kind: 'choice'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'pattern' }
  | { readonly kind: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'map'; readonly of: Shape; readonly max: number }
  | { readonly kind: 'object'; readonly keys: Keys }
  /** One of several verbs, each with keys of its own beside `common`; `def` is its name in the schema. */
  | { readonly kind: 'verb'; readonly def: string; readonly common: Keys; readonly verbs: Readonly<Record<string, Keys>> }
export interface Key { readonly shape: Shape; readonly must: boolean; readonly why: string }
export type Keys = Readonly<Record<string, Key>>

export const must = (shape: Shape, why: string): Key => ({ shape, must: true, why })
export const may = (shape: Shape, why: string): Key => ({ shape, must: false, why })
export const text = (max = TEXT_MAX, form?: RegExp): Shape => ({ kind: 'text', max, ...(form ? { form } : {}) })
export const number = (min: number, max: number, whole = false): Shape => ({ kind: 'number', min, max, whole })
export const pattern: Shape = { kind: 'pattern' }
export const yes: Shape = { kind: 'yes' }

export interface Reading {
  /** For the complaints. */
  readonly file: string
  readonly keys: Keys
  readonly charsMax: number
  /** What only shows when the parts are read together; called when each part is in order. */
  readonly whole?: (node: JsonNode, tell: (complaint: JsonComplaint) => void) => void
}

/** A text read by a table: its plain value, or complaints, one a line: `FILE:LINE:COLUMN what`. */
export function readShaped(source: string, { file, keys, charsMax, whole }: Reading): { readonly value: unknown } | { readonly complaints: string } {
  const complaints: JsonComplaint[] = []
  const tell = (complaint: JsonComplaint): void => { complaints.push(complaint) }
  const node = readNode(source, charsMax, tell)
  if (node) {
    checkObject(node, keys, '', tell)
    if (complaints.length === 0) whole?.(node, tell)
  }
  if (complaints.length === 0 && node) return { value: plainOf(node) }
  return { complaints: complaints.toSorted((a, b) => a.line - b.line || a.column - b.column).map(c => `${file}:${c.line}:${c.column} ${c.text}`).join('\n') }
}

function readNode(source: string, charsMax: number, tell: (complaint: JsonComplaint) => void): JsonNode | null {
  if (source.length > charsMax) {
    tell({ line: 1, column: 1, text: `the file is larger than ${charsMax} bytes` })
    return null
  }
  try {
    return parseJsonText(source)
  } catch (thrown) {
    if (!(thrown instanceof JsonTextError)) throw thrown
    tell(thrown.complaint)
    return null
  }
}

/** Without the places. */
export function plainOf(node: JsonNode): unknown {
  const { value } = node
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]: [string, { node: JsonNode }]) => [key, plainOf(member.node)]))
  return Array.isArray(value) ? value.map((item: JsonNode) => plainOf(item)) : value
}

/** Checks a node by a shape and tells what is wrong with it. */
function checkNode(node: JsonNode, shape: Shape, name: string, tell: (complaint: JsonComplaint) => void): void {
  const say = (said: string, at: { readonly line: number; readonly column: number } = node): void => tell({ line: at.line, column: at.column, text: `${name} ${said}` })
  const { value } = node
  switch (shape.kind) {
    case 'text':
      if (typeof value !== 'string' || value === '' || value.length > shape.max) say(`must be a text of 1 to ${shape.max} characters`)
      else if (shape.form && !shape.form.test(value)) say(`must look like ${String(shape.form)}`)
      return
    case 'number':
      if (typeof value !== 'number' || value < shape.min || value > shape.max || (shape.whole && !Number.isInteger(value))) say(`must be a ${shape.whole ? 'whole number' : 'number'} from ${shape.min} to ${shape.max}`)
      return
    case 'yes':
      if (value !== true) say('can only be true; leave it out otherwise')
      return
    case 'choice':
      if (!shape.values.some(v => v === value)) say(`must be ${shape.values.join(' or ')}`)
      return
    case 'pattern': {
      const complaint = typeof value === 'string' ? assessPattern(value.replaceAll('{mark}', 'ubxxxxxx')) : 'must be a text'
      if (complaint !== null) say(complaint)
      return
    }
    case 'list':
      if (!Array.isArray(value) || value.length < shape.min || value.length > shape.max) say(`must be a list of ${shape.min} to ${shape.max}`)
      else value.forEach((item: JsonNode, i) => checkNode(item, shape.of, `${name}[${i}]`, tell))
      return
    case 'map':
      if (!(value instanceof Map) || value.size > shape.max) say(`must be an object of at most ${shape.max} keys`)
      else for (const [key, member] of value) checkNode(member.node, shape.of, `${name}.${key}`, tell)
      return
    case 'object': return checkObject(node, shape.keys, name, tell)
    case 'verb': return checkVerb(node, shape, name, tell)
    default: shape satisfies never
  }
}

function checkObject(node: JsonNode, keys: Keys, name: string, tell: (complaint: JsonComplaint) => void): void {
  const { value, line, column } = node
  if (!(value instanceof Map)) return tell({ line, column, text: `${name || 'the file'} must be an object` })
  for (const [key, { key: at, node: inner }] of value) {
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (!known) tell({ line: at.line, column: at.column, text: `${key} is not known here; ${Object.keys(keys).join(', ')}` })
    else checkNode(inner, known.shape, name === '' ? key : `${name}.${key}`, tell)
  }
  for (const [key, { must: isMust }] of Object.entries(keys)) {
    if (isMust && !value.has(key)) tell({ line, column, text: `${name === '' ? key : `${name}.${key}`} is missing` })
  }
}

function checkVerb(node: JsonNode, shape: Extract<Shape, { kind: 'verb' }>, name: string, tell: (complaint: JsonComplaint) => void): void {
  const known = Object.keys(shape.verbs)
  const { value, line, column } = node
  if (!(value instanceof Map)) return tell({ line, column, text: `${name} must be an object` })
  const verbs = known.filter(verb => value.has(verb))
  const [verb] = verbs
  if (verb === undefined) return tell({ line, column, text: `${name} has no verb; one of ${known.join(', ')}` })
  if (verbs.length > 1) return tell({ line, column, text: `${name} has more than one verb: ${verbs.join(', ')}` })
  checkObject(node, { ...shape.common, ...shape.verbs[verb] }, name, tell)
}

/** JSON Schema 2020-12 of a shape, for editors; what a verb refers to stands in `$defs` of the whole. */
export function schemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.kind) {
    case 'text': return { type: 'string', minLength: 1, maxLength: shape.max, ...(shape.form ? { pattern: shape.form.source } : {}) }
    case 'number': return { type: shape.whole ? 'integer' : 'number', minimum: shape.min, maximum: shape.max }
    case 'yes': return { const: true }
    case 'choice': return { enum: shape.values }
    case 'pattern': return { type: 'string', minLength: 1, maxLength: TEXT_MAX, format: 'regex' }
    case 'list': return { type: 'array', items: schemaOf(shape.of), minItems: shape.min, maxItems: shape.max }
    case 'map': return { type: 'object', additionalProperties: schemaOf(shape.of), maxProperties: shape.max }
    case 'object': return {
      type: 'object', additionalProperties: false, required: Object.keys(shape.keys).filter(key => shape.keys[key]?.must),
      properties: Object.fromEntries(Object.entries(shape.keys).map(([key, { shape: inner, why }]) => [key, { description: why, ...schemaOf(inner) }]))
    }
    case 'verb': return { $ref: `#/$defs/${shape.def}` }
    default: return shape satisfies never
  }
}
