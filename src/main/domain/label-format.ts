/**
 * What is printed on units, as data: the application identifiers of GS1 and the labels of vendors. A new vendor's label is a
 * row in a file, `DATA/labels.json`, and no code. A format says which of its parts name the unit; a part that is a secret is
 * never kept.
 */
import { Fault } from './fault.ts'
import { may, must, pattern, readShaped, schemaOf, text, yes, type Keys, type Shape } from './json-shape.ts'
import type { JsonComplaint, JsonNode } from './json-text.ts'

/** What a part of a label can name. A device id only names, it never identifies (domain/unit.ts); a product names no unit. */
const LABEL_FIELDS = ['serial', 'mac', 'uuid', 'deviceId', 'product'] as const
export type LabelField = (typeof LABEL_FIELDS)[number]

/** N digits, C digits of which the last checks the others, D a date YYMMDD, X Y Z the character sets 82, 39 and 64 of GS1. */
export interface Gs1Piece { readonly set: 'N' | 'C' | 'D' | 'X' | 'Y' | 'Z'; readonly min: number; readonly max: number }
export interface Gs1Identifier {
  readonly ai: string
  readonly pieces: readonly Gs1Piece[]
  /** Its length is known beforehand, so no separator follows (GS1 General Specifications, 7.8). */
  readonly isFixed: boolean
  /** It may stand first in a GS1 Digital Link. */
  readonly isKey: boolean
  /** item and serial together name one unit, asset does it alone. */
  readonly is: 'item' | 'serial' | 'asset' | null
}
export interface Gs1Table {
  /** AIM identifiers, as a scanner sends them before the code: of element strings, and of plain article numbers. */
  readonly symbologies: ReadonlyMap<string, 'elements' | 'article'>
  /** What scanners send in place of FNC1. */
  readonly separators: readonly string[]
  readonly identifiers: ReadonlyMap<string, Gs1Identifier>
}
export interface LabelFormat {
  readonly id: string
  /** In lower case; a label begins with one of them. Empty: any label. */
  readonly starts: readonly string[]
  /** What such a label looks like beside that; null: nothing is known. */
  readonly like: RegExp | null
  /** pairs: `name:value` anywhere; query: parameters of a link; json: members of an object; gs1: by application identifier; nothing: never the label of one unit. */
  readonly reads: 'pairs' | 'query' | 'json' | 'gs1' | 'nothing'
  readonly fields: readonly (readonly [LabelField, readonly string[]])[]
  /** A name behind one of these words is of something else: the address of a radio is not the unit's. */
  readonly not: readonly string[]
  /** true: the whole label is a name of the unit. false: only its parts are kept. */
  readonly keepsAll: boolean
}
export interface LabelFormats {
  readonly gs1: Gs1Table
  /** In the order to try. */
  readonly formats: readonly LabelFormat[]
  /** Product key by GTIN-14. */
  readonly products: ReadonlyMap<string, string>
}

const FILE_CHARS_MAX = 128 * 1024
const FORM = /^(?:N|C|D|X|Y|Z)(?:\.\.)?\d{1,2}(?: (?:N|C|D|X|Y|Z)(?:\.\.)?\d{1,2})*(?: \[(?:N|C|X)(?:\.\.)?\d{1,2}\])?$/
const AI = /^\d{2}$|^\d{3}$|^\d{3}[\dn]$/
const KEY_DIGITS = /^[a-z0-9]{8,32}$/

const list = (of: Shape, max: number): Shape => ({ kind: 'list', of, min: 1, max })
const map = (of: Shape, max: number): Shape => ({ kind: 'map', of, max })
const names = (of: Shape): Keys => Object.fromEntries(LABEL_FIELDS.map(field => [field, may(list(of, 16), `Where its ${field} stands: names of parts, or application identifiers.`)]))

const LABELS: Keys = {
  $schema: may(text(), 'For editors.'),
  gs1: may({
    kind: 'object', keys: {
      source: must(text(), 'Where this is known from.'),
      symbologies: may(map({ kind: 'choice', values: ['elements', 'article'] }, 16), 'AIM identifier to what follows it: an element string, or an article number alone.'),
      separators: may(list(text(8), 8), 'What scanners send in place of FNC1.'),
      identifiers: may(list({
        kind: 'object', keys: {
          ai: must(list(text(4, AI), 64), 'Application identifiers; `n` is any last digit.'),
          form: must(text(40, FORM), 'Parts: N14, X..20, C14 with a check digit, D6 a date; the last one in brackets when it may be missing.'),
          fixed: may(yes, 'Its length is known beforehand, so that no separator follows.'), key: may(yes, 'It may stand first in a GS1 Digital Link.'),
          is: may({ kind: 'choice', values: ['item', 'serial', 'asset'] }, 'item and serial together name one unit, asset does it alone.'), title: must(text(), 'What it is.')
        }
      }, 256), 'Application identifiers.')
    }
  }, 'What is read of GS1 codes.'),
  formats: may(list({
    kind: 'object', keys: {
      id: must(text(32, /^[a-z][a-z0-9-]{1,31}$/), 'Its name; a format of the bench takes the place of a shipped one of the same name.'),
      source: must(text(), 'Where this label is known from.'),
      starts: may(list(text(64), 8), 'How such a label begins, capitals or not.'),
      like: may(pattern, 'What such a label looks like, capitals or not.'),
      reads: must({ kind: 'choice', values: ['pairs', 'query', 'json', 'gs1', 'nothing'] }, 'pairs: name:value anywhere; query: parameters of a link; json: members of an object; gs1: by application identifier; nothing: never the label of one unit.'),
      fields: may({ kind: 'object', keys: names(text(32)) }, 'Which part is which name of the unit.'),
      not: may(list(text(32), 16), 'A name behind one of these words is of something else.'),
      keeps: must({ kind: 'choice', values: ['all', 'fields'] }, 'all: the whole label is a name of the unit. fields: only its parts are kept, because others are secret or long.')
    }
  }, 64), 'Labels of vendors, in the order they are tried.'),
  products: may(map(text(32, KEY_DIGITS), 1024), 'Product key by GTIN, for units that cannot say what they are before they have read a code.')
}

interface IdentifierRow { readonly ai: readonly string[]; readonly form: string; readonly fixed?: true; readonly key?: true; readonly is?: 'item' | 'serial' | 'asset' }
interface FormatRow { readonly id: string; readonly starts?: readonly string[]; readonly like?: string; readonly reads: LabelFormat['reads']; readonly fields?: Partial<Readonly<Record<LabelField, readonly string[]>>>; readonly not?: readonly string[]; readonly keeps: 'all' | 'fields' }
export interface LabelFile {
  readonly gs1?: { readonly symbologies?: Readonly<Record<string, 'elements' | 'article'>>; readonly separators?: readonly string[]; readonly identifiers?: readonly IdentifierRow[] }
  readonly formats?: readonly FormatRow[]
  readonly products?: Readonly<Record<string, string>>
}

/** Faults: `label.bad-formats` with `complaints`, one line each: `FILE:LINE:COLUMN what`. */
export function parseLabelFile(content: string, file: string): LabelFile {
  const read = readShaped(content, { file, keys: LABELS, charsMax: FILE_CHARS_MAX, whole: checkWhole })
  if ('complaints' in read) throw new Fault('label.bad-formats', { file, complaints: read.complaints })
  return read.value as LabelFile // every key has passed its check
}

/** JSON Schema 2020-12, for editors: resources/labels.schema.json is this and nothing else. */
export function labelSchema(): Readonly<Record<string, unknown>> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Labels on units', ...schemaOf({ kind: 'object', keys: LABELS }) }
}

/** The first file counts before the next. */
export function joinLabelFiles(files: readonly LabelFile[]): LabelFormats {
  const identifiers = new Map<string, Gs1Identifier>()
  const formats = new Map<string, LabelFormat>()
  const symbologies = new Map<string, 'elements' | 'article'>()
  const products = new Map<string, string>()
  const separators = new Set<string>()
  for (const { gs1, formats: rows = [], products: keys = {} } of files) {
    for (const row of gs1?.identifiers ?? []) for (const ai of row.ai.flatMap(spread)) if (!identifiers.has(ai)) identifiers.set(ai, identifierOf(ai, row))
    for (const [aim, kind] of Object.entries(gs1?.symbologies ?? {})) if (!symbologies.has(aim)) symbologies.set(aim, kind)
    for (const separator of gs1?.separators ?? []) separators.add(separator)
    for (const row of rows) if (!formats.has(row.id)) formats.set(row.id, formatOf(row))
    for (const [gtin, key] of Object.entries(keys)) if (!products.has(gtin.padStart(14, '0'))) products.set(gtin.padStart(14, '0'), key)
  }
  return { gs1: { symbologies, separators: [...separators], identifiers }, formats: [...formats.values()], products }
}

/** Does its last digit check the others (GS1 General Specifications 7.9.1)? */
export function isChecked(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false
  let sum = 0
  for (let i = 2; i <= digits.length; i += 1) sum += Number(digits.at(-i)) * (i % 2 === 0 ? 3 : 1)
  return (10 - sum % 10) % 10 === Number(digits.at(-1))
}

/** `310n` is ten of them. */
function spread(ai: string): string[] {
  return ai.endsWith('n') ? Array.from({ length: 10 }, (_, digit) => ai.slice(0, -1) + String(digit)) : [ai]
}

function identifierOf(ai: string, { form, fixed, key, is }: IdentifierRow): Gs1Identifier {
  const pieces = Array.from(form.matchAll(/(\[?)([NCDXYZ])(\.\.)?(\d{1,2})/g), ([, optional, set = 'X', open, digits]): Gs1Piece => {
    const max = Number(digits)
    return { set: set as Gs1Piece['set'], max, min: optional === '[' ? 0 : open === undefined ? max : 1 } // one of the letters just matched
  })
  return { ai, pieces, isFixed: fixed === true, isKey: key === true, is: is ?? null }
}

function formatOf({ id, starts = [], like, reads, fields = {}, not = [], keeps }: FormatRow): LabelFormat {
  return {
    id, reads, not, keepsAll: keeps === 'all', starts: starts.map(start => start.toLowerCase()), like: like === undefined ? null : new RegExp(like, 'i'),
    fields: LABEL_FIELDS.flatMap(field => fields[field] === undefined ? [] : [[field, fields[field]] as const])
  }
}

/** What only shows when the parts are read together. */
function checkWhole(node: JsonNode, tell: (complaint: JsonComplaint) => void): void {
  const at = (from: JsonNode | undefined, key: string): JsonNode | undefined => from?.value instanceof Map ? from.value.get(key)?.node : undefined
  const items = (from: JsonNode | undefined): readonly JsonNode[] => Array.isArray(from?.value) ? from.value as readonly JsonNode[] : [] // a list holds nodes
  const say = ({ line, column }: JsonNode, said: string): void => tell({ line, column, text: said })
  const ids = new Set<string>()
  for (const format of items(at(node, 'formats'))) {
    const [id, reads, fields] = [at(format, 'id'), at(format, 'reads'), at(format, 'fields')]
    if (typeof id?.value === 'string') {
      if (ids.has(id.value)) say(id, `${id.value} stands here twice`)
      ids.add(id.value)
    }
    if (reads?.value !== 'nothing' && (!(fields?.value instanceof Map) || fields.value.size === 0)) say(format, 'says no field; what does its label name?')
    if (reads?.value === 'nothing' && !at(format, 'starts')) say(format, 'reads nothing of any label: say how such a label starts')
    if (reads?.value === 'nothing' && fields) say(fields, 'reads nothing, so it has no fields')
  }
  const products = at(node, 'products')
  for (const { key } of products?.value instanceof Map ? products.value.values() : []) {
    if (!/^(?:\d{8}|\d{12,14})$/.test(String(key.value)) || !isChecked(String(key.value))) say(key, `${String(key.value)} is no GTIN: 8, 12, 13 or 14 digits, the last of which checks the others`)
  }
}
