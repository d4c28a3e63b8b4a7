/** A returned recorder that lends addresses itself (facts/dhcp.md 3; design/operator.md 0.10): whoever asks on the bench hears it too. */
import { millis } from '#shared'
import { MESSAGE, OPTION } from '../wire/dhcp-options.ts'
import { addressBytes, decode, encode, messageType, type DhcpPacket } from '../wire/dhcp.ts'
import { Fault } from '../domain/fault.ts'
import { EVERYBODY } from '../domain/address.ts'
import type { Clock, UdpSocket } from '../ports.ts'
import type { VirtualCard, VirtualLan } from './lan.ts'

const AT = '10.77.0.254'
const LENDS = '10.77.0.250'
const ANSWER_MS = millis(10)
const [SERVER_PORT, CLIENT_PORT] = [67, 68]

export class ForeignDhcp implements Disposable {
  static readonly mac = '02:1e:ff:00:00:99'
  readonly #lan: VirtualLan
  readonly #card: VirtualCard
  readonly #socket: UdpSocket

  private constructor(lan: VirtualLan, card: VirtualCard, socket: UdpSocket) {
    this.#lan = lan
    this.#card = card
    this.#socket = socket
  }

  /** Plugged in, and serving. */
  static async plugInto(lan: VirtualLan, clock: Clock): Promise<ForeignDhcp> {
    const net = lan.card('foreign0', ForeignDhcp.mac, [{ address: AT, prefix: 24 }])
    const socket = await net.udp({ card: 'foreign0', port: SERVER_PORT, broadcast: true })
    socket.on(bytes => {
      const asked = packetOf(bytes)
      if (asked !== null && messageType(asked) === MESSAGE.discover) clock.after(ANSWER_MS, () => socket.send(encode(offerOf(asked)), { address: EVERYBODY, port: CLIENT_PORT }))
    })
    return new ForeignDhcp(lan, net.card(), socket)
  }

  get isPlugged(): boolean {
    return this.#card.isPlugged
  }

  unplug(): void {
    this.#card.unplug()
  }

  plug(): void {
    this.#card.plug()
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]()
    this.#lan.forget(this.#card)
  }
}

function offerOf(asked: DhcpPacket): DhcpPacket {
  const options = new Map([[OPTION.messageType, Uint8Array.of(MESSAGE.offer)], [OPTION.serverId, addressBytes(AT)]])
  return { ...asked, op: 2, yiaddr: LENDS, options }
}

function packetOf(bytes: Uint8Array): DhcpPacket | null {
  try {
    return decode(bytes)
  } catch (thrown) {
    if (thrown instanceof Fault) return null
    throw thrown
  }
}
