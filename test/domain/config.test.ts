/** Every mistake of a configuration is told at once, with its key and what is allowed; no text can break the reader. */
import { describe, expect, it } from 'vitest'
import { loadConfig, SETTINGS, settingsTable, splitCidr, type Config, type ConfigSources } from '../../src/main/config.ts'
import { Fault } from '../../src/main/domain/fault.ts'

const load = (sources: Partial<ConfigSources> = {}): Config => loadConfig({ file: 'bench.json', text: null, env: {}, flags: {}, ...sources })
function complaintsOf(sources: Partial<ConfigSources>): string[] {
  try { load(sources) } catch (thrown) {
    const { code, context } = Fault.from(thrown)
    expect(code).toBe('config.invalid')
    return String(context['complaints']).split('\n')
  }
  return []
}
const file = (json: unknown): Partial<ConfigSources> => ({ text: JSON.stringify(json) })

describe('where values come from', () => {
  it('with no file, every setting has its default, and the defaults agree with each other', () => {
    expect(load()).toEqual(Object.fromEntries(Object.entries(SETTINGS).map(([key, s]) => [key, s.value])))
    for (const [key, s] of Object.entries(SETTINGS)) expect(s.check(s.value), key).toBe(true)
  })

  it('flags win over the environment, the environment over the file, the file over the default', () => {
    const sources = { ...file({ 'dhcp.leaseSeconds': 100 }), env: { UNBINDERY_DHCP_LEASESECONDS: '200' }, flags: { 'dhcp.leaseSeconds': '300' } }
    expect(load(sources)['dhcp.leaseSeconds']).toBe(300)
    expect(load({ ...sources, flags: {} })['dhcp.leaseSeconds']).toBe(200)
    expect(load({ ...sources, flags: {}, env: {} })['dhcp.leaseSeconds']).toBe(100)
    expect(load({ env: { PATH: '/bin', UNBINDERY_AGAIN: '1' } })['dhcp.leaseSeconds']).toBe(600)
  })

  it('a file may nest its keys or write them with dots', () => {
    expect(load(file({ bench: { card: 'eth1' }, 'dhcp.leaseSeconds': 60, dhcp: { dns: ['10.0.0.1'] } }))).toMatchObject({ 'bench.card': 'eth1', 'dhcp.leaseSeconds': 60, 'dhcp.dns': ['10.0.0.1'] })
  })

  it('numbers and lists are read from text as what they are', () => {
    expect(load({ flags: { 'bench.lanes': '48', 'dhcp.dns': '["1.1.1.1"]', 'bench.rack': '12' } })).toMatchObject({ 'bench.lanes': 48, 'dhcp.dns': ['1.1.1.1'], 'bench.rack': '12' })
  })
})

describe('complaints', () => {
  it('are all told at once, each with its key, what was given and what is allowed', () => {
    expect(complaintsOf({ ...file({ mode: 'demo', bench: { lanes: 49, color: 'red' }, dhcp: { leaseSeconds: '600' } }), env: { UNBINDERY_LAN_ASKSECONDS: '0.5' }, flags: { 'cloud.pollSeconds': '999', 'no.such': '1' } })).toEqual([
      'mode: "demo" is not allowed; training or live',
      'bench.lanes: 49 is not allowed; 1 to 48',
      'bench.color: no such setting',
      'dhcp.leaseSeconds: "600" is not allowed; 60 to 86400',
      'lan.askSeconds: "0.5" is not allowed; 1 to 60',
      'cloud.pollSeconds: 999 is not allowed; 1 to 60',
      'no.such: no such setting'
    ])
  })

  it.each<[string, unknown]>([
    ['bench.lanes', null], ['bench.lanes', true], ['bench.lanes', 3.5], ['bench.lanes', [8]], ['bench.lanes', '8'], ['bench.rack', 7], ['bench.rack', 'a b'], ['bench.card', 'x'.repeat(33)],
    ['bench.address', '10.77.0.1'], ['bench.address', '10.77.0.256/24'], ['bench.address', '10.77.0.1/31'], ['bench.address', '10.77.0.1/8'], ['dhcp.poolStart', '10.77.0'], ['dhcp.router', 'none'],
    ['dhcp.dns', '10.0.0.1'], ['dhcp.dns', ['x']], ['cloud.baseUrl', 'ftp://x'], ['cloud.baseUrl', 'https://a b'], ['accounts', {}], ['accounts', [{ id: 'a' }]], ['wifi', [{ ssid: '' }]], ['wifi', [{ ssid: 'x'.repeat(33) }]]
  ])('%s does not take %j', (key, value) => {
    const complaints = complaintsOf(file({ [key]: value }))
    expect(complaints).toHaveLength(1)
    expect(complaints[0]).toContain(`${key}: `)
    expect(complaints[0]).toContain(SETTINGS[key as keyof typeof SETTINGS].range) // a key of the table
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['a pool outside the net of the bench', { dhcp: { poolStart: '192.168.1.20', poolEnd: '192.168.1.99' } }, 'dhcp.poolStart, dhcp.poolEnd: the pool lies outside the net of bench.address 10.77.0.1/24'],
    ['a pool that reaches the broadcast address', { dhcp: { poolEnd: '10.77.0.255' } }, 'dhcp.poolStart, dhcp.poolEnd: the pool lies outside the net of bench.address 10.77.0.1/24'],
    ['a pool that begins with the net itself', { dhcp: { poolStart: '10.77.0.0' } }, 'dhcp.poolStart, dhcp.poolEnd: the pool lies outside the net of bench.address 10.77.0.1/24'],
    ['a pool the wrong way round', { dhcp: { poolStart: '10.77.0.99', poolEnd: '10.77.0.20' } }, 'dhcp.poolStart: comes after dhcp.poolEnd'],
    ['a live bench without a card', { mode: 'live' }, 'bench.card: a live bench needs the name of its card'],
    ['a live account without a secret', { mode: 'live', bench: { card: 'eth1' }, cloud: { baseUrl: 'https://x.example' }, accounts: [{ id: 'a', clientId: 'c' }] }, 'accounts: a names neither secretEnv nor secretFile'],
    ['a live account without a data centre', { mode: 'live', bench: { card: 'eth1' }, accounts: [{ id: 'a', clientId: 'c', secretEnv: 'S' }] }, 'accounts: a has no baseUrl and cloud.baseUrl is empty'],
    ['two accounts of the same id', { accounts: [{ id: 'a', clientId: 'c' }, { id: 'a', clientId: 'd' }] }, 'accounts: two have the same id']
  ])('%s', (_what, json, complaint) => expect(complaintsOf(file(json))).toEqual([complaint]))

  it('a secret written where it does not belong is refused and not repeated', () => {
    const [complaint = ''] = complaintsOf(file({ accounts: [{ id: 'a', clientId: 'c', secret: 'hunter2' }] }))
    expect(complaint).toContain('accounts: what is given is not allowed')
    expect(complaint).not.toContain('hunter2')
  })

  it('a long value is cut', () => expect(complaintsOf(file({ mode: 'x'.repeat(5000) }))[0]?.length).toBeLessThan(120))
})

describe('a file that is no configuration', () => {
  it.each([['nothing', ''], ['garbage', '\u0000\u00ff{{{'], ['half a file', '{"mode":'], ['a comment', '// mode\n{}']])('%s is no JSON, and the flags are still looked at', (_what, text) => {
    const complaints = complaintsOf({ text, flags: { mode: 'demo' } })
    expect(complaints).toHaveLength(2)
    expect(complaints[0]).toMatch(/^bench\.json: is not JSON/)
  })
  it.each([['a list', '[]'], ['a text', '"live"'], ['null', 'null'], ['a number', '7']])('%s is not one object', (_what, text) => {
    expect(complaintsOf({ text })).toEqual(['bench.json: must hold one JSON object'])
  })
  it('a giant file is refused unread', () => {
    expect(complaintsOf({ text: `{"mode":"${'x'.repeat(300 * 1024)}"}` })).toEqual(['bench.json: larger than 262144 bytes'])
  })
  it('names of the language itself are no settings', () => {
    expect(complaintsOf({ text: '{"__proto__": {"mode": "live"}, "constructor": 1, "toString": "x"}', flags: { hasOwnProperty: '1' } })).toEqual([
      '__proto__.mode: no such setting', 'constructor: no such setting', 'toString: no such setting', 'hasOwnProperty: no such setting'
    ])
    expect(load().mode).toBe('training')
  })
  it('a deep file is read no deeper than settings go', () => {
    const deep = `{"bench":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`
    expect(complaintsOf({ text: deep })).toEqual(['bench.a: no such setting'])
  })
})

it('the table of settings has a row for each, with its reason', () => {
  const rows = settingsTable().split('\n').slice(2)
  expect(rows).toHaveLength(Object.keys(SETTINGS).length)
  for (const [key, { why }] of Object.entries(SETTINGS)) expect(rows.find(r => r.startsWith(`| \`${key}\` |`))).toContain(why)
})

it('an address with its prefix comes apart in two', () => expect(splitCidr('10.77.0.1/24')).toEqual({ address: '10.77.0.1', prefix: 24 }))

it('an address with leading zeros is refused: some programs read it as octal', () => {
  for (const key of ['dhcp.poolStart', 'dhcp.router']) expect(complaintsOf(file({ [key]: '10.77.0.020' })).some(line => line.startsWith(key)), key).toBe(true)
  expect(complaintsOf(file({ 'bench.address': '10.077.0.1/24' })).some(line => line.startsWith('bench.address'))).toBe(true)
})
