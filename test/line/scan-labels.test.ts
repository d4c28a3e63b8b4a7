/** Labels of vendors at the bench: whichever symbol is scanned it is one unit, and what is secret on a label is kept nowhere. */
import { expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const everything = async (bench: TestBench): Promise<string> => JSON.stringify([bench.lines, bench.ledger.factsAfter(0, 10_000), await bench.ask('bench.view', {}), await bench.ask('units.find', {})])

it('one unit is one unit, by its DataMatrix, its linear code, the form for people and its Digital Link', async () => {
  await using bench = await openBench({ seed: 7 })
  const uids = new Set<string | undefined>()
  for (const text of [']d20109520123456788112604012112345', ']C101095201234567882112345', '(01)09520123456788(21)12345', 'https://id.gs1.org/01/09520123456788/21/12345']) uids.add((await bench.ask('scan', { text })).unit?.uid)
  expect(uids.size).toBe(1)
  const other = await bench.ask('scan', { text: '(01)09521234543213(21)12345' })
  expect([other.note, uids.has(other.unit?.uid)]).toEqual(['new', false]) // the same counter on another item
})

it('a secret on a label is in no fact, no line and on no screen; a code of no unit makes none', async () => {
  await using bench = await openBench({ seed: 7 })
  await bench.ask('scan', { text: '{SN:5G043D4PAJ361D8,DT:IPC-G22P,SC:L2A262CB,NC:015}' })
  expect((await bench.ask('bench.view', {})).scan?.text).toBe('5G043D4PAJ361D8')
  for (const text of ['WIFI:T:WPA;S:mynetwork;P:mypass-4711;;', ']E02112345678900', '(01)09520123456788']) await expect(bench.ask('scan', { text })).rejects.toMatchObject({ code: 'scan.not-one-unit' })
  expect(await bench.ask('units.find', {})).toHaveLength(1)
  expect(await everything(bench)).not.toMatch(/L2A262CB|mypass-4711/)
})

it('a label that only a file of this bench knows is read by it; a file with mistakes is told, and stops nobody', async () => {
  const withFile = (text: string) => openBench({ seed: 7, ports: ports => { ports.disk.writeAtomic('labels.json', new TextEncoder().encode(text), 0o600); return ports } })
  {
    await using bench = await withFile('{ "formats": [ { "id": "acme", "source": "x", "starts": ["A*"], "reads": "pairs", "fields": { "serial": ["ID"], "mac": ["ETH"], "product": ["TYPE"] }, "keeps": "fields" } ] }')
    const { unit } = await bench.ask('scan', { text: 'A*ID:77-A,ETH:3C8B7F0012AB,TYPE:cam2qr0000000001,PIN:4711' })
    expect(unit).toMatchObject({ aliases: [{ kind: 'tag', value: '77-A' }, { kind: 'serial', value: '77-A' }, { kind: 'mac', value: '3c:8b:7f:00:12:ab' }], product: 'cam2qr0000000001' })
  }
  await using bench = await withFile('{ "formats": 7 }')
  expect(bench.lines.find(l => l.text === 'the label formats of this bench do not count')).toMatchObject({ level: 'warn' })
  expect((await bench.ask('bench.view', {})).lamps.find(l => l.name === 'scanner')).toMatchObject({ state: 'warn', fault: { code: 'label.bad-formats', context: { complaints: expect.stringMatching(/^labels\.json:1:14 /) as string } } })
  expect(await bench.ask('scan', { text: 'SN:X1' }).catch((thrown: unknown) => Fault.from(thrown).code)).toMatchObject({ heard: 'unit' })
})
