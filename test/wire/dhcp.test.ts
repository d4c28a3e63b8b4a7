import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { readQuestion, ReplyForm } from '../../src/main/wire/dhcp-exchange.ts'
import { toHex } from '../../src/main/wire/bytes.ts'
import { clientId, clientPacket, decode, encode, hostName, macOf, messageType, parameterList, requestedAddress, serverId, sizeMaxOf, vendorClass, type DhcpPacket } from '../../src/main/wire/dhcp.ts'
import { minutes } from '#shared'
import { DHCLIENT_INIT_REBOOT, DNSMASQ_ACK, DNSMASQ_OFFER, hex, KILLERS, OUR_OFFER, OVERLOADED, UDHCPC_DISCOVER, UDHCPC_REQUEST } from '../golden/dhcp.ts'

const HEAD = '0101060000000001 [00*20] 0200c0ffee01 [00*202] 63825363'
const discover = (options: string): DhcpPacket => decode(hex(`${HEAD} ${options}`))
const faultOf = (bytes: Uint8Array): Fault => {
  try { decode(bytes) } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('it was decoded')
}
const TERMS = { address: '10.77.0.1', prefix: 24, leaseMs: minutes(10), router: '10.77.0.1', dns: ['10.77.0.1'] }

describe('packets of other programs', () => {
  it('a DISCOVER of udhcpc is read to the last field', () => {
    const packet = decode(UDHCPC_DISCOVER)
    expect(packet).toMatchObject({ op: 1, htype: 1, hlen: 6, hops: 0, xid: 0xc2fb062f, secs: 0, flags: 0, ciaddr: '0.0.0.0', yiaddr: '0.0.0.0', giaddr: '0.0.0.0' })
    expect([messageType(packet), macOf(packet), hostName(packet), vendorClass(packet), sizeMaxOf(packet), parameterList(packet), toHex(clientId(packet) ?? hex(''))])
      .toEqual([MESSAGE.discover, '02:00:00:77:00:64', 'cam-7', 'udhcp 1.35.0', 576, [1, 3, 6, 12, 15, 28, 42], '01020000770064'])
  })

  it('a REQUEST of udhcpc names the address and the server', () => {
    const packet = decode(UDHCPC_REQUEST)
    expect([messageType(packet), requestedAddress(packet), serverId(packet)]).toEqual([MESSAGE.request, '10.77.0.26', '10.77.0.1'])
  })

  it('an INIT-REBOOT of dhclient has an address, no server and no client identifier', () => {
    const packet = decode(DHCLIENT_INIT_REBOOT)
    expect([messageType(packet), requestedAddress(packet), serverId(packet), clientId(packet)]).toEqual([MESSAGE.request, '10.77.0.26', null, null])
  })

  it('each of them is written back byte for byte', () => {
    for (const bytes of [UDHCPC_DISCOVER, UDHCPC_REQUEST, DHCLIENT_INIT_REBOOT, DNSMASQ_OFFER, DNSMASQ_ACK]) {
      expect(toHex(encode(decode(bytes)))).toBe(toHex(bytes))
    }
  })
})

describe('strict reading', () => {
  it.each(KILLERS)('$name: read or counted, never another exception', ({ bytes, isPacket }) => {
    if (isPacket) expect(messageType(decode(bytes))).toBe(MESSAGE.discover)
    else expect(faultOf(bytes).code).toBe('packet.malformed')
  })

  it('a packet cut at any place is read or malformed, and says where', () => {
    for (let end = 0; end < UDHCPC_REQUEST.length; end += 1) {
      try { decode(UDHCPC_REQUEST.subarray(0, end)) } catch (thrown) {
        expect(thrown).toBeInstanceOf(Fault)
        expect((thrown as Fault).context).toMatchObject({ offset: expect.any(Number), field: expect.any(String) }) // checked in the line above
      }
    }
  })

  it('pads between options and a missing end are no reason to refuse (behaviour 18)', () => {
    const packet = discover('0000 350101 000000 0c0363616d 00')
    expect([messageType(packet), hostName(packet)]).toEqual([MESSAGE.discover, 'cam'])
  })

  it('what stands behind the end is not read (behaviour 18)', () => {
    expect(hostName(discover('350101 ff 0c0363616d'))).toBeNull()
  })

  it('option 52 carries options into file and sname, and split ones are joined in that order (behaviour 18, RFC 3396)', () => {
    const packet = decode(OVERLOADED)
    expect([hostName(packet), parameterList(packet), packet.file.length, packet.sname.length]).toEqual(['camnomcho', [1, 3], 0, 0])
  })

  it('a parameter list in two parts is one list (behaviour 18)', () => {
    expect(parameterList(discover('350101 37020103 370106 ff'))).toEqual([1, 3, 6])
  })

  it('an option of fixed length that comes twice, whole, is taken once', () => {
    expect(requestedAddress(discover('350101 32040a4d0014 32040a4d0015 ff'))).toBe('10.77.0.20')
    expect(requestedAddress(discover('350101 32020a4d 32020015 ff'))).toBe('10.77.0.21')
  })

  it.each([
    ['53 with two bytes', '35020101'], ['50 with three', '350101 32030a4d00'], ['54 with five', '350101 36050a4d000100'], ['57 with one', '350101 390102'],
    ['52 with a value of 4', '350101 340104'], ['an option that runs over the end', '350101 0cff63616d'], ['a code without a length', '350101 0c']
  ])('%s is malformed (behaviour 19)', (_, options) => {
    expect(faultOf(hex(`${HEAD} ${options}`)).code).toBe('packet.malformed')
  })

  it('op, hlen and length are believed within their limits only (behaviour 19)', () => {
    for (const [offset, value] of [[0, 0], [0, 3], [2, 17], [2, 255], [236, 0]] as const) {
      const bytes = Uint8Array.from(UDHCPC_DISCOVER)
      bytes[offset] = value
      expect(faultOf(bytes).code).toBe('packet.malformed')
    }
    expect(faultOf(new Uint8Array(2049)).context).toEqual({ offset: 2048, field: 'length' })
  })

  it('host name and vendor class hold printable characters only', () => {
    const packet = discover('350101 0c09 1b5b33316d 63 61 6d 00 3c03 000102 ff')
    expect([hostName(packet), vendorClass(packet)]).toEqual(['[31mcam', null])
  })
})

describe('writing', () => {
  const base = { type: MESSAGE.discover, mac: '02:00:c0:ff:ee:01', xid: 1 }

  it('the message type comes first and the packet has at least 300 bytes (behaviour 5)', () => {
    const bytes = encode({ ...clientPacket(base), options: new Map([[OPTION.hostName, hex('63616d')], [OPTION.messageType, hex('01')]]) })
    expect(bytes.length).toBe(300)
    expect(toHex(bytes.subarray(240, 249))).toBe('3501010c0363616dff')
  })

  it('options longer than 255 bytes are split, and joined again when read (RFC 3396)', () => {
    const long = Uint8Array.from({ length: 300 }, (_, i) => i % 251)
    const bytes = encode(clientPacket({ ...base, options: new Map([[OPTION.vendorClass, long]]) }), 1500)
    expect([bytes[243], bytes[244], bytes[500], bytes[501]]).toEqual([60, 255, 60, 45])
    expect(decode(bytes).options.get(OPTION.vendorClass)).toEqual(long)
  })

  it('nothing passes the size the client takes: 576 with headers where it says less or nothing (behaviour 5)', () => {
    const options = new Map(Array.from({ length: 20 }, (_, i) => [100 + i, new Uint8Array(40)] as const))
    const packet = clientPacket({ ...base, options })
    expect([encode(packet).length, encode(packet, 60).length]).toEqual([538, 538]) // 240, 3 for option 53, seven options of 42, 1 for the end
    expect(encode(packet, 800).length).toBeGreaterThan(700)
    expect(encode(packet, 800).length).toBeLessThanOrEqual(772)
    expect(messageType(decode(encode(packet)))).toBe(MESSAGE.discover)
  })
})

describe('questions and answers', () => {
  it('our OFFER is the one written by hand after the RFC: 53 first, T1 < T2 < lease, the client identifier echoed (behaviours 1, 2, 5, 17)', () => {
    const bytes = encode(new ReplyForm(TERMS).build(decode(UDHCPC_DISCOVER), { kind: 'offer', ip: '10.77.0.20', to: null }))
    expect(toHex(bytes)).toBe(toHex(OUR_OFFER))
  })

  it('a NAK has the server, no address and no lease time (behaviour 8)', () => {
    const nak = new ReplyForm(TERMS).build(decode(UDHCPC_REQUEST), { kind: 'nak', why: 'no' })
    expect([nak.yiaddr, nak.ciaddr, messageType(nak), serverId(nak), [...nak.options.keys()]]).toEqual(['0.0.0.0', '0.0.0.0', MESSAGE.nak, '10.77.0.1', [53, 54, 56, 61]])
  })

  it('an answer to INFORM has no address and no times (behaviour 12)', () => {
    const asked = clientPacket({ type: MESSAGE.inform, mac: '02:00:c0:ff:ee:01', xid: 9, ciaddr: '10.77.0.200' })
    const ack = new ReplyForm({ ...TERMS, router: null, dns: [] }).build(asked, { kind: 'inform', to: '10.77.0.200' })
    expect([ack.yiaddr, ack.ciaddr, messageType(ack), [...ack.options.keys()]]).toEqual(['0.0.0.0', '10.77.0.200', MESSAGE.ack, [53, 54, 1, 28]])
  })

  it('a client is known by its identifier where it sends one, else by its hardware address (behaviour 17)', () => {
    expect([readQuestion(decode(UDHCPC_DISCOVER)), readQuestion(decode(DHCLIENT_INIT_REBOOT))]).toMatchObject([{ key: 'id-01020000770064' }, { key: '1-02:00:00:77:00:64' }])
  })

  it('identifiers that differ only behind a zero byte are two clients (facts/dhcp.md 1.5)', () => {
    const [a, b] = ['3d0701 020000770064', '3d0701 020000770065'].map(id => readQuestion(discover(`350101 ${id} ff`)))
    expect(a).not.toMatchObject({ key: b !== undefined && typeof b !== 'string' ? b.key : '' })
  })

  it.each([
    ['a reply', 'reply', (p: DhcpPacket) => ({ ...p, op: 2 })],
    ['token ring', 'not-ethernet', (p: DhcpPacket) => ({ ...p, htype: 6 })],
    ['a hardware address of 16 bytes', 'not-ethernet', (p: DhcpPacket) => ({ ...p, hlen: 16, chaddr: new Uint8Array(16) })],
    ['plain BOOTP', 'no-type', (p: DhcpPacket) => ({ ...p, options: new Map() })],
    ['a message only servers send', 'server-message', (p: DhcpPacket) => ({ ...p, options: new Map([[53, hex('05')]]) })],
    ['a group address as sender', 'bad-mac', (p: DhcpPacket) => ({ ...p, chaddr: hex('ffffffffffff') })]
  ])('%s is no question (behaviour 19)', (_, reason, change) => {
    expect(readQuestion(change(decode(UDHCPC_DISCOVER)))).toBe(reason)
  })
})
