/** Runs inside a network namespace: the bench DHCP server on live ports as the station builds it, events and views as lines of JSON. */
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { seconds } from '#shared'
import { DhcpServer, type DhcpSettings } from '../../src/main/bench/dhcp-server.ts'
import { Central } from '../../src/main/bench/central.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { LEASE_REST_SCHEMA, LEASE_SCHEMA } from '../../src/main/bench/lease-book.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveNet } from '../../src/main/live/net.ts'
import { LiveProc } from '../../src/main/live/proc.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { LiveWeb } from '../../src/main/live/web.ts'

const TICK_MS = 20
const [leaseSeconds = '10', dbPath = ':memory:', changes = '{}'] = process.argv.slice(2)
const clock = new LiveClock()
const db = new LiveSql().open(dbPath)
for (const statement of (LEASE_SCHEMA + LEASE_REST_SCHEMA).split(';').map(s => s.trim()).filter(s => s !== '')) db.run(statement)
const say = (line: unknown): void => { process.stdout.write(`${JSON.stringify(line)}\n`) }
const server = new DhcpServer({ clock, entropy: new LiveEntropy(), net: new LiveNet(process.env['UB_NO_KOFFI'] === undefined ? {} : { linux: null }), proc: new LiveProc() }, db, new Log(() => undefined, () => clock.now()), {
  card: 'bench0', address: '10.77.0.1', prefix: 24, poolStart: '10.77.0.20', poolEnd: '10.77.0.219', leaseMs: seconds(Number(leaseSeconds)), router: null, dns: [], probeMs: seconds(4),
  ...JSON.parse(changes) as Partial<DhcpSettings> // by the test that started us
})
server.on(event => { if (process.env['UB_QUIET'] === undefined) say({ event }) })
const scope = new Scope('fixture')
await server.start(scope)
/** How long in all the machine has not let us run when it should have: no slowness of ours. */
let lateMs = 0
let tickedAt = performance.now()
setInterval(() => {
  lateMs += Math.max(0, performance.now() - tickedAt - TICK_MS)
  tickedAt = performance.now()
}, TICK_MS)
const syncRows = Number(process.env['UB_SYNC_ROWS'] ?? 0)
const outbox = syncRows === 0 ? null : await oweHistory(syncRows)
createInterface({ input: process.stdin }).on('line', line => {
  if (line === 'sync') outbox?.start(scope)
  say({ view: server.view(), acked: outbox?.view().acked ?? null, lateMs })
}).on('close', () => {
  void scope.close().finally(() => { db[Symbol.dispose](); process.exit(0) })
})

/** What the station does beside leases: a ledger in the same file that owes so many facts to a receiver on this machine; `sync` starts it. */
async function oweHistory(rows: number): Promise<Outbox> {
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { to } = JSON.parse(Buffer.concat(chunks).toString()) as { to: number } // the outbox wrote it
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ upto: to }))
    })
  })
  await new Promise<void>(resolve => { receiver.listen(0, '127.0.0.1', resolve) })
  const address = receiver.address()
  const ports = { clock, entropy: new LiveEntropy() }
  const log = new Log(() => undefined, () => clock.now())
  const ledger = new Ledger(db, ports, log)
  ledger.commit(tx => { for (let i = 0; i < rows; i += 1) tx.append({ body: { kind: 'operator.signed', operator: `badge-${i}` } }) })
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return new Outbox(ports, ledger, log, 'bench', new Central(new LiveWeb(), { name: 'central', url: `http://127.0.0.1:${port}/v1/events`, station: 'bench', sign: () => 'not looked at' }))
}
