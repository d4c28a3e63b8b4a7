/**
 * The parts of a vendor's label that name something, by the formats given (domain/label-format.ts): names before values,
 * parameters of a link, members of a JSON object, or GS1 application identifiers.
 */
import type { LabelField, LabelFormat } from '../domain/label-format.ts'
import { quotePattern } from '../domain/pattern.ts'
import type { Element } from './gs1.ts'

interface LabelParts {
  readonly format: LabelFormat
  readonly parts: readonly Part[]
  /** It says nothing else: what names only a product is then the label of none of its units. */
  readonly isWhole: boolean
}
export type Part = readonly [LabelField, string]
interface Found { readonly parts: readonly Part[]; readonly isWhole: boolean }

const VALUE_CHARS_MAX = 64
const PARTS_MAX = 32
const DEPTH_MAX = 3
/** Control characters, marks that turn the direction of writing, line ends of any kind; also where they come out of an escape. */
const UNFIT = /[\p{C}\p{Zl}\p{Zp}]/u
const patterns = new WeakMap<LabelFormat, readonly (readonly [LabelField, RegExp])[]>()

/** The first format that knows this label; with its parts, or with none where it is never the label of one unit. null: none knows it. */
export function readParts(code: string, formats: readonly LabelFormat[], elements: readonly Element[] | null): LabelParts | null {
  const low = code.toLowerCase()
  for (const format of formats) {
    if ((format.reads === 'gs1') !== (elements !== null)) continue
    const isNamed = format.starts.length > 0 || format.like !== null
    const isMeant = isNamed && (format.starts.length === 0 || format.starts.some(start => low.startsWith(start))) && format.like?.test(code) !== false
    if (isNamed && !isMeant) continue
    const found = partsOf(code, format, elements ?? [])
    const parts = found.parts.flatMap(([field, value]) => isFit(value) ? [[field, value.trim()] as const] : []).slice(0, PARTS_MAX)
    if (parts.length > 0 || (isMeant && !format.keepsAll)) return { format, parts, isWhole: found.isWhole } // of what holds a secret nothing else is tried
  }
  return null
}

function partsOf(code: string, format: LabelFormat, elements: readonly Element[]): Found {
  switch (format.reads) {
    case 'nothing': return { parts: [], isWhole: true }
    case 'gs1': return { parts: format.fields.flatMap(([field, ais]) => elements.filter(e => ais.includes(e.ai)).map(e => [field, e.value] as const)), isWhole: false }
    case 'query': return named(format, parametersOf(code))
    case 'json': return named(format, membersOf(code))
    case 'pairs': {
      const found = patternsOf(format).flatMap(([field, pattern]) => Array.from(code.matchAll(pattern), match => ({ at: match.index, text: match[0], part: [field, match[1] ?? ''] as const })))
      const rest = found.reduce((text, { text: pair }) => text.replace(pair, ''), code)
      return { parts: found.toSorted((a, b) => a.at - b.at).map(({ part }) => part), isWhole: !/[\p{L}\p{N}]/u.test(rest) }
    }
    default: return format.reads satisfies never
  }
}

function named({ fields }: LabelFormat, said: readonly (readonly [string, string])[]): Found {
  const fieldOf = new Map(fields.flatMap(([field, names]) => names.map(name => [flat(name), field] as const)))
  const parts = said.flatMap(([name, value]) => {
    const field = fieldOf.get(flat(name))
    return field === undefined ? [] : [[field, value] as const]
  })
  return { parts, isWhole: parts.length === said.length }
}

/** `Serial No`, `serial_no` and `serialNo` are one name. */
function flat(name: string): string {
  return name.toLowerCase().replaceAll(/[ _-]/g, '')
}

function parametersOf(link: string): (readonly [string, string])[] {
  const query = /\?([^#]*)/.exec(link)?.[1] ?? ''
  return query.split(/[&;]/).flatMap(pair => {
    const cut = pair.indexOf('=')
    if (cut < 1) return []
    try { return [[decodeURIComponent(pair.slice(0, cut)), decodeURIComponent(pair.slice(cut + 1))] as const] } catch { return [] }
  })
}

function membersOf(code: string): (readonly [string, string])[] {
  let found: unknown
  try { found = JSON.parse(code) } catch { return [] }
  const members: (readonly [string, string])[] = []
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' || typeof member === 'number') members.push([name, String(member)])
      else walk(member, depth + 1)
    }
  }
  walk(found, 1)
  return members
}

function patternsOf(format: LabelFormat): readonly (readonly [LabelField, RegExp])[] {
  const known = patterns.get(format)
  if (known) return known
  const worded = (names: readonly string[]): string => names.toSorted((a, b) => b.length - a.length).map(name => name.split(/[ _-]/).map(quotePattern).join('[ _-]?')).join('|')
  const not = format.not.length === 0 ? '' : `(?<!(?:${worded(format.not)})[ _-]?)`
  const made = format.fields.map(([field, names]) => [field, new RegExp(`(?<![a-z0-9])${not}(?:${worded(names)})["']?\\s*[:=]\\s*["']?([^\\s;,|&"'{}]{2,${VALUE_CHARS_MAX}})`, 'gi')] as const)
  patterns.set(format, made)
  return made
}

function isFit(value: string): boolean {
  const bare = value.trim()
  return bare.length >= 2 && bare.length <= VALUE_CHARS_MAX && !UNFIT.test(bare)
}
