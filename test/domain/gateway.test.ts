import { describe, expect, it } from 'vitest'
import { DATA_CENTRES } from '../../src/main/wire/data-centres.ts'
import { closedNetworks, CLOSED_NETWORKS, gatewayOf, parseNeed, vendorNeeds } from '../../src/main/domain/gateway.ts'
import { encodeRules } from '../../src/main/wire/nftables.ts'

describe('the way out that units are told', () => {
  const address = '10.77.0.1'
  it.each([
    ['no router: none', { router: '', dns: [] }, { way: 'none', router: null, dns: [] }],
    ['our own address: the station is router and name server', { router: address, dns: [] }, { way: 'station', router: address, dns: [address] }],
    ['our own address and other name servers: only router', { router: address, dns: ['9.9.9.9'] }, { way: 'station', router: address, dns: ['9.9.9.9'] }],
    ['another address: that box, and only the name servers that are named', { router: '10.77.0.254', dns: [] }, { way: 'router', router: '10.77.0.254', dns: [] }]
  ])('%s', (_, told, gateway) => expect(gatewayOf({ address, ...told })).toEqual(gateway))
})

describe('what is closed to the bench', () => {
  it('are all private networks, and every other card that lies outside them', () => {
    expect(closedNetworks([{ address: '192.168.50.10', prefix: 24 }, { address: '203.0.113.77', prefix: 26 }])).toEqual([...CLOSED_NETWORKS, '203.0.113.64/26'].toSorted())
    expect(CLOSED_NETWORKS).toEqual(expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])) // RFC 1918
  })

  it('a wider net than the private one is added whole', () => {
    expect(closedNetworks([{ address: '192.160.0.1', prefix: 12 }])).toContain('192.160.0.0/12')
  })
})

describe('the rules', () => {
  const rules = { card: 'bench0', bench: { address: '10.77.0.1', prefix: 24 }, upstream: 'up0', closed: ['10.0.0.0/8'], open: [], isForwardingOurs: true }
  it('replace what an earlier run left, in one step', () => {
    expect(encodeRules(rules).startsWith('table inet unbindery\ndelete table inet unbindery\ntable inet unbindery {\n')).toBe(true)
  })
  it('look at what is closed before anything is let out, and name no other ports of the station than these', () => {
    const text = encodeRules(rules)
    expect(text.indexOf('@closed counter reject')).toBeLessThan(text.lastIndexOf('    accept\n'))
    expect(text).toContain('udp dport { 53, 67, 123, 6666, 6667, 7000 } accept')
  })
  it('forward nothing at all beside a router of its own', () => {
    const text = encodeRules({ ...rules, upstream: null })
    expect(text).not.toMatch(/masquerade|to_internet/)
    expect(text).toContain('chain from_bench {\n    counter drop')
  })
})

describe('what units must reach', () => {
  it('follows the regions of the accounts (facts/tuya.md 10)', () => {
    const needs = vendorNeeds(['EU', 'US', 'EU', 'XX'].map(region => ({ region, baseUrl: '' })))
    expect(needs.map(n => n.name)).toEqual(['look-up', 'activation tuyaeu.com', 'activation tuyaus.com', 'messages tuyaeu.com', 'messages tuyaus.com'])
    expect(needs[0]?.anyOf[0]).toEqual({ host: 'h2.iot-dns.com', port: 443 })
    expect(needs[3]?.anyOf).toContainEqual({ host: 'm1.tuyaeu.com', port: 8883 })
  })

  it('follows the data centre of an account where it names one, of all seven (facts/tuya.md 7.2)', () => {
    const domains = DATA_CENTRES.map(centre => vendorNeeds([centre]).filter(n => n.name.startsWith('messages')).map(n => n.name.slice(9)).join())
    expect(Object.fromEntries(DATA_CENTRES.map((centre, i) => [centre.id, domains[i]]))).toEqual({ cn: 'tuyacn.com', us: 'tuyaus.com', ueaz: 'tuyaus.com', eu: 'tuyaeu.com', weaz: 'tuyaeu.com', in: 'tuyain.com', sg: '' })
    expect(vendorNeeds([{ region: 'EU', baseUrl: 'https://openapi.tuyaus.com' }]).map(n => n.name)).toEqual(['look-up', 'activation tuyaus.com', 'messages tuyaus.com'])
  })

  it.each([
    ['a.example', [['a.example', 443]]],
    ['a.example:8883|b.example', [['a.example', 8883], ['b.example', 443]]],
    ['', null], ['a.example:0', null], ['a.example:70000', null], ['https://a.example', null], [Array.from({ length: 9 }, () => 'a.example').join('|'), null]
  ])('a setting: %s', (text, targets) => {
    expect(parseNeed(text)?.anyOf.map(t => [t.host, t.port]) ?? null).toEqual(targets)
  })
})
