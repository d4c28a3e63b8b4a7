import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { WayOut, type WayOutSettings } from '../../src/main/bench/way-out.ts'
import { gatewayOf, type Need } from '../../src/main/domain/gateway.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualLan } from '../../src/main/virtual/lan.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'

const ROUTER = '10.77.0.254'
const VENDOR = '203.0.113.5'
const never = new AbortController().signal

/** The internet, as seen by packets: a name server, a vendor, a clock. Every part can be taken away. */
async function world(o: Partial<WayOutSettings> = {}) {
  const clock = new VirtualClock()
  const lan = new VirtualLan({ clock, entropy: new SeededEntropy(7) })
  const station = lan.card('bench0', '02:00:00:00:00:01', [{ address: '10.77.0.1', prefix: 24 }])
  const router = lan.card('eth0', '02:00:00:00:00:02', [{ address: ROUTER, prefix: 24 }])
  const vendor = lan.card('eth0', '02:00:00:00:00:03', [{ address: VENDOR, prefix: 32 }])
  const is = { naming: true, timing: true, lying: false }
  const names = await router.udp({ card: 'eth0', port: 53 })
  names.on((bytes, from) => { if (is.naming) names.send(nameAnswer(bytes, is.lying), from) })
  const time = await vendor.udp({ card: 'eth0', port: 123 })
  time.on((bytes, from) => { if (is.timing) time.send(timeAnswer(bytes), from) })
  const doors = new Map<number, AsyncDisposable>()
  for (const port of [443, 8883]) doors.set(port, await vendor.listen({ card: 'eth0', port, connectionsMax: 10 }, pipe => { void pipe[Symbol.asyncDispose]() }))
  const needs: Need[] = [{ name: 'look-up', anyOf: [{ host: 'gone.example', port: 444 }, { host: 'h2.example', port: 443 }] }, { name: 'messages', anyOf: [{ host: 'm1.example', port: 8883 }] }]
  const proc = new VirtualProc()
  const lines: string[] = []
  const scope = new Scope('test')
  const wayOut = new WayOut({ clock, entropy: new SeededEntropy(1), net: station, proc }, new Log(line => { lines.push(line.text) }, () => clock.now()), {
    isOn: true, card: 'bench0', address: '10.77.0.1', gateway: gatewayOf({ address: '10.77.0.1', router: ROUTER, dns: [ROUTER] }), ntp: ['time.example'], line: 'sudo unbindery bench-net up',
    needs: () => needs, ...o
  })
  const pass = (ms: number): Promise<void> => clock.advance(millis(ms))
  return { needs, clock, lan, station, vendor, is, doors, proc, scope, wayOut, pass, [Symbol.asyncDispose]: () => scope.close() }
}

describe('the way out', () => {
  it('is unchecked at first (net.way-out-unchecked), open once DNS, every need and the time have answered', async () => {
    await using w = await world()
    expect(w.wayOut.mayAsk()).toMatchObject({ code: 'net.way-out-unchecked' })
    w.wayOut.start(w.scope)
    await w.pass(20_000)
    expect(w.wayOut.mayAsk()).toBeNull()
    expect(w.wayOut.view()).toMatchObject({ state: 'open', way: 'router', steps: [
      { name: 'DNS', isOk: true }, { name: 'look-up', isOk: true, text: 'h2.example:443 takes the connection' }, { name: 'messages', isOk: true }, { name: 'NTP', isOk: true }
    ] })
  })

  it.each([
    ['no name server answers', 'DNS', async (w: Awaited<ReturnType<typeof world>>) => { w.is.naming = false }],
    ['the name server answers something else', 'DNS', async (w: Awaited<ReturnType<typeof world>>) => { w.is.lying = true }],
    ['a firewall keeps one port of the vendor shut', 'messages', async (w: Awaited<ReturnType<typeof world>>) => { await w.doors.get(8883)?.[Symbol.asyncDispose]() }],
    ['nobody tells the time', 'NTP', async (w: Awaited<ReturnType<typeof world>>) => { w.is.timing = false }]
  ])('%s: closed, with net.no-way-out, the step %s and the line to type', async (_, step, breakIt) => {
    await using w = await world()
    await breakIt(w)
    w.wayOut.start(w.scope)
    await w.pass(60_000)
    expect(w.wayOut.mayAsk()).toMatchObject({ code: 'net.no-way-out', context: { failed: step, router: ROUTER, type: 'sudo unbindery bench-net up' } })
  })

  it('an account that is entered while the station runs brings its own needs: nothing may be asked until they are proven too', async () => {
    await using w = await world()
    w.wayOut.start(w.scope)
    await w.pass(20_000)
    expect(w.wayOut.mayAsk()).toBeNull()
    w.needs.push({ name: 'messages elsewhere', anyOf: [{ host: 'm1.example', port: 9 }] })
    expect(w.wayOut.mayAsk()).toMatchObject({ code: 'net.way-out-unchecked' })
    await w.pass(15_000)
    expect(w.wayOut.mayAsk()).toMatchObject({ code: 'net.no-way-out', context: { failed: 'messages elsewhere' } })
    w.needs.pop()
    await w.pass(3000)
    expect(w.wayOut.mayAsk()).toBeNull()
  })

  it('with no router told, both ways are named', async () => {
    await using w = await world({ gateway: gatewayOf({ address: '10.77.0.1', router: '', dns: [] }) })
    w.wayOut.start(w.scope)
    await w.pass(2000)
    expect(w.wayOut.mayAsk()).toMatchObject({ context: { failed: 'router', 'first way': expect.stringContaining('set dhcp.router to 10.77.0.1'), 'second way': expect.stringContaining('router on the bench switch') } })
  })

  it('one lost round closes nothing; a second one does, and mending is seen within seconds', async () => {
    await using w = await world()
    const seen: string[] = []
    w.scope.own(w.wayOut.on(view => { seen.push(view.state) }))
    w.wayOut.start(w.scope)
    await w.pass(20_000)
    w.is.timing = false
    await w.pass(45_000)
    expect(w.wayOut.mayAsk()).toBeNull()
    await w.pass(20_000)
    expect(w.wayOut.mayAsk()).toMatchObject({ code: 'net.no-way-out', context: { failed: 'NTP' } })
    w.is.timing = true
    await w.pass(25_000)
    expect(seen).toEqual(['open', 'closed', 'open'])
  })

  it('is looked at again when the cable was out, and nothing may be asked until then', async () => {
    await using w = await world()
    w.wayOut.start(w.scope)
    await w.pass(20_000)
    w.lan.unplug(w.station)
    await w.pass(1500)
    expect(w.wayOut.view().state).toBe('checking')
    w.lan.plug(w.station)
    await w.pass(10_000)
    expect(w.wayOut.view().state).toBe('open')
  })

  it('with the station as router, forwarding is looked at as well: packets of our own are not forwarded', async () => {
    await using w = await world({ gateway: gatewayOf({ address: '10.77.0.1', router: '10.77.0.1', dns: [ROUTER] }) })
    const office = w.lan.card('office0', '02:00:00:00:00:04', [{ address: '192.0.2.9', prefix: 24 }], { net: w.station, hasDefaultRoute: true })
    let forwards = '0'
    w.proc.script('sysctl', () => ({ code: 0, stdout: `${forwards}\n`, stderr: '' }))
    w.proc.script('nft', () => ({ code: 1, stdout: '', stderr: 'Operation not permitted (you must be root)' }))
    expect((await w.clock.run(w.wayOut.check(never)))[0]).toEqual({ name: 'forwarding', isOk: false, text: 'bench0 does not forward, office0 does not forward' })
    forwards = '1'
    const steps = await w.clock.run(w.wayOut.check(never))
    expect(steps.map(s => [s.name, s.isOk])).toEqual([['forwarding', true], ['rules', true], ['DNS', true], ['look-up', true], ['messages', true], ['NTP', true]])
    w.proc.script('nft', () => ({ code: 1, stdout: '', stderr: 'Error: No such file or directory' }))
    expect((await w.clock.run(w.wayOut.check(never)))[1]).toMatchObject({ name: 'rules', isOk: false })
    expect(office).toBeDefined()
  })

  it('switched off it stands in nobody\'s way, and asks nothing', async () => {
    await using w = await world({ isOn: false })
    w.wayOut.start(w.scope)
    await w.pass(seconds(5))
    expect([w.wayOut.mayAsk(), w.wayOut.view().state, w.wayOut.view().steps]).toEqual([null, 'off', []])
  })
})

/** Every name but `gone.` is the vendor's; laid out by hand (RFC 1035 4). */
function nameAnswer(question: Uint8Array, isLying: boolean): Uint8Array {
  const isGone = new TextDecoder('latin1').decode(question).includes('gone')
  const record = isGone ? [] : [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 5]
  const bytes = Uint8Array.of(...question, ...record)
  bytes[2] = 0x81
  bytes[3] = 0x80
  bytes[7] = record.length === 0 ? 0 : 1
  if (isLying) bytes[0] = (bytes[0] ?? 0) ^ 0xff
  return bytes
}

function timeAnswer(question: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(48)
  bytes.set([0x24, 1])
  bytes.set(question.subarray(40, 48), 24)
  bytes.set([0xe9, 0, 0, 0], 40)
  return bytes
}
