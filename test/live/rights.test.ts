/** What the system refuses becomes a fault with its own words, never an errno on a screen. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { faultOfSystem } from '../../src/main/live/socket-linux.ts'

const NOBODY = 65_534

it.each([['EADDRINUSE', 'net.port-taken'], ['EACCES', 'net.no-rights'], ['EPERM', 'net.no-rights'], ['ENODEV', 'net.card-gone'], ['EADDRNOTAVAIL', 'net.card-no-address'], ['EWHATEVER', 'program.unexpected']])('%s while a socket is opened is %s, with the card and the port', (name, code) => {
  const cause = new Error(name)
  expect(faultOfSystem(name, { card: 'eth1', port: 67 }, cause)).toMatchObject({ code, context: { card: 'eth1', port: 67 }, cause })
})

it.runIf(process.platform === 'linux')('a serial adapter that this user may not open is serial.no-rights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ub-rights-'))
  const path = join(folder, 'ttyUSB0')
  writeFileSync(path, '', { mode: 0o000 })
  const isRoot = process.getuid?.() === 0
  try {
    const said = execFileSync(process.execPath, [new URL('./rights.fixture.ts', import.meta.url).pathname, path], { encoding: 'utf8', timeout: 15_000, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) })
    expect(said.trim()).toBe('serial.no-rights')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
