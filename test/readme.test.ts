/** The README says what is true: its table of settings is the one in config.ts, and its commands exist. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { settingsTable } from '../src/main/config.ts'

const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(resolve(root, 'README.md'), 'utf8')
const { scripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> } // our own file

it('the table of settings is the one in config.ts (npm run settings writes it)', () => {
  expect(readme).toContain(settingsTable())
})

it('every npm script it names exists', () => {
  const named = [...readme.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(m => m[1] ?? '')
  expect(named.filter(name => !(name in scripts))).toEqual([])
})

it('every file it points to exists', () => {
  const named = [...readme.matchAll(/`((?:src|test|resources|scripts)\/[\w./-]+)`/g)].map(m => m[1] ?? '')
  expect(named.filter(path => !existsSync(resolve(root, path)))).toEqual([])
})
