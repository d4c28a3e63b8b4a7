/** Numbers with their nouns, at terminals and on papers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { counted } from '#shared'

const MAIN = resolve(import.meta.dirname, '../../src/main')
/** What people read at a terminal or on paper. */
const WORDS = /(?:-verbs|-words|tables|support|asking|doctor|bench-net|words-of-faults|-answers)\.ts$/

test('one is one, and all else is many', () => {
  expect([0, 1, 2, 21].map(n => counted(n, 'fact'))).toEqual(['0 facts', '1 fact', '2 facts', '21 facts'])
  expect([counted(1, 'day and night', 'days and nights'), counted(2, 'day and night', 'days and nights')]).toEqual(['1 day and night', '2 days and nights'])
})

test('no word of the command line or of a paper puts a bare plural behind a number', () => {
  const bare = readdirSync(MAIN, { recursive: true, encoding: 'utf8' }).filter(name => WORDS.test(name)).flatMap(name => {
    const text = readFileSync(join(MAIN, name), 'utf8')
    return [...text.matchAll(/\$\{[^{}]*(?:length|counts?\.\w+|\b\w*[sS]\.(?:facts|heads|units|tokens|left|last|absent)|away|inUse|daysMin|waves|tokens)\} (?:open |signed )?(?!bytes)[a-z]+s\b/g)].map(([found]) => `${name}: ${found}`)
  })
  expect(bare).toEqual([])
})
