import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSecrets } from '../../src/main/live/secrets.ts'

const text = (bytes: Uint8Array | null): string | null => bytes === null ? null : Buffer.from(bytes).toString()
const bytes = (s: string): Uint8Array => new TextEncoder().encode(s)

let root: string
let disk: LiveDisk
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'ub-disk-')), 'data')
  disk = new LiveDisk(root)
})
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }))

test('a file is whole, with its mode, and no draft stays behind', () => {
  disk.writeAtomic('keys/a.key', bytes('first'), 0o600)
  writeFileSync(join(root, 'keys/a.key.draft'), 'half', { mode: 0o644 }) // as after a power cut
  disk.writeAtomic('keys/a.key', bytes('second'), 0o600)
  expect(text(disk.read('keys/a.key'))).toBe('second')
  expect(disk.list('keys')).toEqual(['a.key'])
  expect(statSync(join(root, 'keys/a.key')).mode & 0o777).toBe(0o600)
  expect(statSync(root).mode & 0o777).toBe(0o700)
})

test('what is not there reads as nothing, and removing it is no fault', () => {
  expect(disk.read('none')).toBeNull()
  expect(disk.list('none')).toEqual([])
  disk.remove('none')
  disk.append('log/x.log', bytes('a'))
  disk.append('log/x.log', bytes('b'))
  expect(text(disk.read('log/x.log'))).toBe('ab')
  expect(disk.free()).toBeGreaterThan(0)
})

test('a path cannot leave the data folder', () => {
  for (const path of ['../x', '/etc/passwd', 'a/../../x']) expect(() => disk.read(path)).toThrow(Fault)
})

test('a secret opens with its own key only, and damage is noticed', () => {
  const secrets = new LiveSecrets(disk, {})
  const sealed = secrets.seal(bytes('bench-2026!'))
  expect(Buffer.from(sealed).includes('bench')).toBe(false)
  expect(text(new LiveSecrets(disk, {}).open(sealed))).toBe('bench-2026!')
  expect(statSync(join(root, 'secret.key')).mode & 0o777).toBe(0o600)
  expect(() => new LiveSecrets(disk, { UNBINDERY_KEY: '00'.repeat(32) }).open(sealed)).toThrow(Fault)
  for (let i = 0; i < sealed.length; i += 1) expect(() => secrets.open(sealed.with(i, (sealed[i] ?? 0) ^ 1))).toThrow(Fault)
  for (let n = 0; n < sealed.length; n += 1) expect(() => secrets.open(sealed.subarray(0, n))).toThrow(Fault)
})

test('a key of the wrong form is refused with words, never replaced', () => {
  expect(() => new LiveSecrets(disk, { UNBINDERY_KEY: 'secret' })).toThrow(Fault)
  disk.writeAtomic('secret.key', bytes('short'))
  expect(() => new LiveSecrets(disk, {})).toThrow(Fault)
  expect(text(disk.read('secret.key'))).toBe('short')
})
