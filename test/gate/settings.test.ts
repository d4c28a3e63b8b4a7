/** Settings at the station: what is in force and why, who changed it, what is dangerous, and a start that goes wrong with them. */
import { describe, expect, it } from 'vitest'
import { TRAINING_PEOPLE, type FaultCode, type SettingView } from '#shared'
import { loadSettings, SETTINGS, type OwnSettings } from '../../src/main/config.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { readOwnSettings, type OwnConfig } from '../../src/main/settings-desk.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const ADMIN = TRAINING_PEOPLE[1]
const KEYS = Object.keys(SETTINGS)
/** A file, an environment and a command line, with what is set at the station between them. */
const sources = (own: OwnSettings) => loadSettings({
  file: 'bench.json', text: JSON.stringify({ bench: { rack: 'FILE', lanes: 6 }, dhcp: { leaseSeconds: 100 }, cloud: { proxy: 'http://who:secret-word@proxy:3128' } }), own, env: { UNBINDERY_BENCH_LANES: '7' }, flags: { 'bench.card': 'bench0', 'care.backupHour': '4' }
})
const ownOf = (own: OwnSettings = {}, fault: OwnConfig['fault'] = null): OwnConfig => ({ file: 'bench.json', loaded: sources(own), load: sources, fault })
const openOwn = (own: OwnConfig = ownOf()): Promise<TestBench> => openBench({ own, settings: { 'bench.rack': 'FILE', 'bench.lanes': '7', 'dhcp.leaseSeconds': '100', 'care.backupHour': '4', 'cloud.proxy': 'http://who:secret-word@proxy:3128' } })
const viewOf = async (bench: TestBench, key: string): Promise<SettingView | undefined> => (await bench.ask('settings.view', {})).settings.find(s => s.key === key)
const codeOf = (asked: Promise<unknown>): Promise<FaultCode | 'ok'> => asked.then(() => 'ok' as const, (thrown: unknown) => Fault.from(thrown).code)
const screen = (bench: TestBench) => async (name: string, params: unknown): Promise<FaultCode | 'ok'> => {
  const answer = await bench.run(bench.station.gate.ask(name, params, { host: 'http' }))
  return answer.ok ? 'ok' : answer.fault.code
}

describe('what is in force', () => {
  it('every setting says its value, its default, its reason and where it comes from', async () => {
    await using bench = await openOwn()
    const { settings, file, fault } = await bench.ask('settings.view', {})
    expect(settings.map(s => s.key)).toEqual(KEYS)
    expect({ file, fault }).toEqual({ file: 'bench.json', fault: null })
    for (const s of settings) expect(s.why.length, s.key).toBeGreaterThan(10)
    expect(await viewOf(bench, 'bench.rack')).toMatchObject({ value: 'FILE', standard: 'R1', origin: 'file', next: null, own: null })
    expect(await viewOf(bench, 'bench.lanes')).toMatchObject({ value: 7, origin: 'environment' })
    expect(await viewOf(bench, 'care.backupHour')).toMatchObject({ value: 4, standard: 3, origin: 'flag' })
    expect(await viewOf(bench, 'qr.level')).toMatchObject({ origin: 'default', choices: ['L', 'M', 'Q', 'H'] })
  })

  it('a password in the address of a proxy is not shown', async () => {
    await using bench = await openOwn()
    const text = JSON.stringify(await bench.ask('settings.view', {}))
    expect(text).not.toContain('secret-word')
    expect((await viewOf(bench, 'cloud.proxy'))?.value).toBe('http://…@proxy:3128')
  })
})

describe('a change', () => {
  it('is a fact with its key, its values and who made it, and counts from the next start on', async () => {
    await using bench = await openOwn()
    await bench.ask('setting.change', { values: { 'bench.rack': 'R9' } })
    expect(await viewOf(bench, 'bench.rack')).toMatchObject({ value: 'FILE', next: 'R9', own: { value: 'R9', by: 'cli' } })
    expect((await bench.ask('history.list', { kind: 'setting.changed' }))[0]).toMatchObject({ body: { key: 'bench.rack', from: 'FILE', to: 'R9', by: 'cli' } })
    expect(readOwnSettings(bench.sql, '/data/training/ledger.db')).toEqual({ 'bench.rack': 'R9' })
  })

  it('goes over the file, and under the environment and the command line', () => {
    const { config, origins } = sources({ 'bench.rack': 'OWN', 'bench.lanes': 9, 'care.backupHour': 5, 'dhcp.leaseSeconds': 200 })
    expect([config['bench.rack'], config['bench.lanes'], config['care.backupHour'], config['dhcp.leaseSeconds']]).toEqual(['OWN', 7, 4, 200])
    expect([origins['bench.rack'], origins['bench.lanes'], origins['care.backupHour'], origins['dhcp.leaseSeconds']]).toEqual(['station', 'environment', 'flag', 'station'])
  })

  it('of how the rack display is drawn counts at once', async () => {
    await using bench = await openOwn()
    await bench.ask('setting.change', { values: { 'rack.distanceCm': 250 } })
    expect((await bench.ask('bench.view', {})).optics.distanceM).toBe(2.5)
    await bench.ask('setting.change', { values: { 'qr.level': 'M' } })
    expect((await bench.ask('display.view', {})).policy.level).toBe('M')
    expect(await viewOf(bench, 'rack.distanceCm')).toMatchObject({ value: 250, origin: 'station', next: null })
  })

  it('back to the default, or to what the file says, is a change too', async () => {
    await using bench = await openOwn()
    await bench.ask('setting.change', { values: { 'bench.rack': 'R9' } })
    await bench.ask('setting.change', { values: { 'bench.rack': null } })
    expect(await viewOf(bench, 'bench.rack')).toMatchObject({ value: 'FILE', next: null, own: null })
    expect((await bench.ask('history.list', { kind: 'setting.changed' }))[0]?.body).toMatchObject({ from: 'R9', to: null })
    await bench.ask('setting.change', { values: { 'qr.margin': 4 } })
    await bench.ask('setting.change', { values: { 'qr.margin': null } })
    expect((await bench.ask('display.view', {})).policy.margin).toBe(2)
  })

  it('passes the very same table as the file: setting.refused says why', async () => {
    await using bench = await openOwn()
    await expect(bench.ask('setting.change', { values: { 'bench.lanes': 49 } })).rejects.toMatchObject({ code: 'setting.refused', context: { complaints: 'bench.lanes: 49 is not allowed; 1 to 48' } })
    for (const [key, value] of [['dhcp.leaseSeconds', 1], ['bench.address', '10.99.0.1/24'], ['dhcp.poolStart', '10.99.0.1'], ['qr.level', 'X'], ['lan.static', [{ address: 'x' }]], ['bench.rack', 5]] as [string, string | number | unknown[]][]) expect(await codeOf(bench.ask('setting.change', { values: { [key]: value } })), key).toBe('setting.refused')
    expect(await codeOf(bench.ask('setting.change', { values: { 'no.such': 1 } }))).toBe('setting.refused')
    expect(await codeOf(bench.ask('setting.change', { values: { constructor: 1 } }))).toBe('door.invalid')
  })

  it('of an address and its pool is made together, or not at all', async () => {
    await using bench = await openOwn()
    const values = { 'bench.address': '10.99.0.1/24', 'dhcp.poolStart': '10.99.0.20', 'dhcp.poolEnd': '10.99.0.219' }
    expect(await codeOf(bench.ask('setting.change', { values: { ...values, 'dhcp.poolEnd': '10.77.0.219' } }))).toBe('setting.refused')
    expect(await bench.ask('history.list', { kind: 'setting.changed' })).toEqual([])
    await bench.ask('setting.change', { values })
    expect(readOwnSettings(bench.sql, '/data/training/ledger.db')).toEqual(values)
  })

  it('what names a program or a file, and who may unbind, is of the file: setting.of-file', async () => {
    await using bench = await openOwn()
    for (const [key, value] of [['mode', 'live'], ['wave.command', '/bin/true'], ['accounts', []], ['wifi', []], ['sync.folders', []], ['cloud.caFile', '/etc/x'], ['recipe.secrets', []]] as [string, string | unknown[]][]) {
      expect(await codeOf(bench.ask('setting.change', { values: { [key]: value } })), key).toBe('setting.of-file')
      expect((await viewOf(bench, key))?.changed).toBe('file')
    }
  })
})

describe('who may', () => {
  it('an admin changes, and types the PIN once more for what is dangerous: setting.pin-again', async () => {
    await using bench = await openOwn()
    const ask = screen(bench)
    await ask('scan', { text: 'OP:1001' })
    expect(await ask('setting.change', { values: { 'bench.rack': 'R9' } })).toBe('person.needs-admin')
    await ask('operator.enter', { badge: 'LEAD', pin: TRAINING_PEOPLE[0].pin })
    expect(await ask('setting.change', { values: { 'bench.rack': null } })).toBe('person.needs-admin')
    await ask('operator.enter', { badge: ADMIN.badge, pin: ADMIN.pin })
    expect(await ask('setting.change', { values: { 'bench.rack': 'R9' } })).toBe('ok')
    expect(await ask('setting.change', { values: { 'quota.accountPerDay': 500 } })).toBe('setting.pin-again')
    expect(await ask('setting.change', { values: { 'quota.accountPerDay': 500 }, pin: '9999' })).toBe('person.pin-wrong')
    expect((await viewOf(bench, 'quota.accountPerDay'))?.own).toBeNull()
    await ask('operator.enter', { badge: ADMIN.badge, pin: ADMIN.pin }) // time went on while PINs were looked at
    expect(await ask('setting.change', { values: { 'quota.accountPerDay': null } })).toBe('setting.pin-again')
    expect(await ask('setting.change', { values: { 'quota.accountPerDay': 500 }, pin: ADMIN.pin })).toBe('ok')
    expect(await viewOf(bench, 'quota.accountPerDay')).toMatchObject({ isDangerous: true, own: { value: 500, by: 'ADMIN' } })
  })

  it('the dangerous ones are those that reach another network or cost a day of seats', async () => {
    await using bench = await openOwn()
    const dangerous = (await bench.ask('settings.view', {})).settings.filter(s => s.isDangerous).map(s => s.key)
    for (const key of ['bench.card', 'bench.address', 'dhcp.poolStart', 'dhcp.router', 'lan.take', 'wayOut.check', 'quota.accountPerDay', 'quota.seatsPerToken', 'cloud.selfTest', 'job.firstAlone', 'gateway.open', 'power.wiring']) expect(dangerous, key).toContain(key)
    for (const key of ['bench.rack', 'qr.level', 'rack.distanceCm', 'printer.copies']) expect(dangerous, key).not.toContain(key)
  })
})

describe('a start', () => {
  it('without them says so on every page: setting.left-out', async () => {
    await using bench = await openOwn(ownOf({}, new Fault('setting.left-out', { complaints: 'cloud.caFile: x' }).toView()))
    expect((await bench.ask('settings.view', {})).fault).toMatchObject({ code: 'setting.left-out', context: { complaints: 'cloud.caFile: x' } })
  })
})
