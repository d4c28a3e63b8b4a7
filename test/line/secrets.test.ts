/** No token, secret, Wi-Fi password or access key stands in a log line, a fact, a view, a fault, or in the clear in the ledger or on the disk. */
import { expect, it } from 'vitest'
import { DOOR, type DoorName } from '#shared'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const SECOND = { ...VIRTUAL_ACCOUNT, id: 'second', clientId: 'client0002', secret: 'secret-of-the-second-account' }
const PHONE_TOKEN = 'EUPhoneTok1234'
/** Shown on one page only, which is there to show it. */
const SHOWS_THE_CODE: ReadonlySet<DoorName> = new Set(['display.view'])

/** Every table of the ledger but the sealed column, as text. */
function tables(bench: TestBench): string {
  const { db } = bench.ledger
  return db.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => JSON.stringify(db.all(`SELECT * FROM "${name}"`), (key, value: unknown) => key === 'sealed' ? null : typeof value === 'bigint' ? String(value) : value)).join('\n')
}

it('is true after a shift with a wave, a relayed code, an account entered by hand, refusals and outages', async () => {
  await using bench = await openBench({ seed: 7, units: 4, cameras: 4, faults: { 2: 'refuses', 3: 'no-permission' }, cameraFaults: { 2: 'keeps-trying' }, accounts: [SECOND], settings: { 'relay.isAllowed': 'on' } })
  await bench.sleep(4000)
  const { secret, clientId } = SECOND
  await bench.run(bench.ask('account.add', { id: 'second', clientId, secret, baseUrl: 'https://openapi.virtual', region: 'EU', assetId: 'bench' }))
  await bench.run(bench.ask('account.add', { id: 'wrong', clientId, secret: 'a-wrong-secret-typed-in', baseUrl: 'https://openapi.virtual', assetId: 'bench' }))
  await bench.ask('account.add', { id: 'phone', source: 'relay', region: 'EU' })
  await bench.ask('scan', { text: JSON.stringify({ p: 'password-of-the-shop', s: 'SHOP', t: PHONE_TOKEN }) })
  bench.world.cloud.setFaults({ garbage: ['openapi'] })
  bench.world.clock.after(bench.world.clock.monotonic(), () => bench.world.cloud.setFaults({ garbage: [] }))
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(new AbortController().signal))
  const refused = await bench.station.gate.ask('account.add', { id: 'x', secret: ['listed-secret'] }, { host: 'http' })

  const queries = (Object.keys(DOOR) as DoorName[]).filter(name => DOOR[name].kind === 'query' && !SHOWS_THE_CODE.has(name)) // the keys of the table
  const views = (await bench.run(Promise.all(queries.map(name => bench.station.gate.ask(name, {}, { host: 'http' }))))).map(answer => JSON.stringify(answer))
  const tokens = bench.ledger.db.all<{ sealed: Uint8Array }>('SELECT sealed FROM token').map(row => new TextDecoder().decode(bench.world.ports.secrets.open(row.sealed)))
  expect(tokens.length).toBeGreaterThan(1)
  const disk = ['training/accounts.json', 'training/station.key'].map(path => new TextDecoder().decode(bench.world.ports.disk.read(path) ?? new Uint8Array(0)))
  expect(disk[0]).toContain('client0002')
  const said = { lines: JSON.stringify(bench.lines), facts: JSON.stringify(bench.ledger.factsAfter(0, 100_000)), views: views.join('\n'), refused: JSON.stringify(refused), tables: tables(bench), disk: disk.join('\n') }
  const secrets = ['bench-2026!', 'virtualsecret', secret, 'a-wrong-secret', 'password-of-the-shop', 'listed-secret', PHONE_TOKEN, PHONE_TOKEN.slice(2, 10), ...tokens, ...tokens.map(t => t.slice(2, 10))]
  const found = Object.entries(said).flatMap(([where, text]) => secrets.filter(s => text.includes(s)).map(s => `${where}: ${s.slice(0, 4)}…`))
  expect(found).toEqual([])
})
