/** A live station on this machine, without a bench: settings changed there are in force after the next start, and a start that fails with them is made without them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DoorName, DoorParams, DoorResult, SettingsView } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { openStation, type OpenStation } from '../../src/main/opening.ts'
import { parseOptions } from '../../src/main/options.ts'
import { VirtualScreens } from '../../src/main/virtual/screens.ts'

let data: string
let file: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ub-own-'))
  file = join(data, 'bench.json')
  write({})
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const write = (more: Record<string, unknown>): void => writeFileSync(file, JSON.stringify({ 'mode': 'live', 'bench.card': 'ub-none', 'bench.rack': 'FILE', 'wayOut.check': 'off', ...more }))
const open = (...words: string[]): Promise<OpenStation> => openStation(parseOptions(['--headless', '--config', file, '--data', data, ...words], {}), { screens: new VirtualScreens(), version: '0.0.0-test', env: {} })
const asker = (station: OpenStation) => async <N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> => {
  const answer = await station.gate.ask(name, params, { host: 'local' })
  if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
  return answer.value as DoorResult<N> // the answer of the row asked for
}
const valueOf = (view: SettingsView, key: string): unknown => view.settings.find(s => s.key === key)?.value

describe('settings of a station', () => {
  it('are in force after the next start, under the command line, and are left out of a start that would fail with them', async () => {
    {
      await using station = await open()
      const ask = asker(station)
      expect(valueOf(await ask('settings.view', {}), 'bench.rack')).toBe('FILE')
      await ask('setting.change', { values: { 'bench.rack': 'OWN', 'dhcp.poolStart': '10.77.0.30' } })
    }
    {
      await using station = await open()
      const view = await asker(station)('settings.view', {})
      expect(view).toMatchObject({ file, fault: null })
      expect(view.settings.find(s => s.key === 'bench.rack')).toMatchObject({ value: 'OWN', origin: 'station', next: null, own: { by: 'cli' } })
      expect((await asker(station)('bench.view', {})).rack).toBe('OWN')
    }
    {
      await using station = await open('--bench.rack', 'FLAG')
      expect((await asker(station)('bench.view', {})).rack).toBe('FLAG')
    }
    write({ 'bench.address': '10.99.0.1/24', 'dhcp.poolStart': '10.99.0.20', 'dhcp.poolEnd': '10.99.0.219' }) // the own first address lies outside now
    {
      await using station = await open()
      const ask = asker(station)
      const view = await ask('settings.view', {})
      expect(view.fault).toMatchObject({ code: 'setting.left-out', context: { complaints: expect.stringContaining('dhcp.poolStart') as string } })
      expect(valueOf(view, 'bench.rack')).toBe('FILE')
      await ask('setting.change', { values: { 'dhcp.poolStart': null } })
    }
    {
      await using station = await open()
      const view = await asker(station)('settings.view', {})
      expect([view.fault, valueOf(view, 'bench.rack')]).toEqual([null, 'OWN'])
    }
  })

  it('do not make a broken file start', async () => {
    { await using station = await open(); await asker(station)('setting.change', { values: { 'bench.rack': 'OWN' } }) }
    write({ 'bench.lanes': 99 })
    await expect(open()).rejects.toMatchObject({ code: 'config.invalid' })
  })

  it('a live station proves its last step with a unit of a world of its own, and says what its bench lacks', async () => {
    await using station = await open()
    const ask = asker(station)
    expect((await ask('ready.try', { step: 'unit' })).steps.find(s => s.step === 'unit')).toMatchObject({ state: 'done', found: { outcome: 'proven', certificate: 'valid' } })
    expect((await ask('ready.try', { step: 'card' })).steps.find(s => s.step === 'card')).toMatchObject({ state: 'failed', fault: { code: 'net.card-not-found' } })
    expect((await ask('ready.try', { step: 'account' })).steps.find(s => s.step === 'account')?.state).toBe('skipped')
    expect(await ask('units.find', {})).toEqual([])
    expect((await ask('history.list', {})).map(f => f.kind)).not.toContain('unit.met')
  })

  it('training proves its virtual bench in the same way, in less than half a minute, and signs it as training', async () => {
    await using station = await openStation(parseOptions(['--headless', '--data', data, '--seed', '7'], {}), { screens: new VirtualScreens(), version: '0.0.0-test', env: {} })
    const ask = asker(station)
    const startedAt = performance.now()
    for (let i = 0; i < 100 && (await ask('network.view', {})).dhcp.state !== 'serving'; i += 1) await new Promise(resolve => { setTimeout(resolve, 100) })
    const view = await ask('ready.daily', {})
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    expect(view.daily).toMatchObject({ isReady: true, failed: [] })
    expect(JSON.parse((await ask('ready.paper', { how: 'daily' })).text)).toMatchObject({ mode: 'training', notice: 'TRAINING: this bench does not exist' })
  }, 40_000)
})
