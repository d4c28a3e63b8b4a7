/** A bench without an operator: units are plugged, reset and cut by the test itself, and everything the station dials is kept. */
import { seconds, type FactView, type UnitView } from '#shared'
import type { Net, TcpOptions } from '../../src/main/ports.ts'
import type { VirtualUnit } from '../../src/main/virtual/unit.ts'
import { decode, encode, messageType, type DhcpPacket } from '../../src/main/wire/dhcp.ts'
import { addressBytes } from '../../src/main/wire/dhcp.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { openBench, type BenchOptions, type TestBench } from './station.ts'

/** `seq`: the last fact that was on record at that moment. */
export interface WireEvent { readonly kind: 'called' | 'written' | 'hung up'; readonly at: number; readonly seq: number }

export class LanFloor implements AsyncDisposable {
  readonly bench: TestBench
  readonly dialled: TcpOptions[] = []
  /** What the station did on its TCP connections, in order. */
  readonly wire: WireEvent[] = []

  constructor(bench: TestBench) {
    this.bench = bench
  }

  note(kind: WireEvent['kind']): void { this.wire.push({ kind, at: this.bench.world.clock.now(), seq: this.bench.ledger.lastSeq }) }

  /** Number 1 is RB-0001. */
  unit(n: number): VirtualUnit {
    const unit = this.bench.world.units[n - 1]
    if (!unit) throw new RangeError(`no unit ${n}`)
    return unit
  }

  on(unit: VirtualUnit): void {
    unit.plug()
    unit.powerOn()
  }

  /** On, booted and reset: from now on it says that it is ready. */
  async ready(...units: readonly VirtualUnit[]): Promise<void> {
    for (const unit of units) this.on(unit)
    await this.bench.sleep(15_000)
    for (const unit of units) unit.pressReset()
    await this.bench.sleep(45_000)
  }

  async view(text: string): Promise<UnitView | null> {
    return (await this.bench.ask('units.find', { text }))[0] ?? null
  }

  viewOf(unit: VirtualUnit): Promise<UnitView | null> {
    return this.view(unit.profile.mac)
  }

  async facts(unit: string | null, kind: string): Promise<readonly FactView[]> {
    const all = await this.bench.ask('history.list', { ...(unit === null ? {} : { unit }), limit: 1000 })
    return all.filter(f => f.kind === kind).toReversed()
  }

  async asked(unit: VirtualUnit): Promise<number> {
    const seen = await this.viewOf(unit)
    return seen === null ? 0 : (await this.facts(seen.uid, 'unbind.asked')).length
  }

  async lan(counter: string): Promise<number> {
    return (await this.bench.ask('network.view', {})).lan.counters[counter] ?? 0
  }

  /** Somebody brings a home router: it offers addresses to whoever asks, until it is taken away. */
  async foreignDhcp(): Promise<Disposable> {
    const { lan, clock } = this.bench.world
    const net = lan.card('router0', '02:ff:00:00:00:99', [{ address: '10.77.0.254', prefix: 24 }])
    const socket = await net.udp({ card: 'router0', port: 67, broadcast: true })
    socket.on(bytes => {
      const asked = decode(bytes)
      if (messageType(asked) === MESSAGE.discover) clock.after(seconds(0.01), () => socket.send(encode(offerOf(asked)), { address: '255.255.255.255', port: 68 }))
    })
    return { [Symbol.dispose]: () => { socket[Symbol.dispose](); lan.forget(net.card()) } }
  }

  /** One more unit asks for an address, and the guard hears who else answers. */
  async newcomer(): Promise<VirtualUnit> {
    const unit = this.bench.world.deliver('wired', 1)[0]
    if (!unit) throw new RangeError('nobody came')
    this.on(unit)
    while ((await this.bench.ask('network.view', {})).dhcp.state !== 'foreign') await this.bench.sleep(500)
    return unit
  }

  /** A host on the bench that never asked us for an address. */
  async squatter(mac: string, address: string): Promise<(bytes: Uint8Array, port: number) => void> {
    const net = this.bench.world.lan.card('eth0', mac, [{ address, prefix: 24 }])
    const socket = await net.udp({ card: 'eth0', port: 0, address, broadcast: true })
    return (bytes, port) => socket.send(bytes, { address: '255.255.255.255', port })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]()
  }
}

export async function openFloor(options: BenchOptions): Promise<LanFloor> {
  let floor: LanFloor | null = null
  const tcpOf = (net: Net): Net['tcp'] => async (dial, signal) => {
    floor?.dialled.push(dial)
    const pipe = await net.tcp(dial, signal)
    floor?.note('called')
    return {
      read: own => pipe.read(own),
      write: (bytes, own) => {
        floor?.note('written')
        return pipe.write(bytes, own)
      },
      [Symbol.asyncDispose]: () => {
        floor?.note('hung up')
        return pipe[Symbol.asyncDispose]()
      }
    }
  }
  const counting = (net: Net): Net => new Proxy(net, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      return name === 'tcp' ? tcpOf(target) : typeof member === 'function' ? member.bind(target) as unknown : member
    }
  })
  floor = new LanFloor(await openBench({ seed: 7, ...options, ports: ports => ({ ...options.ports?.(ports) ?? ports, net: counting(ports.net) }) }))
  await floor.bench.sleep(7000) // the DHCP guard has looked round
  return floor
}

function offerOf(asked: DhcpPacket): DhcpPacket {
  return {
    ...asked, op: 2, yiaddr: '192.168.1.77', siaddr: '192.168.1.1',
    options: new Map([[OPTION.messageType, Uint8Array.of(MESSAGE.offer)], [OPTION.serverId, addressBytes('192.168.1.1')], [OPTION.leaseTime, Uint8Array.of(0, 0, 14, 16)]])
  }
}
