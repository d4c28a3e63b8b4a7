// The station on two networks, for real: two veth pairs, three namespaces. Needs root on Linux; skipped by name elsewhere,
// but a failure where CI is set, so that nobody believes it ran.
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'

const [STATION, BENCH, OFFICE] = ['ub-hosts-st', 'ub-hosts-be', 'ub-hosts-of'] as const
const PORT = '6767'
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const fixture = new URL('./hear.fixture.ts', import.meta.url).pathname
const children: ChildProcessWithoutNullStreams[] = []

function isPossible(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try { ip('netns', 'add', STATION); ip('netns', 'del', STATION); return true } catch { return false }
}
const canRun = isPossible()
const isDemanded = process.env['CI'] !== undefined && process.platform === 'linux'

interface Line { heard?: string; binding?: string; cards?: { name: string; up: boolean; hasLink: boolean | null; hasDefaultRoute: boolean; addresses: unknown[] }[]; counters?: { failed: number } }
interface Host { say(line: string): void; next(): Promise<Line>; heard(): string[] }

async function start(namespace: string, card: string, koffi = 'koffi', env: Readonly<Record<string, string>> = {}): Promise<Host> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, fixture, card, PORT, koffi], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  children.push(child)
  const lines: Line[] = []
  let wake: () => void = () => undefined
  createInterface({ input: child.stdout }).on('line', line => { lines.push(JSON.parse(line) as Line); wake() }) // our own fixture wrote it
  const take = (): Line | undefined => lines.splice(lines.findIndex(l => l.heard === undefined), lines.some(l => l.heard === undefined) ? 1 : 0)[0]
  const host: Host = {
    say: line => { child.stdin.write(`${line}\n`) },
    next: async () => {
      for (let i = 0; i < 100; i += 1) {
        const line = take()
        if (line) return line
        await new Promise<void>(resolve => { wake = resolve; setTimeout(resolve, 100) })
      }
      throw new Error('the process in the namespace says nothing')
    },
    heard: () => lines.flatMap(l => l.heard ?? [])
  }
  return host
}
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

beforeAll(() => {
  if (!canRun) return
  for (const name of [STATION, BENCH, OFFICE]) { ip('netns', 'add', name); ip('-n', name, 'link', 'set', 'lo', 'up') }
  for (const [peer, card, net] of [[BENCH, 'bench0', '10.77.0'], [OFFICE, 'office0', '192.0.2']] as const) {
    ip('link', 'add', card, 'netns', STATION, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', peer)
    ip('-n', STATION, 'addr', 'add', `${net}.1/24`, 'brd', '+', 'dev', card)
    ip('-n', peer, 'addr', 'add', `${net}.2/24`, 'brd', '+', 'dev', 'eth0')
    ip('-n', STATION, 'link', 'set', card, 'up')
    ip('-n', peer, 'link', 'set', 'eth0', 'up')
  }
  ip('-n', STATION, 'route', 'add', 'default', 'via', '192.0.2.2')
})
afterAll(() => {
  for (const child of children) child.kill()
  if (canRun) for (const name of [STATION, BENCH, OFFICE]) try { ip('netns', 'del', name) } catch { /* never made */ }
})

test.runIf(!canRun && isDemanded)('namespaces are there where CI demands them', () => {
  expect.fail('network namespaces need root and iproute2')
})

// Twice: one datagram a call as everywhere, and in bursts.
test.skipIf(!canRun).each([['one by one', {}], ['in bursts, deaf to itself', { UB_BUSY: '1' }]] as const)('a socket bound to the bench card hears and reaches the bench only, %s (skipped without root: no network namespaces)', async (_, env) => {
  const station = await start(STATION, 'bench0', 'koffi', env)
  const bench = await start(BENCH, 'eth0')
  const office = await start(OFFICE, 'eth0', 'no koffi')
  const first = await station.next()
  expect(first.binding).toBe('device')
  expect(first.cards?.filter(c => c.name !== 'lo').map(c => [c.name, c.up, c.hasLink, c.hasDefaultRoute, c.addresses])).toEqual([
    ['bench0', true, true, false, [{ address: '10.77.0.1', prefix: 24 }]],
    ['office0', true, true, true, [{ address: '192.0.2.1', prefix: 24 }]]
  ])
  expect((await bench.next()).binding).toBe('device')
  expect((await office.next()).binding).toBe('address')

  bench.say('255.255.255.255 bench-limited')
  bench.say('10.77.0.255 bench-subnet')
  bench.say('10.77.0.1 bench-unicast')
  ip('netns', 'exec', OFFICE, process.execPath, '-e', `const s = require('dgram').createSocket('udp4'); s.bind(0, () => { s.setBroadcast(true)
    for (const to of ['255.255.255.255', '192.0.2.255', '192.0.2.1', '10.77.0.1']) s.send('office', ${PORT}, to, () => {}); setTimeout(() => s.close(), 100) })`)
  await pause(300)
  expect(station.heard()).toEqual(['bench-limited', 'bench-subnet', 'bench-unicast'])

  station.say('255.255.255.255 answer') // would leave by the default route's card, were it not for the binding
  station.say('192.0.2.2 leak')
  await pause(300)
  expect(bench.heard()).toEqual(['bench-limited', 'bench-subnet', 'answer']) // a sender hears its own broadcasts
  expect(office.heard().filter(text => text !== 'office')).toEqual([])
  expect(station.heard()).toEqual('UB_BUSY' in env ? ['bench-limited', 'bench-subnet', 'bench-unicast'] : ['bench-limited', 'bench-subnet', 'bench-unicast', 'answer'])
  station.say('counters')
  expect((await station.next()).counters?.failed).toBe(1)

  ip('-n', BENCH, 'link', 'set', 'eth0', 'down')
  await pause(300)
  station.say('cards')
  const unplugged = (await station.next()).cards?.find(c => c.name === 'bench0')
  expect(unplugged?.hasLink).toBe(false)
  expect(unplugged?.addresses).toEqual([{ address: '10.77.0.1', prefix: 24 }])
  ip('-n', BENCH, 'link', 'set', 'eth0', 'up')
  for (const child of children.splice(0)) child.kill()
  await pause(200)
})
