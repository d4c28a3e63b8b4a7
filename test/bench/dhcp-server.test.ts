import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { LeaseEngine } from '../../src/main/domain/lease.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { readQuestion, ReplyForm } from '../../src/main/wire/dhcp-exchange.ts'
import { addressBytes, clientPacket, decode, encode, messageType, sizeMaxOf } from '../../src/main/wire/dhcp.ts'
import { millis, minutes, seconds } from '#shared'
import { DHCLIENT_INIT_REBOOT, KILLERS, UDHCPC_DISCOVER, UDHCPC_REQUEST } from '../golden/dhcp.ts'
import { DhcpBench, macOfHost, SETTINGS } from '../helpers/dhcp-bench.ts'
import { mulberry, mutate } from '../helpers/dhcp-mutate.ts'

const text = (s: string): Uint8Array => new TextEncoder().encode(s)
const rows = (bench: DhcpBench, sql: string): readonly unknown[] => bench.db.all(sql).map(row => Object.values(row))

describe('a unit on the bench', () => {
  it('is not answered while another server is listened for, and gets an address after that', async () => {
    await using bench = new DhcpBench()
    await bench.server.start(bench.scope)
    const unit = await bench.host(1)
    expect([await unit.lease(), bench.server.view().state]).toEqual([null, 'probing'])
    await bench.clock.advance(seconds(6))
    expect([await unit.lease(), bench.server.view().state]).toEqual(['10.77.0.20', 'serving'])
  })

  it('is told to listeners with what it says about itself, and can be found by address and by MAC', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.lease([[OPTION.hostName, text('cam-7')], [OPTION.vendorClass, text('udhcp 1.35.0')], [OPTION.parameterList, Uint8Array.of(1, 3, 6)], [OPTION.clientId, Uint8Array.of(1, 2, 3)]])
    const at = bench.clock.now()
    await bench.clock.advance(millis(70))
    expect(bench.events).toEqual([{
      kind: 'bound', mac: macOfHost(1), ip: '10.77.0.20', clientId: '010203', hostName: 'cam-7', vendorClass: 'udhcp 1.35.0', requestList: [1, 3, 6], at: expect.closeTo(at, -2)
    }])
    expect([bench.server.macOf('10.77.0.20'), bench.server.ipOf(macOfHost(1))]).toEqual([macOfHost(1), '10.77.0.20'])
    expect(bench.server.leases()).toMatchObject([{ ip: '10.77.0.20', mac: macOfHost(1), hostName: 'cam-7', state: 'bound', until: expect.closeTo(at + 600_000, -2) }])
  })

  it('4: answers go to everybody, but to the address of a client that renews', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.lease()
    unit.net.card().setAddresses([{ address: '10.77.0.20', prefix: 24 }])
    expect(messageType(await unit.ask(MESSAGE.request, [], { ciaddr: '10.77.0.20' }) ?? decode(UDHCPC_DISCOVER))).toBe(MESSAGE.ack)
    const replies = bench.net.sent.filter(s => s.packet.op === 2)
    expect(replies.map(s => [s.type, s.to, s.port])).toEqual([[MESSAGE.offer, '255.255.255.255', 68], [MESSAGE.ack, '255.255.255.255', 68], [MESSAGE.ack, '10.77.0.20', 68]])
    await bench.clock.advance(millis(70))
    expect(bench.told).toEqual([`bound ${macOfHost(1)} 10.77.0.20`, `renewed ${macOfHost(1)} 10.77.0.20`])
  })

  it('whose lease runs out is told within a second', async () => {
    await using bench = await new DhcpBench().serve()
    await (await bench.host(1)).lease()
    await bench.clock.advance(millis(minutes(10) + 1100))
    expect(bench.told.at(-1)).toBe(`expired ${macOfHost(1)} 10.77.0.20`)
    expect([bench.server.macOf('10.77.0.20'), bench.server.view().poolUsed]).toEqual([null, 0])
    expect(bench.server.leases()).toMatchObject([{ state: 'released' }])
  })

  it('that uses an address of its own accord keeps us from giving it away', async () => {
    await using bench = await new DhcpBench().serve()
    bench.server.avoid('10.77.0.20')
    expect(await (await bench.host(1)).lease()).toBe('10.77.0.21')
    expect(bench.server.leases()).toMatchObject([{ ip: '10.77.0.20', state: 'declined' }, { ip: '10.77.0.21', state: 'bound' }])
  })

  it('a rack of 48 that powers up at once is served without a repeat (behaviour 23)', async () => {
    await using bench = await new DhcpBench().serve()
    const units = await Promise.all(Array.from({ length: 48 }, (_, i) => bench.host(i + 1)))
    for (const unit of units) unit.raw(encode(clientPacket({ type: MESSAGE.discover, mac: unit.mac, xid: 5 })))
    await bench.clock.advance(millis(50))
    expect(new Set(units.map(u => u.heard.at(-1)?.yiaddr)).size).toBe(48)
  })
})

describe('somebody with an address of his own choice', () => {
  it('15: is found ahead of time, in an idle moment, and his address is not offered', async () => {
    await using bench = new DhcpBench()
    await bench.host(5, '10.77.0.20')
    await bench.serve()
    expect([await (await bench.host(1)).lease(), bench.server.view().counters['avoided']]).toEqual(['10.77.0.21', 1])
  })

  it('15: who comes later is found in the next rounds', async () => {
    await using bench = await new DhcpBench().serve()
    await bench.host(5, '10.77.0.21')
    await bench.clock.advance(seconds(40))
    expect([await (await bench.host(1)).lease(), await (await bench.host(2)).lease()]).toEqual(['10.77.0.20', '10.77.0.22'])
  })

  it('15: one who has left is not taken for one who is there, and who had the address last keeps it', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.lease()
    unit.net.card().setAddresses([{ address: '10.77.0.20', prefix: 24 }])
    await unit.ask(MESSAGE.request, [], { ciaddr: '10.77.0.20' }) // answered to its address, so the system knows it
    await unit.ask(MESSAGE.release, [], { ciaddr: '10.77.0.20' })
    await bench.clock.advance(seconds(60))
    expect([bench.server.view().counters['avoided'], await unit.lease()]).toEqual([undefined, '10.77.0.20'])
    await unit.ask(MESSAGE.release, [], { ciaddr: '10.77.0.20' })
    unit.net.card().unplug()
    await bench.clock.advance(seconds(60))
    expect(bench.server.view().counters['avoided']).toBeUndefined()
  })
})

describe('the lease book', () => {
  it('13: listeners hear of a lease after its answer, and of the last ones at the end', async () => {
    await using bench = await new DhcpBench().serve()
    const order: string[] = []
    bench.server.on(event => { order.push(event.kind) })
    const { sent } = bench.net
    const push = sent.push.bind(sent)
    sent.push = (...items) => { order.push(...items.map(i => i.type === MESSAGE.ack ? 'ack' : 'other')); return push(...items) }
    await (await bench.host(1)).lease()
    expect(order).toEqual(['other', 'ack', 'bound'])
    const last = await bench.host(2)
    await last.ask(MESSAGE.discover)
    last.raw(encode(clientPacket({ type: MESSAGE.request, mac: last.mac, xid: 1, options: new Map([[OPTION.requestedAddress, addressBytes('10.77.0.21')], [OPTION.serverId, addressBytes('10.77.0.1')]]) })))
    bench.clock.after(millis(0.35), () => void bench.scope.close())
    await bench.clock.advance(seconds(1))
    expect(bench.told.at(-1)).toBe(`bound ${macOfHost(2)} 10.77.0.21`)
  })

  it('13: a block is on disk before the first offer from it; a lease is answered first and written within 50 ms', async () => {
    await using bench = new DhcpBench()
    const blocksAtOffer: unknown[] = []
    const leasesAtAck: unknown[] = []
    const { sent } = bench.net
    const push = sent.push.bind(sent)
    sent.push = (...items) => {
      if (items[0]?.type === MESSAGE.offer) blocksAtOffer.push(rows(bench, "SELECT first FROM lease_block WHERE first = '10.77.0.16'"))
      if (items[0]?.type === MESSAGE.ack) leasesAtAck.push(rows(bench, 'SELECT ip FROM lease'))
      return push(...items)
    }
    await bench.serve()
    await (await bench.host(1)).lease()
    expect([blocksAtOffer, leasesAtAck]).toEqual([[[['10.77.0.16']]], [[]]])
    await bench.clock.advance(millis(51))
    expect(rows(bench, 'SELECT ip, state, mac FROM lease')).toEqual([['10.77.0.20', 'bound', macOfHost(1)]])
  })

  it('13: a batch does not wait for the disk, a reservation does; an address that was given back goes to another only after a write that did', async () => {
    await using bench = new DhcpBench({ poolEnd: '10.77.0.20' })
    const waits: boolean[] = []
    const transaction = bench.db.transaction.bind(bench.db)
    bench.db.transaction = (fn, options) => { waits.push(options?.isLazy !== true); return transaction(fn, options) }
    await bench.serve()
    const unit = await bench.host(1)
    waits.length = 0
    await unit.lease()
    await bench.clock.advance(seconds(1))
    await unit.ask(MESSAGE.release, [], { ciaddr: '10.77.0.20' })
    await bench.clock.advance(seconds(1))
    expect(waits).toEqual([true, false, false])
    expect([await (await bench.host(2)).lease(), waits.slice(0, 4)]).toEqual(['10.77.0.20', [true, false, false, true]])
  })

  it('13: offers are never written', async () => {
    await using bench = await new DhcpBench().serve()
    await (await bench.host(1)).ask(MESSAGE.discover)
    await bench.clock.advance(seconds(2))
    expect([rows(bench, 'SELECT * FROM lease'), bench.server.leases()]).toMatchObject([[], [{ state: 'offered' }]])
  })

  it('13: a clean end keeps all leases and leaves no open block', async () => {
    await using bench = await new DhcpBench().serve()
    const [a, b] = [await bench.host(1), await bench.host(2)]
    await a.lease()
    await b.lease()
    await b.ask(MESSAGE.release, [], { ciaddr: '10.77.0.21' })
    await bench.clock.run(bench.scope.close())
    expect(rows(bench, 'SELECT first FROM lease_block')).toEqual([])
    await bench.restart('clean')
    expect(bench.server.ipOf(macOfHost(1))).toBe('10.77.0.20')
    expect([await (await bench.host(3)).lease(), await b.lease()]).toEqual(['10.77.0.22', '10.77.0.21'])
  })

  it('13: after a crash in the 50 ms before the record, the address rests and its holder may still claim it', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    const transaction = bench.db.transaction.bind(bench.db)
    bench.db.transaction = (fn, options) => { // the batch comes too late
      if (options?.isLazy === true) throw new Fault('ledger.disk-full')
      return transaction(fn, options)
    }
    await unit.lease()
    bench.db.transaction = transaction
    expect(rows(bench, 'SELECT ip FROM lease')).toEqual([])
    await bench.restart('crash')
    expect(bench.lines.some(line => line.text === 'the last run did not end properly; unrecorded addresses rest')).toBe(true)
    const other = await (await bench.host(2)).lease([[OPTION.requestedAddress, addressBytes('10.77.0.20')]])
    expect(other).not.toBe('10.77.0.20')
    const ack = await unit.ask(MESSAGE.request, [[OPTION.requestedAddress, addressBytes('10.77.0.20')]])
    expect(ack?.yiaddr).toBe('10.77.0.20')
  })

  it('a clean end while addresses still rest from a crash does not wake them', async () => {
    await using bench = await new DhcpBench().serve()
    await (await bench.host(1)).lease()
    await bench.restart('crash')
    await bench.restart('clean')
    expect(await (await bench.host(2)).lease([[OPTION.requestedAddress, addressBytes('10.77.0.20')]])).not.toBe('10.77.0.20')
  })

  it('a disk that takes nothing: held leases go on, no new block is given from, it is said, and it ends by itself', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.lease()
    await bench.clock.advance(seconds(1))
    const transaction = bench.db.transaction.bind(bench.db)
    bench.db.transaction = () => { throw new Fault('ledger.disk-full') }
    const far: (readonly [number, Uint8Array])[] = [[OPTION.requestedAddress, addressBytes('10.77.0.200')]]
    expect((await unit.ask(MESSAGE.request, [], { ciaddr: '10.77.0.20' }))).toBeNull() // unicast to an address the host has not taken
    await bench.clock.advance(millis(70))
    expect(bench.told.at(-1)).toContain('renewed')
    expect(await (await bench.host(2)).lease(far)).toBeNull()
    await bench.clock.advance(seconds(3))
    expect(bench.server.view()).toMatchObject({ state: 'serving', fault: { code: 'ledger.disk-full' }, counters: { 'ignored.not-reserved': 1 } })
    expect(bench.lines.filter(line => line.text === 'leases cannot be written')).toHaveLength(1)
    bench.db.transaction = transaction
    await bench.clock.advance(seconds(2))
    expect([await (await bench.host(3)).lease(far), bench.server.view().fault]).toEqual(['10.77.0.200', null])
  })
})

describe('the card', () => {
  it('27: pulled, put back under a new index, served again without a restart', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    await unit.lease()
    const card = bench.net.inner.card()
    card.remove()
    await bench.clock.advance(seconds(1.1))
    expect(bench.server.view()).toMatchObject({ state: 'fault', fault: { code: 'net.card-gone', context: { card: 'bench0' } }, binding: null })
    card.putBack()
    await bench.clock.advance(seconds(8))
    expect([bench.server.view().state, await unit.lease()]).toEqual(['serving', '10.77.0.20'])
  })

  it('27: another card under the same name between two looks is noticed by its index', async () => {
    await using bench = await new DhcpBench().serve()
    const opened = bench.net.opened
    bench.net.change = card => ({ ...card, index: 77 })
    await bench.clock.advance(seconds(9))
    expect([bench.server.view().state, bench.net.opened]).toEqual(['serving', opened + 2])
  })

  it('27: without a link it says so within a second, and listens for others before it serves again', async () => {
    await using bench = await new DhcpBench().serve()
    bench.lan.unplug(bench.net.inner)
    await bench.clock.advance(seconds(1.1))
    expect(bench.server.view()).toMatchObject({ state: 'fault', fault: { code: 'net.no-link' } })
    bench.lan.plug(bench.net.inner)
    await bench.clock.advance(seconds(2))
    expect(bench.server.view().state).toBe('probing')
    await bench.clock.advance(seconds(5))
    expect(bench.server.view().state).toBe('serving')
  })

  it('27: address lost and given again; the line to type is told', async () => {
    await using bench = await new DhcpBench().serve()
    bench.net.inner.card().setAddresses([])
    await bench.clock.advance(seconds(1.1))
    expect(bench.server.view().fault).toEqual({ code: 'net.card-no-address', context: { card: 'bench0', address: '10.77.0.1', line: 'sudo ip address add 10.77.0.1/24 dev bench0' } })
    bench.net.inner.card().setAddresses([{ address: '10.77.0.1', prefix: 24 }])
    await bench.clock.advance(seconds(8))
    expect(bench.server.view()).toMatchObject({ state: 'serving', fault: null })
  })

  it('27: where the station has the right it gives the card its address, and switches on one that was put back', async () => {
    await using bench = await new DhcpBench().serve()
    const card = bench.net.inner.card()
    bench.proc.script('ip', args => {
      if (args[0] === 'address') card.setAddresses([{ address: '10.77.0.1', prefix: 24 }])
      return { code: 0, stdout: '', stderr: '' }
    })
    card.setAddresses([])
    await bench.clock.advance(seconds(1))
    expect([bench.proc.calls, bench.server.view().fault]).toEqual([['ip address add 10.77.0.1/24 broadcast + dev bench0'], null])
    bench.lan.unplug(bench.net.inner)
    await bench.clock.advance(seconds(15))
    expect([bench.proc.calls.slice(1), bench.server.view().fault?.code]).toEqual([['ip link set dev bench0 up', 'ip link set dev bench0 up'], 'net.no-link']) // each 10 s
  })

  it.each([
    ['that has not the right', 2, 'RTNETLINK answers: Operation not permitted'], ['that fails in an unknown way', 1, 'what?'], ['that is not there', 127, 'ip: not found']
  ])('27: an ip program %s is asked each 10 s at most, and the line to type stays on the screen', async (_, code, stderr) => {
    await using bench = await new DhcpBench().serve()
    bench.proc.script('ip', () => ({ code, stdout: '', stderr }))
    bench.net.inner.card().setAddresses([])
    await bench.clock.advance(seconds(15))
    expect([bench.proc.calls.length, bench.server.view().fault?.context['line']]).toEqual([2, 'sudo ip address add 10.77.0.1/24 dev bench0'])
  })

  it.each([
    ['that is not there', { card: 'bench9' }, (): void => undefined, { code: 'net.card-not-found', context: { card: 'bench9', known: 'bench0' } }],
    ['with a default route', {}, (bench: DhcpBench) => { bench.net.change = c => ({ ...c, hasDefaultRoute: true }) }, { code: 'net.office-card', context: { card: 'bench0', reason: 'default route' } }],
    ['whose net another card has too', {}, (bench: DhcpBench) => {
      bench.net.others = [{ name: 'office0', index: 9, mac: '02:00:00:00:99:01', up: true, hasLink: true, hasDefaultRoute: true, addresses: [{ address: '10.77.5.9', prefix: 16 }] }]
    }, { code: 'net.office-card', context: { card: 'bench0', reason: 'same net', other: 'office0' } }],
    ['whose port 67 is taken', {}, (bench: DhcpBench) => { bench.net.refused.set(67, () => new Fault('net.port-taken', { port: 67 })) }, { code: 'net.port-taken', context: { port: 67 } }],
    ['that fails in an unknown way', {}, (bench: DhcpBench) => { bench.net.refused.set(67, () => new Error('EWHAT')) }, { code: 'program.unexpected', context: { text: 'EWHAT' } }]
  ])('a card %s: the start does not reject, nothing is sent, the reason shows, and it is logged once', async (_, settings, arrange, fault) => {
    await using bench = new DhcpBench(settings)
    arrange(bench)
    await bench.serve()
    expect(bench.server.view()).toMatchObject({ state: 'fault', fault })
    expect([bench.net.sent, bench.lines.filter(line => line.text === 'dhcp does not serve')]).toMatchObject([[], [{}]])
  })

  it('22: at start it is proven that packets leave by the bench card; where they leave by another one nobody is served, and it says by which', async () => {
    await using good = new DhcpBench()
    good.net.sentBy = new Map([['bench0', 7], ['office0', 100]])
    await good.serve()
    expect(good.server.view().state).toBe('serving')
    await using bad = new DhcpBench()
    bad.net.sentBy = new Map([['bench0', 7], ['office0', 100]])
    bad.net.leavesBy = 'office0'
    await bad.serve()
    expect(bad.server.view()).toMatchObject({ state: 'fault', fault: { code: 'net.office-card', context: { card: 'bench0', reason: 'packets leave by another card', other: 'office0' } } })
    expect(await (await bad.host(1)).ask(MESSAGE.discover)).toBeNull()
    expect(bad.net.sent).toEqual([])
    bad.net.leavesBy = 'bench0' // mended
    await bad.clock.advance(seconds(8))
    expect(bad.server.view().state).toBe('serving')
  })

  it('22: a card that does not count proves nothing, which is logged, and serves', async () => {
    await using bench = new DhcpBench()
    bench.net.sentBy = new Map([['bench0', 7]])
    bench.net.leavesBy = 'nowhere'
    await bench.serve()
    expect([bench.server.view().state, bench.lines.some(line => line.text === 'the self-test of the bench card proves nothing')]).toEqual(['serving', true])
  })

  it('a port that becomes free is taken without a restart', async () => {
    await using bench = new DhcpBench()
    bench.net.refused.set(67, () => new Fault('net.port-taken', { port: 67 }))
    await bench.serve()
    bench.net.refused.clear()
    await bench.clock.advance(seconds(7))
    expect(bench.server.view().state).toBe('serving')
  })

  it('22: a socket that may hear the office answers no address of another net, and shows what it is', async () => {
    await using bench = new DhcpBench()
    bench.net.binding = 'address'
    await bench.serve()
    const stranger = await bench.host(9, '192.168.7.9')
    expect(await stranger.lease()).toBeNull()
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => bench.host(i + 20)))
    for (const host of answers) host.raw(encode(clientPacket({ type: MESSAGE.discover, mac: host.mac, xid: 1 })))
    await bench.clock.advance(millis(50))
    expect(answers.filter(h => h.heard.length > 0)).toHaveLength(8)
    expect(bench.server.view()).toMatchObject({ binding: 'address', counters: { 'ignored.outside': 1, 'ignored.newcomers': 4 } })
  })
})

describe('trouble', () => {
  it('14: a full pool is silence and a fault with words, until there is room again', async () => {
    await using bench = await new DhcpBench({ poolEnd: '10.77.0.21' }).serve()
    const [a, b, c] = [await bench.host(1), await bench.host(2), await bench.host(3)]
    expect([await a.lease(), await b.lease(), await c.lease()]).toEqual(['10.77.0.20', '10.77.0.21', null])
    expect(bench.server.view()).toMatchObject({ state: 'serving', fault: { code: 'net.pool-full', context: { addresses: 2 } }, poolSize: 2, poolUsed: 2 })
    await a.ask(MESSAGE.release, [], { ciaddr: '10.77.0.20' })
    expect(await c.lease()).toBe('10.77.0.20')
    await b.ask(MESSAGE.release, [], { ciaddr: '10.77.0.21' })
    await bench.clock.advance(seconds(1.1))
    expect(bench.server.view().fault).toBeNull()
  })

  it('19: packets that kill others cost one counter each', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    for (const { bytes } of KILLERS) unit.raw(bytes)
    unit.raw(new Uint8Array(60_000))
    await bench.clock.advance(millis(20))
    expect(bench.server.view().counters).toMatchObject({ 'ignored.malformed': KILLERS.filter(k => !k.isPacket).length + 1, heard: 3 })
    expect(await unit.lease()).toBe('10.77.0.21') // the three readable ones were one client's DISCOVERs
  })

  it('a listener that throws does not keep others from hearing', async () => {
    await using bench = await new DhcpBench().serve()
    const heard: string[] = []
    bench.server.on(() => { throw new Error('a bad listener') })
    bench.server.on(event => heard.push(event.ip))
    await (await bench.host(1)).lease()
    await bench.clock.advance(millis(70))
    expect(heard).toEqual(['10.77.0.20'])
  })

  it('a unit that asks without end fills no log', async () => {
    await using bench = await new DhcpBench().serve()
    const unit = await bench.host(1)
    const before = bench.lines.length
    for (let i = 0; i < 200; i += 1) await unit.lease()
    expect(bench.lines.length - before).toBeLessThan(4)
  })

  it('no timer is left behind when the scope is closed', async () => {
    const bench = await new DhcpBench().serve()
    await (await bench.host(1)).lease()
    await bench.clock.run(bench.scope.close())
    await bench.clock.advance(seconds(1))
    expect([bench.clock.pending, bench.scope.openChildren, bench.server.view().state]).toEqual([0, 0, 'off'])
  })
})

describe('fuzz', () => {
  it('25: 20,000 mutated packets through codec and engine end in an answer, silence or packet.malformed', () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
    console.log(`fuzz seed ${seed} (again with FUZZ_SEED=${seed})`)
    const random = mulberry(seed)
    const seeds = [UDHCPC_DISCOVER, UDHCPC_REQUEST, DHCLIENT_INIT_REBOOT, ...KILLERS.map(k => k.bytes), encode(decode(UDHCPC_DISCOVER))]
    const engine = new LeaseEngine({ ...SETTINGS, taken: [] })
    engine.pool.open(Array.from({ length: 16 }, (_, i) => `10.77.0.${i * 16}`), millis(0))
    const form = new ReplyForm(SETTINGS)
    const counts = { answered: 0, silent: 0, malformed: 0 }
    for (let i = 0; i < 20_000; i += 1) {
      const bytes = mutate(seeds[Math.floor(random() * seeds.length)] ?? UDHCPC_DISCOVER, random)
      try {
        const packet = decode(bytes)
        const question = readQuestion(packet)
        const answer = typeof question === 'string' ? null : engine.answer(question, millis(i * 10))
        if (answer === null || answer.kind === 'silent' || answer.kind === 'reserve') { counts.silent += 1; continue }
        const reply = decode(encode(form.build(packet, answer), sizeMaxOf(packet)))
        if (answer.kind === 'offer' || answer.kind === 'ack') expect(reply.yiaddr).toMatch(/^10\.77\.0\.(2\d|[3-9]\d|1\d\d|20\d|21\d)$/)
        counts.answered += 1
      } catch (thrown) {
        if (!(thrown instanceof Fault) || thrown.code !== 'packet.malformed') throw new Error(`seed ${seed}, packet ${i}: ${Buffer.from(bytes).toString('hex')}`, { cause: thrown })
        counts.malformed += 1
      }
      if (i % 500 === 0) expect(engine.answer({ ...goodQuestion, key: `good-${i}` }, millis(i * 10)).kind).not.toBe('nak')
    }
    engine.takeChanges()
    expect(Math.min(counts.answered, counts.silent, counts.malformed)).toBeGreaterThan(100)
  })
})

const goodQuestion = {
  kind: 'discover', mac: '02:00:00:09:00:01', clientId: null, hostName: null, vendorClass: null, requestList: [], xid: 1, ciaddr: '0.0.0.0', wish: null, serverId: null, isRelayed: false
} as const
