import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'
import { GROUPS, TEXT } from '../../src/renderer/common/text.ts'

const ROOT = resolve(import.meta.dirname, '../../src/renderer')
const KEYS = Object.keys(TEXT)

interface Node { readonly type: string; readonly [key: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function* walk(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child)
  }
}

const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(name => /\.tsx?$/.test(name) && !name.endsWith('text.ts') && !name.includes('common/text/'))
const NODES = FILES.flatMap(name => {
  const { program, errors } = parseSync(name, readFileSync(join(ROOT, name), 'utf8'))
  if (errors.length > 0) throw new Error(`${name} cannot be read: ${errors[0]?.message}`)
  return [...walk(program as unknown as Node)].map(node => ({ name, node })) // the parser's own types are wider than this walk needs
})

const textOf = (node: Node): string | null => node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null

/** What a template may become: its fixed parts, anything between them. */
function patternOf(node: Node): RegExp | null {
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node['quasis'])) return null
  const parts = node['quasis'].map((quasi: { value: { cooked: string } }) => quasi.value.cooked.replaceAll('.', String.raw`\.`))
  return new RegExp(`^${parts.join('[\\w.-]+')}$`)
}

/** The arguments of every `say(...)`, both sides of a choice. */
const SAID = NODES.flatMap(({ name, node }) => {
  const callee = node['callee']
  if (node.type !== 'CallExpression' || !isNode(callee) || callee['name'] !== 'say' || !Array.isArray(node['arguments'])) return []
  const first: unknown = node['arguments'][0]
  if (!isNode(first)) return []
  const sides = first.type === 'ConditionalExpression' ? [first['consequent'], first['alternate']] : [first]
  return sides.filter(isNode).map(argument => ({ name, argument }))
})

describe('the words of the pages', () => {
  test('a word that is said is in the table', () => {
    const missing = SAID.flatMap(({ name, argument }) => {
      const text = textOf(argument)
      const pattern = patternOf(argument)
      if (text !== null) return KEYS.includes(text) ? [] : [`${name}: ${text}`]
      return pattern === null || KEYS.some(key => pattern.test(key)) ? [] : [`${name}: ${pattern.source}`]
    })
    expect(missing).toEqual([])
    expect(SAID.length).toBeGreaterThan(100)
  })

  test('a word of the table is used by a page', () => {
    const literals = new Set(NODES.map(({ node }) => textOf(node)))
    const patterns = SAID.flatMap(({ argument }) => patternOf(argument) ?? [])
    expect(KEYS.filter(key => !literals.has(key) && !patterns.some(pattern => pattern.test(key)))).toEqual([])
  })

  test('a word stands in one group only', () => {
    expect(GROUPS.flatMap(group => Object.keys(group)).toSorted()).toEqual(KEYS.toSorted())
  })

  test('no page carries words of its own', () => {
    const spoken = new Set(['title', 'alt', 'placeholder', 'aria-label', 'label'])
    const found = NODES.flatMap(({ name, node }) => {
      if (node.type === 'JSXText') return /\p{L}/u.test(String(node['value'])) ? [`${name}: ${String(node['value']).trim()}`] : []
      if (node.type !== 'JSXAttribute' || !isNode(node['name']) || !spoken.has(String(node['name']['name'])) || !isNode(node['value'])) return []
      const text = textOf(node['value'])
      return text !== null && /\p{L}/u.test(text) ? [`${name}: ${text}`] : []
    })
    expect(found).toEqual([])
  })

  test('both languages say something, with the same figures in it', () => {
    const figures = (text: string): string[] => Array.from(text.matchAll(/\{(\w+)(?:\|[^{}]*)?\}/g), ([, name]) => name ?? '').toSorted()
    for (const [key, words] of Object.entries(TEXT)) {
      expect(words.en, key).not.toBe('')
      expect(words.zh, key).not.toBe('')
      expect(figures(words.zh), key).toEqual(figures(words.en))
    }
  })

  test('a noun that is counted has the forms its language counts with', () => {
    const units = /^(ms|is|seats)$/ // milliseconds; no noun; of a whole that is never one
    const bare = Object.entries(TEXT).filter(([, { en }]) => Array.from(en.matchAll(/\{(\w+)\} ([a-z]+s)\b/g)).some(([, name, noun]) => name !== 'of' && !['cap', 'version', 'proven'].includes(name ?? '') && !units.test(noun ?? '')))
    expect(bare.map(([key]) => key)).toEqual(['profile.well', 'score.failed']) // of all there are, more than one of each
    const unevenly = Object.entries(TEXT).filter(([, { zh }]) => zh.includes('|'))
    expect(unevenly).toEqual([])
  })

  test('Chinese is written in Chinese, but for names that are the same everywhere', () => {
    const same = Object.entries(TEXT).filter(([, words]) => !/\p{Script=Han}/u.test(words.zh) && /\p{L}/u.test(words.zh.replace(/\{\w+\}/g, '')))
    expect(same.map(([key]) => key)).toEqual(['language.other', 'key.back', 'alias.mac', 'alias.uuid', 'net.mac', 'account.family.iot-core'])
  })
})
