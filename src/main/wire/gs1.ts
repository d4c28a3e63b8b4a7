/**
 * GS1 codes: element strings as scanners send them (an AIM identifier before, FNC1 as a separator), the form people read,
 * with brackets, and GS1 Digital Links. What application identifiers there are is data (domain/label-format.ts). Sources: GS1
 * General Specifications 5.8, 7.8 and 7.9.1; GS1 Digital Link URI syntax; GS1 Barcode Syntax Dictionary.
 */
import { isChecked, type Gs1Identifier, type Gs1Piece, type Gs1Table } from '../domain/label-format.ts'

export interface Element { readonly ai: string; readonly value: string; readonly is: Gs1Identifier['is'] }
/** `bad`: surely a GS1 code, and surely a wrong one; with why. */
type Gs1Reading = { readonly elements: readonly Element[] } | { readonly bad: string }

const ELEMENTS_MAX = 24
const GROUP_SEPARATOR = '\u001d'
/** Character sets 82, 39 and 64 (GS1 General Specifications 7.11). */
const SETS: Readonly<Record<Gs1Piece['set'], RegExp>> = { N: /^\d*$/, C: /^\d*$/, D: /^\d*$/, X: /^[!"%-?A-Z_a-z]*$/, Y: /^[#\-/0-9A-Z]*$/, Z: /^[A-Za-z0-9\-_=]*$/ }
const GTIN = '01'
/** Shorter ones are filled up with zeros. */
const GTIN_LENGTHS: ReadonlySet<number> = new Set([8, 12, 13])

/**
 * null: this is no GS1 code. `isSurely`: the scanner has said that it is one (AIM identifier); without that, only what cannot
 * well be anything else is taken for one.
 */
export function readGs1(code: string, table: Gs1Table, isSurely: boolean): Gs1Reading | null {
  const marked = table.separators.reduce((text, separator) => text.replaceAll(separator, GROUP_SEPARATOR), code)
  if (isSurely || marked.startsWith(GROUP_SEPARATOR)) return readElements(marked, table)
  if (/^\(\d{2,4}\)/.test(code)) {
    const read = isBracketAt(code, 0, table) ? readBracketed(code, table) : null
    return read !== null && ('elements' in read || identifierAt(code, 1, table)?.isKey === true) ? read : null // other tags may begin with a number in brackets
  }
  if (/^https?:\/\//i.test(code)) return readLink(code, table)
  // Scanners that leave out both the AIM identifier and the first FNC1: an item with more behind it, and every part in order.
  const read = marked.startsWith('01') && marked.length > 18 ? readElements(marked, table) : null
  return read !== null && 'elements' in read ? read : null
}

/** `(01)09521234543213(21)12345`. */
export function bracketed(elements: readonly Element[]): string {
  return elements.map(({ ai, value }) => `(${ai})${value}`).join('')
}

function readElements(text: string, table: Gs1Table): Gs1Reading {
  const elements: Element[] = []
  for (let at = 0; ;) {
    while (text[at] === GROUP_SEPARATOR) at += 1
    if (at >= text.length) return whole(elements)
    const known = identifierAt(text, at, table)
    if (known === null) return { bad: 'unknown application identifier' }
    const from = at + known.ai.length
    const next = text.indexOf(GROUP_SEPARATOR, from)
    const end = known.isFixed ? from + longest(known) : next < 0 ? text.length : next
    const bad = add(elements, known, text.slice(from, end))
    if (bad !== null) return { bad }
    at = end
  }
}

function readBracketed(text: string, table: Gs1Table): Gs1Reading {
  const elements: Element[] = []
  for (let at = 0; at < text.length;) {
    const known = isBracketAt(text, at, table) ? identifierAt(text, at + 1, table) : null
    if (known === null) return { bad: 'unknown application identifier' }
    const from = at + known.ai.length + 2
    let end = from
    while (end < text.length && !isBracketAt(text, end, table)) end += 1
    const bad = add(elements, known, text.slice(from, end).trim())
    if (bad !== null) return { bad }
    at = end
  }
  return whole(elements)
}

function isBracketAt(text: string, at: number, table: Gs1Table): boolean {
  if (text[at] !== '(') return false
  const known = identifierAt(text, at + 1, table)
  return known !== null && text[at + 1 + known.ai.length] === ')'
}

/** Any host and any path before the first key; everything from there on is pairs of identifier and value. */
function readLink(link: string, table: Gs1Table): Gs1Reading | null {
  const [, host = '', path = '', query = ''] = /^https?:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(link) ?? []
  const parts = path.replace(/\/$/, '').split('/').map(unescaped)
  const first = parts.findIndex((part, i) => part !== null && table.identifiers.get(part)?.isKey === true && (parts.length - i) % 2 === 0)
  if (first < 0) return null
  const pairs = Array.from({ length: (parts.length - first) / 2 }, (_, i) => [parts[first + 2 * i] ?? null, parts[first + 2 * i + 1] ?? null] as const)
  const said = query.split(/[&;]/).map(pair => { const cut = pair.indexOf('='); return [unescaped(pair.slice(0, Math.max(cut, 0))), unescaped(pair.slice(cut + 1))] as const }).filter(([name]) => name !== null && /^\d{2,4}$/.test(name))
  const elements: Element[] = []
  for (const [ai, value] of [...pairs, ...said]) {
    const known = ai === null ? undefined : table.identifiers.get(ai)
    const full = known?.ai === GTIN && value !== null && GTIN_LENGTHS.has(value.length) ? value.padStart(14, '0') : value
    const bad = known === undefined ? 'unknown application identifier' : full === null ? 'not readable' : add(elements, known, full)
    if (bad !== null) return host.toLowerCase() === 'id.gs1.org' ? { bad } : null // elsewhere two numbers in a path may be a date
  }
  return whole(elements)
}

/** null: percent signs that make no sense, or a byte that is no text. */
function unescaped(text: string): string | null {
  try { return decodeURIComponent(text) } catch { return null }
}

function identifierAt(text: string, at: number, { identifiers }: Gs1Table): Gs1Identifier | null {
  return identifiers.get(text.slice(at, at + 2)) ?? identifiers.get(text.slice(at, at + 3)) ?? identifiers.get(text.slice(at, at + 4)) ?? null
}

/** Why it is wrong; null: it is one more element. */
function add(elements: Element[], { ai, pieces, is }: Gs1Identifier, value: string): string | null {
  if (elements.length >= ELEMENTS_MAX) return 'too many parts'
  let at = 0
  for (const { set, min, max } of pieces) {
    const piece = value.slice(at, at + max)
    if (piece.length < min || !SETS[set].test(piece)) return `(${ai}) is not as it must be`
    if (set === 'C' && piece !== '' && !isChecked(piece)) return `(${ai}) has a wrong check digit`
    if (set === 'D' && !isDate(piece)) return `(${ai}) is no date`
    at += piece.length
  }
  if (at !== value.length || value === '') return `(${ai}) is not as it must be`
  elements.push({ ai, value, is })
  return null
}

function whole(elements: readonly Element[]): Gs1Reading {
  return elements.length === 0 ? { bad: 'nothing in it' } : { elements }
}

function longest({ pieces }: Gs1Identifier): number {
  return pieces.reduce((sum, { max }) => sum + max, 0)
}

/** YYMMDD; the day may be 00, which is the last of the month. */
function isDate(text: string): boolean {
  const [month, day] = [Number(text.slice(2, 4)), Number(text.slice(4, 6))]
  return month >= 1 && month <= 12 && day <= 31
}
