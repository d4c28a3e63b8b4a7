// The way out of the bench with real packets: the root helper in a namespace of its own, units, an office and an internet around it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { holdLock } from '../../src/main/live/sqlite.ts'
import { GatewayHouse, NAME_SERVER, OFFICE_HOST, STATION_IN_OFFICE, STATION_OUTSIDE, VENDOR, whyNoGateway } from '../helpers/gateway-house.ts'

const why = whyNoGateway()
if (why !== null && process.env['CI'] !== undefined && process.platform === 'linux') throw new Error(`CI must run this: ${why}`)

const OWN_ROUTER = ['--bench.card', 'bench0', '--dhcp.router', '10.77.0.1'] as const
const OTHER_ROUTER = ['--bench.card', 'bench0', '--dhcp.router', '10.77.0.254', '--dhcp.dns', `["${NAME_SERVER}"]`] as const

const ask = (to: string, port: number): string => `
const s = require('node:net').connect({ host: '${to}', port: ${port}, timeout: 1500 }); let said = '';
s.on('data', d => { said += d; }); s.on('end', () => { console.log(said || 'open'); process.exit(); }); s.on('error', e => { console.log(e.code); process.exit(); }); s.on('timeout', () => { console.log('silence'); process.exit(); });`
const PORTS = [22, 53, 67, 68, 69, 123, 137, 161, 1900, 5353, 6666, 6667, 6668, 7000, 8080]

function asUnit(house: GatewayHouse): void {
  house.ip('un', 'address', 'add', '10.77.0.50/24', 'dev', 'eth0')
  house.ip('un', 'route', 'add', 'default', 'via', '10.77.0.1')
}

describe.skipIf(why !== null)(`bench-net${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('as router: units come out under our address, never reach the office, and of the station only the ports they need', async () => {
    await using house = new GatewayHouse('a')
    asUnit(house)
    await house.internet()
    await house.serve('of', "require('node:net').createServer(s => s.end('office')).listen(80, () => console.log('ready'))")
    expect(house.exec('st', process.execPath, '-e', ask(OFFICE_HOST, 80))).toBe('office\n') // it is there
    expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 0 })
    const from = (place: 'un' | 'of', to: string, port: number): string => house.exec(place, process.execPath, '-e', ask(to, port)).trim()
    expect(from('un', VENDOR, 443)).toBe(`seen from ${STATION_OUTSIDE}`)
    expect(from('un', OFFICE_HOST, 80)).not.toBe('office')
    await house.serve('un', "require('node:net').createServer(s => s.end('unit')).listen(6668, () => console.log('ready'))")
    expect(from('of', '10.77.0.50', 6668)).not.toBe('unit') // nor does the office reach the bench
    expect(house.exec('st', process.execPath, '-e', ask('10.77.0.50', 6668)).trim()).toBe('unit') // answers come through
    expect(await heardBy(house, ['10.77.0.1', STATION_IN_OFFICE])).toEqual({ udp: [53, 67, 123, 6666, 6667, 7000], tcp: [] })
    const answer = house.exec('un', process.execPath, '-e', "const { Resolver } = require('node:dns'); const r = new Resolver({ timeout: 2000 }); r.setServers(['10.77.0.1']); r.resolve4('a1.tuyaeu.com', (e, a) => console.log(e ? e.code : a[0]))")
    expect(answer.trim()).toBe(VENDOR)
  }, 180_000)

  it.each([['as router', OWN_ROUTER], ['beside another router', OTHER_ROUTER]])('%s: up twice is up once, and down leaves the machine as it was', async (_, words) => {
    await using house = new GatewayHouse('b')
    house.exec('st', 'nft', 'add table ip theirs; add chain ip theirs forward { type filter hook forward priority 0; policy drop; }')
    house.ip('st', 'address', 'add', '10.77.0.200/24', 'dev', 'bench0')
    const before = house.snapshot()
    expect(house.benchNet(['status', ...words])).toMatchObject({ code: 1 })
    expect(house.benchNet(['up', ...words])).toMatchObject({ code: 0 })
    const up = house.snapshot()
    expect(up).not.toBe(before)
    expect(house.benchNet(['up', ...words])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(up)
    const { code, text } = house.benchNet(['status', '--json', ...words])
    expect({ code, ...JSON.parse(text) as object }).toMatchObject({ code: 0, isUp: true, missing: [], obstacles: words === OWN_ROUTER ? [expect.stringContaining('theirs')] : [] }) // what --json promises
    expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(before)
    expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(before)
  }, 180_000)

  it('where nothing was ever set up, status says so calmly, and what comes first; it leaves nothing behind', async () => {
    await using house = new GatewayHouse('f')
    const before = house.snapshot()
    for (const [words, first] of [
      [[], 'bench.card is empty'], [['--bench.card', 'bench0'], 'dhcp.router is empty'], [OWN_ROUTER, 'missing  address 10.77.0.1/24 on bench0']
    ] as const) {
      const { code, text } = house.benchNet(['status', ...words])
      expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/^nothing is set up; configured: /) })
      expect(text).toContain(first)
      expect(text).toContain('to set it up: sudo unbindery bench-net up')
      expect(text).not.toContain('net.gateway-failed')
    }
    expect(existsSync(dirname(house.state))).toBe(false)
    expect(house.snapshot()).toBe(before)
  }, 180_000)

  it('its name server killed with kill -9: status says what is gone, up makes it anew, down leaves the machine as it was', async () => {
    await using house = new GatewayHouse('g')
    const before = house.snapshot()
    expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 0 })
    const up = house.snapshot()
    house.exec('st', 'pkill', '-KILL', '-f', `pid-file=${dirname(house.state)}/dnsmasq.pid`)
    expect(house.benchNet(['status', ...OWN_ROUTER])).toMatchObject({ code: 1, text: expect.stringMatching(/not up[\s\S]*DNS forwarder on 10\.77\.0\.1:53: GONE/) })
    expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(up)
    house.exec('st', 'pkill', '-KILL', '-f', `pid-file=${dirname(house.state)}/dnsmasq.pid`)
    expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(before)
  }, 180_000)

  it('what was there before stays there: an address, forwarding and a card that somebody else had set up', async () => {
    await using house = new GatewayHouse('c')
    house.ip('st', 'link', 'set', 'bench0', 'up')
    house.ip('st', 'address', 'add', '10.77.0.1/24', 'dev', 'bench0')
    house.exec('st', 'sysctl', '-qw', 'net.ipv4.conf.up0.forwarding=1')
    const before = house.snapshot()
    expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 0 })
    expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
    expect(house.snapshot()).toBe(before)
  }, 180_000)

  it('killed with kill -9 before and after every single change: down, or up and down, leaves the machine as it was', async () => {
    await using house = new GatewayHouse('d')
    const before = house.snapshot()
    let changes = 0
    for (let n = 1; n <= 20; n += 1) {
      for (const when of ['before', 'after'] as const) {
        const path = house.killer(n, when)
        const killed = house.benchNet(['up', ...OWN_ROUTER], path)
        const isKilled = house.changesCounted(path) >= n
        if (isKilled) changes = n
        expect({ n, when, isKilled, ...killed }).toMatchObject(isKilled ? { code: -1 } : { code: 0 })
        if (isKilled && n % 2 === 0) expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 0 })
        expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
        expect(house.snapshot(), `killed ${when} change ${n}`).toBe(before)
      }
      if (changes < n) break
    }
    expect(changes).toBe(6) // card, address, rules, two cards forwarding, name server
  }, 180_000)

  it('what cannot be set up leaves nothing half made and says net.gateway-failed with the reason', async () => {
    await using house = new GatewayHouse('e')
    const before = house.snapshot()
    await house.serve('st', "const s = require('node:dgram').createSocket('udp4'); s.bind(53, '0.0.0.0', () => console.log('ready'))") // somebody else's name server
    const failed = house.benchNet(['up', ...OWN_ROUTER])
    expect(failed).toMatchObject({ code: 1, text: expect.stringMatching(/net\.gateway-failed[\s\S]*dnsmasq/) })
    expect(house.snapshot().replaceAll(/.*0\.0\.0\.0:53 .*\n/g, '')).toBe(before.replaceAll(/.*0\.0\.0\.0:53 .*\n/g, ''))
    expect(house.benchNet(['up', '--bench.card', 'up0', '--dhcp.router', '10.77.0.1'])).toMatchObject({ code: 1, text: expect.stringContaining('net.office-card') })
    expect(house.benchNet(['up', '--bench.card', 'bench0'])).toMatchObject({ code: 1, text: expect.stringContaining('dhcp.router is empty') })
    writeFileSync(house.state, '{"version":1,"changes":[{"kind":"rm -rf"}]}')
    expect(house.benchNet(['down'])).toMatchObject({ code: 1, text: expect.stringContaining('makes no sense') })
    writeFileSync(house.state, '{"version":1,"changes":[]}')
    using _other = holdLock(house.state) // as another bench-net that is at work
    expect(house.benchNet(['up', ...OWN_ROUTER])).toMatchObject({ code: 1, text: expect.stringContaining('another bench-net is at work') })
    expect(house.benchNet(['status', ...OWN_ROUTER]).text).toContain('nothing is set up')
  }, 180_000)
})

/** Which ports of the station hear a unit that knocks at all of them. Port 53 is the name server's own: there an answer counts. */
async function heardBy(house: GatewayHouse, addresses: readonly string[]): Promise<{ readonly udp: readonly number[]; readonly tcp: readonly number[] }> {
  const ears = await house.serve('st', `
    const udp = new Set(); const tcp = new Set(); const ports = ${JSON.stringify(PORTS.filter(p => p !== 53))}; let open = 0;
    const opened = () => { open += 1; if (open === 2 * ports.length) console.log('ready'); };
    for (const port of ports) {
      require('node:dgram').createSocket('udp4').on('message', () => udp.add(port)).bind(port, '0.0.0.0', opened);
      require('node:net').createServer(s => { tcp.add(port); s.destroy(); }).listen(port, '0.0.0.0', opened);
    }
    process.on('SIGTERM', () => { require('node:fs').writeFileSync('${house.folder}/heard', JSON.stringify({ udp: [...udp], tcp: [...tcp] })); process.exit(); });`)
  house.exec('un', process.execPath, '-e', `
    const s = require('node:dgram').createSocket('udp4');
    for (const to of ${JSON.stringify(addresses)}) for (const port of ${JSON.stringify(PORTS)}) {
      s.send('x', port, to); require('node:net').connect({ host: to, port, timeout: 1000 }).on('error', () => {}).on('timeout', function () { this.destroy(); });
    }
    setTimeout(() => process.exit(), 1500);`)
  const gone = new Promise(resolve => { ears.once('exit', resolve) })
  ears.kill('SIGTERM')
  await gone
  const heard = JSON.parse(readFileSync(`${house.folder}/heard`, 'utf8')) as { udp: number[]; tcp: number[] } // the script above wrote it
  const answersNames = house.exec('un', process.execPath, '-e', "const s = require('node:dgram').createSocket('udp4'); s.on('message', () => { console.log('yes'); process.exit(); }); s.send(Buffer.from('0001010000010000000000000261310674757961657503636f6d0000010001', 'hex'), 53, '10.77.0.1'); setTimeout(() => { console.log('no'); process.exit(); }, 3000)").trim() === 'yes'
  return { udp: [...(answersNames ? [53] : []), ...heard.udp].toSorted((a, b) => a - b), tcp: heard.tcp }
}
