/** The support bundle: what a helper asks for first, in a file any tar reads, and no secret wherever it may have got to. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSecrets } from '../../src/main/live/secrets.ts'
import { ledgerPath } from '../../src/main/records.ts'
import { support } from '../../src/main/support-verb.ts'
import { LedgerBench, mac, makeFolder, tokenId } from '../helpers/ledger.ts'

const [SECRET, WIFI, TOKEN, STORED, HOOK] = ['account-secret-1234', 'wifi "pass" 77', 'EUAbCdEfGh1234', 'typed-in-secret-99', 'webhook-bearer-55']

function write(data: string): string {
  mkdirSync(join(data, 'live'), { recursive: true })
  mkdirSync(join(data, 'log'))
  const secrets = new LiveSecrets(new LiveDisk(data), {})
  {
    using bench = new LedgerBench(ledgerPath(data, 'live'))
    const unit = bench.meet('u1', { aliases: [mac(1)] })
    bench.tell(unit, bench.openJob('j1', unit), { kind: 'job.closed', outcome: 'refused', grade: null, fault: { code: 'cloud.refused', context: { text: `bad token ${TOKEN.slice(2, 10)}` } }, provenAt: null })
    bench.ledger.commit(tx => tx.keepToken({ uid: tokenId('t1'), account: 'house', region: 'EU', sealed: secrets.seal(new TextEncoder().encode(TOKEN)), issuedAt: 1, expiresAt: 2, seats: 1 }))
  }
  writeFileSync(join(data, 'live', 'accounts.json'), JSON.stringify({ v: 1, accounts: [{ id: 'x', sealed: Buffer.from(secrets.seal(new TextEncoder().encode(STORED))).toString('base64') }] }))
  for (const leak of [SECRET, WIFI, TOKEN, STORED, HOOK, Buffer.from(SECRET).toString('hex')]) appendFileSync(join(data, 'log', 'station.log'), `${JSON.stringify({ level: 'error', text: 'a careless line', leak })}\n`)
  const config = join(data, 'bench.json')
  for (const [name, text] of [['a', SECRET], ['w', WIFI], ['h', HOOK]] as const) writeFileSync(join(data, `${name}.secret`), text, { mode: 0o600 })
  writeFileSync(config, JSON.stringify({
    mode: 'live', bench: { card: 'eth9', address: '10.77.0.1/24' }, cloud: { proxy: 'http://user:proxy-password@10.0.0.1:3128' }, wave: { command: '/usr/local/bin/ap --key command-password' },
    accounts: [{ id: 'house', clientId: 'client1', secretFile: join(data, 'a.secret'), baseUrl: 'https://openapi.example' }], wifi: [{ ssid: 'BENCH', passwordFile: join(data, 'w.secret') }],
    sync: { webhooks: [{ name: 'wms', url: 'https://wms.example/hook?key=url-password', tokenFile: join(data, 'h.secret') }] }
  }))
  return config
}

it('holds what a helper asks for, and no secret, also where one was written by mistake', async () => {
  using data = makeFolder()
  const config = write(data.path)
  const file = join(data.path, 'out.tar.gz')
  using out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  expect(await support(['--out', file, '--config', config, '--data', data.path])).toBe(0)
  expect(out).toHaveBeenCalled()
  const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n').map(name => name.replace('unbindery-support/', ''))
  expect(names).toEqual(['about.json', 'config.json', 'doctor.json', 'status.json', 'network.json', 'leases.json', 'ports.json', 'ledger.json', 'faults.json', 'schema.sql', 'station.log'])
  execFileSync('tar', ['xzf', file, '-C', data.path])
  const part = (name: string): string => readFileSync(join(data.path, 'unbindery-support', name), 'utf8')
  const all = names.map(part).join('\n')
  for (const secret of [SECRET, WIFI, JSON.stringify(WIFI).slice(1, -1), TOKEN, TOKEN.slice(2, 10), STORED, HOOK, 'proxy-password', 'command-password', 'url-password', Buffer.from(SECRET).toString('hex')]) expect(all.includes(secret), secret).toBe(false)
  expect(part('station.log').split('\n').filter(line => line.includes('a careless line') && line.includes('••••'))).toHaveLength(6)
  expect(JSON.parse(part('config.json'))).toMatchObject({ complaint: null, settings: { 'bench.card': 'eth9', 'cloud.proxy': 'http://10.0.0.1:3128/', 'wave.command': '/usr/local/bin/ap …' } })
  expect(JSON.parse(part('faults.json'))).toMatchObject([{ code: 'cloud.refused', kind: 'job.closed', unit: 'u1' }])
  expect(JSON.parse(part('ledger.json'))).toMatchObject({ rows: { unit: 1, job: 1, token: 1 }, counters: [{ name: 'outcome.refused', value: 1 }, { name: 'tested.gw3wired00000001', value: 1 }, { name: 'units', value: 1 }] })
  expect(JSON.parse(part('status.json'))).toMatchObject({ mode: 'live' })
  expect(part('schema.sql')).toContain('CREATE TABLE "fact"')
  expect(JSON.parse(part('about.json'))).toMatchObject({ mode: 'live', node: process.version })
})

it('is made as well where there is nothing yet, and says what is missing', async () => {
  using data = makeFolder()
  const file = join(data.path, 'out.tar.gz')
  using _out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  expect(await support(['--out', file, '--data', join(data.path, 'none')])).toBe(0)
  execFileSync('tar', ['xzf', file, '-C', data.path])
  expect(JSON.parse(readFileSync(join(data.path, 'unbindery-support', 'ledger.json'), 'utf8'))).toMatchObject({ missing: { code: 'ledger.cannot-open' } })
  using err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  expect(await support(['--wrong'])).toBe(2)
  expect(err).toHaveBeenCalled()
})
