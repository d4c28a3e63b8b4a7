/**
 * The house law as functions from source files to complaints (design/house.md 6, 9, 10): `path:line what`. They read the
 * syntax tree, not the text, so a word in a comment or a string breaks no rule.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { parseSync } from 'vite'
import { ALLOWED, isNode, PACKAGES, roomOf, type RoomName } from './house-rooms.ts'

export interface Source { readonly path: string; readonly text: string }
export interface Import { readonly from: string; readonly line: number; readonly isType: boolean; readonly isDynamic: boolean; readonly names: readonly string[] }
interface Node { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown }
interface Comment { readonly value: string; readonly start: number; readonly end: number }
interface Parsed { readonly program: Node; readonly comments: readonly Comment[]; readonly lineOf: (at: number) => number }

const LINES_MAX = 400
const FUNCTION_LINES_MAX = 70
const ROOT = resolve(import.meta.dirname, '..', '..')

/** Every source file below these folders of the project. */
export function readSources(folders: readonly string[]): Source[] {
  return folders.flatMap(folder => readdirSync(resolve(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && /\.(ts|tsx|mts|mjs)$/.test(entry.name))
    .map(entry => posix.join(entry.parentPath.slice(ROOT.length + 1).replaceAll('\\', '/'), entry.name)).toSorted()
    .map(path => ({ path, text: readFileSync(resolve(ROOT, path), 'utf8') }))
}

const parsedBefore = new WeakMap<Source, Parsed>()
function parse(source: Source): Parsed {
  const known = parsedBefore.get(source)
  if (known) return known
  const { program, comments, errors } = parseSync(source.path, source.text)
  if (errors.length > 0) throw new Error(`${source.path}: ${errors[0]?.message ?? ''}`)
  const ends = [...source.text.matchAll(/\n/g)].map(m => m.index)
  const parsed: Parsed = { program: program as unknown as Node, comments, lineOf: at => ends.findLastIndex(end => end < at) + 2 } // one shape for all nodes is enough here
  parsedBefore.set(source, parsed)
  return parsed
}

/** Every node with its parents, outermost first. */
function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void, parents: readonly Node[] = []): void {
  visit(node, parents)
  const inner = [...parents, node]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isSyntax(child)) walk(child, visit, inner)
  }
}
const isSyntax = (x: unknown): x is Node => typeof x === 'object' && x !== null && 'type' in x && typeof x.type === 'string' && 'start' in x
function nameOf(x: unknown): string {
  const name = isSyntax(x) ? x['name'] ?? x['value'] : ''
  return typeof name === 'string' ? name : ''
}

function find(source: Source, test: (node: Node, parents: readonly Node[]) => string | null): string[] {
  const { program, lineOf } = parse(source)
  const found: string[] = []
  walk(program, (node, parents) => {
    const what = test(node, parents)
    if (what !== null) found.push(`${source.path}:${lineOf(node.start)} ${what}`)
  })
  return found
}

export function importsOf(source: Source): Import[] {
  const { program, lineOf } = parse(source)
  const found: Import[] = []
  walk(program, node => {
    const from = nameOf(node['source'])
    if (from === '') return
    const line = lineOf(node.start)
    const specifiers = (node['specifiers'] ?? []) as readonly Node[] // import and export declarations have these
    const names = specifiers.map(s => nameOf(s['imported'] ?? s['local']))
    const isType = node['importKind'] === 'type' || node['exportKind'] === 'type' || (specifiers.length > 0 && specifiers.every(s => s['importKind'] === 'type')) || node.type === 'TSImportType'
    found.push({ from, line, isType, isDynamic: node.type === 'ImportExpression', names })
  })
  return found
}

/** The file an import names, from the project's root; null: a package. */
export function targetOf(path: string, from: string): string | null {
  if (from === '#shared') return 'src/shared/index.ts'
  return from.startsWith('.') ? posix.join(posix.dirname(path), from) : null
}

/** (a) Who knows whom, and which packages. */
export function findStrangers(source: Source): string[] {
  const room = roomOf(source.path)
  if (room === null) return [`${source.path}:1 belongs to no room`]
  return importsOf(source).flatMap(({ from, line }) => {
    const target = targetOf(source.path, from)
    const at = `${source.path}:${line}`
    if (target === null) return isPackageAllowed(source.path, room, from) ? [] : [`${at} ${room} may not use ${from}`]
    const other = roomOf(target)
    const isAllowed = other === room || ALLOWED[room].some(rule => rule === other || rule === target || (rule.endsWith('/') && target.startsWith(rule)))
    return isAllowed ? [] : [`${at} ${room} may not know ${other ?? target}`]
  })
}

function isPackageAllowed(path: string, room: RoomName, from: string): boolean {
  return PACKAGES[room].some(rule => (rule.only === undefined || rule.only.includes(path)) && (rule.name === 'node' ? isNode(from) : from === rule.name || from.startsWith(`${rule.name}/`)))
}

const isStep = (path: string): boolean => /^src\/main\/line\/\d\d-[a-z-]+\.ts$/.test(path)
/** Only the line knows the order. acts.ts starts what an operator starts; the station builds the outbox. */
const KNOWS_STEPS = new Set(['src/main/line/line.ts', 'src/main/line/acts.ts', 'src/main/station.ts', 'src/main/records.ts'])

/** (a) A step never imports a step, and only the line imports steps. */
export function findSideDoors(source: Source): string[] {
  if (KNOWS_STEPS.has(source.path)) return []
  return importsOf(source).flatMap(({ from, line }) => {
    const target = targetOf(source.path, from)
    return target !== null && isStep(target) ? [`${source.path}:${line} knows the step ${target}`] : []
  })
}

/** Files that loading `entry` can bring along; `isStatic`: without dynamic imports. Type imports load nothing. */
export function reachOf(entry: string, sources: readonly Source[], isStatic = false): Set<string> {
  const byPath = new Map(sources.map(s => [s.path, s]))
  const reached = new Set<string>()
  const queue = [entry]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    const source = byPath.get(path)
    for (const { from, isType, isDynamic } of source ? importsOf(source) : []) {
      if (!isType && !(isStatic && isDynamic)) queue.push(targetOf(path, from) ?? from)
    }
  }
  return reached
}

const GLOBALS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'])
const MEMBERS = new Set(['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID', 'crypto.getRandomValues', 'AbortSignal.timeout', 'process.hrtime', 'process.nextTick'])
const CHANCE = new Set(['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'webcrypto'])
const TIMERS = new Set(['node:timers', 'node:timers/promises', 'node:perf_hooks', 'timers', 'timers/promises', 'perf_hooks'])
const ROOTS = new Set(['globalThis', 'global', 'window', 'self'])

/** (b) Time and chance come in through the ports, and nobody prints. */
export function findBannedCalls(source: Source): string[] {
  const imports = importsOf(source).flatMap(({ from, line, names }) => [
    ...(TIMERS.has(from) ? [`${source.path}:${line} ${from}`] : []),
    ...(/^(node:)?crypto$/.test(from) ? names.filter(n => CHANCE.has(n)).map(n => `${source.path}:${line} ${n} of ${from}`) : [])
  ])
  return [...imports, ...find(source, (node, parents) => {
    if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date' && (node['arguments'] as unknown[]).length === 0) return 'new Date()' // a node of this type has them
    if (node.type === 'CallExpression' && nameOf(node['callee']) === 'Date') return 'Date()'
    if (node.type === 'MemberExpression') return memberName(node)
    return node.type === 'Identifier' && GLOBALS.has(nameOf(node)) && !isOnlyAName(node, parents.at(-1)) ? nameOf(node) : null
  })]
}

function memberName(node: Node): string | null {
  const object = node['object']
  const owner = isSyntax(object) && object.type === 'MemberExpression' && ROOTS.has(nameOf(object['object'])) ? nameOf(object['property']) : nameOf(object)
  const name = `${owner}.${nameOf(node['property'])}`
  if (ROOTS.has(owner) && GLOBALS.has(nameOf(node['property']))) return name
  if (owner === 'console' && Object.hasOwn(console, nameOf(node['property']))) return name // else it is the serial console of a unit
  return MEMBERS.has(name) ? name : null
}

/** A key, a member of something of ours, or a parameter's name. */
function isOnlyAName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent.type.startsWith('TS')) return true
  return (parent.type === 'MemberExpression' && parent['property'] === node && parent['computed'] !== true) || (['Property', 'PropertyDefinition', 'MethodDefinition'].includes(parent.type) && parent['key'] === node && parent['value'] !== node)
}

/** (c) Nobody scrolls: files of at most 400 lines, tables excepted. */
export function findLongFiles(source: Source): string[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length
  return lines > LINES_MAX && !source.text.startsWith('// table\n') ? [`${source.path}:1 has ${lines} lines`] : []
}

/** (c) Functions of at most 70 lines. */
export function findLongFunctions(source: Source): string[] {
  const { lineOf } = parse(source)
  return find(source, node => {
    const isFunction = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type)
    const lines = isFunction ? lineOf(node.end) - lineOf(node.start) + 1 : 0
    return lines > FUNCTION_LINES_MAX ? `a function of ${lines} lines` : null
  })
}

const HIDING = /(Manager|Helper|Utils?|Service|Handler|Data|Info|Processor)$/
const DECLARES_TYPE = new Set(['ClassDeclaration', 'ClassExpression', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration'])

/** (c) Forms that hide a mistake or a noun. */
export function findForbiddenForms(source: Source): string[] {
  const { comments, lineOf } = parse(source)
  const said = comments.flatMap(({ value, start }) => {
    const word = /@ts-(ignore|nocheck|expect-error)|\b(TODO|FIXME|XXX)\b/.exec(value)?.[0]
    return word === undefined ? [] : [`${source.path}:${lineOf(start)} ${word}`]
  })
  return [...said, ...find(source, node => {
    if (node.type === 'TSAnyKeyword') return 'any'
    if (node.type === 'TSNonNullExpression' || node['definite'] === true) return '! instead of a check'
    if (node.type === 'ExportDefaultDeclaration' || (node.type === 'ExportSpecifier' && nameOf(node['exported']) === 'default')) return 'a default export'
    const name = nameOf(node['id'])
    return DECLARES_TYPE.has(node.type) && HIDING.test(name) ? `the name ${name} hides its noun` : null
  })]
}

/** (c) `as` says why: beside it, above it or above its statement. `as const` and `as unknown` need no reason. */
export function findBareCasts(source: Source): string[] {
  const { comments, lineOf } = parse(source)
  const said = new Set(comments.flatMap(c => [lineOf(c.start), lineOf(c.end), lineOf(c.end) + 1]))
  return [...new Set(find(source, (node, parents) => {
    if (node.type !== 'TSAsExpression') return null
    const type = node['typeAnnotation']
    if (isSyntax(type) && (type.type === 'TSUnknownKeyword' || nameOf(type['typeName']) === 'const')) return null
    const own = parents.slice(parents.findLastIndex(hasBlock) + 1).filter(p => p.type !== 'BlockStatement' && /(Statement|Declaration|Property)$/.test(p.type))
    return [node, ...own].some(n => said.has(lineOf(n.start))) || said.has(lineOf(node.end)) ? null : 'as, without a reason'
  }))]
}

/** A function with a body of its own, where a comment above it speaks of the whole. */
function hasBlock(node: Node): boolean {
  return node.type.includes('Function') && isSyntax(node['body']) && node['body'].type === 'BlockStatement'
}

/** (e) The first thing in a file is a comment that says what it promises. */
export function findSilentFiles(source: Source): string[] {
  const { comments } = parse(source)
  const start = /^(#!.*\n|\/\/ table\n|\s)*/.exec(source.text)?.[0].length ?? 0
  const first = comments.find(c => c.start === start)
  return first !== undefined && first.value.replaceAll(/[*\s]/g, '').length >= 20 ? [] : [`${source.path}:1 does not say what it promises`]
}

/** String literals of a file, without those of its imports. */
export function literalsOf(source: Source): Set<string> {
  const found = new Set<string>()
  walk(parse(source).program, node => {
    if (node.type === 'Literal' && typeof node['value'] === 'string') found.add(node['value'])
  })
  return found
}
