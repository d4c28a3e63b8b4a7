/** The forwarding table over real SNMP: a real agent on loopback, from the same package but another role. */
import { createAgent, MaxAccess, MibProviderType, ObjectType } from 'net-snmp'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { SnmpSwitch } from '../../src/main/live/switch.ts'

interface Mib { addTableRow(provider: string, row: readonly unknown[]): void; deleteTableRow(provider: string, index: readonly unknown[]): void }
interface Agent { getAuthorizer(): { addCommunity(name: string): void }; registerProvider(provider: object): void; getMib(): Mib; close(): void }

const COMMUNITY = 'bench-read'
const bytesOf = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex')
const readable = MaxAccess['read-only']
let nextPort = 21_600 + process.pid % 1000

/** dot1dTpFdbTable of RFC 4188: the MAC is the index, its six numbers without a length in front. */
function openAgent(): { readonly port: number; readonly mib: Mib } & Disposable {
  nextPort += 1
  const agent = createAgent({ port: nextPort, address: '127.0.0.1' }, () => undefined) as Agent // the package's types say any
  agent.getAuthorizer().addCommunity(COMMUNITY)
  agent.registerProvider({
    name: 'fdb', type: MibProviderType.Table, oid: '1.3.6.1.2.1.17.4.3.1',
    maxAccess: MaxAccess['not-accessible'],
    tableColumns: [{ number: 1, name: 'address', type: ObjectType.OctetString, maxAccess: readable }, { number: 2, name: 'port', type: ObjectType.Integer, maxAccess: readable }, { number: 3, name: 'status', type: ObjectType.Integer, maxAccess: readable }],
    tableIndex: [{ columnName: 'address', implied: true }]
  })
  for (const [name, oid, last] of [['port', '1.3.6.1.2.1.17.1.4.1', 2], ['interface', '1.3.6.1.2.1.2.2.1', 8]] as const) {
    const tableColumns = [1, last].map(number => ({ number, name: `column${number}`, type: ObjectType.Integer, maxAccess: readable }))
    agent.registerProvider({ name, type: MibProviderType.Table, oid, maxAccess: MaxAccess['not-accessible'], tableColumns, tableIndex: [{ columnName: 'column1' }] })
  }
  return { port: nextPort, mib: agent.getMib(), [Symbol.dispose]: () => agent.close() }
}

const forever = new AbortController().signal

describe('the forwarding table by SNMP', () => {
  it('is read row by row; what the switch does not know or is itself is left out', async () => {
    using agent = openAgent()
    const rows = [['02:1e:00:00:00:01', 3, 3], ['02:1e:00:00:00:fe', 11, 3], ['00:00:5e:00:53:01', 0, 3], ['a4:c1:38:00:00:02', 24, 3]] as const
    for (const [mac, port, status] of rows) agent.mib.addTableRow('fdb', [bytesOf(mac), port, status])
    const found = await new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: COMMUNITY }).forwarding(forever)
    expect(found.toSorted((a, b) => a.port - b.port)).toEqual([{ mac: '02:1e:00:00:00:01', port: 3 }, { mac: '02:1e:00:00:00:fe', port: 11 }, { mac: 'a4:c1:38:00:00:02', port: 24 }])
  })

  it('is read whole when it has more rows than one answer holds', async () => {
    using agent = openAgent()
    const macs = Array.from({ length: 250 }, (_, i) => `02:1e:00:00:01:${i.toString(16).padStart(2, '0')}`)
    macs.forEach((mac, i) => agent.mib.addTableRow('fdb', [bytesOf(mac), 1 + i % 48, 3]))
    const found = await new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: COMMUNITY }).forwarding(forever)
    expect(found.map(f => f.mac).toSorted()).toEqual(macs)
  })

  it('comes with the links of its ports, each by the interface it stands for; a state that tells nothing of a cable is left out', async () => {
    using agent = openAgent()
    for (const [port, index] of [[1, 10_101], [2, 10_102], [3, 10_103], [4, 10_104]] as const) agent.mib.addTableRow('port', [port, index])
    for (const [index, status] of [[10_101, 1], [10_102, 2], [10_103, 3], [10_104, 7], [10_199, 1]] as const) agent.mib.addTableRow('interface', [index, status])
    const asked = new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: COMMUNITY })
    expect(Array.from(await asked.links(forever)).toSorted(([a], [b]) => a - b)).toEqual([[1, true], [2, false], [4, false]])
    expect(await asked.forwarding(forever)).toEqual([])
  })

  it('of a switch without those tables says nothing of links', async () => {
    using agent = openAgent()
    expect(await new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: COMMUNITY }).links(forever)).toEqual(new Map())
  })

  it('of an empty switch is empty', async () => {
    using agent = openAgent()
    expect(await new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: COMMUNITY }).forwarding(forever)).toEqual([])
  })

  it('under a wrong community, or from nobody at all, is a silent switch', async () => {
    using agent = openAgent()
    const silent = expect.objectContaining({ code: 'switch.silent' })
    await expect(new SnmpSwitch({ address: '127.0.0.1', port: agent.port, community: 'public' }).forwarding(forever)).rejects.toEqual(silent)
    await expect(new SnmpSwitch({ address: '127.0.0.1', port: 9, community: COMMUNITY }).forwarding(forever)).rejects.toEqual(silent)
  })

  it('ends at once when nobody waits for it any more', async () => {
    const stop = new AbortController()
    const asked = new SnmpSwitch({ address: '127.0.0.1', port: 9, community: COMMUNITY }).forwarding(stop.signal)
    stop.abort(new Fault('station.stopped'))
    await expect(asked).rejects.toEqual(expect.objectContaining({ code: 'station.stopped' }))
  })
})
