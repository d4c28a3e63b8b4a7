/** What is kept, through the door: a unit's whole way, destinations, certificates, whether history is whole. */
import { describe, expect, it } from 'vitest'
import { millis, minutes, seconds } from '#shared'
import { Archivist } from '../../src/main/bench/archivist.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Reading } from '../../src/main/bench/reading.ts'
import { searchFacts } from '../../src/main/bench/search.ts'
import { assessCertificate } from '../../src/main/wire/certificate.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { openBench } from '../helpers/station.ts'

const FOREVER = new AbortController().signal

describe('a station at work', () => {
  it('tells one unit as a story, certifies it, delivers it again when asked, and its history is whole', async () => {
    await using bench = await openBench({ seed: 7, units: 2, faults: { 2: 'refuses' } })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(FOREVER))
    await bench.sleep(seconds(5))

    const told = await bench.ask('unit.timeline', { unit: 'RB-0001' })
    expect(told).toMatchObject({ unit: { name: 'RB-0001', outcome: 'proven' }, stays: 1, isWhole: true, attempts: [{ attempt: 1, method: 'wired', account: 'house', operator: '1001', outcome: 'proven', grade: 'A' }] })
    const kinds = told.facts.map(f => f.kind)
    expect(kinds.filter(k => ['unit.met', 'unit.leased', 'job.opened', 'unbind.asked', 'job.closed'].includes(k))).toEqual(['unit.met', 'unit.leased', 'job.opened', 'unbind.asked', 'job.closed'])
    expect((await bench.ask('unit.timeline', { unit: told.unit.aliases.find(a => a.kind === 'mac')?.value.toUpperCase() ?? '' })).unit.uid).toBe(told.unit.uid)
    await expect(bench.ask('unit.timeline', { unit: 'nobody' })).rejects.toMatchObject({ code: 'unit.unknown' })

    const { text } = await bench.ask('certificate.make', { unit: 'RB-0001' })
    const key = bench.ledger.factsAfter(0, 1)[0]?.body
    expect(assessCertificate(text, [{ key: key?.kind === 'station.started' ? key.publicKey : '' }])).toBe('valid')
    expect(JSON.parse(text)).toMatchObject({ mode: 'training', notice: 'TRAINING: this unit does not exist' })
    await expect(bench.ask('certificate.make', { unit: 'RB-0002' })).rejects.toMatchObject({ code: 'certificate.refused' })

    const testing = bench.ask('sync.test', { destination: 'central' })
    await expect(bench.run(testing)).resolves.toMatchObject({ destination: 'central', fault: null })
    expect(await bench.ask('sync.replay', { destination: 'central', from: 3 })).toMatchObject({ acked: 2 })
    await bench.sleep(seconds(5))
    expect((await bench.ask('status', {})).sync).toMatchObject([{ acked: bench.ledger.lastSeq, aside: 0 }])
    expect(await bench.ask('sync.aside', {})).toEqual([])
    await expect(bench.ask('sync.test', { destination: 'sap' })).rejects.toMatchObject({ code: 'door.invalid' })

    expect(await bench.ask('ledger.verify', {})).toMatchObject({ facts: bench.ledger.lastSeq, broken: [] })
    bench.ledger.db.run(`UPDATE fact SET body = json_set(body, '$.outcome', 'proven') WHERE kind = 'job.closed' AND json_extract(body, '$.outcome') = 'refused'`)
    expect((await bench.ask('ledger.verify', {})).broken[0]).toMatch(/^fact \d+ was altered/)

    expect((await bench.ask('units.find', { operator: '1001', outcome: 'proven', product: told.unit.product ?? '' })).map(u => u.name)).toEqual(['RB-0001'])
    expect((await bench.ask('history.list', { kind: 'job.closed' })).every(f => f.kind === 'job.closed')).toBe(true)
  })

  it('certifies a unit and tells its whole way when its facts lie in the archive, and names the file that is not there', async () => {
    await using bench = await openBench({ seed: 7, units: 1 })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(FOREVER))
    await bench.sleep(minutes(11)) // a head is signed
    const { ledger, world: { ports: { clock, disk } } } = bench
    const told = await bench.ask('unit.timeline', { unit: 'RB-0001' })
    const logOf = async (): Promise<unknown> => (JSON.parse((await bench.ask('certificate.make', { unit: 'RB-0001' })).text) as { readonly log: unknown }).log // our own
    const log = await logOf()
    await bench.sleep(minutes(11))
    const settings = { station: ledger.setting('station') ?? '', keepMs: millis(1), folder: 'training/archive', destinations: [], central: null, stretchLeast: 1 }
    await bench.run(new Archivist({ clock, disk, reading: new Reading(ledger, null, '') }, ledger, new Log(() => undefined, () => clock.now()), settings).tidy(FOREVER))
    expect(searchFacts(ledger, { unit: told.unit.uid, kind: 'job.closed' }, 9)).toEqual([])
    expect(await logOf()).toEqual(log)
    const paper = bench.ask('certificate.paper', { unit: 'RB-0001' })
    await expect(bench.run(paper)).resolves.toMatchObject({ name: expect.stringContaining('certificate-') as string })
    const later = await bench.ask('unit.timeline', { unit: 'RB-0001' })
    expect([later.facts.slice(0, told.facts.length), later.away]).toEqual([told.facts, 0])
    const [file = ''] = disk.list('training/archive')
    disk.remove(`training/archive/${file}`)
    await expect(bench.ask('certificate.make', { unit: 'RB-0001' })).rejects.toMatchObject({ code: 'archive.away', context: { file, files: 1 } })
    expect(await bench.ask('unit.timeline', { unit: 'RB-0001' })).toMatchObject({ away: 1, attempts: [{ outcome: 'proven' }] })
  })

  it('whose clock was moved gives no seat until the cloud has told the time, and says so', async () => {
    let moved = 0
    await using bench = await openBench({ seed: 7, units: 1, ports: ports => ({
      ...ports, clock: { world: 'virtual', rate: 1, now: () => ports.clock.now() + moved, monotonic: () => ports.clock.monotonic(), sleep: (ms, signal) => ports.clock.sleep(ms, signal), after: (ms, fn) => ports.clock.after(ms, fn) }
    }) })
    await bench.sleep(seconds(10))
    moved = seconds(3600)
    await bench.sleep(seconds(6))
    const { lamps } = await bench.ask('status', {})
    expect(lamps.find(l => l.name === 'clock')).toMatchObject({ state: 'bad', fault: { code: 'clock.jumped' } })
  })
})
