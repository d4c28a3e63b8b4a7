/** The displays Linux tells of, from a folder laid out as /sys/class/drm is; which of them is the rack's. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/main/config.ts'
import { LinuxScreens } from '../../src/main/live/screens.ts'
import { opticsOf, policyOf } from '../../src/main/rack.ts'
import { makeFolder } from '../helpers/ledger.ts'

/** A block with the size in centimetres and a right checksum. */
function edid(width: number, height: number): Uint8Array {
  const block = new Uint8Array(128)
  block.set([0, 255, 255, 255, 255, 255, 255, 0])
  block.set([width, height], 21)
  block[127] = (256 - block.reduce((sum, byte) => sum + byte, 0) % 256) % 256
  return block
}

function lay(root: string, name: string, status: string, bytes: Uint8Array, modes = ''): void {
  mkdirSync(join(root, name), { recursive: true })
  for (const [file, value] of [['status', `${status}\n`], ['modes', modes], ['edid', bytes]] as const) writeFileSync(join(root, name, file), value)
}
const config = (flags: Record<string, string> = {}) => loadConfig({ file: null, text: null, env: {}, flags })

it('the largest connected display that is not part of the computer is the rack; a setting goes before it', () => {
  using folder = makeFolder()
  lay(folder.path, 'card0-eDP-1', 'connected', edid(200, 112))
  lay(folder.path, 'card0-HDMI-A-1', 'connected', edid(95, 54), '1920x1080\n1280x720\n')
  lay(folder.path, 'card0-DP-1', 'connected', edid(60, 34))
  lay(folder.path, 'card0-DP-2', 'disconnected', edid(121, 68))
  lay(folder.path, 'version', 'connected', edid(121, 68))
  const screens = new LinuxScreens(folder.path)
  expect(screens.list().map(d => [d.label, d.width, d.isBuiltIn])).toEqual([['DP-1', 0, false], ['HDMI-A-1', 1920, false], ['eDP-1', 0, true]])
  expect(opticsOf(config(), screens)).toMatchObject({ panelInches: 43, panelBy: 'display' })
  expect(opticsOf(config({ 'rack.panelInches': '55' }), screens)).toMatchObject({ panelInches: 55, panelBy: 'setting' })
})

it('where nothing tells its size, the page asks; where a large panel hangs close, the tiles follow it', () => {
  using folder = makeFolder()
  expect(opticsOf(config(), new LinuxScreens(join(folder.path, 'none')))).toMatchObject({ panelInches: 0, panelBy: null })
  lay(folder.path, 'card1-HDMI-A-1', 'connected', new Uint8Array(0))
  expect(opticsOf(config(), new LinuxScreens(folder.path))).toMatchObject({ panelInches: 0, panelBy: null })
  lay(folder.path, 'card1-DP-1', 'connected', edid(122, 69))
  const near = config({ 'rack.distanceCm': '60' })
  expect([policyOf(near, new LinuxScreens(folder.path)).tiles, policyOf(near).tiles]).toEqual([true, false])
})
