/** `unbindery verify`, `export`, `sync`, `timeline`, `certificate` from a terminal, on a ledger no station is running on. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dropSlice, packStretch } from '../../src/main/bench/archive.ts'
import { headsOf, Notary } from '../../src/main/bench/notary.ts'
import { answerRecordWords } from '../../src/main/record-verbs.ts'
import { answerWords } from '../../src/main/verbs.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { LedgerBench, mac, makeFolder } from '../helpers/ledger.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

const key = new StationKey(new Uint8Array(32).fill(2))

const run = (...words: readonly string[]): Promise<Printed> => printedBy(() => words[0] === 'units' || words[0] === 'history' ? answerWords(words) : answerRecordWords(words, 'USAGE'))

/** A closed ledger with one verdict, and the heads a receiver has kept of it. */
function write(data: string): { readonly heads: string } {
  mkdirSync(join(data, 'live'), { recursive: true })
  using bench = new LedgerBench(join(data, 'live', 'ledger.db'))
  bench.ledger.keepSetting('station', 's1')
  bench.ledger.append({ body: { kind: 'station.started', version: '1', mode: 'live', publicKey: key.publicHex } })
  const unit = bench.meet('u1', { aliases: [mac(1), { kind: 'serial', value: '=cmd|calc' }] })
  bench.tell(unit, bench.openJob('j1', unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: { code: 'unit.removed', context: {} }, provenAt: null })
  new Notary(bench.clock, bench.ledger, bench.log, { station: 's1', publicHex: key.publicHex, sign: bytes => key.sign(bytes) }).sign()
  const heads = join(data, 'heads.jsonl')
  writeFileSync(heads, headsOf(bench.ledger, 's1', 1, 100, 10).map(h => `${JSON.stringify(h)}\n`).join(''))
  return { heads }
}

describe('from a terminal', () => {
  it('an export goes through the archive, and says what it had to leave out; another ledger is named by its file', async () => {
    using folder = makeFolder()
    write(folder.path)
    const at = ['--data', folder.path]
    const before = (await run('export', '--format', 'jsonl', ...at)).out
    const path = join(folder.path, 'live', 'ledger.db')
    {
      using bench = new LedgerBench(path)
      const packed = packStretch(bench.db, 's1', 1, 4)
      mkdirSync(join(folder.path, 'live', 'archive'))
      writeFileSync(join(folder.path, 'live', 'archive', 'a.gz'), packed.bytes)
      bench.db.run('INSERT INTO archive (seq_to, seq_from, file, hash, sha256) VALUES (4, 1, ?, ?, ?)', ['a.gz', packed.hash, packed.sha256])
      while (dropSlice(bench.ledger, 4, 2)) { /* slice by slice */ }
    }
    expect(await run('export', '--format', 'jsonl', ...at)).toMatchObject({ out: before, err: '' })
    expect(await run('export', '--format', 'jsonl', '--file', path, '--data', '/nowhere')).toMatchObject({ out: before })
    rmSync(join(folder.path, 'live', 'archive'), { recursive: true })
    expect(await run('export', '--format', 'jsonl', ...at)).toMatchObject({ code: 0, err: 'facts 1 to 4 are left out: a.gz is not here\n' })
  })

  it('saved views are listed from the ledger, and changed by a station only', async () => {
    using folder = makeFolder()
    write(folder.path)
    const at = ['--data', folder.path]
    expect((await run('views', ...at)).out).toBe('no view is saved\n')
    {
      using bench = new LedgerBench(join(folder.path, 'live', 'ledger.db'))
      bench.ledger.append({ body: { kind: 'view.saved', view: { id: 'v1', name: 'Refused', owner: null, filter: { outcome: 'refused' } } } })
    }
    expect((await run('views', ...at)).out).toBe('Refused (for all)  {"outcome":"refused"}\n')
    expect(await run('views', 'save', 'x', '{"days":7}', ...at)).toMatchObject({ code: 1, err: expect.stringContaining('No station is running here') as string })
    expect(await run('views', 'remove', 'Refused', ...at)).toMatchObject({ code: 1 })
    expect((await run('views', 'save', 'x', ...at)).code).toBe(2)
    expect((await run('timeline', 'u1', '--vendor', ...at)).code).toBe(1)
  })

  it('history is checked, with and without heads from elsewhere, and a change is named with exit code 1', async () => {
    using folder = makeFolder()
    const { heads } = write(folder.path)
    const at = ['--data', folder.path]
    expect(await run('verify', ...at)).toMatchObject({ code: 0, out: expect.stringMatching(/^live history of station s1: \d+ facts, 1 signed head, 0 kept elsewhere\nwhole/) as string })
    expect(await run('verify', '--heads', heads, ...at)).toMatchObject({ code: 0, out: expect.stringContaining('1 kept elsewhere') as string })
    using bench = new LedgerBench(join(folder.path, 'live', 'ledger.db'))
    for (const sql of ["DELETE FROM fact WHERE kind = 'job.closed'", 'DELETE FROM head']) bench.db.run(sql)
    expect(await run('verify', '--heads', heads, ...at)).toMatchObject({ code: 1, out: expect.stringContaining('are missing at the end') as string })
  })

  it('verdicts go out as CSV no spreadsheet runs, facts as JSON Lines; by day; to a file', async () => {
    using folder = makeFolder()
    write(folder.path)
    const at = ['--data', folder.path]
    const csv = await run('export', '--format', 'csv', ...at)
    expect(csv.out.split('\r\n')).toHaveLength(3)
    expect(csv.out).toContain(",'=cmd|calc,")
    const lines = (await run('export', '--format', 'jsonl', ...at)).out.trim().split('\n')
    expect(lines.map(line => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_, i) => i + 1)) // the ledger's own
    expect((await run('export', '--format', 'jsonl', '--from', '2090-01-01', ...at)).out).toBe('')
    expect((await run('export', '--format', 'xls', ...at)).code).toBe(2)
    expect((await run('export', '--from', 'today', ...at)).code).toBe(2)
    const file = join(folder.path, 'out.csv')
    await run('export', '--out', file, ...at)
    expect(readFileSync(file, 'utf8')).toBe(csv.out)
  })

  it.each([
    ['--outcome', 'withdrawn', 'proven'], ['--reason', 'unit.removed', 'unit.silent'], ['--product', 'gw3wired00000001', 'other'], ['--account', 'house', 'other'], ['--operator', 'Chen Li', 'Wang Fang']
  ])('%s narrows the export and the list of units to the same verdict', async (option, fits, other) => {
    using folder = makeFolder()
    mkdirSync(join(folder.path, 'live'), { recursive: true })
    {
      using bench = new LedgerBench(join(folder.path, 'live', 'ledger.db'))
      bench.ledger.append({ body: { kind: 'operator.signed', operator: 'Chen Li' } })
      const unit = bench.meet('u1', { aliases: [{ kind: 'serial', value: 'SN-1' }] })
      bench.tell(unit, bench.openJob('j1', unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: { code: 'unit.removed', context: {} }, provenAt: null })
    }
    const at = ['--data', folder.path]
    const { out } = await run('export', option, fits, ...at)
    expect(out.split('\r\n')).toHaveLength(3)
    expect((await run('export', option, other, ...at)).out.split('\r\n')).toHaveLength(2)
    expect((await run('export', '--format', 'jsonl', option, fits, ...at)).out).toContain('"kind":"job.closed"')
    expect((await run('export', '--format', 'jsonl', option, other, ...at)).out).not.toContain('"kind":"job.closed"')
    expect((await run('units', option, fits, ...at)).out).toContain('SN-1')
    expect((await run('units', option, other, ...at)).out).not.toContain('SN-1')
  })

  it('a day is this computer\'s own, from its first moment to its last; what is no day, outcome or reason is said', async () => {
    using folder = makeFolder()
    write(folder.path)
    const at = ['--data', folder.path]
    const last = (await run('export', '--format', 'jsonl', ...at)).out.trim().split('\n').map(line => (JSON.parse(line) as { at: number }).at).at(-1) ?? 0
    const day = (later: number): string => { const d = new Date(last); d.setDate(d.getDate() + later); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}` }
    for (const verb of ['export', 'units', 'history']) {
      const isThere = async (...days: string[]): Promise<boolean> => (await run(verb, ...days, ...at)).out.includes(verb === 'history' ? 'job.closed' : 'withdrawn')
      expect([verb, await isThere('--from', day(0), '--to', day(0)), await isThere('--from', day(1)), await isThere('--to', day(-1)), await isThere('--to', day(1), '--from', day(-1))]).toEqual([verb, true, false, false, true])
    }
    for (const odd of [['--from', '2026-02-30'], ['--to', 'today'], ['--outcome', 'gone'], ['--reason', 'none']]) {
      expect(await run('export', ...odd, ...at)).toMatchObject({ code: 2, err: expect.stringContaining(odd[0] ?? '') as string })
      expect(await run('units', ...odd, ...at)).toMatchObject({ code: 2, err: expect.stringContaining(odd[0] ?? '') as string })
    }
  })

  it('a unit is told, destinations are listed, commands wait for a station, nonsense shows the usage', async () => {
    using folder = makeFolder()
    write(folder.path)
    const at = ['--data', folder.path]
    expect(await run('timeline', '=cmd|calc', ...at)).toMatchObject({ code: 0, out: expect.stringContaining('withdrawn, Taken away before it was asked') as string })
    expect((await run('sync', ...at)).out).toBe('history stays on this station\n\nnothing is set aside\n')
    expect((await run('certificate', 'u1', ...at)).code).toBe(1)
    expect((await run('sync', 'test', 'central', ...at)).err).toContain('No station is running here')
    for (const odd of [['sync', 'test'], ['timeline'], ['verify', '--wrong']]) expect((await run(...odd, ...at)).code).toBe(2)
    expect((await run('verify', '--data', join(folder.path, 'none'))).code).toBe(1)
    const odd = join(folder.path, 'odd.json')
    writeFileSync(odd, '{}')
    expect(await run('verify', odd, ...at)).toMatchObject({ code: 1, out: `${odd}: unsigned\n` })
  })
})
