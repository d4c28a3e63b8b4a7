import { describe, expect, it } from 'vitest'
import { LeaseEngine, type LeaseAnswer, type LeaseQuestion } from '../../src/main/domain/lease.ts'
import type { LeaseRecord } from '../../src/main/domain/lease-pool.ts'
import { hours, millis, minutes, seconds, type Millis } from '#shared'

const TERMS = { address: '10.77.0.1', prefix: 24, poolStart: '10.77.0.20', poolEnd: '10.77.0.59', leaseMs: minutes(10), taken: ['10.77.0.40'] }
const OURS = '10.77.0.1'

/** An engine with a hand on its clock; it reserves what is asked for, as the lease book does. */
class Bench {
  readonly engine: LeaseEngine
  now: Millis = millis(1000)
  reservations = 0

  constructor(terms: Partial<typeof TERMS> = {}) {
    this.engine = new LeaseEngine({ ...TERMS, ...terms })
  }

  ask(client: number, kind: LeaseQuestion['kind'], more: Partial<LeaseQuestion> = {}): LeaseAnswer {
    for (;;) {
      const answer = this.engine.answer(question(client, kind, more), this.now)
      if (answer.kind !== 'reserve') return answer
      this.reservations += 1
      this.engine.pool.written(this.engine.pool.takeRecords())
      this.engine.pool.open(answer.blocks, this.now)
    }
  }

  /** DISCOVER, OFFER, REQUEST, ACK; the address. */
  lease(client: number, wish: string | null = null): string {
    const offer = this.ask(client, 'discover', { wish })
    if (offer.kind !== 'offer') throw new Error(`no offer but ${JSON.stringify(offer)}`)
    expect(this.ask(client, 'request', { wish: offer.ip, serverId: OURS })).toMatchObject({ kind: 'ack', ip: offer.ip })
    return offer.ip
  }

  get changes(): readonly string[] {
    return this.engine.takeChanges().map(c => `${c.kind} ${c.ip}`)
  }
}

function question(client: number, kind: LeaseQuestion['kind'], more: Partial<LeaseQuestion> = {}): LeaseQuestion {
  const mac = `02:00:00:00:${Math.floor(client / 256).toString(16).padStart(2, '0')}:${(client % 256).toString(16).padStart(2, '0')}`
  return {
    kind, key: `1-${mac}`, mac, clientId: null, hostName: null, vendorClass: null, requestList: [], xid: client * 1000, ciaddr: '0.0.0.0',
    wish: null, serverId: null, isRelayed: false, ...more
  }
}

const silent = (reason: string): unknown => ({ kind: 'silent', reason })
const nak = { kind: 'nak' }

describe('first contact', () => {
  it('1: an OFFER and the ACK that follows have the same address, sent to everybody', () => {
    const bench = new Bench()
    expect(bench.ask(1, 'discover')).toEqual({ kind: 'offer', ip: '10.77.0.20', to: null })
    expect(bench.ask(1, 'request', { wish: '10.77.0.20', serverId: OURS })).toEqual({ kind: 'ack', ip: '10.77.0.20', to: null })
    expect(bench.changes).toEqual(['bound 10.77.0.20'])
  })

  it('3: a repeated DISCOVER or REQUEST gets the same answer and is no news', () => {
    const bench = new Bench()
    expect([bench.ask(1, 'discover'), bench.ask(1, 'discover')]).toMatchObject([{ ip: '10.77.0.20' }, { ip: '10.77.0.20' }])
    bench.lease(1)
    expect(bench.changes).toEqual(['bound 10.77.0.20'])
    expect(bench.ask(1, 'request', { wish: '10.77.0.20', serverId: OURS })).toMatchObject({ kind: 'ack', ip: '10.77.0.20' })
    expect(bench.changes).toEqual([])
  })

  it('a unit that boots again within its lease is news, with the same address', () => {
    const bench = new Bench()
    bench.lease(1)
    expect(bench.ask(1, 'discover', { xid: 7 })).toMatchObject({ kind: 'offer', ip: '10.77.0.20' })
    expect(bench.ask(1, 'request', { wish: '10.77.0.20', serverId: OURS, xid: 7 })).toMatchObject({ kind: 'ack' })
    expect(bench.changes).toEqual(['bound 10.77.0.20', 'bound 10.77.0.20'])
  })

  it('17: the key is the client identifier; the same MAC with another identifier is another client', () => {
    const bench = new Bench()
    expect(bench.lease(1)).toBe('10.77.0.20')
    expect(bench.ask(1, 'discover', { key: 'id-0102' })).toMatchObject({ ip: '10.77.0.21' })
  })

  it('21: a wish is honoured when the address is free and ours', () => {
    const bench = new Bench()
    expect(bench.lease(1, '10.77.0.50')).toBe('10.77.0.50')
    expect(bench.lease(2, '10.77.0.50')).not.toBe('10.77.0.50')
    expect(bench.lease(3, '10.77.0.200')).toBe('10.77.0.49') // what is open already is given first
    expect(bench.lease(4, '192.168.1.7')).toBe('10.77.0.51')
  })

  it('22: its own address, the router and what lies outside the pool are never given, whatever is asked', () => {
    const bench = new Bench({ poolStart: '10.77.0.0', poolEnd: '10.77.1.255' })
    expect(bench.engine.pool.size).toBe(252)
    for (const ip of ['10.77.0.0', '10.77.0.1', '10.77.0.40', '10.77.0.255', '10.77.1.5']) {
      expect(bench.ask(1, 'discover', { wish: ip })).not.toMatchObject({ ip })
      for (const serverId of [OURS, null]) expect(bench.ask(1, 'request', { wish: ip, serverId })).toMatchObject(nak)
      expect(bench.ask(1, 'request', { ciaddr: ip })).toMatchObject(nak)
    }
  })

  it('20: what a relay passes on is ignored', () => {
    for (const kind of ['discover', 'request', 'release', 'decline', 'inform'] as const) expect(new Bench().ask(1, kind, { isRelayed: true })).toEqual(silent('relayed'))
  })

  it('an offer is held for 60 s, then another may have the address', () => {
    const bench = new Bench({ poolEnd: '10.77.0.20' })
    bench.ask(1, 'discover')
    bench.now = millis(bench.now + seconds(59))
    expect(bench.ask(2, 'discover')).toEqual(silent('pool-full'))
    bench.now = millis(bench.now + seconds(2))
    expect(bench.ask(2, 'discover')).toMatchObject({ kind: 'offer', ip: '10.77.0.20' })
    expect(bench.ask(1, 'request', { wish: '10.77.0.20', serverId: OURS })).toMatchObject(nak)
  })

  it('22: on a socket that may hear the office at most 8 offers wait for clients never seen by REQUEST', () => {
    const bench = new Bench()
    bench.engine.newcomersMax = 8
    bench.lease(100)
    for (let i = 0; i < 8; i += 1) expect(bench.ask(i, 'discover')).toMatchObject({ kind: 'offer' })
    expect(bench.ask(8, 'discover')).toEqual(silent('newcomers'))
    expect(bench.ask(0, 'discover')).toMatchObject({ kind: 'offer' })
    expect(bench.ask(100, 'discover')).toMatchObject({ kind: 'offer' })
    bench.lease(3)
    expect(bench.ask(8, 'discover')).toMatchObject({ kind: 'offer' })
    bench.now = millis(bench.now + seconds(61))
    for (let i = 20; i < 28; i += 1) expect(bench.ask(i, 'discover')).toMatchObject({ kind: 'offer' })
  })
})

describe('requests', () => {
  it('6: a REQUEST that names another server is not answered, and our offer is withdrawn', () => {
    const bench = new Bench({ poolEnd: '10.77.0.20' })
    bench.ask(1, 'discover')
    const other = question(1, 'request', { wish: '192.168.1.20', serverId: '192.168.1.1' })
    expect(bench.engine.foreignIn(other)).toBe('192.168.1.1')
    expect(bench.engine.answer(other, bench.now)).toEqual(silent('foreign-server'))
    expect(bench.ask(2, 'discover')).toMatchObject({ kind: 'offer', ip: '10.77.0.20' })
  })

  it.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255'])('6: %s is no server that could be on the bench', serverId => {
    expect(new Bench().engine.foreignIn(question(1, 'request', { serverId }))).toBeNull()
  })

  it('7: INIT-REBOOT with the right address is acknowledged, to everybody', () => {
    const bench = new Bench()
    bench.lease(1)
    expect(bench.ask(1, 'request', { wish: '10.77.0.20', xid: 5 })).toEqual({ kind: 'ack', ip: '10.77.0.20', to: null })
  })

  it('7: INIT-REBOOT with an address of another net or outside the pool is refused', () => {
    for (const wish of ['192.168.1.108', '10.77.0.200']) expect(new Bench().ask(1, 'request', { wish })).toMatchObject(nak)
  })

  it('7: INIT-REBOOT with the address of another is refused, for known and unknown clients', () => {
    const bench = new Bench()
    bench.lease(1)
    bench.lease(2)
    for (const client of [2, 3]) expect(bench.ask(client, 'request', { wish: '10.77.0.20' })).toMatchObject(nak)
  })

  it('7: INIT-REBOOT of an unknown client with a free address of ours is left without an answer', () => {
    expect(new Bench().ask(1, 'request', { wish: '10.77.0.30' })).toEqual(silent('unknown-client'))
  })

  it('9: renewing is answered to the address of the client, and lengthens the lease', () => {
    const bench = new Bench()
    bench.lease(1)
    bench.now = millis(bench.now + minutes(9))
    expect(bench.ask(1, 'request', { ciaddr: '10.77.0.20', xid: 5 })).toEqual({ kind: 'ack', ip: '10.77.0.20', to: '10.77.0.20' })
    bench.now = millis(bench.now + minutes(9))
    bench.engine.pool.expire(bench.now)
    expect(bench.changes).toEqual(['bound 10.77.0.20', 'renewed 10.77.0.20'])
  })

  it('3, 9: a client that keeps one transaction number for all its renewals is heard at each of them, once', () => {
    const bench = new Bench()
    bench.lease(1)
    for (const waitMs of [minutes(5), seconds(4), minutes(5), seconds(4)]) {
      bench.now = millis(bench.now + waitMs)
      expect(bench.ask(1, 'request', { ciaddr: '10.77.0.20' })).toMatchObject({ kind: 'ack' })
    }
    expect(bench.changes).toEqual(['bound 10.77.0.20', 'renewed 10.77.0.20', 'renewed 10.77.0.20'])
  })

  it('9: renewing what belongs to another, lies off the net or is unknown is never acknowledged', () => {
    const bench = new Bench()
    bench.lease(1)
    for (const ciaddr of ['10.77.0.20', '10.77.0.21', '192.168.1.5', '10.77.0.1']) expect(bench.ask(2, 'request', { ciaddr })).toMatchObject(nak)
  })

  it('9: never another address than the one asked for', () => {
    const bench = new Bench()
    bench.ask(1, 'discover')
    expect(bench.ask(1, 'request', { wish: '10.77.0.33', serverId: OURS })).toMatchObject({ kind: 'ack', ip: '10.77.0.33' })
    expect(bench.ask(1, 'request', { ciaddr: '10.77.0.33', wish: '10.77.0.34' })).toEqual(silent('contradictory'))
    expect(bench.ask(1, 'request', { serverId: OURS })).toEqual(silent('no-address'))
  })

  it('a client that takes another address gives up its first one', () => {
    const bench = new Bench()
    bench.lease(1)
    bench.ask(1, 'request', { wish: '10.77.0.33', serverId: OURS })
    expect(bench.changes).toEqual(['bound 10.77.0.20', 'released 10.77.0.20', 'bound 10.77.0.33'])
    expect([bench.engine.pool.used, bench.engine.pool.ipOf('02:00:00:00:00:01'), bench.engine.pool.macOf('10.77.0.20')]).toEqual([1, '10.77.0.33', null])
  })
})

describe('giving back', () => {
  it('10: a declined address is given to nobody for 10 minutes, also not to the one who declined it', () => {
    const bench = new Bench()
    bench.lease(1)
    expect(bench.ask(1, 'decline', { wish: '10.77.0.20', serverId: OURS })).toEqual(silent('done'))
    expect(bench.ask(1, 'discover', { wish: '10.77.0.20' })).toMatchObject({ ip: '10.77.0.21' })
    expect(bench.ask(2, 'request', { wish: '10.77.0.20', serverId: OURS })).toMatchObject(nak)
    bench.now = millis(bench.now + minutes(10))
    expect(bench.lease(3, '10.77.0.20')).toBe('10.77.0.20')
    expect(bench.changes).toEqual(['bound 10.77.0.20', 'declined 10.77.0.20', 'bound 10.77.0.20'])
  })

  it('10: only the holder can decline', () => {
    const bench = new Bench()
    bench.lease(1)
    for (const wish of ['10.77.0.20', '10.77.0.21', null]) expect(bench.ask(2, 'decline', { wish, serverId: OURS })).toEqual(silent('not-holder'))
    expect(bench.engine.pool.macOf('10.77.0.20')).toBe('02:00:00:00:00:01')
  })

  it('11: a released address is free, but its holder finds it again', () => {
    const bench = new Bench()
    bench.lease(1)
    expect(bench.ask(1, 'release', { ciaddr: '10.77.0.20', serverId: OURS })).toEqual(silent('done'))
    expect(bench.engine.pool.used).toBe(0)
    expect([bench.lease(2), bench.lease(1)]).toEqual(['10.77.0.21', '10.77.0.20'])
  })

  it('11: only the holder can release', () => {
    const bench = new Bench()
    bench.lease(1)
    expect(bench.ask(2, 'release', { ciaddr: '10.77.0.20' })).toEqual(silent('not-holder'))
    expect(bench.ask(1, 'release', { ciaddr: '10.77.0.21' })).toEqual(silent('not-holder'))
    expect(bench.engine.pool.used).toBe(1)
  })

  it('12: INFORM is answered to the address of the client when it is one of the bench, and takes none of ours', () => {
    const bench = new Bench()
    expect(bench.ask(1, 'inform', { ciaddr: '10.77.0.200' })).toEqual({ kind: 'inform', to: '10.77.0.200' })
    for (const ciaddr of ['0.0.0.0', '8.8.8.8', '10.77.0.1', '255.255.255.255']) expect(bench.ask(1, 'inform', { ciaddr })).toEqual(silent('off-net'))
    expect(bench.engine.pool.used).toBe(0)
  })

  it('something that was seen on a free address keeps us from giving it', () => {
    const bench = new Bench()
    bench.lease(1)
    expect([bench.engine.pool.avoid('10.77.0.21', null, bench.now), bench.engine.pool.avoid('10.77.0.20', null, bench.now), bench.engine.pool.avoid('10.9.9.9', null, bench.now)]).toEqual([true, false, false])
    expect(bench.lease(2)).toBe('10.77.0.22')
  })
})

describe('a full pool and the end of leases', () => {
  const small = { poolStart: '10.77.0.20', poolEnd: '10.77.0.43' } // 23 addresses, as .40 is the router's

  it('14: the whole pool is usable, each address once; then silence, and old leases stay good', () => {
    const bench = new Bench(small)
    const ips = Array.from({ length: 23 }, (_, i) => bench.lease(i))
    expect(new Set(ips).size).toBe(23)
    expect(bench.ask(50, 'discover')).toEqual(silent('pool-full'))
    expect(bench.ask(50, 'discover', { wish: ips[3] ?? '' })).toEqual(silent('pool-full'))
    expect(bench.ask(3, 'request', { ciaddr: ips[3] ?? '' })).toMatchObject({ kind: 'ack', ip: ips[3] })
  })

  it('14: a release in a full pool is reused at once, after its end has been written', () => {
    const bench = new Bench(small)
    const ips = Array.from({ length: 23 }, (_, i) => bench.lease(i))
    bench.ask(9, 'release', { ciaddr: ips[9] ?? '' })
    const before = bench.reservations
    expect(bench.lease(50)).toBe(ips[9])
    expect(bench.reservations).toBe(before + 1)
    expect(bench.ask(9, 'discover')).toEqual(silent('pool-full'))
  })

  it('16: a lease ends when its time is over, not before, and says so once', () => {
    const bench = new Bench(small)
    bench.lease(1)
    bench.now = millis(bench.now + minutes(10) - 1)
    bench.engine.pool.expire(bench.now)
    expect(bench.changes).toEqual(['bound 10.77.0.20'])
    bench.now = millis(bench.now + 1)
    bench.engine.pool.expire(bench.now)
    bench.engine.pool.expire(bench.now)
    expect(bench.changes).toEqual(['expired 10.77.0.20'])
    expect(bench.lease(1)).toBe('10.77.0.20')
  })

  it('16: expired addresses are reused, the oldest first, when nothing fresh is left', () => {
    const bench = new Bench(small)
    for (let i = 0; i < 23; i += 1) {
      bench.lease(i)
      bench.now = millis(bench.now + seconds(1))
    }
    bench.now = millis(bench.now + hours(1))
    expect([bench.lease(50), bench.lease(51)]).toEqual(['10.77.0.20', '10.77.0.21'])
  })
})

describe('blocks and crashes', () => {
  it('13: nothing is offered or bound from a block that is not reserved, and asking twice changes nothing', () => {
    const engine = new LeaseEngine(TERMS)
    const ask = (): LeaseAnswer => engine.answer(question(1, 'discover'), millis(0))
    expect([ask(), ask()]).toEqual([{ kind: 'reserve', blocks: ['10.77.0.16'] }, { kind: 'reserve', blocks: ['10.77.0.16'] }])
    expect(engine.answer(question(1, 'request', { wish: '10.77.0.50', serverId: OURS }), millis(0))).toEqual({ kind: 'reserve', blocks: ['10.77.0.48'] })
    expect(engine.pool.used).toBe(0)
  })

  it('13: a rack that powers up needs few reservations: 250 clients of a pool of 1,000; 48 of one of 200', () => {
    const bench = new Bench({ prefix: 22, poolStart: '10.77.0.20', poolEnd: '10.77.3.250' })
    for (let i = 0; i < 250; i += 1) bench.lease(i)
    expect(bench.reservations).toBeLessThanOrEqual(2)
    const small = new Bench({ poolEnd: '10.77.0.219' })
    for (let i = 0; i < 48; i += 1) small.lease(i)
    expect(small.reservations).toBeLessThanOrEqual(2)
  })

  it('13: units that come one by one open one block more each time, not a rack of them', () => {
    const bench = new Bench({ prefix: 22, poolStart: '10.77.0.64', poolEnd: '10.77.0.191' }) // 8 blocks
    for (let i = 0; i < 33; i += 1) {
      bench.lease(i)
      bench.now = millis(bench.now + seconds(2))
    }
    expect(bench.reservations).toBe(2) // two blocks each
    expect(bench.engine.pool.blocksWith(bench.engine.pool.slotAt('10.77.0.176', bench.now)?.block ?? expect.fail(), bench.now)).toEqual(['10.77.0.176', '10.77.0.128'])
  })

  it('13: blocks that are full are given back at once, and those nobody has asked of for a minute; never one with an offer', () => {
    const bench = new Bench({ prefix: 22, poolStart: '10.77.0.64', poolEnd: '10.77.1.31' })
    const { pool } = bench.engine
    expect(pool.closeIdle(bench.now)).toEqual([])
    for (let i = 0; i < 17; i += 1) bench.lease(i)
    expect(pool.closeIdle(bench.now)).toEqual(['10.77.0.64'])
    bench.now = millis(bench.now + seconds(59))
    bench.ask(99, 'discover')
    bench.now = millis(bench.now + seconds(59))
    expect(pool.closeIdle(bench.now)).toEqual([])
    bench.now = millis(bench.now + seconds(2))
    expect(pool.closeIdle(bench.now)).toEqual([]) // not swept: the offer still stands
    pool.expire(bench.now)
    expect(pool.closeIdle(bench.now)).toEqual(['10.77.0.80'])
    expect(bench.engine.answer(question(100, 'discover'), bench.now)).toMatchObject({ kind: 'reserve' })
  })

  const CLEAN = { resting: new Map<string, Millis>(), wasCrash: false }
  const crashed = (bench: Bench) => ({ resting: new Map([['10.77.0.16', millis(bench.now + TERMS.leaseMs)]]), wasCrash: true })
  const record = (client: number, ip: string, state: 'bound' | 'released', until: number): LeaseRecord =>
    ({ ip, state, holder: question(client, 'discover'), since: millis(0), until: millis(until) })

  it('13: after a clean end the recorded leases are there, with the time they had left', () => {
    const bench = new Bench()
    bench.engine.pool.restore([record(1, '10.77.0.30', 'bound', bench.now + 60_000), record(2, '10.77.0.31', 'released', 0)], CLEAN, bench.now)
    expect(bench.ask(1, 'request', { wish: '10.77.0.30' })).toMatchObject({ kind: 'ack' })
    expect(bench.lease(2)).toBe('10.77.0.31')
    expect(bench.lease(3)).toBe('10.77.0.20')
  })

  it('13: after a crash the unrecorded addresses of an open block rest for one lease time', () => {
    const bench = new Bench()
    bench.engine.pool.restore([record(1, '10.77.0.20', 'bound', bench.now + 10), record(2, '10.77.0.21', 'released', 0)], crashed(bench), bench.now)
    expect(bench.ask(3, 'discover')).toMatchObject({ kind: 'offer', ip: '10.77.0.32' })
    expect(bench.ask(3, 'discover', { key: 'other', wish: '10.77.0.25' })).toMatchObject({ ip: '10.77.0.33' })
    bench.now = millis(bench.now + minutes(10) - 1)
    // Renewed, perhaps, in the last moment before the crash: it lasts a whole lease time from the start.
    expect(bench.ask(4, 'request', { wish: '10.77.0.20', serverId: OURS })).toMatchObject(nak)
    bench.now = millis(bench.now + 1)
    expect(bench.lease(5, '10.77.0.25')).toBe('10.77.0.25')
  })

  it('13: a resting address may be claimed by the unit that holds it, once, and by nobody where a record names another', () => {
    const bench = new Bench()
    bench.engine.pool.restore([record(2, '10.77.0.21', 'released', 0)], crashed(bench), bench.now)
    expect(bench.ask(7, 'request', { wish: '10.77.0.24', serverId: OURS })).toMatchObject(nak) // an old offer is no claim
    expect(bench.ask(7, 'request', { wish: '10.77.0.24' })).toMatchObject({ kind: 'ack', ip: '10.77.0.24' })
    expect(bench.ask(8, 'request', { wish: '10.77.0.24' })).toMatchObject(nak)
    expect(bench.ask(9, 'request', { ciaddr: '10.77.0.25' })).toMatchObject({ kind: 'ack', to: '10.77.0.25' })
    for (const client of [2, 3]) expect(bench.ask(client, 'request', { wish: '10.77.0.21' })).toMatchObject(nak)
    expect(bench.lease(2)).not.toBe('10.77.0.21')
  })
})
