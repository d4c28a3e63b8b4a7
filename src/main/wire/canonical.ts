/**
 * JSON in the one form of RFC 8785, so that the same value always has the same bytes, whoever writes it: keys by UTF-16
 * units, numbers and strings as ECMAScript writes them, no space. What JSON cannot say is a fault, never a guess.
 */
import { Fault } from '../domain/fault.ts'

const DEPTH_MAX = 32

export function canonicalText(value: unknown): string {
  return write(value, 0)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(write(value, 0))
}

/** A JSON text with every lone surrogate replaced: half of a cut emoji has no bytes in UTF-8 (RFC 8785 3.2.2.2). */
export function wellFormedJson(text: string): string {
  if (!/\\ud[89a-f]/i.test(text)) return text
  return JSON.stringify(JSON.parse(text, (_key, value: unknown) => typeof value === 'string' ? value.toWellFormed() : value))
}

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw unsayable('nested too deep')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'string') return writeString(value)
  if (Array.isArray(value)) return `[${value.map(item => write(item, depth + 1)).join(',')}]`
  if (typeof value === 'object') return writeObject(value, depth)
  throw unsayable(typeof value)
}

/** Sorted as `<` sorts strings: by UTF-16 code units (3.2.3). A key without a value is absent, as in JSON.stringify. */
function writeObject(value: object, depth: number): string {
  const members = value as Readonly<Record<string, unknown>> // read by its own keys only
  let text = ''
  for (const key of Object.keys(value).toSorted()) { // each fact is written so, hence no lists of pairs
    const item = members[key]
    if (item !== undefined) text += `${text === '' ? '' : ','}${writeString(key)}:${write(item, depth + 1)}`
  }
  return `{${text}}`
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw unsayable(String(value))
  return JSON.stringify(value)
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw unsayable('half a character')
  return JSON.stringify(value)
}

const unsayable = (what: string): Fault => new Fault('program.unexpected', { text: `JSON cannot say this: ${what}` })
