/** Secrets come from the environment or from a file only its owner can read; every missing or open one is told at once. */
import { expect, it } from 'vitest'
import { readAccess, type SecretSources } from '../../src/main/access.ts'
import { loadConfig, type Config } from '../../src/main/config.ts'
import { makeSelfSigned } from '../../src/main/wire/self-signed.ts'
import { faultOf } from '../helpers/ledger.ts'

const config = (json: Record<string, unknown>): Config => loadConfig({ file: null, text: JSON.stringify({ 'cloud.baseUrl': 'https://eu.example', ...json }), env: {}, flags: {} })
const sources = (o: Partial<SecretSources> = {}): SecretSources => ({ env: {}, file: () => null, ...o })
const complaintsOf = (...given: Parameters<typeof readAccess>): string[] => String(faultOf(() => readAccess(...given))?.context['complaints'] ?? '').split('\n')
const ACCOUNT = { id: 'house', clientId: 'c1' }

it('an account has what it names, and else the defaults of its bench', () => {
  const own = { ...ACCOUNT, id: 'own', secretFile: '/s', baseUrl: 'https://us.example', region: 'US', assetId: 'a', products: ['p1'] }
  const access = readAccess(config({ accounts: [{ ...ACCOUNT, secretEnv: 'SECRET' }, own], 'sync.baseUrl': 'https://central.example' }), sources({ env: { SECRET: 'one' }, file: () => ({ text: ' two\n', mode: 0o600 }) }))
  expect(access.accounts.map(({ secret, ...rest }) => ({ ...rest, secret: secret.reveal() }))).toMatchObject([
    { id: 'house', clientId: 'c1', baseUrl: 'https://eu.example', region: 'EU', assetId: '', products: [], secret: 'one' },
    { id: 'own', clientId: 'c1', baseUrl: 'https://us.example', region: 'US', assetId: 'a', products: ['p1'], secret: 'two' }
  ])
  expect(access.centralUrl).toBe('https://central.example')
})

it.each([[0o644, 'the world'], [0o640, 'a group'], [0o602, 'a stranger who may write'], [0o601, 'anybody at all']])('a secret file of mode %o is refused: %s may touch it', mode => {
  expect(complaintsOf(config({ accounts: [{ ...ACCOUNT, secretFile: '/s' }] }), sources({ file: () => ({ text: 'x', mode }) }))).toEqual(['accounts: house: /s can be read by others; type: chmod 600 /s'])
})

it('all that is missing is told at once, and no secret with it', () => {
  const given = config({ accounts: [{ ...ACCOUNT, secretEnv: 'GONE' }, { ...ACCOUNT, id: 'b', secretFile: '/none' }, { ...ACCOUNT, id: 'c', secretFile: '/open' }, { ...ACCOUNT, id: 'd', secretEnv: 'EMPTY' }, { ...ACCOUNT, id: 'e', secretFile: '/empty' }], wifi: [{ ssid: 'BENCH', passwordEnv: 'GONE' }] })
  const files: Record<string, { text: string; mode: number }> = { '/open': { text: 'hunter2', mode: 0o644 }, '/empty': { text: '\n', mode: 0o600 } }
  const fault = faultOf(() => readAccess(given, sources({ env: { EMPTY: '' }, file: path => files[path] ?? null })))
  expect(fault?.code).toBe('config.invalid')
  expect(String(fault?.context['complaints']).split('\n')).toEqual([
    'accounts: house: the environment variable GONE is not set', 'accounts: b: /none cannot be read', 'accounts: c: /open can be read by others; type: chmod 600 /open',
    'accounts: d: the environment variable EMPTY is not set', 'accounts: e: /empty is empty', 'wifi: BENCH: the environment variable GONE is not set'
  ])
})

it('an open network needs no password, and nothing that is read prints its secret', () => {
  const access = readAccess(config({ accounts: [{ ...ACCOUNT, secretEnv: 'S' }], wifi: [{ ssid: 'GUEST' }] }), sources({ env: { S: 'hunter2' } }))
  expect(access.wifi.map(w => [w.ssid, w.password.reveal()])).toEqual([['GUEST', '']])
  expect(JSON.stringify(access)).not.toContain('hunter2')
})

it('destinations have their tokens, the receiver its one certificate; a file that holds none is refused', () => {
  const settings = { 'sync.baseUrl': 'https://central.example:8443/x', 'sync.webhooks': [{ name: 'wms', url: 'https://wms.example/in', tokenEnv: 'WMS', fields: { SerialNo: 'serial' } }], 'sync.folders': [{ name: 'drop', path: '/mnt/drop' }] }
  const { certificate } = makeSelfSigned({ names: ['localhost'], from: 0, to: 1_000_000, serial: new Uint8Array(16) })
  const access = readAccess(config({ ...settings, 'sync.certificateFile': '/pem' }), sources({ env: { WMS: 'hunter2' }, file: () => ({ text: certificate, mode: 0o644 }) }))
  expect(access.webhooks?.map(w => [w.name, w.token?.reveal(), w.fields])).toEqual([['wms', 'hunter2', { SerialNo: 'serial' }]])
  expect([access.folders, access.pinned]).toEqual([[{ name: 'drop', path: '/mnt/drop' }], { origin: 'https://central.example:8443', certificate }])
  expect(complaintsOf(config({ ...settings, 'sync.certificateFile': '/pem' }), sources({ file: () => ({ text: 'no', mode: 0o644 }) }))).toEqual(['sync.webhooks: wms: the environment variable WMS is not set', 'sync.certificateFile: /pem holds no certificate in PEM'])
  expect(String(faultOf(() => config({ 'sync.webhooks': [{ name: 'a', url: 'https://a.example' }], 'sync.folders': [{ name: 'a', path: '/a' }] }))?.context['complaints'])).toContain('two have the same name')
  expect(String(faultOf(() => config({ 'sync.certificateFile': '/pem' }))?.context['complaints'])).toContain('must begin with https')
})
