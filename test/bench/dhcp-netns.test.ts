// The server on live sockets against clients and servers of other people, each in a network namespace of its own; the tests run
// at once, as most of their time is waiting. Skipped by name where something is missing, a failure where CI is set.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { minutes, seconds } from '#shared'
import { DhcpLab, ip, lackOfLab, pause, UNIT_MAC, type LabStation } from '../helpers/dhcp-lab.ts'

const lack = lackOfLab(['udhcpc', 'dhclient', 'dhcpcd', 'dnsmasq', 'nft'])
const isDemanded = process.env['CI'] !== undefined && process.platform === 'linux'
/** `npm run soak -- dhcp-clients` */
const isLong = process.env['DHCP_LONG'] !== undefined
const ROGUE_MAC = '02:00:00:77:00:66'
/** udhcpc takes anything under 16 s for 16 s. */
const SHORT = { leaseMs: seconds(16), probeMs: seconds(2) }
/** dhclient counts in whole seconds and takes its time between two tries. */
const UNHURRIED = { leaseMs: seconds(24), probeMs: seconds(2) }
const LONG = { leaseMs: minutes(10), probeMs: seconds(2) }

test.runIf(lack !== null && isDemanded)('what the real clients need is there where CI demands it', () => {
  expect.fail(`missing: ${lack ?? ''}`)
})

async function openLab(): Promise<DhcpLab> {
  const lab = new DhcpLab()
  lab.host('un', UNIT_MAC)
  return lab
}
const isTold = (station: LabStation, kind: string, count = 1) => (): boolean => station.kinds(UNIT_MAC).filter(k => k === kind).length >= count
const addressOf = (lab: DhcpLab): string => ip('-n', lab.ns('un'), '-4', 'address', 'show', 'dev', 'eth0')
/** From now on the server is only heard by who asks everybody, so a client that wants to renew must rebind. */
const deafenToUnicast = (lab: DhcpLab): string =>
  lab.exec('st', 'nft', 'add table ip deaf; add chain ip deaf in { type filter hook input priority 0; }; add rule ip deaf in ip daddr 10.77.0.1 udp dport 67 drop')

describe.skipIf(lack !== null)(`real clients on live sockets${lack === null ? '' : ` (skipped: no ${lack})`}`, { timeout: 80_000, concurrent: true }, () => {
  test('udhcpc leases, renews by itself to our address, and releases', async () => {
    await using lab = await openLab()
    const station = await lab.serve(SHORT)
    expect(await station.view()).toMatchObject({ binding: 'device', fault: null })
    const client = lab.udhcpc('un', ['-x', 'hostname:cam-7'])
    await station.until('a renewal', isTold(station, 'renewed'))
    expect(station.events[0]).toMatchObject({ kind: 'bound', mac: UNIT_MAC, ip: '10.77.0.20', hostName: 'cam-7', vendorClass: expect.stringContaining('udhcp') })
    expect(addressOf(lab)).toContain('10.77.0.20/24')
    client.kill('SIGUSR2')
    await station.until('the release', isTold(station, 'released'))
  })

  test('dhclient leases, renews, rebinds when our address does not hear it, and releases', async () => {
    await using lab = await openLab()
    const station = await lab.serve(UNHURRIED)
    const client = lab.dhclient('un', ['-d'])
    await station.until('a renewal', isTold(station, 'renewed'))
    deafenToUnicast(lab)
    await station.until('a rebinding', isTold(station, 'renewed', 2))
    expect(station.kinds(UNIT_MAC)).toEqual(['bound', 'renewed', 'renewed'])
    lab.exec('st', 'nft', 'delete table ip deaf')
    client.kill('SIGKILL')
    await client.over
    await lab.dhclient('un', ['-r']).over
    await station.until('the release', isTold(station, 'released'))
  })

  test('dhclient finds its address again by INIT-REBOOT after the station was killed', async () => {
    await using lab = await openLab()
    const db = join(lab.dir, 'ledger.db')
    const first = await lab.serve(LONG, db)
    const running = lab.dhclient('un', ['-d'])
    await first.until('a lease', isTold(first, 'bound'))
    await first.until('its own note of it', () => existsSync(join(lab.dir, 'dhclient.leases')) && readFileSync(join(lab.dir, 'dhclient.leases'), 'utf8').includes('10.77.0.20'))
    running.kill('SIGKILL')
    expect(first.events[0]).toMatchObject({ mac: UNIT_MAC, hostName: 'nvr-9', vendorClass: 'NVR', clientId: null, requestList: [1, 3] })
    await first.kill()
    const second = await lab.serve(LONG, db)
    lab.dhclient('un', ['-d'])
    await second.until('the lease again', isTold(second, 'bound'))
    expect(second.events[0]?.ip).toBe(first.events[0]?.ip)
    expect((await second.view()).counters).not.toHaveProperty('sent.offer')
  })

  test('dhcpcd leases, renews, rebinds, comes back by INIT-REBOOT, and releases', async () => {
    await using lab = await openLab()
    const station = await lab.serve(SHORT)
    const client = lab.dhcpcd('un', ['--noarp'])
    await station.until('a renewal', isTold(station, 'renewed'))
    deafenToUnicast(lab)
    await station.until('a rebinding', isTold(station, 'renewed', 2))
    lab.exec('st', 'nft', 'delete table ip deaf')
    client.kill('SIGKILL')
    await client.over
    const offers = (await station.view()).counters['sent.offer']
    const again = lab.dhcpcd('un', ['--noarp'])
    await station.until('the lease again', isTold(station, 'bound', 2))
    expect([(await station.view()).counters['sent.offer'], station.events.at(-1)?.ip]).toEqual([offers, '10.77.0.20'])
    again.kill('SIGALRM') // dhcpcd(8): release
    await station.until('the release', isTold(station, 'released'))
  })

  test('dhcpcd asks for more with an address of its own (INFORM), and is answered', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.dhcpcd('un', ['--inform=10.77.0.240/24'])
    await station.until('an answer', async () => ((await station.view()).counters['sent.inform'] ?? 0) > 0)
    expect((await station.view()).poolUsed).toBe(0)
  })

  test.each(['udhcpc', 'dhcpcd', 'dhclient'] as const)('%s finds somebody on its address and declines: nobody gets that one, and it gets another', async name => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.host('sq', '02:00:00:77:00:55')
    if (name === 'dhclient') lab.dhclient('un', ['-d'], '10.77.0.20')
    else {
      ip('-n', lab.ns('sq'), 'address', 'add', '10.77.0.20/24', 'dev', 'eth0')
      // Deaf to the station, which would else find it in an idle moment, before the client does.
      lab.exec('sq', 'nft', 'add table arp deaf; add chain arp deaf in { type filter hook input priority 0; }; add rule arp deaf in arp saddr ip 10.77.0.1 drop')
      if (name === 'udhcpc') lab.udhcpc('un', ['-a', '-A', '1'])
      else lab.dhcpcd('un', [])
    }
    await station.until('another address', () => station.events.at(-1)?.ip === '10.77.0.21')
    const { poolUsed, counters } = await station.view()
    expect([poolUsed, counters['decline'], counters['avoided']]).toEqual([2, 1, undefined])
  })

  test('an address that somebody has taken without asking is found ahead of time and never offered', async () => {
    await using lab = await openLab()
    lab.host('sq', '02:00:00:77:00:55')
    ip('-n', lab.ns('sq'), 'address', 'add', '10.77.0.20/24', 'dev', 'eth0')
    const station = await lab.serve({ leaseMs: minutes(10), probeMs: seconds(4) })
    lab.udhcpc('un', ['-q', '-n'])
    await station.until('a lease', isTold(station, 'bound'))
    expect([station.events[0]?.ip, (await station.view()).counters['avoided']]).toEqual(['10.77.0.21', 1])
  })

  test('the odd client of the package dhcp, whose REQUEST names no address, does no harm', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    ip('-n', lab.ns('un'), 'route', 'add', '255.255.255.255', 'dev', 'eth0') // it opens an ordinary socket
    lab.run('un', process.execPath, [new URL('./dhcp-client.fixture.ts', import.meta.url).pathname, UNIT_MAC])
    await station.until('its questions', async () => ((await station.view()).counters['heard'] ?? 0) >= 2)
    const { state, counters } = await station.view()
    expect([state, counters['sent.offer'], counters['ignored.unexpected']]).toEqual(['serving', expect.any(Number), undefined])
    lab.udhcpc('un', ['-q', '-n'])
    await station.until('a lease for somebody else', isTold(station, 'bound'))
  })
})

describe.skipIf(lack !== null)(`other servers on live sockets${lack === null ? '' : ` (skipped: no ${lack})`}`, { timeout: 80_000, concurrent: true }, () => {
  const dnsmasq = (lab: DhcpLab, address: string, range: string): ReturnType<DhcpLab['run']> => lab.run('ro', 'dnsmasq', [
    '--no-daemon', '--no-ping', '--port=0', '--conf-file=/dev/null', '--user=root', '--interface=eth0', `--dhcp-range=${range},600`, `--dhcp-leasefile=${join(lab.dir, 'rogue.leases')}`, `--listen-address=${address}`, '--bind-interfaces', `--pid-file=${join(lab.dir, 'rogue.pid')}`
  ])

  test('a real dnsmasq of another net stops ours within 1 s of its first word; when it is gone ours serves again by itself', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.host('ro', ROGUE_MAC)
    ip('-n', lab.ns('ro'), 'address', 'add', '192.168.9.1/24', 'dev', 'eth0')
    const rogue = dnsmasq(lab, '192.168.9.1', '192.168.9.50,192.168.9.60')
    await pause(800)
    lab.udhcpc('un', ['-B', '-q', '-n'])
    expect(await station.until('the alarm', async () => (await station.view()).state === 'foreign')).toBeLessThan(1000)
    expect((await station.view()).fault).toEqual({ code: 'net.foreign-dhcp', context: { server: '192.168.9.1', mac: ROGUE_MAC, lane: 'not known' } })
    rogue.kill('SIGKILL')
    await rogue.over
    lab.cable('ro', false)
    await station.until('serving again', async () => (await station.view()).state === 'serving', 60_000)
  })

  test('without the right to look at frames (CAP_NET_RAW) the MAC of a server of another net is said not to be known', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG, ':memory:', {}, 'serving', ['setpriv', '--bounding-set=-net_raw'])
    lab.host('ro', ROGUE_MAC)
    ip('-n', lab.ns('ro'), 'address', 'add', '192.168.9.1/24', 'dev', 'eth0')
    dnsmasq(lab, '192.168.9.1', '192.168.9.50,192.168.9.60')
    await pause(800)
    lab.udhcpc('un', ['-B', '-q', '-n'])
    await station.until('the alarm', async () => (await station.view()).state === 'foreign')
    expect((await station.view()).fault).toEqual({ code: 'net.foreign-dhcp', context: { server: '192.168.9.1', mac: 'not known', lane: 'not known' } })
  })

  test('with the rights of the package and no others, as an ordinary user, a server of another net is told with its MAC', async () => {
    await using lab = await openLab()
    const unit = readFileSync(new URL('../../resources/linux/unbindery.service', import.meta.url), 'utf8')
    expect(unit).toMatch(/^RestrictAddressFamilies=.*\bAF_PACKET\b/m)
    const rights = /^AmbientCapabilities=(.*)$/m.exec(unit)?.[1]?.split(' ').map(name => `+${name.toLowerCase().replace('cap_', '')}`) ?? []
    const caps = ['-all', ...rights].join(',')
    lab.exec('st', 'sysctl', '-qw', 'net.ipv4.ip_unprivileged_port_start=67') // as the package sets it
    const station = await lab.serve(LONG, ':memory:', {}, 'serving', ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', `--inh-caps=${caps}`, `--ambient-caps=${caps}`, `--bounding-set=${caps}`])
    lab.host('ro', ROGUE_MAC)
    ip('-n', lab.ns('ro'), 'address', 'add', '192.168.9.1/24', 'dev', 'eth0')
    dnsmasq(lab, '192.168.9.1', '192.168.9.50,192.168.9.60')
    await pause(800)
    lab.udhcpc('un', ['-B', '-q', '-n'])
    await station.until('its MAC', async () => (await station.view()).fault?.context['mac'] === ROGUE_MAC)
    expect((await station.view()).binding).toBe('device')
  })

  test('a server of our own net, the package dhcp, is told with its MAC, which the neighbour table knows', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.host('ro', ROGUE_MAC)
    ip('-n', lab.ns('ro'), 'address', 'add', '10.77.0.7/24', 'brd', '+', 'dev', 'eth0')
    lab.run('ro', process.execPath, [new URL('./dhcp-peer.fixture.ts', import.meta.url).pathname, '10.77.0.7', '255.255.255.0', '10.77.0.100', '10.77.0.120', '10.77.0.255'])
    await pause(1500)
    lab.udhcpc('un', ['-B', '-q', '-n'])
    expect(await station.until('the alarm', async () => (await station.view()).state === 'foreign')).toBeLessThan(1000)
    await station.until('its MAC', async () => (await station.view()).fault?.context['mac'] === ROGUE_MAC)
  })
})

describe.skipIf(lack !== null)(`the card${lack === null ? '' : ` (skipped: no ${lack})`}`, { timeout: 80_000, concurrent: true }, () => {
  const fault = (station: LabStation, code: string) => async (): Promise<boolean> => (await station.view()).fault?.code === code

  test('a cable pulled and put back: said within 1 s, served again', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.cable('st', false)
    expect(await station.until('the fault', fault(station, 'net.no-link'))).toBeLessThan(1000)
    lab.cable('st', true)
    await station.until('serving again', async () => (await station.view()).state === 'serving')
    lab.udhcpc('un', ['-q', '-n'])
    await station.until('a lease', isTold(station, 'bound'))
  })

  test('a card pulled out is missed within 1 s; another one in its place is switched on, gets the address, and serves', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    lab.pull('st')
    expect(await station.until('the fault', fault(station, 'net.card-gone'))).toBeLessThan(1000)
    await pause(300)
    lab.plug('st', 'bench0', '02:00:00:77:00:02')
    ip('-n', lab.ns('st'), 'link', 'set', 'bench0', 'down')
    await station.until('serving again', async () => (await station.view()).state === 'serving')
    expect(ip('-n', lab.ns('st'), '-4', 'address', 'show', 'dev', 'bench0')).toContain('10.77.0.1/24')
    lab.udhcpc('un', ['-q', '-n'])
    await station.until('a lease', isTold(station, 'bound'))
  })

  test('an address taken away is put back by the station, which has the right here, and the bench is probed anew', async () => {
    await using lab = await openLab()
    const station = await lab.serve(LONG)
    ip('-n', lab.ns('st'), 'address', 'flush', 'dev', 'bench0')
    expect(await station.until('another state', async () => (await station.view()).state !== 'serving')).toBeLessThan(1000)
    await station.until('serving again', async () => (await station.view()).state === 'serving')
    expect(ip('-n', lab.ns('st'), '-4', 'address', 'show', 'dev', 'bench0')).toContain('10.77.0.1/24')
  })

  test.each([['bound to the card', {}, 'device', 0], ['without koffi, bound to the address only', { UB_NO_KOFFI: '1' }, 'address', 8]] as const)(
    '22: %s: 1,000 askers of every kind on the office card get no answer there, and the pool is not eaten', async (_, env, binding, offersMax) => {
      await using lab = await openLab()
      lab.host('of', '02:00:00:77:00:0f')
      ip('link', 'add', 'office0', 'netns', lab.ns('st'), 'type', 'veth', 'peer', 'name', 'lan0', 'netns', lab.ns('of'))
      // Out of the switch and into the office.
      ip('-n', lab.ns('of'), 'link', 'del', 'eth0')
      ip('-n', lab.ns('of'), 'link', 'set', 'lan0', 'name', 'eth0')
      for (const [host, card, address] of [['st', 'office0', '192.0.2.1'], ['of', 'eth0', '192.0.2.2']] as const) {
        ip('-n', lab.ns(host), 'address', 'add', `${address}/24`, 'brd', '+', 'dev', card)
        ip('-n', lab.ns(host), 'link', 'set', card, 'up')
      }
      ip('-n', lab.ns('st'), 'route', 'add', 'default', 'via', '192.0.2.2')
      lab.exec('st', 'nft', 'add table ip seen; add chain ip seen out { type filter hook output priority 0; }; add rule ip seen out oifname office0 meta l4proto udp counter')
      const station = await lab.serve(LONG, ':memory:', env)
      const { sent } = await lab.load('of', 1).ask({ kind: 'askers', first: 0, clients: 1000, server: '192.0.2.1' })
      const view = await station.view()
      expect([sent, view.binding, /packets (\d+)/.exec(lab.exec('st', 'nft', 'list table ip seen'))?.[1]]).toEqual([1000, binding, '0'])
      expect(view.poolUsed).toBeLessThanOrEqual(offersMax)
      lab.udhcpc('un', ['-q', '-n'])
      await station.until('a lease on the bench', isTold(station, 'bound'))
    })
})

describe.skipIf(lack !== null || !isLong)('real clients, with patience (npm run soak -- dhcp-clients)', { timeout: 400_000, concurrent: true }, () => {
  test('udhcpc rebinds at the end of a lease that it cannot renew', async () => {
    await using lab = await openLab()
    const station = await lab.serve({ leaseMs: seconds(120), probeMs: seconds(5) })
    lab.udhcpc('un', [])
    await station.until('a lease', isTold(station, 'bound'))
    deafenToUnicast(lab)
    await station.until('a rebinding', isTold(station, 'renewed'), 130_000)
    expect(station.kinds(UNIT_MAC)).toEqual(['bound', 'renewed'])
  })

  test.each(['dhclient', 'dhcpcd'] as const)('%s keeps its address through five renewals and a restart of the station', async name => {
    await using lab = await openLab()
    const db = join(lab.dir, 'ledger.db')
    const settings = { leaseMs: seconds(60), probeMs: seconds(5) }
    const first = await lab.serve(settings, db)
    if (name === 'dhclient') lab.dhclient('un', ['-d'])
    else lab.dhcpcd('un', [])
    await first.until('two renewals', isTold(first, 'renewed', 2), 100_000)
    await first.kill()
    const second = await lab.serve(settings, db)
    await second.until('three more', isTold(second, 'renewed', 3), 150_000)
    expect(new Set([...first.events, ...second.events].map(e => `${e.ip} ${e.kind}`))).toEqual(new Set(['10.77.0.20 bound', '10.77.0.20 renewed']))
  })

  test('a client that vanishes keeps its lease to the end and not longer', async () => {
    await using lab = await openLab()
    const station = await lab.serve({ leaseMs: seconds(30), probeMs: seconds(5) })
    lab.udhcpc('un', ['-q', '-n'])
    await station.until('a lease', isTold(station, 'bound'))
    // Not shorter by the station's own clock; not longer, leaving out when the machine let nobody run.
    expect(await station.until('the end', isTold(station, 'expired'))).toBeLessThan(32_000)
    const [bound, expired] = ['bound', 'expired'].map(kind => station.events.find(e => e.kind === kind)?.at ?? 0)
    expect((expired ?? 0) - (bound ?? 0)).toBeGreaterThan(29_900)
    expect((await station.view()).poolUsed).toBe(0)
  })

  test('a dnsmasq as shipped, which pings for 3 s before it offers, is found by the probe before ours serves', async () => {
    await using lab = await openLab()
    lab.host('ro', ROGUE_MAC)
    ip('-n', lab.ns('ro'), 'address', 'add', '10.77.0.9/24', 'dev', 'eth0')
    lab.run('ro', 'dnsmasq', [
      '--no-daemon', '--port=0', '--conf-file=/dev/null', '--user=root', '--interface=eth0', '--dhcp-range=10.77.0.150,10.77.0.160,600', `--dhcp-leasefile=${join(lab.dir, 'rogue.leases')}`, `--pid-file=${join(lab.dir, 'rogue.pid')}`
    ])
    await pause(1000)
    const station = await lab.serve({ leaseMs: minutes(10), probeMs: seconds(5) }, ':memory:', {}, 'foreign')
    expect((await station.view()).fault?.context).toMatchObject({ server: '10.77.0.9', mac: ROGUE_MAC })
  })
})
