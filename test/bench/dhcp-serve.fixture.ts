// Runs inside a network namespace: the bench DHCP server on live ports, events and views as lines of JSON.
import { createInterface } from 'node:readline'
import { seconds } from '#shared'
import { DhcpServer } from '../../src/main/bench/dhcp-server.ts'
import { LEASE_SCHEMA } from '../../src/main/bench/lease-book.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveNet } from '../../src/main/live/net.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'

const [leaseSeconds = '10', dbPath = ':memory:'] = process.argv.slice(2)
const clock = new LiveClock()
const db = new LiveSql().open(dbPath)
for (const statement of LEASE_SCHEMA.split(';').map(s => s.trim()).filter(s => s !== '')) db.run(statement)
const say = (line: unknown): void => { process.stdout.write(`${JSON.stringify(line)}\n`) }
const server = new DhcpServer({ clock, entropy: new LiveEntropy(), net: new LiveNet() }, db, new Log(() => undefined, () => clock.now()), {
  card: 'bench0', address: '10.77.0.1', prefix: 24, poolStart: '10.77.0.20', poolEnd: '10.77.0.219', leaseMs: seconds(Number(leaseSeconds)), router: null, dns: [], probeMs: seconds(4)
})
server.on(event => say({ event }))
const scope = new Scope('fixture')
await server.start(scope)
createInterface({ input: process.stdin }).on('line', () => say({ view: server.view() })).on('close', () => {
  void scope.close().finally(() => { db[Symbol.dispose](); process.exit(0) })
})
