// The gate before seats and tokens, with real packets: a live station, a real unit program, and each of the two ways out.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NetworkView, StatusView, UnitView } from '#shared'
import { GatewayHouse, NAME_SERVER, source, VENDOR, whyNoGateway } from '../helpers/gateway-house.ts'
import { SECRET_ENV } from '../helpers/namespaces.ts'

const why = whyNoGateway()
if (why !== null && process.env['CI'] !== undefined && process.platform === 'linux') throw new Error(`CI must run this: ${why}`)

const OTHER_ROUTER = ['--bench.card', 'bench0', '--dhcp.router', '10.77.0.254', '--dhcp.dns', `["${NAME_SERVER}"]`] as const

describe.skipIf(why !== null)(`the gate before seats and tokens${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('without a way out a unit gets no job and the screen says net.no-way-out with the line to type; that line typed, it reaches its cloud through it and is released', async () => {
    await using house = new GatewayHouse('f')
    await house.internet()
    house.ip('st', 'link', 'set', 'bench0', 'up')
    house.ip('st', 'address', 'add', '10.77.0.1/24', 'broadcast', '+', 'dev', 'bench0')
    const station = await openStation(house, { router: '10.77.0.1' })
    house.start('in', process.execPath, [source('cloud'), '--host', '0.0.0.0', '--port', '8090'])
    house.start('un', process.execPath, [source('units'), '--card', 'eth0', '--dhcp', 'udhcpc', '--cloud', `http://${VENDOR}:8090`, '--seconds', '60', '--ready', '--version', '3.3'])
    const waiting = await until(() => station.ask<UnitView[]>('units'), all => all[0]?.fault?.code === 'net.no-way-out')
    expect(waiting[0]).toMatchObject({ job: null, prompt: 'wait', fault: { context: { failed: 'forwarding', type: expect.stringContaining('sudo unbindery bench-net up --bench.card bench0') } } })
    const { quota, lamps } = station.ask<StatusView>('status')
    expect(quota[0]).toMatchObject({ spent: 0, reserved: 0 })
    expect(lamps.find(l => l.name === 'internet')).toMatchObject({ state: 'bad', fault: { code: 'net.no-way-out' } })
    const line = String(waiting[0]?.fault?.context['type']).replace('sudo unbindery bench-net ', '').split(' ').filter(word => !word.startsWith('[') && !word.startsWith("'"))
    expect(house.benchNet(line.filter(word => word !== '--gateway.servers'))).toMatchObject({ code: 0 })
    const releases = (): readonly unknown[] => (JSON.parse(house.exec('in', process.execPath, '-e', "fetch('http://127.0.0.1:8090/virtual/state').then(r => r.text()).then(t => console.log(t))")) as { releases: readonly unknown[] }).releases // the cloud's own answer
    await until(releases, all => all.length === 1)
    const { job } = station.ask<UnitView[]>('units')[0] ?? {}
    expect(job).toBeTruthy()
    const { wayOut } = station.ask<NetworkView>('network')
    expect(wayOut).toMatchObject({ state: 'open', way: 'station' })
    expect(wayOut?.steps.map(step => step.name)).toEqual(['forwarding', 'rules', 'DNS', 'look-up', 'activation tuyaeu.com', 'messages tuyaeu.com', 'NTP'])
  }, 180_000)

  it('with a router on the bench switch the probe goes through that router; unplugged, the gate closes', async () => {
    await using house = new GatewayHouse('g')
    await house.internet()
    putRouter(house)
    house.ip('st', 'route', 'del', 'default') // the station's own internet is not the bench's
    house.ip('st', 'link', 'set', 'bench0', 'up')
    house.ip('st', 'address', 'add', '10.77.0.1/24', 'broadcast', '+', 'dev', 'bench0')
    const station = await openStation(house, { router: '10.77.0.254', dns: [NAME_SERVER] })
    await until(() => station.ask<NetworkView>('network'), n => n.wayOut?.state === 'closed')
    expect(house.benchNet(['up', ...OTHER_ROUTER])).toMatchObject({ code: 0 })
    const { wayOut } = await until(() => station.ask<NetworkView>('network'), n => n.wayOut?.state === 'open')
    expect(wayOut).toMatchObject({ way: 'router' })
    house.ip('sw', 'link', 'set', 'p-st', 'down')
    await until(() => station.ask<NetworkView>('network'), n => n.wayOut?.state === 'checking')
    house.ip('rt', 'link', 'set', 'wan0', 'down')
    house.ip('sw', 'link', 'set', 'p-st', 'up')
    await until(() => station.ask<NetworkView>('network'), n => n.wayOut?.state === 'closed')
  }, 180_000)
})

/** A stranger's router: between the bench switch and the internet, with masquerade. */
function putRouter(house: GatewayHouse): void {
  execFileSync('ip', ['link', 'add', 'wan0', 'netns', house.ns('rt'), 'type', 'veth', 'peer', 'name', 'eth1', 'netns', house.ns('in')])
  house.ip('rt', 'address', 'add', '10.77.0.254/24', 'dev', 'lan0')
  house.ip('rt', 'address', 'add', '192.0.2.2/24', 'dev', 'wan0')
  house.ip('rt', 'link', 'set', 'wan0', 'up')
  house.ip('in', 'address', 'add', '192.0.2.1/24', 'dev', 'eth1')
  house.ip('in', 'link', 'set', 'eth1', 'up')
  house.ip('rt', 'route', 'add', 'default', 'via', '192.0.2.1')
  house.exec('rt', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  house.exec('rt', 'nft', 'add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; add rule ip nat out oifname wan0 masquerade')
}

interface Asking { ask<T>(...words: readonly string[]): T }

async function openStation(house: GatewayHouse, dhcp: { readonly router: string; readonly dns?: readonly string[] }): Promise<Asking> {
  const config = join(house.folder, 'station.json')
  writeFileSync(config, JSON.stringify({
    mode: 'live', bench: { card: 'bench0', address: '10.77.0.1/24' }, dhcp: { poolStart: '10.77.0.20', poolEnd: '10.77.0.60', probeSeconds: 1, ...dhcp }, lan: { take: 'all' },
    gateway: { servers: [NAME_SERVER] }, accounts: [{ id: 'house', clientId: 'virtualclient0000001', secretEnv: 'UB_SECRET', baseUrl: `http://${VENDOR}:8090`, assetId: 'bench', region: 'EU' }]
  }))
  const child = house.start('st', process.execPath, [source('headless'), '--config', config, '--data', house.folder, '--port', '8080'], SECRET_ENV)
  await new Promise<void>((ready, failed) => {
    child.stdout?.once('data', () => ready())
    child.once('exit', () => failed(new Error('the station ended')))
  })
  return { ask: <T>(...words: readonly string[]) => JSON.parse(execFileSync(process.execPath, [source('cli'), ...words, '--json', '--data', house.folder], { encoding: 'utf8' })) as T } // what --json promises
}

async function until<T>(read: () => T, test: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 75_000
  for (;;) {
    const answer = read()
    if (test(answer)) return answer
    if (Date.now() > end) throw new Error(`not in 75 s; last: ${JSON.stringify(answer).slice(0, 3000)}`)
    await new Promise(r => { setTimeout(r, 300) })
  }
}
