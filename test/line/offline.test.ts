/**
 * Long away: 72 virtual hours without the receiver, then everything at once, in order, once. `OFFLINE_UNITS` sets the size;
 * `npm run soak -- offline` runs it with 3,000 units.
 */
import { expect, it } from 'vitest'
import { hours, millis, minutes, seconds } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Central } from '../../src/main/bench/central.ts'
import { EventBook } from '../../src/main/bench/event-book.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Outbox } from '../../src/main/line/11-sync.ts'
import type { Web } from '../../src/main/ports.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { GATEWAY, LedgerBench, tokenId } from '../helpers/ledger.ts'

const UNITS = Number(process.env['OFFLINE_UNITS'] ?? 200)
const AWAY = hours(72)

it(`${UNITS} units in 72 hours without the line, then sync: nothing is lost, the order is kept, nothing has expired`, async () => {
  using bench = new LedgerBench()
  const { clock, ledger } = bench
  const files = new Map<string, string>()
  const book = new EventBook({ names: () => [...files.keys()], read: n => files.get(n) ?? '', append: (n, text) => { files.set(n, (files.get(n) ?? '') + text) }, replace: (n, text) => { files.set(n, text) } })
  const key = new StationKey(new Uint8Array(32).fill(8))
  let isUp = false
  let tries = 0
  const web: Web = { world: 'virtual', request: async ({ body = new Uint8Array(), headers }, signal) => {
    tries += 1
    await clock.sleep(seconds(0.05), signal) // round trip 50 ms
    if (!isUp) throw new Fault('web.not-started', { host: 'central' })
    const { status, body: json } = book.ingest(body, headers['x-station-signature'] ?? '')
    return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(json)) }
  } }
  const sign = (bytes: Uint8Array): string => key.sign(bytes)
  const scope = new Scope('test')
  new Notary(clock, ledger, bench.log, { station: 's1', publicHex: key.publicHex, sign }).start(scope)
  const outbox = new Outbox(bench, ledger, bench.log, 's1', new Central(web, { name: 'central', url: 'https://central.virtual/v1/events', station: 's1', sign }))
  ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  outbox.start(scope)
  for (let n = 0; n < UNITS; n += 1) {
    const unit = bench.meet(`u${n}`, { aliases: [{ kind: 'serial', value: `SN${n}` }] })
    bench.tell(unit, bench.openJob(`j${n}`, unit), { kind: 'seat.spent', account: 'house', product: GATEWAY }, { kind: 'unbind.asked', token: tokenId(`t${n}`) }, { kind: 'job.closed', outcome: 'proven', grade: 'B', fault: null, provenAt: clock.now() })
    await clock.advance(millis(AWAY / UNITS))
  }
  expect(outbox.view()).toMatchObject({ acked: 0, last: ledger.lastSeq, fault: { code: 'sync.unreachable' } })
  expect(tries).toBeLessThan(72 * 60)
  const owed = ledger.lastSeq
  isUp = true
  await clock.advance(minutes(6)) // the longest pause
  const began = clock.monotonic()
  while (outbox.view().acked < ledger.lastSeq && clock.monotonic() - began < minutes(10)) await clock.advance(seconds(1))
  expect(book.facts('s1')).toEqual(JSON.parse(JSON.stringify(ledger.factsAfter(0, ledger.lastSeq))))
  expect([book.upto('s1') >= owed, book.alarms, outbox.view().aside]).toEqual([true, [], 0])
  expect(verifyLedger(ledger, 's1', book.heads('s1'), [key.publicHex])).toMatchObject({ facts: ledger.lastSeq, broken: [] })
  expect(book.heads('s1').length).toBeGreaterThan(4)
  expect(findDrift(ledger)).toEqual([])
  process.stdout.write(`offline: ${UNITS} units, ${owed} facts owed after 72 h, ${tries} exchanges\n`)
  await clock.run(scope.close())
}, 600_000)
