/** The 27 behaviours a DHCP server of the bench must have (facts/dhcp.md 4): each is named, by its number, in the title of a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const FOLDERS = ['bench', 'domain', 'wire', 'live']
const COUNT = 27

it('each of the 27 behaviours has a test that names it', () => {
  const named = new Set(FOLDERS.flatMap(folder => {
    const at = new URL(`../${folder}/`, import.meta.url)
    return readdirSync(at).filter(name => /^(dhcp|lease).*\.test\.ts$/.test(name)).flatMap(name => numbersIn(readFileSync(new URL(name, at), 'utf8')))
  }))
  expect(Array.from({ length: COUNT }, (_, i) => i + 1).filter(n => !named.has(n))).toEqual([])
})

/** "3, 9: a client that …" or "… (behaviours 3, 9)" */
function numbersIn(text: string): readonly number[] {
  const titles = [...text.matchAll(/\b(?:it|test)\b[^\n]*?\(\s*[`'"]([^\n]*)/g)].map(found => found[1] ?? '')
  return titles.flatMap(title => [/^((?:\d+)(?:, \d+)*): /.exec(title)?.[1], /\(behaviours? ([\d, ]+)/.exec(title)?.[1]])
    .flatMap(list => list?.split(',').map(Number) ?? [])
}
