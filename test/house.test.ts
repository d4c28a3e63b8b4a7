/** The house law (design/house.md 6, 9, 10, 11) as a plain test over the source tree; and a test of the law itself. */
import { describe, expect, it } from 'vitest'
import { FAULTS, LANGUAGES } from '#shared'
import {
  findBannedCalls, findBareCasts, findForbiddenForms, findLongFiles, findLongFunctions, findSideDoors, findSilentFiles, findStrangers, literalsOf, reachOf, readSources, type Source
} from './helpers/house.ts'

const sources = readSources(['src', 'scripts'])
const tests = readSources(['test'])
const main = sources.filter(s => s.path.startsWith('src/main/'))

/** Timers and chance of the machine are at home here; pages may hide or cycle a picture by themselves, never decide. */
const isOutside = ({ path }: Source): boolean => /^(src\/main\/(live\/|virtual\/clock\.ts$|[\w-]+\.ts$)|src\/renderer\/|src\/preload\/|scripts\/)/.test(path)
const IS_STATION = new Set(['src/main/station.ts', 'src/main/answers.ts', 'src/main/access.ts', 'src/main/config.ts', 'src/main/ports.ts'])
const EXCUSED: Readonly<Record<string, string>> = {
  'test/vitest.config.ts a default export': 'vitest asks for one',
  'test/helpers/dhcp-package.d.ts a default export': 'the package it describes has one',
  'test/electron/double.ts the name Handler hides its noun': "electron's own word, in its double",
  'test/helpers/station.ts ! instead of a check': 'every bench is opened before it is handed out'
}

describe('who knows whom', () => {
  it('every file stands in a room, and rooms look down, never up or sideways', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.flatMap(findStrangers)).toEqual([])
  })

  it('a step never imports a step, and only the line knows their order', () => {
    expect(sources.flatMap(findSideDoors)).toEqual([])
  })

  it.each(['headless', 'cli', 'units', 'cloud', 'receiver'])('%s runs under plain Node: it never reaches electron or hosts/ipc.ts', name => {
    const reached = reachOf(`src/main/${name}.ts`, sources)
    expect(reached.size).toBeGreaterThan(3)
    expect([...reached].filter(path => path === 'electron' || path === 'src/main/hosts/ipc.ts')).toEqual([])
  })

  it.each(['index', 'serve', 'boot', 'opening'])('%s loads the virtual world only when training asks for it', name => {
    expect([...reachOf(`src/main/${name}.ts`, sources, true)].filter(path => path.startsWith('src/main/virtual/'))).toEqual([])
  })

  it('the old Node of a bare machine loads nothing native before it has been looked at', () => {
    for (const name of ['headless', 'cli']) expect([...reachOf(`src/main/${name}.ts`, sources, true)].filter(path => !path.startsWith('node:'))).toEqual([`src/main/${name}.ts`, 'scripts/node.mjs'])
  })
})

describe('time, chance and printing', () => {
  it('come in through the ports, everywhere but at the edge', () => {
    expect(sources.filter(s => !isOutside(s) || IS_STATION.has(s.path)).flatMap(findBannedCalls)).toEqual([])
  })
})

describe('sizes and forms', () => {
  it('no file has more than 400 lines, tables excepted', () => expect(sources.flatMap(findLongFiles)).toEqual([]))
  it('no function has more than 70 lines', () => expect(sources.flatMap(findLongFunctions)).toEqual([]))
  it('no any, no !, no silenced compiler, no promise of later, no default export, no name that hides its noun', () => {
    expect([...sources, ...tests].flatMap(findForbiddenForms).filter(found => !Object.hasOwn(EXCUSED, found.replace(/:\d+ /, ' ')))).toEqual([])
  })
  it('every `as` says why', () => expect(sources.flatMap(findBareCasts)).toEqual([]))
  it('every file begins by saying what it promises', () => expect(sources.flatMap(findSilentFiles)).toEqual([]))
})

describe('faults', () => {
  const raised = new Set(main.flatMap(s => [...literalsOf(s)]))
  const told = tests.filter(s => s.path.endsWith('.test.ts') && s.path !== 'test/house.test.ts').flatMap(s => [...literalsOf(s)])

  it('every title has at most 40 characters and every action at most 90, in every language', () => {
    const long = Object.entries(FAULTS).flatMap(([code, { title, action }]) => LANGUAGES.flatMap(language => [
      ...(isBetween(title[language], 40) ? [] : [`${code}: title in ${language}`]), ...(isBetween(action[language], 90) ? [] : [`${code}: action in ${language}`])
    ]))
    expect(long).toEqual([])
  })

  it('every fault is raised somewhere', () => {
    expect(Object.keys(FAULTS).filter(code => !raised.has(code))).toEqual([])
  })

  it('every fault has a test that names it', () => {
    expect(Object.keys(FAULTS).filter(code => !told.some(text => text.includes(code)))).toEqual([])
  })
})

function isBetween(text: string, max: number): boolean {
  const { length } = Array.from(text) // characters, not code units
  return length > 0 && length <= max
}

/** Planted violations: a law that finds none of these guards nothing. */
describe('the law itself', () => {
  const file = (path: string, text: string): Source => ({ path, text })
  const plant = (check: (source: Source) => string[], path: string, text: string, found: string | null): void => {
    const complaints = check(file(path, text))
    if (found === null) expect(complaints).toEqual([])
    else expect(complaints.join('\n')).toContain(found)
  }

  it.each<[string, string, string | null]>([
    ['src/main/domain/unit.ts', "import { X } from '../wire/label.ts'", 'domain may not know wire'],
    ['src/main/domain/unit.ts', "import type { X } from '../bench/log.ts'", 'domain may not know bench'],
    ['src/main/domain/unit.ts', "import { readFileSync } from 'node:fs'", 'domain may not use node:fs'],
    ['src/main/wire/label.ts', "import { createHash } from 'node:crypto'", null],
    ['src/main/wire/label.ts', "import { Socket } from 'node:net'", 'wire may not use node:net'],
    ['src/main/bench/ledger.ts', "import { Line } from '../line/line.ts'", 'bench may not know line'],
    ['src/main/bench/ledger.ts', "import SqliteFile from 'better-sqlite3'", 'bench may not use better-sqlite3'],
    ['src/main/bench/ledger.ts', "export * from '../live/sqlite.ts'", 'bench may not know live'],
    ['src/main/bench/ledger.ts', "type A = import('../gate/gate.ts').Gate", 'bench may not know gate'],
    ['src/main/gate/gate.ts', "const m = await import('../line/acts.ts')", 'gate may not know line'],
    ['src/main/line/line.ts', "import { World } from '../virtual/world.ts'", 'line may not know virtual'],
    ['src/main/live/net.ts', "import { Log } from '../bench/log.ts'", 'live may not know bench'],
    ['src/main/virtual/world.ts', "import { LiveNet } from '../live/net.ts'", 'virtual may not know live'],
    ['src/main/virtual/world.ts', "import { setTimeout } from 'node:timers/promises'", 'virtual may not use node:timers/promises'],
    ['src/main/hosts/http.ts', "import { ipcMain } from 'electron'", 'hosts may not use electron'],
    ['src/main/hosts/ipc.ts', "import { ipcMain } from 'electron'", null],
    ['src/main/hosts/http.ts', "import { Ledger } from '../bench/ledger.ts'", 'hosts may not know bench'],
    ['src/main/hosts/http.ts', "import { loadConfig } from '../config.ts'", null],
    ['src/main/serve.ts', "import { app } from 'electron'", 'entries may not use electron'],
    ['src/main/station.ts', "import { LiveNet } from './live/net.ts'", 'station may not know live'],
    ['src/main/answers.ts', "import * as v from 'valibot'", 'station may not use valibot'],
    ['src/shared/words.ts', "import { Fault } from '../main/domain/fault.ts'", 'shared may not know domain'],
    ['src/shared/words.ts', "import fs from 'node:fs'", 'shared may not use node:fs'],
    ['src/renderer/display/wall.tsx', "import { Lanes } from '../console/lanes.tsx'", 'renderer/display may not know renderer/console'],
    ['src/renderer/console/app.tsx', "import { Ledger } from '../../main/bench/ledger.ts'", 'renderer/console may not know bench'],
    ['src/renderer/console/app.tsx', "import lodash from 'lodash'", 'renderer/console may not use lodash'],
    ['src/main/bench/log.ts', "import { x } from '../../../test/helpers/station.ts'", 'bench may not know test/helpers/station.ts'],
    ['src/main/tools/odd.ts', '', 'belongs to no room']
  ])('%s with %s', (path, text, found) => plant(findStrangers, path, text, found))

  it.each<[string, string, string | null]>([
    ['src/main/line/08-pair.ts', "import { closeJob } from './10-close.ts'", 'knows the step src/main/line/10-close.ts'],
    ['src/main/line/08-pair.ts', "import type { Line } from './line.ts'", null],
    ['src/main/answers.ts', "import { identify } from './line/04-identify.ts'", 'knows the step'],
    ['src/main/line/line.ts', "import { identify } from './04-identify.ts'", null]
  ])('%s beside the street with %s', (path, text, found) => plant(findSideDoors, path, text, found))

  it.each<[string, string | null]>([
    ['const at = Date.now()', 'Date.now'],
    ['const at = new Date()', 'new Date()'],
    ['const at = Date()', 'Date()'],
    ['const at = new Date(0).toISOString()', null],
    ['const at = Date.UTC(2026, 0, 5)', null],
    ['setTimeout(() => undefined, 5)', 'setTimeout'],
    ['const wait = setInterval', 'setInterval'],
    ['globalThis.setImmediate(() => undefined)', 'globalThis.setImmediate'],
    ['const roll = Math.random()', 'Math.random'],
    ['const t = performance.now()', 'performance.now'],
    ['const t = globalThis.performance.now()', 'performance.now'],
    ['const id = crypto.randomUUID()', 'crypto.randomUUID'],
    ["import { randomBytes } from 'node:crypto'", 'randomBytes of node:crypto'],
    ["import { setTimeout as wait } from 'node:timers/promises'", 'node:timers/promises'],
    ['console.log(1)', 'console.log'],
    ['globalThis.console.error(1)', 'console.error'],
    ["console.send('printenv')", null],
    ['const late = AbortSignal.timeout(5)', 'AbortSignal.timeout'],
    ["// Date.now() is forbidden\nconst text = 'Math.random()'", null],
    ['interface Clock { setTimeout(ms: number): void }', null],
    ['const own = { setTimeout: 1 }; own.setTimeout += 1', null]
  ])('a call of the machine: %s', (text, found) => plant(findBannedCalls, 'src/main/bench/x.ts', text, found))

  it.each<[string, string | null]>([
    ['const x: any = 1', 'any'],
    ['const any = 1', null],
    ['const y = x!.z', '! instead of a check'],
    ['class A { b!: string }', '! instead of a check'],
    ['if (x !== y) z()', null],
    ['// @ts-ignore\nconst a = 1', '@ts-ignore'],
    ['/* TODO later */', 'TODO'],
    ['// FIXME', 'FIXME'],
    ["const text = 'TODO'", null],
    ['export default 1', 'a default export'],
    ['const a = 1\nexport { a as default }', 'a default export'],
    ['class LeaseManager {}', 'LeaseManager'],
    ['interface UnitInfo { a: 1 }', 'UnitInfo'],
    ['type StringUtils = 1', 'StringUtils'],
    ['class Database {}', null]
  ])('a form: %s', (text, found) => plant(findForbiddenForms, 'src/main/bench/x.ts', text, found))

  it.each<[string, string | null]>([
    ['const a = b as string', 'as, without a reason'],
    ['const a = b as string // an id is text', null],
    ['// an id is text\nconst a = b as string', null],
    ['const a = [1] as const', null],
    ['const a = JSON.parse(b) as unknown', null],
    ['/** What f does. */\nfunction f() {\n  const c = 1\n  return b as string\n}', 'as, without a reason']
  ])('a cast: %s', (text, found) => plant(findBareCasts, 'src/main/bench/x.ts', text, found))

  it('a long file, a long function, a file without a word', () => {
    const long = 'const a = 1\n'.repeat(401)
    plant(findLongFiles, 'src/main/bench/x.ts', long, 'has 401 lines')
    plant(findLongFiles, 'src/main/bench/x.ts', `// table\n${long}`, null)
    plant(findLongFiles, 'src/main/bench/x.ts', 'const a = 1\n'.repeat(400), null)
    plant(findLongFunctions, 'src/main/bench/x.ts', `const f = () => {\n${'  g()\n'.repeat(69)}}`, 'a function of 71 lines')
    plant(findLongFunctions, 'src/main/bench/x.ts', `class A { f() {\n${'  g()\n'.repeat(68)}} }`, null)
    plant(findSilentFiles, 'src/main/bench/x.ts', 'const a = 1 // what this file promises to everybody', 'does not say what it promises')
    plant(findSilentFiles, 'src/main/bench/x.ts', '/** x */\nconst a = 1', 'does not say what it promises')
    plant(findSilentFiles, 'src/main/bench/x.ts', '// table\n/** What this file promises to everybody. */\nconst a = 1', null)
  })

  it('a chain of imports is followed, by name or dynamically, but not for its types', () => {
    const chain = [file('src/main/a.ts', "import './b.ts'\nimport type { E } from 'electron'"), file('src/main/b.ts', "export const c = () => import('./c.ts')"), file('src/main/c.ts', "import 'ws'")]
    expect([...reachOf('src/main/a.ts', chain)]).toEqual(['src/main/a.ts', 'src/main/b.ts', 'src/main/c.ts', 'ws'])
    expect([...reachOf('src/main/a.ts', chain, true)]).toEqual(['src/main/a.ts', 'src/main/b.ts'])
  })
})
