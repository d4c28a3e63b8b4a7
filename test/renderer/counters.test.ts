/** What the network page counts has words: each counter that the address server or the listener can raise is in the table of words. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { TEXT } from '../../src/renderer/common/text.ts'

const source = (path: string): string => readFileSync(resolve(import.meta.dirname, '../../src/main', path), 'utf8')
const found = (path: string, pattern: RegExp): string[] => [...source(path).matchAll(pattern)].map(match => match[1] ?? '')

const server = found('bench/dhcp-server.ts', /(?:#count\(|counters\[)'([^']+)'/g)
const ignored = [
  ...found('bench/dhcp-server.ts', /'ignored\.([a-z-]+)'/g), ...found('domain/lease.ts', /silent\('([a-z-]+)'\)/g).filter(reason => reason !== 'done'), ...found('wire/dhcp-exchange.ts', /return '([a-z-]+)'/g)
].map(reason => `ignored.${reason}`)
const listener = found('bench/listener.ts', /#counters = \{([^}]+)\}/g).flatMap(text => [...text.matchAll(/(\w+):/g)].map(match => match[1] ?? ''))

test('every counter of the address server and of the listener has words', () => {
  const names = [...new Set([...server, ...ignored, ...['offer', 'ack', 'nak', 'inform'].map(kind => `sent.${kind}`), 'decline', 'release'])].map(name => `count.dhcp.${name}`)
  const heard = [...new Set([...listener, 'dropped', 'unsent'])].map(name => `count.lan.${name}`)
  expect([names.length, heard.length]).toEqual([expect.any(Number), 13])
  expect(names.length).toBeGreaterThan(28)
  expect([...names, ...heard].filter(key => !Object.hasOwn(TEXT, key))).toEqual([])
  const counted = new Set([...names, ...heard])
  expect(Object.keys(TEXT).filter(key => /^count\.(dhcp|lan)\./.test(key) && !counted.has(key))).toEqual([])
})
