import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { defaultDataDir, parseOptions } from '../../src/main/options.ts'

function complaintsOf(words: string[]): string {
  try { parseOptions(words, {}) } catch (thrown) { return thrown instanceof Fault ? `${thrown.code}: ${String(thrown.context['complaints'])}` : String(thrown) }
  return ''
}

test('file, folder, port, seed and settings are read, in both spellings', () => {
  const options = parseOptions(['--headless', '--config', 'a.json', '--data=/d', '--port', '8080', '--seed', '7', '--dhcp.leaseSeconds', '600', '--bench.card=eth1'], {})
  expect(options).toEqual({ config: resolve('a.json'), data: resolve('/d'), port: 8080, seed: 7, isHelp: false, flags: { 'dhcp.leaseSeconds': '600', 'bench.card': 'eth1' } })
  expect(parseOptions([], { XDG_DATA_HOME: '/x' })).toMatchObject({ config: null, port: 0, seed: null, flags: {} })
})

test('everything wrong is told at once', () => {
  expect(complaintsOf(['--nope', '--port', '70000', 'stray', '--seed', 'x', '--config'])).toBe(
    'config.invalid: --nope: no such option\nstray: no such option\n--config: needs a value\n--port: 70000 is not allowed; 0 to 65535\n--seed: x is not allowed; 0 to 4294967295')
})

test("Electron's own words are left alone", () => {
  expect(parseOptions(['--no-sandbox', '.', '--data', '/d'], {}, true).data).toBe(resolve('/d'))
})

test('the data folder is where each system keeps such things', () => {
  expect(defaultDataDir({}, 'linux', '/home/a')).toBe('/home/a/.local/share/unbindery')
  expect(defaultDataDir({ XDG_DATA_HOME: '/x' }, 'linux', '/home/a')).toBe('/x/unbindery')
  expect(defaultDataDir({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Application Support/Unbindery')
  expect(defaultDataDir({ LOCALAPPDATA: '/l' }, 'win32', '/u')).toBe('/l/Unbindery')
})
